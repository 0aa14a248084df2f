"""Pages of a letter on sheets: one way throughout, or by ranges of pages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.imposition import fed_sheets, sheets_of
from pipeline.domain.profiles import Plex
from pipeline.domain.sheet_layout import (
    PlexRange,
    layout_of,
    parse_plex_ranges,
    printed_plex,
    read_layout,
    sheets_in,
    write_layout,
)

pytestmark = pytest.mark.unit

plexes: st.SearchStrategy[Plex] = st.sampled_from(["simplex", "duplex"])


@st.composite
def ranges(draw: st.DrawFn) -> tuple[PlexRange, ...]:
    found: list[PlexRange] = []
    page = 1
    for _ in range(draw(st.integers(0, 4))):
        first = page + draw(st.integers(0, 4))
        last = draw(st.one_of(st.none(), st.integers(first, first + 5)))
        found.append(PlexRange(first, last, draw(plexes)))
        if last is None:
            break
        page = last + 1
    return tuple(found)


def test_the_first_page_alone_and_an_attachment_in_duplex() -> None:
    first_alone = parse_plex_ranges(["1 simplex"])
    assert sheets_in(layout_of(5, "duplex", first_alone), 5, "duplex") == (1, 2, 2)
    attachment = parse_plex_ranges(["3- duplex"])
    assert layout_of(5, "simplex", attachment) == (1, 1, 2, 1)
    assert printed_plex("simplex", attachment) == "duplex"


def test_an_attachment_begins_on_a_front() -> None:
    assert layout_of(6, "duplex", parse_plex_ranges(["4- duplex"])) == (2, 1, 2, 1)


def test_what_the_plex_alone_says_needs_no_layout() -> None:
    assert layout_of(4, "duplex", ()) == ()
    assert layout_of(3, "simplex", parse_plex_ranges(["2 simplex"])) == ()
    assert layout_of(4, "simplex", parse_plex_ranges(["1- duplex"])) == ()


@given(pages=st.integers(1, 60), plex=plexes, given=ranges(), end=st.sampled_from(["first", "last"]))
def test_each_page_is_on_one_side_and_pages_of_two_ranges_share_no_sheet(
    pages: int, plex: Plex, given: tuple[PlexRange, ...], end: str
) -> None:
    layout, printed = layout_of(pages, plex, given), printed_plex(plex, given)
    sheets = fed_sheets(pages, printed, "first" if end == "first" else "last", layout)
    assert len(sheets) == sheets_of(pages, printed, layout)
    in_order = sheets if end == "first" else sheets[::-1]
    sides = [side for sheet in in_order for side in (sheet.front, sheet.back) if side is not None]
    assert sides == list(range(pages))

    def owner(page: int) -> tuple[int, str]:
        found = [(at, each.plex) for at, each in enumerate(given) if each.has(page)]
        return found[0] if found else (-1, plex)

    for sheet in in_order:
        if sheet.back is not None:
            assert owner(sheet.front + 1) == owner(sheet.back + 1)
            assert owner(sheet.front + 1)[1] == "duplex"
    lonely = [sheet for sheet in in_order if sheet.back is None and sheet.front + 1 < pages]
    for sheet in lonely:  # alone only because it is simplex, or the next page begins another range
        assert owner(sheet.front + 1)[1] == "simplex" or owner(sheet.front + 1) != owner(sheet.front + 2)
    assert read_layout(write_layout(layout)) == layout


@pytest.mark.parametrize("texts", [["0 simplex"], ["3-2 duplex"], ["x"], ["2- duplex", "4 simplex"], ["2 both"], [""]])
def test_wrong_ranges_are_refused(texts: list[str]) -> None:
    with pytest.raises(ValueError):
        parse_plex_ranges(texts)


def test_a_layout_of_other_pages_is_refused() -> None:
    with pytest.raises(ValueError, match="do not lie"):
        sheets_in((2, 2), 3, "duplex")
    with pytest.raises(ValueError, match="do not lie"):
        sheets_in((2, 1), 3, "simplex")
