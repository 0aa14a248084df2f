"""Sheets as lists of what stands on them: strings, lines and areas in mm from the top left corner, before any file.

Letters are laid out once here and painted by two writers: reportlab (`letters`) and our own stream (`stacks`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import reportlab
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

MM = 72.0 / 25.4
PAGE_WIDTH_MM, PAGE_HEIGHT_MM = 210.0, 297.0
TEXT_LEFT_MM, TEXT_RIGHT_MM = 25.0, 190.0


@dataclass(frozen=True)
class Face:
    """A pair of faces. Only Vera is embedded; the others are standard fonts that every reader brings along."""

    regular: str
    bold: str
    size_pt: float
    leading_mm: float


VERA = Face("Vera", "Vera-Bold", 9.5, 4.8)
HELVETICA = Face("Helvetica", "Helvetica-Bold", 10.5, 4.8)
TIMES = Face("Times-Roman", "Times-Bold", 11.5, 4.9)
COURIER = Face("Courier", "Courier-Bold", 10.0, 4.7)


def register_fonts() -> None:
    """Make the Vera faces of the reportlab package known. Harmless when called again."""
    folder = Path(reportlab.__file__).parent / "fonts"
    for name, file in (("Vera", "Vera.ttf"), ("Vera-Bold", "VeraBd.ttf")):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(folder / file)))


@lru_cache(maxsize=100_000)
def width_mm(text: str, font: str, size_pt: float) -> float:
    """Width of a string in mm."""
    register_fonts()
    return float(pdfmetrics.stringWidth(text, font, size_pt)) / MM


@dataclass(frozen=True)
class Text:
    """A string; `y_mm` is its baseline, `x_mm` its left edge."""

    x_mm: float
    y_mm: float
    text: str
    font: str
    size_pt: float


@dataclass(frozen=True)
class Rule:
    """A straight line."""

    x1_mm: float
    y1_mm: float
    x2_mm: float
    y2_mm: float
    thickness_mm: float = 0.2
    grey: float = 0.0


@dataclass(frozen=True)
class Area:
    """A filled rectangle; colour as red, green, blue from 0 to 1."""

    left_mm: float
    top_mm: float
    width_mm: float
    height_mm: float
    colour: tuple[float, float, float]


Item = Text | Rule | Area


@dataclass
class Page:
    """One page while it is laid out."""

    items: list[Item] = field(default_factory=list)
    width_mm: float = PAGE_WIDTH_MM
    height_mm: float = PAGE_HEIGHT_MM

    def text(self, x_mm: float, y_mm: float, text: str, font: str, size_pt: float) -> None:
        """Set a string with its left edge at `x_mm`."""
        if text:
            self.items.append(Text(x_mm, y_mm, text, font, size_pt))

    def text_right(self, right_mm: float, y_mm: float, text: str, font: str, size_pt: float) -> None:
        """Set a string with its right edge at `right_mm`."""
        self.text(right_mm - width_mm(text, font, size_pt), y_mm, text, font, size_pt)

    def lines(self) -> list[str]:
        """What a reader reads, a string a line, top to bottom, left to right."""
        rows: dict[int, list[Text]] = {}
        for item in sorted((i for i in self.items if isinstance(i, Text)), key=lambda t: t.y_mm):
            at = round(item.y_mm / 0.9)
            rows.setdefault(next((k for k in (at, at - 1) if k in rows), at), []).append(item)
        return [" ".join(t.text for t in sorted(row, key=lambda t: t.x_mm)) for _, row in sorted(rows.items())]


def wrap(text: str, font: str, size_pt: float, limit_mm: float) -> list[str]:
    """Break a paragraph into lines of at most `limit_mm`; a newline in the text breaks too."""
    lines: list[str] = []
    space = width_mm(" ", font, size_pt)
    for part in text.split("\n"):
        words: list[str] = []
        used = 0.0
        for word in part.split(" "):
            wide = width_mm(word, font, size_pt)
            if words and used + space + wide > limit_mm:
                lines.append(" ".join(words))
                words, used = [word], wide
            else:
                used += wide + (space if words else 0.0)
                words.append(word)
        lines.append(" ".join(words))
    return lines


def fit_size(lines: Iterable[str], font: str, size_pt: float, limit_mm: float, least_pt: float = 8.0) -> float:
    """The largest size up to `size_pt` in which every line is at most `limit_mm` wide, in steps of half a point."""
    wanted = list(lines)
    while size_pt > least_pt and any(width_mm(line, font, size_pt) > limit_mm for line in wanted):
        size_pt -= 0.5
    return size_pt
