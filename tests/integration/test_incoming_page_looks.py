"""The first cheap look at a stack: separators, blanks, long sources, damaged pages, and the files it leaves."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.incoming import page_looks, tiff_file
from pipeline.adapters.incoming.look_files import read_looks, write_looks
from pipeline.adapters.incoming.page_looks import look_at_pages
from pipeline.adapters.incoming.page_pictures import open_pictures
from pipeline.adapters.incoming.tiff_page import open_page, single_page
from pipeline.domain.errors import Permanent, Rejected
from pipeline.domain.page_looks import CoverSheet, PageLook, Separator
from pipeline.domain.pages import SourceFacts
from pipeline.domain.profiles import IncomingRules, SeparationRules
from samples.coding import Shot, encode
from samples.scanner_files import PdfScan, TiffScan, fax_strip
from tests.incoming_sheets import bilevel, encoded, scan_pdf, sheet

pytestmark = pytest.mark.integration

DROPPING = IncomingRules(separation=SeparationRules(blank_pages="drop"))
PARTING = IncomingRules(separation=SeparationRules(by=("cover-sheet", "patch-t"), blank_pages="drop"))
EMPTY = Image.new("L", (1748, 1240), 246)


def tiff(path: Path, *pages: Image.Image, **options: object) -> SourceFacts:
    first, *rest = pages
    first.save(path, "TIFF", save_all=True, append_images=rest, dpi=(211, 211), **options)
    return SourceFacts("tiff", len(pages))


def blanks(looks: list[PageLook]) -> list[int]:
    return [look.page for look in looks if look.blank]


@pytest.mark.parametrize("coding", ["group4", "tiff_lzw", "jpeg", "packbits", "raw"])
def test_blank_pages_of_a_tiff_are_seen_in_every_coding(tmp_path: Path, coding: str) -> None:
    pages = [sheet(), EMPTY, sheet(("nur eine Zeile",)), EMPTY]
    if coding == "group4":
        pages = [bilevel(page) for page in pages]
    facts = tiff(tmp_path / "stack.tif", *pages, compression=coding)
    looks = look_at_pages(str(tmp_path / "stack.tif"), facts, 1, 4, str(tmp_path / "out"), DROPPING)
    assert [look.page for look in looks] == [1, 2, 3, 4]
    assert blanks(looks) == [2, 4]
    assert looks[0].ink_ratio > looks[2].ink_ratio > looks[1].ink_ratio == 0.0


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_blank_pages_of_a_scanned_pdf_are_seen(tmp_path: Path, mode: str) -> None:
    pictures = [encoded(page.convert(mode), "JPEG", quality=60) for page in (sheet(), EMPTY)]
    looks = look_at_pages(
        str(scan_pdf(tmp_path / "stack.pdf", *pictures)), SourceFacts("pdf", 2), 1, 2, str(tmp_path / "out"), DROPPING
    )
    assert blanks(looks) == [2]


def test_a_page_of_set_words_is_never_blank_unless_it_is_really_empty(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "born.pdf"), pagesize=(595.28, 841.89))
    canvas.setFillGray(0.97)
    canvas.drawString(72, 700, "kaum zu sehen")
    canvas.showPage()
    canvas.showPage()
    canvas.save()
    facts = SourceFacts("pdf", 2, ("has-text",))
    looks = look_at_pages(str(tmp_path / "born.pdf"), facts, 1, 2, str(tmp_path / "out"), DROPPING)
    assert blanks(looks) == [2]


VALUE = pikepdf.String("Erika Mustermann")


@pytest.mark.parametrize(
    ("annotation", "blank"),
    [
        ({"Subtype": "/Widget", "FT": "/Tx", "V": VALUE}, False),
        ({"Subtype": "/Widget", "Parent": "/Group"}, False),
        ({"Subtype": "/Widget", "FT": "/Btn", "V": pikepdf.Name.Yes}, False),
        ({"Subtype": "/Widget", "FT": "/Sig", "V": pikepdf.Dictionary(Type=pikepdf.Name.Sig)}, False),
        ({"Subtype": "/Text", "Contents": pikepdf.String("Bitte beachten")}, False),
        ({"Subtype": "/Ink"}, False),
        ({"Subtype": "/Link", "Contents": pikepdf.String("siehe dort")}, False),
        ({"Subtype": "/Widget", "FT": "/Tx"}, True),
        ({"Subtype": "/Widget", "FT": "/Tx", "V": pikepdf.String(" ")}, True),
        ({"Subtype": "/Widget", "FT": "/Btn", "V": pikepdf.Name.Off}, True),
        ({"Subtype": "/Text", "Contents": pikepdf.String("Entwurf"), "F": 2}, True),
        ({"Subtype": "/Link"}, True),
        ({"Subtype": "/Popup", "Contents": pikepdf.String("x")}, True),
    ],
)
def test_a_page_with_a_filled_field_or_a_comment_is_not_blank_though_it_is_drawn_white(
    tmp_path: Path, annotation: dict[str, object], blank: bool
) -> None:
    found = {f"/{key}": pikepdf.Name(value) if isinstance(value, str) else value for key, value in annotation.items()}
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        page = pdf.add_blank_page(page_size=(595, 842))
        if "/Parent" in found:
            found["/Parent"] = pdf.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Tx, V=pikepdf.String("ja")))
        rect = pikepdf.Array([100, 600, 400, 630])
        page.obj.Annots = [pdf.make_indirect(pikepdf.Dictionary({"/Type": pikepdf.Name.Annot, "/Rect": rect, **found}))]
        pdf.save(tmp_path / "form.pdf")
    facts = SourceFacts("pdf", 2)
    looks = look_at_pages(str(tmp_path / "form.pdf"), facts, 1, 2, str(tmp_path / "out"), DROPPING)
    assert blanks(looks) == ([1, 2] if blank else [1])


def test_what_finds_separators_is_asked_with_gray_and_resolution_and_never_makes_a_blank(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[tuple[int, ...], float]] = []
    found = Separator("cover-sheet", "x", CoverSheet("parchim", "post", 2, {"reference": "32-1"}))

    def fake(gray: np.ndarray, dpi: float, rules: SeparationRules) -> tuple[Separator | None, str | None]:
        asked.append((gray.shape, dpi))
        return ((found, None), (None, "Vielleicht ein Trennblatt."), (None, None))[len(asked) - 1]

    monkeypatch.setattr(page_looks, "find_separator", fake)
    facts = tiff(tmp_path / "stack.tif", EMPTY, EMPTY, EMPTY)
    looks = look_at_pages(str(tmp_path / "stack.tif"), facts, 1, 3, str(tmp_path / "out"), PARTING)
    assert [(look.separator, look.doubt, look.blank) for look in looks] == [
        (found, None, False),
        (None, "Vielleicht ein Trennblatt.", False),
        (None, None, True),
    ]
    assert asked[0] == ((1240, 1748), pytest.approx(211, abs=0.5))
    assert read_looks([str(tmp_path / "out")], 3) == looks


def test_a_damaged_page_is_refused_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / "stack.tif"
    facts = tiff(path, *[sheet()] * 3, compression="tiff_adobe_deflate")
    page = tiff_file.read_tiff(str(path))[1]
    data = bytearray(path.read_bytes())
    start, length = page.strips[0]
    data[start : start + length] = b"\x5a" * length
    path.write_bytes(data)
    with pytest.raises(Rejected) as refusal:
        look_at_pages(str(path), facts, 2, 2, str(tmp_path / "out"), DROPPING)
    assert (refusal.value.code, refusal.value.page) == ("image-damaged", 2)
    assert blanks(look_at_pages(str(path), facts, 1, 1, str(tmp_path / "out"), DROPPING)) == []


def test_a_range_outside_the_source_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pages 2 to 4 of 3"):
        look_at_pages("nowhere.tif", SourceFacts("tiff", 3), 2, 4, str(tmp_path), DROPPING)


def test_looks_are_read_back_from_all_slices_and_the_same_looks_make_the_same_bytes(tmp_path: Path) -> None:
    looks = [PageLook(1, 0.01), PageLook(2, 0.0, True), PageLook(3, 0.2, False, Separator("patch-t")), PageLook(4, 0.1)]
    for name, part in (("a", looks[:2]), ("b", looks[2:])):
        (tmp_path / name).mkdir()
        written = write_looks(tmp_path / name, part)
        assert written.read_bytes() == write_looks(tmp_path / name, part).read_bytes()
        assert json.loads(written.read_text(encoding="utf-8"))["schema"] == "poststrasse/page-looks/1"
    folders = [str(tmp_path / "b"), str(tmp_path / "a")]
    assert read_looks(folders, 4) == looks
    with pytest.raises(Permanent, match="page 5 of 5 was looked at 0 times") as missing:
        read_looks(folders, 5)
    assert missing.value.code == "pages-missing"
    with pytest.raises(Permanent, match="page 4 of 3 was looked at 1 times"):
        read_looks(folders, 3)
    with pytest.raises(Permanent, match="page 1 of 4 was looked at 2 times"):
        read_looks([*folders, str(tmp_path / "a")], 4)


def test_a_file_that_is_none_of_ours_is_no_look(tmp_path: Path) -> None:
    (tmp_path / "looks-00001.json").write_text('{"schema": "other/1", "looks": []}', encoding="utf-8")
    with pytest.raises(ValueError, match="page-looks"):
        read_looks([str(tmp_path)], 1)


def big_tiff(strip: bytes, width: int, height: int) -> bytes:
    """Two pages, big-endian, 64-bit offsets; the first is a reduced picture."""
    data = bytearray(b"MM\0+" + struct.pack(">HHQ", 8, 0, 0))
    pointer = 8
    for reduced in (1, 0):
        start = len(data)
        data += strip + bytes(-len(strip) % 8)
        entries = [(254, 4, reduced), (256, 4, width), (257, 4, height), (258, 3, 1), (259, 3, 4), (262, 3, 0)]
        entries += [(273, 16, start), (277, 3, 1), (278, 4, height), (279, 16, len(strip))]
        struct.pack_into(">Q", data, pointer, len(data))
        data += struct.pack(">Q", len(entries))
        for tag, kind, value in entries:
            code = {3: ">HHQH6x", 4: ">HHQI4x", 16: ">HHQQ"}[kind]
            data += struct.pack(code, tag, kind, 1, value)
        pointer = len(data)
        data += bytes(8)
    return bytes(data)


def test_one_page_of_a_tiff_alone_shows_the_same_picture(tmp_path: Path) -> None:
    path = tmp_path / "all.tif"
    pages = [sheet(), sheet(("zweite",)).convert("RGB"), bilevel(sheet(("dritte",)))]
    tiff(path, *pages)
    for coding, options in (("tiff_lzw", {}), ("tiff_adobe_deflate", {}), ("jpeg", {"quality": 80}), ("packbits", {})):
        tiff(path, *pages[:2], compression=coding, **options)
        for number, page in enumerate(tiff_file.TiffPages(str(path))):
            with Image.open(path) as walked, open_page(str(path), page) as alone:
                walked.seek(number)
                assert np.array_equal(np.asarray(walked), np.asarray(alone)), (coding, number)


def test_pages_of_a_big_endian_tiff_of_64_bits_are_found_and_shown(tmp_path: Path) -> None:
    picture = np.asarray(bilevel(sheet())).astype(np.uint8) * 255
    path = tmp_path / "big.tif"
    path.write_bytes(big_tiff(fax_strip(picture), picture.shape[1], picture.shape[0]))
    pages = tiff_file.TiffPages(str(path))
    assert [page.index for page in pages] == [1]
    assert pages[0] == tiff_file.read_tiff(str(path))[1]
    with Image.open(io.BytesIO(single_page(str(path), pages[0]))) as alone:
        assert np.array_equal(np.asarray(alone).astype(np.uint8) * 255, picture)


def test_directories_in_a_circle_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "circle.tif"
    with TiffScan(path) as scan:
        scan.page(fax_strip(np.full((64, 64), 255, np.uint8)), 64, 64, 200)
    data = bytearray(path.read_bytes())
    data[-4:] = data[4:8]
    path.write_bytes(data)
    with pytest.raises(tiff_file.BadTiff, match="circle"):
        tiff_file.TiffPages(str(path))


@pytest.mark.parametrize("kind", ["tiff", "pdf"])
def test_the_last_page_of_a_long_source_costs_about_what_the_first_one_does(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted, not timed: directories that are taken apart, and pages that are opened, for the last page of 400."""
    picture = np.full((300, 200), 255, np.uint8)
    picture[100:110, 50:150] = 0
    path = tmp_path / f"long.{kind}"
    with TiffScan(path) if kind == "tiff" else PdfScan(path, "long") as scan:
        for _ in range(400):
            scan.page(fax_strip(picture), 200, 300, 100)
    taken: list[int] = []
    taking = tiff_file._page
    monkeypatch.setattr(tiff_file, "_page", lambda *args: taken.append(args[0]) or taking(*args))
    with open_pictures(str(path), SourceFacts(kind, 400)) as pictures:
        last = pictures.page(400)
    assert np.array_equal(last.gray < 128, picture < 128)
    assert set(taken) == ({399} if kind == "tiff" else set())


