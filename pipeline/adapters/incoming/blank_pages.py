"""Whether a page is blank: a rule on ink inside margins that would rather keep an empty page than lose a pencil note.

A page picture of about 150 dpi is divided by the brightness of its paper, so that tint and uneven light are gone. What
is darker than its paper is gathered into marks, strokes within 0.6 mm of each other being one mark. A mark keeps the
page, unless it is one that paper, desk or scanner leave (`paper_marks`): the lid beside the sheet, the shadow of its
edge, a fold, a speck, a punch hole, a staple, or the other side that shines through (`show_through`). Where nothing
darker keeps a page, marks of another colour may (`colour_marks`).

Content is: a page number alone, a single short line, a hand-written tick, a pale stamp, a pencil note.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from pipeline.adapters.incoming.colour_marks import coloured_share
from pipeline.adapters.incoming.page_colours import Colours
from pipeline.adapters.incoming.page_marks import Gray, Mark, Mask, Sheet, lid_of, marks
from pipeline.adapters.incoming.paper_marks import is_drawn, of_paper
from pipeline.adapters.incoming.show_through import without_other_side

STRONG = 50
"""Darkness (0 to 255, over the paper's brightness) that ink has and another side's ink has not: 20 %."""
_MIDDLE, _PALE = 30, 14
_WORK_DPI = 150.0
_LINEAR = 1.8  # up to this many pixels for one, each has its say in a linear mean too, which takes a fifth of the time
_MM_PER_INCH = 25.4
_MARGIN_MM = 3.0  # of each side, where scanners leave edges and nobody writes
_NOISE_FOLD = 4.5  # how far above the grain of paper and sensor a pale mark must be
_LEAST_LENGTH_MM, _LEAST_AREA_MM2 = 1.3, 0.2  # a digit of 6-point type is 1.5 mm high and has 0.5 mm²
_PALE_LENGTH_MM, _PALE_AREA_MM2 = 3.0, 1.5
_SHARP, _SHARP_UNEXPLAINED = 0.68, 0.4  # rise within 0.34 mm over the whole: ink 0.76 and more, ink behind paper 0.6
_LEFTOVER = 1.5  # of the level: what is left of ink behind paper where it was not laid under quite exactly
_DARK_PALE = 31  # 12 %: kept although it is soft, where the other side is known and does not explain it
_PLENTY = 0.006  # of the page's middle: no need to look closer
_BORDER_MM = 25.0
_SOLID_MM2, _SOLID_SHARE, _EDGE_MM = 48.0, 0.82, 3.0
_DEEP_SHARE = 0.6  # of the sheet's usual brightness: a zone too deep for the paper around it to be found
_DARK_PAPER = 80  # of 255; darker than any paper


@dataclass(frozen=True)
class Inked:
    """`ink_ratio`: the share (0 to 1) of the area inside the margins that is darker than its paper by 20 % or more.

    Of a page that has nothing but marks as bright as its paper, the share that has another colour.

    Specks, holes, folds and solid zones count in it, the dark lid beside the sheet does not; `blank` is the
    judgement over marks.
    """

    ink_ratio: float
    blank: bool


def ink_ratio(gray: Gray, dpi: float) -> float:
    """The share of the area inside the margins that is inked, 0 to 1; see `Inked`."""
    return inked(gray, dpi).ink_ratio


def is_blank(gray: Gray, dpi: float) -> bool:
    """Whether a page picture of this resolution shows nothing that anybody put there."""
    return inked(gray, dpi).blank


def inked(
    gray: Gray,
    dpi: float,
    others: Callable[[], Sequence[Gray]] | None = None,
    colours: Callable[[], Colours | None] | None = None,
) -> Inked:
    """How much ink is on a page, and whether it is blank by the rule of this module.

    `gray`: at least 50 dpi, square pixels. `others`: gives the pictures of pages that may be its other side, at the
    same resolution; asked only where pale marks decide. `colours`: gives the page in colours, None where it has none;
    asked only where nothing else is on it.
    """
    sheet = _sheet(gray, dpi)
    solid = _solid(sheet)
    ratio = _ratio(sheet, solid)
    middle = sheet.inside(_BORDER_MM)
    plenty = np.count_nonzero(middle >= STRONG) > _PLENTY * middle.size
    if plenty or solid is not None:
        return Inked(ratio, False)
    wiped = _without_paper_marks(sheet)
    if wiped is None or _has_pale_marks(wiped, others):
        return Inked(ratio, False)
    seen = colours() if colours is not None else None
    share = coloured_share(seen, sheet) if seen is not None else 0.0
    return Inked(max(ratio, share), share == 0.0)


def _sheet(gray: Gray, dpi: float) -> Sheet:
    """The page over the brightness of its paper, at no more than the working resolution."""
    if dpi > _WORK_DPI * 1.1:
        share = _WORK_DPI / dpi
        size = (max(16, round(gray.shape[1] * share)), max(16, round(gray.shape[0] * share)))
        way = cv2.INTER_AREA if dpi > _LINEAR * _WORK_DPI else cv2.INTER_LINEAR
        gray, dpi = np.asarray(cv2.resize(gray, size, interpolation=way), dtype=np.uint8), _WORK_DPI
    mm = dpi / _MM_PER_INCH
    size = (max(8, round(gray.shape[1] / mm)), max(8, round(gray.shape[0] / mm)))
    reach = max(1, round(mm))
    coarse = np.asarray(cv2.resize(cv2.blur(gray, (reach, reach)), size, interpolation=cv2.INTER_LINEAR), np.uint8)
    lid = lid_of(coarse)
    paper = _paper(coarse)
    grown = cv2.resize(paper, (gray.shape[1], gray.shape[0]), interpolation=cv2.INTER_LINEAR)
    dark = cv2.bitwise_not(cv2.divide(cv2.GaussianBlur(gray, (0, 0), 0.12 * mm), grown, scale=255))
    if lid.any():
        dark[cv2.resize(lid, (dark.shape[1], dark.shape[0]), interpolation=cv2.INTER_NEAREST) > 0] = 0
    return Sheet(coarse, paper, np.asarray(dark, dtype=np.uint8), lid, mm)


def _paper(coarse: Gray) -> Gray:
    """The brightness of the paper, a pixel a mm; a zone of one tone that is wider than 6 mm passes for paper."""
    small = cv2.medianBlur(coarse, 3)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7)))
    return np.asarray(cv2.GaussianBlur(np.maximum(closed, 24), (0, 0), 1.5), dtype=np.uint8)


def _solid(sheet: Sheet) -> Mask | None:
    """1 where a zone of one tone passed for paper and is darker than the paper around it; None where there is none.

    A pixel a mm. All of it where all the sheet is dark.
    """
    usual = float(np.median(sheet.paper))
    if usual < _DARK_PAPER:
        return np.ones_like(sheet.paper)
    around = cv2.morphologyEx(sheet.paper, cv2.MORPH_CLOSE, np.ones((51, 51), np.uint8))
    solid = (sheet.paper < _SOLID_SHARE * around).astype(np.uint8)
    solid |= (sheet.paper < _DEEP_SHARE * usual).astype(np.uint8)
    solid[cv2.dilate(sheet.lid, np.ones((9, 9), np.uint8)) > 0] = 0
    edge = round(_EDGE_MM)
    count, _labels, stats, _centres = cv2.connectedComponentsWithStats(solid[edge:-edge, edge:-edge])
    return solid if count > 1 and stats[1:, cv2.CC_STAT_AREA].max() > _SOLID_MM2 else None


def _ratio(sheet: Sheet, solid: Mask | None) -> float:
    """The share of the area inside the margins that is ink: darker than its paper, or solid."""
    dark = sheet.dark
    if solid is not None:
        grown = cv2.resize(solid, (dark.shape[1], dark.shape[0]), interpolation=cv2.INTER_NEAREST)
        dark = np.where(grown > 0, np.uint8(255), dark)
    inner = replace(sheet, dark=dark).inside(_MARGIN_MM)
    return round(float(np.count_nonzero(inner >= STRONG)) / inner.size, 6) if inner.size else 0.0


def _without_paper_marks(sheet: Sheet) -> Sheet | None:
    """The sheet without what paper, desk and scanner left; None where dark marks of somebody else's remain.

    Folds, holes and edges are often dark in parts only, so they are sought at paler levels as well.
    """
    strong = marks(sheet, STRONG, _LEAST_LENGTH_MM, _LEAST_AREA_MM2)
    own = of_paper(strong, sheet)
    for level in (_MIDDLE, _PALE):
        if len(own) == len(strong):
            break
        if any(mark not in own and is_drawn(mark) for mark in strong):
            return None
        fuller = marks(sheet, level, _LEAST_LENGTH_MM, _LEAST_AREA_MM2, core=STRONG if level == _PALE else 0)
        sheet = sheet.without(of_paper(fuller, sheet))
        strong = marks(sheet, STRONG, _LEAST_LENGTH_MM, _LEAST_AREA_MM2)
        own = of_paper(strong, sheet)
    return sheet.without(own) if len(own) == len(strong) else None


def _has_pale_marks(sheet: Sheet, others: Callable[[], Sequence[Gray]] | None) -> bool:
    inner = sheet.inside(_MARGIN_MM)[::3, ::3]
    counts = np.cumsum(np.bincount(inner.ravel(), minlength=256))
    usual, upper = (int(np.searchsorted(counts, share * inner.size)) for share in (0.5, 0.75))
    level = max(_PALE, usual + _NOISE_FOLD * (upper - usual) / 0.67)
    found = _pale_marks(sheet, level)
    if sum(mark.area_mm2 for mark in found) < _PALE_AREA_MM2:
        return False
    if others is None:
        return any(mark.sharp >= _SHARP for mark in found)
    parts = without_other_side(sheet, [_sheet(other, sheet.mm * _MM_PER_INCH).dark for other in others()])
    if parts is None:
        return _unexplained(found)
    rest, beyond = parts
    left = _pale_marks(rest, level * _LEFTOVER)
    if sum(mark.area_mm2 for mark in left) >= _PALE_AREA_MM2:
        return True
    apart = _pale_marks(beyond, level)
    return sum(mark.area_mm2 for mark in apart) >= _PALE_AREA_MM2 and _unexplained(apart)


def _unexplained(found: Sequence[Mark]) -> bool:
    """Whether one of these pale marks, that no other side explains, is ink."""
    return any(mark.sharp >= _SHARP_UNEXPLAINED or mark.peak >= _DARK_PALE for mark in found)


def _pale_marks(sheet: Sheet, level: float) -> list[Mark]:
    found = marks(sheet, level, _PALE_LENGTH_MM, _PALE_AREA_MM2 / 3)
    own = set(of_paper(found, sheet))
    return [mark for mark in found if mark not in own]
