"""Font programs ready to be embedded: installed fonts cut down to the Latin characters, with their widths.

One program serves every letter, so that it stands once in a volume. Made from installed, trusted files by fontTools;
the same files give the same bytes. A face takes a sixth of a second, so a line keeps them in a folder.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.adapters.letters.substitute_faces import FACES, INSTALL, Face, installed_folder
from pipeline.domain.errors import Permanent

_MADE_AS = "1"  # raised when programs are made in another way
_EM = 1000
# The Latin alphabets of Europe, punctuation, currency; the ligatures and the dotless i of the standard encoding.
_CHARACTERS = "".join(
    map(
        chr,
        (
            *range(0x20, 0x7F),
            *range(0xA0, 0x180),
            *(0x192, 0x218, 0x219, 0x21A, 0x21B, 0x2C6, 0x2C7, 0x2D8, 0x2D9, 0x2DA, 0x2DB, 0x2DC, 0x2DD),
            *(0x2013, 0x2014, 0x2018, 0x2019, 0x201A, 0x201C, 0x201D, 0x201E, 0x2020, 0x2021, 0x2022, 0x2026, 0x2030),
            *(0x2039, 0x203A, 0x2044, 0x20AC, 0x2122, 0x2212, 0xFB01, 0xFB02),
        ),
    )
)
_STEMS = {("sans", False): 76, ("sans", True): 118, ("serif", False): 84, ("serif", True): 139}
_FIXED, _SERIF, _NONSYMBOLIC, _ITALIC = 1, 2, 32, 64  # ISO 32000-1, table 123


@dataclass(frozen=True)
class FontProgram:
    """A TrueType program with what its descriptor says. Lengths in thousandths of the type size.

    `widths`: by character; only those that may be shown with it.
    """

    name: str
    data: bytes
    widths: dict[str, float]
    flags: int
    box: tuple[int, int, int, int]
    italic_angle: float
    ascent: int
    descent: int
    cap_height: int
    stem_v: int


def fonts_missing() -> Permanent:
    """The error of a line without its fonts: not the letter's fault."""
    return Permanent("fonts-missing", "Die Schriften für nicht eingebettete Schriften fehlen.", INSTALL)


class FontShelf:
    """Programs by face. `folder`: where made ones are kept for the next process; None: nowhere."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def program(self, face: Face) -> FontProgram:
        """The face's program, from the folder or made anew. Raises Permanent `fonts-missing`."""
        if self._folder is None:
            return made_program(face)
        kept = self._folder / f"{face.key}-{_fingerprint(face)}.json"
        try:
            return _told(kept.read_bytes())
        except (OSError, ValueError, KeyError, TypeError):  # not there yet, or spoilt: it is made again
            program = made_program(face)
        self._folder.mkdir(parents=True, exist_ok=True)
        making = kept.with_name(f".{kept.name}-{os.getpid()}")
        making.write_bytes(_telling(program))
        making.replace(kept)
        return program


def _fingerprint(face: Face) -> str:
    """Another one as soon as the installed file is another one."""
    folder = installed_folder()
    if folder is None:
        raise fonts_missing()
    about = (folder / face.file_name).stat()
    return hashlib.sha256(f"{_MADE_AS} {about.st_size} {about.st_mtime_ns}".encode()).hexdigest()[:16]


def _telling(program: FontProgram) -> bytes:
    values = asdict(program)
    values["data"] = base64.b64encode(program.data).decode("ascii")
    return json.dumps(values).encode()


def _told(telling: bytes) -> FontProgram:
    values: dict[str, Any] = json.loads(telling)
    values["data"] = base64.b64decode(values["data"], validate=True)
    values["box"] = tuple(values["box"])
    return FontProgram(**values)


