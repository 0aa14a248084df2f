"""How many rows a fax coding really holds.

Decoders fill what is missing at the end of a fax coding with white and say nothing, so rows are counted here. Where a
row ends only its code words tell, and those of two-dimensional rows only beside the row before; so rows are decoded,
but no further than to the places where their colour changes.

Codings: Group 4 (ITU-T T.6), Group 3 of one and two dimensions (T.4), rows without marks between them (TIFF 6.0,
section 10).
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pipeline.adapters.incoming.fax_codes import HORIZONTAL, MODES, PASS, RUNS, WINDOW_BITS

Dimensions = Literal["one", "mixed", "two"]

_END_OF_LINE_ZEROS = 11  # and a one
_WORD_BITS = 24  # read at once; a window begins in the first eight of them
_SHIFT, _ALL = _WORD_BITS - WINDOW_BITS, (1 << WINDOW_BITS) - 1
_FULL = 64  # a run's word of fewer pixels is its last


@dataclass(frozen=True)
class FaxCoding:
    """How rows are coded. `columns`: pixels a row. `dimensions`: "two" is Group 4, "one" and "mixed" are Group 3.

    `aligned`: each row begins with a byte. `marked`: an end of line stands before each row; without it may, too.
    """

    columns: int
    dimensions: Dimensions
    aligned: bool = False
    marked: bool = False

    def __post_init__(self) -> None:
        if self.columns < 1:
            raise ValueError(f"rows of {self.columns} pixels")


def holds_rows(data: bytes, coding: FaxCoding, rows: int) -> bool:
    """Whether these coded bytes hold at least `rows` whole rows (0 or more); what follows them is not looked at.

    A page of A4 at 300 dpi takes some tenths of a second.
    """
    return count_rows(data, coding, rows) >= rows


def count_rows(data: bytes, coding: FaxCoding, most: int) -> int:
    """The whole rows up to the end of these coded bytes, or to where they make no sense; at most so many."""
    reader = _Reader(data, coding)
    rows = 0
    while rows < most:
        try:
            reader.pass_row()
        except _NoRow:
            break
        rows += 1
    return rows


class _NoRow(Exception):
    """The coding ends before or within a row, or goes on with what is no row."""


class _Reader:
    """A place in the bits of a coding, and the row before it as the columns where its colour changes."""

    def __init__(self, data: bytes, coding: FaxCoding) -> None:
        self._coding, self._end, self._at = coding, 8 * len(data), 0
        padded = np.frombuffer(data + bytes(3), np.uint8).astype(np.uint32)
        self._words = array("I", ((padded[:-2] << 16) | (padded[1:-1] << 8) | padded[2:]).tobytes())
        self._before: list[int] = []

    def pass_row(self) -> None:
        """Go behind the next row. Raises _NoRow where there is none."""
        self._before = self._level_row() if self._begins_by_itself() else self._row_below()

    def _begins_by_itself(self) -> bool:
        """Go to the first word of the next row; whether that row is coded without the one before."""
        marks = 0
        by_itself = self._coding.dimensions == "one"
        if self._coding.aligned and not self._coding.marked:
            self._align()
        if self._coding.dimensions != "two":
            while (zeros := self._zeros_ahead()) >= _END_OF_LINE_ZEROS:
                self._at += zeros + 1
                marks += 1
                by_itself = self._tag(by_itself)
        if marks > 1:
            raise _NoRow  # two ends of line, one behind the other, end the page
        if marks == 0:
            if self._coding.aligned:
                self._align()
            by_itself = self._tag(by_itself)
        if self._at >= self._end:
            raise _NoRow
        return by_itself

    def _align(self) -> None:
        self._at = -(-self._at // 8) * 8

    def _tag(self, by_itself: bool) -> bool:
        """What the bit before each row of mixed coding tells of that row."""
        if self._coding.dimensions != "mixed" or self._at >= self._end:
            return by_itself
        self._at += 1
        return self._window(self._at - 1) >> (WINDOW_BITS - 1) == 1

    def _window(self, at: int) -> int:
        """The next bits from there, zeros behind the last."""
        return self._words[at >> 3] >> (_SHIFT - (at & 7)) & _ALL

    def _zeros_ahead(self) -> int:
        at = self._at
        while at < self._end:
            window = self._window(at)
            if window:
                return at - self._at + WINDOW_BITS - window.bit_length()
            at += WINDOW_BITS
        return 0

    def _level_row(self) -> list[int]:
        column, white, changes = 0, True, list[int]()
        while column < self._coding.columns:
            column += self._run(0 if white else 1)
            _change(changes, column)
            white = not white
        return self._ended(changes, column)

    def _row_below(self) -> list[int]:
        """A row of two-dimensional coding (T.4, 4.2.1.3)."""
        columns, words, at = self._coding.columns, self._words, self._at
        above = [*self._before, columns, columns, columns]
        column, colour, changes = -1, 0, list[int]()
        beside = 0  # place in `above` of the next change to the other colour right of `column`
        while column < columns:
            while above[beside] <= column and above[beside] < columns:
                beside += 2
            word = MODES[words[at >> 3] >> (_SHIFT - (at & 7)) & _ALL] if at < self._end else None
            if word is None:
                raise _NoRow
            mode, length = word
            at += length
            if mode < PASS:
                column = above[beside] + mode
                _change(changes, column)
                colour = 1 - colour
                beside += 1 if beside == 0 or mode >= 0 else -1
            elif mode == PASS:
                column = above[beside + 1]
            elif mode == HORIZONTAL:
                self._at = at
                column = max(column, 0)
                for each in (colour, 1 - colour):
                    column += self._run(each)
                    _change(changes, column)
                at = self._at
        self._at = at
        return self._ended(changes, column)

    def _run(self, colour: int) -> int:
        """The length of the run that begins here."""
        total, words = 0, RUNS[colour]
        while True:
            word = words[self._window(self._at)] if self._at < self._end else None
            if word is None:
                raise _NoRow
            self._at += word[1]
            total += word[0]
            if word[0] < _FULL:
                return total

    def _ended(self, changes: list[int], column: int) -> list[int]:
        """The changes within a row that ends at this column."""
        if column != self._coding.columns or self._at > self._end:
            raise _NoRow
        while changes and changes[-1] >= column:
            changes.pop()
        return changes


def _change(changes: list[int], column: int) -> None:
    """Note a change of colour; two at one place are none. Raises _NoRow for one that lies before the last."""
    last = changes[-1] if changes else -1
    if column > last:
        changes.append(column)
    elif changes and column == last:
        changes.pop()
    else:
        raise _NoRow
