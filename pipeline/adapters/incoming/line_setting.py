"""How a line of words is set in as few steps as it takes: its type size, stretch, spacing, gaps and heights.

A word's edges may lie `ALONG` points beside its box along the line, and `ACROSS` points above or below. Within that,
words simply follow each other; only where they would drift off comes a correction.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.adapters.incoming.placed_words import PlacedLine, PlacedWord
from pipeline.adapters.incoming.text_font import EXTENTS

ALONG = 1.7
ACROSS = 1.8
_SIZE_STEP = 0.5
_NARROWEST, _WIDEST = 10, 900  # percent
_ROUND_NUMBERS = (100, 50, 20, 10, 5, 2, 1)
_SIZE_COST, _STRETCH_COST, _SPACING_COST, _GAP_COST = 10.0, 5.0, 6.0, 5.0  # bytes that a change takes, about
_MOST_UNLIKE = 1.25  # times the line's own type size; readers tell letters and words apart by the size
_UNMET_COST = 100.0  # of a word whose upper or lower edge can't be met


Step = tuple[float, float]
"""From where a line begins to where the next one does: along its direction and across it, in points."""


@dataclass(frozen=True)
class Manner:
    """Type size in points, stretch in percent, and what a space is wider than its glyph, in points."""

    size: float
    stretch: int
    spacing: float


@dataclass(frozen=True)
class SetWord:
    """A word as it is set. `gap`: thousandths of the type size that are taken back before it.

    `extent`: index into `text_font.EXTENTS`; `height`: of its base line across the line's direction, in points.
    """

    text: str
    stretch: int
    gap: int
    extent: int
    height: float


@dataclass(frozen=True)
class SetLine:
    """A line as it is set. `begin`: where, along its direction, in points. `unmet`: words that are too high or low."""

    manner: Manner
    begin: float
    words: tuple[SetWord, ...]
    unmet: int = 0


def set_line(
    line: PlacedLine,
    ems: Sequence[float],
    space: float,
    before: Manner | None,
    corner: tuple[float, float],
    made: Sequence[Step] = (),
) -> SetLine:
    """Set a line in the manner that takes the fewest changes.

    `ems`: each word's width in parts of the type size, `space`: the space's. `before`: the manner of the line before,
    `corner`: where that one began along and across the direction of this line, or 0, 0. `made`: steps from line to
    line that were made already, the last ones first: making one again takes the fewest bytes.
    """
    own = _line_size(line)
    near = [before.size] if before is not None and own / _MOST_UNLIKE <= before.size <= own * _MOST_UNLIKE else []
    sizes = dict.fromkeys([*near, own, *_other_sizes(line, own)])
    best: tuple[float, Manner, list[tuple[float, int]], list[tuple[int, float]], int] | None = None
    for size in sizes:
        upright = _heights(line.words, size, corner[1], made)
        step = round(upright[0][1] - corner[1], 1)
        across = [along for along, down in made if down == step] + [along for along, down in made if down != step]
        unmet = sum(not _met(word, extent, size) for word, (extent, _height) in zip(line.words, upright, strict=True))
        moves = sum(1 for one, two in pairwise(upright) if one != two)
        extents = len({extent for extent, _height in upright} | {0}) - 1
        for manner in _manners(line, ems, space, size, before):
            cost = _change_cost(before, manner) + _GAP_COST * moves + _SIZE_COST * extents + _UNMET_COST * unmet
            most = math.inf if best is None else best[0] - cost
            found = _steps(line.words, ems, space, manner, (corner[0], across), most)
            if found is not None:
                best = (cost + found[0], manner, found[1], upright, unmet)
    if best is None:
        raise ValueError("a line has words")
    _cost, manner, steps, upright, unmet = best
    words = (
        SetWord(word.text, stretch, int(gap) if index else 0, extent, height)
        for index, (word, (gap, stretch), (extent, height)) in enumerate(zip(line.words, steps, upright, strict=True))
    )
    return SetLine(manner, steps[0][0], tuple(words), unmet)


def _change_cost(before: Manner | None, manner: Manner) -> float:
    if before is None:
        return 0.0
    return (
        _SIZE_COST * (before.size != manner.size)
        + _STRETCH_COST * (before.stretch != manner.stretch)
        + _SPACING_COST * (before.spacing != manner.spacing)
    )


def _line_size(line: PlacedLine) -> float:
    """The type size at which the usual extent meets the line's words best."""
    heights = [word.high - word.low for word in line.words]
    met = (max(heights) + min(heights)) / 2 / EXTENTS[0].height * 1000
    near = min(max(met, 0.8 * line.size), 1.25 * line.size)
    return max(round(near / _SIZE_STEP) * _SIZE_STEP, 1.0)


