"""Blocks that stand in the gaps of lines belong to those lines: a cell between the first and the last ones of its row.

Page layouts give the outer cells of a table's row as one line and a cell between them as a block of its own. A line
that has words on both sides of it, on the same baseline and of the same size, is its row, whatever it says: text in
columns has no such lines. A block goes as a whole or not at all, so that no text is torn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from pipeline.adapters.incoming.raster_words import RasterBlock, RasterLine

_SAME_BASE = 0.25  # of the type size of the line with the gap
_LEAST_SIZE, _MOST_SIZE = 0.6, 1.6  # times that type size
_CLEAR = 0.2  # of the type size, from the words on both sides

_Lines = list[list[RasterLine]]  # of each block


def with_gaps_filled(blocks: Sequence[RasterBlock]) -> tuple[RasterBlock, ...]:
    """The blocks without those of which every line stands in a gap of another block's line, where it is now.

    Each word stays, with its box.
    """
    lines: _Lines = [list(block.lines) for block in blocks]
    for number in range(len(blocks)):
        filled = _filled(lines, number)
        if filled is not None:
            lines = filled
    return tuple(RasterBlock(tuple(block)) for block in lines if block)


def _filled(lines: _Lines, number: int) -> _Lines | None:
    """The lines with those of one block in the gaps of others; None where one of them stands in none."""
    made = lines
    for line in lines[number]:
        place = next(
            (
                (block, row, at)
                for block, others in enumerate(made)
                if block != number
                for row, other in enumerate(others)
                if _suits(line, other) and (at := _gap(line, other)) is not None
            ),
            None,
        )
        if place is None:
            return None
        block, row, at = place
        if made is lines:
            made = [list(others) for others in lines]
        other = made[block][row]
        made[block][row] = replace(other, words=(*other.words[:at], *line.words, *other.words[at:]))
    if made is not lines:
        made[number] = []
    return made


def _suits(line: RasterLine, other: RasterLine) -> bool:
    """Whether two level lines share a baseline and a type size."""
    if abs(line.base - other.base) > _SAME_BASE * other.size or line.runs != "level" or other.runs != "level":
        return False
    return _LEAST_SIZE * other.size <= line.size <= _MOST_SIZE * other.size


def _gap(line: RasterLine, other: RasterLine) -> int | None:
    """Before which word of the other line there is room for this one, with a word before it."""
    left, right, clear = line.words[0].left, line.words[-1].right, _CLEAR * other.size
    for at, (before, behind) in enumerate(pairwise(other.words), 1):
        if before.right + clear <= left and right + clear <= behind.left:
            return at
    return None
