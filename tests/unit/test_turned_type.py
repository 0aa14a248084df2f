"""Which letters are taken for type that runs up or down, and which way a line runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from pipeline.adapters.incoming.page_geometry import IDENTITY
from pipeline.adapters.incoming.page_pictures import Gray, PagePicture
from pipeline.adapters.incoming.page_survey import LetterPlaces
from pipeline.adapters.incoming.preparation import ReadyPage
from pipeline.adapters.incoming.raster_words import RasterBlock, RasterLine, RasterWord
from pipeline.adapters.incoming.turned_type import columns_of_letters, standing_lines, with_turned_type
from pipeline.domain.recognised import Line, PixelBox, Word

pytestmark = pytest.mark.unit

_SHAPE = (1169, 827)  # A4 at 100 dpi


def _letters(*places: tuple[int, int]) -> LetterPlaces:
    return LetterPlaces(np.array(places, np.int64), _SHAPE)


def _standing(x: int, count: int = 9, step: int = 7) -> list[tuple[int, int]]:
    """Letters above each other, as heads of 9 points have them."""
    return [(x + index % 2, 200 + step * index) for index in range(count)]


def test_letters_close_above_each_other_and_alone_are_a_column() -> None:
    letters = _letters(*_standing(100), *_standing(120))
    assert sorted(len(column) for column in columns_of_letters(letters, 0)) == [9, 9]
    assert columns_of_letters(letters, 90) == []


def test_a_column_lies_on_a_page_that_is_to_be_turned() -> None:
    lying = LetterPlaces(np.array([(y, x) for x, y in _standing(100)], np.int64), _SHAPE[::-1])
    assert len(columns_of_letters(lying, 270)) == 1
    assert columns_of_letters(lying, 180) == []


@pytest.mark.parametrize("size_pt", [5.5, 7, 9, 11, 14, 20])
def test_lines_of_type_are_no_columns(size_pt: float) -> None:
    """Prose, single-spaced: letters half a size apart, lines 1.2 sizes."""
    em = size_pt / 72 * 100
    places = [(round(80 + em * 0.5 * sign), round(100 + 1.2 * em * row)) for row in range(40) for sign in range(50)]
    inside = [(x, y) for x, y in places if x < _SHAPE[1] - 20 and y < _SHAPE[0] - 20]
    assert columns_of_letters(_letters(*inside), 0) == []


@pytest.mark.parametrize("size_pt", [8, 9, 10, 12])
def test_single_figures_under_each_other_are_no_column(size_pt: float) -> None:
    step = 1.2 * size_pt / 72 * 100
    assert columns_of_letters(_letters(*[(300, round(100 + step * row)) for row in range(40)]), 0) == []


def _word(text: str, confidence: float, left: int, top: int, right: int, bottom: int) -> RasterWord:
    return RasterWord(text, confidence, left, top, right, bottom)


def _page(blocks: tuple[RasterBlock, ...], up: tuple[str, float], down: tuple[str, float]) -> tuple[RasterBlock, ...]:
    """The blocks after a column at 100 dpi was read turned with these results."""
    raster = np.full(_SHAPE, 255, np.uint8)
    for x, y in _standing(100):
        raster[y - 2 : y + 3, x - 3 : x + 4] = 0
    ready, picture = ReadyPage(raster, 100.0, IDENTITY), PagePicture(827, 1169, 100.0, 100.0, 0, raster, False)
    answers = iter((up, down))

    def read(crops: Sequence[Gray]) -> list[tuple[RasterBlock, ...]]:
        text, confidence = next(answers)
        height, width = crops[0].shape
        line = RasterLine((_word(text, confidence, 6, 4, width - 6, height - 4),), height - 4.0, 12.0)
        return [(RasterBlock((line,)),)]

    columns = columns_of_letters(_letters(*_standing(100)), 0)
    return with_turned_type(blocks, columns, _SHAPE, ready, picture, read, lambda _page: [blocks])


_TITLE = RasterBlock((RasterLine((_word("Hebesätze", 96, 40, 20, 140, 34),), 34.0, 14.0),))
_SHREDS = RasterBlock(tuple(RasterLine((_word("ö", 91, 96, y, 104, y + 8),), y + 8.0, 10.0) for y in (200, 220, 240)))


def test_a_sure_turned_word_takes_the_place_of_shreds() -> None:
    title, turned = _page((_TITLE, _SHREDS), ("Einwohner", 95.0), ("", 0.0))
    (line,) = turned.lines
    (word,) = line.words
    assert title == _TITLE
    assert (word.text, line.runs) == ("Einwohner", "up")
    assert abs(word.left - 97) <= 3
    assert abs(word.top - 198) <= 3
    assert abs(word.bottom - 259) <= 3
    assert word.left < line.base <= word.right + 1


def test_what_is_doubtful_as_type_that_runs_up_is_read_as_type_that_runs_down() -> None:
    _title, turned = _page((_TITLE, _SHREDS), ("JauyoMul", 40.0), ("Einwohner", 95.0))
    (line,) = turned.lines
    assert (line.words[0].text, line.runs) == ("Einwohner", "down")
    assert line.base <= line.words[0].left + 1


def test_what_was_read_stays_where_nothing_turned_is_sure() -> None:
    blocks = (_TITLE, _SHREDS)
    assert _page(blocks, ("ııoı", 30.0), ("oıoı", 69.0)) == blocks
    assert _page(blocks, ("abc", 95.0), ("ab", 96.0)) == blocks


def test_a_level_word_that_says_more_stays() -> None:
    level = RasterBlock((RasterLine((_word("Straßenreinigung", 96, 60, 222, 140, 236),), 236.0, 14.0),))
    assert _page((_TITLE, level), ("einw", 80.0), ("", 0.0)) == (_TITLE, level)


def test_only_sure_words_that_stand_are_the_recognisers_own_turned_type() -> None:
    def lines(*words: RasterWord) -> list[RasterLine]:
        return standing_lines([RasterBlock((RasterLine(words, 300.0, 14.0),))])

    assert lines(_word("Einwohner", 96, 40, 200, 54, 300))
    assert not lines(_word("JauyoMul", 24, 40, 200, 54, 300))
    assert not lines(_word("Einwohner", 96, 40, 200, 140, 214))
    assert not lines(_word("12", 96, 40, 200, 54, 300))


@pytest.mark.parametrize(
    ("ends", "rotation"),
    [((0, 9, 90, 9), 0), ((9, 90, 9, 0), 90), ((90, 9, 0, 9), 180), ((9, 0, 9, 90), 270), ((0, 0, 90, 5), 0)],
)
def test_a_line_tells_how_it_must_be_turned(ends: tuple[float, float, float, float], rotation: int) -> None:
    box = PixelBox(0, 0, 100, 100)
    assert Line((Word("Amt", 90.0, box, ends),), box, 10.0).rotation == rotation
