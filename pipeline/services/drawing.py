"""Pages of a document as pictures for the person who decides; drawn in a confined child, from the scan as it came."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from pipeline.adapters.incoming.page_prints import print_name
from pipeline.adapters.ledger.queries import Queries
from pipeline.adapters.ledger.records import DocumentRecord
from pipeline.domain.errors import Permanent
from pipeline.domain.pages import SourceFacts
from pipeline.domain.recognised import Rotation
from pipeline.services.ports import Line
from pipeline.services.returning_documents import source_pages
from pipeline.services.reviewing import recognised_pages

PICTURE_DPI = 100


def draw_document(
    line: Line, document_id: str, folder: Path, dpi: int = PICTURE_DPI, pages: Sequence[int] | None = None
) -> list[Path]:
    """Draw source pages of a document, by default all from its first to its last, dropped ones too, into `folder`.

    The files are named by source page and readable for this user alone. Raises Permanent `unknown-unit`,
    `source-retired` where the scan is not kept any more; Rejected where a page can't be shown.
    """
    with line.ledger.reading() as read:
        document = read.document(document_id)
        intake = read.intake(document.intake) if document else None
        if document is None or intake is None:
            raise Permanent("unknown-unit", f"Das Dokument {document_id} gibt es nicht.")
        turns = _turns(line, read, document)
    source = line.spool.original(intake.token)
    if not source.is_file():
        sentence = f"Der Scan von Dokument {document_id} ist nicht mehr da; es gibt nichts zu zeichnen."
        raise Permanent("source-retired", sentence, "Bitte im Archivpaket nachsehen.")
    facts = json.loads(intake.facts)
    wanted = [page for page in source_pages(document) if pages is None or page in pages]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    known = SourceFacts(facts["type"], facts["pages"], tuple(facts["remarks"]))
    line.scans.draw(source, known, wanted, folder, dpi, turns)
    drawn = [folder / print_name(page) for page in wanted]
    for path in drawn:
        path.chmod(0o600)
    return drawn


def _turns(line: Line, read: Queries, document: DocumentRecord) -> dict[int, Rotation]:
    """How pages must be turned to be upright, where they were recognised."""
    return {page.page: page.rotation for page in recognised_pages(line, read, document)}
