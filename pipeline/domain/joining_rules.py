"""Whether a job's letters to one recipient go into one envelope, and how many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class JoiningRules:
    """`join`: put letters of this job to one recipient into one envelope. `max_letters`: in one envelope, 2 to 20."""

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid", "strict": False}
    join: bool = False
    max_letters: int = 8

    def __post_init__(self) -> None:
        if not 2 <= self.max_letters <= 20:
            raise ValueError("joining: 2 to 20 letters in an envelope")
