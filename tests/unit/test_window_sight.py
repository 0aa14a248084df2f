"""What a window shows, wherever the sheet lies in its envelope, and what the profiles make of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.adapters.profile_files import load_profiles
from pipeline.domain.address_field import FIELDS, Field, fields_of
from pipeline.domain.errors import Rejected
from pipeline.domain.geometry import A4_WIDTH_MM, Rect
from pipeline.domain.letter_checks import looks_of, reverse_zone
from pipeline.domain.profile_rules import mark_block
from pipeline.domain.profiles import AddressForm, Envelope, OutgoingRules
from pipeline.domain.remarks import REMARKS
from pipeline.domain.window_rules import MarkZoneRules, WindowPolicy, WindowRules
from pipeline.domain.window_sight import (
    GRAIN_MM,
    WINDOW_NOT_SEEN,
    WINDOW_SHOWS_MORE,
    WindowSight,
    around,
    check_window,
    shown_beside,
)

pytestmark = pytest.mark.unit

PROFILES = load_profiles(Path(__file__).parents[2] / "profiles")
C65, C5, C4 = (PROFILES.envelopes[name] for name in ("c65", "c5", "c4"))
SHEET = Rect(0.0, 0.0, 210.0, 297.0)
ADDRESS = Rect(25.0, 64.0, 80.0, 82.0)
LETTERS = PROFILES.jobs["letters"].outgoing
assert LETTERS is not None
RULES: OutgoingRules = LETTERS

# Envelope with: left edge and top edge of the window inside it, its size, and the size of what lies in it (form B).
NOMINAL = {
    "c65": (20.0, 54.0, 90.0, 45.0, 210.0, 105.0),
    "c5": (20.0, 57.0, 90.0, 45.0, 210.0, 148.5),
    "c4": (20.0, 57.0, 90.0, 55.0, 210.0, 297.0),
}

coordinates = st.tuples(st.floats(0, 205), st.floats(0, 292), st.floats(1, 100), st.floats(1, 60))
rects = coordinates.map(lambda c: Rect(c[0], c[1], c[0] + c[2], c[1] + c[3]))


def window_on_sheet(envelope: Envelope, across: float, down: float) -> Rect:
    """What of a form B sheet shows; `across`, `down`: 0 to 1, where the sheet lies between the envelope's edges."""
    left, top, width, height, sheet_width, sheet_height = NOMINAL[envelope.id]
    x = left - across * (envelope.width_mm - sheet_width)
    y = top - down * (envelope.height_mm - sheet_height)
    return Rect(x, y, x + width, y + height)


@given(st.sampled_from((C65, C5, C4)), st.floats(0, 1), st.floats(0, 1), rects)
def test_the_tables_hold_for_every_position_of_the_sheet(
    envelope: Envelope, across: float, down: float, thing: Rect
) -> None:
    """What fits the always-box shows wherever the sheet lies; what misses the possible-box shows nowhere."""
    folding = envelope.folding("B")
    assert folding is not None
    window = window_on_sheet(envelope, across, down)
    if folding.always.contains(thing):
        assert window.grown(1e-6).contains(thing)
    if not thing.overlaps(folding.possible):
        assert not thing.overlaps(window.grown(-1e-6))


@given(rects, st.lists(rects, max_size=4), st.floats(0, 1), st.floats(0, 1), st.floats(0, 3))
def test_a_letter_that_passes_shows_its_address_and_nothing_else(
    address: Rect, others: list[Rect], across: float, down: float, margin_mm: float
) -> None:
    folding = C65.folding("B")
    assert folding is not None
    sight = WindowSight(address, SHEET, tuple(others))
    try:
        remarks = check_window(sight, C65, folding, WindowRules(margin_mm=margin_mm))
    except Rejected as refusal:
        assert refusal.code in ("address-outside-window", "window-occupied")
        return
    window = window_on_sheet(C65, across, down)
    assert remarks == ()
    assert window.grown(1e-6 - margin_mm).contains(address)
    assert not any(other.overlaps(window.grown(-GRAIN_MM - 1e-6)) for other in others)


@given(st.lists(rects, min_size=1, max_size=5))
def test_around_holds_all_and_no_more(found: list[Rect]) -> None:
    whole = around(found)
    assert all(whole.contains(rect) for rect in found)
    assert {whole.left_mm, whole.top_mm} <= {v for rect in found for v in (rect.left_mm, rect.top_mm)}


@given(st.lists(rects, max_size=5), rects, st.floats(0, 5))
def test_more_slack_never_shows_less(others: list[Rect], possible: Rect, slack_mm: float) -> None:
    assume(possible.right_mm - possible.left_mm > 1)
    assert set(shown_beside(others, possible)) <= set(shown_beside(others, possible, slack_mm))


SUBJECT = Rect(25.0, 99.5, 90.0, 103.0)
INSIDE = Rect(25.0, 93.0, 60.0, 96.0)


def verdict(sight: WindowSight, envelope: Envelope, rules: WindowRules | None = None) -> str:
    folding = envelope.folding("B")
    assert folding is not None
    try:
        return " ".join(check_window(sight, envelope, folding, rules or WindowRules()))
    except Rejected as refusal:
        assert refusal.sentence.endswith(".") and "mm" in refusal.sentence
        return refusal.code


