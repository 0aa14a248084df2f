"""From a letter to its envelopes: enclosures by rule, why a letter goes flat, letters over several envelopes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.enclosure_rules import EnclosureRule, LetterFacts
from pipeline.domain.errors import Permanent, Rejected
from pipeline.domain.letter_pieces import LetterPart, letter_pieces
from pipeline.domain.profiles import OutgoingRules, Plex, Profiles
from pipeline.domain.sheet_layout import Layout, PlexRange, layout_of, printed_plex
from tests.paper_examples import C65, FLYER, FOLDER, FORM, ON, PAPER, PROFILES, RULES
from tests.unit.test_sheet_layout import plexes, ranges

pytestmark = pytest.mark.unit

SPLITTING = replace(RULES, overflow="split")
# What the scales say, written down a second time: envelope, sheet, enclosures in mg; product limits in mg and cents.
ENVELOPE_MG = {"c65": 5000, "c4": 20000}
LIMITS = {"c65": [(20_000, "standard", 95), (50_000, "kompakt", 110)], "c4": [(500_000, "gross", 180)]}
ENCLOSURE_MG = {1: 2000, 3: 3500}


def pieces_of(
    pages: int,
    rules: OutgoingRules = RULES,
    plex: Plex = "simplex",
    layout: Layout = (),
    profiles: Profiles = PROFILES,
    enclosures: tuple[int, ...] | None = None,
    **facts: Any,
) -> tuple[LetterPart, ...]:
    told: dict[str, Any] = {"cost_centre": "11000", "country": "DE", "postcode": "19053", "on": ON}
    letter = LetterFacts(municipality="schwerin", pages=pages, **(told | facts))
    return letter_pieces(
        letter, plex=plex, layout=layout, form="B", rules=rules, profiles=profiles, enclosures=enclosures
    )


def test_a_rule_adds_to_the_job_and_a_ticket_outranks_both() -> None:
    rules = replace(RULES, enclosures=(1,), enclosure_rules=(EnclosureRule(3, postcodes=("190",)),))
    (whole,) = pieces_of(1, rules)
    assert whole.prepared.enclosures == (1, 3)
    assert pieces_of(1, rules, postcode="20095")[0].prepared.enclosures == (1,)
    assert pieces_of(1, rules, enclosures=())[0].prepared.enclosures == ()
    assert pieces_of(1, rules, enclosures=(3,))[0].prepared.enclosures == (3,)


def test_a_rule_on_the_product_looks_at_the_product_without_it() -> None:
    rules = replace(RULES, enclosure_rules=(EnclosureRule(3, products=("standard",)),))
    (thin,), (thick,) = pieces_of(3, rules), pieces_of(4, rules)
    assert thin.prepared.enclosures == (3,)
    assert thin.prepared.product == "kompakt"  # 19.97 g were a standard letter, the enclosure made more of it
    assert thick.prepared.enclosures == ()


def test_an_enclosure_without_a_mark_makes_a_letter_flat_and_the_note_says_so() -> None:
    deaf = replace(FOLDER, marks=replace(FOLDER.marks, tokens=("start", "end-of-set")))
    profiles = replace(PROFILES, machines={"folder": deaf, "flat": PROFILES.machines["flat"]})
    (whole,) = pieces_of(1, replace(RULES, enclosures=(1,)), profiles=profiles)
    assert whole.prepared.envelope == "c4"
    (note,) = whole.prepared.notes
    assert note.code == "flat-stream"
    assert "keine Beilage aus Station 1" in note.detail


def test_a_set_too_thick_for_the_machine_goes_flat() -> None:
    # Four sheets in three layers of 0.1 mm are 1.2 mm; with 0.3 mm of enclosure 1.5 mm.
    tight = replace(FOLDER, feed=replace(FOLDER.feed, max_thickness_mm=1.4))
    profiles = replace(PROFILES, machines={"folder": tight, "flat": PROFILES.machines["flat"]})
    assert pieces_of(4, profiles=profiles)[0].prepared.envelope == "c65"
    (thick,) = pieces_of(4, replace(RULES, enclosures=(1,)), profiles=profiles)
    assert thick.prepared.envelope == "c4"
    assert "1,5" in thick.prepared.notes[0].detail


@pytest.mark.parametrize("stock", ["papers", "envelopes", "enclosures"])
def test_a_stock_that_is_not_in_use_waits_and_does_not_go_back(stock: str) -> None:
    old = {"valid_to": date(2026, 3, 1)}
    changed: dict[str, Any] = {
        "papers": {"a4-80": replace(PAPER, **old)},
        "envelopes": PROFILES.envelopes | {"c65": replace(C65, **old)},
        "enclosures": {1: replace(FLYER, **old), 3: FORM},
    }
    with pytest.raises(Permanent) as waits:
        pieces_of(1, replace(RULES, enclosures=(1,)), profiles=replace(PROFILES, **{stock: changed[stock]}))
    assert waits.value.code == "stock-expired"
    assert "02.03.2026" in waits.value.sentence


@given(pages=st.integers(1, 89), plex=plexes, given=ranges(), stations=st.sets(st.sampled_from([1, 3])))
def test_weights_and_products_agree_with_the_scales(
    pages: int, plex: Plex, given: tuple[PlexRange, ...], stations: set[int]
) -> None:
    layout, printed = layout_of(pages, plex, given), printed_plex(plex, given)
    rules = replace(RULES, enclosures=tuple(sorted(stations)))
    try:
        (whole,) = pieces_of(pages, rules, printed, layout)
    except Rejected as refused:  # the flat machine of the example has one station only
        assert refused.code == "no-envelope-fits"
        assert 3 in stations
        return
    made = whole.prepared
    sheets = len(layout) if layout else (pages if printed == "simplex" else -(-pages // 2))
    weight_mg = sheets * 4990 + ENVELOPE_MG[made.envelope] + sum(ENCLOSURE_MG[station] for station in stations)
    assert (made.sheets, made.weight_mg) == (sheets, weight_mg)
    fitting = [(product, cent) for most_mg, product, cent in LIMITS[made.envelope] if weight_mg <= most_mg]
    assert (made.product, made.postage_cent) == fitting[0]
    assert (made.envelope == "c65") is (sheets <= 5)
    assert bool(made.notes) is (made.envelope == "c4")


def test_divided_letters_are_off_by_default() -> None:
    (whole,) = pieces_of(12)
    assert whole.prepared.envelope == "c4"
    assert RULES.overflow == "flat"


def test_a_letter_of_twelve_sheets_over_three_envelopes() -> None:
    parts = pieces_of(12, replace(SPLITTING, enclosures=(1,)))
    assert [(part.first, part.last, part.copies_address) for part in parts] == [
        (0, 4, False),
        (5, 8, True),
        (9, 11, True),
    ]
    assert [part.prepared.sheets for part in parts] == [5, 5, 4]
    assert [part.prepared.enclosures for part in parts] == [(1,), (), ()]
    assert "Teil 1 von 3" in parts[0].prepared.notes[0].detail
    assert "Kopie der Anschriftseite" in parts[2].prepared.notes[0].detail


@given(pages=st.integers(1, 60), plex=plexes, given=ranges())
def test_the_parts_of_a_letter_are_its_pages_in_order_and_no_sheet_is_cut(
    pages: int, plex: Plex, given: tuple[PlexRange, ...]
) -> None:
    layout, printed = layout_of(pages, plex, given), printed_plex(plex, given)
    parts = pieces_of(pages, SPLITTING, printed, layout)
    assert [page for part in parts for page in range(part.first, part.last + 1)] == list(range(pages))
    even = (1,) * pages if printed == "simplex" else (2,) * (pages // 2) + (1,) * (pages % 2)
    own = [part.layout[1:] if part.copies_address else part.layout for part in parts]
    if len(parts) > 1:
        assert tuple(sheet for part in own for sheet in part) == (layout or even)
        assert [part.copies_address for part in parts] == [False] + [True] * (len(parts) - 1)
        assert all(part.prepared.envelope == "c65" and part.prepared.sheets <= 5 for part in parts)
        copies = sum(part.copies_address for part in parts)
        assert sum(sum(part.layout) for part in parts) == pages + copies
    elif len(layout or even) > 5:
        assert parts[0].prepared.envelope == "c4"  # nine envelopes would not do either
