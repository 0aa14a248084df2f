"""How a print stream is cut into slices: by the profile, and a long one into no more than a hundred."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pipeline.domain.splitting import equal_ranges, equal_ranges_between
from pipeline.services.slicing import letters_a_slice, slice_rows

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("letters", "together"), [(1, 250), (2_000, 250), (25_000, 250), (25_001, 251), (100_000, 1000)]
)
def test_a_long_stack_is_read_in_no_more_than_a_hundred_slices(letters: int, together: int) -> None:
    assert letters_a_slice(letters, 250) == together
    rows = slice_rows("i0000001", "read-letters", range(1, 2 * letters + 1), 2 * together)
    assert len(rows) <= 100
    assert rows[0]["first_page"] == 1
    assert rows[-1]["last_page"] == 2 * letters
    assert all(before["last_page"] + 1 == after["first_page"] for before, after in pairwise(rows))


@pytest.mark.parametrize(("pages", "a_letter", "together"), [(12, 2, 2), (12, 3, 1), (10, 2, 3), (7, 0, 1)])
def test_the_letters_of_all_slices_are_the_letters_of_the_stack(pages: int, a_letter: int, together: int) -> None:
    rows = slice_rows("i0000001", "read-letters", range(1, pages + 1), (a_letter or pages) * together)
    found = [each for row in rows for each in equal_ranges_between(row["first_page"], row["last_page"], a_letter)]
    assert found == equal_ranges(pages, a_letter)
