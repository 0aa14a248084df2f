"""Check of an archive package from its files alone: a valid bag (RFC 8493), and a document that agrees with itself."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from pipeline.adapters.incoming.transfer_note import TRANSFER_SCHEMA
from pipeline.domain.papers import PackageResult

DOCUMENT_SCHEMA = "poststrasse/document/1"
BAG_DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
PAYLOAD = ("document.alto.xml", "document.json", "document.pdf", "document.txt", "transfer-note.json")
TAG_FILES = ("bag-info.txt", "bagit.txt", "manifest-sha256.txt")
_ROW = re.compile(r"([0-9a-f]{64})[ \t]+(\S.*)")
_ID = re.compile(r"i\d+-d\d+$")  # packages of ours lie in folders of that name; an archive may rename them
_OXUM = re.compile(r"^Payload-Oxum: (\d+)\.(\d+)$", re.MULTILINE)
_ALTO_PAGE = re.compile(rb"<Page [^>]*\bID=")
_BLOCK_BYTES = 1 << 20


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_BLOCK_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def published_package(package: Path) -> PackageResult:
    """The facts of a package that lies in the archive's folder."""
    told = json.loads((package / "data" / "document.json").read_text(encoding="utf-8"))
    return PackageResult(
        review=(),
        detail="",
        pages=len(told["pages"]),
        dropped=len(told["dropped"]),
        mean_confidence=round(told["mean_confidence"]),
        pdf_sha256=told["sha256"]["pdf"],
        pdfa=told["pdfa"]["level"],
    )


def verify_package(path: Path) -> list[str]:
    """What is wrong with an archive package, one German sentence each; empty when it is whole and unchanged."""
    if not path.is_dir():
        return [f"{path} ist kein Ordner."]
    findings = _check_layout(path)
    findings += _check_manifest(path, "manifest-sha256.txt", {f"data/{name}" for name in PAYLOAD})
    findings += _check_manifest(path, "tagmanifest-sha256.txt", set(TAG_FILES))
    if findings:
        return findings
    return _check_oxum(path) + _check_document(path)


def _check_layout(path: Path) -> list[str]:
    wanted = {f"data/{name}" for name in PAYLOAD} | set(TAG_FILES) | {"tagmanifest-sha256.txt"}
    found = {str(item.relative_to(path)) for item in path.rglob("*") if not item.is_dir() or item.is_symlink()}
    findings = [f"{name} fehlt." for name in sorted(wanted - found)]
    folders = {str(item.relative_to(path)) for item in path.rglob("*") if item.is_dir() and not item.is_symlink()}
    findings += [f"{name} gehört nicht in das Paket." for name in sorted((found - wanted) | (folders - {"data"}))]
    findings += [f"{name} ist eine Verknüpfung." for name in sorted(found & wanted) if (path / name).is_symlink()]
    declaration = path / "bagit.txt"
    if declaration.is_file() and declaration.read_bytes() != BAG_DECLARATION.encode("ascii"):
        findings.append("bagit.txt nennt nicht BagIt 1.0 in UTF-8.")
    return findings


def _check_manifest(path: Path, name: str, wanted: set[str]) -> list[str]:
    file = path / name
    if not file.is_file():
        return []  # told by the layout
    told: dict[str, str] = {}
    *rows, last = file.read_bytes().decode("utf-8", "replace").split("\n")
    if last:
        return [f"{name} endet mitten in einer Zeile."]
    for row in rows:
        match = _ROW.fullmatch(row)
        if match is None or match.group(2) in told:
            return [f"{name} enthält eine unlesbare oder doppelte Zeile."]
        told[match.group(2)] = match.group(1)
    findings = [f"{name} nennt {item} nicht." for item in sorted(wanted - set(told))]
    findings += [f"{name} nennt {item}, das nicht dazugehört." for item in sorted(set(told) - wanted)]
    for item in sorted(wanted & set(told)):
        if (path / item).is_file() and file_sha256(path / item) != told[item]:
            findings.append(f"{item} wurde verändert: Die Prüfsumme stimmt nicht.")
    return findings


def _check_oxum(path: Path) -> list[str]:
    match = _OXUM.search((path / "bag-info.txt").read_text(encoding="utf-8"))
    size = sum((path / "data" / name).stat().st_size for name in PAYLOAD)
    if match is None or (int(match.group(1)), int(match.group(2))) != (size, len(PAYLOAD)):
        return ["bag-info.txt nennt nicht die Größe des Inhalts (Payload-Oxum)."]
    return []


def _check_document(path: Path) -> list[str]:
    data = path / "data"
    try:
        document: dict[str, Any] = json.loads((data / "document.json").read_text(encoding="utf-8"))
        note: dict[str, Any] = json.loads((data / "transfer-note.json").read_text(encoding="utf-8"))
        pages = document["pages"]
        hashes = {key: file_sha256(data / name) for key, name in _hashed().items()}
        sources = [page["source_page"] for page in pages] + [page["source_page"] for page in document["dropped"]]
        numbers = [page["page"] for page in pages]
        findings = [
            *([] if document["schema"] == DOCUMENT_SCHEMA else ["document.json hat ein fremdes Schema."]),
            *([] if note["schema"] == TRANSFER_SCHEMA else ["transfer-note.json hat ein fremdes Schema."]),
            *(
                []
                if note["document"] == document["id"]
                else ["Transfervermerk und Dokument haben verschiedene Nummern."]
            ),
            *(
                ["Der Ordner heißt wie ein anderes Dokument."]
                if _ID.match(path.name) and path.name != document["id"]
                else []
            ),
            *([] if document["sha256"] == hashes == note["sha256"] else ["document.json nennt andere Prüfsummen."]),
            *(
                []
                if numbers == list(range(1, len(pages) + 1))
                else ["document.json zählt die Seiten nicht fortlaufend."]
            ),
            *([] if len(sources) == len(set(sources)) else ["Eine Seite der Vorlage ist doppelt verzeichnet."]),
        ]
    except (ValueError, KeyError, TypeError) as error:
        return [f"document.json oder transfer-note.json ist nicht lesbar: {error!r}"]
    if (data / "document.txt").read_bytes().count(b"\f") != len(pages):
        findings.append("document.txt hat nicht so viele Seiten wie document.json.")
    if len(_ALTO_PAGE.findall((data / "document.alto.xml").read_bytes())) != len(pages):
        findings.append("document.alto.xml hat nicht so viele Seiten wie document.json.")
    return findings


def _hashed() -> dict[str, str]:
    return {"pdf": "document.pdf", "txt": "document.txt", "alto": "document.alto.xml"}
