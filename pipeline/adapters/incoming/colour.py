"""A colour profile of our own for four-colour pictures that bring none.

PDF/A wants to know what device colours mean (ISO 19005-2, 6.2.4.3). For gray and RGB the sRGB output intent says it.
CMYK without a profile gets this one as its default: the plain subtractive mixture, read as sRGB. The picture's bytes
stay as they are; that the colours are assumed is told as a remark.
"""

from __future__ import annotations

import itertools
import struct
from functools import cache

_GRID = 5
_D50 = (0.9642, 1.0, 0.8249)
_TO_XYZ_D50 = (  # linear sRGB to XYZ, adapted to D50 (IEC 61966-2-1 with Bradford adaptation)
    (0.4360747, 0.3850649, 0.1430804),
    (0.2225045, 0.7168786, 0.0606169),
    (0.0139322, 0.0971045, 0.7141733),
)


@cache
def cmyk_profile() -> bytes:
    """An ICC version 2 input profile from CMYK to Lab; always the same bytes."""
    tags = {
        b"desc": _description("Plain CMYK as sRGB"),
        b"cprt": b"text\0\0\0\0No copyright, use freely\0",
        b"wtpt": b"XYZ \0\0\0\0" + b"".join(_fixed(value) for value in _D50),
        b"A2B0": _table(),
    }
    place = 128 + 4 + 12 * len(tags)
    directory, bodies = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        directory += name + struct.pack(">II", place + len(bodies), len(data))
        bodies += data + b"\0" * (-len(data) % 4)
    size = place + len(bodies)
    header = struct.pack(">I4sI4s4s4s", size, b"\0" * 4, 0x02400000, b"scnr", b"CMYK", b"Lab ")
    header += struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28
    header += b"".join(_fixed(value) for value in _D50)
    return header + b"\0" * (128 - len(header)) + directory + bodies


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
