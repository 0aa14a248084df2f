"""Pages of columns, where glyphs stand under each other, are read and shown upright, whichever way they were fed."""

from __future__ import annotations

import dataclasses
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pikepdf
import pytest
from PIL import Image, ImageDraw, ImageFont

from pipeline.adapters.incoming.alto import write_alto
from pipeline.adapters.incoming.archive_pdf import build_archive_pdf
from pipeline.adapters.incoming.checks import check_archive_pdf
from pipeline.adapters.incoming.page_geometry import mapped_box, quarter_turn
from pipeline.adapters.incoming.recognition import recognise_pages
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.domain.recognised import Block, EngineFacts, Line, RecognisedPage, Word
from tests.incoming_sheets import FONT, RULES, encoded
from tests.needs import need

pytestmark = pytest.mark.integration

need("tesseract")
need("pdftotext")

_DPI = 150
_TURNS = (0, 90, 180, 270)
_WORDS = ("Bescheid", "Zahlung", "Gemeinde", "Antrag", "Frist", "Konto", "Straße", "Kasse", "Haus", "Betrag", "Amt")
_SPACE = {"a": "http://www.loc.gov/standards/alto/ns-v4#"}


@dataclass(frozen=True)
class _Kind:
    """A sort of page: how it is drawn, what a reader must find on it, and after how many readings."""

    draw: Callable[[ImageDraw.ImageDraw, ImageFont.FreeTypeFont], None]
    phrases: tuple[str, ...]
    passes: int


def _columns(draw: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont) -> None:
    draw.text((150, 90), "Liste der Grundsteuerzahlungen 2026", font=font, fill=0)
    for row in range(30):
        number = f"{(1234 + 377 * row) % 9000 + 1000}"
        amount = f"{(87 * row) % 890 + 101},{(37 * row) % 89 + 10} EUR"
        cells = (number, _WORDS[row % 11], _WORDS[(row * 3 + 1) % 11], amount)
        for x, cell in zip((150, 300, 570, 860), cells, strict=True):
            draw.text((x, 145 + row * 49), cell, font=font, fill=0)


def _numbered(draw: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont) -> None:
    for row in range(30):
        name = ("Müller", "Schröder", "Nöhring")[row % 3]
        text = f"{row + 1}. Bescheid über die Grundsteuer für {name}, {10 + (37 * row) % 89} Blatt"
        draw.text((150, 145 + row * 49), text, font=font, fill=0)


def _invoice(draw: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont) -> None:
    for row, text in enumerate(("Rechnung Nummer 4711", "für die Gemeinde Grabow", "vom 3. März 2026")):
        draw.text((150, 120 + row * 45), text, font=font, fill=0)
    heads = ("Pos", "Bezeichnung", "Menge", "Preis", "Summe")
    rows = [
        (f"{n}", f"Papier {_WORDS[n % 11]}", f"{n + 10} St", f"{n + 2},50", f"{(n + 10) * (n + 2)},00")
        for n in range(1, 25)
    ]
    for row, cells in enumerate([heads, *rows]):
        for x, cell in zip((150, 240, 600, 760, 930), cells, strict=True):
            draw.text((x, 300 + row * 45), cell, font=font, fill=0)
        draw.line((140, 340 + row * 45, 1090, 340 + row * 45), fill=0, width=1)
    draw.text((150, 1480), "Bitte überweisen Sie den Betrag auf unser Konto.", font=font, fill=0)


KINDS = {
    "columns": _Kind(_columns, ("Liste der Grundsteuerzahlungen", "101,10 EUR", "188,47 EUR"), 1),
    "numbered": _Kind(_numbered, ("1. Bescheid über die", "30. Bescheid über", "Grundsteuer für Schröder"), 2),
    "invoice": _Kind(_invoice, ("Rechnung Nummer 4711", "für die Gemeinde Grabow", "auf unser Konto"), 2),
}


def _page(kind: str, turn: int) -> Image.Image:
    """A page of A4 that must be turned clockwise by `turn` to stand upright."""
    image = Image.new("L", (1240, 1754), 255)
    KINDS[kind].draw(ImageDraw.Draw(image), ImageFont.truetype(str(FONT), 25))
    return image.rotate(turn, expand=True)


