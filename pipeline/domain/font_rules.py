"""What a job does with fonts that a letter names and does not bring along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

MissingFont = Literal["embed", "refuse"]


@dataclass(frozen=True)
class FontRules:
    """`missing`: a font that isn't embedded is embedded from an installed one of the same widths, or refused.

    `embed` covers Helvetica and Arial, Times and Courier and their bold and slanted kinds. Any other font that isn't
    embedded is refused by either rule: what it looks like, and where its lines end, nobody here knows.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid", "strict": True}
    missing: MissingFont = "embed"
