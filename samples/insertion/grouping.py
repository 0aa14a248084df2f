"""The machine's logic: sheets come one by one, as the head saw them, and go into envelopes.

It follows the manuals that the profiles name (Quadient DS-95i pp. 116, 118; Pitney Bowes DI425 p. 46) and, for the
2D code, docs/formats/marks.md. Whatever contradicts the setting stops the machine: it is a fault with its page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from samples.insertion.head import Seen
from samples.insertion.setting import Setting

_LAYOUT = re.compile(r"1([0-9]{7})([0-9]{6})([0-9]{3})([0-9]{3})([0-9A-F]{2})([0-7])[0-9A-Z]")
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Sheet:
    """A sheet at the feeder. `key`: how the person at the machine calls it, such as volume and page."""

    key: tuple[int, int]
    seen: Seen


@dataclass(frozen=True)
class Envelope:
    """A filled envelope: its sheets in feed order, the stations that were called, `piece` where the code names it."""

    sheets: tuple[tuple[int, int], ...]
    stations: frozenset[int] = frozenset()
    piece: int | None = None


@dataclass(frozen=True)
class Fault:
    """Why the machine stopped, and at which sheet. What lay in the collator went with it, to the side exit."""

    sheet: tuple[int, int]
    why: str
    spoilt: tuple[tuple[int, int], ...] = ()


@dataclass
class Run:
    """What came of a volume: envelopes, faults, and the sheets that carry nothing and belong to none."""

    envelopes: list[Envelope] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    apart: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class _Said:
    """What a sheet says. None: the layout has no word for it."""

    ends: bool
    begins: bool | None
    stations: frozenset[int]
    wrong: str
    sequence: int | None = None
    set_key: tuple[int, int] | None = None
    sheet: int = 0
    of: int = 0
    reprint: bool = False


def insert(setting: Setting, sheets: Iterable[Sheet]) -> Run:
    """Run one volume through the machine, from its first sheet to its last."""
    run = Run()
    machine = _Collator(setting, run)
    for sheet in sheets:
        machine.feed(sheet)
    machine.finish()
    return run


class _Collator:
    """Where the sheets of a set gather until the set is complete."""

    def __init__(self, setting: Setting, run: Run) -> None:
        self.setting = setting
        self.run = run
        self.sheets: list[tuple[int, int]] = []
        self.said: list[_Said] = []
        self.expected: int | None = setting.strokes.first if setting.strokes else None
        self.last_piece: int | None = None
        self.damaged = ""

    def feed(self, sheet: Sheet) -> None:
        """Take one sheet; close the set where it says so. A set with a fault goes to the side exit, all of it."""
        if sheet.seen.blank:
            if self.sheets:
                self._spoil(sheet.key, "a sheet without marks inside a set")
            self.run.apart.append(sheet.key)
            return
        said = understand(self.setting, sheet.seen)
        if self._is_of_another_set(said):
            self._spoil(sheet.key, "a set begins before the one before it is complete")
        wrong = said.wrong or self._out_of_order(said)
        self._count_on(said)
        self.sheets.append(sheet.key)
        self.said.append(said)
        if wrong and not self.damaged:
            self.damaged = wrong
            self.run.faults.append(Fault(sheet.key, wrong))
        if said.ends:
            self._close(sheet.key)

    def finish(self) -> None:
        """The feeder is empty: nothing may lie in the collator any more."""
        if self.sheets:
            self._spoil(self.sheets[-1], "the feeder is empty and the set is not complete")

    def _is_of_another_set(self, said: _Said) -> bool:
        keys = [one.set_key for one in self.said if one.set_key is not None]
        if said.set_key is not None and keys and keys[-1] != said.set_key:
            return True
        return bool(said.begins and self.sheets)

    def _out_of_order(self, said: _Said) -> str:
        """Whether this sheet can follow what lies in the collator."""
        if said.sequence is not None and self.expected is not None and said.sequence != self.expected:
            return f"running number {said.sequence} instead of {self.expected}"
        if said.begins is False and not self.sheets:
            return "a set without its first sheet"
        if said.set_key is None or (self.said and self.said[-1].set_key is None):
            return ""
        first, last = (1, said.of) if self.setting.address_first else (said.of, 1)
        wanted = first
        if self.said:
            wanted = self.said[-1].sheet + (1 if self.setting.address_first else -1)
        if said.sheet != wanted or said.ends != (said.sheet == last):
            return f"sheet {said.sheet} of {said.of} instead of {wanted}"
        piece = said.set_key[1]
        if not self.said and self.last_piece not in (None, piece - 1) and not said.reprint:
            return f"piece {piece} follows piece {self.last_piece}"
        return ""

    def _count_on(self, said: _Said) -> None:
        if said.set_key is not None:
            self.last_piece = said.set_key[1]
        strokes = self.setting.strokes
        if strokes is None or self.expected is None:
            return
        seen = self.expected if said.sequence is None else said.sequence
        self.expected = strokes.first + (seen - strokes.first + 1) % (strokes.modulo - strokes.first)

    def _close(self, key: tuple[int, int]) -> None:
        if self.damaged:
            self._spoil(key, f"to the side exit: {self.damaged}")
            return
        calls = [one.stations for one in self.said]
        called = {"first": calls[:1], "last": calls[-1:], "all": calls}[self.setting.feed_on]
        stations = frozenset[int]().union(*(calls if self.setting.symbol is not None else called))
        pieces = {one.set_key[1] for one in self.said if one.set_key is not None}
        self.run.envelopes.append(Envelope(tuple(self.sheets), stations, min(pieces, default=None)))
        self._empty()

    def _spoil(self, key: tuple[int, int], why: str) -> None:
        self.run.faults.append(Fault(key, why, tuple(self.sheets)))
        self._empty()

    def _empty(self) -> None:
        self.sheets, self.said, self.damaged = [], [], ""


def understand(setting: Setting, seen: Seen) -> _Said:
    """What one sheet says by the machine's setting; where it reads strokes and codes, both must agree."""
    if seen.stray:
        return _nothing("something that is no stroke lies in the zone")
    said = [_by_strokes(setting.strokes.tokens, seen.strokes)] if setting.strokes is not None else []
    if setting.symbol is not None:
        said.append(_by_code(seen.code))
    wrong = next((one.wrong for one in said if one.wrong), "")
    if wrong:
        return _nothing(wrong)
    if len({one.ends for one in said}) > 1:
        return _nothing("strokes and code contradict each other")
    if len(said) == 1:
        return said[0]
    return replace(said[1], begins=said[0].begins, sequence=said[0].sequence)


