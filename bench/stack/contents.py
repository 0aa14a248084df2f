"""What stands on a page of each kind: laid out in mm, with the text in the order in which a person reads it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from bench.stack import values
from bench.stack.forms import form_page
from bench.stack.orders import PageOrder
from bench.stack.texts import DENSE, RULES, SECTIONS
from samples import tables
from samples.layout import (
    HELVETICA,
    TEXT_LEFT_MM,
    TEXT_RIGHT_MM,
    TIMES,
    VERA,
    Area,
    Item,
    Page,
    Rule,
    Text,
    wrap,
)
from samples.letters import INFO_LABEL_MM, ZONE_TOP_MM, Heading, Letter, Paragraph, lay_out
from samples.people import OFFICES, addressee, iban
from samples.texts import OUTGOING
from samples.texts_incoming import INVOICES, POST
from samples.writing import from_citizen, invoice, notice

_ATTEMPTS = 60
_FOOT_TOP_MM = 271.5
_ADDRESS_HIGH_MM = 50.0
_SAME_ROW_MM = 1.0


@dataclass(frozen=True)
class Content:
    """A laid-out page and its text in reading order: block after block, in a block row after row from top to bottom.

    A row is what stands at the same height, as strings from left to right.
    """

    page: Page
    rows: tuple[tuple[str, ...], ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The rows as lines of text."""
        return tuple(" ".join(row) for row in self.rows)


def content(order: PageOrder) -> Content:
    """The page that is ordered. Raises ValueError when no text fits it, which no seed has shown yet."""
    rng = order.chance("content")
    for _ in range(_ATTEMPTS):
        try:
            return _MAKERS[order.kind](rng)
        except ValueError:
            continue
    raise ValueError(f"no text fits page {order.number}")


def _dense_letter(rng: random.Random) -> Content:
    office = rng.choice(list(OFFICES.values()))
    letter = notice(rng, office, rng.choice(OUTGOING), to=addressee(rng, office), face=rng.choice((VERA, HELVETICA)))
    blocks = list(letter.blocks[:1])
    texts = rng.sample(DENSE, len(DENSE))
    for number, text in enumerate(texts):
        if number == 4:
            blocks.append(Heading("Begründung:"))
        blocks.append(Paragraph(text.format(**values.fresh(rng)), small=number >= 8))
        if len(lay_out(replace(letter, blocks=tuple(blocks)))) > 1:
            blocks.pop()
    return _first_page(replace(letter, blocks=tuple(blocks)))


def _sparse_letter(rng: random.Random) -> Content:
    office = rng.choice(list(OFFICES.values()))
    letter = from_citizen(rng, office, rng.choice(POST))
    aside = f"Mein Zeichen: {values.reference(rng)}. Bankverbindung für die Erstattung: {iban(rng)}."
    return _first_page(
        replace(letter, blocks=(*letter.blocks, Paragraph(aside)) if rng.random() < 0.5 else letter.blocks)
    )


def _invoice(rng: random.Random) -> Content:
    office = rng.choice(list(OFFICES.values()))
    return _first_page(invoice(rng, office, rng.choice(INVOICES)))


def _statute(rng: random.Random) -> Content:
    """A page of a by-law in small print: numbered sections, much of what only this field writes."""
    face = rng.choice((TIMES, HELVETICA))
    size, leading = (9.5, 4.1) if face is TIMES else (8.5, 3.9)
    page, y = Page(), 24.0
    office = rng.choice(list(OFFICES.values()))
    page.text(TEXT_LEFT_MM, y, f"Satzung der {office.name} über die Straßenreinigung", face.bold, size + 2)
    y += 2.2 * leading
    number = rng.randrange(1, 8)
    for title in rng.sample(SECTIONS, len(SECTIONS)):
        rules = rng.sample(RULES, rng.randrange(2, 5))
        paragraphs = [f"({at}) {rule.format(**values.fresh(rng))}" for at, rule in enumerate(rules, 1)]
        broken = [line for text in paragraphs for line in wrap(text, face.regular, size, TEXT_RIGHT_MM - TEXT_LEFT_MM)]
        if y + leading * (len(broken) + 2.4) > 279.0:
            break
        page.text(TEXT_LEFT_MM, y, f"§ {number} {title}", face.bold, size)
        y += 1.3 * leading
        for line in broken:
            page.text(TEXT_LEFT_MM, y, line, face.regular, size)
            y += leading
        y += leading
        number += 1
    page.text_right(190.0, 287.0, f"Seite {rng.randrange(2, 9)} von 9", face.regular, 7.5)
    return Content(page, rows(page.items))


