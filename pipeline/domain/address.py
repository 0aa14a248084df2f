"""Postal addresses as they stand in a window: lines, postcode, town, country.

Layout at home: DIN 5008:2020, 9.3 (the last line holds postcode and town, no blank lines). Abroad: the country of
destination in capitals is the last line (Deutsche Post, "Briefe ins Ausland"; UPU S42).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.domain.countries import LEADING, PREFIXES, TRAILING, country_code, plain_name

UNKNOWN_COUNTRY = "ZZ"


@dataclass(frozen=True)
class PostalAddress:
    """An address. `postcode`: five digits as a string at home, whatever stands there abroad, may be empty abroad.

    `country`: ISO 3166-1 alpha-2 where it is known, `DE` at home, `ZZ` for abroad but unknown.
    """

    lines: tuple[str, ...]
    postcode: str
    town: str
    country: str = "DE"

    def __post_init__(self) -> None:
        if self.country == "DE" and not re.fullmatch(r"[0-9]{5}", self.postcode):
            raise ValueError("a German postcode has five digits")


ProblemCode = Literal["no-lines", "no-town-line", "postcode-implausible", "no-recipient", "country-unclear"]


@dataclass(frozen=True)
class AddressProblem:
    """Why lines are not an address. `sentence`: German, without a word of the address itself."""

    code: ProblemCode
    sentence: str


_PROBLEMS: dict[ProblemCode, str] = {
    "no-lines": "Es stehen keine Zeilen da.",
    "no-town-line": "Die letzte Zeile ist weder Postleitzahl und Ort noch ein Land in Großbuchstaben.",
    "postcode-implausible": "Die Postleitzahl gibt es nicht.",
    "no-recipient": "Über Postleitzahl und Ort steht kein Empfänger.",
    "country-unclear": "Die letzte Zeile ist kein bekanntes Land, und darüber steht keine Postleitzahl.",
}

# First two digits that no delivery region has (Deutsche Post, Leitregionen).
_NO_REGION = frozenset({"00", "05", "43", "62"})

_TOWN = r"[^\W\d_](?:[^\d_]*[^\W\d_.)])?[.)]?(?: [0-9]{1,2})?"
_HOME_LINE = re.compile(rf"(?:DE?\s?[-–]?\s?)?([0-9]{{5}})[ ,]\s*({_TOWN})")
_PREFIX_LINE = re.compile(r"([A-Z]{1,3})\s?[-–]\s?(\S.*)")
_ANY_LEADING = re.compile(rf"([0-9][0-9A-Z -]{{1,8}}[0-9A-Z])\s+({_TOWN})")
_ANY_TRAILING = re.compile(r"(\D+?),?\s+([0-9][0-9 -]{2,9}[0-9])")
_SHORTEST_CAPITALS = 4
_FEWEST_SIGNS = 8
_LEAST_ALNUM = 0.7
_LEAST_VOWELS = 0.1


def tidy_lines(lines: Sequence[str]) -> tuple[str, ...]:
    """Lines as they count: composed characters (NFC), single blanks, no soft hyphens, no empty lines."""
    tidied = (" ".join(unicodedata.normalize("NFC", line).replace("\u00ad", "").split()) for line in lines)
    return tuple(line for line in tidied if line)


def is_plausible_postcode(postcode: str) -> bool:
    """Whether five digits can be a German postcode: 01001 to 99998, in a delivery region that exists."""
    if not re.fullmatch(r"[0-9]{5}", postcode):
        return False
    return postcode[:2] not in _NO_REGION and 1001 <= int(postcode) <= 99998


def is_home_town_line(line: str) -> bool:
    """Whether a line reads as a German postcode and town, plausible or not."""
    return _HOME_LINE.fullmatch(line) is not None


def looks_garbled(lines: Sequence[str]) -> bool:
    """Whether lines can't be what stands on paper: a font whose table of characters is wrong or missing.

    Such text is mostly signs, where an address is mostly letters and digits, or has letters without any vowel. Text
    that reads like words is believed, since nothing tells it from what a clerk may have typed.
    """
    signs = [c for line in lines for c in line if not c.isspace()]
    letters = [c for c in signs if c.isalpha()]
    if len(signs) < _FEWEST_SIGNS:
        return False
    if sum(c.isalnum() for c in signs) < _LEAST_ALNUM * len(signs):
        return True
    vowels = sum(unicodedata.normalize("NFD", c)[0].lower() in "aeiouy" for c in letters)
    return bool(letters) and vowels < _LEAST_VOWELS * len(letters)


def parse_address(lines: Sequence[str]) -> PostalAddress | AddressProblem:
    """Read an address from its lines, top to bottom.

    At home the last line is `NNNNN town` (a prefix `D-` or `DE-` is dropped from the postcode, a last line DEUTSCHLAND
    is allowed), with at least one line of recipient above it. Abroad the last line is a country in capitals, or the
    town line has another country's prefix (`A-1010 Wien`). Returns the address or the problem; never raises.
    """
    tidied = tidy_lines(lines)
    if not tidied:
        return _problem("no-lines")
    home = _HOME_LINE.fullmatch(tidied[-1])
    if home is not None:
        return _home(tidied, tidied[:-1], home)
    prefixed = _prefixed_town(tidied[-1])
    if prefixed is not None:
        return _with_recipient(tidied, tidied[:-1], prefixed)
    return _with_country_line(tidied)


def _problem(code: ProblemCode) -> AddressProblem:
    return AddressProblem(code, _PROBLEMS[code])


def _has_letters(lines: Sequence[str]) -> bool:
    return any(re.search(r"[^\W\d_]", line) for line in lines)


def _home(lines: tuple[str, ...], recipient: Sequence[str], match: re.Match[str]) -> PostalAddress | AddressProblem:
    postcode, town = match.group(1), match.group(2)
    if not is_plausible_postcode(postcode):
        return _problem("postcode-implausible")
    if not _has_letters(recipient):
        return _problem("no-recipient")
    return PostalAddress(lines, postcode, town)


def _with_recipient(
    lines: tuple[str, ...], recipient: Sequence[str], place: tuple[str, str, str]
) -> PostalAddress | AddressProblem:
    country, postcode, town = place
    if not _has_letters(recipient):
        return _problem("no-recipient")
    return PostalAddress(lines, postcode, town, country)


def _prefixed_town(line: str) -> tuple[str, str, str] | None:
    """Country, postcode and town of a line such as `A-1010 Wien`; None where the prefix is no country's."""
    match = _PREFIX_LINE.fullmatch(line)
    country = PREFIXES.get(match.group(1)) if match else None
    if match is None or country is None or country == "DE" or country not in LEADING:
        return None
    found = re.fullmatch(rf"({LEADING[country]})\s+({_TOWN})", match.group(2))
    return (country, found.group(1), found.group(2)) if found else None


