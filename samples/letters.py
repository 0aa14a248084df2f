"""Letters after DIN 5008, forms A and B: what they are made of, their layout, and a PDF of them by reportlab.

All lengths in mm from the sheet's top left corner. Left of 22 mm stand only fold and hole marks (x 2 to 3.8 mm),
unless a letter asks for something in the margin.
"""

from __future__ import annotations

import io
import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reportlab.pdfgen.canvas import Canvas

from samples.layout import (
    MM,
    TEXT_LEFT_MM,
    TEXT_RIGHT_MM,
    VERA,
    Area,
    Face,
    Page,
    Rule,
    Text,
    fit_size,
    register_fonts,
    width_mm,
    wrap,
)
from samples.people import Addressee
from samples.tables import Table

ZONE_TOP_MM = {"A": 27.0, "B": 45.0}
"""Top edge of the address field by form, DIN 5008."""
UPPER_ZONE_MM = 17.7
FOLDS_MM = {"A": (87.0, 192.0), "B": (105.0, 210.0)}
HOLE_MM = 148.5
INFO_LABEL_MM, INFO_VALUE_MM, INFO_DOWN_MM = 125.0, 150.0, 8.0
"""Where the info block stands: its two columns, and its first line below the top of the address field."""
_ADDRESS_WIDTH_MM = 62.0
_NEXT_TOP_MM, _FIRST_BOTTOM_MM, _NEXT_BOTTOM_MM = 34.0, 262.0, 274.0


@dataclass(frozen=True)
class Sender:
    """Who writes: letterhead, the small line in the window, three columns at the foot, a motif as a logo."""

    head: tuple[str, ...]
    line: str
    foot: tuple[tuple[str, ...], ...] = ()
    motif: str = ""
    line_at: str = "foot"
    colour: tuple[float, float, float] = (0.1, 0.25, 0.45)


