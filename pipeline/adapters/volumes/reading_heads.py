"""The reading heads: one page of a saved PDF, rendered, measured for strokes and searched for a 2D code.

They know the machine's profile and look at ink. They share no code with what draws marks, so a mistake there can't
hide itself here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
import zxingcpp
from numpy.typing import NDArray

from pipeline.domain.geometry import A4_HEIGHT_MM, A4_WIDTH_MM, MM_PER_POINT, Rect
from pipeline.domain.profiles import DatamatrixPlace, Machine, Marks

_STROKE_PX_PER_MM = 150 / 25.4
_MODULE_PX = 4
_OFF_POSITION_MM = 0.5
_PAPER = 255
_STRAY_BELOW = 180  # grey value: a quarter of a pixel's area printed black is ink
_SIZE_TOLERANCE_MM = 0.2
_WHOLE_FROM, _WHOLE_TO, _NOTHING = 0.75, 1.3, 0.15  # of a stroke's thickness
_STROKE_END_MM = 0.5

_Grey = NDArray[np.uint8]


@dataclass(frozen=True)
class ReadSheet:
    """What one page showed. `page` from 1. `omr`: strokes found, 1 and 0 in position order, empty without strokes.

    `code`: what the 2D code says, empty where none was found. `blank`: nothing at all is on the page.
    `faults`: codes of what a reading head would stumble over, e.g. `ink-in-clear-zone`.
    """

    page: int
    omr: str
    code: str
    blank: bool
    faults: tuple[str, ...]


@dataclass(frozen=True)
class _View:
    """A part of the sheet as pixels: its left and top edge in mm, its resolution, its size."""

    left_mm: float
    top_mm: float
    px_per_mm: float
    width_px: int
    height_px: int

    @staticmethod
    def of(part: Rect, px_per_mm: float) -> _View:
        left, top = max(part.left_mm, 0.0), max(part.top_mm, 0.0)
        width = min(part.right_mm, A4_WIDTH_MM) - left
        height = min(part.bottom_mm, A4_HEIGHT_MM) - top
        return _View(left, top, px_per_mm, math.floor(width * px_per_mm), math.floor(height * px_per_mm))

    def rows_mm(self) -> NDArray[np.float32]:
        """The centre of each row of pixels, in mm from the sheet's top."""
        return (self.top_mm + (np.arange(self.height_px) + 0.5) / self.px_per_mm).astype(np.float32)

    def columns_mm(self) -> NDArray[np.float32]:
        """The centre of each column of pixels, in mm from the sheet's left edge."""
        return (self.left_mm + (np.arange(self.width_px) + 0.5) / self.px_per_mm).astype(np.float32)


class _Canvas:
    """A grey bitmap that is used again for each page."""

    def __init__(self, view: _View) -> None:
        self.view = view
        self.grey: _Grey = np.empty((view.height_px, view.width_px), dtype=np.uint8)
        pointer = self.grey.ctypes.data_as(pdfium.ctypes.c_void_p)
        self._bitmap = pdfium.FPDFBitmap_CreateEx(
            view.width_px, view.height_px, pdfium.FPDFBitmap_Gray, pointer, view.width_px
        )
        scale = view.px_per_mm * MM_PER_POINT
        self._matrix = pdfium.FS_MATRIX(
            scale, 0, 0, scale, -view.left_mm * view.px_per_mm, -view.top_mm * view.px_per_mm
        )
        self._clip = pdfium.FS_RECTF(0, 0, view.width_px, view.height_px)

    def draw(self, page: object) -> _Grey:
        self.grey.fill(255)
        pdfium.FPDF_RenderPageBitmapWithMatrix(self._bitmap, page, self._matrix, self._clip, pdfium.FPDF_ANNOT)
        return self.grey

    def close(self) -> None:
        pdfium.FPDFBitmap_Destroy(self._bitmap)


