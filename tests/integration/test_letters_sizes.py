"""Pages that are not A4 upright: A5, Letter and landscape by the job's rules, at the right place and size."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.letters.overhang import Overhang, overhang_of
from pipeline.adapters.letters.placement import Box, Frame, by_rule, is_turned, mapped
from pipeline.adapters.letters.reading import read_letters
from pipeline.domain.geometry import A4_HEIGHT_MM, A4_WIDTH_MM, MM_PER_POINT
from pipeline.domain.page_rules import PageRules, SizeRule
from pipeline.domain.pages import LetterRange, LetterReading
from tests.letter_sheets import LAYOUTS, MM, RULES, Picture, draw_address, rendered

pytestmark = pytest.mark.integration

A5, LETTER = (148.0, 210.0), (215.9, 279.4)
DPI = 200


def paper(size_mm: tuple[float, float], square_mm: tuple[float, float], *, address: bool = False) -> bytes:
    """A page with a black square of 10 mm, its upper left corner at `square_mm`."""
    width, height = size_mm
    made = io.BytesIO()
    canvas = Canvas(made, pagesize=(width * MM, height * MM), invariant=1)
    x, y = square_mm
    canvas.rect(x * MM, (height - y - 10) * MM, 10 * MM, 10 * MM, stroke=0, fill=1)
    if address:
        canvas.translate(0, (height - A4_HEIGHT_MM) * MM)
        draw_address(canvas, ["Frau", "Erika Mustermann", "Am Packhof 2", "19053 Schwerin"], LAYOUTS["B"])
    canvas.save()
    return made.getvalue()


def read(folder: Path, data: bytes, rules: PageRules) -> tuple[LetterReading, Picture]:
    source, out = folder / "dropped.pdf", folder / "letters.pdf"
    source.write_bytes(data)
    job = replace(RULES, pages=rules)
    (reading,) = read_letters(str(source), [LetterRange(1, 1, 1)], job, {}, "simplex", str(out))
    return reading, rendered(out, dpi=DPI)


def square(picture: Picture) -> tuple[float, float, float]:
    """Left, top and width of what is black, in mm."""
    dark = picture[:, :, 0] < 100
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    mm = 25.4 / DPI
    return columns[0] * mm, rows[0] * mm, (columns[-1] + 1 - columns[0]) * mm


@pytest.mark.parametrize(
    ("size", "rule", "expected"),
    [
        (A5, "centre", (31 + 20, 43.5 + 30, 10)),
        (A5, "top-left", (20, 30, 10)),
        (A5, "scale", (20 * 210 / 148, 30 * 210 / 148, 10 * 210 / 148)),
        (LETTER, "centre", (20 - 2.95, 30 + 8.8, 10)),
        (LETTER, "top-left", (20, 30, 10)),
        (LETTER, "scale", (20 * 210 / 215.9, 30 * 210 / 215.9 + 12.61, 10 * 210 / 215.9)),
        ((210.0, 148.0), "top-left", (20, 30, 10)),
        ((210.0, 148.0), "scale", (20, 30 + 74.5, 10)),
    ],
)
def test_a_page_lands_where_the_rule_says(
    tmp_path: Path, size: tuple[float, float], rule: SizeRule, expected: tuple[float, float, float]
) -> None:
    _, picture = read(tmp_path, paper(size, (20, 30)), PageRules(a5=rule, letter=rule))
    assert square(picture) == pytest.approx(expected, abs=0.3)


@pytest.mark.parametrize(("size", "name"), [(A5, "a5"), (LETTER, "letter")])
@pytest.mark.parametrize(("rule", "done"), [("centre", "centred"), ("top-left", "top-left"), ("scale", "scaled")])
def test_what_was_done_is_told(tmp_path: Path, size: tuple[float, float], name: str, rule: SizeRule, done: str) -> None:
    reading, _ = read(tmp_path, paper(size, (60, 120)), PageRules(a5=rule, letter=rule))
    assert set(reading.remarks) - {"font-embedded"} == {f"{name}-{done}"}


@pytest.mark.parametrize("size", [A5, LETTER, (100.0, 150.0), (297.0, 420.0)])
def test_other_sizes_go_back_unless_a_rule_takes_them(tmp_path: Path, size: tuple[float, float]) -> None:
    reading, _ = read(tmp_path, paper(size, (20, 30)), PageRules())
    assert (reading.code, reading.page) == ("page-size", 1)


def test_a_letter_page_keeps_its_address_at_the_top_left(tmp_path: Path) -> None:
    reading, _ = read(tmp_path, paper(LETTER, (100, 150), address=True), PageRules(letter="top-left"))
    assert reading.address is not None and reading.address.postcode == "19053"


@pytest.mark.parametrize(
    ("rule", "at"), [("centre", (0.0, 100.0)), ("centre", (205.9, 100.0)), ("top-left", (205.9, 100.0))]
)
def test_what_would_be_cut_off_sends_the_letter_back(tmp_path: Path, rule: SizeRule, at: tuple[float, float]) -> None:
    reading, _ = read(tmp_path, paper(LETTER, at), PageRules(letter=rule))
    assert reading.code == "page-size"
    assert "keinen Platz" in (reading.detail or "")


def test_landscape_is_turned_or_refused(tmp_path: Path) -> None:
    lying = paper((297.0, 210.0), (20, 30))
    reading, picture = read(tmp_path, lying, PageRules())
    assert "landscape-turned" in reading.remarks
    left, top, _ = square(picture)
    assert (left, top) == pytest.approx((30, 297 - 30), abs=0.3)
    reading, _ = read(tmp_path, lying, PageRules(landscape="refuse"))
    assert reading.code == "page-size"


SIZES = st.sampled_from([A5, LETTER, (210.0, 148.0), (279.4, 215.9)])
RULE: st.SearchStrategy[SizeRule] = st.sampled_from(["centre", "top-left", "scale"])


@given(SIZES, RULE, st.sampled_from([0, 90, 180, 270]), st.floats(0.5, 3), st.floats(-500, 500), st.floats(-500, 500))
def test_a_page_loses_just_what_is_told(
    size: tuple[float, float], rule: SizeRule, rotate: int, unit: float, left: float, bottom: float
) -> None:
    """All corners lie on the sheet but for the overhang; what is scaled has none; size changes by scale only."""
    width, height = (side / MM_PER_POINT / unit for side in size)
    if rotate in (90, 270):
        width, height = height, width
    frame = Frame(Box(left, bottom, left + width, bottom + height), rotate, unit)
    matrix = by_rule(frame, rule)
    assert matrix is not None
    points = [mapped(matrix, x, y) for x in (left, left + width) for y in (bottom, bottom + height)]
    xs, ys = [x * MM_PER_POINT for x, _ in points], [y * MM_PER_POINT for _, y in points]
    lost = max(0.0, -min(xs)) + max(0.0, max(xs) - A4_WIDTH_MM) + max(0.0, -min(ys)) + max(0.0, max(ys) - A4_HEIGHT_MM)
    wide, high = max(xs) - min(xs), max(ys) - min(ys)
    if rule == "scale":
        assert lost < 0.01 and (abs(wide - A4_WIDTH_MM) < 0.01 or abs(high - A4_HEIGHT_MM) < 0.01)
        return
    assert sorted((wide, high)) == pytest.approx(sorted(size), abs=0.01)
    over = overhang_of(frame, rule, turned=is_turned(frame))
    told = (over.left + over.right) * size[0] + (over.top + over.bottom) * size[1]
    assert lost == pytest.approx(told, abs=0.01)


def test_no_overhang_is_nothing() -> None:
    assert not Overhang() and Overhang(left=0.01)
