"""Whether a page shows an address that can't be read as one: where on the sheet it stands, and what stands around it.

Only what begins a page counts, in the address field, or a little above or below it. An address further down in a text,
of a court for instance, is the text's.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, takewhile

import pypdfium2 as pdfium

from pipeline.adapters.letters.printed_text import printed_glyphs
from pipeline.adapters.letters.text_lines import Glyph, TextLine, lines_of, read_glyphs, within
from pipeline.domain.address_field import Field
from pipeline.domain.address_traces import seems_address
from pipeline.domain.endorsements import endorsement_of
from pipeline.domain.geometry import A4_HEIGHT_MM, Rect
from pipeline.domain.window_notes import is_sender

# So far over the zone of the address, and under the field, one may have slipped.
_OVER_MM, _UNDER_MM = 12.0, 40.0
# Text of the letter itself is wider than an address; so much more than the field an address may be.
_WIDER_MM = 6.0
# An address keeps this distance from what stands above the field, and its lines are no further apart.
_DISTANCE_MM = 10.0
_NEXT_LINE_EM = 1.8
# Lines are read so far to the right that text of the letter itself is known by its width.
_LEFT_MM, _RIGHT_MM = 10.0, 124.0
_FLUSH_MM = 1.0
_TALLEST_MM = 30.0


def place_of_traces(fields: Sequence[Field]) -> Rect:
    """What has to be known of a page to tell whether an address stands in one of the fields, or near."""
    top_mm = min(field.top_mm for field in fields) - _DISTANCE_MM
    bottom_mm = max(field.bottom_mm for field in fields) + 3.0
    return Rect(_LEFT_MM, max(0.0, top_mm), _RIGHT_MM, min(A4_HEIGHT_MM, bottom_mm))


def shows_traces(page: pdfium.PdfPage, glyphs: Sequence[Glyph], fields: Sequence[Field]) -> bool:
    """Whether a page that lies straight has lines where an address stands that are meant as one.

    `glyphs`: those printed in `place_of_traces`, or more; what lies under it is only read where an address could begin
    or go on there.
    """
    place = place_of_traces(fields)
    lines = lines_of(within(glyphs, place))
    top_mm = min(field.top_mm for field in fields) - 1.0
    first_mm = min((line.middle_mm for line in lines if line.middle_mm >= top_mm), default=place.bottom_mm)
    if first_mm > place.bottom_mm - _TALLEST_MM:
        low_mm = min(A4_HEIGHT_MM, place.bottom_mm + _UNDER_MM)
        under = Rect(place.left_mm, place.bottom_mm, place.right_mm, low_mm)
        lines += lines_of(printed_glyphs(page, read_glyphs(page, under)))
    return any(_begins_with_address(lines, field) for field in fields)


def _begins_with_address(lines: Sequence[TextLine], field: Field) -> bool:
    widest_mm = field.right_mm + _WIDER_MM
    left = [line for line in lines if line.left_mm < field.right_mm]
    left = [line for line in left if line.right_mm > widest_mm or not _is_above_address(line.text)]
    within = [line for line in left if line.middle_mm >= field.top_mm - 1.0]
    above = [line for line in left if line.middle_mm < field.top_mm - 1.0]
    block = list(takewhile(lambda line: line.right_mm <= widest_mm, _first_block(within)))
    if not block or not field.boundary_mm - _OVER_MM <= block[0].middle_mm <= field.bottom_mm + _UNDER_MM:
        return False
    near = above and block[0].baseline_mm - above[-1].baseline_mm < _DISTANCE_MM
    return not near and seems_address([line.text for line in block])


def _is_above_address(text: str) -> bool:
    return is_sender(text) or endorsement_of(text) not in (None, "reference")


def _first_block(lines: Sequence[TextLine]) -> list[TextLine]:
    """The lines from the first on that stand flush below each other at the usual distance."""
    block = list(lines[:1])
    for before, line in pairwise(lines):
        flush = abs(line.left_mm - before.left_mm) < _FLUSH_MM
        if not flush or line.baseline_mm - before.baseline_mm > _NEXT_LINE_EM * line.size_mm:
            break
        block.append(line)
    return block
