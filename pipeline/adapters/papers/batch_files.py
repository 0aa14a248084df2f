"""The machine-readable papers of a batch: pieces.csv, sheets.csv, batch.json, SHA256SUMS (docs/formats/batch.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from pipeline.adapters.papers.plain_files import decimal_grams, totals_json, write_csv, write_json, write_text
from pipeline.adapters.papers.proving import told_municipalities
from pipeline.domain.papers import BatchPapers, VolumePapers
from pipeline.domain.pieces import PlacedPiece, SheetRow, letters_told, part_told
from pipeline.domain.totals import Totals, by_municipality, printed_pages, totals_by, totals_of

BATCH_SCHEMA = "poststrasse/batch/1"
SUMS_NAME = "SHA256SUMS"

PIECE_COLUMNS = (
    "batch",
    "piece",
    "volume",
    "first_page",
    "pages",
    "sheets",
    "plex",
    "municipality",
    "cost_centre",
    "envelope",
    "enclosures",
    "weight_g",
    "product",
    "postage_cent",
    "country",
    "postcode",
    "intake",
    "source_first_page",
    "source_last_page",
    "reference",
    "product_number",
    "part",
    "letters",
)
SHEET_COLUMNS = ("batch", "volume", "page", "piece", "sheet", "of", "code", "omr")

_CHUNK_BYTES = 1024 * 1024


def write_pieces_csv(folder: Path, batch: str, placed: Iterable[PlacedPiece]) -> Path:
    """Write `pieces.csv`, a row a piece in the order given; `pages` are printed pages, blank backs included."""
    path = folder / "pieces.csv"
    write_csv(path, PIECE_COLUMNS, (_piece_row(batch, one) for one in placed))
    return path


def _piece_row(batch: str, placed: PlacedPiece) -> tuple[str | int, ...]:
    piece = placed.piece
    return (
        batch,
        placed.number,
        placed.volume,
        placed.first_page,
        printed_pages(piece.sheets, piece.plex),
        piece.sheets,
        piece.plex,
        piece.municipality,
        piece.cost_centre,
        piece.envelope,
        "+".join(str(station) for station in piece.enclosures),
        decimal_grams(piece.weight_mg),
        piece.product,
        piece.postage_cent,
        piece.country,
        piece.postcode,
        piece.intake,
        piece.source_first_page,
        piece.source_last_page,
        piece.reference,
        placed.product_number,
        part_told(piece),
        letters_told(piece),
    )


def write_sheets_csv(folder: Path, batch: str, rows: Iterable[SheetRow]) -> Path:
    """Write `sheets.csv`, a row a sheet in the order given, which is that of the pages in the volumes."""
    path = folder / "sheets.csv"
    cells = ((batch, row.volume, row.page, row.piece, row.sheet, row.of, row.code, row.omr) for row in rows)
    write_csv(path, SHEET_COLUMNS, cells)
    return path


def write_batch_json(folder: Path, papers: BatchPapers) -> Path:
    """Write `batch.json`: stocks, volumes, totals in all and by municipality, what was read back.

    Municipalities whose letters all came back stand there too, with totals of nothing.
    """
    path = folder / "batch.json"
    pieces = [placed.piece for placed in papers.pieces]
    municipalities = dict.fromkeys(told_municipalities(papers), Totals()) | totals_by(pieces, by_municipality)
    write_json(
        path,
        {
            "schema": BATCH_SCHEMA,
            "id": papers.batch,
            "state": papers.state,
            "machine": papers.machine.id,
            "envelope": papers.envelope.id,
            "form": papers.form,
            "paper": papers.paper.id,
            "plex": papers.plex,
            "created_at": papers.created_at,
            "profile_sha256": papers.profile_sha256,
            "volumes": [_volume_json(volume) for volume in papers.volumes],
            "totals": totals_json(totals_of(pieces)),
            "municipalities": {id: totals_json(one) for id, one in sorted(municipalities.items())},
            "readback": dict(papers.readback),
            "confidentiality": papers.confidentiality,
            "enclosures": papers.enclosures,
            "due": papers.due or None,
            "special": papers.special or None,
        },
    )
    return path


def _volume_json(volume: VolumePapers) -> dict[str, str | int]:
    return {
        "file": volume.file,
        "sha256": volume.sha256,
        "pages": volume.letter_pages,
        "sheets": volume.sheets,
        "pieces": volume.pieces,
        "trailer_pages": volume.trailer_pages,
        "separator_pages": volume.separator_pages,
        "file_pages": volume.pages,
    }


def write_sums(folder: Path) -> Path:
    """Write `SHA256SUMS` over every file below `folder`, as `sha256sum -c` reads it; the bytes on disk are hashed.

    Raises ValueError for a file name that would need escaping there: names in a batch are ids of ours.
    """
    lines = []
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        if not path.is_file() or path == folder / SUMS_NAME:
            continue
        name = path.relative_to(folder).as_posix()
        if "\\" in name or not name.isprintable():
            raise ValueError(f"no name for a file of a batch: {name!r}")
        lines.append(f"{file_sha256(path)}  {name}\n")
    sums = folder / SUMS_NAME
    write_text(sums, "".join(lines))
    return sums


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in lower-case hex, read in chunks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
