"""Every word can be selected at its place: what pdftotext says of the finished PDF against the boxes of the ALTO file.

All four edges lie within 2 pt, on upright, turned and skewed pages alike. On a skewed page the ALTO box of a word is
the upright box around the slanted word; the word in the PDF is level and must keep to that box.
"""

from __future__ import annotations

import html
import re
import subprocess
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from pipeline.adapters.incoming.alto import NAMESPACE, write_alto
from pipeline.adapters.incoming.archive_pdf import build_archive_pdf
from pipeline.adapters.incoming.checks import check_archive_pdf, in_order
from pipeline.adapters.incoming.recognition import recognise_pages
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.domain.recognised import Block, EngineFacts, Line, PixelBox, RecognisedPage, Word, around
from tests.incoming_sheets import RULES
from tests.needs import need
from tests.typed_sheets import Typed, page_of

pytestmark = pytest.mark.integration

TOLERANCE_PT = 2.0
_READ_LINE_BY_LINE = 0.5  # degrees
Box = tuple[float, float, float, float]
_PAGE = re.compile(r'<page width="[\d.]+" height="[\d.]+">')
_WORD = re.compile(r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*)</word>')
_ODD = ("–", "•", "m²", "80 %", "žlutý", "Ωmega", "(a)", "\\", "→", "„Zitat“", "1.234,56 €", "-")

KINDS: dict[str, list[Typed]] = {
    "dense": [Typed()],
    "bold": [Typed(font="VeraBd.ttf", words=600)],
    "small print": [Typed(size_pt=5.5, words=1100)],
    "a heading": [Typed(words=120, size_pt=11, heading_pt=26)],
    "a poster": [Typed(words=14, size_pt=60, heading_pt=84), Typed(words=14, size_pt=48, skew=2.0)],
    "typewriter size": [Typed(words=150, size_pt=14)],
    "odd signs": [Typed(words=60, size_pt=11, extra=tuple(" ".join(_ODD).split()))],
    "mixed resolutions": [
        Typed(dpi=(75.0, 75.0), words=300, size_pt=11),
        Typed(dpi=(200.0, 200.0), first_word=200),
        Typed(dpi=(600.0, 600.0), words=400, first_word=900),
        Typed(dpi=(204.0, 98.0), words=200, size_pt=11),
    ],
    "turned": [Typed(rotation=turn, first_word=turn) for turn in (0, 90, 180, 270)],
    "skewed": [Typed(skew=skew, first_word=round(skew * 10)) for skew in (-3.0, -1.0, -0.3, 0.5, 2.0, 3.0)],
    "skewed heading": [Typed(words=120, size_pt=11, heading_pt=22, skew=skew) for skew in (-3.0, 3.0)],
    "turned and skewed": [
        Typed(rotation=90, skew=-2.0),
        Typed(rotation=180, skew=3.0),
        Typed(rotation=270, skew=1.0),
        Typed(rotation=90, skew=1.0, dpi=(204.0, 98.0), words=200, size_pt=11),
    ],
}


def _scan(path: Path, pages: list[RecognisedPage]) -> Path:
    """A TIFF file of white pages: what is on them does not matter here."""
    images = [Image.new("1", (page.width_px, page.height_px), 1) for page in pages]
    resolutions = [(page.dpi_x, page.dpi_y) for page in pages]
    for image, dpi in zip(images, resolutions, strict=True):
        image.info["dpi"] = dpi
    folder = path.parent
    singles = []
    for number, (image, dpi) in enumerate(zip(images, resolutions, strict=True)):
        single = folder / f"page-{number}.tif"
        image.save(single, compression="group4", dpi=dpi)
        singles.append(single)
    return _joined(path, singles)


def _joined(path: Path, singles: list[Path]) -> Path:
    """A PDF of the pages, each as our own writer makes it, so that one source holds pages of several resolutions."""
    with pikepdf.new() as pdf:
        for single in singles:
            made = single.with_suffix(".pdf")
            empty = _empty(single)
            build_archive_pdf(str(single), inspect_scan(str(single), RULES), [empty], str(made))
            with pikepdf.open(made) as one:
                pdf.pages.extend(one.pages)
        pdf.save(path)
    return path


def _empty(single: Path) -> RecognisedPage:
    with Image.open(single) as image:
        width, height = image.size
        x, y = (float(value) for value in image.info["dpi"])
    return RecognisedPage(1, width, height, x, y, 0, 0.0, 1, 0.0, 0.0, ())


