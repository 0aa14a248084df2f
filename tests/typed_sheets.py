"""Typed pages whose every word's place is known, drawn or only told: for tests of the text layer and its size."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import reportlab
from PIL import Image, ImageDraw, ImageFont

from pipeline.adapters.incoming.page_geometry import Affine, mapped_box, quarter_turn, straightened
from pipeline.domain.recognised import Block, Line, PixelBox, RecognisedPage, Rotation, Word

FONTS = Path(reportlab.__file__).parent / "fonts"
ROOT = Path(__file__).parents[1]
A4_INCH = (8.27, 11.69)
_WORD = re.compile(r"[A-Za-zÄÖÜäöüß§][\wäöüß.,;:()/%-]*")


@dataclass(frozen=True)
class Typed:
    """How a page is typed. `heading_pt`: size of a first line, 0 for none. `skew`: lines fall by so many degrees."""

    words: int = 730
    size_pt: float = 8.6
    font: str = "Vera.ttf"
    heading_pt: float = 0.0
    dpi: tuple[float, float] = (300.0, 300.0)
    rotation: Rotation = 0
    skew: float = 0.0
    first_word: int = 0
    extra: tuple[str, ...] = ()


def prose(count: int, first: int = 0) -> list[str]:
    """Words of the operator's handbook, in its order, from the start again where it ends."""
    found = _WORD.findall((ROOT / "docs" / "operator-handbook.md").read_text(encoding="utf-8"))
    return [found[(first + index) % len(found)] for index in range(count)]


def page_of(typed: Typed, number: int = 1) -> RecognisedPage:
    """The page as recognition would tell it, every box that of the word's ink."""
    return _made(typed, number, None)


def drawn(typed: Typed, number: int = 1) -> tuple[Image.Image, RecognisedPage]:
    """The page drawn black on white as it comes from the scanner, and as recognition would tell it."""
    upright = (round(A4_INCH[0] * typed.dpi[0]), round(A4_INCH[1] * typed.dpi[1]))
    image = Image.new("L", upright, 255)
    page = _made(typed, number, ImageDraw.Draw(image))
    if typed.skew:
        image = image.rotate(-typed.skew, resample=Image.Resampling.BICUBIC, fillcolor=255)
    return image.rotate(typed.rotation, expand=True), page


def _made(typed: Typed, number: int, pen: ImageDraw.ImageDraw | None) -> RecognisedPage:
    width, height = round(A4_INCH[0] * typed.dpi[0]), round(A4_INCH[1] * typed.dpi[1])
    straight, grown_width, grown_height = straightened(typed.skew, width, height)
    shift = Affine(1, 0, (grown_width - width) / 2, 0, 1, (grown_height - height) / 2)
    sides = (width, height) if typed.rotation % 180 == 0 else (height, width)
    back = shift.then(straight.inverse()).then(quarter_turn((360 - typed.rotation) % 360, width, height))
    lines = _lines(typed, width, height, pen)
    made = tuple(_line(line, back, sides, typed) for line in lines)
    boxes = [line.box for line in made]
    around = PixelBox(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )
    dpi = typed.dpi if typed.rotation % 180 == 0 else typed.dpi[::-1]
    return RecognisedPage(
        page=number,
        width_px=sides[0],
        height_px=sides[1],
        dpi_x=dpi[0],
        dpi_y=dpi[1],
        rotation=typed.rotation,
        skew_degrees=typed.skew,
        passes=1,
        ink_ratio=0.05,
        mean_confidence=95.0,
        blocks=(Block(made, around),),
    )


Piece = tuple[str, float, float, float, float, float]
"""A word with left, top, right and bottom of its ink and its base line, in pixels of the upright, straight page."""


def _lines(typed: Typed, width: int, height: int, pen: ImageDraw.ImageDraw | None) -> list[tuple[float, list[Piece]]]:
    """Type size in pixels and words of each line. Type is set at the vertical resolution and squeezed to the other."""
    squeeze = typed.dpi[0] / typed.dpi[1]
    margin, right = 0.09 * width, 0.94 * width
    body, lines, y = list(typed.extra) + prose(typed.words, typed.first_word), [], 0.06 * height
    while body:
        size_pt = typed.heading_pt if typed.heading_pt and not lines else typed.size_pt
        size_px = size_pt / 72 * typed.dpi[1]
        font = ImageFont.truetype(str(FONTS / typed.font), round(size_px))
        ascent, _descent = font.getmetrics()
        x, row = margin, []
        while body and (not row or x + font.getlength(body[0]) * squeeze <= right):
            word = body.pop(0)
            left, top, far, bottom = font.getbbox(word)
            row.append((word, x + left * squeeze, y + top, x + far * squeeze, y + bottom, y + ascent))
            if pen is not None:
                pen.text((x, y), word, font=font, fill=0)
            x += font.getlength(word + " ") * squeeze
        lines.append((size_px, row))
        y += 1.25 * size_px
        if y > 0.97 * height:
            raise ValueError("too many words for a page")
    return lines


def _line(line: tuple[float, list[Piece]], back: Affine, sides: tuple[int, int], typed: Typed) -> Line:
    size_px, pieces = line
    words = []
    for text, left, top, right, bottom, base in pieces:
        box = mapped_box(back, left, top, right, bottom, *sides)
        begin, end = back.apply(left, base), back.apply(right, base)
        words.append(Word(text, 95.0, box, (*_rounded(begin), *_rounded(end))))
    around = PixelBox(
        min(word.box.left for word in words),
        min(word.box.top for word in words),
        max(word.box.right for word in words),
        max(word.box.bottom for word in words),
    )
    across = size_px if typed.rotation % 180 == 0 else size_px / typed.dpi[1] * typed.dpi[1]
    return Line(tuple(words), around, round(across, 2))


def _rounded(point: tuple[float, float]) -> tuple[float, float]:
    return round(point[0], 2), round(point[1], 2)
