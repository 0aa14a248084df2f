"""Front and back that changed places are noticed at the next separator; stacks in order never stop."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.duplex_sides import Misplaced, Side, misplaced

pytestmark = pytest.mark.unit

SIDES: dict[str, Side] = {"T": "separator", ".": "blank", "p": "printed"}


def sides(stack: str) -> list[Side]:
    """One sign a page: `T` separator, `.` blank, `p` printed."""
    return [SIDES[sign] for sign in stack]


def found(stack: str) -> list[tuple[int, int | None]]:
    return [(each.separator, each.after) for each in misplaced(sides(stack))]


@pytest.mark.parametrize(
    "stack",
    [
        "T.p.T.pp",
        "T.pppp",
        "p.ppT.p.",  # no separator before the first letter
        "pp.Tpp",  # a separator that was turned over
        ".T.p.T.p",  # the whole stack was turned over
        ".Tpp.Tpppp.T.p",  # the same, letters printed on both sides
        "TTppTTp.",  # separators printed on both sides
        "T.T.p.",
        ".TT.p.",
        "T..pT..pT.p.",  # blank fronts
        ".T.pT.T.p.",
        "pppp",
        "",
    ],
)
def test_a_stack_in_order(stack: str) -> None:
    assert found(stack) == []


@pytest.mark.parametrize(
    ("stack", "told"),
    [
        ("T.pT.p.", [(4, 2)]),  # the letter's blank back is missing
        ("T.pppT.p.", [(6, 2)]),
        ("T.pp.T.ppT.p.", [(6, 2)]),  # told once, though all that follow lie wrongly
        ("T.pT.pT.p.", [(4, 2), (7, 5)]),  # missing again, so the rest lies right
        ("p.pp.T.p.", [(6, 0)]),
        ("T.pp.TTp.", [(7, None)]),  # both sides of the sheet separate
        ("T.pppTTp.", [(6, 2)]),
        ("Tppp", [(1, None)]),  # its back is missing, or printed
        ("T.p.T.p.T.pT.p.", [(12, 10)]),
    ],
)
def test_a_side_that_is_missing(stack: str, told: list[tuple[int, int | None]]) -> None:
    assert found(stack) == told


def test_what_can_be_no_misplaced_separator() -> None:
    for wrong in ((4, 4, 2), (4, 3, 4), (4, 3, -1)):
        with pytest.raises(ValueError, match="misplaced"):
            Misplaced(*wrong)


LETTERS = st.lists(st.sampled_from(["p.", "pp"]), min_size=1, max_size=4).map("".join)
STACKS = st.lists(LETTERS, min_size=2, max_size=8).map(lambda letters: "".join(f"T.{letter}" for letter in letters))


@given(STACKS, st.booleans())
def test_no_stack_in_order_stops(stack: str, first: bool) -> None:
    assert found(stack if first else stack[2:]) == []


@given(STACKS, st.data())
def test_any_side_that_is_missing_before_a_separator_is_noticed(stack: str, data: st.DataObject) -> None:
    last = stack.rindex("T")
    lost = data.draw(st.integers(1, last - 1))  # without its first page it may have been turned over as a whole
    wrong = misplaced(sides(stack[:lost] + stack[lost + 1 :]))
    assert wrong
    assert min(each.separator for each in wrong) >= lost
    assert all(each.after is None or each.after <= lost for each in wrong[:1])


@given(STACKS, st.data())
def test_a_sheet_that_was_turned_over_is_no_missing_side(stack: str, data: st.DataObject) -> None:
    """Of the separators, or one of a letter that is printed on both sides."""
    sheets = [stack[at : at + 2] for at in range(0, len(stack), 2)]
    turned = data.draw(st.sampled_from([at for at, sheet in enumerate(sheets) if sheet != "p."]))
    sheets[turned] = sheets[turned][::-1]
    assert found("".join(sheets)) == []
