"""From one letter to its pieces: enclosures by rule, then one envelope, or several where the job says so.

Several envelopes (`overflow = "split"`) are off by default: whether a decision of an authority that comes in two
envelopes is announced once both have come, no rule says plainly (§ 122 AO, § 41 VwVfG know one posting). Where it is
on, each further envelope begins with a copy of the letter's first page, for every window has to show the address; the
copies are remarked and counted beside the letter's own pages, each of which lies in exactly one part.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.domain.enclosure_rules import LetterFacts, rule_stations
from pipeline.domain.errors import Rejected
from pipeline.domain.filling import most_sheets
from pipeline.domain.pieces import Note
from pipeline.domain.postal_products import SpecialProduct
from pipeline.domain.preparing import Prepared, prepare_piece
from pipeline.domain.profiles import AddressForm, OutgoingRules, Plex, Profiles
from pipeline.domain.sheet_layout import Layout, sheets_in

SPLIT = "split-over-envelopes"
MAX_PARTS = 9


@dataclass(frozen=True)
class LetterPart:
    """What of a letter goes into one envelope: its pages by their offset from 0, `last` included.

    `layout`: of everything printed, the copied address sheet included. `copies_address`: whether that comes first.
    """

    first: int
    last: int
    copies_address: bool
    layout: Layout
    prepared: Prepared


@dataclass(frozen=True)
class _Letter:
    """A letter on its way into envelopes."""

    facts: LetterFacts
    plex: Plex
    form: AddressForm
    rules: OutgoingRules
    profiles: Profiles
    special: SpecialProduct | None

    def prepared(self, layout: Layout, stations: tuple[int, ...], *, folded_only: bool = False) -> Prepared:
        """How these sheets would be produced; raises as `prepare_piece`."""
        return prepare_piece(
            pages=sum(layout),
            plex=self.plex,
            form=self.form,
            rules=self.rules,
            profiles=self.profiles,
            country=self.facts.country,
            on=self.facts.on,
            enclosures=stations,
            layout=layout,
            folded_only=folded_only,
            special=self.special,
        )

    def stations(self, layout: Layout, named: tuple[int, ...] | None) -> tuple[int, ...]:
        """The enclosures: what a ticket names, else the job's and those of its rules."""
        if named is not None:
            return named
        rules = self.rules.enclosure_rules
        stations = (*self.rules.enclosures, *rule_stations(rules, self.facts))
        if any(rule.products for rule in rules):
            product = self.prepared(layout, stations).product
            stations = (*stations, *rule_stations(rules, self.facts, product))
        return tuple(sorted(set(stations)))


def letter_pieces(
    facts: LetterFacts,
    *,
    plex: Plex,
    layout: Layout,
    form: AddressForm,
    rules: OutgoingRules,
    profiles: Profiles,
    enclosures: tuple[int, ...] | None,
    special: SpecialProduct | None = None,
) -> tuple[LetterPart, ...]:
    """How a letter is produced: one part, or several whose pages are together the letter's, in order.

    `enclosures`: what a ticket names, which outranks job and rules; None where it says nothing. `special`: the product
    that it orders by an endorsement; such a letter is one posting and is never divided.
    Raises as `prepare_piece`.
    """
    letter = _Letter(facts, plex, form, rules, profiles, special)
    sheets = sheets_in(layout, facts.pages, plex)
    stations = letter.stations(sheets, enclosures)
    whole: Prepared | None = None
    refusal: Rejected | None = None
    try:
        whole = letter.prepared(sheets, stations)
    except Rejected as error:
        refusal = error
    if rules.overflow == "split" and special is None and (whole is None or whole.envelope == rules.flat_envelope):
        parts = _split(letter, sheets, stations)
        if parts:
            return parts
    if whole is None:
        raise refusal if refusal is not None else ValueError("neither prepared nor refused")
    return (LetterPart(0, facts.pages - 1, False, layout, whole),)


def _split(letter: _Letter, sheets: Layout, stations: tuple[int, ...]) -> tuple[LetterPart, ...]:
    """The letter over two to nine folded envelopes, each as full as can be; nothing where that does not work.

    Enclosures go into the first one. A sheet is never cut.
    """
    parts: list[LetterPart] = []
    first = at = 0
    while at < len(sheets):
        part = _next_part(letter, sheets[at:], first, () if parts else stations, copied=bool(parts))
        if part is None or len(parts) == MAX_PARTS:
            return ()
        parts.append(part)
        at += len(part.layout) - part.copies_address
        first = part.last + 1
    if len(parts) < 2:
        return ()
    told = [f"Teil {number} von {len(parts)}." for number in range(1, len(parts) + 1)]
    copy = " Das erste Blatt ist eine Kopie der Anschriftseite und zählt nicht zum Brief."
    return tuple(
        replace(part, prepared=replace(part.prepared, notes=(Note(SPLIT, text + copy * part.copies_address),)))
        for part, text in zip(parts, told, strict=True)
    )


def _next_part(
    letter: _Letter, sheets: Layout, first: int, stations: tuple[int, ...], *, copied: bool
) -> LetterPart | None:
    profiles, rules = letter.profiles, letter.rules
    most = most_sheets(profiles.machines[rules.machine], profiles.envelopes[rules.envelope]) - copied
    for count in range(min(most, len(sheets)), 0, -1):
        layout = (1,) * copied + sheets[:count]
        try:
            prepared = letter.prepared(layout, stations, folded_only=True)
        except Rejected:
            continue
        return LetterPart(first, first + sum(sheets[:count]) - 1, copied, layout, prepared)
    return None