@pytest.mark.parametrize("turn", _TURNS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_of_columns_stands_upright_and_can_be_searched_by_phrases(kind: str, turn: int, tmp_path: Path) -> None:
    source = tmp_path / "page.png"
    source.write_bytes(encoded(_page(kind, turn), "PNG", dpi=(_DPI, _DPI)))
    facts = inspect_scan(str(source), RULES)
    pages = recognise_pages(str(source), facts, 1, 1, str(tmp_path / "pages"), RULES)
    pdf = tmp_path / "document.pdf"
    pdf_facts = build_archive_pdf(str(source), facts, pages, str(pdf))
    assert (pages[0].rotation, pages[0].trouble) == (turn, None)
    assert check_archive_pdf(str(pdf), pages, pdf_facts) == []
    run = subprocess.run([need("pdftotext"), pdf, "-"], capture_output=True, check=True)
    found = " ".join(run.stdout.decode("utf-8").split())
    assert [phrase for phrase in KINDS[kind].phrases if phrase not in found] == []
    if turn == 0:
        assert pages[0].passes <= KINDS[kind].passes


@pytest.fixture(scope="module")
def upright(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RecognisedPage]:
    """The numbered list, recognised."""
    folder = tmp_path_factory.mktemp("columns")
    source = folder / "page.png"
    source.write_bytes(encoded(_page("numbered", 0), "PNG", dpi=(_DPI, _DPI)))
    return source, recognise_pages(str(source), inspect_scan(str(source), RULES), 1, 1, str(folder), RULES)[0]


def _misread(page: RecognisedPage) -> RecognisedPage:
    """The page as if it had been read and turned by 90 degrees too far: the same words, each laid across its box."""

    def word(old: Word) -> Word:
        box = old.box
        return dataclasses.replace(old, baseline=(box.left, box.bottom, box.left, box.top))

    blocks = tuple(
        Block(tuple(dataclasses.replace(line, words=tuple(map(word, line.words))) for line in block.lines), block.box)
        for block in page.blocks
    )
    return dataclasses.replace(page, rotation=90, blocks=blocks)


def test_the_check_doubts_a_page_that_is_shown_lying(upright: tuple[Path, RecognisedPage], tmp_path: Path) -> None:
    source, page = upright
    wrong = _misread(page)
    pdf = tmp_path / "lying.pdf"
    build_archive_pdf(str(source), inspect_scan(str(source), RULES), [wrong], str(pdf))
    findings = check_archive_pdf(str(pdf), [wrong])
    assert [(finding.kind, finding.page) for finding in findings] == [("text", 1)]


def test_the_check_doubts_a_layer_that_runs_upside_down(upright: tuple[Path, RecognisedPage], tmp_path: Path) -> None:
    source, page = upright
    pdf = tmp_path / "over.pdf"
    build_archive_pdf(str(source), inspect_scan(str(source), RULES), [page], str(pdf))
    assert check_archive_pdf(str(pdf), [page]) == []
    with pikepdf.open(pdf, allow_overwriting_input=True) as document:
        document.pages[0].obj.Rotate = 180
        document.save(pdf)
    kinds = {finding.kind for finding in check_archive_pdf(str(pdf), [dataclasses.replace(page, rotation=180)])}
    assert kinds == {"text"}


def _turned(page: RecognisedPage, turn: int) -> RecognisedPage:
    """The upright page as it would be found on a picture that must be turned by `turn`."""
    back = quarter_turn((360 - turn) % 360, page.width_px, page.height_px)
    sides = (page.width_px, page.height_px) if turn % 180 == 0 else (page.height_px, page.width_px)

    def word(old: Word) -> Word:
        box, baseline = old.box, old.baseline
        ends = (*back.apply(*baseline[:2]), *back.apply(*baseline[2:]))
        return Word(old.text, old.confidence, mapped_box(back, box.left, box.top, box.right, box.bottom, *sides), ends)

    blocks = tuple(
        Block(tuple(Line(tuple(map(word, line.words)), line.box, line.size_px) for line in block.lines), block.box)
        for block in page.blocks
    )
    return dataclasses.replace(page, width_px=sides[0], height_px=sides[1], rotation=turn, blocks=blocks)


@pytest.mark.parametrize("turn", _TURNS)
def test_a_space_in_alto_is_the_gap_between_its_neighbours(
    upright: tuple[Path, RecognisedPage], tmp_path: Path, turn: int
) -> None:
    page = _turned(upright[1], turn)
    write_alto(
        tmp_path / "alto.xml",
        [page],
        file_name="document.pdf",
        engine=EngineFacts("Tesseract", "5", "deu", ""),
        software="x",
        version="1",
    )
    spaces = 0
    for line in ElementTree.parse(tmp_path / "alto.xml").getroot().iterfind(".//a:TextLine", _SPACE):
        boxes = [[int(part.get(key, "-1")) for key in ("HPOS", "VPOS", "WIDTH", "HEIGHT")] for part in line]
        for before, space, after in zip(boxes[0::2], boxes[1::2], boxes[2::2], strict=False):
            along = 0 if turn % 180 == 0 else 1
            first, second = (before, after) if turn in (0, 270) else (after, before)
            assert space[along] == first[along] + first[along + 2]
            assert space[along] + space[along + 2] == second[along]
            assert space[3 - along] <= max(before[3 - along], after[3 - along])
            spaces += 1
    assert spaces > 100
