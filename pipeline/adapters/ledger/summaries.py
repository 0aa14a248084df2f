"""Grouped counts and short lists for people who watch the line: never a row for each of 100,000 letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, case, func, or_, select

from pipeline.adapters.ledger.records import BatchRecord, DocumentRecord, IntakeRecord, record
from pipeline.adapters.ledger.schema import TABLES, batches, documents, exceptions, intakes, pieces, slices, volumes
from pipeline.domain.states import Kind, Unit
from pipeline.domain.totals import Totals

ENDED_BATCHES = ("closed", "cancelled")
_NOBODYS = {"intake": "", "municipality": "", "file": "", "batch": ""}
_CHUNK = 500  # ids in one IN list: below every database's limit on parameters


def waiting_slices(connection: Connection) -> dict[str, int]:
    """How many slices wait for a person, by municipality."""
    query = select(intakes.c.municipality, func.count()).join(slices, slices.c.intake == intakes.c.id)
    found = connection.execute(query.where(slices.c.state == "waiting").group_by(intakes.c.municipality))
    return {row[0]: row[1] for row in found}


def returned_letters(connection: Connection) -> dict[str, int]:
    """How many single letters went back while the rest of their file went on, by municipality."""
    query = select(intakes.c.municipality, func.count()).join(exceptions, exceptions.c.intake == intakes.c.id)
    found = connection.execute(query.where(intakes.c.state != "rejected").group_by(intakes.c.municipality))
    return {row[0]: row[1] for row in found}


def waiting_units(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """What waits for a person, the oldest first: kind, id, state, reason, detail, changed_ms, and whose file it is.

    `intake`, `municipality` and `file` are empty for batches and volumes; `batch` is empty for everything else.
    """
    found: list[dict[str, Any]] = []
    for kind, query in _waiting_queries():
        rows = connection.execute(query.limit(limit)).mappings()
        found.extend({**_NOBODYS, **{str(name): value for name, value in row.items()}, "kind": kind} for row in rows)
    return sorted(found, key=lambda row: (row["changed_ms"], row["kind"], row["id"]))[:limit]


def _waiting_queries() -> Iterator[tuple[Kind, Select[Any]]]:
    for kind in (Kind.INTAKE, Kind.DOCUMENT, Kind.SLICE, Kind.BATCH, Kind.VOLUME):
        table = TABLES[kind]
        columns: list[Any] = [table.c[name] for name in ("id", "state", "reason", "detail", "changed_ms")]
        if kind in (Kind.INTAKE, Kind.DOCUMENT, Kind.SLICE):
            columns += [intakes.c.id.label("intake"), intakes.c.municipality, intakes.c.file]
        else:
            columns.append((table.c.id if kind is Kind.BATCH else table.c.batch).label("batch"))
        query = select(*columns)
        if kind in (Kind.DOCUMENT, Kind.SLICE):
            query = query.join(intakes, intakes.c.id == table.c.intake)
        waits = ("waiting", "review") if kind is Kind.DOCUMENT else ("waiting",)
        yield kind, query.where(table.c.state.in_(waits)).order_by(table.c.changed_ms, table.c.id)


def count_waiting_units(connection: Connection) -> int:
    """How many units wait for a person, documents in review included."""
    total = 0
    for kind in (Kind.INTAKE, Kind.DOCUMENT, Kind.SLICE, Kind.BATCH, Kind.VOLUME):
        table = TABLES[kind]
        waits = or_(table.c.state == "waiting", table.c.state == "review")
        total += int(connection.execute(select(func.count()).select_from(table).where(waits)).scalar_one())
    return total


def newest_intakes(
    connection: Connection, limit: int, state: str | None = None, municipality: str | None = None
) -> list[IntakeRecord]:
    """The files whose state changed last, the newest first."""
    rows = connection.execute(_newest(Kind.INTAKE, limit, state, municipality)).mappings()
    return [record(IntakeRecord, dict(row)) for row in rows]


def newest_documents(
    connection: Connection, limit: int, state: str | None = None, municipality: str | None = None
) -> list[DocumentRecord]:
    """The documents whose state changed last, the newest first."""
    rows = connection.execute(_newest(Kind.DOCUMENT, limit, state, municipality)).mappings()
    return [record(DocumentRecord, dict(row)) for row in rows]


def _newest(kind: Kind, limit: int, state: str | None, municipality: str | None) -> Select[Any]:
    table = TABLES[kind]
    query = select(table)
    for column, value in (("state", state), ("municipality", municipality)):
        if value is not None:
            query = query.where(table.c[column] == value)
    return query.order_by(table.c.changed_ms.desc(), table.c.id.desc()).limit(limit)


def shown_batches(connection: Connection, ended: int) -> list[BatchRecord]:
    """All batches that are on their way, and the last `ended` that are closed or cancelled; the newest first."""
    over = batches.c.state.in_(ENDED_BATCHES)
    way = connection.execute(select(batches).where(~over).order_by(batches.c.number.desc())).mappings()
    last = connection.execute(select(batches).where(over).order_by(batches.c.number.desc()).limit(ended)).mappings()
    found = [record(BatchRecord, dict(row)) for row in (*way, *last)]
    return sorted(found, key=lambda batch: -batch.number)


def batch_shares(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, Totals]]:
    """What each municipality has in each of these batches."""
    shares: dict[str, dict[str, Totals]] = {id: {} for id in ids}
    faces = func.sum(case((pieces.c.plex == "duplex", 2 * pieces.c.sheets), else_=pieces.c.sheets))
    sums = (
        func.count(),
        func.sum(pieces.c.sheets),
        faces,
        func.sum(pieces.c.weight_mg),
        func.sum(pieces.c.postage_cent),
    )
    for start in range(0, len(ids), _CHUNK):
        query = select(pieces.c.batch, pieces.c.municipality, *sums)
        query = query.where(pieces.c.batch.in_(ids[start : start + _CHUNK]))
        grouped = query.group_by(pieces.c.batch, pieces.c.municipality).order_by(pieces.c.municipality)
        for batch, municipality, *counted in connection.execute(grouped):
            shares[batch][municipality] = Totals(*(int(each) for each in counted))
    return shares


def piece_row(connection: Connection, id: str) -> dict[str, Any] | None:
    """One piece with all its columns."""
    return _plain(connection.execute(select(pieces).where(pieces.c.id == id)).mappings().one_or_none())


def piece_row_at(connection: Connection, batch: str, number: int) -> dict[str, Any] | None:
    """The piece of this number in a batch."""
    query = select(pieces).where(pieces.c.batch == batch, pieces.c.number == number)
    return _plain(connection.execute(query).mappings().one_or_none())


def first_pieces(connection: Connection, state: str, intake: str | None, limit: int) -> list[dict[str, Any]]:
    """The first pieces in a state with all their columns, in order of arrival."""
    query = select(pieces).where(pieces.c.state == state)
    if intake is not None:
        query = query.where(pieces.c.intake == intake)
    rows = connection.execute(query.order_by(pieces.c.intake_number, pieces.c.ordinal).limit(limit)).mappings()
    return [{str(name): value for name, value in row.items()} for row in rows]


def piece_ids(
    connection: Connection, *, batch: str | None = None, intake: str | None = None, state: str | None = None
) -> list[str]:
    """The ids of pieces, in order."""
    query = select(pieces.c.id)
    for column, value in ((pieces.c.batch, batch), (pieces.c.intake, intake), (pieces.c.state, state)):
        if value is not None:
            query = query.where(column == value)
    return list(connection.execute(query.order_by(pieces.c.id)).scalars())


def piece_states(connection: Connection, intake: str) -> dict[str, int]:
    """How many letters of a file are in which state."""
    query = select(pieces.c.state, func.count()).where(pieces.c.intake == intake, pieces.c.letters == "")
    query = query.group_by(pieces.c.state)
    return {row[0]: row[1] for row in connection.execute(query)}


def joined_letters(connection: Connection, batch: str) -> dict[str, list[str]]:
    """The envelopes of a batch that hold several letters, by id, with the ids of those letters."""
    envelopes = select(pieces.c.id).where(pieces.c.batch == batch, pieces.c.letters != "")
    found: dict[str, list[str]] = {id: [] for id in connection.execute(envelopes.order_by(pieces.c.id)).scalars()}
    inside = select(pieces.c.id, pieces.c.joined_to).where(pieces.c.joined_to.in_(envelopes))
    for row in connection.execute(inside.order_by(pieces.c.id)):
        found[row.joined_to].append(row.id)
    return found


def parts_of_letter(connection: Connection, id: str) -> list[str]:
    """The ids of all envelopes of a letter, in order: several where it is divided."""
    mine = select(pieces.c.intake, pieces.c.ordinal).where(pieces.c.id == id).subquery()
    same = (pieces.c.intake == mine.c.intake, pieces.c.ordinal == mine.c.ordinal, pieces.c.letters == "")
    return list(connection.execute(select(pieces.c.id).where(*same).order_by(pieces.c.part)).scalars())


def volume_ids(connection: Connection, batch: str) -> list[str]:
    """The ids of a batch's volumes that are not dropped."""
    query = select(volumes.c.id).where(volumes.c.batch == batch, volumes.c.state != "dropped")
    return list(connection.execute(query.order_by(volumes.c.ordinal)).scalars())


