"""Print streams of letters of different lengths, and what specialist programs put on them to say where letters begin.

Kinds: `numbered` (Seite 1 von n at the foot, as all letters here have it), `control-line` (white, 2 pt, at the head of
each first page), `blank` and `separator` (a page between letters; the separator is a QR code), `index` (a CSV beside
the file), `bookmarks`. Faults spoil one place; each must make the line send the whole stream back.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pikepdf
import zxingcpp

from samples.layout import MM, PAGE_HEIGHT_MM, Area, Item, Page
from samples.letters import Letter, lay_out, set_margin
from samples.people import Addressee, Office
from samples.stacks import printable_addressee, without_postcode
from samples.stream import PdfStream, encodable, operators
from samples.texts import OUTGOING
from samples.writing import notice

KINDS = ("numbered", "control-line", "blank", "separator", "index", "bookmarks")
LENGTHS = (1, 2, 1, 3, 1, 4, 2, 1, 6, 2, 1, 5)
STREAM_FAULTS = (
    "lost-page", "lost-last-page", "swapped-pages", "unnumbered-page", "broken-control-line", "no-control-line",
    "control-line-in-form", "index-gap", "index-overlap", "no-index",
)  # fmt: skip
"""What may be wrong with a stream: a page that is missing or out of place, a line that can't be read or removed."""


@dataclass(frozen=True)
class StreamLetter:
    """One letter of a stream; pages of the file, from 1. `fault`: of the letter itself, as in a stack."""

    first_page: int
    last_page: int
    addressee: Addressee | None
    reference: str
    fault: str = ""


def control_line(reference: str, number: int) -> str:
    """What the control line of a letter says."""
    return f"##DRUCK;{number:06d};{reference};51.20##"


def write_stream(
    path: Path,
    office: Office,
    kind: str,
    letters: int,
    seed: str,
    fault: str = "",
    wrong: dict[int, str] | None = None,
    on_letter: Callable[[StreamLetter], None] | None = None,
) -> int:
    """Write a stream of so many letters; returns its pages. `fault`: of the stream; `wrong`: of letters, by number."""
    rng = random.Random(f"{seed} {office.id} {kind}")
    known: list[StreamLetter] = []
    contents: list[bytes] = []
    with path.open("wb") as out:
        pdf = PdfStream(out, f"{seed} {office.id} {kind} {letters}")
        for number in range(1, letters + 1):
            contents += _between(kind, number)
            reference = f"{rng.randrange(10, 99)}.{rng.randrange(1000, 9999)}.{number:06d}"
            spoilt = (wrong or {}).get(number, "")
            letter = _letter(rng, office, LENGTHS[(number - 1) % len(LENGTHS)], spoilt)
            first = len(contents) + 1
            contents += _pages(pdf, letter, kind, control_line(reference, number), fault if number == 2 else "")
            known.append(StreamLetter(first, len(contents), letter.addressee, reference, spoilt))
        for content in _spoilt(contents, known, fault):
            pdf.page_of_content(content)
        pdf.finish({"Producer": "HKR-Druckausgabe 4.11", "Title": "Druckstrom"})
    if kind == "bookmarks":
        _add_bookmarks(path, known)
    for each in known:
        if on_letter is not None:
            on_letter(each)
    return len(_spoilt(contents, known, fault))


def index_of(letters: Sequence[StreamLetter], fault: str = "") -> bytes:
    """The index file of a stream. Every third letter is printed on both sides, every fourth has an enclosure."""
    rows = ["first_page;last_page;reference;cost_centre;enclosures;plex"]
    for number, each in enumerate(letters, 1):
        first, last = each.first_page, each.last_page
        first += 1 if fault == "index-gap" and number == 2 else 0
        last += 1 if fault == "index-overlap" and number == 1 else 0
        extra = ("1" if number % 4 == 0 else "", "duplex" if number % 3 == 0 else "")
        rows.append(";".join((str(first), str(last), each.reference, "51.20" if number % 2 else "", *extra)))
    return ("\r\n".join(rows) + "\r\n").encode("utf-8-sig")


