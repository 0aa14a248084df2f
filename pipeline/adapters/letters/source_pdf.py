"""Opening a dropped PDF strictly: what a reader would have to repair or guess is refused, not repaired.

Runs in a confined child only. A damaged print stream that "opens" after repair is a letter with missing pages.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pikepdf

from pipeline.domain.errors import Rejected

# Bytes that one compressed stream may unpack to: a page of vector art stays below, a bomb does not.
MAX_UNPACKED_BYTES = 256 * 1024 * 1024
_MAX_NESTING = 100
_MAX_FILTERS = 4
_TAIL_BYTES = 4096

# Warnings that say nothing about missing or ambiguous content.
_HARMLESS = ("reported number of objects", "dictionary has duplicated key")


def refuse_damaged(detail: str, page: int | None = None) -> Rejected:
    """The refusal of a damaged PDF. `detail`: German, for reason.json."""
    return Rejected("pdf-damaged", detail, page=page)


def set_limits() -> None:
    """Bound what qpdf unpacks and how deep it follows; holds for this whole process, a confined child."""
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=MAX_UNPACKED_BYTES,
        png_max_memory=MAX_UNPACKED_BYTES,
        tiff_max_memory=MAX_UNPACKED_BYTES,
        run_length_max_memory=MAX_UNPACKED_BYTES,
        max_stream_filters=_MAX_FILTERS,
        parser_max_nesting=_MAX_NESTING,
    )


def check_ends(path: str) -> None:
    """Refuse a file that stops before its end: no end mark, or the beginning of another object behind it.

    An interrupted copy of a file that was updated in place ends inside the update and still opens, as its old self.
    """
    with Path(path).open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL_BYTES))
        tail = file.read()
    end = tail.rfind(b"%%EOF")
    if end < 0 or tail.rfind(b"startxref", 0, end) < 0:
        raise refuse_damaged("Das Ende der Datei fehlt.")
    behind = tail[end + len(b"%%EOF") :].strip(b"\0\t\n\f\r \x1a")
    if b" obj" in behind or b"xref" in behind:
        raise refuse_damaged("Die Datei bricht mitten in ihrer letzten Änderung ab.")


@contextmanager
def open_strict(path: str) -> Iterator[pikepdf.Pdf]:
    """Open a PDF without repair and without reading its pages.

    Raises Rejected: `pdf-encrypted` for any encryption (also with an empty password), `pdf-damaged` for anything
    that would need a repair, `content-bomb` where a compressed table of objects unpacks beyond the limit.
    """
    set_limits()
    check_ends(path)
    try:
        pdf = pikepdf.Pdf.open(path, attempt_recovery=False, inherit_page_attributes=False, suppress_warnings=True)
    except pikepdf.PasswordError as error:
        raise _encrypted() from error
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise translated(error) from error
    with pdf:
        if pdf.is_encrypted:
            raise _encrypted()
        check_warnings(pdf)
        yield pdf


def _encrypted() -> Rejected:
    return Rejected("pdf-encrypted", "Die Datei ist mit einem Kennwort oder einem Berechtigungsschutz versehen.")


def translated(error: Exception, page: int | None = None) -> Rejected:
    """What qpdf threw, as a refusal."""
    said = str(error)
    if "memory limit exceeded" in said or "too many filters" in said:
        return Rejected("content-bomb", "Ein Datenstrom entpackt sich über die zulässige Größe hinaus.", page=page)
    if "encrypt" in said.lower() or "security handler" in said.lower():
        return _encrypted()
    return refuse_damaged("Der Aufbau der Datei ist nicht lesbar.", page)


def name_text(name: pikepdf.Object) -> str:
    """A name as the keys of a dictionary give it: old programs wrote names in Latin-1, which is no UTF-8."""
    return bytes(name).decode("utf-8", "surrogateescape")


def check_warnings(pdf: pikepdf.Pdf, page: int | None = None) -> None:
    """Refuse a file of which qpdf said, since the last call, that it had to guess."""
    for warning in pdf.get_warnings():
        said = str(warning)
        if not any(harmless in said for harmless in _HARMLESS):
            raise translated(RuntimeError(said), page)
