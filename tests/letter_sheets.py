"""Pages and letters that tests of the outgoing side make for themselves, and a look at how they render."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pikepdf
import pypdfium2 as pdfium
from pikepdf import Array, Dictionary, Name, Pdf
from reportlab.pdfgen.canvas import Canvas

from pipeline.domain.profiles import OutgoingRules

A4_PT = (595.276, 841.89)
MM = 72 / 25.4
RULES = OutgoingRules(machine="m", envelope="e", paper="p", flat_machine="f", flat_envelope="g")

Picture = npt.NDArray[np.uint8]


# An unmistakable page of any size: no symmetry, text, lines up to the edges, colours.
def figure(width: float, height: float, left: float = 0, bottom: float = 0, unit: float = 1) -> bytes:
    """Content that fills a page of width x height points, drawn in units of `unit` points from (left, bottom)."""
    return (
        f"q {1 / unit:.5f} 0 0 {1 / unit:.5f} {left:.5f} {bottom:.5f} cm "
        f"1 0 0 RG 3 w 10 10 m {width - 10:.2f} {height - 10:.2f} l S "
        f"0 0 1 rg 40 {height - 120:.2f} 90 60 re f 0.2 0.7 0.2 rg {width - 90:.2f} 30 60 140 re f "
        f"0 g BT /F1 24 Tf 120 {height - 200:.2f} Td (Oben links steht mehr) Tj ET "
        f"0 G 1 w 0 {height / 3:.2f} m {width:.2f} {height / 3:.2f} l S Q"
    ).encode()


def helvetica(pdf: Pdf) -> pikepdf.Object:
    """The font that `figure` calls /F1."""
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
    return pdf.make_indirect(font)


def add_page(pdf: Pdf, content: bytes, media: Sequence[float] = (0, 0, *A4_PT), **keys: object) -> pikepdf.Page:
    """Append a page with font /F1. `keys`: further entries of the page, e.g. Rotate=90."""
    page = Dictionary(
        Type=Name.Page,
        MediaBox=Array(media),
        Resources=Dictionary(Font=Dictionary(F1=helvetica(pdf))),
        Contents=pdf.make_stream(content),
        **keys,
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
    return pdf.pages[-1]


def one_page(content: bytes, media: Sequence[float] = (0, 0, *A4_PT), **keys: object) -> Pdf:
    """A PDF of one such page."""
    pdf = Pdf.new()
    add_page(pdf, content, media, **keys)
    return pdf


def saved(pdf: Pdf, **options: object) -> bytes:
    """The PDF as a file's bytes, the same every time."""
    buffer = io.BytesIO()
    pdf.save(buffer, **{"static_id": True, **options})
    return buffer.getvalue()


def rendered(data: bytes | Path, index: int = 0, dpi: float = 100) -> Picture:
    """A page as RGB pixels."""
    document = pdfium.PdfDocument(data)
    try:
        page = document[index]
        return page.render(scale=dpi / 72, rev_byteorder=True, may_draw_forms=False).to_numpy()[:, :, :3].copy()
    finally:
        document.close()


def difference(one: Picture, other: Picture) -> float:
    """The share of pixels that differ visibly; an offset of one pixel row or column in size is cut off."""
    high, wide = min(one.shape[0], other.shape[0]), min(one.shape[1], other.shape[1])
    assert abs(one.shape[0] - other.shape[0]) <= 2 and abs(one.shape[1] - other.shape[1]) <= 2
    apart = np.abs(one[:high, :wide].astype(int) - other[:high, :wide].astype(int)).max(axis=2)
    return float(np.count_nonzero(apart > 96)) / apart.size


@dataclass(frozen=True)
class Layout:
    """How a letter's first page is set. Sizes in points, places in mm from the top left corner."""

    address_top_mm: float = 62.7
    address_size: float = 10.0
    leading_mm: float = 4.23
    font: str = "Helvetica"
    sender: str = "Stadt Schwerin · Am Packhof 2–6 · 19053 Schwerin"
    sender_mm: float = 49.0
    endorsements: tuple[str, ...] = ()
    endorsement_size: float = 8.0
    # where the text of the body begins, or 0 for none
    body_mm: float = 105.0


LAYOUTS = {"A": Layout(address_top_mm=44.7, sender_mm=31.0, body_mm=85.0), "B": Layout()}


def draw_address(canvas: Canvas, lines: Sequence[str], layout: Layout) -> None:
    """Sender's line, endorsements directly over the boundary, the address under it."""
    if layout.sender:
        canvas.setFont(layout.font, 7)
        canvas.drawString(25 * MM, A4_PT[1] - layout.sender_mm * MM, layout.sender)
    canvas.setFont(layout.font, layout.endorsement_size)
    for up, line in enumerate(reversed(layout.endorsements)):
        y_mm = layout.address_top_mm - 0.9 - up * max(3.2, layout.endorsement_size * 0.42)
        canvas.drawString(25 * MM, A4_PT[1] - y_mm * MM, line)
    canvas.setFont(layout.font, layout.address_size)
    for down, line in enumerate(lines):
        baseline_mm = layout.address_top_mm + layout.address_size * 0.28 + 0.4 + down * layout.leading_mm
        canvas.drawString(25 * MM, A4_PT[1] - baseline_mm * MM, line)


def draw_body(canvas: Canvas, top_mm: float, lines: int = 20) -> None:
    """Paragraphs between the margins 25 and 190 mm."""
    canvas.setFont("Helvetica", 10)
    text = canvas.beginText(25 * MM, A4_PT[1] - top_mm * MM)
    text.setLeading(13)
    for number in range(lines):
        text.textLine(
            f"{number + 1}. Der Bescheid wird nach den Vorschriften der Abgabenordnung festgesetzt, 12345 Euro."
        )
    canvas.drawText(text)


def letter(lines: Sequence[str], layout: Layout, pages: int = 1) -> bytes:
    """A letter of plain pages."""
    return stack([lambda canvas: _first_page(canvas, lines, layout), *[_next_page] * (pages - 1)])


def stack(sides: Sequence[Callable[[Canvas], None]]) -> bytes:
    """A PDF with one A4 page for each drawing function."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4_PT, invariant=1)
    for draw in sides:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _first_page(canvas: Canvas, lines: Sequence[str], layout: Layout) -> None:
    draw_address(canvas, lines, layout)
    if layout.body_mm:
        draw_body(canvas, layout.body_mm)


def _next_page(canvas: Canvas) -> None:
    draw_body(canvas, 25.0, 40)
