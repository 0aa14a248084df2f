"""Columns of single figures that no word covers are known by their places; no box, rule or speck becomes a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from pipeline.adapters.incoming.lone_figures import columns_of_figures, figures_of_rows, without_frames
from pipeline.adapters.incoming.page_pictures import Gray
from pipeline.adapters.incoming.page_survey import LetterPlaces
from pipeline.adapters.incoming.raster_words import RasterBlock, RasterLine, RasterWord
from tests.incoming_sheets import FONT

pytestmark = pytest.mark.unit

Place = tuple[int, int]

ROWS = [200 + 20 * n for n in range(7)]
TEXT = [(x, y) for y in ROWS for x in range(160, 400, 6)]
POSITIONS = [(105, y) for y in ROWS]


def _told(left_out: Sequence[Place], others: Sequence[Place] = TEXT, *, level: bool = True) -> bool:
    places = np.array([*others, *left_out], np.int64)
    out = np.array(left_out, np.int64).reshape(-1, 2)
    shape = (1169, 827)
    if not level:
        places, out, shape = places[:, ::-1], out[:, ::-1], shape[::-1]
    return columns_of_figures(LetterPlaces(np.ascontiguousarray(places), shape), out, level=level)


@pytest.mark.parametrize("level", [True, False])
def test_a_column_of_single_marks_beside_lines_is_told(level: bool) -> None:
    assert _told(POSITIONS, level=level)
    assert _told(POSITIONS[2:5], level=level)


@pytest.mark.parametrize(
    "left_out",
    [
        [],
        POSITIONS[:2],
        [(105, y + 10) for y in ROWS],
        [(x, y) for y in ROWS for x in (105, 112)],
        [(40 + 14 * n, y) for n, y in enumerate(ROWS)],
        [(105, 200), (105, 260), (105, 320)],
    ],
    ids=["nothing", "two", "between the lines", "two beside each other", "specks anywhere", "far from each other"],
)
def test_other_marks_are_not(left_out: Sequence[Place]) -> None:
    assert not _told(left_out)


def _row(base: int, size: float = 29.0) -> RasterLine:
    return RasterLine((RasterWord("Stück", 95.0, 300, base - 22, 370, base),), float(base), size)


LINES = [_row(400 + 40 * n) for n in range(5)]


def _figure(text: str, base: int, left: int = 205, sure: float = 96.0, tall: int = 21) -> RasterWord:
    return RasterWord(text, sure, left, base - tall, left + 13, base)


def _block(words: Sequence[RasterWord]) -> list[RasterBlock]:
    return [RasterBlock(tuple(RasterLine((word,), float(word.bottom), 40.0) for word in words))]


def _found(words: Sequence[RasterWord], lines: Sequence[RasterLine] = LINES) -> list[str]:
    kept = figures_of_rows(_block(words), lines)
    return [word.text for block in kept for line in block.lines for word in line.words]


FIGURES = [_figure(str(n + 1), 400 + 40 * n) for n in range(4)]


def test_figures_of_rows_are_believed_and_nothing_else_is() -> None:
    others = [
        _figure("7", 400 + 40 * 4, left=700),
        _figure("D", 400 + 40 * 4, left=205),
        RasterWord("Pos.", 97.0, 205, 340, 260, 361),
    ]
    assert _found([*FIGURES, *others]) == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    "words",
    [
        FIGURES[:2],
        [replace(word, text="1") for word in FIGURES],
        [replace(word, confidence=80.0) for word in FIGURES],
        [replace(word, top=word.top - 15, bottom=word.bottom - 15) for word in FIGURES],
        [replace(word, top=word.bottom - 6) for word in FIGURES],
        [replace(word, top=word.bottom - 34) for word in FIGURES],
        [replace(word, text="12") for word in FIGURES],
        [replace(word, left=205 + 60 * n, right=218 + 60 * n) for n, word in enumerate(FIGURES)],
        [replace(word, text="²") for word in FIGURES],
    ],
    ids=["two", "strokes", "unsure", "raised", "specks", "tall", "numbers", "not below each other", "raised figures"],
)
def test_a_column_in_doubt_brings_nothing(words: Sequence[RasterWord]) -> None:
    assert _found(words) == []


def test_turned_lines_are_no_rows() -> None:
    assert _found(FIGURES, [replace(line, runs="up") for line in LINES]) == []


def _drawn(sign: str, size: int) -> tuple[Gray, RasterWord]:
    image = Image.new("L", (200, 200), 255)
    draw = ImageDraw.Draw(image)
    if sign == "box":
        box = (60, 60, 60 + size, 60 + size)
        draw.rectangle(box, outline=0, width=max(1, size // 12))
    else:
        font = ImageFont.truetype(str(FONT), size)
        draw.text((60, 60), sign, font=font, fill=0)
        box = draw.textbbox((60, 60), sign, font=font)
    raster = np.array(image)
    ys, xs = np.nonzero(raster < 140)
    return raster, RasterWord("0", 96.0, int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1)


@pytest.mark.parametrize("size", [20, 30, 48])
@pytest.mark.parametrize("sign", [*"0123456789", "box"])
def test_boxes_are_no_figures_and_figures_no_boxes(sign: str, size: int) -> None:
    raster, word = _drawn(sign, size)
    assert bool(list(without_frames(_block([word]), raster))) == (sign != "box")
