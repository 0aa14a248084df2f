"""A quick look at a page before it is read: which way up, how skew, how high its type, where its ink, where dark areas.

All of it comes from the picture itself. Lines of type make the ink per row swing between full and empty, most of all
where rows run along the lines (projection profile); and in Latin script more strokes rise above the small letters
(b d f h k l t, capitals, umlauts) than fall below them (g j p q y), which tells up from down.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.adapters.incoming.dark_areas import NO_DARK_AREAS, DarkAreas, find_dark_areas
from pipeline.adapters.incoming.even_lighting import binarised, is_dusty, marks_of, on_white, resampled
from pipeline.adapters.incoming.page_pictures import Gray, PagePicture
from pipeline.adapters.incoming.type_height import small_letter_inch
from pipeline.domain.recognised import Rotation

_COARSE_DPI = 100.0  # for lines and areas
_FINE_DPI = 200.0  # for letters
_MAX_SKEW_DEGREES = 8.0
_MARGIN = 0.02  # of each side; scanners leave dark edges there
_CLEAR_LEAD = 3.0  # running text leads by five and more; columns of figures feign up to two the wrong way
_MOST_POINTS = 120_000  # of ink, that an angle is judged by
_STRIP_INCH = 1.6  # up and down is judged in strips; columns of a page need not share their lines
_CONTENT_MARGIN_INCH = 0.2
_LETTER_INCH = (0.04, 0.25)  # the longer side of a letter, or of a few that touch
_LEAST_MARK_INCH = 0.025  # what is smaller is no ink to be kept in the content; a full stop of 12 points has that


@dataclass(frozen=True)
class Content:
    """The box that holds all ink, as shares (0 to 1) of the page picture's width and height."""

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0


@dataclass(frozen=True)
class LetterPlaces:
    """The middles of marks that may be letters, as rows of column and row, in a raster of `shape` at `dpi`."""

    places: NDArray[np.int64]
    shape: tuple[int, int]
    dpi: float = _COARSE_DPI


NO_LETTERS = LetterPlaces(np.empty((0, 2), np.int64), (1, 1))


@dataclass(frozen=True)
class Survey:
    """What a quick look tells. `axis_ratio`: how much better lines fit along the rows than along the columns.

    Both, and `skew_degrees`, are seen after turning by `rotation`. A ratio below 1 means that the picture alone speaks
    for the other axis, too faintly to be believed. `skew_across_degrees`: the skew if lines ran the other way.
    `rise`: excess of strokes above over strokes below the small letters, -1 to 1, seen as the picture would stand
    after turning it by `rotation`; near 0 it tells nothing. `letter_inch`: height of the small letters of the smaller
    type on the page, 0 where there is none. `content`: where all ink lies. `dusty`: dots are many, as dithering leaves
    them. `letters`: where marks of a letter's size are. `lit`: the evenly lit copy that was looked at, at `lit_dpi`;
    None once nobody needs it.
    """

    rotation: Rotation
    skew_degrees: float
    ink_ratio: float
    axis_ratio: float
    rise: float
    skew_across_degrees: float = 0.0
    letter_inch: float = 0.0
    content: Content = Content()
    dark: DarkAreas = NO_DARK_AREAS
    dusty: bool = False
    letters: LetterPlaces = NO_LETTERS
    lit: Gray | None = None
    lit_dpi: float = 0.0


def survey(picture: PagePicture) -> Survey:
    """Look at a page. Takes about a tenth of a second.

    Glyphs that stand under each other, as in tables and numbered lists, make a sharp profile across the lines too.
    Without a clear lead the page is taken to stand as its source says.
    """
    fine_dpi = min(_FINE_DPI, max(picture.dpi_x, picture.dpi_y, _COARSE_DPI))
    clear = resampled(picture, fine_dpi)
    small = _shrunk(clear, _COARSE_DPI / fine_dpi)
    dark = find_dark_areas(small, _COARSE_DPI)
    black = binarised(on_white(small, _COARSE_DPI, dark))
    all_ink = (255 - black) // 255
    inside = _inside(all_ink)
    ratio = float(inside.mean()) if inside.size else 0.0
    ink, letters = _without_pictures(inside)
    lying_ink = np.ascontiguousarray(np.rot90(ink, -1))
    along, across = _best_angle(ink), _best_angle(lying_ink)
    lead = across[0] / max(along[0], 1e-9)
    lies = lead > _CLEAR_LEAD or (lead >= 1 / _CLEAR_LEAD and picture.hint in (90, 270))
    chosen, other, base = (across, along, 90) if lies else (along, across, 0)
    lit = on_white(clear, fine_dpi, dark)
    fine = 255 - _inside(binarised(lit))
    marks = marks_of(fine)
    upright = np.ascontiguousarray(np.rot90(fine, -1)) if lies else fine
    rise = _rise(_turned(upright, chosen[1]), fine_dpi)
    turned: dict[int, Rotation] = {0: 0, 90: 90, 180: 180, 270: 270}
    if rise < 0:
        base += 180
    return Survey(
        turned[base],
        chosen[1],
        ratio,
        chosen[0] / max(other[0], 1e-9),
        abs(rise),
        other[1],
        small_letter_inch(marks, fine_dpi),
        _content(all_ink),
        dark,
        is_dusty(marks, fine_dpi),
        _on_page(letters, inside.shape, all_ink.shape),
        lit=lit,
        lit_dpi=fine_dpi,
    )


