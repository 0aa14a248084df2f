"""Which lines over an address belong there: the sender's, endorsements, numbers of the printer. The window shows them.

DIN 5008:2020, 9.3: the sender's line (Rücksendeangabe) on top, endorsements under it, down to the address. Whatever
else stands there would be read by everybody who holds the envelope.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.domain.endorsements import endorsement_of

# Lines set smaller than this part of the address's size may be a sender's.
SMALL = 0.85
_SENDER = re.compile(r"\S.*(?:[·•∙|*_/–—,;]| - | – ).*[0-9]{5}\s+[^\W\d_]{2}")
_TOWN = re.compile(r"\b[0-9]{5}\s+[^\W\d_]{2}")
_SAYS_SO = re.compile(r"^(?:abs(?:ender)?\b|\S.*\s[·•∙|∗]\s.*\S$)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{4}")
_MOST_LINES = 3
# Lines of one block: as far apart as this part of their size, and of one size within a tenth.
_NEXT_LINE_EM, _SAME_SIZE = 1.8, 0.1


class Note(NamedTuple):
    """A line over an address: what it says, how large its type is, and where on the sheet its baseline is."""

    text: str
    size_mm: float
    baseline_mm: float


def is_sender(text: str) -> bool:
    """Whether a line is a sender's: parts with signs between them, a postcode and a town at the end."""
    return _SENDER.search(text) is not None


def belonging(notes: Sequence[Note], address_size_mm: float) -> list[bool]:
    """Which of the lines over an address, top to bottom, belong there.

    A sender says so by his town or by signs between the parts of the line, or he is the topmost line, in small type;
    he ends with his town, and with three lines at the latest.
    """
    known = [_stands_for_itself(note.text) for note in notes]
    first = next((place for place, note in enumerate(notes) if endorsement_of(note.text) is None), None)
    if first is None:
        return known
    is_small = notes[first].size_mm < SMALL * address_size_mm
    if not (is_small or known[first] or _SAYS_SO.search(notes[first].text)):
        return known
    known[first] = True
    place = first
    while not _TOWN.search(notes[place].text) and place + 1 < min(len(notes), first + _MOST_LINES):
        before, after = notes[place], notes[place + 1]
        same = abs(after.size_mm - before.size_mm) <= _SAME_SIZE * before.size_mm
        near = after.baseline_mm - before.baseline_mm <= _NEXT_LINE_EM * before.size_mm
        if not (same and near) or endorsement_of(after.text) is not None:
            break
        place += 1
        known[place] = True
    return known


def _stands_for_itself(text: str) -> bool:
    kind = endorsement_of(text)
    if kind is not None:
        return kind != "reference"
    return is_sender(text) or _WORD.search(text) is None
