"""Letters that say on each page which they are: `Kennung L0000123` and `Seite 2 von 5`, to find them again anywhere.

Short in text and quick to make, in stacks of any lengths, so that many thousands of them can be sent through the line.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path

from samples.layout import TEXT_LEFT_MM, TEXT_RIGHT_MM, VERA, Item, Page
from samples.letters import ZONE_TOP_MM, set_address
from samples.people import Addressee, Office, addressee
from samples.stream import PdfStream, encodable

SAYS = re.compile(r"Kennung L([0-9]{7})\s+Seite ([0-9]+) von ([0-9]+)")
"""How to find in a page's text the letter's number, the page, and how many pages the letter has."""

_LINES = (
    "Sehr geehrte Damen und Herren,",
    "zu Ihrem Antrag teilen wir Ihnen mit, dass die Unterlagen vollständig vorliegen. Den Bescheid",
    "erhalten Sie mit gesonderter Post. Bitte geben Sie bei Rückfragen die Kennung an.",
)


def write_numbered_letters(path: Path, office: Office, lengths: Sequence[int], first: int, seed: int) -> None:
    """Write a stack of letters in form B. `lengths`: pages of each; `first`: number of the first letter, up by one."""
    rng = random.Random(f"numbered {seed} {office.id} {first}")
    with path.open("wb") as out:
        pdf = PdfStream(out, f"numbered {seed} {office.id} {first} {len(lengths)}")
        pdf.form("Head", _head(office))
        pdf.form("Next", _next_head(office))
        for number, pages in enumerate(lengths, first):
            to = _printable(rng, office, 5 if pages > 5 else 6)
            for page in range(1, pages + 1):
                pdf.page(("Head",) if page == 1 else ("Next",), _own(number, page, pages, to))
        pdf.finish({"Producer": "HKR-Druckausgabe 4.11", "Title": "Druckstapel"})


def _printable(rng: random.Random, office: Office, most_lines: int) -> Addressee:
    """An addressee; letters that may be too long to fold have five lines, for a flat envelope may hide a sixth."""
    while True:
        to = addressee(rng, office)
        if len(to.lines) <= most_lines and all(encodable(line) for line in to.lines):
            return to


def _head(office: Office) -> list[Item]:
    page = Page()
    page.text(TEXT_LEFT_MM, 16.0, office.name, VERA.bold, 14.0)
    page.text(TEXT_LEFT_MM, ZONE_TOP_MM["B"] + 3.6, office.sender_line, VERA.regular, 5.0)
    for number, line in enumerate(_LINES):
        page.text(TEXT_LEFT_MM, 125.0 + VERA.leading_mm * number, line, VERA.regular, VERA.size_pt)
    return page.items


def _next_head(office: Office) -> list[Item]:
    page = Page()
    page.text(TEXT_LEFT_MM, 18.0, office.name, VERA.bold, 9.0)
    for number in range(3):
        page.text(TEXT_LEFT_MM, 40.0 + VERA.leading_mm * number, _LINES[1], VERA.regular, VERA.size_pt)
    return page.items


def _own(number: int, page: int, pages: int, to: Addressee) -> list[Item]:
    own = Page()
    if page == 1:
        set_address(own, to, "B", VERA)
    own.text(TEXT_LEFT_MM, 112.0, f"Kennung L{number:07d}", VERA.bold, 10.0)
    own.text_right(TEXT_RIGHT_MM, 112.0, f"Seite {page} von {pages}", VERA.regular, 9.0)
    return own.items