def _shrunk(gray: Gray, scale: float) -> Gray:
    if scale == 1.0:
        return gray
    size = (max(16, round(gray.shape[1] * scale)), max(16, round(gray.shape[0] * scale)))
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _inside(raster: Gray) -> Gray:
    rows, columns = (round(side * _MARGIN) for side in raster.shape)
    return raster[rows : raster.shape[0] - rows, columns : raster.shape[1] - columns]


def _on_page(letters: NDArray[np.int64], inside: tuple[int, ...], shape: tuple[int, ...]) -> LetterPlaces:
    """Places inside the margins as places on the whole page."""
    top, left = ((whole - side) // 2 for whole, side in zip(shape, inside, strict=True))
    return LetterPlaces(letters + np.array([left, top], np.int64), (shape[0], shape[1]))


def _content(ink: Gray) -> Content:
    """The box around all that is large enough to be a mark, with a margin."""
    marks = marks_of(ink)
    least = _LEAST_MARK_INCH * _COARSE_DPI
    marks = marks[np.maximum(marks[:, cv2.CC_STAT_WIDTH], marks[:, cv2.CC_STAT_HEIGHT]) >= least]
    if not len(marks):
        return Content()
    height, width = ink.shape
    margin = _CONTENT_MARGIN_INCH * _COARSE_DPI
    lefts, tops = marks[:, cv2.CC_STAT_LEFT], marks[:, cv2.CC_STAT_TOP]
    return Content(
        max(0.0, (int(lefts.min()) - margin) / width),
        max(0.0, (int(tops.min()) - margin) / height),
        min(1.0, (int((lefts + marks[:, cv2.CC_STAT_WIDTH]).max()) + margin) / width),
        min(1.0, (int((tops + marks[:, cv2.CC_STAT_HEIGHT]).max()) + margin) / height),
    )


def _without_pictures(ink: Gray) -> tuple[Gray, NDArray[np.int64]]:
    """Ink without what is too large or too small to be type, so that photographs and rules have no say; and the
    middles, column and row, of what has the size of a letter."""
    count, labels, stats, centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    sides = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    keep = (sides <= 0.6 * _COARSE_DPI) & (stats[:, cv2.CC_STAT_AREA] >= 3)
    keep[0] = False
    lettered = keep & (sides >= _LETTER_INCH[0] * _COARSE_DPI) & (sides <= _LETTER_INCH[1] * _COARSE_DPI)
    places = centres[lettered].astype(np.int64)
    return (np.asarray(keep.astype(np.uint8)[labels], dtype=np.uint8) if count > 1 else ink), places


def _turned(ink: Gray, degrees: float) -> Gray:
    """The ink turned counter-clockwise by some degrees about its centre, on the same canvas."""
    if abs(degrees) < 0.05:
        return ink
    height, width = ink.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(ink, matrix, (width, height), flags=cv2.INTER_LINEAR), dtype=np.uint8)


class _Points:
    """Places of ink, thinned out evenly over the columns."""

    def __init__(self, ink: Gray) -> None:
        self.step = max(3, math.ceil(int(np.count_nonzero(ink)) / _MOST_POINTS)) if ink.size else 3
        rows, columns = np.nonzero(ink[:, :: self.step])
        self.rows, self.columns = rows.astype(np.float32), columns.astype(np.float32) * self.step

    def sharpness(self, degrees: float) -> float:
        """How strongly the ink per row swings if rows fall by some degrees."""
        if self.rows.size == 0:
            return 0.0
        angle = math.radians(degrees)
        places = self.rows * np.float32(math.cos(angle)) - self.columns * np.float32(math.sin(angle))
        profile = np.bincount((places - places.min()).astype(np.int32)).astype(np.float64)
        steps = np.diff(profile)
        return float((steps * steps).sum()) / self.rows.size


def _best_angle(ink: Gray) -> tuple[float, float]:
    """The sharpest profile, and the angle at which lines fall (clockwise positive) that gives it."""
    points = _Points(ink)
    whole = range(-int(_MAX_SKEW_DEGREES), int(_MAX_SKEW_DEGREES) + 1)
    best, _nearness, angle = max((points.sharpness(float(each)), -abs(each), float(each)) for each in whole)
    step = 1.0
    while step > 0.03:
        step /= 2
        for near in (angle - step, angle + step):
            sharpness = points.sharpness(near)
            if sharpness > best:
                best, angle = sharpness, near
    return best, round(angle, 2)


def _rise(turned: Gray, dpi: float) -> float:
    """Excess of strokes above over strokes below the small letters, over all lines of all strips, -1 to 1."""
    above = below = 0.0
    strips = max(1, round(turned.shape[1] / (_STRIP_INCH * dpi)))
    for strip in np.array_split(turned, strips, axis=1):
        profile = (strip > 127).sum(axis=1).astype(np.float64)
        for top, bottom in _lines(profile):
            if not 0.05 * dpi <= bottom - top <= 0.5 * dpi:
                continue
            line = profile[top:bottom]
            body = np.nonzero(line > 0.5 * line.max())[0]
            above += float(line[: body[0]].sum())
            below += float(line[body[-1] + 1 :].sum())
    total = above + below
    return (above - below) / total if total > 0 else 0.0


def _lines(profile: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Runs of rows that hold ink."""
    floor = 0.02 * float(profile.max(initial=0.0))
    filled = np.concatenate(([0], (profile > floor).astype(np.int8), [0]))
    edges = np.diff(filled)
    return list(zip(np.nonzero(edges == 1)[0].tolist(), np.nonzero(edges == -1)[0].tolist(), strict=True))
