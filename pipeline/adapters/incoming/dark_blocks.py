"""A dark block on an all but empty page: what a code is when it was scribbled over until nothing of it is left.

Nobody can tell such a block from a solid drawing, so a page that shows one, and fewer words than any letter, is a
doubt; a block that is nearly black is one beside up to 60 words. Lines of type, stamps, seals and signatures are
lighter; letters say more beside their logos and codes. A band from edge to edge that is thicker in one place hides
something, and counts like a nearly black block. Soft pictures of the size of photographs, and stripes of one
width, are no codes.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.adapters.incoming.code_remains import structure_of
from pipeline.adapters.incoming.few_words import says_little
from pipeline.adapters.incoming.separator_codes import Area, Gray, ink_of
from pipeline.domain.separator_marks import INCH_MM

_COARSE_MM = 0.9
_LEAST_SIDE_MM = 50.0  # a smaller picture is no sheet
_AROUND_MM = 95.0  # wider than any code, so that the paper around it is found
_DARKEST_PAPER, _PAPER_STEP = 40, 4
_WINDOW_MM, _DENSE = 7.0, 0.26
_SHORT_MM, _LONG_MM = (14.0, 125.0), 190.0
_LEAST_DARK, _LEAST_COMPACT = 0.34, 0.41  # type is 0.15 to 0.28 dark, codes 0.38 and more; a wide X fills 0.43
_EDGE_MM, _LID_MM = 2.5, 26.0  # what is narrower and lies along an edge is the scanner's lid
_ACROSS, _THICKER_MM = 0.95, 4.0  # of the sheet; a band alone is 1 mm thicker in places
_MARGIN_MM, _ROOM_MM, _INKED = 9.0, 3.0, 0.12
_MOST_BESIDE = 0.0055
"""Mean darkness beside the block: sheets with a few words have 0.005 and less, letters with a code 0.0086 and more."""
_SOLID = 0.5  # mean darkness of a block that counts beside as many words as a sheet may have
_PHOTO_MM2, _PHOTO_SHARE, _PHOTO_DARK, _SOFT = 2400.0, 0.97, 0.55, 0.15
_STRIPES, _LEAST_STRIPES = (0.85, 1.2), 3  # agreement at least, variety of widths at most

Darkness = npt.NDArray[np.float32]
Mask = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class _Block:
    left: int
    top: int
    wide: int
    high: int

    @property
    def edges(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom."""
        return self.left, self.top, self.left + self.wide, self.top + self.high


def lonely_blocks(gray: Gray, dpi: float) -> list[Area]:
    """The dark blocks of an all but empty page, in mm; none where the page says more than a separator sheet does."""
    if min(gray.shape) / dpi * INCH_MM < _LEAST_SIDE_MM:
        return []
    dark, mm = _darkness(gray, dpi)
    beside, found, solid = dark.copy(), [], []
    dense, lids = _dense(dark, mm)
    for lid in lids:
        _wipe(beside, lid, mm)
    for block, inside in _parts(dark, dense):
        hides = _hides_something(block, dense, mm)
        if (hides or _is_sized(block, inside.size, mm)) and not _is_photo(inside, mm):
            area = Area(*(edge * mm for edge in block.edges))
            found.append(area)
            solid += [area] if hides or float(inside.mean()) >= _SOLID else []
            _wipe(beside, block, mm)
    margin = round(_MARGIN_MM / mm)
    inner = beside[margin:-margin, margin:-margin]
    if found and float(np.where(inner > _INKED, inner, 0).mean()) > _MOST_BESIDE:
        found = solid if solid and says_little(gray, dpi, ink_of(gray, dpi), found) else []
    return [area for area in found if not _is_striped(gray, dpi, area)]


def _dense(dark: Darkness, mm: float) -> tuple[Mask, list[_Block]]:
    """1 where it is as dark as codes are, type is not, parts of a code that was torn or struck through joined; and the
    scanner's lid beside the sheet.
    """
    window = max(3, round(_WINDOW_MM / mm))
    dense = (cv2.blur(dark, (window, window)) > _DENSE).astype(np.uint8)
    codes = np.zeros_like(dense)
    lids = []
    for block, inside in _parts(dark, dense):
        if _is_lid(block, dark.shape, mm) and not _hides_something(block, dense, mm):
            lids.append(block)
        elif float(inside.mean()) >= _LEAST_DARK:
            codes[block.top : block.top + block.high, block.left : block.left + block.wide] = 1
    joined = cv2.morphologyEx(codes & dense, cv2.MORPH_CLOSE, np.ones((window, window), np.uint8))
    return np.asarray(joined, dtype=np.uint8), lids


