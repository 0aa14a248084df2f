"""Where the words of a page lie in points, seen along the direction in which their line runs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.domain.recognised import Line, RecognisedPage

Placer = Callable[[float, float], tuple[float, float]]
"""From pixels of the page picture to points of the page."""
_LEVEL_DEGREES = 10.0
_LEAST_POINTS = 0.5


@dataclass(frozen=True)
class PlacedWord:
    """A word in points: `begin` to `end` along its line's direction, `low` to `high` across it."""

    text: str
    begin: float
    end: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """From begin to end."""
        return self.end - self.begin


@dataclass(frozen=True)
class PlacedLine:
    """Words whose line runs in the direction with this cosine and sine. `size`: of the type, in points."""

    cos: float
    sin: float
    size: float
    words: tuple[PlacedWord, ...]


def placed_lines(page: RecognisedPage, to_points: Placer) -> list[PlacedLine]:
    """All lines of a page. A line within 10 degrees of an axis runs along the axis, and its words are their boxes."""
    return [_placed(line, to_points) for line in page.lines()]


def _placed(line: Line, to_points: Placer) -> PlacedLine:
    first, last = line.words[0].baseline, line.words[-1].baseline
    (x0, y0), (x1, y1) = to_points(*first[:2]), to_points(*last[2:])
    cos, sin, level = _direction(x1 - x0, y1 - y0)
    size = _size_points(line, to_points)
    words = []
    for word in line.words:
        ends = (word.baseline[:2], word.baseline[2:])
        if level:
            ends = ((word.box.left, word.box.bottom), (word.box.right, word.box.top))
        points = [to_points(*end) for end in ends]
        along = sorted(x * cos + y * sin for x, y in points)
        across = sorted(y * cos - x * sin for x, y in points)
        if not level:
            middle = sum(across) / 2
            across = [middle - 0.2 * size, middle + 0.7 * size]
        end = max(along[1], along[0] + _LEAST_POINTS)
        words.append(PlacedWord(word.text, along[0], end, across[0], across[1]))
    return PlacedLine(cos, sin, size, tuple(words))


def _direction(dx: float, dy: float) -> tuple[float, float, bool]:
    """Cosine and sine of a line's direction, and whether it was within 10 degrees of an axis: then it is the axis."""
    length = math.hypot(dx, dy)
    if length == 0:
        return 1.0, 0.0, True
    degrees = math.degrees(math.atan2(dy, dx))
    nearest = round(degrees / 90) * 90
    level = abs(degrees - nearest) <= _LEVEL_DEGREES
    angle = math.radians(nearest if level else degrees)
    return round(math.cos(angle), 5) + 0.0, round(math.sin(angle), 5) + 0.0, level


def _size_points(line: Line, to_points: Placer) -> float:
    """The type size in points: the line's pixels measured across its direction."""
    x0, y0, x1, y1 = line.words[0].baseline[:2] + line.words[-1].baseline[2:]
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    across = (-(y1 - y0) / length * line.size_px, (x1 - x0) / length * line.size_px)
    here, there = to_points(x0, y0), to_points(x0 + across[0], y0 + across[1])
    return max(math.hypot(there[0] - here[0], there[1] - here[1]), 1.0)
