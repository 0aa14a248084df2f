"""Marks on a sheet: strokes that belong together, and which of them paper, desk and scanner leave.

Lengths in mm from the picture's top left corner.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
Mask = NDArray[np.uint8]
_Axis = NDArray[np.intp]
_Pixels = tuple[_Axis, _Axis]

_MARGIN_MM = 3.0
_JOIN_MM = 0.6
_SPECK_MM, _SPECKS_MM = 1.3, 4.0
_LID_MM, _LID_LEVELS, _LID_SHARE = 25.0, 60.0, 0.8
_LETTERS_MM, _LETTERS_LIGHTER, _LETTERS_MM2 = 9, 20, 4  # light strokes in a dark zone: how thick, over it, how much
_BLACK, _BAND_MM, _BAND_SPAN, _BAND_ASKEW = 50, 7.0, 0.8, 0.01  # the last two of the sheet's side
_EDGE_LINE_MM, _LINE_THICK_MM, _LINE_LENGTH_MM = 18.0, 1.2, 40.0
_FOLD_SPAN, _FOLD_THICK_MM, _FOLD_SOLID = 0.6, 1.0, 0.45  # the first of the sheet's side
_FOLD_BENT = 0.004  # of its length
_MOST_PIECES = 24
_MOSTLY = 0.7  # of a line's length is thin
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
_MOST_MARKS = 150  # the largest; a page with more is hardly one that is nearly blank


@dataclass(frozen=True)
class Sheet:
    """A page picture. `coarse`: the picture, a pixel a mm; `paper`: the brightness of its paper, likewise.

    `dark`: how much darker than paper, 0 to 255. `lid`: 1 where the lid or the bed shows beside the sheet, a pixel a
    mm. `mm`: pixels of `dark` a mm.
    """

    coarse: Gray
    paper: Gray
    dark: Gray
    lid: Mask
    mm: float

    @property
    def width_mm(self) -> float:
        """Width of the picture."""
        return float(self.dark.shape[1] / self.mm)

    @property
    def height_mm(self) -> float:
        """Height of the picture."""
        return float(self.dark.shape[0] / self.mm)

    def inside(self, margin_mm: float) -> Gray:
        """What is dark, without a margin at each side."""
        edge = max(1, round(margin_mm * self.mm))
        return self.dark[edge:-edge, edge:-edge]

    def without(self, found: Sequence[Mark]) -> Sheet:
        """The sheet with these marks wiped away, and 0.5 mm around them."""
        if not found:
            return self
        wiped = np.zeros_like(self.dark)
        for mark in found:
            wiped[mark.rows, mark.columns] = 1
        reach = round(self.mm) | 1
        wiped = np.asarray(cv2.dilate(wiped, np.ones((reach, reach), np.uint8)), dtype=np.uint8)
        return replace(self, dark=np.where(wiped > 0, np.uint8(0), self.dark))


@dataclass(frozen=True, eq=False)
class Mark:
    """Strokes that belong together, within their upright box.

    `long_mm` and `thick_mm`: of the narrowest rectangle around them; `slope`: how far that lies off the rows or
    columns. `filled`: how much of the smallest circle around them is inked. `peak`: darkness, 0 to 255; `sharp`: the
    steepest rise within 0.34 mm over the peak, 0 to 1. `piece_mm`: length of the longest stroke that hangs together.
    `rows` and `columns`: its pixels.
    """

    left: float
    top: float
    right: float
    bottom: float
    area_mm2: float
    long_mm: float
    thick_mm: float
    slope: float
    filled: float
    peak: float
    sharp: float
    piece_mm: float
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]

    @property
    def size(self) -> float:
        """The longer side of its box."""
        return max(self.right - self.left, self.bottom - self.top)

    @property
    def is_drawn(self) -> bool:
        """Whether it is certainly none of the paper's own: too broad for a hole, or a long line across the sheet."""
        return self.thick_mm > _HOLE_MM[1] + 2 or (self.long_mm > _DRAWN_MM and self.slope > 2 * _SLOPE)


