"""Little scans for the tests of the incoming side: pages with known words, in every accepted format."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import reportlab
from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfgen.canvas import Canvas

from pipeline.domain.profiles import IncomingRules

RULES = IncomingRules()
LINES = (
    "Stadtverwaltung Grabow, Am Markt 1",
    "Sehr geehrte Damen und Herren,",
    "hiermit beantrage ich gemäß § 12 der Satzung die",
    "Ermäßigung der Gebühr für das Jahr 2026. Die",
    "nötigen Unterlagen über mein Einkommen habe ich",
    "beigefügt. Außerdem bitte ich um Rückzahlung der",
    "Überzahlung von 148,37 Euro auf mein Konto.",
    "Mit freundlichen Grüßen",
    "Jürgen Großkopf",
)
WORDS = tuple(" ".join(LINES).split())
FONT = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"


def sheet(lines: tuple[str, ...] = LINES, width: int = 1748, height: int = 1240) -> Image.Image:
    """A gray page of A5 across at 211 dpi with these lines of type, 12 points high."""
    image = Image.new("L", (width, height), 250)
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(str(FONT), 38)
    for number, line in enumerate(lines):
        draw.text((150, 120 + 90 * number), line, font=font, fill=20)
    return image


def bilevel(image: Image.Image) -> Image.Image:
    """The page in pure black and white, by a threshold as scanners use."""
    return image.point(lambda value: 255 * (value > 128)).convert("1", dither=Image.Dither.NONE)


def skewed(image: Image.Image, degrees: float) -> Image.Image:
    """The page with lines that fall by some degrees clockwise."""
    return image.rotate(-degrees, resample=Image.Resampling.BICUBIC, fillcolor=250)


def speckled(width: int = 1200, height: int = 900) -> Image.Image:
    """A page of ink without any type."""
    generator = np.random.default_rng(7)
    cells = generator.integers(0, 2, (height // 100, width // 100), dtype=np.uint8) * 200 + 40
    return Image.fromarray(np.kron(cells, np.ones((100, 100), np.uint8)))


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """The picture as a file's bytes."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def scan_pdf(path: Path, *pictures: bytes) -> Path:
    """A PDF of A5 across with one picture file to each page, as a scanner makes it."""
    canvas = Canvas(str(path), pagesize=(595.28, 419.53), invariant=1)
    for number, data in enumerate(pictures):
        side = path.with_name(f"{path.stem}-{number}.jpg")
        side.write_bytes(data)
        canvas.drawImage(str(side), 0, 0, 595.28, 419.53)
        canvas.showPage()
    canvas.save()
    return path
