"""What a dropped scan is, judged by its content: PDF, TIFF, JPEG or PNG, complete and within the job's limits."""

from __future__ import annotations

from pathlib import Path

from pipeline.adapters.incoming import jpeg_file, png_file, tiff_file
from pipeline.adapters.incoming.pdf_source import inspect_pdf
from pipeline.adapters.incoming.pdf_streams import check_dimensions
from pipeline.domain.errors import Rejected
from pipeline.domain.pages import SourceFacts, SourceType
from pipeline.domain.profiles import IncomingRules

_HEAD_BYTES = 1024
_FULL_SIZE = 0.5  # of the first picture's pixels: what a camera adds for itself is smaller
_TIFF_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def inspect_scan(path: str, rules: IncomingRules) -> SourceFacts:
    """Type, page count and remarks of a dropped file; its name plays no role.

    Remarks: `symbol-coded`, `signed`, `has-text`, `user-units` (pages measure in units of their own), `repaired`
    (harmless faults, all pages there), `attached-files` (a PDF carries others), `thumbnails-skipped`.
    Raises Rejected with `empty-file`, `file-too-large`, `not-a-document`, `pdf-encrypted`, `pdf-damaged`,
    `image-damaged`, `xfa-form`, `no-pages`, `too-many-pages`, `page-too-large`, `content-bomb` or `symbol-coded`.
    """
    size = Path(path).stat().st_size
    if size == 0:
        raise Rejected("empty-file", "Die Datei hat 0 Byte.")
    if size > rules.max_file_mb * 1_000_000:
        sentence = f"Die Datei hat {size / 1_000_000:.0f} MB, angenommen werden {rules.max_file_mb} MB."
        raise Rejected("file-too-large", sentence)
    kind = source_type(path)
    if kind == "pdf":
        return inspect_pdf(path, rules)
    if kind == "tiff":
        return _inspect_tiff(path, rules)
    return _inspect_jpeg(path, rules) if kind == "jpeg" else _inspect_png(path, rules)


def source_type(path: str) -> SourceType:
    """The type by the first bytes. Raises Rejected `not-a-document`, or `empty-file` where all bytes are zero."""
    with Path(path).open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if b"%PDF-" in head:
        return "pdf"
    if head[:4] in _TIFF_MAGIC:
        return "tiff"
    if head[:3] == b"\xff\xd8\xff":
        return "jpeg"
    if head[:8] == png_file.SIGNATURE:
        return "png"
    if not head.strip(b"\0 \t\r\n"):
        raise Rejected("empty-file", "Die Datei besteht am Anfang nur aus Leerzeichen oder Nullen.")
    raise Rejected("not-a-document", f"Der Inhalt ist {_what(head)}, kein PDF, TIFF, JPEG oder PNG.")


def _what(head: bytes) -> str:
    start = head.lstrip()[:64].lower()
    if head[:2] == b"PK":
        return "ein ZIP- oder Office-Archiv"
    if start.startswith((b"<!doctype html", b"<html")):
        return "eine Webseite (HTML)"
    if start.startswith(b"<?xml"):
        return "eine XML-Datei"
    if head[:2] == b"MZ" or head[:4] == b"\x7fELF":
        return "ein Programm"
    return "Text" if all(byte >= 9 for byte in head) else "von unbekannter Art"


def _image_damaged(sentence: str, error: Exception, page: int | None = None) -> Rejected:
    refusal = Rejected("image-damaged", sentence, page=page)
    refusal.__cause__ = error
    return refusal


def _second_picture(kind: str) -> Rejected:
    return Rejected(
        "not-a-document",
        f"Die {kind}-Datei enthält mehr als ein Bild, und nur das erste wäre zu sehen. Bitte speichern Sie die Seiten "
        "als PDF oder als TIFF mit mehreren Seiten; ist nur ein Bild gemeint, speichern Sie es allein.",
    )


def _inspect_tiff(path: str, rules: IncomingRules) -> SourceFacts:
    try:
        directories = tiff_file.read_tiff(path, max_pages=rules.max_pages * 2 + 1)
    except tiff_file.BadTiff as error:
        raise _image_damaged(
            "Die TIFF-Datei ist abgeschnitten oder ihre Seitenverzeichnisse sind zerstört.", error
        ) from error
    pages = [page for page in directories if not page.reduced]
    if not pages:
        raise Rejected("no-pages", "Die TIFF-Datei enthält keine Seite.")
    if len(pages) > rules.max_pages:
        raise Rejected("too-many-pages", f"Die Datei hat mehr als {rules.max_pages} Seiten.")
    for number, page in enumerate(pages, 1):
        check_dimensions(page.width_px, page.height_px, rules.max_page_megapixels, number)
        if page.compression not in tiff_file.COMPRESSIONS:
            sentence = f"Das Seitenbild ist mit einem unbekannten Verfahren ({page.compression}) komprimiert."
            raise Rejected("image-damaged", sentence, page=number)
        _check_packed_ratio(page, number)
    return SourceFacts("tiff", len(pages), ("thumbnails-skipped",) if len(pages) < len(directories) else ())


def _check_packed_ratio(page: tiff_file.TiffPage, number: int) -> None:
    """Uncompressed strips must hold every row; a cut or bare directory is not a page."""
    if page.compression != 1 or page.tiled:
        return
    rows = (page.width_px * page.samples * page.bits + 7) // 8 * page.height_px
    if sum(length for _offset, length in page.strips) < rows:
        raise Rejected("image-damaged", "Dem Seitenbild fehlen Zeilen.", page=number)


def _inspect_jpeg(path: str, rules: IncomingRules) -> SourceFacts:
    data = Path(path).read_bytes()
    try:
        facts = jpeg_file.read_jpeg(data, complete=False)
        check_dimensions(facts.width_px, facts.height_px, rules.max_page_megapixels, 1)
        jpeg_file.read_jpeg(data)
        full = facts.width_px * facts.height_px * _FULL_SIZE
        if any(other.width_px * other.height_px >= full for other in jpeg_file.further_pictures(data)):
            raise _second_picture("JPEG")
    except jpeg_file.BadJpeg as error:
        raise _image_damaged("Die JPEG-Datei ist abgeschnitten oder zerstört.", error, 1) from error
    return SourceFacts("jpeg", 1)


def _inspect_png(path: str, rules: IncomingRules) -> SourceFacts:
    try:
        facts = png_file.read_png(Path(path).read_bytes())
        check_dimensions(facts.width_px, facts.height_px, rules.max_page_megapixels, 1)
        png_file.check_pixels(facts)
        if facts.animated:
            raise _second_picture("PNG")
    except png_file.PngBomb as error:
        raise Rejected("content-bomb", "Die Bilddaten entpacken sich auf mehr, als das Bild enthalten kann.") from error
    except png_file.BadPng as error:
        raise _image_damaged("Die PNG-Datei ist abgeschnitten oder zerstört.", error, 1) from error
    return SourceFacts("png", 1)
