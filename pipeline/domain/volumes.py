"""What a volume is made of, and what was read back from it."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.pieces import SheetRow
from pipeline.domain.profiles import Plex


@dataclass(frozen=True)
class VolumePiece:
    """A piece to be printed: its number in the batch and where its normalised pages lie.

    `source`: path of the slice's PDF; `first_page` from 1; `pages`: the letter's own, blank backs not counted.
    `separator`: what stands on the separator sheet before it, line by line; empty where there is none.
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
