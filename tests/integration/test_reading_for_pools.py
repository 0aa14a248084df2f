"""What ticket, job, municipality and machine say of a letter's pool is written down when the letter is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from pipeline.adapters.ledger.schema import intakes
from pipeline.domain.address import PostalAddress
from pipeline.domain.pages import LetterRange, LetterReading, SourceFacts
from pipeline.domain.pooling import PoolRules
from pipeline.domain.states import Kind, Unit
from pipeline.services.ports import Line
from tests.line_examples import Example
from workers.performing import Performer

pytestmark = pytest.mark.integration


class Reader:
    """Reads every letter without looking."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def inspect(self, *_: Any) -> SourceFacts:
        return SourceFacts("pdf", 1)

    def read(self, _source: Path, ranges: Sequence[LetterRange], *rest: Any) -> list[LetterReading]:
        self.asked.append(rest)
        rest[-2].write_bytes(b"letters")
        address = PostalAddress(("Frau", "Erika Muster", "Weg 1", "19053 Schwerin"), "19053", "Schwerin")
        return [LetterReading(each, each.first_page, address, "B") for each in ranges]


def pooled(example: Example, line: Line, ticket: str = "", municipality: str = "luebz") -> tuple[str, Any]:
    """State and piece of a letter that came with this ticket."""
    intake = example.intake(municipality, "letters", "a.pdf")
    if ticket:
        (line.spool.claim_folder(intake.token) / "ticket").write_text(ticket)
        with line.ledger.work("test", 1) as work:
            work.connection.execute(update(intakes).where(intakes.c.id == intake.id).values(has_ticket=1))
    performer = Performer(line, "test", 60)
    units: list[Unit] = [intake.unit]
    for _ in range(4):
        for unit in units:
            performer.perform(unit)
        with line.ledger.reading() as read:
            units = read.due(line.now_ms())
    with line.ledger.reading() as read:
        (piece,) = read.pieces(intake=intake.id)
        state = read.state_of(Unit(Kind.PIECE, piece.id))
    assert state is not None
    return state, piece


@pytest.fixture
def example(tmp_path: Path) -> Any:
    made = Example(tmp_path)
    made.line = replace(made.line, letters=Reader())
    yield made
    made.line.ledger.close()


def with_rules(line: Line, *, mix: bool = True, selective: bool = True, **pool: Any) -> Line:
    profiles = line.profiles
    outgoing = profiles.jobs["letters"].outgoing
    assert outgoing is not None
    job = replace(profiles.jobs["letters"], outgoing=replace(outgoing, pool=PoolRules(**pool)))
    machines = {
        id: replace(machine, feed=replace(machine.feed, selective=selective))
        for id, machine in profiles.machines.items()
    }
    luebz = replace(profiles.municipalities["luebz"], mix=mix)
    return replace(
        line,
        profiles=replace(
            profiles,
            jobs={**profiles.jobs, "letters": job},
            machines=machines,
            municipalities={**profiles.municipalities, "luebz": luebz},
        ),
    )


@pytest.mark.parametrize(("ticket", "minds"), [("", True), ("pages = 1", True), ("letters = 1", False)])
def test_only_a_ticket_for_one_letter_vouches_for_its_pages(example: Example, ticket: str, minds: bool) -> None:
    """A file that is one letter may have a copy of somebody else's letter with it; or two letters are in it."""
    pooled(example, example.line, ticket)
    reader = example.line.letters
    assert isinstance(reader, Reader)
    rules, *_, looks = reader.asked[0]
    assert rules.split.minds_others is minds
    assert looks.sender == example.line.profiles.municipalities["luebz"].sender_line


def test_what_a_ticket_says(example: Example) -> None:
    state, piece = pooled(example, example.line, "due = 2026-09-30")
    assert (state, piece.due, piece.priority, piece.confidentiality) == ("pooled", "2026-09-30", 0, "normal")
    assert (piece.kept_apart, piece.fixed_enclosures) == ("", "")


def test_a_ticket_holds_its_letters(example: Example) -> None:
    state, piece = pooled(example, example.line, "hold = true")
    assert state == "held"
    with example.line.ledger.reading() as read:
        (event,) = read.events(Unit(Kind.PIECE, piece.id))
    assert (event.after, event.reason) == ("held", "held-by-ticket")


def test_what_a_job_says(example: Example) -> None:
    _, piece = pooled(example, with_rules(example.line, priority=7, confidentiality="confidential", mix=True))
    assert (piece.priority, piece.confidentiality, piece.kept_apart) == (7, "confidential", "")


def test_a_municipality_or_a_job_that_forbids_mixing(example: Example) -> None:
    _, piece = pooled(example, with_rules(example.line, mix=False))
    assert piece.kept_apart == "luebz"


def test_enclosures_that_a_machine_cannot_select_part_pools(example: Example) -> None:
    _, piece = pooled(example, with_rules(example.line, selective=False), "enclosures = [1]")
    assert (piece.enclosures, piece.fixed_enclosures) == ((1,), "1")
