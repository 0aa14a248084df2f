"""TIFF files by their directories (TIFF 6.0, BigTIFF): pages, sizes, strips, completeness. Nothing is decoded."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, overload

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_CODES = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}
_MAX_VALUES = 4_000_000
_CM_PER_INCH = 2.54
_ZERO_TAIL = 64
_GLIMPSE = 1024  # holds a usual directory

COMPRESSIONS = {
    1: "none",
    2: "CCITT RLE",
    3: "CCITT G3",
    4: "CCITT G4",
    5: "LZW",
    6: "JPEG (old)",
    7: "JPEG",
    8: "Deflate",
    32773: "PackBits",
    32946: "Deflate",
}


class BadTiff(ValueError):
    """A directory, a value or a strip lies beyond the end of the file, or makes no sense."""


@dataclass(frozen=True)
class TiffPage:
    """One page: `index` is its place in the chain of directories, from 0, reduced pictures counted.

    `strips`: offset and length in bytes of each, top to bottom. `tiled`: they are tiles, not strips.
    `tables`: offset and length of the JPEG tables that all strips share. `directory`: its offset in the file.
    """

    index: int
    width_px: int
    height_px: int
    bits: int
    samples: int
    compression: int
    photometric: int
    planar: int
    fill_order: int
    t4_options: int
    orientation: int
    rows_per_strip: int
    dpi: tuple[float, float] | None
    strips: tuple[tuple[int, int], ...]
    tiled: bool
    tables: tuple[int, int] | None
    reduced: bool
    directory: int

    def rows_of_strips(self) -> Iterator[tuple[int, int, int]]:
        """Offset, length and rows of each strip that the page's height has room for, top to bottom."""
        left = self.height_px
        for offset, length in self.strips:
            if left <= 0:
                return
            rows = min(self.rows_per_strip, left)
            left -= rows
            yield offset, length, rows


def read_tiff(path: str, *, max_pages: int = 100_000) -> list[TiffPage]:
    """All directories in chain order. Raises BadTiff where anything they point to is not in the file."""
    with Path(path).open("rb") as file:
        size = file.seek(0, 2)
        reader = _Reader(file, size)
        offset = reader.first
        pages: list[TiffPage] = []
        seen: set[int] = set()
        while offset:
            if offset in seen:
                raise BadTiff("the directories go round in a circle")
            seen.add(offset)
            values, after = reader.directory(offset)
            pages.append(_page(len(pages), offset, values, reader))
            offset = after
            if len(pages) > max_pages:
                break
        return pages


class TiffPages(Sequence[TiffPage]):
    """The pages of a TIFF file that was read once before, reduced pictures left out; each is read when it is wanted.

    Only the chain is followed at first, with one small read a directory, so that a page of a file with thousands
    costs hardly more than one of a short file. Raises BadTiff like `read_tiff`.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        with Path(path).open("rb") as file:
            reader = _Reader(file, file.seek(0, 2))
            self._places = [(index, place) for index, (place, reduced) in enumerate(_chain(reader)) if not reduced]

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, number: int) -> TiffPage: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[TiffPage]: ...

    def __getitem__(self, number: int | slice) -> TiffPage | Sequence[TiffPage]:
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(len(self)))]
        index, place = self._places[number]
        with Path(self._path).open("rb") as file:
            reader = _Reader(file, file.seek(0, 2))
            return _page(index, place, reader.directory(place)[0], reader)


def raw_entries(path: str, page: TiffPage) -> tuple[str, dict[int, tuple[int, int, bytes]]]:
    """Everything that a page's directory says: byte order for `struct`, and by tag the type, count and bytes.

    Raises BadTiff where a value is not in the file.
    """
    with Path(path).open("rb") as file:
        reader = _Reader(file, file.seek(0, 2))
        values, _next = reader.directory(page.directory)
        entries = {}
        for tag, value in sorted(values.items()):
            if value.kind in _SIZES and value.count <= _MAX_VALUES:
                entries[tag] = (value.kind, value.count, reader.read(value.place, _SIZES[value.kind] * value.count))
        return reader.order, entries


def _chain(reader: _Reader) -> list[tuple[int, bool]]:
    """Offset of each directory in order, and whether it is that of a reduced picture."""
    found: list[tuple[int, bool]] = []
    seen: set[int] = set()
    entry = struct.Struct(reader.order + ("HHQ" if reader.big else "HHI") + ("8s" if reader.big else "4s"))
    head = struct.Struct(reader.order + ("Q" if reader.big else "H"))
    onward = struct.Struct(reader.order + ("Q" if reader.big else "I"))
    offset = reader.first
    while offset:
        if offset in seen or len(found) > _MAX_VALUES:
            raise BadTiff("the directories go round in a circle")
        seen.add(offset)
        data = reader.glimpse(offset, _GLIMPSE)
        count = int(head.unpack_from(data)[0]) if len(data) >= head.size else 0
        length = head.size + count * entry.size + onward.size
        if not 1 <= count <= 4096:
            raise BadTiff("an impossible directory")
        if length > len(data):
            data = reader.read(offset, length)
        reduced = False
        for tag, kind, _count, value in entry.iter_unpack(data[head.size : length - onward.size]):
            if tag == 254 and kind in _CODES:
                reduced = bool(struct.unpack_from(reader.order + _CODES[kind], value)[0] & 1)
                break
        found.append((offset, reduced))
        offset = int(onward.unpack_from(data, length - onward.size)[0])
    return found


@dataclass(frozen=True)
class _Value:
    """An entry as it stands in the directory: type, count and where its values lie."""

    kind: int
    count: int
    place: int


class _Reader:
    def __init__(self, file: BinaryIO, size: int) -> None:
        self.file, self.size = file, size
        head = self.read(0, 8)
        order = {b"II": "<", b"MM": ">"}.get(head[:2])
        if order is None:
            raise BadTiff("no TIFF header")
        self.order = order
        version = int(struct.unpack(order + "H", head[2:4])[0])
        self.big = version == 43
        if version not in (42, 43):
            raise BadTiff("no TIFF header")
        self.first = self.number(8, "Q") if self.big else self.number(4, "I")

    def read(self, offset: int, length: int) -> bytes:
        if offset < 0 or length < 0 or offset + length > self.size:
            raise BadTiff("a value lies beyond the end of the file")
        self.file.seek(offset)
        data = self.file.read(length)
        if len(data) != length:
            raise BadTiff("a value lies beyond the end of the file")
        return data

    def glimpse(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes, fewer where the file ends."""
        return os.pread(self.file.fileno(), length, offset)

    def number(self, offset: int, code: str) -> int:
        return int(struct.unpack(self.order + code, self.read(offset, struct.calcsize("=" + code)))[0])

    def directory(self, offset: int) -> tuple[dict[int, _Value], int]:
        width, head, inline = (20, 8, 8) if self.big else (12, 2, 4)
        count = self.number(offset, "Q" if self.big else "H")
        if not 1 <= count <= 4096:
            raise BadTiff("an impossible directory")
        table = self.read(offset + head, count * width)
        values: dict[int, _Value] = {}
        for index in range(count):
            entry = struct.unpack_from(self.order + ("HHQ" if self.big else "HHI"), table, index * width)
            tag, kind, number = int(entry[0]), int(entry[1]), int(entry[2])
            place = offset + head + index * width + (12 if self.big else 8)
            if _SIZES.get(kind, 1) * number > inline:
                place = self.number(place, "Q" if self.big else "I")
            values[tag] = _Value(kind, number, place)
        return values, self.number(offset + head + count * width, "Q" if self.big else "I")

    def numbers(self, value: _Value) -> tuple[int, ...]:
        code = _CODES.get(value.kind)
        if code is None or value.count > _MAX_VALUES:
            raise BadTiff("a value has an impossible type")
        raw = self.read(value.place, _SIZES[value.kind] * value.count)
        return struct.unpack(f"{self.order}{value.count}{code}", raw)

    def fraction(self, value: _Value) -> float:
        if value.kind != 5:
            return float(self.numbers(value)[0])
        above, below = struct.unpack(self.order + "II", self.read(value.place, 8))
        return above / below if below else 0.0


