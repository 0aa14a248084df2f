"""What stands beside the address where a window may lie: the place is rendered and looked at.

What belongs into an address field is left out: the lines of the address, whatever stands in the zone of sender and
endorsements, corners and lines that frame the field, and fold marks at the sheet's edge.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium

from pipeline.adapters.letters.text_lines import TextLine
from pipeline.adapters.letters.window import WindowReading
from pipeline.domain.address_field import Field
from pipeline.domain.endorsements import endorsement_of
from pipeline.domain.geometry import A4_HEIGHT_MM, A4_WIDTH_MM, POINTS_PER_MM, Rect
from pipeline.domain.profile_rules import FOLD_MARKS_MM
from pipeline.domain.window_sight import WindowSight, around

_DPI = 72
_PX_PER_MM = _DPI / 25.4
# As in `mark_zone`: darker than this is ink, and so many pixels (half a square millimetre) are more than a speck.
_INK_BELOW = 230
_MIN_PIXELS = 4
# Ink closer than this to a line of text is that line's: accents, underlines, what rendering spreads.
_AROUND_MM = 1.3
# The strokes of corners and frames around the field.
_FRAME_MM = 0.6
_FOLD_MARK_RIGHT_MM = 15.0
# Narrower gaps do not part what was found.
_GAP_PX = 12
# Of the height of a type's box, as `TextLine.size_mm` has it: what rises above the baseline, and what hangs below.
_RISE, _HANG = 0.72, 0.2

Marked = npt.NDArray[np.bool_]


def sight_of(page: pdfium.PdfPage, reading: WindowReading, field: Field, region: Rect) -> WindowSight:
    """Where the address stands and what else is printed in a region of a normalised A4 page, mm.

    `reading`: of the same page, with an address. A line of file reference, subject and the like counts as something
    else even among the endorsements.
    """
    boxes = [_box(line) for line in reading.lines]
    references = [_box(line) for line in reading.notes if endorsement_of(line.text) == "reference"]
    others = _inked(page, region, field, [*boxes, *map(_box, reading.notes)])
    return WindowSight(around(boxes), region, (*references, *others))


def _box(line: TextLine) -> Rect:
    top, bottom = line.baseline_mm - _RISE * line.size_mm, line.baseline_mm + _HANG * line.size_mm
    return Rect(line.left_mm, top, max(line.right_mm, line.left_mm + 0.1), bottom)


@lru_cache(maxsize=8)
def _outside(field: Field, region: Rect, shape: tuple[int, int]) -> Marked:
    """Which pixels of a region are not the field's own."""
    pixels: Marked = np.ones(shape, np.bool_)
    for rect in _own_places(field):
        pixels[_part(rect, region)] = False
    return pixels


def _part(rect: Rect, region: Rect) -> tuple[slice, slice]:
    """The rows and columns of a region's picture that a rectangle touches."""
    left = math.floor((rect.left_mm - region.left_mm) * _PX_PER_MM)
    right = math.floor((rect.right_mm - region.left_mm) * _PX_PER_MM)
    top = math.floor((rect.top_mm - region.top_mm) * _PX_PER_MM)
    bottom = math.floor((rect.bottom_mm - region.top_mm) * _PX_PER_MM)
    return slice(max(top, 0), max(bottom + 1, 0)), slice(max(left, 0), max(right + 1, 0))


def _own_places(field: Field) -> list[Rect]:
    """What belongs to an address field besides text that was read: its upper zone, its frame, fold marks."""
    whole = field.whole
    lines = (field.top_mm, field.boundary_mm, field.bottom_mm)
    level = [Rect(whole.left_mm - 1, y - _FRAME_MM, whole.right_mm + 1, y + _FRAME_MM) for y in lines]
    upright = [
        Rect(x - _FRAME_MM, whole.top_mm - 1, x + _FRAME_MM, whole.bottom_mm + 1)
        for x in (whole.left_mm, whole.right_mm)
    ]
    folds = [
        Rect(0.0, y - _FRAME_MM, _FOLD_MARK_RIGHT_MM, y + _FRAME_MM) for both in FOLD_MARKS_MM.values() for y in both
    ]
    if field.boundary_mm > field.top_mm:
        upper = Rect(whole.left_mm, whole.top_mm, whole.right_mm, field.boundary_mm)
        return [upper, *level, *upright, *folds]
    return [*level, *upright, *folds]


def _inked(page: pdfium.PdfPage, region: Rect, field: Field, lines: Sequence[Rect]) -> tuple[Rect, ...]:
    bitmap = page.render(
        scale=_DPI / 72,
        crop=(
            region.left_mm * POINTS_PER_MM,
            (A4_HEIGHT_MM - region.bottom_mm) * POINTS_PER_MM,
            (A4_WIDTH_MM - region.right_mm) * POINTS_PER_MM,
            region.top_mm * POINTS_PER_MM,
        ),
        may_draw_forms=False,
        grayscale=True,
        fill_color=(255, 255, 255, 255),
    )
    try:
        picture = bitmap.to_numpy()
        marked: Marked = picture.reshape(picture.shape[:2]) < _INK_BELOW
    finally:
        bitmap.close()
    marked &= _outside(field, region, marked.shape)
    for line in lines:
        marked[_part(line.grown(_AROUND_MM), region)] = False
    return tuple(_places(marked, region)) if marked.any() else ()


def _places(marked: Marked, region: Rect) -> list[Rect]:
    """Rectangles around what is marked: band by band, each parted at wide gaps; specks are left out."""
    found = []
    for top, bottom in _stretches(np.flatnonzero(marked.any(axis=1)), 1):
        band = marked[top:bottom]
        for left, right in _stretches(np.flatnonzero(band.any(axis=0)), _GAP_PX):
            part = band[:, left:right]
            if np.count_nonzero(part) < _MIN_PIXELS:
                continue
            rows = np.flatnonzero(part.any(axis=1))
            found.append(
                Rect(
                    region.left_mm + left / _PX_PER_MM,
                    region.top_mm + (top + int(rows[0])) / _PX_PER_MM,
                    region.left_mm + right / _PX_PER_MM,
                    region.top_mm + (top + int(rows[-1]) + 1) / _PX_PER_MM,
                )
            )
    return found


def _stretches(places: npt.NDArray[np.intp], gap: int) -> list[tuple[int, int]]:
    """Ascending indices as begins and ends; what is apart by up to `gap` is one."""
    if not len(places):
        return []
    cuts = np.flatnonzero(np.diff(places) > gap)
    edges = [0, *(int(cut) + 1 for cut in cuts), len(places)]
    return [(int(places[begin]), int(places[end - 1]) + 1) for begin, end in pairwise(edges)]
