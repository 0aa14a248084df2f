"""Proof that a control line is off the finished page and all else is on it, by a program that did not take it off.

pdfium reads the finished page: the region must be empty, and its letters and digits must be those that the page had
beside the control line when the stream was looked at. Where nobody looked, or something else was added to the page
(annotations), the page is made into a sheet once more as it came. Runs in a confined child.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import ExitStack

import pikepdf
import pypdfium2 as pdfium

from pipeline.adapters.letters.control_line_sight import region_lines, rest_of
from pipeline.adapters.letters.control_lines import Struck
from pipeline.adapters.letters.normalise import Normaliser, bind_pages
from pipeline.adapters.letters.page_tree import pages_between
from pipeline.adapters.letters.source_pdf import open_strict
from pipeline.adapters.letters.text_lines import PageText
from pipeline.domain.errors import Rejected
from pipeline.domain.profiles import OutgoingRules


class ControlLineProof:
    """Proves pages of one slice. `struck`: by place in the slice, from 0, as `ControlLineRemoval` has it.

    `source`: a file with the pages; `before`: how many pages of the stream it lacks before its first one. What has to
    be opened is closed with `stack`.
    """

    def __init__(
        self, source: str, before: int, rules: OutgoingRules, struck: Mapping[int, Struck], stack: ExitStack
    ) -> None:
        self._source, self._before = source, before
        self._rules = rules
        self._struck = struck
        self._stack = stack
        self._pdf: pikepdf.Pdf | None = None

    def concerns(self, place: int) -> bool:
        """Whether there is anything to prove of the page at this place."""
        return place in self._struck

    def holds(self, place: int, text: PageText) -> bool:
        """Whether the finished page at this place shows no control line and all else."""
        struck = self._struck[place]
        if region_lines(text, self._rules.split):
            return False
        if not struck.touched:
            return True
        rest = rest_of(text, ())
        return rest == struck.rest or rest == self._rest_of_sheet(struck.number)

    def _rest_of_sheet(self, number: int) -> str | None:
        """What stands on a page beside its control line, annotations included; None where it makes no sheet."""
        if self._pdf is None:
            self._pdf = self._stack.enter_context(open_strict(self._source))
        made = io.BytesIO()
        with pikepdf.Pdf.new() as out:
            try:
                (page,) = pages_between(self._pdf, number - self._before, number - self._before)
                bind_pages(out, [Normaliser(self._pdf, out, self._rules.pages).normalised(page, number)])
            except (Rejected, ValueError):
                return None
            out.save(made)
        document = pdfium.PdfDocument(made.getvalue())
        try:
            sheet = document[0]
            text = PageText(sheet)
            rest = rest_of(text, region_lines(text, self._rules.split))
            text.close()
            sheet.close()
            return rest
        finally:
            document.close()
