"""Coded pictures go into the archive byte for byte; what has to be packed anew loses no pixel."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium_c
import pytest
from PIL import Image, ImageCms, ImageDraw

from pipeline.adapters.incoming.archive_pdf import build_archive_pdf
from pipeline.adapters.incoming.checks import check_archive_pdf
from pipeline.adapters.incoming.colour import cmyk_profile
from pipeline.adapters.incoming.pdf_images import images_of
from pipeline.adapters.incoming.picture_streams import Built
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.adapters.incoming.tiff_file import read_tiff
from pipeline.adapters.incoming.tiff_strips import tiff_strips
from pipeline.domain.errors import Rejected
from pipeline.domain.recognised import ArchivePdfFacts, RecognisedPage
from tests.incoming_sheets import RULES, bilevel, encoded, sheet
from tests.needs import need
from tests.page_streams import coded_pictures
from tests.verapdf.judge import class_path, judge

pytestmark = pytest.mark.integration

_DPI = (150.0, 150.0)
_SIZE = (640, 480)


def _gray() -> Image.Image:
    return sheet(width=_SIZE[0] * 2, height=_SIZE[1] * 2).resize(_SIZE, Image.Resampling.BOX)


def _colour() -> Image.Image:
    image = _gray().convert("RGB")
    ImageDraw.Draw(image).ellipse((400, 300, 600, 460), fill=(200, 40, 30))
    return image


def _tiff(mode: str, compression: str | None, **options: object) -> bytes:
    image = {"1": bilevel(_gray()), "L": _gray(), "RGB": _colour(), "P": _colour().quantize(64)}.get(mode)
    if image is None:
        image = _colour().convert("CMYK") if mode == "CMYK" else _deep()
    return encoded(image, "TIFF", dpi=_DPI, **({"compression": compression} if compression else {}), **options)


def _deep() -> Image.Image:
    wide = np.asarray(_gray()).astype(np.uint16) * 257 - 3
    return Image.fromarray(wide)


def _white_is_zero(data: bytes) -> bytes:
    """The same directory saying that 0 is white."""
    return _entry(data, 262, 0)


def _entry(data: bytes, tag: int, value: int) -> bytes:
    """A little-endian TIFF with another value of a short or long entry."""
    (place,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, place)
    changed = bytearray(data)
    for index in range(count):
        at = place + 2 + 12 * index
        if struct.unpack_from("<H", data, at)[0] == tag:
            kind = struct.unpack_from("<H", data, at + 2)[0]
            struct.pack_into("<H" if kind == 3 else "<I", changed, at + 8, value)
            return bytes(changed)
    raise ValueError(f"no entry {tag}")


def _reversed_bits(data: bytes) -> bytes:
    """The same fax strips, written with the lowest bit first."""
    changed = bytearray(data)
    table = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))
    path = io.BytesIO(data)
    with Image.open(path) as image:
        offsets, lengths = image.tag_v2[273], image.tag_v2[279]  # type: ignore[attr-defined]
    for offset, length in zip(offsets, lengths, strict=True):
        changed[offset : offset + length] = data[offset : offset + length].translate(table)
    return _with_fill_order(bytes(changed))


def _with_fill_order(data: bytes) -> bytes:
    """Pillow writes FillOrder; only its value changes."""
    return _entry(data, 266, 2)


def _tiled() -> bytes:
    """Deflated tiles of 256 by 256 in gray, written by hand: Pillow writes strips only."""
    pixels = np.asarray(_gray())
    tiles = []
    for top in range(0, _SIZE[1], 256):
        for left in range(0, _SIZE[0], 256):
            tile = np.zeros((256, 256), np.uint8)
            part = pixels[top : top + 256, left : left + 256]
            tile[: part.shape[0], : part.shape[1]] = part
            tiles.append(zlib.compress(tile.tobytes()))
    data, offsets = bytearray(b"II*\0\0\0\0\0"), []
    for tile in tiles:
        offsets.append(len(data))
        data += tile + bytes(len(tile) % 2)
    tables = len(data)
    data += struct.pack(f"<{len(tiles)}I", *offsets) + struct.pack(f"<{len(tiles)}I", *(len(tile) for tile in tiles))
    resolution = len(data)
    data += struct.pack("<II", 150, 1)
    entries = [(256, 4, 1, _SIZE[0]), (257, 4, 1, _SIZE[1]), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1)]
    entries += [(277, 3, 1, 1), (282, 5, 1, resolution), (283, 5, 1, resolution), (296, 3, 1, 2)]
    entries += [(322, 4, 1, 256), (323, 4, 1, 256)]
    entries += [(324, 4, len(tiles), tables), (325, 4, len(tiles), tables + 4 * len(tiles))]
    struct.pack_into("<I", data, 4, len(data))
    data += struct.pack("<H", len(entries))
    for tag, kind, count, value in entries:
        told = struct.pack("<HH", value, 0) if kind == 3 else struct.pack("<I", value)
        data += struct.pack("<HHI", tag, kind, count) + told
    return bytes(data + struct.pack("<I", 0))


def _profile(name: str) -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()


OWN: dict[str, Callable[[], bytes]] = {
    "G4": lambda: _tiff("1", "group4"),
    "G4 in many strips": lambda: _tiff("1", "group4", tiffinfo={278: 60}),
    "G4, 0 is white": lambda: _white_is_zero(_tiff("1", "group4")),
    "G3": lambda: _tiff("1", "group3"),
    "G3 in two dimensions": lambda: _tiff("1", "group3", tiffinfo={292: 1}),
    "modified Huffman": lambda: _tiff("1", "tiff_ccitt"),
    "deflated gray": lambda: _tiff("L", "tiff_adobe_deflate"),
    "deflated gray in strips": lambda: _tiff("L", "tiff_adobe_deflate", tiffinfo={278: 100}),
    "deflated gray with differences": lambda: _tiff("L", "tiff_adobe_deflate", tiffinfo={317: 2}),
    "deflated colour with differences": lambda: _tiff("RGB", "tiff_adobe_deflate", tiffinfo={317: 2}),
    "deflated palette": lambda: _tiff("P", "tiff_adobe_deflate"),
    "deflated black and white": lambda: _tiff("1", "tiff_adobe_deflate"),
    "PackBits": lambda: _tiff("1", "packbits"),
    "PackBits gray": lambda: _tiff("L", "packbits"),
    "JPEG file, gray": lambda: encoded(_gray(), "JPEG", dpi=_DPI),
    "JPEG file, colour": lambda: encoded(_colour(), "JPEG", dpi=_DPI),
    "JPEG file, colour, progressive": lambda: encoded(_colour(), "JPEG", dpi=_DPI, progressive=True),
    "PNG file, gray": lambda: encoded(_gray(), "PNG", dpi=_DPI),
    "PNG file, palette": lambda: encoded(_colour().quantize(64), "PNG", dpi=_DPI),
}
ANEW: dict[str, Callable[[], bytes]] = {
    "uncompressed": lambda: _tiff("L", None),
    "LZW": lambda: _tiff("L", "tiff_lzw"),
    "LZW colour": lambda: _tiff("RGB", "tiff_lzw"),
    "fax bits from the lowest": lambda: _reversed_bits(_tiff("1", "group4", tiffinfo={266: 1})),
    "deflated in strips of one row": lambda: _tiff("1", "tiff_adobe_deflate", tiffinfo={278: 1}),
    "deflated tiles": _tiled,
    "16 bits": lambda: _tiff("I;16", "tiff_adobe_deflate"),
}


def _built(folder: Path, data: bytes) -> tuple[Path, Path, ArchivePdfFacts, list[RecognisedPage]]:
    source, pdf = folder / "scan.bin", folder / "document.pdf"
    source.write_bytes(data)
    page = RecognisedPage(1, *_SIZE, *_DPI, 0, 0.0, 1, 0.0, 0.0, ())
    facts = build_archive_pdf(str(source), inspect_scan(str(source), RULES), [page], str(pdf))
    assert (facts.level, facts.reasons) == ("2b", ())
    assert check_archive_pdf(str(pdf), [page], facts) == []
    return source, pdf, facts, [page]


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _coded(source: Path) -> list[bytes]:
    """The source's coded pieces, cut out by the places that Pillow reads, or the whole JPEG file."""
    data = source.read_bytes()
    if data[:2] == b"\xff\xd8":
        return [data]
    if data[:4] == b"\x89PNG":
        place, pieces = 8, b""
        while place < len(data):
            (length,), kind = struct.unpack_from(">I", data, place), data[place + 4 : place + 8]
            pieces += data[place + 8 : place + 8 + length] if kind == b"IDAT" else b""
            place += 12 + length
        return [pieces]
    with Image.open(source) as image:
        places = zip(image.tag_v2[273], image.tag_v2[279], strict=True)  # type: ignore[attr-defined]
        return [data[at : at + length] for at, length in places]


