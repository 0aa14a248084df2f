"""Which characters are printed: their text is taken away, the place is rendered again, and what changes is their ink.

What a page's content says and what paper shows are two things: a template's address may lie under a white box, outside
a clipping path, or on a ground of its own colour. Such text is no text here.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from pipeline.adapters.letters.text_lines import Glyph
from pipeline.domain.geometry import MM_PER_POINT, POINTS_PER_MM, Rect

_DPI = 100
_PX_PER_MM = _DPI / 25.4
# So much lighter or darker of 255 grey levels a pixel has to become: black on white is 255, yellow 29.
_CHANGE = 1
# A letter or digit has to change so much of its own height, or where that is not known this part of its type size:
# less than half the height of small letters. Other signs may be dots.
_OF_HEIGHT, _HIGH_EM = 0.7, 0.15
# So much of its width at either side belongs to its neighbours.
_SIDE = 0.15
# Of the type size: how far ink rises over the baseline and hangs below it, and so much more may an accent do.
_RISE, _HANG = 0.72, 0.1
_MORE = 0.25
# Two characters that share this part of the smaller one's place lie over each other.
_SHARED = 0.2
_DOUBLE_EM = 0.15
# Extents that differ by less are the same, in points.
_SAME_PT = 0.05
# Forms within forms.
_DEEPEST = 8

Picture = npt.NDArray[np.uint8]
Extent = tuple[float, float, float, float]
Changed = npt.NDArray[np.bool_]


def printed_glyphs(page: pdfium.PdfPage, glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Those of some characters of a page that leave ink on paper, in the same order."""
    owners = list(dict.fromkeys(glyph.owner for glyph in glyphs if glyph.owner))
    if not owners:
        return list(glyphs)
    look = _Look(page, _around(glyphs))
    before = look.picture()
    with _hidden(owners):
        after = look.picture()
    inked = [glyph for glyph in glyphs if glyph.owner and not glyph.text.isspace()]
    if all(look.printed(inked, _changed(before, after))) and not _lie_over_each_other(inked):
        return list(glyphs)
    kept = set(_one_by_one(page, inked, look, before))
    shown = {glyph.owner for glyph in kept}
    lost = {glyph.owner for glyph in inked} - shown
    return [glyph for glyph in glyphs if glyph in kept or (glyph.text.isspace() and glyph.owner not in lost)]


def _one_by_one(page: pdfium.PdfPage, inked: Sequence[Glyph], look: _Look, before: Picture) -> list[Glyph]:
    """The characters that change something, text by text in the order of drawing.

    A text that changes nothing stays away for the ones that follow: they cover it.
    """
    own: dict[int, list[Glyph]] = {}
    for glyph in inked:
        own.setdefault(glyph.owner, []).append(glyph)
    same = _drawn_again(page, own)
    found: list[Glyph] = []
    gone: list[int] = []
    for owner, characters in own.items():
        with _hidden([*gone, owner, *same.get(owner, ())]):
            after = look.picture()
        printed = look.printed(characters, _changed(before, after))
        found += [glyph for glyph, is_printed in zip(characters, printed, strict=True) if is_printed]
        if not any(printed):
            gone.append(owner)
            before = after
    return found


def _drawn_again(page: pdfium.PdfPage, own: Collection[int]) -> dict[int, list[int]]:
    """By text, those that draw the same again over it, as bold type is made: pdfium tells of the first alone."""
    texts = list(_texts(page.raw, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject))
    told = [(address, extent) for address, extent in texts if address in own]
    untold = [(address, extent) for address, extent in texts if address not in own]
    return {owner: [address for address, other in untold if _is_again(other, extent)] for owner, extent in told}


def _is_again(other: Extent, extent: Extent) -> bool:
    across, down = other[2] - other[0], other[3] - other[1]
    same = abs(extent[2] - extent[0] - across) + abs(extent[3] - extent[1] - down) < _SAME_PT
    return same and abs(other[0] - extent[0]) < across and abs(other[1] - extent[1]) < down


def _texts(holder: Any, count: Any, get: Any, depth: int = 0) -> Iterator[tuple[int, Extent]]:
    """The addresses of all text objects of a page or form, each with its left, bottom, right, top in points."""
    sides = [ctypes.c_float() for _ in range(4)]
    references = [ctypes.byref(side) for side in sides]
    for index in range(count(holder)):
        each = get(holder, index)
        kind = raw.FPDFPageObj_GetType(each)
        if kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
            yield from _texts(each, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, depth + 1)
        elif kind == raw.FPDF_PAGEOBJ_TEXT and raw.FPDFPageObj_GetBounds(each, *references):
            left, bottom, right, top = (side.value for side in sides)
            yield ctypes.addressof(each.contents), (left, bottom, right, top)


def _around(glyphs: Sequence[Glyph]) -> Rect:
    """The place of all these characters, accents and neighbours' ink included."""
    more_mm = max(glyph.size_mm for glyph in glyphs)
    return Rect(
        min(glyph.left_mm for glyph in glyphs) - more_mm,
        min(glyph.baseline_mm for glyph in glyphs) - 1.5 * more_mm,
        max(glyph.right_mm for glyph in glyphs) + more_mm,
        max(glyph.baseline_mm for glyph in glyphs) + more_mm,
    )


