"""What a clerk searches for in a page's text: accounts, sums, days, file references, sections of laws."""

from __future__ import annotations

import re

FIELDS = ("iban", "date", "amount", "reference", "section")
"""The kinds of values that are counted."""

_MONTHS = "Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"
_PATTERNS = {
    "iban": re.compile(r"\bDE\d\d(?: \d{4}){4} \d\d\b"),
    "date": re.compile(rf"\b\d\d\.\d\d\.\d{{4}}\b|\b\d{{1,2}}\. (?:{_MONTHS}) \d{{4}}\b"),
    "amount": re.compile(r"(?<![\d.,])\d{1,3}(?:\.\d{3})*,\d\d(?: €)?(?!\d)"),
    "reference": re.compile(
        r"(?<!\S)(?:\d\d\.\d-\d{4}/\d\d|(?:BV|VO|AN)/20\d\d/\d{4}|(?:II|III|IV|VI)\.\d-\d{4}-\w\w"
        r"|\d{3} (?:OWi|K|L|Js) \d{1,4}/\d\d|\d\d\.\d{4}\.\d{6}|RE-26\d{5})(?![\w/])"
    ),
    "section": re.compile(r"§ \d+[a-z]?\b"),
}


def fields_of(lines: tuple[str, ...]) -> dict[str, list[str]]:
    """The values on a page, kind by kind, in reading order, as they are written; lines are joined by a space.

    Laid-out text breaks at spaces only, so a value that runs over two lines is whole again.
    """
    text = " ".join(lines)
    return {kind: _PATTERNS[kind].findall(text) for kind in FIELDS}
