"""The 2D payload: what goes in comes out, and what was misread is noticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.code2d import LENGTH, MODULES, SheetCode, check_character, decode, encode
from pipeline.domain.datamatrix import datamatrix_rows
from pipeline.domain.errors import Permanent

pytestmark = pytest.mark.unit

CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@st.composite
def sheet_codes(draw):
    of = draw(st.integers(1, 999))
    return SheetCode(
        batch=draw(st.integers(1, 9_999_999)),
        piece=draw(st.integers(1, 999_999)),
        sheet=draw(st.integers(1, of)),
        of=of,
        enclosures=tuple(sorted(draw(st.sets(st.integers(1, 8))))),
        last_fed=draw(st.booleans()),
        divert=draw(st.booleans()),
        reprint=draw(st.booleans()),
    )


def test_the_layout_of_the_contract():
    code = SheetCode(batch=42, piece=1234, sheet=2, of=3, enclosures=(1, 3), last_fed=True, reprint=True)
    assert encode(code)[:-1] == "1" + "0000042" + "001234" + "002" + "003" + "05" + "5"
    assert len(encode(code)) == LENGTH


def test_check_character_of_the_published_example():
    # ISO/IEC 7064 MOD 37,36 as used by the Global Release Identifier, whose standard prints A12425GABC1234002 with M.
    assert check_character("A12425GABC1234002") == "M"


@given(sheet_codes())
def test_encode_then_decode_gives_the_same(code):
    assert decode(encode(code)) == code


@given(sheet_codes(), st.integers(0, LENGTH - 1), st.sampled_from(CHARACTERS))
def test_every_wrong_character_is_noticed(code, place, character):
    text = encode(code)
    wrong = text[:place] + character + text[place + 1 :]
    if wrong == text:
        assert decode(wrong) == code
    else:
        with pytest.raises(Permanent, match="sheet-code-wrong"):
            decode(wrong)


@given(sheet_codes(), st.integers(0, LENGTH - 2))
def test_swapped_neighbours_are_noticed_unless_they_differ_by_one(code, place):
    text = encode(code)
    left, right = text[place], text[place + 1]
    if abs(int(left, 36) - int(right, 36)) in (0, 1, 35):
        return
    with pytest.raises(Permanent, match="sheet-code-wrong"):
        decode(text[:place] + right + left + text[place + 2 :])


def test_one_swap_in_630_goes_unnoticed_by_the_check_and_no_more():
    """The documented limit of MOD 37,36, counted over all states and pairs."""

    def step(carry: int, value: int) -> int:
        return ((carry + value) % 36 or 36) * 2 % 37

    missed = {
        (left, right)
        for carry in range(1, 37)
        for left in range(36)
        for right in range(left)
        if step(step(carry, left), right) == step(step(carry, right), left)
    }
    assert all(abs(left - right) in (1, 35) for left, right in missed)
    assert len(missed) == 36


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "2" + encode(SheetCode(1, 1, 1, 1))[1:],
        encode(SheetCode(1, 1, 1, 1)) + "0",
        encode(SheetCode(1, 1, 1, 1)).replace("1", "١"),
    ],
)
def test_what_is_not_ours_is_refused(text):
    with pytest.raises(Permanent, match="not one of ours"):
        decode(text)


@pytest.mark.parametrize("body", ["10000042000001002001000", "10000000000001001001000", "10000042000000001001000"])
def test_impossible_numbers_are_refused_though_the_check_agrees(body):
    with pytest.raises(Permanent, match="out of range"):
        decode(body + check_character(body))


@pytest.mark.parametrize(
    "wrong",
    [
        {"batch": 0},
        {"batch": 10_000_000},
        {"piece": 1_000_000},
        {"sheet": 2},
        {"of": 1000},
        {"enclosures": (9,)},
        {"enclosures": (2, 1)},
        {"enclosures": (1, 1)},
    ],
)
def test_impossible_sheets_are_refused(wrong):
    with pytest.raises(ValueError, match="not a sheet"):
        SheetCode(**({"batch": 1, "piece": 1, "sheet": 1, "of": 1} | wrong))


@given(sheet_codes())
def test_every_payload_fits_the_one_symbol_size(code):
    assert len(datamatrix_rows(encode(code), smallest=MODULES)) == MODULES
