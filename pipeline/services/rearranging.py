"""What a person changes about how a stack was cut: a document is split, or neighbours are joined again; a page that
was left out is taken back, or one is left out.

The old documents end as `replaced`; the new ones have the next free numbers and the same pages, each exactly once.
A joined document waits for a person to accept it: two letters in one document may be two citizens' letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from pipeline.adapters.incoming.page_files import page_file, read_page
from pipeline.adapters.ledger import Work
from pipeline.adapters.ledger.queries import Queries
from pipeline.adapters.ledger.records import DocumentRecord, IntakeRecord
from pipeline.adapters.ledger.summaries import lock, lock_parts
from pipeline.domain.errors import IllegalMove, Permanent
from pipeline.domain.profiles import ScanPlex
from pipeline.domain.separation import DocumentPlan, DropReason
from pipeline.domain.states import Kind, Unit, can_move
from pipeline.services.deciding import Decision
from pipeline.services.ports import Line
from pipeline.services.returning_documents import is_going_back, why_going_back
from pipeline.services.separating import document_row, send_to_review
from pipeline.services.slicing import slice_rows
from pipeline.services.wording import refused


def why_not_rearrange(document: DocumentRecord, now_ms: int) -> str | None:
    """Why the pages of a document can't go to other documents; None if they can."""
    if is_going_back(document):
        return why_going_back(document)
    if not can_move(Kind.DOCUMENT, document.state, "replaced"):
        return f"{refused(Kind.DOCUMENT, document.id, document.state, 'neu geordnet')}."
    if document.is_leased(now_ms):
        return f"Dokument {document.id} wird gerade bearbeitet. Bitte in einer Minute noch einmal versuchen."
    return None


def why_not_split(document: DocumentRecord, before_page: int, now_ms: int) -> str | None:
    """Why a document can't be cut before this page of its source; None if it can."""
    kept = document.planned.pages
    if kept and kept[0] < before_page <= kept[-1]:
        return why_not_rearrange(document, now_ms)
    return (
        f"Dokument {document.id} kann vor Seite {before_page} nicht geteilt werden: "
        f"Es hat die Seiten {kept[0]} bis {kept[-1]} der Datei, und beide Teile brauchen eine."
    )


def why_not_merge(documents: Sequence[DocumentRecord], now_ms: int) -> str | None:
    """Why documents can't be joined; None if they can. They must be neighbours of one stack, in its order."""
    if len(documents) < 2:
        return "Verbinden lassen sich nur zwei oder mehr Dokumente."
    for before, after in pairwise(documents):
        if (before.intake, before.last_page + 1) != (after.intake, after.first_page):
            return f"{before.id} und {after.id} lassen sich nicht verbinden: Sie folgen im Stapel nicht aufeinander."
    return next((why for each in documents if (why := why_not_rearrange(each, now_ms)) is not None), None)


def why_not_keep(document: DocumentRecord, page: int, now_ms: int) -> str | None:
    """Why a page of the source can't be taken back into its document; None if it can."""
    if page in {drop.source_page for drop in document.planned.dropped}:
        return why_not_rearrange(document, now_ms)
    return f"Seite {page} wurde in Dokument {document.id} nicht weggelassen und kann nicht zurückgeholt werden."


def why_not_leave_out(document: DocumentRecord, page: int, now_ms: int) -> str | None:
    """Why a page of the source can't be left out of its document; None if it can."""
    kept = document.planned.pages
    if page in kept and len(kept) > 1:
        return why_not_rearrange(document, now_ms)
    why = "Es ist seine einzige" if page in kept else "Es hat diese Seite nicht"
    return f"Seite {page} kann in Dokument {document.id} nicht weggelassen werden: {why}."


def why_no_separator(document: DocumentRecord, page: int, now_ms: int) -> str | None:
    """Why a page can't be left out of its document as a separator sheet; None if it can.

    Between other pages a separator parts two letters: to leave it out there would join them.
    """
    kept = document.planned.pages
    if page in kept and kept[0] < page < kept[-1]:
        return (
            f"Seite {page} steht zwischen anderen Seiten von Dokument {document.id}: Ein Trennblatt dort trennt zwei "
            f"Briefe. Bitte das Dokument teilen: poststrasse documents split {document.id} --before {page} --separator"
        )
    return why_not_leave_out(document, page, now_ms)


def split_document(
    line: Line, document_id: str, before_page: int, by: Decision, *, separator: bool = False
) -> tuple[str, str]:
    """Cut a document in two before a page of its source. Returns the ids of the parts. Raises IllegalMove.

    `separator`: that page is a separator sheet that could not be read; it is left out of the second part.
    """
    with line.ledger.work(by.who, line.now_ms()) as work:
        intake, (document,) = _locked(work, [document_id])
        _refuse(why_not_split(document, before_page, work.now_ms))
        plans = document.planned.split(before_page, _plex(line, intake))
        if separator:
            plans = plans[0], _without(line, work, intake, document, plans[1], before_page, "separator")
        first, second = _replace(work, intake, [document], plans, "split-by-operator", by)
    return first, second


def merge_documents(line: Line, document_ids: Sequence[str], by: Decision) -> str:
    """Join neighbours of a stack, given in its order. Returns the new document's id. Raises IllegalMove."""
    with line.ledger.work(by.who, line.now_ms()) as work:
        intake, documents = _locked(work, document_ids)
        _refuse(why_not_merge(documents, work.now_ms))
        plan = documents[0].planned
        for document in documents[1:]:
            plan = plan.joined(document.planned)
        plan = plan.counted_anew(_plex(line, intake))
        (merged,) = _replace(work, intake, documents, [plan], "merged-by-operator", by)
    return merged


