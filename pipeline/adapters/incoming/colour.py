"""Colour profiles of our own: sRGB in few bytes, and one for four-colour pictures that bring none.

PDF/A wants to know what device colours mean (ISO 19005-2, 6.2.4.3). For gray and RGB the sRGB output intent says it.
CMYK without a profile gets this one as its default: the plain subtractive mixture, read as sRGB. The picture's bytes
stay as they are; that the colours are assumed is told as a remark.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Mapping, Sequence
from functools import cache

_GRID = 5
_D50 = (0.9642, 1.0, 0.8249)
_TO_XYZ_D50 = (  # linear sRGB to XYZ, adapted to D50 (IEC 61966-2-1 with Bradford adaptation)
    (0.4360747, 0.3850649, 0.1430804),
    (0.2225045, 0.7168786, 0.0606169),
    (0.0139322, 0.0971045, 0.7141733),
)


_ADAPTATION = (  # from D65 to D50 (Bradford), which a version 4 profile has to tell
    (1.0478112, 0.0228866, -0.0501270),
    (0.0295424, 0.9904844, -0.0170491),
    (-0.0092345, 0.0150436, 0.7521316),
)
_SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)  # IEC 61966-2-1, as ICC.1:2004-10, table 46


@cache
def srgb_profile() -> bytes:
    """sRGB as an ICC version 4 display profile, exact and small; always the same bytes."""
    curve = b"para\0\0\0\0" + struct.pack(">HH", 3, 0) + b"".join(_fixed(value) for value in _SRGB_CURVE)
    red, green, blue = (_xyz(tuple(row[column] for row in _TO_XYZ_D50)) for column in range(3))
    adaptation = b"sf32\0\0\0\0" + b"".join(_fixed(value) for row in _ADAPTATION for value in row)
    tags = {
        b"desc": _unicode("sRGB"),
        b"cprt": _unicode("CC0"),
        b"wtpt": _xyz(_D50),
        b"chad": adaptation,
        **{b"rXYZ": red, b"gXYZ": green, b"bXYZ": blue},
        **{b"rTRC": curve, b"gTRC": curve, b"bTRC": curve},
    }
    return _profile(0x04200000, b"mntr", b"RGB ", b"XYZ ", tags)


@cache
def cmyk_profile() -> bytes:
    """An ICC version 2 input profile from CMYK to Lab; always the same bytes."""
    tags = {
        b"desc": _description("Plain CMYK as sRGB"),
        b"cprt": b"text\0\0\0\0No copyright, use freely\0",
        b"wtpt": _xyz(_D50),
        b"A2B0": _table(),
    }
    return _profile(0x02400000, b"scnr", b"CMYK", b"Lab ", tags)


def _profile(version: int, kind: bytes, space: bytes, connection: bytes, tags: Mapping[bytes, bytes]) -> bytes:
    """Header, directory and data of a profile; equal data are stored once."""
    place = 128 + 4 + 12 * len(tags)
    directory, bodies = struct.pack(">I", len(tags)), b""
    places: dict[bytes, int] = {}
    for name, data in tags.items():
        if data not in places:
            places[data] = place + len(bodies)
            bodies += data + b"\0" * (-len(data) % 4)
        directory += name + struct.pack(">II", places[data], len(data))
    header = struct.pack(">I4sI4s4s4s", place + len(bodies), b"\0" * 4, version, kind, space, connection)
    header += struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28
    header += b"".join(_fixed(value) for value in _D50)
    return header + b"\0" * (128 - len(header)) + directory + bodies


def _xyz(values: Sequence[float]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(_fixed(value) for value in values)


def _unicode(text: str) -> bytes:
    """A text in one language (multiLocalizedUnicodeType)."""
    data = text.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II4sII", 1, 12, b"enUS", len(data), 28) + data


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def _description(text: str) -> bytes:
    plain = text.encode("ascii") + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(plain)) + plain + b"\0" * (4 + 4 + 2 + 1 + 67)


def _table() -> bytes:
    """A lut16 table: straight curves around a grid of colours."""
    matrix = b"".join(_fixed(float(row == column)) for row in range(3) for column in range(3))
    straight = struct.pack(">2H", 0, 65535)
    steps = [index / (_GRID - 1) for index in range(_GRID)]
    grid = b"".join(struct.pack(">3H", *_lab16(*inks)) for inks in itertools.product(steps, repeat=4))
    head = b"mft2\0\0\0\0" + struct.pack(">BBBB", 4, 3, _GRID, 0)
    return head + matrix + struct.pack(">2H", 2, 2) + straight * 4 + grid + straight * 3


def _lab16(cyan: float, magenta: float, yellow: float, black: float) -> tuple[int, int, int]:
    linear = [_linear((1 - ink) * (1 - black)) for ink in (cyan, magenta, yellow)]
    xyz = [sum(factor * value for factor, value in zip(row, linear, strict=True)) for row in _TO_XYZ_D50]
    x, y, z = (_root(value / white) for value, white in zip(xyz, _D50, strict=True))
    lightness, a, b = 116 * y - 16, 500 * (x - y), 200 * (y - z)
    return _clipped(lightness * 652.8), _clipped((a + 128) * 256), _clipped((b + 128) * 256)


def _linear(value: float) -> float:
    return float(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)


def _root(value: float) -> float:
    return float(value ** (1 / 3) if value > 216 / 24389 else (24389 / 27 * value + 16) / 116)


def _clipped(value: float) -> int:
    return min(max(round(value), 0), 65535)
