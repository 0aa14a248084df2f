"""Letterheads as the profiles ship them: the municipality's name and device, contacts, a foot with bank and hours.

They leave free what machines and windows need (docs/formats/envelopes.md): on the first page nothing stands left of
112 mm and above 112 mm, nor in the left margin of any page. All of it is made up.
`python -m samples.letterheads FOLDER` writes them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

_REGULAR, _BOLD = "Vera", "VeraBd"
for _name in (_REGULAR, _BOLD):
    pdfmetrics.registerFont(TTFont(_name, f"{_name}.ttf"))
_QUIET = HexColor("#4a5560")
_HEIGHT_MM = 297.0
_RIGHT_MM = 125.0


@dataclass(frozen=True)
class LetterheadText:
    """What stands on a letterhead. `feet`: columns of the foot, line by line. `colour`: of name and device."""

    name: str
    office: str
    contacts: Sequence[str]
    feet: Sequence[Sequence[str]]
    colour: str


SHIPPED = {
    "schwerin-standard.pdf": LetterheadText(
        name="Landeshauptstadt Schwerin",
        office="Der Oberbürgermeister",
        contacts=("Amtsstraße 1, 19053 Schwerin", "Telefon 0385 000-0", "poststelle@schwerin.example"),
        feet=(
            ("Sprechzeiten", "Mo, Di, Do 8 bis 16 Uhr", "Fr 8 bis 12 Uhr"),
            ("Bankverbindung", "Sparkasse Musterland", "DE00 0000 0000 0000 0000 00"),
            ("Elektronischer Rechtsverkehr", "beBPo: Stadt Schwerin (Muster)", "www.schwerin.example"),
        ),
        colour="#14506e",
    ),
}


def letterhead(text: LetterheadText) -> bytes:
    """A PDF of two pages, for first and for following pages; the same bytes every time."""
    made = BytesIO()
    canvas = Canvas(made, pagesize=A4, invariant=1, pageCompression=1, initialFontName=_REGULAR)
    canvas.setTitle(f"Briefbogen {text.name}")
    _first(canvas, text)
    canvas.showPage()
    _following(canvas, text)
    canvas.showPage()
    canvas.save()
    return made.getvalue()


def _first(canvas: Canvas, text: LetterheadText) -> None:
    _device(canvas, text.colour, 184.0, 9.0, 0.9)
    canvas.setFillColor(HexColor(text.colour))
    _line(canvas, _BOLD, 10, _RIGHT_MM, 15.0, text.name)
    canvas.setFillColor(_QUIET)
    _line(canvas, _REGULAR, 9, _RIGHT_MM, 20.0, text.office)
    for number, contact in enumerate(text.contacts):
        _line(canvas, _REGULAR, 7.5, _RIGHT_MM, 29.0 + 4.0 * number, contact)
    canvas.setStrokeColor(HexColor(text.colour))
    canvas.setLineWidth(0.8)
    canvas.line(25 * mm, (_HEIGHT_MM - 274) * mm, 195 * mm, (_HEIGHT_MM - 274) * mm)
    for column, lines in enumerate(text.feet):
        for number, line in enumerate(lines):
            canvas.setFillColor(HexColor(text.colour) if number == 0 else _QUIET)
            _line(canvas, _BOLD if number == 0 else _REGULAR, 6.5, 25.0 + 58.0 * column, 278.0 + 3.4 * number, line)


def _following(canvas: Canvas, text: LetterheadText) -> None:
    _device(canvas, text.colour, 187.0, 8.0, 0.6)
    canvas.setFillColor(_QUIET)
    _line(canvas, _REGULAR, 7.5, _RIGHT_MM, 13.0, text.name)
    canvas.setStrokeColor(HexColor(text.colour))
    canvas.setLineWidth(0.5)
    canvas.line(_RIGHT_MM * mm, (_HEIGHT_MM - 15.5) * mm, 184 * mm, (_HEIGHT_MM - 15.5) * mm)


def _device(canvas: Canvas, colour: str, left_mm: float, top_mm: float, scale: float = 1.0) -> None:
    """A shield with two waves; no municipality's own."""
    canvas.saveState()
    canvas.translate(left_mm * mm, (_HEIGHT_MM - top_mm) * mm)
    canvas.scale(scale * mm, scale * mm)
    canvas.setFillColor(HexColor(colour))
    shield = canvas.beginPath()
    shield.moveTo(0, 0)
    shield.lineTo(12, 0)
    shield.lineTo(12, -8)
    shield.curveTo(12, -12, 8, -14, 6, -15)
    shield.curveTo(4, -14, 0, -12, 0, -8)
    shield.close()
    canvas.drawPath(shield, stroke=0, fill=1)
    canvas.setStrokeColor(HexColor("#ffffff"))
    canvas.setLineWidth(0.9)
    for depth in (-5.0, -8.5):
        wave = canvas.beginPath()
        wave.moveTo(1.5, depth)
        wave.curveTo(3.5, depth + 2, 4.5, depth - 2, 6, depth)
        wave.curveTo(7.5, depth + 2, 8.5, depth - 2, 10.5, depth)
        canvas.drawPath(wave, stroke=1, fill=0)
    canvas.restoreState()


def _line(canvas: Canvas, font: str, size: float, left_mm: float, base_mm: float, text: str) -> None:
    canvas.setFont(font, size)
    canvas.drawString(left_mm * mm, (_HEIGHT_MM - base_mm) * mm, text)


if __name__ == "__main__":
    for _file, _text in SHIPPED.items():
        (Path(sys.argv[1]) / _file).write_bytes(letterhead(_text))