def lid_of(coarse: Gray) -> Mask:
    """1 where an evenly dark zone lies along an edge of the picture, at most 25 mm deep. `coarse`: a pixel a mm.

    A printed band lies there too: light strokes in it are type, and a band that is not black has its straight edge
    parallel to the page's, which a lid beside a sheet that lies askew has not.
    """
    dark = (coarse < _LID_SHARE * float(np.percentile(coarse, 75))).astype(np.uint8)
    found = np.zeros_like(dark)
    if not (dark[0].any() or dark[-1].any() or dark[:, 0].any() or dark[:, -1].any()):
        return found
    count, labels = cv2.connectedComponents(dark, connectivity=4)
    down, across = (np.minimum(np.arange(side), np.arange(side)[::-1]) for side in dark.shape)
    depth = np.minimum(down[:, None], across[None, :])
    for label in range(1, count):
        zone = labels == label
        if depth[zone].min() > 0 or depth[zone].max() > _LID_MM:
            continue
        inner = cv2.erode(zone.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1) > 0
        core = coarse[inner]
        even = core.size == 0 or float(np.subtract(*np.percentile(core, (95, 5)))) < _LID_LEVELS
        if even and not (core.size and _is_printed(coarse, zone, float(np.median(core)))):
            found[zone] = 1
    return np.asarray(cv2.dilate(found, np.ones((3, 3), np.uint8)), dtype=np.uint8)


def _is_printed(coarse: Gray, zone: NDArray[np.bool_], tone: float) -> bool:
    """Whether a dark zone at an edge carries light strokes, or is a band that is lighter than black."""
    square, wide = np.ones((_LETTERS_MM, _LETTERS_MM), np.uint8), _LETTERS_MM
    padded = cv2.copyMakeBorder(zone.astype(np.uint8), wide, wide, wide, wide, cv2.BORDER_REPLICATE)
    filled = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, square)[wide:-wide, wide:-wide]
    inner = cv2.erode(filled, np.ones((5, 5), np.uint8), borderValue=1) > 0
    lighter = cv2.morphologyEx(coarse, cv2.MORPH_TOPHAT, square) >= _LETTERS_LIGHTER
    if np.count_nonzero(lighter & inner) >= _LETTERS_MM2:
        return True
    return tone > _BLACK and any(_is_band(np.rot90(filled, turn)) for turn in range(4))


def _is_band(zone: Mask) -> bool:
    """Whether the zone lies along most of the picture's upper edge, with a straight edge parallel to it."""
    depths = np.where(zone.all(axis=0), zone.shape[0], np.argmin(zone, axis=0))
    depths = depths[depths > 0]
    if depths.size < _BAND_SPAN * zone.shape[1] or np.median(depths) < _BAND_MM:
        return False
    low, high = np.percentile(depths, (10, 90))
    return bool(high - low <= 1 + _BAND_ASKEW * zone.shape[1])


def marks(sheet: Sheet, level: float, least_length_mm: float, least_area_mm2: float, core: float = 0.0) -> list[Mark]:
    """The largest marks of at least this size where the sheet is as dark as `level` (0 to 255), within 3 mm of margin.

    Only those that are somewhere as dark as `core`.
    """
    mask = (sheet.dark >= level).astype(np.uint8)
    edge = max(1, round(_MARGIN_MM * sheet.mm))
    mask[:edge], mask[-edge:], mask[:, :edge], mask[:, -edge:] = 0, 0, 0, 0
    found = []
    for rows, columns in _groups(mask, sheet.mm, least_area_mm2):
        for part in _cut_off_line(sheet, rows, columns, least_area_mm2):
            sides = (np.ptp(part[0]) + 1, np.ptp(part[1]) + 1)
            dark_enough = core <= level or int(sheet.dark[part].max()) >= core
            if max(sides) >= least_length_mm * sheet.mm and dark_enough:
                found.append(_mark(sheet, *part))
    return found


