"""PDF pages around the pictures of an image file, with the file's own coded bytes wherever PDF can take them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

from pipeline.adapters.incoming import jpeg_file, png_file
from pipeline.adapters.incoming.inline_pictures import frames_fit, inline_operators
from pipeline.adapters.incoming.page_geometry import plausible_dpi
from pipeline.adapters.incoming.page_pictures import orientation_of, tiff_pages
from pipeline.adapters.incoming.picture_streams import (
    GRAY,
    RGB,
    Built,
    Strip,
    colour_space,
    decoded_stream,
    image_stream,
    own,
)
from pipeline.adapters.incoming.tiff_strips import tiff_strips
from pipeline.domain.errors import Rejected

__all__ = ["Built", "add_picture_page", "decoded_stream"]

_INVERTED_CMYK = [1, 0] * 4


def add_picture_page(
    pdf: pikepdf.Pdf, source: str, kind: str, number: int, built: Built, words: int | None = None
) -> None:
    """Append the page of this number (from 1) of a TIFF, JPEG or PNG file to `pdf`.

    Its size follows from pixels and resolution. `words`: how many will be laid over it, where the size rule of
    archive files is to be kept; then strips that can't afford a frame each stand among the operators.
    Raises Rejected `image-damaged` where a picture can't be decoded.
    """
    if kind == "tiff":
        page = tiff_pages(source)[number - 1]
        strips = tiff_strips(pdf, source, page, number, built)
        size, told, orientation = (page.width_px, page.height_px), page.dpi, page.orientation
    elif kind == "jpeg":
        data = Path(source).read_bytes()
        jpeg = jpeg_file.read_jpeg(data)
        strips = [Strip(_jpeg_stream(pdf, data, jpeg, built), jpeg.height_px)]
        size, told, orientation = (jpeg.width_px, jpeg.height_px), jpeg.dpi, jpeg.orientation
    else:
        png = png_file.read_png(Path(source).read_bytes())
        strips = [Strip(_png_stream(pdf, source, png, built), png.height_px)]
        size, told, orientation = (png.width_px, png.height_px), png.dpi, 1
    dpi, assumed = plausible_dpi(told, *size)
    if assumed:
        built.remarks.append(f"page {number}: resolution assumed, {dpi[0]:.0f} dpi")
    if orientation_of(orientation).mirrored:
        built.remarks.append(
            f"page {number}: mirrored left to right as the source asks; word boxes lie in the mirrored picture"
        )
    is_framed = words is None or frames_fit([strip.stream for strip in strips], words)
    mirrored = orientation_of(orientation).mirrored
    built.inline += _add_page(pdf, strips, size, dpi, mirrored=mirrored, is_framed=is_framed)


def _add_page(
    pdf: pikepdf.Pdf,
    strips: list[Strip],
    size: tuple[int, int],
    dpi: tuple[float, float],
    *,
    mirrored: bool,
    is_framed: bool,
) -> int:
    """Append the page; returns how many strips stand among its operators."""
    width_pt, height_pt = size[0] / dpi[0] * 72, size[1] / dpi[1] * 72
    page = pdf.add_blank_page(page_size=(round(width_pt, 4), round(height_pt, 4)))
    objects, shows = Dictionary(), []
    for index, strip in enumerate(strips):
        shown = None if is_framed else inline_operators(strip.stream)
        if shown is None:
            objects[f"/Im{index}"] = strip.stream
            shown = b"/Im%d Do" % index
        shows.append((strip.rows, shown))
    page.obj.Resources = Dictionary(XObject=objects)
    page.obj.Contents = pdf.make_stream(_placing(shows, width_pt, height_pt, size[1], mirrored=mirrored))
    return len(strips) - len(objects.keys())


def _placing(
    shows: Sequence[tuple[int, bytes]], width_pt: float, height_pt: float, all_rows: int, *, mirrored: bool
) -> bytes:
    """The operators that show strips, each told by its rows and what shows it, one below the other.

    Steps down from strip to strip all say the same.
    """
    operators, row, before = [], 0, 0
    width, left = (-width_pt, width_pt) if mirrored else (width_pt, 0.0)
    for rows, shown in shows:
        if rows == before:
            operators.append(b"1 0 0 1 0 -1 cm")
        else:
            bottom, height = height_pt * (1 - (row + rows) / all_rows), height_pt * rows / all_rows
            matrix = " ".join(_short(value) for value in (width, 0.0, 0.0, height, left, bottom))
            operators.append(f"{'Q q' if before else 'q'} {matrix} cm".encode("ascii"))
        operators.append(shown)
        row, before = row + rows, rows
    return b" ".join([*operators, b"Q"])


def _short(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _jpeg_stream(pdf: pikepdf.Pdf, data: bytes, facts: jpeg_file.JpegFacts, built: Built) -> pikepdf.Object:
    space = colour_space(pdf, facts.components, _profile(data), built)
    if space is None or facts.bits != 8:
        raise Rejected(
            "image-damaged", f"JPEG mit {facts.components} Kanälen zu {facts.bits} Bit gibt es im PDF nicht."
        )
    more: dict[str, object] = {"Filter": Name.DCTDecode}
    if facts.components == 4 and facts.adobe:
        more["Decode"] = Array(_INVERTED_CMYK)
    return image_stream(pdf, own(built, data), facts.width_px, facts.height_px, 8, space, **more)


def _profile(data: bytes) -> bytes | None:
    """The colour profile that a JPEG or PNG file brings."""
    with Image.open(io.BytesIO(data)) as image:
        icc = image.info.get("icc_profile")
    return icc if isinstance(icc, bytes) else None


def _png_stream(pdf: pikepdf.Pdf, source: str, facts: png_file.PngFacts, built: Built) -> pikepdf.Object:
    if facts.interlaced or facts.transparent:
        why = "interlaced" if facts.interlaced else "transparent"
        built.recoded.append(f"page 1: PNG, {why}, packed anew as Flate without loss")
        with Image.open(source) as image:
            return decoded_stream(pdf, image)
    space: pikepdf.Object = GRAY
    if facts.colour_type == 2:
        space = colour_space(pdf, 3, _profile(Path(source).read_bytes()), built) or RGB
    if facts.colour_type == 3:
        colours = len(facts.palette) // 3
        space = Array([Name.Indexed, RGB, colours - 1, pikepdf.String(facts.palette[: colours * 3])])
    parms = Dictionary(Predictor=15, Colors=facts.samples, BitsPerComponent=facts.bits, Columns=facts.width_px)
    return image_stream(
        pdf,
        own(built, facts.idat),
        facts.width_px,
        facts.height_px,
        facts.bits,
        space,
        Filter=Name.FlateDecode,
        DecodeParms=parms,
    )
