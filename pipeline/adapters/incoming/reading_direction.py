"""Which way read words run, judged by their places alone: by how they follow each other and by their own shape.

A recogniser may read a block of lines that lie across and be as sure of it as of upright ones, so confidence tells
nothing about direction. In a line that lies level each word stands to the right of the one before, and a word of
three or more letters is wider than tall.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

_LEAST_SIGNS = 3  # a shorter word may well be taller than wide


class PlacedWord(Protocol):
    """A word with the upright box around it; y grows downwards."""

    @property
    def text(self) -> str:
        """The word."""
        ...

    @property
    def left(self) -> int:
        """The smallest x."""
        ...

    @property
    def top(self) -> int:
        """The smallest y."""
        ...

    @property
    def right(self) -> int:
        """The greatest x."""
        ...

    @property
    def bottom(self) -> int:
        """The greatest y."""
        ...


def level_share(lines: Iterable[Sequence[PlacedWord]]) -> float:
    """The share of characters in words that run from left to right, 0 to 1; 1 where nothing tells a direction."""
    level = across = 0
    for line in lines:
        for words, runs_level in _votes(line):
            signs = sum(len(word.text) for word in words)
            level, across = (level + signs, across) if runs_level else (level, across + signs)
    return level / (level + across) if level + across else 1.0


def _votes(line: Sequence[PlacedWord]) -> Iterable[tuple[Sequence[PlacedWord], bool]]:
    """A line of several words by its course; within a level one, every long enough word by its shape."""
    if len(line) > 1:
        first, last = line[0], line[-1]
        right = (last.left + last.right) - (first.left + first.right)
        down = (last.top + last.bottom) - (first.top + first.bottom)
        if right <= abs(down):
            yield line, False
            return
    for word in line:
        if len(word.text) >= _LEAST_SIGNS:
            yield [word], word.right - word.left >= word.bottom - word.top