def alike(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two rasters show the same page; drawing it moves it by half a pixel."""
    small = [np.asarray(Image.fromarray(raster).reduce(8)).astype(int) for raster in (one, other)]
    return one.shape == other.shape and int(np.abs(small[0] - small[1]).max()) < 40


@pytest.mark.parametrize(
    "spoil",
    ["decode", "second picture", "words", "annotation", "half the page"],
)
def test_a_jpeg_is_taken_for_the_page_only_where_the_page_shows_nothing_else(tmp_path: Path, spoil: str) -> None:
    path = tmp_path / "plain.pdf"
    path.write_bytes(encode([Shot(np.asarray(sheet()), 211)], "pdf-jpeg-grey", 80))
    with open_pictures(str(path), SourceFacts("pdf", 1)) as pictures:
        assert pictures.jpegs.of(pictures.document[0], 1) is not None
        plain = pictures.page(1).gray
    spoilt = tmp_path / "spoilt.pdf"
    with pikepdf.open(path) as pdf:
        page = pdf.pages[0]
        image = next(iter(page.Resources.XObject.values()))
        if spoil == "decode":
            image.Decode = pikepdf.Array([1, 0])
        elif spoil == "second picture":
            page.contents_add(
                pdf.make_stream(
                    b"q 90 0 0 90 30 30 cm " + next(iter(page.Resources.XObject.keys())).encode() + b" Do Q"
                )
            )
        elif spoil == "words":
            page.contents_add(pdf.make_stream(b"0 0 200 100 re f"))
        elif spoil == "annotation":
            page.obj.Annots = pikepdf.Array([])
        else:
            page.obj.MediaBox = pikepdf.Array([0, 0, 596.4, 839.06])
        pdf.save(spoilt)
    with open_pictures(str(spoilt), SourceFacts("pdf", 1)) as pictures:
        assert pictures.jpegs.of(pictures.document[0], 1) is None
        drawn = pictures.page(1).gray
    assert alike(drawn, plain) == (spoil == "annotation")
