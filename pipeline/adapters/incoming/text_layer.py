"""The invisible text over a page picture: its font, and the operators that place every word on its picture.

The font holds one glyph without area. Every character code, which is the character's UTF-16 value, is mapped to it,
so no code reaches the glyph that stands for missing ones (ISO 19005-2, 6.2.11.8), and a reader gets the character
back through an identity ToUnicode map. The glyph is a stroke there and back, because readers measure text by the
extent of its glyphs and overlook text without any.

Words on slightly skewed lines are set level, each at its own height: readers split a word whose letters climb.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence

import pikepdf
from pikepdf import Array, Dictionary, Name

from pipeline.domain.recognised import Line, RecognisedPage

FONT_NAME = "PoststrasseEmptyGlyph"
RESOURCE = "/PstText"
_EM = 1000
_ADVANCE = 500  # of the one glyph, in thousandths of the type size
_ASCENT, _DESCENT = 750, -220
_TALLEST = 6.0  # type is at most so many times as high as its broadest word's letters are wide
_LEVEL_DEGREES = 10.0
_MADE = 3_029_529_600  # seconds from 1904 to 2000; a fixed date, fonts must have one
_MIN_STRETCH = 1.0  # percent; what is narrower could not be selected


def _font_program() -> bytes:
    """A TrueType program of two glyphs without area; the second one is the one in use."""
    stroke = struct.pack(
        ">hhhhhHHBBhhhh", 1, 0, _DESCENT, _ADVANCE, _ASCENT, 1, 0, 1, 1, 0, _ADVANCE, _DESCENT, _ASCENT - _DESCENT
    )
    box = (0, _DESCENT, _ADVANCE, _ASCENT)
    tables = {
        b"glyf": stroke,
        b"head": struct.pack(
            ">IIIIHHqqhhhhHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, _EM, _MADE, _MADE, *box, 0, 8, 2, 0, 0
        ),
        b"hhea": struct.pack(
            ">IhhhHhhhhhhhhhhhH", 0x10000, _ASCENT, _DESCENT, 0, _ADVANCE, 0, 0, _ADVANCE, 1, 0, 0, 0, 0, 0, 0, 0, 2
        ),
        b"hmtx": struct.pack(">HhHh", _ADVANCE, 0, _ADVANCE, 0),
        b"loca": struct.pack(">HHH", 0, 0, len(stroke) // 2),
        b"maxp": struct.pack(">IHHHHHHHHHHHHHH", 0x10000, 2, 2, 1, 0, 0, 1, *([0] * 8)),
    }
    program = _assembled(tables)
    adjustment = (0xB1B0AFBA - _sum(program)) & 0xFFFFFFFF
    tables[b"head"] = tables[b"head"][:8] + struct.pack(">I", adjustment) + tables[b"head"][12:]
    return _assembled(tables)


def _sum(data: bytes) -> int:
    padded = data + b"\0" * (-len(data) % 4)
    return int(sum(struct.unpack(f">{len(padded) // 4}I", padded))) & 0xFFFFFFFF


def _assembled(tables: dict[bytes, bytes]) -> bytes:
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


def make_font(pdf: pikepdf.Pdf, pages: Sequence[RecognisedPage]) -> pikepdf.Object:
    """Put the font into a document; one is enough for all its pages, whose characters it maps."""
    highs = {ord(sign) >> 8 for page in pages for line in page.lines() for sign in line.text}
    program = _font_program()
    file = pdf.make_stream(zlib.compress(program, 9), Length1=len(program), Filter=Name.FlateDecode)
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name("/" + FONT_NAME),
        Flags=4,
        FontBBox=Array([0, _DESCENT, _ADVANCE, _ASCENT]),
        ItalicAngle=0,
        Ascent=_ASCENT,
        Descent=_DESCENT,
        CapHeight=_ASCENT,
        StemV=80,
        FontFile2=file,
    )
    glyphs = pdf.make_stream(zlib.compress(b"\0\1" * 65536, 9), Filter=Name.FlateDecode)
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name("/" + FONT_NAME),
        CIDSystemInfo=Dictionary(Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor),
        DW=_ADVANCE,
        CIDToGIDMap=glyphs,
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name("/" + FONT_NAME),
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(descendant)]),
            ToUnicode=pdf.make_stream(zlib.compress(_to_unicode(highs or {0}), 9), Filter=Name.FlateDecode),
        )
    )


Placer = Callable[[float, float], tuple[float, float]]


def layer_operators(page: RecognisedPage, to_points: Placer) -> bytes:
    """The operators of a page's invisible text. `to_points` maps pixels of the page picture to points of the page."""
    lines = [part for line in page.lines() for part in _line_operators(line, to_points)]
    if not lines:
        return b""
    return "\n".join(["q", "BT", "3 Tr", *lines, "ET", "Q", ""]).encode("ascii")


