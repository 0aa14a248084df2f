"""What a person decides: try again, give back, accept, reject, hold, release, cancel. Each with a name and a reason.

Every decision passes the ledger's one function for moves, so its event names who decided and why. What cannot be
done is refused with a sentence that names the unit and its state; `why_not_…` says it beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pipeline.adapters.ledger import Work
from pipeline.adapters.ledger.queries import Queries
from pipeline.adapters.ledger.records import BatchRecord, DocumentRecord, IntakeRecord, Lease, SliceRecord
from pipeline.adapters.ledger.summaries import free_exceptions, lock, lock_parts, piece_ids, piece_states, volume_ids
from pipeline.domain.errors import IllegalMove, Permanent, Rejected
from pipeline.domain.states import Kind, Unit, can_move
from pipeline.services.enveloping import back_to_the_pool
from pipeline.services.ports import Line
from pipeline.services.printing import SUMS
from pipeline.services.published_files import CHANGED, batch_changed, changed_files
from pipeline.services.returning_documents import (
    DOCUMENT_RETURNED,
    document_shelf,
    goes_alone,
    is_going_back,
    send_document_back,
    why_going_back,
)
from pipeline.services.sending_back import send_back
from pipeline.services.wording import DONE_TO_BATCHES, refused, state_word

BatchStep = Literal["hold", "resume", "release", "cancel"]

RETURNED = "returned-by-operator"
_LEADS_TO: dict[BatchStep, str] = {"hold": "held", "resume": "verified", "release": "released", "cancel": "cancelled"}
_MANIFEST_ENDINGS = (".json", ".csv", ".pdf")


@dataclass(frozen=True)
class Decision:
    """Who decides, and why; both are kept with the event. A reason for a return is read by the municipality."""

    who: str
    reason: str

    def __post_init__(self) -> None:
        if not self.who.strip() or not self.reason.strip():
            raise ValueError("a decision needs a name and a reason")


@dataclass(frozen=True)
class Parts:
    """A file with everything that was made of it. `pieces`: how many of its letters are in which state."""

    intake: IntakeRecord
    slices: tuple[SliceRecord, ...]
    documents: tuple[DocumentRecord, ...]
    pieces: dict[str, int]

    def waiting(self) -> list[Unit]:
        """What of it waits for a person because attempts were used up."""
        units = [self.intake.unit] if self.intake.state == "waiting" else []
        units += [Unit(Kind.SLICE, part.id) for part in self.slices if part.state == "waiting"]
        open_ones = [each for each in self.documents if each.state == "waiting" and not is_going_back(each)]
        return units + [Unit(Kind.DOCUMENT, each.id) for each in open_ones]


def parts_of(read: Queries, intake_id: str) -> Parts:
    """A file and its parts as they are now. Raises Permanent `unknown-unit`."""
    intake = read.intake(intake_id)
    if intake is None:
        raise Permanent("unknown-unit", f"Den Vorgang {intake_id} gibt es nicht.")
    slices, documents = read.slices(intake=intake_id), read.documents(intake=intake_id)
    return Parts(intake, tuple(slices), tuple(documents), piece_states(read.connection, intake_id))


def why_not_retry(parts: Parts) -> str | None:
    """Why a file can't be tried again; None if it can."""
    head = refused(Kind.INTAKE, parts.intake.id, parts.intake.state, "noch einmal versucht")
    if parts.intake.reason == RETURNED:
        return f"{head}: Die Rückgabe ist schon entschieden."
    return None if parts.waiting() else f"{head}: Nichts darin wartet auf eine Entscheidung."


def can_retry(parts: Parts) -> bool:
    """Whether a file can be tried again."""
    return why_not_retry(parts) is None


def retry_intake(line: Line, intake_id: str, by: Decision) -> list[Unit]:
    """Let everything of a file that waits for a person be tried again. Returns what goes on."""
    with line.ledger.work(by.who, line.now_ms()) as work:
        _lock_parts(work, intake_id)
        parts = parts_of(work.read, intake_id)
        _refuse(why_not_retry(parts))
        waiting = parts.waiting()
        line.spool.clear(line.spool.slice_folder(unit.id) for unit in waiting if unit.kind is Kind.SLICE)
        for unit in waiting:
            opened = unit.kind is not Kind.INTAKE or parts.slices
            work.move(unit, "planned" if opened else "received", reason="retried-by-operator", detail=by.reason)
    return waiting


