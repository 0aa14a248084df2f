"""In which way, in which order and how often a page is read, and which of its readings is to be believed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

from pipeline.adapters.incoming.level_patches import lines_across
from pipeline.adapters.incoming.page_geometry import Affine
from pipeline.adapters.incoming.page_pictures import PagePicture
from pipeline.adapters.incoming.page_survey import Survey
from pipeline.adapters.incoming.raster_words import RasterBlock, RasterWord
from pipeline.adapters.incoming.reading_direction import level_share
from pipeline.adapters.incoming.type_height import reading_dpi
from pipeline.domain.recognised import Rotation, mean_confidence

_FULL_DPI, _MAX_FULL_DPI = 300.0, 400.0
_MAX_RASTER_PIXELS = 40_000_000
_GOOD_CONFIDENCE = 75.0  # a page that reads better is not read again: of four between 75 and 80, none read better
_FAIR_CONFIDENCE = 70.0  # one that reads better is not read by another threshold: that helps stained and faint pages
_TURN_CONFIDENCE = 60.0  # a page that reads worse may stand on its head
_TURN_LEAD = 1.5  # how much more another way up must read to be believed
_FEW, _LITTLE = 40, 150  # characters; so few may read as others on their head, so little may do so half surely
_SURELY_UPRIGHT = 90.0  # lines on their head read up to 82, upright ones from 83 and mostly 95
_UPRIGHT_LEAD = 8.0  # of confidence, over the same page on its head; the least seen is 13
_LEVEL_WORTH = 0.5  # how much of a reading that lies across a level one must be worth to be preferred
_BELIEVED = 50.0  # words below count for nothing when two readings are compared
INKED = 0.0008  # of the page's area; about three words
_MIN_RISE = 0.05  # of the survey; below, up and down are not told apart
_CLEAR_RISE, _CLEAR_AXIS = 0.3, 2.0  # of the survey; from here on the picture tells its way up without words
_LEVEL = 0.9  # the share of a reading's characters that run level where it agrees with a clear survey


@dataclass(frozen=True)
class Attempt:
    """A reading to be tried. `careful`: at full resolution, light type on dark too; `black`: by a local threshold.

    `owed`: the reading before lay across, so its turn is not for the survey to rule out. `doubted`: the reading before
    may stand on its head, however surely it reads.
    """

    rotation: Rotation
    dpi: float
    careful: bool = False
    black: bool = False
    owed: bool = False
    doubted: bool = False

    @property
    def key(self) -> tuple[Rotation, float, bool, bool]:
        """What makes it another attempt than one before."""
        return self.rotation, self.dpi, self.careful, self.black


@dataclass(frozen=True)
class Reading:
    """One reading of a page. `rotation` as it was turned for it; `dpi` of the raster that was read."""

    rotation: Rotation
    skew_degrees: float
    back: Affine
    dpi: float
    blocks: tuple[RasterBlock, ...]

    @property
    def level(self) -> float:
        """The share of characters in words that run level from left to right, 0 to 1."""
        return level_share(line.words for block in self.blocks for line in block.lines)

    @property
    def lies_across(self) -> bool:
        """Whether most of what was read runs up or down the raster."""
        return self.level < 0.5

    @property
    def has_lines_across(self) -> bool:
        """Whether single lines of a level page run up or down, or seem to."""
        return not self.lies_across and bool(lines_across(self.blocks))

    @property
    def words(self) -> list[RasterWord]:
        """All words in reading order."""
        return [word for block in self.blocks for line in block.lines for word in line.words]

    @property
    def text(self) -> str:
        """The words in reading order."""
        return " ".join(word.text for word in self.words)

    @property
    def characters(self) -> int:
        """How many characters the words have."""
        return sum(len(word.text) for word in self.words)

    @property
    def confidence(self) -> float:
        """The mean over the characters, 0 to 100."""
        return mean_confidence([(len(word.text), word.confidence) for word in self.words])

    @property
    def is_sure(self) -> bool:
        """Whether it reads well enough to be believed about the way up."""
        return bool(self.blocks) and self.confidence >= _TURN_CONFIDENCE

    @property
    def worth(self) -> float:
        """How many characters are believed, weighted by confidence."""
        return sum(len(w.text) * w.confidence / 100 for w in self.words if w.confidence >= _BELIEVED)


def plan(picture: PagePicture, found: Survey) -> list[Attempt]:
    """Readings in order: as small as its type allows; full size; by another threshold; then the other ways up."""
    ways: tuple[Rotation, ...] = get_args(Rotation)
    first = found.rotation
    if found.rise < _MIN_RISE and (picture.hint - first) % 180 == 0:
        first = picture.hint
    area = picture.width_px / picture.dpi_x * picture.height_px / picture.dpi_y
    most = math.sqrt(_MAX_RASTER_PIXELS / area)
    small = min(reading_dpi(found.letter_inch), most)
    full = min(max(_FULL_DPI, picture.dpi_x, picture.dpi_y), _MAX_FULL_DPI, most)
    return [
        Attempt(first, small),
        Attempt(first, full, careful=True),
        Attempt(first, full, careful=True, black=True),
        *(Attempt(ways[(first // 90 + turn) % 4], small) for turn in (2, 1, 3)),
    ]


def following(reading: Reading, attempt: Attempt) -> list[Attempt]:
    """What a reading itself asks for next.

    Tesseract reads vertical type that runs downwards, so a sure reading stands upright after a turn counter-clockwise;
    one that lies across and makes no sense runs upwards.
    """
    if attempt.careful or not reading.lies_across:
        return []
    ways: tuple[Rotation, ...] = get_args(Rotation)
    turns = (3, 1) if reading.confidence >= _TURN_CONFIDENCE else (1, 3)
    return [Attempt(ways[(reading.rotation // 90 + turn) % 4], attempt.dpi, owed=True) for turn in turns]


def turned_over(reading: Reading, attempt: Attempt, found: Survey) -> list[Attempt]:
    """The same page on its head, where little was read or the picture did not tell up from down.

    A line of capitals, figures or short words reads as others on its head ("2020 51" as "TS 0202"), with a confidence
    that passes for one of a poor scan; only both readings tell.
    """
    few = reading.characters < _FEW
    unclear = reading.characters < _LITTLE or found.rise < _CLEAR_RISE
    if not reading.words or not (few or (reading.confidence < _SURELY_UPRIGHT and unclear)):
        return []
    ways: tuple[Rotation, ...] = get_args(Rotation)
    return [Attempt(ways[(reading.rotation // 90 + 2) % 4], attempt.dpi, doubted=True)]


def stands_either_way(best: Reading, readings: Iterable[Reading]) -> bool:
    """Whether the page was read on its head surely and about as well as in its best reading, and as something else."""
    return any(
        (reading.rotation - best.rotation) % 360 == 180
        and reading.is_sure
        and reading.confidence > best.confidence - _UPRIGHT_LEAD
        and reading.worth * _TURN_LEAD > best.worth
        and reading.text != best.text
        for reading in readings
    )


def worth_trying(best: Reading, attempt: Attempt, found: Survey) -> bool:
    """Whether an attempt may bring more than the best reading so far."""
    if attempt.doubted or (attempt.owed and best.lies_across):
        return True
    if found.ink_ratio < INKED:
        return False
    if attempt.careful:
        return best.confidence < (_FAIR_CONFIDENCE if attempt.black else _GOOD_CONFIDENCE)
    if best.lies_across:
        return True
    across = (attempt.rotation - found.rotation) % 180 != 0
    enough = _GOOD_CONFIDENCE if across and found.axis_ratio < 1 else _TURN_CONFIDENCE
    if best.confidence >= enough and best.words:
        return False
    return attempt.owed or not across or found.axis_ratio < 2.0


def way_up_is_known(best: Reading, found: Survey, on_its_head: float | None) -> bool:
    """Whether a page is to be shown as its best reading was turned: it reads well, or much speaks for it.

    Noise may spoil the words of a page whose lines still tell how it lies. Then the picture must be clear, and more be
    read than after half a turn: capitals and figures rise and fall as if they stood on their head. `on_its_head`: the
    worth of the reading after half a turn, None where there was none.
    """
    if best.is_sure:
        return True
    clear = found.rise >= _CLEAR_RISE and found.axis_ratio >= _CLEAR_AXIS and best.rotation == found.rotation
    leads = on_its_head is not None and best.worth > _TURN_LEAD * on_its_head
    return clear and leads and bool(best.blocks) and best.level >= _LEVEL


def better(reading: Reading, best: Reading) -> bool:
    """Whether a reading is to be believed more than the best so far; how surely it reads tells no direction."""
    if reading.lies_across and not best.lies_across:
        return reading.worth * _LEVEL_WORTH > best.worth
    if best.lies_across and not reading.lies_across:
        return reading.worth >= best.worth * _LEVEL_WORTH
    on_its_head = (reading.rotation - best.rotation) % 360 == 180
    if on_its_head and reading.worth > best.worth and reading.confidence > best.confidence + _UPRIGHT_LEAD:
        return True
    lead = 1.0 if reading.rotation == best.rotation else _TURN_LEAD
    return reading.worth > lead * best.worth
