"""The first reading of several pages in one call of Tesseract: it starts and loads its model once for all of them.

A page keeps its raster on disk until then, so memory holds one page at a time. Where a call for several pages fails or
takes too long, each of them is read by itself: one bad page spoils none of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pipeline.adapters.incoming import tesseract_call
from pipeline.adapters.incoming.page_geometry import Affine
from pipeline.adapters.incoming.page_pictures import PagePicture
from pipeline.adapters.incoming.page_survey import Survey, survey
from pipeline.adapters.incoming.preparation import make_ready
from pipeline.adapters.incoming.raster_words import RasterBlock
from pipeline.adapters.incoming.reading_plan import Attempt, Reading, plan
from pipeline.domain.errors import Temporary

AT_ONCE = 8  # pages; more bring nothing


@dataclass(frozen=True)
class WaitingPage:
    """A page whose first raster lies ready. `frame`: the page picture without its pixels."""

    number: int
    frame: PagePicture
    found: Survey
    attempts: tuple[Attempt, ...]
    skew_degrees: float
    back: Affine
    raster: tesseract_call.Picture

    def read_as(self, blocks: tuple[RasterBlock, ...]) -> Reading:
        """The reading that these words are."""
        return Reading(self.attempts[0].rotation, self.skew_degrees, self.back, self.raster.dpi, blocks)


def make_first(number: int, picture: PagePicture, folder: Path) -> WaitingPage:
    """Survey a page and write its first raster into `folder`."""
    found = survey(picture)
    attempts = tuple(plan(picture, found))
    first = attempts[0]
    skew = skew_for(first, found)
    ready = make_ready(picture, found, first.rotation, skew, first.dpi)
    raster = tesseract_call.write_picture(ready.raster, ready.dpi, folder / f"reading-{number:05d}")
    frame = replace(picture, gray=np.empty((0, 0), np.uint8))
    return WaitingPage(number, frame, replace(found, lit=None), attempts, skew, ready.back, raster)


def skew_for(attempt: Attempt, found: Survey) -> float:
    """The skew of the page as it is turned for an attempt, in degrees."""
    across = (attempt.rotation - found.rotation) % 180 != 0
    return found.skew_across_degrees if across else found.skew_degrees


def read_first(pages: Sequence[WaitingPage], folder: Path, language: str) -> dict[int, Reading | None]:
    """The first reading of each page by its number, None where its time was up. Removes the rasters.

    Raises Temporary and Permanent as `tesseract_call.read_pictures` does for a single page.
    """
    readings: dict[int, Reading | None] = {}
    try:
        for dpi in sorted({page.raster.dpi for page in pages}):
            same = [page for page in pages if page.raster.dpi == dpi]
            readings.update(_together(same, folder, tesseract_call.Way(language)))
    finally:
        for page in pages:
            page.raster.path.unlink(missing_ok=True)
    return readings


def _together(pages: Sequence[WaitingPage], folder: Path, way: tesseract_call.Way) -> dict[int, Reading | None]:
    base = folder / f"reading-{pages[0].number:05d}"
    if len(pages) > 1:
        try:
            tables = tesseract_call.read_pictures([page.raster for page in pages], base, way)
        except (Temporary, tesseract_call.ReadingTimeout):
            pass  # it may be one page's fault; the same call for that page alone says so
        else:
            return {page.number: page.read_as(blocks) for page, blocks in zip(pages, tables, strict=True)}
    readings: dict[int, Reading | None] = {}
    for page in pages:
        try:
            readings[page.number] = page.read_as(tesseract_call.read_pictures([page.raster], base, way)[0])
        except tesseract_call.ReadingTimeout:
            readings[page.number] = None
    return readings
