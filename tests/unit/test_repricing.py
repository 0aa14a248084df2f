"""The price of the posting day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pipeline.domain.errors import Permanent
from pipeline.domain.postal_products import PostageTable
from pipeline.domain.repricing import Repricer
from tests.paper_examples import C65, KOMPAKT, ON, PIECE, PROFILES, STANDARD

pytestmark = pytest.mark.unit

LETTER = replace(PIECE, sheets=1, weight_mg=9990, enclosures=(), product="standard", postage_cent=95)
NEXT_YEAR = {"valid_from": date(2027, 1, 1), "valid_to": date(2027, 12, 31)}
TABLE = PostageTable(0, (STANDARD, KOMPAKT, replace(STANDARD, price_cent=100, **NEXT_YEAR)))


def test_the_same_day_changes_nothing() -> None:
    assert Repricer(PROFILES, ON).repriced(LETTER) is LETTER


def test_another_price_on_the_posting_day_is_taken_and_noted_once() -> None:
    prices = Repricer(replace(PROFILES, postage=TABLE), date(2027, 1, 4))
    dearer = prices.repriced(LETTER)
    assert (dearer.product, dearer.postage_cent) == ("standard", 100)
    (note,) = dearer.notes
    assert note.code == "price-of-posting-day"
    assert "04.01.2027" in note.detail
    assert "0,95" in note.detail
    back = Repricer(PROFILES, ON).repriced(dearer)
    assert back.postage_cent == 95
    assert len(back.notes) == 1


def test_a_day_without_prices_waits() -> None:
    with pytest.raises(Permanent) as waits:
        Repricer(PROFILES, date(2028, 1, 3)).repriced(LETTER)
    assert waits.value.code == "postage-table-expired"


def test_profiles_that_do_not_take_the_piece_any_more_wait() -> None:
    small = replace(PROFILES, envelopes=PROFILES.envelopes | {"c65": replace(C65, max_sheets=1)})
    with pytest.raises(Permanent) as waits:
        Repricer(small, ON).repriced(replace(LETTER, sheets=2))
    assert waits.value.code == "piece-does-not-fit"
    assert LETTER.id in waits.value.sentence
