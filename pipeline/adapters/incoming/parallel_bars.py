"""Marks of a few parallel bars (patch codes, the frame of our cover sheets) in the picture of a page.

A run-length detector. The page is averaged into narrow strips across the bars: along them, 1.5 mm become one value, so
that noise, JPEG blocks and letters blur away while bars of 19 mm and more stay. In every strip the runs of dark and
light are compared with the wanted pattern, whatever its scale; strips that agree one after the other, with the drift
of a page up to 8 degrees askew, are a mark. Two looks, for bars along the page and across it; either reading direction.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.domain.separator_marks import INCH_MM, span

Gray = npt.NDArray[np.uint8]
Axis = Literal["across", "down"]

_WORKING_DPI = 100
_STRIP_MM = 1.5
_NEIGHBOURHOOD_MM = 30.0
_LEAST_CONTRAST = 14
_LARGEST_SKEW = math.tan(math.radians(8.0))
_WIDTH_TOLERANCE = 0.42
_QUIET_UNITS = 1.3
_SKIPPED_STRIPS = 5
_LARGEST_STEP_MM = 0.6
_DENSITY = 0.4
_OFF_LINE_MM = 0.3


@dataclass(frozen=True)
class BarPattern:
    """What to look for: widths of the bars in units, spaces of one unit between them, the unit in mm.

    `shortest_mm`: how long the bars must be at least. `quiet`: whether nothing may stand close to the outer bars.
    `scale`: how much smaller and larger than meant it may be printed.
    """

    name: str
    widths: tuple[float, ...]
    unit_mm: float
    shortest_mm: float
    quiet: bool = True
    scale: tuple[float, float] = (0.80, 1.25)


@dataclass(frozen=True)
class BarMark:
    """Where a pattern was found. `axis`: the reading direction, `across` from the left or `down` from the top.

    `place`: the middle of the bars along the reading direction, 0 to 1 of the page. `from_mm`, `to_mm`: how far the
    bars reach in the other direction. `near_mm`, `far_mm`: the outer edges of the bars in the reading direction.
    """

    name: str
    axis: Axis
    place: float
    from_mm: float
    to_mm: float
    near_mm: float
    far_mm: float

    @property
    def length_mm(self) -> float:
        """How long the bars are, as far as they could be followed."""
        return self.to_mm - self.from_mm


@dataclass(frozen=True)
class Strips:
    """A page averaged for one reading direction: its dark runs, by strip, in pixels of the reduced picture."""

    axis: Axis
    length_px: int
    px_per_mm: float
    strip_mm: float
    strip: npt.NDArray[np.intp]
    start: npt.NDArray[np.intp]
    end: npt.NDArray[np.intp]


@dataclass
class _Chain:
    """Strips, one after the other, in which the same pattern was seen."""

    strips: list[int]
    middles: list[float]
    ends: list[tuple[int, int]]


def strips_of(gray: Gray, dpi: float) -> tuple[Strips, Strips]:
    """The page made ready for `find_bars`, for bars upright on it and for bars lying on it. `dpi` above 0."""
    factor = max(1, int(dpi // _WORKING_DPI))
    small = _reduced(gray, factor, factor)
    px_per_mm = dpi / factor / INCH_MM
    return _strips(small, px_per_mm, "across"), _strips(np.ascontiguousarray(small.T), px_per_mm, "down")


def find_bars(looks: Sequence[Strips], patterns: Sequence[BarPattern]) -> list[BarMark]:
    """All marks of the patterns, in the order of looks and patterns, from the first strip to the last."""
    return [mark for strips in looks for pattern in patterns for mark in _marks(strips, pattern)]


def count_strips(looks: Sequence[Strips], patterns: Sequence[BarPattern]) -> tuple[int, int]:
    """In how many strips a pattern was seen at all, and how many at most belong to each other."""
    seen = longest = 0
    for strips in looks:
        for pattern in patterns:
            hits = _hits(strips, pattern)
            seen += len(hits)
            longest = max(longest, *(len(chain.strips) for chain in _chains(strips, hits)), 0)
    return seen, longest


def _reduced(picture: Gray, down: int, across: int) -> Gray:
    """Blocks of whole pixels averaged, which costs a tenth of averaging by fractions; a rest at the end is cut off."""
    high, wide = max(1, picture.shape[0] // down), max(1, picture.shape[1] // across)
    whole = picture[: high * down, : wide * across]
    return np.asarray(cv2.resize(whole, (wide, high), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _strips(small: Gray, px_per_mm: float, axis: Axis) -> Strips:
    height = max(1, round(_STRIP_MM * px_per_mm))
    rows = _reduced(small, height, 1)
    dark = np.pad(_dark(rows, px_per_mm), ((0, 0), (1, 1)))
    changes = np.flatnonzero(dark[:, 1:] != dark[:, :-1])  # in every strip one from light to dark, one back
    strip, start = np.divmod(changes[0::2], dark.shape[1] - 1)
    end = changes[1::2] % (dark.shape[1] - 1)
    return Strips(axis, rows.shape[1], px_per_mm, height / px_per_mm, strip, start, end)


def _dark(rows: Gray, px_per_mm: float) -> npt.NDArray[np.bool_]:
    """Darker than half way between the lightest and the darkest of the neighbourhood along the strip."""
    kernel = np.ones((1, round(_NEIGHBOURHOOD_MM * px_per_mm) | 1), dtype=np.uint8)
    lightest, darkest = cv2.dilate(rows, kernel).astype(np.int16), cv2.erode(rows, kernel).astype(np.int16)
    contrast = lightest - darkest
    return np.asarray((rows < darkest + contrast // 2) & (contrast >= _LEAST_CONTRAST), dtype=np.bool_)


def _marks(strips: Strips, pattern: BarPattern) -> list[BarMark]:
    found = []
    for chain in _chains(strips, _hits(strips, pattern)):
        from_mm, to_mm = chain.strips[0] * strips.strip_mm, (chain.strips[-1] + 1) * strips.strip_mm
        dense = len(chain.strips) >= _DENSITY * (chain.strips[-1] - chain.strips[0] + 1)
        if to_mm - from_mm < pattern.shortest_mm or not dense or not _straight(strips, chain):
            continue
        near = min(start for start, _ in chain.ends) / strips.px_per_mm
        far = max(end for _, end in chain.ends) / strips.px_per_mm
        place = float(np.median(chain.middles)) / strips.length_px
        found.append(BarMark(pattern.name, strips.axis, place, from_mm, to_mm, near, far))
    return found


def _hits(strips: Strips, pattern: BarPattern) -> npt.NDArray[Any]:
    """Strip, first and last pixel of each place where the runs fit the pattern; rows sorted by strip."""
    bars = len(pattern.widths)
    count = len(strips.strip) - bars + 1
    if count < 1:
        return np.empty((0, 3), dtype=np.intp)
    first, last = np.arange(count), np.arange(bars - 1, bars - 1 + count)
    total = strips.end[last] - strips.start[first]
    whole = span(pattern.widths)
    nominal = whole * pattern.unit_mm * strips.px_per_mm
    smallest, largest = (nominal * scale for scale in pattern.scale)
    fits = (strips.strip[first] == strips.strip[last]) & (total >= smallest) & (total <= largest)
    at = first[fits]
    unit = total[fits] / whole
    tolerance = unit * _WIDTH_TOLERANCE + 0.5
    good = np.ones(len(at), dtype=np.bool_)
    for index, width in enumerate(pattern.widths):
        good &= np.abs(strips.end[at + index] - strips.start[at + index] - width * unit) <= tolerance
        if index + 1 < bars:
            good &= np.abs(strips.start[at + index + 1] - strips.end[at + index] - unit) <= tolerance
    if pattern.quiet:
        good &= _quiet(strips, at, at + bars - 1, unit * _QUIET_UNITS)
    at = at[good]
    return np.stack([strips.strip[at], strips.start[at], strips.end[at + bars - 1]], axis=1)


def _quiet(
    strips: Strips, first: npt.NDArray[np.intp], last: npt.NDArray[np.intp], room_px: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Whether the run before and the run after, where there is one in the same strip, keep their distance."""
    before, after = np.maximum(first - 1, 0), np.minimum(last + 1, len(strips.strip) - 1)
    alone_before = (first == 0) | (strips.strip[before] != strips.strip[first])
    alone_after = (last == len(strips.strip) - 1) | (strips.strip[after] != strips.strip[last])
    left = alone_before | (strips.start[first] - strips.end[before] >= room_px)
    right = alone_after | (strips.start[after] - strips.end[last] >= room_px)
    return np.asarray(left & right, dtype=np.bool_)


