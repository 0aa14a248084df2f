"""Pools close when their time has come, once, whoever looks; single letters are held, freed and pulled until then."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, insert, update

from pipeline.adapters.ledger.records import piece_row
from pipeline.adapters.ledger.schema import pieces as piece_table
from pipeline.domain.calendar import Calendar
from pipeline.domain.cut_off import Closing
from pipeline.domain.errors import IllegalMove, Permanent
from pipeline.domain.ids import piece_id
from pipeline.domain.pooling import CutOffRules
from pipeline.domain.states import Kind, Unit
from pipeline.services.assembling import assemble
from pipeline.services.auditing import audit
from pipeline.services.closing_pools import close_due_pools, pool_views
from pipeline.services.deciding import Decision, cancel_batch
from pipeline.services.deciding_pieces import decide_file, decide_piece
from pipeline.services.finding_pieces import pieces_in_state
from pipeline.services.overview import overview
from pipeline.services.ports import Line
from tests.line_examples import Example
from workers.housekeeping import Housekeeping

pytestmark = pytest.mark.integration

BY = Decision("M. Schulz", "falscher Betrag")
MACHINE = "neopost-1track"
BERLIN = ZoneInfo("Europe/Berlin")


class Clock:
    """The print centre's time as the tests set it, in milliseconds."""

    def __init__(self, now: str) -> None:
        self.now = now

    def __call__(self) -> int:
        return round(datetime.fromisoformat(self.now).replace(tzinfo=BERLIN).timestamp() * 1000)


@pytest.fixture(params=["sqlite", "postgresql"])
def example(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Example]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    made = Example(tmp_path, url, Clock("2026-11-26T10:00"))
    set_up(made, CutOffRules(times=("14:00",), latest="16:00"))
    yield made
    made.line.ledger.close()


def set_up(example: Example, rules: CutOffRules) -> None:
    profiles = example.line.profiles
    machines = {id: replace(machine, cut_off=rules) for id, machine in profiles.machines.items()}
    example.line = replace(example.line, profiles=replace(profiles, machines=machines, calendar=Calendar()))


def at(example: Example, now: str) -> Line:
    clock = example.line.now_ms
    assert isinstance(clock, Clock)
    clock.now = now
    return example.line


def first_event(line: Line, batch: str) -> tuple[str, str | None, str | None]:
    with line.ledger.reading() as read:
        first = read.events(Unit(Kind.BATCH, batch))[0]
    return first.who, first.reason, first.detail


def numbers(line: Line, batch: str) -> list[str]:
    with line.ledger.reading() as read:
        return [each.piece.id for each in read.placed(batch)]


def states(line: Line, intake: str) -> dict[str, str]:
    with line.ledger.reading() as read:
        found = read.connection.execute(piece_table.select().where(piece_table.c.intake == intake))
        return {row.id: row.state for row in found}


def change(example: Example, id: str, **values: object) -> None:
    with example.line.ledger.work("test", example.line.now_ms()) as work:
        work.connection.execute(update(piece_table).where(piece_table.c.id == id).values(**values))


