"""Pages of a source as gray rasters for reading. The source itself is only looked at, never changed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from pipeline.adapters.incoming import jpeg_file, png_file, tiff_file
from pipeline.adapters.incoming.page_geometry import plausible_dpi
from pipeline.domain.errors import Rejected
from pipeline.domain.pages import SourceFacts
from pipeline.domain.recognised import Rotation

Gray = NDArray[np.uint8]

_MAX_READ_PIXELS = 40_000_000  # of a raster that is read; larger pictures are read at a lower resolution
_DRAWN_DPI = 300.0  # for pages that are drawn, not scanned
_MIN_DPI, _MAX_DPI = 72.0, 600.0
_PICTURE_SHARE = 0.3  # of the page's area, from which a picture decides on its resolution
_ROTATIONS: dict[int, Rotation] = {1: 0, 2: 0, 3: 180, 4: 180, 5: 270, 6: 90, 7: 90, 8: 270}
_MIRRORED = {2, 4, 5, 7}


@dataclass(frozen=True)
class PagePicture:
    """A page to read. `gray`: its raster, perhaps smaller than the page picture of `width_px` by `height_px`.

    `hint`: the clockwise turn that the source asks for. `assumed_dpi`: the source tells no usable resolution.
    `picture_share`: how much of the page its pictures cover, 0 to 1.
    """

    width_px: int
    height_px: int
    dpi_x: float
    dpi_y: float
    hint: Rotation
    gray: Gray
    assumed_dpi: bool
    picture_share: float = 1.0


@dataclass(frozen=True)
class Orientation:
    """What an Exif or TIFF orientation of 1 to 8 asks for: a mirroring left to right first, then a clockwise turn."""

    mirrored: bool
    rotation: Rotation


def orientation_of(value: int) -> Orientation:
    """The meaning of an orientation value (TIFF 6.0, tag 274)."""
    return Orientation(value in _MIRRORED, _ROTATIONS.get(value, 0))


class PictureSource(Protocol):
    """Pages by their number, from 1."""

    def page(self, number: int) -> PagePicture:
        """The page as a raster. Raises Rejected `image-damaged` or `pdf-damaged` where it can't be decoded."""
        ...


@contextmanager
def open_pictures(source: str, facts: SourceFacts) -> Iterator[PictureSource]:
    """The pages of a source that `inspect_scan` accepted."""
    Image.MAX_IMAGE_PIXELS = None  # sizes were checked from the headers
    if facts.type == "pdf":
        document = pypdfium2.PdfDocument(source)
        try:
            yield PdfPictures(document)
        finally:
            document.close()
        return
    with Image.open(source) as image:
        yield ImagePictures(image, source, facts)


def media_size(page: Any) -> tuple[float, float]:
    """Width and height in points of what a page shows, before its /Rotate."""
    width, height = page.get_size()
    return (height, width) if page.get_rotation() in (90, 270) else (width, height)


@dataclass(frozen=True)
class PdfPictures:
    """Pages of a PDF, drawn without their /Rotate."""

    document: Any

    def page(self, number: int) -> PagePicture:
        """Draw a page at the resolution of the picture that covers it."""
        page = self.document[number - 1]
        try:
            hint: Rotation = page.get_rotation()
            width_pt, height_pt = media_size(page)
            dpi, size, share = _resolution(page, width_pt, height_pt)
            page.set_rotation(0)
            width_px, height_px = size or (round(width_pt / 72 * dpi), round(height_pt / 72 * dpi))
            shrink = min(1.0, math.sqrt(_MAX_READ_PIXELS / (width_px * height_px)))
            bitmap = page.render(scale=width_px * shrink / width_pt, grayscale=True)
            gray = np.array(bitmap.to_numpy()).reshape(bitmap.height, bitmap.width)
            bitmap.close()
        except pypdfium2.PdfiumError as error:
            raise Rejected("pdf-damaged", "Die Seite lässt sich nicht darstellen.", page=number) from error
        finally:
            page.close()
        return PagePicture(
            width_px, height_px, width_px / width_pt * 72, height_px / height_pt * 72, hint, gray, False, share
        )


