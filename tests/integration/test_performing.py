"""Steps that fail: with tools that crash, hang, refuse or talk nonsense, nothing is lost and the reason is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.ledger import open_ledger
from pipeline.adapters.ledger.records import IntakeRecord, NewIntake
from pipeline.adapters.papers.batch_folder import PaperFiles
from pipeline.adapters.profile_files import load_profiles
from pipeline.adapters.spool import Spool
from pipeline.domain.errors import ConfinedFailure, Permanent, PoststrasseError, Rejected, Temporary
from pipeline.domain.pages import SourceFacts
from pipeline.domain.states import Kind, Unit
from pipeline.services.ports import Line
from workers.performing import Performer
from workers.queueing import Queue
from workers.sweeping import Sweeper

pytestmark = pytest.mark.integration

PROFILES = Path(__file__).resolve().parents[2] / "profiles"


@dataclass
class Clock:
    ms: int = 1_000_000

    def __call__(self) -> int:
        return self.ms


@dataclass
class FakeScans:
    """A recogniser that does what a test says."""

    behaviour: Callable[[], None] = lambda: None
    calls: list[str] = field(default_factory=list)

    def inspect(self, source: Path, rules: Any) -> SourceFacts:
        self.calls.append("inspect")
        self.behaviour()
        return SourceFacts("pdf", 3)

    def recognise(self, *arguments: Any) -> None:
        self.calls.append("recognise")
        self.behaviour()

    look = recognise

    def package(self, *arguments: Any) -> Any:
        raise AssertionError("not reached")

    verify = published = package


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    profiles = load_profiles(PROFILES)
    spool = Spool(tmp_path / "root")
    spool.prepare(profiles)
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    tools: Any = FakeScans()
    yield Line(ledger, spool, profiles, tools, tools, tools, PaperFiles(), Clock(), "Druckzentrum")
    ledger.close()


def take(
    line: Line, content: bytes = b"%PDF-1.7 ...", municipality: str = "parchim", job: str = "post"
) -> IntakeRecord:
    token = f"t{len(list(line.spool.claims.iterdir()))}"
    folder = line.spool.claim_folder(token)
    folder.mkdir()
    (folder / "original").write_bytes(content)
    new = NewIntake(token, municipality, job, "incoming", "file", "Brief.pdf", b"Brief.pdf", "ab" * 32, 12, 10, False)
    return line.ledger.register_intake(new, "door", 1000)


def behave(line: Line, error: PoststrasseError | Exception) -> None:
    def fail() -> None:
        raise error

    line.scans.behaviour = fail  # type: ignore[attr-defined]


def performed(line: Line, intake: IntakeRecord, times: int = 1) -> IntakeRecord:
    performer = Performer(line, "me", 60)
    for _ in range(times):
        performer.perform(intake.unit)
        line.now_ms.ms += 120_000  # type: ignore[attr-defined]
    with line.ledger.reading() as read:
        after = read.intake(intake.id)
    assert after is not None
    return after


def test_a_file_that_is_refused_goes_back_with_its_reason(line: Line) -> None:
    intake = take(line)
    behave(line, Rejected("pdf-damaged", "Das Ende der Datei fehlt."))
    after = performed(line, intake)
    folder = line.spool.outbox / "parchim" / "rejected" / intake.id
    told = json.loads((folder / "reason.json").read_text())
    assert (after.state, after.reason) == ("rejected", "pdf-damaged")
    assert (told["code"], told["detail"], told["file"]) == ("pdf-damaged", "Das Ende der Datei fehlt.", "Brief.pdf")
    assert (folder / "Brief.pdf").read_bytes() == b"%PDF-1.7 ..."
    assert "beschädigt" in (folder / "REASON.txt").read_text()


@pytest.mark.parametrize("code", ["child-crash", "child-memory", "child-timeout"])
def test_a_file_that_kills_its_child_is_tried_three_times_and_goes_back(line: Line, code: str) -> None:
    intake = take(line)
    behave(line, ConfinedFailure(code, "died"))
    assert performed(line, intake, 2).state == "received"
    after = performed(line, intake)
    assert (after.state, after.reason) == ("rejected", "processing-failed")
    assert (line.spool.outbox / "parchim" / "rejected" / intake.id / "Brief.pdf").is_file()


@pytest.mark.parametrize(("job", "documents"), [("post", []), ("invoices", ["rejected"])])
def test_a_slice_that_kills_its_child_sends_the_scan_back(line: Line, job: str, documents: list[str]) -> None:
    """The slices of the one job look for separators, those of the other recognise."""
    intake = take(line, job=job)
    performed(line, intake)
    with line.ledger.reading() as read:
        parts = [Unit(Kind.SLICE, part.id) for part in read.slices(intake=intake.id)]
    behave(line, ConfinedFailure("child-crash", "died"))
    performer = Performer(line, "me", 60)
    for _ in range(3):
        performer.perform(parts[0])
        line.now_ms.ms += 120_000  # type: ignore[attr-defined]
    with line.ledger.reading() as read:
        assert read.state_of(intake.unit) == "rejected"
        assert {part.state for part in read.slices(intake=intake.id)} == {"dropped"}
        assert [document.state for document in read.documents(intake=intake.id)] == documents
        assert read.unfinished() == 0


def test_trouble_that_may_pass_is_tried_again_later(line: Line) -> None:
    intake = take(line)
    behave(line, Temporary("share-away", "Die Freigabe ist nicht da."))
    performer = Performer(line, "me", 60)
    assert performer.perform(intake.unit)
    assert not performer.perform(intake.unit), "it is not due yet"
    line.now_ms.ms += 120_000  # type: ignore[attr-defined]
    line.scans.behaviour = lambda: None  # type: ignore[attr-defined]
    assert performed(line, intake).state == "planned"


def test_what_trying_again_cannot_mend_waits_for_a_person_at_once(line: Line) -> None:
    intake = take(line)
    behave(line, Permanent("profile-missing", "gone"))
    after = performed(line, intake)
    assert (after.state, after.reason) == ("waiting", "profile-missing")


def test_an_unexpected_error_is_counted_and_then_waits_for_a_person(line: Line) -> None:
    intake = take(line)
    behave(line, KeyError("oops"))
    assert performed(line, intake, 2).state == "received"
    after = performed(line, intake)
    assert (after.state, after.reason) == ("waiting", "internal-error")
    assert "oops" in (after.detail or "")


def test_asked_to_stop_the_unit_goes_back_uncounted(line: Line) -> None:
    intake = take(line)
    behave(line, ConfinedFailure("child-stopped", "asked to stop"))
    after = performed(line, intake, 9)
    assert (after.state, after.attempts, after.lease_owner) == ("received", 0, None)


def test_of_two_workers_at_one_unit_one_works(line: Line) -> None:
    intake = take(line)
    inside, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        inside.set()
        go_on.wait(10)

    line.scans.behaviour = wait  # type: ignore[attr-defined]
    first = threading.Thread(target=Performer(line, "one", 60).perform, args=(intake.unit,))
    first.start()
    assert inside.wait(10)
    assert not Performer(line, "two", 60).perform(intake.unit)
    go_on.set()
    first.join(10)
    assert line.scans.calls == ["inspect"]  # type: ignore[attr-defined]


def test_who_lost_the_lease_changes_nothing(line: Line) -> None:
    intake = take(line)

    def outlive_the_lease() -> None:
        line.now_ms.ms += 61_000  # type: ignore[attr-defined]
        line.scans.behaviour = lambda: None  # type: ignore[attr-defined]
        assert Performer(line, "two", 60).perform(intake.unit)

    line.scans.behaviour = outlive_the_lease  # type: ignore[attr-defined]
    Performer(line, "one", 60).perform(intake.unit)
    with line.ledger.reading() as read:
        planned = [event for event in read.events(intake.unit) if event.after == "planned"]
        assert [event.who for event in planned] == ["two"]
        assert len(read.slices(intake=intake.id)) == len({part.id for part in read.slices(intake=intake.id)})


def test_a_beating_heart_keeps_the_lease(line: Line) -> None:
    intake = take(line)
    performer = Performer(line, "one", 60)

    def work_long() -> None:
        for _ in range(5):
            line.now_ms.ms += 50_000  # type: ignore[attr-defined]
            performer.beat()
        assert not Performer(line, "two", 60).perform(intake.unit)

    line.scans.behaviour = work_long  # type: ignore[attr-defined]
    performer.perform(intake.unit)
    with line.ledger.reading() as read:
        assert read.state_of(intake.unit) == "planned"


@pytest.mark.parametrize(
    ("municipality", "job", "code"),
    [("nirgendwo", "post", "unknown-municipality"), ("parchim", "brieftauben", "unknown-profile")],
)
def test_a_folder_that_nobody_knows_is_a_refusal(line: Line, municipality: str, job: str, code: str) -> None:
    after = performed(line, take(line, municipality=municipality, job=job))
    assert (after.state, after.reason) == ("rejected", code)
    assert (line.spool.outbox / municipality / "rejected" / after.id / "reason.json").is_file()


def test_rejected_twice_by_a_crash_in_between_it_is_returned_once(line: Line) -> None:
    intake = take(line)
    behave(line, Rejected("pdf-damaged", "x"))
    broken = replace(line, ledger=_BreaksAtTheEnd(line.ledger))  # type: ignore[arg-type]
    Performer(broken, "one", 60).perform(intake.unit)
    assert (line.spool.outbox / "parchim" / "rejected" / intake.id).is_dir()
    line.now_ms.ms += 120_000  # type: ignore[attr-defined]
    assert performed(line, intake).state == "rejected"
    assert [path.name for path in (line.spool.outbox / "parchim" / "rejected").iterdir()] == [intake.id]


class _BreaksAtTheEnd:
    """A ledger that can't be reached when the outcome is to be recorded."""

    def __init__(self, ledger: Any) -> None:
        self._ledger = ledger

    def __getattr__(self, name: str) -> Any:
        if name in ("outcome", "fail"):
            raise Temporary("database-away", "gone")
        return getattr(self._ledger, name)


