"""Whether a page shows nothing but lines of type: a title, a divider, a page of small print in columns.

Readers of matrix codes see codes in the grain of empty paper and in small print. On a page where every piece of ink is
a letter beside another on one base line, or where more letters stand than on any separator sheet, there is none. A bar
fills its box, what is left of a matrix code stands on no base line, and a block is no letter.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.adapters.incoming.few_words import letters_beside
from pipeline.adapters.incoming.separator_codes import Gray, ink_of

_DPI = 100.0
_LETTERS = 800  # the longest instructions on a separator sheet have 700
_DUST_MM = 1.0
_LARGEST_MM = 22.0  # capitals of 72 points have 18
_FEWEST, _MOST = 4, 1500
_THICK_MM = 3.8  # the strokes of 48 points, bold, have 3
_SOLID = 0.82  # letters fill half of their box; l, I, dots and dashes all of it
_SLIM, _BAR_MM, _MOST_BARS, _MOST_SOLID = 4.0, 6.0, 3, 0.55
_GAP, _OFF_LINE, _SKEW = 1.5, 0.2, 0.09  # of the larger one's height; and the slope of 5 degrees
_LIKE = 2.2  # capitals and small letters
_MARK = 0.45  # dots, commas and dashes against the letter beside them

Numbers = npt.NDArray[np.float64]


def is_type_alone(gray: Gray, dpi: float) -> bool:
    """Whether all that a page shows is type, any way up and up to 5 degrees askew."""
    return letters_beside(gray, dpi, []) > _LETTERS or _stands_in_lines(gray, dpi)


def _stands_in_lines(gray: Gray, dpi: float) -> bool:
    ink = ink_of(gray, dpi, _DPI)
    dark = ink.dark.view(np.uint8)
    if cv2.erode(dark, np.ones((max(3, round(_THICK_MM * ink.px_per_mm)),) * 2, np.uint8)).any():
        return False
    stats = cv2.connectedComponentsWithStats(dark, connectivity=8)[2][1:].astype(np.float64)
    left, top, wide, high, pixels = stats.T
    large = np.maximum(wide, high) >= _DUST_MM * ink.px_per_mm
    left, top, wide, high, pixels = (each[large] for each in (left, top, wide, high, pixels))
    if not _FEWEST <= len(left) <= _MOST or max(wide.max(), high.max()) > _LARGEST_MM * ink.px_per_mm:
        return False
    short, long = np.minimum(wide, high), np.maximum(wide, high)
    solid = (pixels > _SOLID * wide * high) | (long > _SLIM * short)
    bars = solid & (long >= _BAR_MM * ink.px_per_mm)
    if np.count_nonzero(bars) > _MOST_BARS or np.count_nonzero(solid) > _MOST_SOLID * len(solid):
        return False
    level = (left, left + wide, top, top + high)
    upright = (top, top + high, left, left + wide)
    return any(_on_base_lines(*way) for way in (level, upright))


def _on_base_lines(start: Numbers, end: Numbers, over: Numbers, under: Numbers) -> bool:
    """Whether each piece has another beside it that stands on the same line, or is a mark within its line."""
    size = under - over
    gap = np.maximum(start[:, None], start[None, :]) - np.minimum(end[:, None], end[None, :])
    larger, smaller = (pick(size[:, None], size[None, :]) for pick in (np.maximum, np.minimum))
    beside = gap <= _GAP * larger
    np.fill_diagonal(beside, False)
    away = _SKEW * np.abs((start + end)[:, None] - (start + end)[None, :]) / 2
    letters = beside & (larger <= _LIKE * smaller) & (gap >= -0.3 * larger)
    for edge in (over, under):
        letter = _paired(letters, edge, _OFF_LINE * larger + away)
        inside = (over[:, None] >= (over - 0.4 * size)[None, :] - away) & (
            under[:, None] <= (under + 0.4 * size)[None, :] + away
        )
        mark = (beside & inside & (size[:, None] <= _MARK * size[None, :]) & letter[None, :]).any(axis=1)
        if np.all(letter | mark):
            return True
    return False


def _paired(letters: npt.NDArray[np.bool_], edge: Numbers, off: Numbers) -> npt.NDArray[np.bool_]:
    """The pieces of which the base line goes on in a piece beside them."""
    return np.asarray((letters & (np.abs(edge[:, None] - edge[None, :]) <= off)).any(axis=1), dtype=np.bool_)
