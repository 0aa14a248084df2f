"""The encoder against an independent reader: what is drawn is read as what was written, in every size."""

from __future__ import annotations

import string

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.datamatrix import SIZES, datamatrix, datamatrix_rows

pytestmark = pytest.mark.unit

# Digits that the symbol of each size just holds (ISO/IEC 16022, table 7).
DIGITS = {10: 6, 12: 10, 14: 16, 16: 24, 18: 36, 20: 44, 22: 60, 24: 72, 26: 88}
DIGITS |= {32: 124, 36: 172, 40: 228, 44: 288, 48: 348}


def picture(modules, px=4, quiet=2):
    dark = np.pad(np.array(modules), quiet)
    return np.where(np.kron(dark, np.ones((px, px), dtype=bool)), 0, 255).astype(np.uint8)


def read(modules, damaged=()):
    grid = [list(row) for row in modules]
    for row, column in damaged:
        grid[row][column] = not grid[row][column]
    found = zxingcpp.read_barcodes(picture(grid), formats=zxingcpp.BarcodeFormat.DataMatrix)
    return [barcode.text for barcode in found]


@pytest.mark.parametrize("size", SIZES)
def test_each_size_full_and_with_one_codeword(size):
    for text in ("7" * DIGITS[size], "A"):
        modules = datamatrix(text, smallest=size)
        assert (len(modules), {len(row) for row in modules}) == (size, {size})
        assert read(modules) == [text]


@pytest.mark.parametrize("size", SIZES)
def test_one_digit_pair_more_takes_the_next_size(size):
    text = "12" * (DIGITS[size] // 2)
    assert len(datamatrix(text)) == size
    if size == SIZES[-1]:
        with pytest.raises(ValueError, match="do not fit"):
            datamatrix(text + "12")
    else:
        assert len(datamatrix(text + "12")) > size


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=string.ascii_letters + string.digits + " +-./:*", min_size=1, max_size=174))
def test_any_text_is_read_as_it_was_written(text):
    assert read(datamatrix(text)) == [text]


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet=string.digits, min_size=1, max_size=36), st.data())
def test_error_correction_repairs_what_it_should(text, data):
    """18 by 18 has 14 codewords of correction, so seven wrong modules anywhere inside cost nothing."""
    cells = st.tuples(st.integers(1, 16), st.integers(1, 16))
    damaged = data.draw(st.sets(cells, min_size=1, max_size=7))
    assert read(datamatrix(text, smallest=18), damaged) == [text]


@settings(max_examples=25, deadline=None)
@given(st.text(alphabet=string.ascii_letters, min_size=80, max_size=86), st.data())
def test_error_correction_repairs_what_it_should_in_four_regions(text, data):
    """36 by 36 has 42 codewords of correction, so 21 wrong modules inside a region cost nothing."""
    cells = st.tuples(st.integers(1, 16), st.integers(1, 16))
    damaged = data.draw(st.sets(cells, min_size=1, max_size=21))
    assert read(datamatrix(text, smallest=36), damaged) == [text]


def test_the_frame_is_that_of_the_standard():
    modules = datamatrix("123456", smallest=18)
    assert all(row[0] for row in modules)
    assert all(modules[-1])
    assert [row[-1] for row in modules] == [index % 2 == 1 for index in range(18)]
    assert list(modules[0]) == [index % 2 == 0 for index in range(18)]


def test_rows_are_the_same_symbol_as_numbers():
    rows = datamatrix_rows("10000042000001001002000G", smallest=18)
    assert [f"{row:018b}" for row in rows] == [
        "".join("1" if module else "0" for module in row) for row in datamatrix("10000042000001001002000G", smallest=18)
    ]


@pytest.mark.parametrize("text", ["ä", "€", "12²"])
def test_only_ascii(text):
    with pytest.raises(ValueError, match="ASCII"):
        datamatrix(text)
