"""`poststrasse batches` and `pieces`: pools, single letters until the cut-off, a batch with a wrong sheet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from console.command import main
from console.exit_codes import ExitCode
from pipeline.domain.ids import piece_id
from pipeline.domain.states import Kind, Unit
from tests.line_examples import PROFILES, Example

pytestmark = pytest.mark.integration

Call = Callable[..., Result]
BY = ("--who", "M. Schulz", "--reason", "falscher Betrag")


@pytest.fixture
def example(tmp_path: Path) -> Iterator[Example]:
    made = Example(tmp_path / "root")
    yield made
    made.line.ledger.close()


@pytest.fixture
def call(example: Example) -> Call:
    def made(*arguments: str) -> Result:
        root = str(example.line.spool.root)
        return CliRunner().invoke(main, ["--root", root, "--profiles", str(PROFILES), *arguments])

    return made


def test_pools_are_listed_with_what_waits_in_them(example: Example, call: Call) -> None:
    assert "Sammelkorb" in call("batches", "pools").stdout
    example.letters(3)
    (pool,) = json.loads(call("batches", "pools", "--json").stdout)
    assert (pool["pool"], pool["pieces"], pool["late"]) == ("neopost-1track/c65/B/a4-80/simplex", 3, [])
    assert pool["closes_at"] > pool["since"]
    assert pool["posting_day"] == pool["closes_at"][:10]
    assert "neopost-1track/c65/B/a4-80/simplex" in call("batches", "pools").stdout


def test_a_pool_of_one_machine_is_closed_by_hand(example: Example, call: Call) -> None:
    example.letters(2)
    assert "Die Sammelkörbe sind leer" in call("batches", "assemble", "--machine", "datamatrix").stderr
    assert call("batches", "assemble", "--machine", "neopost-1track").stdout == "b0000001\n"
    assert call("batches", "assemble", "--all", "--machine", "datamatrix").exit_code == ExitCode.USAGE
    assert call("batches", "assemble", "--machine", "hovercraft").exit_code == ExitCode.FAILED
    shown = json.loads(call("batches", "show", "b0000001", "--json").stdout)
    assert shown["events"][0]["reason"] == "cut-off-hand"


def test_letters_are_held_freed_and_pulled(example: Example, call: Call) -> None:
    stack = example.letters(3)
    id = piece_id(stack.id, 2)
    assert (
        call("pieces", "hold", id, *BY).stdout
        == f"Sendung {id} ist angehalten, bis jemand sie freigibt (pieces free).\n"
    )
    assert [each["id"] for each in json.loads(call("pieces", "list", "--state", "held", "--json").stdout)] == [id]
    assert id in call("pieces", "list", "--state", "held").stdout
    again = call("pieces", "hold", id, *BY)
    assert again.exit_code == ExitCode.NOT_ALLOWED
    assert again.stderr == f"Sendung {id} ist »angehalten« und kann nicht angehalten werden. [illegal-move]\n"
    assert (
        call("pieces", "free", id, *BY).stdout
        == f"Sendung {id} ist wieder im Sammelkorb und gehört zum nächsten Druckauftrag.\n"
    )
    assert call("pieces", "pull", id, *BY).exit_code == ExitCode.OK
    assert json.loads(call("pieces", "show", id, "--json").stdout)["state"] == "pulled"
    assert call("pieces", "pull", "i0000001-p000099", *BY).exit_code == ExitCode.NOT_FOUND
    for wrong in (("pieces", "hold"), ("pieces", "hold", id, "--intake", stack.id)):
        assert call(*wrong, *BY).exit_code == ExitCode.USAGE


def test_all_letters_of_a_file_at_once(example: Example, call: Call) -> None:
    stack = example.letters(3)
    told = call("pieces", "hold", "--intake", stack.id, *BY).stdout
    assert told.startswith(f"Vorgang {stack.id}: 3 Sendungen angehalten")
    short = call("pieces", "list", "--state", "held", "--intake", stack.id, "--limit", "2")
    assert "--limit" in short.stderr
    assert "Die Sammelkörbe sind leer" in call("batches", "assemble").stderr
    assert call("pieces", "free", "--intake", stack.id, *BY).exit_code == ExitCode.OK
    assert call("pieces", "free", "--intake", stack.id, *BY).exit_code == ExitCode.NOT_ALLOWED
    assert call("pieces", "free", "--intake", "i9999999", *BY).exit_code == ExitCode.NOT_FOUND


def test_a_letter_in_a_batch_says_which(example: Example, call: Call) -> None:
    stack = example.letters(1)
    example.batch()
    refused = call("pieces", "pull", piece_id(stack.id, 1), *BY)
    assert refused.exit_code == ExitCode.NOT_ALLOWED
    assert "Sie liegt schon in Druckauftrag b0000001" in refused.stderr


def test_a_batch_with_a_wrong_sheet_is_shown_and_not_released(example: Example, call: Call) -> None:
    example.letters(2)
    batch = example.batch(verified=False)
    detail = "b0000001-v01.pdf, Seite 2, Sendung 2: Neben den Marken ist etwas gedruckt."
    faults = [{"page": 2, "code": "ink-in-clear-zone", "detail": "Neben den Marken ist etwas gedruckt."}]
    faults.append({"page": 2, "code": "parity-wrong", "detail": "Die Parität stimmt nicht (5 Striche)."})
    facts = json.dumps({"sheets": 2, "pages": 2, "codes_wrong": 1, "faults": faults})
    with example.line.ledger.work("worker", 1) as work:
        work.move(Unit(Kind.VOLUME, f"{batch}-v01"), "written", sha256="ab" * 32)
        work.move(Unit(Kind.VOLUME, f"{batch}-v01"), "waiting", reason="readback-failed", detail=detail, facts=facts)
        work.move(Unit(Kind.BATCH, batch), "waiting", reason="readback-failed", detail=detail)
    shown = call("batches", "show", batch).stdout
    assert f"falsch [readback-failed]: {detail}" in shown
    assert "Seite 2: Die Parität stimmt nicht (5 Striche). [parity-wrong]" in shown
    refused = call("batches", "release", batch, *BY)
    assert refused.exit_code == ExitCode.NOT_ALLOWED
    assert refused.stderr.startswith(
        f"Druckauftrag {batch} ist »wartet auf eine Entscheidung« und kann nicht freigegeben werden. {detail}"
    )


def test_a_batch_whose_volume_was_changed_is_not_released(example: Example, call: Call) -> None:
    example.letters(2)
    batch = example.batch()
    volume = example.line.spool.batches / batch / f"{batch}-v01.pdf"
    right = volume.read_bytes()
    volume.write_bytes(right + b" ")
    for verb in ("release", "resume"):
        refused = call("batches", verb, batch, *BY)
        assert (refused.exit_code, refused.stdout) == (ExitCode.FAILED, "")
        assert (
            f"{volume.name} ist nicht mehr die Datei, die zurückgelesen wurde. [batch-changed]\nNicht drucken."
            in refused.stderr
        )
    shown = call("batches", "show", batch).stdout
    assert "angehalten" in shown and "nach der Rücklesung verändert – b0000001-v01.pdf ist nicht mehr" in shown
    volume.write_bytes(right)
    resumed = call("batches", "resume", batch, *BY)
    said = f"Druckauftrag {batch}: Dateien wie zurückgelesen (SHA-256). Zum Drucken bitte freigeben (release).\n"
    assert (resumed.exit_code, resumed.stdout) == (ExitCode.OK, said)
    assert (
        call("batches", "release", batch, *BY).stdout
        == f"Druckauftrag {batch} ist freigegeben und kann gedruckt werden.\n"
    )
