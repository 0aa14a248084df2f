"""A PDF written straight through to a file: the memory does not grow with the pages (but 8 bytes an object).

Written as print programs of large installations write: one set of fonts, shared forms, a balanced page tree.
"""

from __future__ import annotations

import hashlib
import zlib
from array import array
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

import reportlab
from reportlab.pdfbase import pdfmetrics

from samples.layout import MM, PAGE_HEIGHT_MM, Item, Rule, Text, register_fonts

_NODE_KIDS = 128
_FONTS = (("F1", "Vera", "Vera.ttf"), ("F2", "Vera-Bold", "VeraBd.ttf"))
_CODEC = "cp1252"


def encodable(text: str) -> bool:
    """Whether a stack can show this text (Windows code page 1252)."""
    try:
        text.encode(_CODEC)
    except UnicodeEncodeError:
        return False
    return True


def operators(items: Iterable[Item]) -> bytes:
    """Content operators for what stands on an A4 sheet."""
    names = {name: short for short, name, _ in _FONTS}
    out: list[bytes] = []
    for item in items:
        if isinstance(item, Text):
            text = item.text.encode(_CODEC).replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
            x, y = item.x_mm * MM, (PAGE_HEIGHT_MM - item.y_mm) * MM
            out.append(
                f"BT /{names[item.font]} {item.size_pt:g} Tf {x:.2f} {y:.2f} Td (".encode() + text + b") Tj ET\n"
            )
        elif isinstance(item, Rule):
            ends = (
                item.x1_mm * MM,
                (PAGE_HEIGHT_MM - item.y1_mm) * MM,
                item.x2_mm * MM,
                (PAGE_HEIGHT_MM - item.y2_mm) * MM,
            )
            pen = f"{item.grey:g} G {item.thickness_mm * MM:.2f} w"
            out.append(f"{pen} {ends[0]:.2f} {ends[1]:.2f} m {ends[2]:.2f} {ends[3]:.2f} l S\n".encode())
        else:
            red, green, blue = item.colour
            lower = (PAGE_HEIGHT_MM - item.top_mm - item.height_mm) * MM
            box = f"{item.left_mm * MM:.2f} {lower:.2f} {item.width_mm * MM:.2f} {item.height_mm * MM:.2f}"
            out.append(f"{red:.3f} {green:.3f} {blue:.3f} rg {box} re f 0 g\n".encode())
    return b"".join(out)


