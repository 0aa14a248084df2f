"""A few pages of a long print stream as a file of their own, object by object, before anything is done to them.

qpdf walks over all pages of a file before it copies the first object out of it, and looks at all its objects before
it adds one: two seconds and 650 MB for 200,000 pages, for each slice anew. Here only what the pages draw with is read.
Works for the streams of specialist applications; a file with fields, layers, annotations or pages that refer to other
pages is read as it is. Runs in a confined child.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

import pikepdf
from pikepdf import Dictionary, Name, Object, Stream

from pipeline.adapters.letters.page_tree import inherited, pages_between
from pipeline.adapters.letters.source_pdf import open_strict
from pipeline.domain.errors import Rejected

# Below that, qpdf's own way costs less than a second file.
_LONG_OBJECTS = 20_000
_COPIED = (
    "/Resources", "/MediaBox", "/CropBox", "/TrimBox", "/BleedBox", "/ArtBox", "/Rotate", "/UserUnit", "/Contents",
    "/Group",
)  # fmt: skip
_LEFT_OUT = ("/Type", "/Parent", "/StructParents", "/Tabs", "/PieceInfo", "/LastModified", "/Metadata", "/ID")
_REFERENCE = re.compile(rb"(?<![0-9])([0-9]{1,9}) ([0-9]{1,5}) R(?![A-Za-z0-9])")
_LENGTH = re.compile(rb"/Length ([0-9]+)(?= /| >>)")


class _Tangled(Exception):
    """The pages hang together with more than themselves."""


@contextmanager
def opened_between(source: str, first: int, last: int, scratch: str) -> Iterator[tuple[pikepdf.Pdf, str, int]]:
    """A file with the pages `first` to `last` of a print stream, its path, and how many pages it lacks before them.

    Of a long stream that is an excerpt under the path `scratch`, removed afterwards; else the stream itself, and 0.
    Raises Rejected as `open_strict`.
    """
    made = Path(scratch)
    try:
        excerpted = _is_excerpted(source, first, last, made)
        with open_strict(scratch if excerpted else source) as pdf:
            yield pdf, scratch if excerpted else source, first - 1 if excerpted else 0
    finally:
        made.unlink(missing_ok=True)


def _is_excerpted(source: str, first: int, last: int, made: Path) -> bool:
    """Whether an excerpt was written. Doubts of any kind are left to those who read the stream page by page."""
    try:
        with open_strict(source) as pdf:
            size = pdf.trailer.get("/Size")
            if not isinstance(size, int) or size < _LONG_OBJECTS:
                return False
            with made.open("wb") as out:
                _write(pdf, pages_between(pdf, first, last), out)
            return not pdf.get_warnings()
    except (_Tangled, pikepdf.PikepdfError, Rejected):
        return False


def _write(pdf: pikepdf.Pdf, pages: Sequence[Object], out: BinaryIO) -> None:
    """Objects keep their numbers; only the page tree and the catalog are new."""
    if any(key in pdf.Root for key in ("/AcroForm", "/OCProperties")):
        raise _Tangled
    seen = {page.objgen[0] for page in pages}
    if len(seen) != len(pages) or any(page.objgen[1] for page in pages):
        raise _Tangled
    size = int(pdf.trailer["/Size"])
    tree, root = size, size + 1
    offsets: dict[int, int] = {}
    out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    waiting: list[int] = []
    for page in pages:
        text = _page_text(page, tree)
        _object(out, offsets, page.objgen[0], text)
        _note(text, seen, waiting)
        while waiting:
            number = waiting.pop()
            text, raw = _text_of(pdf.get_object(number, 0))
            _object(out, offsets, number, text, raw)
            _note(text, seen, waiting)
    kids = b" ".join(b"%d 0 R" % page.objgen[0] for page in pages)
    _object(out, offsets, tree, b"<< /Type /Pages /Count %d /Kids [ %b ] >>" % (len(pages), kids))
    _object(out, offsets, root, b"<< /Type /Catalog /Pages %d 0 R >>" % tree)
    _finish(out, offsets, root)


def _page_text(page: Object, tree: int) -> bytes:
    if any(key not in _COPIED and key not in _LEFT_OUT for key in page):
        raise _Tangled
    values = inherited(page)
    parts = [b"<< /Type /Page /Parent %d 0 R" % tree]
    for key in _COPIED:
        value = values.get(key) if key in values else page.get(key)
        if value is not None:
            parts.append(key.encode("ascii") + b" " + _text(value))
    return b" ".join([*parts, b">>"])


def _text(value: object) -> bytes:
    """A value of a dictionary as it is written: plain numbers come without their object."""
    return value.unparse() if isinstance(value, Object) else str(value).encode("ascii")


def _text_of(found: Object) -> tuple[bytes, bytes | None]:
    """How an object is written, and the bytes of a stream."""
    if not isinstance(found, Stream):
        if isinstance(found, Dictionary) and found.get("/Type") in (Name.Page, Name.Pages, Name.Catalog):
            raise _Tangled
        return (found.unparse(resolved=True) if isinstance(found, Object) else _text(found)), None
    text, raw = found.stream_dict.unparse(), found.read_raw_bytes()
    if [int(length) for length in _LENGTH.findall(text)] != [len(raw)]:
        raise _Tangled
    return text, raw


def _note(text: bytes, seen: set[int], waiting: list[int]) -> None:
    """Remember what a text refers to; what only looks like a reference, inside a string, does no harm."""
    for number, generation in _REFERENCE.findall(text):
        if int(generation):
            raise _Tangled
        if int(number) not in seen:
            seen.add(int(number))
            waiting.append(int(number))


def _object(out: BinaryIO, offsets: dict[int, int], number: int, text: bytes, raw: bytes | None = None) -> None:
    offsets[number] = out.tell()
    body = text if raw is None else b"%b\nstream\n%b\nendstream" % (text, raw)
    out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))


def _finish(out: BinaryIO, offsets: dict[int, int], root: int) -> None:
    start = out.tell()
    out.write(b"xref\n0 1\n0000000000 65535 f \n")
    for _, run in groupby(enumerate(sorted(offsets)), key=lambda place: place[1] - place[0]):
        numbers = [number for _, number in run]
        out.write(b"%d %d\n" % (numbers[0], len(numbers)))
        out.writelines(b"%010d 00000 n \n" % offsets[number] for number in numbers)
    out.write(b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (root + 1, root, start))
