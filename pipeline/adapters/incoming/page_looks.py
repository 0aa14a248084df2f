"""The first cheap look at every page of a stack: does it separate letters, is it blank. Nothing is recognised.

A page is decoded small (about 150 dpi), which for JPEG is far cheaper than decoding it whole.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import cv2

from pipeline.adapters.incoming.blank_pages import Inked, inked
from pipeline.adapters.incoming.look_files import write_looks
from pipeline.adapters.incoming.page_colours import Colours
from pipeline.adapters.incoming.page_pictures import Glance, PictureSource, open_pictures
from pipeline.adapters.incoming.separators import find_separator
from pipeline.domain.errors import Rejected
from pipeline.domain.page_looks import PageLook
from pipeline.domain.pages import SourceFacts
from pipeline.domain.profiles import IncomingRules

_REMEMBERED = 3  # a page and both its neighbours


def look_at_pages(
    source: str,
    facts: SourceFacts,
    first_page: int,
    last_page: int,
    out_dir: str,
    rules: IncomingRules,
    progress: Callable[[int], None] | None = None,
) -> list[PageLook]:
    """Look at pages `first_page` to `last_page` (from 1, both included) and write one file of looks to `out_dir`.

    A page of words that a program set, or with a filled field or a comment, is never blank; a separator is not asked
    whether it is. `progress` is called with each page's number. Raises Rejected `image-damaged` or `pdf-damaged` where
    a page can't be decoded.
    """
    if not 1 <= first_page <= last_page <= facts.pages:
        raise ValueError(f"pages {first_page} to {last_page} of {facts.pages}")
    Path(out_dir).mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)  # one worker, one core; workers are the parallel part
    looks = []
    with open_pictures(source, facts) as pictures:
        glances = Glances(pictures, facts.pages)
        for number in range(first_page, last_page + 1):
            looks.append(_look(number, glances, rules))
            if progress is not None:
                progress(number)
    write_looks(out_dir, looks)
    return looks


class Glances:
    """Small pictures of pages, the last few remembered: the other side of a sheet is the page before or behind."""

    def __init__(self, pictures: PictureSource, pages: int) -> None:
        self._pictures, self._pages = pictures, pages
        self._seen: OrderedDict[int, Glance] = OrderedDict()

    def at(self, number: int) -> Glance:
        """The page of this number."""
        if number not in self._seen:
            self._seen[number] = self._pictures.glance(number)
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
        return self._seen[number]

    def colours(self, number: int) -> Colours | None:
        """The page in colours, None where it has none; not remembered."""
        return self._pictures.colours(number)

    def annotated(self, number: int) -> bool:
        """Whether a field of the page is filled in, or an annotation says something; not remembered."""
        return self._pictures.annotated(number)

    def beside(self, number: int) -> list[Glance]:
        """The pages before and behind that are there and can be decoded."""
        found = []
        for other in (number - 1, number + 1):
            if 1 <= other <= self._pages:
                try:
                    found.append(self.at(other))
                except Rejected:
                    continue  # its own look says so
        return found


def _look(number: int, glances: Glances, rules: IncomingRules) -> PageLook:
    glance = glances.at(number)
    separator, doubt = None, None
    if rules.separation.by:
        separator, doubt = find_separator(glance.gray, glance.dpi, rules.separation)
    ink = ink_on(number, glances)
    blank = ink.blank and not glance.has_text and separator is None and doubt is None and not glances.annotated(number)
    return PageLook(number, ink.ink_ratio, blank, separator, doubt)


def ink_on(number: int, glances: Glances) -> Inked:
    """How much ink is on a page, and whether it is blank; pages beside it may shine through."""
    glance = glances.at(number)
    return inked(
        glance.gray,
        glance.dpi,
        lambda: [other.gray for other in glances.beside(number) if abs(other.dpi - glance.dpi) < 0.05 * glance.dpi],
        lambda: glances.colours(number),
    )
