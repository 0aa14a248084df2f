"""What still shows of a code that strokes, bands or torn paper joined with all that is around it.

Such a code is no block of its own any more. But one corner of a QR code that is whole, a few bars of a linear code
between two strokes, or a patch of squares, as large as a thumbnail, are enough for a doubt on a page that says little.
Only such pages are looked at this way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.adapters.incoming.code_remains import structure_of
from pipeline.adapters.incoming.separator_codes import Area, Gray, Ink, ink_of

_FINDER_DPI = 100.0
_FINDER = (1, 1, 3, 1, 1)  # dark, light, dark, light, dark: ISO/IEC 18004, in modules
_MODULE_MM = (0.7, 4.0)
_OFF, _OFF_CENTRE, _OFF_SIZE = 0.5, 0.7, 0.3  # of a module
_LEAST_CROSSINGS = 6  # rows and columns that agree on one centre; of 240 letters none has more than 5
_WINDOW_MM = (36.0, 8.0)  # a dozen bars of a code as wide as a hand; lower than the code
_FILL, _MOST_WINDOWS = 0.25, 300  # bars are half dark; a page with more such windows is full of tables
_PATCH_MM = (8.0, 16.0, 28.0)  # across: a few squares of a small code, of a usual one, of one as large as a hand
_PATCH_FILL = (0.3, 0.85)
_SQUARE, _ONE_WAY, _DARK, _CHANGES = 0.57, 0.25, (0.33, 0.7), 2.5
_LARGER_THAN_LETTERS_MM, _LATTICE = 16.0, 0.3  # two capitals of a stamp and its frame are as square, on no lattice
"""Letters: type has 0.4, photographs 0.53, and the boxes of forms, which are squares too, are lighter than 0.33."""


def code_traces(gray: Gray, dpi: float, ink: Ink) -> list[Area]:
    """Where a corner of a QR code is whole, and where bars as those of a linear code stand side by side."""
    return _finders(ink_of(gray, dpi, _FINDER_DPI)) + _bars(gray, dpi, ink)


def _bars(gray: Gray, dpi: float, ink: Ink) -> list[Area]:
    windows = list(_windows(ink, (_WINDOW_MM, _WINDOW_MM[::-1]), (_FILL, 1.0)))
    if len(windows) > _MOST_WINDOWS:
        return []
    return [window for window in windows if structure_of(gray, dpi, window).linear]


def adjoining_squares(gray: Gray, dpi: float, ink: Ink) -> list[Area]:
    """Windows whose edges lie in two directions at right angles, neither of which prevails, as a matrix code's do."""
    found = []
    for side in _PATCH_MM:
        windows = list(_windows(ink, ((side, side),), _PATCH_FILL))
        for window in windows if len(windows) <= _MOST_WINDOWS else ():
            near = structure_of(gray, dpi, window)
            crossing = near.square >= _SQUARE and near.one_way <= _ONE_WAY and near.changes >= _CHANGES
            on_lattice = side >= _LARGER_THAN_LETTERS_MM or near.lattice >= _LATTICE
            if crossing and on_lattice and _DARK[0] <= near.dark <= _DARK[1]:
                found.append(window)
    return found


def _windows(ink: Ink, shapes: Iterable[tuple[float, float]], fills: tuple[float, float]) -> Iterator[Area]:
    """Half overlapping windows of these widths and heights in mm, that are dark enough and not too dark (0 to 1)."""
    dark = ink.dark.view(np.uint8) * np.uint8(255)
    for sides in shapes:
        wide, high = (round(side * ink.px_per_mm) for side in sides)
        if dark.shape[0] <= high or dark.shape[1] <= wide:
            continue
        fill = cv2.boxFilter(dark, -1, (wide, high), anchor=(0, 0), borderType=cv2.BORDER_CONSTANT)
        across, down = max(1, wide // 2), max(1, high // 2)
        share = fill[: dark.shape[0] - high : down, : dark.shape[1] - wide : across] / 255
        starts = np.argwhere((share >= fills[0]) & (share <= fills[1]))
        for row, column in starts.tolist():
            left, top = column * across, row * down
            yield Area(*(edge / ink.px_per_mm for edge in (left, top, left + wide, top + high)))


def _finders(ink: Ink) -> list[Area]:
    """The corners of QR codes, level or upright within a few degrees, that rows and columns cross alike."""
    modules_px = _MODULE_MM[0] * ink.px_per_mm, _MODULE_MM[1] * ink.px_per_mm
    level, upright = (_crossings(way, modules_px) for way in (ink.dark, np.ascontiguousarray(ink.dark.T)))
    size = level[:, None, 2]
    agree = np.abs(level[:, None, 0] - upright[None, :, 1]) <= _OFF_CENTRE * size
    agree &= np.abs(level[:, None, 1] - upright[None, :, 0]) <= _OFF_CENTRE * size
    agree &= np.abs(size - upright[None, :, 2]) <= _OFF_SIZE * size
    found = level[np.count_nonzero(agree, axis=1) >= _LEAST_CROSSINGS]
    half = sum(_FINDER) / 2
    boxes = ((x - half * m, y - half * m, x + half * m, y + half * m) for y, x, m in found.tolist())
    return [Area(*(edge / ink.px_per_mm for edge in box)) for box in boxes]


def _crossings(dark: npt.NDArray[np.bool_], modules_px: tuple[float, float]) -> npt.NDArray[Any]:
    """Row, middle and module of each place where the runs of a row are as those through a corner's centre."""
    padded = np.pad(dark, ((0, 0), (1, 1)))
    changes = np.flatnonzero(padded[:, 1:] != padded[:, :-1])  # in every row one from light to dark, one back
    row, start = np.divmod(changes[0::2], padded.shape[1] - 1)
    end = changes[1::2] % (padded.shape[1] - 1)
    at = np.arange(max(0, len(row) - 2))
    module = (end[at + 2] - start[at]) / sum(_FINDER)
    good = (row[at] == row[at + 2]) & (module >= modules_px[0]) & (module <= modules_px[1])
    edges = (start[at], end[at], start[at + 1], end[at + 1], start[at + 2], end[at + 2])
    for low, high, modules in zip(edges, edges[1:], _FINDER, strict=False):
        off = _OFF * module * (1.5 if modules > 1 else 1.0) + 0.5
        good &= np.abs(high - low - modules * module) <= off
    at = at[good]
    return np.stack([row[at], (start[at] + end[at + 2]) / 2, module[good]], axis=1)
