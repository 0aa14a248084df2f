"""Pages of a source as gray rasters for reading. The source itself is only looked at, never changed."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import pikepdf
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from pipeline.adapters.incoming import jpeg_file, png_file, tiff_file
from pipeline.adapters.incoming.page_colours import Colours, drawn_colours, image_colours, jpeg_colours
from pipeline.adapters.incoming.page_geometry import plausible_dpi
from pipeline.adapters.incoming.pdf_resolution import PICTURE_SHARE, has_undrawn_picture, scan_resolution
from pipeline.adapters.incoming.sole_jpeg import SoleJpegs
from pipeline.adapters.incoming.tiff_page import jpeg_strips, open_page
from pipeline.domain.errors import Rejected
from pipeline.domain.pages import SourceFacts
from pipeline.domain.recognised import Rotation

Gray = NDArray[np.uint8]

_MAX_READ_PIXELS = 40_000_000  # of a raster that is read; larger pictures are read at a lower resolution
_GLANCE_DPI = 145.0  # at least, where the page has that much; whole steps down from 300 and 600 are 150
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
class Glance:
    """A page as a small gray raster with square pixels, as it is stored; `dpi`: about 145 to 290, less if it has less.

    `has_text`: it shows words that a program set.
    """

    gray: Gray
    dpi: float
    has_text: bool = False


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

    def glance(self, number: int) -> Glance:
        """The page as a small raster, decoded the cheapest way. Raises like `page`."""
        ...

    def colours(self, number: int) -> Colours | None:
        """The page in colours, as small as for a glance or smaller; None where it has none. Raises like `page`.

        Dearer than a glance: all its pictures are looked at to their end.
        """
        ...

    def annotated(self, number: int) -> bool:
        """Whether a field of the page is filled in, or an annotation says or draws something, drawn or not."""
        ...


@contextmanager
def open_pictures(source: str, facts: SourceFacts) -> Iterator[PictureSource]:
    """The pages of a source that `inspect_scan` accepted. The source is opened once; a late page costs no more."""
    Image.MAX_IMAGE_PIXELS = None  # sizes were checked from the headers
    if facts.type == "pdf":
        document = pypdfium2.PdfDocument(source)
        jpegs = SoleJpegs(source)
        try:
            units = user_units(source) if "user-units" in facts.remarks else {}
            yield PdfPictures(document, jpegs, "has-text" in facts.remarks, units)
        finally:
            jpegs.close()
            document.close()
        return
    yield ImagePictures(source, facts)


def user_units(source: str) -> dict[int, float]:
    """How many points the unit of each page (from 1) of a PDF has, where that isn't one."""
    with pikepdf.open(source, suppress_warnings=True) as pdf:
        units = {number: float(page.obj.get("/UserUnit", 1)) for number, page in enumerate(pdf.pages, 1)}
    return {number: unit for number, unit in units.items() if unit != 1.0 and unit > 0}


def media_size(page: Any) -> tuple[float, float]:
    """Width and height of what a page shows, in its own units, before its /Rotate."""
    width, height = page.get_size()
    return (height, width) if page.get_rotation() in (90, 270) else (width, height)