def why_not_return(line: Line, parts: Parts) -> str | None:
    """Why a file can't be given back; None if it can. What has left the house, or is leaving it, stays out."""
    intake = parts.intake
    head = refused(Kind.INTAKE, intake.id, intake.state, "zurückgegeben")
    if intake.state in ("done", "rejected"):
        return f"{head}."
    if not parts.waiting() and not any(document.state == "review" for document in parts.documents):
        return f"{head}: Nichts darin wartet auf eine Entscheidung."
    for document in parts.documents:
        if is_going_back(document) or document_shelf(line, document).exists():
            return f"{head}: Dokument {document.id} geht einzeln zurück. Bitte jedes einzeln zurückweisen."
        packed = line.spool.archive / document.municipality / document.id
        if document.state in ("delivered", "acknowledged") or packed.exists():
            return f"{head}: Sein Dokument {document.id} liegt im Archivordner."
    if any(unit.is_leased(line.now_ms()) for unit in (intake, *parts.documents)):
        return f"{head}: Es wird gerade bearbeitet. Bitte in einer Minute noch einmal versuchen."
    gone = sorted(set(parts.pieces) - {"pooled", "held", "returned", "pulled"})
    return f"{head}: Briefe daraus sind {', '.join(state_word(Kind.PIECE, each) for each in gone)}." if gone else None


def can_return(line: Line, parts: Parts) -> bool:
    """Whether a file can be given back."""
    return why_not_return(line, parts) is None


def return_intake(line: Line, intake_id: str, by: Decision) -> None:
    """Give a file back to its municipality with `returned-by-operator`; the reason is the detail it reads.

    In two steps: first nobody can work on the file any more, and it waits with this reason; then it goes back. If
    the machine stops between the two, the same call finishes it.
    """
    with line.ledger.work(by.who, line.now_ms()) as work:
        _lock_parts(work, intake_id)
        parts = parts_of(work.read, intake_id)
        _refuse(why_not_return(line, parts))
        _close(work, parts, by)
    _send_back(line, intake_id, by)


def why_not_accept(document: DocumentRecord) -> str | None:
    """Why a document can't be accepted; None if it can."""
    if is_going_back(document):
        return why_going_back(document)
    if can_move(Kind.DOCUMENT, document.state, "accepted"):
        return None
    return f"{refused(Kind.DOCUMENT, document.id, document.state, 'angenommen')}: Das geht nur in der Prüfung."


def can_accept(document: DocumentRecord) -> bool:
    """Whether a document can be accepted."""
    return why_not_accept(document) is None


def accept_document(line: Line, document_id: str, by: Decision) -> None:
    """Let a document that was in review be packed; name and reason go into its transfer note."""
    with line.ledger.work(by.who, line.now_ms()) as work:
        document = _locked_document(work, document_id)
        _refuse(why_not_accept(document))
        plan = document.accepting(document.review_codes)
        work.move(document.unit, "accepted", reason="accepted-by-operator", detail=by.reason, plan=plan)


def why_not_reject(line: Line, document: DocumentRecord, parts: Parts) -> str | None:
    """Why a document can't be rejected; None if it can. The only one of its file takes the whole file along."""
    if document.state not in ("review", "waiting"):
        return f"{refused(Kind.DOCUMENT, document.id, document.state, 'zurückgewiesen')}: Das geht nur in der Prüfung."
    if not goes_alone(parts.documents):
        return why_not_return(line, parts)
    if (line.spool.archive / document.municipality / document.id).exists():
        return f"Dokument {document.id} liegt im Archivordner und kann nicht zurückgewiesen werden."
    return None


def can_reject(line: Line, document: DocumentRecord, parts: Parts) -> bool:
    """Whether a document can be rejected."""
    return why_not_reject(line, document, parts) is None


def reject_document(line: Line, document_id: str, by: Decision) -> str:
    """Give a document back to its municipality: alone if its file has others, else the whole file.

    Returns the id of what went back: the document's, or the intake's. In two steps, like `return_intake`; the same
    call finishes what was interrupted.
    """
    with line.ledger.reading() as read:
        intake_id = _document(read, document_id).intake
    with line.ledger.work(by.who, line.now_ms()) as work:
        _lock_parts(work, intake_id)
        parts = parts_of(work.read, intake_id)
        document = _document(work.read, document_id)
        _refuse(why_not_reject(line, document, parts))
        alone = goes_alone(parts.documents)
        if alone:
            work.change(document.unit, reason=DOCUMENT_RETURNED, detail=by.reason)
            work.note(document.unit, document.state, DOCUMENT_RETURNED, by.reason)
        else:
            _close(work, parts, by)
    if not alone:
        _send_back(line, intake_id, by)
        return intake_id
    lease = Lease(document.unit, document.state, by.who, document.version, document.attempts)
    send_document_back(line, lease, Rejected(DOCUMENT_RETURNED, by.reason))
    return document_id


