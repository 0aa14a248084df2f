"""The postal products and their prices, as `profiles/postage.toml` lists them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

SpecialProduct = Literal["registered-mailbox", "registered", "return-receipt"]

SPECIAL_PRODUCTS: dict[SpecialProduct, str] = {
    "registered-mailbox": "Einschreiben Einwurf",
    "registered": "Einschreiben",
    "return-receipt": "Einschreiben mit Rückschein",
}
"""Products that a letter orders by an endorsement and that can go through a pool of their own, with their names."""

_STRICT: dict[str, object] = {"extra": "forbid", "strict": False}


@dataclass(frozen=True)
class Product:
    """A postal product with its price and its limits; valid on the days `valid_from` to `valid_to`, both included.

    `special`: which endorsement orders it; None for letters without one. The price is that of the whole posting.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    id: str
    title: str
    price_cent: int
    max_weight_mg: int
    min_length_mm: float
    max_length_mm: float
    min_width_mm: float
    max_width_mm: float
    max_thickness_mm: float
    min_length_to_width: float
    valid_from: date
    valid_to: date
    abroad: bool
    source: str
    special: SpecialProduct | None = None


@dataclass(frozen=True)
class PostageTable:
    """All products, cheapest first where several fit. `margin_mg`: added to a weight before it is compared."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    margin_mg: int
    products: tuple[Product, ...]
