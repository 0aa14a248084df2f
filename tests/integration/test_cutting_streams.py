"""A stream is cut once, whatever moment a worker dies at; a failed look sends it back; slices get their own rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from pipeline.adapters.ledger.cuts import left_out_of, left_out_pages, letters, letters_between, write_cut
from pipeline.adapters.ledger.records import IntakeRecord, NewIntake
from pipeline.domain.errors import ConfinedFailure, Rejected
from pipeline.domain.letter_orders import LetterOrders
from pipeline.domain.page_sights import PageSight
from pipeline.domain.pages import ControlLine, LetterRange, LetterReading, SourceFacts
from pipeline.domain.split_rules import SplitRules
from pipeline.domain.splitting import Cut, CutLetter
from pipeline.domain.states import Kind, Unit
from pipeline.services import splitting
from pipeline.services.ports import Line
from tests.line_examples import START_MS, Example
from workers.performing import Performer

pytestmark = pytest.mark.integration

PAGES = 900
# Of every letter: two pages and a blank one behind it.
SIGHTS = [PageSight(page, blank=page % 3 == 0) for page in range(1, PAGES + 1)]


class FakeLetters:
    """Letter tools that see what a test says; `read` refuses every letter, so that nothing needs a real page."""

    def __init__(self, sights: Sequence[PageSight]) -> None:
        self.seen = list(sights)
        self.looked: list[tuple[int, int]] = []
        self.read_ranges: list[Any] = []
        self.trouble: Exception | None = None

    def inspect(self, source: Path, rules: Any) -> SourceFacts:
        return SourceFacts("pdf", len(self.seen))

    def look(self, source: Path, first_page: int, last_page: int, out: Path, rules: Any) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.looked.append((first_page, last_page))
        (out / "sights").write_text(f"{first_page} {last_page}")

    def sights(self, folders: Sequence[Path]) -> Iterator[PageSight]:
        for folder in folders:
            first, last = (int(word) for word in (folder / "sights").read_text().split())
            yield from self.seen[first - 1 : last]

    def read(
        self, source: Path, ranges: Any, rules: Any, zones: Any, plex: Any, out_pdf: Path, looks: Any
    ) -> list[LetterReading]:
        self.read_ranges += ranges
        out_pdf.write_bytes(b"")
        return [LetterReading(each, 1, None, None, "address-not-found", "Nichts.", each.first_page) for each in ranges]

    def extract(self, letters_pdf: Path, first_page: int, pages: int, out_pdf: Path) -> None:
        out_pdf.write_bytes(b"")


@pytest.fixture
def line(tmp_path: Path) -> Line:
    """A line whose job `notices` cuts at blank pages, ten letters a slice."""
    line = Example(tmp_path).line
    job = line.profiles.jobs["notices"]
    assert job.outgoing is not None
    rules = replace(job.outgoing, split=SplitRules("blank"), slice_letters=10)
    jobs = {**line.profiles.jobs, "notices": replace(job, outgoing=rules)}
    tools: Any = FakeLetters(SIGHTS)
    return replace(line, profiles=replace(line.profiles, jobs=jobs), letters=tools)


def dropped(line: Line) -> IntakeRecord:
    folder = line.spool.claim_folder("t1")
    folder.mkdir(parents=True)
    (folder / "original").write_bytes(b"%PDF")
    new = NewIntake("t1", "parchim", "notices", "outgoing", "file", "a.pdf", b"a.pdf", "ab" * 32, 4, START_MS, False)
    return line.ledger.register_intake(new, "door", line.now_ms())


def tools_of(line: Line) -> FakeLetters:
    tools: Any = line.letters
    return tools  # type: ignore[no-any-return]


def work(line: Line, most: int = 1000) -> None:
    """Do what is due until nothing is."""
    performer = Performer(line, "worker", 60.0)
    for _ in range(most):
        with line.ledger.reading() as read:
            due = read.due(line.now_ms() + 10**9)
        if not due:
            return
        for unit in due:
            performer.perform(unit)
    raise AssertionError("never done")


def test_control_lines_that_were_seen_come_back_with_their_letters(line: Line) -> None:
    intake = dropped(line)
    seen = (ControlLine(0, "a" * 32), ControlLine(2, "b" * 32))
    cut = Cut(
        5,
        (
            CutLetter(LetterRange(1, 1, 3, control_lines=seen)),
            CutLetter(LetterRange(2, 4, 4, control_lines=())),
            CutLetter(LetterRange(3, 5, 5), LetterOrders("Az 1")),
        ),
    )
    with line.ledger.work("test", line.now_ms()) as task:
        write_cut(task.connection, intake.id, cut)
    with line.ledger.reading() as read:
        assert tuple(letters_between(read.connection, intake.id, 1, 5)) == cut.letters


def rows(line: Line) -> tuple[int, int]:
    with line.ledger.reading() as read:
        counts = [
            read.connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (letters, left_out_pages)
        ]
    return counts[0], counts[1]


def test_a_stream_is_looked_at_in_slices_and_each_letter_is_read_once(line: Line) -> None:
    intake = dropped(line)
    work(line)
    tools = tools_of(line)
    assert [last - first + 1 for first, last in sorted(tools.looked)] == [225, 225, 225, 225]
    assert rows(line) == (300, 300)
    read = sorted((each.first_page, each.last_page, each.ordinal) for each in tools.read_ranges)
    assert read == [(3 * n + 1, 3 * n + 2, n + 1) for n in range(300)]
    with line.ledger.reading() as queries:
        (done,) = queries.intakes()
        parts = [part for part in queries.slices(intake=intake.id) if part.task == "read-letters"]
        mine = letters_between(queries.connection, intake.id, parts[1].first_page, parts[1].last_page)
        assert [each.page for each in left_out_of(queries.connection, intake.id)] == list(range(3, PAGES + 1, 3))
    assert len(parts) == 30 and len(mine) == 10 and mine[0].range.first_page == parts[1].first_page
    assert (done.state, done.reason) == ("rejected", "whole-file-returned"), "the fake refuses each letter"


def test_a_worker_that_dies_while_cutting_leaves_nothing_and_the_next_one_cuts(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = dropped(line)
    kept = splitting._letter_slices

    def dies(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(splitting, "_letter_slices", dies)
    with pytest.raises(KeyboardInterrupt):
        work(line)
    assert rows(line) == (0, 0)
    with line.ledger.reading() as read:
        assert {part.task for part in read.slices(intake=intake.id)} == {"look"}
    monkeypatch.setattr(splitting, "_letter_slices", kept)
    line.ledger.free_leases_of("worker", line.now_ms())
    work(line)
    assert rows(line) == (300, 300)
    assert len(tools_of(line).read_ranges) == 300


def test_one_that_lost_its_lease_cuts_nothing_twice(line: Line) -> None:
    intake = dropped(line)
    unit = Unit(Kind.INTAKE, intake.id)
    performer = Performer(line, "worker", 60.0)
    performer.perform(unit)
    with line.ledger.reading() as read:
        looks = [Unit(Kind.SLICE, part.id) for part in read.slices(intake=intake.id)]
    for each in looks:
        performer.perform(each)
    now = line.now_ms()
    old = line.ledger.lease(unit, "slow", now, now)
    assert old is not None
    performer.perform(unit)
    assert rows(line) == (300, 300)
    with line.ledger.reading() as read:
        found = read.intake(intake.id)
    assert found is not None
    job = line.profiles.jobs["notices"].outgoing
    assert job is not None
    with pytest.raises(Exception, match="taken over"):
        splitting.split_stream(line, old, found, job)
    assert rows(line) == (300, 300)


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (Rejected("pdf-damaged", "Kaputt."), "pdf-damaged"),
        (ConfinedFailure("child-crash", "gone"), "processing-failed"),
    ],
)
def test_a_look_that_fails_sends_the_whole_stream_back(line: Line, trouble: Exception, code: str) -> None:
    dropped(line)
    tools_of(line).trouble = trouble
    work(line)
    with line.ledger.reading() as read:
        (intake,) = read.intakes()
        assert {part.state for part in read.slices(intake=intake.id)} == {"dropped"}
    assert (intake.state, intake.reason) == ("rejected", code)
    assert rows(line) == (0, 0) and tools_of(line).read_ranges == []


def test_a_doubt_sends_it_back_before_anything_is_read(line: Line) -> None:
    dropped(line)
    tools_of(line).seen[449] = PageSight(450, doubt="So nicht.")
    work(line)
    with line.ledger.reading() as read:
        (intake,) = read.intakes()
        (told,) = read.exceptions(intake=intake.id)
    assert (intake.state, intake.reason, told.source_page) == ("rejected", "split-doubt", 450)
    assert rows(line) == (0, 0) and tools_of(line).read_ranges == []
