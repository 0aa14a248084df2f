"""Scans as files, in every coding and arrangement that scanners, copiers and fax servers write."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from tests import jbig2_writer

Matrix = tuple[float, float, float, float, float, float]

_FIRST_DATA = 8  # where the picture data of a TIFF file that is written here begin, in bytes


@dataclass(frozen=True)
class Coded:
    """A coded picture as a PDF holds it. `entries`: of its dictionary; a `Coded` among them becomes a stream."""

    data: bytes
    size: tuple[int, int]
    entries: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sheet:
    """A page of a PDF in points before its turn: pictures with their places, and operators drawn after them."""

    size_pt: tuple[float, float]
    pictures: Sequence[tuple[Coded, Matrix]]
    rotate: int = 0
    user_unit: float = 1.0
    more: str = ""
    fonts: dict[str, str] = field(default_factory=dict)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture as a file's bytes."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def jpeg(image: Image.Image, quality: int = 75) -> Coded:
    """Baseline JPEG in gray, RGB, or CMYK as Adobe's programs store it, inverted."""
    space = {"L": Name.DeviceGray, "RGB": Name.DeviceRGB, "CMYK": Name.DeviceCMYK}[image.mode]
    entries: dict[str, Any] = {"Filter": Name.DCTDecode, "ColorSpace": space, "BitsPerComponent": 8}
    if image.mode == "CMYK":
        entries["Decode"] = Array([1, 0] * 4)
    return Coded(encoded(image, "JPEG", quality=quality), image.size, entries)


def _bilevel(filter_: pikepdf.Name, **parms: Any) -> dict[str, Any]:
    entries = {"Filter": filter_, "ColorSpace": Name.DeviceGray, "BitsPerComponent": 1}
    return entries | ({"DecodeParms": Dictionary(**parms)} if parms else {})


def group4(image: Image.Image) -> Coded:
    """Group 4."""
    data = strips_of(encoded(image, "TIFF", compression="group4", tiffinfo={278: image.height}))[0]
    wide, high = image.size
    return Coded(data, image.size, _bilevel(Name.CCITTFaxDecode, K=-1, Columns=wide, Rows=high, BlackIs1=True))


def jbig2(image: Image.Image, *, fax: bool = False) -> Coded:
    """JBIG2 without symbols, arithmetically coded or, with `fax`, as Group 4 inside."""
    raster = jbig2_writer.ink(image)
    data = jbig2_writer.fax_coded(raster) if fax else jbig2_writer.generic(raster)
    return Coded(data, image.size, _bilevel(Name.JBIG2Decode))


def jbig2_symbols(image: Image.Image) -> Coded:
    """JBIG2 with its shapes in a dictionary that all pages might share."""
    shared, page = jbig2_writer.symbol_coded(jbig2_writer.ink(image))
    return Coded(
        page, image.size, _bilevel(Name.JBIG2Decode) | {"DecodeParms": {"JBIG2Globals": Coded(shared, (0, 0))}}
    )


def jpeg2000(image: Image.Image, *, told: bool = True, **options: Any) -> Coded:
    """JPEG 2000 without loss. `told`: the PDF names the colours itself."""
    entries: dict[str, Any] = {"Filter": Name.JPXDecode}
    if told:
        entries |= {
            "ColorSpace": Name.DeviceGray if image.mode in ("L", "LA") else Name.DeviceRGB,
            "BitsPerComponent": 8,
        }
    return Coded(encoded(image, "JPEG2000", **options), image.size, entries)


def flate(image: Image.Image) -> Coded:
    """Plain samples in Flate."""
    entries = {"Filter": Name.FlateDecode, "ColorSpace": Name.DeviceGray, "BitsPerComponent": 8}
    return Coded(zlib.compress(image.tobytes()), image.size, entries)


def lzw(image: Image.Image) -> Coded:
    """Plain samples in LZW, as old programs wrote them (ISO 32000-1, 7.4.4)."""
    entries = {"Filter": Name.LZWDecode, "ColorSpace": Name.DeviceGray, "BitsPerComponent": 8}
    return Coded(_lzw(image.tobytes()), image.size, entries)


