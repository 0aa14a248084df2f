"""PDF pages around the pictures of an image file, with the file's own coded bytes wherever PDF can take them."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

from pipeline.adapters.incoming import jpeg_file, png_file
from pipeline.adapters.incoming.page_geometry import plausible_dpi
from pipeline.adapters.incoming.page_pictures import orientation_of, tiff_pages
from pipeline.adapters.incoming.tiff_file import COMPRESSIONS, TiffPage
from pipeline.domain.errors import Rejected

_GRAY, _RGB, _CMYK = Name.DeviceGray, Name.DeviceRGB, Name.DeviceCMYK
_INVERTED_CMYK = [1, 0] * 4
_REVERSED_BITS = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))


@dataclass
class Built:
    """What happened to the pictures of a page. `images`: SHA-256 of each stream that is the source's own bytes."""

    images: list[str] = field(default_factory=list)
    recoded: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Strip:
    """A picture of full width and `rows` rows; strips follow each other downwards."""

    stream: pikepdf.Object
    rows: int


def add_picture_page(pdf: pikepdf.Pdf, source: str, kind: str, number: int, built: Built) -> None:
    """Append the page of this number (from 1) of a TIFF, JPEG or PNG file to `pdf`.

    Its size follows from pixels and resolution. Raises Rejected `image-damaged` where a picture can't be decoded.
    """
    if kind == "tiff":
        page = tiff_pages(source)[number - 1]
        strips = _tiff_strips(pdf, source, page, number, built)
        size, told, orientation = (page.width_px, page.height_px), page.dpi, page.orientation
    elif kind == "jpeg":
        data = Path(source).read_bytes()
        jpeg = jpeg_file.read_jpeg(data)
        strips = [_Strip(_jpeg_stream(pdf, data, jpeg, built), jpeg.height_px)]
        size, told, orientation = (jpeg.width_px, jpeg.height_px), jpeg.dpi, jpeg.orientation
    else:
        png = png_file.read_png(Path(source).read_bytes())
        strips = [_Strip(_png_stream(pdf, source, png, built), png.height_px)]
        size, told, orientation = (png.width_px, png.height_px), png.dpi, 1
    dpi, assumed = plausible_dpi(told, *size)
    if assumed:
        built.remarks.append(f"page {number}: resolution assumed, {dpi[0]:.0f} dpi")
    if orientation_of(orientation).mirrored:
        built.remarks.append(
            f"page {number}: mirrored left to right as the source asks; word boxes lie in the mirrored picture"
        )
    _add_page(pdf, strips, size, dpi, mirrored=orientation_of(orientation).mirrored)


def _add_page(
    pdf: pikepdf.Pdf, strips: list[_Strip], size: tuple[int, int], dpi: tuple[float, float], *, mirrored: bool
) -> None:
    width_pt, height_pt = size[0] / dpi[0] * 72, size[1] / dpi[1] * 72
    page = pdf.add_blank_page(page_size=(round(width_pt, 4), round(height_pt, 4)))
    xobjects, operators, row = Dictionary(), [], 0
    for index, strip in enumerate(strips):
        name = f"/Im{index}"
        xobjects[name] = strip.stream
        bottom = height_pt * (1 - (row + strip.rows) / size[1])
        width, left = (-width_pt, width_pt) if mirrored else (width_pt, 0.0)
        height = height_pt * strip.rows / size[1]
        operators.append(f"q {width:.4f} 0 0 {height:.4f} {left:.4f} {bottom:.4f} cm {name} Do Q")
        row += strip.rows
    page.obj.Resources = Dictionary(XObject=xobjects)
    page.obj.Contents = pdf.make_stream(zlib.compress("\n".join(operators).encode("ascii"), 9), Filter=Name.FlateDecode)


def _image(
    pdf: pikepdf.Pdf, data: bytes, width: int, height: int, bits: int, space: pikepdf.Object, **more: object
) -> pikepdf.Object:
    return pdf.make_stream(
        data,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=width,
        Height=height,
        BitsPerComponent=bits,
        ColorSpace=space,
        **more,
    )


def _own(built: Built, data: bytes) -> bytes:
    built.images.append(hashlib.sha256(data).hexdigest())
    return data


def _jpeg_stream(pdf: pikepdf.Pdf, data: bytes, facts: jpeg_file.JpegFacts, built: Built) -> pikepdf.Object:
    space = {1: _GRAY, 3: _RGB, 4: _CMYK}.get(facts.components)
    if space is None or facts.bits != 8:
        raise Rejected(
            "image-damaged", f"JPEG mit {facts.components} Kanälen zu {facts.bits} Bit gibt es im PDF nicht."
        )
    more: dict[str, object] = {"Filter": Name.DCTDecode}
    if facts.components == 4 and facts.adobe:
        more["Decode"] = Array(_INVERTED_CMYK)
    return _image(pdf, _own(built, data), facts.width_px, facts.height_px, 8, space, **more)


def _png_stream(pdf: pikepdf.Pdf, source: str, facts: png_file.PngFacts, built: Built) -> pikepdf.Object:
    if facts.interlaced or facts.transparent:
        why = "interlaced" if facts.interlaced else "transparent"
        built.recoded.append(f"page 1: PNG, {why}, packed anew as Flate without loss")
        with Image.open(source) as image:
            return _decoded_stream(pdf, image)
    space: pikepdf.Object = {0: _GRAY, 2: _RGB}.get(facts.colour_type, _GRAY)
    if facts.colour_type == 3:
        colours = len(facts.palette) // 3
        space = Array([Name.Indexed, _RGB, colours - 1, pikepdf.String(facts.palette[: colours * 3])])
    parms = Dictionary(Predictor=15, Colors=facts.samples, BitsPerComponent=facts.bits, Columns=facts.width_px)
    return _image(
        pdf,
        _own(built, facts.idat),
        facts.width_px,
        facts.height_px,
        facts.bits,
        space,
        Filter=Name.FlateDecode,
        DecodeParms=parms,
    )


