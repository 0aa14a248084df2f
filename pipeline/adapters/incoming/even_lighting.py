"""Copies of a page picture on white paper: square pixels, dark grounds turned to light ones, even light, thresholds."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.adapters.incoming.dark_areas import DarkAreas
from pipeline.adapters.incoming.page_pictures import Gray, PagePicture

_PAPER_BLUR_INCH = 0.25
_PAPER_DPI = 50.0
_LINEAR = 1.8  # up to this many pixels for one, each has its say in a linear mean too, which takes a sixth of the time
_LOCAL_INCH = 0.12  # the neighbourhood of the local threshold; a little more than a line of type
_LOCAL_WEIGHT = 0.25  # how far below the mean ink must lie, in shares of the contrast that is missing there
_DUST_INCH2 = 0.0001  # four pixels at 200 dpi; a full stop of 8-point type may have no more
_FEWEST_DOTS, _DUSTY = 60, 0.5
_SPECK_INCH2 = 0.00004  # a dot over a letter of 9 points has three times as much


def resampled(picture: PagePicture, dpi: float) -> Gray:
    """The picture with square pixels at `dpi`."""
    width = max(16, round(picture.width_px / picture.dpi_x * dpi))
    height = max(16, round(picture.height_px / picture.dpi_y * dpi))
    if (height, width) == picture.gray.shape:
        return picture.gray
    across = picture.gray.shape[1] / width
    way = cv2.INTER_AREA if across > _LINEAR else cv2.INTER_LINEAR if across > 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture.gray, (width, height), interpolation=way), dtype=np.uint8)


def even_light(gray: Gray, dpi: float) -> Gray:
    """The picture with its paper made white: every pixel over the brightness of the paper around it."""
    small_scale = min(1.0, _PAPER_DPI / dpi)
    size = (max(8, round(gray.shape[1] * small_scale)), max(8, round(gray.shape[0] * small_scale)))
    small = cv2.resize(halved(gray, size), size, interpolation=cv2.INTER_AREA)
    reach = max(3, round(_PAPER_BLUR_INCH * dpi * small_scale)) | 1
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    paper = cv2.GaussianBlur(paper, (0, 0), reach / 2)
    paper = cv2.resize(np.maximum(paper, 48), (gray.shape[1], gray.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(gray, paper, scale=255), dtype=np.uint8)


def halved(gray: Gray, size: tuple[int, int]) -> Gray:
    """The picture halved as often as it stays as large as `size`; exact halves are made in a fifth of the time."""
    while gray.shape[1] >= 2 * size[0] and gray.shape[0] >= 2 * size[1]:
        half = (gray.shape[1] // 2, gray.shape[0] // 2)
        even = gray[: 2 * half[1], : 2 * half[0]]
        gray = np.asarray(cv2.resize(even, half, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
    return gray


def on_white(gray: Gray, dpi: float, areas: DarkAreas) -> Gray:
    """The picture evenly lit, light type on dark ground as dark type on white, dark edges of the scan white."""
    return even_light(areas.lightened(gray), dpi)


def binarised(even: Gray) -> Gray:
    """Black on white by one threshold (Otsu), kept within sane bounds where there is hardly any ink."""
    threshold, _result = cv2.threshold(even, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    threshold = min(max(threshold, 96.0), 200.0)
    return np.asarray(cv2.threshold(even, threshold, 255, cv2.THRESH_BINARY)[1], dtype=np.uint8)


def locally_binarised(even: Gray, dpi: float) -> Gray:
    """Black on white by a threshold of each pixel's neighbourhood (Sauvola and Pietikäinen 2000), without dust.

    For pages where faint type and dark stains stand side by side.
    """
    side = max(3, round(_LOCAL_INCH * dpi)) | 1
    picture = even.astype(np.float32)
    mean = np.asarray(cv2.boxFilter(picture, cv2.CV_32F, (side, side)), dtype=np.float32)
    squares = np.asarray(cv2.sqrBoxFilter(picture, cv2.CV_32F, (side, side)), dtype=np.float32)
    spread = np.sqrt(np.maximum(squares - mean * mean, 0))
    least = mean * (1 - _LOCAL_WEIGHT + _LOCAL_WEIGHT / 128 * spread)
    return without_specks(np.where(picture > least, np.uint8(255), np.uint8(0)), dpi)


def without_specks(black: Gray, dpi: float) -> Gray:
    """Black on white without the dots that a local threshold leaves."""
    specks = _specks(black, _SPECK_INCH2 * dpi * dpi)
    if specks is not None:
        black[specks] = 255
    return black


def without_dust(even: Gray, dpi: float) -> Gray:
    """A gray copy without dots far smaller than a full stop, for pages that are full of them (`is_dusty`)."""
    specks = _specks(binarised(even), _DUST_INCH2 * dpi * dpi)
    if specks is None:
        return even
    spots = cv2.dilate(specks.astype(np.uint8), np.ones((3, 3), np.uint8))
    result = even.copy()
    result[spots > 0] = 255
    return result


def marks_of(ink: Gray) -> NDArray[np.int32]:
    """A row of OpenCV's component statistics for each mark, ink that hangs together; `ink`: 0 for paper."""
    found = cv2.connectedComponentsWithStatsWithAlgorithm(ink, 8, cv2.CV_32S, cv2.CCL_BBDT)
    return np.asarray(found[2][1:], dtype=np.int32)


def is_dusty(marks: NDArray[np.int32], dpi: float) -> bool:
    """Whether dots far smaller than a full stop are more than half as many as all else, as dithering leaves them.

    In clean type the dots over letters and at the end of sentences are a sixth at most, even where they are as small.
    """
    dots = int((marks[:, cv2.CC_STAT_AREA] <= _DUST_INCH2 * dpi * dpi).sum())
    return dots >= _FEWEST_DOTS and dots > _DUSTY * (len(marks) - dots)


def _specks(black: Gray, most: float) -> NDArray[np.bool_] | None:
    """Where the dots are whose area in pixels is `most` or less."""
    count, labels, stats, _centres = cv2.connectedComponentsWithStats(255 - black, connectivity=8)
    small = stats[:, cv2.CC_STAT_AREA] <= most
    small[0] = False
    return np.asarray(small[labels]) if count > 1 and small.any() else None
