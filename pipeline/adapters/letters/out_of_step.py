"""Letters of a fixed number of pages that are out of step: one before them has a page more or less than all should.

A letter that begins without an address, but has one on a later page, is the end of one letter and the beginning of the
next. So the letter before it lacks its end.
"""

from __future__ import annotations

from collections.abc import Sequence

import pypdfium2 as pdfium

from pipeline.adapters.letters.preflight import LetterPages
from pipeline.adapters.letters.window import read_window
from pipeline.domain.address_field import fields_of
from pipeline.domain.pages import LetterReading
from pipeline.domain.profiles import OutgoingRules

_DOUBT = "page-count-doubt"
# What a letter comes back with that begins with somebody's second page.
_WITHOUT_ADDRESS = frozenset({"address-not-found", "address-incomplete", "address-outside-window"})


def without_broken_step(
    document: pdfium.PdfDocument,
    rules: OutgoingRules,
    letters: Sequence[LetterPages],
    readings: Sequence[LetterReading],
) -> list[LetterReading]:
    """The readings of a slice, with `page-count-doubt` for letters out of step and for the one before each.

    `document`: the slice's PDF. What begins in another slice is not seen.
    """
    out = list(readings)
    if rules.split.by != "pages" or rules.pages_per_letter < 2:
        return out
    for place, (letter, reading) in enumerate(zip(letters, readings, strict=True)):
        if reading.code not in _WITHOUT_ADDRESS or not _is_addressed_later(document, rules, letter):
            continue
        first = letter.range.first_page
        detail = f"Seite {first}: Der Brief müsste hier beginnen, aber erst eine spätere Seite hat eine Anschrift."
        out[place] = letter.refused(_DOUBT, detail, first)
        if place and out[place - 1].code is None:
            before = letters[place - 1]
            last = before.range.last_page
            detail = f"Seite {last}: Vielleicht endet der Brief hier nicht: Seite {first} beginnt keinen neuen."
            out[place - 1] = before.refused(_DOUBT, detail, last)
    return out


def _is_addressed_later(document: pdfium.PdfDocument, rules: OutgoingRules, letter: LetterPages) -> bool:
    fields = fields_of(rules.forms, rules.window)
    for index in range(letter.first_page, letter.first_page - 1 + letter.range.pages):
        page = document[index]
        try:
            if read_window(page, rules.forms, fields).address is not None:
                return True
        finally:
            page.close()
    return False
