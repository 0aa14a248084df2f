"""The size rule: document.pdf is at most 1.05 times the source's page streams plus 3 kB a page of text layer."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium_c
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.incoming.archive_pdf import build_archive_pdf
from pipeline.adapters.incoming.checks import check_archive_pdf
from pipeline.adapters.incoming.inline_pictures import inline_operators
from pipeline.adapters.incoming.pdf_images import images_of
from pipeline.adapters.incoming.picture_streams import GRAY, image_stream
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.domain.recognised import RecognisedPage
from tests.incoming_sheets import RULES, bilevel
from tests.page_streams import allowed_bytes, coded_pictures, further_strips, page_stream_bytes
from tests.typed_sheets import Typed, drawn, page_of

pytestmark = pytest.mark.integration

DENSE = Typed()
SPARSE = Typed(words=60, size_pt=11, heading_pt=18)
FORM = Typed(words=250, size_pt=9, font="VeraBd.ttf")


def _tiff(path: Path, images: list[Image.Image], dpi: tuple[float, float]) -> None:
    """One strip a page, as scanners write it."""
    pages = [bilevel(image) for image in images]
    rows = {278: max(image.height for image in pages)}
    pages[0].save(path, compression="group4", save_all=True, append_images=pages[1:], dpi=dpi, tiffinfo=rows)


def _jpeg_pdf(path: Path, images: list[Image.Image], dpi: tuple[float, float]) -> None:
    canvas = Canvas(str(path), invariant=1)
    for number, image in enumerate(images):
        side = path.with_name(f"{path.stem}-{number}.jpg")
        image.save(side, quality=60)
        size = (image.width / dpi[0] * 72, image.height / dpi[1] * 72)
        canvas.setPageSize(size)
        canvas.drawImage(str(side), 0, 0, *size)
        canvas.showPage()
    canvas.save()


CODINGS: dict[str, Callable[[Path, list[Image.Image], tuple[float, float]], None]] = {
    "tif": _tiff,
    "pdf": _jpeg_pdf,
}
KINDS: dict[str, tuple[str, list[Typed]]] = {
    "one dense page": ("tif", [DENSE]),
    "one dense page at 200 dpi": ("tif", [Typed(dpi=(200.0, 200.0))]),
    "one sparse page": ("tif", [SPARSE]),
    "one form": ("tif", [FORM]),
    "one dense page in JPEG": ("pdf", [DENSE]),
    "one sparse page in JPEG at 150 dpi": ("pdf", [Typed(words=60, size_pt=11, dpi=(150.0, 150.0))]),
    "one dense page, skewed by 1 degree": ("tif", [Typed(skew=1.0)]),
    "one dense page, skewed by 3 degrees": ("tif", [Typed(skew=-3.0)]),
    "one dense page, on its side": ("tif", [Typed(rotation=90)]),
    "six pages of all kinds": ("tif", [DENSE, SPARSE, FORM, Typed(rotation=180), Typed(skew=2.0), SPARSE]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_pdf_is_hardly_larger_than_its_pictures(tmp_path: Path, kind: str) -> None:
    ending, typed = KINDS[kind]
    made = [drawn(each, number) for number, each in enumerate(typed, 1)]
    source, pdf = tmp_path / f"scan.{ending}", tmp_path / "document.pdf"
    CODINGS[ending](source, [image for image, _page in made], typed[0].dpi)
    facts = build_archive_pdf(str(source), inspect_scan(str(source), RULES), [page for _image, page in made], str(pdf))
    assert facts.level == "2b"
    assert facts.recoded == ()
    assert pdf.stat().st_size <= allowed_bytes(source, len(typed))


STRIPS: dict[str, tuple[str, int]] = {
    "palette in Deflate": ("tiff_adobe_deflate", 64),
    "palette in PackBits": ("packbits", 16),
    "palette in LZW": ("tiff_lzw", 64),
    "palette, not packed": ("raw", 64),
}


@pytest.mark.parametrize("kind", STRIPS)
def test_a_palette_stands_once_for_all_strips(tmp_path: Path, kind: str) -> None:
    compression, rows = STRIPS[kind]
    image, page = drawn(DENSE, 1)
    source, pdf = tmp_path / "scan.tif", tmp_path / "document.pdf"
    how = {} if compression == "raw" else {"compression": compression}
    colours = image.convert("L").quantize(16)
    colours.save(source, dpi=DENSE.dpi, tiffinfo={278: rows}, **how)
    assert further_strips(source) > 50
    facts = build_archive_pdf(str(source), inspect_scan(str(source), RULES), [page], str(pdf))
    assert facts.level == "2b"
    assert pdf.stat().st_size <= allowed_bytes(source, 1)
    with pikepdf.open(pdf) as made:
        pictures = images_of(made.pages[0].obj)
        shown = [np.asarray(pikepdf.PdfImage(each).as_pil_image().convert("RGB")) for each in pictures]
    order = sorted(range(len(shown)), key=lambda index: int(list(_names(pdf))[index][3:]))
    assert np.array_equal(np.vstack([shown[index] for index in order]), np.asarray(colours.convert("RGB")))


CUT: dict[str, tuple[str, str]] = {
    "Group 4": ("1", "group4"),
    "Group 3": ("1", "group3"),
    "fax rows without marks": ("1", "tiff_ccitt"),
    "1-bit Deflate": ("1", "tiff_adobe_deflate"),
    "1-bit PackBits": ("1", "packbits"),
    "gray Deflate": ("L", "tiff_adobe_deflate"),
    "palette Deflate": ("P", "tiff_adobe_deflate"),
}
CUTS = [*(("dense", strips) for strips in (1, 14, 55, 220)), *(("sparse", strips) for strips in (2, 5, 17, 220))]


@pytest.mark.parametrize("coding", CUT)
@pytest.mark.parametrize(("kind", "strips"), CUTS)
def test_a_page_may_be_cut_into_any_strips(tmp_path: Path, kind: str, strips: int, coding: str) -> None:
    """Byte for byte the source's own, within the rule, and the same picture as another library decodes."""
    typed = {"dense": DENSE, "sparse": SPARSE}[kind]
    image, page = drawn(typed, 1)
    mode, compression = CUT[coding]
    picture = {"1": bilevel(image), "L": image.convert("L"), "P": image.convert("L").quantize(16)}[mode]
    source, pdf = tmp_path / "scan.tif", tmp_path / "document.pdf"
    picture.save(source, compression=compression, dpi=typed.dpi, tiffinfo={278: -(-picture.height // strips)})
    assert further_strips(source) in range(strips - 8, strips)
    facts = build_archive_pdf(str(source), inspect_scan(str(source), RULES), [page], str(pdf))
    assert (facts.level, facts.recoded) == ("2b", ())
    assert pdf.stat().st_size <= allowed_bytes(source, 1)
    with pikepdf.open(pdf) as made:
        found = coded_pictures(made.pages[0].obj)
    assert b"".join(sorted(found)) == b"".join(sorted(_strips(source))) or found == [b"".join(_strips(source))]
    assert check_archive_pdf(str(pdf), [page], facts) == []
    assert np.array_equal(_decoded(pdf), np.asarray(picture.convert("L")))


def _strips(source: Path) -> list[bytes]:
    data = source.read_bytes()
    with Image.open(source) as tiff:
        return [data[start:][:length] for start, length in zip(tiff.tag_v2[273], tiff.tag_v2[279], strict=True)]


def _decoded(pdf: Path) -> np.ndarray[Any, Any]:
    """The page's pictures as a reader decodes them, one below the other."""
    document = pypdfium2.PdfDocument(pdf)
    strips = list(document[0].get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE]))
    strips.sort(key=lambda item: -item.get_bounds()[1])
    rows = np.vstack([np.asarray(strip.get_bitmap().to_pil().convert("L")) for strip in strips])
    document.close()
    return rows


@pytest.mark.parametrize("sign", [b"\0", b"\n", b" ", b"/", b"Q"])
def test_bytes_that_look_like_an_end_stay_an_object(sign: bytes) -> None:
    with pikepdf.new() as pdf:
        data = zlib.compress(bytes(8), 0)[:7] + b"EI" + sign + bytes(6)
        stream = image_stream(pdf, data, 8, 8, 8, GRAY, Filter=pikepdf.Name.FlateDecode)
        shown = inline_operators(stream)
        assert (shown is None) == (sign != b"Q")


def test_strips_with_something_behind_their_coding_lead_no_reader_astray(tmp_path: Path) -> None:
    """They keep their bytes as they are, as objects: among operators a reader would take the rest for a string."""
    image, page = drawn(SPARSE, 1)
    plain, source, pdf = tmp_path / "plain.tif", tmp_path / "scan.tif", tmp_path / "document.pdf"
    bilevel(image).save(plain, compression="group4", dpi=(300, 300), tiffinfo={278: 64})
    data = bytearray(plain.read_bytes())
    strips = [strip + b" ((((" for strip in _strips(plain)]
    _put_strips(data, strips)
    source.write_bytes(data)
    assert _strips(source) == strips
    facts = build_archive_pdf(str(source), inspect_scan(str(source), RULES), [page], str(pdf))
    assert check_archive_pdf(str(pdf), [page], facts) == []
    with pikepdf.open(pdf) as made:
        assert sorted(image.read_raw_bytes() for image in images_of(made.pages[0].obj)) == sorted(strips)


def _put_strips(data: bytearray, strips: list[bytes]) -> None:
    """Append strips to a little-endian TIFF file of one page and let its tables name these."""
    (at,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, at)
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind, _number, table = struct.unpack_from("<HHII", data, entry)
        if tag == 273:
            places = table
        elif tag == 279:
            sizes, size_kind = table, kind
    for index, strip in enumerate(strips):
        struct.pack_into("<I", data, places + 4 * index, len(data))
        if size_kind == 3:
            struct.pack_into("<H", data, sizes + 2 * index, len(strip))
        else:
            struct.pack_into("<I", data, sizes + 4 * index, len(strip))
        data += strip


def test_a_strip_that_was_changed_is_found(tmp_path: Path) -> None:
    image, page = drawn(SPARSE, 1)
    source, pdf = tmp_path / "scan.tif", tmp_path / "document.pdf"
    bilevel(image).save(source, compression="group4", dpi=(300, 300), tiffinfo={278: 64})
    facts = build_archive_pdf(str(source), inspect_scan(str(source), RULES), [page], str(pdf))
    largest = max(_strips(source), key=len)
    with pikepdf.open(pdf, allow_overwriting_input=True) as made:
        operators = made.pages[0].Contents.read_bytes()
        assert largest in operators
        changed = largest[:40] + bytes([largest[40] ^ 1]) + largest[41:]
        made.pages[0].Contents = made.make_stream(operators.replace(largest, changed))
        made.save(pdf)
    assert "pictures" in [finding.kind for finding in check_archive_pdf(str(pdf), [page], facts)]


def _names(pdf: Path) -> list[str]:
    """The names of the page's pictures, as `images_of` orders them."""
    with pikepdf.open(pdf) as made:
        return sorted(made.pages[0].Resources.XObject.keys())


def test_strips_of_packbits_are_one_picture_of_the_same_bytes(tmp_path: Path) -> None:
    image, page = drawn(SPARSE, 1)
    source, pdf = tmp_path / "scan.tif", tmp_path / "document.pdf"
    bilevel(image).save(source, compression="packbits", dpi=(300, 300), tiffinfo={278: 32})
    facts = build_archive_pdf(str(source), inspect_scan(str(source), RULES), [page], str(pdf))
    assert facts.recoded == ()
    with pikepdf.open(pdf) as made:
        (picture,) = images_of(made.pages[0].obj)
        assert picture.read_raw_bytes() == b"".join(_strips(source))


@pytest.mark.parametrize("rows", [40, 200, 256, 1169, 3507])
def test_strips_lie_where_the_rows_lie(tmp_path: Path, rows: int) -> None:
    image, page = drawn(SPARSE, 1)
    source, pdf = tmp_path / "scan.tif", tmp_path / "document.pdf"
    image.convert("L").save(source, compression="tiff_adobe_deflate", dpi=(300, 300), tiffinfo={278: rows})
    build_archive_pdf(str(source), inspect_scan(str(source), RULES), [page], str(pdf))
    point, row = 72 / 300, 0
    for left, bottom, width, height, high in _boxes(pdf):
        assert (left, width) == pytest.approx((0, image.width * point), abs=0.001)
        assert (bottom, height) == pytest.approx(((image.height - row - high) * point, high * point), abs=0.001)
        row += high
    assert row == image.height


def _boxes(pdf: Path) -> Iterator[tuple[float, float, float, float, int]]:
    """Left, bottom, width and height of each picture as it is drawn, and its rows."""
    with pikepdf.open(pdf) as made:
        page = made.pages[0]
        now, saved = pikepdf.Matrix(), []
        for step in pikepdf.parse_content_stream(page):
            operator = str(step.operator)
            if operator == "q":
                saved.append(now)
            elif operator == "Q":
                now = saved.pop()
            elif operator == "cm":
                now = pikepdf.Matrix(*(float(value) for value in step.operands)) @ now
            elif operator == "Do":
                yield now.e, now.f, now.a, now.d, int(page.Resources.XObject[str(step.operands[0])].Height)
            elif isinstance(step, pikepdf.ContentStreamInlineImage):
                yield now.e, now.f, now.a, now.d, step.iimage.height


def test_pages_that_share_a_picture_count_it_once(tmp_path: Path) -> None:
    """As a source does that shows one picture in four ways: the words of four pages stand against one picture."""
    made = [drawn(Typed(rotation=turn), 1) for turn in (0, 0, 0, 0)]
    single, source, pdf = tmp_path / "single.pdf", tmp_path / "scan.pdf", tmp_path / "document.pdf"
    _jpeg_pdf(single, [made[0][0]], (300, 300))
    with pikepdf.open(single) as one:
        for _page in range(3):
            one.pages.append(one.pages[0])
        one.save(source)
    assert page_stream_bytes(source) < 1.01 * page_stream_bytes(single)
    pages = [replace(page, page=number) for number, (_image, page) in enumerate(made, 1)]
    build_archive_pdf(str(source), inspect_scan(str(source), RULES), pages, str(pdf))
    assert pdf.stat().st_size <= allowed_bytes(source, 4)


@pytest.mark.parametrize(
    ("typed", "most"), [(DENSE, 3500), (SPARSE, 700), (Typed(skew=1.0), 4200), (Typed(skew=3.0), 5000)]
)
def test_the_text_layer_of_a_page_is_small(tmp_path: Path, typed: Typed, most: int) -> None:
    """What one more page of text adds to a document: a quarter of what a word by itself would take."""
    page = page_of(typed)
    assert page.words == typed.words
    assert _with_text(tmp_path, [page] * 2) - _with_text(tmp_path, [page]) - _frame(tmp_path, page) <= most


def _frame(folder: Path, page: RecognisedPage) -> int:
    """What one more page without words adds."""
    empty = RecognisedPage(1, page.width_px, page.height_px, page.dpi_x, page.dpi_y, 0, 0.0, 1, 0.0, 0.0, ())
    return _with_text(folder, [empty] * 2) - _with_text(folder, [empty])


def _with_text(folder: Path, pages: list[RecognisedPage]) -> int:
    blank = io.BytesIO()
    images = [Image.new("1", (page.width_px, page.height_px), 1) for page in pages]
    images[0].save(blank, "TIFF", compression="group4", save_all=True, append_images=images[1:], dpi=(300, 300))
    source = folder / f"blank-{len(pages)}.tif"
    source.write_bytes(blank.getvalue())
    numbered = [replace(page, page=number) for number, page in enumerate(pages, 1)]
    out = folder / "out.pdf"
    build_archive_pdf(str(source), inspect_scan(str(source), RULES), numbered, str(out))
    return out.stat().st_size
