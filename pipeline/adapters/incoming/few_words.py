"""About how many words a page says, told from its ink alone, whichever way up and however askew it lies.

A separator sheet has a heading in large type and a few lines; that is as much ink as a small letter. So words are
counted, by the length of the lines against the height of their type; rules and streaks are none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.adapters.incoming.separator_codes import Area, Gray, Ink, ink_beside, ink_of, without_areas

_DPI = 75.0
_JOIN_MM = 1.15  # the letters of a word in any type, the words of a line in small type, no two lines of it
_LEAST_MM2, _LEAST_THICK_MM = 1.5, 0.7  # smaller: dust; thinner: hairlines
_STROKE_MM = 1.3  # type of 8 points is thicker; the bars of a code, the rim of a stain are not
_RULE_MM, _ASKEW_PX = 10.0, 3  # a straight stroke so long is no letter's; what it leaves its row by, 5 degrees askew
_WORD = 4.0  # length of a word with its space over the height of small letters
_LARGEST_TYPE_MM = 25.0  # across a line; what is thicker is no line
_MOST_WORDS = 70  # told, where 60 are meant: they come out up to a sixth too many
_SOLID_MM = 12.0
_LETTERS_DPI = 150.0
_LETTER_LONG_MM, _LETTER_SHORT_MM = (1.2, 8.0), (0.3, 5.0)
_BAR = 6.0  # so many times as long as wide: a bar
_LITTLE_INK, _MOST_INK, _MOST_STAINED = 0.012, 0.035, 0.12
"""Shares of the page, beside its codes: 60 words of 9 points have 0.013, of 18 points 0.033."""


def says_little(gray: Gray, dpi: float, ink: Ink, areas: Sequence[Area]) -> bool:
    """Whether a page says no more than a separator sheet does, about 60 words, beside these areas.

    `ink`: of the whole page; most pages are told by it alone.
    """
    share = ink_beside(ink, areas)
    return share <= _LITTLE_INK or (share <= _MOST_INK and words_beside(gray, dpi, areas, _MOST_WORDS) <= _MOST_WORDS)


def letters_beside(gray: Gray, dpi: float, areas: Sequence[Area]) -> int:
    """About how many letters of 6 to 40 points stand beside these areas; bars and blocks don't count."""
    ink = ink_of(gray, dpi, _LETTERS_DPI)
    dark = without_areas(ink, areas).view(np.uint8)
    stats = cv2.connectedComponentsWithStats(dark, connectivity=8)[2][1:]
    sides = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]] / ink.px_per_mm
    short, long = sides.min(axis=1), sides.max(axis=1)
    sized = (long >= _LETTER_LONG_MM[0]) & (long <= _LETTER_LONG_MM[1])
    sized &= (short >= _LETTER_SHORT_MM[0]) & (short <= _LETTER_SHORT_MM[1])
    return int(np.count_nonzero(sized & (long < _BAR * short)))


def may_say_little(gray: Gray, dpi: float, ink: Ink, areas: Sequence[Area], more: int = 0) -> bool:
    """The same for a page that may be stained: much of its ink may be no type. `more`: what a code's bars pass for."""
    share, most = _open_ink(ink, areas), _MOST_WORDS + more
    if share <= _LITTLE_INK or share > _MOST_STAINED:
        return share <= _LITTLE_INK
    return words_beside(gray, dpi, areas, most) <= most


def _open_ink(ink: Ink, areas: Sequence[Area]) -> float:
    """The share of dark pixels beside the areas, without what is thicker than type: the bed behind a torn sheet."""
    dark = without_areas(ink, areas).view(np.uint8)
    thick = max(3, round(_SOLID_MM * ink.px_per_mm))
    solid = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((thick, thick), np.uint8))
    return float(np.count_nonzero(dark) - np.count_nonzero(solid)) / max(1, dark.size)


def words_beside(gray: Gray, dpi: float, areas: Sequence[Area], enough: int = 1000) -> int:
    """About how many words stand beside these areas of a page; stamps and drawings count as a few.

    Counting stops a little over `enough`.
    """
    words = 0
    for line in _lines(ink_of(gray, dpi, _DPI), areas):
        words += line
        if words > enough:
            break
    return words


def _lines(ink: Ink, areas: Sequence[Area]) -> Iterator[int]:
    """The words of each line, or part of one."""
    px_per_mm = ink.px_per_mm
    dark = _without_rules(without_areas(ink, areas).view(np.uint8), px_per_mm)
    reach = max(2, round(_JOIN_MM * px_per_mm))
    joined = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    _count, labels, stats, _centres = cv2.connectedComponentsWithStats(joined, connectivity=8)
    for label, (left, top, wide, high, pixels) in enumerate(stats[1:].tolist(), 1):
        if pixels < _LEAST_MM2 * px_per_mm**2:
            continue
        points = cv2.findNonZero((labels[top : top + high, left : left + wide] == label).astype(np.uint8))
        _middle, sides, _angle = cv2.minAreaRect(points)
        long, short = max(sides) + 1, min(sides) + 1
        thick = pixels / long
        if thick >= _LEAST_THICK_MM * px_per_mm and short <= _LARGEST_TYPE_MM * px_per_mm:
            yield max(1, round(long / (thick * _WORD))) if thick >= _STROKE_MM * px_per_mm else 1


def _without_rules(dark: npt.NDArray[np.uint8], px_per_mm: float) -> npt.NDArray[np.uint8]:
    """Without thin straight strokes along the page or across it: the rules of a table, streaks of a scanner's glass.

    They join words to what is no line of type any more, and count as words themselves.
    """
    thin, long = max(2, round(_STROKE_MM * px_per_mm)), max(2, round(_RULE_MM * px_per_mm))
    rules = np.zeros_like(dark)
    for thick, wider, straight in (((thin, 1), (_ASKEW_PX, 1), (1, long)), ((1, thin), (1, _ASKEW_PX), (long, 1))):
        strokes = cv2.subtract(dark, cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones(thick, np.uint8)))
        reached = cv2.dilate(strokes, np.ones(wider, np.uint8))
        long_ones = cv2.morphologyEx(reached, cv2.MORPH_OPEN, np.ones(straight, np.uint8))
        rules[(strokes > 0) & (long_ones > 0)] = 1
    return np.asarray(cv2.subtract(dark, rules), dtype=np.uint8)
