"""The section sign, which Tesseract's German model hardly knows: it reads § as 8, $ or &, and §§ as 88.

A number follows the sign, and its shape decides; what was read otherwise stays as it is. The middle of § is an open
loop, that of 8, $, S and & is ink: over eight typefaces of 7 to 13 points at 200 and 300 dpi the middle of § is 0.51 to
1.00 as bright as paper (median 0.91), that of 8 at most 0.55, of S 0.29, of $ 0.22, of & 0.69. And § reaches below the
baseline by 0.05 to 0.10 of the type size, a digit or an ampersand by 0.00 to 0.02.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from pipeline.adapters.incoming.page_pictures import Gray
from pipeline.adapters.incoming.raster_words import RasterBlock, RasterLine, RasterWord

_LOOKALIKE = re.compile(r"[8$&5S§]{1,2}")
_JOINED = re.compile(r"([$8])(\d{1,4}[a-z]?[.,;)]*)")
_NUMBER = re.compile(r"\d{1,4}[a-z]?[.,;:)]*")
_LEAST_DEPTH = 0.04  # of the type size
_LEAST_DEPTH_PX = 2
_PUNCTUATED = (",", ";", ")")
_OPEN = 0.65  # brightness of the middle that is proof by itself
_HALF_OPEN = 0.4  # and beside the depth
_INK, _PAPER = 150, 250
_SIZE = (24, 48)

RasterOf = Callable[[], Gray]


def with_section_signs(blocks: tuple[RasterBlock, ...], raster: RasterOf | None = None) -> tuple[RasterBlock, ...]:
    """The same words, with § where the shape and the number behind it say so. `raster`: what the words were read in."""
    return tuple(RasterBlock(tuple(_line(line, raster) for line in block.lines)) for block in blocks)


def _line(line: RasterLine, raster: RasterOf | None) -> RasterLine:
    following: list[RasterWord | None] = [*line.words[1:], None]
    pairs = zip(line.words, following, strict=True)
    return replace(line, words=tuple(_word(word, after, line, raster) for word, after in pairs))


def _word(word: RasterWord, after: RasterWord | None, line: RasterLine, raster: RasterOf | None) -> RasterWord:
    joined = _JOINED.fullmatch(word.text)
    if joined is not None and joined.group(1) == "$" and _is_sign(word, 1 / len(word.text), None, line, raster):
        return replace(word, text="§" + joined.group(2))
    if after is None or _LOOKALIKE.fullmatch(word.text) is None or _NUMBER.fullmatch(after.text) is None:
        return word
    signs = len(word.text)
    return replace(word, text="§" * signs) if _is_sign(word, 1 / signs, after, line, raster) else word


def _is_sign(
    word: RasterWord, share: float, after: RasterWord | None, line: RasterLine, raster: RasterOf | None
) -> bool:
    """Whether the word, or where it is several signs its first and last, is §. `share`: a sign's part of its width."""
    deep = _is_deep(word, after, line)
    if raster is None:
        return deep
    width = (word.right - word.left) * share
    lefts = [float(word.left)] if after is None or share == 1 else [float(word.left), word.right - width]
    middles = [_middle(raster(), round(left), word.top, round(left + width), word.bottom) for left in lefts]
    known = [middle for middle in middles if middle is not None]
    if not known:
        return deep
    sure = "5" not in word.text and min(known) >= _OPEN
    return sure or (deep and min(known) >= _HALF_OPEN)


def _middle(raster: Gray, left: int, top: int, right: int, bottom: int) -> float | None:
    """How bright the middle of the glyph in a box is, from ink (0) to paper (1); None where there is no glyph."""
    crop = raster[max(top - 2, 0) : bottom + 2, max(left, 0) : right]
    rows, columns = (np.nonzero((crop < _INK).any(axis=axis))[0] for axis in (1, 0))
    if rows.size < 4 or columns.size < 3:
        return None
    glyph = crop[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    even = cv2.resize(glyph, _SIZE, interpolation=cv2.INTER_CUBIC).astype(np.float64)
    ink = float(np.percentile(even, 5))
    return float(np.clip((even[21:27, 9:15] - ink) / (_PAPER - ink), 0, 1).mean())


def _is_deep(word: RasterWord, after: RasterWord | None, line: RasterLine) -> bool:
    """Whether the word reaches below the line and below the number behind it, unless that ends with a comma."""
    least = max(_LEAST_DEPTH_PX, _LEAST_DEPTH * line.size)
    if word.bottom - line.base < least:
        return False
    return after is None or after.text.endswith(_PUNCTUATED) or word.bottom - after.bottom >= least
