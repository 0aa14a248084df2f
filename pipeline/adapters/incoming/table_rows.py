"""The rows of a table or form, put together from the columns and cells as which a recogniser gives them.

Tesseract's page layout gives many tables column by column or cell by cell, whether its own search for tables is on or
not; with that search it is slower and leaves cells out. Columns of one table show themselves: their lines stand on
common baselines, the cells of at least one of two neighbours are short, and one holds figures; or both are single cells
of one or two lines. What lies within a table belongs to it.

Reading a table by its columns loses little; mixing what stands side by side by itself makes nonsense. So running text,
addresses, forms for several persons beside each other, and type that runs up or down stay as they are.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.adapters.incoming.raster_words import RasterBlock, RasterLine

_SHARED_WIDTH = 0.1  # of the narrower of two blocks: what neighbours may overlap
_SAME_BASE = 0.2  # of the page's type size, between the baselines of cells that are one line
_SAME_ROW = 0.5  # of the page's type size, between cells of a row: a rule read with a word moves its baseline
_INSIDE = 0.3  # of the page's type size: how far a block may reach out of the table that it belongs to
_LEAST_MATCHED = 0.6  # of the lines of the block with fewer of them, beside the other
_SHORT_CELL = 2.5  # words a line, on average
_CELL_LINES = 2  # at most, of a block that is a single cell: a label over its value
_LEAST_FIGURES = 0.5  # of the cells of a column of figures
_TEXT_WORDS = 3.5  # words a line, on average, of running text of several lines
_TEXT_LINE_WORDS = 5  # of a text of one line; a cell has fewer or as many
_FULL_LINE, _FULL_SHARE = 0.75, 0.6  # of a text's width, and of its lines that fill as much
_ADDRESS_LINES = 3  # at least
_POSTCODE = re.compile(r"(?:[A-Z]{1,2}[ -])?\d{4,5} [A-ZÄÖÜ]")
_SAME_LABELS = 2  # rows that hold a label twice: a form asks the same of two persons
_LABEL_SIGNS = 3
_BELOW = 4.0  # of the page's type size, from a heading to the column of text that it heads


@dataclass(frozen=True)
class _Column:
    """A block and where it lies; y grows downwards."""

    lines: tuple[RasterLine, ...]
    left: int
    top: int
    right: int
    bottom: int

    @property
    def mean_words(self) -> float:
        """Words a line; signs alone, as of money, or as rules leave them, are no words of their own."""
        words = (word for line in self.lines for word in line.words)
        return sum(any(map(str.isalnum, word.text)) for word in words) / len(self.lines)

    def beside(self, other: _Column) -> list[RasterLine]:
        """Its lines that stand as high as the other column reaches."""
        return [line for line in self.lines if other.top < line.base <= other.bottom + line.size / 4]

    @property
    def texts(self) -> list[str]:
        """Its lines as text."""
        return [" ".join(word.text for word in line.words) for line in self.lines]

    @property
    def stays(self) -> bool:
        """Whether it is no part of a table, whatever stands beside it."""
        return any(line.runs != "level" for line in self.lines) or self._is_text or self._is_address

    @property
    def is_cell(self) -> bool:
        """Whether it may be a single cell."""
        return len(self.lines) <= _CELL_LINES

    @property
    def holds_figures(self) -> bool:
        """Whether it is a column of dates, numbers or amounts."""
        cells = sum(any(map(str.isdigit, text)) for text in self.texts)
        return cells >= _LEAST_FIGURES * len(self.lines) and self.mean_words <= _SHORT_CELL

    @property
    def _is_text(self) -> bool:
        if len(self.lines) == 1:
            return self.mean_words > _TEXT_LINE_WORDS
        least = _FULL_LINE * (self.right - self.left)
        full = sum(line.words[-1].right - line.words[0].left >= least for line in self.lines)
        return self.mean_words > _TEXT_WORDS and full >= _FULL_SHARE * (len(self.lines) - 1)

    @property
    def _is_address(self) -> bool:
        towns = sum(_POSTCODE.match(text) is not None for text in self.texts)
        return towns == 1 and len(self.lines) >= _ADDRESS_LINES

    def holds(self, other: _Column, slack: float) -> bool:
        """Whether the other lies within it, or reaches out by no more than `slack`."""
        beyond = (self.left - other.left, self.top - other.top, other.right - self.right, other.bottom - self.bottom)
        return max(beyond) <= slack

    def is_level_with(self, other: _Column) -> bool:
        """Whether both share some height and hardly any width."""
        shared = min(self.right, other.right) - max(self.left, other.left)
        if shared > _SHARED_WIDTH * min(self.right - self.left, other.right - other.left):
            return False
        return min(self.bottom, other.bottom) > max(self.top, other.top)


def in_rows(blocks: Sequence[RasterBlock]) -> tuple[RasterBlock, ...]:
    """The blocks with those of one table joined to one block of rows, where the first of them stood.

    Each word stays, with its box.
    """
    sizes = [line.size for block in blocks for line in block.lines if line.runs == "level"]
    if len(blocks) < 2 or not sizes:
        return tuple(blocks)
    size = statistics.median(sizes)
    tables = {table[0]: table for table in _tables([_column(block) for block in blocks], size)}
    inside = {number for table in tables.values() for number in table}
    result: list[RasterBlock] = []
    for number, block in enumerate(blocks):
        if number in tables:
            lines = (line for each in tables[number] for line in blocks[each].lines)
            result.append(RasterBlock(tuple(_rows(lines, size))))
        elif number not in inside:
            result.append(block)
    return tuple(result)


def _tables(columns: Sequence[_Column], size: float) -> list[list[int]]:
    """The places of the blocks of each table, in reading order; blocks that are in none are in no list."""
    owner = {number: {number} for number, column in enumerate(columns) if not column.stays}
    order = sorted(owner, key=lambda number: columns[number].top)
    for place, one in enumerate(order, 1):
        for other in order[place:]:
            if columns[other].top >= columns[one].bottom:
                break
            if owner[one] is not owner[other] and _are_columns(columns[one], columns[other], size):
                _join(owner, one, other)
    while _join_inside(owner, columns, _INSIDE * size):
        pass
    tables = _tables_of(owner)
    inside = {number for table in tables for number in table}
    alone = [column for number, column in enumerate(columns) if number not in inside]
    return [
        table
        for table, members in ((table, [columns[each] for each in table]) for table in tables)
        if not _head_text(members, alone, _BELOW * size) and not _asks_twice(members, size)
    ]


def _asks_twice(members: Sequence[_Column], size: float) -> bool:
    """Whether the same labels stand beside each other, as where a form asks two persons for their names."""
    twice = 0
    for row in _cells((line for column in members for line in column.lines), size):
        texts = [" ".join(word.text for word in cell.words).partition(":")[0] for cell in row]
        labels = [text for text in texts if len(text) >= _LABEL_SIGNS and not any(map(str.isdigit, text))]
        twice += len(set(labels)) < len(labels)
    return twice >= _SAME_LABELS


def _head_text(cells: Sequence[_Column], texts: Iterable[_Column], reach: float) -> bool:
    """Whether the cells are headings of columns of running text: each of one line, two of them over a text each."""
    if any(len(cell.lines) > 1 for cell in cells):
        return False
    headed: set[int] = set()
    for text in (each for each in texts if len(each.lines) > 1):
        over = [
            number
            for number, cell in enumerate(cells)
            if cell.left < text.right and text.left < cell.right and 0 <= text.top - cell.bottom <= reach
        ]
        if len(over) == 1:
            headed.update(over)
    return len(headed) > 1


def _join(owner: dict[int, set[int]], one: int, other: int) -> None:
    """Let two blocks, and all that share a table with one of them, be of one table."""
    small, large = sorted((owner[one], owner[other]), key=len)
    large |= small
    for number in small:
        owner[number] = large


def _tables_of(owner: Mapping[int, set[int]]) -> list[list[int]]:
    """Each table of more than one block, its blocks in reading order."""
    return [sorted(table) for table in {id(each): each for each in owner.values()}.values() if len(table) > 1]


def _join_inside(owner: dict[int, set[int]], columns: Sequence[_Column], slack: float) -> bool:
    """Let blocks that lie within a table belong to it; whether there were any."""
    joined = False
    for table in _tables_of(owner):
        whole = _around([columns[each] for each in table])
        for number in owner:
            if owner[number] is not owner[table[0]] and whole.holds(columns[number], slack):
                _join(owner, number, table[0])
                joined = True
    return joined


def _are_columns(one: _Column, other: _Column, size: float) -> bool:
    """Whether two blocks stand side by side as columns of a table do."""
    if not one.is_level_with(other) or min(one.mean_words, other.mean_words) > _SHORT_CELL:
        return False
    are_cells = one.is_cell and other.is_cell
    if not are_cells and not one.holds_figures and not other.holds_figures:
        return False
    fewer, more = sorted((one.beside(other), other.beside(one)), key=len)
    matched = sum(any(abs(line.base - each.base) <= _SAME_BASE * size for each in more) for line in fewer)
    return matched >= (1 if are_cells else 2) and matched >= _LEAST_MATCHED * len(fewer)


def _rows(lines: Iterable[RasterLine], size: float) -> Iterator[RasterLine]:
    """The lines from row to row, in a row from left to right; cells on one baseline are one line."""
    for row in _cells(lines, size):
        yield from _lines(sorted(row, key=lambda line: line.words[0].left), _SAME_BASE * size)


def _cells(lines: Iterable[RasterLine], size: float) -> list[list[RasterLine]]:
    """The cells of each row, from top to bottom."""
    rows: list[list[RasterLine]] = []
    for line in sorted(lines, key=lambda line: (line.base, line.words[0].left)):
        near = [row for row in rows[-3:] if line.base - row[0].base <= _SAME_ROW * size]
        fitting = [row for row in near if not any(_overlap(line, cell) for cell in row)]
        if fitting:
            min(fitting, key=lambda row: line.base - row[-1].base).append(line)
        else:
            rows.append([line])
    return rows


def _lines(cells: Sequence[RasterLine], reach: float) -> Iterator[RasterLine]:
    """Neighbouring cells of a row as one line, as far as their baselines are within `reach` of each other."""
    runs: list[list[RasterLine]] = []
    for cell in cells:
        if runs and all(abs(cell.base - other.base) <= reach for other in runs[-1]):
            runs[-1].append(cell)
        else:
            runs.append([cell])
    for run in runs:
        base, size = statistics.median(cell.base for cell in run), statistics.median_low(cell.size for cell in run)
        yield RasterLine(tuple(word for cell in run for word in cell.words), base, size)


def _overlap(one: RasterLine, other: RasterLine) -> bool:
    return one.words[0].left < other.words[-1].right and other.words[0].left < one.words[-1].right


def _column(block: RasterBlock) -> _Column:
    words = [word for line in block.lines for word in line.words]
    return _Column(
        block.lines,
        min(word.left for word in words),
        min(word.top for word in words),
        max(word.right for word in words),
        max(word.bottom for word in words),
    )


def _around(columns: Sequence[_Column]) -> _Column:
    return _Column(
        tuple(line for column in columns for line in column.lines),
        min(column.left for column in columns),
        min(column.top for column in columns),
        max(column.right for column in columns),
        max(column.bottom for column in columns),
    )
