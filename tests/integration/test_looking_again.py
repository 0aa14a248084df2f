"""Letters lie in the pool, then a profile is edited: none goes into a batch that was checked against another one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import update

from pipeline.adapters.ledger.records import IntakeRecord
from pipeline.adapters.ledger.schema import pieces
from pipeline.domain.checked_geometry import CheckedGeometry
from pipeline.domain.profiles import Profiles
from pipeline.domain.states import Kind, Unit
from pipeline.services.assembling import assemble
from pipeline.services.auditing import audit
from pipeline.services.closing_pools import close_due_pools
from pipeline.services.deciding import Decision, cancel_batch
from pipeline.services.deciding_pieces import decide_piece
from pipeline.services.looking_again import being_looked_at, look_again
from pipeline.services.ports import Line
from pipeline.services.verifying import rebuild_batch
from tests.integration.test_totals_through_the_line import UnconfinedVolumes, work
from tests.letter_sheets import A4_PT, MM, Layout, draw_address, draw_body, stack
from tests.line_examples import Example
from workers.tools import ConfinedLetters

pytestmark = pytest.mark.integration

MACHINE = "neopost-1track"
BY = Decision("M. Schulz", "Marken sitzen falsch")
LINES = ("Frau", "Anna Albers", "Am Markt 3", "19370 Parchim")


def sheet(*more: tuple[float, float, str]) -> Callable[[Canvas], None]:
    """An address sheet with text at further places, mm from the top left corner."""

    def draw(canvas: Canvas) -> None:
        draw_address(canvas, LINES, Layout())
        draw_body(canvas, 120.0, 5)
        canvas.setFont("Helvetica", 9)
        for x_mm, y_mm, text in more:
            canvas.drawString(x_mm * MM, A4_PT[1] - y_mm * MM, text)

    return draw


PLAIN = stack([sheet()])
BELOW_THE_MARKS = stack([sheet((6.0, 244.0, "WICHTIG: Frist 14 Tage"))])
BESIDE_THE_WINDOW = stack([sheet((120.0, 70.0, "Berta Behrens, Schuldnerin"))])


@pytest.fixture(params=["sqlite", "postgresql"])
def example(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Example]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    made = Example(tmp_path, url)
    letters = ConfinedLetters(made.line.spool.private / "fonts")
    made.line = replace(made.line, letters=letters, volumes=UnconfinedVolumes())
    yield made
    made.line.ledger.close()


def dropped(example: Example, content: bytes, line: Line | None = None) -> IntakeRecord:
    """A letter that was taken in and read."""
    intake = example.intake("parchim", "letters", "brief.pdf")
    example.line.spool.original(intake.token).write_bytes(content)
    work(line or example.line)
    return intake


def piece_of(line: Line, intake: IntakeRecord) -> tuple[str | None, Any]:
    with line.ledger.reading() as read:
        (piece,) = read.pieces(intake=intake.id)
        return read.state_of(Unit(Kind.PIECE, piece.id)), piece


def with_profiles(line: Line, **changes: Any) -> Line:
    sha256 = hashlib.sha256(repr(changes).encode()).hexdigest()
    return replace(line, profiles=replace(line.profiles, sha256=sha256, **changes))


def moved(line: Line, first_mm: float = 220.0) -> Line:
    """The line after a person has moved the marks."""
    machine = line.profiles.machines[MACHINE]
    machine = replace(machine, marks=replace(machine.marks, first_mm=first_mm))
    return with_profiles(line, machines={**line.profiles.machines, machine.id: machine})


def widened(line: Line) -> Line:
    """The line after a person has found that the window can show more."""
    envelope = line.profiles.envelopes["c65"]
    foldings = tuple(replace(f, possible=replace(f.possible, right_mm=160.0)) for f in envelope.foldings)
    return with_profiles(line, envelopes={**line.profiles.envelopes, "c65": replace(envelope, foldings=foldings)})


def exceptions(line: Line, intake: IntakeRecord) -> list[tuple[str, int]]:
    with line.ledger.reading() as read:
        return [(each.code, each.source_page) for each in read.exceptions(intake=intake.id)]


def kept(line: Line) -> list[Any]:
    return [(promise.name, promise.broken) for promise in audit(line) if not promise.kept]


@pytest.mark.parametrize(
    ("content", "change", "code"),
    [(BELOW_THE_MARKS, moved, "mark-zone-occupied"), (BESIDE_THE_WINDOW, widened, "window-occupied")],
)
def test_a_letter_that_does_not_suit_the_edited_profile_comes_back_as_at_the_drop(
    example: Example, content: bytes, change: Callable[[Line], Line], code: str
) -> None:
    intake = dropped(example, content)
    assert piece_of(example.line, intake)[0] == "pooled"
    line = change(example.line)
    assert assemble(line, "x") == []
    assert being_looked_at(line) == 1
    work(line)
    assert piece_of(line, intake)[0] == "returned"
    assert exceptions(line, intake) == [(code, 1)]
    (folder,) = (line.spool.outbox / "parchim" / "returned").iterdir()
    told = json.loads((folder / "reason.json").read_text(encoding="utf-8"))
    assert (told["code"], told["exceptions"][0]["code"]) == ("letters-returned", code)
    with pdfium.PdfDocument(folder / "letter-000001-page-000001.pdf") as letter:
        assert "Anna Albers" in letter[0].get_textpage().get_text_bounded()
    assert (folder / "REASON.txt").is_file()
    assert (assemble(line, "x"), being_looked_at(line)) == ([], 0)
    # the same letter, dropped now
    again = dropped(example, content, line)
    with line.ledger.reading() as read:
        rejected = read.intake(again.id)
    assert rejected is not None and (rejected.state, rejected.reason) == ("rejected", code)
    # the next manifest tells of it
    dropped(example, PLAIN, line)
    (batch,) = assemble(line, "x")
    work(line)
    manifest = json.loads((line.spool.batches / batch / "manifests" / "parchim.json").read_text(encoding="utf-8"))
    assert {each["code"] for each in manifest["exceptions"]} == {code}
    assert kept(line) == []


def test_a_letter_that_suits_the_edited_profile_too_is_the_same_piece(example: Example) -> None:
    intake = dropped(example, PLAIN)
    _, before = piece_of(example.line, intake)
    line = moved(example.line)
    assert assemble(line, "x") == []
    work(line)
    _, after = piece_of(line, intake)
    assert after.slice_id != before.slice_id
    assert replace(after, slice_id=before.slice_id, geometry=before.geometry) == before
    assert after.geometry == CheckedGeometry(line.profiles).of("letters", MACHINE, "c65", "B")
    (batch,) = assemble(line, "x")
    work(line)
    with line.ledger.reading() as read:
        assert read.state_of(Unit(Kind.BATCH, batch)) == "verified"
        told = [(each.after, each.reason) for each in read.events(Unit(Kind.PIECE, after.id))]
    assert told == [("pooled", None), ("pooled", "looked-at-again"), ("batched", None)]
    assert kept(line) == []


def test_letters_of_a_cancelled_batch_are_looked_at_again_and_a_batch_keeps_its_geometry(example: Example) -> None:
    first, second = dropped(example, BELOW_THE_MARKS), dropped(example, PLAIN)
    (batch,) = assemble(example.line, "x")
    work(example.line)
    line = moved(example.line)
    assert all(check.ok for check in rebuild_batch(line, batch))  # not released: it stays what it was
    assert look_again(line, "x") == 0
    cancel_batch(line, batch, BY)
    assert look_again(line, "x") == 2
    assert look_again(line, "x") == 0  # it is planned already
    work(line)
    assert (piece_of(line, first)[0], piece_of(line, second)[0]) == ("returned", "pooled")
    (again,) = assemble(line, "x")
    work(line)
    with line.ledger.reading() as read:
        assert [each.piece.intake for each in read.placed(again)] == [second.id]
    assert all(check.ok for check in rebuild_batch(line, again))
    assert kept(line) == []


def test_a_batch_that_is_written_after_the_edit_has_the_geometry_with_which_its_pool_was_closed(
    example: Example,
) -> None:
    dropped(example, BELOW_THE_MARKS)
    (batch,) = assemble(example.line, "x")
    line = moved(example.line)
    work(line)  # the volume is written by a process that has the new profiles
    volume = line.spool.batches / batch / f"{batch}-v01.pdf"
    with pdfium.PdfDocument(volume) as document:
        assert "WICHTIG" in document[0].get_textpage().get_text_bounded()
    assert all(check.ok for check in rebuild_batch(line, batch))


def other_weights(profiles: Profiles) -> dict[str, Any]:
    machine = profiles.machines[MACHINE]
    slower = replace(machine, title="Langsam", feed=replace(machine.feed, max_volume_sheets=50))
    envelope = replace(profiles.envelopes["c65"], weight_mg=4000, title="Neu")
    return {
        "machines": {**profiles.machines, machine.id: slower},
        "envelopes": {**profiles.envelopes, "c65": envelope},
    }


def test_what_is_no_geometry_stops_nothing(example: Example) -> None:
    dropped(example, PLAIN)
    line = with_profiles(example.line, **other_weights(example.line.profiles))
    assert look_again(line, "x") == 0
    assert len(assemble(line, "x")) == 1


def test_letters_of_an_earlier_release_are_looked_at_again(example: Example) -> None:
    intake = dropped(example, PLAIN)
    with example.line.ledger.work("x", 1) as transaction:
        transaction.connection.execute(update(pieces).values(geometry=""))
    assert assemble(example.line, "x") == []
    work(example.line)
    assert len(assemble(example.line, "x")) == 1
    assert piece_of(example.line, intake)[1].geometry


def test_the_cut_off_looks_again_before_it_has_come(example: Example) -> None:
    intake = dropped(example, PLAIN)
    line = moved(example.line)
    close_due_pools(line)
    assert being_looked_at(line) == 1
    work(line)
    assert piece_of(line, intake)[1].geometry == CheckedGeometry(line.profiles).of("letters", MACHINE, "c65", "B")


def test_fresh_letters_do_not_wait_for_those_that_are_looked_at_again(example: Example) -> None:
    dropped(example, PLAIN)
    line = moved(example.line)
    fresh = dropped(example, PLAIN, line)
    (batch,) = assemble(line, "x")
    with line.ledger.reading() as read:
        assert [each.piece.intake for each in read.placed(batch)] == [fresh.id]
    work(line)
    assert len(assemble(line, "x")) == 1


@pytest.mark.parametrize("lost", ["job", "file"])
def test_a_letter_that_cannot_be_looked_at_again_is_held_with_a_reason(example: Example, lost: str) -> None:
    intake = dropped(example, PLAIN)
    line = moved(example.line)
    if lost == "file":
        line.spool.original(intake.token).unlink()
    else:
        parchim = replace(line.profiles.municipalities["parchim"], jobs=())
        line = with_profiles(line, municipalities={**line.profiles.municipalities, "parchim": parchim})
    assert look_again(line, "x") == 1
    work(line)
    state, piece = piece_of(line, intake)
    assert state == "held"
    with line.ledger.reading() as read:
        last = read.events(Unit(Kind.PIECE, piece.id))[-1]
    assert last.reason == "geometry-changed"
    assert (last.detail or "").endswith("Der Brief lässt sich deshalb nicht noch einmal prüfen.")
    assert assemble(line, "x") == []
    # freed without a remedy it is held again; with the profiles as they were it goes
    decide_piece(line, "free", piece.id, BY)
    assert assemble(line, "x") == []
    work(line)
    assert piece_of(line, intake)[0] == "held"
    decide_piece(line, "free", piece.id, BY)
    assert len(assemble(example.line, "x")) == 1


def test_a_file_that_is_cut_otherwise_by_now_is_held(example: Example) -> None:
    intake = dropped(example, stack([sheet(), sheet()]))
    line = moved(example.line)
    job = line.profiles.jobs["letters"]
    assert job.outgoing is not None
    job = replace(job, outgoing=replace(job.outgoing, pages_per_letter=1))
    line = with_profiles(line, jobs={**line.profiles.jobs, "letters": job})
    assert look_again(line, "x") == 1
    work(line)
    assert piece_of(line, intake)[0] == "held"
    assert exceptions(line, intake) == []


def divided(line: Line, max_sheets: int) -> Line:
    """The line with a job that divides long letters, and a machine that takes so many sheets."""
    job, machine = line.profiles.jobs["letters"], line.profiles.machines[MACHINE]
    assert job.outgoing is not None
    job = replace(job, outgoing=replace(job.outgoing, overflow="split"))
    machine = replace(machine, feed=replace(machine.feed, max_sheets=max_sheets))
    jobs, machines = {**line.profiles.jobs, job.id: job}, {**line.profiles.machines, machine.id: machine}
    return with_profiles(line, jobs=jobs, machines=machines)


def states(line: Line, intake: IntakeRecord) -> dict[str, str | None]:
    with line.ledger.reading() as read:
        return {piece.id[-4:]: read.state_of(Unit(Kind.PIECE, piece.id)) for piece in read.pieces(intake=intake.id)}


def test_a_divided_letter_is_looked_at_as_a_whole(example: Example) -> None:
    other = stack([sheet(), sheet(), sheet((6.0, 244.0, "WICHTIG"))])
    line = divided(example.line, 2)
    good, bad = dropped(example, stack([sheet()] * 3), line), dropped(example, other, line)
    assert states(line, good) == {"0001": "pooled", "01-2": "pooled"} == states(line, bad)
    line = moved(line)
    assert look_again(line, "x") == 2
    work(line)
    assert states(line, good) == {"0001": "pooled", "01-2": "pooled"}
    assert states(line, bad) == {"0001": "returned", "01-2": "returned"}
    assert exceptions(line, bad) == [("mark-zone-occupied", 3)] * 2
    (folder,) = (line.spool.outbox / "parchim" / "returned").iterdir()
    assert [path.name for path in sorted(folder.glob("*.pdf"))] == [
        "letter-000001-page-000001.pdf",
        "letter-000001-page-000003.pdf",
    ]
    assert len(assemble(line, "x")) == 1
    work(line)
    assert kept(line) == []


def test_a_letter_that_would_be_divided_otherwise_is_held(example: Example) -> None:
    line = divided(example.line, 2)
    intake = dropped(example, stack([sheet()] * 3), line)
    line = moved(divided(line, 3))
    assert look_again(line, "x") == 1
    work(line)
    assert states(line, intake) == {"0001": "held", "01-2": "held"}
    with line.ledger.reading() as read:
        last = read.events(Unit(Kind.PIECE, f"{intake.id}-p000001"))[-1]
    assert last.detail == "Der Brief würde heute anders auf Umschläge verteilt als bei der Annahme."


class Interfering:
    """Letter tools during whose reading something happens, once."""

    def __init__(self, letters: Any, happens: Callable[[], object]) -> None:
        self._letters = letters
        self._happens: list[Callable[[], object]] = [happens]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._letters, name)

    def read(self, *args: Any) -> Any:
        found = self._letters.read(*args)
        if self._happens:
            self._happens.pop()()
        return found


def test_a_letter_that_is_pulled_meanwhile_is_not_returned_as_well(example: Example) -> None:
    one, other = dropped(example, BELOW_THE_MARKS), dropped(example, PLAIN)
    line = moved(example.line)
    _, piece = piece_of(line, one)
    line = replace(line, letters=Interfering(line.letters, lambda: decide_piece(line, "pull", piece.id, BY)))
    assert look_again(line, "x") == 2
    work(line)
    assert piece_of(line, one)[0] == "pulled"
    assert exceptions(line, one) == [("pulled-by-operator", 1)]
    assert list((line.spool.outbox / "parchim" / "returned").iterdir()) == []
    assert piece_of(line, other)[0] == "pooled"
    assert being_looked_at(line) == 0
    assert kept(line) == []


def test_a_crash_after_the_reading_loses_and_doubles_nothing(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    intake = dropped(example, BELOW_THE_MARKS)
    line = moved(example.line)
    look_again(line, "x")
    publish = line.spool.publish
    crashes = iter([True])

    def once(made: Path, target: Path) -> bool:
        done = publish(made, target)
        if target.parent.name == "returned" and next(crashes, False):
            raise OSError("the machine stops after the folder has appeared, before the ledger knows of it")
        return done

    monkeypatch.setattr(line.spool, "publish", once)
    work(line)
    assert piece_of(line, intake)[0] == "returned"
    assert exceptions(line, intake) == [("mark-zone-occupied", 1)]
    assert len(list((line.spool.outbox / "parchim" / "returned").iterdir())) == 1
    assert kept(line) == []


def test_a_worker_with_other_profiles_is_not_asked_at_each_look(example: Example) -> None:
    """It finds nothing to do; the letter stays in the pool until a worker with these profiles has looked at it."""
    intake = dropped(example, PLAIN)
    line = moved(example.line)
    assert look_again(line, "x") == 1
    work(example.line)  # not started anew since the profile was edited
    assert piece_of(line, intake)[1].geometry != CheckedGeometry(line.profiles).of("letters", MACHINE, "c65", "B")
    assert look_again(line, "x") == 0
    assert assemble(line, "x") == []
    assert look_again(moved(line, 221.0), "x") == 1  # for other profiles it is another question
    work(example.line)
    later = line.now_ms() + 600_001
    line = replace(line, now_ms=lambda: later)
    assert look_again(line, "x") == 1
    work(line)
    assert len(assemble(line, "x")) == 1


def test_pages_that_an_earlier_attempt_has_left_are_not_taken_for_those_of_this_one(example: Example) -> None:
    intake = dropped(example, PLAIN)
    line = moved(example.line)
    look_again(line, "x")
    left = line.spool.slice_letters(f"{intake.id}-s0002")
    left.parent.mkdir(parents=True)
    left.write_bytes(b"made by other profiles")
    work(line)
    (batch,) = assemble(line, "x")
    work(line)
    with line.ledger.reading() as read:
        assert read.state_of(Unit(Kind.BATCH, batch)) == "verified"
