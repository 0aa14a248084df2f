"""Letterheads under the pages of letters: each drawn once in a volume, as a form that all its pages share.

What lies in the store was normalised and looked at before (`adapters.letters.letterhead`): upright A4, fonts inside,
marks' and window's places free. Page 1 goes under first pages, page 2, where there is one, under all others.
"""

from __future__ import annotations

from contextlib import ExitStack

import pikepdf

from pipeline.adapters.volumes.letter_pages import LetterPage, LetterSource, open_normalised
from pipeline.adapters.volumes.shared_objects import SharedObjects

_FORM = "/Letterhead"


class Letterheads:
    """The letterheads that a volume needs, by path; each is opened when a page first asks for it."""

    def __init__(self, shared: SharedObjects, open_sources: ExitStack) -> None:
        self._shared = shared
        self._open_sources = open_sources
        self._known: dict[str, tuple[pikepdf.Object | None, pikepdf.Object | None]] = {}

    def under(self, page: LetterPage, path: str, *, first: bool) -> LetterPage:
        """The page with the letterhead at `path` drawn before it; the page itself where `path` is empty."""
        if not path:
            return page
        head, following = self._known.get(path) or self._opened(path)
        form = head if first else following
        if form is None:
            return page
        name = _FORM
        while name in page.forms:
            name += "X"
        return LetterPage(f"q {name} Do Q\n".encode() + page.content, {name: form, **page.forms})

    def _opened(self, path: str) -> tuple[pikepdf.Object | None, pikepdf.Object | None]:
        pdf = self._open_sources.enter_context(open_normalised(path))
        source = LetterSource(pdf, self._shared)
        forms = tuple(source.whole(number) for number in range(1, min(2, len(pdf.pages)) + 1))
        made = self._known[path] = (forms[0], forms[1] if len(forms) > 1 else None)
        return made
