"""Reading a saved volume back, all of it: what a batch must pass before it can be released.

Runs in a confined child. The decoder is independent of the writer: see `reading_heads` and `judgement`.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

import pypdfium2

from pipeline.adapters.volumes.judgement import judge
from pipeline.adapters.volumes.page_proof import prove_pages
from pipeline.adapters.volumes.reading_heads import ReadingHeads, ReadSheet
from pipeline.domain.pieces import SheetRow
from pipeline.domain.profiles import Machine, Plex
from pipeline.domain.volumes import VolumePiece, VolumeReadback


def verify_volume(
    pdf: str,
    machine: Machine,
    plex: Plex,
    rows: Sequence[SheetRow],
    *,
    batch_number: int | None = None,
    pieces: Sequence[VolumePiece] | None = None,
) -> VolumeReadback:
    """Read every page of a saved volume and say what is wrong with it; no fault means that all of it is right.

    `rows`: the volume's part of `sheets.csv`, in feed order. `pieces`: what the ledger put into it, in feed order, and
    `batch_number`: where they are given, set sizes, enclosures, flags and the batch are checked against them, not
    against what the writer said it wrote, and every page is compared with the letter's own (`page_proof`). Raises
    pypdfium2.PdfiumError for a file that is no PDF.
    """
    read = read_volume(pdf, machine)
    proven, foreign = prove_pages(pdf, machine, plex, pieces) if pieces is not None else (0, [])
    return judge(
        read,
        machine,
        plex,
        rows,
        decoder=decoder(),
        batch_number=batch_number,
        pieces=pieces,
        pages_proven=proven,
        others=foreign,
    )


def read_volume(pdf: str, machine: Machine, first_page: int = 1, last_page: int | None = None) -> list[ReadSheet]:
    """Read the pages `first_page` to `last_page` (from 1, both included, None: to the end) of a saved file.

    Raises pypdfium2.PdfiumError for a file that is no PDF.
    """
    document = pypdfium2.PdfDocument(pdf)
    heads = ReadingHeads(machine)
    try:
        last = len(document) if last_page is None else min(last_page, len(document))
        return [heads.read(document, number) for number in range(first_page, last + 1)]
    finally:
        heads.close()
        document.close()


def decoder() -> str:
    """What reads, for the record in batch.json."""
    return f"pypdfium2 {version('pypdfium2')}, zxing-cpp {version('zxing-cpp')}"
