"""Pages that say in words that they separate: what is left of a separator sheet whose code is gone.

The last net, after a page was recognised. A sheet whose code was scribbled over until nothing of it is left still says
what it is, or says nothing at all; the latter waits as a page with ink and no text.
Words that only sheets between documents bear (Trennblatt, Stapeltrenner, Patchcode) count wherever they stand, even
misread by a letter. Words that letters use as well (Deckblatt, Vorblatt, "neuer Vorgang", "nicht scannen") count as a
line of their own, on a page without a letter's greeting. The cover of a fax is a letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pipeline.domain.recognised import RecognisedPage

_MOST_WORDS = 60
"""A sheet hardly says more; a letter that writes of separator sheets does."""
_MOST_UNDER_HEADING = 120
"""But a sheet with long instructions names itself at its head."""
_HEADING_WORDS, _ORDER_WORDS = 4, 7

_NAMES = (
    *("trennblatt", "trennblätter", "trennseite", "trennbogen", "trennkarte", "stapeltrenner", "dokumenttrenner"),
    *("dokumententrenner", "belegtrenner", "barcodeblatt", "barcodeseite", "strichcodeblatt", "stapeldeckblatt"),
    *("scandeckblatt", "scanvorblatt", "scantrenner", "documentseparator", "separatorsheet", "separatorpage"),
    *("separationsheet", "separationpage", "batchseparator", "patchsheet"),
)
_SAYING = re.compile(
    r"trenn ?-?code|patch ?-? ?(?:code|blatt|seite|[t1-6]\b)|barcode ?-? ?(?:trenn|sheet)"
    r"|(?:document|dokument(?:en)?|beleg|batch|job|stapel|scan) ?-? ?(?:separat|trenn)|separierung"
)
_TITLE = re.compile(
    r"\b(?:\w*(?:deck|vor|einlege|leit)blatt|separator|separation|trenner|patch|cover (?:sheet|page)"
    r"|(?:dokument(?:en)?|beleg|stapel|batch|document) ?-?(?:anfang|beginn|start|begin))\b"
)
_WHAT = r"(?:vorgang|vorgänge|dokument|brief|beleg|schriftstück|akte|stapel|sendung|posteingang)"
_ORDER = re.compile(
    rf"\b(?:neue[rsnm]?|nächste[rsnm]?|jede[rsnm]?) {_WHAT}|nicht (?:mit)?(?:ein)?(?:scannen|entfernen|entnehmen)"
    r"|\b(?:new|next|each|every) (?:document|batch|file|letter)\b|do not (?:scan|remove)"
)
_LETTER = re.compile(r"sehr geehrte|freundliche[nmr]? gr|hochachtungsvoll|\bim auftrag\b|\bi\. ?a\.")
_FAX = re.compile(r"fax\W{0,3}deckblatt|deckblatt\W{1,3}(?:zum |für (?:ein |das )?)?(?:tele)?fax|fax cover")
_SPACED = re.compile(r"\b(\w) (?=\w\b)")  # D E C K B L A T T
_LEAST_TEXT = 5  # signs of a profile's text code: shorter ones are words of letters


def _misread(name: str) -> str:
    """A pattern for a name one of whose letters was read as another, as two, or not at all."""
    return "|".join(f"{name[:at]}.{{0,2}}{name[at + 1 :]}" for at in range(1, len(name)))


_NAMED = re.compile("|".join(_misread(name) for name in _NAMES))
_NOT_A_LETTER = re.compile(r"[\W_]+")


def says_that_it_separates(page: RecognisedPage, text_codes: Sequence[str]) -> bool:
    """Whether a page of few words names itself a separator, or shows a separating text (`text_codes`) in words."""
    if not 0 < page.words <= _MOST_UNDER_HEADING:
        return False
    lines = [_SPACED.sub(r"\1", line.text.lower()) for line in page.lines()]
    said = " ".join(lines)
    headings = [line for line in lines if line.count(" ") < _HEADING_WORDS]
    if page.words > _MOST_WORDS:
        return any(_names_itself(line) for line in headings) or _is_titled(headings, said)
    codes = (code.lower() for code in text_codes if len(code) >= _LEAST_TEXT)
    if _names_itself(said) or any(code in said.replace("*", "") for code in codes):
        return True
    return _is_titled(headings, said) or _orders(lines, said)


def _names_itself(said: str) -> bool:
    return _SAYING.search(said) is not None or _NAMED.search(_NOT_A_LETTER.sub("", said)) is not None


def _is_titled(headings: Iterable[str], said: str) -> bool:
    """Whether a short line names such a sheet, or one that letters have as well, but no letter greets."""
    if _LETTER.search(said) or _FAX.search(said):
        return False
    return any(_TITLE.search(line) for line in headings)


def _orders(lines: Iterable[str], said: str) -> bool:
    """Whether a line of its own says what to do with a sheet between two documents."""
    return not _LETTER.search(said) and any(_ORDER.search(line) for line in lines if line.count(" ") < _ORDER_WORDS)
