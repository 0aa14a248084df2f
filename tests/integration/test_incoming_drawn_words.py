"""Words that a page made by a program draws as shapes are recognised and join its text; logos and charts are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.incoming.documents import build_package
from pipeline.adapters.incoming.drawn_words import joined
from pipeline.adapters.incoming.package_contents import verify_thoroughly
from pipeline.adapters.incoming.page_files import read_page, write_page
from pipeline.adapters.incoming.recognition import recognise_pages
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.domain.recognised import RecognisedPage, Word
from tests import kind_pages as pages
from tests.incoming_sheets import FONT, RULES
from tests.needs import need
from tests.outlines import draw_outlined
from tests.package_requests import recognised_request

pytestmark = pytest.mark.integration

need("tesseract")

MM = 72 / 25.4
IMPRINT = "Eingang 22.11.2026 Poststelle Nr. 000123"
Draw = Callable[[Canvas], None]


def made(path: Path, *draws: Draw) -> Path:
    """A page of A4 with one line of its own type, and what else is drawn."""
    pdfmetrics.registerFont(TTFont("Vera", str(FONT)))
    canvas = Canvas(str(path), pagesize=(595, 842), invariant=1, initialFontName="Vera", initialFontSize=9)
    for draw in draws:
        draw(canvas)
    canvas.setFont("Vera", 9)
    canvas.drawString(20 * MM, 285 * MM, IMPRINT)
    canvas.showPage()
    canvas.save()
    return path


def read(source: Path, folder: Path) -> RecognisedPage:
    return recognise_pages(str(source), inspect_scan(str(source), RULES), 1, 1, str(folder), RULES)[0]


def body(canvas: Canvas) -> None:
    """A letter in outlines."""
    for number, line in enumerate(pages.LETTER):
        draw_outlined(canvas, FONT, 25 * MM, (240 - 7 * number) * MM, line, 11)


def own_letter(canvas: Canvas) -> None:
    """The same as type."""
    canvas.setFont("Vera", 11)
    for number, line in enumerate(pages.LETTER):
        canvas.drawString(25 * MM, (240 - 7 * number) * MM, line)


def logo(canvas: Canvas) -> None:
    """A coat of arms and a town's name in outlines."""
    canvas.setFillColorRGB(0.1, 0.2, 0.6)
    canvas.circle(170 * MM, 275 * MM, 9 * MM, fill=1)
    canvas.setFillColorRGB(0, 0, 0)
    draw_outlined(canvas, FONT, 130 * MM, 260 * MM, "Landeshauptstadt Schwerin", 16)
    draw_outlined(canvas, FONT, 130 * MM, 254 * MM, "Stadt der Seen", 11)


def table(canvas: Canvas) -> None:
    """Rules, a table's lines and a dashed line to cut along."""
    for place in range(12):
        canvas.line(25 * MM, (90 + 6 * place) * MM, 185 * MM, (90 + 6 * place) * MM)
        canvas.line((25 + 14 * place) * MM, 90 * MM, (25 + 14 * place) * MM, 156 * MM)
    canvas.setDash(4, 4)
    canvas.line(0, 60 * MM, 210 * MM, 60 * MM)
    canvas.setDash()


def chart(canvas: Canvas) -> None:
    """Columns, and a curve of many points."""
    for place in range(24):
        canvas.rect((30 + 6 * place) * MM, 20 * MM, 4 * MM, (5 + place * 7 % 23) * MM, fill=1)
        canvas.circle((30 + 6 * place) * MM, (50 + place * 5 % 9) * MM, 0.7 * MM, fill=1)


def receipt(canvas: Canvas) -> None:
    """A picture with words."""
    picture = ImageReader(pages.printed(pages.small_print(7), 200))
    canvas.drawImage(picture, 31 * MM, 40 * MM, 148 * MM, 105 * MM)


def test_a_letter_in_outlines_is_read_and_its_own_words_stay(tmp_path: Path) -> None:
    page = read(made(tmp_path / "outlines.pdf", body), tmp_path)
    assert (page.own_text, page.trouble) == (True, None)
    assert page.own().text == IMPRINT + "\n"
    assert page.drawn_blocks > 0
    assert page.passes > 0
    words = page.laid().text.split()
    assert [key for key in pages.KEYS if not any(key in word for word in words)] == []
    assert not any(word in words for word in IMPRINT.split())
    assert read_page(tmp_path, 1) == page


@pytest.mark.parametrize("turn", [90, 180])
def test_turned_pages_are_read_as_well(tmp_path: Path, turn: int) -> None:
    source = made(tmp_path / "upright.pdf", body)
    with pikepdf.open(source) as pdf:
        pdf.pages[0].Rotate = turn
        pdf.save(tmp_path / "turned.pdf")
    page = read(tmp_path / "turned.pdf", tmp_path)
    assert page.drawn_blocks > 0
    assert "Mühlenweg" in page.laid().text


