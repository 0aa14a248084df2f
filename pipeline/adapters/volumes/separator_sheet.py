"""A separator sheet: which volume and which product begin here. For people: no marks, part of no letter.

The legend stands in the middle of the sheet, away from every place where a machine looks for marks. The font is
embedded (Bitstream Vera, which comes with reportlab).
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from pipeline.domain.geometry import A4_HEIGHT_MM, POINTS_PER_MM

_REGULAR, _BOLD = "Vera", "VeraBd"
_LEFT_MM = 45.0
_TOP_MM = 120.0
_LINE_MM = 11.0
_RULE_RIGHT_MM = 190.0

for _name in (_REGULAR, _BOLD):
    pdfmetrics.registerFont(TTFont(_name, f"{_name}.ttf"))


def separator_sheet(lines: Sequence[str]) -> bytes:
    """A page A4 with the lines, the first one large; the same lines give the same bytes."""
    made = BytesIO()
    canvas = Canvas(made, pagesize=A4, invariant=1)
    for number, line in enumerate(lines):
        canvas.setFont(_BOLD if number == 0 else _REGULAR, 26 if number == 0 else 14)
        canvas.drawString(_LEFT_MM * POINTS_PER_MM, _y(_TOP_MM + number * _LINE_MM), line)
    canvas.setLineWidth(3)
    for y_mm in (_TOP_MM - 16, _TOP_MM + len(lines) * _LINE_MM):
        canvas.line(_LEFT_MM * POINTS_PER_MM, _y(y_mm), _RULE_RIGHT_MM * POINTS_PER_MM, _y(y_mm))
    canvas.showPage()
    canvas.save()
    return made.getvalue()


def _y(from_top_mm: float) -> float:
    return (A4_HEIGHT_MM - from_top_mm) * POINTS_PER_MM
