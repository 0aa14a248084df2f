"""Codes on a page that may be a separator: Data Matrix, QR, Code 39, Code 128, read by zxing-cpp.

One quick reading at about 150 dpi for every page; a thorough one, in several resolutions and with other ways to tell
dark from light, only for pages on which something suspicious was seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

from pipeline.domain.separator_marks import INCH_MM

Gray = npt.NDArray[np.uint8]

_MATRIX_FORMATS = (zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.QRCode)
_FORMATS = zxingcpp.BarcodeFormats((*_MATRIX_FORMATS, zxingcpp.BarcodeFormat.Code39, zxingcpp.BarcodeFormat.Code128))
_OTHER_FORMATS = zxingcpp.BarcodeFormats(
    (
        zxingcpp.BarcodeFormat.ITF,
        zxingcpp.BarcodeFormat.Code93,
        zxingcpp.BarcodeFormat.Codabar,
        zxingcpp.BarcodeFormat.EAN13,
        zxingcpp.BarcodeFormat.EAN8,
        zxingcpp.BarcodeFormat.PDF417,
        zxingcpp.BarcodeFormat.Aztec,
    )
)
_QUICK_DPI = 150.0
_MOST_DPI = 300.0
_SMALL_DPI = 50.0
_MARGIN_MM = 6.0
_CODE_LEAST_MM, _CODE_MOST_MM = 8.0, 80.0
_CODE_FILL = 0.5
_DARKER_BY = 12
_STREAK = 0.85  # of the page's height or width; no line of type reaches so far


@dataclass(frozen=True)
class Area:
    """A box on the page in mm from its upper left corner."""

    left_mm: float
    top_mm: float
    right_mm: float
    bottom_mm: float

    def meets(self, other: Area) -> bool:
        """Whether the two have a point in common."""
        beside = self.right_mm < other.left_mm or other.right_mm < self.left_mm
        return not (beside or self.bottom_mm < other.top_mm or other.bottom_mm < self.top_mm)

    def covers(self, other: Area, share: float, room_mm: float) -> bool:
        """Whether it hides so much (0 to 1) of another area; `room_mm`: how far it may be larger than it seems."""
        wide = min(self.right_mm + room_mm, other.right_mm) - max(self.left_mm - room_mm, other.left_mm)
        high = min(self.bottom_mm + room_mm, other.bottom_mm) - max(self.top_mm - room_mm, other.top_mm)
        whole = (other.right_mm - other.left_mm) * (other.bottom_mm - other.top_mm)
        return wide > 0 and high > 0 and wide * high >= share * whole

    def within(self, outer: Area) -> Area:
        """The same place on a page of which `outer` was cut out."""
        left, top = outer.left_mm, outer.top_mm
        return Area(left + self.left_mm, top + self.top_mm, left + self.right_mm, top + self.bottom_mm)


@dataclass(frozen=True)
class Codes:
    """What one reading found: texts, where they stand, and where 2D codes may be that could not be decoded.

    A place is None where the reader tells of such a code and not where. It tells of many in the grain of empty paper.
    """

    texts: tuple[str, ...]
    areas: tuple[Area, ...] = ()
    undecoded: tuple[Area | None, ...] = ()


@dataclass(frozen=True)
class Ink:
    """The dark pixels of a page, and how many make a millimetre."""

    dark: npt.NDArray[np.bool_]
    px_per_mm: float


def read_quickly(gray: Gray, dpi: float) -> Codes:
    """The texts of a page's codes, at a cost that every page can bear."""
    small, small_dpi = scaled(gray, dpi, _QUICK_DPI)
    found = zxingcpp.read_barcodes(small, formats=_FORMATS, try_invert=False, try_downscale=False)
    return _codes(found, small_dpi / INCH_MM)


def read_thoroughly(gray: Gray, dpi: float) -> Iterator[Codes]:
    """One reading after the other, each in another way; the caller stops when it has enough."""
    for picture in _renderings(gray, dpi):
        for binarizer in (zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram):
            found = zxingcpp.read_barcodes(picture, formats=_FORMATS, binarizer=binarizer, return_errors=True)
            yield _codes(found, picture.shape[1] / gray.shape[1] * dpi / INCH_MM)


def read_other_kinds(gray: Gray, dpi: float) -> Codes:
    """Codes of kinds that no separator has: payment slips, parcels, goods. Only pages under suspicion are read so."""
    for picture in _renderings(gray, dpi):
        found = zxingcpp.read_barcodes(picture, formats=_OTHER_FORMATS)
        if found:
            return _codes(found, picture.shape[1] / gray.shape[1] * dpi / INCH_MM)
    return Codes(())


def _codes(found: Sequence[zxingcpp.Barcode], px_per_mm: float) -> Codes:
    valid = [code for code in found if code.valid]
    broken = [_area(code, px_per_mm) for code in found if not code.valid and code.format in _MATRIX_FORMATS]
    undecoded = tuple(area if area.right_mm > area.left_mm else None for area in broken)
    return Codes(tuple(code.text for code in valid), tuple(_area(code, px_per_mm) for code in valid), undecoded)


