"""Weight and thickness of a filled envelope."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.weights import folded_layers, piece_thickness_mm, piece_weight_mg
from tests.paper_examples import C4, C65, FLAT_B, FLYER, FOLD_B, FORM, PAPER

pytestmark = pytest.mark.unit


def test_three_sheets_in_c65_stay_just_under_twenty_grams() -> None:
    assert piece_weight_mg(3, PAPER, C65) == 3 * 4990 + 5000 == 19970


def test_enclosures_add_their_own_weight() -> None:
    assert piece_weight_mg(1, PAPER, C4, (FLYER, FORM)) == 4990 + 20000 + 2000 + 3500


def test_layers_follow_from_the_folds() -> None:
    assert folded_layers(FOLD_B) == 3
    assert folded_layers(FLAT_B) == 1


def test_thickness_counts_folded_layers_walls_and_enclosures() -> None:
    assert piece_thickness_mm(3, PAPER, FOLD_B) == 1.1
    assert piece_thickness_mm(3, PAPER, FLAT_B) == 0.5
    assert piece_thickness_mm(3, PAPER, FOLD_B, (FLYER,), wall_mm=0.2) == 1.6


def test_thickness_has_no_dust_of_binary_fractions() -> None:
    assert piece_thickness_mm(16, PAPER, FOLD_B) == 5.0


@given(st.integers(max_value=0))
def test_a_piece_without_sheets_is_impossible(sheets: int) -> None:
    with pytest.raises(ValueError, match="at least one sheet"):
        piece_weight_mg(sheets, PAPER, C65)
    with pytest.raises(ValueError, match="at least one sheet"):
        piece_thickness_mm(sheets, PAPER, FOLD_B)


@given(st.integers(1, 200), st.integers(1, 200))
def test_each_further_sheet_weighs_the_same(sheets: int, more: int) -> None:
    heavier, lighter = piece_weight_mg(sheets + more, PAPER, C65), piece_weight_mg(sheets, PAPER, C65)
    assert heavier - lighter == more * PAPER.sheet_weight_mg