def test_a_hint_that_was_lost_in_this_process_is_given_again(line: Line) -> None:
    """Whatever the in-memory queue drops, for age or else, the sweeper says again once that queue is empty."""
    intake = take(line)
    queue = Queue("", None)
    sweeper = Sweeper(line, queue)
    assert sweeper.sweep() == 1
    assert sweeper.sweep() == 0, "it lies in the queue"
    queue.broker.flush_all()
    line.now_ms.ms += 60_000  # type: ignore[attr-defined]
    assert sweeper.sweep() == 1
    with line.ledger.reading() as read:
        assert read.due(line.now_ms()) == [intake.unit]
    queue.close()


def test_units_of_one_kind_are_worked_on_side_by_side(line: Line) -> None:
    """Two threads, two intakes: each waits for the other. A queue that hands out one at a time never lets them meet."""
    meeting = threading.Barrier(2, timeout=10)
    met: list[int] = []

    def wait() -> None:
        met.append(meeting.wait())

    tools: Any = FakeScans(wait)
    line = replace(line, scans=tools)
    take(line), take(line, b"%PDF-1.7 another")
    performer = Performer(line, "tester", 60)
    queue = Queue("", performer)
    queue.start(2)
    try:
        assert Sweeper(line, queue).sweep() == 2
        queue.broker.join("intakes", timeout=20_000)
    finally:
        queue.stop(10)
        queue.close()
    assert sorted(met) == [0, 1]
