"""What each page of a scanner's stack is to it: part of a letter, a separator or its back, blank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pipeline.domain.page_looks import PageLook
from pipeline.domain.profiles import SeparationRules

Role = Literal["letter", "separator", "side", "gap", "blank"]
"""Part of a letter, a separator, the other side of one, a blank page that separates, a blank page that is left out."""


def roles_of(looks: Sequence[PageLook], rules: SeparationRules) -> list[Role]:
    """What each page is to its stack."""
    roles: list[Role] = []
    for look in looks:
        if look.separator is not None:
            roles.append("separator")
        elif look.blank and "blank" in rules.by:
            roles.append("gap")
        else:
            roles.append("blank" if look.blank and rules.blank_pages == "drop" else "letter")
    for index in [index for index, role in enumerate(roles) if role == "separator"]:
        other = other_side(index, rules)
        if 0 <= other < len(looks) and looks[other].blank:
            roles[other] = "side"
    return roles


def other_side(index: int, rules: SeparationRules) -> int:
    """Where the other side of a sheet lies: duplex pages come in pairs, otherwise a back can only follow."""
    if rules.plex == "duplex":
        return index ^ 1
    return index + 1 if rules.plex == "mixed" else -1
