"""Lines that are meant as an address, though they can't be read as one: no postcode, one that doesn't exist, no town.

Where letters are told apart by their addresses, such a page begins a letter that nobody could send; taken for a page
that goes on, it would lie in the envelope of somebody else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.domain.address import tidy_lines

_MIN_LINES, _MAX_LINES = 2, 7
_LONGEST = 50
# No line of an address ends like this.
_GOES_ON = (",", ":", ";", "!", "?")
# What only addresses begin with, or consist of.
_SURE = (
    re.compile(r"(?:An\s+)?(?:Frau|Herrn?|Firma|Familie|Eheleute|Fam\.|Fa\.)(?:\s+(?!wird|ist|hat|war)\S.*)?", re.I),
    re.compile(r"(?:c/o|z\.\s?(?:Hd|H)\.?|zu Händen|p\.\s?Adr\.)\s.*\S", re.I),
    re.compile(r"Postfach(?:\s+[0-9 ]+)?", re.I),
)
# Something like a postcode and a town: a digit too few or too many, or a letter among them.
_POSTCODE = re.compile(r"(?:[A-Z]{1,2}\s?[-–]\s?)?[0-9][0-9A-Z]{2,5}(?:,?\s+[A-ZÄÖÜ][^\W\d_].*)?")
_DIGITS = re.compile(r"[0-9]{3}|[0-9].*[0-9].*[0-9]")
# A street and its number; what is counted instead of numbered ends in a number, too.
_STREET = re.compile(r"[^\W\d].*[^\W\d_.]\.?\s+[0-9]{1,4}(?:\s?[-–/+]\s?[0-9]{1,4})?\s?[a-zA-Z]?")
_COUNTED = re.compile(
    r"(?:Seite|Blatt|Anlage|Merkblatt|Anhang|Nr|Nummer|Teil|Abschnitt|Ziffer|§|Az|Aktenzeichen|\S*zeichen|\S*nummer|"
    r"\S*betrag|\S*datum|Jahr)\b",
    re.I,
)
_NO_TOWN = re.compile(r"\b(?:Euro|EUR|Cent|Stück|Uhr|Tage?|Monate?|Jahre?|Prozent|Grundsteuer|Gebühr\w*)\b", re.I)


def seems_address(lines: Sequence[str]) -> bool:
    """Whether the lines of one block, top to bottom, are meant as an address, complete or not."""
    tidied = tidy_lines(lines)
    if not _MIN_LINES <= len(tidied) <= _MAX_LINES:
        return False
    if any(len(line) > _LONGEST or line.endswith(_GOES_ON) for line in tidied):
        return False
    if any(pattern.fullmatch(line) for pattern in _SURE for line in tidied):
        return True
    if any(_is_postcode(line) for line in tidied[1:]) and not any(_NO_TOWN.search(line) for line in tidied):
        return _is_name(tidied[0])
    return len(tidied) > _MIN_LINES and _is_name(tidied[0]) and any(_is_street(line) for line in tidied[1:])


def _is_postcode(line: str) -> bool:
    return _POSTCODE.fullmatch(line) is not None and _DIGITS.search(line) is not None


def _is_street(line: str) -> bool:
    return _STREET.fullmatch(line) is not None and _COUNTED.match(line) is None and _NO_TOWN.search(line) is None


def _is_name(line: str) -> bool:
    """Whether a line has words only, as names and companies have, and is no line that counts something."""
    return not re.search(r"[0-9]", line) and _COUNTED.match(line) is None and not line.endswith((".", ":"))
