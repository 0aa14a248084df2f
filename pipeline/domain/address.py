"""Postal addresses as they stand in a window: lines, postcode, town, country."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class PostalAddress:
    """An address. `postcode`: five digits as a string at home, whatever stands there abroad, may be empty abroad.

    `country`: ISO 3166-1 alpha-2 where it is known, `DE` at home, `ZZ` for abroad but unknown.
    """

    lines: tuple[str, ...]
    postcode: str
    town: str
    country: str = "DE"

    def __post_init__(self) -> None:
        if self.country == "DE" and not re.fullmatch(r"[0-9]{5}", self.postcode):
            raise ValueError("a German postcode has five digits")