def _chains(strips: Strips, hits: npt.NDArray[Any]) -> list[_Chain]:
    """Hits of neighbouring strips joined; a hole or a stain may hide a few strips."""
    chains: list[_Chain] = []
    for strip, start, end in hits.tolist():
        middle = (start + end) / 2
        for chain in chains:
            steps = strip - chain.strips[-1]
            drift_px = (steps * strips.strip_mm * _LARGEST_SKEW + _LARGEST_STEP_MM) * strips.px_per_mm
            if 1 <= steps <= _SKIPPED_STRIPS and abs(middle - chain.middles[-1]) <= drift_px:
                chain.strips.append(strip)
                chain.middles.append(middle)
                chain.ends.append((start, end))
                break
        else:
            chains.append(_Chain([strip], [middle], [(start, end)]))
    return chains


def _straight(strips: Strips, chain: _Chain) -> bool:
    """Bars are straight: what lies off the line through the strips is a fraction of a narrow bar."""
    if len(chain.strips) < 3:
        return False
    line = np.polyfit(chain.strips, chain.middles, 1)
    off = np.abs(np.polyval(line, chain.strips) - np.asarray(chain.middles))
    steepest = strips.strip_mm * _LARGEST_SKEW * strips.px_per_mm
    return bool(float(np.median(off)) <= _OFF_LINE_MM * strips.px_per_mm and abs(line[0]) <= steepest)
