"""Every kind of page that the scan room may meet, taken the whole way: accepted, read, upright, packed, untouched."""

from __future__ import annotations

import dataclasses
import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from pipeline.adapters.incoming import png_file, tiff_file
from pipeline.adapters.incoming.archive_package import verify_package
from pipeline.adapters.incoming.page_pictures import open_pictures
from pipeline.adapters.incoming.pdf_images import images_of
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.domain.errors import Rejected
from pipeline.domain.pages import SourceFacts
from tests import kind_files, kind_pages
from tests.incoming_sheets import RULES
from tests.kind_line import Taken, take
from tests.kinds import CODINGS, LAYOUTS
from tests.needs import need
from tests.page_streams import coded_pictures
from tests.verapdf.judge import class_path, judge

pytestmark = pytest.mark.integration

need("tesseract")

KINDS = LAYOUTS | CODINGS
_SIZE_PT = 1.2  # whole pixels at 75 dpi
_PDF_IMAGES = (pikepdf.Name.DCTDecode, pikepdf.Name.JPXDecode)


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Taken]:
    """Each kind, made and taken the whole way when it is first asked for."""

    @cache
    def once(name: str) -> Taken:
        folder = tmp_path_factory.mktemp("kind")
        return take(KINDS[name].make(folder), folder)

    return once


@pytest.mark.parametrize("name", KINDS)
def test_it_is_accepted_and_packed_as_pdfa(taken: Callable[[str], Taken], name: str) -> None:
    item, kind = taken(name), KINDS[name]
    assert item.facts.remarks == kind.remarks
    assert (item.asked.review, item.asked.detail) == (kind.review, "")
    assert (item.packed.pdfa, item.packed.pages) == ("2b", len(kind.words))
    assert verify_package(item.bag) == []


@pytest.mark.parametrize("name", KINDS)
def test_its_words_are_found(taken: Callable[[str], Taken], name: str) -> None:
    item, kind = taken(name), KINDS[name]
    for number, words in enumerate(kind.words, 1):
        found = item.words(number)
        missing = Counter(words) - Counter(found)
        assert sum(missing.values()) <= (1 - kind.least) * len(words), (missing, found)
        assert [key for key in kind.keys if not any(key in word for word in found)] == [], found


@pytest.mark.parametrize("name", KINDS)
def test_its_pages_are_upright_and_as_large_as_they_were(taken: Callable[[str], Taken], name: str) -> None:
    item, kind = taken(name), KINDS[name]
    assert tuple(page.rotation for page in item.pages) == kind.rotation
    with pikepdf.open(item.pdf) as pdf:
        assert tuple(int(page.obj.get("/Rotate", 0)) for page in pdf.pages) == kind.rotation
        sizes = [[float(value) for value in page.mediabox[2:]] for page in pdf.pages]
    assert sizes == [pytest.approx(size, abs=_SIZE_PT) for size in kind.sizes_pt]


def _streams(pdf: Path) -> Iterator[list[bytes]]:
    with pikepdf.open(pdf) as document:
        for page in document.pages:
            yield sorted(coded_pictures(page.obj))


def _own_streams(source: Path, facts: SourceFacts) -> list[list[bytes]]:
    """The coded pictures of each page, as they lie in the source."""
    data = source.read_bytes()
    if facts.type == "pdf":
        return list(_streams(source))
    if facts.type == "tiff":
        pages = tiff_file.read_tiff(str(source))
        return [sorted(data[start : start + size] for start, size in page.strips) for page in pages]
    return [[png_file.read_png(data).idat if facts.type == "png" else data]]


@pytest.mark.parametrize("name", [name for name in KINDS if not KINDS[name].recoded])
def test_its_pictures_are_the_sources_own_bytes(taken: Callable[[str], Taken], name: str) -> None:
    item = taken(name)
    wanted = _own_streams(item.source, item.facts)
    assert all(wanted) or name == "program-made page between scans"
    assert list(_streams(item.pdf)) == wanted
    assert item.told["recoded"] == []


