"""A later page of a letter that shows another person's address in the window: perhaps two letters were taken for one.

A letter whose mark, separator or second page is missing would go into the envelope of the one before, and nothing else
would tell. Single characters are read only on pages whose text in the field ends a line as an address does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pipeline.adapters.letters.open_pages import OpenPages
from pipeline.adapters.letters.printed_text import printed_glyphs
from pipeline.adapters.letters.text_lines import PageText, TextLine, read_glyphs
from pipeline.adapters.letters.window import WindowReading, reading_of, region_of
from pipeline.domain.address_field import FIELDS, Field, fields_of
from pipeline.domain.geometry import POINTS_PER_MM, Rect
from pipeline.domain.profiles import AddressForm, OutgoingRules
from pipeline.domain.recipients import asks_for_address, is_same_recipient, is_senders

# Running text reaches beyond this much from the left edge, where the field ends at 105 mm; in a field at the right,
# to its edge, beyond which nothing is read.
_RUNNING_MM, _EDGE_MM, _FAR_RIGHT_MM = 120.0, 2.0, 60.0
# Digits and a town, as an address ends at home and in many countries. Elsewhere capitals end it.
_ENDS_ADDRESS = re.compile(r"[0-9]{3,5} ?[^\W\d_]")
_LEAST_CAPITALS = 2


def page_of_another(
    pages: OpenPages, count: int, window: WindowReading, rules: OutgoingRules, sender: str
) -> int | None:
    """The first page (from 1, of `count`) after the letter's first that shows another person's address, None for none.

    `window`: of the first page, with an address. `sender`: the municipality's own line: its address may stand there, on
    a reply form, and so may that of the sender's line on the letter. Only text counts, in the field of either form of
    DIN 5008 or in the job's own. Raises PdfiumError.
    """
    if window.address is None:
        raise ValueError("a letter without an address has no other recipient")
    forms, fields = fields_sought(rules)
    region = region_of(list(fields.values()))
    senders = (sender, " ".join(line.text for line in window.notes))
    for offset in range(1, count):
        text = pages.text(offset)
        if not ends_address(text, region):
            continue
        found = _address_on(text, region, rules.forms, forms, fields)
        if found is None:
            continue
        if found.address is None:
            return offset + 1
        own = is_same_recipient(window.address, found.address)
        if not own and not any(is_senders(found.address, line) for line in senders):
            return offset + 1
    return None


def fields_sought(rules: OutgoingRules) -> tuple[Sequence[AddressForm], Mapping[AddressForm, Field]]:
    """The fields in which another letter's address may stand, the job's own forms first."""
    if rules.window.own is not None:
        return rules.forms, fields_of(rules.forms, rules.window)
    return tuple(dict.fromkeys((*rules.forms, *FIELDS))), FIELDS


def ends_address(text: PageText, region: Rect) -> bool:
    """A quick look at whether the text of a region may be an address."""
    height_pt = text.page.get_height()
    left, low, right, high = (
        side * POINTS_PER_MM for side in (region.left_mm, region.bottom_mm, region.right_mm, region.top_mm)
    )
    found: str = text.unpacked.get_text_bounded(left, height_pt - low, right, height_pt - high)
    lines = (line.strip() for line in found.splitlines())
    return _ENDS_ADDRESS.search(found) is not None or any(
        len(line) >= _LEAST_CAPITALS and line.isupper() for line in lines
    )


def _address_on(
    text: PageText,
    region: Rect,
    own: Sequence[AddressForm],
    forms: Sequence[AddressForm],
    fields: Mapping[AddressForm, Field],
) -> WindowReading | None:
    """What the window shows as an address, or as two; None for nothing of the kind."""
    glyphs = printed_glyphs(text.page, read_glyphs(text, region))
    limit_mm = _RUNNING_MM if region.left_mm < _FAR_RIGHT_MM else region.right_mm - _EDGE_MM
    for tried in dict.fromkeys((tuple(own), tuple(forms))):
        found = reading_of(text.page, glyphs, tried, fields)
        if found.code == "address-ambiguous":
            return found
        if found.address is None:
            continue
        if not asks_for_address(found.address) and not any(_runs_on(line, limit_mm) for line in found.lines):
            return found
    return None


def _runs_on(line: TextLine, limit_mm: float) -> bool:
    return (line.tail.gap_left_mm if line.tail else line.right_mm) > limit_mm
