"""When a pool closes: at a time of day, at a count, at an age, or earlier because a letter would miss its day.

What is closed on a working day until `latest` goes to the post on that day, or `posting_days` working days later; what
is closed afterwards, or on a day off, counts as closed on the next working day.

All times are those of the print centre, in its zone; "now" brings it along. They are compared as moments, not as what
the clock shows: when clocks go back, a cut-off in the hour that comes twice comes once, the first time; when they go
forward, one in the hour that is left out comes as much later (02:30 at 03:30, as calendars have it: RFC 5545, 3.3.5).
Ages are hours that have passed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Literal

from pipeline.domain.calendar import Calendar
from pipeline.domain.pooling import CutOffRules, Pool

Cause = Literal["time", "count", "age", "due", "hand"]


@dataclass(frozen=True)
class Closing:
    """That a pool closes. `sentence`: why, in German, for the batch's history."""

    cause: Cause
    sentence: str

    @property
    def reason(self) -> str:
        """The code that stands with the batch's first event."""
        return f"cut-off-{self.cause}"


BY_HAND = Closing("hand", "Von Hand geschlossen.")


def moments_before(rules: CutOffRules, calendar: Calendar, now: datetime) -> Iterator[datetime]:
    """The cut-offs until `now`, itself included, the last one first."""
    if rules.times:
        for day in calendar.working_until(now.date()):
            yield from (at for at in reversed(_moments(rules, day, now.tzinfo)) if _instant(at) <= _instant(now))


def moments_after(rules: CutOffRules, calendar: Calendar, now: datetime) -> Iterator[datetime]:
    """The cut-offs after `now`, the next one first."""
    if rules.times:
        for day in calendar.working_from(now.date()):
            yield from (at for at in _moments(rules, day, now.tzinfo) if _instant(at) > _instant(now))


def posting_day(rules: CutOffRules, calendar: Calendar, closed_at: datetime) -> date | None:
    """The day on which a pool closed at this moment goes to the post; None if the calendar has no such day."""
    day = closed_at.date() if closed_at.time() <= _clock(rules.latest) else closed_at.date() + timedelta(days=1)
    return next(islice(calendar.working_from(day), rules.posting_days, None), None)


def last_chance(rules: CutOffRules, calendar: Calendar, due: date, zone: tzinfo | None) -> datetime | None:
    """The last moment at which closing a pool gets its letters to the post on `due`; None if there never was one.

    `zone`: the print centre's.
    """
    day = next(islice(calendar.working_until(due), rules.posting_days, None), None)
    return None if day is None else datetime.combine(day, _clock(rules.latest), zone)


def closing_of(pool: Pool, rules: CutOffRules, calendar: Calendar, now: datetime) -> Closing | None:
    """Why this pool closes now; None if it stays open. What happens with a letter that is late anyway: `is_late`."""
    passed = next(moments_before(rules, calendar, now), None)
    if passed is not None and _instant(pool.since) <= _instant(passed):
        return Closing("time", f"Annahmeschluss {_spoken(passed)}.")
    if rules.max_pieces and pool.pieces >= rules.max_pieces:
        return Closing("count", f"{pool.pieces} Briefe im Sammelkorb, geschlossen wird ab {rules.max_pieces}.")
    age = _instant(now) - _instant(pool.since)
    if rules.max_age_hours and age >= timedelta(hours=rules.max_age_hours):
        since = _spoken(pool.since.astimezone(now.tzinfo))
        return Closing("age", f"Der älteste Brief liegt seit {since} im Sammelkorb.")
    if _would_miss(pool, rules, calendar, now):
        due = date.fromisoformat(pool.due)
        return Closing("due", f"Ein Brief muss bis {due:%d.%m.%Y} zur Post; der nächste Annahmeschluss wäre zu spät.")
    return None


def _would_miss(pool: Pool, rules: CutOffRules, calendar: Calendar, now: datetime) -> bool:
    """Whether waiting for the next cut-off makes a letter late that isn't late yet.

    Without cut-offs by time nobody knows when the pool would close, so it closes on the last day that serves.
    """
    if not pool.due or is_late(pool, rules, calendar, now):
        return False
    chance = last_chance(rules, calendar, date.fromisoformat(pool.due), now.tzinfo)
    following = next(moments_after(rules, calendar, now), None)
    if chance is None:
        return False
    return _instant(following) > _instant(chance) if following is not None else now.date() >= chance.date()


def is_late(pool: Pool, rules: CutOffRules, calendar: Calendar, now: datetime) -> bool:
    """Whether a letter of the pool can't be posted in time any more, even if the pool were closed now.

    Such a letter closes no pool by itself: it waits for the next cut-off, and is told of.
    """
    if not pool.due:
        return False
    posted = posting_day(rules, calendar, now)
    return posted is None or posted > date.fromisoformat(pool.due)


def next_closing(rules: CutOffRules, calendar: Calendar, now: datetime) -> datetime | None:
    """The next cut-off by time of day, None where there is none."""
    return next(moments_after(rules, calendar, now), None)


def _moments(rules: CutOffRules, day: date, zone: tzinfo | None) -> list[datetime]:
    """The cut-offs of a day, the earliest first."""
    return sorted((datetime.combine(day, _clock(each), zone) for each in rules.times), key=_instant)


def _instant(moment: datetime) -> datetime:
    """The same moment in UTC: times of one zone are otherwise compared as the clock on the wall shows them."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without its zone: {moment}")
    return moment.astimezone(UTC)


def _clock(text: str) -> time:
    return time.fromisoformat(text)


def _spoken(moment: datetime) -> str:
    return f"{moment:%d.%m.%Y %H:%M} Uhr"
