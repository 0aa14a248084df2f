"""A few pages of a long print stream as a file of their own, object by object, before anything is done to them.

qpdf walks over all pages of a file before it copies the first object out of it, and looks at all its objects before
it adds one: two seconds and 650 MB for 200,000 pages, for each slice anew. Here only what the pages draw with is read.
Fields, layers and annotations come along as far as they print; a file whose pages hang together in other ways is read
as it is. Runs in a confined child.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

from pipeline.adapters.letters.page_tree import inherited, pages_between
from pipeline.adapters.letters.source_pdf import open_strict
from pipeline.domain.errors import Rejected

# Below that, qpdf's own way costs less than a second file.
_LONG_OBJECTS = 20_000
_COPIED = (
    "/Resources", "/MediaBox", "/CropBox", "/TrimBox", "/BleedBox", "/ArtBox", "/Rotate", "/UserUnit", "/Contents",
    "/Group",
)  # fmt: skip
# What of the form concerns all its fields, not their list; and what leads from an annotation or a field elsewhere.
_FORM_LEFT_OUT = ("/Fields", "/CO", "/XFA")
_ELSEWHERE = ("/P", "/Popup", "/A", "/PA", "/Dest", "/Kids", "/FS")
_NEVER_PRINTED = (Name.Link, Name.Popup)
_MAX_PARENTS = 32
_LEFT_OUT = (
    "/Type", "/Parent", "/StructParents", "/Tabs", "/PieceInfo", "/LastModified", "/Metadata", "/ID", "/Annots", "/AA",
    "/Dur", "/Trans", "/Thumb",
)  # fmt: skip
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
    excerpt = _Excerpt(pdf, pages, out)
    size = int(pdf.trailer["/Size"])
    tree, root = size, size + 1
    out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    excerpt.add(root, _catalog(pdf.Root, tree))
    for page in pages:
        excerpt.add(page.objgen[0], _page_text(page, tree, excerpt))
    kids = b" ".join(b"%d 0 R" % page.objgen[0] for page in pages)
    excerpt.add(tree, b"<< /Type /Pages /Count %d /Kids [ %b ] >>" % (len(pages), kids), leads_on=False)
    _finish(out, excerpt.offsets, root)


class _Excerpt:
    """Objects on their way into a file: each once, and whatever it refers to with it."""

    def __init__(self, pdf: pikepdf.Pdf, pages: Sequence[Object], out: BinaryIO) -> None:
        self._pdf, self._out = pdf, out
        self._seen = {page.objgen[0] for page in pages}
        if len(self._seen) != len(pages) or any(page.objgen[1] for page in pages):
            raise _Tangled
        self._seen |= {int(pdf.trailer["/Size"]), int(pdf.trailer["/Size"]) + 1}
        self.offsets: dict[int, int] = {}

    def add(self, number: int, text: bytes, *, leads_on: bool = True) -> None:
        """Write an object, and those that it refers to unless it does not lead on."""
        _object(self._out, self.offsets, number, text)
        waiting: list[int] = []
        if leads_on:
            _note(text, self._seen, waiting)
        while waiting:
            number = waiting.pop()
            text, raw = _text_of(self._pdf.get_object(number, 0))
            _object(self._out, self.offsets, number, text, raw)
            _note(text, self._seen, waiting)

    def annotation(self, annotation: Object) -> bytes | None:
        """How an annotation stands in the array of its page; None for one that never prints.

        Of the fields above a widget its values are taken along, and not their other widgets.
        """
        if not isinstance(annotation, Dictionary) or annotation.get("/Subtype") in _NEVER_PRINTED:
            return None
        fields: list[Object] = [annotation]
        if annotation.get("/Subtype") == Name.Widget:
            while isinstance(above := fields[-1].get("/Parent"), Dictionary):
                if not above.is_indirect or len(fields) > _MAX_PARENTS:
                    raise _Tangled
                fields.append(above)
        written = [each for each in fields if each.is_indirect]
        if any(each.objgen[1] for each in written):
            raise _Tangled
        new = {each.objgen[0]: each for each in written if each.objgen[0] not in self._seen}
        self._seen.update(new)  # before any of them is written, since they refer to each other
        for number, each in new.items():
            self.add(number, _field_text(each))
        return b"%d 0 R" % annotation.objgen[0] if annotation.is_indirect else _field_text(annotation)


def _catalog(root: Object, tree: int) -> bytes:
    """The catalog, with what says how fields look and which layers print."""
    parts = [b"<< /Type /Catalog /Pages %d 0 R" % tree]
    form, layers = root.get("/AcroForm"), root.get("/OCProperties")
    if isinstance(form, Dictionary):
        parts.append(b"/AcroForm " + _without(form, _FORM_LEFT_OUT).unparse())
    if layers is not None:
        parts.append(b"/OCProperties " + _text(layers))
    return b" ".join([*parts, b">>"])


def _page_text(page: Object, tree: int, excerpt: _Excerpt) -> bytes:
    if any(key not in _COPIED and key not in _LEFT_OUT for key in page):
        raise _Tangled
    values = inherited(page)
    parts = [b"<< /Type /Page /Parent %d 0 R" % tree]
    for key in _COPIED:
        value = values.get(key) if key in values else page.get(key)
        if value is not None:
            parts.append(key.encode("ascii") + b" " + _text(value))
    annotations = page.get("/Annots")
    if isinstance(annotations, Array):
        told = [text for each in annotations if (text := excerpt.annotation(each)) is not None]
        parts.append(b"/Annots [ " + b" ".join(told) + b" ]")
    return b" ".join([*parts, b">>"])


def _field_text(annotation: Object) -> bytes:
    """An annotation or field with all that bears on how it prints, and without what leads to other pages."""
    own = _without(annotation, _ELSEWHERE)
    if "/IRT" in own:
        own["/IRT"] = Dictionary()  # that it answers another one counts, and not which
    actions = own.get("/AA")
    if isinstance(actions, Dictionary):
        own["/AA"] = Dictionary({key: Dictionary() for key in actions})
    return own.unparse()


def _without(found: Object, left_out: Sequence[str]) -> Object:
    own = copy(found)
    for key in left_out:
        if key in own:
            del own[key]
    return own


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
