"""The visible text of a region of a page, put together into lines from where each character stands.

The order in which a program drew its characters, and whether it drew the blanks, says nothing about what a reader
sees; position does. Lengths in mm from the sheet's top left corner.
"""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median, median_low
from typing import Any, Literal, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from pipeline.adapters.letters import text_calls as calls
from pipeline.domain.geometry import MM_PER_POINT, POINTS_PER_MM, Rect

# A blank is at least this part of the type size wider than the usual gap between letters: a quarter of an em is the
# narrowest blank in common faces, and the height of a face's box is up to 1.4 em.
_BLANK_EM = 0.14
_FEWEST_SPACED = 4
_SPACED_SHARE = 0.8
_UNKNOWN = "\ufffd"
# Characters whose baselines differ by less than this part of the type size are one line.
_SAME_LINE_EM = 0.35
# A wider gap than this separates columns; one wider than this part of the type size sets words of a line apart.
_COLUMN_GAP_MM = 10.0
_TAIL_EM = 1.4
_OTHER_SIZE = 1.25
_MIN_SIZE_MM = 1.0
_MAX_ANGLE = math.radians(5)
_INVISIBLE_MODES = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
_WHITE = 250
# Characters asked about together, and how far their ink may lie from their origin (a large initial), in points.
_RUN = 64
_NEAR_PT = 20.0

Bounds = tuple[float, float, float, float]
Ink = Literal["seen", "hidden", "any"]


class Glyph(NamedTuple):
    """A visible character. `text` is empty where its font does not say which character it is.

    `owner`: pdfium's address of the text object that draws it, valid while its page is open; 0 for none. `height_mm`:
    of its ink, 0 where the font doesn't tell.
    """

    text: str
    left_mm: float
    right_mm: float
    baseline_mm: float
    size_mm: float
    owner: int = 0
    height_mm: float = 0.0


class Tail(NamedTuple):
    """What follows the first wide gap of a line, which may be something else that stands at the same height.

    `gap_left_mm`, `gap_right_mm`: where the gap begins and ends.
    """

    text: str
    gap_left_mm: float
    gap_right_mm: float


@dataclass(frozen=True)
class TextLine:
    """A line as it reads. `readable`: whether every character is known; `tail`: what is set apart at its end."""

    text: str
    left_mm: float
    right_mm: float
    baseline_mm: float
    size_mm: float
    readable: bool
    tail: Tail | None = None

    @property
    def middle_mm(self) -> float:
        """Half the height of a capital above the baseline: where the eye puts the line."""
        return self.baseline_mm - 0.35 * self.size_mm


class PageText:
    """The characters of an open page, unpacked once, when they are first asked for. Close it before the page."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        self.page = page
        self._text: pdfium.PdfTextPage | None = None

    @property
    def unpacked(self) -> pdfium.PdfTextPage:
        """pdfium's own view of them."""
        if self._text is None:
            self._text = self.page.get_textpage()
        return self._text

    def characters(self) -> Counter[str]:
        """How often each letter and digit stands on the page, seen or not."""
        counts = Counter(self.unpacked.get_text_range())
        return Counter({character: count for character, count in counts.items() if character.isalnum()})

    def close(self) -> None:
        """Give the characters up; the page stays open."""
        if self._text is not None:
            self._text.close()
            self._text = None


def read_glyphs(
    page: pdfium.PdfPage | PageText, region: Rect, ink: Ink = "seen", least_size_mm: float = _MIN_SIZE_MM
) -> list[Glyph]:
    """The visible characters whose origin lies in a region of an A4 page with its origin at zero.

    Left out: text under `least_size_mm`, text turned by more than 5 degrees, and text that is white or invisible;
    with `ink` `hidden` only such text is read, with `any` both.
    """
    if not isinstance(page, PageText):
        text = PageText(page)
        try:
            return read_glyphs(text, region, ink, least_size_mm)
        finally:
            text.close()
    height_pt = page.page.get_height()
    bounds = (
        region.left_mm * POINTS_PER_MM,
        height_pt - region.bottom_mm * POINTS_PER_MM,
        region.right_mm * POINTS_PER_MM,
        height_pt - region.top_mm * POINTS_PER_MM,
    )
    handle = page.unpacked.raw
    reader = _GlyphReader(handle, height_pt, ink, least_size_mm)
    found: list[Glyph] = []
    count = raw.FPDFText_CountChars(handle)
    for start in range(0, count, _RUN):
        if reader.may_reach(start, bounds):
            found += reader.glyphs(start, min(start + _RUN, count), bounds)
    return found


def within(glyphs: Sequence[Glyph], region: Rect) -> list[Glyph]:
    """Those of some characters whose origin lies in a region."""
    return [
        glyph
        for glyph in glyphs
        if region.left_mm <= glyph.left_mm <= region.right_mm and region.top_mm <= glyph.baseline_mm <= region.bottom_mm
    ]


