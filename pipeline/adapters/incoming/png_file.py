"""PNG files by their chunks (W3C PNG, second edition): size, resolution, completeness, bounded unpacking."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_METRE_PER_INCH = 0.0254


class BadPng(ValueError):
    """The chunks do not make a complete PNG file."""


class PngBomb(BadPng):
    """The picture data unpack to more than the header's size allows."""


@dataclass(frozen=True)
class PngFacts:
    """Header and picture data. `colour_type`: 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGB and alpha.

    `idat`: the zlib stream of all data chunks. `transparent`: an alpha channel or a transparency chunk is there.
    `animated`: further pictures follow the first (W3C PNG, third edition, 11.3.6).
    """

    width_px: int
    height_px: int
    bits: int
    colour_type: int
    interlaced: bool
    palette: bytes
    transparent: bool
    dpi: tuple[float, float] | None
    orientation: int
    idat: bytes = field(repr=False)
    animated: bool = False

    @property
    def samples(self) -> int:
        """Samples a pixel."""
        return _SAMPLES[self.colour_type]

    @property
    def row_bytes(self) -> int:
        """Bytes of a row, without the filter byte."""
        return (self.width_px * self.samples * self.bits + 7) // 8


def read_png(data: bytes) -> PngFacts:
    """Walk all chunks to the end and check every check sum; `check_pixels` unpacks them. Raises BadPng."""
    if data[:8] != SIGNATURE:
        raise BadPng("no PNG signature")
    chunks: dict[bytes, list[bytes]] = {}
    position = 8
    while b"IEND" not in chunks:
        if position + 12 > len(data):
            raise BadPng("cut in a chunk")
        length = int.from_bytes(data[position : position + 4], "big")
        kind = data[position + 4 : position + 8]
        end = position + 12 + length
        if end > len(data):
            raise BadPng("cut in a chunk")
        body = data[position + 8 : end - 4]
        if zlib.crc32(kind + body) != int.from_bytes(data[end - 4 : end], "big"):
            raise BadPng("a check sum is wrong")
        chunks.setdefault(kind, []).append(body)
        position = end
    return _facts(chunks)


def _facts(chunks: dict[bytes, list[bytes]]) -> PngFacts:
    header = chunks.get(b"IHDR", [b""])[0]
    if len(header) != 13 or b"IDAT" not in chunks:
        raise BadPng("header or picture data are missing")
    width, height, bits, colour_type, _compression, _filter, interlace = struct.unpack(">IIBBBBB", header)
    if min(width, height) < 1 or colour_type not in _SAMPLES or bits not in (1, 2, 4, 8, 16):
        raise BadPng("the header is impossible")
    palette = chunks.get(b"PLTE", [b""])[0]
    if colour_type == 3 and not palette:
        raise BadPng("the palette is missing")
    dpi = None
    physical = chunks.get(b"pHYs", [b""])[0]
    if len(physical) == 9 and physical[8] == 1:
        x, y = struct.unpack(">II", physical[:8])
        dpi = (x * _METRE_PER_INCH, y * _METRE_PER_INCH) if x and y else None
    return PngFacts(
        width_px=width,
        height_px=height,
        bits=bits,
        colour_type=colour_type,
        interlaced=bool(interlace),
        palette=palette,
        transparent=colour_type in (4, 6) or b"tRNS" in chunks,
        dpi=dpi,
        orientation=1,
        idat=b"".join(chunks[b"IDAT"]),
        animated=b"fdAT" in chunks,
    )


def check_pixels(facts: PngFacts) -> None:
    """Unpack the picture data, bounded by the header. Raises BadPng where rows are missing, PngBomb beyond them."""
    expected = (facts.row_bytes + 1) * facts.height_px
    allowed = expected + (expected // 4 + 64 * 1024 if facts.interlaced else 64)
    unpacker = zlib.decompressobj()
    total = 0
    view = memoryview(facts.idat)
    try:
        for start in range(0, len(view), 65536):
            piece: bytes | memoryview = view[start : start + 65536]
            while piece:
                total += len(unpacker.decompress(piece, 4 << 20))
                if total > allowed:
                    raise PngBomb("more picture data than the header allows")
                piece = unpacker.unconsumed_tail
    except zlib.error as error:
        raise BadPng(f"the picture data are damaged: {error}") from error
    if total < expected and not facts.interlaced:
        raise BadPng("rows are missing")
    if not unpacker.eof:
        raise BadPng("the picture data have no end")
