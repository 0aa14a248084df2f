"""Widths of embedded TrueType fonts, taken from the font program where the PDF's own tables say otherwise.

ISO 19005-2, 6.2.11.5 wants the widths in the font's dictionary to be those of its program. Some writers place each
glyph by itself and leave the dictionary's widths out or wrong: nobody sees that, but it is no PDF/A. Where runs of
text rely on the wrong widths, other widths move glyphs; so whoever mends a font compares the pages and, if need be,
takes the mending back.
"""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from io import BytesIO

import pikepdf
from fontTools import agl
from fontTools.ttLib import TTFont, TTLibError
from pikepdf import Array, Name
from pikepdf.pdfa import Finding

RULE = "6.2.11.5"
REMARK = "widths of embedded fonts taken from the font programs"
_FONT_PLACE = re.compile(r"obj (\d+) (\d+) \(Font\)")
_SYMBOLIC = 4  # ISO 32000-1, table 123
_SYMBOL_OFFSETS = (0xF000, 0, 0xF100, 0xF200)  # ISO 32000-1, 9.6.6.4
_MOST_CIDS = 65536
_CODECS = {"/WinAnsiEncoding": "cp1252", "/MacRomanEncoding": "mac_roman"}
_UNREADABLE = (TTLibError, pikepdf.PdfError, struct.error, AssertionError, LookupError, ValueError, TypeError)


class MendedFonts:
    """What was written into fonts, and what stood there before. `fonts`: how many got other widths."""

    def __init__(self) -> None:
        self.fonts = 0
        self._before: list[tuple[pikepdf.Object, str, pikepdf.Object | None]] = []

    def write(self, font: pikepdf.Object, entries: Mapping[str, int | Decimal | Array]) -> None:
        """Set these entries of a font's dictionary and remember the old ones."""
        for key, value in entries.items():
            self._before.append((font, key, font.get(key)))
            font[key] = value
        self.fonts += 1

    def take_back(self) -> None:
        """Let every dictionary be as it was."""
        for font, key, value in reversed(self._before):
            if value is None:
                del font[key]
            else:
                font[key] = value
        self._before.clear()
        self.fonts = 0


def mend_widths(pdf: pikepdf.Pdf, findings: Iterable[Finding]) -> MendedFonts:
    """Write the programs' widths into the fonts of `pdf` that findings of the width rule name.

    `findings`: of a check of `pdf` itself, as it is open. Fonts that can't be read, or are not TrueType, stay.
    """
    mended = MendedFonts()
    places = [_FONT_PLACE.fullmatch(finding.where) for finding in findings if RULE in finding.rule]
    for number, generation in sorted({(int(place[1]), int(place[2])) for place in places if place is not None}):
        font = pdf.get_object(number, generation)
        try:
            _mend(font, mended)
        except _UNREADABLE:
            continue  # the next check says what is wrong with this font
    return mended


def _mend(font: pikepdf.Object, mended: MendedFonts) -> None:
    descendants = font.get("/DescendantFonts")
    if isinstance(descendants, Array) and len(descendants) == 1 and descendants[0].get("/Subtype") == "/CIDFontType2":
        font = descendants[0]
        mended.write(font, _cid_widths(font, _Program(font)))
    elif font.get("/Subtype") == "/TrueType":
        mended.write(font, _simple_widths(font, _Program(font)))


class _Program:
    """An embedded TrueType program: advance widths in thousandths of an em by glyph, and its character maps."""

    def __init__(self, font: pikepdf.Object) -> None:
        program = TTFont(BytesIO(font["/FontDescriptor"]["/FontFile2"].read_bytes()), lazy=True)
        units, metrics = int(program["head"].unitsPerEm), program["hmtx"].metrics
        self.order: list[str] = list(program.getGlyphOrder())
        self.widths = {name: _thousandths(metrics[name][0], units) for name in self.order}
        tables = program["cmap"].tables if "cmap" in program else []
        self.maps: dict[tuple[int, int], Mapping[int, str]] = {
            (table.platformID, table.platEncID): table.cmap for table in reversed(tables)
        }

    def width(self, table: tuple[int, int], code: int) -> Decimal | None:
        """The width of the glyph that a character map has for a code."""
        return self.widths.get(self.maps.get(table, {}).get(code, ""))


