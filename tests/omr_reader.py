"""A reader for tests only: rendered pages in, strokes and codes out, by plain pixel arithmetic at 300 dpi."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pypdfium2
import zxingcpp

DPI = 300


def rendered(pdf: Path, dpi: int = DPI) -> list[np.ndarray]:
    """Each page as an array of grey values."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [flat(page.render(scale=dpi / 72, grayscale=True)) for page in document]
    finally:
        document.close()


def flat(bitmap: pypdfium2.PdfBitmap) -> np.ndarray:
    """The grey values of a bitmap, rows by columns."""
    return bitmap.to_numpy().reshape(bitmap.height, bitmap.width).copy()


def px(mm: float, dpi: int = DPI) -> int:
    return round(mm * dpi / 25.4)


def strokes(page: np.ndarray, x_mm: float, first_mm: float, pitch_mm: float, positions: int, length_mm: float) -> str:
    """1 where the middle of a position is dark over the middle 80 % of a stroke's length."""
    left, right = px(x_mm + 0.1 * length_mm), px(x_mm + 0.9 * length_mm)
    rows = [px(first_mm + index * pitch_mm) for index in range(positions)]
    return "".join("1" if page[row - 1 : row + 1, left:right].mean() < 60 else "0" for row in rows)


def code(page: np.ndarray, x_mm: float, y_mm: float, side_mm: float) -> str:
    """What the one Data Matrix in this square says, or nothing."""
    part = page[px(y_mm) : px(y_mm + side_mm), px(x_mm) : px(x_mm + side_mm)]
    found = zxingcpp.read_barcodes(np.ascontiguousarray(part), formats=zxingcpp.BarcodeFormat.DataMatrix)
    return found[0].text if len(found) == 1 else ""
