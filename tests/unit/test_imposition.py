"""Pages to sheets: each page on exactly one side, each letter on a fresh front, feed order as the machine wants it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.imposition import FedSheet, fed_sheets, sheets_of

pytestmark = pytest.mark.unit

plexes = st.sampled_from(["simplex", "duplex"])
ends = st.sampled_from(["first", "last"])


@pytest.mark.parametrize(
    ("pages", "plex", "sheets"),
    [(1, "simplex", 1), (5, "simplex", 5), (1, "duplex", 1), (2, "duplex", 1), (3, "duplex", 2), (12, "duplex", 6)],
)
def test_sheets_of(pages, plex, sheets):
    assert sheets_of(pages, plex) == sheets


@pytest.mark.parametrize("pages", [0, -1])
def test_a_letter_without_pages_has_no_sheets(pages):
    with pytest.raises(ValueError, match="at least one page"):
        sheets_of(pages, "simplex")


def test_duplex_leaves_the_last_back_blank():
    assert fed_sheets(3, "duplex", "first") == (FedSheet(1, 0, 1), FedSheet(2, 2, None))


def test_address_sheet_last_is_printed_in_reverse():
    assert fed_sheets(3, "simplex", "last") == (FedSheet(3, 2, None), FedSheet(2, 1, None), FedSheet(1, 0, None))


@given(pages=st.integers(1, 400), plex=plexes, end=ends)
def test_every_page_is_on_exactly_one_side(pages, plex, end):
    sheets = fed_sheets(pages, plex, end)
    sides = [side for sheet in sheets for side in (sheet.front, sheet.back) if side is not None]
    assert sorted(sides) == list(range(pages))
    assert len(sheets) == sheets_of(pages, plex)
    assert [sheet.sheet for sheet in sheets] == sorted((sheet.sheet for sheet in sheets), reverse=end == "last")
    address_sheet = sheets[0] if end == "first" else sheets[-1]
    assert address_sheet.front == 0


@pytest.mark.parametrize("wrong", [(0, 0, None), (1, -1, None), (1, 0, 2), (1, 2, 1)])
def test_impossible_sheets_are_refused(wrong):
    with pytest.raises(ValueError, match="not a sheet"):
        FedSheet(*wrong)