def _page(index: int, directory: int, values: dict[int, _Value], reader: _Reader) -> TiffPage:
    def one(tag: int, default: int) -> int:
        found = reader.numbers(values[tag]) if tag in values else ()
        return int(found[0]) if found else default

    width, height = one(256, 0), one(257, 0)
    if min(width, height) < 1:
        raise BadTiff("a page without a size")
    tiled = 324 in values
    offsets, counts = (324, 325) if tiled else (273, 279)
    if offsets not in values or counts not in values:
        raise BadTiff("a page without picture data")
    strips = tuple(zip(reader.numbers(values[offsets]), reader.numbers(values[counts]), strict=False))
    rows = min(one(278, height), height) or height
    _check_strips(strips, reader, -(-height // rows) if not tiled and one(284, 1) == 1 else 1, one(259, 1) != 1)
    tables = values.get(347)
    return TiffPage(
        index=index,
        width_px=width,
        height_px=height,
        bits=one(258, 1),
        samples=one(277, 1),
        compression=one(259, 1),
        photometric=one(262, 0),
        planar=one(284, 1),
        fill_order=one(266, 1),
        t4_options=one(292, 0),
        orientation=one(274, 1) if 1 <= one(274, 1) <= 8 else 1,
        rows_per_strip=rows,
        dpi=_resolution(values, reader.fraction, one(296, 2)),
        strips=strips,
        tiled=tiled,
        tables=(tables.place, tables.count) if tables is not None else None,
        reduced=bool(one(254, 0) & 1),
        directory=directory,
    )


def _check_strips(strips: tuple[tuple[int, int], ...], reader: _Reader, wanted: int, packed: bool) -> None:
    """`packed` data that end in many zeros were never copied: a copy may reserve its full length first."""
    if len(strips) < wanted:
        raise BadTiff("strips are missing")
    for offset, length in strips:
        if length < 1 or offset < 8 or offset + length > reader.size:
            raise BadTiff("picture data lie beyond the end of the file")
        if packed and length >= _ZERO_TAIL and not any(reader.read(offset + length - _ZERO_TAIL, _ZERO_TAIL)):
            raise BadTiff("picture data are missing")


def _resolution(
    values: dict[int, _Value], fraction: Callable[[_Value], float], unit: int
) -> tuple[float, float] | None:
    if 282 not in values or 283 not in values or unit not in (2, 3):
        return None
    factor = 1.0 if unit == 2 else _CM_PER_INCH
    x, y = fraction(values[282]) * factor, fraction(values[283]) * factor
    return (x, y) if x > 0 and y > 0 else None
