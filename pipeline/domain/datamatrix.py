"""Square Data Matrix ECC 200 symbols, 10 by 10 to 48 by 48 modules (ISO/IEC 16022).

Text is written in ASCII encodation, two digits a codeword. A symbol depends on its codewords linearly over
GF(2), error correction and placement included: so each codeword's share of the symbol is looked up in a table, and
a symbol is the exclusive or of its shares. That makes some ten thousand symbols a second without any library.
Symbols of four regions, 32 by 32 and more, are few: they are drawn one by one, without a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

# Table 7 of the standard: modules a side -> codewords of data, codewords of error correction.
_CAPACITY: dict[int, tuple[int, int]] = {
    10: (3, 5),
    12: (5, 7),
    14: (8, 10),
    16: (12, 12),
    18: (18, 14),
    20: (22, 18),
    22: (30, 20),
    24: (36, 24),
    26: (44, 28),
    32: (62, 36),
    36: (86, 42),
    40: (114, 48),
    44: (144, 56),
    48: (174, 68),
}
SIZES: tuple[int, ...] = tuple(_CAPACITY)
LARGEST_OF_ONE_REGION = 26

_FIELD_POLYNOMIAL = 0x12D
_PAD = 129
_DIGIT_PAIR = 130

_Cell = tuple[int, int]


@dataclass(frozen=True)
class _Layout:
    """One size: `frame` is the symbol without data, `shares[i][v]` what value v of data codeword i adds to it."""

    frame: int
    shares: tuple[tuple[int, ...], ...]


def datamatrix(text: str, smallest: int = 10) -> tuple[tuple[bool, ...], ...]:
    """The modules of the smallest square symbol that holds `text`, row by row from the top; True is dark.

    `text`: ASCII characters. `smallest`: modules a side at least, where all symbols should be of one size.
    The quiet zone is not part of it. Raises ValueError for text that is not ASCII or too long.
    """
    rows = datamatrix_rows(text, smallest)
    size = len(rows)
    return tuple(tuple(bool(row >> (size - 1 - column) & 1) for column in range(size)) for row in rows)


def datamatrix_rows(text: str, smallest: int = 10) -> tuple[int, ...]:
    """The same symbol with each row as a number, its leftmost module in the highest bit."""
    codewords = _codewords(text)
    size = _size_for(len(codewords), smallest)
    padded = _padded(codewords, _CAPACITY[size][0])
    symbol = _tabulated(size, padded) if size <= LARGEST_OF_ONE_REGION else _drawn_at_once(size, padded)
    row_mask = (1 << size) - 1
    return tuple(symbol >> shift & row_mask for shift in range((size - 1) * size, -1, -size))


def _tabulated(size: int, padded: list[int]) -> int:
    layout = _layout(size)
    symbol = layout.frame
    for share, value in zip(layout.shares, padded, strict=True):
        symbol ^= share[value]
    return symbol


def _drawn_at_once(size: int, padded: list[int]) -> int:
    modules, frame = _geometry(size)
    return frame | _drawn(padded + _correction(padded, _generator(_CAPACITY[size][1])), modules)


def _codewords(text: str) -> list[int]:
    codewords: list[int] = []
    at, end = 0, len(text)
    while at < end:
        pair = text[at : at + 2]
        if len(pair) == 2 and pair.isascii() and pair.isdigit():
            codewords.append(_DIGIT_PAIR + int(pair))
            at += 2
            continue
        value = ord(text[at])
        if value > 127:
            raise ValueError("a Data Matrix of ours holds ASCII characters only")
        codewords.append(value + 1)
        at += 1
    return codewords


def _size_for(codewords: int, smallest: int) -> int:
    for size, (capacity, _correction) in _CAPACITY.items():
        if size >= smallest and codewords <= capacity:
            return size
    raise ValueError(f"{codewords} codewords do not fit into {SIZES[-1]} by {SIZES[-1]} modules")


def _padded(codewords: list[int], capacity: int) -> list[int]:
    """Filled up to the symbol's capacity: one plain pad, the rest by the 253-state rule (Annex B.1)."""
    if len(codewords) < capacity:
        codewords = [*codewords, _PAD]
    for position in range(len(codewords) + 1, capacity + 1):
        value = _PAD + (149 * position) % 253 + 1
        codewords.append(value if value <= 254 else value - 254)
    return codewords


@lru_cache(maxsize=len(_CAPACITY))
def _layout(size: int) -> _Layout:
    capacity, correction = _CAPACITY[size]
    modules, frame = _geometry(size)
    generator = _generator(correction)
    shares = []
    for position in range(capacity):
        single_bits = []
        for bit in range(8):
            data = [0] * capacity
            data[position] = 1 << bit
            single_bits.append(_drawn(data + _correction(data, generator), modules))
        shares.append(_combined(single_bits))
    return _Layout(frame=frame, shares=tuple(shares))


