"""What a volume is made of, and what was read back from it."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.pieces import SheetRow
from pipeline.domain.profiles import Plex
from pipeline.domain.sheet_layout import Layout, sheets_in


@dataclass(frozen=True)
class Stretch:
    """Pages of one letter that lie one behind the other. `source`: path of the slice's PDF; `first_page` from 1.

    `letterhead`: path of the normalised letterhead under them, or empty. `begins`: whether the first of them is the
    letter's first page.
    """

    source: str
    first_page: int
    pages: int
    letterhead: str = ""
    begins: bool = True


@dataclass(frozen=True)
class VolumePiece:
    """A piece to be printed: its number in the batch and where its normalised pages lie.

    `source`: path of the slice's PDF; `first_page` from 1; `pages`: the letter's own, blank backs not counted.
    `separator`: what stands on the separator sheet before it, line by line; empty where there is none.
    `source`, `first_page`, `pages`, `letterhead`, `begins`: as in `Stretch`; blank backs are not counted. `more`: what
    follows, of the same letter or of others in the same envelope. `layout`: how all of it lies on sheets, where the
    plex alone does not say it.
    """

    number: int
    source: str
    first_page: int
    pages: int
    plex: Plex
    enclosures: tuple[int, ...] = ()
    divert: bool = False
    reprint: bool = False
    separator: tuple[str, ...] = ()
    letterhead: str = ""
    begins: bool = True
    more: tuple[Stretch, ...] = ()
    layout: Layout = ()

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """Everything that is printed, in reading order."""
        return (Stretch(self.source, self.first_page, self.pages, self.letterhead, self.begins), *self.more)

    @property
    def all_pages(self) -> int:
        """How many pages are printed, blank ones not counted."""
        return self.pages + sum(each.pages for each in self.more)

    @property
    def sheets(self) -> Layout:
        """How many pages each sheet carries, in reading order."""
        return sheets_in(self.layout, self.all_pages, self.plex)


@dataclass(frozen=True)
class WrittenVolume:
    """A volume as it was saved: its sheets in feed order, its pages, the SHA-256 of the file."""

    rows: tuple[SheetRow, ...]
    pages: int
    sha256: str


@dataclass(frozen=True)
class ReadbackFault:
    """One sheet that does not say what it should. `page`: of its front in the volume, from 1."""

    page: int
    code: str
    detail: str


@dataclass(frozen=True)
class VolumeReadback:
    """What the independent decoder found. `codes_wrong`: sheets with any fault.

    `pages_proven`: pages of letters that were compared with what was read when the letters came in.
    """

    pages: int
    sheets: int
    codes_read: int
    codes_wrong: int
    decoder: str
    faults: tuple[ReadbackFault, ...]
    pages_proven: int = 0