class ReadingHeads:
    """The reading heads of one machine; `close` them when done."""

    def __init__(self, machine: Machine) -> None:
        marks = machine.marks
        self._strokes = _StrokeReader(marks) if marks.kind != "datamatrix" else None
        place = marks.datamatrix
        self._symbol = _SymbolReader(place) if marks.kind != "omr" and place is not None else None

    def close(self) -> None:
        """Give back what the renderer holds."""
        for reader in (self._strokes, self._symbol):
            if reader is not None:
                reader.close()

    def read(self, document: pypdfium2.PdfDocument, number: int) -> ReadSheet:
        """What the page `number` (from 1) shows."""
        with _opened(document, number) as page:
            if page is None:
                return ReadSheet(number, "", "", False, ("page-unreadable",))
            blank = pdfium.FPDFPage_CountObjects(page) == 0 and pdfium.FPDFPage_GetAnnotCount(page) == 0
            faults = [] if _is_a4(page) else ["page-size"]
            omr = code = ""
            if self._strokes is not None:
                omr, found = self._strokes.read(page)
                faults += found
            if self._symbol is not None:
                code, found = self._symbol.read(page)
                faults += found
            return ReadSheet(number, omr, code, blank, tuple(dict.fromkeys(faults)))


@contextmanager
def _opened(document: pypdfium2.PdfDocument, number: int) -> Iterator[object]:
    page = pdfium.FPDF_LoadPage(document.raw, number - 1)
    try:
        yield page or None
    finally:
        if page:
            pdfium.FPDF_ClosePage(page)


def _is_a4(page: object) -> bool:
    width_mm = pdfium.FPDF_GetPageWidthF(page) * MM_PER_POINT
    height_mm = pdfium.FPDF_GetPageHeightF(page) * MM_PER_POINT
    off_mm = max(abs(width_mm - A4_WIDTH_MM), abs(height_mm - A4_HEIGHT_MM))
    return bool(off_mm <= _SIZE_TOLERANCE_MM)


class _StrokeReader:
    """Measures how much ink lies at each position, where its middle is, and whether there is ink beside it."""

    def __init__(self, marks: Marks) -> None:
        self._thickness_mm = marks.thickness_mm
        self._centres_mm = np.array([marks.first_mm + k * marks.pitch_mm for k in range(len(marks.tokens))])
        clear = marks.clear_mm + marks.thickness_mm / 2
        self._canvas = _Canvas(
            _View.of(
                Rect(
                    marks.x_mm - marks.clear_mm,
                    float(self._centres_mm[0]) - clear,
                    marks.x_mm + marks.length_mm + marks.clear_mm,
                    float(self._centres_mm[-1]) + clear,
                ),
                _STROKE_PX_PER_MM,
            )
        )
        rows_mm, columns_mm = self._canvas.view.rows_mm(), self._canvas.view.columns_mm()
        inner = (columns_mm > marks.x_mm + _STROKE_END_MM) & (
            columns_mm < marks.x_mm + marks.length_mm - _STROKE_END_MM
        )
        self._inner = slice(int(np.argmax(inner)), int(len(inner) - np.argmax(inner[::-1])))
        away_mm = rows_mm[np.newaxis, :] - self._centres_mm[:, np.newaxis]
        near = np.abs(away_mm) < marks.pitch_mm / 2
        self._near = (near / self._canvas.view.px_per_mm).astype(np.float32)
        self._moment = (near * away_mm / self._canvas.view.px_per_mm).astype(np.float32)
        self._row_may = np.abs(away_mm) <= marks.thickness_mm / 2 + _OFF_POSITION_MM
        self._column_may = (columns_mm >= marks.x_mm - _OFF_POSITION_MM) & (
            columns_mm <= marks.x_mm + marks.length_mm + _OFF_POSITION_MM
        )
        self._elsewhere = lru_cache(maxsize=1024)(self._outside)

    def close(self) -> None:
        self._canvas.close()

    def read(self, page: object) -> tuple[str, list[str]]:
        """The strokes found and what is wrong with them."""
        grey = self._canvas.draw(page)
        ink = (255 - grey[:, self._inner]).astype(np.float32) * np.float32(1 / 255)
        thickness_mm = self._near @ ink  # a row a position, a column a column of pixels
        mean_mm = thickness_mm.mean(axis=1)
        present = mean_mm > self._thickness_mm / 2
        bits = "".join("1" if bit else "0" for bit in present)
        faults = []
        thinnest, thickest = thickness_mm.min(axis=1), thickness_mm.max(axis=1)
        whole = (thinnest >= _WHOLE_FROM * self._thickness_mm) & (thickest <= _WHOLE_TO * self._thickness_mm)
        nothing = thickest <= _NOTHING * self._thickness_mm
        if not np.where(present, whole, nothing).all():
            faults.append("stroke-unclear")
        offset_mm = (self._moment @ ink).mean(axis=1)[present] / mean_mm[present]
        if (np.abs(offset_mm) > _OFF_POSITION_MM).any():
            faults.append("stroke-off-position")
        if ((grey < _STRAY_BELOW) & self._elsewhere(bits)).any():
            faults.append("ink-in-clear-zone")
        return bits, faults

    def _outside(self, bits: str) -> NDArray[np.bool_]:
        """Where no ink may be, if the strokes are these."""
        printed = np.array([bit == "1" for bit in bits])
        rows = self._row_may[printed].any(axis=0)
        outside: NDArray[np.bool_] = ~(rows[:, np.newaxis] & self._column_may[np.newaxis, :])
        return outside


