"""Rows of the ledger as frozen values. Field names are the columns' names."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, cast

from pipeline.domain.pieces import JoinedLetter, LetterException, Note, Piece, PlacedPiece
from pipeline.domain.pooling import Confidentiality
from pipeline.domain.profiles import AddressForm, Direction, Plex
from pipeline.domain.remarks import join_remarks, split_remarks
from pipeline.domain.separation import DocumentPlan, Doubt, DroppedPage
from pipeline.domain.sheet_layout import read_layout, write_layout
from pipeline.domain.states import Kind, Unit


@dataclass(frozen=True)
class UnitRecord:
    """What all units of work have in common."""

    id: str
    state: str
    reason: str | None
    detail: str | None
    attempts: int
    losses: int
    lease_owner: str | None
    lease_until_ms: int | None
    version: int
    due_ms: int
    created_ms: int
    changed_ms: int

    def is_leased(self, now_ms: int) -> bool:
        """Whether a worker is at it."""
        return self.lease_owner is not None and (self.lease_until_ms or 0) > now_ms


@dataclass(frozen=True)
class IntakeRecord(UnitRecord):
    """A file that was taken in. `facts`: JSON text of what was found in it. `drop_kind`: `file`, `symlink`, `fifo` …"""

    number: int
    token: str
    municipality: str
    profile: str
    direction: str
    drop_kind: str
    file: str
    file_raw: bytes
    sha256: str
    bytes: int
    received_ms: int
    duplicate_of: str | None
    has_ticket: int
    has_index: int
    ticket: str
    pages: int | None
    facts: str
    retired_ms: int | None

    @property
    def unit(self) -> Unit:
        """Its kind and id."""
        return Unit(Kind.INTAKE, self.id)

    def fact(self, key: str, default: Any = None) -> Any:
        """One of the facts, or the default."""
        return json.loads(self.facts).get(key, default)


@dataclass(frozen=True)
class DocumentRecord(UnitRecord):
    """One letter of a scan. Pages of the source from `first_page` to `last_page`; `mean_confidence` 0 to 100."""

    intake: str
    municipality: str
    profile: str
    ordinal: int
    first_page: int
    last_page: int
    pages: int | None
    mean_confidence: int | None
    sha256: str | None
    facts: str
    plan: str
    acknowledged_ms: int | None

    @property
    def unit(self) -> Unit:
        """Its kind and id."""
        return Unit(Kind.DOCUMENT, self.id)

    @property
    def planned(self) -> DocumentPlan:
        """Its pages, what was dropped, and what is doubtful about it."""
        return plan_of(self.first_page, self.last_page, self.plan)

    @property
    def review_codes(self) -> tuple[str, ...]:
        """All reasons for which a person was to look, those of its place in the stack first."""
        found = json.loads(self.facts).get("review", ())
        return tuple(dict.fromkeys((*(doubt.code for doubt in self.planned.doubts), *found)))

    @property
    def accepted_codes(self) -> frozenset[str]:
        """The reasons that persons have accepted."""
        return frozenset(json.loads(self.plan).get("accepted", ()))

    def accepting(self, codes: Iterable[str]) -> str:
        """The text of `plan` when these reasons are accepted too."""
        told = {**json.loads(self.plan), "accepted": sorted({*self.accepted_codes, *codes})}
        return json.dumps(told, ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True)
class SliceRecord(UnitRecord):
    """A range of source pages that one worker does. `task`: `look`, `recognise`, `read-letters`
    or `read-again` (letters of a file that is read to its end, because profiles have changed since)."""

    intake: str
    task: str
    ordinal: int
    first_page: int
    last_page: int

    @property
    def unit(self) -> Unit:
        """Its kind and id."""
        return Unit(Kind.SLICE, self.id)


@dataclass(frozen=True)
class BatchRecord(UnitRecord):
    """A batch with its totals. `machine_profile`, `envelope_profile`, `paper_profile`: JSON text of the machine,
    envelope and paper as they were when the pool was closed; empty in batches of earlier releases.

    `due`: the earliest last day of posting, ISO date, or empty. `sums_sha256`: of the SHA256SUMS that was published;
    empty before, and in batches of earlier releases.
    """

    number: int
    machine: str
    envelope: str
    form: AddressForm
    paper: str
    plex: Plex
    profile_sha256: str
    pieces: int
    sheets: int
    pages: int
    weight_mg: int
    postage_cent: int
    facts: str
    enclosures: str
    confidentiality: Confidentiality
    kept_apart: str
    priority: int
    due: str
    machine_profile: str
    special: str
    envelope_profile: str
    paper_profile: str
    sums_sha256: str


@dataclass(frozen=True)
class VolumeRecord(UnitRecord):
    """A volume of a batch; `facts`: JSON text of its read-back. `pages`: of the file, the other sheets' included."""

    batch: str
    ordinal: int
    pieces: int
    sheets: int
    pages: int
    sha256: str | None
    facts: str
    separator_pages: int
    trailer_pages: int


@dataclass(frozen=True)
class EventRecord:
    """Who moved what, when and why."""

    number: int
    at_ms: int
    kind: str
    unit: str
    before: str | None
    after: str
    who: str
    reason: str | None
    detail: str | None


