"""What a job does with pages that are not A4 upright: sizes that offices and foreign programs make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

SizeRule = Literal["refuse", "centre", "top-left", "scale"]
LandscapeRule = Literal["turn", "refuse"]
PageSize = Literal["a5", "letter"]

_STRICT: dict[str, object] = {"extra": "forbid", "strict": False}


@dataclass(frozen=True)
class PageRules:
    """How pages of another size come onto the A4 sheet.

    `refuse`: the letter goes back. `centre`: at 1:1 in the middle. `top-left`: at 1:1 in the sheet's upper left
    corner, where an address stays at its place for the window. `scale`: as large as the sheet allows, in the middle.
    `a5`: 148 x 210 mm (ISO 216), also lying. `letter`: 8.5 x 11 inch (ANSI A), also lying. `landscape`: A4 lying,
    turned so that its head lies at the filed edge.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    a5: SizeRule = "refuse"
    letter: SizeRule = "refuse"
    landscape: LandscapeRule = "turn"

    def rule_of(self, size: PageSize) -> SizeRule:
        """What is done with a page of this size."""
        return self.a5 if size == "a5" else self.letter
