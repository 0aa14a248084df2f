"""The size rule: document.pdf is at most 1.05 times the source's page streams plus 3 kB a page of text layer."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.incoming.archive_pdf import build_archive_pdf
from pipeline.adapters.incoming.pdf_images import images_of
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.domain.recognised import RecognisedPage
from tests.incoming_sheets import RULES, bilevel
from tests.page_streams import allowed_bytes, further_strips, page_stream_bytes
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
    data = source.read_bytes()
    with Image.open(source) as tiff:
        strips = [data[start:][:length] for start, length in zip(tiff.tag_v2[273], tiff.tag_v2[279], strict=True)]
    with pikepdf.open(pdf) as made:
        (picture,) = images_of(made.pages[0].obj)
        assert picture.read_raw_bytes() == b"".join(strips)


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
        for step in pikepdf.parse_content_stream(page, "q Q cm Do"):
            operator = str(step.operator)
            if operator == "q":
                saved.append(now)
            elif operator == "Q":
                now = saved.pop()
            elif operator == "cm":
                now = pikepdf.Matrix(*(float(value) for value in step.operands)) @ now
            else:
                yield now.e, now.f, now.a, now.d, int(page.Resources.XObject[str(step.operands[0])].Height)


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