def _letter(rng: random.Random, office: Office, pages: int, fault: str) -> Letter:
    for _ in range(200):
        to = printable_addressee(rng, office)
        try:
            letter = notice(rng, office, rng.choice(OUTGOING), "B", to, pages)
        except ValueError:
            continue
        if all(encodable(text) for text in (letter.greeting, letter.subject)):
            if fault == "no-postcode":
                return replace(letter, addressee=without_postcode(to))
            return replace(letter, addressee=None) if fault == "no-address" else letter
    raise ValueError(f"no letter has {pages} pages")


def _pages(pdf: PdfStream, letter: Letter, kind: str, line: str, fault: str) -> list[bytes]:
    """The operators of each page of a letter."""
    laid: list[Page] = list(lay_out(letter))
    if fault == "unnumbered-page":
        laid[1].items[:] = [item for item in laid[1].items if not getattr(item, "text", "").startswith("Seite ")]
    made = []
    for number, page in enumerate(laid, 1):
        if letter.margin:
            set_margin(page, letter.margin)
        content = operators(page.items)
        if kind == "control-line" and number == 1 and fault != "no-control-line":
            shown = _white_line(line[: len(line) // 2] if fault == "broken-control-line" else line)
            if fault == "control-line-in-form":
                pdf.form_of_content("Line", _white_line(line))
                shown = b"/Line Do\n"
            content += shown
        made.append(content)
    return made


def _white_line(text: str) -> bytes:
    """A line in white at the head of the page, 2 pt high; whatever follows is black again."""
    x, y = 25.0 * MM, (PAGE_HEIGHT_MM - 6.0) * MM
    shown = text.encode("cp1252")
    return b"q 1 g BT /F1 2 Tf %.2f %.2f Td (%b) Tj ET Q\n" % (x, y, shown)


def _between(kind: str, number: int) -> list[bytes]:
    if kind == "blank" and number > 1:
        return [b""]
    return [operators(_separator_page())] if kind == "separator" else []


def _separator_page() -> list[Item]:
    page = Page()
    page.text(25.0, 120.0, "Trennblatt – wird nicht gedruckt", "Vera-Bold", 14.0)
    code = zxingcpp.create_barcode("PATCHT", zxingcpp.BarcodeFormat.QRCode)
    modules = np.asarray(zxingcpp.write_barcode_to_image(code, scale=1, add_quiet_zones=False))
    side = modules.shape[0]
    for row in range(side):
        for column in range(side):
            if modules[row, column] == 0:
                page.items.append(Area(30.0 + 1.2 * column, 30.0 + 1.2 * row, 1.2, 1.2, (0.0, 0.0, 0.0)))
    return page.items


def _spoilt(contents: list[bytes], letters: Sequence[StreamLetter], fault: str) -> list[bytes]:
    """The pages as they are written. What is spoilt is the second letter, or the fourth, which has three pages."""
    fourth = letters[min(3, len(letters) - 1)]
    first, last = fourth.first_page - 1, fourth.last_page - 1
    if fault == "lost-page":
        return contents[: first + 1] + contents[first + 2 :]
    if fault == "lost-last-page":
        return contents[:last] + contents[last + 1 :]
    if fault == "swapped-pages":
        return [*contents[: last - 1], contents[last], contents[last - 1], *contents[last + 1 :]]
    return contents


def _add_bookmarks(path: Path, letters: Sequence[StreamLetter]) -> None:
    with pikepdf.Pdf.open(path, allow_overwriting_input=True) as pdf:
        with pdf.open_outline() as outline:
            top = pikepdf.OutlineItem("Druckstrom", 0)
            for number, letter in enumerate(letters, 1):
                top.children.append(pikepdf.OutlineItem(f"{number:06d} Az. {letter.reference}", letter.first_page - 1))
            outline.root.append(top)
        pdf.save(path, deterministic_id=True)