def _decoded_stream(pdf: pikepdf.Pdf, image: Image.Image) -> pikepdf.Object:
    """The decoded picture as Flate: samples as they are, an alpha channel as a soft mask."""
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    elif image.mode in ("LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
    if image.mode == "RGBA":
        plain = _decoded_stream(pdf, image.convert("RGB"))
        plain.SMask = _decoded_stream(pdf, image.getchannel("A"))
        return plain
    bits, space = 8, {"1": _GRAY, "L": _GRAY, "RGB": _RGB, "CMYK": _CMYK}.get(image.mode)
    if image.mode.startswith("I;16"):
        bits, space, raw = 16, _GRAY, np.asarray(image).astype(">u2").tobytes()
    elif space is None:
        return _decoded_stream(pdf, image.convert("RGB"))
    else:
        bits, raw = (1 if image.mode == "1" else 8), image.tobytes()
    rows = np.frombuffer(raw, np.uint8).reshape(image.height, -1)
    plain_bytes = zlib.compress(raw, 9)
    steps = np.vstack([rows[:1], rows[1:] - rows[:-1]])
    up = zlib.compress(np.hstack([np.full((image.height, 1), 2, np.uint8), steps]).tobytes(), 9)
    if len(plain_bytes) <= len(up):
        return _image(pdf, plain_bytes, *image.size, bits, space, Filter=Name.FlateDecode)
    colours = {_GRAY: 1, _RGB: 3, _CMYK: 4}[space]
    parms = Dictionary(Predictor=15, Colors=colours, BitsPerComponent=bits, Columns=image.width)
    return _image(pdf, up, *image.size, bits, space, Filter=Name.FlateDecode, DecodeParms=parms)


def _tiff_strips(pdf: pikepdf.Pdf, source: str, page: TiffPage, number: int, built: Built) -> list[_Strip]:
    simple = not page.tiled and page.planar == 1
    if simple and page.compression in (2, 3, 4) and (page.bits, page.samples) == (1, 1):
        return list(_fax_strips(pdf, source, page, number, built))
    if simple and page.compression == 7 and page.bits == 8 and page.samples in (1, 3):
        return list(_jpeg_strips(pdf, source, page, number, built))
    coding = COMPRESSIONS.get(page.compression, str(page.compression))
    built.recoded.append(f"page {number}: TIFF, {coding}, packed anew as Flate without loss")
    try:
        with Image.open(source) as image:
            image.seek(page.index)
            image.load()
            return [_Strip(_decoded_stream(pdf, image), page.height_px)]
    except (OSError, ValueError, SyntaxError) as error:
        raise Rejected("image-damaged", "Das Seitenbild lässt sich nicht entpacken.", page=number) from error


def _rows(page: TiffPage) -> Iterator[tuple[int, int, int]]:
    """Offset, length and rows of each strip."""
    left = page.height_px
    for offset, length in page.strips:
        if left <= 0:
            return
        rows = min(page.rows_per_strip, left)
        left -= rows
        yield offset, length, rows


def _fax_strips(pdf: pikepdf.Pdf, source: str, page: TiffPage, number: int, built: Built) -> Iterator[_Strip]:
    """CCITT strips as they are. TIFF 6.0 sections 10 and 11; ISO 32000-1, 7.4.6."""
    if page.fill_order == 2:
        built.recoded.append(f"page {number}: TIFF, bits of each byte put in order for PDF")
    with Path(source).open("rb") as file:
        for offset, length, rows in _rows(page):
            file.seek(offset)
            data = file.read(length)
            data = data.translate(_REVERSED_BITS) if page.fill_order == 2 else _own(built, data)
            parms = Dictionary(K=-1, Columns=page.width_px, Rows=rows, BlackIs1=page.photometric == 1)
            if page.compression != 4:
                parms.K = 4 if page.compression == 3 and page.t4_options & 1 else 0
                parms.EncodedByteAlign = page.compression == 2 or bool(page.t4_options & 4)
                parms.EndOfLine = page.compression == 3
                parms.EndOfBlock = False
            stream = _image(pdf, data, page.width_px, rows, 1, _GRAY, Filter=Name.CCITTFaxDecode, DecodeParms=parms)
            yield _Strip(stream, rows)


def _jpeg_strips(pdf: pikepdf.Pdf, source: str, page: TiffPage, number: int, built: Built) -> Iterator[_Strip]:
    """JPEG strips with the tables that the file keeps apart put in front (TIFF Technical Note 2)."""
    transform = Dictionary(ColorTransform=1 if page.photometric == 6 else 0)
    with Path(source).open("rb") as file:
        tables = b""
        if page.tables is not None:
            file.seek(page.tables[0])
            tables = file.read(page.tables[1]).removeprefix(b"\xff\xd8").removesuffix(b"\xff\xd9")
            built.recoded.append(
                f"page {number}: TIFF, JPEG tables put in front of each strip, picture data as they were"
            )
        for offset, length, rows in _rows(page):
            file.seek(offset)
            data = file.read(length)
            if tables:
                data = data[:2] + tables + data[2:]
            else:
                _own(built, data)
            space = _RGB if page.samples == 3 else _GRAY
            more: dict[str, object] = {"Filter": Name.DCTDecode}
            if page.samples == 3:
                more["DecodeParms"] = transform
            yield _Strip(_image(pdf, data, page.width_px, rows, 8, space, **more), rows)