def _nothing(wrong: str) -> _Said:
    return _Said(False, None, frozenset(), wrong)


def _by_strokes(tokens: tuple[str, ...], strokes: str) -> _Said:
    """What the strokes say. Fixed positions must be as they always are, parity must hold."""
    said = list(zip(tokens, strokes, strict=True))
    values = {token: bit == "1" for token, bit in said}
    for token, bit in said:
        if (token in ("start", "safety", "timing", "one") and bit == "0") or (token == "zero" and bit == "1"):
            return _nothing(f"the mark {token} is not as it must be")
    odd = strokes.count("1") % 2 == 1
    if ("parity:even" in values and odd) or ("parity:odd" in values and not odd):
        return _nothing("parity")
    ends = [values[t] == yes for t, yes in (("end-of-set", True), ("not-end-of-set", False)) if t in values]
    begins = [values[t] == yes for t, yes in (("begin-of-set", True), ("not-begin-of-set", False)) if t in values]
    if len(set(ends)) != 1 or len(set(begins)) > 1:
        return _nothing("marks for the end or the beginning contradict each other")
    weights = [token for token in values if token.startswith("seq:")]
    return _Said(
        ends=ends[0],
        begins=begins[0] if begins else None,
        stations=frozenset(int(t[5:]) for t, on in values.items() if on and t.startswith("feed:")),
        wrong="",
        sequence=sum(int(token[4:]) for token in weights if values[token]) if weights else None,
    )


def _by_code(text: str) -> _Said:
    """What the code says; a character that was misread shows in the check character (ISO/IEC 7064 MOD 37,36)."""
    if not text:
        return _nothing("no code")
    fields = _LAYOUT.fullmatch(text)
    if fields is None or not _checks(text):
        return _nothing("the code is not a sheet of a batch")
    batch, piece, sheet, of = (int(each) for each in fields.groups()[:4])
    stations = frozenset(bit + 1 for bit in range(8) if int(fields[5], 16) >> bit & 1)
    flags = int(fields[6])
    said = _Said(bool(flags & 1), None, stations, "", set_key=(batch, piece), sheet=sheet, of=of)
    return replace(said, reprint=bool(flags & 4))


def _checks(text: str) -> bool:
    """The standard's recursive way: from P = 36, S = P + a, P = 2 (S mod 36, or 36) mod 37; the last S is 1 mod 36."""
    carried = 36
    for place, character in enumerate(text):
        total = (carried + _ALPHABET.index(character)) % 36
        if place == len(text) - 1:
            return total == 1
        carried = (total or 36) * 2 % 37
    return False
