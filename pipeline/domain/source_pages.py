"""Where the pages of a print file went: so that what came in can be added up on paper.

Every page of a file is in a letter that is printed, in one that came back, or left out on purpose. Pages that are left
out go with the letter that follows them (the last ones with the letter before), so each is told of exactly once,
however many batches the letters of a file end in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

LeftOutReason = Literal["separator", "blank"]

LEFT_OUT_NAMES: dict[LeftOutReason, str] = {"separator": "Trennblatt", "blank": "leere Seite"}
"""What they are called on paper, in the singular."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A page of the stream that is not printed on purpose."""

    page: int
    reason: LeftOutReason


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A print file as it came: how many pages it has (None: nobody could count them), and which are left out."""

    pages: int | None = None
    left_out: Mapping[int, LeftOutReason] = field(default_factory=dict)

    def with_letter(self, first_page: int, last_page: int) -> tuple[LeftOut, ...]:
        """The pages left out that go with the letter on these pages, in order."""
        if not self.left_out:
            return ()
        start = first_page
        while start - 1 in self.left_out:
            start -= 1
        pages = list(range(start, first_page))
        end = last_page
        while end + 1 in self.left_out:
            end += 1
        if end == self.pages:
            pages += range(last_page + 1, end + 1)
        return tuple(LeftOut(page, self.left_out[page]) for page in pages)


@dataclass(frozen=True)
class PageAccount:
    """What one manifest tells of the pages of one file.

    `pages`: of the file, None where nobody could count them; then no page of it was printed, and how many came back is
    not known either. `printed`, `returned`: of its letters that this manifest tells of. `left_out`: pages that go with
    them. Raises ValueError where there are more of them than the file has.
    """

    pages: int | None
    printed: int = 0
    returned: int | None = 0
    left_out: int = 0

    def __post_init__(self) -> None:
        if min(self.printed, self.returned or 0, self.left_out, self.elsewhere or 0) < 0:
            raise ValueError(f"pages that do not add up: {self}")

    @property
    def elsewhere(self) -> int | None:
        """Pages that other manifests tell of, or later ones: letters of other batches, or not in a batch yet."""
        if self.pages is None or self.returned is None:
            return None
        return self.pages - self.printed - self.returned - self.left_out


def account(
    file: SourceFile, printed: Iterable[tuple[int, int]], returned: Iterable[tuple[int, int]]
) -> tuple[PageAccount, tuple[LeftOut, ...]]:
    """Add up one file. `printed`, `returned`: first and last page of each of its letters in a manifest.

    Returns the account, and the pages left out that go with these letters, in order.
    """
    spans = sorted(set(printed))
    back = sorted(set(returned) - set(spans))
    beside = {each for first, last in (*spans, *back) for each in file.with_letter(first, last)}
    counted = PageAccount(
        pages=file.pages,
        printed=sum(last - first + 1 for first, last in spans),
        returned=sum(last - first + 1 for first, last in back) if file.pages is not None else None,
        left_out=len(beside),
    )
    return counted, tuple(sorted(beside, key=lambda each: each.page))
