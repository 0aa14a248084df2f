"""What pdfium sees where a control line stands, and what else is on that page: as it came, and as it is printed."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

import pypdfium2 as pdfium

from pipeline.adapters.letters.text_lines import PageText, lines_of, read_glyphs
from pipeline.domain.split_rules import SplitRules

# Control lines are set as small as programs can.
_LEAST_CONTROL_MM = 0.3


def region_lines(page: pdfium.PdfPage | PageText, split: SplitRules) -> list[str]:
    """The lines in the profile's region of a page that lies straight, in the ink that the profile means."""
    if split.removes:
        glyphs = read_glyphs(page, split.place, "hidden" if split.ink == "white" else "any", _LEAST_CONTROL_MM)
    else:
        glyphs = read_glyphs(page, split.place)
    return [line.text for line in lines_of(glyphs)]


def rest_of(text: PageText, lines: Sequence[str]) -> str:
    """A fingerprint of the letters and digits of a page, seen or not, but for those of `lines`: how many of each."""
    rest = text.characters() - Counter(character for line in lines for character in line if character.isalnum())
    told = " ".join(f"{ord(character):x}:{count}" for character, count in sorted(rest.items()))
    return hashlib.sha256(told.encode("ascii")).hexdigest()[:32]
