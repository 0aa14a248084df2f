"""The manifest of one municipality for one batch as JSON and CSV, and its posting report (docs/formats/manifest.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pipeline.adapters.papers.plain_files import Rows, decimal_grams, named, totals_json, write_csv, write_json
from pipeline.domain.papers import PieceState
from pipeline.domain.pieces import (
    JoinedLetter,
    LetterException,
    Piece,
    PlacedPiece,
    letters_of,
    letters_told,
    part_told,
)
from pipeline.domain.remarks import join_remarks
from pipeline.domain.source_pages import LeftOut, PageAccount, SourceFile, account
from pipeline.domain.totals import Totals, by_cost_centre, by_envelope, by_product, printed_pages, totals_by, totals_of

MANIFEST_SCHEMA = "poststrasse/manifest/1"
POSTING_SCHEMA = "poststrasse/posting/1"

MANIFEST_COLUMNS = (
    "batch",
    "municipality",
    "piece",
    "intake",
    "file",
    "source_first_page",
    "source_last_page",
    "reference",
    "sheets",
    "pages",
    "envelope",
    "weight_g",
    "product",
    "postage_cent",
    "postcode",
    "state",
    "posted_on",
    "country",
    "cost_centre",
    "product_number",
    "remarks",
    "part",
    "letters",
    "notes",
    "left_out",
)


_BATCHED = PieceState("batched")
_NOBODY_COUNTED = SourceFile()


@dataclass(frozen=True)
class FilePages:
    """What became of one file's pages, as one manifest tells it. `file`: its name as shown."""

    intake: str
    file: str
    account: PageAccount
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class ManifestFacts:
    """What one municipality is told about one batch. `created_at`: ISO 8601 with offset.

    `states`: state and posting day by number of the piece; a piece that it lacks is batched. `sources`: the files by
    intake; of one that it lacks nobody counted the pages.
    Raises ValueError where a piece or an exception is another municipality's: nobody sees others' things.
    """

    batch: str
    municipality: str
    created_at: str
    placed: tuple[PlacedPiece, ...]
    exceptions: tuple[LetterException, ...] = ()
    states: Mapping[int, PieceState] = field(default_factory=dict)
    sources: Mapping[str, SourceFile] = field(default_factory=dict)

    def __post_init__(self) -> None:
        owners = {piece.municipality for piece in self.pieces()} | {one.municipality for one in self.exceptions}
        if owners - {self.municipality}:
            raise ValueError(f"manifest of {self.municipality} with things of {sorted(owners)}")

    def pieces(self) -> Iterator[Piece]:
        """The pieces alone."""
        return (placed.piece for placed in self.placed)

    def totals(self) -> Totals:
        """The sum over the pieces; exceptions count nowhere."""
        return totals_of(self.pieces())

    @cached_property
    def files(self) -> tuple[FilePages, ...]:
        """The pages of every file of which a letter stands here, by intake."""
        names: dict[str, str] = {}
        printed: dict[str, list[tuple[int, int]]] = {}
        returned: dict[str, list[tuple[int, int]]] = {}
        for piece in self.pieces():
            for letter in letters_of(piece):
                names.setdefault(letter.intake, letter.file)
                printed.setdefault(letter.intake, []).append((letter.source_first_page, letter.source_last_page))
        for one in self.exceptions:
            names.setdefault(one.intake, one.file)
            if one.source_first_page is not None and one.source_last_page is not None:
                returned.setdefault(one.intake, []).append((one.source_first_page, one.source_last_page))
        told = []
        for intake, file in sorted(names.items()):
            source = self.sources.get(intake, _NOBODY_COUNTED)
            told.append(FilePages(intake, file, *account(source, printed.get(intake, ()), returned.get(intake, ()))))
        return tuple(told)


def write_manifest_json(folder: Path, facts: ManifestFacts) -> Path:
    """Write `<municipality>.json`."""
    path = named(folder, facts.municipality, ".json")
    write_json(path, _document(MANIFEST_SCHEMA, facts))
    return path


def write_manifest_csv(folder: Path, facts: ManifestFacts) -> Path:
    """Write `<municipality>.csv`, a row a piece."""
    path = named(folder, facts.municipality, ".csv")
    write_csv(path, MANIFEST_COLUMNS, (_cells(facts, placed) for placed in facts.placed))
    return path


def write_posting(folder: Path, facts: ManifestFacts) -> tuple[Path, Path]:
    """Write the posting report of a closed batch, `<batch>-posting.json` and `.csv`, in the shape of the manifest."""
    as_json = named(folder, f"{facts.batch}-posting", ".json")
    as_csv = named(folder, f"{facts.batch}-posting", ".csv")
    write_json(as_json, _document(POSTING_SCHEMA, facts))
    write_csv(as_csv, MANIFEST_COLUMNS, (_cells(facts, placed) for placed in facts.placed))
    return as_json, as_csv


