"""The archive package of a document: a BagIt 1.0 bag (RFC 8493) written by hand, every file put onto the disk.

It is written into a working folder; who publishes it renames that folder. Times, ids, people and versions come in
with the note, so the same document with the same note makes the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.adapters.incoming.alto import write_alto
from pipeline.adapters.incoming.package_check import (
    BAG_DECLARATION,
    DOCUMENT_SCHEMA,
    PAYLOAD,
    TAG_FILES,
    file_sha256,
    verify_package,
)
from pipeline.adapters.incoming.transfer_note import PackageNote, dropped_pages, transfer_note
from pipeline.domain.recognised import ArchivePdfFacts, RecognisedPage, mean_confidence

__all__ = ["PackageFacts", "PackageNote", "verify_package", "write_package"]


@dataclass(frozen=True)
class PackageFacts:
    """What was written. `sha256`: by `pdf`, `txt`, `alto`; `mean_confidence` 0 to 100; `payload_bytes` of all files."""

    sha256: Mapping[str, str]
    mean_confidence: float
    payload_bytes: int


def write_package(
    target: Path, note: PackageNote, pages: Sequence[RecognisedPage], pdf_facts: ArchivePdfFacts, pdf_path: Path
) -> PackageFacts:
    """Write the whole bag into the folder `target`, which must be new or empty. `pdf_path` is copied.

    Raises FileExistsError where `target` holds anything, OSError where the disk does not take it.
    """
    if not pages:
        raise ValueError(f"{note.id}: a document has pages")
    target.mkdir(parents=True, exist_ok=True)
    if any(target.iterdir()):
        raise FileExistsError(f"{target} is not empty")
    data = target / "data"
    data.mkdir()
    shutil.copyfile(pdf_path, data / "document.pdf")
    _write_text(data / "document.txt", "".join(f"{page.text}\f" for page in pages))
    write_alto(
        data / "document.alto.xml",
        pages,
        file_name="document.pdf",
        engine=note.engine,
        software="Poststraße",
        version=note.software.get("poststrasse", ""),
    )
    names = {"pdf": "document.pdf", "txt": "document.txt", "alto": "document.alto.xml"}
    sha256 = {key: file_sha256(data / name) for key, name in names.items()}
    confidence = round(
        mean_confidence([(len(w.text), w.confidence) for p in pages for ln in p.lines() for w in ln.words]), 2
    )
    _write_json(data / "document.json", _document(note, pages, pdf_facts, confidence, sha256))
    _write_json(data / "transfer-note.json", transfer_note(note, pages, pdf_facts, confidence, sha256))
    size = _write_tags(target, note)
    _sync(target)
    return PackageFacts(sha256, confidence, size)


def _document(
    note: PackageNote,
    pages: Sequence[RecognisedPage],
    pdf_facts: ArchivePdfFacts,
    confidence: float,
    sha256: Mapping[str, str],
) -> dict[str, Any]:
    return {
        "schema": DOCUMENT_SCHEMA,
        "id": note.id,
        "municipality": note.municipality,
        "profile": note.profile,
        "intake": note.intake,
        "source": {
            "file": note.source_file,
            "sha256": note.source_sha256,
            "bytes": note.source_bytes,
            "pages": note.source_pages,
            "remarks": list(note.source_remarks),
            "attached_files": [{"name": file.name, "bytes": file.bytes} for file in note.attached],
        },
        "received_at": note.received_at,
        "created_at": note.created_at,
        "fields": dict(sorted(note.fields.items())),
        "pages": [_page(number, page, note) for number, page in enumerate(pages, 1)],
        "dropped": dropped_pages(note),
        "engine": {
            "name": note.engine.name,
            "version": note.engine.version,
            "first_reading_version": note.engine.first_version,
            "language": note.engine.language,
            "model_sha256": note.engine.model_sha256,
        },
        "pdfa": {
            "level": pdf_facts.level,
            "checked_by": pdf_facts.checked_by,
            "reasons": list(pdf_facts.reasons),
        },
        "recoded": list(pdf_facts.recoded),
        "remarks": list(pdf_facts.remarks),
        "mean_confidence": confidence,
        "sha256": dict(sha256),
    }


def _page(number: int, page: RecognisedPage, note: PackageNote) -> dict[str, Any]:
    return {
        "page": number,
        "source_page": page.page,
        "width_px": page.width_px,
        "height_px": page.height_px,
        "dpi": page.dpi,
        "dpi_y": round(page.dpi_y),
        "rotation": page.rotation,
        "skew_degrees": page.skew_degrees,
        "words": page.words,
        "mean_confidence": page.mean_confidence,
        "passes": page.passes,
        "ink_ratio": page.ink_ratio,
        "own_text": page.own_text,
        "trouble": page.trouble,
        "review": note.review.get(page.page),
    }


def _write_tags(target: Path, note: PackageNote) -> int:
    """Declaration, information and manifests; returns the payload's size in bytes."""
    files = [target / "data" / name for name in PAYLOAD]
    size = sum(file.stat().st_size for file in files)
    _write_text(target / "bagit.txt", BAG_DECLARATION)
    info = {
        "Source-Organization": note.provider or "Poststraße",
        "External-Identifier": note.id,
        "External-Description": f"Gescanntes Dokument, {note.municipality}, {note.profile}",
        "Bagging-Date": note.created_at[:10],
        "Payload-Oxum": f"{size}.{len(files)}",
        "Bag-Software-Agent": f"Poststrasse {note.software.get('poststrasse', '')}".strip(),
    }
    _write_text(target / "bag-info.txt", "".join(f"{key}: {_one_line(value)}\n" for key, value in info.items()))
    manifest = "".join(f"{file_sha256(file)}  data/{file.name}\n" for file in files)
    _write_text(target / "manifest-sha256.txt", manifest)
    tags = "".join(f"{file_sha256(target / name)}  {name}\n" for name in TAG_FILES)
    _write_text(target / "tagmanifest-sha256.txt", tags)
    return size


def _one_line(value: str) -> str:
    return " ".join(value.split())


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    _write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _sync(target: Path) -> None:
    """Put every file and both folders onto the disk."""
    files = sorted(path for path in target.rglob("*") if path.is_file())
    for path in [*files, target / "data", target]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def payload_digest(target: Path) -> str:
    """One SHA-256 over a package's manifest: two packages with the same one have the same content."""
    return hashlib.sha256((target / "manifest-sha256.txt").read_bytes()).hexdigest()
