"""Words on top of each other: which of them stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.adapters.incoming.overlapping_words import without_overlaid
from pipeline.adapters.incoming.raster_words import RasterBlock, RasterLine, RasterWord


def _word(text: str, confidence: float, left: int, top: int, right: int, bottom: int) -> RasterWord:
    return RasterWord(text, confidence, left, top, right, bottom)


def _left(*lines: list[RasterWord]) -> list[str]:
    block = RasterBlock(tuple(RasterLine(tuple(words), 20.0, 20.0) for words in lines))
    return [word.text for each in without_overlaid([block]) for line in each.lines for word in line.words]


SURE = _word("Lindenallee", 91, 385, 459, 460, 473)


@pytest.mark.parametrize(
    ("other", "stays"),
    [
        (_word("Lindenallee", 74, 395, 463, 452, 481), False),  # the same line, read twice
        (_word("z", 0, 400, 461, 402, 464), False),  # a speck within the word
        (_word("Straße", 85, 395, 463, 452, 481), True),  # sure itself
        (_word("147", 74, 470, 459, 490, 473), True),  # beside it
        (_word("g", 40, 385, 470, 400, 484), True),  # touches it from below
    ],
)
def test_an_unsure_word_under_a_surer_one_goes(other: RasterWord, stays: bool) -> None:
    assert _left([SURE], [other]) == ["Lindenallee", *([other.text] if stays else [])]


def test_two_that_are_equally_unsure_both_stay() -> None:
    assert len(_left([_word("a", 50, 0, 0, 10, 10)], [_word("b", 55, 0, 0, 10, 10)])) == 2


def test_a_line_that_loses_all_its_words_is_gone() -> None:
    block = RasterBlock(
        (RasterLine((SURE,), 470.0, 20.0), RasterLine((_word("x", 5, 400, 460, 410, 470),), 470.0, 9.0))
    )
    (kept,) = without_overlaid([block])
    assert len(kept.lines) == 1


_BOXES = st.tuples(*[st.integers(0, 40)] * 2, *[st.integers(1, 30)] * 2, st.integers(0, 100))


@given(st.lists(_BOXES, max_size=12))
def test_the_surest_word_always_stays_and_none_is_made_up(boxes: list[tuple[int, int, int, int, int]]) -> None:
    words = [_word(str(n), c, x, y, x + w, y + h) for n, (x, y, w, h, c) in enumerate(boxes)]
    left = _left(words)
    assert len(set(left)) == len(left)
    assert set(left) <= {word.text for word in words}
    if words:
        assert max(words, key=lambda word: word.confidence).text in left
