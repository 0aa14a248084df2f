"""Recognition of pages: survey, read a small clean copy, read again where that was poor, map all boxes back."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import cv2

from pipeline.adapters.incoming import tesseract_call
from pipeline.adapters.incoming.own_text import own_text_page
from pipeline.adapters.incoming.page_files import write_page
from pipeline.adapters.incoming.page_geometry import Affine, mapped_box
from pipeline.adapters.incoming.page_pictures import PagePicture, open_pictures
from pipeline.adapters.incoming.preparation import Survey, make_ready, survey
from pipeline.adapters.incoming.raster_words import RasterBlock, RasterLine, RasterWord
from pipeline.adapters.incoming.reading_direction import level_share
from pipeline.domain.pages import SourceFacts
from pipeline.domain.profiles import IncomingRules
from pipeline.domain.recognised import Block, Line, PixelBox, RecognisedPage, Rotation, Trouble, Word

_FIRST_DPI = 200.0
_FULL_DPI, _MAX_FULL_DPI = 300.0, 400.0
_MAX_RASTER_PIXELS = 40_000_000
_GOOD_CONFIDENCE = 80.0  # a page that reads better is not read again
_TURN_CONFIDENCE = 60.0  # a page that reads worse may stand on its head
_TURN_LEAD = 1.5  # how much more another way up must read to be believed
_LEVEL_WORTH = 0.5  # how much of a reading that lies across a level one must be worth to be preferred
_ALL_LEVEL = 0.995  # a reading with more vertical type than this leaves is read again as one block
_BLOCK_LEAD = 1.01  # how much more that must read: it can't tell columns of text apart
_BELIEVED = 50.0  # words below count for nothing when two readings are compared
_INKED = 0.0008  # of the page's area; about three words
_MIN_RISE = 0.05  # of the survey; below, up and down are not told apart


@dataclass(frozen=True)
class _Attempt:
    """A reading to be tried. `owed`: the reading before lay across, so its turn is not for the survey to rule out."""

    rotation: Rotation
    dpi: float
    careful: bool = False
    one_block: bool = False
    owed: bool = False


@dataclass(frozen=True)
class _Reading:
    """One reading of a page. `rotation` as it was turned for it."""

    rotation: Rotation
    skew_degrees: float
    back: Affine
    blocks: tuple[RasterBlock, ...]
    one_block: bool = False

    @property
    def level(self) -> float:
        """The share of characters in words that run level from left to right, 0 to 1."""
        return level_share(line.words for block in self.blocks for line in block.lines)

    @property
    def lies_across(self) -> bool:
        """Whether most of what was read runs up or down the raster."""
        return self.level < 0.5

    @property
    def words(self) -> list[RasterWord]:
        return [word for block in self.blocks for line in block.lines for word in line.words]

    @property
    def confidence(self) -> float:
        return mean_confidence([(len(word.text), word.confidence) for word in self.words])

    @property
    def worth(self) -> float:
        """How many characters are believed, weighted by confidence."""
        return sum(len(w.text) * w.confidence / 100 for w in self.words if w.confidence >= _BELIEVED)


def mean_confidence(parts: Sequence[tuple[int, float]]) -> float:
    """The mean of (characters, confidence) pairs, weighted by characters; 0 for none."""
    signs = sum(count for count, _confidence in parts)
    return sum(count * confidence for count, confidence in parts) / signs if signs else 0.0


def recognise_pages(
    source: str,
    facts: SourceFacts,
    first_page: int,
    last_page: int,
    out_dir: str,
    rules: IncomingRules,
    progress: Callable[[int], None] | None = None,
) -> list[RecognisedPage]:
    """Recognise pages `first_page` to `last_page` (from 1, both included) and write each to `out_dir`.

    `progress` is called with each finished page's number. Two calls may run side by side in folders of their own.
    Raises Rejected `image-damaged` or `pdf-damaged` where a page can't be decoded, Temporary `recognition-failed`
    where Tesseract breaks off. A page whose time is up comes back with the trouble `recognition-timeout`.
    """
    if not 1 <= first_page <= last_page <= facts.pages:
        raise ValueError(f"pages {first_page} to {last_page} of {facts.pages}")
    Path(out_dir).mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)  # one worker, one core; workers are the parallel part
    pages = []
    with open_pictures(source, facts) as pictures:
        for number in range(first_page, last_page + 1):
            page = own_text_page(source, facts, number) or _recognise(
                number, pictures.page(number), Path(out_dir) / f"reading-{number:05d}", rules
            )
            write_page(out_dir, page)
            pages.append(page)
            if progress is not None:
                progress(number)
    return pages


def _recognise(number: int, picture: PagePicture, base: Path, rules: IncomingRules) -> RecognisedPage:
    found = survey(picture)
    passes = 0
    best: _Reading | None = None
    timed_out = False
    waiting = deque(_plan(picture, found))
    tried: set[_Attempt] = set()
    while waiting:
        attempt = waiting.popleft()
        if best is not None and attempt.careful:
            attempt = replace(attempt, rotation=best.rotation)
        if replace(attempt, owed=False) in tried or (best is not None and not _worth_trying(best, attempt, found)):
            continue
        tried.add(replace(attempt, owed=False))
        passes += 1
        try:
            reading = _read(picture, attempt, found, base, rules.language)
        except tesseract_call.ReadingTimeout:
            timed_out = True
            break
        waiting.extendleft(reversed(_following(reading, attempt)))
        if best is None or _better(reading, best):
            best = reading
    return _page(number, picture, found, best, passes, timed_out, rules)


def _plan(picture: PagePicture, found: Survey) -> list[_Attempt]:
    """Readings in order: small; full size with light type on dark too; then the other ways up."""
    ways: tuple[Rotation, ...] = get_args(Rotation)
    first = found.rotation
    if found.rise < _MIN_RISE and (picture.hint - first) % 180 == 0:
        first = picture.hint
    area = picture.width_px / picture.dpi_x * picture.height_px / picture.dpi_y
    most = math.sqrt(_MAX_RASTER_PIXELS / area)
    small, full = min(_FIRST_DPI, most), min(max(_FULL_DPI, picture.dpi_x, picture.dpi_y), _MAX_FULL_DPI, most)
    others = [ways[(first // 90 + turn) % 4] for turn in (2, 1, 3)]
    return [_Attempt(first, small), _Attempt(first, full, careful=True), *(_Attempt(way, small) for way in others)]


def _following(reading: _Reading, attempt: _Attempt) -> list[_Attempt]:
    """What a reading itself asks for next.

    Tesseract reads vertical type that runs downwards, so a sure reading stands upright after a turn counter-clockwise;
    one that lies across and makes no sense runs upwards. Single vertical lines in a level page are often columns of
    numbers, misread.
    """
    if attempt.careful or attempt.one_block:
        return []
    if reading.lies_across:
        ways: tuple[Rotation, ...] = get_args(Rotation)
        turns = (3, 1) if reading.confidence >= _TURN_CONFIDENCE else (1, 3)
        return [_Attempt(ways[(reading.rotation // 90 + turn) % 4], attempt.dpi, owed=True) for turn in turns]
    if reading.level < _ALL_LEVEL and reading.confidence >= _TURN_CONFIDENCE:
        return [replace(attempt, one_block=True, owed=False)]
    return []


def _worth_trying(best: _Reading, attempt: _Attempt, found: Survey) -> bool:
    if found.ink_ratio < _INKED:
        return False
    if attempt.one_block:
        return best.rotation == attempt.rotation
    if attempt.careful:
        return best.confidence < _GOOD_CONFIDENCE
    if best.lies_across:
        return True
    across = (attempt.rotation - found.rotation) % 180 != 0
    enough = _GOOD_CONFIDENCE if across and found.axis_ratio < 1 else _TURN_CONFIDENCE
    if best.confidence >= enough and best.words:
        return False
    return attempt.owed or not across or found.axis_ratio < 2.0


def _better(reading: _Reading, best: _Reading) -> bool:
    """Whether a reading is to be believed more than the best so far; how surely it reads tells no direction."""
    if reading.lies_across and not best.lies_across:
        return reading.worth * _LEVEL_WORTH > best.worth
    if best.lies_across and not reading.lies_across:
        return reading.worth >= best.worth * _LEVEL_WORTH
    if reading.one_block:
        return reading.worth > _BLOCK_LEAD * best.worth
    lead = 1.0 if reading.rotation == best.rotation else _TURN_LEAD
    return reading.worth > lead * best.worth


def _read(picture: PagePicture, attempt: _Attempt, found: Survey, base: Path, language: str) -> _Reading:
    across = (attempt.rotation - found.rotation) % 180 != 0
    skew = found.skew_across_degrees if across else found.skew_degrees
    ready = make_ready(picture, attempt.rotation, skew, attempt.dpi, black=not attempt.careful)
    blocks = tesseract_call.read_raster(
        ready.raster,
        ready.dpi,
        language,
        base,
        inverted_too=attempt.careful,
        limit_s=tesseract_call.timeout_s(ready.raster),
        one_block=attempt.one_block,
    )
    return _Reading(attempt.rotation, skew, ready.back, blocks, attempt.one_block)


def _page(
    number: int,
    picture: PagePicture,
    found: Survey,
    best: _Reading | None,
    passes: int,
    timed_out: bool,
    rules: IncomingRules,
) -> RecognisedPage:
    blocks = tuple(_block(block, best.back, picture) for block in best.blocks) if best is not None else ()
    confidence = best.confidence if best is not None else 0.0
    trouble: Trouble | None = None
    if timed_out:
        trouble = "recognition-timeout"
    elif not blocks and found.ink_ratio >= _INKED:
        trouble = "inked-without-text"
    elif blocks and confidence < rules.review_below_confidence:
        trouble = "low-confidence"
    sure = best is not None and bool(best.words) and confidence >= _TURN_CONFIDENCE
    return RecognisedPage(
        page=number,
        width_px=picture.width_px,
        height_px=picture.height_px,
        dpi_x=picture.dpi_x,
        dpi_y=picture.dpi_y,
        rotation=best.rotation if sure and best is not None else picture.hint,
        skew_degrees=best.skew_degrees if sure and best is not None else 0.0,
        passes=passes,
        ink_ratio=round(found.ink_ratio, 6),
        mean_confidence=round(confidence, 2),
        blocks=blocks,
        trouble=trouble,
    )


def _block(block: RasterBlock, back: Affine, picture: PagePicture) -> Block:
    lines = tuple(_line(line, back, picture) for line in block.lines)
    return Block(lines, _around([line.box for line in lines]))


def _line(line: RasterLine, back: Affine, picture: PagePicture) -> Line:
    words = tuple(_word(word, line, back, picture) for word in line.words)
    size = line.size * math.hypot(back.b, back.e)
    return Line(words, _around([word.box for word in words]), round(size, 2))


def _word(word: RasterWord, line: RasterLine, back: Affine, picture: PagePicture) -> Word:
    box = mapped_box(back, word.left, word.top, word.right, word.bottom, picture.width_px, picture.height_px)
    x0, y0 = back.apply(word.left, line.base)
    x1, y1 = back.apply(word.right, line.base)
    return Word(word.text, word.confidence, box, (round(x0, 2), round(y0, 2), round(x1, 2), round(y1, 2)))


def _around(boxes: Sequence[PixelBox]) -> PixelBox:
    return PixelBox(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )
