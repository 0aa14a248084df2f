"""The states of every unit of work, and the one table of moves between them.

Few states, many reasons: why a unit is where it is stands in its `reason` and in its events.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.domain.errors import IllegalMove


class Kind(StrEnum):
    """The units of work; each kind has a table of its own in the ledger."""

    INTAKE = "intake"
    DOCUMENT = "document"
    SLICE = "slice"
    PIECE = "piece"
    BATCH = "batch"
    VOLUME = "volume"


@dataclass(frozen=True)
class Unit:
    """A unit of work by kind and id."""

    kind: Kind
    id: str


# from state -> the states it may go to. A state with an empty set is final.
MOVES: dict[Kind, dict[str, frozenset[str]]] = {
    Kind.INTAKE: {
        "received": frozenset({"planned", "rejected", "waiting"}),  # claimed and hashed, not opened yet
        "planned": frozenset({"done", "rejected", "waiting"}),  # opened; slices exist, and documents once it is cut
        "waiting": frozenset({"received", "planned", "rejected"}),  # attempts used up: a person decides
        "done": frozenset(),  # everything in it is delivered, pooled or returned
        "rejected": frozenset(),  # went back with a reason
    },
    Kind.SLICE: {
        "planned": frozenset({"done", "waiting", "dropped"}),
        "waiting": frozenset({"planned", "dropped"}),
        "done": frozenset({"dropped"}),
        "dropped": frozenset(),  # its intake went back
    },
    Kind.DOCUMENT: {
        "planned": frozenset({"delivered", "review", "waiting", "rejected", "replaced"}),
        "review": frozenset({"accepted", "rejected", "replaced"}),  # a person has to look
        "accepted": frozenset({"delivered", "review", "waiting", "rejected", "replaced"}),  # decided, not packed yet
        "waiting": frozenset({"planned", "rejected", "replaced"}),
        "delivered": frozenset({"acknowledged"}),  # the package lies in the archive's folder
        "acknowledged": frozenset(),
        "rejected": frozenset(),
        "replaced": frozenset(),  # a person cut it in two, or joined it with its neighbour
    },
    Kind.PIECE: {
        "pooled": frozenset({"batched", "joined", "held", "pulled", "returned"}),  # ready for a batch
        "held": frozenset({"pooled", "pulled"}),
        "joined": frozenset({"pooled"}),  # lies with others in an envelope, which is a piece of its own
        "batched": frozenset({"pooled", "printed", "pulled", "dissolved"}),  # has a number in a batch
        "printed": frozenset({"posted", "reprint", "pulled"}),
        "reprint": frozenset({"printed", "posted", "pulled"}),  # spoiled, printed again as the same piece
        "posted": frozenset(),
        "pulled": frozenset(),  # withdrawn before it left the house
        "dissolved": frozenset(),  # an envelope of several letters whose batch was cancelled: they are pooled again
        "returned": frozenset(),  # an exception: went back to the municipality
    },
    Kind.BATCH: {
        "planned": frozenset({"verified", "waiting", "cancelled"}),  # volumes are being written and read back
        "waiting": frozenset({"planned", "cancelled"}),  # a volume failed: a person has to look
        "verified": frozenset({"released", "held", "cancelled"}),  # every sheet read back right
        "held": frozenset({"verified", "cancelled"}),
        "released": frozenset({"printed", "held"}),
        "printed": frozenset({"closed"}),
        "closed": frozenset(),
        "cancelled": frozenset(),
    },
    Kind.VOLUME: {
        "planned": frozenset({"written", "waiting", "dropped"}),
        "written": frozenset({"verified", "waiting", "planned", "dropped"}),
        "verified": frozenset({"dropped", "planned"}),
        "waiting": frozenset({"planned", "dropped"}),
        "dropped": frozenset(),
    },
}

FIRST_STATE: dict[Kind, str] = {
    Kind.INTAKE: "received",
    Kind.SLICE: "planned",
    Kind.DOCUMENT: "planned",
    Kind.PIECE: "pooled",
    Kind.BATCH: "planned",
    Kind.VOLUME: "planned",
}

# States in which a worker has something to do.
WORK_STATES: dict[Kind, frozenset[str]] = {
    Kind.INTAKE: frozenset({"received", "planned"}),
    Kind.SLICE: frozenset({"planned"}),
    Kind.DOCUMENT: frozenset({"planned", "accepted"}),
    Kind.PIECE: frozenset(),
    Kind.BATCH: frozenset({"planned"}),
    Kind.VOLUME: frozenset({"planned", "written"}),
}


def can_move(kind: Kind, here: str, there: str) -> bool:
    """Whether the table has this move."""
    return there in MOVES[kind].get(here, frozenset())


def check_move(unit: Unit, here: str, there: str) -> None:
    """Refuse a move that the table does not have, with a sentence that names both states."""
    if not can_move(unit.kind, here, there):
        ways = ", ".join(sorted(MOVES[unit.kind].get(here, ()))) or "nothing"
        raise IllegalMove(
            "illegal-move",
            f"{unit.kind} {unit.id} is {here}: it can't become {there}. From here it can become: {ways}.",
        )


def is_final(kind: Kind, state: str) -> bool:
    """Whether nothing leads on from this state."""
    return not MOVES[kind][state]
