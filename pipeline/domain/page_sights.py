"""What was seen on a page of a print stream that bears on where letters begin, and how text becomes that."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.domain.split_rules import ORDER_GROUPS, SplitRules

UNKNOWN_CHARACTER = "\ufffd"

# How letters number their pages, alone on a line or at its end with the total; "siehe Seite 3" is neither.
_NUMBERED = (
    re.compile(r"^\W*(?:Seite|Blatt)\s+(\d{1,4})(?:\s*(?:von|/)\s*(\d{1,4}))?\W*$"),
    re.compile(r"(?:^|\s)(?:Seite|Blatt)\s+(\d{1,4})\s*(?:von|/)\s*(\d{1,4})\W*$"),
)


@dataclass(frozen=True, slots=True)
class PageSight:
    """What was seen on a page (from 1).

    `begins`: it shows what a letter begins with. `follows`: it shows what goes on with a letter. `number`, `total`:
    which page of its letter it says it is, and of how many. `key`: what changes with the letter. `fields`: orders of
    the letter. `addressed`: it has an address in the window, although its key is that of the page before; `own_page`:
    which page of its letter it then calls itself, anywhere on it. `recipient`: a hash of the address in the window,
    where only first pages are marked. `blank`: nothing is printed on it. `separator`: it only separates. `rest`: where
    it has a control line, a fingerprint of what else stands on it. `doubt`: a German sentence why it can't be told,
    None if it can.
    """

    page: int
    begins: bool = False
    follows: bool = False
    number: int | None = None
    total: int | None = None
    key: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    blank: bool = False
    separator: bool = False
    doubt: str | None = None
    addressed: bool = False
    own_page: int | None = None
    recipient: str | None = None
    rest: str | None = None

    def __post_init__(self) -> None:
        if self.page < 1 or (self.blank and self.separator):
            raise ValueError(f"not a sight of a page: {self}")


def page_said(lines: Sequence[str]) -> int | None:
    """Which page of its letter the lines of a page say it is; None where they say nothing, or contradict each other."""
    found = set()
    for line in lines:
        match = next((one for pattern in _NUMBERED if (one := pattern.search(line))), None)
        if match is not None:
            number, total = int(match[1]), match[2]
            if 1 <= number <= (int(total) if total else number):
                found.add(number)
    return found.pop() if len(found) == 1 else None


def sight_of_text(page: int, lines: Sequence[str], rules: SplitRules) -> PageSight:
    """What the lines in the profile's region say. A character that can't be known is U+FFFD.

    Where a control line is looked for, nothing else may stand in its place; in other regions lines that match nothing
    are passed over.
    """
    if any(UNKNOWN_CHARACTER in line for line in lines):
        return PageSight(page, doubt="Der Text im Bereich ist nicht lesbar: Seine Schrift ordnet Zeichen nicht zu.")
    texts = list(lines) or [""]
    following = rules.following
    matches = [found for line in texts if line and (found := re.search(rules.pattern, line))]
    goes_on = following is not None and any(re.search(following, line) for line in texts)
    if rules.removes:
        strange = [line for line in lines if not re.search(rules.pattern, line)]
        if following is not None:
            strange = [line for line in strange if not re.search(following, line)]
        if strange:
            return PageSight(page, doubt="Im Bereich der Steuerzeile steht etwas, das keine lesbare Steuerzeile ist.")
    if not matches:
        return PageSight(page, follows=goes_on)
    told = [{name: text for name, text in found.groupdict().items() if text is not None} for found in matches]
    if any(each != told[0] for each in told[1:]):
        return PageSight(page, doubt="Im Bereich stehen zwei Angaben, die einander widersprechen.")
    return _sight(page, told[0], goes_on)


def _sight(page: int, told: Mapping[str, str], follows: bool) -> PageSight:
    numbers: dict[str, int] = {}
    for name in ("page", "total"):
        text = told.get(name)
        if text is None:
            continue
        if not (text.isascii() and text.isdecimal() and 1 <= len(text) <= 6 and int(text) >= 1):
            return PageSight(page, doubt="Die Seitenzahl im Bereich ist keine Zahl ab 1.")
        numbers[name] = int(text)
    orders = {name: text.strip() for name, text in told.items() if name in ORDER_GROUPS}
    number = numbers.get("page")
    key = " ".join(told["key"].split()) if "key" in told else None
    begins = number in (None, 1)
    return PageSight(page, begins, follows, number, numbers.get("total"), key or None, orders)
