"""The pages of letters, taken from the normalised PDFs of their slices.

Such a page is A4 and upright, and its content draws one form XObject between `q` and `Q`, so that nothing of the
letter's graphics state can reach the marks. A page that is not built like that is made so here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import pikepdf

from pipeline.adapters.volumes.drawing import A4_HEIGHT_PT, A4_WIDTH_PT
from pipeline.adapters.volumes.shared_objects import SharedObjects, SourceCopies
from pipeline.domain.errors import Permanent

_TOLERANCE_PT = 0.05
_ISOLATED = b"q /Letter Do Q\n"
_WHERE_TO = re.compile(rb"[0-9]+ [0-9]+ R")
_EDGE = rb"\s+([-+.0-9]+)"
_MEDIA_BOX = re.compile(rb"/MediaBox \[" + _EDGE * 4 + rb"\s+\]")
_TURNED = re.compile(rb"/Rotate (?!0\b)|/UserUnit (?!1\b)")
_LONGEST_ISOLATED = 1000
_NUMBER = re.compile(rb"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_NAME = re.compile(rb"/[A-Za-z0-9_.+-]+")
_HARMLESS = frozenset({b"q", b"Q", b"cm", b"re", b"W", b"W*", b"n", b"Do"})


@dataclass(frozen=True)
class LetterPage:
    """A page's own content and the form XObjects that it draws, by name."""

    content: bytes
    forms: dict[str, pikepdf.Object]


def open_normalised(path: str) -> pikepdf.Pdf:
    """Without a walk over all pages: a volume needs some pages of many sources. Our own files need no guessing."""
    try:
        return pikepdf.open(path, inherit_page_attributes=False, attempt_recovery=False)
    except pikepdf.PdfError as error:
        raise Permanent("slice-damaged", f"a slice's normalised file can't be read: {error}") from error


class LetterSource:
    """One slice's PDF, opened. Pages are fetched one by one: a volume needs few pages of many sources."""

    def __init__(self, pdf: pikepdf.Pdf, shared: SharedObjects) -> None:
        self._pdf = pdf
        self._copies = SourceCopies(shared)
        tree = pdf.Root.Pages
        kids = tree.Kids
        self._flat = kids if len(kids) == int(tree.Count) else None

    @property
    def is_needed(self) -> bool:
        """Whether the file must remain open until the volume is saved."""
        return self._copies.needs_source

    def page(self, number: int) -> LetterPage:
        """Page `number` (from 1), its forms copied. Raises Permanent where it is missing or not upright A4."""
        page = self._upright(number)
        content = _content(page)
        names = forms_drawn(content)
        if names is None:
            form = self._pdf.make_indirect(pikepdf.Page(page).as_form_xobject())
            return LetterPage(_ISOLATED, {"/Letter": self._copies.adopt(form)})
        drawn = pikepdf.Page(page).resources.XObject if names else pikepdf.Dictionary()
        return LetterPage(content, {name: self._copies.adopt(drawn[name]) for name in names})

    def whole(self, number: int) -> pikepdf.Object:
        """Page `number` (from 1) as one form. Raises Permanent where it is missing or not upright A4."""
        form = self._pdf.make_indirect(pikepdf.Page(self._upright(number)).as_form_xobject())
        return self._copies.adopt(form)

    def _upright(self, number: int) -> pikepdf.Object:
        page = self._page(number)
        if not _is_normalised(_WHERE_TO.sub(b"", page.unparse(resolved=True))):
            sentence = f"page {number} is not upright A4 with its origin at zero"
            raise Permanent("page-not-normalised", sentence, "Take the file in again.")
        return page

    def _page(self, number: int) -> pikepdf.Object:
        kids = self._flat
        count = len(self._pdf.pages) if kids is None else len(kids)
        if not 1 <= number <= count:
            raise Permanent("page-missing", f"the normalised file has {count} pages, page {number} was asked for")
        return self._pdf.pages[number - 1].obj if kids is None else kids[number - 1]


@lru_cache(maxsize=64)
def _is_normalised(page: bytes) -> bool:
    """Whether a page, its references taken out, is upright A4: the pages of a slice look alike, so this is cached."""
    box = _MEDIA_BOX.search(page)
    if box is None or _TURNED.search(page) is not None:
        return False
    edges = (float(edge) for edge in box.groups())
    wanted = (0.0, 0.0, A4_WIDTH_PT, A4_HEIGHT_PT)
    return all(abs(edge - right) <= _TOLERANCE_PT for edge, right in zip(edges, wanted, strict=True))


def _content(page: pikepdf.Object) -> bytes:
    if "/Contents" not in page:
        return b"q Q\n"
    contents = page.Contents
    parts = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    return b"".join(bytes(part.read_bytes()) + b"\n" for part in parts)


@lru_cache(maxsize=1024)
def forms_drawn(content: bytes) -> tuple[str, ...] | None:
    """The names of the forms drawn, if the content does nothing else and undoes all it does; else None."""
    if len(content) > _LONGEST_ISOLATED:
        return None
    words = content.split()
    names: list[str] = []
    depth = 0
    for word, following in zip(words, [*words[1:], b""], strict=False):
        depth += {b"q": 1, b"Q": -1}.get(word, 0)
        if depth < (0 if word == b"Q" else 1):
            return None
        if _NAME.fullmatch(word) and following == b"Do":
            names.append(word.decode("ascii"))
        elif word not in _HARMLESS and _NUMBER.fullmatch(word) is None:
            return None
    return tuple(dict.fromkeys(names)) if depth == 0 else None
