"""Level type that a recogniser took for vertical type, read anew: columns of short numbers, and single words.

A column of numbers comes back as a line that runs across; a word whose every letter was taken for a line of its own
comes back as lines of one sign or two that stand beside each other. Only such places are read again, as blocks of
level lines. What was read there before stays where the new reading is not worth more: a real note up the margin makes
no sense when it is read level.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from pipeline.adapters.incoming.page_pictures import Gray
from pipeline.adapters.incoming.raster_words import RasterBlock, RasterLine, RasterWord
from pipeline.adapters.incoming.reading_direction import level_share

_NEAR_INCH = 0.1  # between parts of the same column
_RIM_PX = 4
_ACROSS_WORTH = 0.5  # of a word that runs across, against a level one
_BELIEVED = 50.0
_SAME_LINE = 0.3  # of the type size, between baselines
_WORD_GAP = 1.0  # of the type size, at most between words of a line
_SHRED_SIGNS = 2  # of a line that may be one letter of a word
LEAST_SHREDS = 4  # fewer beside each other may be the figures of a form
_LETTER_GAP = 0.5  # of their height, at most between the letters of a word
_SHRED_OVERLAP = 0.5  # of the lower one, between neighbours

ReadBlocks = Callable[[Sequence[Gray]], list[tuple[RasterBlock, ...]]]


@dataclass(frozen=True)
class _Place:
    """A rectangle of the raster."""

    left: int
    top: int
    right: int
    bottom: int

    def holds(self, word: RasterWord) -> bool:
        x, y = (word.left + word.right) / 2, (word.top + word.bottom) / 2
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def is_near(self, other: _Place, reach: float) -> bool:
        across = self.left - reach <= other.right and other.left - reach <= self.right
        return across and self.top - reach <= other.bottom and other.top - reach <= self.bottom

    def joined(self, other: _Place) -> _Place:
        left, top = min(self.left, other.left), min(self.top, other.top)
        return _Place(left, top, max(self.right, other.right), max(self.bottom, other.bottom))


def runs_across(line: RasterLine) -> bool:
    """Whether most of a line runs up or down though it was not read turned."""
    return line.runs == "level" and level_share([line.words]) < 0.5


def lines_across(blocks: Sequence[RasterBlock], least_shreds: int = LEAST_SHREDS) -> list[RasterLine]:
    """The lines of a level page that run up or down, or seem to be the letters, so many at least, of a level word."""
    lines = [line for block in blocks for line in block.lines]
    runs = [run for run in _runs_of_shreds(lines) if len(run) >= least_shreds]
    runs += [run for block in blocks for run in _runs_of_shreds(block.lines) if _are_one_word(run)]
    shreds = {id(line) for run in runs for line in run}
    return [line for line in lines if id(line) in shreds or runs_across(line)]


def _runs_of_shreds(lines: Sequence[RasterLine]) -> Iterator[list[RasterLine]]:
    """Lines of one short word each, of which each stands close to the right of the one before."""
    run: list[RasterLine] = []
    for line in lines:
        short = len(line.words) == 1 and len(line.words[0].text) <= _SHRED_SIGNS
        if run and not (short and _stands_beside(run[-1].words[0], line.words[0])):
            yield run
            run = []
        if short:
            run.append(line)
    yield run


def _are_one_word(run: Sequence[RasterLine]) -> bool:
    """Whether lines of one block stand as close as letters do: level, they would be one line."""
    words = [line.words[0] for line in run]
    return len(run) > 1 and all(
        after.left - before.right <= _LETTER_GAP * (before.bottom - before.top) for before, after in pairwise(words)
    )


def _stands_beside(left: RasterWord, right: RasterWord) -> bool:
    """Whether a word stands to the right of another, no further than that is tall, on the same height."""
    lower = min(left.bottom - left.top, right.bottom - right.top)
    shared = min(left.bottom, right.bottom) - max(left.top, right.top)
    gap = right.left - left.right
    return shared >= _SHRED_OVERLAP * lower and left.left < right.left and gap <= left.bottom - left.top


def patched(
    blocks: tuple[RasterBlock, ...], raster: Gray, dpi: float, read: ReadBlocks, least_shreds: int = LEAST_SHREDS
) -> tuple[RasterBlock, ...]:
    """The blocks with `lines_across` read anew by `read`, all places in one call.

    `raster`: what the blocks were read in.
    """
    across = lines_across(blocks, least_shreds)
    places = _places(across, _NEAR_INCH * dpi)
    if not places:
        return blocks
    height, width = raster.shape
    corners = [(max(place.left - _RIM_PX, 0), max(place.top - _RIM_PX, 0)) for place in places]
    crops = [
        np.ascontiguousarray(
            raster[top : min(place.bottom + _RIM_PX, height), left : min(place.right + _RIM_PX, width)]
        )
        for place, (left, top) in zip(places, corners, strict=True)
    ]
    before = [_worth_before(blocks, place, across) for place in places]
    for place, corner, found, old in zip(places, corners, read(crops), before, strict=True):
        level = tuple(_moved(block, *corner) for block in found)
        new = sum(_worth(word) for block in level for line in block.lines for word in line.words)
        if new > old:
            blocks = _exchanged(blocks, place, level)
    return blocks


def _places(lines: Sequence[RasterLine], reach: float) -> list[_Place]:
    """Where the lines lie; those near each other are one place.

    A word in shreds and a line that runs across are two places: tick boxes below a heading are no part of it.
    """
    tall = _near(map(_place, filter(runs_across, lines)), reach)
    return _near([*tall, *_near((_place(line) for line in lines if not runs_across(line)), reach)], 0)


def _place(line: RasterLine) -> _Place:
    return _Place(
        min(word.left for word in line.words),
        min(word.top for word in line.words),
        max(word.right for word in line.words),
        max(word.bottom for word in line.words),
    )


def _near(places: Iterable[_Place], reach: float) -> list[_Place]:
    """The places with those that are no further than `reach` from each other joined."""
    made: list[_Place] = []
    for place in places:
        while near := [other for other in made if place.is_near(other, reach)]:
            for other in near:
                made.remove(other)
                place = place.joined(other)
        made.append(place)
    return made


def _worth_before(blocks: Sequence[RasterBlock], place: _Place, across: Sequence[RasterLine]) -> float:
    """What was read in a place is worth; a word of a line that runs across, or seems to, is worth less."""
    seems_across = {id(line) for line in across}
    return sum(
        _worth(word) * (_ACROSS_WORTH if id(line) in seems_across else 1.0)
        for block in blocks
        for line in block.lines
        for word in line.words
        if place.holds(word)
    )


def _worth(word: RasterWord) -> float:
    return len(word.text) * word.confidence / 100 if word.confidence >= _BELIEVED else 0.0


def _moved(block: RasterBlock, x: int, y: int) -> RasterBlock:
    def word(old: RasterWord) -> RasterWord:
        return replace(old, left=old.left + x, right=old.right + x, top=old.top + y, bottom=old.bottom + y)

    lines = (replace(line, words=tuple(map(word, line.words)), base=line.base + y) for line in block.lines)
    return RasterBlock(tuple(lines))


def _exchanged(
    blocks: tuple[RasterBlock, ...], place: _Place, level: tuple[RasterBlock, ...]
) -> tuple[RasterBlock, ...]:
    """The blocks without the words of a place; what was found there joins their lines, or stands where they stood."""
    kept, at = _without(blocks, place)
    alone: list[RasterBlock] = []
    for block in level:
        lines = []
        for line in block.lines:
            joined = _joined(kept, line)
            if joined is None:
                lines.append(line)
            else:
                kept = joined
        if lines:
            alone.append(RasterBlock(tuple(lines)))
    return (*kept[:at], *alone, *kept[at:])


def _without(blocks: tuple[RasterBlock, ...], place: _Place) -> tuple[tuple[RasterBlock, ...], int]:
    """The blocks without the words of a place, and before which of them the first of those stood."""
    kept: list[RasterBlock] = []
    at: int | None = None
    for block in blocks:
        lines = [replace(line, words=tuple(w for w in line.words if not place.holds(w))) for line in block.lines]
        if at is None and any(len(new.words) < len(old.words) for new, old in zip(lines, block.lines, strict=True)):
            at = len(kept)
        left = tuple(line for line in lines if line.words)
        if left:
            kept.append(RasterBlock(left))
    return tuple(kept), len(kept) if at is None else at


def _joined(blocks: tuple[RasterBlock, ...], line: RasterLine) -> tuple[RasterBlock, ...] | None:
    """The blocks with the line's words at the begin or end of the line that it belongs to, if there is one."""
    for number, block in enumerate(blocks):
        for place, other in enumerate(block.lines):
            if runs_across(other) or abs(other.base - line.base) > _SAME_LINE * other.size:
                continue
            if 0 <= other.words[0].left - line.words[-1].right <= _WORD_GAP * other.size:
                words = (*line.words, *other.words)
            elif 0 <= line.words[0].left - other.words[-1].right <= _WORD_GAP * other.size:
                words = (*other.words, *line.words)
            else:
                continue
            lines = (*block.lines[:place], replace(other, words=words), *block.lines[place + 1 :])
            return (*blocks[:number], RasterBlock(lines), *blocks[number + 1 :])
    return None
