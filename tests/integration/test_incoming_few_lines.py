"""Pages of one line or a few: read whichever way up they were fed, or kept for a person; never garbage on its head."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from pipeline.adapters.incoming.recognition import recognise_pages
from pipeline.adapters.incoming.scan_source import inspect_scan
from tests.incoming_sheets import RULES

pytestmark = pytest.mark.integration

_FONTS = Path("/usr/share/fonts/truetype/liberation2")
_FACES = {"sans": "LiberationSans-Regular", "bold": "LiberationSans-Bold", "serif": "LiberationSerif-Regular"}
_PAGES = [  # text, points, face
    ("IBAN DE02 1203 0000 0000 2020 51", 11, "sans"),
    ("Anlagen", 28, "bold"),
    ("Anlage 1", 14, "sans"),
    ("Anlage A", 16, "bold"),
    ("Anhang 3", 11, "sans"),
    ("Lageplan", 11, "sans"),
    ("Lageplan\n1:500", 24, "serif"),
    ("Kopie", 11, "sans"),
    ("Entwurf", 16, "bold"),
    ("Nr. 17", 11, "sans"),
    ("Posteingang", 16, "bold"),
    ("EINSCHREIBEN", 11, "sans"),
    ("PERSÖNLICH\nVERTRAULICH", 16, "bold"),
    ("ANLAGEN ZUM ANTRAG", 11, "sans"),
    ("1.250,00 EUR", 11, "sans"),
    ("i. A. Müller", 24, "serif"),
    ("gez. Lange\nBürgermeister", 11, "sans"),
    ("Mit freundlichen Grüßen\n\nIm Auftrag\n\nSchröder", 11, "sans"),
    ("Hochachtungsvoll\n\nP. Neumann", 24, "serif"),
    ("Seite 2 von 2", 11, "sans"),
    ("Diese Seite ist absichtlich leer.", 11, "sans"),
    ("15.03.2026", 16, "bold"),
    ("Az. 32-0815/2026", 11, "sans"),
    ("19370 Parchim", 24, "serif"),
    ("0385 5450", 16, "bold"),
    ("Band II", 24, "serif"),
    ("Vollmacht", 26, "bold"),
    ("Bauantrag", 36, "serif"),
]
_SAMPLE = [
    pytest.param(*page, turn, (200, 300)[(place + step) % 2], id=f"{page[0].split()[0]}-{turn}")
    for place, page in enumerate(_PAGES)
    for step, turn in enumerate((0, 180) if place % 2 else (90 * (place // 2 % 2) + 180, 0))
]


def _page(path: Path, text: str, points: int, face: str, turn: int, dpi: int) -> Path:
    image = Image.new("L", (round(210 / 25.4 * dpi), round(297 / 25.4 * dpi)), 250)
    font = ImageFont.truetype(_FONTS / f"{_FACES[face]}.ttf", round(points * dpi / 72))
    ImageDraw.Draw(image).multiline_text((round(1.2 * dpi), round(1.5 * dpi)), text, fill=0, font=font)
    image.rotate(-turn, expand=True).save(path, dpi=(dpi, dpi), compression="tiff_deflate")
    return path


@pytest.mark.parametrize(("text", "points", "face", "turn", "dpi"), _SAMPLE)
def test_a_page_of_few_lines_is_never_shown_on_its_head_unasked(
    tmp_path: Path, text: str, points: int, face: str, turn: int, dpi: int
) -> None:
    source = _page(tmp_path / "page.tif", text, points, face, turn, dpi)
    facts = inspect_scan(str(source), RULES)
    (page,) = recognise_pages(str(source), facts, 1, 1, str(tmp_path / "out"), RULES)
    assert page.trouble is not None or (page.rotation + turn) % 360 == 0
