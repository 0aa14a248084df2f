"""Marks go on fronts only: which pages are fronts follows from the ranges of pages, or from what a letter asks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.letters.reading import read_letters
from pipeline.domain.geometry import Rect
from pipeline.domain.pages import LetterRange
from pipeline.domain.profiles import Plex
from tests.letter_sheets import RULES

pytestmark = pytest.mark.integration

ZONE = Rect(4.0, 150.0, 22.0, 188.0)


def letter(path: Path, pages: int, inked: int) -> Path:
    """A letter with a black square at the place of the marks on page `inked`."""
    pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))
    canvas = Canvas(str(path), pagesize=A4, invariant=1, initialFontName="Vera")
    for page in range(1, pages + 1):
        canvas.setFont("Vera", 10)
        for number, line in enumerate(("Erika Muster", "Weg 1", "19053 Schwerin") if page == 1 else ("Text",)):
            canvas.drawString(25 * mm, (297 - 68 - 5 * number) * mm, line)
        if page == inked:
            canvas.rect(8 * mm, (297 - 165) * mm, 5 * mm, 5 * mm, stroke=0, fill=1)
        canvas.showPage()
    canvas.save()
    return path


@pytest.mark.parametrize(
    ("plex", "ranges", "fronts"),
    [
        ("simplex", (), {1, 2, 3, 4, 5}),
        ("duplex", (), {1, 3, 5}),
        ("duplex", ("1 simplex",), {1, 2, 4}),
        ("simplex", ("3- duplex",), {1, 2, 3, 5}),
        ("duplex", ("4- duplex",), {1, 3, 4}),
    ],
)
def test_ink_is_refused_on_fronts_and_on_no_back(
    tmp_path: Path, plex: Plex, ranges: tuple[str, ...], fronts: set[int]
) -> None:
    rules = replace(RULES, forms=("B",), plex_ranges=ranges)
    refused = set()
    for inked in range(1, 6):
        source = letter(tmp_path / "letter.pdf", 5, inked)
        (reading,) = read_letters(
            str(source), [LetterRange(1, 1, 5)], rules, {"B": [ZONE]}, plex, str(tmp_path / "letters.pdf")
        )
        assert reading.code in (None, "mark-zone-occupied")
        if reading.code is not None:
            assert reading.page == inked
            refused.add(inked)
    assert refused == fronts


def test_a_letter_that_names_its_own_plex_has_no_ranges(tmp_path: Path) -> None:
    rules = replace(RULES, forms=("B",), plex_ranges=("1 simplex",))
    source = letter(tmp_path / "letter.pdf", 5, 2)
    own = LetterRange(1, 1, 5, "duplex")
    (reading,) = read_letters(str(source), [own], rules, {"B": [ZONE]}, "simplex", str(tmp_path / "letters.pdf"))
    assert reading.code is None
