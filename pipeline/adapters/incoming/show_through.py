"""The other side of a sheet that shines through: found again in the page before or behind, mirrored, and taken off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.adapters.incoming.page_marks import Gray, Sheet

_DPI = 75.0
_MM_PER_INCH = 25.4
_SHIFT_MM = 8.0  # between the two sides of a sheet in a duplex scanner
_BLURS_MM = (0.1, 0.3, 0.5)  # how far paper spreads what shines through
_MOST_SHARE = 0.3  # of its darkness that shines through
_LIKENESS = 0.3  # correlation, 0 to 1; of pages that have nothing to do with each other it is 0.1 at most

_BESIDE_MM = 1.5  # how far from the other side's ink a mark may still be its shadow
_SHINES = 30.0  # darkness (0 to 255) below which nothing shines through that anybody would see

Level = NDArray[np.float32]


def without_other_side(sheet: Sheet, others: Sequence[Gray]) -> tuple[Sheet, Sheet] | None:
    """The sheet without what shines through from that one of the `others` that explains it best.

    Twice: at 75 dpi with that taken off, and as it is with all wiped out that lies at or beside the other side's ink.

    `others`: darkness over paper of the pages before and behind, 0 to 255, at the sheet's resolution. They are tried
    turned over along the long and the short edge. None where none of them is behind this page.
    """
    mm = _DPI / _MM_PER_INCH
    size = (max(16, round(sheet.width_mm * mm)), max(16, round(sheet.height_mm * mm)))
    own = _small(sheet.dark, size)
    fits = []
    for other in others:
        for mirrored in (other[:, ::-1], other[::-1]):
            level = _small(np.ascontiguousarray(mirrored), size)
            fits.append((*_best_shift(_half(own), _half(level), round(_SHIFT_MM * mm / 2)), level))
    if not fits:
        return None
    _fit, shift, level = max(fits, key=lambda fit: fit[0])
    laid = _moved(own, level, shift)
    likeness, rest = _explained(own, laid, mm)
    if likeness < _LIKENESS:
        return None
    dark = np.clip(rest, 0, 255).astype(np.uint8)
    return replace(sheet, dark=dark, mm=mm), replace(sheet, dark=_beyond(sheet, laid, mm))


def _beyond(sheet: Sheet, laid: Level, mm: float) -> Gray:
    """What is dark where the other side, laid under the sheet, has no ink."""
    reach = 2 * round(_BESIDE_MM * mm) + 1
    behind = cv2.dilate((laid >= _SHINES).astype(np.uint8), np.ones((reach, reach), np.uint8))
    size = (sheet.dark.shape[1], sheet.dark.shape[0])
    grown = cv2.resize(behind, size, interpolation=cv2.INTER_NEAREST)
    return np.where(grown > 0, np.uint8(0), sheet.dark)


def _small(dark: Gray, size: tuple[int, int]) -> Level:
    return np.asarray(cv2.resize(dark, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _half(level: Level) -> Level:
    size = (level.shape[1] // 2, level.shape[0] // 2)
    return np.asarray(cv2.resize(level, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _best_shift(own: Level, other: Level, most_px: int) -> tuple[float, tuple[int, int]]:
    """How well the other side fits where it fits best, and by how many of these pixels down and right that is."""
    high, wide = (cv2.getOptimalDFTSize(side + most_px) for side in own.shape)
    mine, theirs = own - own.mean(), other - other.mean()
    first, second = (cv2.dft(_padded(level, high, wide)) for level in (mine, theirs))
    fit = cv2.dft(cv2.mulSpectrums(first, second, 0, conjB=True), flags=cv2.DFT_INVERSE | cv2.DFT_SCALE)
    shifts = np.roll(fit, (most_px, most_px), (0, 1))[: 2 * most_px + 1, : 2 * most_px + 1]
    down, across = np.unravel_index(int(np.argmax(shifts)), shifts.shape)
    power = max(float(np.sqrt((mine**2).sum() * (theirs**2).sum())), 1e-9)
    return float(shifts[down, across]) / power, (int(down) - most_px, int(across) - most_px)


def _moved(own: Level, other: Level, halves: tuple[int, int]) -> Level:
    """The other side moved by twice `halves` pixels, and by one more where that fits better."""
    tries = [_laid(other, 2 * halves[0] + down, 2 * halves[1] + right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return max(tries, key=lambda level: float(np.vdot(own, level)))


def _laid(other: Level, down: int, right: int) -> Level:
    move = np.array([[1.0, 0.0, right], [0.0, 1.0, down]])
    return np.asarray(cv2.warpAffine(other, move, (other.shape[1], other.shape[0])), dtype=np.float32)


def _padded(level: Level, high: int, wide: int) -> Level:
    down, across = high - level.shape[0], wide - level.shape[1]
    return np.asarray(cv2.copyMakeBorder(level, 0, down, 0, across, cv2.BORDER_CONSTANT), dtype=np.float32)


def _explained(own: Level, other: Level, mm: float) -> tuple[float, Level]:
    """How alike both are at the best of several blurs, and what is left when the other one's share is taken off."""
    best, rest = 0.0, own
    for blur in _BLURS_MM:
        seen = cv2.GaussianBlur(other, (0, 0), blur * mm)
        mine, theirs = own - own.mean(), seen - seen.mean()
        power, both = float((theirs**2).sum()), float((mine * theirs).sum())
        likeness = both / max(float(np.sqrt(power * (mine**2).sum())), 1e-9)
        if likeness > best:
            best = likeness
            rest = np.asarray(own - min(both / power, _MOST_SHARE) * seen, dtype=np.float32)
    return best, rest
