"""A small writer of JBIG2 streams as PDF embeds them (ITU T.88), for tests: generic regions and symbol coding.

Sections in brackets are those of T.88. Rasters are arrays of 0 (paper) and 1 (ink).
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

Bits = NDArray[np.uint8]

_NEAREST = bytes((3, 0xFF, 0xFD, 0xFF, 2, 0xFE, 0xFE, 0xFE))  # the four movable context pixels at their usual places
_SAME_ROW = 0x9B25  # context of "this row is like the one above" [6.2.5.7]
_PROBABILITIES = (  # Qe, next after the more and the less probable symbol, whether the sense turns [table E.1]
    (0x5601, 1, 1, 1), (0x3401, 2, 6, 0), (0x1801, 3, 9, 0), (0x0AC1, 4, 12, 0), (0x0521, 5, 29, 0),
    (0x0221, 38, 33, 0), (0x5601, 7, 6, 1), (0x5401, 8, 14, 0), (0x4801, 9, 14, 0), (0x3801, 10, 14, 0),
    (0x3001, 11, 17, 0), (0x2401, 12, 18, 0), (0x1C01, 13, 20, 0), (0x1601, 29, 21, 0), (0x5601, 15, 14, 1),
    (0x5401, 16, 14, 0), (0x5101, 17, 15, 0), (0x4801, 18, 16, 0), (0x3801, 19, 17, 0), (0x3401, 20, 18, 0),
    (0x3001, 21, 19, 0), (0x2801, 22, 19, 0), (0x2401, 23, 20, 0), (0x2201, 24, 21, 0), (0x1C01, 25, 22, 0),
    (0x1801, 26, 23, 0), (0x1601, 27, 24, 0), (0x1401, 28, 25, 0), (0x1201, 29, 26, 0), (0x1101, 30, 27, 0),
    (0x0AC1, 31, 28, 0), (0x09C1, 32, 29, 0), (0x08A1, 33, 30, 0), (0x0521, 34, 31, 0), (0x0441, 35, 32, 0),
    (0x02A1, 36, 33, 0), (0x0221, 37, 34, 0), (0x0141, 38, 35, 0), (0x0111, 39, 36, 0), (0x0085, 40, 37, 0),
    (0x0049, 41, 38, 0), (0x0025, 42, 39, 0), (0x0015, 43, 40, 0), (0x0009, 44, 41, 0), (0x0005, 45, 42, 0),
    (0x0001, 45, 43, 0), (0x5601, 46, 46, 0),
)  # fmt: skip
_RANGES = ((4, 0b0, 1, 2), (20, 0b10, 2, 4), (84, 0b110, 3, 6), (340, 0b1110, 4, 8), (4436, 0b11110, 5, 12))


def ink(image: Image.Image) -> Bits:
    """The raster of a black and white picture."""
    return np.asarray(np.asarray(image.convert("1")) == 0, dtype=np.uint8)


def generic(raster: Bits) -> bytes:
    """A page as one arithmetically coded generic region."""
    coder = _Coder()
    _code_bitmap(coder, raster, typical=True)
    body = _region(raster) + b"\x08" + _NEAREST + coder.finish()
    return _segment(0, 48, 1, _page(raster)) + _segment(1, 38, 1, body)


def fax_coded(raster: Bits) -> bytes:
    """A page as one generic region in MMR, which is Group 4 [6.2.6]."""
    body = _region(raster) + b"\x01" + _group4(raster)
    return _segment(0, 48, 1, _page(raster)) + _segment(1, 38, 1, body)


def symbol_coded(raster: Bits) -> tuple[bytes, bytes]:
    """A page by its shapes: the dictionary, for /JBIG2Globals, and the page that places its symbols."""
    count, labels, stats, _centres = cv2.connectedComponentsWithStats(raster, connectivity=8)
    places = []
    for label in range(1, count):
        x, y, width, height = (int(value) for value in stats[label, :4])
        shape = (labels[y : y + height, x : x + width] == label).astype(np.uint8)
        places.append((y, x, width, (height, width, shape.tobytes())))
    symbols = sorted({key for _y, _x, _width, key in places})
    names = {key: number for number, key in enumerate(symbols)}
    instances = sorted((y, x, width, names[key]) for y, x, width, key in places)
    length = max(1, (len(symbols) - 1).bit_length())
    page = _segment(1, 48, 1, _page(raster))
    page += _segment(2, 6, 1, _region(raster) + _text_region(instances, length), refers_to=0)
    return _segment(0, 0, 0, _dictionary(symbols)), page


class _Coder:
    """The arithmetic coder [Annex E] with the integer procedures over it [Annex A]."""

    def __init__(self) -> None:
        self.a, self.c, self.left = 0x8000, 0, 12
        self.out = bytearray(1)
        self.states: dict[str, list[list[int]]] = defaultdict(lambda: [[0, 0] for _context in range(65536)])

    def bit(self, state: list[int], value: int) -> None:
        probability, more, less, turns = _PROBABILITIES[state[0]]
        self.a -= probability
        if value == state[1]:
            if self.a & 0x8000:
                self.c += probability
                return
            if self.a < probability:
                self.a = probability
            else:
                self.c += probability
            state[0] = more
        else:
            if self.a < probability:
                self.c += probability
            else:
                self.a = probability
            state[1] ^= turns
            state[0] = less
        while not self.a & 0x8000:
            self.a <<= 1
            self.c <<= 1
            self.left -= 1
            if self.left == 0:
                self._byte()

    def _byte(self) -> None:
        if self.out[-1] != 0xFF and self.c >= 0x8000000:
            self.out[-1] += 1
            self.c &= 0x7FFFFFF
        shift, self.left = (20, 7) if self.out[-1] == 0xFF else (19, 8)
        self.out.append(self.c >> shift & 0xFF)
        self.c &= (1 << shift) - 1

    def finish(self) -> bytes:
        top = self.c + self.a
        self.c |= 0xFFFF
        if self.c >= top:
            self.c -= 0x8000
        for _byte in range(2):
            self.c <<= self.left
            self._byte()
        return bytes(self.out[1:]).removesuffix(b"\xff") + b"\xff\xac"

    def number(self, name: str, value: int | None) -> None:
        """An integer, or None for the end of a run, in the contexts of procedure `name`."""
        size, offset = abs(value or 0), 0
        digits = [int(value is None or value < 0)]
        for limit, prefix, prefix_bits, bits in _RANGES:
            if size < limit:
                digits += _digits(prefix, prefix_bits) + _digits(size - offset, bits)
                break
            offset = limit
        else:
            raise ValueError(f"too large for a test: {value}")
        before = 1
        for digit in digits:
            self.bit(self.states[name][before], digit)
            before = before << 1 | digit
            if before >= 512:
                before = before & 511 | 256

    def identity(self, value: int, length: int) -> None:
        """A symbol's number in so many bits [A.3]."""
        before = 1
        for digit in _digits(value, length):
            self.bit(self.states["IAID"][before], digit)
            before = before << 1 | digit