class _Look:
    """Renders a region of a page, and tells where in the picture a character is."""

    def __init__(self, page: pdfium.PdfPage, region: Rect) -> None:
        self._page = page
        wide_mm, high_mm = page.get_width() * MM_PER_POINT, page.get_height() * MM_PER_POINT
        margins_mm = (region.left_mm, high_mm - region.bottom_mm, wide_mm - region.right_mm, region.top_mm)
        self._crop = tuple(max(0.0, margin) * POINTS_PER_MM for margin in margins_mm)
        # A picture begins at a whole pixel of the sheet.
        self._left, self._top = (math.ceil(self._crop[side] * _DPI / 72) for side in (0, 3))

    def picture(self) -> Picture:
        bitmap = self._page.render(
            scale=_DPI / 72,
            crop=self._crop,
            may_draw_forms=False,
            grayscale=True,
            fill_color=(255, 255, 255, 255),
        )
        try:
            seen = bitmap.to_numpy()
            picture: Picture = seen.reshape(seen.shape[:2]).copy()
            return picture
        finally:
            bitmap.close()

    def printed(self, glyphs: Sequence[Glyph], changed: Changed) -> list[bool]:
        """Which characters changed enough of their own places."""
        if not glyphs or not changed.size:
            return [False] * len(glyphs)
        lines: dict[tuple[float, float, bool], list[int]] = {}
        for index, glyph in enumerate(glyphs):
            lines.setdefault((glyph.baseline_mm, glyph.size_mm, glyph.text.isalnum()), []).append(index)
        order = [index for indices in lines.values() for index in indices]
        columns = self._columns([glyphs[index] for index in order], changed.shape[1] - 1)
        found = [False] * len(glyphs)
        begin = 0
        for (baseline_mm, size_mm, is_letter), indices in lines.items():
            edges = columns[2 * begin : 2 * (begin + len(indices))]
            begin += len(indices)
            band = changed[self._rows(baseline_mm, size_mm, 0.0 if is_letter else _MORE)]
            if not band.size:
                continue
            # Each character's columns as one; those between characters are every second result.
            ored = np.logical_or.reduceat(band, edges, axis=1)[:, ::2]
            for index, count in zip(indices, np.count_nonzero(ored, axis=0).tolist(), strict=True):
                found[index] = count >= (_least_rows(glyphs[index]) if is_letter else 1)
        return found

    def _rows(self, baseline_mm: float, size_mm: float, more: float) -> slice:
        """The rows in which the ink of a line's characters lies; `more`: of the type size, above and below."""
        top = math.floor((baseline_mm - (_RISE + more) * size_mm) * _PX_PER_MM) - self._top
        bottom = math.ceil((baseline_mm + (_HANG + more) * size_mm) * _PX_PER_MM) - self._top
        return slice(max(top, 0), max(bottom, 0))

    def _columns(self, glyphs: Sequence[Glyph], last: int) -> npt.NDArray[np.intp]:
        """The columns where each character begins and ends, one after the other, none of its neighbours' among them."""
        left = np.array([glyph.left_mm for glyph in glyphs])
        right = np.array([glyph.right_mm for glyph in glyphs])
        side = _SIDE * (right - left)
        columns = np.empty(2 * len(glyphs), np.intp)
        columns[::2] = np.floor((left + side) * _PX_PER_MM) - self._left
        columns[1::2] = np.floor((right - side) * _PX_PER_MM) - self._left + 1
        return np.clip(columns, 0, last)


def _least_rows(glyph: Glyph) -> int:
    least_mm = _OF_HEIGHT * glyph.height_mm if glyph.height_mm > 0 else _HIGH_EM * glyph.size_mm
    return max(1, math.floor(least_mm * _PX_PER_MM))


@contextmanager
def _hidden(owners: Iterable[int]) -> Iterator[None]:
    """Texts are not drawn for a while; the page is as before afterwards."""
    objects = [ctypes.cast(owner, raw.FPDF_PAGEOBJECT) for owner in owners]
    try:
        for each in objects:
            raw.FPDFPageObj_SetIsActive(each, 0)
        yield
    finally:
        for each in objects:
            raw.FPDFPageObj_SetIsActive(each, 1)


def _changed(before: Picture, after: Picture) -> Changed:
    # Of unsigned numbers the larger less the smaller is the distance.
    apart: Changed = np.maximum(before, after) - np.minimum(before, after) > _CHANGE
    return apart


def _lie_over_each_other(inked: Sequence[Glyph]) -> bool:
    """Whether characters of different texts share a place, so that the ink found there may be another's.

    The same character drawn twice, which makes it bold, is no matter.
    """
    lines: dict[tuple[float, float], list[Glyph]] = {}
    for glyph in inked:
        lines.setdefault((glyph.baseline_mm, glyph.size_mm), []).append(glyph)
    if any(_overlap(line, line) for line in lines.values()):
        return True
    heights = sorted((base - _RISE * size, base + _HANG * size, line) for (base, size), line in lines.items())
    for place, (top, bottom, line) in enumerate(heights):
        for other_top, other_bottom, other in heights[place + 1 :]:
            lower = min(bottom, other_bottom)
            if lower - other_top > _SHARED * min(bottom - top, other_bottom - other_top) and _overlap(line, other):
                return True
    return False


def _overlap(line: Sequence[Glyph], other: Sequence[Glyph]) -> bool:
    """Whether characters of two lines, or of one, that lie at the same height also lie at the same places."""
    owners = {glyph.owner for glyph in line} | {glyph.owner for glyph in other}
    if len(owners) < 2:
        return False
    both = sorted({*line, *other}, key=lambda glyph: glyph.left_mm)
    for place, one in enumerate(both):
        for after in both[place + 1 :]:
            narrow = min(one.right_mm - one.left_mm, after.right_mm - after.left_mm)
            if after.left_mm > one.right_mm - _SHARED * narrow:
                break
            if one.owner != after.owner and not _is_double(one, after):
                return True
    return False


def _is_double(one: Glyph, other: Glyph) -> bool:
    near = _DOUBLE_EM * one.size_mm
    return (
        one.text == other.text
        and abs(one.left_mm - other.left_mm) <= near
        and abs(one.baseline_mm - other.baseline_mm) <= near
    )
