"""The insertion machine on paper: what it makes of marks, of faults, and of a picture of strokes."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.code2d import SheetCode, encode
from samples.insertion.faults import FaultRates, disturb, parse_rates
from samples.insertion.grouping import Envelope, Sheet, insert
from samples.insertion.head import Seen, look
from samples.insertion.setting import Setting, read_setting
from samples.insertion.shift import work, write_log

pytestmark = pytest.mark.unit

MACHINES = Path(__file__).resolve().parents[2] / "profiles" / "machines"
NEOPOST, PITNEY, MATRIX = (
    read_setting(MACHINES / f"{id}.toml") for id in ("neopost-1track", "pitney-small", "datamatrix")
)


def _sheets(*strokes: str) -> list[Sheet]:
    return [Sheet((1, page), Seen(each, "", False)) for page, each in enumerate(strokes, 1)]


def _coded(*sizes: int, volume: int = 1, first_piece: int = 1) -> list[Sheet]:
    """Pieces of so many sheets each, with their codes, in the order in which they are fed."""
    sheets = []
    for piece, of in enumerate(sizes, first_piece):
        for sheet in range(1, of + 1):
            code = encode(SheetCode(7, piece, sheet, of, last_fed=sheet == of))
            sheets.append(Sheet((volume, len(sheets) + 1), Seen("", code, False)))
    return sheets


def _envelopes(setting: Setting, sheets: list[Sheet]) -> list[tuple[int, ...]]:
    run = insert(setting, sheets)
    assert run.faults == []
    return [tuple(page for _, page in envelope.sheets) for envelope in run.envelopes]


def test_pitney_closes_a_set_where_the_mark_is_missing() -> None:
    """Three sheets in reverse, then a letter of one: from the layout in the manual, DI425 p. 46."""
    assert _envelopes(PITNEY, _sheets("111001", "111111", "110101", "110011")) == [(1, 2, 3), (4,)]


def test_neopost_collects_until_the_mark_for_the_end() -> None:
    """start, divert, stop, end, feed 1 and 2, seq 4 2 1, parity even, safety: Carat Prisma p. 46."""
    strokes = ("10000000001", "10010000101", "10011001011")
    run = insert(NEOPOST, _sheets(*strokes))
    assert run.faults == []
    assert run.envelopes == [
        Envelope(((1, 1), (1, 2))),
        Envelope(((1, 3),), frozenset({1})),
    ]


@pytest.mark.parametrize(
    ("strokes", "why"),
    [
        (("10000000001", "10010000111"), "parity"),
        (("10000000001", "10010001001"), "running number 2 instead of 1"),
        (("00000000001",), "the mark start is not as it must be"),
        (("10000000001",), "the feeder is empty and the set is not complete"),
    ],
)
def test_a_sheet_that_contradicts_the_setting_spoils_its_set(strokes: tuple[str, ...], why: str) -> None:
    run = insert(NEOPOST, _sheets(*strokes))
    assert run.envelopes == []
    assert why in {fault.why for fault in run.faults}


def test_blank_sheets_belong_to_none() -> None:
    sheets = [*_coded(2, 1), Sheet((1, 4), Seen("", "", True))]
    run = insert(MATRIX, sheets)
    assert (run.apart, len(run.envelopes), run.faults) == ([(1, 4)], 2, [])
    torn = insert(MATRIX, [sheets[0], replace(sheets[3], key=(1, 2)), *sheets[1:3]])
    assert [fault.why for fault in torn.faults][:1] == ["a sheet without marks inside a set"]


def test_a_code_with_a_wrong_character_is_no_code() -> None:
    (sheet,) = _coded(1)
    wrong = sheet.seen.code[:-1] + ("0" if sheet.seen.code[-1] != "0" else "1")
    assert insert(MATRIX, [replace(sheet, seen=replace(sheet.seen, code=wrong))]).envelopes == []


@given(st.lists(st.integers(1, 6), min_size=1, max_size=30))
def test_what_the_line_writes_the_machine_groups(sizes: list[int]) -> None:
    run = insert(MATRIX, _coded(*sizes))
    assert run.faults == []
    assert [(envelope.piece, len(envelope.sheets)) for envelope in run.envelopes] == list(enumerate(sizes, 1))


@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=40),
    st.integers(0, 1000),
    st.builds(FaultRates, *[st.sampled_from([0.0, 0.02, 0.2])] * 5),
)
def test_no_fault_makes_a_wrong_envelope_with_the_2d_code(sizes: list[int], seed: int, rates: FaultRates) -> None:
    sheets = _coded(*sizes)
    owners = {sheet.key: int(sheet.seen.code[8:14]) for sheet in sheets}
    report = work(MATRIX, [sheets], owners, rates, seed)
    assert report.undetected == []
    assert set(report.statuses) == set(range(1, len(sizes) + 1))
    if rates == FaultRates():
        assert set(report.statuses.values()) == {"ok"}
    again = work(MATRIX, [sheets], owners, rates, seed)
    assert again.statuses == report.statuses


def test_the_basic_code_can_miss_a_pair_and_says_so() -> None:
    """Without a running number a letter of one sheet can vanish behind another: the sheet counter shows it."""
    sheets = _sheets(*["110011"] * 400)
    owners = {sheet.key: sheet.key[1] for sheet in sheets}
    report = work(PITNEY, [sheets], owners, FaultRates(double=0.05), 1)
    assert 0 < len(report.undetected) < 40
    assert report.count("ok") + report.count("reprint") == 400


@pytest.mark.parametrize("text", ["jam", "jam=x", "fire=0.1", "jam=2", "", "jam=0.1,,"])
def test_rates_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_rates(text)


def test_rates_are_what_was_written() -> None:
    assert parse_rates("jam=0.002, pulled=0.5") == FaultRates(jam=0.002, pulled=0.5)
    assert parse_rates("none") == FaultRates()


def test_each_kind_of_fault_happens_as_often_as_its_rate_says() -> None:
    sheets = _coded(*[1] * 2000)
    passage = disturb(sheets, FaultRates(jam=0.1, double=0.1, lost=0.1), random.Random(1))
    assert 150 < len(passage.gone) < 250
    assert 130 < sum(len(each) for each in passage.hidden.values()) < 230
    assert 110 < len(passage.torn) < 210
    assert len(passage.seen) + len(passage.gone) + sum(len(each) for each in passage.hidden.values()) == 2000


def test_the_log_is_what_the_format_says(tmp_path: Path) -> None:
    sheets = _coded(1, 2)
    report = work(MATRIX, [sheets], {sheet.key: int(sheet.seen.code[8:14]) for sheet in sheets}, FaultRates(), 1)
    write_log(tmp_path / "b0000007.csv", report, datetime(2026, 3, 3, 9, 0, tzinfo=UTC))
    assert (tmp_path / "b0000007.csv").read_text(encoding="utf-8") == (
        "piece,status,at,operator\n1,ok,2026-03-03T09:00:00+00:00,sim\n2,ok,2026-03-03T09:00:01+00:00,sim\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["b0000007.csv"]


def _picture(bits: str, off_mm: float = 0.0, thickness_mm: float = 0.5, dpi: int = 300) -> np.ndarray:
    """A white zone with the strokes of the Neopost layout, drawn by hand."""
    left, top, right, bottom = NEOPOST.head_mm()
    picture = np.full((round((bottom - top) * dpi / 25.4), round((right - left) * dpi / 25.4)), 255, np.uint8)
    for position, bit in enumerate(bits):
        middle = 153.0 + 3.2 * position + off_mm - top
        rows = slice(*(round((middle + side * thickness_mm / 2) * dpi / 25.4) for side in (-1, 1)))
        if bit == "1":
            picture[rows, round((7.0 - left) * dpi / 25.4) : round((19.0 - left) * dpi / 25.4)] = 0
    return picture


def test_the_head_finds_strokes_where_they_belong() -> None:
    assert look(_picture("10010000111"), NEOPOST, 300) == Seen("10010000111", "", False)
    assert look(_picture("0" * 11), NEOPOST, 300) == Seen("0" * 11, "", True)


@pytest.mark.parametrize("changes", [{"off_mm": 1.0}, {"thickness_mm": 1.6}, {"thickness_mm": 0.17}])
def test_strokes_out_of_place_or_of_another_kind_are_astray(changes: dict[str, float]) -> None:
    assert look(_picture("10010000111", **changes), NEOPOST, 300).stray  # type: ignore[arg-type]