def _line_operators(line: Line, to_points: Placer) -> Iterator[str]:
    """Every word stretched to its width, with spaces that fill the gaps between."""
    ends = [(to_points(*w.baseline[:2]), to_points(*w.baseline[2:])) for w in line.words]
    (x0, y0), (x1, y1) = ends[0][0], ends[-1][1]
    cos, sin = _direction(x1 - x0, y1 - y0)
    placed = [_along(begin, end, (x0, y0), cos, sin) for begin, end in ends]
    broadest = max((stop - start) / len(word.text) for word, (start, stop, _y) in zip(line.words, placed, strict=True))
    size = min(_size_points(line, to_points), max(broadest * _TALLEST, 1.0))
    yield f"{RESOURCE} {_n(size)} Tf {_n(cos, 5)} {_n(sin, 5)} {_n(-sin, 5)} {_n(cos, 5)} {_n(x0)} {_n(y0)} Tm"
    reached, height = 0.0, 0.0
    for index, (word, (start, stop, across)) in enumerate(zip(line.words, placed, strict=True)):
        step, climb = round(start - reached, 1), round(across - height, 1)
        reached, height = reached + step, height + climb
        move = f"{_n(step)} {_n(climb)} Td " if step or climb else ""
        yield f"{move}{_stretch(stop - start, size, len(word.text))} Tz <{_codes(word.text)}> Tj"
        if index + 1 < len(placed):
            yield f"{_stretch(placed[index + 1][0] - stop, size, 1, 0)} Tz <0020> Tj"


def _direction(dx: float, dy: float) -> tuple[float, float]:
    """Cosine and sine of a line's direction; within 10 degrees of an axis, the axis itself."""
    length = math.hypot(dx, dy)
    if length == 0:
        return 1.0, 0.0
    degrees = math.degrees(math.atan2(dy, dx))
    nearest = round(degrees / 90) * 90
    angle = math.radians(nearest if abs(degrees - nearest) <= _LEVEL_DEGREES else degrees)
    return round(math.cos(angle), 9), round(math.sin(angle), 9)


def _along(
    begin: tuple[float, float], end: tuple[float, float], origin: tuple[float, float], cos: float, sin: float
) -> tuple[float, float, float]:
    """Where a word begins and ends along a direction, and its middle's distance across, from an origin."""
    (bx, by), (ex, ey) = ((x - origin[0], y - origin[1]) for x, y in (begin, end))
    across = ((by + ey) * cos - (bx + ex) * sin) / 2
    return bx * cos + by * sin, ex * cos + ey * sin, across


def _size_points(line: Line, to_points: Placer) -> float:
    """The type size in points: the line's pixels measured across its direction."""
    x0, y0, x1, y1 = line.words[0].baseline[:2] + line.words[-1].baseline[2:]
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    across = (-(y1 - y0) / length * line.size_px, (x1 - x0) / length * line.size_px)
    here, there = to_points(x0, y0), to_points(x0 + across[0], y0 + across[1])
    return max(math.hypot(there[0] - here[0], there[1] - here[1]), 1.0)


def _stretch(width: float, size: float, signs: int, digits: int = 1) -> str:
    """How far, in percent, `signs` glyphs are stretched to fill `width` points."""
    return _n(max(width / (size * _ADVANCE / _EM * signs) * 100, _MIN_STRETCH), digits)


def _codes(text: str) -> str:
    return text.encode("utf-16-be").hex().upper()


def _n(value: float, digits: int = 2) -> str:
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
