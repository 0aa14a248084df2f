"""A page picture made ready for reading, on a copy: cut to its content, evenly lit, upright, straight, small."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.adapters.incoming.even_lighting import locally_binarised, on_white, resampled, without_dust
from pipeline.adapters.incoming.page_geometry import Affine, quarter_turn, scaled, shifted, straightened
from pipeline.adapters.incoming.page_pictures import Gray, PagePicture
from pipeline.adapters.incoming.page_survey import Content, Survey
from pipeline.domain.recognised import Rotation


@dataclass(frozen=True)
class ReadyPage:
    """A raster for the recogniser, and the way back from its pixels to those of the page picture."""

    raster: Gray
    dpi: float
    back: Affine


def make_ready(
    picture: PagePicture, found: Survey, rotation: Rotation, skew_degrees: float, dpi: float, *, black: bool = False
) -> ReadyPage:
    """The page's content at `dpi`, upright and straight, evenly lit in gray; `black`: by a local threshold."""
    if found.lit is not None and found.lit_dpi == dpi:
        flat = found.lit
    else:
        flat = on_white(resampled(picture, dpi), dpi, found.dark)
    if found.dusty:
        flat = without_dust(flat, dpi)
    height, width = flat.shape
    way = scaled(width / picture.width_px, height / picture.height_px)
    rows, columns = _cut(found.content, width, height)
    flat = flat[rows, columns]
    height, width = flat.shape
    way = way.then(shifted(-columns.start, -rows.start)).then(quarter_turn(rotation, width, height))
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
    return ReadyPage(locally_binarised(upright, dpi) if black else upright, dpi, way.inverse())


def _cut(content: Content, width: int, height: int) -> tuple[slice, slice]:
    """Rows and columns of the content, at least a few of each."""
    left, top = min(math.floor(content.left * width), width - 16), min(math.floor(content.top * height), height - 16)
    right, bottom = math.ceil(content.right * width), math.ceil(content.bottom * height)
    return slice(max(top, 0), max(bottom, top + 16)), slice(max(left, 0), max(right, left + 16))
