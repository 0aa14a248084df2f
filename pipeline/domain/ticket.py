"""The ticket: what a sender says about the file beside it (CONTRACTS.md 2). Keys and limits: docs/formats."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import NoReturn

from pipeline.domain.errors import Rejected
from pipeline.domain.profiles import Plex
from pipeline.domain.sheet_layout import parse_plex_ranges

KEYS = ("reference", "cost_centre", "enclosures", "plex", "due", "hold", "letters", "pages", "plex_ranges")
MAX_REFERENCE_CHARACTERS = 100
MAX_COST_CENTRE_CHARACTERS = 40
MAX_COUNT = 999_999
STATIONS = range(1, 9)
# A spreadsheet takes such a cell for a formula, so it stands in CSV behind an apostrophe (docs/formats/README.md). Sums
# are made by cost centre: it has to be the same text in CSV and JSON.
FORMULA_STARTS = ("=", "+", "-", "@")
_PLEXES: dict[str, Plex] = {"simplex": "simplex", "duplex": "duplex"}

# What people write when they mean one of our keys; only ever a suggestion.
_OTHER_NAMES = {
    "aktenzeichen": "reference",
    "az": "reference",
    "betreff": "reference",
    "zeichen": "reference",
    "kostenstelle": "cost_centre",
    "kst": "cost_centre",
    "cost-center": "cost_centre",
    "cost_center": "cost_centre",
    "beilage": "enclosures",
    "beilagen": "enclosures",
    "anlagen": "enclosures",
    "duplex": "plex",
    "simplex": "plex",
    "druckart": "plex",
    "frist": "due",
    "termin": "due",
    "datum": "due",
    "fällig": "due",
    "faellig": "due",
    "halten": "hold",
    "anhalten": "hold",
    "sperren": "hold",
    "briefe": "letters",
    "anzahl": "letters",
    "sendungen": "letters",
    "seiten": "pages",
    "seitenzahl": "pages",
}
_EXAMPLES = {
    "reference": 'reference = "Az. 12-34/2026"',
    "cost_centre": 'cost_centre = "4711"',
    "enclosures": "enclosures = [1, 3]",
    "plex": 'plex = "duplex"',
    "plex_ranges": 'plex_ranges = ["1 simplex", "3- duplex"]',
    "due": "due = 2026-09-30",
    "hold": "hold = true",
    "letters": "letters = 1250",
    "pages": "pages = 2500",
}


@dataclass(frozen=True)
class Ticket:
    """What a ticket says; None where it says nothing, so that the job profile's own value holds.

    `enclosures`: station numbers 1 to 8 in rising order; empty means none, whatever the profile says.
    `plex_ranges`: pages printed another way, as `3- duplex` (`domain.sheet_layout`).
    `due`: the last day of posting. `hold`: print nothing before a person has released it.
    `letters`, `pages`: how many the file must hold; it goes back if it holds another number.
    """

    reference: str | None = None
    cost_centre: str | None = None
    enclosures: tuple[int, ...] | None = None
    plex: Plex | None = None
    due: date | None = None
    hold: bool = False
    letters: int | None = None
    pages: int | None = None
    plex_ranges: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.enclosures is not None and tuple(sorted(set(self.enclosures) & set(STATIONS))) != self.enclosures:
            raise ValueError("enclosures: stations 1 to 8, each once, in rising order")
        if self.plex is not None and self.plex not in _PLEXES:
            raise ValueError("plex: simplex or duplex")
        if any(count is not None and not 1 <= count <= MAX_COUNT for count in (self.letters, self.pages)):
            raise ValueError("letters, pages: 1 or more")


def parse_ticket(mapping: Mapping[str, object]) -> Ticket:
    """The ticket that a parsed TOML or JSON table stands for.

    Raises Rejected `ticket-invalid` with a German sentence that names the key and the right spelling, but never
    the value: it may hold a name.
    """
    for key in mapping:
        if key not in KEYS:
            _refuse(f"Der Eintrag „{_shown(key)}“ ist unbekannt{_suggestion(key)}. Bekannt sind: {', '.join(KEYS)}.")
    return Ticket(
        reference=_text(mapping, "reference", MAX_REFERENCE_CHARACTERS),
        cost_centre=_cost_centre(mapping),
        enclosures=_enclosures(mapping),
        plex=_plex(mapping),
        plex_ranges=_plex_ranges(mapping),
        due=_due(mapping),
        hold=_hold(mapping),
        letters=_count(mapping, "letters"),
        pages=_count(mapping, "pages"),
    )


def _refuse(sentence: str) -> NoReturn:
    raise Rejected("ticket-invalid", sentence)


def _wrong(key: str, why: str) -> NoReturn:
    _refuse(f"Der Eintrag „{key}“ {why}. Richtig ist zum Beispiel: {_EXAMPLES[key]}")


def _shown(key: str) -> str:
    """A sender's key, safe to show: one line, at most 40 characters."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in key[:40])


