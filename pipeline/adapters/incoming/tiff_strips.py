"""The pictures of a TIFF page as PDF streams, strip by strip; most codings of TIFF are codings of PDF too."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name

from pipeline.adapters.incoming.fax_pictures import FAX, REVERSED_BITS
from pipeline.adapters.incoming.picture_streams import GRAY, RGB, Built, Strip, colour_space, decoded_stream
from pipeline.adapters.incoming.picture_streams import image_stream as _image
from pipeline.adapters.incoming.picture_streams import own as _own
from pipeline.adapters.incoming.picture_streams import shared as _shared
from pipeline.adapters.incoming.tiff_file import COMPRESSIONS, BadTiff, TiffPage, raw_entries
from pipeline.adapters.incoming.tiff_page import open_page
from pipeline.domain.errors import Rejected

_JPEG, _DEFLATE, _PACKBITS = 7, (8, 32946), 32773
_WHITE_IS_0, _BLACK_IS_0, _RGB_SAMPLES, _PALETTE, _SEPARATED, _YCBCR = 0, 1, 2, 3, 5, 6
_PREDICTOR, _COLOUR_MAP, _INK_SET, _EXTRA_SAMPLES, _PROFILE = 317, 320, 332, 338, 34675
_COMPONENTS = {_WHITE_IS_0: 1, _BLACK_IS_0: 1, _RGB_SAMPLES: 3, _PALETTE: 1, _SEPARATED: 4}
_LEAST_STRIP_BYTES = 50  # on average; what shows a strip would outweigh the picture


def tiff_strips(pdf: pikepdf.Pdf, source: str, page: TiffPage, number: int, built: Built) -> list[Strip]:
    """The page's strips as they are, or one picture packed anew without loss where PDF/A can't take them.

    Raises Rejected `image-damaged` where it can't be decoded.
    """
    try:
        made = _as_they_are(pdf, source, page, number, built)
    except BadTiff as error:
        raise _damaged(number) from error
    if made is not None:
        return made
    coding = COMPRESSIONS.get(page.compression, str(page.compression))
    layout = ", tiles" if page.tiled else ", planes" if page.planar != 1 else ""
    built.recoded.append(f"page {number}: TIFF, {coding}{layout}, packed anew as Flate without loss")
    try:
        with open_page(source, page) as image:
            image.load()
            return [Strip(decoded_stream(pdf, image), page.height_px)]
    except (OSError, ValueError, SyntaxError) as error:
        raise _damaged(number) from error


def _damaged(number: int) -> Rejected:
    return Rejected("image-damaged", "Das Seitenbild lässt sich nicht entpacken.", page=number)


def _as_they_are(pdf: pikepdf.Pdf, source: str, page: TiffPage, number: int, built: Built) -> list[Strip] | None:
    """The strips with their own coded bytes; None where PDF has no such coding, or they are too many to frame."""
    if page.tiled or page.planar != 1:
        return None
    strips = list(page.rows_of_strips())
    packed = sum(length for _offset, length, _rows_of in strips)
    if len(strips) > 1 and packed < _LEAST_STRIP_BYTES * len(strips):
        return None
    if page.compression in FAX and (page.bits, page.samples) == (1, 1):
        return list(_fax_strips(pdf, source, page, number, built))
    if page.compression == _JPEG and page.bits == 8 and page.samples in (1, 3):
        return list(_jpeg_strips(pdf, source, page, number, built))
    if page.compression in (*_DEFLATE, _PACKBITS):
        return _sample_strips(pdf, source, page, built)
    return None


def _fax_strips(pdf: pikepdf.Pdf, source: str, page: TiffPage, number: int, built: Built) -> Iterator[Strip]:
    """CCITT strips as they are. TIFF 6.0 sections 10 and 11; ISO 32000-1, 7.4.6."""
    if page.fill_order == 2:
        built.recoded.append(f"page {number}: TIFF, bits of each byte put in order for PDF")
    with Path(source).open("rb") as file:
        for offset, length, rows in page.rows_of_strips():
            file.seek(offset)
            data = file.read(length)
            data = data.translate(REVERSED_BITS) if page.fill_order == 2 else _own(built, data)
            parms = _fax_parms(page, rows)
            stream = _image(pdf, data, page.width_px, rows, 1, GRAY, Filter=Name.CCITTFaxDecode, DecodeParms=parms)
            yield Strip(stream, rows)


def _fax_parms(page: TiffPage, rows: int) -> Dictionary:
    """ISO 32000-1, table 11, without what is the default."""
    parms = Dictionary(K=-1, Columns=page.width_px, Rows=rows)
    if page.photometric == 1:
        parms.BlackIs1 = True
    if page.compression != 4:
        parms.K = 4 if page.compression == 3 and page.t4_options & 1 else 0
        parms.EncodedByteAlign = page.compression == 2 or bool(page.t4_options & 4)
        parms.EndOfLine = page.compression == 3
        parms.EndOfBlock = False
    return parms


def _jpeg_strips(pdf: pikepdf.Pdf, source: str, page: TiffPage, number: int, built: Built) -> Iterator[Strip]:
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
        for offset, length, rows in page.rows_of_strips():
            file.seek(offset)
            data = file.read(length)
            if tables:
                data = data[:2] + tables + data[2:]
            else:
                _own(built, data)
            space = RGB if page.samples == 3 else GRAY
            more: dict[str, object] = {"Filter": Name.DCTDecode}
            if page.samples == 3:
                more["DecodeParms"] = transform
            yield Strip(_image(pdf, data, page.width_px, rows, 8, space, **more), rows)


def _sample_strips(pdf: pikepdf.Pdf, source: str, page: TiffPage, built: Built) -> list[Strip] | None:
    """Strips of plain samples under Deflate or PackBits, which PDF calls Flate and RunLength; None if they differ.

    TIFF 6.0, sections 4 to 9 and 14; ISO 32000-1, 7.4.4 and 7.4.5.
    """
    order, entries = raw_entries(source, page)

    def numbers(tag: int) -> tuple[int, ...]:
        kind, count, value = entries.get(tag, (3, 0, b""))
        return struct.unpack(f"{order}{count}{'I' if kind == 4 else 'H'}", value) if kind in (3, 4) else ()

    components = _COMPONENTS.get(page.photometric)
    straight = page.fill_order == 1 and components == page.samples and not numbers(_EXTRA_SAMPLES)
    straight = straight and page.bits in ((1, 2, 4, 8) if components == 1 else (8,))
    predictor = (numbers(_PREDICTOR) or (1,))[0]
    if (
        not straight
        or predictor not in (1, 2)
        or (page.photometric == _SEPARATED and numbers(_INK_SET) not in ((), (1,)))
    ):
        return None
    icc = entries[_PROFILE][2] if _PROFILE in entries else None
    space = colour_space(pdf, page.samples, icc, built)
    if page.photometric == _PALETTE:
        space = _palette(numbers(_COLOUR_MAP), page.bits)
    datas = _coded(source, page)
    if isinstance(space, Array):
        space = _shared(pdf, built, space)
    if space is None or (page.compression == _PACKBITS and any(_has_no_operation(data) for data, _rows_of in datas)):
        return None
    if page.compression == _PACKBITS:
        datas = _in_one(datas, (page.width_px * page.samples * page.bits + 7) // 8)
    more: dict[str, object] = {"Filter": Name.RunLengthDecode if page.compression == _PACKBITS else Name.FlateDecode}
    if predictor == 2 and page.compression != _PACKBITS:
        parms = Dictionary(Predictor=2, Colors=page.samples, BitsPerComponent=page.bits, Columns=page.width_px)
        more["DecodeParms"] = parms
    if page.photometric == _WHITE_IS_0:
        more["Decode"] = Array([1, 0])
    return [
        Strip(_image(pdf, _own(built, data), page.width_px, rows, page.bits, space, **more), rows)
        for data, rows in datas
    ]


def _coded(source: str, page: TiffPage) -> list[tuple[bytes, int]]:
    """Each strip's coded bytes and rows."""
    found = []
    with Path(source).open("rb") as file:
        for offset, length, rows in page.rows_of_strips():
            file.seek(offset)
            found.append((file.read(length), rows))
    return found


