"""Marks on a sheet: strokes that belong together, and the lid beside it.

Lengths in mm from the picture's top left corner.
"""

from __future__ import annotations

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
_LID_MM, _LID_LEVELS, _LID_SHARE = 25.0, 60.0, 0.8
_LETTERS_MM, _LETTERS_LIGHTER, _LETTERS_MM2 = 9, 20, 4  # light strokes in a dark zone: how thick, over it, how much
_BLACK, _BAND_MM, _BAND_SPAN, _BAND_ASKEW = 50, 7.0, 0.8, 0.01  # the last two of the sheet's side
_MOSTLY = 0.7  # of a line's length is thin
FOLD_SPAN, FOLD_THICK_MM = 0.6, 1.0  # of a line that may be a fold; the first of the sheet's side
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
        if np.ptp(along) < FOLD_SPAN * side or np.ptp(across) < FOLD_THICK_MM * sheet.mm:
            continue
        start = int(along.min())
        least, most = np.full(np.ptp(along) + 1, np.iinfo(np.intp).max), np.full(np.ptp(along) + 1, -1)
        np.minimum.at(least, along - start, across)
        np.maximum.at(most, along - start, across)
        thin = (most >= least) & (most - least < FOLD_THICK_MM * sheet.mm)
        if np.count_nonzero(thin) < _MOSTLY * thin.size:
            continue
        places = np.nonzero(thin)[0]
        slope, offset = np.polyfit(places, (least[thin] + most[thin]) / 2, 1)
        on_line = np.abs(across - (slope * (along - start) + offset)) <= 0.7 * FOLD_THICK_MM * sheet.mm
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
