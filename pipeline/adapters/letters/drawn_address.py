"""An address that is there to see but not as text is recognised: a picture, curves, a font that tells nothing.

It is read twice, at two resolutions, and counts only if both readings say the same and every word of it reaches the
job's confidence: a postcode is never guessed. Runs in a confined child.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium

from pipeline.adapters.incoming.raster_words import RasterLine
from pipeline.adapters.incoming.tesseract_call import ReadingTimeout, Way, read_pictures, write_picture
from pipeline.adapters.letters.text_lines import TextLine
from pipeline.adapters.letters.window import UNREADABLE, WindowReading, choose_form, region_of
from pipeline.domain.address import PostalAddress, parse_address
from pipeline.domain.address_field import Field
from pipeline.domain.address_traces import seems_address
from pipeline.domain.geometry import A4_HEIGHT_MM, A4_WIDTH_MM, POINTS_PER_MM, Rect
from pipeline.domain.profiles import AddressForm

_DPIS = (300, 400)
_WAY = Way("deu", one_block=True)
# From the height of letters to that of a font's box, which is what sizes of text lines are.
_BOX_EM = 1.16


def recognise_window(
    page: pdfium.PdfPage,
    forms: Sequence[AddressForm],
    fields: Mapping[AddressForm, Field],
    least_confidence: float,
) -> WindowReading:
    """Recognise the address on a normalised A4 page; `least_confidence`: of every word of it, 0 to 100.

    The code is `address-unreadable` where it can't be told with that confidence. Raises what `read_pictures` raises
    where recognition is not installed.
    """
    readings = []
    for dpi in _DPIS:
        reading = _read(page, forms, fields, dpi)
        if reading.address is None:
            return _unreadable(f"Die Texterkennung fand darin keine vollständige Anschrift ({reading.detail})")
        if reading.confidence < least_confidence:
            share = f"{reading.confidence:.0f} von verlangten {least_confidence:.0f} Prozent"
            return _unreadable(f"Die Texterkennung ist sich nicht sicher genug: {share}.")
        readings.append(reading)
    first, second = readings
    if (first.form, first.address) != (second.form, second.address):
        return _unreadable("Die Texterkennung las die Anschrift zweimal verschieden.")
    return replace(first, confidence=min(first.confidence, second.confidence))


def shows_address(page: pdfium.PdfPage, region: Rect) -> bool:
    """Whether a place of a normalised A4 page shows what is recognised as an address, or is meant as one."""
    lines = [line.text for line, _ in _lines(page, region, _DPIS[0])]
    return isinstance(parse_address(lines), PostalAddress) or seems_address(lines)


def _unreadable(why: str) -> WindowReading:
    detail = f"Die Anschrift liegt nicht als Text vor. {why}"
    return WindowReading(None, None, detail, code=UNREADABLE)


def _read(
    page: pdfium.PdfPage, forms: Sequence[AddressForm], fields: Mapping[AddressForm, Field], dpi: int
) -> WindowReading:
    region = region_of([fields[form] for form in forms])
    words = _lines(page, region, dpi)
    reading = choose_form([line for line, _ in words], forms, fields)
    sure = [confidence for line, confidence in words if line in reading.lines]
    return replace(reading, confidence=min(sure, default=0.0))


def _lines(page: pdfium.PdfPage, region: Rect, dpi: int) -> list[tuple[TextLine, float]]:
    """The lines that are seen in a region, top to bottom, each with the confidence of its least certain word."""
    margins_mm = (region.left_mm, A4_HEIGHT_MM - region.bottom_mm, A4_WIDTH_MM - region.right_mm, region.top_mm)
    bitmap = page.render(
        scale=dpi / 72,
        crop=tuple(margin * POINTS_PER_MM for margin in margins_mm),
        may_draw_forms=False,
        grayscale=True,
        fill_color=(255, 255, 255, 255),
    )
    try:
        picture = bitmap.to_numpy()
        raster = np.ascontiguousarray(picture.reshape(picture.shape[:2]))
        with tempfile.TemporaryDirectory(prefix="window-") as folder:
            base = Path(folder) / "window"
            (blocks,) = read_pictures([write_picture(raster, dpi, base)], base, _WAY)
    except ReadingTimeout:
        return []
    finally:
        bitmap.close()
    found = [_placed(line, region, dpi / 25.4) for block in blocks for line in block.lines if line.words]
    return sorted(found, key=lambda pair: (pair[0].baseline_mm, pair[0].left_mm))


def _placed(line: RasterLine, region: Rect, px_per_mm: float) -> tuple[TextLine, float]:
    text = " ".join(word.text for word in line.words)
    placed = TextLine(
        text,
        region.left_mm + line.words[0].left / px_per_mm,
        region.left_mm + line.words[-1].right / px_per_mm,
        region.top_mm + line.base / px_per_mm,
        _BOX_EM * line.size / px_per_mm,
        readable=True,
    )
    return placed, min(word.confidence for word in line.words)
