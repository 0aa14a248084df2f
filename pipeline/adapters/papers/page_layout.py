"""How our paper looks: fonts, tables, lines to sign and boxes to tick, running heads with "Seite x von y".

Fonts are Bitstream Vera, which come with reportlab and are embedded; no font of the system is needed. The same
values give the same bytes: documents are made with `invariant`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

REGULAR = "Vera"
BOLD = "VeraBd"

MARGIN_MM = 18.0
FOOT_MM = 16.0
TEXT_WIDTH_MM = 210.0 - 2 * MARGIN_MM

INK = colors.HexColor("#1a1a1a")
QUIET = colors.HexColor("#595959")
ACCENT = colors.HexColor("#14506e")
SHADE = colors.HexColor("#e9eff3")
LINE = colors.HexColor("#9aa5ad")

_SHORT_ROWS = 16
_ROOM_MM = 45.0

for _name in (REGULAR, BOLD):
    pdfmetrics.registerFont(TTFont(_name, f"{_name}.ttf"))
_GLYPHS = frozenset(pdfmetrics.getFont(REGULAR).face.charToGlyph) & frozenset(pdfmetrics.getFont(BOLD).face.charToGlyph)

TEXT = ParagraphStyle("text", fontName=REGULAR, fontSize=8.5, leading=11.5, textColor=INK)
BOLD_TEXT = ParagraphStyle("bold", parent=TEXT, fontName=BOLD)
NUMBER = ParagraphStyle("number", parent=TEXT, alignment=TA_RIGHT)
BOLD_NUMBER = ParagraphStyle("bold-number", parent=NUMBER, fontName=BOLD)
SMALL = ParagraphStyle("small", parent=TEXT, fontSize=7.2, leading=9.5, textColor=QUIET)
TITLE = ParagraphStyle("title", parent=TEXT, fontName=BOLD, fontSize=17, leading=21, textColor=ACCENT)
HEADING = ParagraphStyle(
    "heading",
    parent=TEXT,
    fontName=BOLD,
    fontSize=10.5,
    leading=14,
    spaceBefore=4.5 * mm,
    spaceAfter=1.5 * mm,
    textColor=ACCENT,
)


def marked_up(text: str) -> str:
    """Text for a paragraph: markup characters escaped, characters that the fonts lack shown as `?`."""
    return escape(shown(text))


def shown(text: str) -> str:
    """Text as the fonts can show it: control characters as a space, characters that the fonts lack as `?`."""
    return "".join(_shown(char) for char in text)


def _shown(char: str) -> str:
    if not char.isprintable() and char != "\N{NO-BREAK SPACE}":
        return " "
    return char if ord(char) in _GLYPHS else "?"


def paragraph(text: str, style: ParagraphStyle = TEXT) -> Paragraph:
    """A paragraph of plain text; whatever it holds is shown, never interpreted."""
    return Paragraph(marked_up(text), style)


@dataclass(frozen=True)
class Column:
    """A column of a table: heading and width in mm. Numbers are set flush right; `to_fill`: boxes to write in."""

    heading: str
    width_mm: float
    number: bool = False
    to_fill: bool = False


def table(columns: Sequence[Column], rows: Sequence[Sequence[str | Flowable]], last_is_sum: bool = False) -> Table:
    """A table whose heading is repeated on each page; with `last_is_sum` the last row is set bold under a line."""
    head = [paragraph(column.heading, BOLD_NUMBER if column.number else BOLD_TEXT) for column in columns]
    body: list[list[Flowable]] = []
    for index, row in enumerate(rows):
        heavy = last_is_sum and index == len(rows) - 1
        body.append([_cell(cell, column, heavy) for cell, column in zip(row, columns, strict=True)])
    style = [
        ("FONTNAME", (0, 0), (-1, -1), REGULAR),
        ("BACKGROUND", (0, 0), (-1, 0), SHADE),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LEFTPADDING", (0, 0), (-1, -1), 4),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ("TOPPADDING", (0, 0), (-1, -1), 2.2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
    for index in (index for index, column in enumerate(columns) if column.to_fill):
        style += [("LINEBEFORE", (index, 0), (index, -1), 0.4, LINE), ("LINEAFTER", (index, 0), (index, -1), 0.4, LINE)]
    if last_is_sum:
        style.append(("LINEABOVE", (0, -1), (-1, -1), 1, INK))
    return Table(
        [head, *body],
        colWidths=[column.width_mm * mm for column in columns],
        repeatRows=1,
        hAlign="LEFT",
        style=TableStyle(style),
    )


def section(
    heading: str, columns: Sequence[Column], rows: Sequence[Sequence[str | Flowable]], last_is_sum: bool = False
) -> list[Flowable]:
    """A heading with its table: a short one stays on one page, a long one begins right here and runs on."""
    parts = [paragraph(heading, HEADING), table(columns, rows, last_is_sum)]
    return [KeepTogether(parts)] if len(rows) <= _SHORT_ROWS else [CondPageBreak(_ROOM_MM * mm), *parts]


def grid(rows: Sequence[Sequence[object]], widths_mm: Sequence[float], *commands: tuple[object, ...]) -> Table:
    """A table without lines, to set things side by side; `commands` as reportlab's table styles have them."""
    style = [("FONTNAME", (0, 0), (-1, -1), REGULAR), ("LEFTPADDING", (0, 0), (-1, -1), 0), *commands]
    widths = [width * mm for width in widths_mm]
    return Table(rows, colWidths=widths, hAlign="LEFT", style=TableStyle(style))


