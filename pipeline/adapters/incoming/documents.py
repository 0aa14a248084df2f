"""One document from recognised pages to a proven package in a working folder; runs in a confined child."""

from __future__ import annotations

import platform
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pikepdf
import pypdfium2

from pipeline.adapters.incoming import font_widths
from pipeline.adapters.incoming.archive_package import PackageNote, write_package
from pipeline.adapters.incoming.archive_pdf import Remade, build_archive_pdf
from pipeline.adapters.incoming.attached_files import ATTACHED, attached_files, doubt_about
from pipeline.adapters.incoming.checks import Finding, check_archive_pdf
from pipeline.adapters.incoming.ghostscript import GhostscriptFailure, ghostscript_version, remake_pages
from pipeline.adapters.incoming.own_text import reread
from pipeline.adapters.incoming.page_files import page_file, read_page
from pipeline.adapters.incoming.pdfa_sentences import pdfa_sentences
from pipeline.adapters.incoming.scanner_name import scanner_name
from pipeline.adapters.incoming.separator_words import says_that_it_separates
from pipeline.adapters.incoming.tesseract_probe import probe
from pipeline.domain.errors import Permanent, Rejected
from pipeline.domain.pages import AttachedFile
from pipeline.domain.papers import PackageRequest, PackageResult
from pipeline.domain.recognised import ArchivePdfFacts, RecognisedPage
from pipeline.domain.separation import SEPARATOR_DOUBT, Doubt

_SOFTWARE = (
    *("poststrasse", "pikepdf", "pypdfium2", "pytesseract", "opencv-python-headless", "pillow", "tesserocr"),
    *("numpy", "zxing-cpp", "fonttools"),
)

_SAYS_SO = "Die Seite nennt sich selbst ein Trennblatt, aber es wurde kein lesbarer Code auf ihr gefunden."


def build_package(request: PackageRequest, out: str) -> PackageResult:
    """Build the archive PDF, prove it, and write the bag into `out`/bag, unless a person has to look first.

    Raises Rejected where the source can't be taken over; Permanent `archive-pdf-wrong` where the finished file has
    other pages or pictures than it should: that is our fault, never the sender's. Text that reads otherwise than it
    was found is for a person to judge.
    """
    pages = _recognised(request)
    pdf = Path(out) / "document.pdf"
    facts = build_archive_pdf(request.source, request.facts, pages, str(pdf))
    if facts.level is None and request.rules.ghostscript and request.facts.type == "pdf":
        facts = _through_ghostscript(request, pages, facts, pdf)
    if any(remark.startswith(font_widths.REMARK) for remark in facts.remarks):
        pages = reread(str(pdf), pages)
    source = request.source if request.facts.type == "pdf" else None
    findings = check_archive_pdf(str(pdf), pages, facts, source)
    wrong = [finding.sentence for finding in findings if finding.kind != "text"]
    if wrong:
        raise Permanent("archive-pdf-wrong", "; ".join(wrong))
    attached = _attached(request)
    review = [*request.doubts, *_separators_in_words(request, pages), *_review(pages, facts, findings)]
    about_files = doubt_about(attached)
    if about_files is not None:
        review.append(Doubt("attached-data", None, about_files))
    accepted = request.accepted_codes if request.accepted_by else frozenset()
    codes = tuple(dict.fromkeys(cause.code for cause in review if cause.code not in accepted))
    if codes:
        detail = "; ".join(cause.sentence for cause in review if cause.code not in accepted)
        confidence = round(min(page.mean_confidence for page in pages))
        causes = tuple(cause for cause in review if cause.code not in accepted)
        return PackageResult(codes, detail, len(pages), len(request.dropped), confidence, "", facts.level, causes)
    written = write_package(Path(out) / "bag", _note(request, review, attached), pages, facts, pdf)
    confidence = round(written.mean_confidence)
    return PackageResult((), "", len(pages), len(request.dropped), confidence, written.sha256["pdf"], facts.level)


def _through_ghostscript(
    request: PackageRequest, pages: list[RecognisedPage], facts: ArchivePdfFacts, pdf: Path
) -> ArchivePdfFacts:
    """Try again with the program-made pages as Ghostscript writes them; only a proven file takes the place of ours."""
    own = [page.page for page in pages if page.own_text]
    trial = pdf.with_name("remade.pdf")
    try:
        if not own:
            raise GhostscriptFailure("Gescannte Seiten werden nicht neu geschrieben.")
        by = f"Ghostscript {ghostscript_version()}"
        remade = remake_pages(request.source, own, pdf.parent)
        second = build_archive_pdf(request.source, request.facts, pages, str(trial), Remade(str(remade), by))
        remade.unlink()
        if second.level is None:
            raise GhostscriptFailure(f"{by} erreichte es auch nicht: {'; '.join(second.reasons)}")
        findings = check_archive_pdf(str(trial), pages, second, request.source)
        if findings:
            raise GhostscriptFailure(f"Was {by} schrieb, stimmt nicht: {findings[0].sentence}")
    except (GhostscriptFailure, Rejected, pypdfium2.PdfiumError) as failure:
        return replace(facts, reasons=(*facts.reasons, str(failure)))
    trial.replace(pdf)
    return second


