"""Marks that stand out from their paper by colour alone: red on brown paper may be as bright as the paper.

Colours are compared as differences from gray (Cr and Cb, ITU-R BT.601) with the paper's around. What is darker than
its paper has been judged by then, and shines through in its colour, so darkness is taken off.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.adapters.incoming.page_colours import Colours
from pipeline.adapters.incoming.page_marks import Mask, Sheet, marks
from pipeline.adapters.incoming.paper_marks import of_paper

_LEVEL = 18.0  # of 255, from the paper's colour; grain, JPEG and what shines through stay below
_NOISE_FOLD = 4.5
_BLUR_MM = 0.2  # scanners shift their colours against each other by a tenth of a mm
_AROUND_MM = 25  # as far as the paper's colour is looked for; odd
_LEAST_LENGTH_MM, _LEAST_AREA_MM2, _LEAST_TOTAL_MM2 = 2.0, 0.5, 1.5
_MARGIN_MM = 3.0
_SOLID_MM2, _SOLID_EDGE = 48.0, 0.5  # the second: rise within 2 mm over the whole; yellowed paper has no such edge
_GRAY, _LID_MM = 12.0, 25.0  # how far the lid beside the sheet is off gray at most, and how deep it lies in the picture
_NEUTRAL = np.full((1, 1, 2), 128, np.uint8)
_MM_PER_INCH = 25.4


def coloured_share(colours: Colours, sheet: Sheet) -> float:
    """How much of the area inside the margins differs from its paper in colour alone, 0 to 1; 0 where no mark does.

    `colours`: the page of `sheet`, of at least 50 dpi.
    """
    chroma = cv2.cvtColor(colours, cv2.COLOR_RGB2YCrCb)[:, :, 1:]
    if int(np.ptp(chroma[:, :, 0])) + int(np.ptp(chroma[:, :, 1])) < _LEVEL:
        return 0.0
    mm = colours.shape[1] / sheet.width_mm
    size = (sheet.coarse.shape[1], sheet.coarse.shape[0])
    coarse = cv2.resize(chroma, size, interpolation=cv2.INTER_AREA)
    paper = np.dstack([cv2.medianBlur(np.ascontiguousarray(coarse[:, :, each]), _AROUND_MM) for each in (0, 1)])
    wide = (colours.shape[1], colours.shape[0])
    soft = cv2.GaussianBlur(chroma, (0, 0), _BLUR_MM * mm)
    off = _distance(soft, cv2.resize(paper, wide, interpolation=cv2.INTER_LINEAR))
    off = np.maximum(off - cv2.resize(sheet.dark, wide, interpolation=cv2.INTER_AREA), 0)
    solid, beside = _zones(coarse, sheet.lid)
    off[cv2.resize(beside, wide, interpolation=cv2.INTER_NEAREST) > 0] = 0
    off[cv2.resize(solid, wide, interpolation=cv2.INTER_NEAREST) > 0] = 255
    own = replace(sheet, dark=np.minimum(off, 255).astype(np.uint8), mm=mm)
    inner = own.inside(_MARGIN_MM)
    level = max(_LEVEL, _noise(inner))
    if not solid.any():
        found = marks(own, level, _LEAST_LENGTH_MM, _LEAST_AREA_MM2)
        papers = set(of_paper(found, own))
        if sum(mark.area_mm2 for mark in found if mark not in papers) < _LEAST_TOTAL_MM2:
            return 0.0
    return round(float(np.count_nonzero(inner >= level)) / inner.size, 6)


def _noise(inner: NDArray[np.uint8]) -> float:
    """What grain may reach."""
    usual, upper = np.percentile(inner[::3, ::3], (50, 75))
    return float(usual + _NOISE_FOLD * (upper - usual) / 0.67)


def _distance(chroma: NDArray[Any], paper: NDArray[Any]) -> NDArray[np.float32]:
    apart = chroma.astype(np.float32) - paper
    return np.asarray(cv2.magnitude(apart[:, :, 0], apart[:, :, 1]), dtype=np.float32)


def _zones(coarse: NDArray[Any], lid: Mask) -> tuple[Mask, Mask]:
    """1 where a zone has another colour than most of the picture: with edges of its own, and beside the sheet.

    A pixel a mm; the latter with 3 mm around it. Zones of the first kind are large, as they would pass for paper; the
    lid is gray and lies at an edge.
    """
    usual = np.median(coarse.reshape(-1, 2), axis=0).astype(np.uint8)
    off = _distance(coarse, np.broadcast_to(usual, coarse.shape))
    apart = (off >= _LEVEL).astype(np.uint8)
    around = np.ones((7, 7), np.uint8)
    apart[cv2.dilate(lid, around) > 0] = 0
    solid, beside = np.zeros_like(apart), lid.copy()
    count, labels, stats, _centres = cv2.connectedComponentsWithStats(apart, connectivity=4)
    rise = cv2.morphologyEx(off, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    down, across = (np.minimum(np.arange(side), np.arange(side)[::-1]) for side in apart.shape)
    depth = np.minimum(down[:, None], across[None, :])
    for label in range(1, count):
        if stats[label, cv2.CC_STAT_AREA] < _SOLID_MM2:
            continue
        zone = labels == label
        gray = _distance(np.median(coarse[zone], axis=0).astype(np.uint8).reshape(1, 1, 2), _NEUTRAL)
        if float(gray[0, 0]) <= _GRAY and depth[zone].min() == 0 and depth[zone].max() <= _LID_MM:
            beside[zone] = 1
            continue
        rim = zone & (cv2.erode(zone.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0)
        if float(np.median(rise[rim])) >= _SOLID_EDGE * float(np.median(off[zone])):
            solid[zone] = 1
    return solid, np.asarray(cv2.dilate(beside, around), dtype=np.uint8)
