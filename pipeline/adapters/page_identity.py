"""What makes a letter's page this one and no other: everything that it draws, and where.

The identity of a page is a hash over the forms that its content draws: the matrix and clipping that stand before each,
its dictionary, its bytes, and all objects below it (nested forms, images, fonts, states), each in the place of the
reference that leads to it. It is written down when a slice is made (`letters.identities` beside `letters.pdf`) and
taken again from every page of a saved volume, so that a sheet that carries somebody else's page is found although its
marks are right. What changes from file to file does not count: numbers of objects, lengths, how a number is written.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import pikepdf

IDENTITY_BYTES = 32
NOTHING = b"\0" * IDENTITY_BYTES
"""The identity of a page that draws nothing."""

_DEEPEST = 60
_DRAWN = re.compile(rb"/([^\s/()<>\[\]{}%]+)\s+Do\b")
_HARMLESS = frozenset({b"q", b"Q", b"cm", b"re", b"W", b"W*", b"n"})
_NUMBER = re.compile(rb"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
# In the text of an object: strings, which stay as they are; references; numbers with a point.
_WORD = re.compile(
    rb"\((?:\\.|[^\\)])*\)|<[0-9A-Fa-f\s]*>|\b([0-9]+) ([0-9]+) R\b|(?<![^\s\[])([-+]?[0-9]*\.[0-9]*)(?![^\s\]])",
    re.DOTALL,
)
_NULL = re.compile(rb"/[^\s/()<>\[\]{}%]+ null(?= )")  # the same as no entry
_LENGTH = re.compile(rb"/Length [0-9]+(?: [0-9]+ R)? ")
_TEXTS_AT_HAND = 4000  # most pages are written alike


class _Knotted(Exception):
    """An object refers back to itself, or nests too deep."""


class PageIdentities:
    """The identities of the pages of one opened file; what pages share is hashed once."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._known: dict[tuple[int, int], bytes] = {}
        self._under_way: set[tuple[int, int]] = set()
        self._texts: dict[bytes, bytes] = {}

    def of(self, page: pikepdf.Object, *, but: str = "", is_marked: bool = False) -> bytes:
        """The identity of a page.

        `but`: the name of a form that does not count, such as the letterhead under a letter. `is_marked`: marks are
        drawn after the last form; they do not count.
        """
        return self._drawn(content_of(page), page, but, is_marked=is_marked)

    def of_form(self, form: pikepdf.Object) -> bytes:
        """The identity of the page that a form was made of, where a page was not isolated before."""
        if any(key in form for key in ("/Matrix", "/OC")):
            return hashlib.sha256(b"m" + form.read_raw_bytes()).digest()  # no page is made like that
        return self._drawn(bytes(form.read_bytes()), form)

    def _drawn(self, content: bytes, owner: pikepdf.Object, but: str = "", *, is_marked: bool = False) -> bytes:
        ends = max((found.end() for found in _DRAWN.finditer(content)), default=0)
        if not ends:
            words = content.split()
            return NOTHING if set(words) <= {b"q", b"Q"} else hashlib.sha256(b"p" + b" ".join(words)).digest()
        drawings = drawings_of(content[:ends] if is_marked else content)
        if drawings is None:
            names = dict.fromkeys(f"/{name.decode('latin-1')}" for name in _DRAWN.findall(content))
            drawings = ((b" ".join(content.split()), ""), *((b"", name) for name in names))
        objects = owner.Resources.XObject
        whole = hashlib.sha256()
        for state, name in drawings:
            if not but or name != but:
                whole.update(b"%d %b" % (len(state), state))
                whole.update(self._form(objects[name]) if name else b"")
        return whole.digest()

    def _form(self, form: pikepdf.Object) -> bytes:
        try:
            return self._below(form)
        except _Knotted:
            self._under_way.clear()
            text = _WORD.sub(_without_places, form.stream_dict.unparse())
            return hashlib.sha256(b"k" + text + form.read_raw_bytes()).digest()

    def _below(self, thing: pikepdf.Object) -> bytes:
        """The hash of an object with all below it."""
        place = thing.objgen
        known = self._known.get(place)
        if known is not None:
            return known
        if place in self._under_way or len(self._under_way) > _DEEPEST:
            raise _Knotted
        self._under_way.add(place)
        raw = thing.read_raw_bytes() if isinstance(thing, pikepdf.Stream) else b""
        text = self._text(_written(thing, is_empty=not raw))
        hashed = hashlib.sha256(b"%d %b" % (len(text), text))
        hashed.update(raw)
        self._under_way.remove(place)
        digest = self._known[place] = hashed.digest()
        return digest

    def _text(self, text: bytes) -> bytes:
        """An object's text, the same in every file."""
        known = self._texts.get(text)
        if known is not None:
            return known
        told = _WORD.sub(self._word, text)
        if b" null" in told:
            told = b" ".join(_NULL.sub(b"", told).split())
        if len(self._texts) >= _TEXTS_AT_HAND:
            self._texts.clear()
        self._texts[text] = told
        return told

    def _word(self, found: re.Match[bytes]) -> bytes:
        """A word of an object's text, the same in every file."""
        if found[1] is not None:
            below = self._pdf.get_object(int(found[1]), int(found[2]))
            if isinstance(below, (pikepdf.Stream, pikepdf.Dictionary, pikepdf.Array)):
                return self._below(below).hex().encode("ascii")
            return _WORD.sub(_without_places, _scalar(below))
        return _without_places(found)


