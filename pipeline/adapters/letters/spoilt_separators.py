"""Whether a page of a print stream is a separator whose code can't be read any more: struck through, cut, covered.

As in scans, what counts is the structure of a code on a page with hardly anything else on it: letters that carry a code
of their own, readable or not, have text as well. A code of any kind that can be read is no separator's remains.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import zxingcpp

from pipeline.adapters.incoming.code_remains import dense_blocks, has_code_structure
from pipeline.adapters.incoming.separator_codes import Area, ink_beside, ink_of
from pipeline.domain.geometry import Rect

Gray = npt.NDArray[np.uint8]

COARSE_DPI, FINE_DPI = 50, 150
# The share of dark pixels beside the code: up to some lines of large type, or twice as many of small.
_SPARSE = 0.012


def is_spoilt_separator(coarse: Gray, fine: Callable[[], Gray], region: Rect) -> bool:
    """Whether a page has the remains of a code in a region, and little else. `coarse`: it in grey, at `COARSE_DPI`;
    `fine`: renders it at `FINE_DPI`, which is only done on suspicion. `region`: mm on the sheet."""
    ink = ink_of(coarse, COARSE_DPI)
    blocks = [area for area in dense_blocks(ink) if _meets(area, region)]
    if not blocks or ink_beside(ink, blocks) > _SPARSE:
        return False
    picture = fine()
    remains = [area for area in blocks if has_code_structure(picture, FINE_DPI, area)]
    return bool(remains) and any(not _is_read(picture, area) for area in remains)


def _meets(area: Area, region: Rect) -> bool:
    return area.meets(Area(region.left_mm, region.top_mm, region.right_mm, region.bottom_mm))


def _is_read(picture: Gray, area: Area) -> bool:
    """Whether a code of any kind is read in a block of a page."""
    return any(area.meets(place_of(code, FINE_DPI)) for code in zxingcpp.read_barcodes(picture))


def is_code(picture: Gray, code: zxingcpp.Barcode, dpi: int) -> bool:
    """Whether what a reader took for a code, but could not read, is built as one: text sometimes passes for it."""
    place = place_of(code, dpi)
    return has_code_structure(picture, dpi, place)


def place_of(code: zxingcpp.Barcode, dpi: int) -> Area:
    """Where a code was found in a picture, mm."""
    corners = (
        code.position.top_left,
        code.position.top_right,
        code.position.bottom_left,
        code.position.bottom_right,
    )
    across, down = [corner.x / dpi * 25.4 for corner in corners], [corner.y / dpi * 25.4 for corner in corners]
    return Area(min(across), min(down), max(across), max(down))
