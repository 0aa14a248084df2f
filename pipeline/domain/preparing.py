"""From a letter's pages to what the print centre needs to know: machine, envelope, sheets, weight, product, postage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pipeline.domain.errors import Rejected
from pipeline.domain.imposition import sheets_of
from pipeline.domain.postage import choose_product
from pipeline.domain.profile_rules import callable_stations
from pipeline.domain.profiles import (
    AddressForm,
    Enclosure,
    Envelope,
    Folding,
    Machine,
    OutgoingRules,
    Plex,
    Product,
    Profiles,
)
from pipeline.domain.weights import piece_thickness_mm, piece_weight_mg

HOME = "DE"


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


@dataclass(frozen=True)
class _Stream:
    """A machine with the envelope it fills."""

    machine: Machine
    envelope: Envelope


def most_sheets(machine: Machine, envelope: Envelope) -> int:
    """How many sheets a piece may have: what the envelope holds, and for folded pieces what the machine can fold."""
    return envelope.max_sheets if envelope.flat else min(envelope.max_sheets, machine.feed.max_sheets)


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
) -> Prepared:
    """Choose machine and envelope, then weigh the letter and find its product for the day.

    The folding machine comes first: it takes what both it and its envelope can hold, at a thickness that some product
    carries. Everything else goes to the flat machine and the flat envelope, whose own limit is `max_sheets` of the
    envelope; a machine's `max_sheets` counts folded sheets.

    `pages`: of the letter, at least 1. `country`: of the address, ISO 3166-1 alpha-2. `on`: the day of posting.
    `enclosures`: station numbers from the ticket; None takes the job's own.
    Raises Rejected `no-envelope-fits`, `no-product-fits`, or `ticket-invalid` for an enclosure that isn't set up.
    """
    sheets = sheets_of(pages, plex)
    stations = tuple(sorted(set(rules.enclosures if enclosures is None else enclosures)))
    inserted = _enclosures(stations, profiles)
    paper = profiles.papers[rules.paper]
    refusals: list[Rejected] = []
    for stream in _streams(rules, profiles):
        try:
            folding = _room_for(stream, sheets, form, stations)
            weight_mg = piece_weight_mg(sheets, paper, stream.envelope, inserted)
            thickness_mm = piece_thickness_mm(sheets, paper, folding, inserted)
            product: Product = choose_product(
                profiles.postage, weight_mg, stream.envelope, thickness_mm, country != HOME, on
            )
        except Rejected as refusal:
            refusals.append(refusal)
            continue
        return Prepared(
            machine=stream.machine.id,
            envelope=stream.envelope.id,
            paper=paper.id,
            sheets=sheets,
            weight_mg=weight_mg,
            product=product.id,
            postage_cent=product.price_cent,
            enclosures=stations,
        )
    raise Rejected(refusals[-1].code, " ".join(dict.fromkeys(refusal.sentence for refusal in refusals)))


def _streams(rules: OutgoingRules, profiles: Profiles) -> tuple[_Stream, _Stream]:
    return (
        _Stream(profiles.machines[rules.machine], profiles.envelopes[rules.envelope]),
        _Stream(profiles.machines[rules.flat_machine], profiles.envelopes[rules.flat_envelope]),
    )


def _room_for(stream: _Stream, sheets: int, form: AddressForm, stations: tuple[int, ...]) -> Folding:
    """The folding with which a letter goes into this stream's envelope, or Rejected `no-envelope-fits`."""
    envelope = stream.envelope
    folding = envelope.folding(form)
    if folding is None:
        sentence = f"Form {form} zeigt im Fenster des Umschlags {envelope.title} nicht die Anschrift."
        raise Rejected("no-envelope-fits", sentence)
    most = most_sheets(stream.machine, envelope)
    if sheets > most:
        sentence = f"Der Brief hat {sheets} Blatt; im Umschlag {envelope.title} haben {most} Platz."
        raise Rejected("no-envelope-fits", sentence)
    missing = sorted(set(stations) - callable_stations(stream.machine))
    if missing:
        sentence = f"Die Maschine {stream.machine.title} kann keine Beilage aus Station {missing[0]} abrufen."
        raise Rejected("no-envelope-fits", sentence)
    return folding


def _enclosures(stations: tuple[int, ...], profiles: Profiles) -> tuple[Enclosure, ...]:
    missing = [station for station in stations if station not in profiles.enclosures]
    if missing:
        raise Rejected("ticket-invalid", f"In der Beilagenstation {missing[0]} liegt keine Beilage.")
    return tuple(profiles.enclosures[station] for station in stations)
