"""Where words come to lie: every turn has its way back."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.adapters.incoming.page_geometry import (
    Affine,
    mapped_box,
    plausible_dpi,
    quarter_turn,
    scaled,
    straightened,
)

pytestmark = pytest.mark.unit

sides = st.integers(50, 9000)
places = st.floats(0, 1)


@given(sides, sides, st.sampled_from([0, 90, 180, 270]), st.floats(-8, 8), st.floats(0.1, 3), places, places)
def test_inverse_of_scale_turn_and_deskew_leads_back(
    width: int, height: int, rotation: int, skew: float, scale: float, across: float, down: float
) -> None:
    turned = (width, height) if rotation in (0, 180) else (height, width)
    turn, _new_width, _new_height = straightened(skew, round(turned[0] * scale), round(turned[1] * scale))
    way = scaled(scale, scale).then(quarter_turn(rotation, width * scale, height * scale)).then(turn)
    x, y = across * width, down * height
    back_x, back_y = way.inverse().apply(*way.apply(x, y))
    assert math.isclose(back_x, x, abs_tol=1e-6 * (width + height))
    assert math.isclose(back_y, y, abs_tol=1e-6 * (width + height))


@given(sides, sides, st.floats(-8, 8), places, places)
def test_straightened_canvas_holds_the_whole_page(w: int, h: int, skew: float, across: float, down: float) -> None:
    turn, width, height = straightened(skew, w, h)
    x, y = turn.apply(across * w, down * h)
    assert -1e-6 <= x <= width + 1e-6
    assert -1e-6 <= y <= height + 1e-6


def test_a_line_that_falls_by_the_skew_comes_out_level() -> None:
    turn, _width, _height = straightened(3.0, 2000, 1000)
    start, end = turn.apply(100, 400), turn.apply(1100, 400 + 1000 * math.tan(math.radians(3.0)))
    assert math.isclose(start[1], end[1], abs_tol=1e-6)


@pytest.mark.parametrize(("degrees", "corner"), [(0, (0, 0)), (90, (100, 0)), (180, (200, 100)), (270, (0, 200))])
def test_quarter_turns_move_the_top_left_corner_clockwise(degrees: int, corner: tuple[int, int]) -> None:
    assert quarter_turn(degrees, 200, 100).apply(0, 0) == corner


def test_a_turn_that_is_no_quarter_is_refused() -> None:
    with pytest.raises(ValueError, match="quarter"):
        quarter_turn(45, 10, 10)
    with pytest.raises(ValueError, match="inverse"):
        Affine(0, 0, 0, 0, 0, 0).inverse()


@given(sides, sides, st.tuples(places, places, places, places), st.floats(-8, 8))
def test_mapped_boxes_stay_on_the_page(w: int, h: int, box: tuple[float, float, float, float], skew: float) -> None:
    turn, width, height = straightened(skew, w, h)
    left, right = sorted((box[0] * width, box[1] * width))
    top, bottom = sorted((box[2] * height, box[3] * height))
    mapped = mapped_box(turn.inverse(), left, top, right, bottom, w, h)
    assert 0 <= mapped.left <= mapped.right <= w
    assert 0 <= mapped.top <= mapped.bottom <= h


def test_resolution_is_believed_where_it_makes_a_sheet_and_assumed_elsewhere() -> None:
    assert plausible_dpi((300.0, 300.0), 2480, 3508) == ((300.0, 300.0), False)
    assert plausible_dpi((204.0, 98.0), 1728, 1145) == ((204.0, 98.0), False)
    for told in (None, (0.0, 0.0), (72.0, 72.0), (1.0, 1.0), (1e6, 1e6)):
        dpi, assumed = plausible_dpi(told, 2480, 3508)
        assert assumed
        assert round(dpi[0]) == round(dpi[1]) == 300
    assert plausible_dpi((72.0, 72.0), 595, 842) == ((72.0, 72.0), False)
