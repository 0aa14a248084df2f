"""Insertion marks as arithmetic: which strokes a sheet carries, and what strokes say.

A machine's profile lists one token a position, top to bottom; a 1 prints a stroke. What the tokens mean
stands in docs/formats (contract 5); the layouts of real machines come from their manuals and live in the profiles.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pipeline.domain.errors import ProfileError
from pipeline.domain.profiles import Machine, Marks, Sequence

TokenKind = Literal[
    "start",
    "safety",
    "timing",
    "one",
    "zero",
    "end-of-set",
    "not-end-of-set",
    "begin-of-set",
    "not-begin-of-set",
    "seq",
    "feed",
    "divert",
    "stop",
    "batch",
    "parity:even",
    "parity:odd",
]

_PLAIN: dict[str, TokenKind] = {
    "start": "start",
    "safety": "safety",
    "timing": "timing",
    "one": "one",
    "zero": "zero",
    "end-of-set": "end-of-set",
    "not-end-of-set": "not-end-of-set",
    "begin-of-set": "begin-of-set",
    "not-begin-of-set": "not-begin-of-set",
    "divert": "divert",
    "stop": "stop",
    "batch": "batch",
    "parity:even": "parity:even",
    "parity:odd": "parity:odd",
}
_ALWAYS = frozenset({"start", "safety", "timing", "one"})
_BIT_WEIGHTS = (1, 2, 4, 8, 16, 32, 64, 128)
_STATIONS = tuple(range(1, 9))
SPELLINGS: tuple[str, ...] = (
    *_PLAIN,
    *(f"seq:{weight}" for weight in _BIT_WEIGHTS),
    *(f"feed:{station}" for station in _STATIONS),
)


@dataclass(frozen=True)
class Token:
    """What one position says. `number`: the weight of a `seq` bit, the station of a `feed`, else 0."""

    kind: TokenKind
    number: int = 0


@dataclass(frozen=True)
class SheetContext:
    """What is to be said of one sheet.

    `first_fed`, `last_fed`: of the sheets of its piece, in feed order. `stations`: the piece's enclosure stations.
    `index`: k, the sheet's running number in its volume in feed order, from 0.
    """

    first_fed: bool
    last_fed: bool
    index: int
    stations: tuple[int, ...] = ()
    divert: bool = False
    stop: bool = False
    batch: bool = False

    def __post_init__(self) -> None:
        if self.index < 0 or any(station not in _STATIONS for station in self.stations):
            raise ValueError(f"not a sheet to mark: {self}")


@dataclass(frozen=True)
class DecodedMarks:
    """What the strokes of one sheet say; None where the layout has no token for it.

    `faults`: positions that contradict the layout, e.g. `missing:start`, `unexpected:zero`, `parity`.
    """

    first_fed: bool | None
    last_fed: bool | None
    stations: tuple[int, ...]
    divert: bool | None
    stop: bool | None
    batch: bool | None
    sequence: int | None
    parity: bool | None
    faults: tuple[str, ...]


def parse_token(text: str) -> Token:
    """The token behind a profile's spelling. Raises ProfileError that names the nearest right spelling."""
    if text in _PLAIN:
        return Token(_PLAIN[text])
    numbered = re.fullmatch(r"(seq|feed):([1-9][0-9]{0,2})", text)
    if numbered is not None and text in SPELLINGS:
        return Token("seq" if numbered[1] == "seq" else "feed", int(numbered[2]))
    near = difflib.get_close_matches(text, SPELLINGS, n=1, cutoff=0.0)
    raise ProfileError(
        "unknown-token",
        f"marks.tokens: {text!r} is not a token",
        f"Did you mean {near[0]!r}?" if near else "",
    )


@lru_cache(maxsize=256)
def tokens_of(spellings: tuple[str, ...]) -> tuple[Token, ...]:
    """All tokens of a layout. Raises ProfileError for an unknown one, a second parity, or a function that occurs twice.

    Only positions that never change (`start`, `safety`, `timing`, `one`, `zero`) may repeat.
    """
    tokens = tuple(parse_token(text) for text in spellings)
    if sum(token.kind in ("parity:even", "parity:odd") for token in tokens) > 1:
        raise ProfileError("two-parities", "marks.tokens: two parity positions contradict each other", "Leave one.")
    for token in tokens:
        if token.kind not in _ALWAYS and token.kind != "zero" and tokens.count(token) > 1:
            name = f"{token.kind}:{token.number}" if token.number else token.kind
            raise ProfileError("token-twice", f"marks.tokens: {name!r} occurs twice", "Leave one.")
    return tokens


