"""Working days and cut-offs: when a pool closes, and for which letter it closes early."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.calendar import Calendar, ClosedDays, easter, holidays
from pipeline.domain.cut_off import closing_of, is_late, last_chance, next_closing, posting_day
from pipeline.domain.pooling import CutOffRules, Pool, PoolKey, PoolRules

pytestmark = pytest.mark.unit

BERLIN = ZoneInfo("Europe/Berlin")
HOUSE = Calendar(closed=(ClosedDays(date(2026, 12, 24), date(2026, 12, 24), "Heiligabend", "Dienstvereinbarung"),))
DAILY = CutOffRules(times=("11:00", "14:00"), latest="16:00")
KEY = PoolKey("m", "c65", "B", "a4-80", "simplex")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def later(moment: datetime, hours: float) -> datetime:
    """So many hours later, whatever the clock on the wall does meanwhile."""
    return (moment.astimezone(UTC) + timedelta(hours=hours)).astimezone(moment.tzinfo)


def pool(since: str, *, pieces: int = 3, due: str = "") -> Pool:
    return Pool(KEY, pieces, pieces, at(since), due, 0)


def cause(pool: Pool, now: str, rules: CutOffRules = DAILY) -> str | None:
    closing = closing_of(pool, rules, HOUSE, at(now))
    return closing.cause if closing else None


# Astronomical tables: 1943 and 2038 are the latest possible dates, 1818 and 2285 the earliest.
@pytest.mark.parametrize(
    ("year", "day"),
    [
        (1818, "03-22"), (1943, "04-25"), (2000, "04-23"), (2024, "03-31"), (2025, "04-20"), (2026, "04-05"),
        (2027, "03-28"), (2038, "04-25"), (2285, "03-22"),
    ],
)  # fmt: skip
def test_easter(year: int, day: str) -> None:
    assert easter(year).isoformat() == f"{year}-{day}"


@given(st.integers(1600, 2600))
def test_easter_is_a_sunday_between_its_bounds(year: int) -> None:
    sunday = easter(year)
    assert sunday.weekday() == 6
    assert date(year, 3, 22) <= sunday <= date(year, 4, 25)


def test_the_holidays_of_2026_in_mecklenburg_vorpommern() -> None:
    # Kalender der Landesregierung M-V für 2026
    assert {day.isoformat(): name for day, name in sorted(holidays(2026, "MV").items())} == {
        "2026-01-01": "Neujahr",
        "2026-03-08": "Frauentag",
        "2026-04-03": "Karfreitag",
        "2026-04-06": "Ostermontag",
        "2026-05-01": "Tag der Arbeit",
        "2026-05-14": "Christi Himmelfahrt",
        "2026-05-25": "Pfingstmontag",
        "2026-10-03": "Tag der Deutschen Einheit",
        "2026-10-31": "Reformationstag",
        "2026-12-25": "1. Weihnachtstag",
        "2026-12-26": "2. Weihnachtstag",
    }


def test_frauentag_came_in_2023_and_other_regions_have_neither() -> None:
    assert date(2022, 3, 8) not in holidays(2022, "MV")
    assert date(2023, 3, 8) in holidays(2023, "MV")
    assert set(holidays(2026, "MV")) - set(holidays(2026, "DE")) == {date(2026, 3, 8), date(2026, 10, 31)}
    assert holidays(2026, "none") == {}


def test_why_a_day_is_off() -> None:
    assert HOUSE.why_closed(date(2026, 12, 24)) == "Heiligabend"
    assert HOUSE.why_closed(date(2026, 12, 25)) == "1. Weihnachtstag"
    assert HOUSE.why_closed(date(2026, 12, 27)) == "arbeitsfrei"
    assert HOUSE.why_closed(date(2026, 12, 28)) is None
    assert Calendar(working_days=("sa",)).is_working(date(2026, 12, 19))
    assert next(HOUSE.working_from(date(2026, 12, 24))) == date(2026, 12, 28)
    assert next(HOUSE.working_until(date(2026, 12, 27))) == date(2026, 12, 23)


@pytest.mark.parametrize("wrong", [{"working_days": ()}])
def test_a_calendar_has_a_working_day(wrong: dict[str, tuple[()]]) -> None:
    with pytest.raises(ValueError, match="working day"):
        Calendar(**wrong)


def test_impossible_rules_are_refused() -> None:
    for wrong in ({"times": ("25:00",)}, {"latest": "9:00"}, {"max_pieces": -1}, {"posting_days": 21}):
        with pytest.raises(ValueError, match="cut_off"):
            CutOffRules(**wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="priority"):
        PoolRules(priority=10)
    with pytest.raises(ValueError, match="end before"):
        ClosedDays(date(2026, 1, 2), date(2026, 1, 1), "x", "y")
    with pytest.raises(ValueError, match="is none"):
        Pool(KEY, 0, 0, at("2026-11-26T10:00"), "", 0)


@pytest.mark.parametrize(
    ("since", "now", "wanted"),
    [
        ("2026-11-26T10:00", "2026-11-26T10:59:59", None),
        ("2026-11-26T10:00", "2026-11-26T11:00", "time"),
        ("2026-11-26T11:00:01", "2026-11-26T13:59", None),  # came after the first cut-off, waits for the second
        ("2026-11-26T11:00:01", "2026-11-26T14:00:30", "time"),
        ("2026-11-26T14:00:01", "2026-11-26T23:59", None),
        ("2026-11-27T15:00", "2026-11-29T18:00", None),  # Friday after the cut-off: the weekend has none
        ("2026-11-27T15:00", "2026-11-30T11:00", "time"),
        ("2026-12-23T15:00", "2026-12-27T18:00", None),  # Christmas, a Saturday, a Sunday
        ("2026-12-23T15:00", "2026-12-28T11:00", "time"),
        ("2026-11-20T10:00", "2026-11-29T18:00", "time"),  # the line stood still: it is made up for, even on a Sunday
    ],
)
def test_by_time_of_day(since: str, now: str, wanted: str | None) -> None:
    assert cause(pool(since), now) == wanted


def test_by_count_and_by_age() -> None:
    rules = CutOffRules(max_pieces=3, max_age_hours=48)
    assert cause(pool("2026-11-28T10:00", pieces=2), "2026-11-28T10:01", rules) is None
    assert cause(pool("2026-11-28T10:00", pieces=3), "2026-11-28T10:01", rules) == "count"
    assert cause(pool("2026-11-28T10:00", pieces=2), "2026-11-30T09:59", rules) is None
    assert cause(pool("2026-11-28T10:00", pieces=2), "2026-11-30T10:00", rules) == "age"


def test_without_rules_nothing_closes_by_itself() -> None:
    assert cause(pool("2020-01-01T10:00", pieces=10**6), "2026-11-30T10:00", CutOffRules()) is None
    assert next_closing(CutOffRules(), HOUSE, at("2026-11-30T10:00")) is None


@pytest.mark.parametrize(
    ("now", "due", "wanted"),
    [
        ("2026-11-26T13:00", "2026-11-26", None),  # the cut-off at 14:00 serves
        ("2026-11-26T14:30", "2026-11-26", "due"),  # the next one is tomorrow: too late, and now still serves
        ("2026-11-26T16:30", "2026-11-26", None),  # too late altogether: told, and no batch of its own
        ("2026-11-26T16:30", "2026-11-27", None),
        ("2026-11-27T15:00", "2026-11-29", "due"),  # a Sunday: Friday is the last day that serves
        ("2026-12-23T15:00", "2026-12-26", "due"),
    ],
)
def test_a_letter_that_waiting_would_make_late_closes_its_pool(now: str, due: str, wanted: str | None) -> None:
    waiting = Pool(KEY, 3, 3, at(now) - timedelta(minutes=5), due, 0)
    closing = closing_of(waiting, DAILY, HOUSE, at(now))
    assert (closing.cause if closing else None) == wanted


def test_without_a_time_of_day_a_pool_closes_on_the_last_day_that_serves() -> None:
    rules = CutOffRules(posting_days=1)
    assert last_chance(rules, HOUSE, date(2026, 11, 30), BERLIN) == at("2026-11-27T23:59")
    assert cause(pool("2026-11-25T10:00", due="2026-11-30"), "2026-11-26T23:00", rules) is None
    assert cause(pool("2026-11-25T10:00", due="2026-11-30"), "2026-11-27T07:00", rules) == "due"
    assert cause(pool("2026-11-25T10:00", due="2026-11-30"), "2026-11-28T07:00", rules) is None


FIRST, LAST = datetime(2026, 1, 1), datetime(2027, 12, 31)  # noqa: DTZ001 - the zone is given beside them
moments = st.datetimes(FIRST, LAST, timezones=st.just(BERLIN), allow_imaginary=False)
times = st.lists(st.sampled_from(["08:00", "11:00", "14:00", "15:30"]), max_size=3, unique=True).map(tuple)


@given(moments, st.integers(0, 20 * 24), st.dates(date(2026, 1, 1), date(2027, 12, 31)), times, st.integers(0, 3))
def test_no_letter_is_late_that_the_line_could_have_saved(
    since: datetime, hours: int, due: date, times: tuple[str, ...], posting_days: int
) -> None:
    """Look every ten minutes from the moment a letter is ready: closed in time, or it was late from the beginning."""
    rules = CutOffRules(times=times, latest="16:00", posting_days=posting_days)
    waiting = Pool(KEY, 1, 1, since, due.isoformat(), 0)
    if is_late(waiting, rules, HOUSE, since):
        return
    now = since
    for _ in range(30 * 24 * 6):
        if closing_of(waiting, rules, HOUSE, now) is not None:
            break
        now = later(now, 1 / 6)
        if now > since + timedelta(days=25):
            assert due > now.date(), "not closed although the day is near"
            return
    posted = posting_day(rules, HOUSE, now)
    assert posted is not None
    assert posted <= due


# The clocks of 2026 go forward on 29 March and back on 25 October, both Sundays, at 02:00 and 03:00.
WEEKEND = Calendar(holidays="none", working_days=("mo", "di", "mi", "do", "fr", "sa", "so"))
NIGHT = CutOffRules(times=("02:30",))


def closes(since: datetime, now: datetime, rules: CutOffRules = NIGHT) -> str | None:
    closing = closing_of(Pool(KEY, 1, 1, since, "", 0), rules, WEEKEND, now)
    return closing.cause if closing else None


def test_a_cut_off_in_the_hour_that_comes_twice_comes_once() -> None:
    before, first, second = at("2026-10-25T01:50"), at("2026-10-25T02:30"), at("2026-10-25T02:30").replace(fold=1)
    assert next_closing(NIGHT, WEEKEND, before) == first
    assert closes(before, later(first, -0.01)) is None
    assert closes(before, first) == "time"
    came_between = later(first, 0.2)  # 02:42, and 02:30 comes once more
    assert closes(came_between, second) is None
    assert closes(came_between, at("2026-10-26T02:30")) == "time"
    following = next_closing(NIGHT, WEEKEND, came_between)
    assert following is not None and following.date() == date(2026, 10, 26)


def test_a_cut_off_in_the_hour_that_is_left_out_is_not() -> None:
    before = at("2026-03-29T01:50")
    told = next_closing(NIGHT, WEEKEND, before)
    assert told is not None and told.astimezone(UTC) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 03:30 on the wall
    assert closes(before, at("2026-03-29T03:29")) is None
    assert closes(before, at("2026-03-29T03:30")) == "time"


@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24", "2026-06-13"])
def test_an_age_is_hours_that_have_passed(day: str) -> None:
    since, rules = at(f"{day}T12:00"), CutOffRules(max_age_hours=24)
    assert closes(since, later(since, 23.99), rules) is None
    assert closes(since, later(since, 24), rules) == "age"


@pytest.mark.parametrize("day", ["2026-03-28", "2026-03-29", "2026-03-30", "2026-10-24", "2026-10-25", "2026-10-26"])
def test_two_in_the_afternoon_is_two_in_the_afternoon_whatever_the_clocks_did(day: str) -> None:
    rules = CutOffRules(times=("14:00",))
    since = at(f"{day}T13:59:59")
    assert closes(since, since, rules) is None
    assert closes(since, at(f"{day}T14:00"), rules) == "time"


def test_a_time_without_its_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without its zone"):
        Pool(KEY, 1, 1, datetime(2026, 3, 2, 14), "", 0)  # noqa: DTZ001 - that is the point
    with pytest.raises(ValueError, match="without its zone"):
        next_closing(DAILY, HOUSE, datetime(2026, 3, 2, 14))  # noqa: DTZ001
