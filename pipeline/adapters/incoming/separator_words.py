"""Pages that say in words that they separate: what is left of a separator sheet whose code is gone.

The last net, after a page was recognised. A sheet whose code was scribbled over until nothing of it is left still says
what it is, or says nothing at all; the latter waits as a page with ink and no text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.domain.recognised import RecognisedPage

_MOST_WORDS = 60
"""A sheet says no more; a letter that writes of separator sheets does."""
_SAYING = re.compile(
    r"trenn ?(?:blatt|bl[äa]tter|seite|bogen|karte|code)|patch ?-? ?(?:code|sheet|[t1-6]\b)|barcode ?-?(?:trenn|sheet)"
    r"|(?:document|dokumenten?|batch|stapel) ?-? ?(?:separat|trenn)|separator (?:sheet|page)|separierung"
)
_LEAST_TEXT = 5  # signs of a profile's text code: shorter ones are words of letters


def says_that_it_separates(page: RecognisedPage, text_codes: Sequence[str]) -> bool:
    """Whether a page of few words names itself a separator, or shows a separating text (`text_codes`) in words."""
    if not 0 < page.words <= _MOST_WORDS:
        return False
    said = " ".join(word.text for line in page.lines() for word in line.words).lower()
    codes = (code.lower() for code in text_codes if len(code) >= _LEAST_TEXT)
    return _SAYING.search(said) is not None or any(code in said.replace("*", "") for code in codes)
