"""Whether pages of two PDF files look alike: drawn by the same renderer, compared point by point."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdfium2

Picture = np.ndarray[tuple[int, ...], np.dtype[np.int16]]


@dataclass(frozen=True)
class Closeness:
    """How closely two pages are compared.

    They are drawn at `dpi`, but no longer than `most_px`. Points differ by more than `levels` of 255; they may be at
    most `share` (0 to 1) of all points.
    """

    dpi: float
    most_px: int
    levels: int
    share: float


COARSE = Closeness(dpi=1000, most_px=200, levels=48, share=0.002)
"""Finds a page that is another one, turned, or lacks something large."""
FINE = Closeness(dpi=100, most_px=4000, levels=32, share=0.000002)
"""Finds one small glyph that moved: on a page of A4 a single point may differ."""


def differing_pages(
    pdf: str, source: str, numbers: Sequence[int], closeness: Closeness, among: Collection[int] | None = None
) -> list[int]:
    """Those of the source's pages `numbers` (from 1) that look different in `pdf`, where they stand one by one.

    `among`: compare only these of them. Turns (/Rotate) do not count. Raises pypdfium2.PdfiumError where a page can't
    be drawn.
    """
    before, after = pypdfium2.PdfDocument(source), pypdfium2.PdfDocument(pdf)
    try:
        return [
            number
            for index, number in enumerate(numbers)
            if (among is None or number in among)
            and not _alike(_drawn(before, number - 1, closeness), _drawn(after, index, closeness), closeness)
        ]
    finally:
        before.close()
        after.close()


def _alike(old: Picture, new: Picture, closeness: Closeness) -> bool:
    if old.shape != new.shape:
        return False
    return float((np.abs(old - new) > closeness.levels).mean()) <= closeness.share


def _drawn(document: Any, index: int, closeness: Closeness) -> Picture:
    page = document[index]
    page.set_rotation(0)
    scale = min(closeness.dpi / 72, closeness.most_px / max(page.get_size()))
    bitmap = page.render(scale=scale, grayscale=True)
    picture = np.array(bitmap.to_numpy()).astype(np.int16)
    bitmap.close()
    page.close()
    return picture
