"""Pages of nothing but type are no spoilt separators, whatever codes a reader sees in their grain and small print."""

from __future__ import annotations

import random
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.incoming.code_remains import may_be_matrix
from pipeline.adapters.incoming.separator_codes import Area
from pipeline.adapters.incoming.separators import find_separator
from pipeline.adapters.incoming.type_alone import is_type_alone
from pipeline.domain.profiles import SeparationRules
from samples.paper import Paper, printed, scan

pytestmark = pytest.mark.integration

Gray = npt.NDArray[np.uint8]
RULES = SeparationRules(by=("cover-sheet", "text-code", "patch-2", "patch-t"))
WORDS = ("Auftragnehmer", "haftet", "nach", "den", "Vorschriften", "dieses", "Vertrages", "und", "der", "Satzung")


def title(tmp_path: Path, text: str, points: float, dpi: int, **paper: object) -> Gray:
    path = tmp_path / "title.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    canvas.setFont("Helvetica-Bold", points)
    canvas.drawString(80 * mm, 170 * mm, text)
    canvas.save()
    return scan(printed(path.read_bytes(), dpi)[0], Paper(dpi=dpi, seed=3, **paper))  # type: ignore[arg-type]


def small_print(tmp_path: Path, points: float, dpi: int, columns: int = 3) -> Gray:
    path, rng = tmp_path / "terms.pdf", random.Random(7)
    canvas = Canvas(str(path), pagesize=A4)
    canvas.setFont("Helvetica", points)
    wide = 186 * mm / columns
    for column in range(columns):
        top = 283 * mm
        while top > 12 * mm:
            line = rng.choice(WORDS)
            while canvas.stringWidth(f"{line} Vorschriften", "Helvetica", points) < wide - 4 * mm:
                line += f" {rng.choice(WORDS)}"
            canvas.drawString(12 * mm + column * wide, top, line)
            top -= 1.12 * points
    canvas.save()
    return scan(printed(path.read_bytes(), dpi)[0], Paper(dpi=dpi, seed=3))


TITLES = [("Anlage 1", 28), ("Anlagen", 28), ("Anhang A", 32), ("Teil 2", 40), ("Beiakte", 48)]


@pytest.mark.parametrize(("text", "points"), TITLES)
@pytest.mark.parametrize(("dpi", "noise"), [(200, 4.0), (300, 1.0)])
def test_a_title_alone_is_no_doubt(tmp_path: Path, text: str, points: float, dpi: int, noise: float) -> None:
    picture = title(tmp_path, text, points, dpi, noise=noise)
    assert find_separator(picture, dpi, RULES) == (None, None)


@pytest.mark.parametrize(("points", "dpi"), [(6, 200), (7, 200), (8, 200), (6, 300)])
def test_small_print_in_columns_is_no_doubt(tmp_path: Path, points: float, dpi: int) -> None:
    assert find_separator(small_print(tmp_path, points, dpi), dpi, RULES) == (None, None)


def test_type_stands_in_lines_any_way_up(tmp_path: Path) -> None:
    for rotation, degrees in ((0, 3.0), (90, 0.0), (180, -4.0), (270, 2.0)):
        assert is_type_alone(title(tmp_path, "Anlage 1", 28, 200, rotation=rotation, skew_degrees=degrees), 200)


def test_bars_blocks_and_squares_are_no_type(tmp_path: Path) -> None:
    plain = title(tmp_path, "TRENNSEITE", 28, 200)
    assert is_type_alone(plain, 200)
    rng = np.random.default_rng(3)
    bars, block, squares = plain.copy(), plain.copy(), plain.copy()
    for number in range(9):
        cv2.rectangle(bars, (500 + 30 * number, 1500), (510 + 30 * number, 1650), 20, -1)
    cv2.rectangle(block, (500, 1500), (800, 1650), 20, -1)
    cells = np.where(rng.random((14, 14)) < 0.5, 20, 245).astype(np.uint8)
    squares[1500:1710, 500:710] = cv2.resize(cells, (210, 210), interpolation=cv2.INTER_NEAREST)
    for page in (bars, block, squares):
        assert not is_type_alone(page, 200)
    assert may_be_matrix(squares, 200, Area(63.5, 190.5, 90.2, 217.2))
    assert not may_be_matrix(plain, 200, Area(20, 20, 40, 40))


def test_an_empty_page_shows_no_type() -> None:
    assert not is_type_alone(np.full((2338, 1654), 250, dtype=np.uint8), 200)
