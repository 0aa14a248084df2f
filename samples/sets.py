"""The sets: which files lie in whose folders. Same set, same seed, same bytes.

`tiny` for quick tests, `small` for the repository, `demo` for a run of the whole line, `faults` for every refusal.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from samples.coding import CODINGS, extension
from samples.made import LetterOrder, ScanOrder, scanned, single_letter, stack, stream
from samples.people import OFFICES
from samples.texts import REMINDER, TAX_NOTICE
from samples.truth import FileTruth, as_table

STREAM_KINDS = {"notices": "numbered", "print-runs": "control-line", "indexed": "index"}
"""The folders for letters of different lengths, and what tells where one begins."""
STREAMING = ("parchim", "schwerin")
"""The municipalities that have the folders `print-runs` and `indexed`."""
REMINDING = ("schwerin", "ludwigslust-parchim", "parchim", "hagenow")
"""The municipalities that have the folder `reminders`."""


@dataclass(frozen=True)
class StackOrder:
    """A stack as wanted. `job`: `tax-notices` (two pages a letter), `reminders` (one), or a job of `STREAM_KINDS`.

    `fault`: what is wrong with the stream as a whole, of `streams.STREAM_FAULTS`.
    """

    job: str
    letters: int
    wrong: dict[int, str] = field(default_factory=dict)
    fault: str = ""


@dataclass(frozen=True)
class Order:
    """One file: whose, its name, what it is, and the ticket beside it."""

    municipality: str
    file: str
    what: LetterOrder | ScanOrder | StackOrder
    ticket: dict[str, object] | None = None

    @property
    def job(self) -> str:
        """The folder it lies in."""
        return "letters" if isinstance(self.what, LetterOrder) else self.what.job


def _tiny() -> Iterator[Order]:
    yield Order("schwerin", "scan0001.pdf", ScanOrder("post", 1, "pdf-jpeg-grey", dpi=200, calm=True))
    yield Order("luebz", "rechnung-0001.tif", ScanOrder("invoices", 0, "tiff-g4", dpi=200, calm=True))
    yield Order("schwerin", "schreiben-0001.pdf", LetterOrder(2, "B", 1))
    yield Order("crivitz", "schreiben-0001.pdf", LetterOrder(8, "A", 2))
    yield Order("luebz", "grundsteuer-2026.pdf", StackOrder("tax-notices", 5))


def _small() -> Iterator[Order]:
    scan = ScanOrder("post", 0, "pdf-g4", dpi=200, calm=True, quality=45)
    yield Order("schwerin", "scan0001.pdf", scan)
    yield Order("parchim", "scan0002.tif", replace(scan, matter=3, coding="tiff-g4", pages=2, rotation=180))
    yield Order("hagenow", "rechnung-0001.jpg", replace(scan, job="invoices", matter=2, coding="jpeg"))
    yield Order("luebz", "rechnung-0002.pdf", replace(scan, job="invoices", matter=1, coding="pdf-jpeg-grey"))
    yield Order("schwerin", "schreiben-0001.pdf", LetterOrder(4, "B", 1))
    yield Order("crivitz", "schreiben-0002.pdf", LetterOrder(8, "A", 2))
    yield Order("zarrentin", "schreiben-0003.pdf", LetterOrder(1, "B", 3, "rotate-90"))
    yield Order("grabow", "schreiben-0004.pdf", LetterOrder(5, "B", 1, "AT"), {"reference": "WG-2026/118"})
    yield Order("wittenburg", "schreiben-0005.pdf", LetterOrder(2, "B", 1, "no-address"))
    yield Order("luebtheen", "schreiben-0006.pdf", LetterOrder(6, "B", 1, "text"))
    wrong = {3: "no-postcode", 5: "barcode"}
    yield Order("ludwigslust", "grundsteuer-2026.pdf", StackOrder("tax-notices", 6, wrong))
    yield Order("hagenow", "mahnlauf-03.pdf", StackOrder("reminders", 5))


_STREAM_FAULTS = (
    ("notices", "lost-page"),
    ("notices", "lost-last-page"),
    ("notices", "swapped-pages"),
    ("notices", "unnumbered-page"),
    ("notices", "too-few"),
    ("print-runs", "broken-control-line"),
    ("print-runs", "control-line-in-form"),
    ("indexed", "index-gap"),
    ("indexed", "index-overlap"),
    ("indexed", "no-index"),
)


def _faults() -> Iterator[Order]:
    traits = ("a5", "xfa", "encrypted", "truncated", "text", "empty", "no-address", "no-postcode", "barcode", "logo",
              "registered", "reference-below")  # fmt: skip
    for number, trait in enumerate(traits, 1):
        yield Order("parchim", f"schreiben-{number:04d}.pdf", LetterOrder(number, "AB"[number % 2], 1, trait))
    for number, (job, fault) in enumerate(_STREAM_FAULTS, 1):
        ticket: dict[str, object] | None = {"letters": 7} if fault == "too-few" else None
        yield Order("parchim", f"druckstrom-{number:02d}.pdf", StackOrder(job, 6, fault=fault), ticket)
    scan = ScanOrder("post", 0, "pdf-jpeg-grey", dpi=200, spoilt="truncated")
    for number, coding in enumerate(("pdf-jpeg-grey", "tiff-lzw", "jpeg", "png"), 1):
        name = f"scan{number:04d}{extension(coding)}"
        yield Order("parchim", name, replace(scan, matter=number, coding=coding))
    for number, spoilt in enumerate(("empty", "spreadsheet"), 5):
        yield Order("parchim", f"scan{number:04d}.tif", replace(scan, coding="tiff-g4", spoilt=spoilt))


_LETTER_NAMES = (
    "Schreiben {n:04d}.pdf",
    "AZ_{n:05d}_Ausgang.pdf",
    "Bescheid Nr. {n}.pdf",
    "ausgang-{n:04d}.pdf",
    "Prüfung_{n:03d}.pdf",
)
_SCAN_NAMES = (
    "scan{n:04d}",
    "2026-03-04_{n:03d}",
    "Eingang Poststelle {n}",
    "IMG_{n:05d}",
    "DOC{n:06d}",
    "Übergabe {n}",
)
_SPECIAL = (
    ("ludwigslust-parchim", "rotate-90", 2), ("ludwigslust-parchim", "no-address", 1), ("ludwigslust-parchim", "AT", 1),
    ("schwerin", "rotate-180", 1), ("schwerin", "CH", 2), ("schwerin", "encrypted", 1), ("schwerin", "six-lines", 1),
    ("parchim", "rotate-270", 1), ("parchim", "barcode", 2), ("ludwigslust", "off-origin", 1), ("ludwigslust", "NL", 1),
    ("boizenburg", "crop-box", 1), ("boizenburg", "DK", 1), ("hagenow", "user-unit", 1), ("hagenow", "text", 1),
    ("luebz", "landscape", 1), ("luebtheen", "form-field", 1), ("wittenburg", "standard-fonts", 1),
    ("grabow", "a5", 1), ("neustadt-glewe", "endorsed", 1), ("zarrentin", "PL", 1), ("crivitz", "xfa", 1),
)  # fmt: skip
_POST_PAGES = (1, 1, 2, 1, 1, 3, 1, 2, 1, 1, 1, 2, 1)
_INVOICE_PAGES = (1, 2, 1, 1, 1, 2, 1, 1, 1, 1, 3, 1, 1)
_PLAIN_PAGES = (1, 2, 3, 1, 12, 2, 1, 4, 1, 8, 2, 1, 5)
_STACK_LETTERS = (40, 36, 24, 18, 12, 20, 8, 6, 10, 6, 9, 7, 8)


def _demo_scans(place: int, municipality: str) -> Iterator[Order]:
    for job, pages, offset in (("post", _POST_PAGES[place], 0), ("invoices", _INVOICE_PAGES[place], 3)):
        codings = CODINGS if pages == 1 else CODINGS[:6]
        coding = codings[(place + offset) % len(codings)]
        rotation = (0, 0, 180, 0, 0, 90, 0)[(place + 2 * offset) % 7]
        name = _SCAN_NAMES[(place + offset) % len(_SCAN_NAMES)].format(n=place * 7 + offset + 1) + extension(coding)
        yield Order(municipality, name, ScanOrder(job, place + offset, coding, pages, rotation))


def _rare_scans() -> Iterator[Order]:
    """What only some machines send: JBIG2, a copier's layers, a fax; and a letter with the post room's stamps."""
    yield Order("schwerin", "MFP_00412.pdf", ScanOrder("post", 6, "pdf-jbig2", dpi=300))
    yield Order("hagenow", "Kopierer 2026-03-04.pdf", ScanOrder("invoices", 2, "pdf-layers", dpi=300, calm=True))
    yield Order("luebz", "Telefax 0815.tif", ScanOrder("post", 3, "tiff-fax", dpi=204, calm=True))
    stamped = ScanOrder("post", 7, "pdf-jpeg-colour", dpi=200, stamped=True)
    yield Order("parchim", "Posteingang gestempelt.pdf", stamped)


def _demo() -> Iterator[Order]:
    for place, municipality in enumerate(OFFICES):
        yield from _demo_scans(place, municipality)
        pages = _PLAIN_PAGES[place]
        form = "B" if pages > 4 else "AB"[place % 2]
        names = [_LETTER_NAMES[(place + step) % len(_LETTER_NAMES)] for step in range(5)]
        tickets: dict[int, dict[str, object]] = {
            2: {"reference": "Kita/2026/0815", "cost_centre": "51.20"},
            5: {"enclosures": [1]},
            7: {"plex": "duplex", "reference": "II.3-118"},
            4: {"plex": "duplex"},
        }
        yield Order(municipality, names[0].format(n=100 + place), LetterOrder(place, form, pages), tickets.get(place))
        special = [entry for entry in _SPECIAL if entry[0] == municipality]
        for step, (_, trait, length) in enumerate(special, 1):
            order = LetterOrder(place + step, "BA"[(place + step) % 2], length, trait)
            yield Order(municipality, names[step].format(n=200 + 10 * place + step), order)
        letters = _STACK_LETTERS[place]
        wrong = {letters // 3: "no-postcode", letters // 2: "logo"} if letters >= 18 else {}
        yield Order(municipality, "Grundsteuer 2026.pdf", StackOrder("tax-notices", letters, wrong))
        if municipality in REMINDING:
            yield Order(municipality, "Mahnlauf 03-2026.pdf", StackOrder("reminders", 8 + 3 * place))
        wrong = {4: "no-postcode"} if municipality in STREAMING else {}
        yield Order(municipality, "Gebührenbescheide 03-2026.pdf", StackOrder("notices", 4 + place % 5, wrong))
        if municipality in STREAMING:
            yield Order(municipality, "Wohngeld Druckausgabe.pdf", StackOrder("print-runs", 6 + place))
            yield Order(municipality, "Kita-Beiträge.pdf", StackOrder("indexed", 8 + place))
    yield from _rare_scans()
    yield Order("schwerin", "DOC000099.pdf", ScanOrder("post", 4, "pdf-jpeg-grey", dpi=200, spoilt="truncated"))
    yield Order("hagenow", "Gebührenbescheide Nachlauf.pdf", StackOrder("notices", 6, fault="lost-page"))
    yield Order("parchim", "IMG_00098.jpg", ScanOrder("invoices", 1, "jpeg", dpi=200, spoilt="empty"))


SETS: dict[str, Callable[[], Iterator[Order]]] = {"tiny": _tiny, "small": _small, "faults": _faults, "demo": _demo}
"""The orders of each set."""


def _toml(ticket: dict[str, object]) -> bytes:
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in ticket.items()).encode()


def _write(order: Order, seed: str, folder: Path) -> FileTruth:
    """Write one file under a name that hot folders pass over, and give it its own name when it is complete."""
    office = OFFICES[order.municipality]
    own_seed = f"{seed} {order.municipality} {order.job} {order.file}"
    rng = random.Random(own_seed)
    part = folder / f"{order.file}.part"
    what = order.what
    if isinstance(what, StackOrder) and what.job in STREAM_KINDS:
        kind = STREAM_KINDS[what.job]
        truth, index = stream(part, office, what.job, kind, what.letters, own_seed, what.fault, what.wrong)
        if index is not None:
            (folder / f"{order.file}.index.csv").write_bytes(index)
    elif isinstance(what, StackOrder):
        matter, pages = (TAX_NOTICE, 2) if what.job == "tax-notices" else (REMINDER, 1)
        truth = stack(part, office, what.job, matter, what.letters, pages, own_seed, what.wrong)
    else:
        maker = (
            single_letter(rng, office, what, order.file)
            if isinstance(what, LetterOrder)
            else scanned(rng, office, what, order.file)
        )
        data, truth = maker
        part.write_bytes(data)
    if order.ticket is not None:
        (folder / f"{order.file}.ticket.toml").write_bytes(_toml(order.ticket))
    data = part.read_bytes()
    part.replace(folder / order.file)
    digest = hashlib.sha256(data).hexdigest()
    return replace(truth, file=order.file, ticket=order.ticket, bytes=len(data), sha256=digest)


def write_set(name: str, seed: int, out: Path, progress: Callable[[str], None] | None = None) -> dict[str, object]:
    """Write a set to `out/inbox/<municipality>/<job>/` and the truth to `out/truth.json`; returns the truth.

    `name`: a key of `SETS`, KeyError otherwise. `progress` is told the path of each file once it is there.
    """
    files = []
    for order in SETS[name]():
        folder = out / "inbox" / order.municipality / order.job
        folder.mkdir(parents=True, exist_ok=True)
        files.append(_write(order, f"{name} {seed}", folder))
        if progress is not None:
            progress(f"{order.municipality}/{order.job}/{order.file}")
    table = as_table(name, seed, files)
    (out / "truth.json").write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return table
