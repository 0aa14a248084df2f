"""The ledger's writing side: leases, moves, new rows. Every change of a state passes `Work.move_all`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pipeline.adapters.ledger.engine import migrate, open_engine
from pipeline.adapters.ledger.queries import Queries
from pipeline.adapters.ledger.records import IntakeRecord, Lease, NewIntake, piece_row, record
from pipeline.adapters.ledger.schema import TABLES, counters, events, exceptions, intakes, signs_of_life
from pipeline.domain.errors import StaleLease
from pipeline.domain.ids import batch_id, intake_id
from pipeline.domain.pieces import Piece, PlacedPiece
from pipeline.domain.states import FIRST_STATE, WORK_STATES, Kind, Unit, check_move

MAX_FAILURES = 3  # attempts that ended in an error, then a person has to look
MAX_LOSSES = 25  # attempts whose worker vanished: hardly ever the file's fault, but not for ever either
_CHUNK = 500  # ids in one IN list: below every database's limit on parameters

# Two who say for the first time that they are there, at once, must both be heard.
_UPSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_WORK_VALUES: dict[str, Any] = {"attempts": 0, "losses": 0, "version": 0, "due_ms": 0, "hinted_ms": 0}


def open_ledger(url: str) -> Ledger:
    """Open the ledger at `url` and bring its schema up to date."""
    engine = open_engine(url)
    migrate(engine)
    return Ledger(engine)


class Work:
    """One transaction of the ledger. Nothing of it is true before the block that opened it ends."""

    def __init__(self, connection: Connection, who: str, now_ms: int) -> None:
        self.connection = connection
        self.read = Queries(connection)
        self.who = who
        self.now_ms = now_ms

    def next_number(self, name: str) -> int:
        """The next number of a counter, from 1; counters of two transactions never give the same."""
        bumped = update(counters).where(counters.c.name == name).values(value=counters.c.value + 1)
        value = self.connection.execute(bumped.returning(counters.c.value)).scalar()
        if value is None:
            raise LookupError(f"no such counter: {name}")
        return int(value)

    def add(
        self,
        kind: Kind,
        rows: Sequence[Mapping[str, Any]],
        state: str | None = None,
        *,
        reason: str | None = None,
        detail: str | None = None,
    ) -> None:
        """Insert new units in their first state (or `state`), each with its event, which tells the reason."""
        if not rows:
            return
        first = state or FIRST_STATE[kind]
        stamp = {"created_ms": self.now_ms, "changed_ms": self.now_ms, "state": first}
        self.connection.execute(insert(TABLES[kind]), [{**_WORK_VALUES, **row, **stamp} for row in rows])
        self._tell(kind, [(str(row["id"]), None) for row in rows], first, reason, detail)

    def add_pieces(self, pieces: Sequence[Piece], state: str = "pooled", *, reason: str | None = None) -> None:
        """Insert pieces that are ready for a batch, or held for a reason."""
        self.add(Kind.PIECE, [piece_row(piece) for piece in pieces], state, reason=reason)

    def add_exceptions(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert letters that go back."""
        if rows:
            self.connection.execute(insert(exceptions), [dict(row) for row in rows])

    def move(
        self, unit: Unit, there: str, *, reason: str | None = None, detail: str | None = None, **changes: Any
    ) -> None:
        """Move one unit; see `move_all`."""
        self.move_all(unit.kind, [unit.id], there, reason=reason, detail=detail, **changes)

    def move_all(
        self,
        kind: Kind,
        ids: Sequence[str],
        there: str,
        *,
        reason: str | None = None,
        detail: str | None = None,
        **changes: Any,
    ) -> None:
        """Move units along the one transition table and write an event for each, in this transaction.

        A move ends the lease, clears the counted attempts and raises the version. Raises IllegalMove.
        """
        table = TABLES[kind]
        states: dict[str, str] = {}
        for chunk in _chunks(ids):
            here = select(table.c.id, table.c.state).where(table.c.id.in_(chunk))
            found = self.connection.execute(here.order_by(table.c.id).with_for_update())  # nobody moves them meanwhile
            states.update((row.id, row.state) for row in found)
        for unit in ids:
            check_move(Unit(kind, unit), states.get(unit, "unknown"), there)
        fresh = {"lease_owner": None, "lease_until_ms": None, "attempts": 0, "losses": 0, "due_ms": 0, "hinted_ms": 0}
        values = {**fresh, **changes, "state": there, "reason": reason, "detail": detail, "changed_ms": self.now_ms}
        for chunk in _chunks(ids):
            changed = update(table).where(table.c.id.in_(chunk)).values(**values, version=table.c.version + 1)
            self.connection.execute(changed)
        self._tell(kind, [(unit, states[unit]) for unit in ids], there, reason, detail)

    def change(self, unit: Unit, **changes: Any) -> None:
        """Set columns that are not the state."""
        table = TABLES[unit.kind]
        self.connection.execute(update(table).where(table.c.id == unit.id).values(**changes))

    def release(self, lease: Lease) -> None:
        """End a lease whose step is done, where the unit stays in its state: other units have to be worked on first."""
        free = {"lease_owner": None, "lease_until_ms": None, "attempts": 0, "losses": 0, "due_ms": 0, "hinted_ms": 0}
        self.change(lease.unit, **free, version=lease.version + 1)

    def note(self, unit: Unit, state: str, reason: str, detail: str) -> None:
        """Write an event that changes no state."""
        self._tell(unit.kind, [(unit.id, state)], state, reason, detail)

    def place(self, placed: Sequence[PlacedPiece], batch: str) -> None:
        """Give pieces their place in a batch and move them to `batched`."""
        table = TABLES[Kind.PIECE]
        self.move_all(Kind.PIECE, [each.piece.id for each in placed], "batched", batch=batch)
        place = (
            update(table)
            .where(table.c.id == bindparam("piece"))
            .values(
                number=bindparam("nr"),
                volume=bindparam("vol"),
                first_page=bindparam("page"),
                product_number=bindparam("of_product"),
            )
        )
        rows = [
            {
                "piece": each.piece.id,
                "nr": each.number,
                "vol": each.volume,
                "page": each.first_page,
                "of_product": each.product_number,
            }
            for each in placed
        ]
        self.connection.execute(place, rows)

    def join(self, envelopes: Sequence[Piece]) -> None:
        """Insert envelopes that hold several pooled letters, and say of each letter in which it lies."""
        table = TABLES[Kind.PIECE]
        self.add(Kind.PIECE, [piece_row(piece) for piece in envelopes], reason="letters-joined")
        rows = [{"one": one.id, "in_which": piece.id} for piece in envelopes for one in piece.letters]
        self.move_all(Kind.PIECE, [row["one"] for row in rows], "joined", reason="letters-joined")
        if rows:
            joined = update(table).where(table.c.id == bindparam("one")).values(joined_to=bindparam("in_which"))
            self.connection.execute(joined, rows)

    def reprice(self, pieces: Sequence[Piece]) -> None:
        """Give pieces the product and the price of another day."""
        table = TABLES[Kind.PIECE]
        columns = ("weight_mg", "product", "postage_cent", "notes")
        rows = [{f"new_{name}": row[name] for name in ("id", *columns)} for row in map(piece_row, pieces)]
        if rows:
            values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in columns}
            self.connection.execute(update(table).where(table.c.id == bindparam("new_id")).values(**values), rows)

    def renew(self, pieces: Sequence[Piece], reason: str) -> None:
        """Write down anew what pieces are that keep their ids and their state; each with an event."""
        table = TABLES[Kind.PIECE]
        rows = [piece_row(piece) for piece in pieces]
        if not rows:
            return
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in rows[0] if name != "id"}
        renewed = update(table).where(table.c.id == bindparam("new_id")).values(**values)
        self.connection.execute(renewed, [{f"new_{name}": value for name, value in row.items()} for row in rows])
        states: dict[str, list[str]] = {}
        for chunk in _chunks([piece.id for piece in pieces]):
            here = select(table.c.id, table.c.state).where(table.c.id.in_(chunk)).order_by(table.c.id)
            for row in self.connection.execute(here):
                states.setdefault(row.state, []).append(row.id)
        for state, ids in states.items():
            self._tell(Kind.PIECE, [(id, state) for id in ids], state, reason, None)

    def report_exceptions(self, ids: Sequence[str], batch: str) -> None:
        """Say which batch's manifest tells of these exceptions."""
        for chunk in _chunks(ids):
            self.connection.execute(update(exceptions).where(exceptions.c.id.in_(chunk)).values(batch=batch))

    def alone_at_the_pool(self) -> None:
        """Wait until nobody else closes a pool, and keep others waiting until this transaction ends."""
        mine = select(counters.c.value).where(counters.c.name == "batch").with_for_update()
        self.connection.execute(mine).scalar_one()

    def next_batch_id(self) -> tuple[int, str]:
        """Number and id of a new batch."""
        number = self.next_number("batch")
        return number, batch_id(number)

    def _tell(
        self,
        kind: Kind,
        units: Sequence[tuple[str, str | None]],
        after: str,
        reason: str | None,
        detail: str | None,
    ) -> None:
        common = {"at_ms": self.now_ms, "kind": kind.value, "who": self.who, "after": after}
        rows = [{**common, "unit": u, "before": b, "reason": reason, "detail": detail} for u, b in units]
        if rows:
            self.connection.execute(insert(events), rows)


