"""Enclosures by rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.enclosure_rules import EnclosureRule, LetterFacts, rule_stations

pytestmark = pytest.mark.unit

LETTER = LetterFacts("schwerin", "11000", "DE", "19053", 2, date(2026, 3, 2))


@pytest.mark.parametrize(
    ("conditions", "called"),
    [
        ({}, True),
        ({"municipalities": ("schwerin", "parchim")}, True),
        ({"municipalities": ("parchim",)}, False),
        ({"cost_centres": ("11000",)}, True),
        ({"cost_centres": ("12000",)}, False),
        ({"postcodes": ("19053",)}, True),
        ({"postcodes": ("190",)}, True),
        ({"postcodes": ("19050-19053",)}, True),
        ({"postcodes": ("19054-19061", "20")}, False),
        ({"countries": ("AT",)}, False),
        ({"countries": ("AT", "DE")}, True),
        ({"min_pages": 3}, False),
        ({"min_pages": 2, "max_pages": 2}, True),
        ({"max_pages": 1}, False),
        ({"first_day": date(2026, 3, 3)}, False),
        ({"last_day": date(2026, 3, 1)}, False),
        ({"first_day": date(2026, 3, 2), "last_day": date(2026, 3, 2)}, True),
        ({"products": ("standard",)}, True),
        ({"products": ("kompakt",)}, False),
        ({"municipalities": ("schwerin",), "postcodes": ("20",)}, False),
    ],
)
def test_a_rule_holds_if_all_its_conditions_do(conditions: dict[str, Any], called: bool) -> None:
    assert rule_stations([EnclosureRule(3, **conditions)], LETTER, "standard") == ({3} if called else set())


def test_a_rule_on_the_product_waits_for_the_product() -> None:
    assert rule_stations([EnclosureRule(3, products=("standard",))], LETTER) == set()


def test_german_postcodes_mean_germany() -> None:
    abroad = replace(LETTER, country="MX")
    assert rule_stations([EnclosureRule(3, postcodes=("19053",))], abroad) == set()


@given(low=st.integers(1001, 99998), high=st.integers(1001, 99998), postcode=st.integers(1001, 99998))
def test_a_range_of_postcodes_counts_as_numbers_do(low: int, high: int, postcode: int) -> None:
    low, high = min(low, high), max(low, high)
    rule = EnclosureRule(1, postcodes=(f"{low:05d}-{high:05d}",))
    letter = replace(LETTER, postcode=f"{postcode:05d}")
    assert (rule_stations([rule], letter) == {1}) is (low <= postcode <= high)


@pytest.mark.parametrize(
    "wrong",
    [
        {"station": 9},
        {"postcodes": ("190534",)},
        {"postcodes": ("19061-19053",)},
        {"postcodes": ("D-19053",)},
        {"min_pages": 3, "max_pages": 2},
        {"first_day": date(2026, 2, 1), "last_day": date(2026, 1, 1)},
    ],
)
def test_impossible_rules_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="enclosure rule"):
        EnclosureRule(**({"station": 1} | wrong))