def _lzw(data: bytes) -> bytes:
    codes: dict[bytes, int] = {}
    bits = length = 0
    out = bytearray()

    def put(code: int, width: int) -> None:
        nonlocal bits, length
        bits, length = bits << width | code, length + width
        while length >= 8:
            length -= 8
            out.append(bits >> length & 255)
            bits &= (1 << length) - 1

    def start() -> None:
        codes.clear()
        codes.update({bytes((value,)): value for value in range(256)})

    start()
    put(256, 9)
    width, known = 9, b""
    following = 258
    for value in data:
        longer = known + bytes((value,))
        if longer in codes:
            known = longer
            continue
        put(codes[known], width)
        codes[longer] = following
        following += 1
        width = 9 + (following >= 512) + (following >= 1024) + (following >= 2048)
        if following == 4095:
            put(256, width)
            start()
            width, following = 9, 258
        known = bytes((value,))
    put(codes[known], width)
    put(257, 9 + (following >= 511) + (following >= 1023) + (following >= 2047))
    return bytes(out) + (bytes((bits << 8 - length & 255,)) if length else b"")


def whole(coded: Coded, dpi: float) -> Sheet:
    """A page that its picture fills."""
    size = (coded.size[0] * 72 / dpi, coded.size[1] * 72 / dpi)
    return Sheet(size, [(coded, (size[0], 0, 0, size[1], 0, 0))])


def in_pieces(image: Image.Image, dpi: float, rows: int) -> Sheet:
    """A page whose picture is cut into bands of so many rows, each a picture of its own."""
    wide, high = image.size[0] * 72 / dpi, image.size[1] * 72 / dpi
    bands = []
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(top + rows, image.height)))
        tall = band.height * 72 / dpi
        bands.append((jpeg(band), (wide, 0.0, 0.0, tall, 0.0, high - top * 72 / dpi - tall)))
    return Sheet((wide, high), bands)