def _table(rng: random.Random) -> Content:
    """A page of bookings: a head, a sentence, then rows to the foot of the page, every third of them shaded or none."""
    face, page = rng.choice((VERA, HELVETICA, HELVETICA)), Page()
    office = rng.choice(list(OFFICES.values()))
    page.text(TEXT_LEFT_MM, 18.0, office.name, face.bold, 9.0)
    page.items.append(Rule(TEXT_LEFT_MM, 20.5, TEXT_RIGHT_MM, 20.5, 0.15, 0.4))
    page.text(TEXT_LEFT_MM, 31.0, "Anlage: Aufstellung der Buchungen", face.bold, 11.0)
    told = f"Kassenzeichen {values.reference(rng)}, Stand {values.day(rng)}. Überweisungen bitte auf {iban(rng)}."
    y = 38.0
    for line in wrap(told, face.regular, 9.0, TEXT_RIGHT_MM - TEXT_LEFT_MM):
        page.text(TEXT_LEFT_MM, y, line, face.regular, 9.0)
        y += 4.6
    table = tables.annex(rng, rng.randrange(20, 40))
    shaded = rng.random() < 0.5
    y += 5.0
    for number, row in enumerate((table.header, *table.rows)):
        last = number == len(table.rows)
        if shaded and number % 3 == 0:
            page.items.append(Area(TEXT_LEFT_MM, y - 3.8, sum(table.widths_mm), 5.2, (0.9, 0.9, 0.9)))
        page.items.append(Rule(TEXT_LEFT_MM, y - 3.8, TEXT_RIGHT_MM, y - 3.8, 0.3 if last else 0.1))
        _cells(page, table, row, y, face.bold if number == 0 or last else face.regular)
        y += 5.2
    page.text_right(TEXT_RIGHT_MM, 286.0, f"Seite {rng.randrange(2, 5)} von 5", face.regular, 7.5)
    return Content(page, rows(page.items))


def _cells(page: Page, table: tables.Table, row: tuple[str, ...], y: float, font: str) -> None:
    left = TEXT_LEFT_MM
    for cell, wide, align in zip(row, table.widths_mm, table.aligns, strict=True):
        if align == "r":
            page.text_right(left + wide - 1.0, y, cell, font, 8.5)
        else:
            page.text(left + 1.0, y, cell, font, 8.5)
        left += wide


def _form(rng: random.Random) -> Content:
    page = form_page(rng)
    return Content(page, rows(page.items))


def _first_page(letter: Letter) -> Content:
    pages = lay_out(letter)
    if len(pages) != 1:
        raise ValueError("the letter is longer than a page")
    return Content(pages[0], letter_rows(pages[0], letter.form))


def rows(items: Iterable[Item]) -> tuple[tuple[str, ...], ...]:
    """The rows of an area that has one column: baselines within a millimetre are one row."""
    found: list[list[Text]] = []
    for item in sorted((each for each in items if isinstance(each, Text)), key=lambda text: text.y_mm):
        if found and item.y_mm - found[-1][0].y_mm < _SAME_ROW_MM:
            found[-1].append(item)
        else:
            found.append([item])
    return tuple(tuple(item.text for item in sorted(row, key=lambda text: text.x_mm)) for row in found)


def letter_rows(page: Page, form: str) -> tuple[tuple[str, ...], ...]:
    """The rows of a letter's first page: head, window, info block, the text, then the foot column by column."""
    top = ZONE_TOP_MM[form]
    zones: dict[tuple[int, float], list[Text]] = {}
    for item in page.items:
        if not isinstance(item, Text):
            continue
        if item.y_mm >= _FOOT_TOP_MM:
            zone = (4, item.x_mm)
        elif item.y_mm < top:
            zone = (0, 0.0)
        elif item.y_mm < top + _ADDRESS_HIGH_MM:
            zone = (2, 0.0) if item.x_mm >= INFO_LABEL_MM else (1, 0.0)
        else:
            zone = (3, 0.0)
        zones.setdefault(zone, []).append(item)
    return tuple(row for _, items in sorted(zones.items()) for row in rows(items))


_MAKERS: dict[str, Callable[[random.Random], Content]] = {
    "dense-letter": _dense_letter,
    "sparse-letter": _sparse_letter,
    "statute": _statute,
    "invoice": _invoice,
    "table": _table,
    "form": _form,
}
