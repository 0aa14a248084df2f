"""When a pool is closed: each letter gets the price of its posting day, and letters to one recipient are joined.

All of it happens in the transaction that closes the pool, so a letter lies in one envelope or is still pooled.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pipeline.adapters.ledger import Work
from pipeline.adapters.ledger.summaries import joined_letters
from pipeline.domain.cut_off import posting_day
from pipeline.domain.errors import Permanent
from pipeline.domain.joining import join_letters
from pipeline.domain.pieces import Piece
from pipeline.domain.repricing import Repricer
from pipeline.domain.states import Kind
from pipeline.services.ports import Line


def into_envelopes(line: Line, work: Work, letters: Iterable[Piece], closed: datetime) -> list[Piece]:
    """The pieces that the letters of closed pools make. `closed`: on the print centre's clock.

    Raises Permanent where a table says nothing of the posting day; nothing is changed then, and the letters wait.
    """
    by_machine: dict[str, list[Piece]] = {}
    for letter in letters:
        by_machine.setdefault(letter.machine, []).append(letter)
    rules = {id: job.outgoing.joining for id, job in line.profiles.jobs.items() if job.outgoing is not None}
    pieces: list[Piece] = []
    for machine, members in sorted(by_machine.items()):
        prices = prices_of(line, machine, closed)
        priced = [prices.repriced(letter) for letter in members]
        work.reprice([new for old, new in zip(members, priced, strict=True) if new is not old])
        if any(rules[each.job].join for each in priced if each.job in rules):
            priced = join_letters(priced, rules, prices, lambda: f"j{work.next_number('joined'):07d}")
        pieces += priced
    work.join([piece for piece in pieces if piece.letters])
    return pieces


def prices_of(line: Line, machine: str, closed: datetime) -> Repricer:
    """Prices of the day on which a pool of this machine is posted that is closed then. Raises Permanent
    `profile-missing`.
    """
    profile = line.profiles.machines.get(machine)
    if profile is None:
        raise Permanent("profile-missing", f"machine {machine} is not set up any more")
    posted = posting_day(profile.cut_off, line.profiles.calendar, closed)
    return Repricer(line.profiles, posted or closed.date())


def back_to_the_pool(work: Work, batch: str, pieces: Iterable[str]) -> int:
    """Give the letters of a cancelled batch back to the pool, each by itself. Returns how many."""
    joined = joined_letters(work.connection, batch)
    nowhere = dict.fromkeys(("batch", "number", "volume", "first_page", "product_number"))
    told = {"reason": "cancelled-by-operator", "detail": batch}
    alone = [id for id in pieces if id not in joined]
    inside = [id for letters in joined.values() for id in letters]
    work.move_all(Kind.PIECE, alone, "pooled", **told, **nowhere)
    work.move_all(Kind.PIECE, list(joined), "dissolved", **told, **nowhere)
    work.move_all(Kind.PIECE, inside, "pooled", **told, joined_to=None)
    return len(alone) + len(inside)
