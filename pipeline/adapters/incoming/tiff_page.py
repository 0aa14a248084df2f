"""One page of a long TIFF file as a picture, without a walk through the pages before it.

The image library goes to a page by reading every directory before it. Here the page's directory and its strips or
tiles make a small file of their own in memory, so that the last page of thousands costs what the first one does.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from pipeline.adapters.incoming.fax_pictures import FAX, REVERSED_BITS, have_all_rows, load_whole
from pipeline.adapters.incoming.fax_rows import Dimensions, FaxCoding
from pipeline.adapters.incoming.tiff_file import BadTiff, TiffPage, raw_entries

_JPEG, _BLACK_IS_ZERO, _YCBCR = 7, 1, 6
_OLD_JPEG = 6  # its tables lie at offsets of their own (TIFF 6.0, section 22)
_SHORT, _LONG, _LONG8, _IFD8 = 3, 4, 16, 18
_SAMPLE_FORMAT, _UNSIGNED, _UNKNOWN = 339, 1, 4  # TIFF 6.0, section 19
_WHITE_IS_ZERO = 0
_NO_MARKS = 2  # the compression whose rows begin with bytes (TIFF 6.0, section 10)
_REVERSED = 2  # the order of bits (tag 266)
_TILE_WIDTH, _TILE_LENGTH = 322, 323
_ORIENTATION = 274
_DECODING = {  # TIFF 6.0, sections 8 to 23: what tells how samples are coded and what they mean; not how they are shown
    *(254, 256, 257, 258, 259, 262, 266, 277, 278, 282, 283, 284, 292, 293, 296, 317, 320, 322, 323, 332, 334),
    *(336, 338, 339, 340, 341, 347, 529, 530, 531, 532),
}
_TURNED_BACK = {  # against each turn that the library makes by tag 274
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@contextmanager
def open_page(source: str, page: TiffPage, *, checked: bool = True) -> Iterator[Image.Image]:
    """The page as an image that is perhaps not decoded yet, as it is stored: whoever takes it turns it by tag 274.

    `checked`: only if all its samples can be taken over as they are; else also what is merely good to look at.
    Raises OSError, ValueError or SyntaxError where the library can't make sense of it.
    """
    if page.compression == _OLD_JPEG:
        with Image.open(source) as image:
            image.seek(page.index)
            yield _as_stored(image)
        return
    try:
        alone = single_page(source, page)
    except BadTiff as error:
        raise OSError(str(error)) from error
    if checked:
        _check_samples(source, page)
    with Image.open(io.BytesIO(alone)) as image:
        if checked and page.compression in FAX:
            load_whole(image)
            _check_rows(source, page)
        yield image


def _as_stored(image: Image.Image) -> Image.Image:
    """The image decoded, without the turn that the library makes while it decodes a TIFF file (tag 274, or XMP)."""
    made = image.getexif().get(_ORIENTATION, 1)
    image.load()
    back = _TURNED_BACK.get(made)
    return image if back is None else image.transpose(back)


def _check_rows(source: str, page: TiffPage) -> None:
    """Raise OSError for a fax-coded page that has fewer rows than it promises."""
    dimensions: dict[int, Dimensions] = {2: "one", 3: "mixed" if page.t4_options & 1 else "one", 4: "two"}
    columns, parts = page.width_px, list(page.rows_of_strips())
    if page.tiled:
        order, entries = raw_entries(source, page)
        columns, rows = (
            struct.unpack_from(order + ("H" if kind == _SHORT else "I"), value)[0]
            for kind, _count, value in (entries[_TILE_WIDTH], entries[_TILE_LENGTH])
        )
        parts = [(start, length, rows) for start, length in page.strips]
    coding = FaxCoding(columns, dimensions[page.compression], aligned=page.compression == _NO_MARKS)
    with Path(source).open("rb") as file:
        coded = []
        for start, length, rows in parts:
            file.seek(start)
            data = file.read(length)
            coded.append((data.translate(REVERSED_BITS) if page.fill_order == _REVERSED else data, rows))
    if not have_all_rows(coded, coding):
        raise OSError("rows are missing")


def _check_samples(source: str, page: TiffPage) -> None:
    """Raise OSError for samples that the library would change: signed, fractions, 16 bits of colours or of darkness."""
    order, entries = raw_entries(source, page)
    kind = entries.get(_SAMPLE_FORMAT)
    told = struct.unpack(f"{order}{kind[1]}H", kind[2][: 2 * kind[1]]) if kind is not None and kind[0] == _SHORT else ()
    odd_kind = any(value not in (_UNSIGNED, _UNKNOWN) for value in told)
    too_deep = page.bits > 16 or (page.bits == 16 and (page.samples > 1 or page.photometric == _WHITE_IS_ZERO))
    if odd_kind or too_deep:
        raise OSError("samples of a kind that can't be taken over as they are")


def jpeg_strips(source: str, page: TiffPage) -> list[bytes]:
    """The page's strips as JPEG files of their own whose first component is brightness; none where it isn't so.

    The tables that the strips share are put in front of each (TIFF Technical Note 2).
    """
    plain = page.compression == _JPEG and page.photometric in (_BLACK_IS_ZERO, _YCBCR) and page.bits == 8
    if not plain or page.tiled or page.planar != 1 or (len(page.strips) > 1 and page.rows_per_strip % 8):
        return []
    with Path(source).open("rb") as file:
        tables = b""
        if page.tables is not None:
            file.seek(page.tables[0])
            tables = file.read(page.tables[1]).removeprefix(b"\xff\xd8").removesuffix(b"\xff\xd9")
        strips = []
        for start, length in page.strips:
            file.seek(start)
            data = file.read(length)
            strips.append(data[:2] + tables + data[2:])
    return strips


def single_page(source: str, page: TiffPage) -> bytes:
    """A TIFF file of just this page, its coded data byte for byte. Raises BadTiff where data are not in the file."""
    order, entries = raw_entries(source, page)
    kept = {tag: _classic(order, *entry) for tag, entry in entries.items() if tag in _DECODING}
    data = bytearray((b"II*\0" if order == "<" else b"MM\0*") + bytes(4))
    offsets = []
    with Path(source).open("rb") as file:
        for start, length in page.strips:
            file.seek(start)
            offsets.append(len(data))
            data += file.read(length)
            data += bytes(len(data) % 2)
    places, lengths = (324, 325) if page.tiled else (273, 279)
    for tag, numbers in ((places, offsets), (lengths, [length for _start, length in page.strips])):
        kept[tag] = (_LONG, len(numbers), struct.pack(f"{order}{len(numbers)}I", *numbers))
    table = b""
    for tag, (kind, count, value) in sorted(kept.items()):
        if len(value) > 4:
            place = len(data)
            data += value + bytes(len(value) % 2)
            value = struct.pack(order + "I", place)
        table += struct.pack(order + "HHI", tag, kind, count) + value.ljust(4, b"\0")
    struct.pack_into(order + "I", data, 4, len(data))
    return bytes(data + struct.pack(order + "H", len(kept)) + table + bytes(4))


def _classic(order: str, kind: int, count: int, value: bytes) -> tuple[int, int, bytes]:
    """An entry as files with 32-bit offsets hold it."""
    if kind not in (_LONG8, _IFD8):
        return kind, count, value
    numbers = struct.unpack(f"{order}{count}Q", value)
    return _LONG, count, struct.pack(f"{order}{count}I", *(min(number, 0xFFFFFFFF) for number in numbers))
