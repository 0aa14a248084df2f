"""Thorough check of an archive package: besides the bag, what its files say and whether the PDF keeps its claim.

The files are opened here, so this runs in a confined child.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pikepdf
import pikepdf.pdfa

from pipeline.adapters.incoming import jpx_pictures
from pipeline.adapters.incoming.alto_check import check_alto
from pipeline.adapters.incoming.package_check import verify_package

_FLAVOUR = "2b"
_PART = re.compile(rb"pdfaid:part(?:=[\"']|>)\s*(\d)")
_CONFORMANCE = re.compile(rb"pdfaid:conformance(?:=[\"']|>)\s*([ABUabu])")


def verify_thoroughly(path: Path) -> list[str]:
    """What is wrong with an archive package, one German sentence each; empty when it is whole and holds what it says.

    The bag and its hashes first; only where they hold, the contents: pages of PDF, text, ALTO and document.json agree,
    the PDF claims the PDF/A level of document.json and keeps it, the ALTO file is well-formed and has the same words.
    """
    findings = verify_package(path)
    if findings:
        return findings
    data = path / "data"
    document: dict[str, Any] = json.loads((data / "document.json").read_text(encoding="utf-8"))
    texts = (data / "document.txt").read_text(encoding="utf-8").split("\f")[:-1]
    findings += _check_counts(document, texts)
    findings += check_alto(data / "document.alto.xml", document["pages"], [text.split() for text in texts])
    return findings + _check_pdf(data / "document.pdf", document)


def _check_counts(document: dict[str, Any], texts: list[str]) -> list[str]:
    return [
        f"Seite {page['page']}: document.txt hat {len(text.split())} Wörter, document.json nennt {page['words']}."
        for page, text in zip(document["pages"], texts, strict=True)
        if len(text.split()) != page["words"]
    ]


def _check_pdf(path: Path, document: dict[str, Any]) -> list[str]:
    findings = []
    level = document["pdfa"]["level"]
    try:
        with pikepdf.open(path) as pdf:
            count, claim = len(pdf.pages), _claim(pdf)
            turns = [int(page.obj.get("/Rotate", 0)) % 360 for page in pdf.pages]
    except pikepdf.PdfError as error:
        return [f"document.pdf lässt sich nicht öffnen: {error}"]
    if count != len(document["pages"]):
        return [f"document.pdf hat {count} Seiten, document.json nennt {len(document['pages'])}."]
    if turns != [page["rotation"] for page in document["pages"]]:
        findings.append("document.pdf dreht Seiten anders, als document.json es nennt.")
    if claim != level:
        findings.append(f"document.pdf nennt sich PDF/A {claim or 'gar nicht'}, document.json nennt {level}.")
    if level is not None:
        report = pikepdf.pdfa.validate_written(path, _FLAVOUR, pikepdf.pdfa.resolve_save_kwargs(_FLAVOUR))
        if not jpx_pictures.passes(report, str(path)):
            wrong = report.findings[0]
            findings.append(f"document.pdf ist kein PDF/A-{level}: {wrong.rule}: {wrong.message}")
    return findings


def _claim(pdf: pikepdf.Pdf) -> str | None:
    """The PDF/A level that the file's metadata claim, such as `2b`."""
    metadata = pdf.Root.get("/Metadata")
    packet = metadata.read_bytes() if isinstance(metadata, pikepdf.Stream) else b""
    part, conformance = _PART.search(packet), _CONFORMANCE.search(packet)
    if part is None or conformance is None:
        return None
    return (part.group(1) + conformance.group(1)).decode("ascii").lower()