class _GlyphReader:
    """Reads single characters of one text page; what belongs to a text object is asked once an object."""

    def __init__(self, handle: Any, height_pt: float, ink: Ink, least_size_mm: float) -> None:
        self._handle = handle
        self._page = calls.handle_of(handle)
        self._height_pt = height_pt
        self._ink, self._least_size_mm = ink, least_size_mm
        self._seen: dict[int, bool] = {}
        self._x, self._y = ctypes.c_double(), ctypes.c_double()
        self._origin = ctypes.byref(self._x), ctypes.byref(self._y)
        self._box = raw.FS_RECTF()
        self._box_ref = ctypes.byref(self._box)
        self._rect = tuple(ctypes.c_double() for _ in range(4))  # left, top, right, bottom
        self._rect_refs = tuple(ctypes.byref(side) for side in self._rect)

    def may_reach(self, start: int, bounds: Bounds) -> bool:
        """Whether any of a run of characters comes near the bounds: asked for the run, since a page has thousands."""
        left, bottom, right, top = bounds
        x1, y2, x2, y1 = self._rect
        page, get_rect = self._page, calls.get_rect
        for index in range(calls.count_rects(page, start, _RUN)):
            if (
                get_rect(page, index, *self._rect_refs)
                and y1.value <= top + _NEAR_PT
                and y2.value >= bottom - _NEAR_PT
                and x1.value <= right + _NEAR_PT
                and x2.value >= left - _NEAR_PT
            ):
                return True
        return False

    def glyphs(self, start: int, end: int, bounds: Bounds) -> list[Glyph]:
        """The visible characters of a run whose origin lies inside the bounds."""
        left, bottom, right, top = bounds
        page, get_origin, (to_x, to_y) = self._page, calls.get_char_origin, self._origin
        place_x, place_y = self._x, self._y
        found: list[Glyph] = []
        for index in range(start, end):
            if not get_origin(page, index, to_x, to_y):
                continue
            x, y = place_x.value, place_y.value
            if left <= x <= right and bottom <= y <= top:
                glyph = self._glyph(index, x, y)
                if glyph is not None:
                    found.append(glyph)
        return found

    def _glyph(self, index: int, x: float, y: float) -> Glyph | None:
        """The character at an index of the text page, None where nothing of it is seen."""
        page = self._page
        code = calls.get_unicode(page, index)
        owner = self._owner(index)
        if not owner:
            return None
        box = self._box
        if not calls.get_loose_char_box(page, index, self._box_ref):
            return None
        size_mm = abs(box.top - box.bottom) * MM_PER_POINT
        if size_mm < self._least_size_mm:
            return None
        unknown = calls.has_unicode_map_error(page, index) == 1
        return Glyph(
            "" if unknown or not _is_text(code) else chr(code),
            x * MM_PER_POINT,
            max(x, box.right) * MM_PER_POINT,
            (self._height_pt - y) * MM_PER_POINT,
            size_mm,
            owner,
            self._height_mm(index),
        )

    def _height_mm(self, index: int) -> float:
        left, right, low, high = self._rect_refs
        if not calls.get_char_box(self._page, index, left, right, low, high):
            return 0.0
        return abs(self._rect[3].value - self._rect[2].value) * MM_PER_POINT

    def _is_level(self, index: int) -> bool:
        angle = raw.FPDFText_GetCharAngle(self._handle, index)
        return bool(angle < 0) or min(angle, 2 * math.pi - angle) <= _MAX_ANGLE

    def _owner(self, index: int) -> int:
        """The address of the text object of a character that is wanted and level, 0 for other characters; one that
        belongs to no text object was made up by the reader."""
        address: int | None = calls.get_text_object(self._page, index)
        if not address or calls.is_generated(self._page, index) == 1:
            return 0
        known = self._seen.get(address)
        if known is None:
            text_object = ctypes.cast(address, raw.FPDF_PAGEOBJECT)
            known = self._seen[address] = self._is_wanted(text_object, index) and self._is_level(index)
        return address if known else 0

    def _is_wanted(self, text_object: Any, index: int) -> bool:
        return self._ink == "any" or self._is_visible(text_object, index) == (self._ink == "seen")

    def _is_visible(self, text_object: Any, index: int) -> bool:
        mode = raw.FPDFTextObj_GetTextRenderMode(text_object)
        if mode in _INVISIBLE_MODES:
            return False
        red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
        stroked = mode in (raw.FPDF_TEXTRENDERMODE_STROKE, raw.FPDF_TEXTRENDERMODE_STROKE_CLIP)
        ask = raw.FPDFText_GetStrokeColor if stroked else raw.FPDFText_GetFillColor
        if not ask(self._handle, index, *(ctypes.byref(value) for value in (red, green, blue, alpha))):
            return True
        return alpha.value > 0 and min(red.value, green.value, blue.value) < _WHITE


