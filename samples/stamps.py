"""The stamp of a post room on a printed sheet: date of receipt in a frame, or a round seal, a little turned."""

from __future__ import annotations

import io
import random

import numpy as np
import pypdfium2
from reportlab.pdfgen.canvas import Canvas

from samples.layout import MM
from samples.paper import Picture

_BLUE, _RED = (0.10, 0.12, 0.60), (0.75, 0.08, 0.12)


def stamped(sheet: Picture, rng: random.Random, office: str, day: str) -> Picture:
    """The sheet (blue, green, red) with a framed stamp in blue and a seal in red, over whatever is printed there."""
    high, wide = sheet.shape[:2]
    buffer = io.BytesIO()
    page = (210.0 * MM, 210.0 * MM * high / wide)
    canvas = Canvas(buffer, pagesize=page, invariant=1)
    canvas.translate(rng.uniform(118, 128) * MM, page[1] - rng.uniform(28, 34) * MM)
    canvas.saveState()
    canvas.rotate(rng.uniform(-6, 6))
    canvas.setStrokeColorRGB(*_BLUE)
    canvas.setFillColorRGB(*_BLUE)
    canvas.setLineWidth(1.6)
    canvas.rect(0, 0, 62 * MM, 19 * MM)
    canvas.setFont("Helvetica-Bold", 13)
    canvas.drawCentredString(31 * MM, 12.5 * MM, "EINGEGANGEN")
    canvas.setFont("Helvetica-Bold", 11)
    canvas.drawCentredString(31 * MM, 7 * MM, day)
    canvas.setFont("Helvetica", 8)
    canvas.drawCentredString(31 * MM, 2.5 * MM, office)
    canvas.restoreState()
    canvas.translate(rng.uniform(-20, 10) * MM, -rng.uniform(120, 150) * MM)
    canvas.setStrokeColorRGB(*_RED)
    canvas.setLineWidth(2.2)
    canvas.circle(0, 0, 16 * MM)
    canvas.setLineWidth(0.8)
    canvas.circle(0, 0, 11 * MM)
    canvas.save()
    document = pypdfium2.PdfDocument(buffer.getvalue())
    try:
        ink = document[0].render(scale=wide / page[0]).to_numpy()[:, :, :3]
    finally:
        document.close()
    down, across = min(high, ink.shape[0]), min(wide, ink.shape[1])
    printed = sheet.copy()
    over = sheet[:down, :across].astype(np.uint16) * ink[:down, :across] // 255
    printed[:down, :across] = over.astype(np.uint8)
    return printed
