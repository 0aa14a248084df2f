"""What a pool is: the letters that may share a batch, and what of a job or a machine decides it.

A machine needs the same envelope, form (it sets the folds), paper and plex for a whole run, and the same enclosures if
it can't select them. What is confidential stays with its own class, and a municipality or a job may forbid that its
letters lie among others'. What an endorsement sends by another product, such as registered mail, leaves the bulk.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

Confidentiality = Literal["normal", "confidential", "sealed"]

HIGHEST_PRIORITY = 9
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True)
class PoolRules:
    """What a job says of its pool. `mix`: whether letters of other municipalities may lie in the same batch.

    `confidentiality`: classes are never mixed. `priority` 0 to 9: pools of a higher one are closed, numbered and
    written first.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid", "strict": False}
    mix: bool = True
    confidentiality: Confidentiality = "normal"
    priority: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.priority <= HIGHEST_PRIORITY:
            raise ValueError(f"priority is 0 to {HIGHEST_PRIORITY}")


@dataclass(frozen=True)
class CutOffRules:
    """When the pools of a machine close by themselves; without any of these only by hand.

    `times`: on working days, on the print centre's clock, as `14:00`. `max_pieces`: as soon as so many letters lie in
    the pool, 0: never. `max_age_hours`: as soon as one has lain there for so long, 0: never. `latest`: what is closed
    after this counts as closed on the next working day. `posting_days` 0 to 20: so many working days after it is closed
    it goes to the post.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid", "strict": False}
    times: tuple[str, ...] = ()
    max_pieces: int = 0
    max_age_hours: float = 0.0
    latest: str = "23:59"
    posting_days: int = 0

    def __post_init__(self) -> None:
        if not all(_TIME.fullmatch(each) for each in (*self.times, self.latest)):
            raise ValueError("cut_off: a time is written as 14:00")
        if self.max_pieces < 0 or self.max_age_hours < 0 or not 0 <= self.posting_days <= 20:
            raise ValueError("cut_off: no count, age or delay below 0")


@dataclass(frozen=True, order=True)
class PoolKey:
    """What all pieces of a batch have in common.

    `enclosures`: stations joined by `+`, where the machine can't select them; else empty. `kept_apart`: the
    municipality whose letters lie alone; else empty. `special`: the product that its letters order by an endorsement,
    such as registered mail; else empty.
    """

    machine: str
    envelope: str
    form: str
    paper: str
    plex: str
    enclosures: str = ""
    confidentiality: str = "normal"
    kept_apart: str = ""
    special: str = ""

    @property
    def name(self) -> str:
        """One word for people and programs: what differs from pool to pool, joined by slashes."""
        told = [self.machine, self.envelope, self.form, self.paper, self.plex]
        told += [f"enclosures-{self.enclosures}"] if self.enclosures else []
        told += [self.confidentiality] if self.confidentiality != "normal" else []
        told += [self.kept_apart] if self.kept_apart else []
        told += [self.special] if self.special else []
        return "/".join(told)


@dataclass(frozen=True)
class Pool:
    """What lies in a pool now, as sums: never a letter by itself.

    `since`: since when the letter that is there longest is ready, with offset. `due`: the earliest last day of posting,
    ISO date, or empty. `priority`: the highest.
    """

    key: PoolKey
    pieces: int
    sheets: int
    since: datetime
    due: str
    priority: int

    def __post_init__(self) -> None:
        if min(self.pieces, self.sheets) < 1:
            raise ValueError(f"a pool without a letter is none: {self.key.name}")
        if self.since.tzinfo is None:
            raise ValueError(f"a time without its zone: {self.since}")