def _samples(item: Taken) -> bytes:
    """The source's picture, decoded by others."""
    data: io.BytesIO | Path = item.source
    if item.facts.type == "pdf":
        with pikepdf.open(item.source) as pdf:
            stream = next(iter(images_of(pdf.pages[0].obj)))
            if stream.Filter not in _PDF_IMAGES:
                return stream.read_bytes()
            data = io.BytesIO(stream.read_raw_bytes())
    with Image.open(data) as image:
        if image.mode.startswith("I;16"):
            return np.asarray(image).astype(">u2").tobytes()
        return image.convert({"P": "RGB", "LA": "L"}.get(image.mode, image.mode)).tobytes()


@pytest.mark.parametrize("name", [name for name in KINDS if KINDS[name].recoded])
def test_what_is_packed_anew_is_told_and_loses_nothing(taken: Callable[[str], Taken], name: str) -> None:
    item = taken(name)
    assert len(item.told["recoded"]) == 1
    assert item.told["recoded"][0].endswith("without loss")
    with pikepdf.open(item.pdf) as pdf:
        (image,) = images_of(pdf.pages[0].obj)
        assert str(image.Filter) == "/FlateDecode"
        assert image.read_bytes() == _samples(item)


def test_verapdf_agrees(taken: Callable[[str], Taken]) -> None:
    need("java")
    need("jaxb")
    class_path()
    verdicts = judge([taken(name).pdf for name in KINDS])
    assert {name: verdict.broken for name, verdict in zip(KINDS, verdicts, strict=True) if not verdict.passed} == {}


def test_symbol_coding_goes_back_where_the_profile_says_so(taken: Callable[[str], Taken]) -> None:
    strict = dataclasses.replace(RULES, reject_symbol_coding=True)
    for name in ("JBIG2, generic", "JBIG2, generic, MMR"):
        assert inspect_scan(str(taken(name).source), strict).remarks == ()
    with pytest.raises(Rejected) as caught:
        inspect_scan(str(taken("JBIG2, symbols").source), strict)
    assert caught.value.code == "symbol-coded"


def test_symbol_coding_is_told_in_the_transfer_note(taken: Callable[[str], Taken]) -> None:
    item = taken("JBIG2, symbols")
    assert item.told["source"]["remarks"] == ["symbol-coded"]
    assert "symbol-coded" in (item.bag / "data" / "transfer-note.json").read_text("utf-8")


def test_a_table_is_read_row_by_row(taken: Callable[[str], Taken]) -> None:
    lines = [line.text for line in taken("table").pages[0].lines()]
    for row in kind_pages.ROWS[1:6]:
        assert any(line.split()[-3:] == list(row[2:]) for line in lines), (row, lines)


def test_the_left_column_is_read_before_the_right_one(taken: Callable[[str], Taken]) -> None:
    text = " ".join(taken("two columns").words(1))
    places = [text.index(word) for word in ("Öffnungszeiten", "8:30", "täglich.", "Gebühren", "37,00", "22,80")]
    assert all(one < two for one, two in pairwise(places))


def test_a_page_that_a_program_made_keeps_its_words_and_its_neighbours_theirs(taken: Callable[[str], Taken]) -> None:
    item = taken("program-made page between scans")
    assert [page.own_text for page in item.pages] == [False, True, False]
    assert item.words(2) == list(LAYOUTS["A5"].words[0])
    with pikepdf.open(item.pdf) as pdf:
        operators = [b"".join(part.read_bytes() for part in _parts(page)) for page in pdf.pages]
    assert [b"3 Tr" in drawn for drawn in operators] == [True, False, True]


def _parts(page: pikepdf.Page) -> list[pikepdf.Object]:
    contents = page.obj.Contents
    return list(contents) if isinstance(contents, pikepdf.Array) else [contents]