def _same_pixels(source: Path, pdf: Path, most: int = 0) -> bool:
    """Whether one library decodes the PDF's pictures, strip below strip, as another decodes the source.

    `most`: levels of 255 by which two decoders may differ.
    """
    with Image.open(source) as image:
        wanted = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)) if image.mode.startswith("I;16") else image
        pixels = np.asarray(wanted.convert("RGB")).astype(int)
    document = pypdfium2.PdfDocument(pdf)
    page = document[0]
    strips = sorted(page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE]), key=lambda item: -item.get_bounds()[1])
    decoded = np.vstack([np.asarray(strip.get_bitmap().to_pil().convert("RGB")) for strip in strips]).astype(int)
    document.close()
    assert decoded.shape == pixels.shape
    return int(np.abs(decoded - pixels).max()) <= most


@pytest.mark.parametrize("coding", OWN)
def test_coded_pictures_are_taken_over_byte_for_byte(tmp_path: Path, coding: str) -> None:
    source, pdf, facts, _pages = _built(tmp_path, OWN[coding]())
    with pikepdf.open(pdf) as document:
        found = [_sha256(data) for data in coded_pictures(document.pages[0].obj)]
    pieces = _coded(source)
    if coding.startswith("PackBits"):  # strips one behind the other are a coding themselves
        pieces = [b"".join(pieces)]
    assert sorted(found) == sorted(_sha256(piece) for piece in pieces)
    assert sorted(facts.images[0]) == sorted(found)
    assert facts.recoded == ()
    assert _same_pixels(source, pdf, most=3 if coding.startswith("JPEG") else 0)