@lru_cache(maxsize=len(FACES))
def made_program(face: Face) -> FontProgram:
    """A face's program, made anew. Raises Permanent `fonts-missing`."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    folder = installed_folder()
    if folder is None:
        raise fonts_missing()
    with TTFont(folder / face.file_name, lazy=True, recalcTimestamp=False) as font:
        caps = getattr(font["OS/2"], "sCapHeight", 0) or font["hhea"].ascent
        options = subset.Options()
        options.hinting = options.notdef_outline = options.glyph_names = options.legacy_cmap = False
        options.layout_features, options.name_IDs = [], []
        options.drop_tables += ["FFTM", "GDEF", "GPOS", "GSUB", "OS/2", "gasp", "kern"]
        subsetter = subset.Subsetter(options)
        subsetter.populate(text=_CHARACTERS)
        subsetter.subset(font)
        widths = _widths(font, face)
        written = io.BytesIO()
        font.save(written)
        head, unit = font["head"], _EM / font["head"].unitsPerEm
        corners = (head.xMin, head.yMin, head.xMax, head.yMax)
        return FontProgram(
            name=face.file_name.removesuffix(".ttf"),
            data=written.getvalue(),
            widths=widths,
            flags=_flags(face),
            box=(
                round(corners[0] * unit),
                round(corners[1] * unit),
                round(corners[2] * unit),
                round(corners[3] * unit),
            ),
            italic_angle=float(font["post"].italicAngle),
            ascent=round(font["hhea"].ascent * unit),
            descent=round(font["hhea"].descent * unit),
            cap_height=round(caps * unit),
            stem_v=_STEMS.get((face.family, face.bold), 106 if face.bold else 51),
        )


def _flags(face: Face) -> int:
    flags = _NONSYMBOLIC
    flags |= _FIXED if face.family == "mono" else 0
    flags |= _SERIF if face.family != "sans" else 0
    return flags | (_ITALIC if face.italic else 0)


def _widths(font: Any, face: Face) -> dict[str, float]:
    """What each character advances, after `adobe` metrics have been given to a face that is made to others."""
    unit = _EM / font["head"].unitsPerEm
    glyphs = {chr(code): glyph for code, glyph in font.getBestCmap().items()}
    moved = _fit_to_adobe(font, glyphs, face) if face.metrics == "adobe" else set()
    made_of_moved = {
        name for name in glyphs.values() if moved & set(font["glyf"][name].getComponentNames(font["glyf"]))
    }
    return {
        char: round(font["hmtx"][glyph][0] * unit, 2)
        for char, glyph in sorted(glyphs.items())
        if glyph not in made_of_moved
    }


def _fit_to_adobe(font: Any, glyphs: dict[str, str], face: Face) -> set[str]:
    """Put the few characters whose widths differ into the middle of the width that Adobe's font has.

    The raised dot is such a one, and stands in every second sender's line. What would stick out keeps its width, and
    so will be found different where it is used. Returns the glyphs that moved.
    """
    from fontTools.agl import toUnicode
    from reportlab.pdfbase import _fontdata  # the widths of the standard 14, as Adobe published them

    unit = font["head"].unitsPerEm / _EM
    moved = set()
    for name, width in sorted(_fontdata.widthsByFontGlyph[face.standard_name].items()):
        glyph_name = glyphs.get(toUnicode(name))
        if glyph_name is None:
            continue
        advance, bearing = font["hmtx"][glyph_name]
        wanted = round(width * unit)
        glyph, shift = font["glyf"][glyph_name], (wanted - advance) // 2
        fits = glyph.numberOfContours and glyph.xMin + shift >= 0 and glyph.xMax + shift <= wanted
        if abs(wanted - advance) <= 1 or not fits:
            continue
        _move(glyph, shift, font["glyf"])
        font["hmtx"][glyph_name] = (wanted, bearing + shift)
        moved.add(glyph_name)
    return moved


def _move(glyph: Any, shift: int, table: Any) -> None:
    if glyph.isComposite():
        for component in glyph.components:
            component.x += shift
    else:
        glyph.coordinates.translate((shift, 0))
    glyph.recalcBounds(table)
