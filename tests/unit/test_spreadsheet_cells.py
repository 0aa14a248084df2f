"""Text in a CSV cell is never a formula and never more than one line."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.adapters.papers.plain_files import decimal_grams, safe_cell

pytestmark = pytest.mark.unit


UNTOUCHED = ("", "Az. 1=2", "2026-1", "'s-Hertogenbosch", "Straße 5 @ Hof", "a\tb", "a; b", "1-2;3")
STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@pytest.mark.parametrize("start", STARTS)
def test_what_begins_a_formula_gets_an_apostrophe(start: str) -> None:
    assert safe_cell(f"{start}1+1")[0] == "'"
    assert safe_cell(start)[0] == "'"


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
@pytest.mark.parametrize("before", [" ", "\N{NO-BREAK SPACE}", "\n", "\x00", "AZ 1;", "AZ 1; ", "AZ\t", ";;"])
def test_a_cell_that_a_spreadsheet_trims_or_parts_begins_none_either(before: str, start: str) -> None:
    parts = re.split("[;\t]", safe_cell(f"{before}{start}1+1"))
    assert [part for part in parts if part.strip().startswith(STARTS)] == []


@pytest.mark.parametrize("text", UNTOUCHED)
def test_what_does_not_stays(text: str) -> None:
    assert safe_cell(text) == text


@given(st.text(st.sampled_from("=+-@\t\r\n\x00\x0b\x85\u2028'a ;＝")))
def test_any_text_is_one_line_and_no_formula(text: str) -> None:
    cell = safe_cell(text)
    assert len(cell.splitlines()) <= 1
    assert not cell.startswith(STARTS)
    assert [part for part in re.split("[;\t]", cell) if part.strip().startswith(STARTS)] == []
    assert cell.removeprefix("'").replace(" ", "").startswith(text[:1] if text[:1] in ("=", "+", "-", "@") else "")


@given(st.integers(0, 10**10))
def test_grams_are_exact(weight_mg: int) -> None:
    whole, _, rest = decimal_grams(weight_mg).partition(".")
    assert (int(whole) * 1000 + int(rest), len(rest)) == (weight_mg, 3)