def test_the_archive_finds_every_word_at_its_place(tmp_path: Path) -> None:
    request = recognised_request(made(tmp_path / "outlines.pdf", body), tmp_path)
    (tmp_path / "out").mkdir()
    result = build_package(request, str(tmp_path / "out"))
    assert (result.review, result.pdfa) == ((), "2b")
    bag = tmp_path / "out" / "bag"
    assert verify_thoroughly(bag) == []
    text = (bag / "data" / "document.txt").read_text("utf-8")
    assert IMPRINT in text
    assert "Mühlenweg" in text
    document = pypdfium2.PdfDocument(str(bag / "data" / "document.pdf"))
    found = document[0].get_textpage()
    assert found.get_text_range().count(IMPRINT) == 1  # not laid over itself
    assert "Mühlenweg" in found.get_text_range()
    shown = found.get_text_bounded(25 * MM, 224 * MM, 130 * MM, 232 * MM)  # the third line
    found.close()
    document.close()
    assert "Mühlenweg" in shown


@pytest.mark.parametrize(
    "draws", [(logo,), (table,), (chart,), (logo, table, chart)], ids=["logo", "table", "chart", "all"]
)
def test_an_ordinary_letter_stays_as_it_is(tmp_path: Path, draws: tuple[Draw, ...]) -> None:
    page = read(made(tmp_path / "letter.pdf", own_letter, *draws), tmp_path)
    assert (page.own_text, page.trouble, page.drawn_blocks) == (True, None, 0)
    assert "Mühlenweg" in page.text


def test_an_ordinary_letter_is_not_read_at_all(tmp_path: Path) -> None:
    page = read(made(tmp_path / "letter.pdf", own_letter, logo, table), tmp_path)
    assert page.passes == 0


def test_a_single_sentence_is_noticed_where_the_page_hardly_says_more(tmp_path: Path) -> None:
    def sentence(canvas: Canvas) -> None:
        draw_outlined(canvas, FONT, 25 * MM, 200 * MM, "Hiermit kündige ich fristlos.", 11)

    page = read(made(tmp_path / "short.pdf", sentence), tmp_path)
    assert page.laid().text == "Hiermit kündige ich fristlos.\n"


def test_guesses_are_left_out(tmp_path: Path) -> None:
    """Drawings are read as words now and then, unsurely."""
    page = read(made(tmp_path / "outlines.pdf", body), tmp_path)
    own, sure = page.own(), page.laid()
    guess = [
        replace(block, lines=tuple(replace(line, words=_unsure(line.words)) for line in block.lines))
        for block in sure.blocks
    ]
    together = joined(own, replace(sure, blocks=(*guess, *sure.blocks)), lambda _read: 20, 60)
    assert (together.blocks, together.trouble) == ((*own.blocks, *sure.blocks), None)
    assert joined(own, replace(sure, blocks=tuple(guess)), lambda _read: 20, 60) == own
    assert joined(own, sure, lambda _read: 2, 60) == own
    doubtful = joined(own, sure, lambda _read: 20, 99.9)
    assert (doubtful.trouble, doubtful.drawn_blocks) == ("low-confidence", len(sure.blocks))


def _unsure(words: tuple[Word, ...]) -> tuple[Word, ...]:
    return tuple(replace(word, confidence=20.0) for word in words)


def test_words_in_a_picture_are_still_for_a_person(tmp_path: Path) -> None:
    page = read(made(tmp_path / "both.pdf", body, receipt), tmp_path)
    assert (page.own_text, page.trouble) == (True, "picture-with-text")
    assert page.drawn_blocks > 0
    assert "Mühlenweg" in page.laid().text
    assert "Säumniszuschläge" not in page.text


def test_an_annotation_with_words_is_read(tmp_path: Path) -> None:
    source = made(tmp_path / "plain.pdf", own_letter)
    with pikepdf.open(source) as pdf:
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        lines = ("Ich widerspreche dem Bescheid vom letzten Monat,", "weil die Rechnung einen falschen Betrag nennt.")
        shown = "".join(f"BT /F 12 Tf 5 {40 - 20 * row} Td ({line}) Tj ET " for row, line in enumerate(lines))
        look = pdf.make_stream(
            shown.encode("ascii"), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 400, 60],
            Resources=pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font)),
        )  # fmt: skip
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FreeText, Rect=[70, 200, 470, 260], F=4,
            Contents=pikepdf.String(" ".join(lines)), AP=pikepdf.Dictionary(N=look),
        )  # fmt: skip
        pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(note)])
        pdf.save(tmp_path / "noted.pdf")
    page = read(tmp_path / "noted.pdf", tmp_path)
    assert page.drawn_blocks > 0
    assert "widerspreche" in page.laid().text


def test_pages_that_contradict_themselves_are_impossible(tmp_path: Path) -> None:
    page = read(made(tmp_path / "outlines.pdf", own_letter), tmp_path)
    write_page(tmp_path, page)
    with pytest.raises(ValueError, match="drawn blocks"):
        RecognisedPage(**{**vars(page), "drawn_blocks": len(page.blocks) + 1})
    with pytest.raises(ValueError, match="drawn blocks"):
        RecognisedPage(**{**vars(page), "own_text": False, "drawn_blocks": 1})
