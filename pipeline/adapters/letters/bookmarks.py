"""Which bookmarks a print stream has on one level, and to which pages they lead. Runs in a confined child.

Outlines are walked without recursion and without trust. ISO 32000-1: 12.3.3 (outlines), 12.3.2 (destinations).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, String

from pipeline.adapters.letters.page_tree import ObjectId, PageWalk
from pipeline.adapters.letters.source_pdf import check_warnings, open_strict, refuse_damaged, translated
from pipeline.domain.errors import Rejected
from pipeline.domain.split_rules import ORDER_GROUPS, SplitRules
from pipeline.domain.splitting import Start

_MAX_BOOKMARKS = 1_000_000
_MAX_LEVEL = 32
# Looked at in one go before the file is closed and opened anew: qpdf keeps every object it has read.
_PAGES_AT_ONCE = 40_000


@dataclass(frozen=True)
class _Mark:
    """A bookmark: its title, and the page object or the page number (from 0) to which it leads."""

    title: str
    page: ObjectId | int | None


def read_bookmarks(source: str, rules: SplitRules) -> list[Start]:
    """Where the bookmarks of the profile's level lead, in their order, with the orders that their titles tell.

    Raises Rejected: `split-doubt` where a title is not like the profile's pattern; `pdf-damaged` for an outline that
    runs in circles.
    """
    try:
        with open_strict(source) as pdf:
            marks = list(_marks(pdf, rules.level))
            check_warnings(pdf)
    except pikepdf.PdfError as error:
        raise translated(error) from error
    numbers = _page_numbers(source, {mark.page for mark in marks if isinstance(mark.page, tuple)})
    return [_start(number, mark, numbers, rules) for number, mark in enumerate(marks, 1)]


def _start(number: int, mark: _Mark, numbers: dict[ObjectId, int], rules: SplitRules) -> Start:
    page = mark.page + 1 if isinstance(mark.page, int) else numbers.get(mark.page) if mark.page else None
    if not rules.pattern:
        return Start(page, mark.title)
    found = re.search(rules.pattern, mark.title)
    if found is None:
        sentence = f"Der Titel des Lesezeichens Nr. {number} ist nicht so aufgebaut, wie der Auftrag es verlangt."
        raise Rejected("split-doubt", f"Seite {page or 1}: {sentence}", page=page or 1)
    told = {name: text.strip() for name, text in found.groupdict().items() if text and name in ORDER_GROUPS}
    return Start(page, mark.title, told)


def _marks(pdf: pikepdf.Pdf, level: int) -> Iterator[_Mark]:
    """The bookmarks of a level, in reading order."""
    outlines = pdf.Root.get("/Outlines")
    if not isinstance(outlines, Dictionary):
        return
    named = _named_destinations(pdf)
    seen: set[ObjectId] = set()
    waiting = [(outlines.get("/First"), 1)]
    while waiting:
        item, depth = waiting.pop()
        if not isinstance(item, Dictionary):
            continue
        if item.objgen in seen or len(seen) >= _MAX_BOOKMARKS or depth > _MAX_LEVEL:
            raise refuse_damaged("Die Lesezeichen laufen im Kreis oder sind zu viele.")
        if item.is_indirect:
            seen.add(item.objgen)
        waiting.append((item.get("/Next"), depth))
        if depth == level:
            title = item.get("/Title")
            yield _Mark(str(title) if isinstance(title, String) else "", _target(item, named))
        elif depth < level:
            waiting.append((item.get("/First"), depth + 1))


def _target(item: Object, named: dict[str, Object]) -> ObjectId | int | None:
    destination = item.get("/Dest")
    if destination is None:
        action = item.get("/A")
        if isinstance(action, Dictionary) and action.get("/S") == Name.GoTo:
            destination = action.get("/D")
    if isinstance(destination, (String, Name)):
        destination = named.get(str(destination))
    if isinstance(destination, Dictionary):
        destination = destination.get("/D")
    if not isinstance(destination, Array) or not len(destination):
        return None
    page = destination[0]
    if isinstance(page, int):
        return page
    return page.objgen if isinstance(page, Dictionary) and page.is_indirect else None


def _named_destinations(pdf: pikepdf.Pdf) -> dict[str, Object]:
    found: dict[str, Object] = {}
    old = pdf.Root.get("/Dests")
    if isinstance(old, Dictionary):
        found.update((key, old[key]) for key in old.keys())  # noqa: SIM118 - iterating gives the values
    names = pdf.Root.get("/Names")
    tree = names.get("/Dests") if isinstance(names, Dictionary) else None
    if isinstance(tree, Dictionary):
        found.update((str(key), value) for key, value in pikepdf.NameTree(tree).items())
    return found


def _page_numbers(source: str, wanted: set[ObjectId]) -> dict[ObjectId, int]:
    """The numbers, from 1, of pages that are known by their objects."""
    numbers: dict[ObjectId, int] = {}
    walk = PageWalk()
    pages, before = 0, -1
    while wanted and pages != before:
        before = pages
        with open_strict(source) as pdf:
            for page in walk.pages(pdf, _PAGES_AT_ONCE):
                pages += 1
                if page.objgen in wanted:
                    numbers[page.objgen] = pages
    return numbers
