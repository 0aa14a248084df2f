"""Files, documents and batches as people and programs see them; field names as in the files of the contract."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from pipeline.adapters.ledger.cuts import left_out_of
from pipeline.adapters.ledger.queries import Queries
from pipeline.adapters.ledger.records import BatchRecord, DocumentRecord, EventRecord, IntakeRecord, VolumeRecord
from pipeline.adapters.ledger.summaries import batch_shares, document_files
from pipeline.domain.errors import Permanent
from pipeline.domain.pieces import LetterException
from pipeline.domain.source_pages import LeftOut
from pipeline.domain.states import Kind, Unit
from pipeline.domain.totals import Totals
from pipeline.services.deciding import parts_of
from pipeline.services.local_times import local_iso
from pipeline.services.ports import Line
from pipeline.services.wording import explain


@dataclass(frozen=True)
class EventView:
    """Who moved what, when and why."""

    number: int
    at: str
    kind: str
    unit: str
    before: str | None
    after: str
    who: str
    reason: str | None
    detail: str | None


@dataclass(frozen=True)
class IntakeView:
    """A file that was taken in. `code`, `title`, `detail`, `remedy`: why it is where it is, as in reason.json."""

    id: str
    municipality: str
    profile: str
    direction: str
    file: str
    sha256: str
    bytes: int
    pages: int | None
    received_at: str
    state: str
    since: str
    code: str | None
    title: str
    detail: str | None
    remedy: str
    duplicate_of: str | None


@dataclass(frozen=True)
class PartView:
    """A slice or a document of a file."""

    kind: str
    id: str
    state: str
    first_page: int
    last_page: int
    code: str | None
    detail: str | None


@dataclass(frozen=True)
class IntakeDetail(IntakeView):
    """A file with everything that was made of it. `pieces`: how many letters are in which state; `left_out`: pages of a
    print stream that are not printed on purpose."""

    parts: tuple[PartView, ...]
    pieces: Mapping[str, int]
    exceptions: tuple[LetterException, ...]
    events: tuple[EventView, ...]
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class DocumentView:
    """A document of a scan. `first_page`, `last_page`: of its source. `review`: why a person has to look."""

    id: str
    municipality: str
    profile: str
    intake: str
    file: str
    state: str
    since: str
    code: str | None
    title: str
    detail: str | None
    remedy: str
    first_page: int
    last_page: int
    page_count: int | None
    dropped: int | None
    mean_confidence: int | None
    pdfa: str | None
    sha256: str | None
    review: tuple[str, ...]


@dataclass(frozen=True)
class BatchView:
    """A batch as batch.json tells of it, with its present state. `readback` is empty until all of it was read back.

    `due`: the earliest last day of posting, or empty. `kept_apart`: the municipality whose letters lie alone, or empty.
    `enclosures`: what all pieces get, where the machine can't select. `special`: the product that its letters order by
    an endorsement, or empty.
    """

    id: str
    state: str
    since: str
    code: str | None
    title: str
    detail: str | None
    remedy: str
    machine: str
    envelope: str
    form: str
    paper: str
    plex: str
    created_at: str
    profile_sha256: str
    totals: Totals
    municipalities: Mapping[str, Totals]
    readback: Mapping[str, Any]
    due: str
    priority: int
    confidentiality: str
    kept_apart: str
    enclosures: str
    special: str


@dataclass(frozen=True)
class VolumeView:
    """A volume of a batch."""

    id: str
    file: str
    sha256: str | None
    pages: int
    sheets: int
    pieces: int
    state: str
    since: str
    code: str | None
    detail: str | None
    readback: Mapping[str, Any]


@dataclass(frozen=True)
class BatchDetail(BatchView):
    """A batch with its volumes, the letters that went back and stand in its manifests, and its history."""

    volumes: tuple[VolumeView, ...]
    exceptions: tuple[LetterException, ...]
    events: tuple[EventView, ...]


def event_views(line: Line, events: Iterable[EventRecord]) -> tuple[EventView, ...]:
    """Events in the order in which they were written."""
    ordered = sorted(events, key=lambda event: event.number)
    names = [field.name for field in fields(EventView) if field.name != "at"]
    times = [local_iso(line, event.at_ms) for event in ordered]
    others = [{name: getattr(event, name) for name in names} for event in ordered]
    return tuple(EventView(at=at, **values) for at, values in zip(times, others, strict=True))


def intake_view(line: Line, intake: IntakeRecord) -> IntakeView:
    """A file as it is now."""
    waits = intake.state == "waiting"
    told = explain(intake.reason, waits=waits)
    same = ("id", "municipality", "profile", "direction", "file", "sha256", "bytes", "pages", "state", "duplicate_of")
    return IntakeView(
        **{name: getattr(intake, name) for name in same},
        received_at=local_iso(line, intake.received_ms),
        since=local_iso(line, intake.changed_ms),
        code=intake.reason,
        title=told.title,
        detail=intake.detail,
        remedy=told.remedy,
    )


def intake_detail(line: Line, read: Queries, intake_id: str) -> IntakeDetail:
    """A file with everything that was made of it. Raises Permanent `unknown-unit`."""
    parts = parts_of(read, intake_id)
    shown = [(Kind.DOCUMENT, document) for document in parts.documents]
    listed: list[tuple[Kind, Any]] = [*shown, *((Kind.SLICE, part) for part in parts.slices)]
    units = [parts.intake.unit, *(Unit(kind, part.id) for kind, part in listed)]
    return IntakeDetail(
        **_values(intake_view(line, parts.intake)),
        parts=tuple(
            PartView(kind.value, part.id, part.state, part.first_page, part.last_page, part.reason, part.detail)
            for kind, part in listed
        ),
        pieces=parts.pieces,
        exceptions=tuple(each.as_exception() for each in read.exceptions(intake=intake_id)),
        events=event_views(line, (event for unit in units for event in read.events(unit))),
        left_out=tuple(left_out_of(read.connection, intake_id)),
    )


def document_views(line: Line, read: Queries, documents: Iterable[DocumentRecord]) -> list[DocumentView]:
    """Documents as they are now."""
    listed = list(documents)
    files = document_files(read.connection, [document.id for document in listed])
    return [_document_view(line, document, files[document.id]) for document in listed]


def _document_view(line: Line, document: DocumentRecord, file: str) -> DocumentView:
    told = explain(document.reason, waits=document.state in ("waiting", "review"))
    facts = json.loads(document.facts)
    same = ("id", "municipality", "profile", "intake", "state", "first_page", "last_page", "mean_confidence")
    return DocumentView(
        **{name: getattr(document, name) for name in (*same, "detail", "sha256")},
        file=file,
        page_count=document.pages,
        since=local_iso(line, document.changed_ms),
        code=document.reason,
        title=told.title,
        remedy=told.remedy,
        dropped=facts.get("dropped"),
        pdfa=facts.get("pdfa"),
        review=tuple(facts.get("review", ())),
    )


def batch_views(line: Line, read: Queries, batches: Iterable[BatchRecord]) -> list[BatchView]:
    """Batches with what each municipality has in them."""
    listed = list(batches)
    shares = batch_shares(read.connection, [batch.id for batch in listed])
    return [_batch_view(line, batch, shares[batch.id]) for batch in listed]


def _batch_view(line: Line, batch: BatchRecord, shares: Mapping[str, Totals]) -> BatchView:
    told = explain(batch.reason, waits=batch.state == "waiting")
    same = ("id", "state", "detail", "machine", "envelope", "form", "paper", "plex", "profile_sha256")
    pool = ("due", "priority", "confidentiality", "kept_apart", "enclosures", "special")
    return BatchView(
        **{name: getattr(batch, name) for name in (*same, *pool)},
        since=local_iso(line, batch.changed_ms),
        code=batch.reason,
        title=told.title,
        remedy=told.remedy,
        created_at=local_iso(line, batch.created_ms),
        totals=Totals(batch.pieces, batch.sheets, batch.pages, batch.weight_mg, batch.postage_cent),
        municipalities=shares,
        readback=json.loads(batch.facts),
    )


def batch_detail(line: Line, read: Queries, batch_id: str) -> BatchDetail:
    """A batch with its volumes and its history. Raises Permanent `unknown-unit`."""
    batch = batch_of(read, batch_id)
    volumes = read.volumes(batch_id)
    units = [Unit(Kind.BATCH, batch_id), *(Unit(Kind.VOLUME, volume.id) for volume in volumes)]
    return BatchDetail(
        **_values(batch_views(line, read, [batch])[0]),
        volumes=tuple(_volume_view(line, volume) for volume in volumes),
        exceptions=tuple(each.as_exception() for each in read.exceptions(batch=batch_id)),
        events=event_views(line, (event for unit in units for event in read.events(unit))),
    )


def batch_of(read: Queries, batch_id: str) -> BatchRecord:
    """A batch. Raises Permanent `unknown-unit`."""
    batch = read.batch(batch_id)
    if batch is None:
        raise Permanent("unknown-unit", f"Den Druckauftrag {batch_id} gibt es nicht.")
    return batch


def _volume_view(line: Line, volume: VolumeRecord) -> VolumeView:
    same = ("id", "sha256", "pages", "sheets", "pieces", "state", "detail")
    return VolumeView(
        **{name: getattr(volume, name) for name in same},
        file=f"{volume.id}.pdf",
        since=local_iso(line, volume.changed_ms),
        code=volume.reason,
        readback=json.loads(volume.facts),
    )


def _values(view: IntakeView | BatchView) -> dict[str, Any]:
    return {field.name: getattr(view, field.name) for field in fields(view)}