def _document(schema: str, facts: ManifestFacts) -> dict[str, object]:
    totals: dict[str, object] = dict(totals_json(facts.totals()))
    for name, key in (("by_product", by_product), ("by_envelope", by_envelope), ("by_cost_centre", by_cost_centre)):
        totals[name] = {id: totals_json(one) for id, one in totals_by(facts.pieces(), key).items()}
    return {
        "schema": schema,
        "batch": facts.batch,
        "municipality": facts.municipality,
        "created_at": facts.created_at,
        "totals": totals,
        "pieces": Rows(_piece_json(facts, placed) for placed in facts.placed),
        "exceptions": Rows(_exception_json(facts, one) for one in facts.exceptions),
        "files": Rows(_file_json(each) for each in facts.files),
    }


def _piece_json(facts: ManifestFacts, placed: PlacedPiece) -> dict[str, object]:
    piece, state = placed.piece, facts.states.get(placed.number, _BATCHED)
    return {
        "piece": placed.number,
        "intake": piece.intake,
        "file": piece.file,
        "source_first_page": piece.source_first_page,
        "source_last_page": piece.source_last_page,
        "reference": piece.reference,
        "sheets": piece.sheets,
        "pages": printed_pages(piece.sheets, piece.plex),
        "envelope": piece.envelope,
        "weight_g": piece.weight_mg / 1000,
        "product": piece.product,
        "postage_cent": piece.postage_cent,
        "postcode": piece.postcode,
        "state": state.state,
        "posted_on": state.posted_on or None,
        "country": piece.country,
        "cost_centre": piece.cost_centre,
        "product_number": placed.product_number,
        "remarks": list(piece.remarks),
        "part": part_told(piece),
        "letters": [_letter_json(letter) for letter in piece.letters],
        "notes": [{"code": note.code, "detail": note.detail} for note in piece.notes],
        "left_out": _beside(facts, piece),
    }


def _beside(facts: ManifestFacts, piece: Piece) -> list[dict[str, str | int]]:
    """The pages left out that go with the letters of a piece; nothing for nearly all files."""
    return [
        {"intake": letter.intake, "source_page": page.page, "reason": page.reason}
        for letter in letters_of(piece)
        for page in _source(facts, letter.intake).with_letter(letter.source_first_page, letter.source_last_page)
    ]


def _source(facts: ManifestFacts, intake: str) -> SourceFile:
    return facts.sources.get(intake, _NOBODY_COUNTED)


def _letter_json(letter: JoinedLetter) -> dict[str, object]:
    return {
        "intake": letter.intake,
        "file": letter.file,
        "source_first_page": letter.source_first_page,
        "source_last_page": letter.source_last_page,
        "reference": letter.reference,
        "sheets": letter.sheets,
    }


def _exception_json(facts: ManifestFacts, one: LetterException) -> dict[str, object]:
    first, last = one.source_first_page, one.source_last_page
    beside = _source(facts, one.intake).with_letter(first, last) if first is not None and last is not None else ()
    return {
        "intake": one.intake,
        "file": one.file,
        "source_page": one.source_page,
        "code": one.code,
        "detail": one.detail,
        "source_first_page": first,
        "source_last_page": last,
        "left_out": [{"intake": one.intake, "source_page": page.page, "reason": page.reason} for page in beside],
    }


def _file_json(each: FilePages) -> dict[str, object]:
    told = each.account
    return {
        "intake": each.intake,
        "file": each.file,
        "source_pages": told.pages,
        "printed": told.printed,
        "returned": told.returned,
        "left_out": told.left_out,
        "elsewhere": told.elsewhere,
    }


def _cells(facts: ManifestFacts, placed: PlacedPiece) -> tuple[str | int, ...]:
    """The row of a piece: the JSON's values under the same names, weight with three decimals, unknown days empty."""
    values = _piece_json(facts, placed)
    beside = _beside(facts, placed.piece)
    values |= {
        "batch": facts.batch,
        "municipality": facts.municipality,
        "weight_g": decimal_grams(placed.piece.weight_mg),
        "posted_on": values["posted_on"] or "",
        "remarks": join_remarks(placed.piece.remarks),
        "letters": letters_told(placed.piece),
        "notes": " ".join(note.detail for note in placed.piece.notes),
        "left_out": "+".join(f"{one['intake']}:{one['source_page']}:{one['reason']}" for one in beside),
    }
    cells = (values[column] for column in MANIFEST_COLUMNS)
    return tuple(cell if isinstance(cell, int) else str(cell) for cell in cells)
