"""Pages that a program made: their own words instead of recognised ones."""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium_c

from pipeline.adapters.incoming.page_pictures import PagePicture, PdfPictures
from pipeline.adapters.incoming.tesseract_call import clean
from pipeline.domain.pages import SourceFacts
from pipeline.domain.recognised import Block, Line, PixelBox, RecognisedPage, Word

_LEAST_SIGNS = 20
_MOST_PICTURE_SHARE = 0.3
_MOST_UNREADABLE = 0.02
_HIDDEN_MODES = (3, 7)
_Turn = tuple[int, int, int, int]
_TURNS: Mapping[int, _Turn] = {90: (0, -1, 1, 0), 180: (-1, 0, 0, -1), 270: (0, 1, -1, 0)}
"""By the clockwise turn that a page asks for: a, b, c, d of the matrix (ISO 32000-1, 8.3.3) that turns its content."""
_FAR = 20_000.0  # points: beyond every page, whose longest side has 14,400


def own_text_page(source: str, facts: SourceFacts, number: int) -> RecognisedPage | None:
    """The page with its own words, or None where it is scanned, hardly has text or its text can't be read out."""
    found = drawn_page(source, facts, number)
    return found[0] if found is not None else None


def drawn_page(source: str, facts: SourceFacts, number: int) -> tuple[RecognisedPage, PagePicture] | None:
    """The page as `own_text_page` gives it, and how it looks."""
    if facts.type != "pdf" or "has-text" not in facts.remarks:
        return None
    document = pypdfium2.PdfDocument(source)
    try:
        page = document[number - 1]
        if not _has_visible_text(page):
            return None
        page.close()
        picture = PdfPictures(document).page(number)
        if picture.picture_share >= _MOST_PICTURE_SHARE:
            return None
        lines = _lines(document, number, picture)
    except pypdfium2.PdfiumError:
        return None
    finally:
        document.close()
    return (_page(number, picture, lines), picture) if lines is not None else None


def reread(pdf: str, pages: Sequence[RecognisedPage]) -> list[RecognisedPage]:
    """The pages; those with words of their own as `pdf`, the archive PDF of just these pages, tells them.

    Wrong widths let readers cut words in wrong places. After the widths were mended the same letters make the right
    words. Where the letters are others, the page stays as it is and the check of the archive PDF tells.
    """
    facts = SourceFacts("pdf", len(pages), ("has-text",))
    return [
        _reread(page, own_text_page(pdf, facts, index)) if page.own_text else page
        for index, page in enumerate(pages, 1)
    ]


def _reread(page: RecognisedPage, again: RecognisedPage | None) -> RecognisedPage:
    if again is None or (again.width_px, again.height_px) != (page.width_px, page.height_px):
        return page
    told = page.own()
    same = Counter("".join(told.text.split())) == Counter("".join(again.text.split()))
    return replace(page, blocks=(*again.blocks, *page.laid().blocks)) if same else page


def _has_visible_text(page: Any) -> bool:
    return any(
        pdfium_c.FPDFTextObj_GetTextRenderMode(item.raw) not in _HIDDEN_MODES
        for item in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_TEXT], max_depth=4)
    )


def _page(number: int, picture: PagePicture, lines: list[Line]) -> RecognisedPage:
    boxes = [line.box for line in lines]
    around = PixelBox(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )
    return RecognisedPage(
        page=number,
        width_px=picture.width_px,
        height_px=picture.height_px,
        dpi_x=picture.dpi_x,
        dpi_y=picture.dpi_y,
        rotation=picture.hint,
        skew_degrees=0.0,
        passes=0,
        ink_ratio=round(float((picture.gray < 128).mean()), 6),
        mean_confidence=100.0,
        blocks=(Block(tuple(lines), around),),
        own_text=True,
    )


def _lines(document: Any, number: int, picture: PagePicture) -> list[Line] | None:
    page = document[number - 1]
    page.set_rotation(0)
    place = _Place(page.get_bbox(), picture)
    signs = _signs(page)
    turn = _TURNS.get(picture.hint)
    if turn is not None and sum(math.cos(sign.angle) < 0.7 for sign in signs) > len(signs) / 2:
        signs = [sign.turned_back(turn) for sign in _signs(_upright(document, number, page, turn))]
    return _lines_of(signs, place)


def _signs(page: Any) -> list[_Sign]:
    text = page.get_textpage()
    try:
        return [_Sign.of(text.raw, index) for index in range(text.count_chars())]
    finally:
        text.close()


