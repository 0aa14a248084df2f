"""What goes wrong on the shop floor, by chance from a seed: jams, sheets drawn in pairs, sheets lost, marks misread.

Faults change what passes the reading head, never what is printed. Rates count per sheet; `pulled` per envelope.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

from samples.insertion.grouping import Sheet
from samples.insertion.head import Seen


@dataclass(frozen=True)
class FaultRates:
    """How often, from 0 to 1. `jam`: torn in the feeder. `double`: drawn together with the sheet before, unseen by the
    head. `lost`: not in the stack any more. `misread`: printed well, read wrongly. `pulled`: taken out by a person.
    """

    jam: float = 0.0
    double: float = 0.0
    lost: float = 0.0
    misread: float = 0.0
    pulled: float = 0.0

    def __post_init__(self) -> None:
        for one in fields(self):
            if not 0.0 <= getattr(self, one.name) <= 1.0:
                raise ValueError(f"{one.name}: a rate lies between 0 and 1")


USUAL = FaultRates(jam=0.001, double=0.0005, lost=0.0002, misread=0.0005, pulled=0.0005)
"""A bad day; what a machine really does depends on paper, humidity and wear."""


def parse_rates(text: str) -> FaultRates:
    """`none`, `usual`, or rates such as `jam=0.002,misread=0.001`. Raises ValueError with a sentence."""
    if text in ("none", "usual"):
        return FaultRates() if text == "none" else USUAL
    known = {one.name for one in fields(FaultRates)}
    rates = {}
    for part in text.split(","):
        name, _, value = part.strip().partition("=")
        if name not in known:
            raise ValueError(f"{name!r} is no fault; there are: {', '.join(sorted(known))}")
        try:
            rates[name] = float(value)
        except ValueError:
            raise ValueError(f"{name}: {value!r} is no rate such as 0.001") from None
    return FaultRates(**rates)


@dataclass
class Passage:
    """What happened to the sheets of a volume before and under the reading head.

    `seen`: what passes the head, in order. `hidden`: sheets that travelled unseen, by the sheet that hid them.
    `gone`: sheets that never came. `torn`: sheets that no envelope may hold.
    """

    seen: list[Sheet] = field(default_factory=list)
    hidden: dict[tuple[int, int], list[tuple[int, int]]] = field(default_factory=dict)
    gone: list[tuple[int, int]] = field(default_factory=list)
    torn: list[tuple[int, int]] = field(default_factory=list)


def disturb(sheets: Sequence[Sheet], rates: FaultRates, chance: random.Random) -> Passage:
    """Send the sheets of a volume past the head and let go wrong what goes wrong."""
    passage = Passage()
    for sheet in sheets:
        kinds = ("lost", "double", "jam", "misread")
        what = next((kind for kind in kinds if chance.random() < getattr(rates, kind)), "")
        if what == "lost":
            passage.gone.append(sheet.key)
        elif what == "double" and passage.seen:
            passage.hidden.setdefault(passage.seen[-1].key, []).append(sheet.key)
        elif what == "jam":
            passage.torn.append(sheet.key)
            passage.seen.append(replace(sheet, seen=replace(sheet.seen, stray=True, blank=False)))
        elif what == "misread":
            passage.seen.append(replace(sheet, seen=_misread(sheet.seen, chance)))
        else:
            passage.seen.append(sheet)
    return passage


def _misread(seen: Seen, chance: random.Random) -> Seen:
    """A stroke that is not seen, or one that is dirt; a 2D code of which nothing is read."""
    if not seen.strokes:
        return replace(seen, code="", blank=False)
    at = chance.randrange(len(seen.strokes))
    flipped = "0" if seen.strokes[at] == "1" else "1"
    return replace(seen, strokes=seen.strokes[:at] + flipped + seen.strokes[at + 1 :], blank=False)