def test_the_pool_closes_at_its_cut_off_and_not_before(example: Example) -> None:
    example.letters(3)
    assert close_due_pools(at(example, "2026-11-26T13:59")) == {}
    (batch,) = close_due_pools(at(example, "2026-11-26T14:00"))
    assert len(numbers(example.line, batch)) == 3
    assert first_event(example.line, batch) == (
        "Annahmeschluss",
        "cut-off-time",
        "Annahmeschluss 26.11.2026 14:00 Uhr.",
    )
    assert close_due_pools(at(example, "2026-11-26T14:01")) == {}


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_the_machine_may_stand_in_any_zone(example: Example, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        example.letters(2)
        assert close_due_pools(at(example, "2026-11-26T13:59")) == {}
        (view,) = pool_views(example.line)
        assert (view.closes_at, view.posting_day) == ("2026-11-26T14:00:00+01:00", "2026-11-26")
        (batch,) = close_due_pools(at(example, "2026-11-26T14:00"))
        assert first_event(example.line, batch)[2] == "Annahmeschluss 26.11.2026 14:00 Uhr."
    finally:
        monkeypatch.undo()
        time.tzset()


def test_housekeeping_closes_pools_and_looks_seldom(example: Example) -> None:
    example.letters(2)
    housekeeping = Housekeeping(at(example, "2026-11-26T13:59:55"))
    housekeeping.look()
    at(example, "2026-11-26T14:00:01")
    housekeeping.look()  # six seconds later: too early for another look
    with example.line.ledger.reading() as read:
        assert read.batches() == []
    at(example, "2026-11-26T14:00:05")
    housekeeping.look()
    with example.line.ledger.reading() as read:
        assert len(read.batches()) == 1


def test_what_comes_after_the_cut_off_waits_and_a_weekend_has_none(example: Example) -> None:
    at(example, "2026-11-27T14:30")  # a Friday
    example.letters(2)
    assert close_due_pools(at(example, "2026-11-29T23:00")) == {}
    assert len(close_due_pools(at(example, "2026-11-30T14:00"))) == 1


def test_a_count_closes_only_the_pool_that_is_full(example: Example) -> None:
    set_up(example, CutOffRules(max_pieces=3))
    full = example.letters(3)
    few = example.letters(2, "schwerin")
    for n in (1, 2):
        change(example, piece_id(few.id, n), kept_apart="schwerin")
    (batch,) = close_due_pools(example.line)
    assert {id.partition("-")[0] for id in numbers(example.line, batch)} == {full.id}
    assert set(states(example.line, few.id).values()) == {"pooled"}


def test_a_letter_that_waiting_would_make_late_closes_its_pool_and_a_late_one_is_told(example: Example) -> None:
    at(example, "2026-11-26T14:30")
    stack = example.letters(2)
    change(example, piece_id(stack.id, 2), due="2026-11-26")
    (batch,) = close_due_pools(example.line)
    _, reason, detail = first_event(example.line, batch)
    assert reason == "cut-off-due" and "26.11.2026" in (detail or "")
    at(example, "2026-11-26T16:30")
    late = example.letters(2)
    change(example, piece_id(late.id, 1), due="2026-11-26")
    assert close_due_pools(example.line) == {}
    (view,) = pool_views(example.line)
    assert (view.due, view.late, view.posting_day) == ("2026-11-26", (piece_id(late.id, 1),), "2026-11-27")
    sign = next(sign for sign in overview(example.line).signs if sign.part == "pools")
    assert (sign.health, "nicht mehr rechtzeitig zur Post: neopost-1track/c65" in sign.detail) == ("warning", True)
    (batch,) = close_due_pools(at(example, "2026-11-27T14:00"))
    sign = next(sign for sign in overview(example.line).signs if sign.part == "pools")
    assert (sign.health, sign.detail) == ("ok", "0 Sammelkörbe offen")
    assert piece_id(late.id, 1) in (first_event(example.line, batch)[2] or "")
    with example.line.ledger.reading() as read:
        found = read.batch(batch)
    assert found is not None and found.due == "2026-11-26"


def test_the_urgent_pool_gets_the_first_number(example: Example) -> None:
    example.letters(2)
    urgent = example.letters(1, "schwerin")
    change(example, piece_id(urgent.id, 1), priority=5, confidentiality="confidential")
    first, second = close_due_pools(at(example, "2026-11-26T14:00"))
    assert numbers(example.line, first) == [piece_id(urgent.id, 1)]
    with example.line.ledger.reading() as read:
        batches = {batch.id: batch for batch in read.batches()}
    assert (batches[first].priority, batches[first].confidentiality) == (5, "confidential")
    assert (batches[second].priority, batches[second].confidentiality) == (0, "normal")


def test_letters_of_a_file_that_is_not_read_to_its_end_and_held_ones_stay(example: Example) -> None:
    half = example.letters(2, done=False)
    whole = example.letters(3, "schwerin")
    decide_piece(example.line, "hold", piece_id(whole.id, 2), BY)
    (batch,) = close_due_pools(at(example, "2026-11-26T14:00"))
    assert numbers(example.line, batch) == [piece_id(whole.id, 1), piece_id(whole.id, 3)]
    assert set(states(example.line, half.id).values()) == {"pooled"}


def test_of_many_who_look_at_once_one_closes_the_pool(example: Example) -> None:
    example.letters(40)
    at(example, "2026-11-26T14:00")
    found: list[dict[str, Closing]] = []
    threads = [threading.Thread(target=lambda: found.append(close_due_pools(example.line))) for _ in range(4)]
    threads += [
        threading.Thread(target=lambda: found.append(dict.fromkeys(assemble(example.line, "x"), Closing("hand", ""))))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = [batch for each in found for batch in each]
    assert len(found) == len(threads) and len(made) == 1
    assert len(numbers(example.line, made[0])) == 40


def test_a_letter_is_held_freed_and_pulled_and_each_step_is_on_record(example: Example) -> None:
    stack = example.letters(3)
    id = piece_id(stack.id, 2)
    for step, there, reason in (("hold", "held", "hold-by-operator"), ("free", "pooled", "freed-by-operator")):
        decide_piece(example.line, step, id, BY)  # type: ignore[arg-type]
        with example.line.ledger.reading() as read:
            last = read.events(Unit(Kind.PIECE, id))[-1]
        assert (last.after, last.who, last.reason, last.detail) == (there, BY.who, reason, BY.reason)
    decide_piece(example.line, "pull", id, BY)
    with pytest.raises(IllegalMove, match="kann nicht herausgenommen werden"):
        decide_piece(example.line, "pull", id, BY)
    with pytest.raises(IllegalMove, match="kann nicht freigegeben werden"):
        decide_piece(example.line, "free", piece_id(stack.id, 1), BY)
    with pytest.raises(Permanent, match="gibt es nicht"):
        decide_piece(example.line, "hold", "i0000001-p999999", BY)


def test_a_pulled_letter_is_told_in_the_next_manifest_and_counts_once(example: Example) -> None:
    stack = example.letters(3)
    decide_piece(example.line, "pull", piece_id(stack.id, 2), BY)
    (batch,) = assemble(example.line, "x")
    assert numbers(example.line, batch) == [piece_id(stack.id, 1), piece_id(stack.id, 3)]
    with example.line.ledger.reading() as read:
        (told,) = read.exceptions(batch=batch)
    assert (told.code, told.detail, told.source_page) == ("pulled-by-operator", BY.reason, 2)
    pages = next(promise for promise in audit(example.line) if promise.name.startswith("pages in"))
    assert pages.kept and pages.checked == 1


def test_a_letter_in_a_batch_is_not_pulled_any_more(example: Example) -> None:
    stack = example.letters(1)
    (batch,) = assemble(example.line, "x")
    for step in ("hold", "pull"):
        with pytest.raises(IllegalMove, match=f"Sie liegt schon in Druckauftrag {batch}"):
            decide_piece(example.line, step, piece_id(stack.id, 1), BY)  # type: ignore[arg-type]
    cancel_batch(example.line, batch, BY)
    decide_piece(example.line, "pull", piece_id(stack.id, 1), BY)
    assert states(example.line, stack.id) == {piece_id(stack.id, 1): "pulled"}


def test_a_whole_file_is_held_and_freed(example: Example) -> None:
    stack = example.letters(4)
    decide_piece(example.line, "pull", piece_id(stack.id, 4), BY)
    assert decide_file(example.line, "hold", stack.id, BY) == 3
    with example.line.ledger.reading() as read:
        assert [each.id for each in pieces_in_state(example.line, read, "held", stack.id, 2)] == [
            piece_id(stack.id, n) for n in (1, 2)
        ]
    assert assemble(example.line, "x") == []
    assert decide_file(example.line, "free", stack.id, BY) == 3
    with pytest.raises(IllegalMove, match="hat keine Sendung, die freigegeben werden kann"):
        decide_file(example.line, "free", stack.id, BY)
    with pytest.raises(Permanent, match="gibt es nicht"):
        decide_file(example.line, "hold", "i9999999", BY)


def test_a_cancelled_batch_gives_its_letters_back_to_the_same_pool_once(example: Example) -> None:
    stack = example.letters(3)
    (batch,) = close_due_pools(at(example, "2026-11-26T14:00"))
    cancel_batch(at(example, "2026-11-26T15:00"), batch, BY)
    assert close_due_pools(example.line) == {}  # they wait for the next cut-off, or somebody closes the pool
    (again,) = assemble(example.line, "x")
    assert numbers(example.line, again) == [piece_id(stack.id, n) for n in (1, 2, 3)]
    assert numbers(example.line, batch) == []


def test_only_the_pools_of_a_machine(example: Example) -> None:
    example.letters(2)
    assert assemble(example.line, "x", "datamatrix") == []
    assert len(assemble(example.line, "x", MACHINE)) == 1
    with pytest.raises(Permanent, match="not set up"):
        assemble(example.line, "x", "hovercraft")


def test_a_look_at_a_hundred_thousand_letters_reads_sums_and_no_rows(example: Example) -> None:
    stack = example.letters(1)
    template = piece_row(example.piece(stack, 1))
    stamp = {"state": "pooled", "attempts": 0, "losses": 0, "version": 0, "due_ms": 0, "hinted_ms": 0}
    now = example.line.now_ms()
    stamp |= {"created_ms": now, "changed_ms": now}
    rows = [{**template, **stamp, "id": piece_id(stack.id, n), "ordinal": n} for n in range(2, 100_001)]
    with example.line.ledger.engine.begin() as connection:
        for start in range(0, len(rows), 5000):
            connection.execute(insert(piece_table), rows[start : start + 5000])
    fetched: list[int] = []
    with example.line.ledger.engine.connect() as connection:
        engine = connection.engine

    def count(_connection: object, cursor: object, *_: object) -> None:
        fetched.append(1)

    event.listen(engine, "after_cursor_execute", count)
    began = datetime.now().astimezone()
    (view,) = pool_views(example.line)
    assert close_due_pools(example.line) == {}
    took_s = (datetime.now().astimezone() - began).total_seconds()
    event.remove(engine, "after_cursor_execute", count)
    assert view.pieces == 100_000
    assert len(fetched) <= 7, "statements"
    assert took_s < 5
