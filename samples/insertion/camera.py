"""What the reading head gets to see: the mark zone of every sheet's front, drawn by pdfium."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2

from samples.insertion.grouping import Sheet
from samples.insertion.head import Seen, look
from samples.insertion.setting import Setting

DPI = 150
_SHARE = 500

Call = Callable[..., Any]
"""Runs a function with its arguments, in a child process of the caller's choice, and hands back what it returns."""


def sheets_of(
    volumes: Sequence[Path], setting: Setting, duplex: bool, call: Call, side_by_side: int
) -> Iterator[list[Sheet]]:
    """The sheets of each volume in feed order, as the head sees them; a sheet's key is its volume (from 1) and page.

    `call(function, *args)` opens the files, `side_by_side` such calls at a time. Raises what pdfium and `call` raise.
    """
    with ThreadPoolExecutor(max(1, side_by_side)) as pool:
        for number, volume in enumerate(volumes, 1):
            fronts = range(0, call(count_pages, str(volume)), 2 if duplex else 1)
            shares = [fronts[at : at + _SHARE] for at in range(0, len(fronts), _SHARE)]
            seen = pool.map(lambda share, file=str(volume): call(look_at, file, share, setting), shares)
            flat = [one for share in seen for one in share]
            yield [Sheet((number, page + 1), one) for page, one in zip(fronts, flat, strict=True)]


def count_pages(volume: str) -> int:
    """How many pages a volume has."""
    document = pypdfium2.PdfDocument(volume)
    try:
        return len(document)
    finally:
        document.close()


def look_at(volume: str, pages: Sequence[int], setting: Setting) -> list[Seen]:
    """What the head sees of these pages, counted from 0."""
    document = pypdfium2.PdfDocument(volume)
    try:
        return [look(_zone(document[page], setting), setting, DPI) for page in pages]
    finally:
        document.close()


def _zone(page: pypdfium2.PdfPage, setting: Setting) -> np.ndarray:
    width, height = page.get_size()
    left, top, right, bottom = (edge * 72 / 25.4 for edge in setting.head_mm())
    crop = (left, height - bottom, width - right, top)
    bitmap = page.render(scale=DPI / 72, crop=crop, grayscale=True)
    page.close()
    return bitmap.to_numpy().reshape(bitmap.height, bitmap.width).copy()