class Ledger:
    """The ledger. Each method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def work(self, who: str, now_ms: int) -> Iterator[Work]:
        """A transaction that may write."""
        with self.engine.begin() as connection:
            yield Work(connection, who, now_ms)

    @contextmanager
    def reading(self) -> Iterator[Queries]:
        """A transaction that reads one consistent state."""
        with self.engine.connect().execution_options(reading=True) as connection, connection.begin():
            yield Queries(connection)

    @contextmanager
    def outcome(self, lease: Lease, now_ms: int) -> Iterator[Work]:
        """The transaction that records what came of a lease. Raises StaleLease if somebody else took over."""
        table = TABLES[lease.unit.kind]
        with self.engine.begin() as connection:
            fenced = update(table).where(table.c.id == lease.unit.id, table.c.version == lease.version)
            if connection.execute(fenced.values(changed_ms=now_ms)).rowcount != 1:
                raise StaleLease("stale-lease", f"{lease.unit.kind} {lease.unit.id} was taken over by somebody else")
            yield Work(connection, lease.owner, now_ms)

    def register_intake(self, new: NewIntake, who: str, now_ms: int) -> IntakeRecord:
        """Write a claimed file down; the same claim token gives the same row, however often it is told."""
        with self.work(who, now_ms) as work:
            known = work.read.intake_by_token(new.token)
            if known is not None:
                return known
            number = work.next_number("intake")
            twin = select(intakes.c.id).where(
                intakes.c.municipality == new.municipality, intakes.c.sha256 == new.sha256, intakes.c.bytes > 0
            )
            first_twin = work.connection.execute(twin.order_by(intakes.c.number).limit(1)).scalar()
            row = {**asdict(new), "number": number, "id": intake_id(number), "duplicate_of": first_twin}
            row |= {"has_ticket": int(new.has_ticket), "has_index": int(new.has_index), "ticket": "{}", "facts": "{}"}
            work.add(Kind.INTAKE, [row])
            if first_twin is not None:
                unit = Unit(Kind.INTAKE, row["id"])
                work.note(unit, "received", "duplicate", json.dumps({"duplicate_of": first_twin}))
            return record(IntakeRecord, {**_empty_intake(now_ms), **row})

    def lease(self, unit: Unit, owner: str, now_ms: int, until_ms: int) -> Lease | None:
        """Take the right to work on a unit, and count the attempt before it starts.

        None if there is nothing to do (hints may be old, or repeat), it is not due yet, or somebody else works on it.
        A unit whose workers vanished too often goes to `waiting` for a person.
        """
        table = TABLES[unit.kind]
        with self.engine.begin() as connection:
            ready = select(table).where(table.c.id == unit.id, Queries(connection).workable(unit.kind))
            row = connection.execute(ready).mappings().one_or_none()
            if row is None or row["due_ms"] > now_ms:
                return None
            if row["lease_owner"] is not None and row["lease_until_ms"] > now_ms:
                return None
            lost = row["lease_owner"] is not None
            if lost and row["losses"] + 1 >= MAX_LOSSES:
                Work(connection, owner, now_ms).move(unit, "waiting", reason="lost-too-often")
                return None
            values = {
                "lease_owner": owner,
                "lease_until_ms": until_ms,
                "version": row["version"] + 1,
                "attempts": row["attempts"] + (0 if lost else 1),
                "losses": row["losses"] + (1 if lost else 0),
            }
            taken = update(table).where(table.c.id == unit.id, table.c.version == row["version"]).values(**values)
            if connection.execute(taken).rowcount != 1:
                return None
            return Lease(unit, row["state"], owner, row["version"] + 1, values["attempts"])

    def extend(self, lease: Lease, until_ms: int) -> bool:
        """Say that the work goes on. False if the lease is somebody else's by now."""
        table = TABLES[lease.unit.kind]
        with self.engine.begin() as connection:
            mine = update(table).where(table.c.id == lease.unit.id, table.c.version == lease.version)
            return connection.execute(mine.values(lease_until_ms=until_ms)).rowcount == 1

    def confirm(self, lease: Lease) -> None:
        """Raise StaleLease if the lease is somebody else's by now: to be asked before something is published."""
        table = TABLES[lease.unit.kind]
        with self.reading() as read:
            query = select(table.c.version).where(table.c.id == lease.unit.id)
            if read.connection.execute(query).scalar() != lease.version:
                raise StaleLease("stale-lease", f"{lease.unit.kind} {lease.unit.id} was taken over by somebody else")

    def give_back(self, lease: Lease) -> None:
        """End a lease without an outcome and without counting it: the worker was asked to stop."""
        table = TABLES[lease.unit.kind]
        free = {"lease_owner": None, "lease_until_ms": None, "hinted_ms": 0, "attempts": max(0, lease.attempts - 1)}
        with self.engine.begin() as connection:
            mine = update(table).where(table.c.id == lease.unit.id, table.c.version == lease.version)
            connection.execute(mine.values(**free, version=table.c.version + 1))

    def fail(self, lease: Lease, code: str, detail: str, now_ms: int, retry_ms: int, *, final: bool = False) -> str:
        """Record a failed attempt: due again at `retry_ms`, or `waiting` for a person when attempts are used up.

        Returns the unit's state afterwards.
        """
        with self.outcome(lease, now_ms) as work:
            if final or lease.attempts >= MAX_FAILURES:
                work.move(lease.unit, "waiting", reason=code, detail=detail)
                return "waiting"
            free = {"lease_owner": None, "lease_until_ms": None, "due_ms": retry_ms, "hinted_ms": 0}
            work.change(lease.unit, **free, reason=code, detail=detail, version=lease.version + 1)
            work.note(lease.unit, lease.state, code, detail)
            return lease.state

    def free_leases_of(self, owner: str, now_ms: int) -> None:
        """Let the leases of an owner that is known to be dead run out now."""
        with self.engine.begin() as connection:
            for kind, table in TABLES.items():
                if WORK_STATES[kind]:
                    his = update(table).where(table.c.lease_owner == owner, table.c.lease_until_ms > now_ms)
                    connection.execute(his.values(lease_until_ms=now_ms, hinted_ms=0))

    def hinted(self, units: Sequence[Unit], now_ms: int) -> None:
        """Remember when the queue was last told of these units."""
        with self.engine.begin() as connection:
            for kind, table in TABLES.items():
                for chunk in _chunks([unit.id for unit in units if unit.kind is kind]):
                    connection.execute(update(table).where(table.c.id.in_(chunk)).values(hinted_ms=now_ms))

    def sign_of_life(self, name: str, role: str, now_ms: int, detail: str = "") -> None:
        """Say that a part of the line is there."""
        with self.engine.begin() as connection:
            values = {"role": role, "at_ms": now_ms, "detail": detail}
            new = _UPSERT[self.engine.dialect.name](signs_of_life).values(name=name, **values)
            connection.execute(new.on_conflict_do_update(index_elements=["name"], set_=values))

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _empty_intake(now_ms: int) -> dict[str, Any]:
    empty = dict.fromkeys(("reason", "detail", "lease_owner", "lease_until_ms", "pages", "retired_ms"))
    return {**_WORK_VALUES, **empty, "state": FIRST_STATE[Kind.INTAKE], "created_ms": now_ms, "changed_ms": now_ms}


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
