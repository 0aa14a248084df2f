"""Words that a page made by a program draws as shapes: its own text does not hold them, so they are recognised.

Programs turn type into outlines for printers, and annotations show words that are not in the page's text. Where
enough letters stand in rows outside of the page's own words, the page is read without those; what is read there joins
its text. A logo, a chart or a table line has no such rows, or too few words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from pipeline.adapters.incoming.covered_letters import paint, row_lengths
from pipeline.adapters.incoming.even_lighting import binarised, halved
from pipeline.adapters.incoming.page_pictures import PagePicture
from pipeline.adapters.incoming.text_in_pictures import Box, PartOfPages
from pipeline.domain.recognised import Block, Line, PixelBox, RecognisedPage, Word, around

_DPI = 100.0
_SMALLEST_INCH, _LARGEST_INCH = 0.04, 0.3  # of letters, or of a few that touch
_THIN_INCH = 0.025  # dashes are thinner, and the letters i and l, which have others beside them
_LETTER_INCH2 = 0.0008  # ink of a letter of 8 points, at least
_STEP_INCH, _SWAY_INCH = 0.25, 0.05  # from letter to letter, along and across the row
_ROW = 5  # letters
_SLACK_INCH = 0.03  # around a word, which belongs to it
_SPARSE = 40  # words of a page's own, from which a logo is no good part of what it says
_FEWEST_LETTERS, _FEWEST_WORDS = (15, 40), (3, 8)  # in rows, and that the page does not have itself; sparse ones first
_GUESSED = 50.0  # confidence of a block; labels of drawings and their lines make such


@dataclass(frozen=True)
class WithoutOwnWords(PartOfPages):
    """Pages of a PDF as `pictures` gives them, white where the words are that `own` has of them, by page."""

    own: Mapping[int, RecognisedPage]

    def page(self, number: int) -> PagePicture:
        """The page as a raster. Raises Rejected `pdf-damaged` where it can't be drawn."""
        picture = self.pictures.page(number)
        gray = picture.gray.copy()
        slack = round(_SLACK_INCH * picture.dpi_x)
        for word in _words(self.own[number]):
            paint(gray, word.box, gray.shape[1] / picture.width_px, gray.shape[0] / picture.height_px, slack, 255)
        return replace(picture, gray=gray)


def draws_letters(own: RecognisedPage, picture: PagePicture, boxes: Sequence[Box]) -> bool:
    """Whether enough that has the size of letters stands in rows outside of the page's own words and its pictures.

    `picture`: the page as it is drawn. `boxes`: where it has pictures. Takes some milliseconds.
    """
    size = (round(own.width_px / own.dpi_x * _DPI), round(own.height_px / own.dpi_y * _DPI))
    small = cv2.resize(halved(picture.gray, size), size, interpolation=cv2.INTER_LINEAR)
    ink = (255 - binarised(np.asarray(small, dtype=np.uint8))) // 255
    for word in _words(own):
        paint(ink, word.box, ink.shape[1] / own.width_px, ink.shape[0] / own.height_px, round(_SLACK_INCH * _DPI), 0)
    for left, top, right, bottom in boxes:
        rows = slice(int(top * ink.shape[0]), int(bottom * ink.shape[0]) + 1)
        ink[rows, int(left * ink.shape[1]) : int(right * ink.shape[1]) + 1] = 0
    fewest = _FEWEST_LETTERS[own.words >= _SPARSE]
    if np.count_nonzero(ink) < fewest * _LETTER_INCH2 * _DPI * _DPI:
        return False
    _count, _labels, stats, centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    sides = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    short, long = sides.min(axis=1), sides.max(axis=1)
    sized = (short >= _THIN_INCH * _DPI) & (long >= _SMALLEST_INCH * _DPI) & (long <= _LARGEST_INCH * _DPI)
    letters = centres[1:][sized].astype(np.int64)
    if len(letters) < fewest:
        return False
    step, sway = _STEP_INCH * _DPI, _SWAY_INCH * _DPI
    found = [row_lengths(letters, ink.shape, step, sway, level=level) for level in (True, False)]
    return max(int(each[each >= _ROW].sum()) for each in found) >= fewest


def parted(read: RecognisedPage, in_picture: Callable[[PixelBox], bool]) -> tuple[RecognisedPage, RecognisedPage]:
    """What was read in pictures of the page, and what was read beside them."""
    inside = _kept(read, lambda word: in_picture(word.box))
    return inside, _kept(read, lambda word: not in_picture(word.box))


def joined(
    own: RecognisedPage, read: RecognisedPage, unknown: Callable[[RecognisedPage], int], least_confidence: float
) -> RecognisedPage:
    """The page with its own words and those that were read beside them, if these are enough to be text.

    `unknown`: how many words were surely read that are not the page's own. Blocks that are mostly guesses, as drawings
    give them, are left out. `least_confidence`: of the page, below which a person has to look.
    """
    read = replace(read, blocks=tuple(block for block in read.blocks if _confidence(block.lines) >= _GUESSED))
    if not read.blocks or unknown(read) < _FEWEST_WORDS[own.words >= _SPARSE]:
        return own
    confidence = _confidence(read.lines())
    return replace(
        own,
        blocks=(*own.blocks, *read.blocks),
        drawn_blocks=len(read.blocks),
        passes=read.passes,
        mean_confidence=round(confidence, 2),
        trouble="low-confidence" if own.trouble is None and confidence < least_confidence else own.trouble,
    )


def _confidence(lines: Iterable[Line]) -> float:
    """Of the words of these lines, weighted by characters."""
    words = [(len(word.text), word.confidence) for line in lines for word in line.words]
    return sum(signs * sure for signs, sure in words) / sum(signs for signs, _sure in words)


def _kept(page: RecognisedPage, keep: Callable[[Word], bool]) -> RecognisedPage:
    return replace(page, blocks=tuple(_kept_blocks(page, keep)))


def _kept_blocks(page: RecognisedPage, keep: Callable[[Word], bool]) -> Iterator[Block]:
    for block in page.blocks:
        lines = []
        for line in block.lines:
            words = tuple(word for word in line.words if keep(word))
            if words:
                lines.append(Line(words, around([word.box for word in words]), line.size_px))
        if lines:
            yield Block(tuple(lines), around([line.box for line in lines]))


def _words(page: RecognisedPage) -> Iterator[Word]:
    return (word for line in page.lines() for word in line.words)