def _parts(dark: Darkness, mask: Mask) -> list[tuple[_Block, Darkness]]:
    """What hangs together in a mask, each with its darkness."""
    _count, labels, stats, _centres = cv2.connectedComponentsWithStats(mask, connectivity=4)
    parts = []
    for label, (left, top, wide, high, _pixels) in enumerate(stats[1:].tolist(), 1):
        box = np.s_[top : top + high, left : left + wide]
        parts.append((_Block(left, top, wide, high), dark[box][labels[box] == label]))
    return parts


def _darkness(gray: Gray, dpi: float) -> tuple[Darkness, float]:
    """How much darker than the paper around it, 0 to 1, at about a pixel a millimetre; and a pixel's size in mm."""
    factor = max(1, min(round(_COARSE_MM * dpi / INCH_MM), *(side // 24 for side in gray.shape)))
    coarse, mm = _reduced(gray, factor), factor / dpi * INCH_MM
    small = _reduced(coarse, _PAPER_STEP)
    around = max(3, round(_AROUND_MM / mm / _PAPER_STEP))
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((around, around), np.uint8))
    paper = cv2.GaussianBlur(np.maximum(paper, _DARKEST_PAPER), (0, 0), 5 / mm / _PAPER_STEP)
    paper = cv2.resize(paper, (coarse.shape[1], coarse.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(1 - np.minimum(coarse, paper).astype(np.float32) / paper, dtype=np.float32), mm


def _reduced(picture: Gray, factor: int) -> Gray:
    """Blocks of whole pixels averaged, which costs a tenth of averaging by fractions; a rest at the end is cut off."""
    high, wide = picture.shape[0] // factor, picture.shape[1] // factor
    whole = picture[: high * factor, : wide * factor]
    return np.asarray(cv2.resize(whole, (wide, high), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _is_lid(block: _Block, shape: tuple[int, ...], mm: float) -> bool:
    edge = _EDGE_MM / mm
    right, bottom = shape[1] - block.left - block.wide, shape[0] - block.top - block.high
    return min(block.left, block.top, right, bottom) <= edge and min(block.wide, block.high) * mm < _LID_MM


def _is_sized(block: _Block, pixels: int, mm: float) -> bool:
    short, long = sorted((block.wide * mm, block.high * mm))
    compact = pixels >= _LEAST_COMPACT * block.wide * block.high
    return compact and _SHORT_MM[0] <= short <= _SHORT_MM[1] and long <= _LONG_MM


def _hides_something(block: _Block, dense: Mask, mm: float) -> bool:
    """A band from edge to edge of the sheet that is thicker in one place: where it was laid over something."""
    level = block.wide > block.high
    left, top, right, bottom = block.edges
    length, side, near, far = (
        (block.wide, dense.shape[1], top, dense.shape[0] - bottom)
        if level
        else (block.high, dense.shape[0], left, dense.shape[1] - right)
    )
    if length < _ACROSS * side or min(near, far) * mm <= _EDGE_MM:
        return False
    thick = np.count_nonzero(dense[top:bottom, left:right], axis=0 if level else 1)
    usual, most = np.percentile(thick, (20, 95))
    return bool((most - usual) * mm >= _THICKER_MM and most * mm <= _SHORT_MM[1])


def _is_photo(inside: Darkness, mm: float) -> bool:
    """Soft all over, of no tone that ink has, and as large as a photograph or a copied card."""
    soft = float((inside > _SOFT).mean()) >= _PHOTO_SHARE and float(inside.mean()) < _PHOTO_DARK
    return soft and inside.size * mm * mm >= _PHOTO_MM2


def _is_striped(gray: Gray, dpi: float, area: Area) -> bool:
    """Hatching, or a table with shaded rows."""
    structure = structure_of(gray, dpi, area)
    even = structure.agreement >= _STRIPES[0] and structure.varied <= _STRIPES[1]
    return even and structure.bars >= _LEAST_STRIPES


def _wipe(dark: Darkness, block: _Block, mm: float) -> None:
    room = round(_ROOM_MM / mm)
    dark[
        max(0, block.top - room) : block.top + block.high + room,
        max(0, block.left - room) : block.left + block.wide + room,
    ] = 0
