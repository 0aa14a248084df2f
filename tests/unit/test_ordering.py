"""The order of pieces in a batch."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given

from pipeline.domain.ordering import leitregion, product_order, sort_key
from pipeline.domain.pieces import Piece
from tests.paper_examples import PIECE, TABLE, pieces

pytestmark = pytest.mark.unit

ORDER = product_order(TABLE)


def test_products_stand_in_the_order_of_the_table_home_first() -> None:
    mixed = replace(TABLE, products=(*reversed(TABLE.products), *TABLE.products))
    assert list(product_order(mixed)) == ["maxi", "gross", "kompakt", "standard", "gross-int", "standard-int"]


def test_product_then_region_then_postcode_then_arrival_and_foreign_last() -> None:
    wanted = [
        replace(PIECE, postcode="01067", arrival=(9, 1)),
        replace(PIECE, postcode="19053", arrival=(2, 1)),
        replace(PIECE, postcode="19053", arrival=(2, 10)),
        replace(PIECE, postcode="19055", arrival=(1, 1)),
        replace(PIECE, product="kompakt", postcode="01067", arrival=(1, 1)),
        replace(PIECE, product="retired", postcode="01067", arrival=(1, 1)),
        replace(PIECE, postcode="1905?", arrival=(1, 1)),
        replace(PIECE, product="standard-int", country="AT", postcode="1010", arrival=(1, 1)),
        replace(PIECE, product="standard-int", country="CH", postcode="0999", arrival=(1, 2)),
    ]
    arrived = wanted[::-1]
    assert sorted(arrived, key=lambda piece: sort_key(piece, ORDER)) == wanted


def test_the_leitregion_keeps_its_leading_zero() -> None:
    assert leitregion(replace(PIECE, postcode="01067")) == "01"
    assert leitregion(replace(PIECE, country="AT", postcode="01067")) == ""
    assert leitregion(replace(PIECE, postcode="٠١٢٣٤")) == ""


@given(pieces())
def test_sorting_keeps_every_piece_and_all_rules(arrived: list[Piece]) -> None:
    ordered = sorted(arrived, key=lambda piece: sort_key(piece, ORDER))
    assert sorted(piece.id for piece in ordered) == sorted(piece.id for piece in arrived)
    at_home = [piece.country == "DE" for piece in ordered]
    assert at_home == sorted(at_home, reverse=True)
    for before, after in itertools.pairwise(ordered):
        if before.country == after.country == "DE":
            assert ORDER[before.product] <= ORDER[after.product]
            if before.product == after.product:
                assert before.postcode <= after.postcode
                if before.postcode == after.postcode:
                    assert before.arrival < after.arrival