@lru_cache(maxsize=len(_CAPACITY))
def _geometry(size: int) -> tuple[list[list[int]], int]:
    """The bit of each codeword's modules, highest first, and what is dark whatever the data."""
    regions = 1 if size <= LARGEST_OF_ONE_REGION else 2
    side = size // regions
    inner = side - 2
    cells, fixed_dark = _placement(inner * regions)

    def bit(cell: _Cell) -> int:
        row, column = (at + 1 + 2 * (at // inner) for at in cell)
        return 1 << _bit_of(size, row, column)

    frame = sum(bit(cell) for cell in fixed_dark)
    for top in range(0, size, side):
        for left in range(0, size, side):
            frame |= sum(1 << _bit_of(size, top + row, left + column) for row, column in _frame_cells(side))
    return [[bit(cell) for cell in codeword] for codeword in cells], frame


def _bit_of(size: int, row: int, column: int) -> int:
    return (size - 1 - row) * size + size - 1 - column


def _frame_cells(side: int) -> set[_Cell]:
    """A region's finder: its solid left and bottom sides, and the clock track on the top and right sides."""
    solid = {(row, 0) for row in range(side)} | {(side - 1, column) for column in range(side)}
    clock = {(0, column) for column in range(0, side, 2)} | {(row, side - 1) for row in range(1, side, 2)}
    return solid | clock


def _drawn(codewords: list[int], modules: list[list[int]]) -> int:
    symbol = 0
    for value, places in zip(codewords, modules, strict=True):
        for bit, place in enumerate(places):
            if value & 0x80 >> bit:
                symbol |= place
    return symbol


def _combined(single_bits: list[int]) -> tuple[int, ...]:
    """What each value 0 to 255 draws, from what its single bits draw."""
    values = [0] * 256
    for value in range(1, 256):
        lowest = value & -value
        values[value] = values[value ^ lowest] ^ single_bits[lowest.bit_length() - 1]
    return tuple(values)


# --- error correction: Reed-Solomon over GF(256) modulo 0x12D, roots alpha^1 to alpha^n


def _field() -> tuple[tuple[int, ...], dict[int, int]]:
    powers, value = [], 1
    for _exponent in range(255):
        powers.append(value)
        value <<= 1
        if value > 255:
            value ^= _FIELD_POLYNOMIAL
    return tuple(powers), {power: exponent for exponent, power in enumerate(powers)}


_POWERS, _EXPONENTS = _field()


def _product(a: int, b: int) -> int:
    return _POWERS[(_EXPONENTS[a] + _EXPONENTS[b]) % 255] if a and b else 0


def _generator(degree: int) -> list[int]:
    """The generator polynomial's coefficients, the leading 1 left out, highest power first."""
    polynomial = [1]
    for root in range(1, degree + 1):
        shifted = [*polynomial, 0]
        for at, coefficient in enumerate(polynomial):
            shifted[at + 1] ^= _product(coefficient, _POWERS[root])
        polynomial = shifted
    return polynomial[1:]


def _correction(data: list[int], generator: list[int]) -> list[int]:
    """The remainder of the data, read as a polynomial, by the generator."""
    remainder = [0] * len(generator)
    for value in data:
        factor = value ^ remainder[0]
        remainder = [*remainder[1:], 0]
        for at, coefficient in enumerate(generator):
            remainder[at] ^= _product(factor, coefficient)
    return remainder


# --- placement of codewords in the mapping matrix (Annex F)

_UTAH = ((-2, -2), (-2, -1), (-1, -2), (-1, -1), (-1, 0), (0, -2), (0, -1), (0, 0))


def _corner(side: int, row: int, column: int) -> tuple[_Cell, ...] | None:
    """The codeword that is bent around the corners, where the sweep comes to one; cells from bit 8 to bit 1."""
    last = side - 1
    upper_right = ((0, last - 1), (0, last), (1, last))
    lower_left = ((last - 2, 0), (last - 1, 0), (last, 0))
    if (row, column) == (side, 0):
        return ((last, 0), (last, 1), (last, 2), *upper_right, (2, last), (3, last))
    if (row, column) == (side - 2, 0) and side % 4:
        return (*lower_left, (0, last - 3), (0, last - 2), *upper_right)
    if (row, column) == (side - 2, 0) and side % 8 == 4:
        return (*lower_left, *upper_right, (2, last), (3, last))
    if (row, column) == (side + 4, 2) and side % 8 == 0:
        bottom, top = ((last, 0), (last, last)), (0, last - 2)
        return (*bottom, top, (0, last - 1), (0, last), (1, last - 2), (1, last - 1), (1, last))
    return None


def _placement(side: int) -> tuple[list[list[_Cell]], list[_Cell]]:
    """Each codeword's eight cells, highest bit first, and the cells that are dark whatever the data."""
    taken: set[_Cell] = set()
    codewords: list[list[_Cell]] = []

    def place(cells: tuple[_Cell, ...]) -> None:
        wrapped = [_wrapped(side, row, column) for row, column in cells]
        taken.update(wrapped)
        codewords.append(wrapped)

    row, column = 4, 0
    while row < side or column < side:
        corner = _corner(side, row, column)
        if corner is not None:
            place(corner)
        for row_step in (-2, 2):  # a sweep upwards to the right, then one downwards to the left
            while True:
                inside = 0 <= row < side and 0 <= column < side
                if inside and (row, column) not in taken:
                    place(tuple((row + down, column + right) for down, right in _UTAH))
                row, column = row + row_step, column - row_step
                if not (row >= 0 and column < side if row_step < 0 else row < side and column >= 0):
                    break
            row, column = (row + 1, column + 3) if row_step < 0 else (row + 3, column + 1)
    last = side - 1
    return codewords, [] if (last, last) in taken else [(last, last), (last - 1, last - 1)]


def _wrapped(side: int, row: int, column: int) -> _Cell:
    """A cell beyond the matrix's edge comes in again at the opposite side, shifted."""
    if row < 0:
        row, column = row + side, column + 4 - (side + 4) % 8
    if column < 0:
        row, column = row + 4 - (side + 4) % 8, column + side
    return row, column
