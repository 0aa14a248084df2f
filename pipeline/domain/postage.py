"""Which postal product carries a filled envelope, and what it costs on a day.

Limits are those of the product table (profiles/postage.toml, which names Deutsche Post's list and its dates):
length and width are the envelope's, the longer side first; weight is compared with the table's safety margin added.
"""

from __future__ import annotations

from datetime import date

from pipeline.domain.errors import Permanent, Rejected
from pipeline.domain.german import day, grams, millimetres
from pipeline.domain.postal_products import SPECIAL_PRODUCTS, PostageTable, Product, SpecialProduct
from pipeline.domain.profiles import Envelope


def fits(product: Product, weight_mg: int, envelope: Envelope, thickness_mm: float) -> bool:
    """Whether an envelope of this weight (mg, margin included) and thickness (mm) keeps all of a product's limits."""
    length_mm, width_mm = _sides(envelope)
    return (
        weight_mg <= product.max_weight_mg
        and product.min_length_mm <= length_mm <= product.max_length_mm
        and product.min_width_mm <= width_mm <= product.max_width_mm
        and thickness_mm <= product.max_thickness_mm
        and length_mm >= product.min_length_to_width * width_mm
    )


def is_valid(product: Product, on: date) -> bool:
    """Whether a product is sold on a day; its first and its last day count."""
    return product.valid_from <= on <= product.valid_to


def choose_product(
    table: PostageTable,
    weight_mg: int,
    envelope: Envelope,
    thickness_mm: float,
    abroad: bool,
    on: date,
    special: SpecialProduct | None = None,
) -> Product:
    """The cheapest product that is sold on that day and carries the envelope.

    `weight_mg`: of the filled envelope without margin; the table's `margin_mg` is added here. `thickness_mm`: of the
    filled envelope. `abroad`: home and foreign products never stand in for each other, nor do those that an endorsement
    orders (`special`) and the others. Of two at one price the one
    that carries more is taken, then the first by id, so that the choice never depends on the table's order.
    Raises Rejected `no-product-fits`, or `special-delivery` where the house has no such product; Permanent
    `postage-table-expired` if the table has nothing for that day: that is the print centre's matter, not the sender's.
    """
    wanted = [product for product in table.products if (product.abroad, product.special) == (abroad, special)]
    on_sale = [product for product in wanted if is_valid(product, on)]
    fitting = [product for product in on_sale if fits(product, weight_mg + table.margin_mg, envelope, thickness_mm)]
    if fitting:
        return min(fitting, key=lambda product: (product.price_cent, -product.max_weight_mg, product.id))
    whither = "Ausland" if abroad else "Inland"
    if special is not None and not on_sale:
        sentence = f"Für den {day(on)} ist {SPECIAL_PRODUCTS[special]} ({whither}) nicht hinterlegt."
        raise Rejected("special-delivery", sentence)
    if not on_sale:
        sentence = f"Für den {day(on)} ist kein Postprodukt ({whither}) hinterlegt."
        raise Permanent("postage-table-expired", sentence, "Bitte profiles/postage.toml ergänzen.")
    length_mm, width_mm = _sides(envelope)
    raise Rejected(
        "no-product-fits",
        f"Der Brief wiegt mit Umschlag {grams(weight_mg)} (Sicherheitszuschlag {grams(table.margin_mg)}) und ist "
        f"{millimetres(thickness_mm)} dick; der Umschlag {envelope.title} misst {millimetres(length_mm)} mal "
        f"{millimetres(width_mm)}. Kein Postprodukt ({whither}) vom {day(on)} lässt das zu.",
    )


def _sides(envelope: Envelope) -> tuple[float, float]:
    return max(envelope.width_mm, envelope.height_mm), min(envelope.width_mm, envelope.height_mm)
