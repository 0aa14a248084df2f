"""One dropped file at a time: its bytes and the truth about it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from samples import faults, tables
from samples.coding import Shot, encode, is_bilevel
from samples.layout import HELVETICA, TIMES, VERA, Face, Page
from samples.letters import Letter, lay_out, set_reference_below, write_pdf
from samples.paper import any_paper, bilevel, printed, scan
from samples.people import Addressee, Office, abroad, addressee, citizen
from samples.rare_codings import RARE_CODINGS, encode_rare, fax_rows
from samples.stacks import StackLetter, without_postcode, write_stack
from samples.stamps import stamped
from samples.streams import StreamLetter, index_of, write_stream
from samples.texts import ENDORSEMENTS, OUTGOING, Matter
from samples.texts_incoming import INVOICES, POST
from samples.truth import ARCHIVED, BATCHED, REJECTED, FileTruth, LetterTruth, PageTruth, ScanTruth, letter_truth
from samples.writing import from_citizen, invoice, notice

_HARMLESS: dict[str, Callable[[bytes], bytes]] = {
    "rotate-90": lambda data: faults.turned(data, 90),
    "rotate-180": lambda data: faults.turned(data, 180),
    "rotate-270": lambda data: faults.turned(data, 270),
    "off-origin": lambda data: faults.shifted(data, -37.0, 21.5),
    "crop-box": lambda data: faults.shifted(data, 12.0, 9.0, 8.0),
    "user-unit": lambda data: faults.in_user_units(data, 2.0),
    "form-field": faults.with_form_field,
}
_REFUSED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "a5": ("page-size", lambda data: faults.resized(data, 148.0, 210.0)),
    "xfa": ("xfa-form", faults.xfa_form),
    "encrypted": ("pdf-encrypted", faults.locked),
    "truncated": ("pdf-damaged", faults.truncated),
    "text": ("not-a-document", lambda _: faults.text_named_pdf()),
    "empty": ("empty-file", lambda _: b""),
}
_LETTER_FAULTS = {
    "no-address": "address-not-found",
    "no-postcode": "address-incomplete",
    "registered": "special-delivery",
    "reference-below": "window-occupied",
    "barcode": "mark-zone-occupied",
    "logo": "mark-zone-occupied",
}
TRAITS = (
    *_HARMLESS, *_REFUSED, *_LETTER_FAULTS, "landscape", "standard-fonts", "endorsed", "six-lines", "post-box",
    "AT", "CH", "NL", "PL", "FR", "DK",
)  # fmt: skip
"""What can be special about a single letter."""

_MOST_FOLDED = 5


@dataclass(frozen=True)
class LetterOrder:
    """A single letter as wanted. `matter`: index into the texts; `pages`: exactly so many, None: as it comes."""

    matter: int
    form: str = "B"
    pages: int | None = None
    trait: str = ""


def _recipient(rng: random.Random, office: Office, trait: str, pages: int | None) -> Addressee:
    """Who gets a letter. One too long to be folded has five lines of address: a flat envelope may hide a sixth."""
    if trait in ("AT", "CH", "NL", "PL", "FR", "DK"):
        return abroad({"AT": 0, "CH": 2, "NL": 3, "PL": 4, "FR": 5, "DK": 6}[trait])
    for _ in range(1000):
        to = citizen(rng, office)
        if (trait == "six-lines" and len(to.lines) == 6) or (trait == "post-box" and "Postfach" in to.lines[-2]):
            return to
        if trait not in ("six-lines", "post-box"):
            break
    if trait:
        return without_postcode(to) if trait == "no-postcode" else to
    to = addressee(rng, office, foreign=False)
    while (pages or 1) > _MOST_FOLDED and len(to.lines) > 5:
        to = addressee(rng, office, foreign=False)
    return to


def _landscape(letter: Letter, rng: random.Random) -> Page:
    """An A4 page on its side with a wide table; 25 mm are free on every side."""
    page, face = Page(width_mm=297.0, height_mm=210.0), letter.face
    page.text(27.0, 34.0, "Anlage: Flurstücke und Eigentumsanteile (Querformat)", face.bold, 12.0)
    for row, cells in enumerate(tables.annex(rng, 22).rows):
        for column, cell in enumerate(cells):
            page.text(27.0 + 48.0 * column, 46.0 + 6.0 * row, cell, face.regular, 9.0)
    return page


def single_letter(rng: random.Random, office: Office, order: LetterOrder, name: str) -> tuple[bytes, FileTruth]:
    """A file that holds one letter, for the folder `letters`."""
    trait = order.trait
    face: Face = rng.choice((HELVETICA, TIMES)) if trait == "standard-fonts" else VERA
    letter = _fitting(rng, office, order, _recipient(rng, office, trait, order.pages), face)
    if trait == "endorsed":
        letter = replace(letter, endorsements=ENDORSEMENTS[-1])
    if trait == "registered":
        letter = replace(letter, endorsements=("Einschreiben Einwurf",))
    if trait == "no-address":
        letter = replace(letter, addressee=None)
    if trait in ("barcode", "logo"):
        letter = replace(letter, margin=trait)
    pages = list(lay_out(letter))
    if trait == "reference-below":
        set_reference_below(pages[0], order.form, face)
    if trait == "landscape":
        pages.insert(1, _landscape(letter, rng))
    data = write_pdf(pages)
    if trait in _HARMLESS:
        data = _HARMLESS[trait](data)
    code, change = _REFUSED.get(trait, (_LETTER_FAULTS.get(trait, ""), None))
    data = change(data) if change else data
    readable = change is None or trait == "a5"
    letters = (letter_truth(1, len(pages), order.form, letter.addressee, code or BATCHED),) if readable else ()
    return data, FileTruth(
        office.id,
        "letters",
        name,
        "letter",
        REJECTED if code else BATCHED,
        code,
        len(pages) if readable else 0,
        (trait,) if trait else (),
        letters,
    )


def _fitting(rng: random.Random, office: Office, order: LetterOrder, to: Addressee, face: Face) -> Letter:
    """A letter of exactly the pages that are wanted; chance is asked again when a text comes out longer."""
    for attempt in range(40):
        matter = OUTGOING[(order.matter + attempt // 4) % len(OUTGOING)]
        try:
            return notice(rng, office, matter, order.form, to, order.pages, face)
        except ValueError:
            continue
    raise ValueError(f"no letter has {order.pages} pages")


def stack(
    path: Path, office: Office, job: str, matter: Matter, letters: int, pages: int, seed: str, wrong: dict[int, str]
) -> FileTruth:
    """Write a stack of letters to `path`. `wrong`: faults by the letter's number."""
    known: list[LetterTruth] = []

    def note(letter: StackLetter) -> None:
        expected = _LETTER_FAULTS.get(letter.fault, BATCHED)
        known.append(letter_truth(letter.first_page, letter.last_page, "B", letter.addressee, expected))

    write_stack(path, office, matter, letters, seed, pages, wrong, note)
    code = "letters-returned" if wrong else ""
    traits = tuple(sorted(set(wrong.values())))
    return FileTruth(office.id, job, path.name, "stack", BATCHED, code, letters * pages, traits, tuple(known))


