"""JPEG streams by their markers (ITU T.81 Annex B): size, resolution, orientation, completeness. Nothing is decoded."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

_STANDALONE = {0x01, *range(0xD0, 0xD8)}
_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_CM_PER_INCH = 2.54
_INDEX_OF_PICTURES, _PREVIEW = 0xB002, 0x010000  # CIPA DC-007, 5.2.3.3
_GAIN_MAP = (b"hdrgm:", b"HDRGainMap", b"urn:iso:std:iso:ts:21496")  # ISO 21496-1, and what phones wrote before it
_HEAD_BYTES = 65_536
_MOST_PICTURES = 32  # that are looked at; the second of a file decides nearly always


class BadJpeg(ValueError):
    """The markers do not make a complete JPEG stream."""


@dataclass(frozen=True)
class JpegFacts:
    """Size in pixels, samples a pixel, bits a sample. `dpi`: horizontal, vertical, None if not told.

    `orientation`: the Exif value, 1 to 8. `adobe`: an Adobe marker is there, so four samples are stored inverted.
    `frame`: the low byte of the frame marker (0xC0 baseline, 0xC2 progressive).
    """

    width_px: int
    height_px: int
    components: int
    bits: int
    frame: int
    dpi: tuple[float, float] | None
    orientation: int
    adobe: bool


@dataclass
class _Found:
    frame: tuple[int, int, int, int, int] | None = None
    dpi: tuple[float, float] | None = None
    exif_dpi: tuple[float, float] | None = None
    orientation: int = 1
    adobe: bool = False


def read_jpeg(data: bytes, *, complete: bool = True) -> JpegFacts:
    """Walk the markers of `data` from SOI to EOI.

    `complete`: every scan and the end marker must be there; otherwise the walk stops at the first scan.
    Raises BadJpeg where a marker is cut, missing or out of place.
    """
    if data[:2] != b"\xff\xd8":
        raise BadJpeg("no start of image")
    found = _Found()
    position, scans, ended = 2, 0, False
    while not ended:
        marker, position = _next_marker(data, position)
        if marker == 0xD9:
            ended = True
        elif marker not in _STANDALONE:
            body, position = _segment(data, position)
            _note(marker, body, found)
            if marker == 0xDA:
                scans += 1
                if not complete:
                    break
                position = _after_scan(data, position)
    if found.frame is None or scans == 0:
        raise BadJpeg("no picture between start and end")
    frame, bits, height, width, components = found.frame
    if min(width, height) < 1:
        raise BadJpeg("no height or width")
    return JpegFacts(
        width, height, components, bits, frame, found.exif_dpi or found.dpi, found.orientation, found.adobe
    )


def further_pictures(data: bytes) -> list[JpegFacts]:
    """The pictures behind the first of a Multi-Picture file (CIPA DC-007), without previews and maps of brightness.

    Raises BadJpeg as `read_jpeg` does. An index that makes no sense tells of no picture.
    """
    position, marker = 2, 0
    while marker != 0xDA:
        marker, position = _next_marker(data, position)
        if marker in _STANDALONE:
            continue
        body, end = _segment(data, position)
        if marker == 0xE2 and body[:4] == b"MPF\0":
            try:
                return _indexed(data, position + 6, body[4:])
            except struct.error:
                return []
        position = end
    return []


def _indexed(data: bytes, origin: int, index: bytes) -> list[JpegFacts]:
    """What an index of pictures names behind the first. `origin`: where it lies in the file, and counts from."""
    order = ">" if index[:2] == b"MM" else "<"
    (table,) = struct.unpack_from(order + "I", index, 4)
    (count,) = struct.unpack_from(order + "H", index, table)
    for entry in range(count):
        tag, _kind, length, place = struct.unpack_from(order + "HHII", index, table + 2 + 12 * entry)
        if tag == _INDEX_OF_PICTURES:
            entries = range(place + 16, place + min(length, _MOST_PICTURES * 16), 16)
            return _pictures(data, origin, [struct.unpack_from(order + "III", index, each) for each in entries])
    return []


def _pictures(data: bytes, origin: int, entries: Sequence[tuple[int, int, int]]) -> list[JpegFacts]:
    """The pictures of these entries, each of kind, size and offset in bytes, that may be pages."""
    found = []
    for kind, size, offset in entries:
        picture = data[origin + offset : origin + offset + size]
        mapped = any(mark in picture[:_HEAD_BYTES] for mark in _GAIN_MAP)
        if kind & 0xFF0000 != _PREVIEW and picture[:2] == b"\xff\xd8" and not mapped:
            found.append(read_jpeg(picture, complete=False))
    return found


def _next_marker(data: bytes, position: int) -> tuple[int, int]:
    if position >= len(data) or data[position] != 0xFF:
        raise BadJpeg("a marker is missing")
    while position < len(data) and data[position] == 0xFF:
        position += 1
    if position >= len(data):
        raise BadJpeg("cut in a marker")
    return data[position], position + 1


def _segment(data: bytes, position: int) -> tuple[bytes, int]:
    if position + 2 > len(data):
        raise BadJpeg("cut in a segment")
    length = int.from_bytes(data[position : position + 2], "big")
    end = position + length
    if length < 2 or end > len(data):
        raise BadJpeg("cut in a segment")
    return data[position + 2 : end], end


def _after_scan(data: bytes, position: int) -> int:
    """The position of the first marker behind entropy-coded data; stuffed bytes and restarts belong to the data."""
    while True:
        position = data.find(b"\xff", position)
        if position < 0 or position + 1 >= len(data):
            raise BadJpeg("cut in the picture")
        following = data[position + 1]
        if following == 0xFF:
            position += 1
        elif following == 0 or 0xD0 <= following <= 0xD7:
            position += 2
        else:
            return position


def _note(marker: int, body: bytes, found: _Found) -> None:
    if marker in _FRAMES and len(body) >= 6 and found.frame is None:
        bits, height, width, components = struct.unpack(">BHHB", body[:6])
        found.frame = (marker, bits, height, width, components)
    elif marker == 0xE0 and body[:5] == b"JFIF\0" and len(body) >= 12:
        unit, x, y = struct.unpack(">BHH", body[7:12])
        if unit in (1, 2) and x and y:
            factor = 1.0 if unit == 1 else _CM_PER_INCH
            found.dpi = (x * factor, y * factor)
    elif marker == 0xE1 and body[:6] == b"Exif\0\0":
        _note_exif(body[6:], found)
    elif marker == 0xEE and body[:5] == b"Adobe":
        found.adobe = True


def _note_exif(tiff: bytes, found: _Found) -> None:
    """Orientation and resolution of the Exif block's first directory; a broken block tells nothing."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return
    offset = int(struct.unpack(order + "I", tiff[4:8])[0])
    if offset + 2 > len(tiff):
        return
    values: dict[int, float] = {}
    for index in range(min(int(struct.unpack_from(order + "H", tiff, offset)[0]), 200)):
        place = offset + 2 + 12 * index
        if place + 12 > len(tiff):
            break
        tag, kind, _count, pointer = struct.unpack_from(order + "HHII", tiff, place)
        if kind == 3:
            values[tag] = float(struct.unpack_from(order + "H", tiff, place + 8)[0])
        elif kind == 5 and pointer + 8 <= len(tiff):
            above, below = struct.unpack_from(order + "II", tiff, pointer)
            values[tag] = above / below if below else 0.0
    if 1 <= values.get(0x0112, 1) <= 8:
        found.orientation = int(values.get(0x0112, 1))
    unit = values.get(0x0128, 2)
    x, y = values.get(0x011A, 0.0), values.get(0x011B, 0.0)
    if unit in (2, 3) and x > 0 and y > 0:
        factor = 1.0 if unit == 2 else _CM_PER_INCH
        found.exif_dpi = (x * factor, y * factor)
