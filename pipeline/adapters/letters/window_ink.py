"""What stands beside the address where a window may lie: the place is rendered and looked at, in colour.

What belongs into an address field is left out: the lines of the address, those of sender and endorsements that are
known as such, a rule under them, a franking code, corners and lines that frame the field, and fold marks at the sheet's
edge. So is a tint of the whole place: paper.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
import zxingcpp

from pipeline.adapters.letters.text_lines import TextLine
from pipeline.adapters.letters.window import WindowReading
from pipeline.domain.address_field import Field
from pipeline.domain.geometry import A4_HEIGHT_MM, A4_WIDTH_MM, POINTS_PER_MM, Rect
from pipeline.domain.profile_rules import FOLD_MARKS_MM
from pipeline.domain.window_notes import Note, belonging
from pipeline.domain.window_sight import WindowSight, around

_DPI = 72
_PX_PER_MM = _DPI / 25.4
# As in `mark_zone`: darker than this is ink, and so many pixels (half a square millimetre) are more than a speck.
_INK_BELOW = 230
_MIN_PIXELS = 4
# Ink closer than this to a line of text is that line's: accents, underlines, what rendering spreads.
_AROUND_MM = 1.3
# Where more than this share is darker than white paper, it is the paper, and ink is what is darker than most of it.
_PAPER_SHARE = 0.9
# A level line is no thicker, and longer.
_RULE_MM = 1.2
# Franking codes: how finely they are looked at, and the white around them.
_CODE_DPI, _QUIET_MM = 300, 2.0
_CODE = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.DataMatrix,))
_SHEET = Rect(0.0, 0.0, A4_WIDTH_MM, A4_HEIGHT_MM)
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

    `reading`: of the same page, with an address. A line over the address that is neither sender nor endorsement counts
    as something else, and so does what is set apart at the end of a line.
    """
    boxes = [_box(line) for line in reading.lines]
    others = _inked(page, region, field, [*boxes, *map(_box, _belonging(reading))])
    others = [place for place in others if not _is_rule(place, field)]
    if field.boundary_mm > field.top_mm:
        upper = Rect(field.left_mm, field.top_mm, field.right_mm, field.boundary_mm)
        others = [place for place in others if not (place.overlaps(upper) and _is_code(page, place))]
    return WindowSight(around(boxes), region, tuple(others))


def _belonging(reading: WindowReading) -> list[TextLine]:
    """The lines over the address that belong there; of recognised text all, for a letter misread changes its kind."""
    if reading.confidence < 100:
        return list(reading.notes)
    notes = [Note(_head(line), line.size_mm, line.baseline_mm) for line in reading.notes]
    known = belonging(notes, reading.lines[0].size_mm)
    return [line for line, belongs in zip(reading.notes, known, strict=True) if belongs]


def _head(line: TextLine) -> str:
    return line.text if line.tail is None else line.text.removesuffix(line.tail.text).rstrip()


def _box(line: TextLine) -> Rect:
    top, bottom = line.baseline_mm - _RISE * line.size_mm, line.baseline_mm + _HANG * line.size_mm
    right_mm = line.right_mm if line.tail is None else line.tail.gap_left_mm
    return Rect(line.left_mm, top, max(right_mm, line.left_mm + 0.1), bottom)


def _is_rule(place: Rect, field: Field) -> bool:
    """Whether something in the upper zone is a level line, such as letterheads have under the sender's."""
    thin = place.bottom_mm - place.top_mm <= _RULE_MM < place.right_mm - place.left_mm
    return thin and field.top_mm <= place.top_mm and place.bottom_mm <= field.boundary_mm


def _is_code(page: pdfium.PdfPage, place: Rect) -> bool:
    """Whether a place holds a Data Matrix and little else, as franking programs print it over the address."""
    around_mm = place.grown(_QUIET_MM)
    if not _SHEET.contains(around_mm):
        return False
    found = zxingcpp.read_barcodes(_picture(page, around_mm, _CODE_DPI, True), formats=_CODE)
    return any(_covers(code.position, place, around_mm) for code in found)


def _covers(position: zxingcpp.Position, place: Rect, around_mm: Rect) -> bool:
    corners = (position.top_left, position.top_right, position.bottom_left, position.bottom_right)
    across = [around_mm.left_mm + corner.x / _CODE_DPI * 25.4 for corner in corners]
    down = [around_mm.top_mm + corner.y / _CODE_DPI * 25.4 for corner in corners]
    return Rect(min(across), min(down), max(across), max(down)).grown(_QUIET_MM).contains(place)


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
    """What belongs to an address field besides text that was read: its frame, fold marks."""
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
    return [*level, *upright, *folds]


def _inked(page: pdfium.PdfPage, region: Rect, field: Field, lines: Sequence[Rect]) -> list[Rect]:
    picture = _picture(page, region, _DPI, False)
    # The smallest channel: yellow is nearly white in grey, but not to the eye.
    deepest = np.minimum(np.minimum(picture[:, :, 0], picture[:, :, 1]), picture[:, :, 2])
    marked: Marked = deepest < _INK_BELOW
    if np.count_nonzero(marked) > _PAPER_SHARE * marked.size:
        marked = deepest < np.median(deepest) - (255 - _INK_BELOW)
    marked &= _outside(field, region, marked.shape)
    for line in lines:
        marked[_part(line.grown(_AROUND_MM), region)] = False
    return _places(marked, region) if marked.any() else []


def _picture(page: pdfium.PdfPage, region: Rect, dpi: int, grey: bool) -> npt.NDArray[np.uint8]:
    """A region of a normalised page: rows and columns, and three channels unless in grey."""
    margins_mm = (region.left_mm, A4_HEIGHT_MM - region.bottom_mm, A4_WIDTH_MM - region.right_mm, region.top_mm)
    bitmap = page.render(
        scale=dpi / 72,
        crop=tuple(margin * POINTS_PER_MM for margin in margins_mm),
        may_draw_forms=False,
        grayscale=grey,
        fill_color=(255, 255, 255, 255),
    )
    try:
        seen = bitmap.to_numpy()
        picture: npt.NDArray[np.uint8] = (seen.reshape(seen.shape[:2]) if grey else seen).copy()
        return picture
    finally:
        bitmap.close()


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
