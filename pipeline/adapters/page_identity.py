"""What makes a letter's page this one and no other: the bytes of everything that it draws.

The identity of a page is a hash over the forms that its content draws, each with all streams below it (nested forms,
images, fonts), in the order in which its dictionaries name them. It is written down when a slice is made
(`letters.ids` beside `letters.pdf`) and taken again from every page of a saved volume, so that a sheet that carries
somebody else's page is found although its marks are right. Dictionaries' own values don't count: numbers of objects
change from file to file.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import pikepdf

IDENTITY_BYTES = 32
NOTHING = b"\0" * IDENTITY_BYTES
"""The identity of a page that draws nothing."""

_DEEPEST = 60
_DRAWN = re.compile(rb"/([^\s/()<>\[\]{}%]+)\s+Do\b")
_STRING_OR_REFERENCE = re.compile(rb"\((?:\\.|[^\\)])*\)|<[0-9A-Fa-f\s]*>|\b([0-9]+) ([0-9]+) R\b", re.DOTALL)


class _Knotted(Exception):
    """An object refers back to itself, or nests too deep."""


class PageIdentities:
    """The identities of the pages of one opened file; what pages share is hashed once."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._known: dict[tuple[int, int], bytes] = {}
        self._under_way: set[tuple[int, int]] = set()

    def of(self, page: pikepdf.Object, *, but: str = "") -> bytes:
        """The identity of a page: of all it draws, or of its whole content where it draws no form.

        `but`: the name of a form that does not count, such as the letterhead under a letter.
        """
        return self._drawn(content_of(page), page, but)

    def of_form(self, form: pikepdf.Object) -> bytes:
        """The identity of the page that a form was made of, where a page was not isolated before."""
        return self._drawn(bytes(form.read_bytes()), form)

    def _drawn(self, content: bytes, owner: pikepdf.Object, but: str = "") -> bytes:
        names = [name for name in dict.fromkeys(_DRAWN.findall(content)) if f"/{name.decode('latin-1')}" != but]
        if not names:
            words = content.split()
            return NOTHING if set(words) <= {b"q", b"Q"} else hashlib.sha256(b"p" + b" ".join(words)).digest()
        objects = owner.Resources.XObject
        return _joined([self._form(objects[f"/{name.decode('latin-1')}"]) for name in names])

    def _form(self, form: pikepdf.Object) -> bytes:
        try:
            return self._below(form)
        except _Knotted:
            self._under_way.clear()
            return hashlib.sha256(b"k" + form.read_raw_bytes()).digest()

    def _below(self, thing: pikepdf.Object) -> bytes:
        """The hash of a stream with all below it; for another object those of the streams that it leads to."""
        place = thing.objgen
        known = self._known.get(place)
        if known is not None:
            return known
        if place in self._under_way or len(self._under_way) > _DEEPEST:
            raise _Knotted
        self._under_way.add(place)
        is_stream = isinstance(thing, pikepdf.Stream)
        text = thing.stream_dict.unparse() if is_stream else thing.unparse(resolved=True)
        below = [
            self._below(self._pdf.get_object(int(found[1]), int(found[2])))
            for found in _STRING_OR_REFERENCE.finditer(text)
            if found[1] is not None
        ]
        self._under_way.remove(place)
        joined = b"".join(below)
        if is_stream:
            joined = hashlib.sha256(thing.read_raw_bytes() + joined).digest()
        self._known[place] = joined
        return joined


def content_of(page: pikepdf.Object) -> bytes:
    """The operators of a page."""
    contents = page.get("/Contents")
    if contents is None:
        return b""
    parts = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    return b"\n".join(bytes(part.read_bytes()) for part in parts)


def write_identities(slice_pdf: str) -> None:
    """Write the identities of a saved slice's pages, read from the file, beside it."""
    identities_file(slice_pdf).write_bytes(b"".join(_identities_in(slice_pdf)))


def identities_file(slice_pdf: str) -> Path:
    """Where the identities of a slice's pages lie: page after page, 32 bytes each."""
    return Path(slice_pdf).with_suffix(".ids")


def identities_of(slice_pdf: str) -> Sequence[bytes]:
    """The identities of a slice's pages as written down when it was made, or else taken from the file now."""
    written = identities_file(slice_pdf)
    if not written.is_file():
        return _identities_in(slice_pdf)
    data = written.read_bytes()
    return [data[at : at + IDENTITY_BYTES] for at in range(0, len(data), IDENTITY_BYTES)]


def _identities_in(path: str) -> list[bytes]:
    with pikepdf.open(path, attempt_recovery=False) as pdf:
        identities = PageIdentities(pdf)
        return [identities.of(page.obj) for page in pdf.pages]


def _joined(forms: Sequence[bytes]) -> bytes:
    return forms[0] if len(forms) == 1 else hashlib.sha256(b"".join(forms)).digest()
