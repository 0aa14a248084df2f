"""A later page of a letter that shows another person's address in the window: perhaps two letters were taken for one.

A letter whose mark, separator or second page is missing would go into the envelope of the one before, and nothing else
would tell. Unpacking the text of every page would take longer than all other reading. So a page's text is unpacked only
if lines end where those of an address do; running text goes on to the other margin.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from pipeline.adapters.letters import text_calls as calls
from pipeline.adapters.letters.open_pages import OpenPages
from pipeline.adapters.letters.printed_text import printed_glyphs
from pipeline.adapters.letters.text_lines import PageText, TextLine, read_glyphs
from pipeline.adapters.letters.window import WindowReading, reading_of, region_of
from pipeline.domain.address_field import FIELDS, Field, fields_of
from pipeline.domain.geometry import MM_PER_POINT, POINTS_PER_MM, Rect
from pipeline.domain.profiles import AddressForm, OutgoingRules
from pipeline.domain.recipients import is_same_recipient, is_senders

# Running text reaches beyond this much from the left edge; the field ends at 105 mm. A line of an address begins before
# the other.
_RUNNING_MM, _LAST_LEFT_MM = 120.0, 60.0
# Wider gaps end a line, and lines further apart are not of one address.
_GAP_MM, _APART_MM = 4.0, 13.0
# Type as large as that may stand across several lines.
_LARGE_MM = 12.0
# Something that ends an address: digits and a town, or a country in capitals.
_ENDS_ADDRESS = re.compile(r"[0-9]{3,5} ?[^\W\d_]|^\s*[A-ZÄÖÜ][A-ZÄÖÜ .-]{3,}\s*$", re.MULTILINE)

# More objects than that are not asked one by one: unpacking the text is as quick. And forms within forms.
_MOST_OBJECTS, _DEEPEST = 300, 8

Box = tuple[float, float, float, float]  # left, top, right, bottom in mm
Place = tuple[float, float, float, float]  # scale across and up, origin in points
Ask = Callable[..., Any]
_UNMOVED: Place = (1.0, 1.0, 0.0, 0.0)


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
        if not _may_show_address(text.page, region) or not ends_address(text, region):
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
    return _ENDS_ADDRESS.search(found) is not None


def _address_on(
    text: PageText,
    region: Rect,
    own: Sequence[AddressForm],
    forms: Sequence[AddressForm],
    fields: Mapping[AddressForm, Field],
) -> WindowReading | None:
    """What the window shows as an address, or as two; None for nothing of the kind."""
    glyphs = printed_glyphs(text.page, read_glyphs(text, region))
    for tried in dict.fromkeys((tuple(own), tuple(forms))):
        found = reading_of(text.page, glyphs, tried, fields)
        if found.code == "address-ambiguous":
            return found
        if found.address is not None and not any(_runs_on(line) for line in found.lines):
            return found
    return None


def _runs_on(line: TextLine) -> bool:
    return (line.tail.gap_left_mm if line.tail else line.right_mm) > _RUNNING_MM


def _may_show_address(page: pdfium.PdfPage, region: Rect) -> bool:
    """Whether two lines below each other end where those of an address do, or it would take longer to tell."""
    boxes = _text_boxes(page, region)
    if boxes is None or any(low - high > _LARGE_MM for _, high, _, low in boxes):
        return True
    short = [middle for middle, begins, ends in _rows(boxes) if begins <= _LAST_LEFT_MM and ends <= _RUNNING_MM]
    return any(below - above <= _APART_MM for above, below in pairwise(short))


def _text_boxes(page: pdfium.PdfPage, region: Rect) -> list[Box] | None:
    """The text objects that reach into a region, in mm from the sheet's top left corner; None where they are too many,
    or nested in turned or mirrored content."""
    reader = _BoxReader(region, page.get_height())
    known = reader.read(calls.handle_of(page.raw), calls.count_objects, calls.get_object, _UNMOVED)
    return reader.boxes if known else None


class _BoxReader:
    """Asks pdfium where text objects lie, through forms within forms."""

    def __init__(self, region: Rect, high_pt: float) -> None:
        self.boxes: list[Box] = []
        self._region, self._high_mm = region, high_pt * MM_PER_POINT
        self._rest = _MOST_OBJECTS
        self._sides = tuple(ctypes.c_float() for _ in range(4))
        self._refs = tuple(ctypes.byref(side) for side in self._sides)

    def read(self, holder: ctypes.c_void_p, count: Ask, get: Ask, place: Place, depth: int = 0) -> bool:
        """Take the boxes of a page's or form's objects; `place`: scale and origin. False: it can't be told."""
        objects = count(holder)
        self._rest -= objects
        if self._rest < 0 or depth > _DEEPEST:
            return False
        for index in range(objects):
            found = ctypes.c_void_p(get(holder, index))
            kind = calls.get_object_type(found)
            if kind == raw.FPDF_PAGEOBJ_TEXT:
                self._take(found, place)
            elif kind == raw.FPDF_PAGEOBJ_FORM:
                inner = _moved(found, place)
                if inner is None or not self.read(found, calls.count_nested, calls.get_nested, inner, depth + 1):
                    return False
        return True

    def _take(self, found: ctypes.c_void_p, place: Place) -> None:
        if not calls.get_object_bounds(found, *self._refs):
            return
        wide, high, x, y = place
        left, low, right, top = (side.value for side in self._sides)
        region = self._region
        box = (
            (left * wide + x) * MM_PER_POINT,
            self._high_mm - (top * high + y) * MM_PER_POINT,
            (right * wide + x) * MM_PER_POINT,
            self._high_mm - (low * high + y) * MM_PER_POINT,
        )
        if box[1] <= region.bottom_mm and box[3] >= region.top_mm and box[0] <= region.right_mm:
            self.boxes.append(box)


def _moved(form: ctypes.c_void_p, place: Place) -> Place | None:
    """Scale and origin of what a form holds; None where it is turned or mirrored."""
    matrix = raw.FS_MATRIX()
    if not calls.get_object_matrix(form, ctypes.byref(matrix)) or matrix.b or matrix.c:
        return None
    if matrix.a <= 0 or matrix.d <= 0:
        return None
    wide, high, x, y = place
    return (matrix.a * wide, matrix.d * high, matrix.e * wide + x, matrix.f * high + y)


def _rows(boxes: Sequence[Box]) -> Iterator[tuple[float, float, float]]:
    """Middle, beginning and end of the first stretch of each row, top to bottom."""
    row: list[Box] = []
    for box in sorted(boxes, key=lambda box: box[1] + box[3]):
        if row and (box[1] + box[3]) / 2 > row[0][3]:
            yield _stretch(row)
            row = []
        row.append(box)
    if row:
        yield _stretch(row)


def _stretch(row: Sequence[Box]) -> tuple[float, float, float]:
    parts = sorted(row)
    begins, _, ends, _ = parts[0]
    for left, _, right, _ in parts[1:]:
        if left - ends > _GAP_MM:
            break
        ends = max(ends, right)
    return (row[0][1] + row[0][3]) / 2, begins, ends
