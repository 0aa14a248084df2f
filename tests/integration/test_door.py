"""The door to the inbox: what the ledger's absence, a doubled ticket or a lost share does to files. Nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.domain.errors import Temporary
from pipeline.services.claiming import Door
from pipeline.services.ports import Line
from tests.line_examples import Example
from workers.running import sentences_of

pytestmark = pytest.mark.integration


class Away:
    """A ledger that refuses some calls while it is away."""

    def __init__(self, ledger: Any, calls: set[str]) -> None:
        self._ledger = ledger
        self.calls = calls

    def __getattr__(self, name: str) -> Any:
        if name in self.calls:
            raise Temporary("database-away", "gone")
        return getattr(self._ledger, name)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    example = Example(tmp_path / "root")
    yield example.line
    example.line.ledger.close()


def drop(line: Line, name: str, content: bytes = b"%PDF-1.7") -> Path:
    path = line.spool.inbox / "parchim" / "letters" / name
    path.write_bytes(content)
    return path


def files(line: Line) -> list[str]:
    with line.ledger.reading() as read:
        return [intake.file for intake in read.intakes()]


def looks(door: Door, *seconds: float) -> Any:
    look = None
    for now_s in seconds:
        assert door.enter()
        look = door.look(now_s)
    return look


def test_no_file_is_claimed_while_the_ledger_is_away(line: Line) -> None:
    path = drop(line, "a.pdf")
    away = Away(line.ledger, set())
    door = Door(replace(line, ledger=away), "door", 0.0)  # type: ignore[arg-type]
    looks(door, 1.0)
    away.calls = {"reading"}
    with pytest.raises(Temporary):
        door.look(2.0)
    assert path.exists()
    away.calls = set()
    looks(door, 3.0, 4.0)
    assert files(line) == ["a.pdf"]


def test_a_claim_that_could_not_be_recorded_is_recorded_when_the_ledger_is_back(line: Line) -> None:
    for name in ("a.pdf", "b.pdf"):
        drop(line, name, name.encode())
    away = Away(line.ledger, {"register_intake"})
    door = Door(replace(line, ledger=away), "door", 0.0)  # type: ignore[arg-type]
    looks(door, 1.0)
    with pytest.raises(Temporary):
        looks(door, 2.0)
    assert files(line) == []
    assert len(list(line.spool.claims.iterdir())) == 1, "claimed, and not in the ledger"
    away.calls = set()
    looks(door, 3.0, 4.0)
    assert sorted(files(line)) == ["a.pdf", "b.pdf"]
    assert not list((line.spool.inbox / "parchim" / "letters").iterdir())


def test_a_recovery_that_fails_is_tried_again(line: Line) -> None:
    drop(line, "a.pdf")
    away = Away(line.ledger, {"register_intake"})
    first = Door(replace(line, ledger=away), "door", 0.0)  # type: ignore[arg-type]
    looks(first, 1.0)
    with pytest.raises(Temporary):
        looks(first, 2.0)
    first.leave()
    second = Door(replace(line, ledger=away), "door", 0.0)  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(Temporary):
            second.enter()
    away.calls = set()
    assert second.enter()
    assert files(line) == ["a.pdf"]


def test_a_second_door_stays_outside(line: Line) -> None:
    first, second = Door(line, "one"), Door(line, "two")
    assert first.enter()
    assert not second.enter()
    first.leave()
    assert second.enter()


def test_a_file_with_two_tickets_stays_and_is_told_of_without_its_name(line: Line) -> None:
    drop(line, "geheim.pdf")
    drop(line, "geheim.pdf.ticket.toml", b"")
    drop(line, "geheim.pdf.ticket.json", b"{}")
    look = looks(Door(line, "door", 0.0), 1.0, 2.0, 3.0)
    told = sentences_of(line, look)
    assert files(line) == []
    assert any("parchim/letters" in sentence and "ambiguous-ticket" in sentence for sentence in told)
    assert not any("geheim" in sentence for sentence in told)


def test_an_index_without_its_file_stays_and_is_told_of(line: Line) -> None:
    drop(line, "geheim.pdf.index.csv", b"first_page;last_page\n1;1\n")
    told = sentences_of(line, looks(Door(line, "door", 0.0), 1.0, 2.0, 3.0))
    assert files(line) == []
    assert any("orphan-index" in sentence for sentence in told)
    assert not any("geheim" in sentence for sentence in told)


def test_an_index_is_taken_with_its_file(line: Line) -> None:
    drop(line, "geheim.pdf.index.csv", b"first_page;last_page\n1;1\n")
    drop(line, "geheim.pdf")
    looks(Door(line, "door", 0.0), 1.0, 2.0, 3.0)
    with line.ledger.reading() as read:
        (intake,) = read.intakes()
    assert (intake.file, intake.has_index, intake.has_ticket) == ("geheim.pdf", 1, 0)
    assert (line.spool.claim_folder(intake.token) / "index").read_bytes().startswith(b"first_page")


def test_a_share_that_is_away_is_named(line: Line) -> None:
    door = Door(line, "door", 0.0)
    looks(door, 1.0)
    (line.spool.inbox / "parchim").rename(line.spool.root / "away")
    told = sentences_of(line, looks(door, 2.0))
    assert any(sentence.startswith("parchim:") for sentence in told), told
    (line.spool.root / "away").rename(line.spool.inbox / "parchim")
    assert sentences_of(line, looks(door, 3.0)) == []
