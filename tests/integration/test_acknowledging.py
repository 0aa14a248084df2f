"""The archive's word: by file, checked against the package, told to a person where it does not fit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.domain.errors import IllegalMove, Permanent
from pipeline.domain.retention import DAY_MS
from pipeline.domain.states import Kind, Unit
from pipeline.services.acknowledging import Acknowledgements, acknowledge
from pipeline.services.deciding import Decision, reject_document
from pipeline.services.overview import overview
from pipeline.services.retiring import clear_pictures, pictures_folder, retire
from pipeline.services.reviewing import document_detail
from tests.stack_examples import DOUBT, PLANS, StackExample
from workers.housekeeping import Housekeeping

pytestmark = pytest.mark.integration


@pytest.fixture(params=["sqlite", "postgresql"])
def example(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StackExample]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    made = StackExample(tmp_path, url)
    yield made
    made.line.ledger.close()


def ack(example: StackExample, document: str, municipality: str = "parchim") -> Path:
    path = example.line.spool.archive / municipality / f"{document}.ack"
    path.touch()
    return path


def archive_sign(example: StackExample) -> Any:
    return next(sign for sign in overview(example.line).signs if sign.part == "archive")


def test_a_file_beside_the_package_acknowledges_it_once(example: StackExample) -> None:
    first, second = example.stack()
    for document in (first, second):
        example.hand_over(document)
    path = ack(example, first)
    look = Acknowledgements(example.line)
    assert (look.look(), look.look(), Acknowledgements(example.line).look()) == (1, 0, 0)
    assert (example.state(first), example.state(second)) == ("acknowledged", "delivered")
    assert path.is_file()
    with example.line.ledger.reading() as read:
        event = read.events(Unit(Kind.DOCUMENT, first))[-1]
        record = read.document(first)
    assert (event.who, event.reason, event.after) == ("archive", "acknowledged-by-file", "acknowledged")
    assert record is not None
    assert record.acknowledged_ms == event.at_ms
    assert archive_sign(example).health == "ok"


@pytest.mark.parametrize(
    ("name", "municipality", "sentence"),
    [
        ("i0000009-d0001", "parchim", "gibt es in dieser Kommune nicht"),
        ("i0000001-d0001", "luebz", "gibt es in dieser Kommune nicht"),
        ("Meier, Hans", "parchim", "gibt es in dieser Kommune nicht"),
        ("i0000001-d0002", "parchim", "noch nicht an das Archiv übergeben"),
    ],
    ids=["unknown", "of another", "no id", "not delivered"],
)
def test_what_fits_no_document_is_told_and_changes_nothing(
    example: StackExample, name: str, municipality: str, sentence: str
) -> None:
    first, second = example.stack()
    example.hand_over(first)
    path = ack(example, name, municipality)
    look = Acknowledgements(example.line)
    assert look.look() == look.look() == 0
    (finding,) = look.findings
    assert sentence in finding.sentence
    assert "Meier" not in finding.document
    sign = archive_sign(example)
    assert (sign.health, sentence in sign.detail) == ("alarm", True)
    assert (example.state(first), example.state(second)) == ("delivered", "planned")
    path.unlink()
    look.look()
    assert archive_sign(example).health == "ok"


def test_an_early_acknowledgement_counts_when_the_document_is_there(example: StackExample) -> None:
    first, _ = example.stack()
    ack(example, first)
    look = Acknowledgements(example.line)
    assert look.look() == 0
    example.hand_over(first)
    for _ in range(61):
        example.line.now_ms()  # a minute goes by
    assert look.look() == 1


@pytest.mark.parametrize("fault", ["gone", "changed", "other"])
def test_a_package_that_is_not_the_one_handed_over_is_not_acknowledged(example: StackExample, fault: str) -> None:
    first, _ = example.stack()
    package = example.hand_over(first)
    if fault == "gone":
        package.rename(example.line.spool.root / "elsewhere")
    elif fault == "changed":
        (package / "data" / "document.txt").write_text("anders\f\f")
    else:
        with example.line.ledger.work("worker", 1) as work:
            work.change(Unit(Kind.DOCUMENT, first), sha256="0" * 64)
    ack(example, first)
    look = Acknowledgements(example.line)
    assert look.look() == 0
    assert example.state(first) == "delivered"
    with example.line.ledger.reading() as read:
        told = [e for e in read.events(Unit(Kind.DOCUMENT, first)) if e.reason == "acknowledgement-refused"]
        detail = document_detail(example.line, read, first) if fault != "gone" else None
    assert len(told) == 1
    assert Acknowledgements(example.line).look() == 0  # another process: still told once
    with example.line.ledger.reading() as read:
        again = [e for e in read.events(Unit(Kind.DOCUMENT, first)) if e.reason == "acknowledgement-refused"]
    assert len(again) == 1
    if detail is not None:
        assert "Nichts darf vernichtet werden" in detail.retention.sentences[0]
        assert "archive verify" in detail.remedy


def test_a_link_is_no_acknowledgement(example: StackExample) -> None:
    first, _ = example.stack()
    example.hand_over(first)
    (example.line.spool.archive / "parchim" / f"{first}.ack").symlink_to("/etc/passwd")
    look = Acknowledgements(example.line)
    assert look.look() == 0
    assert "keine gewöhnliche Datei" in look.findings[0].sentence


def test_the_service_refuses_with_codes(example: StackExample) -> None:
    _, second = example.stack()
    with pytest.raises(Permanent, match="gibt es nicht"):
        acknowledge(example.line, "i0000009-d0001", "api")
    with pytest.raises(IllegalMove) as early:
        acknowledge(example.line, second, "api")
    assert early.value.code == "not-delivered"


def closed(example: StackExample) -> tuple[str, str]:
    """A stack, both documents handed over."""
    first, second = example.stack()
    for document in (first, second):
        example.hand_over(document)
    return first, second


def test_copies_go_when_all_is_acknowledged_and_the_period_is_over(example: StackExample) -> None:
    first, second = closed(example)
    spool = example.line.spool
    far = example.line.now_ms() + 400 * DAY_MS
    acknowledge(example.line, first, "file")
    assert retire(example.line, far) == []  # the other one is not acknowledged: nothing goes, however long it takes
    acknowledge(example.line, second, "file")
    with example.line.ledger.reading() as read:
        record = read.document(second)
        detail = document_detail(example.line, read, second)
    assert record is not None and record.acknowledged_ms is not None
    keep_ms = 42 * DAY_MS
    assert retire(example.line, record.acknowledged_ms + keep_ms - 1) == []
    assert spool.original("t1").is_file()
    assert "werden ab" in detail.retention.sentences[-1]
    assert retire(example.line, record.acknowledged_ms + keep_ms) == ["i0000001"]
    assert not spool.claim_folder("t1").exists()
    assert not spool.slice_folder("i0000001-s0001").exists()
    assert (spool.archive / "parchim" / first / "bagit.txt").is_file()
    assert retire(example.line, far) == []
    with example.line.ledger.reading() as read:
        event = read.events(Unit(Kind.INTAKE, "i0000001"))[-1]
        detail = document_detail(example.line, read, second)
    assert (event.who, event.reason, event.before) == ("retention", "retired", "done")
    assert detail.retention.copies_deleted_at is not None
    assert "wurden am" in detail.retention.sentences[-1]
    assert [page.source_page for page in detail.pages] == [4, 5]  # told by the package now


def test_an_interrupted_deletion_is_finished_by_the_next_look(
    example: StackExample, monkeypatch: pytest.MonkeyPatch
) -> None:
    for document in closed(example):
        acknowledge(example.line, document, "file")
    far = example.line.now_ms() + 400 * DAY_MS

    def stopped(*_arguments: object) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(example.line.ledger, "work", stopped)
        with pytest.raises(KeyboardInterrupt):
            retire(example.line, far)
    assert not example.line.spool.claim_folder("t1").exists()
    assert retire(example.line, far) == ["i0000001"]
    with example.line.ledger.reading() as read:
        assert [e.reason for e in read.events(Unit(Kind.INTAKE, "i0000001"))].count("retired") == 1


def test_a_scan_that_went_back_is_deleted_after_its_period_too(example: StackExample) -> None:
    (only,) = example.stack(PLANS[:1])
    example.review(only, DOUBT)
    reject_document(example.line, only, Decision("M. Schulz", "leer"))
    now = example.line.now_ms()
    assert retire(example.line, now) == []
    assert retire(example.line, now + 43 * DAY_MS) == ["i0000001"]
    assert not example.line.spool.claim_folder("t1").exists()


def test_letters_to_print_are_none_of_its_business(example: StackExample) -> None:
    example.letters(2)
    assert retire(example.line, example.line.now_ms() + 4000 * DAY_MS) == []
    assert example.line.spool.original("t1").is_file()


def test_pictures_go_when_the_person_has_decided(example: StackExample) -> None:
    first, second = example.stack()
    example.review(first, DOUBT)
    for document in (first, second):
        (pictures_folder(example.line) / document).mkdir(parents=True)
    assert clear_pictures(example.line) == [second]
    reject_document(example.line, first, Decision("M. Schulz", "x"))
    assert clear_pictures(example.line) == [first]
    assert list(pictures_folder(example.line).iterdir()) == []


def test_housekeeping_does_each_chore_when_due_and_one_failure_holds_up_nothing(
    example: StackExample, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = example.stack()
    example.hand_over(first)
    keeper = Housekeeping(example.line)
    ack(example, first)

    def away(*_arguments: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("workers.housekeeping.clear_pictures", away)
    keeper.look()
    assert example.state(first) == "acknowledged"
    with example.line.ledger.reading() as read:
        sign = next(sign for sign in read.signs_of_life() if sign.role == "archive")
    assert json.loads(sign.detail) == {"findings": [], "total": 0}
