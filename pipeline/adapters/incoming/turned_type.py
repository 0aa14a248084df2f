"""Type that runs up or down on an upright page, such as the heads of narrow columns and notes along a margin.

Read level it comes out as shreds, now and then as sure ones, so confidence does not tell; but its letters stand closely
above each other and alone beside each other, which level type never does. Each such column of letters is read again by
itself, turned, and stays as it was where that brings no sure word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.adapters.incoming.covered_letters import alone_across, row_numbers
from pipeline.adapters.incoming.level_patches import patched, runs_across
from pipeline.adapters.incoming.page_geometry import Affine, quarter_turn, shifted
from pipeline.adapters.incoming.page_pictures import Gray, PagePicture
from pipeline.adapters.incoming.page_survey import LetterPlaces
from pipeline.adapters.incoming.preparation import ReadyPage
from pipeline.adapters.incoming.raster_words import RasterBlock, RasterLine, RasterWord, Runs, moved
from pipeline.domain.recognised import Rotation, mean_confidence

_FEWEST = 4  # letters of a column
_FEWEST_BESIDE = 3  # of one beside such a column; letters that touch count as one
_STEP_INCH, _SWAY_INCH = 0.15, 0.05  # from letter to letter, along and across the column
_ALONE_INCH, _LEVEL_INCH = 0.11, 0.03  # no letter so near beside it, on the same height
_MEAN_STEP_INCH = 0.115  # from letter to letter; figures under each other stand further apart
_LONG = 1.5  # times as long as wide
_GAP_INCH = 0.3  # between parts of the same column
_REACH = 1.1  # of the mean step, from the middle of the column to the middle of its outermost marks
_LEAST_REACH_INCH = 0.06
_NEXT = 0.4  # of the mean step, from a letter to one that belongs to the column, too; a space is wider
_LONGEST_MARK_INCH = 0.35  # longer ones are rules
_RIM_INCH = 0.06  # of white around what is read
_SURE, _PLAIN = 70.0, 88.0  # confidence of a word that counts, and of a reading that needs no second one
_POOR = 90.0  # confidence of the rest of the page
_DARK = 140  # of a raster's gray
_LEAST_SIGNS = 2  # of a word that counts
_LEAST_SHREDS = 2  # beside each other, which are a figure under such a column
_SHRED_SIGNS = 2  # of a level word that may be letters of lines beside each other
_AS_MUCH = 0.95  # the same words are a little more sure the one time, a little less the other
_BESIDE, _CLOSE = 8.0, 0.8  # times the type size between lines of one block, and of one heading

ReadBlocks = Callable[[Sequence[Gray]], list[tuple[RasterBlock, ...]]]


@dataclass(frozen=True)
class _Column:
    """A column of type on the raster: where its letters are, and the mean step between them, in pixels."""

    left: float
    top: float
    right: float
    bottom: float
    step: float


@dataclass(frozen=True)
class _Crop:
    """A piece of the raster with white around it. `left`, `top`: where its corner lies on the raster."""

    raster: Gray
    left: int
    top: int


def columns_of_letters(letters: LetterPlaces, rotation: Rotation) -> list[NDArray[np.int64]]:
    """The letters of each column of type that may run up or down on the page after its turn by `rotation`.

    Takes about two milliseconds.
    """
    places, dpi = letters.places, letters.dpi
    if len(places) < _FEWEST:
        return []
    level = rotation % 180 == 0
    reach, height = _ALONE_INCH * dpi, _LEVEL_INCH * dpi
    alone = places[alone_across(places, letters.shape, reach, height, level=level)]
    if len(alone) < _FEWEST:
        return []
    rows = row_numbers(alone, letters.shape, _STEP_INCH * dpi, _SWAY_INCH * dpi, level=not level)
    counts, axis = np.bincount(rows), int(level)
    if not any(_is_close(alone[rows == number], dpi, axis) for number in np.nonzero(counts >= _FEWEST)[0].tolist()):
        return []
    columns = (alone[rows == number] for number in np.nonzero(counts >= _FEWEST_BESIDE)[0].tolist())
    return [column for column in columns if _is_close(column, dpi, axis, _STEP_INCH)]


def _is_close(column: NDArray[np.int64], dpi: float, axis: int, mean_step_inch: float = _MEAN_STEP_INCH) -> bool:
    extent = column.max(axis=0) - column.min(axis=0)
    long, wide = int(extent[axis]), int(extent[1 - axis])
    return long >= _LONG * wide and long / (len(column) - 1) <= mean_step_inch * dpi


def with_turned_type(
    blocks: tuple[RasterBlock, ...],
    found: Sequence[NDArray[np.int64]],
    shape: tuple[int, ...],
    ready: ReadyPage,
    picture: PagePicture,
    read: ReadBlocks,
    read_page: ReadBlocks,
) -> tuple[RasterBlock, ...]:
    """The blocks with what columns of letters say where they are read turned, all columns in one call or two.

    So are lines that the recogniser itself read as type that runs up or down: it does not tell which.

    Figures above or below such a column, which the recogniser took for part of it, are read anew, too; and the page
    without its turned type, by `read_page`, where the rest reads poorly: heads among its lines spoil a table's figures.

    `found`: the columns, in a raster of `shape`, of the whole `picture`. `ready`: what the blocks were read in.
    """
    to_ready = ready.back.inverse()
    scale = picture.width_px / shape[1], picture.height_px / shape[0]
    standing = map(_column_of, standing_lines(blocks))
    columns = _joined([*standing, *(_column(each, scale, to_ready) for each in found)], ready.dpi)
    crops = [crop for column in columns if (crop := _cut_out(column, ready)) is not None]
    readings = _readings(crops, read) if crops else []
    lines = [line for lines in readings for line in lines if _says_more(line, blocks)]
    if not lines:
        return blocks
    made, rest = _exchanged(blocks, lines), _without_turned(lines, ready.raster)
    made = patched(made, rest, ready.dpi, read, _LEAST_SHREDS)
    if _confidence(made) >= _POOR:
        return made
    anew = _exchanged(tuple(read_page([rest])[0]), lines)
    return max(made, anew, key=_believed)


def _confidence(blocks: Sequence[RasterBlock]) -> float:
    """The mean over the characters of level words, 0 to 100."""
    level = [line for block in blocks for line in block.lines if line.runs == "level"]
    return mean_confidence([(len(word.text), word.confidence) for line in level for word in line.words])


def _believed(blocks: Sequence[RasterBlock]) -> float:
    """How many characters are believed, weighted by confidence."""
    words = (word for block in blocks for line in block.lines for word in line.words)
    return sum(len(word.text) * word.confidence for word in words if word.confidence >= _SURE)


def _column(letters: NDArray[np.int64], scale: tuple[float, float], to_ready: Affine) -> _Column:
    points = np.array([to_ready.apply((x + 0.5) * scale[0], (y + 0.5) * scale[1]) for x, y in letters.tolist()])
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return _Column(left, top, right, bottom, (bottom - top) / (len(points) - 1))


def standing_lines(blocks: Sequence[RasterBlock]) -> list[RasterLine]:
    """The lines that the recogniser itself read, surely, as type that runs up or down."""
    lines = (line for block in blocks for line in block.lines)
    return [line for line in lines if runs_across(line) and _is_believed(line)]


def _column_of(line: RasterLine) -> _Column:
    """The column of letters that such a line is."""
    left, top, right, bottom = _sides(line)
    middle = (left + right) / 2
    return _Column(middle, top, middle, bottom, (bottom - top) / len(" ".join(word.text for word in line.words)))


def _joined(columns: Sequence[_Column], dpi: float) -> list[_Column]:
    """Parts of one column as one, from left to right."""
    made: list[_Column] = []
    for column in sorted(columns, key=lambda each: each.top):
        for index, other in enumerate(made):
            middle = (column.left + column.right - other.left - other.right) / 2
            if abs(middle) <= _SWAY_INCH * dpi and column.top - other.bottom <= _GAP_INCH * dpi:
                left, right = min(column.left, other.left), max(column.right, other.right)
                made[index] = _Column(left, other.top, right, max(column.bottom, other.bottom), other.step)
                break
        else:
            made.append(column)
    return sorted(made, key=lambda each: (each.left + each.right, each.top))


def _cut_out(column: _Column, ready: ReadyPage) -> _Crop | None:
    """The marks of a column, whole, on white ground; None where there is none."""
    reach = max(_REACH * column.step, _LEAST_REACH_INCH * ready.dpi)
    middle = (column.left + column.right) / 2
    longest = round(_LONGEST_MARK_INCH * ready.dpi)
    height, width = ready.raster.shape
    x0, x1 = max(int(middle - reach) - longest, 0), min(int(middle + reach) + longest, width)
    y0, y1 = max(int(column.top) - longest, 0), min(int(column.bottom) + longest, height)
    if x0 >= x1 or y0 >= y1:
        return None
    piece = ready.raster[y0:y1, x0:x1]
    _count, _labels, stats, centres = cv2.connectedComponentsWithStats((piece < _DARK).astype(np.uint8), connectivity=8)
    stats, middles = stats[1:], centres[1:, 0] + x0
    small = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1) <= longest
    marks = stats[small & (np.abs(middles - middle) <= reach)]
    lefts, rights = marks[:, cv2.CC_STAT_LEFT], marks[:, cv2.CC_STAT_LEFT] + marks[:, cv2.CC_STAT_WIDTH]
    tops, bottoms = marks[:, cv2.CC_STAT_TOP], marks[:, cv2.CC_STAT_TOP] + marks[:, cv2.CC_STAT_HEIGHT]
    top, bottom = column.top - y0, column.bottom - y0
    while True:
        inside = (bottoms >= top - _NEXT * column.step) & (tops <= bottom + _NEXT * column.step)
        if not inside.any():
            return None
        reached = min(top, int(tops[inside].min())), max(bottom, int(bottoms[inside].max()))
        if reached == (top, bottom):
            break
        top, bottom = reached
    left, right = int(lefts[inside].min()), int(rights[inside].max())
    top, bottom = int(tops[inside].min()), int(bottoms[inside].max())
    rim = max(4, round(_RIM_INCH * ready.dpi))
    kept = np.pad(piece[top:bottom, left:right], rim, constant_values=255)
    return _Crop(np.ascontiguousarray(kept), x0 + left - rim, y0 + top - rim)


def _readings(crops: Sequence[_Crop], read: ReadBlocks) -> list[list[RasterLine]]:
    """What each crop says on the raster: as type that runs up and, where that is not plain, down, the better one."""
    up = [
        _lines(crop, found, "up")
        for crop, found in zip(crops, read([_turned(crop, "up") for crop in crops]), strict=True)
    ]
    open_ones = [index for index, lines in enumerate(up) if not _is_plain(lines)]
    if open_ones:
        others = read([_turned(crops[index], "down") for index in open_ones])
        for index, found in zip(open_ones, others, strict=True):
            up[index] = max(up[index], _lines(crops[index], found, "down"), key=_worth)
    return up


def _turned(crop: _Crop, runs: Runs) -> Gray:
    return np.ascontiguousarray(np.rot90(crop.raster, -1 if runs == "up" else 1))


def _lines(crop: _Crop, found: Sequence[RasterBlock], runs: Runs) -> list[RasterLine]:
    """The lines of a turned crop that hold a sure word, where they lie on the raster."""
    height, width = crop.raster.shape
    back = quarter_turn(90 if runs == "up" else 270, width, height).inverse().then(shifted(crop.left, crop.top))
    return [
        RasterLine(tuple(moved(word, back) for word in words), back.apply(0, line.base)[0], line.size, runs)
        for block in found
        for line in block.lines
        if (words := _from_sure_to_sure(line.words))
    ]


def _from_sure_to_sure(words: Sequence[RasterWord]) -> tuple[RasterWord, ...]:
    """The words from the first sure one to the last; what stands before or behind may be level type."""
    sure = [index for index, word in enumerate(words) if _is_sure(word)]
    if sum(_signs(words[index]) for index in sure) < _FEWEST:
        return ()
    return tuple(words[sure[0] : sure[-1] + 1])


def _is_sure(word: RasterWord) -> bool:
    return word.confidence >= _SURE and _signs(word) >= _LEAST_SIGNS


def _signs(word: RasterWord) -> int:
    return sum(map(str.isalnum, word.text))


def _worth(lines: Sequence[RasterLine]) -> float:
    return sum(_signs(word) * word.confidence for line in lines for word in line.words if _is_sure(word))


def _is_plain(lines: Sequence[RasterLine]) -> bool:
    """Whether all that was read is so sure that it can't stand on its head."""
    return bool(lines) and all(word.confidence >= _PLAIN for line in lines for word in line.words)


