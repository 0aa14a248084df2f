"""From a letter's pages to what the print centre needs to know: machine, envelope, sheets, weight, product, postage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pipeline.domain.errors import Rejected
from pipeline.domain.filling import Fill, fill, most_sheets
from pipeline.domain.imposition import sheets_of
from pipeline.domain.pieces import Note
from pipeline.domain.postal_products import SpecialProduct
from pipeline.domain.profiles import AddressForm, OutgoingRules, Plex, Profiles
from pipeline.domain.sheet_layout import Layout

FLAT_STREAM = "flat-stream"
"""The remark of a letter that could not be folded: why it costs more than its neighbours."""

__all__ = ["FLAT_STREAM", "Prepared", "most_sheets", "prepare_piece"]


@dataclass(frozen=True)
class Prepared:
    """How one letter will be produced. Ids as in the profiles; weight in mg without margin, postage in cents."""

    machine: str
    envelope: str
    paper: str
    sheets: int
    weight_mg: int
    product: str
    postage_cent: int
    enclosures: tuple[int, ...] = ()
    notes: tuple[Note, ...] = ()


def prepare_piece(
    *,
    pages: int,
    plex: Plex,
    form: AddressForm,
    rules: OutgoingRules,
    profiles: Profiles,
    country: str,
    on: date,
    enclosures: tuple[int, ...] | None = None,
    layout: Layout = (),
    folded_only: bool = False,
    special: SpecialProduct | None = None,
) -> Prepared:
    """Choose machine and envelope, then weigh the letter and find its product for the day.

    The folding machine comes first: it takes what both it and its envelope can hold, at a thickness that some product
    carries. Everything else goes to the flat machine and the flat envelope, whose own limit is `max_sheets` of the
    envelope; a machine's `max_sheets` counts folded sheets. Why a letter is not folded is remarked.

    `pages`: of the letter, at least 1. `layout`: how they lie on sheets, where the plex alone does not say it.
    `country`: of the address, ISO 3166-1 alpha-2. `on`: the day of posting. `folded_only`: nothing goes flat.
    `enclosures`: station numbers; None takes the job's own. `special`: the product that it orders by an endorsement.
    Raises Rejected `no-envelope-fits`, `no-product-fits`, `special-delivery`, or `ticket-invalid` for an enclosure that
    isn't set up.
    """
    sheets = sheets_of(pages, plex, layout)
    stations = tuple(sorted(set(rules.enclosures if enclosures is None else enclosures)))
    streams = ((rules.machine, rules.envelope), (rules.flat_machine, rules.flat_envelope))
    refusals: list[Rejected] = []
    for machine, envelope in streams[:1] if folded_only else streams:
        what = Fill(machine, envelope, rules.paper, form, sheets, stations, special)
        try:
            filled = fill(what, profiles, country, on)
        except Rejected as refusal:
            refusals.append(refusal)
            continue
        return Prepared(
            machine=machine,
            envelope=envelope,
            paper=rules.paper,
            sheets=sheets,
            weight_mg=filled.weight_mg,
            product=filled.product.id,
            postage_cent=filled.product.price_cent,
            enclosures=stations,
            notes=tuple(Note(FLAT_STREAM, f"Ungefalzt versandt. {each.sentence}") for each in refusals),
        )
    raise Rejected(refusals[-1].code, " ".join(dict.fromkeys(refusal.sentence for refusal in refusals)))
