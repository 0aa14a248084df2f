"""What the carrier is handed: numbers without a gap, postcodes in order, sums that agree with an independent count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.batching import group, place
from pipeline.domain.delivery import RegionShare, by_product, shares_of
from pipeline.domain.ordering import product_order
from pipeline.domain.pieces import Piece, PlacedPiece
from pipeline.domain.totals import Totals
from tests.paper_examples import FOLDER, TABLE, pieces

pytestmark = pytest.mark.unit


def _placed(arrived: list[Piece]) -> list[PlacedPiece]:
    """The first batch that the letters make."""
    batch = group(arrived, product_order(TABLE))[0]
    return [one for volume in place(batch.pieces, FOLDER.feed) for one in volume.pieces]


@given(pieces(plex="duplex", most=30))
def test_running_numbers_have_no_gap_and_follow_the_batch(arrived: list[Piece]) -> None:
    placed = _placed(arrived)
    found = by_product(placed)
    for pieces_of_one in found.values():
        assert [one.product_number for one in pieces_of_one] == list(range(1, len(pieces_of_one) + 1))
        assert [one.number for one in pieces_of_one] == sorted(one.number for one in pieces_of_one)
    assert sorted(one.number for each in found.values() for one in each) == list(range(1, len(placed) + 1))


@given(pieces(plex="simplex", most=30), st.data())
def test_each_number_is_in_the_region_that_its_postcode_says(arrived: list[Piece], data: st.DataObject) -> None:
    placed = _placed(arrived)
    shares = {share.product: share for share in shares_of(placed)}
    assert set(shares) == {one.piece.product for one in placed}
    one = data.draw(st.sampled_from(placed))
    piece = one.piece
    (region,) = [r for r in shares[piece.product].regions if r.first <= one.product_number <= r.last]
    assert region.leitregion == (piece.postcode[:2] if piece.country == "DE" else "")


@given(pieces(plex="simplex", most=30))
def test_regions_come_once_in_order_and_add_up(arrived: list[Piece]) -> None:
    placed = _placed(arrived)
    shares = shares_of(placed)
    for share in shares:
        regions = [region.leitregion for region in share.regions]
        assert regions == sorted(set(regions), key=lambda each: (each == "", each))
        own = [one.piece for one in placed if one.piece.product == share.product]
        assert share.totals.pieces == len(own)
        assert share.totals.weight_mg == sum(piece.weight_mg for piece in own)
        assert share.totals.postage_cent == sum(piece.postage_cent for piece in own)
    assert sum(share.totals.pieces for share in shares) == len(placed)


@pytest.mark.parametrize(("first", "last"), [(0, 0), (1, 2), (2, 1)])
def test_numbers_with_a_gap_are_refused(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="gap"):
        RegionShare("19", first, last, Totals(1, 1, 1, 1, 1))
