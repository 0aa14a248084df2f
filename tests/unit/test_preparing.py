"""A letter's machine, envelope, sheets, weight and product."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.errors import Rejected
from pipeline.domain.postal_products import PostageTable
from pipeline.domain.preparing import Prepared, most_sheets, prepare_piece
from tests.paper_examples import C4, C65, FOLDER, ON, PROFILES, RULES, STANDARD

pytestmark = pytest.mark.unit


def _prepare(pages: int, **more: Any) -> Prepared:
    arguments: dict[str, Any] = {
        "pages": pages,
        "plex": "simplex",
        "form": "B",
        "rules": RULES,
        "profiles": PROFILES,
        "country": "DE",
        "on": ON,
    }
    return prepare_piece(**(arguments | more))


def test_a_thin_letter_is_folded() -> None:
    assert _prepare(3) == Prepared("folder", "c65", "a4-80", 3, 19_970, "standard", 95, ())


def test_duplex_halves_the_sheets_and_odd_pages_get_a_blank_back() -> None:
    assert [_prepare(pages, plex="duplex").sheets for pages in (1, 2, 3, 4, 5)] == [1, 1, 2, 2, 3]


@pytest.mark.parametrize(("pages", "machine"), [(5, "folder"), (6, "flat"), (90, "flat")])
def test_what_the_folder_cannot_take_goes_flat(pages: int, machine: str) -> None:
    prepared = _prepare(pages)
    assert prepared.machine == machine
    assert prepared.envelope == ("c65" if machine == "folder" else "c4")


def test_the_envelope_limits_too() -> None:
    tight = replace(PROFILES, envelopes={"c65": replace(C65, max_sheets=2), "c4": C4})
    assert _prepare(3, profiles=tight).envelope == "c4"


def test_the_machine_counts_folded_sheets_only() -> None:
    assert most_sheets(FOLDER, C65) == 5
    assert most_sheets(FOLDER, C4) == 90


def test_a_letter_that_no_envelope_holds_goes_back_with_both_reasons() -> None:
    with pytest.raises(Rejected) as refused:
        _prepare(91)
    assert refused.value.code == "no-envelope-fits"
    assert "91 Blatt" in refused.value.sentence
    assert "5 Platz" in refused.value.sentence
    assert "90 Platz" in refused.value.sentence


def test_a_thick_letter_of_form_a_has_no_flat_envelope() -> None:
    assert _prepare(5, form="A").envelope == "c65"
    with pytest.raises(Rejected) as refused:
        _prepare(6, form="A")
    assert refused.value.code == "no-envelope-fits"
    assert "Form A" in refused.value.sentence


def test_a_form_without_folding_goes_to_the_flat_envelope_that_has_one() -> None:
    only_a = replace(C65, foldings=(C65.foldings[1],))
    assert _prepare(1, profiles=replace(PROFILES, envelopes={"c65": only_a, "c4": C4})).envelope == "c4"


def test_enclosures_of_the_ticket_replace_those_of_the_job() -> None:
    rules = replace(RULES, enclosures=(1,))
    assert _prepare(1, rules=rules).enclosures == (1,)
    assert _prepare(1, rules=rules, enclosures=()).enclosures == ()
    both = _prepare(1, rules=rules, enclosures=(3, 1, 3))
    assert both.enclosures == (1, 3)
    assert both.weight_mg == 4990 + 5000 + 2000 + 3500


def test_an_empty_station_is_a_faulty_ticket() -> None:
    with pytest.raises(Rejected) as refused:
        _prepare(1, enclosures=(2,))
    assert refused.value.code == "ticket-invalid"


def test_enclosures_need_a_machine_with_that_station() -> None:
    with pytest.raises(Rejected) as refused:
        _prepare(20, enclosures=(3,))
    assert refused.value.code == "no-envelope-fits"
    assert "Station 3" in refused.value.sentence


def test_foreign_letters_get_foreign_products() -> None:
    assert _prepare(1, country="AT").product == "standard-int"
    assert _prepare(1, country="ZZ").product == "standard-int"


def test_a_folded_letter_that_no_product_carries_is_tried_flat() -> None:
    only_large = replace(PROFILES, postage=PostageTable(0, (replace(STANDARD, min_length_mm=300, max_length_mm=353),)))
    with pytest.raises(Rejected) as refused:
        _prepare(1, profiles=only_large)
    assert refused.value.code == "no-product-fits"
    wide = replace(STANDARD, min_length_mm=300, max_length_mm=353, max_width_mm=250, max_weight_mg=100_000)
    assert _prepare(1, profiles=replace(PROFILES, postage=PostageTable(0, (wide,)))).envelope == "c4"


def test_a_letter_has_a_page() -> None:
    with pytest.raises(ValueError, match="at least one page"):
        _prepare(0)


@given(st.integers(1, 90), st.sampled_from(["simplex", "duplex"]), st.sampled_from([(), (1,)]))
def test_weight_and_envelope_agree_with_a_second_calculation(
    pages: int, plex: str, enclosures: tuple[int, ...]
) -> None:
    prepared = _prepare(pages, plex=plex, enclosures=enclosures)
    sheets = pages if plex == "simplex" else -(-pages // 2)
    folded = sheets <= FOLDER.feed.max_sheets
    assert prepared.sheets == sheets
    assert prepared.envelope == ("c65" if folded else "c4")
    assert prepared.weight_mg == 4990 * sheets + (5000 if folded else 20000) + 2000 * len(enclosures)
    limits = {"standard": 20_000, "kompakt": 50_000, "gross": 500_000}
    smallest = next(id for id, limit in limits.items() if prepared.weight_mg <= limit and (folded or id == "gross"))
    assert prepared.product == smallest
