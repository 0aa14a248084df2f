"""One document of a stack goes back to its municipality alone, with its pages and the reason; the others go on.

First the ledger says who decided it; then the folder appears in the outbox, whole, by one rename; then the document
is rejected. If the machine stops in between, the same decision finishes it, and nothing else can be decided meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.adapters.ledger.records import DocumentRecord, IntakeRecord, Lease
from pipeline.domain.errors import ConfinedFailure, Permanent, Rejected
from pipeline.domain.pages import SourceFacts
from pipeline.domain.papers import RejectionPapers
from pipeline.domain.states import Kind, Unit
from pipeline.services.ports import Line
from pipeline.services.sending_back import put_original, rejection_papers

DOCUMENT_RETURNED = "document-returned"


def goes_alone(documents: Sequence[DocumentRecord]) -> bool:
    """Whether a document of a file with these documents goes back without the others: there are others."""
    return sum(document.state != "replaced" for document in documents) > 1


def is_going_back(document: DocumentRecord) -> bool:
    """Whether it was decided to give this document back alone, and that is not finished yet."""
    return document.reason == DOCUMENT_RETURNED and document.state != "rejected"


def why_going_back(document: DocumentRecord) -> str:
    """Why nothing else can be decided about a document that is going back."""
    return f"Für Dokument {document.id} ist die Rückgabe schon entschieden. Mit »documents reject« wird sie beendet."


def document_shelf(line: Line, document: DocumentRecord) -> Path:
    """Where a document that went back alone lies."""
    return line.spool.outbox / document.municipality / "rejected" / document.id


def send_document_back(line: Line, lease: Lease, refusal: Rejected) -> None:
    """Lay a document's pages with REASON.txt and reason.json into the outbox, then record that it is rejected.

    `lease`: of the document, a worker's or that of a person who decides. Every page of the stack from the document's
    first to its last goes back, those that were left out too. Raises Permanent `unknown-unit`.
    """
    with line.ledger.reading() as read:
        document = read.document(lease.unit.id)
        intake = read.intake(document.intake) if document else None
    if document is None or intake is None:
        raise Permanent("unknown-unit", f"There is no document {lease.unit.id}.")
    folder = line.spool.work_folder(lease.unit, lease.version)
    _put_pages(line, intake, document, folder)
    line.papers.rejection(_papers(line, intake, document, refusal), folder)
    line.spool.publish(folder, document_shelf(line, document))
    with line.ledger.outcome(lease, line.now_ms()) as work:
        work.move(Unit(Kind.DOCUMENT, document.id), "rejected", reason=refusal.code, detail=refusal.sentence)


def source_pages(document: DocumentRecord) -> tuple[int, ...]:
    """Every page of the source that belongs to a document, left out or not."""
    return tuple(range(document.first_page, document.last_page + 1))


def _put_pages(line: Line, intake: IntakeRecord, document: DocumentRecord, folder: Path) -> None:
    """The document's pages as one PDF; the whole file under its own name where they can't be taken out."""
    facts = json.loads(intake.facts)
    out_pdf = folder / f"{document.id}.pdf"
    try:
        source = SourceFacts(facts["type"], facts["pages"], tuple(facts["remarks"]))
        line.scans.copy_pages(line.spool.original(intake.token), source, source_pages(document), out_pdf)
    except (Rejected, ConfinedFailure) as error:
        if error.code == "child-stopped":
            raise
        out_pdf.unlink(missing_ok=True)
        put_original(line, intake, folder)


def _papers(line: Line, intake: IntakeRecord, document: DocumentRecord, refusal: Rejected) -> RejectionPapers:
    papers = rejection_papers(line, intake, refusal.code, refusal.sentence)
    return replace(papers, document=document.id, pages=source_pages(document))
