"""What a person changes about how a stack was cut: a document is split, or neighbours are joined again.

The old documents end as `replaced`; the new ones have the next free numbers and the same pages, each exactly once.
A joined document waits for a person to accept it: two letters in one document may be two citizens' letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from pipeline.adapters.ledger import Work
from pipeline.adapters.ledger.queries import Queries
from pipeline.adapters.ledger.records import DocumentRecord, IntakeRecord
from pipeline.adapters.ledger.summaries import lock, lock_parts
from pipeline.domain.errors import IllegalMove, Permanent
from pipeline.domain.separation import DocumentPlan
from pipeline.domain.states import Kind, Unit, can_move
from pipeline.services.deciding import Decision
from pipeline.services.ports import Line
from pipeline.services.returning_documents import is_going_back, why_going_back
from pipeline.services.separating import document_row, send_to_review


def why_not_rearrange(document: DocumentRecord, now_ms: int) -> str | None:
    """Why the pages of a document can't go to other documents; None if they can."""
    if is_going_back(document):
        return why_going_back(document)
    if not can_move(Kind.DOCUMENT, document.state, "replaced"):
        return f"Document {document.id} is {document.state}: its pages can't be arranged anew any more."
    if document.is_leased(now_ms):
        return f"Document {document.id} can't be arranged anew just now: a worker is at it. Try again in a minute."
    return None


def why_not_split(document: DocumentRecord, before_page: int, now_ms: int) -> str | None:
    """Why a document can't be cut before this page of its source; None if it can."""
    kept = document.planned.pages
    if kept and kept[0] < before_page <= kept[-1]:
        return why_not_rearrange(document, now_ms)
    return (
        f"Document {document.id} can't be cut before page {before_page}: "
        f"its pages in the source are {kept[0]} to {kept[-1]}, and both parts must have one."
    )


def why_not_merge(documents: Sequence[DocumentRecord], now_ms: int) -> str | None:
    """Why documents can't be joined; None if they can. They must be neighbours of one stack, in its order."""
    if len(documents) < 2:
        return "Only two or more documents can be joined."
    for before, after in pairwise(documents):
        if (before.intake, before.last_page + 1) != (after.intake, after.first_page):
            return f"Documents {before.id} and {after.id} can't be joined: they are not neighbours of one stack."
    return next((why for each in documents if (why := why_not_rearrange(each, now_ms)) is not None), None)


def split_document(line: Line, document_id: str, before_page: int, by: Decision) -> tuple[str, str]:
    """Cut a document in two before a page of its source. Returns the ids of the parts. Raises IllegalMove."""
    with line.ledger.work(by.who, line.now_ms()) as work:
        intake, (document,) = _locked(work, [document_id])
        _refuse(why_not_split(document, before_page, work.now_ms))
        plans = document.planned.split(before_page)
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
        (merged,) = _replace(work, intake, documents, [plan], "merged-by-operator", by)
    return merged


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
        raise Permanent("unknown-unit", f"There is no intake {stack}.")
    return intake, [_document(work.read, each) for each in document_ids]


def _document(read: Queries, document_id: str) -> DocumentRecord:
    document = read.document(document_id)
    if document is None:
        raise Permanent("unknown-unit", f"There is no document {document_id}.")
    return document


def _refuse(sentence: str | None) -> None:
    if sentence is not None:
        raise IllegalMove("illegal-move", sentence)
