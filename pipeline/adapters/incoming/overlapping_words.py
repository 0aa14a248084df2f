"""Words that were read on top of each other: the surer one stays, so that each can be selected at its place.

Tesseract now and then takes a line with specks above it for two lines and reads it twice, and reads specks within a
word as a word of their own. Readers of the finished PDF can't tell such words apart and cut both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from pipeline.adapters.incoming.raster_words import RasterBlock, RasterWord

_COVERED = 0.4  # share of a word's box that surer words' boxes cover
_UNSURE = 80.0  # confidence; a surer word stays in any case
_LESS_SURE = 10.0  # by which it has to be less sure than the word that covers it


def without_overlaid(blocks: Sequence[RasterBlock]) -> tuple[RasterBlock, ...]:
    """The blocks without unsure words that lie under a surer one."""
    words = [word for block in blocks for line in block.lines for word in line.words]
    dropped = {id(words[index]) for index in _overlaid(words)}
    return tuple(_kept(blocks, dropped)) if dropped else tuple(blocks)


def _overlaid(words: Sequence[RasterWord]) -> Iterator[int]:
    """The places of the words that lie under surer ones."""
    unsure = [index for index, word in enumerate(words) if word.confidence < _UNSURE]
    if not unsure:
        return
    sides = np.array([(word.left, word.top, word.right, word.bottom) for word in words], np.float64)
    confidence = np.array([word.confidence for word in words])
    for index in unsure:
        left, top, right, bottom = sides[index]
        across = np.minimum(sides[:, 2], right) - np.maximum(sides[:, 0], left)
        down = np.minimum(sides[:, 3], bottom) - np.maximum(sides[:, 1], top)
        covered = np.maximum(across, 0) * np.maximum(down, 0) / ((right - left) * (bottom - top))
        surer = confidence >= confidence[index] + _LESS_SURE
        if bool((covered[surer] >= _COVERED).any()):
            yield index


def _kept(blocks: Sequence[RasterBlock], dropped: set[int]) -> Iterator[RasterBlock]:
    for block in blocks:
        lines = [replace(line, words=tuple(w for w in line.words if id(w) not in dropped)) for line in block.lines]
        left = tuple(line for line in lines if line.words)
        if left:
            yield RasterBlock(left)
