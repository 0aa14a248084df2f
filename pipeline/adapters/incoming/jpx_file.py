"""JPEG 2000 data by their boxes (ISO 15444-1, Annex I): channels, depth, colours. Nothing is decoded.

ISO 19005-2, 6.2.8.3, allows JPEG 2000 in PDF/A with 1, 3 or 4 channels of one depth and a colour that is told.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_SIGNATURE = b"\0\0\0\x0cjP  \r\n\x87\n"
_START, _END = b"\xff\x4f", b"\xff\xd9"
_SRGB, _GRAY = 16, 17  # enumerated colours
_SAME_DEPTH_LIMIT = 38


class BadJpx(ValueError):
    """A box, or the code stream, is cut."""


@dataclass(frozen=True)
class JpxFacts:
    """`boxed`: a JP2 file, not a bare code stream. `channels` 0 and `bits` 0 where the boxes do not tell.

    `colour`: `gray`, `rgb`, or `other` for all that PDF/A would have to learn from elsewhere.
    """

    boxed: bool
    channels: int
    bits: int
    colour: Literal["gray", "rgb", "other"]

    @property
    def fit_for_archive(self) -> bool:
        """Whether PDF/A-2 takes these data as they are, their colours being those of the page."""
        return (
            self.boxed
            and self.channels in {"gray": (1,), "rgb": (3, 4), "other": ()}[self.colour]
            and 1 <= self.bits <= _SAME_DEPTH_LIMIT
        )


def read_jpx(data: bytes) -> JpxFacts:
    """What the header boxes say. Data that are none of JPEG 2000 come back as an unboxed picture of no channels."""
    if not data.startswith(_SIGNATURE):
        return JpxFacts(False, 0, 0, "other")
    header = next((body for kind, body, _size in _boxes(data) if kind == b"jp2h"), b"")
    channels = bits = 0
    colours: list[int] = []
    for kind, body, _size in _boxes(header):
        if kind == b"ihdr" and len(body) >= 11:
            channels, depth = struct.unpack(">HB", body[8:11])
            bits = 0 if depth == 0xFF else (depth & 0x7F) + 1  # 0xFF: depths differ
        elif kind == b"colr" and len(body) >= 3:
            method = body[0]
            colours.append(int.from_bytes(body[3:7], "big") if method == 1 else -method)
    named: dict[int, Literal["gray", "rgb"]] = {_SRGB: "rgb", _GRAY: "gray"}
    return JpxFacts(True, channels, bits, named.get(colours[0], "other") if len(colours) == 1 else "other")


def check_whole(data: bytes) -> None:
    """Raises BadJpx where a box is longer than the data, or a bare code stream lacks its end (Annex A, EOC)."""
    if not data.startswith(_SIGNATURE):
        if data[:2] == _START and _END not in data[-64:]:
            raise BadJpx("the code stream has no end")
        return
    reached = sum(size for _kind, _body, size in _boxes(data))
    if reached != len(data):
        raise BadJpx("a box is cut")


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    """Kind, content and whole length of each box, up to one that is cut."""
    position = 0
    while position + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        start = position + 8
        if length == 1 and position + 16 <= len(data):
            length, start = int.from_bytes(data[start : start + 8], "big"), start + 8
        end = len(data) if length == 0 else position + length
        if end < start or end > len(data):
            return
        yield kind, data[start:end], end - position
        position = end