def keep_page(line: Line, document_id: str, page: int, by: Decision) -> str:
    """Take a page of the source back that was left out as blank or as a separator; it is recognised then.

    Returns the new document's id. Raises IllegalMove.
    """
    with line.ledger.work(by.who, line.now_ms()) as work:
        intake, (document,) = _locked(work, [document_id])
        _refuse(why_not_keep(document, page, work.now_ms))
        plan = document.planned.keeping(page, _plex(line, intake))
        told = Decision(by.who, f"Seite {page}: {by.reason}")
        (made,) = _replace(work, intake, [document], [plan], "page-kept-by-operator", told)
        ordinal = max((part.ordinal for part in work.read.slices(intake=intake.id)), default=0)
        work.add(Kind.SLICE, slice_rows(intake.id, "recognise", [page], 1, ordinal + 1))
    return made


def leave_out_page(line: Line, document_id: str, page: int, reason: DropReason, by: Decision) -> str:
    """Leave a page of the source out of its document, as a separator sheet or as blank.

    Returns the new document's id. Raises IllegalMove, also for a separator between other pages.
    """
    with line.ledger.work(by.who, line.now_ms()) as work:
        intake, (document,) = _locked(work, [document_id])
        if reason == "separator":
            _refuse(why_no_separator(document, page, work.now_ms))
        plan = _without(line, work, intake, document, document.planned, page, reason)
        told = Decision(by.who, f"Seite {page}: {by.reason}")
        (made,) = _replace(work, intake, [document], [plan], "page-left-out-by-operator", told)
    return made


def _without(
    line: Line,
    work: Work,
    intake: IntakeRecord,
    document: DocumentRecord,
    plan: DocumentPlan,
    page: int,
    reason: DropReason,
) -> DocumentPlan:
    """A document's plan, or a part of it, with this page left out."""
    _refuse(why_not_leave_out(document, page, work.now_ms))
    if plan.pages == (page,):
        _refuse(f"Seite {page} kann nicht weggelassen werden: Hinter dem Schnitt bliebe keine Seite übrig.")
    ink_ratio = _ink_ratio(line, work.read, intake, page)
    return plan.leaving_out(page, reason, ink_ratio, _plex(line, intake))


def _ink_ratio(line: Line, read: Queries, intake: IntakeRecord, page: int) -> float:
    """How much ink was seen on a page, 0 to 1. Raises IllegalMove where nobody has looked at it yet."""
    parts = [part for part in read.slices(intake=intake.id) if part.state == "done"]
    looks = [line.spool.slice_folder(part.id) for part in parts if part.task == "look"]
    if looks:
        return line.scans.looks(looks, intake.pages or 0)[page - 1].ink_ratio
    for part in parts:
        folder = line.spool.slice_folder(part.id)
        if part.first_page <= page <= part.last_page and page_file(folder, page).is_file():
            return read_page(folder, page).ink_ratio
    raise IllegalMove(
        "illegal-move", f"Seite {page} ist noch nicht gelesen. Bitte in einer Minute noch einmal versuchen."
    )


def _plex(line: Line, intake: IntakeRecord) -> ScanPlex:
    """How the stack was scanned, by its job profile."""
    job = line.profiles.jobs.get(intake.profile)
    return job.incoming.separation.plex if job is not None and job.incoming is not None else "mixed"


def _replace(
    work: Work,
    intake: IntakeRecord,
    old: Sequence[DocumentRecord],
    plans: Sequence[DocumentPlan],
    reason: str,
    by: Decision,
) -> list[str]:
    ordinal = max(each.ordinal for each in work.read.documents(intake=intake.id))
    rows = [document_row(intake, number, plan) for number, plan in enumerate(plans, ordinal + 1)]
    made = [str(row["id"]) for row in rows]
    told: dict[str, Any] = {"reason": reason, "detail": f"{by.reason} ({', '.join(made)})"}
    work.move_all(Kind.DOCUMENT, [each.id for each in old], "replaced", **told)
    work.add(Kind.DOCUMENT, rows)
    for document, plan in zip(made, plans, strict=True):
        origin = ", ".join(each.id for each in old)
        work.note(Unit(Kind.DOCUMENT, document), "planned", reason, f"{by.reason} ({origin})")
        send_to_review(work, document, plan)
    return made


def _locked(work: Work, document_ids: Sequence[str]) -> tuple[IntakeRecord, list[DocumentRecord]]:
    """The documents and their file, kept from everybody else until the transaction ends."""
    stack = _document(work.read, document_ids[0]).intake
    lock(work.connection, Unit(Kind.INTAKE, stack))
    lock_parts(work.connection, Kind.DOCUMENT, "intake", stack)
    intake = work.read.intake(stack)
    if intake is None:
        raise Permanent("unknown-unit", f"Den Vorgang {stack} gibt es nicht.")
    return intake, [_document(work.read, each) for each in document_ids]


def _document(read: Queries, document_id: str) -> DocumentRecord:
    document = read.document(document_id)
    if document is None:
        raise Permanent("unknown-unit", f"Das Dokument {document_id} gibt es nicht.")
    return document


def _refuse(sentence: str | None) -> None:
    if sentence is not None:
        raise IllegalMove("illegal-move", sentence)