def _digits(value: int, count: int) -> list[int]:
    return [value >> place & 1 for place in reversed(range(count))]


def _code_bitmap(coder: _Coder, raster: Bits, *, typical: bool) -> None:
    """Rows by template 0 [6.2.5.3]; `typical`: rows like the one above take one decision."""
    height, width = raster.shape
    padded = np.pad(raster, ((2, 0), (4, 4))).astype(np.int64)
    contexts = np.zeros((height, width), np.int64)
    around = [(2, x) for x in range(-2, 3)] + [(1, x) for x in range(-3, 4)] + [(0, x) for x in range(-4, 0)]
    for up, x in around:
        contexts = contexts << 1 | padded[2 - up : 2 - up + height, 4 + x : 4 + x + width]
    states, bit = coder.states["GB"], coder.bit
    was_same = False
    for row in range(height):
        if typical:
            same = bool((raster[row] == (raster[row - 1] if row else 0)).all())
            bit(states[_SAME_ROW], int(same != was_same))
            was_same = same
            if same:
                continue
        for context, value in zip(contexts[row].tolist(), raster[row].tolist(), strict=True):
            bit(states[context], value)


def _dictionary(symbols: Sequence[tuple[int, int, bytes]]) -> bytes:
    """A symbol dictionary [7.4.2, 6.5]: classes of equal height, all symbols exported."""
    coder = _Coder()
    high = 0
    for height, members in groupby(symbols, key=lambda symbol: symbol[0]):
        coder.number("IADH", height - high)
        high, wide = height, 0
        for _height, width, shape in members:
            coder.number("IADW", width - wide)
            wide = width
            _code_bitmap(coder, np.frombuffer(shape, np.uint8).reshape(height, width), typical=False)
        coder.number("IADW", None)
    coder.number("IAEX", 0)
    coder.number("IAEX", len(symbols))
    count = len(symbols).to_bytes(4, "big")
    return b"\x00\x00" + _NEAREST + count + count + coder.finish()


def _text_region(instances: Sequence[tuple[int, int, int, int]], length: int) -> bytes:
    """Instances (top, left, width, symbol) in strips of one row, held by their top left corners [7.4.3, 6.4]."""
    coder = _Coder()
    coder.number("IADT", 0)
    row = first = 0
    for top, members in groupby(instances, key=lambda instance: instance[0]):
        coder.number("IADT", top - row)
        row, place = top, None
        for _top, left, width, symbol in members:
            if place is None:
                coder.number("IAFS", left - first)
                first = left
            else:
                coder.number("IADS", left - place)
            coder.identity(symbol, length)
            place = left + width - 1
        coder.number("IADS", None)
    return b"\x00\x10" + len(instances).to_bytes(4, "big") + coder.finish()


def _group4(raster: Bits) -> bytes:
    buffer = io.BytesIO()
    image = Image.fromarray(raster * 255).convert("1", dither=Image.Dither.NONE)
    image.save(buffer, "TIFF", compression="group4", tiffinfo={278: image.height})
    with TiffImageFile(io.BytesIO(buffer.getvalue())) as file:
        (start,), (size,) = file.tag_v2[273], file.tag_v2[279]
    return buffer.getvalue()[start : start + size]


def _segment(number: int, kind: int, page: int, data: bytes, refers_to: int | None = None) -> bytes:
    references = b"\x00" if refers_to is None else bytes((0x20, refers_to))
    return (
        number.to_bytes(4, "big") + bytes((kind,)) + references + bytes((page,)) + len(data).to_bytes(4, "big") + data
    )


def _page(raster: Bits) -> bytes:
    return raster.shape[1].to_bytes(4, "big") + raster.shape[0].to_bytes(4, "big") + bytes(11)


def _region(raster: Bits) -> bytes:
    return raster.shape[1].to_bytes(4, "big") + raster.shape[0].to_bytes(4, "big") + bytes(9)
