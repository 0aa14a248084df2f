"""What is left of a code that no reader can read: struck through, covered, torn, with a hole in it.

A look at the structure alone, for pages that are nearly empty beside such a block. A linear code: parallel dark and
light bars of several widths, many edges, the same in nearly all rows. A matrix code: about half dark, nearly all edges
in two directions at right angles, and these edges on a lattice. Letters, logos, seals, photographs, tables and rules
lack one or the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.adapters.incoming.separator_codes import Area, Gray, Ink, ink_of
from pipeline.domain.separator_marks import INCH_MM

_COARSE = 2
_MATRIX_SHORT_MM, _MATRIX_LONG_MM = (7.0, 62.0), (10.0, 125.0)
_LEAST_SEEN_MM, _SEEN_CHANGES = 5.0, 2.5
_LEAST_COMPACT = 0.5
_MOST_BLOCKS = 8
_SMALL_CODE_DPI = 100.0
_SMALL_SQUARE, _SMALL_ONE_WAY, _SMALL_DARK, _SMALL_CHANGES = 0.62, 0.2, (0.38, 0.6), 3.0
"""Halves of small codes: 0.66 and more, 0.09, 0.41 to 0.52, 3.4; boxes of forms 0.57, ruled paper 2.6 changes."""
_CLOSE_DPI = 150.0
_WEAK_EDGE = 0.3
_UPRIGHT = 6.0
_MODULE_MM = (0.35, 3.5)
_LEAST_MODULES = 6
_LEAST_BARS, _LEAST_AGREEMENT, _LEAST_VARIED, _LEAST_ONE_WAY = 12, 0.70, 1.5, 0.6
_FEW_BARS, _CLEAR_AGREEMENT, _CLEAR_ONE_WAY = 8, 0.85, 0.75  # half a code whose other half is covered
_MATRIX_DARK = (0.28, 0.75)
_LEAST_SQUARE, _LEAST_LATTICE, _LEAST_CHANGES = 0.5, 0.3, 3.5


@dataclass(frozen=True)
class _Sought:
    """How dark (0 to 1) a window and the whole block must be, and how large the block may be."""

    window_mm: float
    window_fill: float
    least_fill: float
    short_mm: tuple[float, float]
    long_mm: tuple[float, float]


_ANY_CODE = _Sought(7.0, 0.24, 0.36, (7.0, 80.0), (8.0, 200.0))
_SMALL_CODE = _Sought(3.5, 0.40, 0.45, (4.5, 20.0), (9.0, 20.0))


@dataclass(frozen=True)
class Structure:
    """What a block looks like from near; all shares and measures of likeness are 0 to 1.

    `bars`, `agreement`, `varied`: how many bars stand in it, the share of pixels as most of their bar or gap are, and
    how much wider wide ones are than narrow ones. `one_way`, `square`: how far its edges lie in one direction, and in
    two at right angles. `lattice`: how far these edges keep to equal steps. `changes`: how often dark and light change
    along a row or a column, the smaller of the two means. `dark`: the share of dark pixels.
    """

    bars: int
    agreement: float
    varied: float
    one_way: float
    square: float
    lattice: float
    changes: float
    dark: float

    @property
    def linear(self) -> bool:
        """Parallel bars as a linear code has them; rules, bar charts and hatching have bars of one width."""
        clear = self.bars >= _FEW_BARS and self.agreement >= _CLEAR_AGREEMENT and self.one_way >= _CLEAR_ONE_WAY
        many = self.bars >= _LEAST_BARS and self.agreement >= _LEAST_AGREEMENT and self.one_way >= _LEAST_ONE_WAY
        return (clear or many) and self.varied >= _LEAST_VARIED

    @property
    def crossing(self) -> bool:
        """Edges in two directions at right angles, neither of which is all."""
        return self.square >= _LEAST_SQUARE and self.one_way <= _LEAST_ONE_WAY

    @property
    def matrix(self) -> bool:
        """Squares on a lattice as a matrix code has them."""
        half_dark = _MATRIX_DARK[0] <= self.dark <= _MATRIX_DARK[1] and self.one_way <= _LEAST_ONE_WAY
        on_lattice = self.square >= _LEAST_SQUARE and self.lattice >= _LEAST_LATTICE
        return half_dark and on_lattice and self.changes >= _LEAST_CHANGES


def dense_blocks(ink: Ink, most: int = _MOST_BLOCKS) -> list[Area]:
    """Compact blocks of the size of a code, about half of them dark; none where there are more than `most`."""
    areas = _blocks(ink, _ANY_CODE)
    return areas if len(areas) <= most else []


def small_remains(gray: Gray, dpi: float) -> list[Area]:
    """What is left of matrix codes of 13 to 20 mm: the half of one is smaller than a word in large type."""
    found = []
    for area in _blocks(ink_of(gray, dpi, _SMALL_CODE_DPI), _SMALL_CODE):
        structure = structure_of(gray, dpi, area)
        crossing = structure.square >= _SMALL_SQUARE and structure.one_way <= _SMALL_ONE_WAY
        if crossing and _within(structure.dark, _SMALL_DARK) and structure.changes >= _SMALL_CHANGES:
            found.append(area)
    return found


def _blocks(ink: Ink, sought: _Sought) -> list[Area]:
    fill = _coarse(ink)
    window = max(3, round(sought.window_mm * ink.px_per_mm / _COARSE))
    dense = cv2.threshold(cv2.blur(fill, (window, window)), 255 * sought.window_fill, 255, cv2.THRESH_BINARY)[1]
    count, labels, stats, _ = cv2.connectedComponentsWithStats(dense, connectivity=4)
    px_per_mm = ink.px_per_mm / _COARSE
    areas = []
    for label in range(1, count):
        left, top, wide, high, pixels = stats[label].tolist()
        short, long = sorted((wide / px_per_mm, high / px_per_mm))
        sized = _within(short, sought.short_mm) and _within(long, sought.long_mm)
        if not sized or pixels < _LEAST_COMPACT * wide * high:
            continue
        box = np.s_[top : top + high, left : left + wide]
        if float(fill[box][labels[box] == label].mean()) >= 255 * sought.least_fill:
            areas.append(Area(*(edge / px_per_mm for edge in (left, top, left + wide, top + high))))
    return areas


def _coarse(ink: Ink) -> Gray:
    """How dark the page is, at about one pixel a millimetre."""
    dark = ink.dark.view(np.uint8) * np.uint8(255)
    high, wide = max(1, dark.shape[0] // _COARSE), max(1, dark.shape[1] // _COARSE)
    whole = dark[: high * _COARSE, : wide * _COARSE]
    return np.asarray(cv2.resize(whole, (wide, high), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def has_code_structure(gray: Gray, dpi: float, area: Area) -> bool:
    """Whether a block is built as a code is, however it was damaged."""
    short, long = sorted((area.right_mm - area.left_mm, area.bottom_mm - area.top_mm))
    structure = structure_of(gray, dpi, area)
    return structure.linear or (
        structure.matrix and _within(short, _MATRIX_SHORT_MM) and _within(long, _MATRIX_LONG_MM)
    )


def may_be_matrix(gray: Gray, dpi: float, area: Area) -> bool:
    """Whether a place where a reader saw a matrix code shows one: nearly all edges in two directions at right angles.

    In the grain of paper and in small print readers see such codes too; there it is 0.3 and less.
    """
    short, long = sorted((area.right_mm - area.left_mm, area.bottom_mm - area.top_mm))
    sized = short >= _LEAST_SEEN_MM and long <= _MATRIX_LONG_MM[1]
    near = structure_of(gray, dpi, area) if sized else None
    return near is not None and near.crossing and near.changes >= _SEEN_CHANGES


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def structure_of(gray: Gray, dpi: float, area: Area) -> Structure:
    """The features by which a code is told from other dense blocks; the lattice is 0 where no matrix code can be."""
    crop, px_per_mm = _crop(gray, dpi, area)
    right, down = _slopes(crop)
    strength = np.asarray(cv2.magnitude(right, down), dtype=np.float32)
    strong = strength > _WEAK_EDGE * float(strength.max(initial=0.0))
    weight, edges = strength[strong], right[strong] + 1j * down[strong]
    total = max(1.0, float(weight.sum()))
    two = complex((edges**2 / weight).sum()) / total
    four = complex((edges**4 / weight**3).sum()) / total
    dark = _dark(crop)
    bars = _bars(_turned(dark, math.degrees(math.atan2(two.imag, two.real)) / 2, 0))
    structure = Structure(*bars, abs(two), abs(four), 1.0, _changes(dark), float(np.mean(dark)) / 255)
    if not structure.matrix:
        return replace(structure, lattice=0.0)
    upright = _turned(crop, math.degrees(math.atan2(four.imag, four.real)) / 4, int(np.percentile(crop, 95)))
    right, down = _slopes(upright)
    return replace(structure, lattice=min(_lattice(right, down, px_per_mm), _lattice(down.T, right.T, px_per_mm)))


def _slopes(picture: Gray) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    soft = cv2.GaussianBlur(picture, (0, 0), 0.8)
    right, down = (cv2.Sobel(soft, cv2.CV_32F, *way, ksize=3) for way in ((1, 0), (0, 1)))
    return np.asarray(right, dtype=np.float32), np.asarray(down, dtype=np.float32)


def _crop(gray: Gray, dpi: float, area: Area) -> tuple[Gray, float]:
    px_per_mm = dpi / INCH_MM
    top, left = (max(0, round(edge * px_per_mm)) for edge in (area.top_mm, area.left_mm))
    bottom, right = (round(edge * px_per_mm) for edge in (area.bottom_mm, area.right_mm))
    crop = gray[top:bottom, left:right]
    share = min(1.0, _CLOSE_DPI / dpi)
    if share < 0.9:
        size = max(1, round(crop.shape[1] * share)), max(1, round(crop.shape[0] * share))
        crop = np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return np.ascontiguousarray(crop), px_per_mm * min(1.0, crop.shape[0] / max(1, bottom - top))


def _dark(crop: Gray) -> Gray:
    """255 where the block is dark, 0 where it is light, by the threshold that parts its tones best."""
    _, dark = cv2.threshold(crop, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    return np.asarray(dark, dtype=np.uint8)


def _turned(picture: Gray, degrees: float, paper: int) -> Gray:
    """Turned back by `degrees` about its middle, with `paper` around it."""
    high, wide = picture.shape
    steep = abs(degrees) > 20
    new_wide, new_high = (high, wide) if steep else (wide, high)
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), degrees, 1.0)
    matrix[:, 2] += ((new_wide - wide) / 2, (new_high - high) / 2)
    turned = cv2.warpAffine(picture, matrix, (new_wide, new_high), flags=cv2.INTER_LINEAR, borderValue=paper)
    return np.asarray(turned, dtype=np.uint8)


def _bars(dark: Gray) -> tuple[int, float, float]:
    """How many bars stand upright in it, the share of pixels as their column has them, wide runs against narrow."""
    share = dark.mean(axis=0) / 255.0
    column = share >= 0.5
    edges = np.flatnonzero(np.diff(np.pad(column.astype(np.int8), 1)))
    starts, ends = edges[0::2], edges[1::2]
    if len(starts) < 3:
        return len(starts), 0.0, 0.0
    inside = share[starts[0] : ends[-1]]
    agreement = float(np.maximum(inside, 1 - inside).mean())
    widths, gaps = ends - starts, starts[1:] - ends[:-1]
    varied = min(float(np.percentile(runs, 90) / max(1.0, np.percentile(runs, 25))) for runs in (widths, gaps))
    return len(starts), agreement, varied


def _changes(dark: Gray) -> float:
    """How often dark and light change along a row and along a column, on average; the smaller of both."""
    return min(int(np.count_nonzero(np.diff(dark, axis=axis))) / int(dark.shape[1 - axis]) for axis in (0, 1))


def _lattice(along: npt.NDArray[np.float32], across: npt.NDArray[np.float32], px_per_mm: float) -> float:
    """How far the upright edges lie on a lattice: the highest of the periods of 0.35 to 3.5 mm, 0 to 1.

    Edges that lean, as a pen's strokes do, are left out.
    """
    size = np.abs(along)
    upright = (size > _UPRIGHT * np.abs(across)) & (size > _WEAK_EDGE * size.max(initial=0.0))
    edges = np.where(upright, size, 0).sum(axis=0, dtype=np.float64)
    total = edges.sum()
    periods = np.geomspace(max(2.2, _MODULE_MM[0] * px_per_mm), _MODULE_MM[1] * px_per_mm, 160)
    periods = periods[periods * _LEAST_MODULES <= len(edges)]
    if not total or not len(periods):
        return 0.0
    waves = np.exp(2j * math.pi * np.arange(len(edges)) / periods[:, None])
    return float(np.max(np.abs(waves @ edges))) / float(total)
