"""Whether the pages of a saved volume are the pages that their pieces are made of: the right letter under the marks.

Marks prove which sheet a machine takes for which piece. That the sheet carries this piece's page and nobody else's is
proven here, page by page, from the saved volume and from what was written down when the letters were read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pikepdf

from pipeline.adapters.page_identity import NOTHING, PageIdentities, content_of, identities_of
from pipeline.adapters.volumes.judgement import DueSheet, due_sheets
from pipeline.domain.profiles import Machine, Plex
from pipeline.domain.volumes import ReadbackFault, VolumePiece

_FIRST_DRAWN = re.compile(rb"q (/[A-Za-z0-9]+) Do Q\n")
_SLICES_AT_HAND = 2000  # of a few kilobytes each: the letters of one slice are scattered over a volume


def prove_pages(
    pdf: str, machine: Machine, plex: Plex, pieces: Sequence[VolumePiece]
) -> tuple[int, list[ReadbackFault]]:
    """How many pages of letters were compared, and the sheets that carry another page than they must.

    Raises pikepdf.PdfError for a volume that is no PDF, or for a slice that is none.
    """
    step = 1 if plex == "simplex" else 2
    compared = 0
    faults: list[ReadbackFault] = []
    recorded = lru_cache(maxsize=_SLICES_AT_HAND)(identities_of)
    sides = {piece.number: _wanted(piece) for piece in pieces}
    with pikepdf.open(pdf, attempt_recovery=False) as volume:
        identities = PageIdentities(volume)
        pages = [page.obj for page in volume.pages]
        for sheet in due_sheets(machine, pieces, step):
            number = sheet.piece.number
            for page, wanted in _sides(sides[number], sheet):
                if page > len(pages):
                    continue  # told by those who count the pages
                right = _recorded(recorded, wanted.source, wanted.page)
                compared += 1
                if right is None or not _shows(identities, pages[page - 1], right, _head(recorded, wanted)):
                    detail = f"Auf Seite {page} liegt nicht die Seite, die zu Sendung {number} gehört."
                    faults.append(ReadbackFault(sheet.page, "page-of-another", detail))
    return compared, faults


@dataclass(frozen=True)
class _Wanted:
    """What a side must carry: a page of a slice, from 1, over a page of a letterhead, 0 for none."""

    source: str
    page: int
    letterhead: str
    head_page: int


def _wanted(piece: VolumePiece) -> list[_Wanted]:
    """What a piece prints, in reading order."""
    return [
        _Wanted(
            stretch.source,
            stretch.first_page + offset,
            stretch.letterhead,
            (1 if stretch.begins and offset == 0 else 2) if stretch.letterhead else 0,
        )
        for stretch in piece.stretches
        for offset in range(stretch.pages)
    ]


def _sides(wanted: Sequence[_Wanted], sheet: DueSheet) -> Iterator[tuple[int, _Wanted]]:
    """The pages of a sheet that carry something of the letter: page in the volume, and what it must be."""
    layout = sheet.piece.layout or ()
    first = sum(layout[: sheet.sheet - 1])
    for side in range(layout[sheet.sheet - 1]):
        yield sheet.page + side, wanted[first + side]


def _recorded(recorded: Callable[[str], Sequence[bytes]], path: str, page: int) -> bytes | None:
    known = recorded(path)
    return known[page - 1] if page <= len(known) else None


def _head(recorded: Callable[[str], Sequence[bytes]], wanted: _Wanted) -> bytes | None:
    """The letterhead's page that must lie under a side; None where none must."""
    return _recorded(recorded, wanted.letterhead, wanted.head_page) if wanted.head_page else None


def _shows(identities: PageIdentities, page: pikepdf.Object, right: bytes, head: bytes | None) -> bool:
    """Whether a volume's page draws what the letter's page draws, over `head` if that is given.

    Marks draw no forms, so forms are the letter's and the letterhead's, which is drawn first.
    """
    objects = page.get("/Resources", pikepdf.Dictionary()).get("/XObject", pikepdf.Dictionary())
    forms = {str(name): form for name, form in objects.items()}
    under = ""
    if head is not None:
        first = _FIRST_DRAWN.match(content_of(page))
        under = first[1].decode("ascii") if first is not None else ""
        if under not in forms or identities.of_form(forms.pop(under)) != head:
            return False
    if not forms:
        return right == NOTHING
    if identities.of(page, but=under, is_marked=True) == right:
        return True
    return len(forms) == 1 and any(identities.of_form(form) == right for form in forms.values())
