"""The pages of one letter while it is looked at: each loaded once, its characters unpacked once, for all looks."""

from __future__ import annotations

from types import TracebackType

import pypdfium2 as pdfium

from pipeline.adapters.letters.text_lines import PageText

# Beyond that the oldest is closed: a letter may have hundreds of pages.
_MOST = 12


class OpenPages:
    """Pages of a document by their offset from `first`, the place (from 0) of the letter's first page."""

    def __init__(self, document: pdfium.PdfDocument, first: int) -> None:
        self._document, self._first = document, first
        self._texts: dict[int, PageText] = {}

    def __enter__(self) -> OpenPages:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for text in self._texts.values():
            _close(text)
        self._texts.clear()

    def page(self, offset: int) -> pdfium.PdfPage:
        """A page, open until the letter is done or many others were asked for. Raises PdfiumError."""
        return self.text(offset).page

    def text(self, offset: int) -> PageText:
        """Its characters; unpacked when they are first asked for. Raises PdfiumError."""
        found = self._texts.get(offset)
        if found is None:
            if len(self._texts) >= _MOST:
                _close(self._texts.pop(max(self._texts)))  # the front is asked for again
            found = self._texts[offset] = PageText(self._document[self._first + offset])
        return found


def _close(text: PageText) -> None:
    text.close()
    text.page.close()
