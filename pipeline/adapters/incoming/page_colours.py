"""Pages as small pictures in colour, for marks that have the brightness of their paper."""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Colours = NDArray[np.uint8]
"""Red, green and blue, 0 to 255; rows, columns, colours."""

_LEAST_DPI = 72.0  # where the page has that much
_COLOURLESS = frozenset({"1", "L", "LA", "I", "F", "I;16", "I;16B", "I;16L"})  # modes of the image library


def image_colours(image: Image.Image, dpi: tuple[float, float]) -> Colours | None:
    """An image that is not decoded yet, with square pixels; None where it has only brightness.

    `dpi`: its resolution across and down. Raises OSError, SyntaxError or ValueError where it can't be decoded.
    """
    if image.mode in _COLOURLESS:
        return None
    step = max(1, int(min(dpi) / _LEAST_DPI))
    width, height = image.size
    if image.format == "JPEG":
        image.draft("RGB", (width // step, height // step))
    share = min(dpi) / step
    size = (max(1, round(width / dpi[0] * share)), max(1, round(height / dpi[1] * share)))
    return np.asarray(cv2.resize(np.array(image.convert("RGB")), size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def jpeg_colours(data: bytes, width_inch: float) -> Colours | None:
    """A JPEG that fills a page of this width with square pixels; None where it has only brightness.

    Raises like `image_colours`.
    """
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        dpi = image.width / width_inch
        return image_colours(image, (dpi, dpi))


def drawn_colours(page: Any, unit: float, most_dpi: float) -> Colours:
    """A page as the renderer draws it without its /Rotate. `unit`: points that its own unit has."""
    page.set_rotation(0)
    bitmap = page.render(scale=min(_LEAST_DPI, most_dpi) / 72 * unit, rev_byteorder=True)
    try:
        return np.ascontiguousarray(np.array(bitmap.to_numpy())[:, :, :3])
    finally:
        bitmap.close()
