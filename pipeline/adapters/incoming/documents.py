"""One document from recognised pages to a proven package in a working folder; runs in a confined child."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from pipeline.adapters.incoming import font_widths
from pipeline.adapters.incoming.archive_package import PackageNote, write_package
from pipeline.adapters.incoming.archive_pdf import build_archive_pdf
from pipeline.adapters.incoming.checks import Finding, check_archive_pdf
from pipeline.adapters.incoming.own_text import reread
from pipeline.adapters.incoming.page_files import page_file, read_page
from pipeline.adapters.incoming.tesseract_probe import probe
from pipeline.domain.errors import Permanent
from pipeline.domain.papers import PackageRequest, PackageResult
from pipeline.domain.recognised import ArchivePdfFacts, RecognisedPage

_SOFTWARE = ("poststrasse", "pikepdf", "pypdfium2", "pytesseract", "opencv-python-headless", "pillow")


def build_package(request: PackageRequest, out: str) -> PackageResult:
    """Build the archive PDF, prove it, and write the bag into `out`/bag, unless a person has to look first.

    Raises Rejected where the source can't be taken over; Permanent `archive-pdf-wrong` where the finished file has
    other pages or pictures than it should: that is our fault, never the sender's. Text that reads otherwise than it
    was found is for a person to judge.
    """
    pages = _recognised(request)
    pdf = Path(out) / "document.pdf"
    facts = build_archive_pdf(request.source, request.facts, request.first_page, request.last_page, pages, str(pdf))
    if any(remark.startswith(font_widths.REMARK) for remark in facts.remarks):
        pages = reread(str(pdf), pages)
    source = request.source if request.facts.type == "pdf" else None
    findings = check_archive_pdf(str(pdf), pages, facts, source)
    wrong = [finding.sentence for finding in findings if finding.kind != "text"]
    if wrong:
        raise Permanent("archive-pdf-wrong", "; ".join(wrong))
    review = _review(pages, facts, findings)
    if review and request.accepted_by is None:
        codes = tuple(dict.fromkeys(cause.code for cause in review))
        detail = "; ".join(cause.sentence for cause in review)
        confidence = round(min(page.mean_confidence for page in pages))
        return PackageResult(codes, detail, len(pages), 0, confidence, "", facts.level)
    written = write_package(Path(out) / "bag", _note(request, review), pages, facts, pdf)
    confidence = round(written.mean_confidence)
    return PackageResult((), "", len(pages), 0, confidence, written.sha256["pdf"], facts.level)


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


def _recognised(request: PackageRequest) -> list[RecognisedPage]:
    """The pages of all slices, each exactly once; raises Permanent `pages-missing` if one is not there."""
    pages = []
    for number in range(request.first_page, request.last_page + 1):
        found = [read_page(folder, number) for folder in request.results if _has(folder, number)]
        if len(found) != 1:
            raise Permanent("pages-missing", f"{request.document}: page {number} was recognised {len(found)} times")
        pages.append(found[0])
    return pages


def _has(folder: str, number: int) -> bool:
    return page_file(folder, number).is_file()


@dataclass(frozen=True)
class _Cause:
    """Why a person has to look. `page`: of the source (from 1), None for the whole document."""

    code: str
    page: int | None
    sentence: str


def _review(pages: list[RecognisedPage], facts: ArchivePdfFacts, findings: list[Finding]) -> list[_Cause]:
    """Why a person has to look, recognition first, page by page."""
    sentences = {
        "recognition-timeout": "Seite {page}: Die Texterkennung wurde nicht rechtzeitig fertig.",
        "inked-without-text": "Seite {page}: Die Seite ist bedruckt, aber es wurde kein Text erkannt.",
        "low-confidence": "Seite {page}: Der Text wurde unsicher erkannt ({confidence:.0f} von 100).",
    }
    causes = [
        _Cause(
            page.trouble,
            page.page,
            sentences[page.trouble].format(page=page.page, confidence=page.mean_confidence),
        )
        for page in pages
        if page.trouble is not None
    ]
    causes += [_Cause("text-differs", finding.page, finding.sentence) for finding in findings]
    if facts.level is None:
        sentence = f"PDF/A-2b wurde nicht erreicht: {'; '.join(facts.reasons)}"
        causes.append(_Cause("pdfa-not-reached", None, sentence))
    return causes


def _note(request: PackageRequest, review: list[_Cause]) -> PackageNote:
    decision = f"{request.accepted_by}: {request.accepted_reason}" if request.accepted_by else ""
    reviewed = {cause.page: decision for cause in review if cause.page is not None} if decision else {}
    deviations = (f"Abgenommen trotz Mangel von {decision}", *(cause.sentence for cause in review)) if decision else ()
    return PackageNote(
        id=request.document,
        municipality=request.municipality.id,
        municipality_name=request.municipality.name,
        profile=request.profile,
        profile_title=request.profile_title,
        intake=request.intake,
        source_file=request.file,
        source_sha256=request.sha256,
        source_bytes=request.source_bytes,
        source_pages=request.facts.pages,
        received_at=request.received_at,
        created_at=request.created_at,
        engine=probe(request.rules.language),
        software={name: version(name) for name in _SOFTWARE},
        provider=request.operator,
        operator=request.operator,
        fields={key: str(value) for key, value in request.fields.items()},
        review=reviewed,
        source_remarks=request.facts.remarks,
        deviations=deviations,
    )