def why_not(step: BatchStep, batch: BatchRecord) -> str | None:
    """Why a batch can't be held, resumed, released or cancelled; None if it can."""
    there = _LEADS_TO[step]
    if can_move(Kind.BATCH, batch.state, there) and (step != "resume" or batch.state == "held"):
        return None
    sentence = refused(Kind.BATCH, batch.id, batch.state, DONE_TO_BATCHES[step]) + "."
    if step == "release" and batch.state == "held":
        return f"{sentence} Zuerst fortsetzen (resume)."
    if step == "cancel" and batch.state == "released":
        return f"{sentence} Zuerst anhalten (hold)."
    return sentence


def wrong_sheets(read: Queries, batch: BatchRecord) -> list[str]:
    """What the read-back found wrong in a batch, volume by volume: which page, which piece."""
    volumes = [volume for volume in read.volumes(batch.id) if volume.state == "waiting"]
    return [volume.detail or f"{volume.id}.pdf: {volume.reason}" for volume in volumes]


def can(step: BatchStep, batch: BatchRecord) -> bool:
    """Whether a batch can be held, resumed, released or cancelled."""
    return why_not(step, batch) is None


def hold_batch(line: Line, batch_id: str, by: Decision) -> None:
    """Stop a verified or released batch before it is printed."""
    _step(line, batch_id, "hold", by)


def resume_batch(line: Line, batch_id: str, by: Decision) -> None:
    """Let a held batch go on if its files are still the ones that were read back; it has to be released anew.

    They are compared by their SHA-256, and not read back. Raises as `release_batch`; the batch then stays held.
    """
    _step(line, batch_id, "resume", by)


def release_batch(line: Line, batch_id: str, by: Decision) -> None:
    """Let a verified batch be printed whose files are still the ones that were read back.

    Raises Permanent `batch-missing` if its folder is not where it was laid, `batch-changed` if a file of it is missing
    or another one; the batch is then held.
    """
    _step(line, batch_id, "release", by)


def cancel_batch(line: Line, batch_id: str, by: Decision) -> int:
    """Undo a batch that is not released: its letters go back to the pool, its papers out of everybody's sight.

    The folder goes to `private/cancelled`, the manifests are taken back from the outboxes, and then the ledger says
    so. If the machine stops in between, the batch can't be released any more, and the same call finishes it.
    Returns how many letters are in the pool again.
    """
    with line.ledger.work(by.who, line.now_ms()) as work:
        batch = _locked_batch(work, batch_id)
        _refuse(why_not("cancel", batch))
        if batch.is_leased(line.now_ms()):
            _refuse(f"Druckauftrag {batch_id} wird gerade veröffentlicht. Bitte in einer Minute noch einmal versuchen.")
        told: dict[str, Any] = {"reason": "cancelled-by-operator", "detail": by.reason}
        pieces = piece_ids(work.connection, batch=batch_id, state="batched")
        volumes = volume_ids(work.connection, batch_id)
        work.move(Unit(Kind.BATCH, batch_id), "cancelled", **told)
        work.move_all(Kind.VOLUME, volumes, "dropped", **told)
        letters = back_to_the_pool(work, batch_id, pieces)
        free_exceptions(work.connection, batch_id)
        _put_away(line, batch_id)
    line.spool.clear(line.spool.volume_folder(volume) for volume in volumes)
    return letters


def why_not_retry_batch(batch: BatchRecord, waiting_volumes: int) -> str | None:
    """Why a batch can't be tried again; None if it can."""
    if batch.state == "waiting" or (batch.state == "planned" and waiting_volumes):
        return None
    return refused(Kind.BATCH, batch.id, batch.state, "noch einmal versucht") + ": Nichts darin wartet."


def can_retry_batch(batch: BatchRecord, waiting_volumes: int) -> bool:
    """Whether a batch can be tried again."""
    return why_not_retry_batch(batch, waiting_volumes) is None


def retry_batch(line: Line, batch_id: str, by: Decision) -> list[Unit]:
    """Let a batch, and its volumes that failed, be tried again; those volumes are written anew."""
    with line.ledger.work(by.who, line.now_ms()) as work:
        batch = _locked_batch(work, batch_id)
        failed = [volume.id for volume in work.read.volumes(batch_id) if volume.state == "waiting"]
        _refuse(why_not_retry_batch(batch, len(failed)))
        line.spool.clear(line.spool.volume_folder(volume) for volume in failed)
        units = [Unit(Kind.VOLUME, volume) for volume in failed]
        units += [Unit(Kind.BATCH, batch_id)] if batch.state == "waiting" else []
        for unit in units:
            work.move(unit, "planned", reason="retried-by-operator", detail=by.reason)
    return units


