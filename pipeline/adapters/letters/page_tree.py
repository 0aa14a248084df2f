"""The page tree of a PDF, walked without recursion and without trust, and single pages found in it by number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, Object

from pipeline.adapters.letters.source_pdf import refuse_damaged

_MAX_DEPTH = 100
_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")

ObjectId = tuple[int, int]


@dataclass
class _Level:
    """A node on the way down: its id, its kids' number, the next kid, the count it claims and the pages found."""

    node: ObjectId
    next_kid: int
    claimed: int
    found: int


class PageWalk:
    """All pages in order as object ids. Holds ids only, so the file may be closed and opened anew on the way.

    Raises Rejected `pdf-damaged` for loops, shared nodes, a tree deeper than 100, and page counts that lie.
    """

    def __init__(self) -> None:
        self._stack: list[_Level] = []
        self._seen: set[ObjectId] = set()
        self._started = False

    def pages(self, pdf: pikepdf.Pdf, limit: int) -> Iterator[Object]:
        """The next pages, at most `limit` of them; call again (on the same file) for more."""
        if not self._started:
            self._started = True
            self._enter(_root(pdf))
        given = 0
        while self._stack and given < limit:
            level = self._stack[-1]
            kids = _kids(pdf.get_object(*level.node))
            count = len(kids)
            while level.next_kid < count and given < limit:
                kid = kids[level.next_kid]
                level.next_kid += 1
                if is_page(kid):
                    level.found += 1
                    given += 1
                    yield kid
                else:
                    self._enter(kid)
                    break
            else:
                if level.next_kid >= count:
                    self._leave()

    def _enter(self, node: Object) -> None:
        if not isinstance(node, Dictionary) or not node.is_indirect or "/Kids" not in node:
            raise refuse_damaged("Das Seitenverzeichnis enthält etwas anderes als Seiten.")
        if node.objgen in self._seen or len(self._stack) >= _MAX_DEPTH:
            raise refuse_damaged("Das Seitenverzeichnis läuft im Kreis oder ist zu tief verschachtelt.")
        self._seen.add(node.objgen)
        self._stack.append(_Level(node.objgen, 0, _count(node), 0))

    def _leave(self) -> None:
        level = self._stack.pop()
        if level.claimed != level.found:
            raise refuse_damaged("Die Seitenzahl im Seitenverzeichnis stimmt nicht mit den Seiten überein.")
        if self._stack:
            if not level.found:  # pages_between relies on it
                raise refuse_damaged("Das Seitenverzeichnis enthält einen leeren Abschnitt.")
            self._stack[-1].found += level.found


def _root(pdf: pikepdf.Pdf) -> Object:
    pages = pdf.Root.get("/Pages") if isinstance(pdf.trailer.get("/Root"), Dictionary) else None
    if pages is None:
        raise refuse_damaged("Der Datei fehlt das Seitenverzeichnis.")
    return pages


def is_page(node: Object) -> bool:
    """Whether a kid of the page tree is a page, and not a node with kids of its own."""
    return isinstance(node, Dictionary) and "/Kids" not in node and node.get("/Type", Name.Page) == Name.Page


def _kids(node: Object) -> Array:
    kids = node.get("/Kids")
    if not isinstance(kids, Array):
        raise refuse_damaged("Das Seitenverzeichnis ist nicht lesbar.")
    return kids


def _count(node: Object) -> int:
    count = node.get("/Count")
    if not isinstance(count, int):
        raise refuse_damaged("Im Seitenverzeichnis fehlt eine Seitenzahl.")
    return count


def pages_between(pdf: pikepdf.Pdf, first: int, last: int) -> list[Object]:
    """Pages `first` to `last` (from 1, both included) of a file whose counts were checked, without visiting the rest.

    Pages beyond the file's end are left out.
    """
    found: list[Object] = []
    _collect(_root(pdf), first - 1, last, found, 0)
    return found


def _collect(node: Object, skip: int, end: int, found: list[Object], depth: int) -> int:
    """Append the pages of `node` with index `skip` to `end - 1`; returns how many pages the node has."""
    if depth > _MAX_DEPTH:
        raise refuse_damaged("Das Seitenverzeichnis ist zu tief verschachtelt.")
    kids = _kids(node)
    total = _count(node)
    flat = total == len(kids)  # every kid is a page: go straight there
    position = min(skip, total) if flat and skip > 0 else 0
    for index in range(position if flat else 0, len(kids)):
        if position >= end:
            break
        kid = kids[index]
        if is_page(kid):
            if position >= skip:
                found.append(kid)
            position += 1
        elif position + _count(kid) <= skip:
            position += _count(kid)
        else:
            position += _collect(kid, skip - position, end - position, found, depth + 1)
    return total


class HandedDown:
    """`inherited` for many pages of one file: what a node hands down is looked up once."""

    def __init__(self) -> None:
        self._by_node: dict[ObjectId, dict[str, Object]] = {}

    def to(self, page: Object) -> dict[str, Object]:
        """As `inherited`."""
        node = page.get("/Parent")
        if not isinstance(node, Dictionary) or not node.is_indirect:
            return inherited(page)
        handed = self._by_node.get(node.objgen)
        if handed is None:
            handed = self._by_node[node.objgen] = inherited(node)
        own = {key: value for key in _INHERITED if (value := page.get(key)) is not None}
        return {**handed, **own}


def inherited(page: Object) -> dict[str, Object]:
    """Resources, boxes and rotation of a page, its own or the nearest node's above it."""
    values: dict[str, Object] = {}
    node: Object | None = page
    for _ in range(_MAX_DEPTH):
        if not isinstance(node, Dictionary):
            return values
        for key in _INHERITED:
            if key not in values:
                value = node.get(key)
                if value is not None:
                    values[key] = value
        node = node.get("/Parent")
    raise refuse_damaged("Das Seitenverzeichnis läuft im Kreis oder ist zu tief verschachtelt.")