def _written(thing: pikepdf.Object, *, is_empty: bool) -> bytes:
    """An object as it is written, a stream without its length. How nothing is packed, changes from file to file."""
    if not isinstance(thing, pikepdf.Stream):
        return thing.unparse(resolved=True)
    how = thing.stream_dict
    if is_empty:
        how = pikepdf.Dictionary({key: how[key] for key in set(how.keys()) - {"/Filter", "/DecodeParms"}})
    return _LENGTH.sub(b"", how.unparse())


def _without_places(found: re.Match[bytes]) -> bytes:
    """A word without the number of an object, numbers in their shortest form."""
    if found[1] is not None:
        return b"R"
    if found[3] is None:
        return found[0]
    whole, _, part = found[3].lstrip(b"+-").partition(b".")
    number = (whole.lstrip(b"0") or b"0") + (b"." + part.rstrip(b"0")).rstrip(b".")
    return b"-" + number if found[3].startswith(b"-") and number != b"0" else number


def _scalar(value: object) -> bytes:
    """A number or a word as text: some programs write such as objects of their own."""
    if isinstance(value, pikepdf.Object):
        return value.unparse(resolved=True)
    if value is None or isinstance(value, bool):
        return {None: b"null", True: b"true", False: b"false"}[value]
    return f"{value:f}".encode("ascii") if isinstance(value, Decimal) else str(value).encode("ascii")


@lru_cache(maxsize=1024)  # the pages of a stack are placed alike
def drawings_of(content: bytes) -> tuple[tuple[bytes, str], ...] | None:
    """The forms that a content draws, by name (`/Letter`), each after the operators that place and clip it.

    None where the content does anything else, so that only the whole of it says what is seen.
    """
    words = content.split()
    drawings: list[tuple[bytes, str]] = []
    state: list[bytes] = []
    saved: list[int] = []
    for word, following in zip(words, [*words[1:], b""], strict=True):
        if word == b"q":
            saved.append(len(state))
        elif word == b"Q":
            del state[saved.pop() if saved else 0 :]
        elif following == b"Do" and word.startswith(b"/"):
            drawings.append((b" ".join(state), word.decode("latin-1")))
        elif word != b"Do":
            if word not in _HARMLESS and _NUMBER.fullmatch(word) is None:
                return None
            state.append(word)
    return tuple(drawings)


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
    return Path(slice_pdf).with_suffix(".identities")


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
