"""Which marks of a sheet paper, desk and scanner left: edges, staples, folds, punched holes, specks.

Lengths in mm from the picture's top left corner.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.adapters.incoming.page_marks import FOLD_SPAN, FOLD_THICK_MM, Mark, Sheet

_SPECK_MM, _SPECKS_MM = 1.3, 4.0
_EDGE_LINE_MM, _LINE_THICK_MM, _LINE_LENGTH_MM = 18.0, 1.2, 40.0
_FOLD_SOLID = 0.45
_FOLD_BENT = 0.004  # of its length
_MOST_PIECES = 24
_SLOPE = 0.1  # of an edge or a fold against the picture: 5.7 degrees
_HOLE_MM, _HOLE_FILLED, _HOLE_FROM_EDGE_MM = (4.5, 8.0), 0.75, 22.0  # the first two across the hole
_RIM_MM, _RIM_OFF_MM, _RIM_TURN = (
    1.0,
    0.25,
    math.pi / 2,
)  # of a hole's shadow: thickness, how far off a circle, least arc
_ALIKE_MM, _ALIKE_AREA = 1.2, 0.5  # two holes of one punch: width, and area of the smaller over the larger
_HOLE_PITCH_MM, _HOLE_OFF_MM, _HOLE_MIDDLE_MM = 80.0, 3.0, 20.0  # ISO 838
_STAPLE_MM, _STAPLE_THICK_MM, _STAPLE_SOLID, _CORNER_MM = (8.0, 14.0), 1.5, 0.65, 20.0
_STAPLE_SLANT = 0.5  # 27 degrees: it cuts the corner off, where a hand writes upright or level
_DRAWN_MM = 16.0  # longer than a staple


def is_drawn(mark: Mark) -> bool:
    """Whether a mark is certainly none of the paper's own: too broad for a hole, or a long line across the sheet."""
    return mark.thick_mm > _HOLE_MM[1] + 2 or (mark.long_mm > _DRAWN_MM and mark.slope > 2 * _SLOPE)


def of_paper(found: Sequence[Mark], sheet: Sheet) -> list[Mark]:
    """Those of these marks that paper, desk or scanner left: edges, staples, folds, holes, specks."""
    own = {mark for mark in found if _is_edge_line(mark, sheet) or _is_staple(mark, sheet) or _is_specks(mark)}
    own |= _folds([mark for mark in found if mark not in own], sheet)
    own |= _holes([mark for mark in found if mark not in own], sheet)
    return [mark for mark in found if mark in own]


def _is_specks(mark: Mark) -> bool:
    """A few specks that happen to lie together; type that is broken into dots has more of them, in a longer row."""
    return mark.piece_mm < _SPECK_MM and mark.size < _SPECKS_MM


def _is_edge_line(mark: Mark, sheet: Sheet) -> bool:
    """The shadow of the sheet's edge: a long thin line beside an edge of the picture."""
    if mark.long_mm < _LINE_LENGTH_MM or mark.thick_mm > _LINE_THICK_MM or mark.slope > _SLOPE:
        return False
    near = _EDGE_LINE_MM
    if mark.right - mark.left > mark.bottom - mark.top:
        return mark.bottom <= near or mark.top >= sheet.height_mm - near
    return mark.right <= near or mark.left >= sheet.width_mm - near


def _is_staple(mark: Mark, sheet: Sheet) -> bool:
    """A straight line of even width that cuts off a corner of the sheet; any other short stroke may be a hand's."""
    least, most = _STAPLE_MM
    straight = mark.area_mm2 >= _STAPLE_SOLID * mark.long_mm * mark.thick_mm
    slanted = mark.slope >= _STAPLE_SLANT
    if not (least <= mark.long_mm <= most and mark.thick_mm <= _STAPLE_THICK_MM and straight and slanted):
        return False
    on_left, on_top = mark.right <= _CORNER_MM, mark.bottom <= _CORNER_MM
    on_right, on_foot = mark.left >= sheet.width_mm - _CORNER_MM, mark.top >= sheet.height_mm - _CORNER_MM
    falling = float(np.vdot(mark.rows - mark.rows.mean(), mark.columns - mark.columns.mean())) > 0
    return (
        ((on_right and on_top) or (on_left and on_foot))
        if falling
        else ((on_left and on_top) or (on_right and on_foot))
    )


def _folds(found: Sequence[Mark], sheet: Sheet) -> set[Mark]:
    """The marks that lie on one thin straight line across most of the sheet, perhaps broken."""
    thin = [mark for mark in found if _is_thin(mark)]
    folded: set[Mark] = set()
    for level in (True, False):
        pieces = [_Piece.of(mark, level) for mark in thin if _may_lie(mark, level)]
        span = FOLD_SPAN * (sheet.width_mm if level else sheet.height_mm)
        for line in _lines(pieces):
            reach = max(piece.end for piece in line) - min(piece.start for piece in line)
            if reach >= span and sum(piece.end - piece.start for piece in line) >= span / 2:
                folded.update(piece.mark for piece in line)
    return folded


def _is_thin(mark: Mark) -> bool:
    """Whether it may be a piece of a fold; a long one is not quite straight, and touches specks."""
    solid = mark.area_mm2 >= _FOLD_SOLID * mark.long_mm * min(mark.thick_mm, FOLD_THICK_MM)
    return mark.thick_mm <= FOLD_THICK_MM + _FOLD_BENT * mark.long_mm and solid