def _says_more(line: RasterLine, blocks: Sequence[RasterBlock]) -> bool:
    """Whether a turned line says as much as the words that were read at its place, or nearly; shreds don't count."""
    before = [
        len(word.text) * word.confidence
        for block in blocks
        for other in block.lines
        for word in other.words
        if len(word.text) > _SHRED_SIGNS and word.confidence >= _SURE and _holds([line], word)
    ]
    return _worth([line]) >= _AS_MUCH * sum(before)


def _is_believed(line: RasterLine) -> bool:
    """Whether a line is sure and its words stand, so that it is no column of short figures."""
    long = [word for word in line.words if len(word.text) > _SHRED_SIGNS]
    sure = mean_confidence([(len(word.text), word.confidence) for word in line.words]) >= _SURE
    return sure and bool(long) and all(word.bottom - word.top > word.right - word.left for word in long)


def _without_turned(lines: Sequence[RasterLine], raster: Gray) -> Gray:
    """A raster, white where these lines lie."""
    rest = raster.copy()
    for line in lines:
        left, top, right, bottom = _sides(line)
        slack = round(line.size / 4)
        rest[max(top - slack, 0) : bottom + slack, max(left - slack, 0) : right + slack] = 255
    return rest


def _exchanged(blocks: tuple[RasterBlock, ...], lines: Sequence[RasterLine]) -> tuple[RasterBlock, ...]:
    """The blocks with turned lines in place of what was read there, where the first of that stood."""
    kept: list[RasterBlock] = []
    at: int | None = None
    for block in blocks:
        left = tuple(
            replace(line, words=words)
            for line in block.lines
            if (words := tuple(word for word in line.words if not _holds(lines, word)))
        )
        if at is None and sum(len(line.words) for line in left) < sum(len(line.words) for line in block.lines):
            at = len(kept)
        if left:
            kept.append(RasterBlock(left))
    place = len(kept) if at is None else at
    return (*kept[:place], *_blocks(lines), *kept[place:])