class PdfStream:
    """Writes a PDF 1.5 of A4 pages into an open file. Call `form` and `page` as wanted, then `finish` once."""

    def __init__(self, out: BinaryIO, name: str) -> None:
        self._out = out
        self._at = 0
        self._offsets = array("Q", [0])
        self._digest = hashlib.sha256(name.encode()).hexdigest()[:32]
        self._nodes: list[tuple[int, int]] = []
        self._kids: list[int] = []
        self._node = 0
        self._forms: dict[str, int] = {}
        self._write(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
        self._root, self._tree, self._info = self._number(), self._number(), self._number()
        self._resources = self._number()
        self._fonts = {short: self._font(face, file) for short, face, file in _FONTS}

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._at += len(data)

    def _number(self) -> int:
        self._offsets.append(0)
        return len(self._offsets) - 1

    def _object(self, number: int, body: bytes) -> int:
        self._offsets[number] = self._at
        self._write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
        return number

    def _stream(self, entries: bytes, data: bytes) -> int:
        packed = zlib.compress(data, 6)
        head = b"<< %b /Filter /FlateDecode /Length %d >>\nstream\n" % (entries, len(packed))
        return self._object(self._number(), head + packed + b"\nendstream")

    def _font(self, face: str, file: str) -> int:
        register_fonts()
        data = (Path(reportlab.__file__).parent / "fonts" / file).read_bytes()
        program = self._stream(b"/Length1 %d" % len(data), data)
        font = pdfmetrics.getFont(face).face
        codes = [bytes([code]).decode(_CODEC, "replace") for code in range(32, 256)]
        widths = " ".join(str(round(font.charWidths.get(ord(char), 600))) for char in codes)
        name = font.name.decode() if isinstance(font.name, bytes) else str(font.name)
        box = " ".join(str(round(edge)) for edge in font.bbox)
        described = self._object(
            self._number(),
            f"<< /Type /FontDescriptor /FontName /{name} /Flags 32 /FontBBox [{box}] /ItalicAngle 0 /StemV 80 "
            f"/Ascent {round(font.ascent)} /Descent {round(font.descent)} /CapHeight {round(font.capHeight)} "
            f"/FontFile2 {program} 0 R >>".encode(),
        )
        return self._object(
            self._number(),
            f"<< /Type /Font /Subtype /TrueType /BaseFont /{name} /Encoding /WinAnsiEncoding /FirstChar 32 "
            f"/LastChar 255 /Widths [{widths}] /FontDescriptor {described} 0 R >>".encode(),
        )

    def form(self, name: str, items: Iterable[Item]) -> None:
        """A piece of page that many pages show; `name`: under which `page` shows it."""
        self.form_of_content(name, operators(items))

    def form_of_content(self, name: str, content: bytes) -> None:
        """The same, given as operators."""
        fonts = " ".join(f"/{short} {number} 0 R" for short, number in self._fonts.items())
        entries = f"/Type /XObject /Subtype /Form /BBox [0 0 595.28 841.89] /Resources << /Font << {fonts} >> >>"
        self._forms[name] = self._stream(entries.encode(), content)

    def page(self, forms: Iterable[str], items: Iterable[Item]) -> None:
        """An A4 page: the named forms, and on top of them its own things."""
        shown = b"".join(b"/%b Do\n" % name.encode() for name in forms)
        self.page_of_content(shown + operators(items))

    def page_of_content(self, content: bytes) -> None:
        """An A4 page that is given as operators: `/Name Do` draws a form, `/F1` and `/F2` are the fonts."""
        contents = self._stream(b"", content)
        if not self._kids:
            self._node = self._number()
        number = self._object(
            self._number(),
            b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595.28 841.89] /Resources %d 0 R /Contents %d 0 R >>"
            % (self._node, self._resources, contents),
        )
        self._kids.append(number)
        if len(self._kids) == _NODE_KIDS:
            self._close_node()

    def _close_node(self) -> None:
        kids = b" ".join(b"%d 0 R" % kid for kid in self._kids)
        body = b"<< /Type /Pages /Parent %d 0 R /Count %d /Kids [%b] >>" % (self._tree, len(self._kids), kids)
        self._object(self._node, body)
        self._nodes.append((self._node, len(self._kids)))
        self._kids = []

    def finish(self, about: Mapping[str, str] | None = None) -> None:
        """Write what comes last: tree, catalogue, cross-reference table."""
        if self._kids:
            self._close_node()
        fonts = " ".join(f"/{short} {number} 0 R" for short, number in self._fonts.items())
        forms = " ".join(f"/{name} {number} 0 R" for name, number in self._forms.items())
        self._object(self._resources, f"<< /Font << {fonts} >> /XObject << {forms} >> >>".encode())
        kids = " ".join(f"{number} 0 R" for number, _ in self._nodes)
        count = sum(pages for _, pages in self._nodes)
        self._object(self._tree, f"<< /Type /Pages /Count {count} /Kids [{kids}] >>".encode())
        self._object(self._root, f"<< /Type /Catalog /Pages {self._tree} 0 R >>".encode())
        entries = " ".join(f"/{key} ({value})" for key, value in (about or {}).items())
        self._object(self._info, f"<< {entries} >>".encode())
        start = self._at
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % len(self._offsets))
        for first in range(1, len(self._offsets), 4096):
            rows = self._offsets[first : first + 4096]
            self._write(b"".join(b"%010d 00000 n \n" % offset for offset in rows))
        ids = f"[<{self._digest}> <{self._digest}>]"
        trailer = f"<< /Size {len(self._offsets)} /Root {self._root} 0 R /Info {self._info} 0 R /ID {ids} >>"
        self._write(f"trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n".encode())