def words_shown(pdf: Path) -> list[list[tuple[str, Box]]]:
    """For each page what pdftotext finds: words with their boxes, from the top left of the page as it is shown."""
    run = subprocess.run([need("pdftotext"), "-bbox", pdf, "-"], capture_output=True, check=True)
    pages: list[list[tuple[str, Box]]] = []
    for row in run.stdout.decode("utf-8").splitlines():
        if _PAGE.search(row):
            pages.append([])
        elif (found := _WORD.search(row)) is not None:
            left, top, right, bottom = (float(found.group(index)) for index in range(1, 5))
            pages[-1].append((html.unescape(found.group(5)), (left, top, right, bottom)))
    return pages


def words_told(alto: Path, pages: list[RecognisedPage], pdf: Path) -> list[list[tuple[str, Box]]]:
    """For each page the words of the ALTO file, their boxes in points of the page as it is shown."""
    space = {"a": NAMESPACE}
    told = []
    with pikepdf.open(pdf) as document:
        boxes = [[float(value) for value in page.mediabox] for page in document.pages]
    elements = ElementTree.parse(alto).getroot().findall("a:Layout/a:Page", space)
    for element, page, media in zip(elements, pages, boxes, strict=True):
        across = (media[2] - media[0]) / float(element.get("WIDTH", ""))
        down = (media[3] - media[1]) / float(element.get("HEIGHT", ""))
        words = []
        for string in element.findall(".//a:String", space):
            left, top, width, height = (float(string.get(key, "")) for key in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
            box = (left * across, top * down, (left + width) * across, (top + height) * down)
            words.append((string.get("CONTENT", ""), _turned(box, page.rotation, media[2], media[3])))
        told.append(words)
    return told


def _turned(box: Box, rotation: int, width: float, height: float) -> Box:
    """A box on the page after its clockwise turn."""
    left, top, right, bottom = box
    return {
        0: box,
        90: (height - bottom, left, height - top, right),
        180: (width - right, height - bottom, width - left, height - top),
        270: (top, width - right, bottom, width - left),
    }[rotation]


def furthest(told: list[tuple[str, Box]], shown: list[tuple[str, Box]]) -> list[tuple[float, str]]:
    """For each word that was told how far the worst edge of the nearest such word lies off, in points."""
    places: dict[str, list[Box]] = defaultdict(list)
    for word, box in shown:
        places[word].append(box)
    found = []
    for word, box in told:
        offs = [(max(abs(a - b) for a, b in zip(box, place, strict=True)), place) for place in places[word]]
        off, place = min(offs, default=(float("inf"), None))
        if place is not None:
            places[word].remove(place)
        found.append((round(off, 2), word))
    return sorted(found, reverse=True)


@pytest.mark.parametrize("kind", KINDS)
def test_every_word_lies_at_its_place(tmp_path: Path, kind: str) -> None:
    pages = [page_of(typed, number) for number, typed in enumerate(KINDS[kind], 1)]
    source = _scan(tmp_path / "scan.pdf", pages)
    pdf, alto = tmp_path / "document.pdf", tmp_path / "document.alto.xml"
    facts = build_archive_pdf(str(source), inspect_scan(str(source), RULES), pages, str(pdf))
    engine = EngineFacts("Tesseract", "5.3.0", "deu", "0" * 64)
    write_alto(alto, pages, file_name="document.pdf", engine=engine, software="Poststraße", version="0.1.0")
    assert (facts.level, facts.reasons) == ("2b", ())
    assert check_archive_pdf(str(pdf), pages, facts) == []
    shown, told = words_shown(pdf), words_told(alto, pages, pdf)
    worst = [furthest(each, found)[:3] for each, found in zip(told, shown, strict=True)]
    assert [page for page in worst if page[0][0] > TOLERANCE_PT] == []
    assert [len(each) for each in shown] == [len(each) for each in told]
    for page, text in zip(pages, _read(pdf), strict=True):
        lines = [[word.text for word in line.words] for line in page.lines()]
        if abs(page.skew_degrees) <= _READ_LINE_BY_LINE:  # of more skewed pages readers mix neighbouring lines
            assert in_order(lines, text.split()) >= 0.95


def _line(size: float, *words: tuple[str, int, int, int, int]) -> Line:
    boxes = [PixelBox(*edges) for _text, *edges in words]
    base = max(box.bottom for box in boxes)
    parts = tuple(
        Word(text, 90.0, box, (box.left, base, box.right, base))
        for (text, *_edges), box in zip(words, boxes, strict=True)
    )
    return Line(parts, around(boxes), size)


TOUCHING = {
    "letters as lines of their own": [
        _line(size, (sign, left, top, right, bottom))
        for size, sign, left, top, right, bottom in (
            *((28, "m", 175, 1085, 190, 1105), (21, "Q", 193, 1090, 202, 1105), (28, "zZ", 204, 1085, 224, 1105)),
            *((29, "=:", 227, 1085, 240, 1106), (21, "8", 243, 1090, 251, 1105), (22, "c", 254, 1090, 267, 1106)),
        )
    ],
    "a word as high as several lines": [
        _line(28, ("XXR", 172, 1126, 206, 1357), ("Eine", 214, 1331, 272, 1352), ("Vollmacht", 284, 1331, 414, 1352))
    ],
    "one line goes on where another ends": [
        _line(28, ("der", 250, 1085, 299, 1106)),
        _line(28, ("Bescheid", 300, 1085, 402, 1106)),
        _line(28, ("an", 403, 1085, 440, 1106), ("Sie", 452, 1085, 490, 1106)),
    ],
}


@pytest.mark.parametrize("turn", [0, 90])
@pytest.mark.parametrize("kind", TOUCHING)
def test_words_of_lines_that_touch_are_words_of_their_own(tmp_path: Path, kind: str, turn: int) -> None:
    """Readers make one word of signs that stand close behind each other, unless a space comes between."""
    lines = TOUCHING[kind] if turn == 0 else [_upwards(line) for line in TOUCHING[kind]]
    block = Block(tuple(lines), around([line.box for line in lines]))
    page = RecognisedPage(1, 2000, 2000, 200.0, 200.0, 0, 0.0, 1, 0.1, 90.0, (block,))
    source, pdf = _scan(tmp_path / "scan.pdf", [page]), tmp_path / "document.pdf"
    build_archive_pdf(str(source), inspect_scan(str(source), RULES), [page], str(pdf))
    told = sorted(word.text for line in lines for word in line.words)
    document = pypdfium2.PdfDocument(pdf)
    try:
        found = document[0].get_textpage().get_text_range()
    finally:
        document.close()
    assert sorted(found.split()) == told
    assert sorted(word for word, _box in words_shown(pdf)[0]) == told


def _upwards(line: Line) -> Line:
    """The line as it stands on a page that was scanned on its side."""
    parts = [
        Word(
            word.text,
            word.confidence,
            PixelBox(word.box.top, 2000 - word.box.right, word.box.bottom, 2000 - word.box.left),
            (word.baseline[1], 2000 - word.baseline[0], word.baseline[3], 2000 - word.baseline[2]),
        )
        for word in line.words
    ]
    return Line(tuple(parts), around([word.box for word in parts]), line.size_px)


SMALL = Path(__file__).resolve().parents[2] / "samples" / "small" / "inbox"


@pytest.mark.parametrize(
    "file",
    [
        "hagenow/invoices/rechnung-0001.jpg",  # a table, skewed by 1.4 degrees
        "luebz/invoices/rechnung-0002.pdf",  # a table, skewed by 1.1 degrees
        "parchim/post/scan0002.tif",  # upside down, and skewed by 0.8 degrees
        "schwerin/post/scan0001.pdf",
    ],
)
def test_every_word_that_was_recognised_lies_at_its_place(tmp_path: Path, file: str) -> None:
    """Words as Tesseract finds them: boxes that are a little off, sizes that vary, specks among them."""
    source = SMALL / file
    facts = inspect_scan(str(source), RULES)
    pages = recognise_pages(str(source), facts, 1, facts.pages, str(tmp_path / "pages"), RULES)
    pdf, alto = tmp_path / "document.pdf", tmp_path / "document.alto.xml"
    build_archive_pdf(str(source), facts, pages, str(pdf))
    engine = EngineFacts("Tesseract", "5.3.0", "deu", "0" * 64)
    write_alto(alto, pages, file_name="document.pdf", engine=engine, software="Poststraße", version="0.1.0")
    shown, told = words_shown(pdf), words_told(alto, pages, pdf)
    assert sum(len(page) for page in told) > 100
    far = [each for a, b in zip(told, shown, strict=True) for each in furthest(a, b) if each[0] > TOLERANCE_PT]
    assert far == []


def _read(pdf: Path) -> list[str]:
    """The text of each page in the order in which pdftotext reads it."""
    run = subprocess.run([need("pdftotext"), pdf, "-"], capture_output=True, check=True)
    return run.stdout.decode("utf-8").split("\f")[:-1]


def test_a_word_beside_its_place_is_seen(tmp_path: Path) -> None:
    """The comparison itself: it notices a word that lies 3 pt off, and one that is not there."""
    told = [("Amt", (10.0, 10.0, 30.0, 20.0)), ("fehlt", (50.0, 10.0, 70.0, 20.0))]
    assert furthest(told, [("Amt", (13.0, 10.0, 33.0, 20.0))]) == [(float("inf"), "fehlt"), (3.0, "Amt")]