def _cell(cell: str | Flowable, column: Column, heavy: bool) -> Flowable:
    if isinstance(cell, Flowable):
        return cell
    if column.number:
        return paragraph(cell, BOLD_NUMBER if heavy else NUMBER)
    return paragraph(cell, BOLD_TEXT if heavy else TEXT)


def facts_table(rows: Sequence[tuple[str, str]], label_mm: float, value_mm: float) -> Table:
    """Labels on the left, values in bold on the right."""
    cells = [[paragraph(label, SMALL), paragraph(value, BOLD_TEXT)] for label, value in rows]
    return grid(
        cells,
        (label_mm, value_mm),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ("TOPPADDING", (0, 0), (-1, -1), 1.2),
        ("TOPPADDING", (0, 0), (0, -1), 2.2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.2),
    )


class TickBox(Flowable):  # type: ignore[misc]
    """A square to tick, 3.6 mm."""

    def __init__(self) -> None:
        super().__init__()
        self.width = self.height = 3.6 * mm

    def draw(self) -> None:
        """Draw the square."""
        self.canv.setStrokeColor(INK)
        self.canv.setLineWidth(0.9)
        self.canv.rect(0, 0, self.width, self.height)


class WritingLine(Flowable):  # type: ignore[misc]
    """A line to write on, with a small caption below it; width in mm, `room_mm` free above the line."""

    def __init__(self, caption: str, width_mm: float, room_mm: float = 9.0) -> None:
        super().__init__()
        self.caption = caption
        self.width = width_mm * mm
        self.height = (room_mm + 3.6) * mm

    def draw(self) -> None:
        """Draw line and caption."""
        self.canv.setStrokeColor(INK)
        self.canv.setLineWidth(0.6)
        self.canv.line(0, 3.6 * mm, self.width, 3.6 * mm)
        self.canv.setFont(REGULAR, 6.6)
        self.canv.setFillColor(QUIET)
        self.canv.drawString(0, 0.7 * mm, self.caption)


def gap(height_mm: float) -> Spacer:
    """Empty space of this height."""
    return Spacer(1, height_mm * mm)


def save_document(path: Path, title: str, running_head: str, story: Callable[[], list[Flowable]]) -> int:
    """Set a document in A4 and save it; returns how many pages it has.

    `story` is asked twice for the same content: the first setting counts the pages for "Seite x von y".
    """
    pages = _build(BytesIO(), title, running_head, story(), None)
    with path.open("wb") as file:
        return _build(file, title, running_head, story(), pages)


def _build(target: object, title: str, running_head: str, story: list[Flowable], pages: int | None) -> int:
    document = BaseDocTemplate(
        target,
        pagesize=A4,
        leftMargin=MARGIN_MM * mm,
        rightMargin=MARGIN_MM * mm,
        topMargin=MARGIN_MM * mm,
        bottomMargin=FOOT_MM * mm + 4 * mm,
        title=title,
        author="Poststraße",
        creator="Poststraße",
        producer="Poststraße",
        subject=running_head,
        lang="de-DE",
        initialFontName=REGULAR,
        invariant=1,
    )
    frame = Frame(
        document.leftMargin, document.bottomMargin, document.width, document.height, 0, 0, 0, 0, showBoundary=0
    )

    def foot(canvas: Canvas, _: BaseDocTemplate) -> None:
        canvas.saveState()
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.4)
        canvas.line(MARGIN_MM * mm, FOOT_MM * mm, (210 - MARGIN_MM) * mm, FOOT_MM * mm)
        canvas.setFont(REGULAR, 7)
        canvas.setFillColor(QUIET)
        canvas.drawString(MARGIN_MM * mm, (FOOT_MM - 4) * mm, running_head)
        number = canvas.getPageNumber()
        text = f"Seite {number}" if pages is None else f"Seite {number} von {pages}"
        canvas.drawRightString((210 - MARGIN_MM) * mm, (FOOT_MM - 4) * mm, text)
        canvas.restoreState()

    document.addPageTemplates([PageTemplate(id="page", frames=[frame], onPage=foot)])
    document.build(story)
    return int(document.page)
