"""Proof of a finished archive PDF from its own bytes: pages, searchable text, untouched pictures, same look."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pikepdf
import pypdfium2

from pipeline.adapters.incoming.pdf_pages import images_of
from pipeline.adapters.incoming.tesseract_call import clean
from pipeline.domain.recognised import ArchivePdfFacts, RecognisedPage

_LEAST_SIMILARITY = 0.98
_LEAST_WORDS = 0.8
_LOOK_PX = 200  # longer side of the small pictures that are compared
_MOST_DIFFERENT = 0.002


def check_archive_pdf(
    pdf: str, pages: Sequence[RecognisedPage], facts: ArchivePdfFacts | None = None, source: str | None = None
) -> list[str]:
    """What is wrong with a written archive PDF, one German sentence each; empty when it is proven.

    Page count; per page the text that a reader extracts against the recognised words (at least 0.98 alike); turn;
    with `facts`, every picture stream that was promised unchanged by its SHA-256; with `source` (a PDF), that each
    page still looks as it did.
    """
    findings: list[str] = []
    document = pypdfium2.PdfDocument(pdf)
    try:
        if len(document) != len(pages):
            return [f"Die PDF-Datei hat {len(document)} Seiten, erwartet wurden {len(pages)}."]
        for index, page in enumerate(pages):
            findings += _check_text(document, index, page)
            if document[index].get_rotation() != page.rotation:
                findings.append(f"Seite {page.page}: Die Drehung der Seite stimmt nicht.")
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


def _check_text(document: pypdfium2.PdfDocument, index: int, page: RecognisedPage) -> list[str]:
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
    return [f"Seite {page.page}: Der Text der PDF-Datei gleicht dem erkannten nur zu {alike:.1%}."]


def _check_pictures(pdf: str, pages: Sequence[RecognisedPage], facts: ArchivePdfFacts) -> list[str]:
    findings = []
    with pikepdf.open(pdf) as document:
        for page, promised, recognised in zip(document.pages, facts.images, pages, strict=True):
            found = Counter(hashlib.sha256(image.read_raw_bytes()).hexdigest() for image in images_of(page.obj))
            missing = Counter(promised) - found
            if missing:
                count = sum(missing.values())
                findings.append(f"Seite {recognised.page}: {count} Bilddatenströme sind nicht mehr die der Vorlage.")
    return findings


def _check_look(pdf: str, source: str, pages: Sequence[RecognisedPage]) -> list[str]:
    findings = []
    before, after = pypdfium2.PdfDocument(source), pypdfium2.PdfDocument(pdf)
    try:
        for index, page in enumerate(pages):
            old, new = _small_picture(before, page.page - 1), _small_picture(after, index)
            if old.shape != new.shape or float((np.abs(old - new) > 48).mean()) > _MOST_DIFFERENT:
                findings.append(f"Seite {page.page}: Das Seitenbild sieht anders aus als in der Vorlage.")
    finally:
        before.close()
        after.close()
    return findings


def _small_picture(document: pypdfium2.PdfDocument, index: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    page = document[index]
    page.set_rotation(0)
    scale = _LOOK_PX / max(page.get_size())
    bitmap = page.render(scale=scale, grayscale=True)
    picture = np.array(bitmap.to_numpy()).astype(np.int16)
    bitmap.close()
    page.close()
    return picture