def _groups(mask: Mask, mm: float, least_area_mm2: float) -> list[_Pixels]:
    """The largest sets of strokes of at least this area that lie within 0.6 mm of each other."""
    columns, rows = _points(mask)
    if columns.size == 0:
        return []
    reach = max(3, round(_JOIN_MM * mm)) | 1
    joined = cv2.dilate(mask, np.ones((reach, reach), np.uint8))[::2, ::2]  # every stroke is 3 pixels wide by now
    count, labels = cv2.connectedComponents(np.ascontiguousarray(joined), connectivity=8)
    own = labels[rows // 2, columns // 2]
    order = np.argsort(own, kind="stable")
    bounds = np.searchsorted(own[order], np.arange(1, count + 1))
    sizes = np.diff(bounds)
    largest = np.argsort(-sizes, kind="stable")[:_MOST_MARKS]
    chosen = largest[sizes[largest] >= least_area_mm2 * mm**2].tolist()
    parts = (order[bounds[group] : bounds[group + 1]] for group in chosen)
    return [(rows[part], columns[part]) for part in parts]


def _cut_off_line(sheet: Sheet, rows: _Axis, columns: _Axis, least_area_mm2: float) -> Iterator[_Pixels]:
    """The strokes as they are; or where a thin line across most of the sheet runs through them, that and the rest."""
    for along, across, side in ((columns, rows, sheet.dark.shape[1]), (rows, columns, sheet.dark.shape[0])):
        if np.ptp(along) < _FOLD_SPAN * side or np.ptp(across) < _FOLD_THICK_MM * sheet.mm:
            continue
        start = int(along.min())
        least, most = np.full(np.ptp(along) + 1, np.iinfo(np.intp).max), np.full(np.ptp(along) + 1, -1)
        np.minimum.at(least, along - start, across)
        np.maximum.at(most, along - start, across)
        thin = (most >= least) & (most - least < _FOLD_THICK_MM * sheet.mm)
        if np.count_nonzero(thin) < _MOSTLY * thin.size:
            continue
        places = np.nonzero(thin)[0]
        slope, offset = np.polyfit(places, (least[thin] + most[thin]) / 2, 1)
        on_line = np.abs(across - (slope * (along - start) + offset)) <= 0.7 * _FOLD_THICK_MM * sheet.mm
        yield rows[on_line], columns[on_line]
        rest = np.zeros_like(sheet.dark)
        rest[rows[~on_line], columns[~on_line]] = 1
        yield from _groups(rest, sheet.mm, least_area_mm2)
        return
    yield rows, columns


def _points(mask: Mask) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Columns and rows of what is set."""
    places = cv2.findNonZero(mask)
    if places is None:
        none = np.zeros(0, np.intp)
        return none, none
    pairs = places.reshape(-1, 2).astype(np.intp)
    return pairs[:, 0], pairs[:, 1]


def _mark(sheet: Sheet, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Mark:
    points = np.column_stack((columns, rows)).astype(np.float32)
    _centre, (side_a, side_b), angle = cv2.minAreaRect(points)
    _middle, radius = cv2.minEnclosingCircle(points)
    top, left = max(0, int(rows.min()) - 1), max(0, int(columns.min()) - 1)
    window = sheet.dark[top : int(rows.max()) + 2, left : int(columns.max()) + 2]
    own = np.zeros_like(window)
    own[rows - top, columns - left] = 1
    _count, _labels, stats, _centres = cv2.connectedComponentsWithStats(own, connectivity=8)
    peak = float(np.percentile(window[own > 0], 90))
    cross = np.ones((3, 3), np.uint8)
    rise = cv2.subtract(cv2.dilate(window, cross), cv2.erode(window, cross))[cv2.dilate(own, cross) > 0]
    slant = math.tan(math.radians(angle % 90))
    mm = sheet.mm
    return Mark(
        left=float(columns.min()) / mm,
        top=float(rows.min()) / mm,
        right=(float(columns.max()) + 1) / mm,
        bottom=(float(rows.max()) + 1) / mm,
        area_mm2=len(points) / mm**2,
        long_mm=(max(side_a, side_b) + 1) / mm,
        thick_mm=(min(side_a, side_b) + 1) / mm,
        slope=min(slant, 1 / max(slant, 1e-9)),
        filled=len(points) / (math.pi * (radius + 0.5) ** 2),
        peak=peak,
        sharp=min(1.0, float(np.percentile(rise, 80)) / max(peak, 1.0)),
        piece_mm=float(stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max()) / mm,
        rows=rows,
        columns=columns,
    )


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
        span = _FOLD_SPAN * (sheet.width_mm if level else sheet.height_mm)
        for line in _lines(pieces):
            reach = max(piece.end for piece in line) - min(piece.start for piece in line)
            if reach >= span and sum(piece.end - piece.start for piece in line) >= span / 2:
                folded.update(piece.mark for piece in line)
    return folded


def _is_thin(mark: Mark) -> bool:
    """Whether it may be a piece of a fold; a long one is not quite straight, and touches specks."""
    solid = mark.area_mm2 >= _FOLD_SOLID * mark.long_mm * min(mark.thick_mm, _FOLD_THICK_MM)
    return mark.thick_mm <= _FOLD_THICK_MM + _FOLD_BENT * mark.long_mm and solid


def _may_lie(mark: Mark, level: bool) -> bool:
    wide, high = mark.right - mark.left, mark.bottom - mark.top
    return mark.long_mm < 3 * _FOLD_THICK_MM or (mark.slope <= _SLOPE and (wide > high) == level)


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
        yield [p for p in pieces if abs(first.at + slope * (p.middle - first.middle) - p.at) <= _FOLD_THICK_MM]


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