def _thousandths(advance: int, units: int) -> Decimal:
    return (Decimal(advance) * 1000 / units).quantize(Decimal("0.001")).normalize()


def _number(width: Decimal) -> int | Decimal:
    """A number as PDF writes it: never with an exponent."""
    return int(width) if width == width.to_integral_value() else width


def _cid_widths(font: pikepdf.Object, program: _Program) -> dict[str, int | Decimal | Array]:
    """/DW and /W of all CIDs (ISO 32000-1, 9.7.4.3): the most frequent width, and runs of others."""
    to_gid = font.get("/CIDToGIDMap")
    glyphs: Sequence[int] = range(len(program.order))
    if isinstance(to_gid, pikepdf.Stream):
        pairs = to_gid.read_bytes()[: 2 * _MOST_CIDS]
        glyphs = struct.unpack(f">{len(pairs) // 2}H", pairs[: len(pairs) // 2 * 2])
    widths = [program.widths[program.order[gid]] if gid < len(program.order) else None for gid in glyphs]
    counts = Counter(width for width in widths if width is not None)
    usual = min(counts, key=lambda width: (-counts[width], width))
    runs: list[tuple[int, list[int | Decimal]]] = []
    for cid, width in enumerate(widths):
        if width is None or width == usual:
            continue
        if not runs or runs[-1][0] + len(runs[-1][1]) != cid:
            runs.append((cid, []))
        runs[-1][1].append(_number(width))
    return {"/DW": _number(usual), "/W": Array([part for first, run in runs for part in (first, Array(run))])}


def _simple_widths(font: pikepdf.Object, program: _Program) -> dict[str, int | Decimal | Array]:
    """/Widths of all 256 codes; a code without a glyph keeps what it had."""
    first, old = int(font.get("/FirstChar", 0)), font.get("/Widths", Array())
    symbolic = int(font["/FontDescriptor"].get("/Flags", 0)) & _SYMBOLIC
    names = {} if symbolic else _unicodes(font.get("/Encoding"))
    widths: list[int | Decimal | pikepdf.Object] = []
    for code in range(256):
        found = _symbol_width(program, code) if symbolic else _letter_width(program, names.get(code, ""))
        kept = old[code - first] if 0 <= code - first < len(old) else 0
        widths.append(kept if found is None else _number(found))
    return {"/FirstChar": 0, "/LastChar": 255, "/Widths": Array(widths)}


def _symbol_width(program: _Program, code: int) -> Decimal | None:
    if (3, 0) not in program.maps:
        return program.width((1, 0), code)
    found = (program.width((3, 0), offset + code) for offset in _SYMBOL_OFFSETS)
    return next((width for width in found if width is not None), None)


def _letter_width(program: _Program, letter: str) -> Decimal | None:
    if len(letter) != 1:
        return None
    if (3, 1) in program.maps:
        return program.width((3, 1), ord(letter))
    mac = letter.encode("mac_roman", "ignore")
    return program.width((1, 0), mac[0]) if mac else None


def _unicodes(encoding: pikepdf.Object | None) -> dict[int, str]:
    """What each code means, from a simple font's /Encoding."""
    base = encoding.get("/BaseEncoding") if isinstance(encoding, pikepdf.Dictionary) else encoding
    codec = _CODECS.get(str(base)) if isinstance(base, Name) else None
    letters = {code: bytes([code]).decode(codec, "ignore") for code in range(32, 256)} if codec else {}
    code = 0
    for item in encoding.get("/Differences", Array()) if isinstance(encoding, pikepdf.Dictionary) else Array():
        if isinstance(item, Name):
            letters[code] = agl.toUnicode(str(item)[1:])
            code += 1
        else:
            code = int(item)
    return letters
