"""Words of pages that a program set, when the page is to be shown turned: the order and places of the upright page."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.incoming.own_text import own_text_page
from pipeline.adapters.incoming.scan_source import inspect_scan
from tests.incoming_sheets import RULES

pytestmark = pytest.mark.integration

ROWS = (
    "Gebührenübersicht der Stadt Parchim",
    "Straße                  Gebühr            fällig",
    "Lange Straße 12         128,50 EUR        01.03.2026",
    "Am Amtsturm 3           64,20 EUR         15.04.2026",
    "Mit freundlichen Grüßen",
    "Jürgen Weißenböck",
)


def letter(path: Path, turn: int, beside: bool = False) -> Path:
    """Upright when it is shown turned clockwise by `turn`. `beside`: with a printer's mark outside the crop box."""
    canvas = Canvas(str(path), pagesize=A4)
    canvas.setFont("Helvetica", 11)
    for row, text in enumerate(ROWS):
        for place, cell in enumerate(part for part in text.split("  ") if part.strip()):
            canvas.drawString(60 + 170 * place, 760 - 40 * row, cell.strip())
    if beside:
        canvas.drawString(60, 834, "Bogen7")
    canvas.showPage()
    canvas.save()
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        page = pdf.pages[0]
        wide, high = A4
        if beside:
            page.CropBox = pikepdf.Array([0, 0, wide, 820])
        turned = {0: "", 90: f"0 1 -1 0 {high} 0 cm", 180: f"-1 0 0 -1 {wide} {high} cm", 270: f"0 -1 1 0 0 {wide} cm"}
        if turn:
            page.contents_add(f"q {turned[turn]}".encode(), prepend=True)
            page.contents_add(b"Q")
            page.MediaBox = pikepdf.Array([0, 0, wide, high] if turn == 180 else [0, 0, high, wide])
            page.Rotate = turn
        pdf.save(path)
    return path


def read(path: Path) -> tuple[list[str], list[tuple[int, int, int, int]], tuple[int, int]]:
    facts = inspect_scan(str(path), RULES)
    page = own_text_page(str(path), facts, 1)
    assert page is not None
    words = [word for line in page.lines() for word in line.words]
    boxes = [(word.box.left, word.box.top, word.box.right, word.box.bottom) for word in words]
    return [word.text for word in words], boxes, (page.width_px, page.height_px)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_reads_as_the_upright_one(tmp_path: Path, turn: int) -> None:
    upright, places, (wide, high) = read(letter(tmp_path / "upright.pdf", 0))
    words, boxes, _size = read(letter(tmp_path / "turned.pdf", turn))
    assert words == upright
    back = {
        90: lambda box: (wide - box[3], box[0], wide - box[1], box[2]),
        180: lambda box: (wide - box[2], high - box[3], wide - box[0], high - box[1]),
        270: lambda box: (box[1], high - box[2], box[3], high - box[0]),
    }[turn]
    for told, wanted in zip((back(box) for box in boxes), places, strict=True):
        assert all(abs(one - other) <= 3 for one, other in zip(told, wanted, strict=True)), (told, wanted)


def test_what_lies_beside_the_shown_page_is_no_word_of_it(tmp_path: Path) -> None:
    words, _boxes, _size = read(letter(tmp_path / "sheet.pdf", 0, beside=True))
    assert "Bogen7" not in words
    assert words == read(letter(tmp_path / "upright.pdf", 0))[0]
