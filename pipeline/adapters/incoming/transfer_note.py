"""The transfer note (Transfervermerk) of a document: who scanned what when, with what, how, and with which result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pipeline.domain.pages import AttachedFile
from pipeline.domain.papers import Decision
from pipeline.domain.recognised import ArchivePdfFacts, EngineFacts, RecognisedPage
from pipeline.domain.separation import DroppedPage

TRANSFER_SCHEMA = "poststrasse/transfer-note/1"
_STATEMENT = "Dieser Vermerk hält Tatsachen des Scanvorgangs fest, keine Konformität mit TR-RESISCAN."
_ARCHIVED = "Die Seitenbilder sind die des Scanners; was neu verpackt werden musste, steht unter recoded."
_OWN = " Seiten, die ein Programm erzeugt hat, sind die der Datei."
_FOR_RECOGNITION = "Drehen, Geraderichten, Aufhellen und, wo nötig, Schwarzweiß-Wandlung; alles nur an einer Kopie."


@dataclass(frozen=True)
class PackageNote:
    """Everything about a document that its pages do not show.

    `received_at`, `created_at`: ISO 8601 with offset. `fields`: what a cover sheet or ticket said. `review`: by
    source page, what a person decided and why. `provider`: who scanned on whose behalf. `device_source`: who named the
    device, the profile or the file itself. `software`: name to version. `deviations`: anything out of the ordinary, in
    German sentences. `decisions`: of persons, in their order. `expected_sheets`: as a cover sheet announced,
    `found_sheets`: as counted. `duplicate_of`: an earlier intake of the same bytes. `attached`: files of the source
    that are not archived.
    """

    id: str
    municipality: str
    municipality_name: str
    profile: str
    profile_title: str
    intake: str
    source_file: str
    source_sha256: str
    source_bytes: int
    source_pages: int
    received_at: str
    created_at: str
    engine: EngineFacts
    software: Mapping[str, str]
    provider: str = ""
    operator: str = ""
    device: str = ""
    device_source: Literal["profile", "file", ""] = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    dropped: tuple[DroppedPage, ...] = ()
    review: Mapping[int, str] = field(default_factory=dict)
    source_remarks: tuple[str, ...] = ()
    deviations: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    expected_sheets: int | None = None
    found_sheets: int | None = None
    duplicate_of: str = ""
    attached: tuple[AttachedFile, ...] = ()


def transfer_note(
    note: PackageNote,
    pages: Sequence[RecognisedPage],
    pdf_facts: ArchivePdfFacts,
    confidence: float,
    sha256: Mapping[str, str],
) -> dict[str, Any]:
    """The content of transfer-note.json. `confidence`: of the document, 0 to 100; `sha256`: of the package's files."""
    return {
        "schema": TRANSFER_SCHEMA,
        "title": "Transfervermerk",
        "document": note.id,
        "intake": note.intake,
        "municipality": {"id": note.municipality, "name": note.municipality_name},
        "provider": note.provider,
        "operator": note.operator,
        "device": note.device,
        "device_source": note.device_source,
        "profile": {"id": note.profile, "title": note.profile_title},
        "received_at": note.received_at,
        "created_at": note.created_at,
        "source": {"file": note.source_file, "sha256": note.source_sha256, "pages": note.source_pages},
        "duplicate_of": note.duplicate_of or None,
        "fields": dict(sorted(note.fields.items())),
        "pages": {"in_document": len(pages), "dropped": dropped_pages(note)},
        "sheets": {"expected": note.expected_sheets, "found": note.found_sheets},
        "picture": _picture(pages, pdf_facts),
        "quality": _quality(note, pages, pdf_facts, confidence),
        "decisions": [
            {"at": decision.at, "who": decision.who, "what": decision.what, "reason": decision.reason}
            for decision in note.decisions
        ],
        "deviations": [
            *note.deviations,
            *(f"Angehängte Datei nicht archiviert: {file.told}" for file in note.attached),
            *note.source_remarks,
            *pdf_facts.remarks,
        ],
        "software": {
            **dict(sorted(note.software.items())),
            note.engine.name.lower(): note.engine.version,
            f"{note.engine.name.lower()}-first-reading": note.engine.first_version or note.engine.version,
            f"{note.engine.name.lower()}-{note.engine.language}": note.engine.model_sha256,
        },
        "sha256": dict(sha256),
        "statement": _STATEMENT,
    }


def dropped_pages(note: PackageNote) -> list[dict[str, Any]]:
    """The pages that were left out, as both files tell them."""
    return [
        {"source_page": page.source_page, "reason": page.reason, "ink_ratio": page.ink_ratio} for page in note.dropped
    ]


def _picture(pages: Sequence[RecognisedPage], pdf_facts: ArchivePdfFacts) -> dict[str, Any]:
    return {
        "archived": _ARCHIVED + (_OWN if any(page.own_text for page in pages) else ""),
        "recoded": list(pdf_facts.recoded),
        "for_recognition": _FOR_RECOGNITION,
        "turned_for_display": {str(page.page): page.rotation for page in pages if page.rotation},
        "pages": [
            {
                "source_page": page.page,
                "dpi": page.dpi,
                "rotation": page.rotation,
                "skew_degrees": page.skew_degrees,
                "passes": page.passes,
                "own_text": page.own_text,
            }
            for page in pages
        ],
    }


def _quality(
    note: PackageNote, pages: Sequence[RecognisedPage], pdf_facts: ArchivePdfFacts, confidence: float
) -> dict[str, Any]:
    """`result`: `passed` by itself, or `accepted` by a person although something was wrong."""
    return {
        "result": "accepted" if note.deviations else "passed",
        "mean_confidence": confidence,
        "pages_with_trouble": {str(page.page): page.trouble for page in pages if page.trouble},
        "decisions": {str(number): reason for number, reason in sorted(note.review.items())},
        "pdfa": pdf_facts.level,
        "pdfa_checked_by": pdf_facts.checked_by,
        "pdfa_reasons": list(pdf_facts.reasons),
    }
