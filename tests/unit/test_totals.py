"""Sums and their breakdowns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain import totals
from pipeline.domain.pieces import Piece
from pipeline.domain.totals import Totals
from tests.paper_examples import PIECE, pieces

pytestmark = pytest.mark.unit

_totals = st.builds(Totals, *[st.integers(0, 10**9)] * 5)


@given(_totals, _totals, _totals)
def test_addition_is_addition(one: Totals, two: Totals, three: Totals) -> None:
    assert one + two == two + one
    assert (one + two) + three == one + (two + three) == totals.total([three, one, two])
    assert one + Totals() == one


@pytest.mark.parametrize("field", ["pieces", "sheets", "pages", "weight_mg", "postage_cent"])
def test_totals_are_never_negative(field: str) -> None:
    with pytest.raises(ValueError, match="never negative"):
        Totals(**{field: -1})


def test_a_duplex_sheet_is_two_pages_with_its_blank_back() -> None:
    letter = replace(PIECE, pages=3, sheets=2, plex="duplex")
    assert totals.totals_of([letter]) == Totals(1, 2, 4, 14980, 95)
    assert totals.totals_of([replace(letter, pages=2, plex="simplex")]).pages == 2


@given(
    pieces(),
    st.sampled_from([totals.by_municipality, totals.by_product, totals.by_envelope, totals.by_cost_centre]),
)
def test_every_breakdown_adds_up(arrived: list[Piece], key: Callable[[Piece], str]) -> None:
    broken_down = totals.totals_by(arrived, key)
    assert totals.total(broken_down.values()) == totals.totals_of(arrived)
    assert list(broken_down) == sorted(broken_down)
    assert totals.totals_of(arrived) == Totals(
        len(arrived),
        sum(piece.sheets for piece in arrived),
        sum(piece.sheets * (2 if piece.plex == "duplex" else 1) for piece in arrived),
        sum(piece.weight_mg for piece in arrived),
        sum(piece.postage_cent for piece in arrived),
    )
    for name, part in broken_down.items():
        assert part == totals.totals_of(piece for piece in arrived if key(piece) == name)


def test_nothing_adds_up_to_nothing() -> None:
    assert totals.totals_of([]) == totals.total([]) == Totals()


def test_enclosures_are_counted_by_station() -> None:
    loads = [replace(PIECE, enclosures=(3,)), replace(PIECE, enclosures=(1, 3)), PIECE]
    assert totals.enclosures_needed(loads) == {1: 1, 3: 2}
