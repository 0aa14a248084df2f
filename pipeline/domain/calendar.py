"""On which days the print centre works: weekdays, public holidays as computed, days on which the house is closed.

Holidays: the nine of the whole country, and those of Mecklenburg-Vorpommern (Feiertagsgesetz M-V § 2: Reformationstag;
since 2023 Frauentag on 8 March). Movable ones follow Easter. Days are those of the calendar's time zone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import ClassVar, Literal

Weekday = Literal["mo", "di", "mi", "do", "fr", "sa", "so"]
HolidayRegion = Literal["DE", "MV", "none"]

WEEKDAYS: tuple[Weekday, ...] = ("mo", "di", "mi", "do", "fr", "sa", "so")
_FRAUENTAG_SINCE = 2023
_LOOK_AHEAD_DAYS = 400  # more than any closed season; beyond it the calendar has no working day at all
_DAY = timedelta(days=1)


def easter(year: int) -> date:
    """Easter Sunday, Gregorian. Source: the anonymous algorithm as in Meeus, Astronomical Algorithms, chapter 8."""
    golden = year % 19
    century, in_century = divmod(year, 100)
    leaps, rest = divmod(century, 4)
    moon = (19 * golden + century - leaps - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    quarter, quarter_rest = divmod(in_century, 4)
    weekday = (32 + 2 * rest + 2 * quarter - moon - quarter_rest) % 7
    shift = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=64)
def holidays(year: int, region: HolidayRegion) -> dict[date, str]:
    """The public holidays of a year with their German names; nothing for `none`. Right from 1995 on."""
    if region == "none":
        return {}
    sunday = easter(year)
    found = {
        date(year, 1, 1): "Neujahr",
        sunday - 2 * _DAY: "Karfreitag",
        sunday + _DAY: "Ostermontag",
        date(year, 5, 1): "Tag der Arbeit",
        sunday + 39 * _DAY: "Christi Himmelfahrt",
        sunday + 50 * _DAY: "Pfingstmontag",
        date(year, 10, 3): "Tag der Deutschen Einheit",
        date(year, 12, 25): "1. Weihnachtstag",
        date(year, 12, 26): "2. Weihnachtstag",
    }
    if region == "MV":
        found[date(year, 10, 31)] = "Reformationstag"
        if year >= _FRAUENTAG_SINCE:
            found[date(year, 3, 8)] = "Frauentag"
    return found


@dataclass(frozen=True)
class ClosedDays:
    """Days on which the house is closed, `first` to `last`, both included; `source`: who decided it, and where."""

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid", "strict": False}
    first: date
    last: date
    reason: str
    source: str

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError("closed days end before they begin")


@dataclass(frozen=True)
class Calendar:
    """When the print centre works. `holidays`: whose public holidays hold; `working_days`: at least one weekday.

    `time_zone`: name in the IANA time zone database; the clock of cut-offs, days and papers, wherever the line runs.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid", "strict": False}
    holidays: HolidayRegion = "MV"
    working_days: tuple[Weekday, ...] = ("mo", "di", "mi", "do", "fr")
    closed: tuple[ClosedDays, ...] = ()
    time_zone: str = "Europe/Berlin"

    def __post_init__(self) -> None:
        if not self.working_days:
            raise ValueError("a calendar has at least one working day a week")

    def why_closed(self, day: date) -> str | None:
        """Why nobody works on this day, in German; None on a working day."""
        holiday = holidays(day.year, self.holidays).get(day)
        if holiday is not None:
            return holiday
        own = next((each.reason for each in self.closed if each.first <= day <= each.last), None)
        if own is not None:
            return own
        return None if WEEKDAYS[day.weekday()] in self.working_days else "arbeitsfrei"

    def is_working(self, day: date) -> bool:
        """Whether the print centre works on this day."""
        return self.why_closed(day) is None

    def working_from(self, day: date) -> Iterator[date]:
        """The working days from `day` on, itself included; ends where a whole year has none."""
        return (each for n in range(_LOOK_AHEAD_DAYS) if self.is_working(each := day + n * _DAY))

    def working_until(self, day: date) -> Iterator[date]:
        """The working days from `day` backwards, itself included; ends where a whole year has none."""
        return (each for n in range(_LOOK_AHEAD_DAYS) if self.is_working(each := day - n * _DAY))
