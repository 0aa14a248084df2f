"""Long scans written straight through, as a production scanner writes them: the memory does not grow with the pages.

Each page is one Group 4 strip. TIFF: every directory behind its strip. PDF: one picture a page, a balanced page tree.
"""

from __future__ import annotations

import hashlib
import io
import struct
from array import array
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from samples.paper import Picture

_NODE_KIDS = 64


def fax_strip(picture: Picture) -> bytes:
    """Group 4 data of a picture in black and white (0 and 255), in which a 0 means white."""
    out = io.BytesIO()
    inverted = Image.fromarray(np.where(picture > 127, np.uint8(0), np.uint8(255)))
    inverted.convert("1", dither=Image.Dither.NONE).save(
        out, "TIFF", compression="group4", tiffinfo={278: picture.shape[0]}
    )
    with TiffImageFile(io.BytesIO(out.getvalue())) as file:
        (start,), (size,) = file.tag_v2[273], file.tag_v2[279]
    return out.getvalue()[start : start + size]


class LongScan(Protocol):
    """A file that takes page after page. Leave its `with` block to complete it."""

    def page(self, strip: bytes, width_px: int, height_px: int, dpi: int) -> None:
        """Append a page: Group 4 data in which a 0 means white."""
        ...

    def __enter__(self) -> LongScan: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class TiffScan:
    """A TIFF of many pages, little-endian, one strip a page."""

    def __init__(self, path: Path) -> None:
        self._out: BinaryIO = path.open("wb")
        self._out.write(b"II*\0" + bytes(4))
        self._pointer = 4

    def page(self, strip: bytes, width_px: int, height_px: int, dpi: int) -> None:
        """Append a page: its strip, then its directory, whose place the directory before it is told."""
        start = self._out.tell()
        self._out.write(strip + bytes(len(strip) % 2))
        resolution = self._out.tell()
        self._out.write(struct.pack("<II", dpi, 1))
        entries = (
            (254, 4, 2),  # a page of many
            (256, 4, width_px),
            (257, 4, height_px),
            (258, 3, 1),
            (259, 3, 4),  # Group 4
            (262, 3, 0),  # white is zero
            (266, 3, 1),
            (273, 4, start),
            (274, 3, 1),
            (277, 3, 1),
            (278, 4, height_px),
            (279, 4, len(strip)),
            (282, 5, resolution),
            (283, 5, resolution),
            (296, 3, 2),  # inch
        )
        directory = self._out.tell()
        table = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
        self._out.write(struct.pack("<H", len(entries)) + table + bytes(4))
        end = self._out.tell()
        self._out.seek(self._pointer)
        self._out.write(struct.pack("<I", directory))
        self._out.seek(end)
        self._pointer = end - 4

    def __enter__(self) -> TiffScan:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._out.close()


class PdfScan:
    """A PDF of many pages, one picture a page."""

    def __init__(self, path: Path, name: str) -> None:
        self._out: BinaryIO = path.open("wb")
        self._offsets = array("Q", [0])
        self._digest = hashlib.sha256(name.encode()).hexdigest()[:32]
        self._out.write(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
        self._root, self._tree = self._number(), self._number()
        self._kids: list[int] = []
        self._nodes: list[tuple[int, int]] = []
        self._node = 0

    def _number(self) -> int:
        self._offsets.append(0)
        return len(self._offsets) - 1

    def _object(self, number: int, body: bytes) -> int:
        self._offsets[number] = self._out.tell()
        self._out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
        return number

    def page(self, strip: bytes, width_px: int, height_px: int, dpi: int) -> None:
        """Append a page with its picture."""
        parameters = f"/DecodeParms << /K -1 /Columns {width_px} /Rows {height_px} >>"
        entries = (
            f"/Type /XObject /Subtype /Image /Width {width_px} /Height {height_px} /BitsPerComponent 1 "
            f"/ColorSpace /DeviceGray /Filter /CCITTFaxDecode {parameters} /Length {len(strip)}"
        )
        image = self._object(self._number(), f"<< {entries} >>\nstream\n".encode() + strip + b"\nendstream")
        width, height = width_px * 72 / dpi, height_px * 72 / dpi
        draw = f"q {width:.4f} 0 0 {height:.4f} 0 0 cm /Im0 Do Q".encode()
        content = self._object(self._number(), b"<< /Length %d >>\nstream\n%b\nendstream" % (len(draw), draw))
        if not self._kids:
            self._node = self._number()
        body = (
            f"<< /Type /Page /Parent {self._node} 0 R /MediaBox [0 0 {width:.4f} {height:.4f}] "
            f"/Resources << /XObject << /Im0 {image} 0 R >> >> /Contents {content} 0 R >>"
        )
        self._kids.append(self._object(self._number(), body.encode()))
        if len(self._kids) == _NODE_KIDS:
            self._close_node()

    def _close_node(self) -> None:
        kids = " ".join(f"{kid} 0 R" for kid in self._kids)
        body = f"<< /Type /Pages /Parent {self._tree} 0 R /Count {len(self._kids)} /Kids [{kids}] >>"
        self._nodes.append((self._object(self._node, body.encode()), len(self._kids)))
        self._kids = []

    def _finish(self) -> None:
        if self._kids:
            self._close_node()
        kids = " ".join(f"{number} 0 R" for number, _ in self._nodes)
        count = sum(pages for _, pages in self._nodes)
        self._object(self._tree, f"<< /Type /Pages /Count {count} /Kids [{kids}] >>".encode())
        self._object(self._root, f"<< /Type /Catalog /Pages {self._tree} 0 R >>".encode())
        start = self._out.tell()
        self._out.write(b"xref\n0 %d\n0000000000 65535 f \n" % len(self._offsets))
        self._out.writelines(b"%010d 00000 n \n" % offset for offset in self._offsets[1:])
        ids = f"[<{self._digest}> <{self._digest}>]"
        trailer = f"<< /Size {len(self._offsets)} /Root {self._root} 0 R /ID {ids} >>"
        self._out.write(f"trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n".encode())

    def __enter__(self) -> PdfScan:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._finish()
        self._out.close()