def _suggestion(key: str) -> str:
    plain = unicodedata.normalize("NFC", key[:60]).strip().lower()
    if plain in _OTHER_NAMES:
        return f" – gemeint ist wohl „{_OTHER_NAMES[plain]}“"
    near = difflib.get_close_matches(plain, [*KEYS, *_OTHER_NAMES], n=1, cutoff=0.6)
    if not near:
        return ""
    return f" – gemeint ist wohl „{_OTHER_NAMES.get(near[0], near[0])}“"


def _text(mapping: Mapping[str, object], key: str, most: int) -> str | None:
    value = mapping.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        _wrong(key, "muss ein Text in Anführungszeichen sein")
    text = unicodedata.normalize("NFC", value).strip()
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for character in text):
        _wrong(key, "enthält unsichtbare Zeichen oder einen Zeilenumbruch")
    if len(text) > most:
        _wrong(key, f"hat {len(text)} Zeichen, erlaubt sind {most}")
    return text or None


def _cost_centre(mapping: Mapping[str, object]) -> str | None:
    text = _text(mapping, "cost_centre", MAX_COST_CENTRE_CHARACTERS)
    if text is not None and text.startswith(FORMULA_STARTS):
        _wrong("cost_centre", f"darf nicht mit {' '.join(FORMULA_STARTS)} beginnen, Tabellenprogramme rechnen sonst")
    return text


def _enclosures(mapping: Mapping[str, object]) -> tuple[int, ...] | None:
    value = mapping.get("enclosures")
    if value is None:
        return None
    if isinstance(value, str):
        parts: Sequence[object] = [_number(part) for part in value.split("+")] if value.strip() else []
    elif isinstance(value, list | tuple):
        parts = value
    else:
        _wrong("enclosures", 'muss eine Liste von Stationsnummern oder ein Text wie "1+3" sein')
    stations = [part for part in parts if isinstance(part, int) and not isinstance(part, bool) and part in STATIONS]
    if len(stations) != len(parts):
        _wrong("enclosures", "nennt etwas anderes als die Stationen 1 bis 8")
    if len(set(stations)) != len(stations):
        _wrong("enclosures", "nennt eine Station mehrmals")
    return tuple(sorted(stations))


def _number(text: str) -> int | None:
    """The station that one digit names; None for anything else."""
    digit = text.strip()
    return int(digit) if len(digit) == 1 and digit in "12345678" else None


def _plex(mapping: Mapping[str, object]) -> Plex | None:
    value = mapping.get("plex")
    if value is None:
        return None
    if not isinstance(value, str) or value not in _PLEXES:
        _wrong("plex", 'muss "simplex" oder "duplex" sein')
    return _PLEXES[value]


def _plex_ranges(mapping: Mapping[str, object]) -> tuple[str, ...] | None:
    value = mapping.get("plex_ranges")
    if value is None:
        return None
    parts = value.split(",") if isinstance(value, str) and value.strip() else value or []
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        _wrong("plex_ranges", 'muss eine Liste von Seitenbereichen wie "1 simplex" oder "3- duplex" sein')
    texts = tuple(" ".join(part.split()) for part in parts)
    try:
        parse_plex_ranges(texts)
    except ValueError:
        _wrong("plex_ranges", 'muss Bereiche wie "1 simplex", "2-4 duplex", "5- duplex" der Reihe nach nennen')
    return texts


def _due(mapping: Mapping[str, object]) -> date | None:
    value = mapping.get("due")
    if value is None:
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    # date.fromisoformat alone would also take week dates.
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        with suppress(ValueError):  # such a day does not exist: refused below
            return date.fromisoformat(value)
    _wrong("due", "muss ein Tag im Format JJJJ-MM-TT sein")


def _hold(mapping: Mapping[str, object]) -> bool:
    value = mapping.get("hold")
    if value is None:
        return False
    if not isinstance(value, bool):
        _wrong("hold", "muss true oder false sein")
    return value


def _count(mapping: Mapping[str, object], key: str) -> int | None:
    value = mapping.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_COUNT:
        _wrong(key, f"muss eine ganze Zahl von 1 bis {MAX_COUNT} sein")
    return value