def _upright(document: Any, number: int, page: Any, turn: _Turn) -> Any:
    """A page that is to be shown turned, its content turned instead: PDFium mixes up lines that run another way.

    Only the copy in memory is changed.
    """
    if not pdfium_c.FPDFPage_TransFormWithClip(page.raw, pdfium_c.FS_MATRIX(*turn, 0, 0), None):
        raise pypdfium2.PdfiumError("the page can't be turned")
    page.set_mediabox(-_FAR, -_FAR, _FAR, _FAR)
    page.set_cropbox(-_FAR, -_FAR, _FAR, _FAR)
    page.close()
    return document[number - 1]


def _lines_of(signs: Sequence[_Sign], place: _Place) -> list[Line] | None:
    """Words and lines as the signs follow each other; None where they are few or can't be read."""
    shown = [sign for sign in signs if not sign.text.isspace()]
    unreadable = sum(1 for sign in shown if sign.text == "\ufffd" or clean(sign.text) == "")
    if len(shown) < _LEAST_SIGNS or unreadable > _MOST_UNREADABLE * len(shown):
        return None
    lines: list[Line] = []
    words: list[Word] = []
    word: list[_Sign] = []
    for sign in [*signs, None]:
        if sign is not None and not sign.text.isspace():
            word.append(sign)
            continue
        made = place.word(word)
        words += [made] if made is not None else []
        word = []
        if words and (sign is None or sign.text in "\r\n"):
            lines.append(_line(words))
            words = []
    return lines or None


@dataclass(frozen=True)
class _Sign:
    """A character with its origin, box (left, bottom, right, top) and angle in points of the page."""

    text: str
    box: tuple[float, float, float, float]
    origin: tuple[float, float]
    angle: float

    @classmethod
    def of(cls, text: Any, index: int) -> _Sign:
        code = int(pdfium_c.FPDFText_GetUnicode(text, index))
        left, right, bottom, top = (ctypes.c_double() for _side in range(4))
        pdfium_c.FPDFText_GetCharBox(text, index, left, right, bottom, top)
        x, y = ctypes.c_double(), ctypes.c_double()
        pdfium_c.FPDFText_GetCharOrigin(text, index, x, y)
        return cls(
            chr(code) if 0 < code <= 0x10FFFF else "\ufffd",
            (left.value, bottom.value, right.value, top.value),
            (x.value, y.value),
            float(pdfium_c.FPDFText_GetCharAngle(text, index)),
        )

    def turned_back(self, turn: _Turn) -> _Sign:
        """Where it lies on the page as it is, read from an `_upright` one."""
        a, b, c, d = turn

        def back(x: float, y: float) -> tuple[float, float]:
            return a * x + b * y, c * x + d * y  # the inverse of a turn is its transpose

        (x0, y0), (x1, y1) = back(self.box[0], self.box[1]), back(self.box[2], self.box[3])
        box = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        return _Sign(self.text, box, back(*self.origin), self.angle - math.atan2(b, a))


class _Place:
    """From points of the page to pixels of its picture."""

    def __init__(self, box: tuple[float, float, float, float], picture: PagePicture) -> None:
        left, bottom, right, top = box
        self.left, self.top = left, top
        self.x, self.y = picture.width_px / (right - left), picture.height_px / (top - bottom)
        self.limit = (picture.width_px, picture.height_px)

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.left) * self.x, (self.top - y) * self.y

    def word(self, signs: list[_Sign]) -> Word | None:
        text = clean("".join(sign.text for sign in signs))
        if not text or text.split() != [text]:
            return None
        x0, y0 = self.pixel(min(s.box[0] for s in signs), max(s.box[3] for s in signs))
        x1, y1 = self.pixel(max(s.box[2] for s in signs), min(s.box[1] for s in signs))
        if min(x1, y1) <= 0 or x0 >= self.limit[0] or y0 >= self.limit[1]:
            return None  # beside what the page shows
        left, right = (min(max(round(x), 0), self.limit[0]) for x in (x0, x1))
        top, bottom = (min(max(round(y), 0), self.limit[1]) for y in (y0, y1))
        begin = self.pixel(*signs[0].origin)
        level = abs(math.sin(signs[0].angle)) < 0.02
        end = (x1, begin[1]) if level and math.cos(signs[0].angle) > 0 else self.pixel(*signs[-1].origin)
        baseline = (round(begin[0], 2), round(begin[1], 2), round(end[0], 2), round(end[1], 2))
        return Word(text, 100.0, PixelBox(left, top, max(right, left), max(bottom, top)), baseline)


def _line(words: list[Word]) -> Line:
    box = PixelBox(
        min(word.box.left for word in words),
        min(word.box.top for word in words),
        max(word.box.right for word in words),
        max(word.box.bottom for word in words),
    )
    return Line(tuple(words), box, float(max(min(box.height, box.width), 1)))
