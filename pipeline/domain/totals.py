"""Counts and sums of pieces, and the ways in which they are broken down.

A page is a printed face of a sheet: a duplex sheet counts as two, a blank back included, because that is what the
volume's PDF holds. So `pages` of the pieces adds up to the pages of the volumes. How many pages the letter itself
had follows from its first and last source page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pipeline.domain.pieces import Piece
from pipeline.domain.profiles import Plex


@dataclass(frozen=True)
class Totals:
    """Sums over pieces: `pages` are printed faces, weight in mg, postage in cents. Never negative."""

    pieces: int = 0
    sheets: int = 0
    pages: int = 0
    weight_mg: int = 0
    postage_cent: int = 0

    def __post_init__(self) -> None:
        if min(self.pieces, self.sheets, self.pages, self.weight_mg, self.postage_cent) < 0:
            raise ValueError(f"totals are never negative: {self}")

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            self.pieces + other.pieces,
            self.sheets + other.sheets,
            self.pages + other.pages,
            self.weight_mg + other.weight_mg,
            self.postage_cent + other.postage_cent,
        )


def printed_pages(sheets: int, plex: Plex) -> int:
    """How many pages a volume holds for `sheets`: two a sheet in duplex, one in simplex."""
    return sheets if plex == "simplex" else 2 * sheets


def total(parts: Iterable[Totals]) -> Totals:
    """The sum of totals."""
    return sum(parts, Totals())


def totals_of(pieces: Iterable[Piece]) -> Totals:
    """The sum over pieces."""
    return totals_by(pieces, lambda _: "").get("", Totals())


def totals_by(pieces: Iterable[Piece], key: Callable[[Piece], str]) -> dict[str, Totals]:
    """The sums over pieces for each value of `key`, in the order of those values; together they are the sum of all."""
    sums: dict[str, list[int]] = {}  # plain numbers: a batch of 100,000 pieces is summed up some fifty times
    for piece in pieces:
        own = sums.setdefault(key(piece), [0, 0, 0, 0, 0])
        own[0] += 1
        own[1] += piece.sheets
        own[2] += printed_pages(piece.sheets, piece.plex)
        own[3] += piece.weight_mg
        own[4] += piece.postage_cent
    return {name: Totals(*own) for name, own in sorted(sums.items())}


def by_municipality(piece: Piece) -> str:
    """Key for `totals_by`: whose letter it is."""
    return piece.municipality


def by_product(piece: Piece) -> str:
    """Key for `totals_by`: the postal product."""
    return piece.product


def by_envelope(piece: Piece) -> str:
    """Key for `totals_by`: the envelope stock."""
    return piece.envelope


def by_cost_centre(piece: Piece) -> str:
    """Key for `totals_by`: who pays."""
    return piece.cost_centre


def enclosures_needed(pieces: Iterable[Piece]) -> dict[int, int]:
    """How many enclosures each station has to hold, by station number."""
    needed: dict[int, int] = {}
    for piece in pieces:
        for station in piece.enclosures:
            needed[station] = needed.get(station, 0) + 1
    return dict(sorted(needed.items()))
