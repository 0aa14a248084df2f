"""How a job cuts a print stream into letters: the profile's `[outgoing.split]`, as a value.

The patterns are regular expressions of Python. Named groups tell what a match says; `GROUPS` lists them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Literal

from pipeline.domain.geometry import A4_HEIGHT_MM, A4_WIDTH_MM, Rect

SplitBy = Literal["pages", "bookmark", "pattern", "control-line", "address", "blank", "separator", "index"]
ControlInk = Literal["white", "any"]
RepeatedAddress = Literal["doubt", "begins", "goes-on"]

# What a page's text may tell: which page of its letter, of how many; what changes with the letter; the letter's orders.
ORDER_GROUPS = frozenset({"reference", "cost_centre", "enclosures", "plex"})
GROUPS = frozenset({"page", "total", "key"}) | ORDER_GROUPS

_LOOKS: frozenset[SplitBy] = frozenset({"pattern", "control-line", "address", "blank", "separator"})
_NEED_PATTERN: frozenset[SplitBy] = frozenset({"pattern", "control-line"})
_SEPARATOR_TEXT = "^PATCHT$"
_SHEET = Rect(0.0, 0.0, A4_WIDTH_MM, A4_HEIGHT_MM)


@dataclass(frozen=True)
class SplitRules:
    """How letters are told apart. `by`: by what; `pages` is `pages_per_letter` of the job.

    `level`: of the bookmarks that begin letters, 1 for the outermost. `pattern`: what the first page of a letter shows
    in `region` (mm on the sheet), or every page where it has the groups `page` or `key`; for `separator` what the code
    says; for `bookmark` what its title must be like. `following`: what a page shows that goes on with a letter; empty:
    anything. `ink`: whether the control line is white (or invisible), or the only thing that stands in the region.
    `repeated_address`: what a page means that has an address in the window, and the same key or the same address as the
    page before: that a letter begins, that one goes on, or that nobody can tell. Where such a page calls itself page 1,
    or a later one, that counts. In all other ways but `index` it is about later pages that show the address of another
    person than the first page of their letter: a doubt, or one that goes on; and a beginning where only first pages
    show something.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid", "strict": False}
    by: SplitBy = "pages"
    level: int = 1
    pattern: str = ""
    following: str | None = None
    region: Rect | None = None
    ink: ControlInk = "white"
    repeated_address: RepeatedAddress = "doubt"

    def __post_init__(self) -> None:
        groups = _groups(self.pattern)
        _groups(self.following or "")
        if not groups <= GROUPS or ("total" in groups and "page" not in groups):
            raise ValueError(f"split: groups may be {', '.join(sorted(GROUPS))}, total only together with page")
        if self.level < 1:
            raise ValueError("split: level is 1 or more")
        if self.by in _NEED_PATTERN and (not self.pattern or self.region is None):
            raise ValueError(f"split: {self.by} needs a pattern and a region")
        if self.by == "pattern" and self.following is None and not groups & {"page", "key"}:
            raise ValueError("split: a pattern without the groups page or key needs following")
        if self.repeated_address == "begins" and not (self.seeks_repeats or self.seeks_recipients):
            raise ValueError("split: repeated_address begins is for address, and for patterns that number no pages")
        if self.repeated_address != "doubt" and self.by == "index":
            raise ValueError("split: repeated_address says nothing where an index does")
        if self.region is not None and not _SHEET.contains(self.region):
            raise ValueError("split: the region lies on the sheet")

    @property
    def looks(self) -> bool:
        """Whether every page has to be looked at before a stream can be cut."""
        return self.by in _LOOKS

    @property
    def removes(self) -> bool:
        """Whether something is taken off the pages that are printed."""
        return self.by == "control-line"

    @property
    def numbered(self) -> bool:
        """Whether every page says which page of its letter it is."""
        return self.by in _NEED_PATTERN and "page" in _groups(self.pattern)

    @property
    def keyed(self) -> bool:
        """Whether every page shows something that changes with the letter."""
        return self.by in _NEED_PATTERN and "key" in _groups(self.pattern)

    @property
    def seeks_repeats(self) -> bool:
        """Whether two letters in a row could look like one: what tells them apart may be the same on both."""
        return self.by == "address" or (self.keyed and not self.numbered)

    @property
    def seeks_recipients(self) -> bool:
        """Whether a page goes on with a letter by showing nothing: so would a letter whose mark is missing."""
        anything = self.following is None or re.search(self.following, "") is not None
        return self.by in _NEED_PATTERN and not self.numbered and not self.keyed and anything

    @property
    def minds_others(self) -> bool:
        """Whether the address of another person on a later page of a letter is a doubt.

        It is not where an index says which pages are a letter's, nor where the profile lets such pages go on. Of
        letters that are told apart by key or address the profile says so of their own address alone.
        """
        return self.by != "index" and (self.repeated_address != "goes-on" or self.seeks_repeats)

    @property
    def place(self) -> Rect:
        """Where to look: the region, or the whole sheet."""
        return self.region or _SHEET

    @property
    def separator_pattern(self) -> str:
        """What the code of a separator page says."""
        return self.pattern or _SEPARATOR_TEXT


def _groups(pattern: str) -> frozenset[str]:
    """The names of a pattern's groups. Raises ValueError for what is no regular expression."""
    try:
        return frozenset(re.compile(pattern).groupindex)
    except re.error as error:
        raise ValueError(f"split: not a regular expression: {error}") from error
