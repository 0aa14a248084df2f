"""The choice of the postal product."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.errors import Permanent, Rejected
from pipeline.domain.postage import choose_product
from pipeline.domain.postal_products import PostageTable, Product
from pipeline.domain.profiles import Envelope
from tests.paper_examples import C4, C65, KOMPAKT, ON, STANDARD, TABLE, product

pytestmark = pytest.mark.unit

C5 = Envelope("c5", "C5", 229.0, 162.0, 7500, False, 20, (), "Beispiel")


@pytest.mark.parametrize(
    ("weight_mg", "envelope", "thickness_mm", "wanted"),
    [
        (19_970, C65, 1.1, "standard"),
        (20_000, C65, 5.0, "standard"),
        (20_001, C65, 1.1, "kompakt"),
        (19_000, C65, 5.01, "kompakt"),
        (50_001, C65, 2.0, "gross"),
        (15_000, C5, 1.0, "gross"),
        (25_000, C4, 1.0, "gross"),
        (500_001, C4, 9.0, "maxi"),
    ],
)
def test_the_cheapest_that_fits(weight_mg: int, envelope: Envelope, thickness_mm: float, wanted: str) -> None:
    assert choose_product(TABLE, weight_mg, envelope, thickness_mm, False, ON).id == wanted


def test_the_margin_decides_in_tenths_of_a_gram() -> None:
    careful = replace(TABLE, margin_mg=100)
    assert choose_product(careful, 19_900, C65, 1.1, False, ON).id == "standard"
    assert choose_product(careful, 19_901, C65, 1.1, False, ON).id == "kompakt"


def test_abroad_and_home_never_mix() -> None:
    assert choose_product(TABLE, 15_000, C65, 1.0, True, ON).id == "standard-int"
    with pytest.raises(Permanent) as refused:
        choose_product(replace(TABLE, products=(STANDARD,)), 15_000, C65, 1.0, True, ON)
    assert refused.value.code == "postage-table-expired"
    assert "Ausland" in refused.value.sentence


def test_what_an_endorsement_orders_and_the_rest_never_stand_in_for_each_other() -> None:
    registered = replace(STANDARD, id="standard-r", price_cent=1, special="registered")
    heavy = replace(KOMPAKT, id="kompakt-r", price_cent=2, special="registered")
    table = replace(TABLE, products=(*TABLE.products, registered, heavy))
    assert choose_product(table, 15_000, C65, 1.0, False, ON) == STANDARD
    assert choose_product(table, 15_000, C65, 1.0, False, ON, "registered") == registered
    assert choose_product(table, 30_000, C65, 1.0, False, ON, "registered") == heavy
    with pytest.raises(Rejected) as refused:
        choose_product(table, 60_000, C65, 1.0, False, ON, "registered")
    assert refused.value.code == "no-product-fits"
    for abroad, special in ((True, "registered"), (False, "return-receipt")):
        with pytest.raises(Rejected) as refused:
            choose_product(table, 15_000, C65, 1.0, abroad, ON, special)  # type: ignore[arg-type]
        assert refused.value.code == "special-delivery"


def test_a_length_to_width_ratio_is_kept() -> None:
    square = replace(C65, width_mm=125.0, height_mm=115.0)
    assert choose_product(TABLE, 10_000, square, 1.0, False, ON).id == "gross"


def test_the_way_an_envelope_is_turned_does_not_matter() -> None:
    turned = replace(C65, width_mm=C65.height_mm, height_mm=C65.width_mm)
    assert choose_product(TABLE, 15_000, turned, 1.0, False, ON) == STANDARD


def test_prices_change_at_midnight() -> None:
    old = replace(STANDARD, valid_to=date(2026, 12, 31))
    new = replace(STANDARD, price_cent=105, valid_from=date(2027, 1, 1), valid_to=date(2027, 12, 31))
    table = PostageTable(0, (old, new))
    assert choose_product(table, 10_000, C65, 1.0, False, date(2026, 12, 31)).price_cent == 95
    assert choose_product(table, 10_000, C65, 1.0, False, date(2027, 1, 1)).price_cent == 105
    with pytest.raises(Permanent) as expired:
        choose_product(table, 10_000, C65, 1.0, False, date(2028, 1, 1))
    assert expired.value.code == "postage-table-expired"
    assert "01.01.2028" in expired.value.sentence


def test_too_heavy_says_what_it_weighs_and_measures() -> None:
    with pytest.raises(Rejected) as refused:
        choose_product(TABLE, 1_000_001, C4, 30.0, False, ON)
    assert refused.value.code == "no-product-fits"
    for part in ("1.000,001", "30\N{NO-BREAK SPACE}mm", "324\N{NO-BREAK SPACE}mm", "02.03.2026"):
        assert part in refused.value.sentence


_products = st.builds(
    product,
    id=st.text("abcdef", min_size=1, max_size=3),
    price_cent=st.integers(1, 400),
    grams=st.integers(1, 100),
    length=st.floats(200, 360),
    width=st.floats(100, 260),
    thickness=st.floats(0.5, 50),
    abroad=st.booleans(),
    valid_from=st.dates(date(2025, 6, 1), date(2026, 6, 1)),
)


def _carries(one: Product, weight_mg: int, thickness_mm: float, abroad: bool) -> bool:
    return (
        one.abroad == abroad
        and one.valid_from <= ON <= one.valid_to
        and weight_mg <= one.max_weight_mg
        and one.max_length_mm >= 229
        and one.max_width_mm >= 114
        and thickness_mm <= one.max_thickness_mm
    )


@given(st.lists(_products, max_size=8), st.integers(1, 100_000), st.floats(0.1, 20), st.booleans(), st.randoms())
def test_nothing_cheaper_would_have_carried_it(
    products: list[Product], weight_mg: int, thickness_mm: float, abroad: bool, shuffler: random.Random
) -> None:
    carrying = [one for one in products if _carries(one, weight_mg, thickness_mm, abroad)]
    shuffled = list(products)
    shuffler.shuffle(shuffled)
    table = PostageTable(0, tuple(shuffled))
    if not carrying:
        with pytest.raises((Rejected, Permanent)):
            choose_product(table, weight_mg, C65, thickness_mm, abroad, ON)
        return
    chosen = choose_product(table, weight_mg, C65, thickness_mm, abroad, ON)
    assert chosen in carrying
    assert chosen.price_cent == min(one.price_cent for one in carrying)
    again = choose_product(PostageTable(0, tuple(products)), weight_mg, C65, thickness_mm, abroad, ON)
    assert (again.id, again.price_cent, again.max_weight_mg) == (chosen.id, chosen.price_cent, chosen.max_weight_mg)


@given(st.integers(0, 400))
def test_validity_includes_both_ends(days: int) -> None:
    one = replace(STANDARD, valid_from=date(2026, 1, 1), valid_to=date(2026, 6, 30))
    on = date(2025, 9, 1) + timedelta(days=days)
    if one.valid_from <= on <= one.valid_to:
        assert choose_product(PostageTable(0, (one,)), 1, C65, 1.0, False, on) == one
    else:
        with pytest.raises((Rejected, Permanent)):
            choose_product(PostageTable(0, (one,)), 1, C65, 1.0, False, on)
