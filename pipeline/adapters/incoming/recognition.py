"""Recognition of pages: survey, read a small clean copy, read again where that was poor, map all boxes back."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.adapters.incoming import tesseract_call
from pipeline.adapters.incoming.drawn_words import WithoutOwnWords, draws_letters, joined, parted
from pipeline.adapters.incoming.first_readings import AT_ONCE, WaitingPage, make_first, read_first, skew_for
from pipeline.adapters.incoming.left_over import left_out, with_left_over
from pipeline.adapters.incoming.level_patches import patched
from pipeline.adapters.incoming.overlapping_words import without_overlaid
from pipeline.adapters.incoming.own_text import drawn_page
from pipeline.adapters.incoming.page_files import write_page
from pipeline.adapters.incoming.page_geometry import Affine, mapped_box
from pipeline.adapters.incoming.page_looks import Glances, ink_on
from pipeline.adapters.incoming.page_pictures import Gray, PagePicture, PictureSource, open_pictures
from pipeline.adapters.incoming.preparation import ReadyPage, make_ready
from pipeline.adapters.incoming.raster_words import RasterBlock, RasterLine, RasterWord
from pipeline.adapters.incoming.reading_plan import (
    INKED,
    Attempt,
    Reading,
    better,
    following,
    stands_either_way,
    turned_over,
    way_up_is_known,
    worth_trying,
)
from pipeline.adapters.incoming.row_gaps import with_gaps_filled
from pipeline.adapters.incoming.table_rows import in_rows
from pipeline.adapters.incoming.text_in_pictures import (
    Box,
    PicturesAlone,
    has_pictures,
    is_in,
    judged,
    picture_boxes,
    unknown_words,
)
from pipeline.adapters.incoming.turned_type import columns_of_letters, standing_lines, with_turned_type
from pipeline.domain.pages import SourceFacts
from pipeline.domain.profiles import IncomingRules
from pipeline.domain.recognised import Block, Line, RecognisedPage, Trouble, Word, around


def recognise_pages(
    source: str,
    facts: SourceFacts,
    first_page: int,
    last_page: int,
    out_dir: str,
    rules: IncomingRules,
    progress: Callable[[int], None] | None = None,
    leave_out: frozenset[int] = frozenset(),
) -> list[RecognisedPage]:
    """Recognise pages `first_page` to `last_page` (from 1, both included) and write each to `out_dir`.

    `leave_out`: pages between them that are not wanted.
    `progress` is called with each finished page's number. Two calls may run side by side in folders of their own.
    Raises Rejected `image-damaged` or `pdf-damaged` where a page can't be decoded, Temporary `recognition-failed`
    where Tesseract breaks off. A page whose time is up comes back with the trouble `recognition-timeout`.
    """
    if not 1 <= first_page <= last_page <= facts.pages:
        raise ValueError(f"pages {first_page} to {last_page} of {facts.pages}")
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)  # one worker, one core; workers are the parallel part
    wanted = [number for number in range(first_page, last_page + 1) if number not in leave_out]
    pages: list[RecognisedPage] = []
    with open_pictures(source, facts) as pictures:
        for start in range(0, len(wanted), AT_ONCE):
            for page in _group(source, facts, wanted[start : start + AT_ONCE], pictures, folder, rules):
                write_page(folder, page)
                pages.append(page)
                if progress is not None:
                    progress(page.page)
    return pages


def _group(
    source: str, facts: SourceFacts, numbers: Sequence[int], pictures: PictureSource, folder: Path, rules: IncomingRules
) -> Iterator[RecognisedPage]:
    """Pages in order; those that are scanned are read together at first, with pictures and shapes of the others."""
    own: dict[int, RecognisedPage] = {}
    alone, rest = PicturesAlone(pictures, source), WithoutOwnWords(pictures, own)
    looked_at: dict[int, PictureSource] = {}
    boxes: dict[int, list[Box]] = {}
    waiting: list[WaitingPage] = []
    try:
        for number in numbers:
            drawn = drawn_page(source, facts, number)
            if drawn is None:
                looked_at[number] = pictures
            else:
                own[number], boxes[number] = drawn[0], picture_boxes(source, number)
                if draws_letters(*drawn, boxes[number]):
                    looked_at[number] = rest
                elif has_pictures(boxes[number]):
                    looked_at[number] = alone
            if number in looked_at:
                waiting.append(make_first(number, looked_at[number].page(number), folder))
        first = read_first(waiting, folder, rules.language)
    finally:
        for page_waiting in waiting:
            page_waiting.raster.path.unlink(missing_ok=True)
    scanned = {page_waiting.number: page_waiting for page_waiting in waiting}
    for number in numbers:
        if number not in scanned:
            yield own[number]
            continue
        read = _recognise(scanned[number], first[number], looked_at[number], facts, folder, rules)
        if number not in own:
            yield read
        elif looked_at[number] is alone:
            yield judged(own[number], read)
        else:
            yield _with_shapes(own[number], read, boxes[number], rules)


def _with_shapes(
    own: RecognisedPage, read: RecognisedPage, boxes: Sequence[Box], rules: IncomingRules
) -> RecognisedPage:
    """The page with its own words and what was read in shapes, judged by what was read in its pictures."""
    inside, beside = parted(read, lambda place: is_in(boxes, place, own))
    page = judged(own, inside if has_pictures(boxes) else replace(inside, blocks=()))
    return joined(page, beside, lambda words: unknown_words(own, words), rules.review_below_confidence)


def _recognise(
    page: WaitingPage,
    best: Reading | None,
    pictures: PictureSource,
    facts: SourceFacts,
    folder: Path,
    rules: IncomingRules,
) -> RecognisedPage:
    """The page as the best of its readings tells it; read again where the first one asks for it."""

    def is_inked() -> bool:
        if page.found.ink_ratio >= INKED or pictures.annotated(page.number):
            return True
        return not ink_on(page.number, Glances(pictures, facts.pages)).blank

    if best is None:
        return _page(page, None, 1, True, is_inked, rules)
    passes = 1
    readings = [best]
    look = cache(lambda: pictures.page(page.number))
    chosen = page.attempts[0]
    tried = {chosen.key}
    waiting = deque([*turned_over(best, chosen, page.found), *following(best, chosen), *page.attempts[1:]])
    try:
        while waiting:
            attempt = waiting.popleft()
            if attempt.careful:
                attempt = replace(attempt, rotation=best.rotation)
            if attempt.key in tried or not worth_trying(best, attempt, page.found):
                continue
            tried.add(attempt.key)
            passes += 1
            reading = _read(look(), attempt, page, folder, rules.language)
            readings.append(reading)
            waiting.extendleft(reversed(following(reading, attempt)))
            if better(reading, best):
                best, chosen = reading, attempt
                if attempt.owed:
                    waiting.extendleft(turned_over(best, chosen, page.found))
        if best.is_sure and best.has_lines_across:
            passes += 1
            best = _levelled(look(), best, chosen, page, folder, rules.language)
        columns = [] if best.lies_across else columns_of_letters(page.found.letters, best.rotation)
        if best.blocks and not best.lies_across and (columns or standing_lines(best.blocks)):
            passes += 1
            best = _with_turned(look(), best, chosen, columns, page, folder, rules.language)
        what = left_out(best, page.found, page.frame.width_px, page.frame.height_px) if best.is_sure else None
        if what is not None:
            passes += 1
            base = folder / f"reading-{page.number:05d}"
            best = with_left_over(best, look(), page.found, page.attempts[0].dpi, base, rules.language, what)
    except tesseract_call.ReadingTimeout:
        return _page(page, best, passes, True, is_inked, rules, readings)
    return _page(page, best, passes, False, is_inked, rules, readings)


def _read(picture: PagePicture, attempt: Attempt, page: WaitingPage, folder: Path, language: str) -> Reading:
    ready = _ready(picture, attempt, page)
    way = tesseract_call.Way(language, inverted_too=attempt.careful, anew=attempt.black)
    blocks = _read_rasters([ready.raster], ready.dpi, page.number, folder, way)[0]
    return Reading(attempt.rotation, skew_for(attempt, page.found), ready.back, ready.dpi, blocks)


def _ready(picture: PagePicture, attempt: Attempt, page: WaitingPage) -> ReadyPage:
    skew = skew_for(attempt, page.found)
    return make_ready(picture, page.found, attempt.rotation, skew, attempt.dpi, black=attempt.black)


def _levelled(
    picture: PagePicture, best: Reading, chosen: Attempt, page: WaitingPage, folder: Path, language: str
) -> Reading:
    """The reading with columns of numbers that were taken for vertical type read anew."""
    ready = _ready(picture, chosen, page)
    way = tesseract_call.Way(language, one_block=True)

    def read(crops: Sequence[Gray]) -> list[tuple[RasterBlock, ...]]:
        return _read_rasters(crops, ready.dpi, page.number, folder, way)

    return replace(best, blocks=patched(best.blocks, ready.raster, ready.dpi, read))


def _with_turned(
    picture: PagePicture,
    best: Reading,
    chosen: Attempt,
    columns: Sequence[NDArray[np.int64]],
    page: WaitingPage,
    folder: Path,
    language: str,
) -> Reading:
    """The reading with columns of letters that run up or down read turned, if it is sure then."""
    ready = _ready(picture, chosen, page)

    def read(rasters: Sequence[Gray], one_block: bool) -> list[tuple[RasterBlock, ...]]:
        way = tesseract_call.Way(language, one_block=one_block)
        return _read_rasters(rasters, ready.dpi, page.number, folder, way)

    shape = page.found.letters.shape
    crops, whole = partial(read, one_block=True), partial(read, one_block=False)
    turned = replace(best, blocks=with_turned_type(best.blocks, columns, shape, ready, picture, crops, whole))
    return turned if turned.is_sure else best


def _read_rasters(
    rasters: Sequence[Gray], dpi: float, number: int, folder: Path, way: tesseract_call.Way
) -> list[tuple[RasterBlock, ...]]:
    base = folder / f"reading-{number:05d}"
    pictures: list[tesseract_call.Picture] = []
    try:
        for place, raster in enumerate(rasters):
            name = base if len(rasters) == 1 else base.with_name(f"{base.name}-{place:03d}")
            pictures.append(tesseract_call.write_picture(raster, dpi, name))
        return tesseract_call.read_pictures(pictures, base, way)
    finally:
        for picture in pictures:
            picture.path.unlink(missing_ok=True)


def _page(
    page: WaitingPage,
    best: Reading | None,
    passes: int,
    timed_out: bool,
    is_inked: Callable[[], bool],
    rules: IncomingRules,
    readings: Sequence[Reading] = (),
) -> RecognisedPage:
    """The page as it is kept. `is_inked`: whether somebody put something there; asked only where no word was found.

    `readings`: all that were tried.
    """
    picture, found = page.frame, page.found
    words = with_gaps_filled(in_rows(without_overlaid(best.blocks))) if best is not None else ()
    blocks = tuple(_block(block, best.back, picture) for block in words) if best is not None else ()
    confidence = best.confidence if best is not None else 0.0
    trouble: Trouble | None = None
    if timed_out:
        trouble = "recognition-timeout"
    elif not blocks and is_inked():
        trouble = "inked-without-text"
    elif blocks and confidence < rules.review_below_confidence:
        trouble = "low-confidence"
    sure = False
    if best is not None:
        on_its_head = [reading.worth for reading in readings if (reading.rotation - best.rotation) % 360 == 180]
        either_way = stands_either_way(best, readings)
        agreed = best.level >= 0.5 and any(each.is_sure and each.text == best.text for each in readings)
        sure = not either_way and (agreed or way_up_is_known(best, found, max(on_its_head, default=None)))
        trouble = "way-up-unknown" if either_way and trouble is None else trouble
    return RecognisedPage(
        page=page.number,
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
    return Block(lines, around([line.box for line in lines]))


def _line(line: RasterLine, back: Affine, picture: PagePicture) -> Line:
    words = tuple(_word(word, line, back, picture) for word in line.words)
    size = line.size * (math.hypot(back.b, back.e) if line.runs == "level" else math.hypot(back.a, back.d))
    return Line(words, around([word.box for word in words]), round(size, 2))


def _word(word: RasterWord, line: RasterLine, back: Affine, picture: PagePicture) -> Word:
    box = mapped_box(back, word.left, word.top, word.right, word.bottom, picture.width_px, picture.height_px)
    begin, end = {
        "level": ((word.left, line.base), (word.right, line.base)),
        "up": ((line.base, word.bottom), (line.base, word.top)),
        "down": ((line.base, word.top), (line.base, word.bottom)),
    }[line.runs]
    (x0, y0), (x1, y1) = back.apply(*begin), back.apply(*end)
    return Word(word.text, word.confidence, box, (round(x0, 2), round(y0, 2), round(x1, 2), round(y1, 2)))
