"""Fonts that a letter names and does not bring along: embedded from an installed face of the same widths, or refused.

What a printer puts in the place of a missing font has other widths and other characters, and is seen by nobody before
it lies in an envelope. Only simple fonts can be given a program: the codes of a composite one are numbers of glyphs
in a file that isn't there.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, Object

from pipeline.adapters.letters.font_programs import FontProgram, FontShelf
from pipeline.adapters.letters.simple_encodings import (
    Encoding,
    encoding_of,
    glyph_name_of,
    may_show,
    pattern_of,
    shown_codes,
    win_ansi,
)
from pipeline.adapters.letters.source_pdf import name_text
from pipeline.adapters.letters.substitute_faces import Face, face_named
from pipeline.domain.errors import Rejected
from pipeline.domain.font_rules import FontRules

# Widths are written as whole thousandths of the type size by most programs.
_TOLERANCE = 1.0
_PROGRAMS = ("/FontFile", "/FontFile2", "/FontFile3")
_SIMPLE = (Name.Type1, Name.MMType1, Name.TrueType)
_FIRST_CODE, _MAX_CODES = 33, 200
_KEPT = ("/Type", "/Name", "/ToUnicode")


@dataclass(frozen=True)
class Lent:
    """What a font was given. `unfit`: codes with a character that the program lacks or has in another width."""

    face: Face
    unfit: frozenset[int]
    pattern: re.Pattern[bytes] | None


@dataclass(frozen=True)
class DrawnFont:
    """A font for text that is drawn here, and how to write with it."""

    font: Dictionary
    code_of: dict[str, int]
    width_of: dict[str, float]

    def codes(self, text: str) -> bytes:
        """The text as the font's codes."""
        return bytes(self.code_of[char] for char in text)

    def width(self, text: str) -> float:
        """What the text advances at size 1."""
        return sum(self.width_of[char] for char in text) / 1000


class MissingFonts:
    """The fonts of one source file. Each is looked at once; what it lacks is worked into it, in place."""

    def __init__(self, pdf: pikepdf.Pdf, rules: FontRules, shelf: FontShelf) -> None:
        self._pdf = pdf
        self._rules = rules
        self._shelf = shelf
        self._files: dict[str, Object] = {}
        self._made: dict[bytes, tuple[Dictionary, Lent]] = {}
        self._lent: dict[tuple[int, int], Lent] = {}

    @property
    def any_lent(self) -> bool:
        """Whether a font of the file was given a program so far."""
        return bool(self._lent)

    def lent_to(self, font: Object) -> Lent | None:
        """What the font was given here; None where it came with its own program."""
        descriptor = font.get("/FontDescriptor") if isinstance(font, Dictionary) else None
        return self._lent.get(descriptor.objgen) if isinstance(descriptor, Dictionary) else None

    def settle(self, font: Dictionary) -> None:
        """Give the font a program if it has none. Raises Rejected `font-not-embedded`."""
        kind = font.get("/Subtype")
        if kind == Name.Type3 or _is_embedded(font):
            return
        name = font.get("/BaseFont")
        text = name_text(name)[1:] if isinstance(name, Name) else ""
        face = face_named(text) if kind in _SIMPLE and self._rules.missing == "embed" else None
        encoding = encoding_of(font) if face is not None else None
        if face is None or encoding is None:
            raise _not_embedded(text)
        key = b" ".join([text.encode("utf-8", "surrogateescape"), *_written(font)])
        if key not in self._made:
            self._made[key] = self._fitted(font, face, encoding)
        made, _ = self._made[key]
        for entry in set(font.keys()) - set(_KEPT):
            del font[entry]
        for entry in sorted(made.keys()):
            font[entry] = made[entry]

    def check_shown(self, font: Dictionary, names: frozenset[str], content: bytes) -> bool:
        """Whether the font has a program from here; `names`: what the content calls it.

        Raises Rejected `font-not-embedded` where the content shows a character that the program lacks.
        """
        lent = self.lent_to(font)
        if lent is None:
            return False
        if lent.pattern is None or not may_show(content, lent.pattern, lent.unfit):
            return True
        unfit = lent.unfit & shown_codes(self._pdf, content, names)
        if unfit:
            told = f"Zeichen mit den Codes {', '.join(str(code) for code in sorted(unfit))}"
            raise _not_embedded(lent.face.standard_name, f" {told} fehlen im Ersatz oder sind dort anders breit.")
        return True

    def drawn_font(self, face: Face, text: str) -> DrawnFont | None:
        """A font with the characters of a text, for what is drawn here; None where the face lacks one of them."""
        characters = sorted(set(text.replace("\n", " ")) | {" "})
        widths = self._shelf.program(face).widths
        if len(characters) > _MAX_CODES or not widths.keys() >= set(characters):
            return None
        encoding = dict(enumerate(characters, _FIRST_CODE))
        made, _ = self._fitted(Dictionary(), face, encoding)
        del self._lent[made.FontDescriptor.objgen]  # nothing was missing
        made["/Type"] = Name.Font
        font = self._pdf.make_indirect(made)
        codes = {char: code for code, char in encoding.items()}
        return DrawnFont(font, codes, {char: widths[char] for char in characters})

    def _fitted(self, font: Dictionary, face: Face, encoding: Encoding) -> tuple[Dictionary, Lent]:
        """The entries of a font with a program, of the two sets of widths the one that suits it better."""
        told = _told_widths(font)
        best: tuple[Face, FontProgram, dict[int, float], frozenset[int]] | None = None
        for candidate in (face, face.other) if told else (face,):
            program = self._shelf.program(candidate)
            widths, unfit = _compared(encoding, told, program)
            if best is None or len(unfit) < len(best[3]):
                best = (candidate, program, widths, unfit)
        assert best is not None  # noqa: S101 - the first candidate always is one
        face, program, widths, unfit = best
        descriptor = self._pdf.make_indirect(self._descriptor(face, program))
        lent = Lent(face, unfit, pattern_of(unfit) if unfit else None)
        self._lent[descriptor.objgen] = lent
        first, last = min(widths), max(widths)
        made = Dictionary(
            Subtype=Name.TrueType,
            BaseFont=Name(f"/{_tag(face)}+{program.name}"),
            FirstChar=first,
            LastChar=last,
            Widths=Array([_number(widths.get(code, 0)) for code in range(first, last + 1)]),
            Encoding=_written_encoding(encoding),
            FontDescriptor=descriptor,
        )
        return made, lent

    def _descriptor(self, face: Face, program: FontProgram) -> Dictionary:
        if face.key not in self._files:
            packed = zlib.compress(program.data, 9)
            file = self._pdf.make_stream(packed, Length1=len(program.data), Filter=Name.FlateDecode)
            self._files[face.key] = file
        return Dictionary(
            Type=Name.FontDescriptor,
            FontName=Name(f"/{_tag(face)}+{program.name}"),
            Flags=program.flags,
            FontBBox=Array(program.box),
            ItalicAngle=_number(program.italic_angle),
            Ascent=program.ascent,
            Descent=program.descent,
            CapHeight=program.cap_height,
            StemV=program.stem_v,
            FontFile2=self._files[face.key],
        )


