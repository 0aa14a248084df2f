"""The benchmark of outgoing mail: marks that all sides draw alike, ratios, and what a run must have left behind."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from bench.mail.by_us import planned
from bench.mail.drawn_marks import machine_of, marks_of
from bench.mail.notices import _with_other_figures
from bench.mail.rectangles import job_in, pack, unpacked
from bench.mail.volume_sizes import shared_out
from bench.marking import ratios
from bench.outgoing import growth
from pipeline.adapters.volumes.drawing import marks_content

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("name", ["neopost-1track", "datamatrix"])
def test_others_draw_the_rectangles_that_our_writer_draws(name: str) -> None:
    machine = machine_of(name)
    marks = marks_of(machine, [2, 1, 3])
    assert len(marks) == 6
    for page in marks:
        drawn = marks_content(machine, page["omr"], page["code"]).decode()
        *before, rest = drawn.split("1 g\n")
        assert len(before) == 1
        white, black = rest.split("f\n0 g\n", 1)
        assert white.count(" re") == len(page["white"])
        assert _area(black, name) == pytest.approx(sum(width * height for _, _, width, height in page["black"]))


def test_others_get_their_rectangles_as_they_are_and_in_a_form_that_takes_no_time(tmp_path: Path) -> None:
    """Of each run they pay for the reading; the file holds bare numbers, and no more than those."""
    marks = marks_of(machine_of("datamatrix"), [2] * 20)
    packed = pack((page["white"], page["black"]) for page in marks)
    rectangles = sum(len(page[ink]) for page in marks for ink in ("white", "black"))
    assert len(packed) < 1.1 * 4 * 8 * rectangles
    (tmp_path / "rectangles.pickle").write_bytes(packed)
    job = {"sources": ["a.pdf"], "marks": str(tmp_path / "marks.json"), "out": "out.pdf"}
    (tmp_path / "job.json").write_text(json.dumps(job), encoding="utf-8")
    told = job_in(tmp_path / "job.json").marks
    assert [tuple(list(unpacked(ink)) for ink in page) for page in told] == [
        (page["white"], page["black"]) for page in marks
    ]


def _area(operators: str, name: str) -> float:
    scale = 0.25 if name == "datamatrix" else 1.0  # in modules of half a millimetre
    sides = [line.split() for line in operators.splitlines() if line.endswith(" re")]
    return sum(float(width) * float(height) for _, _, width, height, _ in sides) * scale


def test_each_page_has_marks_of_its_own() -> None:
    codes = [page["code"] for page in marks_of(machine_of("datamatrix"), [2, 2])]
    assert len(set(codes)) == 4


def test_a_machine_that_wants_another_order_is_refused() -> None:
    with pytest.raises(ValueError, match="another order"):
        machine_of("pitney-small")


def test_figures_change_and_nothing_else() -> None:
    content = b"BT /F1 9 Tf 70 500 Td (zu zahlen: 1.234,56 EUR bis 04.03.2026) Tj ET\n0,12 w (19053 Ort) Tj\n"
    other = _with_other_figures(content, random.Random(1))
    assert other != content
    assert len(other) == len(content)
    same = [one == two for one, two in zip(content, other, strict=True)]
    assert all(same[: content.index(b"1.234")])
    assert all(same[content.index(b"2026)") + 4 :])


def _run(side: str, number: int, wall_s: float, **more: float) -> dict[str, object]:
    return {"side": side, "round": number, "wall_s": wall_s, "cpu_s": wall_s / 2, **more}


def test_ratios_are_medians_of_each_rounds_pairs() -> None:
    runs = [_run("poststrasse", 1, 2.0, marked_s=1.0), _run("pypdf", 1, 30.0)]
    runs += [_run("pypdf", 2, 80.0), _run("poststrasse", 2, 4.0, marked_s=2.0)]
    assert ratios(runs) == {"pypdf": {"wall": 17.5, "cpu": 17.5, "marking": 35.0}}


def test_growth_is_many_by_few() -> None:
    runs = [{"wall_ms_a_page": few, "cpu_ms_a_page": 2 * few} for few in (2.0, 9.0, 3.0)]
    assert growth(runs) == {"wall": 1.5, "cpu": 1.5}


def test_one_stack_is_as_many_slices_as_workers_and_no_letter_lies_in_two() -> None:
    slices, pieces = planned(["stack.pdf"], [2, 2, 2, 2, 2], Path("/out"))
    assert slices == [("stack.pdf", 1, 6, "/out/slice-0001.pdf"), ("stack.pdf", 7, 10, "/out/slice-0002.pdf")]
    assert [(piece.number, piece.source[-6:-4], piece.first_page, piece.pages) for piece in pieces] == [
        (1, "01", 1, 2),
        (2, "01", 3, 2),
        (3, "01", 5, 2),
        (4, "02", 1, 2),
        (5, "02", 3, 2),
    ]


def test_each_file_is_a_slice() -> None:
    slices, pieces = planned(["a.pdf", "b.pdf"], [10, 10], Path("/out"))
    assert [(source, first, last) for source, first, last, _ in slices] == [("a.pdf", 1, 10), ("b.pdf", 1, 10)]
    assert [piece.first_page for piece in pieces] == [1, 1]


def test_volumes_hold_what_the_machine_takes_and_cut_no_letter() -> None:
    assert shared_out([2, 2, 2, 2, 2], 4) == [range(0, 2), range(2, 4), range(4, 5)]
    assert shared_out([3, 3], 5) == [range(0, 1), range(1, 2)]
    assert shared_out([], 5) == []
    with pytest.raises(ValueError, match="more than 2 sheets"):
        shared_out([3], 2)


def test_every_volume_counts_its_sheets_anew() -> None:
    machine = machine_of("neopost-1track")
    small = replace(machine, feed=replace(machine.feed, max_volume_sheets=4))
    marks = [page["omr"] for page in marks_of(small, [2, 2, 2, 2])]
    assert marks[:4] == marks[4:]
    assert marks[:4] != [page["omr"] for page in marks_of(machine, [2, 2, 2, 2])][4:]
