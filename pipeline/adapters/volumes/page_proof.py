"""Whether the pages of a saved volume are the pages that their pieces are made of: the right letter under the marks.

Marks prove which sheet a machine takes for which piece. That the sheet carries this piece's page and nobody else's is
proven here, page by page, from the saved volume and from what was written down when the letters were read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import pikepdf

from pipeline.adapters.page_identity import NOTHING, PageIdentities, identities_of
from pipeline.adapters.volumes.judgement import DueSheet, due_sheets
from pipeline.domain.profiles import Machine, Plex
from pipeline.domain.volumes import ReadbackFault, VolumePiece

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
    by_number = {piece.number: piece for piece in pieces}
    with pikepdf.open(pdf, attempt_recovery=False) as volume:
        identities = PageIdentities(volume)
        pages = [page.obj for page in volume.pages]
        for sheet in due_sheets(machine, pieces, step):
            piece = by_number[sheet.piece.number]
            for page, wanted in _sides(piece, sheet, step):
                if page > len(pages):
                    continue  # told by those who count the pages
                known = recorded(piece.source)
                right = known[wanted - 1] if wanted <= len(known) else None
                compared += 1
                if right is None or not _shows(identities, pages[page - 1], right):
                    detail = f"Auf Seite {page} liegt nicht die Seite, die zu Sendung {piece.number} gehört."
                    faults.append(ReadbackFault(sheet.page, "page-of-another", detail))
    return compared, faults


def _sides(piece: VolumePiece, sheet: DueSheet, step: int) -> Iterator[tuple[int, int]]:
    """The pages of a sheet that carry something of the letter: page in the volume, page in the slice; from 1."""
    for side in range(step):
        offset = (sheet.sheet - 1) * step + side
        if offset < piece.pages:
            yield sheet.page + side, piece.first_page + offset


def _shows(identities: PageIdentities, page: pikepdf.Object, right: bytes) -> bool:
    """Whether a volume's page draws what the letter's page draws. Marks draw no forms, so forms are the letter's."""
    objects = page.get("/Resources", pikepdf.Dictionary()).get("/XObject", pikepdf.Dictionary())
    if len(objects) == 0:
        return right == NOTHING
    if identities.of(page) == right:
        return True
    return len(objects) == 1 and any(identities.of_form(form) == right for form in objects.values())