def _other_sizes(line: PlacedLine, own: float) -> list[float]:
    """Sizes at which the tallest extent meets the tallest word, and for a single word any extent meets it, if they
    are not too unlike the line's own.
    """
    tallest = max(word.high - word.low for word in line.words)
    great = math.ceil((tallest - 2 * ACROSS) / max(extent.height for extent in EXTENTS) * 1000 / _SIZE_STEP)
    sizes = [min(max(great * _SIZE_STEP, own), own * _MOST_UNLIKE)]
    if len(line.words) == 1:
        exact = (round(tallest / extent.height * 1000 / _SIZE_STEP) * _SIZE_STEP for extent in EXTENTS)
        sizes += [size for size in exact if line.size / _MOST_UNLIKE <= size <= line.size * _MOST_UNLIKE]
    return sizes


def _met(word: PlacedWord, extent: int, size: float) -> bool:
    low, high = _base_range(word, extent, size)
    return low <= high


def _manners(
    line: PlacedLine, ems: Sequence[float], space: float, size: float, before: Manner | None
) -> dict[Manner, None]:
    """Manners that may suit the line at this type size, the one before first."""
    own = _percent(sum(word.width for word in line.words) / (sum(ems) * size))
    gaps = [after.begin - word.end for word, after in pairwise(line.words)]
    manners: dict[Manner, None] = {}
    for stretch in dict.fromkeys([*([before.stretch] if before else []), own]):
        if before:
            manners[Manner(size, stretch, before.spacing)] = None
        spare = sorted(gap / stretch * 100 - space * size for gap in gaps)
        manners[Manner(size, stretch, round(spare[len(spare) // 2], 1) + 0.0 if spare else 0.0)] = None
    return manners


def _percent(share: float) -> int:
    return min(max(round(100 * share), _NARROWEST), _WIDEST)


def _steps(
    words: Sequence[PlacedWord],
    ems: Sequence[float],
    space: float,
    manner: Manner,
    start: tuple[float, Sequence[float]],
    most: float,
) -> tuple[float, list[tuple[float, int]]] | None:
    """What it costs to set the words in a manner, and for each its gap (of the first: where it begins) and stretch.

    `start`: where the line before began, and steps from there that take few bytes. None where it costs `most` or more.
    """
    left, known = start
    size = manner.size
    blank = (space * size + manner.spacing) / 100
    steps: list[tuple[float, int]] = []
    cost, at = 0.0, 0.0
    stretch = manner.stretch
    for index, word in enumerate(words):
        if cost >= most:
            return None
        natural = ems[index] * size
        own = manner.stretch
        if abs(natural * own / 100 - word.width) > 2 * ALONG:
            own = _percent(word.width / natural)
        cost += _STRETCH_COST * (own != stretch)
        stretch = own
        gap = 0.0
        low, high = _begins(word, natural * own / 100)
        if index == 0 or not low - 0.01 <= at <= high + 0.01:
            low, high = _common(words[index:], ems[index:], manner, own, blank, low, high)
            if index == 0:
                gap = at = left + _shortest(low - left, high - left, known)
            else:
                unit = size * own / 100_000
                gap = _round_between((at - high) / unit, (at - low) / unit)
                at -= gap * unit
                cost += _GAP_COST
        steps.append((gap, own))
        at += natural * own / 100 + blank * own
    return (cost, steps) if cost < most else None


def _begins(word: PlacedWord, width: float) -> tuple[float, float]:
    """Where a word that is set so wide may begin."""
    least, most = max(word.begin, word.end - width) - ALONG, min(word.begin, word.end - width) + ALONG
    return (least, most) if least <= most else ((least + most) / 2,) * 2


def _common(
    words: Sequence[PlacedWord],
    ems: Sequence[float],
    manner: Manner,
    stretch: int,
    blank: float,
    low: float,
    high: float,
) -> tuple[float, float]:
    """The part of a range in which the first of these words can begin so that the next ones need no correction."""
    offset = (ems[0] * manner.size / 100 + blank) * stretch
    for word, em in zip(words[1:], ems[1:], strict=True):
        width = em * manner.size * manner.stretch / 100
        if abs(width - word.width) > 2 * ALONG:
            break
        least, most = _begins(word, width)
        if max(low, least - offset) > min(high, most - offset):
            break
        low, high = max(low, least - offset), min(high, most - offset)
        offset += width + blank * manner.stretch
    return low, high


def _round_between(low: float, high: float) -> int:
    """The roundest whole number in a range; the one nearest to its middle where there is none."""
    for step in _ROUND_NUMBERS:
        number = round((low + high) / 2 / step) * step
        if low <= number <= high:
            return number
    return round((low + high) / 2)


def _shortest(low: float, high: float, known: Sequence[float]) -> float:
    """The number in a range that takes the fewest bytes: none, one of those `known`, or one of few digits."""
    for step in (0.0, *known):
        if low <= step <= high:
            return step
    whole = round((low + high) / 2)
    return float(whole) if low <= whole <= high else round((low + high) / 2, 1)


def _heights(words: Sequence[PlacedWord], size: float, base: float, made: Sequence[Step]) -> list[tuple[int, float]]:
    """Each word's extent and base line; neighbours share one base line where that suits them."""
    ranges = [_base_lines(word, size) for word in words]
    heights: list[tuple[int, float]] = []
    down = [step for _along, step in made]
    for start, end, height in _shared([(low, high) for _extent, low, high in ranges], base, down):
        heights += [(extent, height) for extent, _low, _high in ranges[start:end]]
    return heights


def _shared(
    ranges: Sequence[tuple[float, float]], base: float, known: Sequence[float]
) -> Iterator[tuple[int, int, float]]:
    """Runs of ranges that have a value in common: from, to (excluded), and that value.

    The first value is one of the `known` steps off `base` where the ranges let it, each value by whole points off
    `base`, or off the first value: that is shorter to write.
    """
    start = 0
    while start < len(ranges):
        low, high = ranges[start]
        end = start + 1
        while end < len(ranges) and max(low, ranges[end][0]) <= min(high, ranges[end][1]):
            low, high, end = max(low, ranges[end][0]), min(high, ranges[end][1]), end + 1
        steps = [] if start else [step for step in known if low <= base + step <= high]
        height = round(base + (steps[0] if steps else round((low + high) / 2 - base)), 1)
        if not low <= height <= high:
            height = round((low + high) / 2, 1)
        base = base if start else height
        yield start, end, height
        start = end


def _base_lines(word: PlacedWord, size: float) -> tuple[int, float, float]:
    """The word's extent, and from where to where its base line may lie.

    The usual extent, if both edges can be met with it; else the one whose height is nearest.
    """
    low, high = _base_range(word, 0, size)
    if low <= high:
        return 0, low, high
    height = (word.high - word.low) / size * 1000
    extent = min(range(len(EXTENTS)), key=lambda index: (abs(EXTENTS[index].height - height), index))
    low, high = _base_range(word, extent, size)
    return (extent, low, high) if low <= high else (extent, (low + high) / 2, (low + high) / 2)


def _base_range(word: PlacedWord, extent: int, size: float) -> tuple[float, float]:
    above, below = EXTENTS[extent].ascent * size / 1000, EXTENTS[extent].descent * size / 1000
    return (
        max(word.high - ACROSS - above, word.low - ACROSS + below),
        min(word.high + ACROSS - above, word.low + ACROSS + below),
    )
