"""What persons decided about a document, and about the documents that it was made from."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.adapters.ledger.queries import Queries
from pipeline.adapters.ledger.records import DocumentRecord, EventRecord
from pipeline.services.returning_documents import DOCUMENT_RETURNED


def is_decision(event: EventRecord) -> bool:
    """Whether an event tells what a person decided."""
    reason = event.reason or ""
    return reason.endswith("-by-operator") or reason == DOCUMENT_RETURNED


def decisions_about(read: Queries, document: DocumentRecord, stack: Sequence[DocumentRecord]) -> list[EventRecord]:
    """The decisions in their order. `stack`: all documents of its file; those it was made from end as `replaced`."""
    older = [
        each
        for each in stack
        if each.state == "replaced"
        and each.ordinal < document.ordinal
        and each.first_page <= document.last_page
        and each.last_page >= document.first_page
    ]
    found = [event for each in (*older, document) for event in read.events(each.unit) if is_decision(event)]
    return sorted(found, key=lambda event: event.number)