_STREAM_CODES = {"too-few": "count-mismatch", "control-line-in-form": "letters-returned"}
_STREAM_LETTERS = {"control-line-in-form": {2: "control-line-stays"}}


def stream(
    path: Path, office: Office, job: str, kind: str, letters: int, seed: str, fault: str, wrong: dict[int, str]
) -> tuple[FileTruth, bytes | None]:
    """Write a stream of letters of different lengths; the truth about it, and the index beside it if it has one."""
    known: list[StreamLetter] = []
    pages = write_stream(path, office, kind, letters, seed, fault, wrong, known.append)
    index = index_of(known, fault) if kind == "index" and fault != "no-index" else None
    code = _STREAM_CODES.get(fault, ("index-invalid" if kind == "index" else "split-doubt") if fault else "")
    lonely = {**{n: _LETTER_FAULTS[name] for n, name in wrong.items()}, **_STREAM_LETTERS.get(fault, {})}
    code = code or ("letters-returned" if wrong else "")
    whole = code in ("", "letters-returned")
    found = tuple(
        letter_truth(each.first_page, each.last_page, "B", each.addressee, lonely.get(n, BATCHED))
        for n, each in enumerate(known, 1)
    )
    outcome = BATCHED if whole else REJECTED
    traits = (fault,) if fault else tuple(sorted(set(wrong.values())))
    truth = FileTruth(office.id, job, path.name, "stack", outcome, code, pages, traits, found if whole else ())
    return replace(truth, index=index is not None), index


