"""JBIG2 streams as PDF embeds them: segment headers (ITU T.88, 7.2). Nothing is decoded.

Symbol coding replaces shapes by similar ones. Its segments are the symbol dictionary (type 0) and the text
regions (types 4, 6, 7); BSI TR-03138 (A.SC.12) forbids it for replacement scanning, even where it is lossless.
"""

from __future__ import annotations

from dataclasses import dataclass

SYMBOL_TYPES = frozenset({0, 4, 6, 7})
_PAGE_INFORMATION = 48
_UNKNOWN_LENGTH = 0xFFFFFFFF
_IMMEDIATE_GENERIC = 38


class BadJbig2(ValueError):
    """The segments do not fill the stream."""


@dataclass(frozen=True)
class Segment:
    """A segment: its number, its type (T.88 7.3), where its data begin and how many bytes they have."""

    number: int
    type: int
    start: int
    length: int


def read_segments(data: bytes) -> list[Segment]:
    """All segments of an embedded stream (no file header). Raises BadJbig2 where one is cut."""
    segments: list[Segment] = []
    position = 0
    while position < len(data):
        segment = _header(data, position)
        if segment.start + segment.length > len(data):
            raise BadJbig2(f"segment {segment.number} is cut")
        segments.append(segment)
        position = segment.start + segment.length
    return segments


def _header(data: bytes, position: int) -> Segment:
    def number(size: int) -> int:
        nonlocal position
        if position + size > len(data):
            raise BadJbig2("cut in a segment header")
        value = int.from_bytes(data[position : position + size], "big")
        position += size
        return value

    own_number = number(4)
    flags = number(1)
    referred = number(1)
    count = referred >> 5
    if count == 7:
        position -= 1
        count = number(4) & 0x1FFFFFFF
        position += (count + 8) // 8
    elif count > 4:
        raise BadJbig2("an impossible count of references")
    position += count * (1 if own_number <= 256 else 2 if own_number <= 65536 else 4)
    number(4 if flags & 0x40 else 1)
    length = number(4)
    kind = flags & 0x3F
    if length == _UNKNOWN_LENGTH:
        if kind != _IMMEDIATE_GENERIC:
            raise BadJbig2("only a generic region may leave its length open")
        length = _open_length(data, position)
    return Segment(own_number, kind, position, length)


def _open_length(data: bytes, start: int) -> int:
    """The length of a generic region whose header leaves it open: it ends with a row count behind a mark (7.2.7)."""
    if start + 18 > len(data):
        raise BadJbig2("cut in a region")
    mark = b"\x00\x00" if data[start + 17] & 1 else b"\xff\xac"
    end = data.find(mark, start + 18)
    if end < 0:
        raise BadJbig2("a region has no end")
    return end + 6 - start


def is_symbol_coded(data: bytes) -> bool:
    """Whether a segment of the stream codes symbols."""
    return any(segment.type in SYMBOL_TYPES for segment in read_segments(data))


def page_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of the page information segment; height 0 where it is not told."""
    for segment in read_segments(data):
        if segment.type == _PAGE_INFORMATION and segment.length >= 8:
            width = int.from_bytes(data[segment.start : segment.start + 4], "big")
            height = int.from_bytes(data[segment.start + 4 : segment.start + 8], "big")
            return width, 0 if height == 0xFFFFFFFF else height
    return None
