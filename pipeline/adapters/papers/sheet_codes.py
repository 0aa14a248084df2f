"""Codes and bars on a page, placed in mm from its upper left corner: Data Matrix, QR, Code 128, Code 39, bars.

Data Matrix comes from our own writer, the others from reportlab; another library reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from reportlab.graphics.barcode.code39 import Standard39
from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from pipeline.domain.datamatrix import datamatrix
from pipeline.domain.geometry import A4_HEIGHT_MM, A4_WIDTH_MM, POINTS_PER_MM

Edge = Literal["top", "bottom", "left", "right"]

_WIDEST_MODULE_MM = 1.6
_WIDEST_BAR_MM = 0.9
_OVERLAP_MM = 0.02


@dataclass(frozen=True)
class Box:
    """A place on the page: its upper left corner, width and height."""

    left_mm: float
    top_mm: float
    width_mm: float
    height_mm: float


def fill(canvas: Canvas, *boxes: Box) -> None:
    """Black rectangles."""
    path = canvas.beginPath()
    for box in boxes:
        bottom_mm = A4_HEIGHT_MM - box.top_mm - box.height_mm
        path.rect(
            box.left_mm * POINTS_PER_MM,
            bottom_mm * POINTS_PER_MM,
            box.width_mm * POINTS_PER_MM,
            box.height_mm * POINTS_PER_MM,
        )
    canvas.setFillGray(0)
    canvas.drawPath(path, stroke=0, fill=1)


def draw_bars(
    canvas: Canvas, edge: Edge, widths: tuple[float, ...], unit_mm: float, margin_mm: float, ends_mm: float
) -> None:
    """Bars along an edge of the page, the first one nearest to it; spaces of one unit between them.

    `widths` in units; `margin_mm` from the edge to the first bar, `ends_mm` from the bars' ends to the edges beside.
    """
    boxes, depth_mm = [], margin_mm
    for width in widths:
        thick_mm = width * unit_mm
        if edge in ("top", "bottom"):
            top_mm = depth_mm if edge == "top" else A4_HEIGHT_MM - depth_mm - thick_mm
            boxes.append(Box(ends_mm, top_mm, A4_WIDTH_MM - 2 * ends_mm, thick_mm))
        else:
            left_mm = depth_mm if edge == "left" else A4_WIDTH_MM - depth_mm - thick_mm
            boxes.append(Box(left_mm, ends_mm, thick_mm, A4_HEIGHT_MM - 2 * ends_mm))
        depth_mm += thick_mm + unit_mm
    fill(canvas, *boxes)


def draw_datamatrix(canvas: Canvas, text: str, box: Box) -> None:
    """A Data Matrix as large as the box allows, in its middle. Raises ValueError where the text is too long."""
    _draw_modules(canvas, datamatrix(text), box)


def draw_qr(canvas: Canvas, text: str, box: Box) -> None:
    """A QR code with error correction level Q, as large as the box allows, in its middle."""
    code = QRCode(None, QRErrorCorrectLevel.Q)
    code.addData(text)
    code.make()
    _draw_modules(canvas, [[bool(dark) for dark in row] for row in code.modules], box)


def draw_code128(canvas: Canvas, text: str, box: Box) -> None:
    """A Code 128 over the whole height of the box, its bars as wide as the box allows."""
    _draw_linear(canvas, box, lambda bar: Code128(text, barWidth=bar, barHeight=box.height_mm * mm, quiet=0))


def draw_code39(canvas: Canvas, text: str, box: Box) -> None:
    """A Code 39 without check character, its bars as wide as the box allows."""

    def made(bar: float) -> Standard39:
        return Standard39(text, barWidth=bar, barHeight=box.height_mm * mm, ratio=2.5, checksum=0, stop=1, quiet=0)

    _draw_linear(canvas, box, made)


def _draw_modules(canvas: Canvas, rows: Sequence[Sequence[bool]], box: Box) -> None:
    """Dark stretches of each row as rectangles; rows overlap by a hair, so that no viewer shows a gap."""
    count = len(rows)
    side_mm = min(box.width_mm / count, box.height_mm / count, _WIDEST_MODULE_MM)
    left_mm = box.left_mm + (box.width_mm - count * side_mm) / 2
    top_mm = box.top_mm + (box.height_mm - count * side_mm) / 2
    stretches = []
    for row, modules in enumerate(rows):
        start = None
        for column, dark in enumerate([*modules, False]):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                across_mm = (column - start) * side_mm
                stretches.append(
                    Box(left_mm + start * side_mm, top_mm + row * side_mm, across_mm, side_mm + _OVERLAP_MM)
                )
                start = None
    fill(canvas, *stretches)


def _draw_linear(canvas: Canvas, box: Box, made: Callable[[float], Any]) -> None:
    narrow_mm = min(box.width_mm / made(1.0).width, _WIDEST_BAR_MM)
    code = made(narrow_mm * mm)
    left_mm = box.left_mm + (box.width_mm - code.width / mm) / 2
    code.drawOn(canvas, left_mm * mm, (A4_HEIGHT_MM - box.top_mm - box.height_mm) * mm)
