"""Whether front and back have changed places in a stack that was scanned on both sides, told by its separators.

The pages of such a stack come in pairs, the two sides of a sheet. Where an odd number of sides is missing, or too many,
all that follow are paired wrongly, though nothing looks wrong on any page. Separators show it: the other side of such a
sheet is blank, or a separator as well, and it is not the last side of the letter before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Side = Literal["separator", "blank", "printed"]


@dataclass(frozen=True)
class Misplaced:
    """A separator that does not stand where it should. Pages count from 1.

    `separator`: its page. `other`: the page that would be its other side if nothing were missing. `after`: where it is
    proven that an odd number of sides is missing, or too many, the last page that was still paired rightly, 0 where
    none was; None where the other side is printed and nothing more can be told.
    """

    separator: int
    other: int
    after: int | None

    def __post_init__(self) -> None:
        if abs(self.separator - self.other) != 1 or not 0 <= (self.after or 0) < self.separator:
            raise ValueError(f"not a misplaced separator: {self}")


def misplaced(sides: Sequence[Side]) -> tuple[Misplaced, ...]:
    """The separators at which something is wrong; after such a place the pages are paired anew, so it is told once.

    A sheet that was turned over is in order: a blank side before its separator, a printed page after it. So is a stack
    that was turned over as a whole. Blank pages on both sides leave it open which is the back; then it is the one on
    the side on which it was before.
    """
    found: list[Misplaced] = []
    shift, usual, after = 0, _facing(sides), 0
    for index in [index for index, side in enumerate(sides) if side == "separator"]:
        other = (index - shift ^ 1) + shift
        further = 2 * index - other
        seen, beyond = _at(sides, other), _at(sides, further) if further >= after else None
        leads = other > index
        turned = usual is not None and leads != usual
        behind_print = seen == "printed" and not leads and beyond in ("blank", "separator")
        if behind_print or (seen == beyond == "blank" and turned):
            found.append(Misplaced(index + 1, other + 1, after))
            shift, other, leads = 1 - shift, further, not leads
        elif seen == "printed":
            found.append(Misplaced(index + 1, other + 1, None))
            continue
        if usual is None and seen != "separator" and (leads or beyond == "blank"):
            usual = leads
        after = max(index, other) + 1
    return tuple(found)


def _facing(sides: Sequence[Side]) -> bool | None:
    """Whether separators come before their backs: so where a letter begins the stack, with its front. None: unknown."""
    return True if sides and sides[0] == "printed" else None


def _at(sides: Sequence[Side], index: int) -> Side | None:
    return sides[index] if 0 <= index < len(sides) else None
