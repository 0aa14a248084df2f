"""The check digits of an IBAN, where letters were read for them: DEO2 for DE02, DES3 for DE53, DEB85 for DE85.

Nothing is guessed. Behind DE only digits can stand, the two check digits follow from the eighteen behind them
(ISO 13616, ISO 7064 MOD 97-10), and the text is changed only where what was read is a known mistake for exactly those.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from pipeline.adapters.incoming.raster_words import RasterBlock, RasterLine, RasterWord

_HEAD = re.compile(r"[0-9OoQDIlZS$B|]+")
_DIGITS = {"O": "0", "o": "0", "Q": "0", "D": "0", "I": "1", "l": "1", "|": "1", "Z": "2", "S": "5", "$": "5", "B": "8"}
_ACCOUNT = 18  # digits behind the check digits in Germany
_COUNTRY = "131400"  # DE and two zeros as digits
_CLOSING = ".,;:)"


def with_ibans(blocks: tuple[RasterBlock, ...]) -> tuple[RasterBlock, ...]:
    """The same words, with the check digits of IBANs as digits where the other digits prove them."""
    return tuple(RasterBlock(tuple(_line(line) for line in block.lines)) for block in blocks)


def _line(line: RasterLine) -> RasterLine:
    return replace(line, words=tuple(_word(word, line.words[at + 1 :]) for at, word in enumerate(line.words)))


def _word(word: RasterWord, behind: tuple[RasterWord, ...]) -> RasterWord:
    for head, rest in _splits(word.text):
        account = _account(rest, behind)
        if account is None or (len(head) == 2 and head.isdecimal()):
            continue
        check = f"{98 - int(account + _COUNTRY) % 97:02d}"
        if check in _possible(head):
            return replace(word, text=f"DE{check}{rest}")
    return word


def _splits(text: str) -> Iterator[tuple[str, str]]:
    """What stands for the check digits, two signs or three, and the digits behind them in the same word."""
    if not text.startswith("DE"):
        return
    for end in (4, 5):
        head, rest = text[2:end], text[end:]
        if len(text) >= end and _HEAD.fullmatch(head) and (not rest or _is_number(rest)):
            yield head, rest


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _account(rest: str, behind: tuple[RasterWord, ...]) -> str | None:
    digits = rest
    for word in behind:
        if len(digits) >= _ACCOUNT:
            break
        group = word.text.rstrip(_CLOSING)
        if not _is_number(group):
            return None
        digits += group
        if group != word.text:
            break
    return digits if len(digits) == _ACCOUNT else None


def _possible(head: str) -> set[str]:
    """The digits that `head` may stand for; of three signs one letter and the digit beside it are the same figure."""
    if len(head) == 2:
        return {"".join(_DIGITS.get(sign, sign) for sign in head)}
    found = set()
    for at in (0, 1):
        first, second = head[at], head[at + 1]
        if first != second and _DIGITS.get(first, first) == _DIGITS.get(second, second):
            found.add("".join(_DIGITS.get(sign, sign) for sign in head[:at] + head[at + 1 :]))
    return found
