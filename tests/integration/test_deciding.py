"""What a person decides: it happens once, it is on record, and what may not be is refused with a sentence."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.domain.errors import IllegalMove, Permanent
from pipeline.domain.ids import slice_id
from pipeline.domain.states import Kind, Unit
from pipeline.services import deciding
from pipeline.services.assembling import assemble
from pipeline.services.deciding import (
    Decision,
    accept_document,
    can,
    can_accept,
    can_retry,
    cancel_batch,
    hold_batch,
    parts_of,
    reject_document,
    release_batch,
    resume_batch,
    retry_batch,
    retry_intake,
    return_intake,
    why_not,
)
from pipeline.services.ports import Line
from tests.line_examples import Example

pytestmark = pytest.mark.integration

BY = Decision("M. Schulz", "so entschieden")


@pytest.fixture(params=["sqlite", "postgresql"])
def example(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Example]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    made = Example(tmp_path, url)
    yield made
    made.line.ledger.close()


def state(example: Example, kind: Kind, id: str) -> str | None:
    with example.line.ledger.reading() as read:
        return read.state_of(Unit(kind, id))


def last_event(example: Example, kind: Kind, id: str) -> tuple[str, str | None, str, str | None]:
    with example.line.ledger.reading() as read:
        event = read.events(Unit(kind, id))[-1]
    return event.after, event.reason, event.who, event.detail


@pytest.mark.parametrize(("who", "reason"), [("", "x"), ("x", " "), (" ", "")])
def test_a_decision_needs_a_name_and_a_reason(who: str, reason: str) -> None:
    with pytest.raises(ValueError, match="name and a reason"):
        Decision(who, reason)


def test_a_file_that_was_never_opened_is_received_again(example: Example) -> None:
    intake = example.intake()
    example.failed(intake.unit)
    assert retry_intake(example.line, intake.id, BY) == [intake.unit]
    assert last_event(example, Kind.INTAKE, intake.id) == (
        "received",
        "retried-by-operator",
        "M. Schulz",
        "so entschieden",
    )


def test_all_parts_of_a_file_that_wait_go_on_and_their_half_done_work_is_removed(example: Example) -> None:
    intake = example.intake()
    example.planned(intake)
    part = Unit(Kind.SLICE, slice_id(intake.id, 1))
    example.failed(part)
    left = example.line.spool.slice_folder(part.id)
    left.mkdir()
    assert retry_intake(example.line, intake.id, BY) == [part]
    assert (state(example, Kind.SLICE, part.id), state(example, Kind.INTAKE, intake.id)) == ("planned", "planned")
    assert not left.exists()


def test_a_file_in_which_nothing_waits_is_not_tried_again(example: Example) -> None:
    intake = example.intake()
    with example.line.ledger.reading() as read:
        assert not can_retry(parts_of(read, intake.id))
    with pytest.raises(IllegalMove, match=f"Vorgang {intake.id} ist .* kann nicht noch einmal versucht werden"):
        retry_intake(example.line, intake.id, BY)


def test_a_file_that_waits_goes_back_with_the_reason_of_the_person(example: Example) -> None:
    intake = example.intake(file="Brief ä.pdf")
    example.failed(intake.unit)
    return_intake(example.line, intake.id, Decision("M. Schulz", "Seite 3 fehlt."))
    folder = example.line.spool.outbox / "parchim" / "rejected" / intake.id
    told = json.loads((folder / "reason.json").read_text(encoding="utf-8"))
    assert (told["code"], told["detail"]) == ("returned-by-operator", "Seite 3 fehlt.")
    assert (folder / "Brief ä.pdf").read_bytes() == b"original of t1"
    assert "Seite 3 fehlt." in (folder / "REASON.txt").read_text(encoding="utf-8")
    assert last_event(example, Kind.INTAKE, intake.id) == (
        "rejected",
        "returned-by-operator",
        "M. Schulz",
        "Seite 3 fehlt.",
    )
    with pytest.raises(IllegalMove, match="kann nicht zurückgegeben werden"):
        return_intake(example.line, intake.id, BY)


def test_letters_of_a_stack_that_goes_back_leave_the_pool_with_it(example: Example) -> None:
    stack = example.letters(3, done=False)
    example.failed(Unit(Kind.SLICE, slice_id(stack.id, 1)))
    return_intake(example.line, stack.id, BY)
    with example.line.ledger.reading() as read:
        assert read.counts(Kind.PIECE) == {("parchim", "returned"): 3}
        assert read.state_of(Unit(Kind.SLICE, slice_id(stack.id, 1))) == "dropped"
        assert [each.code for each in read.exceptions(intake=stack.id)] == ["returned-by-operator"]
        assert read.unfinished() == 0


def test_a_return_that_was_interrupted_is_finished_and_nothing_else_can_happen_meanwhile(
    example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = example.intake()
    document = example.in_review(intake)

    def share_is_away(*_arguments: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(deciding, "send_back", share_is_away)
        with pytest.raises(OSError, match="Input/output"):
            reject_document(example.line, document, BY)
    assert (state(example, Kind.DOCUMENT, document), state(example, Kind.INTAKE, intake.id)) == ("rejected", "waiting")
    with example.line.ledger.reading() as read:
        assert read.unfinished() == 0
    with pytest.raises(IllegalMove, match="Rückgabe ist schon entschieden"):
        retry_intake(example.line, intake.id, BY)
    return_intake(example.line, intake.id, BY)
    assert state(example, Kind.INTAKE, intake.id) == "rejected"
    assert (example.line.spool.outbox / "parchim" / "rejected" / intake.id / "Scan 1.pdf").is_file()


def test_what_has_left_the_house_does_not_go_back(example: Example) -> None:
    intake = example.intake()
    example.delivered(intake)
    with pytest.raises(IllegalMove, match="kann nicht zurückgegeben werden"):
        return_intake(example.line, intake.id, BY)
    half = example.intake()
    document = example.in_review(half)
    (example.line.spool.archive / "parchim" / document).mkdir()
    with pytest.raises(IllegalMove, match=f"Sein Dokument {document} liegt im Archivordner"):
        return_intake(example.line, half.id, BY)
    assert state(example, Kind.INTAKE, half.id) == "planned"


def test_what_a_worker_has_in_hand_does_not_go_back(example: Example) -> None:
    intake = example.intake()
    document = Unit(Kind.DOCUMENT, example.in_review(intake))
    accept_document(example.line, document.id, BY)
    with example.line.ledger.work("worker", 1) as work:  # a file of two documents: one is packed, one waits
        work.add(Kind.DOCUMENT, [{**_twin(intake.id), "facts": "{}"}])
        work.move(Unit(Kind.DOCUMENT, f"{intake.id}-d0002"), "review")
    now_ms = example.line.now_ms()
    assert example.line.ledger.lease(document, "worker", now_ms, now_ms + 60_000) is not None
    with pytest.raises(IllegalMove, match="Es wird gerade bearbeitet"):
        return_intake(example.line, intake.id, BY)


def _twin(intake: str) -> dict[str, object]:
    place = {"intake": intake, "municipality": "parchim", "profile": "post", "ordinal": 2}
    return {"id": f"{intake}-d0002", **place, "first_page": 3, "last_page": 3}


def test_an_accepted_document_is_due_again_with_name_and_reason_on_record(example: Example) -> None:
    document = example.in_review(example.intake())
    accept_document(example.line, document, BY)
    assert last_event(example, Kind.DOCUMENT, document) == (
        "accepted",
        "accepted-by-operator",
        "M. Schulz",
        "so entschieden",
    )
    with example.line.ledger.reading() as read:
        assert read.due(10**15) == [Unit(Kind.DOCUMENT, document)]
        record = read.document(document)
    assert record is not None
    assert not can_accept(record)
    with pytest.raises(IllegalMove, match=f"Dokument {document} ist .* kann nicht angenommen werden"):
        accept_document(example.line, document, BY)


def test_a_rejected_document_sends_its_file_back(example: Example) -> None:
    intake = example.intake()
    document = example.in_review(intake)
    assert reject_document(example.line, document, BY) == intake.id
    assert (state(example, Kind.DOCUMENT, document), state(example, Kind.INTAKE, intake.id)) == ("rejected", "rejected")
    assert (example.line.spool.outbox / "parchim" / "rejected" / intake.id / "reason.json").is_file()
    assert last_event(example, Kind.DOCUMENT, document)[1:] == ("returned-by-operator", "M. Schulz", "so entschieden")


@pytest.mark.parametrize(
    "decide", [retry_intake, return_intake, accept_document, reject_document, hold_batch, cancel_batch, retry_batch]
)
def test_what_is_not_there_is_said_to_be_unknown(
    example: Example, decide: Callable[[object, str, Decision], object]
) -> None:
    with pytest.raises(Permanent, match="gibt es nicht") as error:
        decide(example.line, "x0000009", BY)
    assert error.value.code == "unknown-unit"


def test_a_batch_is_held_resumed_and_released(example: Example) -> None:
    example.letters(2)
    batch = example.batch()
    hold_batch(example.line, batch, BY)
    with pytest.raises(IllegalMove, match=f"Druckauftrag {batch} ist .* nicht freigegeben werden. Zuerst fortsetzen"):
        release_batch(example.line, batch, BY)
    resume_batch(example.line, batch, BY)
    release_batch(example.line, batch, BY)
    with pytest.raises(IllegalMove, match=r"kann nicht storniert werden\. Zuerst anhalten"):
        cancel_batch(example.line, batch, BY)
    assert last_event(example, Kind.BATCH, batch) == ("released", "release-by-operator", "M. Schulz", "so entschieden")
    hold_batch(example.line, batch, BY)
    assert state(example, Kind.BATCH, batch) == "held"


def test_a_planned_batch_can_only_be_cancelled_and_a_closed_one_nothing_at_all(example: Example) -> None:
    example.letters(1)
    batch = example.batch(verified=False)
    with example.line.ledger.reading() as read:
        record = read.batch(batch)
    assert record is not None
    assert [can(step, record) for step in ("hold", "resume", "release", "cancel")] == [False, False, False, True]
    example.verify(batch)
    release_batch(example.line, batch, BY)
    with example.line.ledger.work("worker", 1) as work:
        work.move(Unit(Kind.BATCH, batch), "printed")
        work.move(Unit(Kind.BATCH, batch), "closed")
    with example.line.ledger.reading() as read:
        record = read.batch(batch)
    assert record is not None
    assert why_not("hold", record) == f"Druckauftrag {batch} ist »abgeschlossen« und kann nicht angehalten werden."
    assert not any(can(step, record) for step in ("hold", "resume", "release", "cancel"))


def test_a_batch_whose_files_are_gone_is_not_released(example: Example) -> None:
    example.letters(1)
    batch = example.batch()
    (example.line.spool.batches / batch).rename(example.line.spool.root / "elsewhere")
    with pytest.raises(Permanent, match="Die Dateien von Druckauftrag") as error:
        release_batch(example.line, batch, BY)
    assert error.value.code == "batch-missing"
    assert state(example, Kind.BATCH, batch) == "verified"


@pytest.mark.parametrize("name", ["-v01.pdf", "sheets.csv"])
@pytest.mark.parametrize("how", ["lost", "other bytes", "cut off"])
def test_a_batch_with_a_changed_file_is_held_and_says_which(example: Example, name: str, how: str) -> None:
    """Only with the file that was read back it goes on, and nothing is said to have been read back anew."""
    example.letters(2)
    batch = example.batch()
    folder = example.line.spool.batches / batch
    (folder / "sheets.csv").write_bytes(b"volume,page")
    (folder / "SHA256SUMS").write_text(f"{hashlib.sha256(b'volume,page').hexdigest()}  sheets.csv\n")
    path = folder / (f"{batch}{name}" if name.startswith("-") else name)
    right = path.read_bytes()

    def spoil() -> None:
        path.unlink() if how == "lost" else path.write_bytes(right[::-1] if how == "other bytes" else right[:-1])

    def refuses(decide: Callable[[Line, str, Decision], None]) -> None:
        with pytest.raises(Permanent) as error:
            decide(example.line, batch, BY)
        told = "fehlt oder ist nicht lesbar." if how == "lost" else "ist nicht mehr die Datei, die "
        assert error.value.code == "batch-changed"
        assert f"Druckauftrag {batch} ist angehalten" in error.value.sentence
        assert f"{path.name} {told}" in error.value.sentence
        assert f"batches verify {batch}" in error.value.remedy
        assert state(example, Kind.BATCH, batch) == "held"
        after, reason, who, detail = last_event(example, Kind.BATCH, batch)
        assert (after, reason, who) == ("held", "batch-changed", "M. Schulz")
        assert detail is not None and error.value.sentence.endswith(f": {detail}")

    spoil()
    refuses(release_batch)
    refuses(resume_batch)
    with pytest.raises(IllegalMove, match="Zuerst fortsetzen"):
        release_batch(example.line, batch, BY)
    path.write_bytes(right)
    resume_batch(example.line, batch, BY)
    spoil()
    refuses(release_batch)
    path.write_bytes(right)
    resume_batch(example.line, batch, BY)
    (folder / "thumbs.db").write_bytes(b"what a file browser leaves")
    release_batch(example.line, batch, BY)
    assert state(example, Kind.BATCH, batch) == "released"


def test_a_batch_with_a_changed_file_can_be_cancelled(example: Example) -> None:
    example.letters(2)
    batch = example.batch()
    (example.line.spool.batches / batch / f"{batch}-v01.pdf").unlink()
    with pytest.raises(Permanent, match=r"v01\.pdf fehlt"):
        release_batch(example.line, batch, BY)
    assert cancel_batch(example.line, batch, BY) == 2


def test_a_held_batch_without_its_folder_stays_held(example: Example) -> None:
    example.letters(1)
    batch = example.batch()
    hold_batch(example.line, batch, BY)
    (example.line.spool.batches / batch).rename(example.line.spool.root / "elsewhere")
    with pytest.raises(Permanent, match="SHA256SUMS fehlt"):
        resume_batch(example.line, batch, BY)
    assert state(example, Kind.BATCH, batch) == "held"


def test_cancelling_gives_letters_and_exceptions_back_and_takes_the_papers_away(example: Example) -> None:
    stack = example.letters(3)
    example.returned(stack, 4)
    example.letters(2, "luebz")
    batch = example.batch()
    other = example.line.spool.outbox / "luebz" / "manifests" / "b0000009.json"
    other.write_text("another batch's")
    assert cancel_batch(example.line, batch, BY) == 5
    spool = example.line.spool
    assert not (spool.batches / batch).exists()
    assert (spool.private / "cancelled" / batch / "manifests" / "luebz.json").is_file()
    assert list(spool.outbox.glob("*/manifests/*")) == [other]
    assert list(spool.volumes.iterdir()) == []
    with example.line.ledger.reading() as read:
        assert [volume.state for volume in read.volumes(batch)] == []
        assert len(list(read.pool())) == 5
        assert list(read.placed(batch)) == []
        assert [each.batch for each in read.exceptions()] == [None]
    (again,) = assemble(example.line, "worker")
    with example.line.ledger.reading() as read:
        assert [each.number for each in read.placed(again)] == [1, 2, 3, 4, 5]
        assert [each.batch for each in read.exceptions()] == [again]


def test_a_batch_that_a_worker_publishes_is_not_cancelled(example: Example) -> None:
    example.letters(1)
    batch = Unit(Kind.BATCH, example.batch(verified=False))
    with example.line.ledger.work("worker", example.line.now_ms()) as work:
        for volume in work.read.volumes(batch.id):
            work.move(Unit(Kind.VOLUME, volume.id), "written")
            work.move(Unit(Kind.VOLUME, volume.id), "verified")
    now_ms = example.line.now_ms()
    assert example.line.ledger.lease(batch, "worker", now_ms, now_ms + 60_000) is not None
    with pytest.raises(IllegalMove, match="wird gerade veröffentlicht"):
        cancel_batch(example.line, batch.id, BY)
    assert state(example, Kind.BATCH, batch.id) == "planned"


def test_an_interrupted_cancellation_leaves_nothing_to_release_and_is_finished_by_the_same_call(
    example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    example.letters(2)
    batch = example.batch()
    put_away = deciding._put_away

    def stopped(*arguments: object) -> None:
        put_away(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(deciding, "_put_away", stopped)
        with pytest.raises(KeyboardInterrupt):
            cancel_batch(example.line, batch, BY)
    with pytest.raises(Permanent, match="liegen nicht in"):
        release_batch(example.line, batch, BY)
    assert cancel_batch(example.line, batch, BY) == 2


def test_failed_volumes_are_written_anew(example: Example) -> None:
    example.letters(2)
    batch = example.batch(verified=False)
    volume = Unit(Kind.VOLUME, f"{batch}-v01")
    with pytest.raises(IllegalMove, match="Nichts darin wartet"):
        retry_batch(example.line, batch, BY)
    example.failed(volume, "readback-failed", "page 1")
    folder = example.line.spool.volume_folder(volume.id)
    folder.mkdir()
    assert retry_batch(example.line, batch, BY) == [volume]
    assert not folder.exists()
    assert (state(example, Kind.VOLUME, volume.id), state(example, Kind.BATCH, batch)) == ("planned", "planned")
    example.failed(Unit(Kind.BATCH, batch), "totals-disagree")
    assert retry_batch(example.line, batch, BY) == [Unit(Kind.BATCH, batch)]
