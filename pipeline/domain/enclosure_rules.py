"""Enclosures by rule: which station's leaflet goes to which letters of a job.

A rule holds for a letter that meets all its conditions; a condition that is not given is met. A ticket that names
enclosures, even none, outranks every rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

STATIONS = range(1, 9)
_POSTCODES = re.compile(r"[0-9]{1,5}|[0-9]{5}-[0-9]{5}")


@dataclass(frozen=True)
class EnclosureRule:
    """What a job adds to letters of a kind.

    `postcodes`: German ones, as `19053`, `19053-19061` (both included) or the first digits, `190`. `countries`: ISO
    3166-1 alpha-2. `products`: the postal product that the letter would have without the enclosures of such rules.
    `min_pages`, `max_pages`: of the letter, 0 for no limit. `first_day`, `last_day`: of posting, both included.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid", "strict": False}
    station: int
    municipalities: tuple[str, ...] = ()
    cost_centres: tuple[str, ...] = ()
    postcodes: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    min_pages: int = 0
    max_pages: int = 0
    first_day: date = date.min
    last_day: date = date.max

    def __post_init__(self) -> None:
        if self.station not in STATIONS:
            raise ValueError("enclosure rule: station 1 to 8")
        if not all(_is_postcodes(each) for each in self.postcodes):
            raise ValueError("enclosure rule: a postcode, its first digits, or two joined by a hyphen, rising")
        if self.min_pages < 0 or self.max_pages < 0 or 0 < self.max_pages < self.min_pages:
            raise ValueError("enclosure rule: min_pages is not above max_pages")
        if self.first_day > self.last_day:
            raise ValueError("enclosure rule: first_day is not after last_day")


@dataclass(frozen=True)
class LetterFacts:
    """What rules look at. `pages`: of the letter. `on`: the day of posting, as far as it is known."""

    municipality: str
    cost_centre: str
    country: str
    postcode: str
    pages: int
    on: date


def rule_stations(rules: Iterable[EnclosureRule], letter: LetterFacts, product: str | None = None) -> set[int]:
    """The stations that rules call for a letter. Rules that look at the product count only if `product` is given."""
    return {rule.station for rule in rules if _holds(rule, letter, product)}


def _holds(rule: EnclosureRule, letter: LetterFacts, product: str | None) -> bool:
    return (
        (not rule.municipalities or letter.municipality in rule.municipalities)
        and (not rule.cost_centres or letter.cost_centre in rule.cost_centres)
        and (not rule.countries or letter.country in rule.countries)
        and (not rule.products or product in rule.products)
        and (not rule.postcodes or (letter.country == "DE" and _in_postcodes(rule.postcodes, letter.postcode)))
        and rule.min_pages <= letter.pages
        and (not rule.max_pages or letter.pages <= rule.max_pages)
        and rule.first_day <= letter.on <= rule.last_day
    )


def _in_postcodes(wanted: Iterable[str], postcode: str) -> bool:
    for each in wanted:
        first, dash, last = each.partition("-")
        if first <= postcode <= last if dash else postcode.startswith(first):
            return True
    return False


def _is_postcodes(text: str) -> bool:
    first, dash, last = text.partition("-")
    return _POSTCODES.fullmatch(text) is not None and (not dash or first <= last)
