"""Upright pages on which some type runs up or down: heads of narrow columns, a note along the margin, a spine."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

from pipeline.domain.recognised import PixelBox
from tests.incoming_sheets import FONT

Way = Literal["level", "up", "down"]
A5_INCH = (5.83, 8.27)
HEADS = ("Einwohner", "Haushalte", "Grundsteuer", "Gewerbesteuer", "Hundesteuer", "Straßenreinigung", "Abwasser")
TOWNS = ("Grabow", "Hagenow", "Lübz", "Parchim", "Plau", "Goldberg", "Sternberg", "Crivitz", "Brüel", "Neukloster")
NOTE = "Nicht beschriften, Raum für Vermerke der Behörde"
PROSE = (
    "Sehr geehrte Damen und Herren,",
    "hiermit beantrage ich gemäß § 12 der Satzung",
    "die Ermäßigung der Gebühr für das Jahr 2026.",
    "Die nötigen Unterlagen über mein Einkommen",
    "habe ich beigefügt. Außerdem bitte ich um die",
    "Rückzahlung der Überzahlung auf mein Konto.",
    "Mit freundlichen Grüßen",
    "Jürgen Großkopf",
)


@dataclass
class Sheet:
    """A white page of A5 and what was written on it: every word with its box and the way it runs, in reading order."""

    dpi: int
    size_pt: float
    font: Path = FONT
    words: list[tuple[str, PixelBox, Way]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.image = Image.new("L", (round(A5_INCH[0] * self.dpi), round(A5_INCH[1] * self.dpi)), 255)
        self.type = ImageFont.truetype(str(self.font), round(self.size_pt / 72 * self.dpi))

    def write(self, x_inch: float, y_inch: float, text: str, way: Way = "level") -> None:
        """Write a line whose strip, as high as its type, begins here: at its left or, where it runs up, its foot."""
        x, y = round(x_inch * self.dpi), round(y_inch * self.dpi)
        ascent, descent = self.type.getmetrics()
        length, high = round(self.type.getlength(text)), ascent + descent
        strip = Image.new("L", (length, high), 255)
        ImageDraw.Draw(strip).text((0, 0), text, font=self.type, fill=0)
        turned = {"level": strip, "up": strip.rotate(90, expand=True), "down": strip.rotate(-90, expand=True)}[way]
        top = y - length if way == "up" else y
        self.image.paste(turned, (x, top))
        for word, (left, up, right, low) in self._places(text):
            box = {
                "level": (x + left, y + up, x + right, y + low),
                "up": (x + up, y - right, x + low, y - left),
                "down": (x + high - low, y + left, x + high - up, y + right),
            }[way]
            self.words.append((word, PixelBox(*box), way))

    def rule(self, x0_inch: float, y0_inch: float, x1_inch: float, y1_inch: float) -> None:
        """A hairline."""
        corners = [round(value * self.dpi) for value in (x0_inch, y0_inch, x1_inch, y1_inch)]
        ImageDraw.Draw(self.image).line(corners, fill=0, width=max(1, self.dpi // 150))

    def _places(self, text: str) -> list[tuple[str, tuple[int, int, int, int]]]:
        found, at = [], 0
        for word in text.split(" "):
            left, top, right, bottom = self.type.getbbox(word)
            begin = self.type.getlength(text[:at])
            found.append((word, (round(begin + left), round(top), round(begin + right), round(bottom))))
            at += len(word) + 1
        return found


def table(
    way: Way, dpi: int = 200, size_pt: float = 10.0, font: Path = FONT, *, ruled: bool = False, rows: int = 10
) -> Sheet:
    """A table of figures under heads that run up or down."""
    sheet = Sheet(dpi, size_pt, font)
    sheet.write(0.5, 0.5, "Hebesätze und Gebühren der Gemeinden im Jahr 2026")
    for column, head in enumerate(HEADS):
        sheet.write(1.56 + 0.56 * column, 2.4 if way == "up" else 1.0, head, way)
    for row, town in enumerate(TOWNS[:rows]):
        y = 2.5 + 0.3 * row
        sheet.write(0.5, y, town)
        for column in range(len(HEADS)):
            sheet.write(1.5 + 0.56 * column, y, str((row * 389 + column * 173) % 880 + 110))
    if ruled:
        for row in range(len(TOWNS) + 1):
            sheet.rule(0.4, 2.45 + 0.3 * row, 5.5, 2.45 + 0.3 * row)
        for column in range(len(HEADS) + 1):
            sheet.rule(1.42 + 0.56 * column, 0.9, 1.42 + 0.56 * column, 5.45)
    return sheet


def noted(way: Way, dpi: int = 200, size_pt: float = 10.0, font: Path = FONT) -> Sheet:
    """A short letter with a note along its left margin."""
    sheet = Sheet(dpi, size_pt, font)
    for row, line in enumerate(PROSE):
        sheet.write(1.0, 1.0 + 0.4 * row, line)
    sheet.write(0.5, 6.0 if way == "up" else 1.5, NOTE, way)
    return sheet


def figures(dpi: int = 200, size_pt: float = 9.0) -> Sheet:
    """A letter with a narrow table: columns of single figures, and of strokes, their lines close."""
    sheet = Sheet(dpi, size_pt)
    for row, line in enumerate(PROSE):
        sheet.write(0.5, 0.5 + 0.3 * row, line)
    for row in range(24):
        y = 3.2 + 1.2 * size_pt / 72 * row
        sheet.write(0.5, y, TOWNS[row % len(TOWNS)])
        sheet.write(2.0, y, str((row * 389) % 880 + 110))
        sheet.write(3.0, y, "1Il17"[row % 5])
        sheet.rule(4.0, y, 4.0, y + 0.07)
        sheet.write(4.5, y, "-")
    return sheet
