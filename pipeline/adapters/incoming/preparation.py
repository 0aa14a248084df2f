"""A page picture made ready for reading, on a copy: even light, upright, straight, at a suitable resolution.

Orientation and skew come from the picture itself. Lines of type make the ink per row swing between full and
empty, most of all where rows run along the lines (projection profile); and in Latin script more strokes rise above
the small letters (b d f h k l t, capitals, umlauts) than fall below them (g j p q y), which tells up from down.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.adapters.incoming.page_geometry import Affine, quarter_turn, scaled, straightened
from pipeline.adapters.incoming.page_pictures import Gray, PagePicture
from pipeline.domain.recognised import Rotation

_SURVEY_DPI = 100.0
_MAX_SKEW_DEGREES = 8.0
_MARGIN = 0.02  # of each side; scanners leave dark edges there
_SPECK_INCH2 = 0.0001  # four pixels at 200 dpi; a full stop of 8-point type has about nine
_PAPER_BLUR_INCH = 0.25
_CLEAR_LEAD = 3.0  # running text leads by five and more; columns of figures feign up to two the wrong way


@dataclass(frozen=True)
class Survey:
    """What a quick look tells. `axis_ratio`: how much better lines fit along the rows than along the columns.

    Both, and `skew_degrees`, are seen after turning by `rotation`. A ratio below 1 means that the picture alone speaks
    for the other axis, too faintly to be believed. `skew_across_degrees`: the skew if lines ran the other way.
    `rise`: excess of strokes above over strokes below the small letters, -1 to 1, seen as the picture would stand
    after turning it by `rotation`; near 0 it tells nothing.
    """

    rotation: Rotation
    skew_degrees: float
    ink_ratio: float
    axis_ratio: float
    rise: float
    skew_across_degrees: float = 0.0


@dataclass(frozen=True)
class ReadyPage:
    """A raster for the recogniser, and the way back from its pixels to those of the page picture."""

    raster: Gray
    dpi: float
    back: Affine


def even_light(gray: Gray, dpi: float) -> Gray:
    """The picture with its paper made white: every pixel over the brightness of the paper around it."""
    small_scale = min(1.0, 50.0 / dpi)
    size = (max(8, round(gray.shape[1] * small_scale)), max(8, round(gray.shape[0] * small_scale)))
    small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    reach = max(3, round(_PAPER_BLUR_INCH * dpi * small_scale)) | 1
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    paper = cv2.GaussianBlur(paper, (0, 0), reach / 2)
    paper = cv2.resize(np.maximum(paper, 48), (gray.shape[1], gray.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(gray, paper, scale=255), dtype=np.uint8)


def binarised(even: Gray) -> Gray:
    """Black on white by one threshold (Otsu), kept within sane bounds where there is hardly any ink."""
    threshold, _result = cv2.threshold(even, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    threshold = min(max(threshold, 96.0), 200.0)
    return np.asarray(cv2.threshold(even, threshold, 255, cv2.THRESH_BINARY)[1], dtype=np.uint8)


def _without_specks(black: Gray, dpi: float) -> Gray:
    """Black on white without dots far smaller than a full stop, which dithering and dust leave."""
    count, labels, stats, _centres = cv2.connectedComponentsWithStats(255 - black, connectivity=8)
    specks = stats[:, cv2.CC_STAT_AREA] <= _SPECK_INCH2 * dpi * dpi
    specks[0] = False
    if count > 1 and specks.any():
        black[specks[labels]] = 255
    return black


def survey(picture: PagePicture) -> Survey:
    """Rotation, skew and ink of a page, from a copy at 100 dpi.

    Glyphs that stand under each other, as in tables and numbered lists, make a sharp profile across the lines too.
    Without a clear lead the page is taken to stand as its source says.
    """
    small = _resampled(picture, _SURVEY_DPI)
    black = binarised(even_light(small, _SURVEY_DPI))
    ink = (255 - _inside(black)) // 255
    ratio = float(ink.mean()) if ink.size else 0.0
    ink = _without_pictures(ink)
    lying_ink = np.ascontiguousarray(np.rot90(ink, -1))
    along, across = _best_angle(ink), _best_angle(lying_ink)
    lead = across[0] / max(along[0], 1e-9)
    lies = lead > _CLEAR_LEAD or (lead >= 1 / _CLEAR_LEAD and picture.hint in (90, 270))
    chosen, other, upright_ink, base = (across, along, lying_ink, 90) if lies else (along, across, ink, 0)
    rise = _rise(_turned(upright_ink, chosen[1]))
    turned: dict[int, Rotation] = {0: 0, 90: 90, 180: 180, 270: 270}
    if rise < 0:
        base += 180
    return Survey(turned[base], chosen[1], ratio, chosen[0] / max(other[0], 1e-9), abs(rise), other[1])


def _inside(raster: Gray) -> Gray:
    rows, columns = (round(side * _MARGIN) for side in raster.shape)
    return raster[rows : raster.shape[0] - rows, columns : raster.shape[1] - columns]


def _resampled(picture: PagePicture, dpi: float) -> Gray:
    """The picture with square pixels at `dpi`."""
    width = max(16, round(picture.width_px / picture.dpi_x * dpi))
    height = max(16, round(picture.height_px / picture.dpi_y * dpi))
    if (height, width) == picture.gray.shape:
        return picture.gray
    shrinks = width < picture.gray.shape[1]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture.gray, (width, height), interpolation=way), dtype=np.uint8)


def _without_pictures(ink: Gray) -> Gray:
    """Ink without what is too large or too small to be type, so that photographs and rules have no say."""
    count, labels, stats, _centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    sides = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    keep = (sides <= 0.6 * _SURVEY_DPI) & (stats[:, cv2.CC_STAT_AREA] >= 3)
    keep[0] = False
    return np.asarray(keep[labels], dtype=np.uint8) if count > 1 else ink


def _turned(ink: Gray, degrees: float) -> Gray:
    """The ink turned counter-clockwise by some degrees about its centre, on the same canvas."""
    height, width = ink.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(ink * 255, matrix, (width, height), flags=cv2.INTER_LINEAR), dtype=np.uint8)


def _sharpness(ink: Gray, degrees: float, column_step: int = 1) -> float:
    rows, columns = np.nonzero(ink)
    if rows.size == 0:
        return 0.0
    angle = math.radians(degrees)
    places = rows * math.cos(angle) - columns * (column_step * math.sin(angle))
    profile = np.bincount((places - places.min()).astype(np.int64)).astype(np.float64)
    steps = np.diff(profile)
    return float((steps * steps).sum()) / rows.size


def _best_angle(ink: Gray) -> tuple[float, float]:
    """The sharpest profile, and the angle at which lines fall (clockwise positive) that gives it."""
    coarse = ink[:, ::3]  # lines run far enough that every third column shows where they lie
    whole = range(-int(_MAX_SKEW_DEGREES), int(_MAX_SKEW_DEGREES) + 1)
    angle = max((_sharpness(coarse, float(degrees), 3), -abs(degrees), float(degrees)) for degrees in whole)[2]
    best, step = _sharpness(ink, angle), 1.0
    while step > 0.03:
        step /= 2
        for near in (angle - step, angle + step):
            sharpness = _sharpness(ink, near)
            if sharpness > best:
                best, angle = sharpness, near
    return best, round(angle, 2)


def _rise(turned: Gray) -> float:
    """Excess of strokes above over strokes below the small letters, over all lines, -1 to 1."""
    profile = (turned > 127).sum(axis=1).astype(np.float64)
    above = below = 0.0
    for top, bottom in _lines(profile):
        height = bottom - top
        if not 5 <= height <= 0.5 * _SURVEY_DPI:
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


def make_ready(picture: PagePicture, rotation: Rotation, skew_degrees: float, dpi: float, *, black: bool) -> ReadyPage:
    """The page upright and straight at `dpi`, evenly lit, and pure black on white where `black` is asked for."""
    flat = even_light(_resampled(picture, dpi), dpi)
    height, width = flat.shape
    way = scaled(width / picture.width_px, height / picture.height_px)
    way = way.then(quarter_turn(rotation, width, height))
    upright = np.ascontiguousarray(np.rot90(flat, -rotation // 90))
    if abs(skew_degrees) >= 0.05:
        turn, new_width, new_height = straightened(skew_degrees, upright.shape[1], upright.shape[0])
        matrix = np.array([[turn.a, turn.b, turn.c], [turn.d, turn.e, turn.f]])
        upright = np.asarray(
            cv2.warpAffine(
                upright,
                matrix,
                (new_width, new_height),
                flags=cv2.INTER_CUBIC,
                borderMode=cv2.BORDER_CONSTANT,
                borderValue=255,
            ),
            dtype=np.uint8,
        )
        way = way.then(turn)
    return ReadyPage(_without_specks(binarised(upright), dpi) if black else upright, dpi, way.inverse())
