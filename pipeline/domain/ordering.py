"""The order of the pieces of a batch: product, Leitregion, postcode, arrival; foreign and unreadable addresses last.

A postcode is a string: `01067` begins with a 0. Its first two digits are the Leitregion, by which the post sorts.
The order comes from the contract (docs/formats/batch.md) and from the post's conditions for sorted mail, where
each base product is a sequence of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipeline.domain.pieces import Piece
from pipeline.domain.postal_products import PostageTable

SortKey = tuple[bool, int, str, str, str, tuple[int, int]]

_HOME_POSTCODE = re.compile(r"[0-9]{5}")


def leitregion(piece: Piece) -> str:
    """The first two digits of a German postcode, or nothing for a foreign or unreadable address."""
    return piece.postcode[:2] if is_sortable(piece) else ""


def is_sortable(piece: Piece) -> bool:
    """Whether a piece goes to a German postcode of five digits."""
    return piece.country == "DE" and _HOME_POSTCODE.fullmatch(piece.postcode) is not None


def product_order(table: PostageTable) -> dict[str, int]:
    """The place of each product in a batch: home before abroad, then as the table lists them."""
    ids = dict.fromkeys(product.id for product in sorted(table.products, key=lambda product: product.abroad))
    return {product: place for place, product in enumerate(ids)}


def sort_key(piece: Piece, products: Mapping[str, int]) -> SortKey:
    """Where a piece stands in its batch; no two pieces of one intake share a key.

    `products`: place of each product, from `product_order`; a product that it lacks comes after all others.
    """
    home = is_sortable(piece)
    return (
        not home,
        products.get(piece.product, len(products)),
        piece.product,
        leitregion(piece),
        piece.postcode if home else "",
        piece.arrival,
    )
