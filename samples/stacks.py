"""Stacks: many letters in one PDF, a fixed number of pages each, with shared fonts, letterhead and texts.

Up to 64 letters have each a text of its own; beyond that, 64 texts take turns under new addresses.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from samples.layout import Item, Page
from samples.letters import Letter, lay_out, set_address, set_margin, set_reference
from samples.people import OFFICES, Addressee, Office, addressee
from samples.stream import PdfStream, encodable
from samples.texts import TAX_NOTICE, Matter
from samples.writing import notice

TEXTS = 64
FAULTS = ("no-address", "no-postcode", "barcode", "logo")
"""What a letter of a stack may have wrong: nothing in the window, no postcode, something in the left margin."""


@dataclass(frozen=True)
class StackLetter:
    """One letter of a stack. Pages count from 1; `addressee` as printed; `fault` empty when all is well."""

    first_page: int
    last_page: int
    addressee: Addressee | None
    fault: str


def without_postcode(addressee: Addressee) -> Addressee:
    """The same person, as somebody typed who forgot the postcode."""
    lines = (*addressee.lines[:-1], addressee.town)
    return replace(addressee, lines=lines, postcode="")


def _text(rng: random.Random, office: Office, matter: Matter, to: Addressee, pages: int) -> Letter:
    """A letter of exactly `pages` pages; some matters come out longer by chance, then chance is asked again."""
    for _ in range(50):
        try:
            letter = notice(rng, office, matter, "B", to, pages)
        except ValueError:
            continue
        if encodable(letter.greeting):
            return letter
    raise ValueError(f"{matter.key} does not fit on {pages} pages")


def _own_things(letter: Letter, to: Addressee | None, reference: str, number: int, fault: str) -> list[Item]:
    page = Page()
    if number == 1 and to is not None:
        set_address(page, to, letter.form, letter.face)
    set_reference(page, number, reference, letter.form, letter.face)
    if fault in ("barcode", "logo"):
        set_margin(page, fault)
    return page.items


def printable_addressee(rng: random.Random, office: Office) -> Addressee:
    """Somebody whose address a stack can show."""
    while True:
        to = addressee(rng, office)
        if all(encodable(line) for line in to.lines):
            return to


def write_stack(
    path: Path,
    office: Office,
    matter: Matter,
    letters: int,
    seed: str,
    pages: int = 2,
    faults: Mapping[int, str] | None = None,
    on_letter: Callable[[StackLetter], None] | None = None,
) -> None:
    """Write a stack. `faults`: by the letter's number from 1; `on_letter` is told of each as it is written."""
    rng = random.Random(f"{seed} {office.id} {matter.key}")
    faults = faults or {}
    texts: list[Letter] = []
    with path.open("wb") as out:
        pdf = PdfStream(out, f"{seed} {office.id} {matter.key} {letters}")
        for number in range(1, letters + 1):
            to: Addressee | None = printable_addressee(rng, office)
            which = (number - 1) % TEXTS
            if which == len(texts):
                texts.append(_prepare(pdf, rng, office, matter, to, pages, which, letters > TEXTS))
            letter, fault = texts[which], faults.get(number, "")
            if fault == "no-postcode" and to is not None:
                to = without_postcode(to)
            elif fault == "no-address":
                to = None
            reference = f"{rng.randrange(10, 99)}.{rng.randrange(1000, 9999)}.{number:06d}"
            for page in range(1, pages + 1):
                things = _own_things(letter, to, reference, page, fault)
                pdf.page((f"T{which}P{page}",) if page > 1 else ("Head", f"T{which}P1"), things)
            if on_letter is not None:
                on_letter(StackLetter((number - 1) * pages + 1, number * pages, to, fault))
        pdf.finish({"Producer": "HKR-Druckausgabe 4.11", "Title": "Druckstapel"})


def _prepare(
    pdf: PdfStream, rng: random.Random, office: Office, matter: Matter, to: Addressee | None, pages: int, which: int,
    shared: bool,
) -> Letter:  # fmt: skip
    """Lay out a text once, and put its pages into the file as forms, without address and reference."""
    letter = _text(rng, office, matter, to or printable_addressee(rng, office), pages)
    blank = replace(
        letter,
        addressee=None,
        info=((letter.info[0][0], ""), *letter.info[1:]),
        greeting="Sehr geehrte Damen und Herren" if shared else letter.greeting,
    )
    laid = lay_out(blank)
    head = _head_items(blank)
    if which == 0:
        pdf.form("Head", head)
    for number, page in enumerate(laid, 1):
        pdf.form(f"T{which}P{number}", [item for item in page.items if number > 1 or item not in head])
    return letter


def _head_items(letter: Letter) -> list[Item]:
    """What every first page of an office shows alike: letterhead and logo, above 26 mm."""
    (first, *_) = lay_out(letter)
    tops = ((item, getattr(item, "y_mm", getattr(item, "top_mm", None))) for item in first.items)
    return [item for item, top in tops if top is not None and top < 26.0]


def big_stack(path: Path, letters: int, seed: int) -> None:
    """Write a stack of `letters` two-page tax notices of Schwerin, quickly and in little memory, to measure with."""
    write_stack(path, OFFICES["schwerin"], TAX_NOTICE, letters, f"big {seed}")
