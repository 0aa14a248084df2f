"""Numbers in German text."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.german import count, day, euros, grams, millimetres, moment

pytestmark = pytest.mark.unit


def test_examples() -> None:
    assert count(1234567) == "1.234.567"
    assert grams(19970) == "19,970\N{NO-BREAK SPACE}g"
    assert euros(123456) == "1.234,56\N{NO-BREAK SPACE}€"
    assert euros(-5) == "-0,05\N{NO-BREAK SPACE}€"
    assert millimetres(148.5) == "148,5\N{NO-BREAK SPACE}mm"
    assert millimetres(100.0) == "100\N{NO-BREAK SPACE}mm"
    assert day(date(2026, 1, 2)) == "02.01.2026"
    assert moment(datetime(2026, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=1)))) == (
        "02.01.2026, 03:04\N{NO-BREAK SPACE}Uhr"
    )


@given(st.integers(0, 10**12))
def test_nothing_is_rounded_away(number: int) -> None:
    def digits(text: str) -> int:
        return int("".join(filter(str.isdigit, text)))

    assert digits(grams(number)) == digits(euros(number)) == digits(count(number)) == number