def _area(code: zxingcpp.Barcode, px_per_mm: float) -> Area:
    place = code.position
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    across, down = [corner.x / px_per_mm for corner in corners], [corner.y / px_per_mm for corner in corners]
    return Area(min(across), min(down), max(across), max(down))


def ink_of(gray: Gray, dpi: float, most_dpi: float = _SMALL_DPI) -> Ink:
    """What of a page is darker than its surroundings, at about `most_dpi` (50 will do for blocks), without streaks."""
    small, small_dpi = scaled(gray, dpi, most_dpi)
    px_per_mm = small_dpi / INCH_MM
    around = cv2.blur(small, (round(25 * px_per_mm) | 1,) * 2)
    return Ink(_without_streaks(np.asarray(cv2.subtract(around, small) > _DARKER_BY, dtype=np.bool_)), px_per_mm)


def _without_streaks(dark: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Without what runs straight from one edge of the picture to the other, as dirt on a scanner's glass leaves it."""
    marks = dark.view(np.uint8)
    for axis in (0, 1):
        share = cv2.reduce(marks, axis, cv2.REDUCE_SUM, dtype=cv2.CV_32S) >= _STREAK * dark.shape[axis]
        if share.any():
            dark = dark & ~share
    return dark


def code_like(ink: Ink) -> list[Area]:
    """Dense blocks of 8 to 80 mm, or bands of that height: codes, but also logos, pictures and solid text."""
    kernel = np.ones((max(1, round(1.5 * ink.px_per_mm)),) * 2, dtype=np.uint8)
    joined = cv2.morphologyEx(ink.dark.view(np.uint8), cv2.MORPH_CLOSE, kernel)
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    areas = []
    for left, top, wide, high, pixels in stats[1:].tolist():
        side_mm = min(wide, high) / ink.px_per_mm
        if _CODE_LEAST_MM <= side_mm <= _CODE_MOST_MM and pixels >= _CODE_FILL * wide * high:
            box = (left, top, left + wide, top + high)
            areas.append(Area(*(edge / ink.px_per_mm for edge in box)))
    return areas


def ink_beside(ink: Ink, areas: Sequence[Area]) -> float:
    """The share of dark pixels, 0 to 1, inside the margins and outside the areas."""
    return float(np.count_nonzero(without_areas(ink, areas))) / max(1, ink.dark.size)


def without_areas(ink: Ink, areas: Sequence[Area], room_mm: float = 2.0) -> npt.NDArray[np.bool_]:
    """The dark pixels inside the margins, outside the areas and `room_mm` around them."""
    margin = max(1, round(_MARGIN_MM * ink.px_per_mm))
    counted = np.zeros(ink.dark.shape, dtype=np.bool_)
    counted[margin:-margin, margin:-margin] = True
    for area in areas:
        top, left = (max(0, round((edge - room_mm) * ink.px_per_mm)) for edge in (area.top_mm, area.left_mm))
        bottom, right = (round((edge + room_mm) * ink.px_per_mm) for edge in (area.bottom_mm, area.right_mm))
        counted[top:bottom, left:right] = False
    return ink.dark & counted


def _renderings(gray: Gray, dpi: float) -> Iterator[Gray]:
    """The page as it is, at the quick reading's resolution, with stretched tones, softened, and enlarged."""
    full, full_dpi = scaled(gray, dpi, _MOST_DPI)
    yield full
    small, _ = scaled(full, full_dpi, _QUICK_DPI)
    yield small
    darkest, lightest = (float(tone) for tone in np.percentile(small, (1, 90)))
    stretch = 255.0 / max(1.0, lightest - darkest)
    yield np.clip((full.astype(np.float32) - darkest) * stretch, 0, 255).astype(np.uint8)
    yield np.asarray(cv2.GaussianBlur(full, (0, 0), 0.35 * full_dpi / 100), dtype=np.uint8)
    if full_dpi <= _QUICK_DPI:
        yield np.asarray(cv2.resize(full, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def scaled(gray: Gray, dpi: float, most_dpi: float) -> tuple[Gray, float]:
    """The picture at `most_dpi` or less: whole blocks averaged as far as they go, the rest interpolated."""
    factor = min(int(dpi // most_dpi), *gray.shape)
    if factor > 1:
        size = gray.shape[1] // factor, gray.shape[0] // factor
        whole = gray[: size[1] * factor, : size[0] * factor]
        gray = np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        dpi /= factor
    if dpi <= most_dpi * 1.1:
        return np.ascontiguousarray(gray), dpi
    share = most_dpi / dpi
    size = max(1, round(gray.shape[1] * share)), max(1, round(gray.shape[0] * share))
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8), most_dpi