def _may_lie(mark: Mark, level: bool) -> bool:
    wide, high = mark.right - mark.left, mark.bottom - mark.top
    return mark.long_mm < 3 * FOLD_THICK_MM or (mark.slope <= _SLOPE and (wide > high) == level)


@dataclass(frozen=True)
class _Piece:
    """A mark as part of a line: from `start` to `end` along it, `at` across it."""

    start: float
    end: float
    at: float
    mark: Mark

    @classmethod
    def of(cls, mark: Mark, level: bool) -> _Piece:
        x, y = (mark.left + mark.right) / 2, (mark.top + mark.bottom) / 2
        return cls(mark.left, mark.right, y, mark) if level else cls(mark.top, mark.bottom, x, mark)

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2


def _lines(pieces: Sequence[_Piece]) -> Iterator[list[_Piece]]:
    """Sets of pieces that lie on one line: every piece alone, and through each two of the longest ones."""
    for piece in pieces:
        yield [piece]
    longest = sorted(pieces, key=lambda piece: piece.start - piece.end)[:_MOST_PIECES]
    for first, second in itertools.combinations(longest, 2):
        along = second.middle - first.middle
        if abs(along) < 1.0 or abs(second.at - first.at) > _SLOPE * abs(along):
            continue
        slope = (second.at - first.at) / along
        yield [p for p in pieces if abs(first.at + slope * (p.middle - first.middle) - p.at) <= FOLD_THICK_MM]


def _holes(found: Sequence[Mark], sheet: Sheet) -> set[Mark]:
    """Discs and arcs of a hole's rim that have one like themselves beside the same edge; a lone one may be drawn."""
    small = [mark for mark in found if mark.size <= _HOLE_MM[1] and _from_edges(mark, sheet) <= _HOLE_FROM_EDGE_MM]
    round_ones = [hole for hole in (_Hole.of(mark, sheet.mm) for mark in small[:_MOST_PIECES]) if hole is not None]
    holes: set[Mark] = set()
    for first, second in itertools.combinations(round_ones, 2):
        if first.is_like(second) and _are_pair(first, second, sheet):
            holes |= {first.mark, second.mark}
    return holes


@dataclass(frozen=True)
class _Hole:
    """A mark that may be a hole or part of its rim: centre and width of the circle through it."""

    x: float
    y: float
    width_mm: float
    full: bool
    mark: Mark

    @classmethod
    def of(cls, mark: Mark, mm: float) -> _Hole | None:
        """The hole that this mark shows; None where it is not round."""
        wide, high = mark.right - mark.left, mark.bottom - mark.top
        if min(wide, high) >= _HOLE_MM[0] and mark.filled >= _HOLE_FILLED:
            return cls((mark.left + mark.right) / 2, (mark.top + mark.bottom) / 2, max(wide, high), True, mark)
        x, y = (mark.columns + 0.5) / mm, (mark.rows + 0.5) / mm
        sides = np.column_stack((x, y, np.ones_like(x)))
        (a, b, c), _rest, rank, _values = np.linalg.lstsq(sides, x**2 + y**2, rcond=None)
        if rank < 3:
            return None
        reach = np.hypot(x - a / 2, y - b / 2)
        radius = math.sqrt(max(float(c) + float(a) ** 2 / 4 + float(b) ** 2 / 4, 0.0))
        if not _HOLE_MM[0] <= 2 * radius <= _HOLE_MM[1] or np.percentile(reach, 95) - np.percentile(reach, 5) > _RIM_MM:
            return None
        turn = mark.area_mm2 / max(radius * float(np.ptp(reach)), 1e-9)
        if float(np.std(reach)) > _RIM_OFF_MM or turn < _RIM_TURN:
            return None
        return cls(float(a) / 2, float(b) / 2, 2 * radius, False, mark)

    def is_like(self, other: _Hole) -> bool:
        """Whether one punch may have made both."""
        small, large = sorted((self.mark.area_mm2, other.mark.area_mm2))
        alike = self.full == other.full and small >= _ALIKE_AREA * large
        return alike and abs(self.width_mm - other.width_mm) <= _ALIKE_MM


def _from_edges(mark: Mark, sheet: Sheet) -> float:
    """How far its centre is from the nearest edge of the picture."""
    x, y = (mark.left + mark.right) / 2, (mark.top + mark.bottom) / 2
    return min(x, y, sheet.width_mm - x, sheet.height_mm - y)


def _are_pair(first: _Hole, second: _Hole, sheet: Sheet) -> bool:
    """Whether both stand where a punch makes its two holes (ISO 838)."""
    upright = abs(second.y - first.y) > abs(second.x - first.x)
    apart, off = abs(second.y - first.y), abs(second.x - first.x)
    middle, side = (first.y + second.y) / 2, sheet.height_mm
    across, other = first.x, sheet.width_mm
    if not upright:
        apart, off = off, apart
        middle, side = (first.x + second.x) / 2, sheet.width_mm
        across, other = first.y, sheet.height_mm
    return (
        abs(apart - _HOLE_PITCH_MM) <= _HOLE_OFF_MM
        and off <= _SLOPE * apart
        and abs(middle - side / 2) <= _HOLE_MIDDLE_MM
        and min(across, other - across) <= _HOLE_FROM_EDGE_MM
    )
