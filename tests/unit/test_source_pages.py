"""Whatever the cut, and however its letters are spread over manifests: each page of a file is told of exactly once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.german import numbers_told
from pipeline.domain.source_pages import LeftOut, LeftOutReason, PageAccount, SourceFile, account

pytestmark = pytest.mark.unit

Span = tuple[int, int]
reasons: st.SearchStrategy[list[LeftOutReason]] = st.lists(st.sampled_from(["separator", "blank"]), max_size=3)


@st.composite
def cuts(draw: st.DrawFn) -> tuple[SourceFile, list[Span]]:
    """A file with letters of any length, and any number of pages left out before, between and behind them."""
    page, left_out, letters = 0, {}, []
    for _ in range(draw(st.integers(1, 8))):
        for reason in draw(reasons):
            page += 1
            left_out[page] = reason
        size = draw(st.integers(1, 5))
        letters.append((page + 1, page + size))
        page += size
    for reason in draw(reasons):
        page += 1
        left_out[page] = reason
    return SourceFile(page, left_out), letters


@given(cuts(), st.lists(st.sampled_from(["first", "second", "returned"]), min_size=8, max_size=8))
def test_accounts_of_all_manifests_add_up_to_the_file(cut: tuple[SourceFile, list[Span]], where: list[str]) -> None:
    file, letters = cut
    shares = {name: [span for span, place in zip(letters, where, strict=False) if place == name] for name in set(where)}
    first, told_first = account(file, shares.get("first", []), shares.get("returned", []))
    second, told_second = account(file, shares.get("second", []), [])
    told = {each.page: each.reason for each in (*told_first, *told_second)}
    assert told == file.left_out
    assert len(told_first) + len(told_second) == len(file.left_out)
    printed = sum(last - start + 1 for start, last in letters if (start, last) not in shares.get("returned", []))
    assert first.printed + second.printed == printed
    for own, other in ((first, second), (second, first)):
        assert own.pages == own.printed + (own.returned or 0) + own.left_out + (own.elsewhere or 0)
        assert own.elsewhere == other.printed + (other.returned or 0) + other.left_out


def test_pages_left_out_go_with_the_letter_behind_them_and_the_last_ones_with_the_one_before() -> None:
    file = SourceFile(8, {1: "separator", 2: "blank", 5: "separator", 8: "blank"})
    assert file.with_letter(3, 4) == (LeftOut(1, "separator"), LeftOut(2, "blank"))
    assert file.with_letter(6, 7) == (LeftOut(5, "separator"), LeftOut(8, "blank"))


def test_a_letter_that_came_back_although_it_was_printed_counts_once() -> None:
    """A letter in the pool that a person took out stands among the exceptions, too."""
    counted, _ = account(SourceFile(4), [(1, 2)], [(1, 2), (3, 4)])
    assert (counted.printed, counted.returned, counted.elsewhere) == (2, 2, 0)


def test_of_a_file_that_nobody_could_count_nothing_is_made_up() -> None:
    counted, left_out = account(SourceFile(), [], [(1, 1)])
    assert (counted.pages, counted.returned, counted.elsewhere, left_out) == (None, None, None, ())


def test_more_pages_than_the_file_has_are_refused() -> None:
    with pytest.raises(ValueError, match="do not add up"):
        PageAccount(3, printed=2, returned=1, left_out=1)


@pytest.mark.parametrize(
    ("numbers", "most", "told"),
    [
        ([], 3, ""),
        ([4], 3, "4"),
        ([1, 2, 3, 7, 9, 10], 3, "1 bis 3, 7, 9 bis 10"),
        ([1, 2, 3, 7, 9, 10], 2, "1 bis 3, 7 und 2 weitere"),
        ([1, 3, 5, 1000, 1001], 3, "1, 3, 5 und 2 weitere"),
        ([1000, 1001], 3, "1.000 bis 1.001"),
    ],
)
def test_numbers_as_people_write_them(numbers: list[int], most: int, told: str) -> None:
    assert numbers_told(numbers, most) == told