def document_files(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """The names of the files that these documents came from, by document."""
    found: dict[str, str] = {}
    for start in range(0, len(ids), _CHUNK):
        query = select(documents.c.id, intakes.c.file).join(intakes, intakes.c.id == documents.c.intake)
        rows = connection.execute(query.where(documents.c.id.in_(ids[start : start + _CHUNK])))
        found.update({row[0]: row[1] for row in rows})
    return found


def retirable_intakes(connection: Connection) -> list[IntakeRecord]:
    """Scans that have ended and whose working copies are still there, the oldest first.

    Those with a document that the archive has not acknowledged are left out here already.
    """
    open_document = (
        select(documents.c.id)
        .where(documents.c.intake == intakes.c.id, documents.c.state.not_in(("acknowledged", "rejected", "replaced")))
        .exists()
    )
    query = select(intakes).where(
        intakes.c.direction != "outgoing",
        intakes.c.state.in_(("done", "rejected")),
        intakes.c.retired_ms.is_(None),
        ~open_document,
    )
    rows = connection.execute(query.order_by(intakes.c.number)).mappings()
    return [record(IntakeRecord, dict(row)) for row in rows]


def documents_after(
    connection: Connection, after: str, limit: int, state: str | None = None, municipality: str | None = None
) -> list[DocumentRecord]:
    """Documents in order of their ids, behind the id `after` (empty: from the first one)."""
    query = select(documents).where(documents.c.id > after)
    for column, value in (("state", state), ("municipality", municipality)):
        if value is not None:
            query = query.where(documents.c[column] == value)
    rows = connection.execute(query.order_by(documents.c.id).limit(limit)).mappings()
    return [record(DocumentRecord, dict(row)) for row in rows]


def free_exceptions(connection: Connection, batch: str) -> None:
    """Letters that went back and stood in this batch's manifests are to be told of by another batch."""
    connection.execute(exceptions.update().where(exceptions.c.batch == batch).values(batch=None))


def lock(connection: Connection, unit: Unit) -> dict[str, Any] | None:
    """A unit's row, kept from everybody else until the transaction ends; None if there is no such unit."""
    table = TABLES[unit.kind]
    row = connection.execute(select(table).where(table.c.id == unit.id).with_for_update())
    return _plain(row.mappings().one_or_none())


def lock_parts(connection: Connection, kind: Kind, column: str, owner: str) -> list[dict[str, Any]]:
    """The rows of a kind that belong to `owner`, kept like `lock`; in order of their ids, so that nobody deadlocks."""
    table = TABLES[kind]
    query = select(table).where(table.c[column] == owner).order_by(table.c.id).with_for_update()
    return [{str(name): value for name, value in row.items()} for row in connection.execute(query).mappings()]


def _plain(row: RowMapping | None) -> dict[str, Any] | None:
    return None if row is None else {str(name): value for name, value in row.items()}
