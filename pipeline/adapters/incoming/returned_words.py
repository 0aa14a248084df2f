"""Words that were read by themselves go back into the line in which they stand on paper.

What a reading left out, or read unsurely, is read again alone and comes back as lines of its own. A word that says anew
what an unsure one said takes its place. Others go into a gap between two words of a line, or close behind its last or
before its first one, if height and size suit that line. What stands further off, as the next column, a note at the
margin or the value beside a label, stays by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from pipeline.adapters.incoming.raster_words import RasterBlock, RasterLine, RasterWord

_LOWEST, _HIGHEST = 0.45, 0.35  # of the type size: how far a word's lower edge may be below and above the baseline
_TALLEST = 1.3  # of the type size
_SLACK = 0.15  # of the type size, by which boxes of neighbours may overlap
_CLOSE = 0.6  # of the type size, from the end of a line to a word that belongs to it; columns stand further apart
_MOST = 0.5  # of a word's width, that words within it take up which say it anew
_FEW = 2  # words of a line that may belong to several places

_Lines = list[list[RasterLine]]  # of each block


def with_returned(
    blocks: Iterable[RasterBlock], more: Iterable[RasterBlock], is_unsure: Callable[[RasterWord], bool]
) -> tuple[list[RasterBlock], list[RasterBlock]]:
    """The blocks with the words of `more` that belong into their lines, and what is left of `more`.

    `is_unsure`: whether a word of the blocks gives way to one that was read at its place; all such words do, even where
    the new one does not suit their line.
    """
    lines: _Lines = [list(block.lines) for block in blocks]
    added = [line for block in more for line in block.lines]
    placed = _exchange(lines, [word for line in added for word in line.words], is_unsure)
    rest: list[RasterBlock] = []
    for block in more:
        kept = []
        for line in block.lines:
            left = _return(lines, [word for word in line.words if word not in placed])
            if left:
                kept.append(replace(line, words=tuple(left)))
        if kept:
            rest.append(RasterBlock(tuple(kept)))
    whole = (tuple(line for line in block if line.words) for block in lines)
    return [RasterBlock(block) for block in whole if block], rest


def _exchange(lines: _Lines, found: Sequence[RasterWord], is_unsure: Callable[[RasterWord], bool]) -> set[RasterWord]:
    """Let words that were found anew take the place of unsure ones, which go. Returns those that are in their place."""
    placed: set[RasterWord] = set()
    for block in lines:
        for number, line in enumerate(block):
            words: list[RasterWord] = []
            for word in line.words:
                said = _said_anew(word, line, found) if is_unsure(word) else []
                if not said:
                    words.append(word)
                    continue
                suiting = sorted((new for new in said if new not in placed and _suits(new, line)), key=_left)
                words += suiting
                placed.update(suiting)
            block[number] = replace(line, words=tuple(words))
    return placed


def _said_anew(word: RasterWord, line: RasterLine, found: Sequence[RasterWord]) -> list[RasterWord]:
    """The words that say anew what a word of a line said: one that covers it, or several that do so together."""
    inside = [new for new in found if _is_in(new, word)]
    if any(_is_in(word, new) for new in found):
        return [new for new in found if new in inside or _is_in(word, new)]
    covered = sum(new.right - new.left for new in inside if _suits(new, line))
    return inside if covered >= _MOST * (word.right - word.left) else []


def _return(lines: _Lines, words: list[RasterWord]) -> list[RasterWord]:
    """Put words of one line where they belong, together or one by one; returns those that belong nowhere."""
    if not words or _into_line(lines, words):
        return []
    if len(words) > _FEW:
        return words
    return [word for word in words if not _into_line(lines, [word])]


def _into_line(lines: _Lines, words: Sequence[RasterWord]) -> bool:
    """Put words into the one line that has room for them; whether there was one."""
    for block in lines:
        for number, line in enumerate(block):
            if all(_suits(word, line) for word in words):
                at = _room(line, words[0].left, words[-1].right)
                if at is not None:
                    block[number] = replace(line, words=(*line.words[:at], *words, *line.words[at:]))
                    return True
    return False


def _room(line: RasterLine, left: int, right: int) -> int | None:
    """Before which word of a line there is room from `left` to `right`; their number where it is behind the last."""
    slack, close = _SLACK * line.size, _CLOSE * line.size
    if -slack <= left - line.words[-1].right <= close:
        return len(line.words)
    if -slack <= line.words[0].left - right <= close:
        return 0
    for at, (before, behind) in enumerate(pairwise(line.words), 1):
        if before.right - slack <= left and right <= behind.left + slack:
            return at
    return None


def _suits(word: RasterWord, line: RasterLine) -> bool:
    """Whether a word stands as high as a level line and is about as large."""
    if line.runs != "level" or not line.words:
        return False
    below = (word.bottom - line.base) / line.size
    return -_HIGHEST <= below <= _LOWEST and word.bottom - word.top <= _TALLEST * line.size


def _is_in(word: RasterWord, other: RasterWord) -> bool:
    """Whether the middle of a word lies in another."""
    x, y = (word.left + word.right) / 2, (word.top + word.bottom) / 2
    return other.left <= x <= other.right and other.top <= y <= other.bottom


def _left(word: RasterWord) -> int:
    return word.left
