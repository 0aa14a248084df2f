"""Before the papers of a batch are written: do pieces, sheets, volumes and read-back say the same?"""

from __future__ import annotations

from collections import Counter

from pipeline.domain.errors import Permanent
from pipeline.domain.papers import BatchPapers
from pipeline.domain.totals import totals_of


def told_municipalities(papers: BatchPapers) -> list[str]:
    """The municipalities that get a manifest: each with a piece, and each known one with a letter that came back.

    A file that was dropped into a folder of no known municipality has nobody to whom a manifest could go.
    """
    returned = {one.municipality for one in papers.exceptions} & set(papers.profiles.municipalities)
    return sorted({placed.piece.municipality for placed in papers.pieces} | returned)


def prove_totals(papers: BatchPapers) -> None:
    """Compare every count of a batch with every other.

    Raises Permanent `totals-disagree` with a sentence that names what doesn't agree.
    """
    if not papers.pieces:
        raise Permanent("totals-disagree", f"batch {papers.batch} has no piece")
    totals = totals_of(placed.piece for placed in papers.pieces)
    volumes = papers.volumes
    _same(papers, "pieces in volumes", sum(volume.pieces for volume in volumes), totals.pieces)
    _same(papers, "sheets in volumes", sum(volume.sheets for volume in volumes), totals.sheets)
    _same(papers, "pages in volumes", sum(volume.letter_pages for volume in volumes), totals.pages)
    _same(papers, "sheets read back", papers.readback["sheets"], totals.sheets)
    _same(papers, "pages read back", papers.readback["pages"], sum(volume.pages for volume in volumes))
    _same(papers, "rows of sheets", len(papers.sheets), totals.sheets)
    sheets = Counter(row.piece for row in papers.sheets)
    for placed in papers.pieces:
        _same(papers, f"rows of sheets of piece {placed.number}", sheets[placed.number], placed.piece.sheets)


def _same(papers: BatchPapers, what: str, found: int, wanted: int) -> None:
    if found != wanted:
        raise Permanent("totals-disagree", f"batch {papers.batch}: {what}: {found}, not {wanted}")
