"""Which pages of a letter share a sheet: one plex for all of it, or one for each range of pages.

A range is written as `1 simplex`, `2-4 duplex` or `3- duplex` (to the end). Each range begins on the front of a fresh
sheet, as an attachment does; what no range names is printed as the letter is. A letter with a duplex range lies in a
duplex batch, because a volume is printed one way: the backs of its simplex sheets are blank pages of the file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from pipeline.domain.profiles import Plex

Layout = tuple[int, ...]
"""How many pages, one or two, each sheet of a letter carries, in reading order. Empty: all as the plex says."""

MAX_RANGES = 20
_RANGE = re.compile(r"([1-9][0-9]{0,5})(-([1-9][0-9]{0,5})?)? (simplex|duplex)")


@dataclass(frozen=True)
class PlexRange:
    """How pages `first_page` to `last_page` of a letter are printed, from 1, both included; None: to its end."""

    first_page: int
    last_page: int | None
    plex: Plex

    def __post_init__(self) -> None:
        if self.first_page < 1 or (self.last_page is not None and self.last_page < self.first_page):
            raise ValueError(f"not a range of pages: {self}")

    def has(self, page: int) -> bool:
        """Whether a page, from 1, is in it."""
        return self.first_page <= page and (self.last_page is None or page <= self.last_page)


def parse_plex_ranges(texts: Sequence[str]) -> tuple[PlexRange, ...]:
    """The ranges that texts such as `3- duplex` say.

    Raises ValueError for another spelling, for ranges that overlap or stand in falling order, or for more than 20.
    """
    if len(texts) > MAX_RANGES:
        raise ValueError(f"at most {MAX_RANGES} ranges")
    ranges: list[PlexRange] = []
    for text in texts:
        found = _RANGE.fullmatch(" ".join(text.split()))
        if found is None:
            raise ValueError(f"not a range: {text!r}")
        first, dash, last, plex = found.groups()
        end = int(last) if last else (None if dash else int(first))
        made = PlexRange(int(first), end, cast(Plex, plex))
        if ranges and (ranges[-1].last_page is None or made.first_page <= ranges[-1].last_page):
            raise ValueError(f"{text!r} overlaps the range before it")
        ranges.append(made)
    return tuple(ranges)


def printed_plex(plex: Plex, ranges: Sequence[PlexRange]) -> Plex:
    """How the batch of such letters is printed: duplex as soon as anything of them may be."""
    return "duplex" if plex == "duplex" or any(each.plex == "duplex" for each in ranges) else "simplex"


@lru_cache(maxsize=4096)
def layout_of(pages: int, plex: Plex, ranges: tuple[PlexRange, ...]) -> Layout:
    """How a letter of `pages` pages (at least 1) lies on its sheets; empty where the plex alone says it.

    `plex`: of the pages that no range names.
    """
    if pages < 1:
        raise ValueError(f"a letter has at least one page, not {pages}")
    runs: list[list[int]] = []  # which range, how many pages of it in a row
    for page in range(1, pages + 1):
        owner = next((at for at, each in enumerate(ranges) if each.has(page)), -1)
        if runs and runs[-1][0] == owner:
            runs[-1][1] += 1
        else:
            runs.append([owner, 1])
    sheets: list[int] = []
    for owner, count in runs:
        both = (plex if owner < 0 else ranges[owner].plex) == "duplex"
        sheets += [2] * (count // 2) + [1] * (count % 2) if both else [1] * count
    made = tuple(sheets)
    return () if made == even_layout(pages, printed_plex(plex, ranges)) else made


@lru_cache(maxsize=4096)
def even_layout(pages: int, plex: Plex) -> Layout:
    """The sheets of a letter that is printed one way throughout."""
    return (1,) * pages if plex == "simplex" else (2,) * (pages // 2) + (1,) * (pages % 2)


def sheets_in(layout: Layout, pages: int, plex: Plex) -> Layout:
    """The layout spelled out. Raises ValueError where it has other pages than the letter, or backs in simplex."""
    if not layout:
        return even_layout(pages, plex)
    if sum(layout) != pages or not set(layout) <= ({1, 2} if plex == "duplex" else {1}):
        raise ValueError(f"{pages} pages do not lie on sheets of {layout} in {plex}")
    return layout


def write_layout(layout: Layout) -> str:
    """A layout as the ledger has it: a digit a sheet."""
    return "".join(map(str, layout))


def read_layout(text: str) -> Layout:
    """The reverse of `write_layout`."""
    return tuple(map(int, text))
