"""Working copies are deleted when nobody needs them any more: never before the archive has acknowledged everything.

A file's copies are its claim (the scan as it came, the ticket) and what was recognised. They are deleted first, then
the ledger says so; if the machine stops in between, the next look finishes it. Pictures that were drawn for a
person's eyes go as soon as that person has decided.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from pipeline.adapters.ledger.queries import Queries
from pipeline.adapters.ledger.records import DocumentRecord, IntakeRecord
from pipeline.adapters.ledger.summaries import lock, retirable_intakes
from pipeline.domain.errors import Temporary
from pipeline.domain.german import counted
from pipeline.domain.retention import copies_until_ms
from pipeline.services.ports import Line
from pipeline.services.reviewing import end_of, rules_of

WHO = "retention"
RETIRED = "retired"
_AT_ONCE = 200  # files a look, so that a look after a long holiday does not take the morning


def retire(line: Line, now_ms: int) -> list[str]:
    """Delete the working copies whose time has come. Returns the ids of the files.

    Raises Temporary `copies-not-deleted` where the disk does not let go; everything else is done by then.
    """
    with line.ledger.reading() as read:
        due = [each for each in retirable_intakes(read.connection) if _is_due(line, read, each, now_ms)]
    retired, stuck = [], []
    for intake in due[:_AT_ONCE]:
        if _retire_one(line, intake.id, now_ms):
            retired.append(intake.id)
        else:
            stuck.append(intake.id)
    if stuck:
        sentence = f"Arbeitskopien lassen sich nicht löschen: {', '.join(stuck)}."
        raise Temporary("copies-not-deleted", sentence, "Bitte die Rechte unter private/ prüfen.")
    return retired


def clear_pictures(line: Line) -> list[str]:
    """Delete the pictures of documents that do not wait for a person any more. Returns the documents' ids."""
    folder = pictures_folder(line)
    if not folder.is_dir():
        return []
    kept: list[str] = []
    cleared = []
    found = sorted(entry.name for entry in folder.iterdir())
    with line.ledger.reading() as read:
        for name in found:
            document = read.document(name)
            if document is not None and document.state in ("review", "waiting"):
                kept.append(name)
    for name in found:
        if name not in kept:
            shutil.rmtree(folder / name, ignore_errors=True)
            cleared.append(name)
    return cleared


def pictures_folder(line: Line) -> Path:
    """Where the pictures drawn for the operators' page lie, a folder a document."""
    return line.spool.private / "pictures"


def _is_due(line: Line, read: Queries, intake: IntakeRecord, now_ms: int) -> bool:
    documents = read.documents(intake=intake.id)
    until_ms = _until_ms(line, intake, documents)
    return until_ms is not None and until_ms <= now_ms


def _until_ms(line: Line, intake: IntakeRecord, documents: Sequence[DocumentRecord]) -> int | None:
    keep_days = rules_of(line, intake.profile).keep_days
    return copies_until_ms(intake.state, intake.changed_ms, [end_of(each) for each in documents], keep_days)


def _retire_one(line: Line, intake_id: str, now_ms: int) -> bool:
    """Delete and record; False if something could not be deleted. Harmless if another process does the same."""
    with line.ledger.reading() as read:
        intake = read.intake(intake_id)
        slices = read.slices(intake=intake_id)
        documents = read.documents(intake=intake_id)
    if intake is None or intake.retired_ms is not None:
        return True
    until_ms = _until_ms(line, intake, documents)
    if until_ms is None or until_ms > now_ms:
        return True  # somebody changed something since; nothing is deleted on an old word
    folders = [line.spool.claim_folder(intake.token), *(line.spool.slice_folder(part.id) for part in slices)]
    folders += [pictures_folder(line) / document.id for document in documents]
    there = [folder for folder in folders if folder.exists()]
    line.spool.clear(there)
    if any(folder.exists() for folder in there):
        return False
    with line.ledger.work(WHO, now_ms) as work:
        row = lock(work.connection, intake.unit)
        if row is not None and row["retired_ms"] is None:
            work.change(intake.unit, retired_ms=now_ms)
            work.note(intake.unit, intake.state, RETIRED, f"{counted(len(there), 'Ordner', 'Ordner')} gelöscht")
    return True