@dataclass(frozen=True)
class ExceptionRecord:
    """A letter that went back; `batch`: the batch whose manifest tells of it, once there is one."""

    id: str
    intake: str
    intake_number: int
    ordinal: int
    file: str
    municipality: str
    slice_id: str | None
    slice_first_page: int | None
    source_first_page: int
    source_last_page: int
    source_page: int
    code: str
    detail: str
    batch: str | None

    def as_exception(self) -> LetterException:
        """As the manifest tells it."""
        return LetterException(
            intake=self.intake,
            file=self.file,
            municipality=self.municipality,
            source_page=self.source_page,
            code=self.code,
            detail=self.detail,
            source_first_page=self.source_first_page,
            source_last_page=self.source_last_page,
        )


@dataclass(frozen=True)
class SignOfLife:
    """When a part of the line last said that it is there."""

    name: str
    role: str
    at_ms: int
    detail: str


@dataclass(frozen=True)
class NewIntake:
    """What the hot folder knows of a claimed file."""

    token: str
    municipality: str
    profile: str
    direction: Direction | str
    drop_kind: str
    file: str
    file_raw: bytes
    sha256: str
    bytes: int
    received_ms: int
    has_ticket: bool
    has_index: bool = False


@dataclass(frozen=True)
class Lease:
    """The right to work on a unit. `version` is the fence: an outcome is accepted only while it is current."""

    unit: Unit
    state: str
    owner: str
    version: int
    attempts: int


RecordT = TypeVar("RecordT")
_PLACE = ("number", "volume", "first_page", "product_number")
_PACKED = ("arrival", "enclosures", "layout", "letters", "notes", "remarks", "special")


@cache
def _fields(kind: Hashable) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(cast(Any, kind)))


def record(kind: type[RecordT], row: Mapping[str, Any]) -> RecordT:
    """Build a record of `kind` from a row; columns that it does not have are left out."""
    return kind(**{name: row[name] for name in _fields(cast(Hashable, kind))})


def plan_row(plan: DocumentPlan) -> dict[str, Any]:
    """The columns of a document that tell its place in the stack."""
    told = {
        "pages": list(plan.pages),
        "dropped": [dataclasses.asdict(drop) for drop in plan.dropped],
        "fields": dict(plan.fields),
        "doubts": [dataclasses.asdict(doubt) for doubt in plan.doubts],
        "sheets": plan.sheets,
    }
    text = json.dumps(told, ensure_ascii=False, sort_keys=True)
    return {"first_page": plan.first_page, "last_page": plan.last_page, "plan": text}


def plan_of(first_page: int, last_page: int, text: str) -> DocumentPlan:
    """The reverse of `plan_row`; an empty text means that every page is kept."""
    told = json.loads(text)
    return DocumentPlan(
        first_page,
        last_page,
        tuple(DroppedPage(**drop) for drop in told.get("dropped", ())),
        told.get("fields", {}),
        tuple(Doubt(**doubt) for doubt in told.get("doubts", ())),
        told.get("sheets"),
    )


def join_enclosures(stations: tuple[int, ...]) -> str:
    """Station numbers as the tables have them: `1+3`."""
    return "+".join(str(station) for station in stations)


def split_enclosures(text: str) -> tuple[int, ...]:
    """The reverse of `join_enclosures`."""
    return tuple(int(part) for part in text.split("+") if part)


def piece_row(piece: Piece) -> dict[str, Any]:
    """The columns of a piece that is ready for a batch."""
    row = {name: getattr(piece, name) for name in _fields(Piece)}
    row["intake_number"], row["ordinal"] = row.pop("arrival")
    row["enclosures"] = join_enclosures(piece.enclosures)
    row["remarks"] = join_remarks(piece.remarks)
    row["layout"] = write_layout(piece.layout)
    row["letters"], row["notes"] = _several(piece.letters), _several(piece.notes)
    row["special"] = piece.special or ""
    return row


def piece_of(row: Mapping[Any, Any]) -> Piece:
    """The piece that a row tells of."""
    values = {name: row[name] for name in _plain_fields()}
    return Piece(
        **values,
        arrival=(row["intake_number"], row["ordinal"]),
        enclosures=split_enclosures(row["enclosures"]),
        remarks=split_remarks(row["remarks"]),
        layout=read_layout(row["layout"]),
        letters=_letters(row["letters"]),
        notes=notes_of(row["notes"]),
        special=row["special"] or None,
    )


@cache
def _plain_fields() -> tuple[str, ...]:
    return tuple(name for name in _fields(Piece) if name not in _PACKED)


def _several(values: Sequence[Any]) -> str:
    """Frozen values as JSON text; nothing where there are none, as for nearly every piece."""
    if not values:
        return ""
    return json.dumps([dataclasses.asdict(each) for each in values], ensure_ascii=False, sort_keys=True)


def _letters(text: str) -> tuple[JoinedLetter, ...]:
    return tuple(JoinedLetter(**each) for each in json.loads(text)) if text else ()


def notes_of(text: str) -> tuple[Note, ...]:
    """The notes of a piece as its row has them."""
    return tuple(Note(**each) for each in json.loads(text)) if text else ()


def placed_of(row: Mapping[Any, Any]) -> PlacedPiece:
    """The piece with its place in a batch."""
    number, volume, first_page, of_product = (cast(int, row[name]) for name in _PLACE)
    return PlacedPiece(piece_of(row), number, volume, first_page, of_product)
