"""Which letters of a page no word covers: places painted over, and the rows in which letters are left."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.domain.recognised import PixelBox


def paint(target: NDArray[np.uint8], box: PixelBox, across: float, down: float, slack: int, value: int) -> None:
    """Fill a box and `slack` pixels around it. `across`, `down`: the raster's pixels for one of the box."""
    top, bottom = int(box.top * down) - slack, int(box.bottom * down) + slack + 1
    left, right = int(box.left * across) - slack, int(box.right * across) + slack + 1
    target[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = value


def row_lengths(
    letters: NDArray[np.int64], shape: tuple[int, ...], step_px: float, sway_px: float, *, level: bool
) -> NDArray[np.int64]:
    """How many letters stand closely behind each other, for each row of them.

    `letters`, `level` and the rest as in `row_numbers`.
    """
    return np.bincount(row_numbers(letters, shape, step_px, sway_px, level=level), minlength=1).astype(np.int64)


def row_numbers(
    letters: NDArray[np.int64], shape: tuple[int, ...], step_px: float, sway_px: float, *, level: bool
) -> NDArray[np.int64]:
    """The number of each letter's row, from 1.

    `letters`: their middles, column and row, in a raster of `shape`. `step_px`, `sway_px`: from letter to letter, along
    and across the row. `level`: rows run along the raster's.
    """
    places = np.zeros(shape, np.uint8)
    places[letters[:, 1], letters[:, 0]] = 1
    along, across = round(step_px) | 1, max(3, round(sway_px)) | 1
    kernel = np.ones((across, along) if level else (along, across), np.uint8)
    _count, labels = cv2.connectedComponents(cv2.dilate(places, kernel), connectivity=4)
    return np.asarray(np.asarray(labels)[letters[:, 1], letters[:, 0]], dtype=np.int64)


def alone_across(
    letters: NDArray[np.int64], shape: tuple[int, ...], reach_px: float, sway_px: float, *, level: bool
) -> NDArray[np.bool_]:
    """Whether each letter has no other near it along a row; `reach_px`, `sway_px`: along and across the row.

    The rest as in `row_numbers`.
    """
    places = np.zeros(shape, np.uint8)
    places[letters[:, 1], letters[:, 0]] = 1
    along, across = 2 * round(reach_px) + 1, 2 * round(sway_px) + 1
    size = (along, across) if level else (across, along)
    counts = cv2.boxFilter(places, cv2.CV_8U, size, normalize=False, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(np.asarray(counts)[letters[:, 1], letters[:, 0]] == 1, dtype=np.bool_)
