"""Which page of the stack is what: kind, resolution, coding, how askew, which way up. Decided by seed and number alone.

Pages come by the dozen. Every dozen holds two pages of each kind, four that are askew, one that is turned (two in every
fifth dozen, so that a tenth of sixty is), six of 200 and six of 300 dpi, five grey, three in colour, four black and
white. A stack of 12 pages is therefore the beginning of the one of 60, and that the beginning of the one of 600.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

KINDS = ("dense-letter", "sparse-letter", "statute", "invoice", "table", "form")
CODINGS = ("pdf-jpeg-grey", "pdf-jpeg-colour", "pdf-g4")
DOZEN = 12
_CODINGS_OF_A_DOZEN = ("pdf-jpeg-grey",) * 5 + ("pdf-jpeg-colour",) * 3 + ("pdf-g4",) * 4
_LEAST_SKEW, _MOST_SKEW, _FEEDER_SKEW = 0.6, 3.0, 0.2


@dataclass(frozen=True)
class PageOrder:
    """One page as wanted. Angles clockwise against upright reading; `skew_degrees` within 3, `turn` 0, 90, 180, 270."""

    number: int
    seed: int
    kind: str
    dpi: int
    coding: str
    skew_degrees: float
    turn: int

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.coding not in CODINGS or self.turn not in (0, 90, 180, 270):
            raise ValueError(f"no such page: {self}")
        if abs(self.skew_degrees) > _MOST_SKEW or not 100 <= self.dpi <= 600 or self.number < 1:
            raise ValueError(f"no such page: {self}")

    @property
    def askew(self) -> bool:
        """Whether the page lies askew beyond what every feeder does."""
        return abs(self.skew_degrees) >= _LEAST_SKEW

    def chance(self, what: str) -> random.Random:
        """A source of chance of its own for each side of the page, so that one does not move the other."""
        return random.Random(f"bench stack {self.seed} {self.number} {what}")


def page_order(number: int, seed: int) -> PageOrder:
    """Page `number` (from 1) of the stack of this seed."""
    dozen, place = divmod(number - 1, DOZEN)
    rng = random.Random(f"bench dozen {seed} {dozen}")
    kinds = rng.sample(KINDS * 2, DOZEN)
    codings = rng.sample(_CODINGS_OF_A_DOZEN, DOZEN)
    resolutions = rng.sample((200, 300) * 6, DOZEN)
    askew = set(rng.sample(range(DOZEN), 4))
    turned = rng.sample(range(DOZEN), 2 if dozen % 5 == 4 else 1)
    own = random.Random(f"bench page {seed} {number}")
    size = own.uniform(_LEAST_SKEW, _MOST_SKEW) if place in askew else own.uniform(0.0, _FEEDER_SKEW)
    skew = round(size if own.random() < 0.5 else -size, 2)
    turn = (180, 90, 270)[(dozen + turned.index(place)) % 3] if place in turned else 0
    return PageOrder(number, seed, kinds[place], resolutions[place], codings[place], skew, turn)


def stack_orders(pages: int, seed: int) -> list[PageOrder]:
    """The first `pages` pages (at least 1) of the stack of this seed."""
    if pages < 1:
        raise ValueError("a stack has at least one page")
    return [page_order(number, seed) for number in range(1, pages + 1)]
