"""Addresses that are on the page to see, but not as text: curves, pictures, fonts that say something else."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path

import pikepdf
import reportlab
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from samples.layout import register_fonts
from tests.letter_sheets import A4_PT, MM, saved, stack

VERA = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
LEFT_MM, FIRST_MM, LEADING_MM, SIZE_PT = 25.0, 66.3, 4.3, 10.0


def outlined(canvas: Canvas, lines: Sequence[str], size_pt: float = SIZE_PT) -> None:
    """The address as filled curves, as layout programs export it."""
    font = TTFont(VERA)
    glyphs, table = font.getGlyphSet(), font.getBestCmap()
    scale = size_pt / font["head"].unitsPerEm
    for down, line in enumerate(lines):
        x, y = LEFT_MM * MM, A4_PT[1] - (FIRST_MM + LEADING_MM * down) * MM
        for character in line:
            glyph = glyphs[table[ord(character)]]
            pen = DecomposingRecordingPen(glyphs)
            glyph.draw(pen)
            path, at = canvas.beginPath(), (0.0, 0.0)
            for step, points in pen.value:
                at = _step(path, step, [(x + px * scale, y + py * scale) for px, py in points], at)
            canvas.drawPath(path, stroke=0, fill=1)
            x += glyph.width * scale


def _step(path: object, step: str, points: list[tuple[float, float]], at: tuple[float, float]) -> tuple[float, float]:
    if step == "moveTo":
        path.moveTo(*points[0])  # type: ignore[attr-defined]
    elif step == "lineTo":
        path.lineTo(*points[0])  # type: ignore[attr-defined]
    elif step == "qCurveTo":
        for number, control in enumerate(points[:-1]):
            after = points[number + 1]
            last = number == len(points) - 2
            end = after if last else ((control[0] + after[0]) / 2, (control[1] + after[1]) / 2)
            first = (at[0] + 2 * (control[0] - at[0]) / 3, at[1] + 2 * (control[1] - at[1]) / 3)
            second = (end[0] + 2 * (control[0] - end[0]) / 3, end[1] + 2 * (control[1] - end[1]) / 3)
            path.curveTo(*first, *second, *end)  # type: ignore[attr-defined]
            at = end
    else:
        path.close()  # type: ignore[attr-defined]
    return points[-1] if points else at


def scanned(canvas: Canvas, lines: Sequence[str], dpi: int = 200, blur: float = 0.0) -> None:
    """The address as a picture of 70 by 28 mm, as from a scanner."""
    wide, high = round(70 / 25.4 * dpi), round(28 / 25.4 * dpi)
    picture = Image.new("L", (wide, high), 255)
    font = ImageFont.truetype(str(VERA), SIZE_PT / 72 * dpi)
    draw = ImageDraw.Draw(picture)
    for down, line in enumerate(lines):
        draw.text((1, (1.0 + LEADING_MM * down) / 25.4 * dpi), line, fill=0, font=font)
    if blur:
        picture = picture.filter(ImageFilter.GaussianBlur(blur * dpi / 100))
    top_mm = FIRST_MM - 4.0
    canvas.drawImage(ImageReader(picture), LEFT_MM * MM, A4_PT[1] - (top_mm + 28) * MM, 70 * MM, 28 * MM)


def mistold(lines: Sequence[str]) -> bytes:
    """A page whose font tells signs instead of letters, as printer drivers with broken tables make them."""
    register_fonts()

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Vera", SIZE_PT)
        for down, line in enumerate(lines):
            canvas.drawString(LEFT_MM * MM, A4_PT[1] - (FIRST_MM + LEADING_MM * down) * MM, line)

    with pikepdf.Pdf.open(io.BytesIO(stack([draw]))) as pdf:
        for font in pdf.pages[0].Resources.Font.values():
            if "/ToUnicode" in font:
                table = font.ToUnicode.read_bytes().decode("ascii")
                font.ToUnicode = pdf.make_stream(_signs(table).encode("ascii"))
        return saved(pdf)


def _signs(table: str) -> str:
    counter = iter(range(100000))
    return re.sub(r"<00[0-9A-F]{2}>(?=\n)", lambda _: f"<00{0x21 + next(counter) % 14:02X}>", table)
