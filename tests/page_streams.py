"""The size rule of archive PDFs, and what it measures.

`document.pdf` is at most 1.05 times the source's page streams plus 3,000 bytes a page. The page streams are the bytes
as they are coded in the source of every stream that shows its pages: pictures with their masks and tables, operators,
fonts, colour profiles, each once, however many pages use it. Of a TIFF they are the strips and tiles, of a PNG its
IDAT chunks, of a JPEG file all of it. Metadata, outlines, attachments and other parts of a PDF are not counted.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
from PIL import Image

from pipeline.adapters.incoming.inline_pictures import inline_data
from pipeline.adapters.incoming.pdf_images import images_of

SHARE, BYTES_A_PAGE = 1.05, 3000
_STRIPS, _TILES = 279, 325  # StripByteCounts, TileByteCounts
_UPWARDS = ("/Parent", "/Metadata", "/StructParents", "/B", "/PieceInfo")


def allowed_bytes(source: Path, pages: int) -> float:
    """How large the archive PDF of all pages of a source may be."""
    return SHARE * page_stream_bytes(source) + BYTES_A_PAGE * pages


def page_stream_bytes(source: Path) -> int:
    """Bytes of the streams that show a source's pages."""
    head = source.read_bytes()[:8]
    if head.startswith(b"\x89PNG"):
        return sum(size for kind, size in _chunks(source.read_bytes()) if kind == b"IDAT")
    if head[:4] in (b"II*\0", b"MM\0*"):
        return _tiff(source)
    if head.startswith(b"\xff\xd8"):
        return source.stat().st_size
    with pikepdf.open(source) as pdf:
        seen: set[tuple[int, int]] = set()
        return sum(_reached(page.obj, seen) for page in pdf.pages)


def further_strips(source: Path) -> int:
    """How many strips a TIFF file has beyond one a page; 0 for other files."""
    if source.read_bytes()[:4] not in (b"II*\0", b"MM\0*"):
        return 0
    with Image.open(source) as image:
        frames = range(getattr(image, "n_frames", 1))
        return sum(len(_tags(image, index).get(_STRIPS, (0,))) - 1 for index in frames)


def coded_pictures(page: pikepdf.Object) -> list[bytes]:
    """The coded bytes of every picture of an archive PDF's page: those that are objects, then those among operators."""
    return [*(image.read_raw_bytes() for image in images_of(page)), *inline_data(page)]


def _tags(image: Image.Image, index: int) -> Any:
    image.seek(index)
    return image.tag_v2  # type: ignore[attr-defined]


def _chunks(data: bytes) -> Iterator[tuple[bytes, int]]:
    at = 8
    while at + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        yield kind, size
        at += size + 12


def _tiff(source: Path) -> int:
    total = 0
    with Image.open(source) as image:
        for index in range(getattr(image, "n_frames", 1)):
            tags = _tags(image, index)
            total += sum(tags.get(_STRIPS, ())) + sum(tags.get(_TILES, ()))
    return total


def _reached(item: Any, seen: set[tuple[int, int]]) -> int:
    """Bytes of all streams that can be reached from here and were not seen yet."""
    if not isinstance(item, pikepdf.Stream | pikepdf.Dictionary | pikepdf.Array):
        return 0
    if item.is_indirect:
        if item.objgen in seen:
            return 0
        seen.add(item.objgen)
    if isinstance(item, pikepdf.Array):
        return sum(_reached(part, seen) for part in item)
    own = len(item.read_raw_bytes()) if isinstance(item, pikepdf.Stream) else 0
    return own + sum(_reached(value, seen) for key, value in item.items() if key not in _UPWARDS)
