"""What is known of each sample, to be written beside the files: the yardstick of tests and benchmarks."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from samples.people import Addressee

SCHEMA = "poststrasse/samples/1"
BATCHED, ARCHIVED, REJECTED = "batched", "archived", "rejected"


@dataclass(frozen=True)
class LetterTruth:
    """One letter of an outgoing file. `expected`: `batched` or the code of its exception. Pages count from 1."""

    first_page: int
    last_page: int
    sheets_simplex: int
    sheets_duplex: int
    form: str
    address: tuple[str, ...]
    postcode: str
    town: str
    country: str
    expected: str = BATCHED


@dataclass(frozen=True)
class PageTruth:
    """One scanned page. `rotation`, `skew_degrees`: clockwise, of the picture against upright; `lines`: its text."""

    page: int
    rotation: int
    skew_degrees: float
    width_px: int
    height_px: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class ScanTruth:
    """How an incoming file was scanned."""

    coding: str
    dpi: int
    colour: bool
    pages: tuple[PageTruth, ...]


@dataclass(frozen=True)
class FileTruth:
    """One dropped file. `code`: of the rejection, or `letters-returned` when part of a stack goes back, or empty.

    `traits`: what is special about it. `ticket`: what the ticket beside it says, None without one. `index`: whether an
    index lies beside it.
    `pages` is 0 where a file cannot be opened.
    """

    municipality: str
    job: str
    file: str
    kind: str
    outcome: str
    code: str = ""
    pages: int = 0
    traits: tuple[str, ...] = ()
    letters: tuple[LetterTruth, ...] = ()
    scan: ScanTruth | None = None
    ticket: dict[str, object] | None = None
    index: bool = False
    bytes: int = field(default=0)
    sha256: str = ""


def letter_truth(
    first: int, last: int, form: str, addressee: Addressee | None, expected: str = BATCHED
) -> LetterTruth:  # fmt: skip
    """The truth about a letter on pages `first` to `last`; no addressee: nothing stands in its window."""
    pages = last - first + 1
    place: tuple[tuple[str, ...], str, str, str] = ((), "", "", "")
    if addressee is not None:
        place = (addressee.lines, addressee.postcode, addressee.town, addressee.country)
    return LetterTruth(first, last, pages, -(-pages // 2), form, *place, expected)


def as_table(name: str, seed: int, files: list[FileTruth]) -> dict[str, object]:
    """`truth.json`: the files in the order of their paths, and sums over them."""
    ordered = sorted(files, key=lambda f: (f.municipality, f.job, f.file))
    letters = [letter for file in ordered for letter in file.letters]
    totals = {
        "files": len(ordered),
        **{outcome: sum(f.outcome == outcome for f in ordered) for outcome in (ARCHIVED, BATCHED, REJECTED)},
        "scanned_pages": sum(len(f.scan.pages) for f in ordered if f.scan and f.outcome == ARCHIVED),
        "letters": len(letters),
        "letters_batched": sum(letter.expected == BATCHED for letter in letters),
    }
    return {"schema": SCHEMA, "set": name, "seed": seed, "totals": totals, "files": [asdict(f) for f in ordered]}
