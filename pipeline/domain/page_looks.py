"""What a first cheap look saw on the pages of a scanner's stack: separators, blank pages, doubts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pipeline.domain.profiles import SeparatorKind


@dataclass(frozen=True)
class CoverSheet:
    """What one of our cover sheets says. `sheets`: how many sheets must follow, None where it does not say."""

    municipality: str
    profile: str
    sheets: int | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.municipality or not self.profile or (self.sheets is not None and self.sheets < 1):
            raise ValueError(f"not a cover sheet: {self}")


@dataclass(frozen=True)
class Separator:
    """A sheet between two letters. `text`: what its code says, empty for a patch code or a blank page.

    `on_letter`: far more is written around its code than separator sheets say; it may be a letter's page that bears a
    label, or lay over a separator as both were fed. Such a page separates, and stays.
    """

    kind: SeparatorKind
    text: str = ""
    cover: CoverSheet | None = None
    on_letter: bool = False

    def says_the_same(self, other: Separator) -> bool:
        """Whether both say the same as far as they are legible: the short code of a cover sheet says less."""
        if self.cover is None or other.cover is None:
            return (self.kind, self.text) == (other.kind, other.text)
        less, more = sorted((self.cover, other.cover), key=lambda cover: len(cover.fields))
        return less == replace(more, fields=less.fields) and less.fields.items() <= more.fields.items()


@dataclass(frozen=True)
class PageLook:
    """What a first cheap look saw on a page (from 1). `ink_ratio`: 0 to 1, inside the margins.

    `doubt`: a German sentence why the page looks like a separator that can't be read, None if it doesn't.
    """

    page: int
    ink_ratio: float
    blank: bool = False
    separator: Separator | None = None
    doubt: str | None = None

    def __post_init__(self) -> None:
        if self.page < 1 or not 0 <= self.ink_ratio <= 1:
            raise ValueError(f"not a look at a page: {self}")
