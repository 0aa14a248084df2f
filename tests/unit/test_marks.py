"""Marks as arithmetic: the vectors of the manuals, and encode against decode over generated layouts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.errors import ProfileError
from pipeline.domain.marks import (
    SPELLINGS,
    SheetContext,
    Token,
    decode_marks,
    parse_token,
    sequence_value,
    sheet_marks,
    stroke_positions_mm,
)
from pipeline.domain.profiles import Feed, Machine, Marks, Sequence
from tests.volume_examples import DATAMATRIX, NEOPOST, PITNEY

pytestmark = pytest.mark.unit


def machine_of(tokens, *, feed_on="last", sequence=None):
    marks = Marks(
        "omr", first_mm=20, pitch_mm=3, tokens=tuple(tokens), feed_on=feed_on, sequence=sequence or Sequence()
    )
    return Machine("made", "", "here", marks, Feed(stations=8))


# --- test vectors of the small Pitney Bowes machines, group 1 only, in feed order


@pytest.mark.parametrize(
    ("first", "last", "printed"),
    [
        (True, False, "111001"),  # first fed of three: benchmark, safety, not-EOC, retiming
        (False, False, "111111"),  # middle: not-EOC, not-BOC and parity, too
        (False, True, "110101"),  # last fed, the address sheet: not-BOC
        (True, True, "110011"),  # one sheet: parity
    ],
)
def test_pitney_small_vectors(first, last, printed):
    assert sheet_marks(PITNEY, SheetContext(first_fed=first, last_fed=last, index=0)) == printed


# --- Neopost, one track: start, divert, stop, insert, SF1, SF2, 4, 2, 1, parity, safety


@pytest.mark.parametrize(
    ("context", "printed"),
    [
        (SheetContext(True, False, 0), "10000000001"),
        (SheetContext(False, True, 1), "10010000101"),
        (SheetContext(True, True, 7), "10010011101"),
        (SheetContext(True, True, 8, stations=(1,)), "10011000001"),
        (SheetContext(False, True, 2, stations=(1, 2)), "10011101001"),
        (SheetContext(True, False, 2, stations=(1, 2)), "10000001011"),
        (SheetContext(True, True, 0, divert=True), "11010000001"),
        (SheetContext(True, True, 0, stop=True), "10110000001"),
    ],
)
def test_neopost_vectors(context, printed):
    assert sheet_marks(NEOPOST, context) == printed


def test_a_machine_without_strokes_prints_none():
    assert sheet_marks(DATAMATRIX, SheetContext(True, True, 0)) == ""
    assert stroke_positions_mm(DATAMATRIX) == ()


def test_positions():
    assert stroke_positions_mm(NEOPOST)[:3] == (153.0, 156.2, 159.4)
    assert stroke_positions_mm(NEOPOST)[-1] == 185.0


def test_sequence_runs_through_all_numbers_and_leaves_out_those_below_first():
    assert [sequence_value(Sequence(8, 0), k) for k in range(10)] == [0, 1, 2, 3, 4, 5, 6, 7, 0, 1]
    assert [sequence_value(Sequence(8, 1), k) for k in range(9)] == [1, 2, 3, 4, 5, 6, 7, 1, 2]


@pytest.mark.parametrize(("feed_on", "printed"), [("last", "001"), ("first", "100"), ("all", "111")])
def test_feed_is_carried_by_the_sheet_that_the_machine_wants(feed_on, printed):
    machine = machine_of(["feed:3"], feed_on=feed_on)
    sheets = [SheetContext(k == 0, k == 2, k, stations=(3,)) for k in range(3)]
    assert "".join(sheet_marks(machine, sheet) for sheet in sheets) == printed


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_parses(spelling):
    token = parse_token(spelling)
    assert spelling in (token.kind, f"{token.kind}:{token.number}")


@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [
        ("parity", "parity:"),
        ("end_of_set", "end-of-set"),
        ("seq:3", "seq:"),
        ("seq:04", "seq:4"),
        ("feed:9", "feed:"),
        ("feed:", "feed:"),
        ("Start", "start"),
        ("", ""),
    ],
)
def test_an_unknown_token_names_the_nearest_right_one(wrong, nearest):
    with pytest.raises(ProfileError, match="unknown-token") as caught:
        parse_token(wrong)
    assert nearest in caught.value.remedy


@pytest.mark.parametrize(
    ("tokens", "code"),
    [
        (["parity:even", "parity:odd"], "two-parities"),
        (["parity:even", "parity:even"], "two-parities"),
        (["seq:1", "seq:1"], "token-twice"),
        (["end-of-set", "one", "end-of-set"], "token-twice"),
        (["feed:2", "feed:2"], "token-twice"),
    ],
)
def test_layouts_that_contradict_themselves_are_refused(tokens, code):
    with pytest.raises(ProfileError, match=code):
        sheet_marks(machine_of(tokens), SheetContext(True, True, 0))


def test_constants_may_repeat():
    machine = machine_of(["start", "zero", "one", "timing", "zero", "timing", "safety"])
    assert sheet_marks(machine, SheetContext(True, True, 0)) == "1011011"


@st.composite
def layouts(draw):
    functions = [s for s in SPELLINGS if not s.startswith("parity")]
    tokens = draw(st.lists(st.sampled_from(functions), min_size=1, max_size=20, unique=True))
    if draw(st.booleans()):
        tokens.insert(draw(st.integers(0, len(tokens))), draw(st.sampled_from(["parity:even", "parity:odd"])))
    modulo = draw(st.integers(1, 256))
    sequence = Sequence(modulo, draw(st.integers(0, modulo - 1)))
    return machine_of(tokens, feed_on=draw(st.sampled_from(["first", "last", "all"])), sequence=sequence)


@st.composite
def contexts(draw):
    flags = {name: draw(st.booleans()) for name in ("first_fed", "last_fed", "divert", "stop", "batch")}
    stations = tuple(sorted(draw(st.sets(st.integers(1, 8)))))
    return SheetContext(index=draw(st.integers(0, 5000)), stations=stations, **flags)


@given(layouts(), contexts())
def test_decode_says_what_encode_was_told(machine, context):
    bits = sheet_marks(machine, context)
    tokens = machine.marks.tokens
    seen = decode_marks(machine, bits)
    assert seen.faults == ()

    def told(value, *spellings):
        return value if set(spellings) & set(tokens) else None

    assert seen.first_fed == told(context.first_fed, "begin-of-set", "not-begin-of-set")
    assert seen.last_fed == told(context.last_fed, "end-of-set", "not-end-of-set")
    assert (seen.divert, seen.stop, seen.batch) == (
        told(context.divert, "divert"),
        told(context.stop, "stop"),
        told(context.batch, "batch"),
    )
    weights = sum(int(token[4:]) for token in tokens if token.startswith("seq:"))
    expected = sequence_value(machine.marks.sequence, context.index) & weights
    assert seen.sequence == (expected if weights else None)
    carries = {"first": context.first_fed, "last": context.last_fed, "all": True}[machine.marks.feed_on]
    able = {int(token[5:]) for token in tokens if token.startswith("feed:")}
    assert seen.stations == tuple(sorted(able & set(context.stations))) * carries
    if "parity:even" in tokens:
        assert bits.count("1") % 2 == 0
    if "parity:odd" in tokens:
        assert bits.count("1") % 2 == 1


@given(contexts(), st.integers(0, 10))
def test_one_stroke_too_many_or_too_few_breaks_parity(context, place):
    bits = sheet_marks(NEOPOST, context)
    flipped = bits[:place] + ("0" if bits[place] == "1" else "1") + bits[place + 1 :]
    assert decode_marks(NEOPOST, bits).parity is True
    assert "parity" in decode_marks(NEOPOST, flipped).faults


def test_what_never_changes_is_missed_when_it_is_gone():
    machine = machine_of(["start", "zero", "begin-of-set", "not-begin-of-set", "safety"])
    seen = decode_marks(machine, "01110")
    assert set(seen.faults) == {"missing:start", "missing:safety", "unexpected:zero", "contradiction:begin-of-set"}


@pytest.mark.parametrize("bits", ["", "10", "1" * 12, "1000000000x"])
def test_bits_of_another_layout_are_refused(bits):
    with pytest.raises(ValueError, match="11 positions"):
        decode_marks(NEOPOST, bits)


@pytest.mark.parametrize("wrong", [{"index": -1}, {"stations": (0,)}, {"stations": (9,)}])
def test_impossible_sheets_are_refused(wrong):
    with pytest.raises(ValueError, match="not a sheet"):
        replace(SheetContext(True, True, 0), **wrong)


def test_tokens_are_values():
    assert parse_token("seq:4") == Token("seq", 4)
    assert parse_token("start") == Token("start")
