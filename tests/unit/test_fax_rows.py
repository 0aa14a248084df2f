"""Rows of fax codings are counted as libtiff wrote them, and to where they are cut."""

from __future__ import annotations

import io
import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from pipeline.adapters.incoming.fax_codes import RUN_WORDS
from pipeline.adapters.incoming.fax_pictures import group4_file
from pipeline.adapters.incoming.fax_rows import FaxCoding, count_rows, holds_rows
from tests.fax_writer import group4

pytestmark = pytest.mark.unit

CODINGS: dict[str, tuple[str, dict[int, Any], FaxCoding]] = {
    "group 4": ("group4", {}, FaxCoding(1, "two")),
    "group 3": ("group3", {}, FaxCoding(1, "one")),
    "group 3, mixed": ("group3", {292: 1}, FaxCoding(1, "mixed")),
    "group 3, filled": ("group3", {292: 4}, FaxCoding(1, "one")),
    "no marks": ("tiff_ccitt", {}, FaxCoding(1, "one", aligned=True)),
}


def coded(picture: Image.Image, name: str) -> tuple[bytes, FaxCoding]:
    """The picture as one strip of this coding."""
    compression, more, coding = CODINGS[name]
    made = io.BytesIO()
    picture.save(made, "TIFF", compression=compression, tiffinfo={278: picture.height, **more})
    with Image.open(made) as back:
        assert len(back.tag_v2[273]) == 1
        start, length = back.tag_v2[273][0], back.tag_v2[279][0]
    return made.getvalue()[start : start + length], FaxCoding(
        picture.width, coding.dimensions, coding.aligned, coding.marked
    )


def picture_of(seed: int, width: int, height: int, density: float, sway: int) -> Image.Image:
    """Rows of runs, each much like the row before, some of them blank."""
    random = np.random.default_rng(seed)
    rows = np.zeros((height, width), bool)
    row = random.random(width) < density
    for place in range(height):
        if random.random() < 0.2:
            row = np.zeros(width, bool) if random.random() < 0.5 else random.random(width) < density
        row = np.roll(row, int(random.integers(-sway, sway + 1)))
        rows[place] = row
    return Image.fromarray(~rows)


@pytest.mark.parametrize("name", CODINGS)
@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    width=st.integers(1, 300),
    height=st.integers(1, 40),
    density=st.sampled_from([0.0, 0.02, 0.2, 0.5, 0.97, 1.0]),
    sway=st.integers(0, 5),
)
def test_all_rows_are_counted_and_no_more(
    name: str, seed: int, width: int, height: int, density: float, sway: int
) -> None:
    data, coding = coded(picture_of(seed, width, height, density, sway), name)
    assert count_rows(data, coding, height + 9) == height


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), share=st.floats(0.0, 0.9))
def test_a_coding_that_is_cut_holds_the_rows_before_the_cut(seed: int, share: float) -> None:
    picture = picture_of(seed, 200, 40, 0.1, 3)
    data, coding = coded(picture, "group 4")
    cut = data[: int(len(data) * share)]
    held = count_rows(cut, coding, 40)
    ends = [bits_of_rows(picture, rows) for rows in range(1, 41)]
    assert held == sum(end <= 8 * len(cut) for end in ends)


def bits_of_rows(picture: Image.Image, rows: int) -> int:
    """How long the coding of the first rows is, without its end."""
    data, _coding = coded(picture.crop((0, 0, picture.width, rows)), "group 4")
    bits = "".join(f"{byte:08b}" for byte in data).rstrip("0")
    assert bits.endswith("000000000001" * 2)
    return len(bits) - 24


@pytest.mark.parametrize("name", [name for name in CODINGS if name != "group 4"])
@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9])
def test_a_cut_takes_about_its_share_of_even_rows(name: str, share: float) -> None:
    data, coding = coded(picture_of(3, 200, 400, 0.1, 3), name)
    held = count_rows(data[: int(len(data) * share)], coding, 400)
    assert share * 400 - 40 <= held <= share * 400 + 40


@pytest.mark.parametrize("colour", [0, 1])
def test_every_length_of_run_is_known(colour: int) -> None:
    """As libtiff writes them: one run after each other length."""
    for width in (*range(1, 130), *range(130, 5300, 61), 2560, 2623, 2624, 5183, 5184):
        picture = Image.new("1", (width + 1, 2), 1)
        ImageDraw.Draw(picture).rectangle((0, 0, 0, 1) if colour == 0 else (0, 0, width - 1, 1), fill=0)
        for name in CODINGS:
            data, coding = coded(picture, name)
            assert count_rows(data, coding, 5) == 2, (width, name)


def test_no_word_begins_another() -> None:
    for words in RUN_WORDS:
        assert not [pair for pair in itertools.permutations(words, 2) if pair[1].startswith(pair[0])]


ROWS = [[5, 3, 40, 2, 150], [0, 200], [200], [7, 100, 93], [1, 1, 198]] * 7


@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize("end", ["", "000000000001" * 2])
def test_rows_may_begin_with_bytes_and_go_without_an_end(aligned: bool, end: str) -> None:
    data = group4(ROWS, aligned=aligned, end=end)
    coding = FaxCoding(200, "two", aligned)
    assert count_rows(data, coding, 99) == len(ROWS)
    assert holds_rows(data, coding, len(ROWS))
    assert not holds_rows(data, coding, len(ROWS) + 1)


def test_the_writer_of_these_tests_writes_what_libtiff_reads() -> None:
    with Image.open(io.BytesIO(group4_file(group4(ROWS), 200, len(ROWS)))) as picture:
        rows = ~np.asarray(picture)
    for row, runs in zip(rows, ROWS, strict=True):
        wanted = np.concatenate([np.full(length, place % 2 == 1) for place, length in enumerate(runs)])
        assert np.array_equal(row, wanted)


def test_rows_without_pixels_are_refused() -> None:
    with pytest.raises(ValueError, match="0 pixels"):
        FaxCoding(0, "two")
