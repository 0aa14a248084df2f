"""One-byte codes for the signs of a document: WinAnsiEncoding, and signs outside it in place of codes it has free."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fontTools.agl import UV2AGL

SPACE = 32
_FREE_FIRST = (0x81, 0x8D, 0x8F, 0x90, 0x9D, 0xA0, 0xAD)  # nothing, or a second space or hyphen


@dataclass(frozen=True)
class LetterCodes:
    """The code of every sign that has one. `names`: PostScript names of those outside WinAnsiEncoding, by code."""

    codes: Mapping[str, int]
    names: Mapping[int, str]


def letter_codes(signs: Iterable[str]) -> LetterCodes:
    """Codes for these signs and the space; a sign without a PostScript name (ISO 32000-1, 9.6.6.4), or one too many,
    gets none.
    """
    wanted = sorted(set(signs) | {" "})
    codes = {sign: code for sign in wanted if (code := _win_ansi(sign)) is not None}
    taken = set(codes.values())
    free = [code for code in (*_FREE_FIRST, *range(0xFF, SPACE, -1)) if code not in taken and code != 0x7F]
    names = {}
    for sign in wanted:
        if sign not in codes and ord(sign) in UV2AGL and free:
            code = free.pop(0)
            codes[sign] = code
            names[code] = UV2AGL[ord(sign)]
            free = [other for other in free if other != code]
    return LetterCodes(codes, names)


def _win_ansi(sign: str) -> int | None:
    if sign in "\x7f\xa0\xad":
        return None
    try:
        code = sign.encode("cp1252")[0]
    except UnicodeEncodeError:
        return None
    return code if code >= SPACE else None
