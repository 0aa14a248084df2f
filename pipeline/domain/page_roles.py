"""What each page of a scanner's stack is to it: part of a letter, a separator or its back, blank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pipeline.domain.page_looks import PageLook
from pipeline.domain.profiles import SeparationRules

Role = Literal["letter", "separator", "side", "gap", "blank"]
"""Part of a letter, a separator, the other side of one, a blank page that separates, a blank page that is left out.

A separator on a letter's page is part of the letter that it begins.
"""

_SHINES_THROUGH = 0.2  # of the ink of the side in front, at most


def roles_of(looks: Sequence[PageLook], rules: SeparationRules) -> list[Role]:
    """What each page is to its stack."""
    roles: list[Role] = []
    for look in looks:
        if look.separator is not None:
            roles.append("letter" if look.separator.on_letter else "separator")
        elif look.blank and "blank" in rules.by:
            roles.append("gap")
        else:
            roles.append("blank" if look.blank and rules.blank_pages == "drop" else "letter")
    for index, look in enumerate(looks):
        other = other_side(index, rules)
        if roles[index] == "separator" and 0 <= other < len(looks) and _is_its_back(looks[other], look, rules):
            roles[other] = "side"
    return roles


def _is_its_back(page: PageLook, front: PageLook, rules: SeparationRules) -> bool:
    """Whether a page beside a separator is the sheet's other side: blank, or the codes shine through thin paper.

    Both sides of a sheet are one separator, also where it was printed on both. Where nothing proves that two pages are
    one sheet, what shines through is the same and far paler.
    """
    if page.blank:
        return True
    is_sheet = rules.plex == "duplex"
    if page.separator is None:
        return is_sheet and page.doubt is not None and page.ink_ratio == 0
    if page.separator.on_letter or front.separator is None or not page.separator.says_the_same(front.separator):
        return False
    return page.ink_ratio <= front.ink_ratio * (1 if is_sheet else _SHINES_THROUGH)


def other_side(index: int, rules: SeparationRules) -> int:
    """Where the other side of a sheet lies: duplex pages come in pairs, otherwise a back can only follow."""
    if rules.plex == "duplex":
        return index ^ 1
    return index + 1 if rules.plex == "mixed" else -1
