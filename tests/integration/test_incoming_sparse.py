"""Pages of a word or a line stand upright, or wait: upside down, capitals and figures make almost as much sense."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from pipeline.adapters.incoming.recognition import recognise_pages
from pipeline.adapters.incoming.scan_source import inspect_scan
from tests.incoming_sheets import RULES
from tests.needs import need

pytestmark = pytest.mark.integration

need("tesseract")

_FONTS = Path("/usr/share/fonts/truetype/liberation2")
_LINES = (
    ("IBAN DE02 1203 0000 0000 2020 51", "Sans-Regular", 11),
    ("Anlagen", "Sans-Bold", 28),
    ("Anlage 1", "Sans-Regular", 14),
    ("1.250,00 EUR", "Sans-Regular", 11),
    ("EINSCHREIBEN", "Sans-Bold", 16),
    ("i. A. Müller", "Sans-Bold", 16),
    ("Lageplan 1:500", "Sans-Regular", 11),
    ("Kopie", "Sans-Regular", 11),
    ("0385 5450", "Serif-Regular", 24),
    ("ANLAGEN ZUM ANTRAG", "Serif-Regular", 24),
    ("Posteingang", "Serif-Regular", 24),
    ("Az. 32-0815/2026", "Sans-Bold", 16),
    ("BAUGENEHMIGUNG", "Sans-Bold", 36),
)


def _sheet(text: str, font: str, points: int, dpi: int, seed: int) -> Image.Image:
    """The line in the upper half of an A4 page, as a scanner shows it."""
    sheet = Image.new("L", (round(8.27 * dpi), round(11.69 * dpi)), 250)
    face = ImageFont.truetype(str(_FONTS / f"Liberation{font}.ttf"), round(points * dpi / 72))
    ImageDraw.Draw(sheet).text((2.3 * dpi, 4.3 * dpi), text, font=face, fill=0)
    soft = np.asarray(sheet.filter(ImageFilter.GaussianBlur(0.5)), dtype=np.float32)
    noise = np.random.default_rng(seed).normal(0, 2, soft.shape)
    return Image.fromarray(np.clip(soft + noise, 0, 255).astype(np.uint8))


@pytest.mark.parametrize(("turns", "dpi"), [((0, 180), 200), ((90, 270), 200), ((0, 180), 300)])
def test_a_page_of_one_line_is_upright_or_waits(tmp_path: Path, turns: tuple[int, int], dpi: int) -> None:
    if not (_FONTS / "LiberationSans-Bold.ttf").is_file():
        pytest.skip("no font Liberation")
    lines = [(line, turns[number % 2]) for number, line in enumerate(_LINES)]
    sheets = [_sheet(*line, dpi, number).rotate(turn, expand=True) for number, (line, turn) in enumerate(lines)]
    source = tmp_path / "scan.tif"
    sheets[0].save(source, save_all=True, append_images=sheets[1:], dpi=(dpi, dpi), compression="tiff_lzw")
    facts = inspect_scan(str(source), RULES)
    pages = recognise_pages(str(source), facts, 1, len(sheets), str(tmp_path / "pages"), RULES)
    silent = [
        (line[0], page.rotation, turn)
        for page, (line, turn) in zip(pages, lines, strict=True)
        if page.trouble is None and page.rotation != turn
    ]
    assert silent == []
    read = [" ".join(word.text for row in page.lines() for word in row.words) for page in pages]
    right = sum(text == line[0] for text, (line, _turn) in zip(read, lines, strict=True))
    assert right >= len(lines) - 2, read
