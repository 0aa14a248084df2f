"""Columns of single figures, such as the positions of an invoice, that a reading left out.

Tesseract's page layout takes a narrow column of single figures for specks and says nothing. They stand below each
other, alone, each on the height of a line that was read. So do tick boxes, dashes of a broken rule, and now and then
specks; hence a column is told by several, and of what is then read only figures count that look like type of their
line: no frames, and no column of nothing but strokes that may be figures 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.adapters.incoming.covered_letters import alone_across, row_numbers
from pipeline.adapters.incoming.page_pictures import Gray
from pipeline.adapters.incoming.page_survey import LetterPlaces
from pipeline.adapters.incoming.raster_words import RasterBlock, RasterLine, RasterWord

_FEWEST = 3  # figures of a column
_STEP_INCH, _SWAY_INCH = 0.45, 0.05  # from one to the next, along and across the column
_ALONE_INCH = 0.15  # no other letter so near beside it
_LEVEL_INCH = 0.04  # between the middles of letters of a line
_FEWEST_BESIDE = 3  # letters that were read on its height
_SURE = 85.0  # confidence; single signs that are none read surely more often than words do
_OFF_BASE = 0.25  # of the type size of the line
_LEAST_HEIGHT, _MOST_HEIGHT = 0.4, 0.95  # of the type size of the line
_OFF_MIDDLE = 0.7  # of their height, between figures of a column
_DARK = 140  # of a raster's gray
_EDGE = 0.85  # of a side of a frame that is drawn


def columns_of_figures(letters: LetterPlaces, left_out: NDArray[np.int64], *, level: bool) -> bool:
    """Whether letters that no word covers stand below each other, alone, each beside letters that were read.

    `left_out`: some of the letters' places. `level`: lines run along the raster's rows.
    """
    if len(left_out) < _FEWEST:
        return False
    places, dpi, axis = letters.places, letters.dpi, int(level)
    alone = alone_across(places, letters.shape, _ALONE_INCH * dpi, _LEVEL_INCH * dpi, level=level)
    is_out = np.zeros(letters.shape, np.bool_)
    is_out[left_out[:, 1], left_out[:, 0]] = True
    out = is_out[places[:, 1], places[:, 0]]
    heights, reach = np.sort(places[~out][:, axis]), _LEVEL_INCH * dpi
    single = places[out & alone]
    beside = np.searchsorted(heights, single[:, axis] + reach, "right") - np.searchsorted(
        heights, single[:, axis] - reach
    )
    single = single[beside >= _FEWEST_BESIDE]
    if len(single) < _FEWEST:
        return False
    columns = row_numbers(single, letters.shape, _STEP_INCH * dpi, _SWAY_INCH * dpi, level=not level)
    return int(np.bincount(columns).max()) >= _FEWEST


def without_frames(blocks: Iterable[RasterBlock], raster: Gray) -> Iterator[RasterBlock]:
    """The blocks without words of which `raster` shows no more than an empty box."""
    yield from _only(blocks, lambda word: not _is_frame(word, raster))


def figures_of_rows(blocks: Iterable[RasterBlock], lines: Sequence[RasterLine]) -> list[RasterBlock]:
    """What of the blocks is a column of single figures on the rows of `lines`; nothing where that is in doubt."""
    fitting = list(_only(blocks, lambda word: _is_figure(word) and any(_fits(word, line) for line in lines)))
    figures = [word for block in fitting for line in block.lines for word in line.words]
    found = list(_only(fitting, lambda word: sum(_is_below(word, other) for other in figures) >= _FEWEST))
    texts = {word.text for block in found for line in block.lines for word in line.words}
    return [] if texts <= {"1"} else found


def _only(blocks: Iterable[RasterBlock], stays: Callable[[RasterWord], bool]) -> Iterator[RasterBlock]:
    """The blocks with only the words that stay."""
    for block in blocks:
        lines = [replace(line, words=tuple(filter(stays, line.words))) for line in block.lines]
        left = tuple(line for line in lines if line.words)
        if left:
            yield RasterBlock(left)


def _is_figure(word: RasterWord) -> bool:
    return word.confidence >= _SURE and len(word.text) == 1 and word.text.isascii() and word.text.isdigit()


def _fits(word: RasterWord, line: RasterLine) -> bool:
    """Whether a word stands on the baseline of a level line and is as tall as its figures."""
    if line.runs != "level" or abs(word.bottom - line.base) > _OFF_BASE * line.size:
        return False
    return _LEAST_HEIGHT * line.size <= word.bottom - word.top <= _MOST_HEIGHT * line.size


def _is_below(word: RasterWord, other: RasterWord) -> bool:
    """Whether two figures, or one and itself, are of one column."""
    return abs(word.left + word.right - other.left - other.right) / 2 <= _OFF_MIDDLE * (word.bottom - word.top)


def _is_frame(word: RasterWord, raster: Gray) -> bool:
    """Whether all four sides of a word's box are lines."""
    piece = (raster[max(word.top, 0) : word.bottom, max(word.left, 0) : word.right] < _DARK).astype(np.float64)
    if piece.size == 0:
        return False
    high, wide = -(-piece.shape[0] // 4), -(-piece.shape[1] // 4)
    rows, columns = piece.mean(axis=1), piece.mean(axis=0)
    sides = rows[:high], rows[-high:], columns[:wide], columns[-wide:]
    return all(float(side.max()) >= _EDGE for side in sides)
