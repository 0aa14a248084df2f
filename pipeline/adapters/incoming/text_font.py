"""The fonts of the invisible text: nothing to see, widths made for the document, and texts that readers get back.

One font of single-byte codes serves nearly all text; signs without such a code are set in a second one, whose codes
are UTF-16 values. Both share a program with one glyph, which every code selects, so no
code reaches the glyph that stands for missing ones (ISO 19005-2, 6.2.11.8). The glyph is a stroke there and back,
because readers measure text by the extent of its glyphs and overlook text without any. The widths are the
document's own: text that is shown in mode 3 renders nothing, so the rule that a program's widths are those of the
dictionary (6.2.11.5, fonts used for rendering) does not bind it.

Readers take a word's height from its font's ascent and descent. `EXTENTS` are the heights to choose from: the first
one lies between those of small and tall letters and does for type of up to some 15 points; the others are for big
type, for dashes, and for long words on skewed lines.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name

from pipeline.adapters.incoming.letter_codes import SPACE, LetterCodes

FONT_NAME = "PoststrasseEmptyGlyph"
_PLAIN, _OTHER = "/Pst", "/PstU"  # how the names of resources begin
OTHER_ADVANCE = 500  # of every sign of the second font, in thousandths of the type size
_EM = 1000
_ASCENT, _DESCENT = 750, -220
_MADE = 3_029_529_600  # seconds from 1904 to 2000; a fixed date, fonts must have one
_MAPPED = ((0x20, 0x17E), (0x192, 0x192), (0x2C6, 0x2DC), (0x2013, 0x203A), (0x20AC, 0x20AC), (0x2122, 0x2122))


@dataclass(frozen=True)
class Extent:
    """How far words reach above and below their base line, in thousandths of the type size."""

    ascent: int
    descent: int

    @property
    def height(self) -> int:
        """From the lower to the upper edge."""
        return self.ascent + self.descent


EXTENTS = (  # never 0 below the base line: readers take that for "not told"
    Extent(615, 105),
    Extent(730, 210),
    Extent(720, 1),
    Extent(480, 1),
    Extent(480, 210),
    Extent(200, 1),
    Extent(1000, 380),
)


def resource(extent: int, *, plain: bool = True) -> str:
    """The name under which a page knows the font, or the second font, with `EXTENTS[extent]`."""
    return f"{_PLAIN if plain else _OTHER}{extent}"


class LayerFonts:
    """The fonts of one document; each is put into it when a page first needs it."""

    def __init__(self, pdf: pikepdf.Pdf, codes: LetterCodes, widths: Mapping[str, int]) -> None:
        self._pdf = pdf
        self._codes = {code: widths[sign] for sign, code in codes.codes.items()}
        self._names = codes.names
        self._mapped = {ord(sign) for sign in codes.codes}
        self._made: dict[str, pikepdf.Object] = {}
        self._program: pikepdf.Object | None = None
        self._widths: pikepdf.Object | None = None
        self._glyphs: pikepdf.Object | None = None
        self._highs: set[int] = set()

    def take(self, names: Iterable[str], signs: Iterable[str]) -> dict[str, pikepdf.Object]:
        """The fonts of these resource names. `signs`: what is shown with the second one."""
        self._highs |= {ord(sign) >> 8 for sign in signs}
        return {name: self._font(name) for name in sorted(names)}

    def finish(self) -> None:
        """Write the second font's map to Unicode, now that all its signs are known."""
        others = [font for name, font in sorted(self._made.items()) if name.startswith(_OTHER)]
        if not others:
            return
        packed = zlib.compress(_to_unicode(self._highs), 9)
        to_unicode = self._pdf.make_stream(packed, Filter=Name.FlateDecode)
        for font in others:
            font.ToUnicode = to_unicode

    def _font(self, name: str) -> pikepdf.Object:
        if name not in self._made:
            extent = EXTENTS[int(name.removeprefix(_OTHER).removeprefix(_PLAIN))]
            made = self._other(extent) if name.startswith(_OTHER) else self._plain(extent)
            self._made[name] = self._pdf.make_indirect(made)
        return self._made[name]

    def _plain(self, extent: Extent) -> Dictionary:
        first, last = min(self._codes, default=SPACE), max(self._codes, default=SPACE)
        if self._widths is None:
            widths = Array([self._codes.get(code, 0) for code in range(first, last + 1)])
            self._widths = self._pdf.make_indirect(widths)
        return Dictionary(
            Type=Name.Font,
            Subtype=Name.TrueType,
            BaseFont=Name("/" + FONT_NAME),
            FirstChar=first,
            LastChar=last,
            Widths=self._widths,
            Encoding=self._encoding(),
            FontDescriptor=self._descriptor(extent, flags=32),
        )

    def _encoding(self) -> pikepdf.Object:
        if not self._names:
            return Name.WinAnsiEncoding
        differences = Array()
        for code, name in sorted(self._names.items()):
            differences.append(code)
            differences.append(Name("/" + name))
        return Dictionary(Type=Name.Encoding, BaseEncoding=Name.WinAnsiEncoding, Differences=differences)

    def _other(self, extent: Extent) -> Dictionary:
        if self._glyphs is None:
            packed = zlib.compress(b"\0\1" * 65536, 9)
            self._glyphs = self._pdf.make_stream(packed, Filter=Name.FlateDecode)
        information = Dictionary(Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0)
        descendant = Dictionary(
            Type=Name.Font,
            Subtype=Name.CIDFontType2,
            BaseFont=Name("/" + FONT_NAME),
            CIDSystemInfo=information,
            FontDescriptor=self._descriptor(extent, flags=4),
            DW=OTHER_ADVANCE,
            CIDToGIDMap=self._glyphs,
        )
        return Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name("/" + FONT_NAME),
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([self._pdf.make_indirect(descendant)]),
        )

    def _descriptor(self, extent: Extent, flags: int) -> pikepdf.Object:
        if self._program is None:
            program = font_program(self._mapped)
            self._program = self._pdf.make_stream(
                zlib.compress(program, 9), Length1=len(program), Filter=Name.FlateDecode
            )
        descriptor = Dictionary(
            Type=Name.FontDescriptor,
            FontName=Name("/" + FONT_NAME),
            Flags=flags,
            FontBBox=Array([0, _DESCENT, OTHER_ADVANCE, _ASCENT]),
            ItalicAngle=0,
            Ascent=extent.ascent,
            Descent=-extent.descent,
            CapHeight=_ASCENT,
            StemV=80,
            FontFile2=self._program,
        )
        return self._pdf.make_indirect(descriptor)


