"""One filled envelope: whether everything goes in, what it weighs, which product carries it and for how much.

Every envelope passes here, whether it holds one letter, a part of one or several, when it is prepared and when its
price is looked up again for the day of posting.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pipeline.domain.errors import Permanent, Rejected
from pipeline.domain.german import day, millimetres
from pipeline.domain.postage import choose_product
from pipeline.domain.postal_products import Product, SpecialProduct
from pipeline.domain.profile_rules import callable_stations
from pipeline.domain.profiles import AddressForm, Enclosure, Envelope, Folding, Machine, Paper, Profiles
from pipeline.domain.weights import folded_layers, piece_thickness_mm, piece_weight_mg

HOME = "DE"


@dataclass(frozen=True)
class Fill:
    """What goes into one envelope on which machine. Ids as in the profiles; `stations` in rising order.

    `special`: the product that the letter orders by an endorsement, None for none.
    """

    machine: str
    envelope: str
    paper: str
    form: AddressForm
    sheets: int
    stations: tuple[int, ...] = ()
    special: SpecialProduct | None = None


@dataclass(frozen=True)
class Filled:
    """The envelope, weighed and priced. Weight in mg without margin."""

    weight_mg: int
    product: Product


def most_sheets(machine: Machine, envelope: Envelope) -> int:
    """How many sheets a piece may have: what the envelope holds, and for folded pieces what the machine can fold."""
    return envelope.max_sheets if envelope.flat else min(envelope.max_sheets, machine.feed.max_sheets)


def enclosures_in(stations: tuple[int, ...], profiles: Profiles) -> tuple[Enclosure, ...]:
    """What lies in these stations. Raises Rejected `ticket-invalid` for an empty one."""
    missing = [station for station in stations if station not in profiles.enclosures]
    if missing:
        raise Rejected("ticket-invalid", f"In der Beilagenstation {missing[0]} liegt keine Beilage.")
    return tuple(profiles.enclosures[station] for station in stations)


def fill(what: Fill, profiles: Profiles, country: str, on: date) -> Filled:
    """Put everything into the envelope and find its product for the day.

    `country`: of the address, ISO 3166-1 alpha-2. `on`: the day of posting.
    Raises Rejected `no-envelope-fits`, `no-product-fits`, `ticket-invalid` for an enclosure that isn't set up;
    Permanent `stock-expired`, `postage-table-expired` where a table says nothing of that day, `profile-missing` for a
    stock or a machine that is not set up any more.
    """
    machine, envelope, paper = stocks_of(what, profiles)
    inserted = enclosures_in(what.stations, profiles)
    folding = _room(what, machine, envelope, paper, inserted)
    stocks: tuple[Envelope | Paper | Enclosure, ...] = (envelope, paper, *inserted)
    for stock in stocks:
        _in_use(stock, on)
    weight_mg = piece_weight_mg(what.sheets, paper, envelope, inserted)
    thickness_mm = piece_thickness_mm(what.sheets, paper, folding, inserted)
    product = choose_product(profiles.postage, weight_mg, envelope, thickness_mm, country != HOME, on, what.special)
    return Filled(weight_mg, product)


def stocks_of(what: Fill, profiles: Profiles) -> tuple[Machine, Envelope, Paper]:
    """Machine, envelope and paper by their ids. Raises Permanent `profile-missing`."""
    try:
        return profiles.machines[what.machine], profiles.envelopes[what.envelope], profiles.papers[what.paper]
    except KeyError as error:
        raise Permanent("profile-missing", f"{error.args[0]} is not set up any more") from None


def _room(what: Fill, machine: Machine, envelope: Envelope, paper: Paper, inserted: tuple[Enclosure, ...]) -> Folding:
    """The folding with which it all goes into the envelope and through the machine, or Rejected `no-envelope-fits`."""
    folding = envelope.folding(what.form)
    if folding is None:
        sentence = f"Form {what.form} zeigt im Fenster des Umschlags {envelope.title} nicht die Anschrift."
        raise Rejected("no-envelope-fits", sentence)
    most = most_sheets(machine, envelope)
    if what.sheets > most:
        sentence = f"Der Brief hat {what.sheets} Blatt; im Umschlag {envelope.title} haben {most} Platz."
        raise Rejected("no-envelope-fits", sentence)
    missing = sorted(set(what.stations) - callable_stations(machine))
    if missing:
        sentence = f"Die Maschine {machine.title} kann keine Beilage aus Station {missing[0]} abrufen."
        raise Rejected("no-envelope-fits", sentence)
    most_mm = machine.feed.max_thickness_mm
    set_mm = what.sheets * folded_layers(folding) * paper.thickness_mm + sum(one.thickness_mm for one in inserted)
    if most_mm and round(set_mm, 3) > most_mm:
        sentence = f"Gefalzte Blätter und Beilagen sind zusammen {millimetres(set_mm)} dick; "
        sentence += f"die Maschine {machine.title} verarbeitet {millimetres(most_mm)}."
        raise Rejected("no-envelope-fits", sentence)
    return folding


def _in_use(stock: Envelope | Paper | Enclosure, on: date) -> None:
    if not stock.valid_from <= on <= stock.valid_to:
        sentence = f"»{stock.title}« ist am {day(on)} nicht in Gebrauch (valid_from, valid_to)."
        raise Permanent("stock-expired", sentence, "Bitte den Eintrag im Profil verlängern oder ersetzen.")