def _holds(lines: Sequence[RasterLine], word: RasterWord) -> bool:
    """Whether a word lies in one of these lines; a shred, or one that is not sure, whether it touches one."""
    x, y = (word.left + word.right) / 2, (word.top + word.bottom) / 2
    for line in lines:
        left, top, right, bottom = _sides(line)
        slack = line.size / 4
        if left - slack <= x <= right + slack and top - slack <= y <= bottom + slack:
            return True
        doubtful = word.confidence < _SURE or len(word.text) <= _SHRED_SIGNS
        if doubtful and left < word.right and word.left < right and top < word.bottom and word.top < bottom:
            return True
    return False


def _sides(line: RasterLine) -> tuple[int, int, int, int]:
    words = line.words
    return (
        min(word.left for word in words),
        min(word.top for word in words),
        max(word.right for word in words),
        max(word.bottom for word in words),
    )


def _blocks(lines: Sequence[RasterLine]) -> Iterator[RasterBlock]:
    """Lines that run the same way beside each other are one block, from left to right.

    Of those that run down and stand close, as the lines of one heading do, the right one is read first.
    """
    rest = sorted(lines, key=lambda line: (line.runs, _sides(line)))
    while rest:
        block = [rest.pop(0)]
        for line in list(rest):
            before, after = _sides(block[-1]), _sides(line)
            beside = before[1] <= after[3] and after[1] <= before[3]
            if line.runs == block[0].runs and beside and after[0] - before[2] <= _BESIDE * line.size:
                block.append(line)
                rest.remove(line)
        yield RasterBlock(tuple(_in_order(block)))


def _in_order(lines: Sequence[RasterLine]) -> Iterator[RasterLine]:
    heading: list[RasterLine] = []
    for line in lines:
        if heading and not (line.runs == "down" and _sides(line)[0] - _sides(heading[-1])[2] <= _CLOSE * line.size):
            yield from reversed(heading)
            heading = []
        heading.append(line)
    yield from reversed(heading)