def _step(line: Line, batch_id: str, step: BatchStep, by: Decision) -> None:
    compares = step in ("release", "resume")  # before anything is locked, since volumes are large
    changed = " ".join(changed_files(line, batch_id)) if compares else ""
    with line.ledger.work(by.who, line.now_ms()) as work:
        batch = _locked_batch(work, batch_id)
        why = why_not(step, batch)
        if why is not None and step == "release":
            why = " ".join((why, *wrong_sheets(work.read, batch)))
        _refuse(why)
        unit = Unit(Kind.BATCH, batch_id)
        if step == "release" and not (line.spool.batches / batch_id / SUMS).is_file():
            raise Permanent(
                "batch-missing",
                f"Die Dateien von Druckauftrag {batch_id} liegen nicht in {line.spool.batches}.",
                "Den Ordner zurückbringen, oder den Auftrag stornieren (cancel) und neu zusammenstellen (assemble).",
            )
        if not changed:
            work.move(unit, _LEADS_TO[step], reason=f"{step}-by-operator", detail=by.reason)
        elif step == "release":
            work.move(unit, "held", reason=CHANGED, detail=changed)
        else:
            work.change(unit, reason=CHANGED, detail=changed)
            work.note(unit, batch.state, CHANGED, changed)
    if changed:
        raise batch_changed(batch_id, changed)


def _close(work: Work, parts: Parts, by: Decision) -> None:
    """End everything that was made of a file, so that no worker goes on with it."""
    told: dict[str, Any] = {"reason": RETURNED, "detail": by.reason}
    documents = [d.id for d in parts.documents if can_move(Kind.DOCUMENT, d.state, "rejected")]
    work.move_all(Kind.DOCUMENT, documents, "rejected", **told)
    work.move_all(Kind.SLICE, [part.id for part in parts.slices if part.state != "dropped"], "dropped", **told)
    for here, there in (("pooled", "returned"), ("held", "pulled")):
        pieces = piece_ids(work.connection, intake=parts.intake.id, state=here)
        work.move_all(Kind.PIECE, pieces, there, **told)
    if parts.intake.state == "waiting":
        work.change(parts.intake.unit, **told)
        work.note(parts.intake.unit, "waiting", RETURNED, by.reason)
    else:
        work.move(parts.intake.unit, "waiting", **told)


def _send_back(line: Line, intake_id: str, by: Decision) -> None:
    with line.ledger.reading() as read:
        intake = parts_of(read, intake_id).intake
    # A unit that waits for a person is leased to nobody; its version alone keeps two people apart.
    lease = Lease(intake.unit, intake.state, by.who, intake.version, intake.attempts)
    send_back(line, lease, intake, Rejected(RETURNED, by.reason))


def _put_away(line: Line, batch_id: str) -> None:
    """Take a batch out of the print centre's folder and its manifests out of the outboxes; may be done again."""
    folder = line.spool.batches / batch_id
    if folder.exists():
        away = line.spool.private / "cancelled" / batch_id
        away.parent.mkdir(parents=True, exist_ok=True)
        folder.rename(away)
    for shelf in sorted(line.spool.outbox.glob("*/manifests")):
        for ending in _MANIFEST_ENDINGS:
            (shelf / f"{batch_id}{ending}").unlink(missing_ok=True)


def _refuse(sentence: str | None) -> None:
    if sentence is not None:
        raise IllegalMove("illegal-move", sentence)


def _lock_parts(work: Work, intake_id: str) -> None:
    lock(work.connection, Unit(Kind.INTAKE, intake_id))
    lock_parts(work.connection, Kind.DOCUMENT, "intake", intake_id)
    lock_parts(work.connection, Kind.SLICE, "intake", intake_id)


def _document(read: Queries, document_id: str) -> DocumentRecord:
    document = read.document(document_id)
    if document is None:
        raise Permanent("unknown-unit", f"Das Dokument {document_id} gibt es nicht.")
    return document


def _locked_document(work: Work, document_id: str) -> DocumentRecord:
    lock(work.connection, Unit(Kind.DOCUMENT, document_id))
    return _document(work.read, document_id)


def _locked_batch(work: Work, batch_id: str) -> BatchRecord:
    lock(work.connection, Unit(Kind.BATCH, batch_id))
    lock_parts(work.connection, Kind.VOLUME, "batch", batch_id)
    batch = work.read.batch(batch_id)
    if batch is None:
        raise Permanent("unknown-unit", f"Den Druckauftrag {batch_id} gibt es nicht.")
    return batch
