"""One suite for the ledger; SQLite and PostgreSQL both have to pass it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from pipeline.adapters.ledger import Ledger, open_ledger
from pipeline.adapters.ledger.records import IntakeRecord, Lease, NewIntake, plan_row
from pipeline.adapters.ledger.schema import TABLES, metadata
from pipeline.adapters.ledger.store import MAX_FAILURES, MAX_LOSSES
from pipeline.domain.errors import IllegalMove, StaleLease
from pipeline.domain.pieces import Piece
from pipeline.domain.separation import DocumentPlan, Doubt, DroppedPage
from pipeline.domain.states import Kind, Unit

pytestmark = pytest.mark.contract


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    else:
        url = request.getfixturevalue("postgres_url")
    opened = open_ledger(url)
    yield opened
    opened.close()


def take(ledger: Ledger, token: str = "t1", sha256: str = "ab" * 32, direction: str = "incoming") -> IntakeRecord:
    new = NewIntake(token, "parchim", "post", direction, "file", "Brief ä.pdf", b"Brief \xe4.pdf", sha256, 5, 10, False)
    return ledger.register_intake(new, "door", 1000)


def leased(ledger: Ledger, unit: Unit, now_ms: int = 2000, owner: str = "me") -> Lease:
    lease = ledger.lease(unit, owner, now_ms, now_ms + 1000)
    assert lease is not None
    return lease


def slice_row(intake: str, ordinal: int) -> dict[str, object]:
    id = f"{intake}-s{ordinal}"
    place = {"intake": intake, "task": "recognise", "ordinal": ordinal}
    return {"id": id, **place, "first_page": ordinal, "last_page": ordinal}


def document_row(intake: str) -> dict[str, object]:
    place = {"intake": intake, "municipality": "parchim", "profile": "post", "ordinal": 1}
    return {"id": f"{intake}-d1", **place, "first_page": 1, "last_page": 2, "facts": "{}"}


def piece(intake: IntakeRecord, ordinal: int) -> Piece:
    return Piece(
        id=f"{intake.id}-p{ordinal}", intake=intake.id, arrival=(intake.number, ordinal), file=intake.file,
        municipality="parchim", cost_centre="1", reference="", slice_id=f"{intake.id}-s1", slice_first_page=ordinal,
        source_first_page=ordinal, source_last_page=ordinal, pages=1, sheets=1, plex="simplex", form="B",
        machine="m", envelope="c65", paper="p", enclosures=(1, 3), weight_mg=1, product="standard", postage_cent=95,
        country="DE", postcode="01067",
    )  # fmt: skip


def test_migrations_give_the_schema_that_the_code_describes(ledger: Ledger) -> None:
    with ledger.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert differences == []


def test_opening_twice_changes_nothing(ledger: Ledger) -> None:
    url = ledger.engine.url.render_as_string(hide_password=False)
    intake = take(ledger)
    again = open_ledger(url)
    with again.reading() as read:
        assert read.intake(intake.id) == intake
    again.close()


def test_a_claim_is_recorded_once_however_often_it_is_told(ledger: Ledger) -> None:
    assert take(ledger).id == take(ledger).id == "i0000001"
    with ledger.reading() as read:
        assert [each.id for each in read.intakes()] == ["i0000001"]
        assert read.intakes()[0].file_raw == b"Brief \xe4.pdf"


def test_the_same_content_again_is_flagged_and_kept(ledger: Ledger) -> None:
    first, second = take(ledger, "t1"), take(ledger, "t2")
    assert (first.duplicate_of, second.duplicate_of) == (None, first.id)
    with ledger.reading() as read:
        assert [event.reason for event in read.events(second.unit)] == [None, "duplicate"]


def test_a_move_writes_its_event_and_ends_the_lease(ledger: Ledger) -> None:
    intake = take(ledger)
    lease = leased(ledger, intake.unit)
    with ledger.outcome(lease, 2500) as work:
        work.move(intake.unit, "planned", reason="why", detail="because", pages=2)
    with ledger.reading() as read:
        after = read.intake(intake.id)
        event = read.events(intake.unit)[-1]
    assert after is not None
    assert (after.state, after.lease_owner, after.attempts, after.pages) == ("planned", None, 0, 2)
    assert (event.before, event.after, event.who, event.at_ms) == ("received", "planned", "me", 2500)
    assert (event.reason, event.detail) == ("why", "because")


def test_an_illegal_move_changes_nothing(ledger: Ledger) -> None:
    intake = take(ledger)
    with pytest.raises(IllegalMove, match="received"), ledger.work("me", 1) as work:
        work.change(intake.unit, pages=7)
        work.move(intake.unit, "done")
    with ledger.reading() as read:
        assert read.intake(intake.id) == intake


def test_a_unit_is_leased_to_one_at_a_time(ledger: Ledger) -> None:
    intake = take(ledger)
    leased(ledger, intake.unit, 2000)
    assert ledger.lease(intake.unit, "other", 2999, 9000) is None
    assert leased(ledger, intake.unit, 3000, "other").owner == "other"


def test_of_many_who_reach_for_a_lease_one_gets_it(ledger: Ledger) -> None:
    intake = take(ledger)
    got: list[Lease] = []
    start = threading.Barrier(8)

    def reach(n: int) -> None:
        start.wait()
        lease = ledger.lease(intake.unit, f"worker {n}", 2000, 3000)
        if lease is not None:
            got.append(lease)

    threads = [threading.Thread(target=reach, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1


def test_who_lost_a_lease_can_record_nothing(ledger: Ledger) -> None:
    intake = take(ledger)
    late = leased(ledger, intake.unit, 2000)
    leased(ledger, intake.unit, 3000, "other")
    with pytest.raises(StaleLease), ledger.outcome(late, 3100) as work:
        work.move(intake.unit, "planned")
    assert not ledger.extend(late, 9999)
    with ledger.reading() as read:
        assert read.state_of(intake.unit) == "received"


def test_failures_are_counted_before_the_work_and_end_with_a_person(ledger: Ledger) -> None:
    intake = take(ledger)
    for attempt in range(1, MAX_FAILURES + 1):
        lease = leased(ledger, intake.unit, 2000 * attempt)
        assert lease.attempts == attempt
        state = ledger.fail(lease, "share-away", "gone", 2000 * attempt, 2000 * attempt + 500)
        assert ledger.lease(intake.unit, "me", 2000 * attempt + 100, 9999) is None
    assert state == "waiting"
    with ledger.reading() as read:
        assert read.due(10**12) == []
        assert read.unfinished() == 0
        waiting = read.intake(intake.id)
    assert waiting is not None
    assert (waiting.reason, waiting.detail) == ("share-away", "gone")


def test_a_vanished_worker_does_not_use_up_the_attempts(ledger: Ledger) -> None:
    intake = take(ledger)
    now_ms = 0
    for _ in range(MAX_LOSSES):
        now_ms += 5000
        assert leased(ledger, intake.unit, now_ms).attempts == 1
    assert ledger.lease(intake.unit, "me", now_ms + 5000, now_ms + 6000) is None
    with ledger.reading() as read:
        lost = read.intake(intake.id)
    assert lost is not None
    assert (lost.state, lost.reason) == ("waiting", "lost-too-often")


def test_a_lease_that_is_given_back_was_no_attempt(ledger: Ledger) -> None:
    intake = take(ledger)
    for now_ms in range(2000, 20_000, 1000):
        ledger.give_back(leased(ledger, intake.unit, now_ms))
    assert leased(ledger, intake.unit, 30_000).attempts == 1


def test_leases_of_a_dead_owner_run_out_at_once(ledger: Ledger) -> None:
    intake = take(ledger)
    leased(ledger, intake.unit, 2000, "dead")
    with ledger.reading() as read:
        assert read.lease_owners() == {"dead"}
        assert read.due(2100) == []
    ledger.free_leases_of("dead", 2100)
    assert leased(ledger, intake.unit, 2100, "other").owner == "other"


def test_a_document_is_due_when_its_slices_are_done_and_its_intake_after_that(ledger: Ledger) -> None:
    intake = take(ledger)
    document = Unit(Kind.DOCUMENT, f"{intake.id}-d1")
    with ledger.work("me", 1) as work:
        work.add(Kind.DOCUMENT, [document_row(intake.id)])
        work.add(Kind.SLICE, [slice_row(intake.id, 1), slice_row(intake.id, 2)])
        work.move(intake.unit, "planned", pages=2)
    parts = [Unit(Kind.SLICE, f"{intake.id}-s{n}") for n in (1, 2)]

    def due() -> list[Unit]:
        with ledger.reading() as read:
            return read.due(10**6)

    assert due() == parts
    with ledger.work("me", 1) as work:
        work.move(parts[0], "done")
    assert due() == [parts[1]]
    with ledger.work("me", 1) as work:
        work.move(parts[1], "done")
    assert due() == [document]
    with ledger.work("me", 1) as work:
        work.move(document, "delivered")
    assert due() == [intake.unit]


def test_what_waits_for_its_parts_is_leased_to_nobody(ledger: Ledger) -> None:
    """A hint may come late or twice: it must not make a document of half its slices, nor close an open intake."""
    intake = take(ledger)
    document = Unit(Kind.DOCUMENT, f"{intake.id}-d1")
    part = Unit(Kind.SLICE, f"{intake.id}-s1")
    with ledger.work("me", 1) as work:
        work.add(Kind.DOCUMENT, [document_row(intake.id)])
        work.add(Kind.SLICE, [slice_row(intake.id, 1)])
        work.move(intake.unit, "planned", pages=2)
    assert ledger.lease(intake.unit, "me", 2000, 3000) is None
    assert ledger.lease(document, "me", 2000, 3000) is None
    with ledger.work("me", 1) as work:
        work.move(part, "done")
    assert ledger.lease(intake.unit, "me", 2000, 3000) is None
    assert ledger.lease(document, "me", 2000, 3000) is not None


def test_hints_are_remembered(ledger: Ledger) -> None:
    intake = take(ledger)
    with ledger.reading() as read:
        assert read.due(5000, hinted_before_ms=0) == [intake.unit]
    ledger.hinted([intake.unit], 5000)
    with ledger.reading() as read:
        assert read.due(6000, hinted_before_ms=0) == []
        assert read.due(6000, hinted_before_ms=5000) == [intake.unit]
        assert read.due(6000) == [intake.unit]


def test_pieces_keep_their_values_and_get_their_places(ledger: Ledger) -> None:
    from pipeline.domain.pieces import PlacedPiece

    intake = take(ledger, direction="outgoing")
    pieces = [piece(intake, n) for n in range(1, 1203)]
    with ledger.work("me", 1) as work:
        work.add(Kind.SLICE, [slice_row(intake.id, 1)])
        work.add_pieces(pieces)
        work.move(intake.unit, "planned", pages=1202)
    with ledger.reading() as read:
        assert list(read.pieces(intake=intake.id)) == pieces
        assert list(read.pool()) == []  # its file is not read to the end yet
    with ledger.work("me", 1) as work:
        work.move(intake.unit, "done")
        assert list(work.read.pool()) == pieces
        number, batch = work.next_batch_id()
        sums = {"pieces": 1, "sheets": 1, "pages": 1, "weight_mg": 1, "postage_cent": 1, "facts": "{}"}
        kind = {"machine": "m", "envelope": "c65", "form": "B", "paper": "p", "plex": "simplex"}
        work.add(Kind.BATCH, [{"id": batch, "number": number, "profile_sha256": "x", **kind, **sums}])
        placed = [PlacedPiece(each, n, 1 + n // 700, n, n) for n, each in enumerate(reversed(pieces), 1)]
        work.place(placed, batch)
    with ledger.reading() as read:
        assert list(read.placed("b0000001")) == placed
        assert list(read.placed("b0000001", volume=2)) == [each for each in placed if each.volume == 2]
        assert list(read.pool()) == []


def test_numbers_are_never_given_twice(ledger: Ledger) -> None:
    got: list[str] = []

    def register(n: int) -> None:
        got.extend(take(ledger, f"t{n}-{m}").id for m in range(5))

    threads = [threading.Thread(target=register, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [f"i{n:07d}" for n in range(1, 21)]


def test_every_kind_has_a_table_and_every_table_the_work_columns() -> None:
    assert set(TABLES) == set(Kind)
    for table in TABLES.values():
        assert {"id", "state", "lease_owner", "lease_until_ms", "version", "attempts"} <= set(table.c.keys())


def test_signs_of_life_and_counts(ledger: Ledger) -> None:
    take(ledger)
    ledger.sign_of_life("worker 1", "worker", 5)
    ledger.sign_of_life("worker 1", "worker", 7, "2")
    with ledger.reading() as read:
        assert [(sign.at_ms, sign.detail) for sign in read.signs_of_life()] == [(7, "2")]
        assert read.counts(Kind.INTAKE) == {("parchim", "received"): 1}
        assert read.counts(Kind.BATCH) == {}
        assert read.last_event() == 1


def test_a_document_waits_for_the_slices_that_hold_its_pages_only(ledger: Ledger) -> None:
    intake = take(ledger)
    first, second = Unit(Kind.DOCUMENT, f"{intake.id}-d1"), Unit(Kind.DOCUMENT, f"{intake.id}-d2")
    with ledger.work("me", 1) as work:
        work.add(Kind.DOCUMENT, [document_row(intake.id)])
        work.add(Kind.DOCUMENT, [{**document_row(intake.id), "id": second.id, "first_page": 3, "last_page": 4}])
        work.add(Kind.SLICE, [slice_row(intake.id, n) for n in (1, 2, 3, 4)])
        work.move_all(Kind.SLICE, [f"{intake.id}-s{n}" for n in (1, 2, 3)], "done")
    with ledger.reading() as read:
        assert [unit.id for unit in read.due(9000) if unit.kind is Kind.DOCUMENT] == [first.id]


def test_a_stack_in_doubt_is_not_packed_before_a_person_decided(ledger: Ledger) -> None:
    intake = take(ledger)
    doubtful, other = f"{intake.id}-d1", f"{intake.id}-d2"

    def due() -> list[str]:
        with ledger.reading() as read:
            return [unit.id for unit in read.due(9000) if unit.kind is Kind.DOCUMENT]

    with ledger.work("me", 1) as work:
        work.add(Kind.DOCUMENT, [document_row(intake.id)])
        work.add(Kind.DOCUMENT, [{**document_row(intake.id), "id": other, "first_page": 3, "last_page": 4}])
        work.move(Unit(Kind.DOCUMENT, doubtful), "review", reason="separator-doubt")
    assert due() == []
    with ledger.work("me", 1) as work:
        work.move(Unit(Kind.DOCUMENT, doubtful), "accepted")
    assert due() == [doubtful, other]
    with ledger.work("me", 1) as work:
        work.move(Unit(Kind.DOCUMENT, doubtful), "review", reason="low-confidence")
    assert due() == [other]


def test_a_plan_comes_back_as_it_was_written(ledger: Ledger) -> None:
    intake = take(ledger)
    doubt = Doubt("sheet-count", 3, "Seite 3: Ein Blatt fehlt.")
    plan = DocumentPlan(3, 6, (DroppedPage(3, "separator", 0.25),), {"reference": "AZ „1“"}, (doubt,), 2)
    with ledger.work("me", 1) as work:
        work.add(Kind.DOCUMENT, [{**document_row(intake.id), **plan_row(plan)}])
    with ledger.reading() as read:
        (document,) = read.documents(intake=intake.id)
    assert document.planned == plan
    assert document.review_codes == ("sheet-count",)
    assert document.accepted_codes == frozenset()
    with ledger.work("me", 1) as work:
        work.change(document.unit, plan=document.accepting(["sheet-count"]))
    with ledger.reading() as read:
        (again,) = read.documents(intake=intake.id)
    assert (again.planned, again.accepted_codes) == (plan, frozenset({"sheet-count"}))