@pytest.mark.parametrize(
    ("others", "envelope", "rules", "expected"),
    [
        ((), C65, WindowRules(), ""),
        ((SUBJECT,), C65, WindowRules(), ""),
        ((SUBJECT,), C65, WindowRules(slack_mm=2), "window-occupied"),
        ((SUBJECT,), C5, WindowRules(), "window-occupied"),
        ((SUBJECT,), C4, WindowRules(), WINDOW_SHOWS_MORE),
        ((SUBJECT,), C4, WindowRules(flat="refuse"), "window-occupied"),
        ((SUBJECT,), C4, WindowRules(flat="ignore"), ""),
        ((INSIDE,), C65, WindowRules(), "window-occupied"),
        ((INSIDE,), C65, WindowRules(folded="remark"), WINDOW_SHOWS_MORE),
        ((INSIDE,), C65, WindowRules(folded="ignore"), ""),
        ((INSIDE,), C65, WindowRules(flat="ignore"), "window-occupied"),
    ],
)
def test_what_shows_besides(others: tuple[Rect, ...], envelope: Envelope, rules: WindowRules, expected: str) -> None:
    assert verdict(WindowSight(ADDRESS, SHEET, others), envelope, rules) == expected


def test_what_was_not_looked_at_is_said() -> None:
    folded = C65.folding("B")
    assert folded is not None
    sight = WindowSight(ADDRESS, folded.possible)
    assert verdict(sight, C4) == WINDOW_NOT_SEEN
    assert verdict(sight, C4, WindowRules(flat="ignore")) == ""
    assert verdict(sight, C65) == ""


@pytest.mark.parametrize(
    ("address", "envelope", "margin_mm", "fits"),
    [
        (Rect(25.0, 64.0, 87.0, 86.9), C65, 3.0, True),
        (Rect(25.0, 64.0, 89.0, 86.9), C65, 3.0, False),
        (Rect(25.0, 64.0, 89.0, 86.9), C65, 0.0, True),
        (Rect(25.0, 64.0, 92.0, 80.0), C65, 0.0, False),
        (Rect(25.0, 64.0, 80.0, 87.0), C4, 0.0, False),  # a sixth line, where the sheet has slipped down
        (Rect(25.0, 64.0, 80.0, 83.9), C4, 0.0, True),
        (Rect(19.0, 64.0, 80.0, 80.0), C65, 0.0, False),
    ],
)
def test_where_the_address_has_to_stand(address: Rect, envelope: Envelope, margin_mm: float, fits: bool) -> None:
    got = verdict(WindowSight(address, SHEET), envelope, WindowRules(margin_mm=margin_mm))
    assert got == ("" if fits else "address-outside-window")


def test_every_remark_has_its_sentence() -> None:
    assert {WINDOW_SHOWS_MORE, WINDOW_NOT_SEEN} <= set(REMARKS)


# --- where to look -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["A", "B"])
def test_a_short_letter_is_looked_at_where_its_envelope_shows_it(form: AddressForm) -> None:
    looks = looks_of(RULES, PROFILES)
    folded, flat = C65.folding(form), C4.folding(form)
    assert folded is not None
    assert looks.window(form, 1) == looks.window(form, 5) == folded.possible
    long = looks.window(form, 6)
    assert long is not None and long.contains(folded.possible)
    assert flat is None or long.contains(flat.possible)


@pytest.mark.parametrize("policy", ["refuse", "remark", "ignore"])
def test_where_the_flat_window_can_refuse_every_letter_is_looked_at_there(policy: WindowPolicy) -> None:
    looks = looks_of(replace(RULES, window=WindowRules(flat=policy)), PROFILES)
    flat = C4.folding("B")
    short = looks.window("B", 1)
    assert flat is not None and short is not None
    assert short.contains(flat.possible) == (policy == "refuse")


def test_the_back_is_seen_from_behind() -> None:
    machine = PROFILES.machines["pitney-small"]
    (front,), (back,) = mark_block(machine), reverse_zone(machine)
    assert back == Rect(
        A4_WIDTH_MM - front.right_mm - 1, front.top_mm - 1, A4_WIDTH_MM - front.left_mm + 1, front.bottom_mm + 1
    )
    assert back.left_mm == 190.0  # where text ends that keeps a margin of 20 mm
    assert reverse_zone(PROFILES.machines["datamatrix"]) == ()
    reminders = PROFILES.jobs["reminders"].outgoing
    assert reminders is not None and looks_of(reminders, PROFILES).backs == (back,)
    assert looks_of(RULES, PROFILES).backs == ()


# --- fields and rules ----------------------------------------------------------------------------------------------


def test_a_field_of_the_jobs_own_takes_the_place_of_the_forms() -> None:
    own = Rect(30.0, 50.0, 100.0, 85.0)
    rules = WindowRules(own=own, own_notes_mm=8.0)
    assert fields_of(("B",), rules) == {"B": Field(50.0, 58.0, 85.0, 30.0, 100.0)}
    assert fields_of(("B", "A"), WindowRules()) == FIELDS
    assert fields_of(("B",), rules)["B"].whole == own
    assert fields_of(("B",), rules)["B"].address_zone == Rect(30.0, 58.0, 100.0, 85.0)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: WindowRules(margin_mm=-1),
        lambda: WindowRules(slack_mm=11),
        lambda: WindowRules(least_confidence=101),
        lambda: WindowRules(own_notes_mm=5),
        lambda: WindowRules(own=Rect(20, 45, 105, 90), own_notes_mm=45),
        lambda: MarkZoneRules(occupied="shift"),
        lambda: MarkZoneRules(shift_mm=5),
        lambda: MarkZoneRules(occupied="shift", shift_mm=21),
        lambda: MarkZoneRules(right_mm=-1),
        lambda: MarkZoneRules(strokes_mm=(300.0,)),
        lambda: Field(50.0, 40.0, 90.0),
        lambda: replace(RULES, window=WindowRules(own=Rect(20, 45, 105, 90)), forms=("B", "A")),
    ],
)
def test_impossible_rules_are_refused(wrong: object) -> None:
    with pytest.raises(ValueError):
        wrong()  # type: ignore[operator]
