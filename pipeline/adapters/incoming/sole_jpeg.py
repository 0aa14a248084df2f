"""The JPEG of a PDF page that shows nothing but this one picture, as most scanners write pages.

The image library decodes such a stream to gray, and to a half or a quarter of its size, several times faster than the
page is drawn in colour. Whatever could make the page look otherwise than its picture leaves the way to drawing.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2.raw as pdfium_c

from pipeline.adapters.incoming.broken_pictures import is_whole
from pipeline.adapters.incoming.page_annotations import is_annotated
from pipeline.adapters.incoming.pdf_images import images_of
from pipeline.adapters.incoming.pdf_streams import filters_of

_CODED = (["/DCTDecode"], ["/DCT"])
_PLAIN_SPACES = {"/DeviceGray", "/DeviceRGB", "/CalGray", "/CalRGB", "/G", "/RGB"}
_CHANGING = ("/Decode", "/SMask", "/Mask", "/ImageMask", "/DecodeParms", "/OC")
_TOLERANCE = 0.002  # of the page's side


class SoleJpegs:
    """The JPEG streams of a PDF. The file is opened when a page is first asked for; call `close` at the end."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._pdf: pikepdf.Pdf | None = None
        self._whole: dict[int, bool] = {}

    def of(self, page: Any, number: int) -> bytes | None:
        """The JPEG that fills this page (from 1), `page` as the renderer opened it; None where there is more to it."""
        if not _fills(page):
            return None
        try:
            return _stream(self._page(number))
        except (pikepdf.PdfError, IndexError, AttributeError, TypeError, ValueError):
            return None

    def are_whole(self, number: int) -> bool:
        """Whether all pictures of a page (from 1) can be decoded to their end; looked at once."""
        known = self._whole.get(number)
        if known is None:
            try:
                known = all(is_whole(image) for image in images_of(self._page(number)))
            except (pikepdf.PdfError, IndexError):
                known = True  # what the page shows is for the renderer to say
            self._whole[number] = known
        return known

    def is_annotated(self, number: int) -> bool:
        """Whether the annotations of a page (from 1) say or draw something."""
        try:
            return is_annotated(self._page(number))
        except (pikepdf.PdfError, IndexError, TypeError, ValueError):
            return True  # nobody knows; a page too many is harmless

    def _page(self, number: int) -> pikepdf.Object:
        if self._pdf is None:
            self._pdf = pikepdf.open(Path(self._source), suppress_warnings=True)
        return self._pdf.pages[number - 1].obj

    def close(self) -> None:
        """Close the file."""
        if self._pdf is not None:
            self._pdf.close()


def _fills(page: Any) -> bool:
    """Whether the page has one upright, opaque, uncut picture from edge to edge and nothing else."""
    items = list(page.get_objects(max_depth=1))
    if len(items) != 1 or items[0].type != pdfium_c.FPDF_PAGEOBJ_IMAGE:
        return False
    clip = pdfium_c.FPDFPageObj_GetClipPath(items[0])
    if pdfium_c.FPDFClipPath_CountPaths(clip) > 0 or pdfium_c.FPDFPageObj_HasTransparency(items[0]):
        return False
    a, b, c, d, e, f = items[0].get_matrix().get()
    left, bottom, right, top = page.get_bbox()
    wide, high = right - left, top - bottom
    slack = _TOLERANCE * max(wide, high)
    wanted = (wide, 0.0, 0.0, high, left, bottom)
    return all(math.isclose(is_, want, abs_tol=slack) for is_, want in zip((a, b, c, d, e, f), wanted, strict=True))


def _stream(page: pikepdf.Object) -> bytes | None:
    if "/Annots" in page or "/Group" in page:
        return None
    pictures = page.Resources.XObject
    if len(pictures) != 1:
        return None
    image = next(iter(pictures.values()))
    if image.get("/Subtype") != "/Image" or filters_of(image) not in _CODED:
        return None
    if any(key in image for key in _CHANGING) or not _plain(image.get("/ColorSpace")):
        return None
    return image.read_raw_bytes()


def _plain(space: pikepdf.Object | None) -> bool:
    """Whether samples mean gray or red, green and blue."""
    if isinstance(space, pikepdf.Array) and len(space) > 1:
        if space[0] == "/ICCBased":
            return int(space[1].get("/N", 0)) in (1, 3)
        return str(space[0]) in _PLAIN_SPACES
    return str(space) in _PLAIN_SPACES
