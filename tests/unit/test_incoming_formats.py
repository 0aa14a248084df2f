"""Headers of foreign picture files: read right where they are whole, refused where they are cut."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from pipeline.adapters.incoming import jbig2_file, jpeg_file, png_file
from pipeline.adapters.incoming.pdf_streams import unpacked_size

pytestmark = pytest.mark.unit


def _segment(number: int, kind: int, data: bytes, referred: bytes = b"\0") -> bytes:
    return struct.pack(">IB", number, kind) + referred + b"\1" + struct.pack(">I", len(data)) + data


PAGE_INFORMATION = _segment(0, 48, struct.pack(">IIIIBH", 2550, 3300, 0, 0, 0, 0))
GENERIC = _segment(1, 38, b"\0" * 40)


def test_jbig2_segments_are_found_one_after_the_other() -> None:
    segments = jbig2_file.read_segments(PAGE_INFORMATION + GENERIC)
    assert [(segment.number, segment.type, segment.length) for segment in segments] == [(0, 48, 19), (1, 38, 40)]
    assert jbig2_file.page_size(PAGE_INFORMATION + GENERIC) == (2550, 3300)
    assert not jbig2_file.is_symbol_coded(PAGE_INFORMATION + GENERIC)


@pytest.mark.parametrize("kind", [0, 4, 6, 7])
def test_jbig2_symbol_segments_are_told(kind: int) -> None:
    assert jbig2_file.is_symbol_coded(PAGE_INFORMATION + _segment(1, kind, b"\0" * 12))


def test_jbig2_references_are_skipped() -> None:
    many = struct.pack(">I", 7 << 29 | 9) + b"\0\0" + bytes(range(9))
    few = bytes([2 << 5, 1, 2])
    for referred in (many, few):
        segments = jbig2_file.read_segments(_segment(12, 6, b"abc", referred) + _segment(13, 49, b""))
        assert [segment.type for segment in segments] == [6, 49]


def test_jbig2_open_length_ends_behind_the_row_count() -> None:
    data = b"\0" * 17 + b"\1" + b"xyz" + b"\0\0" + b"\0\0\0\5"
    stream = struct.pack(">IB", 1, 38) + b"\0\1" + b"\xff\xff\xff\xff" + data + _segment(2, 49, b"")
    assert [segment.type for segment in jbig2_file.read_segments(stream)] == [38, 49]


def test_cut_jbig2_is_refused_everywhere_but_between_segments() -> None:
    whole = PAGE_INFORMATION + GENERIC
    for length in range(1, len(whole)):
        if length == len(PAGE_INFORMATION):
            continue
        with pytest.raises(jbig2_file.BadJbig2):
            jbig2_file.read_segments(whole[:length])


def _picture() -> Image.Image:
    return Image.effect_noise((160, 120), 60).convert("RGB")


def _bytes(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 2}])
def test_jpeg_is_complete_or_refused(options: dict[str, object]) -> None:
    data = _bytes(_picture(), "JPEG", dpi=(200, 200), **options)
    facts = jpeg_file.read_jpeg(data)
    assert (facts.width_px, facts.height_px, facts.components, facts.dpi) == (160, 120, 3, (200.0, 200.0))
    for length in range(0, len(data), 37):
        with pytest.raises(jpeg_file.BadJpeg):
            jpeg_file.read_jpeg(data[:length])
    assert jpeg_file.read_jpeg(data + b"behind the end").width_px == 160


def test_jpeg_tells_its_orientation() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert jpeg_file.read_jpeg(_bytes(_picture(), "JPEG", exif=exif)).orientation == 6


def test_png_is_complete_or_refused() -> None:
    data = _bytes(_picture(), "PNG", dpi=(300, 300))
    facts = png_file.read_png(data)
    png_file.check_pixels(facts)
    assert (facts.width_px, facts.height_px, facts.samples) == (160, 120, 3)
    assert facts.dpi is not None
    assert round(facts.dpi[0]) == 300
    for length in range(0, len(data), 41):
        with pytest.raises(png_file.BadPng):
            png_file.read_png(data[:length])
    damaged = bytearray(data)
    damaged[len(data) // 2] ^= 1
    with pytest.raises(png_file.BadPng):
        png_file.read_png(bytes(damaged))


def _png_of(rows: bytes, width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return png_file.SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_png_with_too_many_or_too_few_rows_is_refused() -> None:
    with pytest.raises(png_file.PngBomb):
        png_file.check_pixels(png_file.read_png(_png_of(b"\0" * 5_000_000, 10, 10)))
    with pytest.raises(png_file.BadPng, match="rows"):
        png_file.check_pixels(png_file.read_png(_png_of(b"\0" * 55, 10, 10)))


def test_unpacking_stops_at_the_limit() -> None:
    once = zlib.compress(b"\0" * 50_000_000)
    assert unpacked_size(once, 1, 100_000_000) == 50_000_000
    assert unpacked_size(once, 1, 1_000_000) == 1_000_001
    assert unpacked_size(zlib.compress(once), 2, 1_000_000) == 1_000_001
    assert unpacked_size(b"not packed", 1, 1000) == 0
