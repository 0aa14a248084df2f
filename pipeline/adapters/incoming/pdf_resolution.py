"""At which resolution a PDF page was scanned, by its pictures, and whether each of them could be drawn at all."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

PICTURE_SHARE = 0.3  # of the page's area, from which pictures of one resolution decide on the page's
_DRAWN_DPI = 300.0  # for pages that are drawn, not scanned
_MIN_DPI, _MAX_DPI = 72.0, 600.0
_SEEN_SHARE = 0.01  # of the page's area, from which a picture that shows nothing is asked for alone
_MOST_ASKED = 64
_FLAT = 2  # levels of gray


def scan_resolution(
    page: Any, width_pt: float, height_pt: float, unit: float
) -> tuple[float, tuple[int, int] | None, float]:
    """Dots per inch, the size in pixels where one upright picture fills the page, and the share pictures cover.

    `width_pt`, `height_pt`: of the page in true points; `unit`: how many of them its own unit has (/UserUnit).
    Of several layers the finest counts; a scan that lies on the page in pieces has the resolution of its pieces.
    """
    areas: defaultdict[int, float] = defaultdict(float)
    filling: tuple[int, int] | None = None
    for item in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        a, b, c, d = (side * unit for side in item.get_matrix().get()[:4])
        width, height = math.hypot(a, b), math.hypot(c, d)
        try:
            columns, rows = item.get_px_size()
        except pypdfium2.PdfiumError:
            continue
        if min(width, height) <= 0 or min(columns, rows) < 1:
            continue
        part = width * height / (width_pt * height_pt)
        areas[round(max(columns / width, rows / height) * 72)] += part
        upright = a > 0 and d > 0 and abs(b) + abs(c) < 1e-3 * (a + d)
        same = abs(width - width_pt) < 0.01 * width_pt and abs(height - height_pt) < 0.01 * height_pt
        if upright and same and (filling is None or columns > filling[0]):
            filling = (columns, rows)
    share = min(sum(areas.values()), 1.0)
    scanned = [dpi for dpi in areas if sum(part for near, part in areas.items() if near >= dpi - 1) >= PICTURE_SHARE]
    if not scanned:
        return _DRAWN_DPI, None, share
    best = max(scanned)
    if filling is not None:
        across, down = filling[0] / width_pt * 72, filling[1] / height_pt * 72
        if abs(across - down) > 0.02 * across or across < 0.98 * best:
            filling = None
    return float(min(max(best, _MIN_DPI), _MAX_DPI)), filling, share


def has_undrawn_picture(page: Any, gray: NDArray[np.uint8]) -> bool:
    """Whether one of the page's pictures was left out of `gray`, the page as drawn, because it can't be decoded.

    The renderer draws nothing in its place and says nothing; the page would pass for a blank one.
    """
    left, bottom, right, top = page.get_bbox()
    across, down = gray.shape[1] / max(right - left, 1e-6), gray.shape[0] / max(top - bottom, 1e-6)
    asked = 0
    for item in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        x0, y0, x1, y1 = item.get_bounds()
        rows = slice(max(0, math.ceil((top - y1) * down)), max(0, math.floor((top - y0) * down)))
        columns = slice(max(0, math.ceil((x0 - left) * across)), max(0, math.floor((x1 - left) * across)))
        shown = gray[rows, columns]
        if shown.size < _SEEN_SHARE * gray.size or int(np.ptp(shown)) > _FLAT:
            continue
        asked += 1
        if asked > _MOST_ASKED:
            return False
        try:
            item.get_bitmap(render=False)
        except pypdfium2.PdfiumError:
            return True
    return False
