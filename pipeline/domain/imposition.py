"""From the pages of a letter to the sheets of a piece, in the order in which the machine is fed.

Marks belong to sheets, not to pages: each letter begins on the front of a fresh sheet, and in duplex an odd
last page gets a blank back.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pipeline.domain.pieces import PlacedPiece
from pipeline.domain.profiles import Plex
from pipeline.domain.sheet_layout import Layout, sheets_in


@dataclass(frozen=True)
class FedSheet:
    """One sheet of a piece. `sheet`: in reading order, from 1. `front`, `back`: offsets of the letter's pages from 0.

    `back` is None where nothing of the letter is printed on the back.
    """

    sheet: int
    front: int
    back: int | None

    def __post_init__(self) -> None:
        if self.sheet < 1 or self.front < 0 or (self.back is not None and self.back != self.front + 1):
            raise ValueError(f"not a sheet: {self}")


def sheets_of(pages: int, plex: Plex, layout: Layout = ()) -> int:
    """How many sheets of paper a letter of `pages` pages (at least 1) takes.

    `layout`: how the pages lie on sheets, where the plex alone does not say it.
    """
    if pages < 1:
        raise ValueError(f"a letter has at least one page, not {pages}")
    if layout:
        return len(sheets_in(layout, pages, plex))
    return pages if plex == "simplex" else (pages + 1) // 2


def separator_lines(volume: str, first: PlacedPiece) -> tuple[str, ...]:
    """What stands on the separator sheet before a piece: ids and numbers only, so a rebuild gives the same bytes."""
    return (
        volume,
        f"Produkt {first.piece.product}",
        f"ab Sendung {first.number}, im Produkt Nummer {first.product_number}",
        f"Umschlag {first.piece.envelope}, Papier {first.piece.paper}, {first.piece.plex}",
        "Trennblatt: keine Marken, nicht kuvertieren",
    )


@lru_cache(maxsize=4096)
def fed_sheets(
    pages: int, plex: Plex, address_sheet: Literal["first", "last"], layout: Layout = ()
) -> tuple[FedSheet, ...]:
    """The sheets of a letter in feed order.

    `address_sheet` "last": the machine wants the sheet with the address last, so the sheets are printed in
    reverse (Pitney Bowes DI425, operator guide p. 46).
    """
    in_reading_order: list[FedSheet] = []
    front = 0
    for sheet, carried in enumerate(sheets_in(layout, pages, plex), start=1):
        in_reading_order.append(FedSheet(sheet, front, front + 1 if carried == 2 else None))
        front += carried
    return tuple(in_reading_order if address_sheet == "first" else in_reading_order[::-1])