def sequence_value(sequence: Sequence, index: int) -> int:
    """The number of the k-th sheet of a volume: first + k mod (modulo - first)."""
    return sequence.first + index % (sequence.modulo - sequence.first)


def stroke_positions_mm(machine: Machine) -> tuple[float, ...]:
    """The centre of each position's stroke, in mm from the sheet's top edge; empty for a machine without strokes."""
    marks = machine.marks
    if marks.kind == "datamatrix":
        return ()
    return tuple(round(marks.first_mm + index * marks.pitch_mm, 6) for index in range(len(marks.tokens)))


def sheet_marks(machine: Machine, context: SheetContext) -> str:
    """The strokes of a sheet as 1 and 0 in position order; empty for a machine without strokes.

    Parity counts every printed stroke of the sheet, itself included.
    """
    marks = machine.marks
    if marks.kind == "datamatrix":
        return ""
    bits: list[bool] = []
    parity_at: int | None = None
    wanted_odd = False
    for position, token in enumerate(tokens_of(marks.tokens)):
        if token.kind in ("parity:even", "parity:odd"):
            parity_at, wanted_odd = position, token.kind == "parity:odd"
        bits.append(_prints(token, marks, context))
    if parity_at is not None:
        bits[parity_at] = (sum(bits) % 2 == 1) != wanted_odd
    return "".join("1" if bit else "0" for bit in bits)


def _prints(token: Token, marks: Marks, context: SheetContext) -> bool:
    """Whether a position is printed; a parity position counts as unprinted until all others are known."""
    if token.kind == "seq":
        return bool(sequence_value(marks.sequence, context.index) & token.number)
    if token.kind == "feed":
        here = {"first": context.first_fed, "last": context.last_fed, "all": True}[marks.feed_on]
        return here and token.number in context.stations
    return token.kind in _ALWAYS or _SAID.get(token.kind, _never)(context)


def _never(_context: SheetContext) -> bool:
    return False


_SAID: dict[str, Callable[[SheetContext], bool]] = {
    "end-of-set": lambda context: context.last_fed,
    "not-end-of-set": lambda context: not context.last_fed,
    "begin-of-set": lambda context: context.first_fed,
    "not-begin-of-set": lambda context: not context.first_fed,
    "divert": lambda context: context.divert,
    "stop": lambda context: context.stop,
    "batch": lambda context: context.batch,
}


def decode_marks(machine: Machine, bits: str) -> DecodedMarks:
    """What a sheet's strokes say, by the machine's layout. Raises ValueError for a string of another length."""
    tokens = tokens_of(machine.marks.tokens) if machine.marks.kind != "datamatrix" else ()
    if len(bits) != len(tokens) or bits.strip("01"):
        raise ValueError(f"{machine.id} has {len(tokens)} positions, not {bits!r}")
    said = {token: bit == "1" for token, bit in zip(tokens, bits, strict=True)}
    parity = _parity_holds(said, bits)
    faults = _wrong_constants(tokens, bits)
    if parity is False:
        faults.append("parity")
    weights = [token for token in said if token.kind == "seq"]
    return DecodedMarks(
        first_fed=_either(said, "begin-of-set", "not-begin-of-set", faults),
        last_fed=_either(said, "end-of-set", "not-end-of-set", faults),
        stations=tuple(sorted(token.number for token, bit in said.items() if token.kind == "feed" and bit)),
        divert=said.get(Token("divert")),
        stop=said.get(Token("stop")),
        batch=said.get(Token("batch")),
        sequence=sum(token.number for token in weights if said[token]) if weights else None,
        parity=parity,
        faults=tuple(faults),
    )


def _wrong_constants(tokens: tuple[Token, ...], bits: str) -> list[str]:
    """Positions that never change but did, each kind told once."""
    faults = [f"missing:{t.kind}" for t, bit in zip(tokens, bits, strict=True) if t.kind in _ALWAYS and bit == "0"]
    faults += [f"unexpected:{t.kind}" for t, bit in zip(tokens, bits, strict=True) if t.kind == "zero" and bit == "1"]
    return list(dict.fromkeys(faults))


def _parity_holds(said: dict[Token, bool], bits: str) -> bool | None:
    odd = bits.count("1") % 2 == 1
    if Token("parity:even") in said:
        return not odd
    if Token("parity:odd") in said:
        return odd
    return None


def _either(said: dict[Token, bool], positive: TokenKind, negative: TokenKind, faults: list[str]) -> bool | None:
    """What a function says that a layout may spell in positive or negative logic, or both."""
    plain, inverse = said.get(Token(positive)), said.get(Token(negative))
    if plain is not None and inverse is not None and plain == inverse:
        faults.append(f"contradiction:{positive}")
    if plain is not None:
        return plain
    return None if inverse is None else not inverse