@dataclass(frozen=True)
class PdfPictures:
    """Pages of a PDF, drawn without their /Rotate. `jpegs`: to decode pages that are nothing but a JPEG.

    `units`: how many points the unit of a page (from 1) has, where that isn't one.
    """

    document: Any
    jpegs: SoleJpegs | None = None
    may_have_text: bool = False
    units: Mapping[int, float] = field(default_factory=dict)

    def page(self, number: int) -> PagePicture:
        """Draw a page at the resolution of the picture that covers it."""
        page = self.document[number - 1]
        try:
            hint: Rotation = page.get_rotation()
            unit = self.units.get(number, 1.0)
            width_pt, height_pt = (side * unit for side in media_size(page))
            dpi, size, share = scan_resolution(page, width_pt, height_pt, unit)
            if share >= PICTURE_SHARE:
                self._check_pictures(number)
            width_px, height_px = size or (round(width_pt / 72 * dpi), round(height_pt / 72 * dpi))
            shrink = min(1.0, math.sqrt(_MAX_READ_PIXELS / (width_px * height_px)))
            gray = self._decoded(page, number, (width_px, height_px)) if size and shrink == 1.0 else None
            if gray is None:
                gray = _drawn(page, width_px * shrink / width_pt * unit, number)
        except pypdfium2.PdfiumError as error:
            raise Rejected("pdf-damaged", "Die Seite lässt sich nicht darstellen.", page=number) from error
        finally:
            page.close()
        return PagePicture(
            width_px, height_px, width_px / width_pt * 72, height_px / height_pt * 72, hint, gray, False, share
        )

    def glance(self, number: int) -> Glance:
        """Draw a page small."""
        page = self.document[number - 1]
        try:
            unit = self.units.get(number, 1.0)
            width_pt, height_pt = (side * unit for side in media_size(page))
            dpi, size, share = scan_resolution(page, width_pt, height_pt, unit)
            dpi = size[0] / width_pt * 72 if size else dpi
            step = _step(dpi)
            gray = self._decoded(page, number, (size[0] // step, size[1] // step)) if size else None
            if gray is None:
                most = math.sqrt(_MAX_READ_PIXELS / (width_pt * height_pt)) * 72
                gray = _drawn(page, min(dpi / step, most) / 72 * unit, number)
            has_text = self.may_have_text and share < PICTURE_SHARE and _shows_text(page)
            return Glance(gray, gray.shape[1] / width_pt * 72, has_text)
        except pypdfium2.PdfiumError as error:
            raise Rejected("pdf-damaged", "Die Seite lässt sich nicht darstellen.", page=number) from error
        finally:
            page.close()

    def colours(self, number: int) -> Colours | None:
        """Draw a page small in colours."""
        page = self.document[number - 1]
        try:
            self._check_pictures(number)
            unit = self.units.get(number, 1.0)
            width_pt, height_pt = (side * unit for side in media_size(page))
            data = self.jpegs.of(page, number) if self.jpegs is not None else None
            if data is not None:
                return jpeg_colours(data, width_pt / 72)
            return drawn_colours(page, unit, math.sqrt(_MAX_READ_PIXELS / (width_pt * height_pt)) * 72)
        except (pypdfium2.PdfiumError, OSError, SyntaxError, ValueError) as error:
            raise Rejected("pdf-damaged", "Die Seite lässt sich nicht darstellen.", page=number) from error
        finally:
            page.close()

    def annotated(self, number: int) -> bool:
        """Whether its annotations say something."""
        return self.jpegs is not None and self.jpegs.is_annotated(number)

    def _check_pictures(self, number: int) -> None:
        if self.jpegs is not None and not self.jpegs.are_whole(number):
            raise Rejected("pdf-damaged", "Das Bild der Seite bricht ab oder ist beschädigt.", page=number)

    def _decoded(self, page: Any, number: int, least: tuple[int, int]) -> Gray | None:
        """The page's only picture, not much larger than `least` and not smaller; None where it has to be drawn."""
        data = self.jpegs.of(page, number) if self.jpegs is not None else None
        if data is None:
            return None
        try:
            with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
                full = image.size
                image.draft("L", least)
                if image.mode != "L":
                    return None
                gray = np.array(image)
        except (OSError, SyntaxError, ValueError):
            return None  # drawn as far as it goes, like any other picture
        step = max(1, round(full[0] / max(gray.shape[1], 1)))
        wanted = (-(-full[0] // step), -(-full[1] // step))
        return gray if gray.shape == wanted[::-1] else None


def _drawn(page: Any, scale: float, number: int) -> Gray:
    """The page in gray without its /Rotate, `scale` pixels a unit. Raises Rejected `pdf-damaged`."""
    page.set_rotation(0)
    bitmap = page.render(scale=scale, grayscale=True)
    gray = np.array(bitmap.to_numpy()).reshape(bitmap.height, bitmap.width)
    bitmap.close()
    if has_undrawn_picture(page, gray):
        raise Rejected("pdf-damaged", "Ein Bild der Seite lässt sich nicht entpacken.", page=number)
    return gray


def _shows_text(page: Any) -> bool:
    text = page.get_textpage()
    try:
        return bool(text.get_text_bounded().strip())
    finally:
        text.close()


def _step(dpi: float) -> int:
    """By what a raster is divided for a glance."""
    return max(1, int(dpi / _GLANCE_DPI))


def _reduced(gray: Gray, size: tuple[int, int]) -> Gray:
    """The raster at about this width and height; by whole steps where that comes within a pixel, which is quick."""
    high, wide = gray.shape
    step = max(1, round(wide / size[0]))
    if abs(wide / step - size[0]) <= 1 and abs(high / step - size[1]) <= 1:
        if step == 1:
            return gray
        gray = gray[: high // step * step, : wide // step * step]
        size = (wide // step, high // step)
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


@dataclass(frozen=True)
class ImagePictures:
    """Pages of an image file, as stored; a mirrored one is turned over first."""

    source: str
    facts: SourceFacts

    def page(self, number: int) -> PagePicture:
        """Decode a page to gray."""
        told, orientation, _size = self._told(number)
        gray = self._decoded(number, orientation, 1)
        height, width = gray.shape
        dpi, assumed = plausible_dpi(told, width, height)
        return PagePicture(width, height, dpi[0], dpi[1], orientation.rotation, gray, assumed)

    def glance(self, number: int) -> Glance:
        """Decode a page to small gray."""
        told, orientation, (width, height) = self._told(number)
        dpi, _assumed = plausible_dpi(told, width, height)
        gray = self._decoded(number, orientation, _step(min(dpi)))
        least = min(dpi) / _step(min(dpi))
        size = (max(1, round(width / dpi[0] * least)), max(1, round(height / dpi[1] * least)))
        return Glance(_reduced(gray, size), least)

    def colours(self, number: int) -> Colours | None:
        """Decode a page to small colours."""
        told, orientation, (width, height) = self._told(number)
        dpi, _assumed = plausible_dpi(told, width, height)
        try:
            with self._opened(number) as image:
                found = image_colours(image, dpi)
        except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as error:
            raise Rejected("image-damaged", "Das Seitenbild lässt sich nicht entpacken.", page=number) from error
        return np.ascontiguousarray(found[:, ::-1]) if found is not None and orientation.mirrored else found

    def annotated(self, _number: int) -> bool:
        """An image has no annotations."""
        return False

    def _decoded(self, number: int, orientation: Orientation, step: int) -> Gray:
        """The page in gray, perhaps already smaller by up to `step`."""
        try:
            strips = jpeg_strips(self.source, self._tiff_page(number)) if self.facts.type == "tiff" else []
            gray = _stacked(strips, step)
            if gray is None:
                with self._opened(number) as image:
                    if image.format == "JPEG" and image.mode in ("L", "RGB"):
                        image.draft("L", (image.width // step, image.height // step))
                    gray = _gray(image)
        except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as error:
            raise Rejected("image-damaged", "Das Seitenbild lässt sich nicht entpacken.", page=number) from error
        return np.ascontiguousarray(gray[:, ::-1]) if orientation.mirrored else gray

    def _tiff_page(self, number: int) -> tiff_file.TiffPage:
        try:
            return tiff_pages(self.source)[number - 1]
        except tiff_file.BadTiff as error:
            raise Rejected("image-damaged", "Das Seitenverzeichnis ist zerstört.", page=number) from error

    @contextmanager
    def _opened(self, number: int) -> Iterator[Image.Image]:
        """The page as an image that is not decoded yet."""
        if self.facts.type == "tiff":
            with open_page(self.source, self._tiff_page(number)) as image:
                yield image
        else:
            with Image.open(self.source) as image:
                yield image

    def _told(self, number: int) -> tuple[tuple[float, float] | None, Orientation, tuple[int, int]]:
        """Resolution, orientation and size in pixels as the file tells them."""
        if self.facts.type == "tiff":
            page = self._tiff_page(number)
            return page.dpi, orientation_of(page.orientation), (page.width_px, page.height_px)
        data = Path(self.source).read_bytes()
        if self.facts.type == "jpeg":
            jpeg = jpeg_file.read_jpeg(data)
            return jpeg.dpi, orientation_of(jpeg.orientation), (jpeg.width_px, jpeg.height_px)
        png = png_file.read_png(data)
        return png.dpi, orientation_of(1), (png.width_px, png.height_px)


def tiff_pages(source: str) -> Sequence[tiff_file.TiffPage]:
    """The pages of a TIFF file; reduced pictures are none. The chain of a file that has not changed is walked once."""
    state = Path(source).stat()
    return _tiff_pages(source, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=2)
def _tiff_pages(source: str, _changed_ns: int, _size: int) -> Sequence[tiff_file.TiffPage]:
    return tiff_file.TiffPages(source)


def _stacked(strips: Sequence[bytes], step: int) -> Gray | None:
    """The brightness of JPEG strips one under the other, perhaps smaller by up to `step`; None for no strips."""
    parts = []
    for strip in strips:
        with Image.open(io.BytesIO(strip), formats=("JPEG",)) as image:
            if image.mode not in ("L", "RGB"):
                return None
            image.draft("L", (image.width // min(step, 8), max(1, image.height // min(step, 8))))
            parts.append(np.asarray(image, dtype=np.uint8))
    same = {part.shape[1] for part in parts}
    return np.vstack(parts) if len(same) == 1 else None


def _gray(image: Image.Image) -> Gray:
    """The picture in 8-bit gray, transparent places white."""
    image.load()
    if image.mode == "1":
        rows = np.frombuffer(image.tobytes(), np.uint8).reshape(image.height, -1)
        return np.asarray(np.unpackbits(rows, axis=1, count=image.width) * np.uint8(255), dtype=np.uint8)
    if image.mode in ("I;16", "I;16B", "I;16L", "I", "F"):
        samples = np.asarray(image).astype(np.float64)
        top = 65535.0 if image.mode.startswith("I;16") or samples.max(initial=0) > 255 else 255.0
        return np.clip(samples / top * 255, 0, 255).astype(np.uint8)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layered = image.convert("RGBA")
        paper = Image.new("RGBA", layered.size, (255, 255, 255, 255))
        return np.array(Image.alpha_composite(paper, layered).convert("L"))
    return np.array(image.convert("L"))