class _SymbolReader:
    """Reads the 2D code at its place, and looks whether its quiet zone is quiet."""

    def __init__(self, place: DatamatrixPlace) -> None:
        self._place = place
        self._px_per_mm = _MODULE_PX / place.module_mm
        largest_mm = 26 * place.module_mm
        self._canvas = _Canvas(
            _View.of(
                Rect(
                    place.x_mm - place.quiet_mm,
                    place.y_mm - place.quiet_mm,
                    place.x_mm + largest_mm + place.quiet_mm,
                    place.y_mm + largest_mm + place.quiet_mm,
                ),
                self._px_per_mm,
            )
        )
        self._quiet = lru_cache(maxsize=64)(self._quiet_zone)

    def close(self) -> None:
        self._canvas.close()

    def read(self, page: object) -> tuple[str, list[str]]:
        """The text of the code, or nothing, and what is wrong with it."""
        grey = self._canvas.draw(page)
        if grey.min() == _PAPER:
            return "", []  # most backs: nothing to search
        found = zxingcpp.read_barcodes(
            grey,
            formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.DataMatrix),
            try_rotate=False,
            try_downscale=False,
            try_invert=False,
        )
        if len(found) != 1:
            return "", ["two-codes"] if found else []
        faults = []
        corners = found[0].position
        edges_px = (corners.top_left.x, corners.top_left.y, corners.bottom_right.x, corners.bottom_right.y)
        left, top, right, bottom = self._on_sheet(edges_px)
        if max(abs(left - self._place.x_mm), abs(top - self._place.y_mm)) > _OFF_POSITION_MM:
            faults.append("code-off-position")
        if not self._is_quiet(grey, right - self._place.x_mm, bottom - self._place.y_mm):
            faults.append("ink-in-clear-zone")
        return str(found[0].text), faults

    def _on_sheet(self, edges_px: tuple[int, int, int, int]) -> tuple[float, float, float, float]:
        view = self._canvas.view
        left, top, right, bottom = (edge / view.px_per_mm for edge in edges_px)
        return left + view.left_mm, top + view.top_mm, right + view.left_mm, bottom + view.top_mm

    def _is_quiet(self, grey: _Grey, width_mm: float, height_mm: float) -> bool:
        """Whether there is no ink between the symbol, grown by the tolerance, and the end of its quiet zone."""
        return not bool(((grey < _STRAY_BELOW) & self._quiet(width_mm, height_mm)).any())

    def _quiet_zone(self, width_mm: float, height_mm: float) -> NDArray[np.bool_]:
        place, view = self._place, self._canvas.view
        columns_mm, rows_mm = view.columns_mm(), view.rows_mm()
        in_columns = (columns_mm > place.x_mm - _OFF_POSITION_MM) & (
            columns_mm < place.x_mm + width_mm + _OFF_POSITION_MM
        )
        in_rows = (rows_mm > place.y_mm - _OFF_POSITION_MM) & (rows_mm < place.y_mm + height_mm + _OFF_POSITION_MM)
        end_column = columns_mm < place.x_mm + width_mm + place.quiet_mm - _OFF_POSITION_MM / 2
        end_row = rows_mm < place.y_mm + height_mm + place.quiet_mm - _OFF_POSITION_MM / 2
        zone: NDArray[np.bool_] = end_row[:, np.newaxis] & end_column[np.newaxis, :]
        return zone & ~(in_rows[:, np.newaxis] & in_columns[np.newaxis, :])
