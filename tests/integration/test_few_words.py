"""How many words a page says, told from its ink."""

from __future__ import annotations

import random
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.incoming.few_words import may_say_little, says_little, words_beside
from pipeline.adapters.incoming.separator_codes import Area, ink_of
from samples.paper import Paper, printed, scan

pytestmark = pytest.mark.integration

Gray = npt.NDArray[np.uint8]
WORDS = ("Bitte", "dieses", "Blatt", "vor", "jeden", "neuen", "Vorgang", "legen", "und", "mit", "bedruckten", "Seite")


def page(tmp_path: Path, words: int, points: float, block: bool = False) -> bytes:
    path = tmp_path / "page.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    canvas.setFont("Helvetica", points)
    rng = random.Random(words)
    line, top = "", 270 * mm
    for word in [*(rng.choice(WORDS) for _ in range(words)), None]:
        if word is None or stringWidth(f"{line} {word}", "Helvetica", points) > 165 * mm:
            canvas.drawString(20 * mm, top, line)
            line, top = "", top - 1.3 * points
        line = f"{line} {word}"
    if block:
        canvas.rect(60 * mm, 40 * mm, 60 * mm, 30 * mm, fill=1)
    canvas.save()
    return path.read_bytes()


@pytest.mark.parametrize("points", [10, 11, 12, 14])
@pytest.mark.parametrize("words", [12, 30, 60])
def test_words_are_counted_within_a_fourth(tmp_path: Path, words: int, points: float) -> None:
    pdf = page(tmp_path, words, points)
    for dpi, degrees, rotation in ((100, 0.0, 0), (150, 4.0, 90), (200, -3.0, 180)):
        picture = scan(printed(pdf, dpi)[0], Paper(dpi=dpi, skew_degrees=degrees, rotation=rotation, seed=2))
        assert 0.75 * words <= words_beside(picture, dpi, []) <= 1.25 * words + 2


def test_a_sheet_says_little_and_a_letter_does_not(tmp_path: Path) -> None:
    for words, points, little in ((20, 24, True), (60, 11, True), (40, 14, True), (150, 11, False), (250, 9, False)):
        picture = scan(printed(page(tmp_path, words, points), 150)[0], Paper(dpi=150, seed=3))
        ink = ink_of(picture, 150)
        assert says_little(picture, 150, ink, []) == little, (words, points)
        assert may_say_little(picture, 150, ink, []) == little, (words, points)


def test_rules_and_streaks_are_no_words_and_join_none(tmp_path: Path) -> None:
    """A table of 30 words between rules; streaks of a scanner's glass on a page that was set upright afterwards."""
    table, streaks = np.full((1754, 1240, 3), 250, np.uint8), np.full((1754, 1240, 3), 250, np.uint8)
    for row in range(6):
        at = 300 + 45 * row
        cv2.line(table, (100, at + 12), (1140, at + 12), (40,) * 3, 2)
        for column in range(5):
            cv2.putText(table, "41,50", (110 + 210 * column, at), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (25,) * 3, 2)
            cv2.line(table, (100 + 210 * column, 260), (100 + 210 * column, 540), (40,) * 3, 2)
    for number in range(20):
        cv2.line(streaks, (300 + 31 * number, 0), (300 + 31 * number, 1754), (60,) * 3, 2)
    for degrees in (0.0, 3.0, -4.5):
        paper = Paper(dpi=150, skew_degrees=degrees, seed=2)
        assert 22 <= words_beside(scan(table, paper), 150, []) <= 38
        assert words_beside(scan(streaks, paper), 150, []) <= 5


def test_what_stands_in_a_known_area_does_not_count(tmp_path: Path) -> None:
    picture = scan(printed(page(tmp_path, 30, 11, block=True), 150)[0], Paper(dpi=150, seed=3))
    ink = ink_of(picture, 150)
    known = [Area(60, 227, 120, 257)]
    assert words_beside(picture, 150, known) <= words_beside(picture, 150, [])
    assert says_little(picture, 150, ink, known)
    assert may_say_little(picture, 150, ink, [])
