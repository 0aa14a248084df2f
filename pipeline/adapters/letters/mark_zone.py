"""Whether the place of the insertion marks is free: the strip is rendered and looked at.

What counts is what would be seen on paper, so the page is rendered rather than its content inspected, and in colour:
a yellow band is nearly white in grey, but neither to the eye nor to a reader with a blue lamp. A white box over
something is free. So is a tint of the whole page as long as every colour channel of it is 250 or more, up to two
percent of grey (`0.98 g`); anything darker, be it a band, a watermark or the paper tone of a scanned page, is not,
for marks are printed over it and white is painted under them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium

from pipeline.domain.geometry import A4_HEIGHT_MM, A4_WIDTH_MM, POINTS_PER_MM, Rect

RENDER_DPI = 150
# A pixel with a colour channel below this (0 to 255, 255 white) is ink. At 150 dpi a black stroke of 0.05 mm darkens
# its pixels to 180.
INK_BELOW = 230
# So many pixels are a trace: 0.05 square millimetres. One alone may be the edge of something outside.
MIN_INK_PIXELS = 2
# A pixel with a channel below this is at least tinted. White comes out as 254 or 255, whatever profile it went through.
TINT_BELOW = 250
# So many tinted pixels are a light area or line: half a square millimetre. The strip's outermost pixels are left out of
# the count: what stands just outside shines into them.
MIN_TINTED_PIXELS = 18
_PX_PER_MM = RENDER_DPI / 25.4
# A fold or hole mark: how far from its place, how thick, and where it ends at the latest.
_STROKE_OFF_MM, _STROKE_THICK_MM, _STROKE_RIGHT_MM = 1.5, 0.9, 20.0


@dataclass(frozen=True)
class MarkZoneFinding:
    """Ink where marks go. `zone`: which zone was looked at; `ink`: what surrounds the ink in it, mm on the sheet.

    `ink_pixels`: how many pixels of the rendering are ink or tint.
    """

    zone: Rect
    ink: Rect
    ink_pixels: int


def occupied(page: pdfium.PdfPage, zones: Sequence[Rect]) -> MarkZoneFinding | None:
    """The first zone with ink in it, None where all are free. `page`: normalised A4; `zones`: mm from top left.

    Fold and hole marks inside a zone are ink like any other; `only_strokes` tells them apart.
    """
    for zone in zones:
        finding = _look(page, zone)
        if finding is not None:
            return finding
    return None


def only_strokes(page: pdfium.PdfPage, zones: Sequence[Rect], places_mm: Sequence[float]) -> bool:
    """Whether all ink in the zones is short, thin, level strokes at known places: fold and hole marks.

    `places_mm`: from the sheet's top edge. A stroke ends left of 20 mm and is 0.9 mm thick at most, so no line that
    goes on, no letter and no underline passes for one.
    """
    for zone in zones:
        seen = _rendered(page, zone)
        marked = None if seen is None else _marked(seen[0])
        if seen is None or marked is None:
            continue
        top_mm = seen[1].top_mm
        for first, last in _bands(np.flatnonzero(marked.any(axis=1))):
            begin_mm, end_mm = top_mm + first / _PX_PER_MM, top_mm + (last + 1) / _PX_PER_MM
            middle_mm = (begin_mm + end_mm) / 2
            known = any(abs(middle_mm - place_mm) <= _STROKE_OFF_MM for place_mm in places_mm)
            if not known or end_mm - begin_mm > _STROKE_THICK_MM or not _is_short(page, begin_mm, end_mm):
                return False
    return True


def _is_short(page: pdfium.PdfPage, begin_mm: float, end_mm: float) -> bool:
    """Whether a stroke at this height leaves the sheet free right of where fold and hole marks end."""
    beyond = Rect(_STROKE_RIGHT_MM, max(0.0, begin_mm), _STROKE_RIGHT_MM + 5.0, min(A4_HEIGHT_MM, end_mm))
    return _look(page, beyond) is None


def _bands(places: npt.NDArray[np.intp]) -> list[tuple[int, int]]:
    """First and last of every unbroken stretch of ascending indices."""
    parts = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    return [(int(part[0]), int(part[-1])) for part in parts if len(part)]


def _look(page: pdfium.PdfPage, zone: Rect) -> MarkZoneFinding | None:
    seen = _rendered(page, zone)
    marked = None if seen is None else _marked(seen[0])
    if seen is None or marked is None:
        return None
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    left, top = seen[1].left_mm, seen[1].top_mm
    ink = Rect(
        left + float(columns[0]) / _PX_PER_MM,
        top + float(rows[0]) / _PX_PER_MM,
        left + float(columns[-1] + 1) / _PX_PER_MM,
        top + float(rows[-1] + 1) / _PX_PER_MM,
    )
    return MarkZoneFinding(zone, ink, int(np.count_nonzero(marked)))


def _rendered(page: pdfium.PdfPage, zone: Rect) -> tuple[npt.NDArray[np.uint8], Rect] | None:
    """The pixels of a zone and the part of it that lies on the sheet, None where none does."""
    left, top = max(0.0, zone.left_mm), max(0.0, zone.top_mm)
    right, bottom = min(A4_WIDTH_MM, zone.right_mm), min(A4_HEIGHT_MM, zone.bottom_mm)
    if left >= right or top >= bottom:
        return None
    margins_mm = (left, A4_HEIGHT_MM - bottom, A4_WIDTH_MM - right, top)
    bitmap = page.render(
        scale=RENDER_DPI / 72,
        crop=tuple(margin * POINTS_PER_MM for margin in margins_mm),
        may_draw_forms=False,
        fill_color=(255, 255, 255, 255),
    )
    try:
        # The picture is rounded up to whole pixels: what lies beyond the zone's edge is not the zone's.
        wide, high = math.floor((right - left) * _PX_PER_MM), math.floor((bottom - top) * _PX_PER_MM)
        return bitmap.to_numpy()[:high, :wide].copy(), Rect(left, top, right, bottom)
    finally:
        bitmap.close()


def _marked(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_] | None:
    """Which pixels are ink or, where there is enough of it, tint; None for a free strip.

    `picture`: rows, columns, three colour channels in any order.
    """
    if picture.min(initial=255) >= TINT_BELOW:
        return None
    deepest = picture.min(axis=2)
    tinted: npt.NDArray[np.bool_] = deepest < TINT_BELOW
    if np.count_nonzero(tinted[1:-1, 1:-1]) >= MIN_TINTED_PIXELS:
        return tinted
    dark: npt.NDArray[np.bool_] = deepest < INK_BELOW
    return dark if np.count_nonzero(dark) >= MIN_INK_PIXELS else None
