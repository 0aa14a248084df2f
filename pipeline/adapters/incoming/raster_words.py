"""Words as the recogniser gives them, in pixels of the raster that it read."""

from __future__ import annotations

from dataclasses import dataclass


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
    """A line of words; `base` is the y of its baseline, `size` that of its type, in pixels of the raster."""

    words: tuple[RasterWord, ...]
    base: float
    size: float


@dataclass(frozen=True)
class RasterBlock:
    """A block of lines."""

    lines: tuple[RasterLine, ...]
