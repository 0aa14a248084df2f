"""Drawn pages of every kind that comes through a scanner, each with its words: letters, tables, stamps, small print.

A page is drawn in millimetres from its top left corner and printed as a perfect printer would.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import reportlab
from PIL import Image
from reportlab.lib.colors import Color
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

MM = 72 / 25.4
A3_MM, A5_MM, A6_MM = (420.0, 297.0), (210.0, 148.0), (148.0, 105.0)
"""Sheets on their side: width and height."""
LETTER = (
    "Aktenzeichen 32.4-118/2026",
    "Sehr geehrte Damen und Herren,",
    "für das Grundstück Mühlenweg 14 beantrage ich",
    "gemäß § 7 der Satzung den Erlass der Gebühr von",
    "1.284,50 Euro. Bitte überweisen Sie den Betrag",
    "bis zum 31.03.2026 auf mein Konto.",
    "Mit freundlichen Grüßen",
    "Käthe Großmann",
)
KEYS = ("32.4-118/2026", "1.284,50", "31.03.2026", "Mühlenweg", "§", "Großmann")
"""What must be right to the character wherever `LETTER` can be read at all."""
_FONTS = Path(reportlab.__file__).parent / "fonts"


@dataclass(frozen=True)
class Drawn:
    """A page before it is scanned: its size and what is drawn on it. `words`: all of them, in reading order."""

    size_mm: tuple[float, float]
    draw: Callable[[Pen], None]
    words: tuple[str, ...]


class Pen:
    """Draws on a canvas in millimetres from the top left corner."""

    def __init__(self, canvas: Canvas, height_mm: float) -> None:
        self.canvas, self.height_mm = canvas, height_mm

    def text(self, x_mm: float, y_mm: float, line: str, size_pt: float = 11, font: str = "Vera") -> None:
        """A line of type in the colour that is set, its baseline at `y_mm`."""
        self.canvas.setFont(font, size_pt)
        self.canvas.drawString(x_mm * MM, (self.height_mm - y_mm) * MM, line)

    def lines(
        self,
        x_mm: float,
        y_mm: float,
        lines: Sequence[str],
        step_mm: float = 8.5,
        size_pt: float = 11,
        font: str = "Vera",
    ) -> None:
        """Lines of type under each other."""
        for number, line in enumerate(lines):
            self.text(x_mm, y_mm + step_mm * number, line, size_pt, font)

    def box(self, x_mm: float, y_mm: float, width_mm: float, height_mm: float, *, fill: bool = False) -> None:
        """A frame, or an area in the colour that is set."""
        bottom = (self.height_mm - y_mm - height_mm) * MM
        self.canvas.rect(x_mm * MM, bottom, width_mm * MM, height_mm * MM, stroke=int(not fill), fill=int(fill))

    def colour(self, red: float, green: float, blue: float, alpha: float = 1.0) -> None:
        """The colour of all that follows, 0 to 1 each."""
        self.canvas.setFillColor(Color(red, green, blue, alpha))
        self.canvas.setStrokeColor(Color(red, green, blue, alpha))

    def turned(self, x_mm: float, y_mm: float, degrees: float) -> None:
        """Put the origin here and turn what follows counter-clockwise; `upright` ends it."""
        self.canvas.saveState()
        self.canvas.translate(x_mm * MM, (self.height_mm - y_mm) * MM)
        self.canvas.rotate(degrees)
        self.height_mm, self._kept_mm = 0.0, self.height_mm

    def upright(self) -> None:
        """Draw as before `turned`."""
        self.canvas.restoreState()
        self.height_mm = self._kept_mm


def typeset(page: Drawn) -> bytes:
    """The page as a PDF made by a program, its fonts embedded where they are Vera."""
    for name in ("Vera", "VeraBd"):
        pdfmetrics.registerFont(TTFont(name, str(_FONTS / f"{name}.ttf")))
    buffer = io.BytesIO()
    size = (page.size_mm[0] * MM, page.size_mm[1] * MM)
    canvas = Canvas(buffer, pagesize=size, invariant=1, initialFontName="Vera")
    page.draw(Pen(canvas, page.size_mm[1]))
    canvas.save()
    return buffer.getvalue()


def printed(page: Drawn, dpi: int = 200, mode: str = "L") -> Image.Image:
    """The page on paper as a clean scan in gray (`L`), colour (`RGB`) or, by a threshold, black and white (`1`)."""
    document = pypdfium2.PdfDocument(typeset(page))
    image = document[0].render(scale=dpi / 72).to_pil().convert("RGB" if mode == "RGB" else "L")
    document.close()
    return (
        image.point(lambda value: 255 * (value > 128)).convert("1", dither=Image.Dither.NONE) if mode == "1" else image
    )


def worn(image: Image.Image, blur_px: float = 0.7, noise: float = 6.0) -> Image.Image:
    """As a lens and a sensor see it: a little soft, grainy, paper not quite white. The same grain each time."""
    picture = np.asarray(image).astype(np.float32) * 0.92 + 8
    soft = cv2.GaussianBlur(picture, (0, 0), blur_px)
    grain = np.random.default_rng(3).normal(0, noise, picture.shape)
    return Image.fromarray(np.clip(soft + grain, 0, 255).astype(np.uint8))


def _words(*lines: str) -> tuple[str, ...]:
    return tuple(" ".join(lines).split())


def letter(lines: tuple[str, ...] = LETTER, size_mm: tuple[float, float] = A6_MM) -> Drawn:
    """A short letter in 11-point type."""
    return Drawn(size_mm, lambda pen: pen.lines(12, 18, lines), _words(*lines))


def typewriter() -> Drawn:
    """A letter in type of one width, its lines close."""
    return Drawn(A6_MM, lambda pen: pen.lines(12, 18, LETTER, 8.5, 10.5, "Courier"), _words(*LETTER))


def small_print(size_pt: float) -> Drawn:
    """Terms of a contract in 6- to 7-point type."""
    lines = (
        "Der Widerspruch ist innerhalb eines Monats nach Bekanntgabe schriftlich oder zur Niederschrift",
        "beim Fachdienst 30, Zimmer 2.14, einzulegen. Säumniszuschläge betragen 1 vom Hundert des auf",
        "50 Euro abgerundeten rückständigen Betrages (§ 240 Abs. 1 AO). Die Einlegung des Widerspruchs",
        "hat keine aufschiebende Wirkung. Kassenzeichen 5.0118.004711.8, fällig am 15.05.2026.",
    )
    return Drawn(A6_MM, lambda pen: pen.lines(12, 30, lines, 3.6, size_pt), _words(*lines))


_COLUMNS = (
    ("Öffnungszeiten", "Das Bürgerbüro öffnet", "montags um 8:30 Uhr.", "Termine vergibt die", "Zentrale täglich."),
    ("Gebühren", "Der Ausweis kostet", "37,00 Euro, für Personen", "unter 24 Jahren nur", "22,80 Euro."),
)


def two_columns() -> Drawn:
    """A leaflet in two columns; the left one is read first."""

    def draw(pen: Pen) -> None:
        for number, column in enumerate(_COLUMNS):
            pen.text(12 + 68 * number, 18, column[0], 13, "VeraBd")
            pen.lines(12 + 68 * number, 30, column[1:], 7)

    return Drawn(A6_MM, draw, _words(*_COLUMNS[0], *_COLUMNS[1]))


ROWS = (
    ("Lfd.", "Bezeichnung", "Menge", "Einzelpreis", "Gesamt"),
    ("1", "Schulbänke", "24", "189,00", "4.536,00"),
    ("2", "Wandtafeln", "3", "745,50", "2.236,50"),
    ("3", "Regale", "11", "98,75", "1.086,25"),
    ("4", "Stühle", "48", "64,20", "3.081,60"),
    ("5", "Lieferung", "1", "120,00", "120,00"),
    ("", "Summe", "", "", "11.060,35"),
)


def table(size_mm: tuple[float, float] = A6_MM, size_pt: float = 10) -> Drawn:
    """A ruled table of figures."""
    width, left = size_mm[0] - 20, (0, 0.1, 0.42, 0.56, 0.78)

    def draw(pen: Pen) -> None:
        pen.text(12, 15, "Anlage 2: Ausstattung", 12, "VeraBd")
        for row, cells in enumerate(ROWS):
            pen.box(10, 20 + 9 * row, width, 9)
            for at, cell in zip(left, cells, strict=True):
                pen.text(12 + at * width, 26 + 9 * row, cell, size_pt)

    return Drawn(size_mm, draw, _words("Anlage 2: Ausstattung", *(" ".join(row) for row in ROWS)))


def wide_table() -> Drawn:
    """A table of figures alone, across A5: columns that a hasty reader takes for lines."""
    head = ("Flurstück", "2021", "2022", "2023", "2024", "2025", "2026")
    rows = [
        (
            f"{17 + row}/{row % 4 + 1}",
            *(f"{(row * 389 + 71 * year) % 9000 / 10:.1f}".replace(".", ",") for year in range(6)),
        )
        for row in range(11)
    ]

    def draw(pen: Pen) -> None:
        for row, cells in enumerate([head, *rows]):
            for column, cell in enumerate(cells):
                pen.text(14 + 27 * column, 20 + 9.5 * row, cell, 10, "VeraBd" if row == 0 else "Vera")

    return Drawn(A5_MM, draw, _words(" ".join(head), *(" ".join(row) for row in rows)))


def inverted() -> Drawn:
    """Headings in white on dark bars, text in black below each."""
    heads = ("Antragsteller", "Bankverbindung")
    bodies = (
        ("Käthe Großmann, geboren am 14.08.1961", "wohnhaft Mühlenweg 14 in Lübz"),
        ("Kreditinstitut Musterbank Mecklenburg", "Kontonummer 4711081500"),
    )

    def draw(pen: Pen) -> None:
        for number, head in enumerate(heads):
            pen.colour(0.1, 0.1, 0.15)
            pen.box(10, 12 + 42 * number, 128, 10, fill=True)
            pen.colour(1, 1, 1)
            pen.text(13, 19 + 42 * number, head, 13, "VeraBd")
            pen.colour(0, 0, 0)
            pen.lines(13, 31 + 42 * number, bodies[number], 8.5)

    return Drawn(A6_MM, draw, _words(heads[0], *bodies[0], heads[1], *bodies[1]))


def colourful() -> Drawn:
    """A letter on tinted paper with a coloured band, a blue heading and a red sum."""
    lines = (
        "Stadtwerke Hagenow",
        "Ihre Abrechnung für das Jahr 2025",
        "Verbrauch 2.418 Kilowattstunden",
        "Nachzahlung 93,17 Euro",
        "Kundennummer 88120-7",
    )

    def draw(pen: Pen) -> None:
        pen.colour(0.98, 0.96, 0.86)
        pen.box(0, 0, 148, 105, fill=True)
        pen.colour(0.95, 0.75, 0.2)
        pen.box(0, 24, 148, 4, fill=True)
        for number, (line, shade) in enumerate(zip(lines, _SHADES, strict=True)):
            pen.colour(*shade)
            pen.text(14, 18 + (20 if number else 0) + 12 * number, line, 13 if number else 18, "Vera")

    return Drawn(A6_MM, draw, _words(*lines))


_SHADES = ((0.05, 0.2, 0.55), (0, 0, 0), (0.1, 0.35, 0.15), (0.75, 0.05, 0.1), (0.35, 0.35, 0.35))
STAMP = ("EINGEGANGEN", "04. März 2026")


def stamped(red: float, green: float, blue: float, *, round_: bool, degrees: float, over_text: bool) -> Drawn:
    """A letter with a stamp, framed or round, beside its text or over it.

    `words` are the letter's; those of the stamp are `STAMP`.
    """
    body = LETTER

    def draw(pen: Pen) -> None:
        pen.lines(10, 22, body, 8.5, 10)
        pen.colour(red, green, blue, 0.75 if over_text else 1.0)
        pen.canvas.setLineWidth(1.6)
        pen.turned(*((62, 52) if over_text else (96, 88)), degrees)
        if round_:
            pen.canvas.circle(20 * MM, 4 * MM, 17 * MM)
            pen.canvas.circle(20 * MM, 4 * MM, 12 * MM)
            pen.text(9.5, -5, STAMP[0], 7, "VeraBd")
            pen.text(9.5, -1, STAMP[1], 7, "VeraBd")
        else:
            pen.box(-3, -9, 46, 17)
            pen.text(0, -3, STAMP[0], 12, "VeraBd")
            pen.text(3, 4, STAMP[1], 11, "VeraBd")
        pen.upright()

    return Drawn(A6_MM, draw, _words(*body))
