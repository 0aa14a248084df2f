"""Proof of a finished archive PDF from its own bytes: pages, searchable text, untouched pictures, same look."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pikepdf
import pypdfium2

from pipeline.adapters.incoming.page_look import COARSE, differing_pages
from pipeline.adapters.incoming.pdf_pages import images_of
from pipeline.adapters.incoming.tesseract_call import clean
from pipeline.domain.recognised import ArchivePdfFacts, RecognisedPage

_LEAST_SIMILARITY = 0.98
_LEAST_WORDS = 0.8


@dataclass(frozen=True)
class Finding:
    """What is wrong with an archive PDF, in a German sentence. `page`: of the source (from 1), None for the file.

    `text` may be the source's doing, as with writing that readers put into another order: a person can tell.
    All other kinds are ours.
    """

    kind: Literal["pages", "text", "turn", "pictures", "look"]
    page: int | None
    sentence: str


def check_archive_pdf(
    pdf: str, pages: Sequence[RecognisedPage], facts: ArchivePdfFacts | None = None, source: str | None = None
) -> list[Finding]:
    """What is wrong with a written archive PDF; empty when it is proven.

    Page count; per page the text that a reader extracts against the recognised words (at least 0.98 alike); turn;
    with `facts`, every picture stream that was promised unchanged by its SHA-256; with `source` (a PDF; `pages` name
    its pages), that each page still looks as it did.
    """
    findings: list[Finding] = []
    document = pypdfium2.PdfDocument(pdf)
    try:
        if len(document) != len(pages):
            sentence = f"Die PDF-Datei hat {len(document)} Seiten, erwartet wurden {len(pages)}."
            return [Finding("pages", None, sentence)]
        for index, page in enumerate(pages):
            findings += _check_text(document, index, page)
            if document[index].get_rotation() != page.rotation:
                sentence = f"Seite {page.page}: Die Drehung der Seite stimmt nicht."
                findings.append(Finding("turn", page.page, sentence))
    finally:
        document.close()
    if facts is not None:
        findings += _check_pictures(pdf, pages, facts)
    if source is not None:
        findings += _check_look(pdf, source, pages)
    return findings


def similarity(wanted: Sequence[str], found: Sequence[str]) -> float:
    """How alike two runs of words are, 0 to 1, whatever their order: readers sort lines their own way.

    Where most words agree and the rest may only be cut or joined elsewhere, as readers do with words that touch,
    the characters are counted instead: none of them may be missing or another.
    """
    words = _overlap(wanted, found)
    if _LEAST_SIMILARITY > words >= _LEAST_WORDS:
        return _overlap("".join(wanted), "".join(found))
    return words


def _overlap(wanted: Sequence[str], found: Sequence[str]) -> float:
    if not wanted:
        return 1.0
    return 2 * sum((Counter(wanted) & Counter(found)).values()) / (len(wanted) + len(found))


def coverage(wanted: Sequence[str], found: Sequence[str]) -> float:
    """The share of wanted words that were found, 0 to 1."""
    return sum((Counter(wanted) & Counter(found)).values()) / len(wanted) if wanted else 1.0


def _check_text(document: pypdfium2.PdfDocument, index: int, page: RecognisedPage) -> list[Finding]:
    text = document[index].get_textpage()
    try:
        found = clean(text.get_text_range().replace("\r", " ").replace("\n", " ").replace("\ufffe", "-")).split()
    finally:
        text.close()
    wanted = [word.text for line in page.lines() for word in line.words]
    alike = similarity(wanted, found)
    if alike < _LEAST_SIMILARITY and len(found) > len(wanted):
        alike = coverage(wanted, found)  # the page has text of its own besides
    if alike >= _LEAST_SIMILARITY:
        return []
    wording = "dem der Vorlage" if page.own_text else "dem erkannten"
    share = f"{math.floor(alike * 100)} von 100"
    sentence = f"Seite {page.page}: Der Text der PDF-Datei gleicht {wording} nur zu {share}."
    return [Finding("text", page.page, sentence)]


def _check_pictures(pdf: str, pages: Sequence[RecognisedPage], facts: ArchivePdfFacts) -> list[Finding]:
    findings = []
    with pikepdf.open(pdf) as document:
        for page, promised, recognised in zip(document.pages, facts.images, pages, strict=True):
            found = Counter(hashlib.sha256(image.read_raw_bytes()).hexdigest() for image in images_of(page.obj))
            missing = Counter(promised) - found
            if missing:
                count = sum(missing.values())
                sentence = f"Seite {recognised.page}: {count} Bilddatenströme sind nicht mehr die der Vorlage."
                findings.append(Finding("pictures", recognised.page, sentence))
    return findings


def _check_look(pdf: str, source: str, pages: Sequence[RecognisedPage]) -> list[Finding]:
    differing = differing_pages(pdf, source, [page.page for page in pages], COARSE)
    return [
        Finding("look", number, f"Seite {number}: Das Seitenbild sieht anders aus als in der Vorlage.")
        for number in differing
    ]
