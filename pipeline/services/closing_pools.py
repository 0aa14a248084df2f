"""The pools as they are now, and the cut-off: those whose time has come are closed by the line itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pipeline.adapters.ledger.pools import PoolRow, pieces_due_before, pool_rows
from pipeline.domain.cut_off import Closing, closing_of, is_late, next_closing, posting_day
from pipeline.domain.pooling import CutOffRules, Pool, PoolKey
from pipeline.services.assembling import close_pools
from pipeline.services.local_times import local_iso, local_time
from pipeline.services.looking_again import changed_geometries, look_again
from pipeline.services.ports import Line

CUT_OFF = "Annahmeschluss"
_NAMED_LETTERS = 20


@dataclass(frozen=True)
class PoolView:
    """A pool as it is now. `since`, `closes_at`: ISO 8601, the latter None where nothing but a person closes it.

    `due`: the earliest last day of posting, None if no letter has one. `posting_day`: when it goes to the post if it
    closes at `closes_at`, or now where there is none. `late`: letters that miss their day whatever is done now.
    """

    pool: str
    machine: str
    envelope: str
    form: str
    paper: str
    plex: str
    enclosures: str
    confidentiality: str
    kept_apart: str
    special: str
    pieces: int
    sheets: int
    priority: int
    since: str
    due: str | None
    closes_at: str | None
    posting_day: str | None
    late: tuple[str, ...]


def pool_views(line: Line) -> list[PoolView]:
    """All pools in which letters wait for a batch, in the order of their names."""
    now = local_time(line, line.now_ms())
    views = []
    with line.ledger.reading() as read:
        for row in pool_rows(read.connection):
            pool, rules = _pool(line, row), _rules(line, row.key)
            closes = next_closing(rules, line.profiles.calendar, now)
            posted = posting_day(rules, line.profiles.calendar, closes or now)
            late: Sequence[str] = ()
            soonest = posting_day(rules, line.profiles.calendar, now)
            if is_late(pool, rules, line.profiles.calendar, now) and soonest is not None:
                late = pieces_due_before(read.connection, row.key, soonest.isoformat(), _NAMED_LETTERS)
            views.append(
                PoolView(
                    pool=row.key.name,
                    **asdict(row.key),
                    pieces=row.pieces,
                    sheets=row.sheets,
                    priority=row.priority,
                    since=local_iso(line, row.since_ms),
                    due=row.due or None,
                    closes_at=closes.isoformat() if closes else None,
                    posting_day=posted.isoformat() if posted else None,
                    late=tuple(late),
                )
            )
    return views


def close_due_pools(line: Line) -> dict[str, Closing]:
    """Close every pool whose cut-off has come. Returns the new batches, each with why. Cheap where none is due.

    Letters for which the profiles have changed are looked at again, and join the next closing of their pool.
    Leaves a sign of life that tells how many pools are open, and in how many a letter misses its last day of posting.
    """
    now = local_time(line, line.now_ms())
    with line.ledger.reading() as read:
        rows, changed = pool_rows(read.connection), changed_geometries(line, read)
    if changed:
        look_again(line, CUT_OFF)  # as soon as profiles have changed, not only when the cut-off has come
    due: dict[PoolKey, Closing] = {}
    late = []
    for row in rows:
        pool, rules = _pool(line, row), _rules(line, row.key)
        closing = closing_of(pool, rules, line.profiles.calendar, now)
        if closing is not None:
            due[row.key] = closing
        elif is_late(pool, rules, line.profiles.calendar, now):
            late.append(row.key.name)
    made = close_pools(line, CUT_OFF, due) if due else {}
    told = json.dumps({"open": len(rows) - len(due), "late": late})
    line.ledger.sign_of_life("cut-off", "cut-off", line.now_ms(), told)
    return made


def _pool(line: Line, row: PoolRow) -> Pool:
    return Pool(row.key, row.pieces, row.sheets, local_time(line, row.since_ms), row.due, row.priority)


def _rules(line: Line, key: PoolKey) -> CutOffRules:
    """The cut-off of the pool's machine. One that is not set up any more closes nothing by itself."""
    machine = line.profiles.machines.get(key.machine)
    return machine.cut_off if machine is not None else CutOffRules()
