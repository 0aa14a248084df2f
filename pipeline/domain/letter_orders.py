"""What a letter of a stream asks for itself, told by an index, a bookmark or the page; it outranks the ticket.

The keys and their limits are the ticket's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from pipeline.domain.profiles import Plex
from pipeline.domain.split_rules import ORDER_GROUPS
from pipeline.domain.ticket import parse_ticket


@dataclass(frozen=True)
class LetterOrders:
    """Orders of one letter; None where it says nothing, so that the ticket's or the profile's value holds."""

    reference: str | None = None
    cost_centre: str | None = None
    enclosures: tuple[int, ...] | None = None
    plex: Plex | None = None

    def told(self) -> dict[str, Any]:
        """What it says, as JSON values."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            key: list(value) if key == "enclosures" else value for key, value in values.items() if value is not None
        }

    def over(self, ticket: Mapping[str, Any]) -> dict[str, Any]:
        """The ticket's values with this letter's own instead."""
        return {**ticket, **self.told()}


def parse_orders(told: Mapping[str, object]) -> LetterOrders:
    """The orders that texts stand for; empty texts say nothing, an `enclosures` of `-` means none.

    Raises Rejected `ticket-invalid` with a sentence that names the key, KeyError for a key that is none of ours.
    """
    unknown = told.keys() - ORDER_GROUPS
    if unknown:
        raise KeyError(f"not an order of a letter: {sorted(unknown)}")
    given = {key: value for key, value in told.items() if value not in ("", None)}
    if given.get("enclosures") == "-":
        given["enclosures"] = []
    ticket = parse_ticket(given)
    return LetterOrders(ticket.reference, ticket.cost_centre, ticket.enclosures, ticket.plex)