def _in_one(datas: list[tuple[bytes, int]], row_bytes: int) -> list[tuple[bytes, int]]:
    """PackBits strips one behind the other, as they make one picture in PDF; as they were if one has other rows."""
    if any(_unpacked_size(data) != rows * row_bytes for data, rows in datas):
        return datas
    return [(b"".join(data for data, _rows_of in datas), sum(rows for _data, rows in datas))]


def _unpacked_size(data: bytes) -> int:
    """Bytes that whole PackBits data unpack to."""
    place = total = 0
    while place < len(data):
        length = data[place]
        total += length + 1 if length < 128 else 257 - length
        place += length + 2 if length < 128 else 2
    return total


def _palette(colours: tuple[int, ...], bits: int) -> pikepdf.Object | None:
    """An indexed colour space of a TIFF colour map, whose reds come first; None where it is not exact in 8 bits."""
    count = 1 << bits
    if bits > 8 or len(colours) != 3 * count:
        return None
    table = bytes(colours[plane * count + index] >> 8 for index in range(count) for plane in range(3))
    return Array([Name.Indexed, RGB, count - 1, pikepdf.String(table)])


def _has_no_operation(data: bytes) -> bool:
    """Whether PackBits data hold the byte 128 as a length, which ends the data in PDF, or are cut."""
    place = 0
    while place < len(data):
        length = data[place]
        if length == 128:
            return True
        place += length + 2 if length < 128 else 2
    return place != len(data)
