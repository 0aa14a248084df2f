"""The pools as sums that the database makes: a look costs the same work for the line however many letters wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Column, ColumnElement, Connection, func, select

from pipeline.adapters.ledger.schema import intakes, pieces
from pipeline.domain.pooling import PoolKey

_KEY: dict[str, Column[str]] = {
    "machine": pieces.c.machine,
    "envelope": pieces.c.envelope,
    "form": pieces.c.form,
    "paper": pieces.c.paper,
    "plex": pieces.c.plex,
    "enclosures": pieces.c.fixed_enclosures,
    "confidentiality": pieces.c.confidentiality,
    "kept_apart": pieces.c.kept_apart,
    "special": pieces.c.special,
}


@dataclass(frozen=True)
class PoolRow:
    """What lies in a pool. `since_ms`: when the letter waiting longest became ready. `due`: the earliest, or empty."""

    key: PoolKey
    pieces: int
    sheets: int
    since_ms: int
    due: str
    priority: int


def in_pool(key: PoolKey) -> list[ColumnElement[bool]]:
    """The conditions under which a piece belongs to this pool, its state aside."""
    return [column == getattr(key, name) for name, column in _KEY.items()]


def pool_rows(connection: Connection) -> list[PoolRow]:
    """All pools in which a letter is ready for a batch, in the order of their keys."""
    sums = (
        func.count(),
        func.sum(pieces.c.sheets),
        func.min(pieces.c.changed_ms),
        func.min(func.nullif(pieces.c.due, "")),
        func.max(pieces.c.priority),
    )
    columns = tuple(_KEY.values())
    query = select(*columns, *sums).join(intakes, intakes.c.id == pieces.c.intake)
    ready = query.where(pieces.c.state == "pooled", intakes.c.state == "done").group_by(*columns)
    found = []
    for row in connection.execute(ready):
        key, (count, sheets, since_ms, due, priority) = PoolKey(*row[: len(_KEY)]), row[len(_KEY) :]
        found.append(PoolRow(key, int(count), int(sheets), int(since_ms), due or "", int(priority)))
    return sorted(found, key=lambda each: each.key)


def geometries(connection: Connection) -> Sequence[tuple[str, str, str, str, str]]:
    """What the letters that are ready were checked against: job, machine, envelope, form, digest; each once."""
    columns = (pieces.c.job, pieces.c.machine, pieces.c.envelope, pieces.c.form, pieces.c.geometry)
    query = select(*columns).distinct().join(intakes, intakes.c.id == pieces.c.intake)
    found = connection.execute(query.where(pieces.c.state == "pooled", intakes.c.state == "done"))
    return sorted((row[0], row[1], row[2], row[3], row[4]) for row in found)


def slices_checked(connection: Connection, geometry: tuple[str, str, str, str, str]) -> set[str]:
    """The slices in which letters that are ready were checked against this, as `geometries` tells it."""
    columns = (pieces.c.job, pieces.c.machine, pieces.c.envelope, pieces.c.form, pieces.c.geometry)
    same = [column == value for column, value in zip(columns, geometry, strict=True)]
    query = select(pieces.c.slice_id).distinct().join(intakes, intakes.c.id == pieces.c.intake)
    return set(connection.execute(query.where(pieces.c.state == "pooled", intakes.c.state == "done", *same)).scalars())


def newest_in_pool(connection: Connection, slice_id: str) -> int:
    """When the last of a slice's pooled letters came into its pool, ms since 1970; 0 where there is none."""
    query = select(func.max(pieces.c.changed_ms)).where(pieces.c.slice_id == slice_id, pieces.c.state == "pooled")
    return int(connection.execute(query).scalar() or 0)


def pieces_due_before(connection: Connection, key: PoolKey, day: str, limit: int) -> Sequence[str]:
    """The first `limit` letters of a pool, by id, whose last day of posting lies before `day` (ISO date)."""
    query = select(pieces.c.id).where(pieces.c.state == "pooled", *in_pool(key))
    late = query.where(pieces.c.due != "", pieces.c.due < day).order_by(pieces.c.due, pieces.c.id)
    return connection.execute(late.limit(limit)).scalars().all()
