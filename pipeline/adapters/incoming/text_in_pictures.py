"""Words in pictures of a page that a program made: its own text does not hold them, so nobody would find them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium_c

from pipeline.adapters.incoming.page_colours import Colours
from pipeline.adapters.incoming.page_pictures import Glance, PagePicture, PictureSource
from pipeline.domain.recognised import PixelBox, RecognisedPage, Trouble

_LEAST_SHARE = 0.02  # of the page's area, all its pictures together; logos are smaller
_LEAST_WORDS = 3
_SURE = 70.0  # confidence
_LEAST_SIGNS = 3  # of a word that counts; textures of photographs give shorter ones
_LEAST_RUN = 5  # of a word that may be part of a longer one
_MOST_DEEP = 4

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, as shares (0 to 1) of what a page shows."""


@dataclass(frozen=True)
class PartOfPages:
    """Pages of a PDF of which a part is read; looked at small, they are whole, as `pictures` gives them."""

    pictures: PictureSource

    def glance(self, number: int) -> Glance:
        """The whole page, small."""
        return self.pictures.glance(number)

    def colours(self, number: int) -> Colours | None:
        """The whole page in colours, small."""
        return self.pictures.colours(number)

    def annotated(self, _number: int) -> bool:
        """Never: annotations are no picture that could lack its words."""
        return False


@dataclass(frozen=True)
class PicturesAlone(PartOfPages):
    """Pages of a PDF as `pictures` gives them, with their pictures alone: all around them is white."""

    source: str

    def page(self, number: int) -> PagePicture:
        """The page as a raster. Raises Rejected `pdf-damaged` where it can't be drawn."""
        picture = self.pictures.page(number)
        high, wide = picture.gray.shape
        around = np.ones((high, wide), dtype=bool)
        for left, top, right, bottom in picture_boxes(self.source, number):
            rows = slice(int(top * high), int(np.ceil(bottom * high)))
            around[rows, int(left * wide) : int(np.ceil(right * wide))] = False
        return replace(picture, gray=np.where(around, np.uint8(255), picture.gray))


def has_pictures(boxes: Sequence[Box]) -> bool:
    """Whether the pictures of a page are large enough to hold words worth reading."""
    return sum((right - left) * (bottom - top) for left, top, right, bottom in boxes) >= _LEAST_SHARE


def is_in(boxes: Sequence[Box], place: PixelBox, page: RecognisedPage) -> bool:
    """Whether the middle of a place on a page lies in one of its pictures."""
    x = (place.left + place.right) / 2 / page.width_px
    y = (place.top + place.bottom) / 2 / page.height_px
    return any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in boxes)


def judged(own: RecognisedPage, read: RecognisedPage) -> RecognisedPage:
    """The page with its own words, with a trouble where its pictures hold others, or could not be read in time.

    `read`: the same page's pictures as they were recognised.
    """
    trouble: Trouble | None = None
    if read.trouble == "recognition-timeout":
        trouble = read.trouble
    elif unknown_words(own, read) >= _LEAST_WORDS:
        trouble = "picture-with-text"
    return replace(own, passes=read.passes, trouble=trouble)


def unknown_words(own: RecognisedPage, read: RecognisedPage) -> int:
    """How many words were surely read and are not among the page's own."""
    known = {_plain(word) for word in own.text.split()}
    run = _plain(own.text)
    sure = [_plain(word.text) for line in read.lines() for word in line.words if word.confidence >= _SURE]
    return sum(
        len(word) >= _LEAST_SIGNS and word not in known and (len(word) < _LEAST_RUN or word not in run) for word in sure
    )


def _plain(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def picture_boxes(source: str, number: int) -> list[Box]:
    """The place of each picture on a page (from 1) of a PDF."""
    document = pypdfium2.PdfDocument(source)
    try:
        page = document[number - 1]
        left, bottom, right, top = page.get_bbox()
        boxes = []
        for item in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=_MOST_DEEP):
            corners = list(_corners(item))
            across = [min(max((x - left) / (right - left), 0.0), 1.0) for x, _y in corners]
            down = [min(max((top - y) / (top - bottom), 0.0), 1.0) for _x, y in corners]
            boxes.append((min(across), min(down), max(across), max(down)))
        page.close()
        return boxes
    finally:
        document.close()


def _corners(item: Any) -> Iterator[tuple[float, float]]:
    """A picture's corners in points of the page, through all forms that it stands in."""
    for x, y in ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)):
        inner = item
        while inner is not None:
            x, y = inner.get_matrix().on_point(x, y)
            inner = inner.container
        yield x, y
