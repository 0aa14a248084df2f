"""Lines behind which a word of another line stands so close that readers take both for one word."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence

from pipeline.adapters.incoming.placed_words import PlacedLine, PlacedWord

_CLOSE = 0.5  # of the type size; readers part words from 0.15 to 0.3 of it on


def ends_that_touch(lines: Sequence[PlacedLine]) -> list[bool]:
    """For each line whether a word of another line that runs the same way begins on its last word or close behind it.

    Words that share no height are no neighbours.
    """
    words: dict[tuple[float, float], list[PlacedWord]] = defaultdict(list)
    for line in lines:
        words[line.cos, line.sin] += line.words
    ordered = {way: sorted(each, key=_begin) for way, each in words.items()}
    return [_touches(line, ordered[line.cos, line.sin]) for line in lines]


def _touches(line: PlacedLine, words: Sequence[PlacedWord]) -> bool:
    last = line.words[-1]
    first = bisect_right(words, last.begin, key=_begin)
    behind = bisect_right(words, last.end + _CLOSE * line.size, first, key=_begin)
    return any(word.low < last.high and last.low < word.high for word in words[first:behind])


def _begin(word: PlacedWord) -> float:
    return word.begin
