"""What goes back to the municipality: whole files, or single letters of a stack, each with its reason."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.adapters.claim_notes import read_note
from pipeline.adapters.ledger import Work
from pipeline.adapters.ledger.cuts import count_left_out
from pipeline.adapters.ledger.records import ExceptionRecord, IntakeRecord, Lease
from pipeline.domain.errors import Permanent, Rejected
from pipeline.domain.ids import is_id, piece_id
from pipeline.domain.papers import RejectionPapers
from pipeline.domain.pieces import LetterException
from pipeline.domain.states import Kind, Unit, can_move
from pipeline.services.local_times import local_iso
from pipeline.services.ports import Line

_OUR_NAMES = (b"REASON.txt", b"reason.json")


def shelf(line: Line, intake: IntakeRecord, name: str) -> Path:
    """The folder of an intake on a shelf of its municipality's outbox."""
    owner = intake.municipality if is_id(intake.municipality) else "unknown"
    return line.spool.outbox / owner / name / intake.id


def send_back(line: Line, lease: Lease, intake: IntakeRecord, refusal: Rejected) -> None:
    """Return a whole file with REASON.txt and reason.json, then record it.

    What was planned for it is dropped. The returned folder appears whole; only then the ledger says so.
    """
    folder = line.spool.work_folder(lease.unit, lease.version)
    put_original(line, intake, folder)
    with line.ledger.reading() as read:
        exceptions = [record.as_exception() for record in read.exceptions(intake=intake.id)]
    told = rejection_papers(line, intake, refusal.code, refusal.sentence, exceptions)
    line.papers.rejection(replace(told, page=refusal.page), folder)
    line.spool.publish(folder, shelf(line, intake, "rejected"))
    with line.ledger.outcome(lease, line.now_ms()) as work:
        _drop_parts(work, intake.id)
        unit = Unit(Kind.INTAKE, intake.id)
        work.move(unit, "rejected", reason=refusal.code, detail=refusal.sentence)
        if intake.direction == "outgoing" and not exceptions and intake.municipality in line.profiles.municipalities:
            work.add_exceptions([_whole_file_row(intake, refusal)])


def _drop_parts(work: Work, intake: str) -> None:
    """End whatever was planned for a file that goes back."""
    slices = [s.id for s in work.read.slices(intake=intake) if s.state != "dropped"]
    work.move_all(Kind.SLICE, slices, "dropped", reason="intake-rejected")
    documents = [d.id for d in work.read.documents(intake=intake) if can_move(Kind.DOCUMENT, d.state, "rejected")]
    work.move_all(Kind.DOCUMENT, documents, "rejected", reason="intake-rejected")


def _whole_file_row(intake: IntakeRecord, refusal: Rejected) -> dict[str, object]:
    """A refused print file as its municipality's next manifest tells of it."""
    page = refusal.page or 1
    return {
        "id": piece_id(intake.id, 1),
        "intake": intake.id,
        "intake_number": intake.number,
        "ordinal": 1,
        "file": intake.file,
        "municipality": intake.municipality,
        "source_first_page": 1,
        "source_last_page": intake.pages or 1,
        "source_page": page,
        "code": refusal.code,
        "detail": refusal.sentence,
    }


def settle_outgoing(line: Line, lease: Lease, intake: IntakeRecord) -> None:
    """Close a print stream whose letters are all read: into the pool, back to the sender, or both."""
    with line.ledger.reading() as read:
        pieces = list(read.pieces(intake=intake.id))
        prepared = {piece.id for piece in pieces}  # one of these that a person took out is an exception, too
        exceptions = [each for each in read.exceptions(intake=intake.id) if each.id not in prepared]
        left_out = count_left_out(read.connection, intake.id)
    ranges = [(p.source_first_page, p.source_last_page) for p in pieces]
    ranges += [(e.source_first_page, e.source_last_page) for e in exceptions]
    pages = sum(last - first + 1 for first, last in ranges)
    if pages + left_out != intake.pages or len(set(ranges)) != len(ranges):
        told = f"{intake.pages} pages in, {pages} in letters, {left_out} left out"
        raise Permanent("pages-do-not-add-up", f"{intake.id}: {told}")
    if not pieces:
        send_back(line, lease, intake, _whole_file(exceptions))
        return
    if exceptions:
        _return_letters(line, lease, intake, exceptions)
    with line.ledger.outcome(lease, line.now_ms()) as work:
        reason = "letters-returned" if exceptions else None
        work.move(Unit(Kind.INTAKE, intake.id), "done", reason=reason)


def _whole_file(exceptions: list[ExceptionRecord]) -> Rejected:
    if len(exceptions) == 1:
        return Rejected(exceptions[0].code, exceptions[0].detail, page=exceptions[0].source_page)
    sentence = f"Alle {len(exceptions)} Briefe der Datei haben einen Mangel."
    return Rejected("whole-file-returned", sentence)


def _return_letters(line: Line, lease: Lease, intake: IntakeRecord, exceptions: list[ExceptionRecord]) -> None:
    """Lay the letters that can't be printed into the outbox, each as a PDF of its own."""
    folder = line.spool.work_folder(lease.unit, lease.version)
    for record in exceptions:
        if record.slice_id is None or record.slice_first_page is None:
            continue
        name = f"letter-{record.ordinal:06d}-page-{record.source_first_page:06d}.pdf"
        pages = record.source_last_page - record.source_first_page + 1
        letters = line.spool.slice_letters(record.slice_id)
        line.letters.extract(letters, record.slice_first_page, pages, folder / name)
    told = [record.as_exception() for record in exceptions]
    sentence = f"{len(exceptions)} Briefe dieser Datei kommen zurück; die übrigen werden gedruckt."
    line.papers.rejection(rejection_papers(line, intake, "letters-returned", sentence, told), folder)
    line.spool.publish(folder, shelf(line, intake, "returned"))


def rejection_papers(
    line: Line,
    intake: IntakeRecord,
    code: str,
    detail: str,
    exceptions: Sequence[LetterException] = (),
) -> RejectionPapers:
    """What a rejection's papers tell of a file."""
    return RejectionPapers(
        code=code,
        detail=detail,
        intake=intake.id,
        municipality=intake.municipality,
        profile=intake.profile,
        file=intake.file,
        sha256=intake.sha256,
        bytes=intake.bytes,
        received_at=local_iso(line, intake.received_ms),
        rejected_at=local_iso(line, line.now_ms()),
        exceptions=tuple(exceptions),
    )


def put_original(line: Line, intake: IntakeRecord, folder: Path) -> None:
    """The file as it came, under the name under which it came; what is not a file is only told of."""
    original = line.spool.original(intake.token)
    if intake.drop_kind != "file" or not original.exists():
        return
    name = os.path.basename(intake.file_raw)  # noqa: PTH119 - names are bytes here
    if name in (*_OUR_NAMES, b"", b".", b".."):
        name = b"original-" + name
    shutil.copyfile(original, os.fsencode(folder) + b"/" + name)
    claim = line.spool.claim_folder(intake.token)
    note = read_note(claim)
    for told, ours in ((note.ticket, "ticket"), (note.index, "index")) if note is not None else ():
        beside = claim / ours
        if told is not None and beside.is_file() and not beside.is_symlink():
            shutil.copyfile(beside, os.fsencode(folder) + b"/" + told.name)