def _is_text(code: int) -> bool:
    """Whether a code is a character: no control, no private use, no replacement character."""
    return code >= 0x20 and not 0x7F <= code < 0xA0 and not 0xE000 <= code <= 0xF8FF and code not in (0xFFFD, 0xFFFE)


def lines_of(glyphs: Sequence[Glyph]) -> list[TextLine]:
    """Characters as lines, top to bottom and left to right. Where a line has several columns each is a line."""
    lines: list[TextLine] = []
    for row in _rows(glyphs):
        for column in _columns(row):
            line = _line(column)
            if line is not None:
                lines.append(line)
    return lines


def _rows(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    rows: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda g: (g.baseline_mm, g.left_mm, g.text)):
        if rows:
            first = rows[-1][0]
            if glyph.baseline_mm - first.baseline_mm <= _SAME_LINE_EM * min(first.size_mm, glyph.size_mm):
                rows[-1].append(glyph)
                continue
        rows.append([glyph])
    return rows


def _columns(row: Sequence[Glyph]) -> list[list[Glyph]]:
    columns: list[list[Glyph]] = []
    reached = -math.inf
    for glyph in sorted(row, key=lambda g: (g.left_mm, g.text)):
        if columns and _is_double(glyph, columns[-1]):
            continue
        if not columns or (glyph.left_mm - reached > _COLUMN_GAP_MM and not glyph.text.isspace()):
            columns.append([])
            reached = -math.inf
        columns[-1].append(glyph)
        if not glyph.text.isspace():
            reached = max(reached, glyph.right_mm)
    return columns


def _is_double(glyph: Glyph, column: Sequence[Glyph]) -> bool:
    """Whether a character is the shadow of one already there: bold type made by drawing twice."""
    return any(
        before.text == glyph.text and glyph.left_mm - before.left_mm <= 0.1 * glyph.size_mm for before in column[-2:]
    )


def _line(column: Sequence[Glyph]) -> TextLine | None:
    inked = [glyph for glyph in column if not glyph.text.isspace() or not glyph.text]
    if not inked:
        return None
    text = _joined(column)
    return TextLine(
        text,
        inked[0].left_mm,
        max(glyph.right_mm for glyph in inked),
        median(glyph.baseline_mm for glyph in inked),
        median(glyph.size_mm for glyph in inked),
        all(glyph.text for glyph in inked),
        _tail(column, inked),
    )


def _tail(column: Sequence[Glyph], inked: Sequence[Glyph]) -> Tail | None:
    reached = inked[0].right_mm
    for place, (before, after) in enumerate(pairwise(inked), 1):
        reached = max(reached, before.right_mm)
        gap_em = (after.left_mm - reached) / max(before.size_mm, after.size_mm)
        if gap_em > _TAIL_EM or (gap_em > _BLANK_EM and _other_type(inked[:place], inked[place:])):
            text = _joined([glyph for glyph in column if glyph.left_mm >= after.left_mm])
            return Tail(text, reached, after.left_mm)
    return None


def _other_type(head: Sequence[Glyph], tail: Sequence[Glyph]) -> bool:
    """Whether two parts of a line are set in sizes that differ throughout; small capitals have both."""
    sizes, others = [glyph.size_mm for glyph in head], [glyph.size_mm for glyph in tail]
    return max(sizes) * _OTHER_SIZE < min(others) or max(others) * _OTHER_SIZE < min(sizes)


def _joined(column: Sequence[Glyph]) -> str:
    """The characters with blanks where they were drawn or where a gap is wide.

    Where nearly every letter is followed by a blank, the word was spaced by hand: then only wider gaps part words.
    """
    inked: list[Glyph] = []
    drawn_blank: list[bool] = []  # before each inked character
    blank = False
    for glyph in column:
        if glyph.text.isspace():
            blank = True
            continue
        drawn_blank.append(blank)
        inked.append(glyph)
        blank = False
    gaps = [after.left_mm - before.right_mm for before, after in pairwise(inked)]
    spaced = len(gaps) >= _FEWEST_SPACED and sum(drawn_blank[1:]) >= _SPACED_SHARE * len(gaps)
    tight = gaps if spaced else [gap for gap, blank in zip(gaps, drawn_blank[1:], strict=True) if not blank]
    usual = max(0.0, median_low(tight)) if len(tight) > 1 else 0.0
    parts = [inked[0].text or _UNKNOWN]
    for glyph, gap, blank in zip(inked[1:], gaps, drawn_blank[1:], strict=True):
        if (blank and not spaced) or gap > usual + _BLANK_EM * glyph.size_mm:
            parts.append(" ")
        parts.append(glyph.text or _UNKNOWN)
    return "".join(parts)
