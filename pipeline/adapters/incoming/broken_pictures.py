"""Pictures whose coded bytes break off or contradict themselves.

Decoders fill what they can't read with white or with the line before, and go on; what is missing would be archived as
if it had never been on the paper. So fax coding is decoded by a library that complains, and samples are counted.
"""

from __future__ import annotations

import io
import os
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pikepdf
from PIL import Image

from pipeline.adapters.incoming.pdf_streams import filters_of

FAX = frozenset({2, 3, 4})
"""Compressions of TIFF that are fax codings (TIFF 6.0, sections 10 and 11)."""

_COMPLAINT = b"Fax"  # begins the name of the part of libtiff that complains
_COMPONENTS = {"/DeviceGray": 1, "/G": 1, "/CalGray": 1, "/Indexed": 1, "/I": 1, "/Separation": 1}
_COMPONENTS |= {"/DeviceRGB": 3, "/RGB": 3, "/CalRGB": 3, "/Lab": 3, "/DeviceCMYK": 4, "/CMYK": 4}


@contextmanager
def _overheard() -> Iterator[list[bytes]]:
    """What is written to the standard error of this process meanwhile; the library tells of faults nowhere else."""
    told: list[bytes] = []
    before = os.dup(2)
    with tempfile.TemporaryFile() as heard:
        os.dup2(heard.fileno(), 2)
        try:
            yield told
        finally:
            os.dup2(before, 2)
            os.close(before)
            heard.seek(0)
            told.append(heard.read())


def load_whole(picture: Image.Image) -> None:
    """Decode a fax-coded picture. Raises OSError where anything of it could not be read."""
    with _overheard() as told:
        picture.load()
    if _COMPLAINT in told[0]:
        raise OSError("the fax coding is broken")


def is_whole(image: pikepdf.Object) -> bool:
    """Whether a picture of a PDF can be decoded to its last row, as far as that is checked: Group 4 and Flate."""
    filters = filters_of(image)
    with suppress(AttributeError, KeyError, TypeError, ValueError):
        if filters in (["/CCITTFaxDecode"], ["/CCF"]):
            return _is_whole_fax(image)
        if filters in (["/FlateDecode"], ["/Fl"]):
            return _is_whole_flate(image)
    return True


def _is_whole_fax(image: pikepdf.Object) -> bool:
    parms = image.get("/DecodeParms", pikepdf.Dictionary())
    if isinstance(parms, pikepdf.Array):
        parms = parms[0]
    if int(parms.get("/K", 0)) >= 0 or bool(parms.get("/EncodedByteAlign", False)):
        return True
    width, height = int(parms.get("/Columns", 1728)), int(image.Height)
    try:
        with Image.open(io.BytesIO(_group4_file(image.read_raw_bytes(), width, height))) as picture:
            load_whole(picture)
    except OSError:
        return False
    return True


def _group4_file(data: bytes, width: int, height: int) -> bytes:
    """A TIFF file of one strip of Group 4."""
    entries = ((256, width), (257, height), (258, 1), (259, 4), (262, 0), (273, 8), (278, height), (279, len(data)))
    table = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries)
    start = 8 + len(data) + len(data) % 2
    head = b"II*\0" + struct.pack("<I", start)
    return head + data + bytes(len(data) % 2) + struct.pack("<H", len(entries)) + table + bytes(4)


def _is_whole_flate(image: pikepdf.Object) -> bool:
    components = 1 if bool(image.get("/ImageMask", False)) else _components(image.ColorSpace)
    bits = 1 if bool(image.get("/ImageMask", False)) else int(image.BitsPerComponent)
    wanted = (int(image.Width) * components * bits + 7) // 8 * int(image.Height)
    try:
        return len(image.read_bytes()) >= wanted
    except pikepdf.PdfError:
        return False


def _components(space: pikepdf.Object) -> int:
    if isinstance(space, pikepdf.Array):
        return int(space[1].N) if space[0] == "/ICCBased" else _COMPONENTS[str(space[0])]
    return _COMPONENTS[str(space)]
