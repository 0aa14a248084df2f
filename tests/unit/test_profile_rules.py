"""Marks, windows, folds and the letterhead's own lines: what goes together, and what is refused in a clear sentence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.adapters.profile_files import load_profiles
from pipeline.domain.geometry import Rect
from pipeline.domain.profile_rules import (
    FOLD_MARKS_MM,
    HOLE_MARK_MM,
    callable_stations,
    clear_zone,
    machine_envelope_findings,
    mark_block,
    off_sheet_findings,
)
from pipeline.domain.profiles import AddressForm, DatamatrixPlace, Folding, Machine, Marks

pytestmark = pytest.mark.unit

PROFILES = load_profiles(Path(__file__).parents[2] / "profiles")
NEOPOST = PROFILES.machines["neopost-1track"]
PITNEY = PROFILES.machines["pitney-small"]
DATAMATRIX = PROFILES.machines["datamatrix"]


def folding(envelope: str, form: AddressForm) -> Folding:
    found = PROFILES.envelopes[envelope].folding(form)
    assert found is not None
    return found


def findings(machine: Machine, envelope: str, form: AddressForm) -> list[str]:
    return machine_envelope_findings(machine, PROFILES.envelopes[envelope], folding(envelope, form))


def with_marks(machine: Machine, **changes: object) -> Machine:
    return replace(machine, marks=replace(machine.marks, **changes))  # type: ignore[arg-type]


def test_the_block_spans_all_positions_with_their_thickness() -> None:
    assert mark_block(NEOPOST) == (Rect(7.0, 152.75, 19.0, 153.0 + 10 * 3.2 + 0.25),)
    assert mark_block(PITNEY) == (Rect(7.0, 19.75, 19.0, 40.25),)


def test_the_symbol_is_nine_millimetres_square() -> None:
    assert mark_block(DATAMATRIX) == (Rect(7.0, 20.0, 16.0, 29.0),)


def test_the_clear_zone_is_the_block_and_its_margin() -> None:
    assert clear_zone(PITNEY) == (Rect(4.0, 16.75, 22.0, 43.25),)
    assert clear_zone(DATAMATRIX) == (Rect(4.5, 17.5, 18.5, 31.5),)


def test_a_machine_with_both_has_two_blocks_omr_first() -> None:
    both = with_marks(NEOPOST, kind="both", datamatrix=DatamatrixPlace(7.0, 20.0))
    assert mark_block(both) == mark_block(NEOPOST) + mark_block(DATAMATRIX)
    assert clear_zone(both) == clear_zone(NEOPOST) + clear_zone(DATAMATRIX)
    assert off_sheet_findings(both) == []


def test_a_place_that_the_kind_does_not_use_is_not_kept_free() -> None:
    omr = with_marks(NEOPOST, datamatrix=DatamatrixPlace(7.0, 20.0))
    assert mark_block(omr) == mark_block(NEOPOST)


@pytest.mark.parametrize(
    ("machine", "envelope", "form"),
    [
        (NEOPOST, "c65", "B"),
        (NEOPOST, "c65", "A"),
        (NEOPOST, "c5", "B"),
        (PITNEY, "c65", "B"),
        (PITNEY, "c5", "B"),
        (DATAMATRIX, "c65", "B"),
        (DATAMATRIX, "c5", "B"),
        (DATAMATRIX, "c4", "B"),
    ],
)
def test_what_goes_together(machine: Machine, envelope: str, form: AddressForm) -> None:
    assert findings(machine, envelope, form) == []


@pytest.mark.parametrize(("machine", "envelope"), [(PITNEY, "c65"), (DATAMATRIX, "c65")])
def test_marks_at_the_top_show_in_the_window_of_form_a(machine: Machine, envelope: str) -> None:
    found = findings(machine, envelope, "A")
    assert found[0].startswith(f"Maschine {machine.id}, Umschlag c65, Form A: Das Fenster kann d")
    assert "Fenster x 1 bis 110, y 27 bis 81 mm" in found[0]


def test_a_small_pitney_s_marks_show_in_c4() -> None:
    found = findings(PITNEY, "c4", "B")
    assert found == [
        "Maschine pitney-small, Umschlag c4, Form B: Das Fenster kann die OMR-Marken zeigen: "
        "Marken x 7 bis 19, y 19,75 bis 40,25 mm, Fenster x 1 bis 110, y 30 bis 112 mm."
    ]


def test_the_factory_default_of_100_mm_lies_on_the_fold_and_its_mark() -> None:
    found = findings(with_marks(NEOPOST, first_mm=100.0), "c65", "B")
    assert any("Der Falz bei 105 mm läuft durch die OMR-Marken" in sentence for sentence in found)
    assert any("liegt auf der Faltmarke bei 105 mm" in sentence for sentence in found)
    assert not any("Fenster" in sentence for sentence in found)


def test_a_fold_between_two_strokes_is_inside_the_block_too() -> None:
    # strokes at 101 and 109 only: the fold at 105 touches neither
    wide = with_marks(NEOPOST, tokens=("start", "end-of-set"), first_mm=101.0, pitch_mm=8.0, thickness_mm=0.5)
    assert any("Der Falz bei 105 mm" in sentence for sentence in findings(wide, "c65", "B"))


def test_the_hole_mark_is_not_a_stroke() -> None:
    found = findings(with_marks(NEOPOST, first_mm=146.0), "c65", "B")
    assert any("liegt auf der Lochmarke bei 148,5 mm" in sentence for sentence in found)


def test_the_fold_mark_of_form_a_below_the_block() -> None:
    moved = with_marks(NEOPOST, first_mm=158.0)
    assert findings(moved, "c65", "B") == []
    assert any("Faltmarke bei 192 mm" in sentence for sentence in findings(moved, "c65", "A"))


def test_the_half_fold_of_c5_lies_on_the_hole_mark() -> None:
    found = findings(with_marks(NEOPOST, first_mm=140.0), "c5", "B")
    assert any("Der Falz bei 148,5 mm" in sentence for sentence in found)


def test_flat_sheets_have_no_folds_but_still_their_printed_marks() -> None:
    found = findings(with_marks(NEOPOST, first_mm=190.0), "c4", "B")
    assert not any("Der Falz" in sentence for sentence in found)
    assert any("Faltmarke bei 210 mm" in sentence for sentence in found)


def test_printed_fold_marks_end_at_the_left_but_a_fold_runs_across() -> None:
    right = with_marks(DATAMATRIX, datamatrix=DatamatrixPlace(190.0, 100.0))
    found = findings(right, "c65", "B")
    assert found == [
        "Maschine datamatrix, Umschlag c65, Form B: Der Falz bei 105 mm läuft durch den Data-Matrix-Code "
        "(x 190 bis 199, y 100 bis 109 mm)."
    ]
    assert findings(right, "c4", "B") == []


def test_a_white_zone_in_the_address_field_would_refuse_every_letter() -> None:
    inside = with_marks(DATAMATRIX, datamatrix=DatamatrixPlace(95.0, 34.0))
    found = findings(inside, "c65", "B")
    assert any("reicht in das Anschriftfeld (x 20 bis 105, y 45 bis 90 mm)" in sentence for sentence in found)


@pytest.mark.parametrize(
    "place", [DatamatrixPlace(-1.0, 20.0), DatamatrixPlace(205.0, 20.0), DatamatrixPlace(7.0, 290.0)]
)
def test_a_code_that_leaves_the_sheet(place: DatamatrixPlace) -> None:
    assert "Das Blatt A4 fasst" in off_sheet_findings(with_marks(DATAMATRIX, datamatrix=place))[0]


def test_strokes_and_code_that_meet() -> None:
    both = with_marks(PITNEY, kind="both", datamatrix=DatamatrixPlace(7.0, 42.0))
    assert off_sheet_findings(both) == ["Die OMR-Marken und der Data-Matrix-Code kommen einander zu nahe."]


def test_only_stations_with_a_stroke_can_be_called() -> None:
    assert callable_stations(NEOPOST) == {1, 2}
    assert callable_stations(PITNEY) == frozenset()
    switched_on = replace(PITNEY, feed=replace(PITNEY.feed, stations=2, selective=False))
    assert callable_stations(switched_on) == {1, 2}  # by the operator, for the whole batch
    assert callable_stations(DATAMATRIX) == {1, 2, 3, 4}


@pytest.mark.parametrize(
    "near",
    [
        with_marks(NEOPOST, x_mm=3.9),
        with_marks(NEOPOST, first_mm=4.2),
        with_marks(NEOPOST, first_mm=261.0),
        with_marks(NEOPOST, x_mm=210 - 12 - 3.9),
        with_marks(DATAMATRIX, datamatrix=DatamatrixPlace(3.9, 20.0)),
    ],
)
def test_marks_at_an_edge_that_printers_leave_white(near: Machine) -> None:
    (sentence,) = off_sheet_findings(near)
    assert sentence.startswith("Drucker lassen einen Rand von 4 mm frei, er schneidet")
    block = mark_block(near)[0]
    assert not Rect(4, 4, 206, 293).contains(block) and Rect(0, 0, 210, 297).contains(block)


def test_marks_at_the_edge_of_what_is_printed_pass() -> None:
    assert off_sheet_findings(with_marks(NEOPOST, x_mm=4.0)) == []
    assert off_sheet_findings(with_marks(DATAMATRIX, datamatrix=DatamatrixPlace(4.0, 4.0))) == []


@given(
    first_mm=st.integers(-20, 300),
    positions=st.integers(1, 15),
    pitch_mm=st.sampled_from([2.54, 3.2, 4.0]),
    form=st.sampled_from(["A", "B"]),
)
def test_what_passes_has_no_stroke_near_a_line_or_in_the_window(
    first_mm: int, positions: int, pitch_mm: float, form: AddressForm
) -> None:
    tokens = ("start", *["one"] * (positions - 1))
    machine = replace(NEOPOST, marks=Marks("omr", first_mm=first_mm, pitch_mm=pitch_mm, tokens=tokens))
    fold = folding("c65", form)
    if machine_envelope_findings(machine, PROFILES.envelopes["c65"], fold) == []:
        strokes = [first_mm + position * pitch_mm for position in range(positions)]
        lines = (*FOLD_MARKS_MM[form], HOLE_MARK_MM, *fold.folds_mm)
        assert all(abs(stroke - line) >= 1.0 for stroke in strokes for line in lines)
        assert not any(min(strokes) <= line <= max(strokes) for line in lines)
        assert all(not fold.possible.top_mm < stroke < fold.possible.bottom_mm for stroke in strokes)