def font_program(mapped: Iterable[int] = ()) -> bytes:
    """A TrueType program of two glyphs without area; the second one is the one in use, for all signs.

    `mapped`: Unicode values that must select it besides those of WinAnsiEncoding.
    """
    stroke = struct.pack(
        ">hhhhhHHBBhhhh",
        *(1, 0, _DESCENT, OTHER_ADVANCE, _ASCENT, 1, 0, 1, 1),
        *(0, OTHER_ADVANCE, _DESCENT, _ASCENT - _DESCENT),
    )
    box = (0, _DESCENT, OTHER_ADVANCE, _ASCENT)
    tables = {
        b"cmap": _character_map(mapped),
        b"glyf": stroke,
        b"head": struct.pack(
            ">IIIIHHqqhhhhHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, _EM, _MADE, _MADE, *box, 0, 8, 2, 0, 0
        ),
        b"hhea": struct.pack(
            ">IhhhHhhhhhhhhhhhH", 0x10000, _ASCENT, _DESCENT, 0, OTHER_ADVANCE, 0, 0, OTHER_ADVANCE, 1, *([0] * 7), 2
        ),
        b"hmtx": struct.pack(">HhHh", OTHER_ADVANCE, 0, OTHER_ADVANCE, 0),
        b"loca": struct.pack(">HHH", 0, 0, len(stroke) // 2),
        b"maxp": struct.pack(">IHHHHHHHHHHHHHH", 0x10000, 2, 2, 1, 0, 0, 1, *([0] * 8)),
    }
    program = _assembled(tables)
    adjustment = (0xB1B0AFBA - _sum(program)) & 0xFFFFFFFF
    tables[b"head"] = tables[b"head"][:8] + struct.pack(">I", adjustment) + tables[b"head"][12:]
    return _assembled(tables)


def _character_map(mapped: Iterable[int]) -> bytes:
    """From Unicode to glyph 1; all segments share one run of ones (format 4)."""
    more = [sign for sign in sorted(set(mapped)) if not any(first <= sign <= last for first, last in _MAPPED)]
    segments = [*sorted([*_MAPPED, *((sign, sign) for sign in more)]), (0xFFFF, 0xFFFF)]
    count = len(segments)
    ones = max(last - first + 1 for first, last in _MAPPED)
    power = 1 << int(math.log2(count))
    offsets = [2 * (count - index) for index in range(count - 1)] + [0]
    body = struct.pack(">4H", 2 * count, 2 * power, int(math.log2(power)), 2 * (count - power))
    body += struct.pack(f">{count}H", *(last for _first, last in segments)) + b"\0\0"
    body += struct.pack(f">{count}H", *(first for first, _last in segments))
    body += struct.pack(f">{count}H", *([0] * (count - 1)), 1)
    body += struct.pack(f">{count}H", *offsets) + b"\0\1" * ones
    return struct.pack(">HHHHI", 0, 1, 3, 1, 12) + struct.pack(">HHH", 4, len(body) + 6, 0) + body


def _sum(data: bytes) -> int:
    padded = data + b"\0" * (-len(data) % 4)
    return int(sum(struct.unpack(f">{len(padded) // 4}I", padded))) & 0xFFFFFFFF


def _assembled(tables: Mapping[bytes, bytes]) -> bytes:
    power = int(math.log2(len(tables)))
    head = struct.pack(">IHHHH", 0x10000, len(tables), 16 << power, power, (len(tables) - (1 << power)) * 16)
    place = len(head) + 16 * len(tables)
    entries, bodies = b"", b""
    for name in sorted(tables):
        data = tables[name]
        check = _sum(data if name != b"head" else data[:8] + b"\0\0\0\0" + data[12:])
        entries += name + struct.pack(">III", check, place + len(bodies), len(data))
        bodies += data + b"\0" * (-len(data) % 4)
    return head + entries + bodies


def _to_unicode(highs: set[int]) -> bytes:
    """A map of two-byte codes to themselves, for every code whose high byte is in `highs`."""
    bounds = [(high << 8 | (high == 0), high << 8 | (0xFD if high == 0xFF else 0xFF)) for high in sorted(highs)]
    ranges = [f"<{first:04X}> <{last:04X}> <{first:04X}>\n" for first, last in bounds]
    groups = [ranges[start : start + 100] for start in range(0, len(ranges), 100)]
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        + "".join(f"{len(group)} beginbfrange\n{''.join(group)}endbfrange\n" for group in groups)
        + "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")