def _resolution(page: Any, width_pt: float, height_pt: float) -> tuple[float, tuple[int, int] | None, float]:
    """Dots per inch, the size in pixels where one upright picture fills the page, and the share pictures cover."""
    best, share = 0.0, 0.0
    filling: tuple[int, int] | None = None
    for item in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        matrix = item.get_matrix()
        a, b, c, d = matrix.get()[:4]
        width, height = math.hypot(a, b), math.hypot(c, d)
        try:
            columns, rows = item.get_px_size()
        except pypdfium2.PdfiumError:
            continue
        if min(width, height) <= 0 or min(columns, rows) < 1:
            continue
        part = width * height / (width_pt * height_pt)
        share += part
        if part >= _PICTURE_SHARE:
            best = max(best, columns / width * 72, rows / height * 72)
            upright = a > 0 and d > 0 and abs(b) + abs(c) < 1e-3 * (a + d)
            same = abs(width - width_pt) < 0.01 * width_pt and abs(height - height_pt) < 0.01 * height_pt
            filling = (columns, rows) if upright and same and filling is None else None
    if best == 0.0:
        return _DRAWN_DPI, None, min(share, 1.0)
    if filling is not None and abs(filling[0] / width_pt - filling[1] / height_pt) > 0.02 * filling[0] / width_pt:
        filling = None
    return min(max(best, _MIN_DPI), _MAX_DPI), filling, min(share, 1.0)


@dataclass(frozen=True)
class ImagePictures:
    """Pages of an image file, as stored; a mirrored one is turned over first."""

    image: Image.Image
    source: str
    facts: SourceFacts

    def page(self, number: int) -> PagePicture:
        """Decode a page to gray."""
        told, orientation = self._told(number)
        try:
            gray = np.array(_gray(self.image))
        except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as error:
            raise Rejected("image-damaged", "Das Seitenbild lässt sich nicht entpacken.", page=number) from error
        if orientation.mirrored:
            gray = np.ascontiguousarray(gray[:, ::-1])
        height, width = gray.shape
        dpi, assumed = plausible_dpi(told, width, height)
        return PagePicture(width, height, dpi[0], dpi[1], orientation.rotation, gray, assumed)

    def _told(self, number: int) -> tuple[tuple[float, float] | None, Orientation]:
        """Resolution and orientation as the file tells them; moves to the page of a TIFF file."""
        if self.facts.type == "tiff":
            page = tiff_pages(self.source)[number - 1]
            self.image.seek(page.index)
            return page.dpi, orientation_of(page.orientation)
        data = Path(self.source).read_bytes()
        if self.facts.type == "jpeg":
            jpeg = jpeg_file.read_jpeg(data)
            return jpeg.dpi, orientation_of(jpeg.orientation)
        return png_file.read_png(data).dpi, orientation_of(1)


def tiff_pages(source: str) -> tuple[tiff_file.TiffPage, ...]:
    """The pages of a TIFF file; reduced pictures are none. A file that has not changed is read once."""
    state = Path(source).stat()
    return _tiff_pages(source, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=2)
def _tiff_pages(source: str, _changed_ns: int, _size: int) -> tuple[tiff_file.TiffPage, ...]:
    return tuple(page for page in tiff_file.read_tiff(source) if not page.reduced)


def _gray(image: Image.Image) -> Image.Image:
    """The picture in 8-bit gray, transparent places white."""
    image.load()
    if image.mode in ("I;16", "I;16B", "I;16L", "I", "F"):
        samples = np.asarray(image).astype(np.float64)
        top = 65535.0 if image.mode.startswith("I;16") or samples.max(initial=0) > 255 else 255.0
        return Image.fromarray(np.clip(samples / top * 255, 0, 255).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layered = image.convert("RGBA")
        paper = Image.new("RGBA", layered.size, (255, 255, 255, 255))
        return Image.alpha_composite(paper, layered).convert("L")
    return image.convert("L")
