"""Dark areas of a page: headings in light type on dark ground, and the black edges that a scanner's lid leaves.

They are found once on a small copy and mended on every copy that is read, so that no second reading is needed for
light type, and no black edge counts as ink.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.adapters.incoming.page_pictures import Gray

_DARK = 0.6  # of the paper's brightness
_STROKE_INCH = 0.05  # light strokes in a dark ground are not wider; 18-point bold type has 0.045
_LEAST_INCH = 0.1  # a dark ground is at least so high and wide
_LEAST_WIDTH_INCH = 0.35
_LEAST_DARK = 0.5  # share of a ground that is dark; black type on white has 0.4 at the very most
_LEAST_RIM = 0.85  # share of a ground's rim that is dark; letters that run together have a ragged one
_LEAST_LIGHT = 0.005  # share of a ground that is light, so that there is something to read
_LEAST_LIGHT_AT_EDGE = 0.03  # where the ground reaches the edge of the scan
_MOST_BEYOND = 0.2  # share of the ink around a ground that lies beyond it; of large letters, a quarter and more
_EDGE_INCH = 0.04
_RIM = 3  # pixels of the small copy
_EDGE_REACH = 5  # pixels of the small copy; the blurred outline of an edge belongs to it


@dataclass(frozen=True)
class DarkAreas:
    """Masks (255 or 0) in the raster of the small copy: `grounds` of light type, `edges` of the scan."""

    grounds: Gray | None
    edges: Gray | None

    def lightened(self, gray: Gray) -> Gray:
        """A copy at any resolution with light type turned to dark and edges turned to paper; the same if none is."""
        if self.grounds is None and self.edges is None:
            return gray
        result = gray.copy()
        if self.grounds is not None:
            inside = _sized(self.grounds, gray)
            result[inside] = 255 - result[inside]
            result[_sized(_rim(self.grounds), gray)] = 255
        if self.edges is not None:
            result[_sized(self.edges, gray)] = 255
        return result


NO_DARK_AREAS = DarkAreas(None, None)


def find_dark_areas(gray: Gray, dpi: float) -> DarkAreas:
    """Look for dark areas in a copy of a page at `dpi` (about 100)."""
    paper = float(np.percentile(gray[::7, ::7], 80))
    dark = (gray < _DARK * paper).astype(np.uint8)
    if float(dark.mean()) < 0.001:
        return NO_DARK_AREAS
    closed = np.asarray(cv2.morphologyEx(dark, cv2.MORPH_CLOSE, _square(_STROKE_INCH, dpi)), dtype=np.uint8)
    solid = _opened(closed, _square(_LEAST_INCH, dpi))
    count, found, stats, _centres = cv2.connectedComponentsWithStats(solid, connectivity=4)
    labels = np.asarray(found, dtype=np.int32)
    strokes = _Strokes(dark)
    grounds: list[int] = []
    edges: list[int] = []
    for number in range(1, count):
        left, top, width, height, area = (int(value) for value in stats[number])
        place = (slice(top, top + height), slice(left, left + width))
        inside = np.pad((labels[place] == number).astype(np.uint8), 1)
        ink = np.pad(dark[place], 1)
        at_edge = _at_edge(left, top, width, height, gray.shape, dpi)
        light = 1 - _share(ink, inside)
        rim = np.asarray(inside - cv2.erode(inside, np.ones((5, 5), np.uint8)), dtype=np.uint8)
        if 1 - light < _LEAST_DARK or _share(ink, rim) < _LEAST_RIM:
            continue
        least = _LEAST_LIGHT_AT_EDGE if at_edge else _LEAST_LIGHT
        large = max(width, height) >= _LEAST_WIDTH_INCH * dpi and area >= 0.5 * width * height
        core = np.asarray(cv2.erode(inside, np.ones((3, 3), np.uint8)), dtype=np.uint8)
        written = light >= least and bool(core.any()) and 1 - _share(ink, core) >= _LEAST_LIGHT
        if written and large and strokes.beyond(place, labels[place] == number) <= _MOST_BEYOND:
            grounds.append(number)
        elif at_edge:
            edges.append(number)
    black = _mask(labels, edges)
    if black is not None:
        black = np.asarray(cv2.dilate(black, np.ones((_EDGE_REACH, _EDGE_REACH), np.uint8)), dtype=np.uint8)
    return DarkAreas(_mask(labels, grounds), black)


class _Strokes:
    """The connected ink of a page, looked at only where there is a dark area."""

    def __init__(self, dark: Gray) -> None:
        self._dark = dark
        self._found: tuple[NDArray[np.int32], NDArray[np.int32]] | None = None

    def beyond(self, place: tuple[slice, slice], inside: NDArray[np.bool_]) -> float:
        """The share, 0 to 1, of the ink of which a part lies inside an area that lies outside: the rest of letters.

        The strokes of a large heading are as thick as a ground of light type is high, but reach beyond.
        """
        if self._found is None:
            _count, labels, stats, _centres = cv2.connectedComponentsWithStats(self._dark, connectivity=8)
            self._found = np.asarray(labels, np.int32), np.asarray(stats[:, cv2.CC_STAT_AREA], np.int32)
        labels, areas = self._found
        touched = labels[place][inside]
        numbers = np.unique(touched[touched > 0])
        return 1.0 - np.count_nonzero(touched) / max(1, int(areas[numbers].sum()))


def _opened(closed: Gray, square: NDArray[np.uint8]) -> Gray:
    """Only what a square fits into; beyond the edge of the scan all is taken for dark, so thin black edges stay."""
    reach = square.shape[0]
    wide = cv2.copyMakeBorder(closed, reach, reach, reach, reach, cv2.BORDER_CONSTANT, value=1)
    return np.asarray(cv2.morphologyEx(wide, cv2.MORPH_OPEN, square)[reach:-reach, reach:-reach], dtype=np.uint8)


def _share(ink: Gray, where: Gray) -> float:
    return float(ink[where > 0].mean())


def _at_edge(left: int, top: int, width: int, height: int, shape: tuple[int, ...], dpi: float) -> bool:
    near = _EDGE_INCH * dpi
    return min(left, top, shape[1] - left - width, shape[0] - top - height) <= near


def _square(inch: float, dpi: float) -> NDArray[np.uint8]:
    side = max(3, round(inch * dpi)) | 1  # an even side would shift the areas
    return np.ones((side, side), np.uint8)


def _mask(labels: NDArray[np.int32], numbers: list[int]) -> Gray | None:
    """The areas of these numbers, without holes."""
    if not numbers:
        return None
    chosen = np.isin(labels, numbers).astype(np.uint8)
    outlines, _order = cv2.findContours(chosen, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(cv2.drawContours(chosen, outlines, -1, 255, cv2.FILLED), dtype=np.uint8)


def _rim(mask: Gray) -> Gray:
    """The blurred outline of areas, which would be left as a frame that looks like type."""
    square = np.ones((_RIM, _RIM), np.uint8)
    return np.asarray(cv2.dilate(mask, square) - cv2.erode(mask, square), dtype=np.uint8)


def _sized(mask: Gray, gray: Gray) -> NDArray[np.bool_]:
    grown = cv2.resize(mask, (gray.shape[1], gray.shape[0]), interpolation=cv2.INTER_NEAREST)
    return np.asarray(grown > 0)
