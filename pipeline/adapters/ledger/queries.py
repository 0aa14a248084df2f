"""The ledger's reading side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, and_, exists, false, func, or_, select

from pipeline.adapters.ledger.pools import in_pool
from pipeline.adapters.ledger.records import (
    BatchRecord,
    DocumentRecord,
    EventRecord,
    ExceptionRecord,
    IntakeRecord,
    SignOfLife,
    SliceRecord,
    VolumeRecord,
    piece_of,
    placed_of,
    record,
)
from pipeline.adapters.ledger.schema import (
    TABLES,
    batches,
    documents,
    events,
    exceptions,
    intakes,
    pieces,
    signs_of_life,
    slices,
    volumes,
)
from pipeline.domain.pieces import Piece, PlacedPiece
from pipeline.domain.pooling import PoolKey
from pipeline.domain.separation import STACK_DOUBTS
from pipeline.domain.states import WORK_STATES, Kind, Unit

_OPEN_SLICE = ("planned", "waiting")
_OPEN_DOCUMENT = ("planned", "review", "accepted", "waiting")
_OPEN_VOLUME = ("planned", "written", "waiting")


class Queries:
    """What can be asked of the ledger inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def _one(self, kind: type[Any], query: Select[Any]) -> Any:
        row = self.connection.execute(query).mappings().one_or_none()
        return None if row is None else record(kind, dict(row))

    def _all(self, kind: type[Any], query: Select[Any]) -> list[Any]:
        return [record(kind, dict(row)) for row in self.connection.execute(query).mappings()]

    def state_of(self, unit: Unit) -> str | None:
        """The state of a unit, None if there is no such unit."""
        table = TABLES[unit.kind]
        found: str | None = self.connection.execute(select(table.c.state).where(table.c.id == unit.id)).scalar()
        return found

    def intake(self, id: str) -> IntakeRecord | None:
        """One intake."""
        found: IntakeRecord | None = self._one(IntakeRecord, select(intakes).where(intakes.c.id == id))
        return found

    def intake_by_token(self, token: str) -> IntakeRecord | None:
        """The intake of a claim."""
        found: IntakeRecord | None = self._one(IntakeRecord, select(intakes).where(intakes.c.token == token))
        return found

    def intakes(self, state: str | None = None, municipality: str | None = None) -> list[IntakeRecord]:
        """Intakes in order of arrival."""
        return self._all(IntakeRecord, _filtered(intakes, state, municipality).order_by(intakes.c.number))

    def document(self, id: str) -> DocumentRecord | None:
        """One document."""
        found: DocumentRecord | None = self._one(DocumentRecord, select(documents).where(documents.c.id == id))
        return found

    def documents(
        self, state: str | None = None, municipality: str | None = None, intake: str | None = None
    ) -> list[DocumentRecord]:
        """Documents in order of arrival."""
        query = _filtered(documents, state, municipality)
        if intake is not None:
            query = query.where(documents.c.intake == intake)
        return self._all(DocumentRecord, query.order_by(documents.c.id))

    def slice(self, id: str) -> SliceRecord | None:
        """One slice."""
        found: SliceRecord | None = self._one(SliceRecord, select(slices).where(slices.c.id == id))
        return found

    def slices(self, intake: str | None = None) -> list[SliceRecord]:
        """All slices, or those of an intake, in the order in which they were planned."""
        query = select(slices)
        if intake is not None:
            query = query.where(slices.c.intake == intake)
        return self._all(SliceRecord, query.order_by(slices.c.id))

    def open_slices(self, task: str) -> int:
        """How many slices with this task are not done yet, those that wait for a person included."""
        query = select(func.count()).select_from(slices).where(slices.c.task == task, slices.c.state.in_(_OPEN_SLICE))
        return int(self.connection.execute(query).scalar_one())

    def batch(self, id: str) -> BatchRecord | None:
        """One batch."""
        found: BatchRecord | None = self._one(BatchRecord, select(batches).where(batches.c.id == id))
        return found

    def batches(self, state: str | None = None) -> list[BatchRecord]:
        """Batches in order of their numbers."""
        query = select(batches) if state is None else select(batches).where(batches.c.state == state)
        return self._all(BatchRecord, query.order_by(batches.c.number))

    def volume(self, id: str) -> VolumeRecord | None:
        """One volume."""
        found: VolumeRecord | None = self._one(VolumeRecord, select(volumes).where(volumes.c.id == id))
        return found

    def volumes(self, batch: str) -> list[VolumeRecord]:
        """The volumes of a batch in feed order."""
        query = select(volumes).where(volumes.c.batch == batch, volumes.c.state != "dropped")
        return self._all(VolumeRecord, query.order_by(volumes.c.ordinal))

    def pieces(self, state: str | None = None, intake: str | None = None) -> Iterator[Piece]:
        """Letters in order of arrival; the parts of a divided one each, envelopes that hold several letters not."""
        query = select(pieces).where(pieces.c.letters == "")
        if state is not None:
            query = query.where(pieces.c.state == state)
        if intake is not None:
            query = query.where(pieces.c.intake == intake)
        for row in self._stream(query.order_by(pieces.c.intake_number, pieces.c.ordinal, pieces.c.part)):
            yield piece_of(row._mapping)

    def pooled_between(self, part: SliceRecord, *, locked: bool = False) -> list[Piece]:
        """The pooled letters that begin on the pages of a slice, in order. `locked`: nobody else can move them then."""
        begins = pieces.c.source_first_page.between(part.first_page, part.last_page)
        query = select(pieces).where(pieces.c.intake == part.intake, pieces.c.state == "pooled", begins)
        query = query.order_by(pieces.c.ordinal, pieces.c.part)
        return [piece_of(row._mapping) for row in self._stream(query.with_for_update() if locked else query)]

    def pool(self, keys: Sequence[PoolKey] | None = None) -> Iterator[Piece]:
        """Pieces that are ready for a batch: pooled, and their file read to its end; in order of arrival.

        `keys`: of these pools only. Nobody else can move them before this transaction ends.
        """
        query = select(pieces).join(intakes, intakes.c.id == pieces.c.intake)
        ready = query.where(pieces.c.state == "pooled", intakes.c.state == "done")
        if keys is not None:
            ready = ready.where(or_(false(), *(and_(*in_pool(key)) for key in keys)))
        ordered = ready.order_by(pieces.c.intake_number, pieces.c.ordinal, pieces.c.part).with_for_update(of=pieces)
        for row in self._stream(ordered):
            yield piece_of(row._mapping)

    def placed(self, batch: str, volume: int | None = None) -> Iterator[PlacedPiece]:
        """The pieces of a batch, or of one of its volumes, in their order."""
        for row in self.piece_rows(batch, volume):
            yield placed_of(row._mapping)

    def piece_rows(self, batch: str, volume: int | None = None) -> Iterator[Row[Any]]:
        """The pieces of a batch with all their columns, state and posting date included."""
        query = select(pieces).where(pieces.c.batch == batch)
        if volume is not None:
            query = query.where(pieces.c.volume == volume)
        return self._stream(query.order_by(pieces.c.number))

    def exceptions(
        self, intake: str | None = None, batch: str | None = None, *, unreported: bool = False
    ) -> list[ExceptionRecord]:
        """Letters that went back, in order of arrival; `unreported`: of closed files, and in no manifest yet."""
        query = select(exceptions)
        if intake is not None:
            query = query.where(exceptions.c.intake == intake)
        if batch is not None:
            query = query.where(exceptions.c.batch == batch)
        if unreported:
            closed = select(intakes.c.id).where(intakes.c.state.in_(("done", "rejected")))
            query = query.where(exceptions.c.batch.is_(None), exceptions.c.intake.in_(closed))
        return self._all(ExceptionRecord, query.order_by(exceptions.c.intake_number, exceptions.c.ordinal))

    def events(self, unit: Unit | None = None, after: int = 0, limit: int = 1000) -> list[EventRecord]:
        """Events in the order in which they were written."""
        query = select(events).where(events.c.number > after)
        if unit is not None:
            query = query.where(events.c.kind == unit.kind.value, events.c.unit == unit.id)
        return self._all(EventRecord, query.order_by(events.c.number).limit(limit))

    def last_event(self) -> int:
        """The number of the newest event, 0 if there is none; grows with every change of a state."""
        newest: int | None = self.connection.execute(select(func.max(events.c.number))).scalar()
        return newest or 0

    def signs_of_life(self) -> list[SignOfLife]:
        """All parts of the line that ever said that they were there."""
        return self._all(SignOfLife, select(signs_of_life).order_by(signs_of_life.c.name))

    def counts(self, kind: Kind) -> dict[tuple[str, str], int]:
        """How many units there are by municipality (`` for batches and volumes) and state."""
        table = TABLES[kind]
        if "municipality" not in table.c:
            found = self.connection.execute(select(table.c.state, func.count()).group_by(table.c.state))
            return {("", state): count for state, count in found}
        query = select(table.c.municipality, table.c.state, func.count())
        grouped = self.connection.execute(query.group_by(table.c.municipality, table.c.state))
        return {(municipality, state): count for municipality, state, count in grouped}

    def lease_owners(self) -> set[str]:
        """Who holds a lease now, alive or not."""
        found: set[str] = set()
        for kind, table in TABLES.items():
            if WORK_STATES[kind]:
                query = select(table.c.lease_owner).where(table.c.lease_owner.is_not(None)).distinct()
                found.update(self.connection.execute(query).scalars())
        return found

    def workable(self, kind: Kind) -> ColumnElement[bool]:
        """The condition under which a unit of this kind has something to do, leases and due times aside."""
        table = TABLES[kind]
        here = table.c.state.in_(sorted(WORK_STATES[kind]))
        if kind is Kind.INTAKE:
            open_slice = exists().where(slices.c.intake == intakes.c.id, slices.c.state.in_(_OPEN_SLICE))
            open_document = exists().where(documents.c.intake == intakes.c.id, documents.c.state.in_(_OPEN_DOCUMENT))
            settled = and_(intakes.c.state == "planned", ~open_slice, ~open_document)
            return or_(intakes.c.state == "received", settled)
        if kind is Kind.DOCUMENT:
            return and_(here, ~_unread_pages(), ~_stack_in_doubt())
        if kind is Kind.BATCH:
            open_volume = exists().where(volumes.c.batch == batches.c.id, volumes.c.state.in_(_OPEN_VOLUME))
            return and_(here, ~open_volume)
        return here

    def due(self, now_ms: int, hinted_before_ms: int | None = None, limit: int = 10_000) -> list[Unit]:
        """Units that a worker could take now; with `hinted_before_ms` only those whose last hint is older.

        Order: kinds as they come along the line, ids as they came in.
        """
        found: list[Unit] = []
        for kind, table in TABLES.items():
            if not WORK_STATES[kind]:
                continue
            free = or_(table.c.lease_owner.is_(None), table.c.lease_until_ms <= now_ms)
            query = select(table.c.id).where(self.workable(kind), table.c.due_ms <= now_ms, free)
            if hinted_before_ms is not None:
                query = query.where(table.c.hinted_ms <= hinted_before_ms)
            rows = self.connection.execute(query.order_by(table.c.id).limit(limit - len(found)))
            found.extend(Unit(kind, id) for id in rows.scalars())
            if len(found) >= limit:
                break
        return found

    def unfinished(self) -> int:
        """How many units have work left, leased or due later included; units that wait for a person are not counted."""
        total = 0
        for kind, table in TABLES.items():
            if WORK_STATES[kind]:
                query = select(func.count()).select_from(table).where(self.workable(kind))
                total += int(self.connection.execute(query).scalar_one())
        return total

    def _stream(self, query: Select[Any]) -> Iterator[Row[Any]]:
        yield from self.connection.execute(query.execution_options(yield_per=1000))


def _unread_pages() -> ColumnElement[bool]:
    """Whether a document has pages that are not recognised yet."""
    return exists().where(
        slices.c.intake == documents.c.intake,
        slices.c.state.in_(_OPEN_SLICE),
        slices.c.first_page <= documents.c.last_page,
        slices.c.last_page >= documents.c.first_page,
    )


def _stack_in_doubt() -> ColumnElement[bool]:
    """Whether a person has still to decide how the stack that a document belongs to is cut."""
    doubtful = documents.alias("doubtful")
    return exists().where(
        doubtful.c.intake == documents.c.intake,
        doubtful.c.state == "review",
        doubtful.c.reason.in_(sorted(STACK_DOUBTS)),
    )


def _filtered(table: Table, state: str | None, municipality: str | None) -> Select[Any]:
    query = select(table)
    if state is not None:
        query = query.where(table.c.state == state)
    if municipality is not None:
        query = query.where(table.c.municipality == municipality)
    return query