def _attached(request: PackageRequest) -> tuple[AttachedFile, ...]:
    """The files that the source carries beside its pages; every document of it tells them."""
    if ATTACHED not in request.facts.remarks:
        return ()
    with pikepdf.open(request.source, suppress_warnings=True) as pdf:
        return attached_files(pdf)


def _recognised(request: PackageRequest) -> list[RecognisedPage]:
    """The document's pages, each once; raises Permanent `pages-missing` if one is not there.

    A page that a person took back may have been read twice; what was read in the slice planned last counts.
    """
    pages = []
    for number in request.page_numbers:
        found = [read_page(folder, number) for folder in request.results if _has(folder, number)]
        if not found:
            raise Permanent("pages-missing", f"{request.document}: page {number} was not recognised")
        pages.append(found[-1])
    return pages


def _has(folder: str, number: int) -> bool:
    return page_file(folder, number).is_file()


def _separators_in_words(request: PackageRequest, pages: list[RecognisedPage]) -> list[Doubt]:
    """Pages that name themselves separators, though no code on them was found; those already in doubt aside."""
    rules = request.rules.separation
    doubtful = {doubt.page for doubt in request.doubts if doubt.code == SEPARATOR_DOUBT}
    if not rules.by:
        return []
    return [
        Doubt(SEPARATOR_DOUBT, page.page, f"Seite {page.page}: {_SAYS_SO}")
        for page in pages
        if page.page not in doubtful and not page.own_text and says_that_it_separates(page, rules.text_codes)
    ]


def _review(pages: list[RecognisedPage], facts: ArchivePdfFacts, findings: list[Finding]) -> list[Doubt]:
    """Why a person has to look, recognition first, page by page."""
    sentences = {
        "recognition-timeout": "Seite {page}: Die Texterkennung wurde nicht rechtzeitig fertig.",
        "inked-without-text": "Seite {page}: Die Seite ist bedruckt, aber es wurde kein Text erkannt.",
        "low-confidence": "Seite {page}: Der Text wurde unsicher erkannt ({confidence:.0f} von 100).",
        "way-up-unknown": "Seite {page}: Wie herum sie steht, ist unsicher; ihr Text liest sich auch auf dem Kopf.",
        "picture-with-text": "Seite {page}: In einem Bild auf der Seite steht Text, den die Suche nicht findet.",
    }
    causes = [
        Doubt(
            page.trouble,
            page.page,
            sentences[page.trouble].format(page=page.page, confidence=page.mean_confidence),
        )
        for page in pages
        if page.trouble is not None
    ]
    causes += [Doubt("text-differs", finding.page, finding.sentence) for finding in findings]
    if facts.level is None:
        sentence = f"PDF/A-2b wurde nicht erreicht: {pdfa_sentences(facts.reasons)}"
        causes.append(Doubt("pdfa-not-reached", None, sentence))
    return causes


def _note(request: PackageRequest, review: list[Doubt], attached: tuple[AttachedFile, ...]) -> PackageNote:
    decision = f"{request.accepted_by}: {request.accepted_reason}" if request.accepted_by else ""
    reviewed = {cause.page: decision for cause in review if cause.page is not None} if decision else {}
    deviations = (f"Abgenommen trotz Mangel von {decision}", *(cause.sentence for cause in review)) if review else ()
    told = "" if request.rules.device else scanner_name(request.source, request.facts)
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
        software={name: version(name) for name in _SOFTWARE} | {"python": platform.python_version()},
        provider=request.operator,
        operator=request.operator,
        device=request.rules.device or told,
        device_source="profile" if request.rules.device else "file" if told else "",
        fields={key: str(value) for key, value in request.fields.items()},
        dropped=request.dropped,
        review=reviewed,
        source_remarks=request.facts.remarks,
        deviations=deviations,
        decisions=request.decisions,
        expected_sheets=request.expected_sheets,
        found_sheets=request.found_sheets,
        duplicate_of=request.duplicate_of,
        attached=attached,
    )
