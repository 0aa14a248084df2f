"""Which character each code of a simple font stands for, and which codes a content shows.

ISO 32000-1, 9.6.6 and annex D. A code without a character here shows nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import pikepdf
from fontTools.agl import AGL2UV, UV2AGL
from fontTools.encodings.StandardEncoding import StandardEncoding
from pikepdf import Array, Dictionary, Name, String

from pipeline.adapters.letters.source_pdf import name_text, refuse_damaged

Encoding = Mapping[int, str]

_SYMBOLIC, _NONSYMBOLIC = 4, 32
_UNI = re.compile(r"^uni([0-9A-F]{4})$|^u([0-9A-F]{4,6})$")
_HEX_STRING = re.compile(rb"(?<!<)<([0-9A-Fa-f\s]+)>")
_SHOWING = ("Tj", "'", '"', "TJ")


def character_of(glyph_name: str) -> str | None:
    """The character that a glyph's name stands for by the Adobe Glyph List; None for names of a font's own."""
    code = AGL2UV.get(glyph_name)
    if code is not None:
        return chr(code)
    match = _UNI.match(glyph_name)
    return chr(int(match[1] or match[2], 16)) if match and int(match[1] or match[2], 16) < 0x110000 else None


def glyph_name_of(char: str) -> str:
    """A name for the character, one that every viewer knows."""
    return {"\xa0": "space", "\xad": "hyphen"}.get(char) or UV2AGL.get(ord(char)) or f"uni{ord(char):04X}"


def encoding_of(font: Dictionary) -> Encoding | None:
    """The characters of a font that isn't embedded; None where its codes mean what only its own file says."""
    told = font.get("/Encoding")
    differences = told.get("/Differences") if isinstance(told, Dictionary) else None
    base = told.get("/BaseEncoding") if isinstance(told, Dictionary) else told
    if not isinstance(base, Name) and not isinstance(differences, Array) and _is_symbolic(font):
        return None
    encoding = dict(_BASES.get(name_text(base), _standard)() if isinstance(base, Name) else _standard())
    if isinstance(differences, Array):
        _apply(differences, encoding)
    return encoding


def _is_symbolic(font: Dictionary) -> bool:
    descriptor = font.get("/FontDescriptor")
    flags = descriptor.get("/Flags", 0) if isinstance(descriptor, Dictionary) else 0
    return isinstance(flags, int) and bool(flags & _SYMBOLIC) and not flags & _NONSYMBOLIC


def _apply(differences: Array, encoding: dict[int, str]) -> None:
    code = 0
    for entry in differences:
        if isinstance(entry, int):
            code = entry
        elif isinstance(entry, Name):
            char = character_of(name_text(entry)[1:])
            encoding.pop(code, None)
            if char is not None:
                encoding[code] = char
            elif entry != Name("/.notdef"):
                encoding[code] = "\ufffd"  # a glyph that we don't know: no program has it
            code += 1


@lru_cache(maxsize=1)
def _standard() -> Encoding:
    named = {code: character_of(name) for code, name in enumerate(StandardEncoding) if name != ".notdef"}
    return {code: char for code, char in named.items() if char is not None}


@lru_cache(maxsize=1)
def win_ansi() -> Encoding:
    """WinAnsiEncoding. Codes that Windows leaves free show a bullet (annex D.2, note 3)."""
    decoded = {code: bytes([code]).decode("cp1252", "replace") for code in range(0x20, 0x100)}
    return {code: "\u2022" if char in "\ufffd\x7f" else char for code, char in decoded.items()}


@lru_cache(maxsize=1)
def _mac_roman() -> Encoding:
    """MacRomanEncoding, which lacks the mathematical characters of Mac OS and has the old currency sign."""
    lacking = "\u2260\u221e\u2264\u2265\u2202\u2211\u220f\u03c0\u222b\u03a9\u221a\u2248\u2206\u25ca\uf8ff"
    decoded = {code: bytes([code]).decode("mac_roman") for code in (*range(0x20, 0x7F), *range(0x80, 0x100))}
    decoded[0xDB] = "\xa4"
    return {code: char for code, char in decoded.items() if char not in lacking}


_BASES = {"/WinAnsiEncoding": win_ansi, "/MacRomanEncoding": _mac_roman, "/StandardEncoding": _standard}


def may_show(content: bytes, pattern: re.Pattern[bytes], codes: frozenset[int]) -> bool:
    """Whether a content could show one of the codes: a quick look that errs on the side of yes."""
    if pattern.search(content):
        return True
    for digits in _HEX_STRING.findall(content):
        packed = b"".join(digits.split())
        if not codes.isdisjoint(bytes.fromhex((packed + b"0" * (len(packed) % 2)).decode("ascii"))):
            return True
    return False


def pattern_of(codes: frozenset[int]) -> re.Pattern[bytes]:
    """Finds a code as a byte or as an octal escape."""
    raw = b"[" + b"".join(re.escape(bytes([code])) for code in sorted(codes)) + b"]"
    return re.compile(b"|".join([raw, *(rb"\\%o" % code for code in sorted(codes))]))


def shown_codes(pdf: pikepdf.Pdf, content: bytes, names: frozenset[str]) -> set[int]:
    """The codes that a content shows with a font of one of these names. Raises Rejected `pdf-damaged`."""
    shown: set[int] = set()
    try:
        for font, text in _shown_strings(pikepdf.parse_content_stream(pdf.make_stream(content))):
            if font is None or font in names:
                shown.update(text)
    except (pikepdf.PikepdfError, ValueError, TypeError, IndexError) as error:
        raise refuse_damaged("Der Inhalt einer Seite ist nicht lesbar.") from error
    return shown


def _shown_strings(instructions: Iterable[Any]) -> Iterator[tuple[str | None, bytes]]:
    font: str | None = None
    saved: list[str | None] = []
    for instruction in instructions:
        operator, operands = str(instruction.operator), instruction.operands
        if operator == "q":
            saved.append(font)
        elif operator == "Q" and saved:
            font = saved.pop()
        elif operator == "Tf":
            font = name_text(operands[0])
        elif operator in _SHOWING:
            last = operands[-1]
            for piece in last if isinstance(last, Array) else [last]:
                if isinstance(piece, String):
                    yield font, bytes(piece)
