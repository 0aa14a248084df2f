"""Every page lands on A4 at 1:1, upright and at zero, and looks as it did."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pikepdf import Array, Pdf

from pipeline.adapters.letters.placement import Box, Frame, fitted_to_a4, mapped, on_a4
from tests.letter_checks import (
    ALIKE,
    FIGURE,
    HIGH,
    LYING,
    UPRIGHT,
    WIDE,
    is_plain,
    looks_the_same,
    normalised,
    refusal,
)
from tests.letter_sheets import MM, add_page, difference, figure, one_page, rendered, saved

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("rotate", [0, 90, 180, 270, -90, 450])
@pytest.mark.parametrize("size", [UPRIGHT, LYING], ids=["upright", "lying"])
@pytest.mark.parametrize("corner", [(0, 0), (-50.5, 300.25)], ids=["origin", "off-origin"])
def test_rotation_and_offset(
    tmp_path: Path, rotate: int, size: tuple[float, float], corner: tuple[float, float]
) -> None:
    left, bottom = corner
    media = (left, bottom, left + size[0], bottom + size[1])
    pdf = one_page(figure(*size, left, bottom), media, Rotate=rotate)
    shown_lying = (size == LYING) != (rotate % 180 == 90)
    looks_the_same(tmp_path, saved(pdf), turned=shown_lying)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_crop_box_is_the_sheet(tmp_path: Path, rotate: int) -> None:
    bleed = b" 1 0 1 rg -200 -200 2000 150 re f -200 -200 150 2000 re f"
    content = figure(WIDE, HIGH, 30, 40) + bleed
    pdf = one_page(content, (-100, -100, 900, 1100), CropBox=Array([30, 40, 30 + WIDE, 40 + HIGH]), Rotate=rotate)
    looks_the_same(tmp_path, saved(pdf), turned=rotate in (90, 270))


def test_what_lies_outside_the_crop_box_is_cut_off(tmp_path: Path) -> None:
    content = b"0 g -20 0 40 842 re f 590 0 40 842 re f"
    pdf = one_page(content, (-50, -50, 700, 900), CropBox=Array([3, 0, 3 + WIDE - 4, HIGH]))
    picture = rendered(normalised(tmp_path, saved(pdf)))
    assert (picture[400, :2] == 255).all()  # the page is 4 points narrow, so centred: 2 points of white
    assert (picture[400, 5:20] == 0).all()


def test_trim_box_where_it_alone_is_a4(tmp_path: Path) -> None:
    content = figure(WIDE, HIGH, 20, 20)
    pdf = one_page(content, (0, 0, WIDE + 40, HIGH + 40), TrimBox=Array([20, 20, 20 + WIDE, 20 + HIGH]))
    plain = rendered(saved(one_page(FIGURE)))
    assert difference(plain, rendered(normalised(tmp_path, saved(pdf)))) < ALIKE


def test_trim_box_of_an_a4_page_is_left_alone(tmp_path: Path) -> None:
    pdf = one_page(FIGURE, TrimBox=Array([100, 100, 300, 300]))
    looks_the_same(tmp_path, saved(pdf))


@pytest.mark.parametrize("rotate", [0, 180])
def test_user_unit(tmp_path: Path, rotate: int) -> None:
    half = one_page(figure(WIDE, HIGH, unit=2), (0, 0, WIDE / 2, HIGH / 2), UserUnit=2, Rotate=rotate)
    whole = rendered(saved(one_page(FIGURE, Rotate=rotate)))
    made = normalised(tmp_path, saved(half))
    is_plain(made)
    assert difference(whole, rendered(made)) < ALIKE


@pytest.mark.parametrize("off_mm", [(1.9, -1.9), (-1.9, 1.9), (0.25, 0.04)])
def test_nearly_a4_is_centred_and_not_scaled(tmp_path: Path, off_mm: tuple[float, float]) -> None:
    size = (WIDE + off_mm[0] * MM, HIGH + off_mm[1] * MM)
    with Pdf.open(io.BytesIO(normalised(tmp_path, saved(one_page(FIGURE, (0, 0, *size)))))) as made:
        words = made.pages[0].obj.Contents.read_bytes().split()
    assert words[1:5] == [b"1", b"0", b"0", b"1"]
    assert [float(w) for w in words[5:7]] == pytest.approx([-off_mm[0] * MM / 2, -off_mm[1] * MM / 2], abs=0.01)


@pytest.mark.parametrize("media", [(0, 0, 612, 792), (0, 0, 420, 595), (0, 0, WIDE + 7, HIGH), (0, 0, 842, 1191)])
def test_other_sizes_go_back(tmp_path: Path, media: tuple[float, ...]) -> None:
    pdf = one_page(FIGURE)
    add_page(pdf, FIGURE, media)
    error = refusal(tmp_path, saved(pdf), range(1, 3))
    assert (error.code, error.page) == ("page-size", 2)
    assert "Seite 2" in error.sentence


def test_a_page_without_a_box_goes_back(tmp_path: Path) -> None:
    pdf = one_page(FIGURE)
    del pdf.pages[0].obj.MediaBox
    assert refusal(tmp_path, saved(pdf)).code == "page-size"


sides = st.floats(-3000, 3000)
boxes = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), sides, sides, st.floats(10, 3000), st.floats(10, 3000))
frames = st.builds(Frame, boxes, st.sampled_from((0, 90, 180, 270)), st.floats(0.1, 10))
a4_frames = st.builds(
    lambda x, y, dw, dh, rotate, unit, lying: Frame(
        Box(x, y, x + ((HIGH if lying else WIDE) + dw) / unit, y + ((WIDE if lying else HIGH) + dh) / unit),
        rotate,
        unit,
    ),
    sides, sides, st.floats(-5, 5), st.floats(-5, 5), st.sampled_from((0, 90, 180, 270)), st.floats(0.5, 4),
    st.booleans(),
)  # fmt: skip


@given(a4_frames)
def test_a4_lands_on_the_sheet_at_one_to_one(frame: Frame) -> None:
    matrix = on_a4(frame)
    assert matrix is not None
    a, b, c, d, _, _ = matrix
    assert a * d - b * c == pytest.approx(frame.unit**2)  # neither scaled nor mirrored
    middle = mapped(matrix, (frame.box.left + frame.box.right) / 2, (frame.box.bottom + frame.box.top) / 2)
    assert middle == pytest.approx((WIDE / 2, HIGH / 2), abs=1e-6)
    for x in (frame.box.left, frame.box.right):
        for y in (frame.box.bottom, frame.box.top):
            land_x, land_y = mapped(matrix, x, y)
            assert -3 <= land_x <= WIDE + 3 and -3 <= land_y <= HIGH + 3


@given(frames)
def test_any_page_fits_for_looking_at_it(frame: Frame) -> None:
    matrix = fitted_to_a4(frame)
    corners = [
        mapped(matrix, x, y) for x in (frame.box.left, frame.box.right) for y in (frame.box.bottom, frame.box.top)
    ]
    spans = [max(v) - min(v) for v in zip(*corners, strict=True)]
    assert all(-1e-3 <= x <= WIDE + 1e-3 and -1e-3 <= y <= HIGH + 1e-3 for x, y in corners)
    assert spans[0] == pytest.approx(WIDE, abs=0.01) or spans[1] == pytest.approx(HIGH, abs=0.01)
