"""Whether something is printed where a page is larger than the sheet: it would be cut off without a trace."""

from __future__ import annotations

import numpy as np
import pypdfium2 as pdfium

from pipeline.adapters.letters.overhang import Overhang

_DPI = 100
_INK_BELOW = 250


def is_printed_on(page: pdfium.PdfPage, overhang: Overhang) -> bool:
    """Whether the page shows anything but white there. `page`: of the source, as it came."""
    bitmap = page.render(scale=_DPI / 72, fill_color=(255, 255, 255, 255))
    try:
        picture = bitmap.to_numpy()
        high, wide = picture.shape[:2]
        strips = (
            picture[:, : round(overhang.left * wide)],
            picture[:, wide - round(overhang.right * wide) :],
            picture[: round(overhang.top * high)],
            picture[high - round(overhang.bottom * high) :],
        )
        return any(strip.size and int(np.min(strip)) < _INK_BELOW for strip in strips)
    finally:
        bitmap.close()
