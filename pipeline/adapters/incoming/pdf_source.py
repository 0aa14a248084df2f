"""Inspection of a dropped PDF: complete, open to read, no dynamic form, no bomb, pages within the limits.

A half-copied PDF usually opens, because PDF libraries repair what they find. So the file must open without any
repair and without a warning. A file with harmless faults (offsets that are off, a wrong length) is accepted only
where the end of the file is there and repair finds every page that the page tree counts.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pikepdf

from pipeline.adapters.incoming import pdf_streams
from pipeline.adapters.incoming.attached_files import ATTACHED, has_attached_files
from pipeline.domain.errors import Rejected
from pipeline.domain.pages import SourceFacts
from pipeline.domain.profiles import IncomingRules

_TAIL_BYTES = 2048
_END = re.compile(rb"startxref\s+\d+\s+%%EOF")
_LINEARIZED = re.compile(rb"/Linearized\b.{0,400}?/L\s+(\d+)", re.DOTALL)
_MAX_SIDE_PT = 14_400  # ISO 32000-1, Annex C, and ISO 19005-2, 6.1.13


def inspect_pdf(path: str, rules: IncomingRules) -> SourceFacts:
    """What the PDF is. Raises Rejected: `pdf-encrypted`, `pdf-damaged`, `xfa-form`, `no-pages`, `too-many-pages`,
    `page-too-large`, `content-bomb`, `symbol-coded`.

    A file that opens without a password but restricts its use is refused as `pdf-encrypted` too: its archived
    form could keep neither the restriction nor the bytes.
    """
    pdf_streams.check_structure_streams(path)
    pdf, repaired = _open(path)
    with pdf:
        if pdf.is_encrypted:
            raise Rejected("pdf-encrypted", "Die PDF-Datei ist mit einem Berechtigungsschutz versehen.")
        _check_forms(pdf)
        pages = len(pdf.pages)
        if pages == 0:
            raise Rejected("no-pages", "Die PDF-Datei enthält keine Seite.")
        if pages > rules.max_pages:
            raise Rejected("too-many-pages", f"Die Datei hat {pages} Seiten, angenommen werden {rules.max_pages}.")
        _check_boxes(pdf)
        symbol_coded = _check_streams(pdf, rules)
        pdf_streams.check_nesting(pdf)
        remarks = [
            *(["repaired"] if repaired else []),
            *(["signed"] if _is_signed(pdf) else []),
            *(["symbol-coded"] if symbol_coded else []),
            *(["has-text"] if _has_fonts(pdf) else []),
            *([ATTACHED] if has_attached_files(pdf) else []),
            *(["user-units"] if any("/UserUnit" in page for page in pdf.pages) else []),
        ]
        if not repaired and pdf.get_warnings():
            raise _damaged("Beim Lesen der Inhalte traten Fehler auf.")
    if symbol_coded and rules.reject_symbol_coding:
        raise Rejected("symbol-coded", "Mindestens ein Seitenbild ist mit JBIG2-Symbolersetzung komprimiert.")
    return SourceFacts("pdf", pages, tuple(remarks))


def _damaged(sentence: str) -> Rejected:
    return Rejected("pdf-damaged", sentence)


def _open(path: str) -> tuple[pikepdf.Pdf, bool]:
    """The open file, and whether it had to be repaired."""
    _check_end(path)
    try:
        pdf = _open_strictly(path)
        if pdf is not None:
            return pdf, False
        pdf = pikepdf.open(path, suppress_warnings=True)
        told, found = _told_pages(pdf), len(pdf.pages)
    except pikepdf.PasswordError as error:
        raise Rejected("pdf-encrypted", "Die PDF-Datei lässt sich nur mit einem Kennwort öffnen.") from error
    except (pikepdf.PdfError, AttributeError, TypeError, ValueError) as error:
        raise _damaged("Die PDF-Datei hat kein lesbares Inhaltsverzeichnis.") from error
    if found != told or not _all_readable(pdf):
        pdf.close()
        raise _damaged(f"Das Inhaltsverzeichnis nennt {told} Seiten, gefunden wurden {found}; nicht alles ist lesbar.")
    return pdf, True


def _open_strictly(path: str) -> pikepdf.Pdf | None:
    """The open file if it needs no repair and gives no warning."""
    try:
        pdf = pikepdf.open(path, attempt_recovery=False, suppress_warnings=True)
    except pikepdf.PasswordError:
        raise
    except pikepdf.PdfError:
        return None
    if pdf.is_encrypted:
        return pdf
    if not pdf.get_warnings() and _told_pages(pdf) == len(pdf.pages) and _all_readable(pdf):
        return pdf
    pdf.close()
    return None


def _told_pages(pdf: pikepdf.Pdf) -> int:
    """The page count that the page tree claims, -1 for none."""
    count = pdf.Root.Pages.get("/Count", -1)
    return count if isinstance(count, int) else -1


def _all_readable(pdf: pikepdf.Pdf) -> bool:
    """Whether every page is there with something to draw, and every object can be read without a new warning."""
    pdf.get_warnings()  # takes away those that are known
    try:
        for page in pdf.pages:
            if not isinstance(page.obj, pikepdf.Dictionary) or "/MediaBox" not in page:
                return False
        for item in pdf.objects:
            if isinstance(item, pikepdf.Stream) and len(item.read_raw_bytes()) == 0 and item.get("/Length", 0) != 0:
                return False
    except (pikepdf.PdfError, ValueError):
        return False
    return not pdf.get_warnings()


def _check_end(path: str) -> None:
    """Refuse a file that ends before its end: no end mark, an update begun behind it, or shorter than it says."""
    size = Path(path).stat().st_size
    with Path(path).open("rb") as file:
        head = file.read(2048)
        file.seek(max(0, size - _TAIL_BYTES), os.SEEK_SET)
        tail = file.read()
    ends = list(_END.finditer(tail))
    if not ends or b" obj" in tail[ends[-1].end() :]:
        raise _damaged("Das Ende der PDF-Datei fehlt.")
    linearized = _LINEARIZED.search(head)
    if linearized is not None and int(linearized.group(1)) > size:
        told = int(linearized.group(1))
        raise _damaged(f"Die PDF-Datei ist {size} Byte lang, nach eigener Angabe müssten es {told} sein.")


def _check_forms(pdf: pikepdf.Pdf) -> None:
    form = pdf.Root.get("/AcroForm")
    if bool(pdf.Root.get("/NeedsRendering", False)) or (isinstance(form, pikepdf.Dictionary) and "/XFA" in form):
        raise Rejected("xfa-form", "Die PDF-Datei enthält ein XFA-Formular, dessen Seiten erst ein Programm erzeugt.")


def _check_boxes(pdf: pikepdf.Pdf) -> None:
    for number, page in enumerate(pdf.pages, 1):
        try:
            box = [float(value) for value in page.mediabox]
        except (TypeError, ValueError, AttributeError) as error:
            raise Rejected("pdf-damaged", "Die Seite hat keine lesbare Größe.", page=number) from error
        unit = float(page.obj.get("/UserUnit", 1))
        width, height = abs(box[2] - box[0]) * unit, abs(box[3] - box[1]) * unit
        if max(width, height) > _MAX_SIDE_PT:
            sentence = f"Die Seite misst {width / 72 * 2.54:.0f} × {height / 72 * 2.54:.0f} cm."
            raise Rejected("page-too-large", sentence, page=number)
        if min(width, height) < 3:
            raise Rejected("pdf-damaged", "Die Seite hat keine Fläche.", page=number)


def _check_streams(pdf: pikepdf.Pdf, rules: IncomingRules) -> bool:
    """Check every stream of the file; returns whether one is a symbol-coded picture."""
    budget = pdf_streams.Budget()
    symbol_coded = False
    try:
        for item in pdf.objects:
            if isinstance(item, pikepdf.Stream):
                pdf_streams.check_stream(item, rules.max_page_megapixels, budget)
                symbol_coded = symbol_coded or pdf_streams.is_symbol_coded(item)
    except Rejected as refusal:
        raise Rejected(refusal.code, refusal.sentence, page=refusal.page) from refusal
    except pikepdf.PdfError as error:
        raise _damaged("Ein Datenstrom der PDF-Datei ist nicht lesbar.") from error
    return symbol_coded


def _is_signed(pdf: pikepdf.Pdf) -> bool:
    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary):
        return False
    waiting = list(form.get("/Fields", []))
    for _step in range(10_000):
        if not waiting:
            return False
        field = waiting.pop()
        if isinstance(field, pikepdf.Dictionary):
            if field.get("/FT") == "/Sig" and "/V" in field:
                return True
            waiting.extend(field.get("/Kids", []))
    return False


def _has_fonts(pdf: pikepdf.Pdf) -> bool:
    return any(isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font" for item in pdf.objects)