@dataclass(frozen=True)
class Heading:
    """A line in bold between paragraphs."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """Running text; `small` for what nobody reads."""

    text: str
    small: bool = False


@dataclass(frozen=True)
class Break:
    """What follows begins a new page."""


Block = Heading | Paragraph | Table | Break


@dataclass(frozen=True)
class Letter:
    """A letter. `addressee` None: nothing in the window. `margin`: empty, `barcode` or `logo` in the left margin."""

    form: str
    sender: Sender
    addressee: Addressee | None
    info: tuple[tuple[str, str], ...]
    subject: str
    greeting: str
    blocks: tuple[Block, ...]
    signatory: str
    endorsements: tuple[str, ...] = ()
    face: Face = VERA
    margin: str = ""
    scrawl: int = 0


def _motif(page: Page, sender: Sender, left: float, top: float) -> None:
    """A logo of a few areas, 20 mm wide and 13 mm high."""
    colour, pale = sender.colour, tuple(0.55 + 0.45 * part for part in sender.colour)
    shapes = {
        "tower": ((0, 6, 20, 7), (7, 0, 6, 6), (1, 3, 3, 3), (16, 3, 3, 3)),
        "bars": ((0, 0, 20, 3), (0, 5, 14, 3), (0, 10, 8, 3)),
        "gate": ((0, 2, 5, 11), (15, 2, 5, 11), (5, 5, 10, 3), (0, 0, 2, 2), (18, 0, 2, 2)),
        "wave": ((0, 0, 8, 3), (6, 3, 8, 3), (12, 6, 8, 3), (0, 10, 20, 2)),
    }[sender.motif]
    for number, (x, y, wide, high) in enumerate(shapes):
        page.items.append(Area(left + x, top + y, wide, high, colour if number % 2 == 0 else pale))  # type: ignore[arg-type]


def _stationery(page: Page, letter: Letter) -> None:
    face, sender = letter.face, letter.sender
    page.text(TEXT_LEFT_MM, 16.0, sender.head[0], face.bold, 14.0)
    for number, line in enumerate(sender.head[1:]):
        page.text(TEXT_LEFT_MM, 20.5 + 3.8 * number, line, face.regular, 8.5)
    if sender.motif:
        _motif(page, sender, 170.0, 9.0)
    for y in (*FOLDS_MM[letter.form], HOLE_MM) if sender.foot else ():
        page.items.append(Rule(2.0, y, 3.8, y, 0.15))
    if sender.foot:
        page.items.append(Rule(TEXT_LEFT_MM, 271.5, TEXT_RIGHT_MM, 271.5, 0.15, 0.4))
    for column, lines in enumerate(sender.foot):
        for number, line in enumerate(lines):
            page.text(TEXT_LEFT_MM + 57.0 * column, 275.5 + 3.1 * number, line, face.regular, 6.5)


def _window(page: Page, letter: Letter) -> None:
    """Sender line and endorsements in the upper zone, filled from its foot; the address in the zone below."""
    top = ZONE_TOP_MM[letter.form]
    middle = top + UPPER_ZONE_MM
    face, y = letter.face, middle - 1.6
    for line in reversed(letter.endorsements):
        page.text(TEXT_LEFT_MM, y, line, face.regular, 8.0)
        y -= 3.4
    line = letter.sender.line
    size = fit_size([line], face.regular, 7.0, 78.0, 5.0)
    y = top + 3.6 if letter.sender.line_at == "top" else min(y - 0.9, middle - 2.6)
    page.text(TEXT_LEFT_MM, y, line, face.regular, size)
    page.items.append(Rule(TEXT_LEFT_MM, y + 0.9, TEXT_LEFT_MM + width_mm(line, face.regular, size), y + 0.9, 0.1, 0.3))
    if letter.addressee is not None:
        set_address(page, letter.addressee, letter.form, face)


def set_address(page: Page, addressee: Addressee, form: str, face: Face) -> None:
    """Set the recipient into the address zone: up to six lines, at most 62 mm wide."""
    lines = addressee.lines
    size = fit_size(lines, face.regular, 10.0 if face is VERA else 11.0, _ADDRESS_WIDTH_MM)
    leading = 4.2 if len(lines) <= 5 else 3.95
    for number, text in enumerate(lines):
        y = ZONE_TOP_MM[form] + UPPER_ZONE_MM + 3.6 + leading * number
        page.text(TEXT_LEFT_MM, y, text, face.regular, size)


def set_reference(page: Page, number: int, reference: str, form: str, face: Face) -> None:
    """Set the reference: into the info block of page 1, into the head of the others."""
    if number == 1:
        page.text(INFO_VALUE_MM, ZONE_TOP_MM[form] + INFO_DOWN_MM, reference, face.regular, 9.0)
    else:
        page.text_right(TEXT_RIGHT_MM, 18.0, reference, face.regular, 8.0)


def set_reference_below(page: Page, form: str, face: Face) -> None:
    """What must not be there: a file reference under the address field, where the window shows it."""
    page.text(TEXT_LEFT_MM, ZONE_TOP_MM[form] + 49.0, "Az. 30.1-4711/26 Insolvenzverfahren", face.regular, 8.0)


def _info_block(page: Page, letter: Letter) -> None:
    y = ZONE_TOP_MM[letter.form] + INFO_DOWN_MM
    for label, value in letter.info:
        page.text(INFO_LABEL_MM, y, label, letter.face.regular, 7.5)
        page.text(INFO_VALUE_MM, y, value, letter.face.regular, fit_size([value], letter.face.regular, 9.0, 42.0, 6.5))
        y += 4.7


def set_margin(page: Page, kind: str) -> None:
    """What must not be there: in the zones of the marks of every machine, y 20 to 40 and 150 to 188."""
    for top, bottom in ((20.0, 40.0), (150.0, 188.0)):
        if kind == "logo":
            page.items.append(Area(8.0, top, 9.0, bottom - top, (0.75, 0.1, 0.15)))
            continue
        y, chance = top, random.Random(f"barcode {top}")
        while y < bottom:
            thick = chance.choice((0.3, 0.3, 0.6, 0.9))
            page.items.append(Area(8.0, y, 9.0, thick, (0.0, 0.0, 0.0)))
            y += thick + chance.choice((0.3, 0.6, 0.9))


class _Flow:
    """Sets blocks one below the other and opens pages as they fill."""

    def __init__(self, letter: Letter) -> None:
        self.letter = letter
        self.face = letter.face
        self.page = Page()
        self.pages = [self.page]
        self.y = ZONE_TOP_MM[letter.form] + 60.5

    def _bottom(self) -> float:
        return _FIRST_BOTTOM_MM if len(self.pages) == 1 else _NEXT_BOTTOM_MM

    def new_page(self) -> None:
        self.page = Page()
        self.pages.append(self.page)
        reference = next((value for label, value in self.letter.info if "Zeichen" in label), "")
        self.page.text(TEXT_LEFT_MM, 18.0, self.letter.sender.head[0], self.face.bold, 9.0)
        set_reference(self.page, len(self.pages), reference, self.letter.form, self.face)
        self.page.items.append(Rule(TEXT_LEFT_MM, 20.5, TEXT_RIGHT_MM, 20.5, 0.15, 0.4))
        self.y = _NEXT_TOP_MM

    def need(self, height: float) -> None:
        if self.y + height > self._bottom():
            self.new_page()

    def set_lines(self, text: str, font: str, size: float, leading: float) -> None:
        for line in wrap(text, font, size, TEXT_RIGHT_MM - TEXT_LEFT_MM):
            self.need(0.0)
            self.page.text(TEXT_LEFT_MM, self.y, line, font, size)
            self.y += leading

    def add(self, block: Block) -> None:
        face = self.face
        if isinstance(block, Break):
            self.new_page()
        elif isinstance(block, Table):
            self._table(block)
        elif isinstance(block, Heading):
            self.need(3 * face.leading_mm)
            self.set_lines(block.text, face.bold, face.size_pt, face.leading_mm)
        else:
            small = 0.8 if block.small else 1.0
            self.set_lines(block.text, face.regular, face.size_pt * small, face.leading_mm * small)
            self.y += face.leading_mm * 0.6

    def _row(self, table: Table, cells: Sequence[str], font: str) -> None:
        x, size = TEXT_LEFT_MM, self.face.size_pt - 1.0
        for cell, wide, align in zip(cells, table.widths_mm, table.aligns, strict=True):
            fitting = fit_size([cell], font, size, wide - 2.0, 6.0)
            if align == "r":
                self.page.text_right(x + wide - 1.0, self.y, cell, font, fitting)
            else:
                self.page.text(x + 1.0, self.y, cell, font, fitting)
            x += wide
        self.y += 5.2

    def _head(self, table: Table) -> None:
        self.page.items.append(Area(TEXT_LEFT_MM, self.y - 3.8, sum(table.widths_mm), 5.2, (0.88, 0.88, 0.88)))
        self._row(table, table.header, self.face.bold)

    def _table(self, table: Table) -> None:
        self.need(16.0)
        self._head(table)
        for number, row in enumerate(table.rows):
            if self.y + 1.5 > self._bottom():
                self.new_page()
                self._head(table)
            last = number >= len(table.rows) - table.sums
            self.page.items.append(
                Rule(
                    TEXT_LEFT_MM, self.y - 3.8, TEXT_LEFT_MM + sum(table.widths_mm), self.y - 3.8, 0.3 if last else 0.1
                )
            )
            self._row(table, row, self.face.bold if last else self.face.regular)
        self.y += 2.5

    def sign(self) -> None:
        self.need(26.0)
        self.page.text(TEXT_LEFT_MM, self.y + 2.0, "Mit freundlichen Grüßen", self.face.regular, self.face.size_pt)
        if self.letter.scrawl:
            self._scrawl(self.y + 9.0)
        self.page.text(TEXT_LEFT_MM, self.y + 17.0, self.letter.signatory, self.face.regular, self.face.size_pt)
        self.y += 26.0

    def _scrawl(self, y: float) -> None:
        chance = random.Random(f"scrawl {self.letter.scrawl}")
        turns, swing, wide = chance.uniform(3.5, 6.5), chance.uniform(1.5, 3.2), chance.uniform(26.0, 44.0)
        phase, steps = chance.uniform(0.0, math.tau), 120
        points = []
        for step in range(steps + 1):
            at = step / steps
            angle = at * turns * math.tau
            fading = 1.0 - 0.75 * at
            across = TEXT_LEFT_MM + 3.0 + wide * at + 2.2 * math.sin(angle + phase) * fading
            points.append((across, y - (swing * math.cos(angle) + math.sin(2.3 * angle)) * fading))
        for (x1, y1), (x2, y2) in itertools.pairwise(points):
            self.page.items.append(Rule(x1, y1, x2, y2, 0.35, 0.15))


def lay_out(letter: Letter) -> tuple[Page, ...]:
    """The pages of a letter, with page numbers."""
    flow, face = _Flow(letter), letter.face
    _stationery(flow.page, letter)
    _window(flow.page, letter)
    _info_block(flow.page, letter)
    flow.set_lines(letter.subject, face.bold, face.size_pt + 0.5, face.leading_mm)
    flow.y += face.leading_mm
    flow.add(Paragraph(letter.greeting + ","))
    signed = False
    for block in letter.blocks:
        if isinstance(block, Break) and not signed:
            flow.sign()
            signed = True
        flow.add(block)
    if not signed:
        flow.sign()
    for number, page in enumerate(flow.pages, 1):
        if len(flow.pages) == 1 and not letter.sender.foot:
            break
        y = 268.0 if number == 1 else 286.0
        page.text_right(TEXT_RIGHT_MM, y, f"Seite {number} von {len(flow.pages)}", face.regular, 7.5)
    for page in flow.pages if letter.margin else ():
        set_margin(page, letter.margin)
    return tuple(flow.pages)


def with_pages(letter: Letter, pages: int, notes: Sequence[tuple[str, str]], table: Table) -> Letter:
    """The letter with as many notes and rows of an annex as make exactly `pages` pages.

    Raises ValueError when the letter alone is longer, or when the annex is too short for it.
    """
    if len(lay_out(letter)) > pages:
        raise ValueError("the letter alone is longer than that")
    annex: list[Block] = []
    for title, text in notes if pages > 1 else ():
        longer = replace(letter, blocks=(*letter.blocks, *annex, Heading(title), Paragraph(text)))
        if len(lay_out(longer)) > pages:
            break
        annex += [Heading(title), Paragraph(text)]
    full = replace(letter, blocks=(*letter.blocks, *annex))
    for rows in range(6, len(table.rows), 8):
        if len(lay_out(full)) == pages:
            return full
        part = replace(table, rows=(*table.rows[:rows], table.rows[-1]))
        full = replace(
            letter, blocks=(*letter.blocks, *annex, Break(), Heading("Anlage: Aufstellung der Buchungen"), part)
        )
    if len(lay_out(full)) != pages:
        raise ValueError("the annex is too short")
    return full


def paint(canvas: Canvas, page: Page) -> None:
    """Draw a page and end it."""
    canvas.setPageSize((page.width_mm * MM, page.height_mm * MM))
    for item in page.items:
        if isinstance(item, Text):
            canvas.setFillGray(0.0)
            canvas.setFont(item.font, item.size_pt)
            canvas.drawString(item.x_mm * MM, (page.height_mm - item.y_mm) * MM, item.text)
        elif isinstance(item, Rule):
            canvas.setStrokeGray(item.grey)
            canvas.setLineWidth(item.thickness_mm * MM)
            bottom = page.height_mm
            canvas.line(item.x1_mm * MM, (bottom - item.y1_mm) * MM, item.x2_mm * MM, (bottom - item.y2_mm) * MM)
        else:
            canvas.setFillColorRGB(*item.colour)
            lower = page.height_mm - item.top_mm - item.height_mm
            canvas.rect(item.left_mm * MM, lower * MM, item.width_mm * MM, item.height_mm * MM, stroke=0, fill=1)
    canvas.showPage()


def write_pdf(pages: Sequence[Page], producer: str = "Fachverfahren KommunalText 9.2") -> bytes:
    """A PDF of the pages, the same bytes for the same pages."""
    register_fonts()
    buffer = io.BytesIO()
    first = next((item.font for page in pages for item in page.items if isinstance(item, Text)), "Helvetica")
    canvas = Canvas(buffer, invariant=1, pageCompression=1, initialFontName=first)
    canvas.setProducer(producer)
    canvas.setTitle("Schreiben")
    for page in pages:
        paint(canvas, page)
    canvas.save()
    return buffer.getvalue()
