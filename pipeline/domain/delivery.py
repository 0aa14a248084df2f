"""What the carrier is handed: per postal product, pieces by running number and Leitregion.

The post counts each base product by itself: pieces lie in the order of their postcodes, numbered without a gap, and
are told by Leitregion (first two digits of the postcode), see the post's conditions for sorted mail.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from pipeline.domain.ordering import leitregion
from pipeline.domain.pieces import PlacedPiece
from pipeline.domain.totals import Totals, total, totals_of


@dataclass(frozen=True)
class RegionShare:
    """The pieces of one product for one Leitregion; `leitregion` is empty abroad and without a German postcode.

    `first`, `last`: their running numbers within the product; there are none between that belong elsewhere.
    """

    leitregion: str
    first: int
    last: int
    totals: Totals

    def __post_init__(self) -> None:
        if self.first < 1 or self.totals.pieces != self.last - self.first + 1:
            raise ValueError(f"running numbers with a gap: {self}")


@dataclass(frozen=True)
class ProductShare:
    """The pieces of one product, region by region in the order of the batch."""

    product: str
    regions: tuple[RegionShare, ...]

    @property
    def totals(self) -> Totals:
        """The sum over the regions."""
        return total(region.totals for region in self.regions)


def by_product(placed: Iterable[PlacedPiece]) -> dict[str, list[PlacedPiece]]:
    """A batch's pieces by product, in the order in which products first occur; within one by running number."""
    products: dict[str, list[PlacedPiece]] = {}
    for one in placed:
        products.setdefault(one.piece.product, []).append(one)
    return products


def shares_of(placed: Iterable[PlacedPiece]) -> list[ProductShare]:
    """A batch's pieces by product and, within each, by Leitregion. ValueError where running numbers have a gap."""
    shares = []
    for product, pieces in by_product(placed).items():
        runs = (list(run) for _, run in groupby(pieces, lambda one: leitregion(one.piece)))
        shares.append(ProductShare(product, tuple(_share(run) for run in runs)))
    return shares


def _share(run: list[PlacedPiece]) -> RegionShare:
    sums = totals_of(one.piece for one in run)
    return RegionShare(leitregion(run[0].piece), run[0].product_number, run[-1].product_number, sums)