@pytest.mark.parametrize("coding", ANEW)
def test_what_is_packed_anew_is_told_and_loses_no_pixel(tmp_path: Path, coding: str) -> None:
    source, pdf, facts, _pages = _built(tmp_path, ANEW[coding]())
    assert len(facts.recoded) == 1
    assert facts.recoded[0].startswith("page 1: TIFF, ")
    assert _same_pixels(source, pdf, most=1 if coding == "16 bits" else 0)


def test_sixteen_bits_stay_sixteen(tmp_path: Path) -> None:
    _source, pdf, _facts, _pages = _built(tmp_path, ANEW["16 bits"]())
    with pikepdf.open(pdf) as document:
        (image,) = images_of(document.pages[0].obj)
        assert image.BitsPerComponent == 16
        assert image.read_bytes() == np.asarray(_deep()).astype(">u2").tobytes()


def test_four_colours_with_a_profile_keep_it(tmp_path: Path) -> None:
    data = encoded(_colour().convert("CMYK"), "JPEG", dpi=_DPI, icc_profile=cmyk_profile())
    _source, pdf, facts, _pages = _built(tmp_path, data)
    with pikepdf.open(pdf) as document:
        (image,) = images_of(document.pages[0].obj)
        assert image.read_raw_bytes() == data
        assert image.ColorSpace[0] == "/ICCBased"
        assert image.ColorSpace[1].read_bytes() == cmyk_profile()
        assert list(image.Decode) == [1, 0] * 4  # Adobe's CMYK JPEG is inverted
    assert not any("CMYK without a profile" in remark for remark in facts.remarks)


def test_four_colours_without_a_profile_get_one_and_a_remark(tmp_path: Path) -> None:
    _source, _pdf, facts, _pages = _built(tmp_path, encoded(_colour().convert("CMYK"), "JPEG", dpi=_DPI))
    assert any("CMYK without a profile" in remark for remark in facts.remarks)


def test_a_profile_that_says_srgb_is_not_stored_twice(tmp_path: Path) -> None:
    _source, pdf, _facts, _pages = _built(tmp_path, encoded(_colour(), "PNG", dpi=_DPI, icc_profile=_profile("sRGB")))
    with pikepdf.open(pdf) as document:
        (image,) = images_of(document.pages[0].obj)
        assert image.ColorSpace == "/DeviceRGB"


def test_verapdf_passes_every_coding(tmp_path: Path) -> None:
    need("java")
    need("jaxb")
    class_path()
    files = []
    for number, make in enumerate([*OWN.values(), *ANEW.values()]):
        folder = tmp_path / str(number)
        folder.mkdir()
        files.append(_built(folder, make())[1])
    assert [verdict.broken for verdict in judge(files) if not verdict.passed] == []


def test_a_strip_that_cannot_be_unpacked_is_refused(tmp_path: Path) -> None:
    data = bytearray(_tiff("L", "tiff_lzw"))
    with Image.open(io.BytesIO(bytes(data))) as image:
        offset = image.tag_v2[273][0]  # type: ignore[attr-defined]
    data[offset : offset + 40] = b"\xff" * 40
    source = tmp_path / "scan.tif"
    source.write_bytes(bytes(data))
    with pikepdf.new() as pdf, pytest.raises(Rejected) as caught:
        tiff_strips(pdf, str(source), read_tiff(str(source))[0], 1, Built())
    assert (caught.value.code, caught.value.page) == ("image-damaged", 1)


def test_run_lengths_in_a_pdf_are_kept_and_said_to_be(tmp_path: Path) -> None:
    """The writer of PDF files packs LZW anew, but not these; `recoded` must not say so."""
    wide, high = _SIZE
    row = b"".join(bytes([257 - run]) + b"\xff" for run in (128,) * (wide // 128)) + (
        bytes([257 - wide % 128]) + b"\xf0" if wide % 128 > 1 else b"\x00\xf0" * (wide % 128)
    )
    packed = row * high + b"\x80"
    source = tmp_path / "scan.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(wide * 72 / _DPI[0], high * 72 / _DPI[1]))
        image = pdf.make_stream(packed, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=wide, Height=high)
        image.ColorSpace, image.BitsPerComponent = pikepdf.Name.DeviceGray, 8
        image.Filter = pikepdf.Name.RunLengthDecode
        page = pdf.pages[0]
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=image))
        page.Contents = pdf.make_stream(f"q {page.MediaBox[2]} 0 0 {page.MediaBox[3]} 0 0 cm /Im Do Q".encode())
        pdf.save(source)
    _source, made, facts, _pages = _built(tmp_path, source.read_bytes())
    assert facts.recoded == ()
    with pikepdf.open(made) as document:
        (kept,) = images_of(document.pages[0].obj)
        assert (kept.Filter, kept.read_raw_bytes()) == (pikepdf.Name.RunLengthDecode, packed)
