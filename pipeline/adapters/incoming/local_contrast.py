"""A page with the same contrast everywhere: for codes under a stain, and codes printed with hardly any toner.

Readers of codes look for a difference of tones that a tired printer does not leave, and a threshold that suits the
paper does not suit the stain on it. Here every place is set against the mean and the spread of what lies around it. It
costs more than a look at the page as it is, so only pages that say little are looked at this way.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.adapters.incoming.separator_codes import Area, Gray, Ink, scaled
from pipeline.domain.separator_marks import INCH_MM

_DPI = 150.0
_INK_DPI = 50.0
_SOFT_MM = 0.1
_AROUND_MM = 9.0  # wider than any bar or square of a code
_LEAST_SPREAD, _SPREAD_OVER_NOISE = 3.0, 1.7
_ROOM_MM = 6.0
_SHADE_MM, _SHADE, _MARGIN_MM = (7, 31), 2.5, 6  # near and around, grey levels
_PAPER, _STRETCH = 170.0, 70.0
_INKED, _FILLED = 0.5, 0.2  # how far below the mean, in spreads; of the area of a pixel of `Ink`


@dataclass(frozen=True)
class Evened:
    """`picture`: the page at `dpi`, with even contrast. `ink`: what is dark in it against its surroundings."""

    picture: Gray
    dpi: float
    ink: Ink

    def cut_out(self, area: Area) -> tuple[Gray, Area]:
        """The picture of an area with some room around it, and the area that it is."""
        px_per_mm = self.dpi / INCH_MM
        left, top = (max(0, round((edge - _ROOM_MM) * px_per_mm)) for edge in (area.left_mm, area.top_mm))
        right, bottom = (round((edge + _ROOM_MM) * px_per_mm) for edge in (area.right_mm, area.bottom_mm))
        picture = np.ascontiguousarray(self.picture[top:bottom, left:right])
        return picture, Area(*(edge / px_per_mm for edge in (left, top, right, bottom)))


def evened(gray: Gray, dpi: float) -> Evened:
    """The page with even contrast, at 150 dpi or less."""
    small, small_dpi = scaled(gray, dpi, _DPI)
    px_per_mm = small_dpi / INCH_MM
    soft = np.asarray(cv2.GaussianBlur(small, (0, 0), max(0.5, _SOFT_MM * px_per_mm)), dtype=np.float32)
    window = (round(_AROUND_MM * px_per_mm) | 1,) * 2
    mean = cv2.blur(soft, window)
    spread = np.sqrt(np.maximum(cv2.sqrBoxFilter(soft, -1, window) - mean * mean, 0))
    floor = max(_LEAST_SPREAD, _SPREAD_OVER_NOISE * _noise(soft))
    steps = (soft - mean) / np.maximum(spread, floor)
    picture = np.clip(_PAPER + _STRETCH * steps, 0, 255).astype(np.uint8)
    dark = np.where((steps < -_INKED) & (spread > floor), np.float32(1), np.float32(0))
    share = _INK_DPI / small_dpi
    size = max(1, round(dark.shape[1] * share)), max(1, round(dark.shape[0] * share))
    filled = cv2.resize(dark, size, interpolation=cv2.INTER_AREA)
    return Evened(picture, small_dpi, Ink(np.asarray(filled > _FILLED, dtype=np.bool_), px_per_mm * share))


def has_shade(gray: Gray, dpi: float) -> bool:
    """Whether anything of the size of a code is darker than the paper around it, however little: no empty page."""
    small, _ = scaled(gray, dpi, INCH_MM)  # a pixel a mm
    near, around = (
        np.asarray(cv2.blur(small.astype(np.float32), (side, side)), dtype=np.float32) for side in _SHADE_MM
    )
    inner = (around - near)[_MARGIN_MM:-_MARGIN_MM, _MARGIN_MM:-_MARGIN_MM]
    return bool(inner.size) and float(inner.max()) >= _SHADE


def _noise(soft: npt.NDArray[np.float32]) -> float:
    """The standard deviation of the scanner's noise in grey levels, as far as neighbouring pixels differ by it."""
    step = np.abs(soft[::2, 2::2] - soft[::2, :-2:2][:, : soft[::2, 2::2].shape[1]])
    return float(np.median(step)) * 1.05 if step.size else 0.0
