"""What the carrier is handed: per postal product, pieces by running number and Leitregion.

The post counts each base product by itself: pieces lie in the order of their postcodes, numbered without a gap, and
are told by Leitregion (first two digits of the postcode), see the post's conditions for sorted mail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from pipeline.domain.ordering import leitregion
from pipeline.domain.pieces import PlacedPiece
from pipeline.domain.totals import Totals, total, totals_of


@dataclass(frozen=True)
class NumberedPiece:
    """A piece with its running number within its product, from 1, in the order of the batch."""

    placed: PlacedPiece
    running_number: int


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


def numbered(placed: Iterable[PlacedPiece]) -> Iterator[NumberedPiece]:
    """Pieces in the order of the batch, each with its running number within its product."""
    last: dict[str, int] = {}
    for one in placed:
        last[one.piece.product] = last.get(one.piece.product, 0) + 1
        yield NumberedPiece(one, last[one.piece.product])


def by_product_and_region(placed: Iterable[PlacedPiece]) -> list[ProductShare]:
    """A batch's pieces by product, in the order in which products first occur, and by Leitregion within them."""
    products: dict[str, list[NumberedPiece]] = {}
    for one in numbered(placed):
        products.setdefault(one.placed.piece.product, []).append(one)
    shares = []
    for product, pieces in products.items():
        runs = (list(run) for _, run in groupby(pieces, lambda one: leitregion(one.placed.piece)))
        shares.append(ProductShare(product, tuple(_share(run) for run in runs)))
    return shares


def _share(run: list[NumberedPiece]) -> RegionShare:
    sums = totals_of(one.placed.piece for one in run)
    return RegionShare(leitregion(run[0].placed.piece), run[0].running_number, run[-1].running_number, sums)
