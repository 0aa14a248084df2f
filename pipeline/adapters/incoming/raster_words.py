"""Words as the recogniser gives them, in pixels of the raster that it read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.adapters.incoming.page_geometry import Affine

Runs = Literal["level", "up", "down"]
"""Which way a line runs on the raster: from left to right, or turned by 90 degrees."""


@dataclass(frozen=True)
class RasterWord:
    """A word with its box in pixels of the raster. `confidence` 0 to 100."""

    text: str
    confidence: float
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class RasterLine:
    """A line of words; `base` is the y of its baseline, `size` that of its type, in pixels of the raster.

    Where it `runs` up or down, `base` is the x of its baseline.
    """

    words: tuple[RasterWord, ...]
    base: float
    size: float
    runs: Runs = "level"


@dataclass(frozen=True)
class RasterBlock:
    """A block of lines."""

    lines: tuple[RasterLine, ...]


def moved(word: RasterWord, way: Affine) -> RasterWord:
    """The word where `way` leads, which may turn by quarters and stretch."""
    (x0, y0), (x1, y1) = way.apply(word.left, word.top), way.apply(word.right, word.bottom)
    left, right, top, bottom = round(min(x0, x1)), round(max(x0, x1)), round(min(y0, y1)), round(max(y0, y1))
    return RasterWord(word.text, word.confidence, left, top, right, bottom)
