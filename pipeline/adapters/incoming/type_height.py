"""How high the type of a page is, and the resolution at which the recogniser reads such type well.

The model sees every line scaled to 36 pixels, so more pixels than that only cost time. Letters are measured, not lines:
the small letters (a c e m n o r s u v w x z) are more than half of all in running text, and what rises above them is
1.3 to 1.5 times as high. Where nearly all have one height they are figures or capitals, of which small letters would
have 0.7.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_LOWEST_INCH, _HIGHEST_INCH = 0.02, 0.3  # of single letters; small letters of 4-point type have 0.026
_FEWEST = 20  # letters that can be measured
_SMALLER = 25.0  # percent of the letters that may be as low as what counts
_TALL = 80.0
_ONE_HEIGHT = 1.2
_SMALL_TO_TALL = 0.72
_WANTED_PX = 12.5
_LEAST_DPI, _MOST_DPI, _DPI_STEP = 150.0, 300.0, 25.0
_UNKNOWN_DPI = 200.0


def small_letter_inch(marks: NDArray[np.int32], dpi: float) -> float:
    """Height of the small letters of a page's smaller type in inches, 0 where there are hardly any letters.

    `marks`: as `even_lighting.marks_of` finds them. The page may lie on its side: letters are higher than their
    narrower ones are wide.
    """
    width = marks[:, cv2.CC_STAT_WIDTH].astype(np.float64) / dpi
    height = marks[:, cv2.CC_STAT_HEIGHT].astype(np.float64) / dpi
    return max(_small(height, width), _small(width, height))


def _small(height: NDArray[np.float64], width: NDArray[np.float64]) -> float:
    letters = (height >= _LOWEST_INCH) & (height <= _HIGHEST_INCH) & (width <= 3 * height) & (width >= 0.15 * height)
    heights = height[letters]
    if heights.size < _FEWEST:
        return 0.0
    heights = heights[heights >= 0.5 * np.median(heights)]
    low, tall = (float(value) for value in np.percentile(heights, (_SMALLER, _TALL)))
    return low * _SMALL_TO_TALL if tall < _ONE_HEIGHT * low else low


def reading_dpi(letter_inch: float) -> float:
    """The lowest resolution at which type of this height (0: unknown) is read well: 150 to 300, in steps of 25."""
    if letter_inch <= 0:
        return _UNKNOWN_DPI
    wanted = -(-(_WANTED_PX / letter_inch) // _DPI_STEP) * _DPI_STEP
    return min(max(wanted, _LEAST_DPI), _MOST_DPI)