@dataclass(frozen=True)
class ScanOrder:
    """A scan as wanted. `dpi` None: as it comes; `quality`: of JPEG; `spoilt`: "", truncated, empty, spreadsheet.

    `stamped`: the post room has stamped the first page.
    """

    job: str
    matter: int
    coding: str
    pages: int = 1
    rotation: int = 0
    dpi: int | None = None
    quality: int = 68
    calm: bool = False
    spoilt: str = ""
    stamped: bool = False


def scanned(rng: random.Random, office: Office, order: ScanOrder, name: str) -> tuple[bytes, FileTruth]:
    """A scanned letter or invoice to the administration, for the folders `post` and `invoices`."""
    letter = _incoming(rng, office, order)
    pages = lay_out(letter)
    bare, colour = is_bilevel(order.coding), order.coding in ("pdf-jpeg-colour", "pdf-layers")
    first = any_paper(rng, 0, bare, colour)
    dpi = order.dpi or (200 if order.coding in ("tiff-lzw", "png") else first.dpi)
    shots, truths = [], []
    for number, sheet in enumerate(printed(write_pdf(pages), dpi), 1):
        paper = replace(any_paper(rng, order.rotation if number == 1 else 0, bare, colour), dpi=dpi)
        if order.calm:
            paper = replace(paper, noise=1.0, shade=0.03, stained=False, dark_lid=False)
        if order.stamped and number == 1:
            sheet = stamped(sheet, rng, office.name, "04. März 2026")
        picture = scan(sheet, paper)
        picture = fax_rows(picture) if order.coding == "tiff-fax" else picture
        shots.append(Shot(bilevel(picture) if bare else picture, dpi))
        high, wide = picture.shape[:2]
        text = tuple(pages[number - 1].lines())
        truths.append(PageTruth(number, paper.rotation, paper.skew_degrees, wide, high, text))
    if order.coding in RARE_CODINGS:
        data = encode_rare([shot.picture for shot in shots], dpi, order.coding)
    else:
        data = encode(shots, order.coding, order.quality)
    traits = ("stamped",) if order.stamped else ()
    truth = FileTruth(office.id, order.job, name, "scan", ARCHIVED, "", len(shots), traits)
    if order.spoilt:
        data, code = _spoilt(data, order)
        return data, replace(truth, outcome=REJECTED, code=code, pages=0, traits=(order.spoilt,))
    return data, replace(truth, scan=ScanTruth(order.coding, dpi, colour, tuple(truths)))


def _spoilt(data: bytes, order: ScanOrder) -> tuple[bytes, str]:
    """What is left of a scan, and the code of its rejection."""
    if order.spoilt == "empty":
        return b"", "empty-file"
    if order.spoilt == "spreadsheet":
        return faults.spreadsheet_named_tiff(), "not-a-document"
    return faults.truncated(data), "pdf-damaged" if order.coding.startswith("pdf") else "image-damaged"


def _incoming(rng: random.Random, office: Office, order: ScanOrder) -> Letter:
    for attempt in range(20):
        try:
            if order.job == "invoices":
                return invoice(rng, office, INVOICES[order.matter % len(INVOICES)], order.pages)
            return from_citizen(rng, office, POST[(order.matter + attempt // 4) % len(POST)], order.pages)
        except ValueError:
            continue
    raise ValueError(f"no incoming letter has {order.pages} pages")