def _with_country_line(lines: tuple[str, ...]) -> PostalAddress | AddressProblem:
    last, above = lines[-1], lines[:-1]
    country = country_code(last)
    if country == "DE":
        match = _HOME_LINE.fullmatch(above[-1]) if above else None
        return _home(lines, above[:-1], match) if match else _problem("no-town-line")
    if country is None and not _may_be_country(last):
        return _problem("no-town-line")
    if len(above) < 2 or not _has_letters(above[:1]):
        return _problem("no-recipient")
    postcode, town = _place_abroad(above, country)
    if country is None and (not postcode or plain_name(town) == plain_name(last)):
        return _problem("country-unclear")
    return PostalAddress(lines, postcode, town, country or UNKNOWN_COUNTRY)


def _may_be_country(line: str) -> bool:
    letters = [c for c in line if c.isalpha()]
    return len(letters) >= _SHORTEST_CAPITALS and not re.search(r"[0-9_]", line) and line == line.upper()


def _place_abroad(above: tuple[str, ...], country: str | None) -> tuple[str, str]:
    """Postcode and town from the lines above the country line, the lowest first; postcode empty where none is seen."""
    for index in (len(above) - 1, len(above) - 2):
        if index < 1:
            break
        line = above[index]
        leading = _leading(line, country)
        if leading is not None:
            return leading
        trailing = _trailing(line, country)
        if trailing is not None:
            postcode, town = trailing
            return postcode, town or above[index - 1]
    return "", above[-1]


def _leading(line: str, country: str | None) -> tuple[str, str] | None:
    if country is None:
        match = _ANY_LEADING.fullmatch(line)
    elif country in LEADING:
        match = re.fullmatch(rf"(?:[A-Z]{{1,3}}\s?[-–]\s?)?({LEADING[country]})\s+({_TOWN})", line)
    elif country in TRAILING:
        match = None
    else:
        match = _ANY_LEADING.fullmatch(line)
    return (match.group(1), match.group(2)) if match else None


def _trailing(line: str, country: str | None) -> tuple[str, str] | None:
    if country is not None and country in TRAILING:
        match = re.fullmatch(rf"(?:(.*?),?\s+)?({TRAILING[country]})", line)
        return (match.group(2), match.group(1) or "") if match else None
    if country is not None and country in LEADING:
        return None
    generic = _ANY_TRAILING.fullmatch(line)
    return (generic.group(2), generic.group(1)) if generic else None
