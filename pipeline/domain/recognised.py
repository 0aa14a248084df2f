"""What recognition found on a page, and what the archive PDF made of it is. Pixels count from the top left corner.

The page picture is the page as it is stored: an image file's own raster, or a PDF page without its /Rotate at
the resolution of its scan. All boxes are in pixels of that picture, whatever was turned or straightened for reading.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Rotation = Literal[0, 90, 180, 270]
Trouble = Literal["recognition-timeout", "inked-without-text", "low-confidence", "way-up-unknown", "picture-with-text"]


@dataclass(frozen=True)
class PixelBox:
    """A box in pixels, x to the right, y downwards; left <= right, top <= bottom."""

    left: int
    top: int
    right: int
    bottom: int

    def __post_init__(self) -> None:
        if self.left > self.right or self.top > self.bottom:
            raise ValueError(f"not a box: {self}")

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.bottom - self.top


def around(boxes: Sequence[PixelBox]) -> PixelBox:
    """The smallest box that holds all of these; raises ValueError for none."""
    return PixelBox(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


@dataclass(frozen=True)
class Word:
    """A recognised word. `confidence` 0 to 100.

    `baseline`: x0, y0, x1, y1 in pixels of the page picture, from the word's begin to its end as it is read.
    """

    text: str
    confidence: float
    box: PixelBox
    baseline: tuple[float, float, float, float]

    def __post_init__(self) -> None:
        if not self.text or self.text.split() != [self.text] or not 0 <= self.confidence <= 100:
            raise ValueError("a word is one run of characters with a confidence of 0 to 100")


@dataclass(frozen=True)
class Line:
    """A line of words in reading order. `size_px`: the size of its type, of the page picture's pixels."""

    words: tuple[Word, ...]
    box: PixelBox
    size_px: float

    def __post_init__(self) -> None:
        if not self.words or self.size_px <= 0:
            raise ValueError("a line has words and a size")

    @property
    def text(self) -> str:
        """The words with one space between them."""
        return " ".join(word.text for word in self.words)

    @property
    def rotation(self) -> Rotation:
        """How far the page picture must be turned clockwise for this line to run from left to right, about."""
        (x0, y0), (x1, y1) = self.words[0].baseline[:2], self.words[-1].baseline[2:]
        if abs(x1 - x0) >= abs(y1 - y0):
            return 0 if x1 >= x0 else 180
        return 90 if y1 < y0 else 270


@dataclass(frozen=True)
class Block:
    """A block of lines in reading order."""

    lines: tuple[Line, ...]
    box: PixelBox


@dataclass(frozen=True)
class RecognisedPage:
    """A page of a source, from 1, as it was recognised.

    `rotation`: how far the page picture must be turned clockwise to be upright.
    `skew_degrees`: how far lines of the upright page still fall (clockwise positive).
    `mean_confidence`: 0 to 100, weighted by characters, of what was recognised; 0 where there is no word.
    `passes`: how often it was read. `ink_ratio`: share of dark pixels inside the margins.
    `trouble`: why a person has to look, if so. `own_text`: the words are the PDF page's own, but for the last
    `drawn_blocks` blocks: the page draws their words as shapes, so they were recognised. `passes` tells then how often
    its pictures and shapes were read.
    """

    page: int
    width_px: int
    height_px: int
    dpi_x: float
    dpi_y: float
    rotation: Rotation
    skew_degrees: float
    passes: int
    ink_ratio: float
    mean_confidence: float
    blocks: tuple[Block, ...]
    trouble: Trouble | None = None
    own_text: bool = False
    drawn_blocks: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.drawn_blocks <= (len(self.blocks) if self.own_text else 0):
            raise ValueError(f"{self.drawn_blocks} drawn blocks of {len(self.blocks)}")
        if self.page < 1 or min(self.width_px, self.height_px) < 1 or min(self.dpi_x, self.dpi_y) <= 0:
            raise ValueError(f"not a page: {self.page}, {self.width_px} x {self.height_px}")

    def own(self) -> RecognisedPage:
        """The page with nothing but its own words."""
        count = len(self.blocks) - self.drawn_blocks if self.own_text else 0
        return replace(self, blocks=self.blocks[:count], drawn_blocks=0)

    def laid(self) -> RecognisedPage:
        """The page with nothing but the words that were recognised, which a text layer has to hold."""
        count = len(self.blocks) - self.drawn_blocks if self.own_text else 0
        return replace(self, blocks=self.blocks[count:], own_text=False, drawn_blocks=0)

    def lines(self) -> Iterator[Line]:
        """All lines in reading order."""
        for block in self.blocks:
            yield from block.lines

    @property
    def words(self) -> int:
        """How many words there are."""
        return sum(len(line.words) for line in self.lines())

    @property
    def dpi(self) -> int:
        """The horizontal resolution, rounded."""
        return round(self.dpi_x)

    @property
    def text(self) -> str:
        """Lines end with a newline, blocks with an empty line between them."""
        return "\n".join("".join(line.text + "\n" for line in block.lines) for block in self.blocks)


@dataclass(frozen=True)
class ArchivePdfFacts:
    """What the archive PDF is. `level`: "2b", or None and then `reasons` says why not.

    `checked_by`: name and version of the checker. `recoded`: streams that are not the source's own bytes, each
    with page and reason. `images`: per page the SHA-256 of every picture stream that must be found unchanged.
    """

    level: Literal["2b"] | None
    reasons: tuple[str, ...]
    checked_by: str
    recoded: tuple[str, ...]
    remarks: tuple[str, ...]
    images: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class EngineFacts:
    """The recogniser. `findings`: what is wrong with it, in German with the remedy; empty when it is fit for work.

    `version` reads whatever is read again, `first_version` reads every page first.
    """

    name: str
    version: str
    language: str
    model_sha256: str
    findings: tuple[str, ...] = ()
    first_version: str = ""


def mean_confidence(parts: Sequence[tuple[int, float]]) -> float:
    """The mean of (characters, confidence) pairs, weighted by characters; 0 for none."""
    signs = sum(count for count, _confidence in parts)
    return sum(count * confidence for count, confidence in parts) / signs if signs else 0.0
