"""Whether the place of the insertion marks is free: the strip is rendered and looked at.

What counts is what would be seen on paper, so the page is rendered rather than its content inspected: a white box or
a background lighter than ten percent is free, a hairline is not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pypdfium2 as pdfium

from pipeline.domain.geometry import A4_HEIGHT_MM, A4_WIDTH_MM, POINTS_PER_MM, Rect

RENDER_DPI = 150
# A pixel darker than this (0 black, 255 white) is ink. At 150 dpi a black stroke of 0.05 mm darkens its pixels to 180.
INK_BELOW = 230
# So many pixels are a trace: 0.05 square millimetres. One alone may be the edge of something outside.
MIN_INK_PIXELS = 2
_PX_PER_MM = RENDER_DPI / 25.4


@dataclass(frozen=True)
class MarkZoneFinding:
    """Ink where marks go. `zone`: which zone was looked at; `ink`: what surrounds the ink in it, mm on the sheet."""

    zone: Rect
    ink: Rect
    ink_pixels: int


def occupied(page: pdfium.PdfPage, zones: Sequence[Rect]) -> MarkZoneFinding | None:
    """The first zone with ink in it, None where all are free. `page`: normalised A4; `zones`: mm from top left.

    Fold and hole marks inside a zone are ink like any other.
    """
    for zone in zones:
        finding = _look(page, zone)
        if finding is not None:
            return finding
    return None


def _look(page: pdfium.PdfPage, zone: Rect) -> MarkZoneFinding | None:
    left, top = max(0.0, zone.left_mm), max(0.0, zone.top_mm)
    right, bottom = min(A4_WIDTH_MM, zone.right_mm), min(A4_HEIGHT_MM, zone.bottom_mm)
    if left >= right or top >= bottom:
        return None
    margins_mm = (left, A4_HEIGHT_MM - bottom, A4_WIDTH_MM - right, top)
    bitmap = page.render(
        scale=RENDER_DPI / 72,
        crop=tuple(margin * POINTS_PER_MM for margin in margins_mm),
        grayscale=True,
        may_draw_forms=False,
        fill_color=(255, 255, 255, 255),
    )
    try:
        # The picture is rounded up to whole pixels: what lies beyond the zone's edge is not the zone's.
        wide, high = math.floor((right - left) * _PX_PER_MM), math.floor((bottom - top) * _PX_PER_MM)
        dark = bitmap.to_numpy().reshape(bitmap.height, bitmap.width)[:high, :wide] < INK_BELOW
        if np.count_nonzero(dark) < MIN_INK_PIXELS:
            return None
        rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
        ink = Rect(
            left + float(columns[0]) / _PX_PER_MM,
            top + float(rows[0]) / _PX_PER_MM,
            left + float(columns[-1] + 1) / _PX_PER_MM,
            top + float(rows[-1] + 1) / _PX_PER_MM,
        )
        return MarkZoneFinding(zone, ink, int(np.count_nonzero(dark)))
    finally:
        bitmap.close()