def _is_embedded(font: Dictionary) -> bool:
    descendants = font.get("/DescendantFonts")
    fonts = list(descendants) if isinstance(descendants, Array) else [font]
    descriptors = [each.get("/FontDescriptor") for each in fonts if isinstance(each, Dictionary)]
    return bool(descriptors) and all(
        isinstance(descriptor, Dictionary) and any(key in descriptor for key in _PROGRAMS) for descriptor in descriptors
    )


def _not_embedded(name: str, more: str = "") -> Rejected:
    return Rejected("font-not-embedded", f"Die Schrift „{name[:60]}“ ist nicht eingebettet.{more}")


def _written(font: Dictionary) -> list[bytes]:
    """Everything of a font that decides what it is given."""
    descriptor = font.get("/FontDescriptor")
    about = [descriptor.get(key) for key in ("/Flags", "/MissingWidth")] if isinstance(descriptor, Dictionary) else []
    entries = [font.get(key) for key in ("/Subtype", "/FirstChar", "/Widths", "/Encoding")]
    return [
        entry.unparse(resolved=True) if isinstance(entry, Object) else str(entry).encode() for entry in entries + about
    ]


def _told_widths(font: Dictionary) -> dict[int, float]:
    """By code, what the font says its characters advance; empty where it is silent, as the standard 14 may be."""
    widths, first = font.get("/Widths"), font.get("/FirstChar", 0)
    if not isinstance(widths, Array) or not isinstance(first, int):
        return {}
    descriptor = font.get("/FontDescriptor")
    try:
        others = float(descriptor.get("/MissingWidth", 0)) if isinstance(descriptor, Dictionary) else 0.0
        told = {first + place: float(width) for place, width in enumerate(widths) if 0 <= first + place <= 255}
        return dict.fromkeys(range(256), others) | told
    except (TypeError, ValueError):
        return {}


def _compared(
    encoding: Encoding, told: dict[int, float], program: FontProgram
) -> tuple[dict[int, float], frozenset[int]]:
    """The width of every code, and the codes that the program cannot show as they should be.

    A width of 0 is what programs write for characters that they don't use. Where nothing is told, the widths are those
    of the standard, which are whole thousandths.
    """
    widths: dict[int, float] = dict(told)
    unfit = set()
    for code, char in encoding.items():
        own = program.widths.get(char)
        wanted = told.get(code, 0.0) if told else round(own or 0.0)
        if own is None or (wanted and abs(wanted - own) > _TOLERANCE):
            unfit.add(code)
        widths.setdefault(code, wanted)
    return widths, frozenset(unfit)


def _written_encoding(encoding: Encoding) -> Dictionary:
    """The encoding in words of WinAnsiEncoding, as a TrueType program needs it (9.6.6.4)."""
    differences: list[int | Name] = []
    base, following = win_ansi(), -1
    for code in range(256):
        char = encoding.get(code)
        if char == base.get(code) or char == "\ufffd":
            continue
        if code != following:
            differences.append(code)
        differences.append(Name("/.notdef" if char is None else f"/{glyph_name_of(char)}"))
        following = code + 1
    written = Dictionary(Type=Name.Encoding, BaseEncoding=Name.WinAnsiEncoding)
    if differences:
        written.Differences = Array(differences)
    return written


def _number(value: float) -> int | float:
    return int(value) if value == int(value) else round(value, 2)


def _tag(face: Face) -> str:
    """The six letters that mark a subset: one for each set of widths."""
    return "POSTAD" if face.metrics == "adobe" else "POSTMS"
