"""A stack through the steps: looked at, cut in one transaction, recognised, packed; and rearranged by a person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.ledger import open_ledger
from pipeline.adapters.ledger.records import DocumentRecord, IntakeRecord, NewIntake
from pipeline.adapters.papers.batch_folder import PaperFiles
from pipeline.adapters.profile_files import load_profiles
from pipeline.adapters.spool import Spool
from pipeline.domain.errors import ConfinedFailure, IllegalMove, Rejected, StaleLease
from pipeline.domain.page_looks import CoverSheet, PageLook, Separator
from pipeline.domain.pages import SourceFacts
from pipeline.domain.papers import PackageRequest, PackageResult
from pipeline.domain.states import Unit
from pipeline.services.deciding import Decision, accept_document
from pipeline.services.ports import Line
from pipeline.services.rearranging import keep_page, leave_out_page, merge_documents, split_document
from pipeline.services.separating import separate
from workers.performing import Performer

pytestmark = pytest.mark.integration

PROFILES = Path(__file__).resolve().parents[2] / "profiles"
BY = Decision("Frau Beispiel", "Am Original geprüft")


@dataclass
class StackScans:
    """Sees what a test says: one sign a page, as in test_separation."""

    stack: str
    recognised: list[int] = field(default_factory=list)
    packed: dict[str, PackageRequest] = field(default_factory=dict)
    review: dict[str, tuple[str, ...]] = field(default_factory=dict)
    bad_page: int = 0
    names_page: bool = True
    dies: bool = False
    ratio: float = 0.01

    def inspect(self, _source: Path, _rules: Any) -> SourceFacts:
        return SourceFacts("tiff", len(self.stack))

    def look(self, _source: Path, _facts: Any, first: int, last: int, out: Path, _rules: Any) -> None:
        (out / f"looks-{first}-{last}").write_text(self.stack[first - 1 : last])

    def looks(self, folders: list[Path], pages: int) -> list[PageLook]:
        files = [path for folder in folders for path in folder.iterdir()]
        ordered = sorted(files, key=lambda path: int(path.name.split("-")[1]))
        seen = "".join(path.read_text() for path in ordered)
        assert len(seen) == pages
        return [self._look(number, sign) for number, sign in enumerate(seen, 1)]

    def _look(self, number: int, sign: str) -> PageLook:
        if sign in "T0":
            cover = CoverSheet("parchim", "post", None, {"reference": f"AZ {number}"}) if sign == "0" else None
            kind: Any = "cover-sheet" if cover else "patch-t"
            return PageLook(number, self.ratio, separator=Separator(kind, "", cover))
        doubt = "Ein Rahmen ohne lesbaren Code." if sign == "?" else None
        return PageLook(number, self.ratio, blank=sign == ".", doubt=doubt)

    def recognise(
        self, _source: Path, _facts: Any, first: int, last: int, out: Path, _rules: Any, leave_out: frozenset[int]
    ) -> None:
        pages = [page for page in range(first, last + 1) if page not in leave_out]
        if self.bad_page in pages:
            if self.dies:
                raise ConfinedFailure("child-crash", "the child process died")
            page = self.bad_page if self.names_page else None
            raise Rejected("image-damaged", "Das Seitenbild lässt sich nicht entpacken.", page=page)
        self.recognised += pages
        for page in pages:
            (out / f"{page}").touch()

    def package(self, request: PackageRequest, out: Path) -> PackageResult:
        there = {int(path.name) for folder in request.results for path in Path(folder).iterdir()}
        assert set(request.page_numbers) <= there
        self.packed[request.document] = request
        review = tuple(c for c in self.review.get(request.document, ()) if c not in request.accepted_codes)
        if not review:
            (out / "bag").mkdir()
            (out / "bag" / "document.json").write_text(json.dumps(list(request.page_numbers)))
        return PackageResult(review, "", len(request.page_numbers), len(request.dropped), 90, "ab" * 32, "2b")

    def verify(self, _package: Path) -> list[str]:
        return []

    def published(self, _package: Path) -> PackageResult:
        return PackageResult((), "", 1, 0, 90, "ab" * 32, "2b")


class Stack:
    """A line with one stack in it."""

    def __init__(self, root: Path, stack: str) -> None:
        profiles = load_profiles(PROFILES)
        spool = Spool(root / "root")
        spool.prepare(profiles)
        self.ms = 1_000_000
        self.scans = StackScans(stack)
        tools: Any = self.scans
        ledger = open_ledger(f"sqlite:///{root / 'ledger.sqlite3'}")
        self.line = Line(ledger, spool, profiles, tools, tools, tools, PaperFiles(), self.now, "Druckzentrum")
        self.performer = Performer(self.line, "me", 60)
        folder = spool.claim_folder("t1")
        folder.mkdir()
        (folder / "original").write_bytes(b"II*\0")
        raw = b"Stapel.tif"
        new = NewIntake(
            "t1", "parchim", "post", "incoming", "file", raw.decode(), raw, "ab" * 32, 4, 10, has_ticket=False
        )
        self.intake = ledger.register_intake(new, "door", 1)

    def now(self) -> int:
        self.ms += 1000
        return self.ms

    def run(self, steps: int = 10_000) -> None:
        """Do what is due, at most so many steps."""
        for _step in range(steps):
            due = self._due()
            if not due:
                return
            self.ms += 100_000
            self.performer.perform(due[0])

    def run_until_looked_at(self) -> None:
        """Do what is due until the stack is the next to be cut."""
        while self.intake_now().state == "received" or self._due() != [self.intake.unit]:
            self.run(1)

    def _due(self) -> list[Unit]:
        with self.line.ledger.reading() as read:
            return read.due(self.ms + 1_000_000)

    def documents(self) -> list[DocumentRecord]:
        with self.line.ledger.reading() as read:
            return read.documents(intake=self.intake.id)

    def states(self) -> dict[str, str]:
        return {document.id[-5:]: document.state for document in self.documents()}

    def intake_now(self) -> IntakeRecord:
        with self.line.ledger.reading() as read:
            found = read.intake(self.intake.id)
        assert found is not None
        return found


@pytest.fixture
def stacks(tmp_path: Path) -> Iterator[Any]:
    made: list[Stack] = []

    def make(stack: str) -> Stack:
        made.append(Stack(tmp_path / str(len(made)), stack))
        return made[-1]

    (tmp_path / "0").mkdir()
    (tmp_path / "1").mkdir()
    yield make
    for each in made:
        each.line.ledger.close()


def test_a_stack_becomes_documents_and_every_page_is_told(stacks: Any) -> None:
    stack = stacks("0.pp.Tp.p")
    stack.run()
    assert stack.states() == {"d0001": "delivered", "d0002": "delivered"}
    assert stack.intake_now().state == "done"
    first, second = (stack.scans.packed[document.id] for document in stack.documents())
    assert (first.page_numbers, second.page_numbers) == ((3, 4), (7, 9))
    assert [drop.source_page for drop in first.dropped + second.dropped] == [1, 2, 5, 6, 8]
    assert first.fields["reference"] == "AZ 1"
    assert sorted(stack.scans.recognised) == [3, 4, 7, 9]


def test_a_page_that_may_be_a_separator_stops_the_stack(stacks: Any) -> None:
    stack = stacks("TppTp?pTp")
    stack.run()
    assert stack.states() == {"d0001": "planned", "d0002": "review", "d0003": "planned"}
    assert list(stack.line.spool.archive.glob("*/*")) == []
    assert stack.intake_now().state == "planned"
    accept_document(stack.line, stack.documents()[1].id, BY)
    stack.run()
    assert set(stack.states().values()) == {"delivered"}
    request = stack.scans.packed[stack.documents()[1].id]
    assert (request.accepted_by, request.accepted_codes) == ("Frau Beispiel", frozenset({"separator-doubt"}))
    assert [(made.who, made.what) for made in request.decisions] == [("Frau Beispiel", "accepted")]


def test_what_was_accepted_before_it_was_read_does_not_cover_what_reading_finds(stacks: Any) -> None:
    stack = stacks("Tp?")
    stack.run_until_looked_at()
    stack.run(1)
    document = stack.documents()[0].id
    stack.scans.review[document] = ("low-confidence",)
    stack.run()
    accept_document(stack.line, document, BY)
    stack.run()
    assert stack.documents()[0].reason == "low-confidence"
    accept_document(stack.line, document, BY)
    stack.run()
    assert stack.states() == {"d0001": "delivered"}


def test_a_person_splits_a_doubtful_document(stacks: Any) -> None:
    stack = stacks("Tpp?pTp")
    stack.run()
    parts = split_document(stack.line, stack.documents()[0].id, 4, BY)
    assert [part[-5:] for part in parts] == ["d0003", "d0004"]
    stack.run()
    assert stack.states() == {"d0001": "replaced", "d0002": "delivered", "d0003": "delivered", "d0004": "delivered"}
    assert [stack.scans.packed[part].page_numbers for part in parts] == [(2, 3), (4, 5)]
    assert stack.intake_now().state == "done"
    decisions = stack.scans.packed[parts[0]].decisions
    assert [(made.who, made.what) for made in decisions] == [("Frau Beispiel", "split")]


def test_documents_that_were_joined_wait_for_a_person(stacks: Any) -> None:
    stack = stacks("TpTpTp?")
    stack.run()
    first, second, _third = (document.id for document in stack.documents())
    merged = merge_documents(stack.line, [first, second], BY)
    stack.run()
    found = {document.id: document for document in stack.documents()}
    assert (found[merged].state, found[merged].reason) == ("review", "rejoined")
    accept_document(stack.line, merged, BY)
    accept_document(stack.line, stack.documents()[2].id, BY)
    stack.run()
    assert stack.scans.packed[merged].page_numbers == (2, 4)
    assert stack.intake_now().state == "done"


@pytest.mark.parametrize("before", [1, 2, 5, 99])
def test_a_cut_outside_the_pages_is_refused(stacks: Any, before: int) -> None:
    stack = stacks("Tp?.Tp")
    stack.run()
    with pytest.raises(IllegalMove, match="nicht geteilt werden"):
        split_document(stack.line, stack.documents()[0].id, before, BY)


def test_only_neighbours_in_their_order_are_joined(stacks: Any) -> None:
    stack = stacks("TpTpTp?")
    stack.run()
    first, second, third = (document.id for document in stack.documents())
    for wrong in ([first, third], [second, first], [first]):
        with pytest.raises(IllegalMove):
            merge_documents(stack.line, wrong, BY)
    assert "replaced" not in stack.states().values()


def test_what_lies_in_the_archive_is_not_rearranged(stacks: Any) -> None:
    stack = stacks("TppTp")
    stack.run()
    first, second = (document.id for document in stack.documents())
    with pytest.raises(IllegalMove, match="kann nicht neu geordnet werden"):
        split_document(stack.line, first, 3, BY)
    with pytest.raises(IllegalMove, match="kann nicht neu geordnet werden"):
        merge_documents(stack.line, [first, second], BY)


def test_a_stack_of_separators_goes_back(stacks: Any) -> None:
    stack = stacks("T.T")
    stack.run()
    assert (stack.intake_now().state, stack.intake_now().reason) == ("rejected", "only-separators")
    assert (stack.line.spool.outbox / "parchim" / "rejected" / stack.intake.id / "Stapel.tif").is_file()


@pytest.mark.parametrize("named", [True, False])
def test_only_the_document_with_a_page_that_can_not_be_read_waits(stacks: Any, named: bool) -> None:
    stack = stacks("Tp" * 40 + "TpppTpp")
    stack.scans.bad_page, stack.scans.names_page = 83, named
    stack.run()
    states = stack.states()
    assert [name for name, state in states.items() if state != "delivered"] == ["d0041"]
    assert states["d0041"] == "review"
    assert stack.intake_now().state == "planned"
    waiting = next(each for each in stack.documents() if each.state == "review")
    assert (waiting.reason, "Seite 83: " in (waiting.detail or "")) == ("image-damaged", True)
    assert sorted(stack.scans.recognised) == [
        page for page, sign in enumerate(stack.scans.stack, 1) if sign == "p" and page != 83
    ]


def test_a_page_on_which_the_child_dies_is_found_by_halves(stacks: Any) -> None:
    stack = stacks("Tp" * 40)
    stack.scans.bad_page, stack.scans.dies = 10, True
    stack.run()
    assert {name for name, state in stack.states().items() if state != "delivered"} == {"d0005"}
    assert stack.documents()[4].reason == "processing-failed"


def test_a_page_that_was_left_out_is_taken_back(stacks: Any) -> None:
    stack = stacks("Tp.pTp?")
    stack.run()
    before = stack.documents()[0]
    with pytest.raises(IllegalMove, match="nicht weggelassen"):
        keep_page(stack.line, before.id, 2, BY)
    made = keep_page(stack.line, before.id, 3, BY)
    accept_document(stack.line, stack.documents()[1].id, BY)
    stack.run()
    assert stack.states() == {"d0001": "replaced", "d0002": "delivered", "d0003": "delivered"}
    request = stack.scans.packed[made]
    assert (request.page_numbers, [drop.source_page for drop in request.dropped]) == ((2, 3, 4), [1])
    assert 3 in stack.scans.recognised
    (told,) = request.decisions
    assert (told.who, told.what) == ("Frau Beispiel", "page-kept")
    assert told.reason == f"Seite 3: Am Original geprüft ({before.id})"
    assert stack.intake_now().state == "done"
    with pytest.raises(IllegalMove, match="kann nicht neu geordnet werden"):
        keep_page(stack.line, made, 1, BY)


@pytest.mark.parametrize("steps", range(8))
def test_a_page_is_taken_back_whenever_its_slice_is_read(stacks: Any, steps: int) -> None:
    """Before the slice around it is read, in the middle of it, after it: the page is there once."""
    stack = stacks("Tp.ppp?")
    stack.run_until_looked_at()
    stack.run(1 + steps)
    made = keep_page(stack.line, stack.documents()[0].id, 3, BY)
    stack.run()
    accept_document(stack.line, made, BY)
    stack.run()
    assert stack.scans.packed[made].page_numbers == (2, 3, 4, 5, 6, 7)
    assert stack.intake_now().state == "done"


def test_a_page_is_left_out_by_hand(stacks: Any) -> None:
    stack = stacks("Tpp?")
    stack.run()
    before = stack.documents()[0].id
    first = leave_out_page(stack.line, before, 4, "separator", BY)
    stack.run()
    request = stack.scans.packed[first]
    assert request.page_numbers == (2, 3)
    assert [(drop.source_page, drop.reason, drop.ink_ratio) for drop in request.dropped][1:] == [(4, "separator", 0.01)]
    (told,) = request.decisions
    assert (told.what, told.reason) == ("page-left-out", f"Seite 4: Am Original geprüft ({before})")
    assert stack.states() == {"d0001": "replaced", "d0002": "delivered"}


def test_the_only_page_is_never_left_out(stacks: Any) -> None:
    stack = stacks("T?Tp")
    stack.run()
    document = stack.documents()[0].id
    with pytest.raises(IllegalMove, match="Es ist seine einzige"):
        leave_out_page(stack.line, document, 2, "blank", BY)
    with pytest.raises(IllegalMove, match="Es hat diese Seite nicht"):
        leave_out_page(stack.line, document, 1, "blank", BY)


def test_a_cut_at_a_separator_leaves_the_separator_out(stacks: Any) -> None:
    stack = stacks("Tpp?pTp")
    stack.run()
    parts = split_document(stack.line, stack.documents()[0].id, 4, BY, separator=True)
    stack.run()
    assert [stack.scans.packed[part].page_numbers for part in parts] == [(2, 3), (5,)]
    assert [(drop.source_page, drop.reason) for drop in stack.scans.packed[parts[1]].dropped] == [(4, "separator")]
    assert stack.intake_now().state == "done"


def test_a_cut_at_a_separator_without_a_letter_behind_it_is_refused(stacks: Any) -> None:
    stack = stacks("Tpp?Tp")
    stack.run()
    with pytest.raises(IllegalMove, match="bliebe keine Seite"):
        split_document(stack.line, stack.documents()[0].id, 4, BY, separator=True)
    assert stack.states()["d0001"] == "review"


def test_a_worker_that_comes_late_cuts_nothing_twice(stacks: Any) -> None:
    stack = stacks("TpTp")
    stack.run_until_looked_at()
    now = stack.now()
    late = stack.line.ledger.lease(stack.intake.unit, "late", now, now + 1)
    stack.run()
    assert stack.states() == {"d0001": "delivered", "d0002": "delivered"}
    rules = stack.line.profiles.jobs["post"].incoming
    with pytest.raises(StaleLease):
        separate(stack.line, late, stack.intake_now(), rules)
    assert len(stack.documents()) == 2
