"""Pages of a source as small pictures for a person's eyes, and as a PDF that goes back; runs in a confined child."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pikepdf
import pypdfium2
from PIL import Image, UnidentifiedImageError

from pipeline.adapters.incoming import jpeg_file
from pipeline.adapters.incoming.page_geometry import plausible_dpi
from pipeline.adapters.incoming.page_pictures import media_size, orientation_of, tiff_pages
from pipeline.adapters.incoming.picture_pages import Built, add_picture_page
from pipeline.adapters.incoming.tiff_page import open_page
from pipeline.domain.errors import Rejected
from pipeline.domain.pages import SourceFacts
from pipeline.domain.recognised import Rotation

_MAX_PIXELS = 6_000_000  # of one picture: an A3 page at 200 dpi
_AS_THEY_ARE: dict[str, Any] = {  # streams byte for byte, the same file each time
    "deterministic_id": True,
    "stream_decode_level": pikepdf.StreamDecodeLevel.none,
    "compress_streams": False,
}
_TURNS = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}


def print_name(page: int) -> str:
    """The file name of a source page's picture: `page-00012.png`."""
    return f"page-{page:05d}.png"


class _Prints(Protocol):
    def draw(self, page: int, dpi: int, turn: Rotation | None) -> Image.Image:
        """A page upright: turned clockwise by `turn` from how it is stored, or as the source itself asks."""
        ...


def draw_pages(
    source: str, facts: SourceFacts, pages: Sequence[int], out_dir: str, dpi: int, turns: Mapping[int, Rotation]
) -> None:
    """Draw source pages (from 1) at about `dpi` as PNG files named by `print_name`, each whole or absent.

    `turns`: how far a page must be turned clockwise from how it is stored, where that is known; else as the source
    asks. Raises Rejected `image-damaged` or `pdf-damaged` for a page that can't be shown.
    """
    with _open(source, facts) as prints:
        for page in pages:
            target = Path(out_dir) / print_name(page)
            part = target.with_suffix(".part")
            picture = prints.draw(page, dpi, turns.get(page))
            picture.save(part, format="PNG", dpi=(dpi, dpi))
            part.replace(target)


def copy_pages(source: str, facts: SourceFacts, pages: Sequence[int], out_pdf: str) -> None:
    """Write source pages (from 1) as one PDF: of a PDF the pages as they are, of a picture file its own coded bytes.

    Raises Rejected `image-damaged` or `pdf-damaged` where a page can't be taken over.
    """
    with pikepdf.new() as pdf:
        if facts.type == "pdf":
            try:
                with pikepdf.open(source, suppress_warnings=True) as original:
                    for page in pages:
                        pdf.pages.append(original.pages[page - 1])
                    pdf.save(out_pdf, **_AS_THEY_ARE)
            except (pikepdf.PdfError, IndexError) as error:
                raise Rejected("pdf-damaged", "Die Seiten lassen sich nicht herauslösen.") from error
            return
        for page in pages:
            add_picture_page(pdf, source, facts.type, page, Built())
        pdf.save(out_pdf, **_AS_THEY_ARE)


@contextmanager
def _open(source: str, facts: SourceFacts) -> Iterator[_Prints]:
    Image.MAX_IMAGE_PIXELS = None  # sizes were checked from the headers
    if facts.type == "pdf":
        document = pypdfium2.PdfDocument(source)
        try:
            yield _PdfPrints(document)
        finally:
            document.close()
        return
    yield _ImagePrints(source, facts)


class _PdfPrints:
    def __init__(self, document: Any) -> None:
        self._document = document

    def draw(self, page: int, dpi: int, turn: Rotation | None) -> Image.Image:
        try:
            opened = self._document[page - 1]
            try:
                if turn is not None:
                    opened.set_rotation(turn)
                width_pt, height_pt = media_size(opened)
                wanted = dpi / 72
                scale = min(wanted, math.sqrt(_MAX_PIXELS / max(width_pt * height_pt, 1.0)))
                bitmap = opened.render(scale=scale)
                picture: Image.Image = bitmap.to_pil().convert("RGB")
                bitmap.close()
            finally:
                opened.close()
        except pypdfium2.PdfiumError as error:
            raise Rejected("pdf-damaged", "Die Seite lässt sich nicht darstellen.", page=page) from error
        return picture


class _ImagePrints:
    def __init__(self, source: str, facts: SourceFacts) -> None:
        self._source = source
        self._facts = facts

    def draw(self, page: int, dpi: int, turn: Rotation | None) -> Image.Image:
        try:
            with self._opened(page) as (image, told, orientation_value):
                picture = _on_paper(image)
        except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as error:
            raise Rejected("image-damaged", "Das Seitenbild lässt sich nicht entpacken.", page=page) from error
        orientation = orientation_of(orientation_value)
        (dpi_x, dpi_y), _assumed = plausible_dpi(told, *picture.size)
        width, height = picture.width * dpi / dpi_x, picture.height * dpi / dpi_y
        shrink = min(1.0, math.sqrt(_MAX_PIXELS / (width * height)))
        size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        picture = picture.resize(size, Image.Resampling.BOX if size[0] < picture.width else Image.Resampling.BILINEAR)
        if orientation.mirrored:
            picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        quarter = _TURNS.get(orientation.rotation if turn is None else turn)
        return picture if quarter is None else picture.transpose(quarter)

    @contextmanager
    def _opened(self, page: int) -> Iterator[tuple[Image.Image, tuple[float, float] | None, int]]:
        """The picture as it is stored, with resolution and orientation as the file tells them."""
        if self._facts.type == "tiff":
            found = tiff_pages(self._source)[page - 1]
            with open_page(self._source, found, checked=False) as image:
                yield image, found.dpi, found.orientation
            return
        with Image.open(self._source) as image:
            if self._facts.type == "jpeg":
                jpeg = jpeg_file.read_jpeg(Path(self._source).read_bytes())
                yield image, jpeg.dpi, jpeg.orientation
            else:
                dpi = image.info.get("dpi")
                yield image, (float(dpi[0]), float(dpi[1])) if isinstance(dpi, tuple) and len(dpi) == 2 else None, 1


def _on_paper(image: Image.Image) -> Image.Image:
    """The picture in RGB, transparent places white."""
    image.load()
    if image.mode.startswith("I") or image.mode == "F":
        samples = np.asarray(image).astype(np.float64)
        top = 65535.0 if image.mode.startswith("I;16") or samples.max(initial=0) > 255 else 255.0
        return Image.fromarray(np.clip(samples / top * 255, 0, 255).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layered = image.convert("RGBA")
        paper = Image.new("RGBA", layered.size, (255, 255, 255, 255))
        return Image.alpha_composite(paper, layered).convert("RGB")
    return image.convert("RGB")
