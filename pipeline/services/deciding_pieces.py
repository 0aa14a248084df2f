"""What a person decides about single letters until the cut-off: hold, free, pull. Each with a name and a reason.

A letter that has a place in a batch is on paper soon: it is taken out at the machine (docs/formats/machine-log.md), or
its batch is cancelled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.adapters.ledger import Work
from pipeline.adapters.ledger.summaries import lock, parts_of_letter, piece_ids, piece_row
from pipeline.domain.errors import IllegalMove, Permanent
from pipeline.domain.states import Kind, Unit
from pipeline.services.deciding import Decision
from pipeline.services.ports import Line
from pipeline.services.wording import refused

PieceStep = Literal["hold", "free", "pull"]

PULLED = "pulled-by-operator"


@dataclass(frozen=True)
class _Rule:
    """From which states a step leads where, and how it is told."""

    here: tuple[str, ...]
    there: str
    done: str
    reason: str


_RULES: dict[PieceStep, _Rule] = {
    "hold": _Rule(("pooled",), "held", "angehalten", "hold-by-operator"),
    "free": _Rule(("held",), "pooled", "freigegeben", "freed-by-operator"),
    "pull": _Rule(("pooled", "held"), "pulled", "herausgenommen", PULLED),
}


def why_not_piece(step: PieceStep, piece: str, state: str, batch: str | None) -> str | None:
    """Why a letter can't be held, freed or pulled; None if it can."""
    rule = _RULES[step]
    if state in rule.here:
        return None
    sentence = refused(Kind.PIECE, piece, state, rule.done)
    if state == "batched" and batch:
        return (
            f"{sentence}: Sie liegt schon in Druckauftrag {batch}. Den Auftrag stornieren (cancel), oder sie von Hand "
            "herausnehmen."
        )
    return f"{sentence}."


def decide_piece(line: Line, step: PieceStep, piece_id: str, by: Decision) -> None:
    """Hold, free or pull one letter. Raises Permanent `unknown-unit`, IllegalMove where its state does not allow it."""
    with line.ledger.work(by.who, line.now_ms()) as work:
        row = lock(work.connection, Unit(Kind.PIECE, piece_id))
        if row is None:
            raise Permanent("unknown-unit", f"Die Sendung {piece_id} gibt es nicht.")
        ids: list[str] = []
        for id in parts_of_letter(work.connection, piece_id) or [piece_id]:
            part = lock(work.connection, Unit(Kind.PIECE, id)) or row  # a divided letter goes as a whole
            why = why_not_piece(step, id, part["state"], part["batch"])
            if why is not None:
                raise IllegalMove("illegal-move", why)
            ids.append(id)
        _move(work, step, ids, by)


def decide_file(line: Line, step: PieceStep, intake_id: str, by: Decision) -> int:
    """Hold, free or pull all letters of a file that are in a state for it. Returns how many.

    Raises Permanent `unknown-unit` for no such file, IllegalMove if none of its letters is in such a state.
    """
    with line.ledger.work(by.who, line.now_ms()) as work:
        if work.read.intake(intake_id) is None:
            raise Permanent("unknown-unit", f"Den Vorgang {intake_id} gibt es nicht.")
        found = [id for here in _RULES[step].here for id in piece_ids(work.connection, intake=intake_id, state=here)]
        if not found:
            sentence = f"Vorgang {intake_id} hat keine Sendung, die {_RULES[step].done} werden kann."
            raise IllegalMove("illegal-move", sentence)
        _move(work, step, sorted(found), by)
    return len(found)


def _move(work: Work, step: PieceStep, ids: Sequence[str], by: Decision) -> None:
    rule = _RULES[step]
    work.move_all(Kind.PIECE, ids, rule.there, reason=rule.reason, detail=by.reason)
    if step == "pull":
        rows = [row for id in ids if (row := piece_row(work.connection, id)) is not None]
        work.add_exceptions([_exception(row, by) for row in rows])


def _exception(row: dict[str, Any], by: Decision) -> dict[str, Any]:
    """What the municipality's next manifest tells of a letter that was taken out."""
    names = ("id", "intake", "intake_number", "ordinal", "file", "municipality", "slice_id", "slice_first_page")
    same = {name: row[name] for name in (*names, "source_first_page", "source_last_page")}
    return same | {"source_page": row["source_first_page"], "code": PULLED, "detail": by.reason}