def test_words_that_others_hid_under_the_scan_are_gone(taken: Callable[[str], Taken]) -> None:
    item = taken("hidden text of others")
    assert "1999" not in " ".join(item.words(1))
    with pikepdf.open(item.pdf) as pdf:
        assert all(b"Muehlenvveg" not in part.read_bytes() for part in _parts(pdf.pages[0]))
        assert "/F0" not in pdf.pages[0].obj.Resources.get("/Font", {})
    assert any("foreign text layer" in remark for remark in item.told["remarks"])


def test_units_of_a_page_count_for_its_resolution(taken: Callable[[str], Taken]) -> None:
    item = taken("user units")
    assert (item.pages[0].dpi, item.pages[0].width_px) == (200, 1166)
    with pikepdf.open(item.pdf) as pdf:
        assert float(pdf.pages[0].obj.UserUnit) == 2


def test_the_page_picture_has_the_resolution_of_the_scan(taken: Callable[[str], Taken]) -> None:
    """However many pictures and layers the page is made of."""
    dpi = {"picture in bands": 200, "layers of a copier": 300, "JPEG in PDF": 200, "1 bit, 600 dpi": 600}
    assert {name: taken(name).pages[0].dpi for name in dpi} == dpi
    assert (taken("fax, 204 by 98").pages[0].dpi_x, taken("fax, 204 by 98").pages[0].dpi_y) == (204, 98)
    assert [page.dpi for page in taken("mixed sizes").pages] == [150, 200, 200]


def test_the_layers_of_a_copier_stay_three_pictures_and_a_mask(taken: Callable[[str], Taken]) -> None:
    (streams,) = _streams(taken("layers of a copier").pdf)
    assert len(streams) == 4


def test_a_picture_that_cannot_be_decoded_is_no_blank_page(tmp_path: Path) -> None:
    """The renderer draws nothing in its place; that must not pass for an empty page."""
    sound = kind_files.jpeg2000(kind_pages.printed(kind_pages.letter(), 100))
    damaged = dataclasses.replace(sound, data=sound.data[:120] + bytes(len(sound.data) - 120))
    source = kind_files.write_pdf(tmp_path / "scan.pdf", kind_files.whole(damaged, 100))
    facts = inspect_scan(str(source), RULES)
    with open_pictures(str(source), facts) as pictures:
        for look in (pictures.page, pictures.glance):
            with pytest.raises(Rejected) as caught:
                look(1)
            assert (caught.value.code, caught.value.page) == ("pdf-damaged", 1)
    empty = kind_files.write_pdf(tmp_path / "empty.pdf", kind_files.whole(kind_files.jbig2(_white()), 100))
    with open_pictures(str(empty), inspect_scan(str(empty), RULES)) as pictures:
        assert int(pictures.page(1).gray.min()) == 255


def _white() -> Image.Image:
    return Image.new("1", (300, 200), 1)


def test_a_cut_jpeg_2000_stream_goes_back(tmp_path: Path) -> None:
    sound = kind_files.jpeg2000(kind_pages.printed(kind_pages.letter(), 100))
    for share in (0.1, 0.5, 0.95):
        cut = dataclasses.replace(sound, data=sound.data[: int(len(sound.data) * share)])
        source = kind_files.write_pdf(tmp_path / "scan.pdf", kind_files.whole(cut, 100))
        with pytest.raises(Rejected) as caught:
            inspect_scan(str(source), RULES)
        assert caught.value.code == "pdf-damaged"


def test_the_examples_are_made_the_same_each_time(tmp_path: Path) -> None:
    for name in ("JBIG2, symbols", "layers of a copier", "LZW in PDF", "typewriter", "TIFF, tiles"):
        digests = set()
        for turn in range(2):
            folder = tmp_path / f"{len(digests)}-{turn}-{len(name)}"
            folder.mkdir(exist_ok=True)
            digests.add(hashlib.sha256(KINDS[name].make(folder).read_bytes()).hexdigest())
        assert len(digests) == 1, name
