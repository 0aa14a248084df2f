"""What a print stream says, sheet by sheet, for `poststrasse marks decode`: read as the machine would, told as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.adapters.volumes.readback import read_volume
from pipeline.adapters.volumes.reading_heads import ReadSheet
from pipeline.domain import code2d
from pipeline.domain.errors import Permanent
from pipeline.domain.marks import decode_marks
from pipeline.domain.profiles import Machine, Plex


def decode_pdf(pdf: str, machine: Machine, plex: Plex | None = None) -> list[dict[str, object]]:
    """One JSON-able dict a sheet, in feed order. Runs in a confined child.

    `plex` None: a file of an even number of pages in which only odd pages carry marks is duplex.
    Raises pypdfium2.PdfiumError for a file that is no PDF.
    """
    pages = read_volume(pdf, machine)
    step = 2 if (plex or _plex_of(pages)) == "duplex" else 1
    return [_told(page, index, machine) for index, page in enumerate(pages[::step], start=1)]


def _plex_of(pages: Sequence[ReadSheet]) -> Plex:
    backs = pages[1::2]
    any_marked = any(page.code or ("1" in page.omr and not page.faults) for page in backs)
    return "duplex" if len(pages) % 2 == 0 and len(pages) > 0 and not any_marked else "simplex"


def _told(page: ReadSheet, index: int, machine: Machine) -> dict[str, object]:
    told: dict[str, object] = {"page": page.page, "sheet_in_volume": index, "omr": page.omr, "code": page.code}
    faults = list(page.faults)
    if page.omr:
        marks = decode_marks(machine, page.omr)
        told["marks"] = {
            "first_fed": marks.first_fed,
            "last_fed": marks.last_fed,
            "sequence": marks.sequence,
            "feed": list(marks.stations),
            "divert": marks.divert,
            "stop": marks.stop,
            "batch": marks.batch,
            "parity": marks.parity,
        }
        faults += marks.faults
    if page.code:
        try:
            told["says"] = _said(code2d.decode(page.code))
        except Permanent as error:
            faults.append(error.code)
    told["faults"] = faults
    return told


def _said(code: code2d.SheetCode) -> dict[str, object]:
    return {
        "batch": code.batch,
        "piece": code.piece,
        "sheet": code.sheet,
        "of": code.of,
        "enclosures": list(code.enclosures),
        "last_fed": code.last_fed,
        "divert": code.divert,
        "reprint": code.reprint,
    }
