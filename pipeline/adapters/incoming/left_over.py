"""What a reading left out: type that none of its words covers, such as a column of figures, is read by itself.

Tesseract's page layout now and then takes a narrow column for something else than text and says nothing; the words
that are left read as surely as ever, so confidence does not tell.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.adapters.incoming import tesseract_call
from pipeline.adapters.incoming.covered_letters import paint, row_lengths
from pipeline.adapters.incoming.lone_figures import columns_of_figures, figures_of_rows, without_frames
from pipeline.adapters.incoming.page_geometry import Affine, mapped_box
from pipeline.adapters.incoming.page_pictures import Gray, PagePicture
from pipeline.adapters.incoming.page_survey import LetterPlaces, Survey
from pipeline.adapters.incoming.preparation import make_ready
from pipeline.adapters.incoming.raster_words import RasterBlock, RasterLine, RasterWord, moved
from pipeline.adapters.incoming.reading_plan import Reading
from pipeline.adapters.incoming.returned_words import with_returned
from pipeline.domain.recognised import PixelBox

LeftOut = Literal["type", "figures"]
"""Type in general, or nothing but columns of single figures."""

_FEWEST = 12  # letters left out
_LEAST_SHARE = 0.06  # of all letters of the page
_ROW = 5  # letters left out one behind the other, that are a line of type by themselves
_STEP_INCH, _SWAY_INCH = 0.25, 0.05  # from letter to letter, along and across the row
_SLACK_INCH = 0.03  # around a word, which belongs to it
_SURE = 70.0  # confidence of a word that is added; scribbles and stamps read worse
_FEWEST_SIGNS = 6


def left_out(reading: Reading, found: Survey, width_px: int, height_px: int) -> LeftOut | None:
    """What lies in none of the words that were read.

    `type`: a good part of the page's letters, or a row of them. `figures`: no more than a column of single figures, or
    marks that may be such.
    """
    letters, shape, dpi = found.letters.places, found.letters.shape, found.letters.dpi
    if not reading.blocks or len(letters) < _FEWEST:
        return None
    rest = _uncovered(found.letters, reading.words, reading.back, width_px, height_px)
    if len(rest) >= _FEWEST and len(rest) >= _LEAST_SHARE * len(letters):
        return "type"
    level = reading.rotation % 180 == 0
    if _longest_row(rest, shape, dpi, level=level) >= _ROW:
        return "type"
    return "figures" if columns_of_figures(found.letters, rest, level=level) else None


def _uncovered(
    letters: LetterPlaces, words: Iterable[RasterWord], back: Affine, width_px: int, height_px: int
) -> NDArray[np.int64]:
    """The letters that lie in none of the words of a reading."""
    covered = np.zeros(letters.shape, np.uint8)
    across, down = letters.shape[1] / width_px, letters.shape[0] / height_px
    slack = max(1, round(_SLACK_INCH * letters.dpi))
    for box in _boxes(words, back, width_px, height_px):
        paint(covered, box, across, down, slack, 1)
    places = letters.places
    return np.asarray(places[covered[places[:, 1], places[:, 0]] == 0], dtype=np.int64)


def _longest_row(letters: NDArray[np.int64], shape: tuple[int, ...], dpi: float, *, level: bool) -> int:
    """How many letters stand closely behind each other in the longest row; `level`: rows run along the raster's."""
    rows = row_lengths(letters, shape, _STEP_INCH * dpi, _SWAY_INCH * dpi, level=level)
    return int(rows.max(initial=0))


def with_left_over(
    reading: Reading,
    picture: PagePicture,
    found: Survey,
    dpi: float,
    base: Path,
    language: str,
    what: LeftOut = "type",
) -> Reading:
    """The reading with what is found where it found nothing, at its place; the same where that is nothing sure.

    `what`: nothing else is added.
    Raises like `tesseract_call.read_pictures`.
    """
    ready = make_ready(picture, found, reading.rotation, reading.skew_degrees, dpi)
    rest = ready.raster.copy()
    there = ready.back.inverse()
    slack = max(1, round(_SLACK_INCH * dpi))
    known = [word for word in reading.words if word.confidence >= _SURE]
    for box in _boxes(known, reading.back, picture.width_px, picture.height_px):
        paint(rest, mapped_box(there, *_sides(box), rest.shape[1], rest.shape[0]), 1, 1, slack, 255)
    more = _sure(_read(rest, dpi, base, language), rest, reading, ready.back.then(reading.back.inverse()), what)
    if not more:
        return reading
    blocks, alone = with_returned(reading.blocks, more, lambda word: word.confidence < _SURE)
    for block in alone:
        blocks.insert(_place(block, blocks), block)
    return replace(reading, blocks=tuple(blocks))


def _sure(read: Iterable[RasterBlock], rest: Gray, reading: Reading, way: Affine, what: LeftOut) -> list[RasterBlock]:
    """What of the words that were `read` in `rest` is to be believed, in the raster of the reading."""
    if what == "figures":
        lines = [line for block in reading.blocks for line in block.lines]
        return figures_of_rows(_as_read(without_frames(read, rest), way), lines)
    more = list(_as_read(read, way))
    return more if sum(len(word.text) for word in _words(more)) >= _FEWEST_SIGNS else []


def _words(blocks: Iterable[RasterBlock]) -> list[RasterWord]:
    return [word for block in blocks for line in block.lines for word in line.words]


def _place(block: RasterBlock, blocks: Sequence[RasterBlock]) -> int:
    """Before the first block that begins lower in the same column; at the end if there is none."""
    left, top, right = _extent(block)
    for place, other in enumerate(blocks):
        begin, head, end = _extent(other)
        if head > top and begin < right and left < end:
            return place
    return len(blocks)


def _extent(block: RasterBlock) -> tuple[int, int, int]:
    """Left, top and right."""
    words = [word for line in block.lines for word in line.words]
    return min(word.left for word in words), min(word.top for word in words), max(word.right for word in words)


def _read(raster: Gray, dpi: float, base: Path, language: str) -> tuple[RasterBlock, ...]:
    picture = tesseract_call.write_picture(raster, dpi, base)
    try:
        return tesseract_call.read_pictures([picture], base, tesseract_call.Way(language, one_block=True))[0]
    finally:
        picture.path.unlink(missing_ok=True)


def _boxes(words: Iterable[RasterWord], back: Affine, width_px: int, height_px: int) -> Iterator[PixelBox]:
    for word in words:
        yield mapped_box(back, word.left, word.top, word.right, word.bottom, width_px, height_px)


def _sides(box: PixelBox) -> tuple[int, int, int, int]:
    return box.left, box.top, box.right, box.bottom


def _as_read(blocks: Iterable[RasterBlock], way: Affine) -> Iterator[RasterBlock]:
    """The sure words in the raster of the first reading; `way` leads there."""
    for block in blocks:
        lines = []
        for line in block.lines:
            words = tuple(moved(word, way) for word in line.words if _is_sure(word))
            if words:
                lines.append(RasterLine(words, way.apply(0, line.base)[1], line.size * math.hypot(way.b, way.e)))
        if lines:
            yield RasterBlock(tuple(lines))


def _is_sure(word: RasterWord) -> bool:
    return word.confidence >= _SURE and any(map(str.isalnum, word.text))
