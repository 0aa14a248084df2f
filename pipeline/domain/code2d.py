"""The 24 characters of the 2D code: which batch, which piece, which of its sheets. No names, no references.

Version `1`, batch (7 digits), piece (6), sheet (3), of (3), enclosures (2 hex), flags (1 hex), check character
(contract 5). The check character is ISO/IEC 7064 MOD 37,36: it finds every wrong single character, and every
swap of two neighbours but those that differ by one, of which it misses one in 36.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.domain.errors import Permanent

LENGTH = 24
# Modules a side of every symbol. The 20 leading digits take 10 codewords, the last 4 characters 2 to 4: some would
# fit into 16 by 16, but all sheets of a batch carry the same size.
MODULES = 18
_VERSION = "1"
_MODULUS = 36
_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUES = {character: value for value, character in enumerate(_CHARACTERS)}
_LAYOUT = re.compile(r"1([0-9]{7})([0-9]{6})([0-9]{3})([0-9]{3})([0-9A-F]{2})([0-7])[0-9A-Z]")

_LAST_FED, _DIVERT, _REPRINT = 1, 2, 4
STATIONS = 8


@dataclass(frozen=True)
class SheetCode:
    """What a code says. `batch` 1 to 9999999, `piece` 1 to 999999, `sheet` 1 to `of`, `of` 1 to 999.

    `enclosures`: stations 1 to 8, ascending. `last_fed`: the last sheet of its piece in feed order.
    """

    batch: int
    piece: int
    sheet: int
    of: int
    enclosures: tuple[int, ...] = ()
    last_fed: bool = False
    divert: bool = False
    reprint: bool = False

    def __post_init__(self) -> None:
        in_range = 1 <= self.batch <= 9_999_999 and 1 <= self.piece <= 999_999 and 1 <= self.sheet <= self.of <= 999
        stations = tuple(sorted(set(self.enclosures)))
        if not in_range or stations != self.enclosures or any(not 1 <= s <= STATIONS for s in stations):
            raise ValueError(f"not a sheet of a batch: {self}")


def check_character(text: str) -> str:
    """The check character over `text` (0-9, A-Z), ISO/IEC 7064 MOD 37,36."""
    product = _MODULUS
    for character in text:
        product = ((product + _VALUES[character]) % _MODULUS or _MODULUS) * 2 % (_MODULUS + 1)
    return _CHARACTERS[(1 - product) % _MODULUS]


def encode(code: SheetCode) -> str:
    """The payload of a sheet, check character included."""
    enclosures = sum(1 << (station - 1) for station in code.enclosures)
    flags = _LAST_FED * code.last_fed + _DIVERT * code.divert + _REPRINT * code.reprint
    body = f"{_VERSION}{code.batch:07d}{code.piece:06d}{code.sheet:03d}{code.of:03d}{enclosures:02X}{flags:X}"
    return body + check_character(body)


def decode(text: str) -> SheetCode:
    """What a payload says. Raises Permanent `sheet-code-wrong` where the layout, a number or the check is wrong."""
    fields = _LAYOUT.fullmatch(text)
    if fields is None:
        raise _wrong("it is not one of ours")
    if check_character(text[:-1]) != text[-1]:
        raise _wrong("its check character does not agree")
    batch, piece, sheet, of = (int(field) for field in fields.groups()[:4])
    stations, flags = int(fields[5], 16), int(fields[6], 16)
    try:
        return SheetCode(
            batch=batch,
            piece=piece,
            sheet=sheet,
            of=of,
            enclosures=tuple(s for s in range(1, STATIONS + 1) if stations >> (s - 1) & 1),
            last_fed=bool(flags & _LAST_FED),
            divert=bool(flags & _DIVERT),
            reprint=bool(flags & _REPRINT),
        )
    except ValueError:
        raise _wrong("its numbers are out of range") from None


def _wrong(why: str) -> Permanent:
    return Permanent("sheet-code-wrong", f"A 2D code can't be used: {why}.", "Print the sheet's piece again.")