def layered(image: Image.Image, dpi: int) -> Sheet:
    """A colour page as copiers part it: soft ground, colour of the type behind a mask, black type as a stencil."""
    wide, high = image.size[0] * 72 / dpi, image.size[1] * 72 / dpi
    matrix = (wide, 0.0, 0.0, high, 0.0, 0.0)
    picture = np.asarray(image)
    dark = picture.min(axis=2) < 120
    black = dark & (picture.max(axis=2) < 90)
    tinted = dark & ~black
    paper = image.copy()
    paper.paste((250, 248, 240), mask=Image.fromarray(dark))
    ground = jpeg(paper.resize((image.width // 3, image.height // 3), Image.Resampling.BOX), 40)
    shades = np.where(tinted[:, :, None], picture, 40).astype(np.uint8)
    front = jpeg(Image.fromarray(shades).resize((image.width // 6, image.height // 6), Image.Resampling.BOX), 60)
    mask = group4(Image.fromarray(~tinted).convert("1"))
    stencil = {"ImageMask": True, "BitsPerComponent": 1, "Filter": Name.CCITTFaxDecode}
    stencils = [
        Coded(coded.data, coded.size, stencil | {"DecodeParms": coded.entries["DecodeParms"]})
        for coded in (mask, group4(Image.fromarray(~black).convert("1")))
    ]
    front.entries["Mask"] = stencils[0]
    return Sheet((wide, high), [(ground, matrix), (front, matrix), (stencils[1], matrix)])


def write_pdf(path: Path, *sheets: Sheet) -> Path:
    """A PDF of these pages."""
    with pikepdf.new() as pdf:
        for sheet in sheets:
            page = pdf.add_blank_page(page_size=sheet.size_pt)
            xobjects, operators = Dictionary(), ["0 g"]
            for number, (coded, matrix) in enumerate(sheet.pictures):
                xobjects[f"/Im{number}"] = _stream(pdf, coded)
                operators.append(f"q {' '.join(f'{value:.4f}' for value in matrix)} cm /Im{number} Do Q")
            page.obj.Resources = Dictionary(XObject=xobjects)
            for name, base in sheet.fonts.items():
                font = Dictionary(
                    Type=Name.Font, Subtype=Name.Type1, BaseFont=Name(base), Encoding=Name.WinAnsiEncoding
                )
                page.obj.Resources.Font = Dictionary({name: pdf.make_indirect(font)})
            page.obj.Contents = pdf.make_stream("\n".join([*operators, sheet.more]).encode("cp1252"))
            if sheet.rotate:
                page.obj.Rotate = sheet.rotate
            if sheet.user_unit != 1:
                page.obj.UserUnit = sheet.user_unit
        pdf.docinfo["/Producer"] = "Copier 5000"
        as_they_are = pikepdf.StreamDecodeLevel.none
        pdf.save(
            path, deterministic_id=True, min_version="1.6", compress_streams=False, stream_decode_level=as_they_are
        )
    return path


def _stream(pdf: pikepdf.Pdf, coded: Coded) -> pikepdf.Object:
    entries: dict[str, Any] = dict(coded.entries)
    if coded.size != (0, 0):
        entries |= {"Type": Name.XObject, "Subtype": Name.Image, "Width": coded.size[0], "Height": coded.size[1]}
    for key, value in entries.items():
        if isinstance(value, Coded):
            entries[key] = _stream(pdf, value)
        elif isinstance(value, dict):
            entries[key] = Dictionary({f"/{name}": _stream(pdf, item) for name, item in value.items()})
    return pdf.make_indirect(pdf.make_stream(coded.data, **entries))


def strips_of(tiff: bytes) -> list[bytes]:
    """The coded strips of a one-page TIFF file."""
    with TiffImageFile(io.BytesIO(tiff)) as file:
        return [tiff[start : start + size] for start, size in zip(file.tag_v2[273], file.tag_v2[279], strict=True)]


def write_tiles(path: Path, image: Image.Image, dpi: int, side: int = 256) -> Path:
    """A TIFF file of Deflate-packed tiles (TIFF 6.0, section 15)."""
    picture = np.asarray(image)
    padded = np.pad(picture, ((0, -picture.shape[0] % side), (0, -picture.shape[1] % side)), mode="edge")
    tiles = [
        zlib.compress(padded[top : top + side, left : left + side].tobytes())
        for top in range(0, padded.shape[0], side)
        for left in range(0, padded.shape[1], side)
    ]
    tags = {256: image.width, 257: image.height, 258: 8, 259: 8, 262: 1, 277: 1, 322: side, 323: side}
    return _write_tiff(path, tags, {324: tiles}, dpi)


def write_planes(path: Path, image: Image.Image, dpi: int) -> Path:
    """An uncompressed colour TIFF whose red, green and blue lie in strips of their own."""
    planes = [band.tobytes() for band in image.split()]
    tags = {256: image.width, 257: image.height, 259: 1, 262: 2, 277: 3, 278: image.height, 284: 2}
    return _write_tiff(path, tags, {273: planes}, dpi, bits=(8, 8, 8))


def write_old_jpeg(path: Path, image: Image.Image, dpi: int, orientation: int = 1) -> Path:
    """A TIFF file around a whole JPEG file, in the coding that TIFF 6.0 had first (section 22)."""
    data = encoded(image.convert("RGB"), "JPEG", quality=85, subsampling=0)
    tags = {256: image.width, 257: image.height, 259: 6, 262: 6, 274: orientation, 277: 3, 278: image.height}
    tags |= {512: 1, 513: _FIRST_DATA, 514: len(data)}
    return _write_tiff(path, tags, {273: [data]}, dpi, bits=(8, 8, 8))


def _write_tiff(
    path: Path, tags: dict[int, int], data: dict[int, list[bytes]], dpi: int, bits: tuple[int, ...] = ()
) -> Path:
    """One directory behind its data. `data`: the pieces by the tag of their offsets; the next tag has their lengths."""
    body = bytearray(b"II*\0").ljust(_FIRST_DATA, b"\0")
    values: dict[int, tuple[int, list[int]]] = {tag: (4, [value]) for tag, value in tags.items()}
    if bits:
        values[258] = (3, list(bits))
    for tag, pieces in data.items():
        offsets = []
        for piece in pieces:
            offsets.append(len(body))
            body += piece + bytes(len(piece) % 2)
        lengths_tag = tag + 1 if tag == 324 else 279
        values |= {tag: (4, offsets), lengths_tag: (4, [len(piece) for piece in pieces])}
    values |= {282: (5, [dpi, 1]), 283: (5, [dpi, 1]), 296: (3, [2])}
    entries = b""
    for tag, (kind, numbers) in sorted(values.items()):
        packed = struct.pack(f"<{len(numbers)}{'H' if kind == 3 else 'I'}", *numbers)
        if len(packed) > 4:
            place, packed = len(body), packed
            body += packed + bytes(len(packed) % 2)
            packed = struct.pack("<I", place)
        entries += struct.pack("<HHI", tag, kind, 1 if kind == 5 else len(numbers)) + packed.ljust(4, b"\0")
    start = len(body)
    body += struct.pack("<H", len(values)) + entries + bytes(4)
    body[4:8] = struct.pack("<I", start)
    path.write_bytes(body)
    return path
