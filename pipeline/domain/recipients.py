"""Whether two addresses are one person's, and whether one is the sender's own: whose pages lie in an envelope.

A payment slip, a copy for the files or a second form shows its letter's address again, not always in the same words. A
reply form shows the sender's.
"""

from __future__ import annotations

import re
import unicodedata

from pipeline.domain.address import PostalAddress, tidy_lines

# How somebody is addressed, by what it says of who it is; and words that say nothing of it.
_KINDS = {
    **dict.fromkeys(("herr", "herrn"), "he"),
    **dict.fromkeys(("frau", "fräulein"), "she"),
    **dict.fromkeys(("familie", "fam", "eheleute", "ehepaar"), "they"),
    **dict.fromkeys(("firma", "fa"), "firm"),
}
_TITLES = frozenset(("an", "das", "den", "die", "der", "dr", "prof", "dipl", "ing", "med", "jur", "phil", "rer", "nat"))
_WORDS = re.compile(r"\w+")
_OFFICE = re.compile(
    r"(?:stadt|gemeinde|amt|ämter|kreis|kasse|verwaltung|behörde|abteilung|dienst|betrieb|büro|archiv|bücherei|museum)\b"
    r"|bürgermeister|landrat|landrätin|präsident"
)
_BOX = re.compile(r"\s*postfach\b", re.I)
_LABEL = re.compile(
    r"\s*(?:(?:vor|nach|familien)?name|straße|hausnummer|anschrift|plz|postleitzahl|ort|wohnort)\b[^:]*:", re.I
)
_STREET = re.compile(r"str(?:aße|asse)?\b")


def is_same_recipient(first: PostalAddress, later: PostalAddress) -> bool:
    """Whether a later page's address is the one with which the letter begins.

    Case, titles, signs and the ways to write Straße and the country at home do not count; Herr or Frau only where both
    say it. A line fewer may stand there (c/o, a department), but not the first one: who it is. Anything else is another
    recipient: a spouse at the same address, too.
    """
    if (first.country, first.postcode) != (later.country, later.postcode):
        return False
    kinds, others = _kinds(first), _kinds(later)
    if kinds and others and kinds != others:
        return False
    known, told = _lines(first), _lines(later)
    return bool(known and told) and told[0] == known[0] and set(told) <= set(known)


def is_senders(address: PostalAddress, sender: str) -> bool:
    """Whether an address is the sender's own, as on a reply form. `sender`: his line, as it is printed or known.

    Street and town have to be in it, and his name or that of an office: somebody else who lives in his house is another
    recipient. His post box need not be in it, where his name and town are.
    """
    line = f" {_plain(sender)} "
    name, town = _plain(address.lines[0]), _plain(address.town)
    is_named = bool(name) and all(f" {word} " in line for word in name.split())
    if is_named and f" {town} " in line and any(_BOX.match(each) for each in address.lines):
        return True
    place = [_plain(each) for each in tidy_lines(address.lines)[-2:]]
    is_place = len(place) == 2 and all(part and f" {part} " in line for part in place)
    return is_place and (is_named or any(_OFFICE.search(_plain(each)) for each in address.lines[:-2]))


def asks_for_address(address: PostalAddress) -> bool:
    """Whether it is a form's question for an address, or tells where something lies: labels, blanks to be filled."""
    return address.lines[0].rstrip().endswith(":") or any("__" in line or _LABEL.match(line) for line in address.lines)


def _kinds(address: PostalAddress) -> set[str]:
    words = _WORDS.findall(" ".join(address.lines[:2]).lower())
    return {_KINDS[word] for word in words if word in _KINDS}


def _lines(address: PostalAddress) -> list[str]:
    """The lines in the words that count; at home the last one is postcode and town."""
    lines = list(tidy_lines(address.lines))
    if address.country == "DE":
        town = next((place for place, line in enumerate(lines) if address.postcode in line), len(lines))
        lines[town:] = [f"{address.postcode} {address.town}"]
    plain = (_plain(line) for line in lines)
    return [line for line in plain if line]


def _plain(text: str) -> str:
    lower = _STREET.sub("str", unicodedata.normalize("NFKC", text).lower())
    return " ".join(word for word in _WORDS.findall(lower) if word not in _TITLES and word not in _KINDS)
