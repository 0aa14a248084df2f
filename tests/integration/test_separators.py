"""Separator sheets: what is printed, what is found on them when scanned, and what a person is asked instead."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pypdfium2
import pytest
import zxingcpp
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from bench.separation.letter_pages import letter_pages
from bench.separation.sheets import PATCH_KINDS, damages, sample
from bench.separators import letters_table, sheets_table, verdict
from pipeline.adapters.incoming import separators
from pipeline.adapters.incoming.parallel_bars import strips_of
from pipeline.adapters.incoming.patch_codes import find_patches
from pipeline.adapters.incoming.separators import find_separator
from pipeline.adapters.papers.cover_sheet import (
    DATAMATRIX_PLACES,
    GENERIC_KINDS,
    GenericKind,
    write_cover_sheets,
    write_generic_sheets,
)
from pipeline.adapters.papers.sheet_codes import Box, draw_bars, draw_code39, draw_code128, draw_datamatrix, draw_qr
from pipeline.domain.cover_sheets import encode, encode_short
from pipeline.domain.errors import Permanent
from pipeline.domain.page_looks import CoverSheet, Separator
from pipeline.domain.profiles import SeparationRules
from pipeline.domain.separator_marks import BACKWARDS, FRAME, FRAME_UNIT_MM, PATCH_UNIT_MM, PATCHES
from samples.paper import Paper, printed, scan

pytestmark = pytest.mark.integration

Gray = npt.NDArray[np.uint8]
Draw = Callable[[Canvas], None]

SHEET = CoverSheet("parchim", "post", 12, {"reference": "32-0815/2026 Müller"})
PLAIN = CoverSheet("parchim", "post")
COVERS = SeparationRules(by=("cover-sheet",))
TEXTS = SeparationRules(by=("text-code",))
EITHER = SeparationRules(by=("cover-sheet", "text-code"))
NOTHING = SeparationRules()
UPPER, LOWER = Box(12, 40, 40, 40), Box(150, 200, 40, 40)


def page(tmp_path: Path, *drawings: Draw, dpi: int = 150, **paper: object) -> Gray:
    """A page with these drawings, scanned."""
    path = tmp_path / "page.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    for draw in drawings:
        draw(canvas)
    canvas.showPage()
    canvas.save()
    return shot(path, dpi, **paper)


def shot(path: Path, dpi: int = 150, **paper: object) -> Gray:
    return scan(printed(path.read_bytes(), dpi)[0], Paper(dpi=dpi, seed=7, **paper))  # type: ignore[arg-type]


def matrix(text: str, box: Box = UPPER) -> Draw:
    return lambda canvas: draw_datamatrix(canvas, text, box)


def frame(canvas: Canvas) -> None:
    draw_bars(canvas, "top", FRAME, FRAME_UNIT_MM, 8, 8)


def patch(kind: str, edge: str, margin_mm: float = 12.0) -> Draw:
    widths = PATCHES[kind]  # type: ignore[index]
    return lambda canvas: draw_bars(canvas, edge, widths, PATCH_UNIT_MM, margin_mm, 12)  # type: ignore[arg-type]


def letter(canvas: Canvas) -> None:
    """Text between 95 and 190 mm from the top, 45 to 165 mm from the left."""
    canvas.setFillGray(0)
    canvas.setFont("Helvetica", 9)
    for row in range(24):
        canvas.drawString(
            128, 570 - 11 * row, "Sehr geehrte Damen und Herren, auf Ihr Schreiben teile ich mit, dass alles gut"
        )


def full_letter(canvas: Canvas) -> None:
    """Thirty lines that fill the page."""
    canvas.setFont("Helvetica", 10.5)
    for row in range(30):
        line = "Für die Bearbeitung benötigen wir noch den Nachweis über die Entwässerung des Grundstücks."
        canvas.drawString(70, A4[1] - 170 - row * 19, line)


def wrong_check(sheet: CoverSheet) -> str:
    text = encode(sheet)
    return text[:-1] + ("0" if text[-1] != "0" else "1")


# --- what is printed


def test_a_cover_sheet_carries_its_codes_in_all_copies(tmp_path: Path) -> None:
    path = tmp_path / "sheets.pdf"
    write_cover_sheets(path, SHEET, "Stadt Parchim", "Posteingang", copies=3)
    document = pypdfium2.PdfDocument(path)
    assert [tuple(round(edge) for edge in sheet.get_size()) for sheet in document] == [(595, 842)] * 3
    for sheet in document:
        picture = sheet.render(scale=200 / 72).to_numpy()[:, :, 0]
        read = [(code.format, code.text) for code in zxingcpp.read_barcodes(np.ascontiguousarray(picture))]
        assert read.count((zxingcpp.BarcodeFormat.DataMatrix, encode(SHEET))) == 4
        for half in (picture[: len(picture) // 2], picture[len(picture) // 2 :]):
            found = zxingcpp.read_barcodes(np.ascontiguousarray(half), formats=zxingcpp.BarcodeFormat.Code128)
            assert [code.text for code in found] == [encode_short(SHEET)]
    words = document[0].get_textpage().get_text_range()
    for word in (
        "TRENNBLATT",
        "Stadt Parchim",
        "Posteingang",
        "32-0815/2026 Müller",
        "Aktenzeichen",
        "Erwartete Blätter",
    ):
        assert word in words
    assert "nicht mit einkuvertieren" in words


def test_the_same_sheet_is_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pdf"):
        write_cover_sheets(tmp_path / name, SHEET, "Stadt Parchim", "Posteingang", copies=2)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_a_sheet_that_cannot_be_coded_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(Permanent) as refusal:
        write_cover_sheets(tmp_path / "a.pdf", CoverSheet("parchim", "post", None, {"a": "\n"}), "", "")
    assert refusal.value.code == "cover-sheet-impossible"
    assert not (tmp_path / "a.pdf").exists()


@pytest.mark.parametrize("kind", PATCH_KINDS)
def test_patch_bars_have_the_sizes_that_kodak_demands(tmp_path: Path, kind: GenericKind) -> None:
    """Every edge of the bars within a hundredth of an inch of its place, from each edge of the sheet inwards."""
    write_generic_sheets(tmp_path / "patch.pdf", kind)
    picture = printed((tmp_path / "patch.pdf").read_bytes(), 1000)[0][:, :, 0] < 128
    high, wide = picture.shape
    lines = [picture[:, wide // 2], picture[::-1, wide // 2], picture[high // 2], picture[high // 2, ::-1]]
    for line in lines:
        changes = np.nonzero(np.diff(line[:1700].astype(np.int8)))[0][:8]
        at = (changes - changes[0]) / 1000
        places, depth = [], 0.0
        for width in PATCHES[kind]:  # type: ignore[index]
            places += [depth, depth + width * 0.08]
            depth += (width + 1) * 0.08
        assert np.abs(at - places).max() <= 0.01
        assert at[-1] == pytest.approx(0.80, abs=0.01)
        assert changes[0] / 1000 >= 0.25
        assert changes[-1] / 1000 <= 3.75
    assert np.count_nonzero(picture[round(1000 * 13.5 / 25.4)]) >= 2000


# --- what is found


def test_a_cover_sheet_is_found_with_all_that_it_says(tmp_path: Path) -> None:
    write_cover_sheets(tmp_path / "a.pdf", SHEET, "Stadt Parchim", "Posteingang")
    assert find_separator(shot(tmp_path / "a.pdf", 100), 100, COVERS) == (
        Separator("cover-sheet", encode(SHEET), SHEET),
        None,
    )


@pytest.mark.parametrize("kind", GENERIC_KINDS)
def test_generic_sheets_are_found_any_way_round(tmp_path: Path, kind: GenericKind) -> None:
    write_generic_sheets(tmp_path / "a.pdf", kind)
    expected = Separator("text-code", "PATCHT") if kind in ("qr", "code39") else Separator(kind)  # type: ignore[arg-type]
    rules = SeparationRules(by=(expected.kind,))
    for rotation in (0, 90, 180, 270):
        picture = shot(tmp_path / "a.pdf", 100, rotation=rotation, skew_degrees=4.0)
        assert find_separator(picture, 100, rules) == (expected, None)


def test_a_degraded_sheet_is_found_and_none_is_missed() -> None:
    """The table of the benchmark, one sample a damage at the lowest resolution."""
    sheets = sheets_table(1, 20, resolutions=(100,), told=lambda _line: None)
    assert verdict(sheets, {"false_separators": 0}) == []


def test_no_letter_is_taken_for_a_separator() -> None:
    taken = letters_table(letter_pages(60, 20))
    assert (taken["pages"], taken["false_separators"]) == (60, 0)
    assert sum(taken["which"].values()) <= 1, "a chart of dark bars alone on a page may be a doubt, nothing else"
    assert all(what.startswith("doubt: bar chart") for what in taken["which"])


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (40, 30), (300, 2)])
def test_any_picture_is_looked_at(shape: tuple[int, int]) -> None:
    rules = SeparationRules(by=("cover-sheet", "text-code", "patch-t"))
    for tone in (0, 255):
        assert find_separator(np.full(shape, tone, dtype=np.uint8), 100, rules) == (None, None)


def test_noise_is_no_separator() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (1169, 827)).astype(np.uint8)
    assert find_separator(noise, 100, SeparationRules(by=("cover-sheet", "text-code", "patch-t", "patch-1"))) == (
        None,
        None,
    )


@pytest.mark.parametrize("edge", ["top", "bottom", "left", "right"])
@pytest.mark.parametrize("kind", PATCH_KINDS)
def test_a_patch_is_read_from_its_nearest_edge(tmp_path: Path, kind: str, edge: str) -> None:
    for degrees in (-5.0, 0.0, 5.0):
        looks = strips_of(page(tmp_path, letter, patch(kind, edge), dpi=100, skew_degrees=degrees, noise=5.0), 100)
        assert {(found.kind, found.sure) for found in find_patches(looks)} == {(kind, True)}


@pytest.mark.parametrize("scale", [0.85, 0.94, 1.0, 1.1, 1.2])
def test_a_patch_may_be_printed_smaller_or_larger(tmp_path: Path, scale: float) -> None:
    def draw(canvas: Canvas) -> None:
        draw_bars(canvas, "top", PATCHES["patch-t"], PATCH_UNIT_MM * scale, 12, 12)

    looks = strips_of(page(tmp_path, draw, dpi=100), 100)
    assert [found.kind for found in find_patches(looks)] == ["patch-t"]


def test_four_bars_of_other_widths_are_no_patch(tmp_path: Path) -> None:
    shapes = (
        (1, 1, 1, 1),
        (2.5, 2.5, 2.5, 2.5),
        (1, 2.5, 2.5, 2.5),
        (1, 1, 1, 2.5),
        (1.75, 1.75, 1.75, 1.75),
        (4, 1, 1, 4),
    )
    for widths in shapes:
        looks = strips_of(
            page(tmp_path, lambda canvas, w=widths: draw_bars(canvas, "top", w, PATCH_UNIT_MM, 12, 12)), 150
        )  # type: ignore[misc]
        assert find_patches(looks) == []


# --- what a person is asked


def test_a_frame_without_a_readable_code_is_a_doubt(tmp_path: Path) -> None:
    """Whatever the profile separates by."""
    for rules in (COVERS, TEXTS, NOTHING):
        assert find_separator(page(tmp_path, frame), 150, rules) == (None, separators.UNREADABLE)
    with_letter = page(tmp_path, frame, letter, rotation=90, skew_degrees=-5.0, dpi=100)
    assert find_separator(with_letter, 100, COVERS) == (None, separators.UNREADABLE)


def test_the_short_code_alone_is_a_separator_and_a_doubt(tmp_path: Path) -> None:
    wide = Box(13, 100, 184, 18)
    picture = page(tmp_path, lambda canvas: draw_code128(canvas, encode_short(SHEET), wide), dpi=200)
    separator, doubt = find_separator(picture, 200, COVERS)
    assert (separator, doubt) == (
        Separator("cover-sheet", encode_short(SHEET), CoverSheet("parchim", "post", 12)),
        separators.INCOMPLETE,
    )
    plain = page(tmp_path, lambda canvas: draw_code128(canvas, encode_short(PLAIN), wide), dpi=200)
    assert find_separator(plain, 200, COVERS) == (Separator("cover-sheet", encode(PLAIN), PLAIN), None)


def test_a_wrong_check_is_a_doubt_unless_another_copy_is_intact(tmp_path: Path) -> None:
    wrong = matrix(wrong_check(SHEET))
    assert find_separator(page(tmp_path, letter, wrong), 150, COVERS) == (None, separators.DAMAGED)
    both = page(tmp_path, wrong, matrix(encode(SHEET), LOWER))
    assert find_separator(both, 150, COVERS) == (Separator("cover-sheet", encode(SHEET), SHEET), None)


def test_copies_that_contradict_each_other_are_a_doubt(tmp_path: Path) -> None:
    other = CoverSheet("parchim", "post", 12, {"reference": "32-0816/2026"})
    picture = page(tmp_path, matrix(encode(SHEET)), matrix(encode(other), LOWER))
    assert find_separator(picture, 150, COVERS) == (None, separators.CONTRADICTION)


def test_a_cover_sheet_that_is_not_asked_for_is_a_doubt(tmp_path: Path) -> None:
    picture = page(tmp_path, frame, matrix(encode(SHEET)))
    for rules in (TEXTS, NOTHING, SeparationRules(by=("patch-t",))):
        assert find_separator(picture, 150, rules) == (None, separators.COVER_NOT_ASKED)


def test_a_text_that_is_not_asked_for_is_a_doubt(tmp_path: Path) -> None:
    picture = page(tmp_path, lambda canvas: draw_qr(canvas, "PATCHT", UPPER))
    assert find_separator(picture, 150, COVERS) == (None, separators.TEXT_NOT_ASKED)


def test_only_the_texts_of_the_profile_separate(tmp_path: Path) -> None:
    picture = page(tmp_path, lambda canvas: draw_code39(canvas, "NEUERBRIEF", Box(20, 60, 150, 18)))
    assert find_separator(picture, 150, TEXTS) == (None, None)
    rules = SeparationRules(by=("text-code",), text_codes=("PATCHT", "NEUERBRIEF"))
    assert find_separator(picture, 150, rules) == (Separator("text-code", "NEUERBRIEF"), None)


def test_codes_of_others_on_a_letter_are_nothing(tmp_path: Path) -> None:
    giro = "BCD\n002\n1\nSCT\n\nStadtkasse Parchim\nDE02120300000000202051\nEUR12.30"
    picture = page(tmp_path, letter, lambda canvas: draw_qr(canvas, giro, LOWER), matrix("DEA5010F0D0A0B0C"))
    assert find_separator(picture, 150, SeparationRules(by=("cover-sheet", "text-code", "patch-t"))) == (None, None)


def test_a_torn_code_alone_on_a_page_is_a_doubt(tmp_path: Path) -> None:
    def torn(canvas: Canvas) -> None:
        draw_qr(canvas, "PATCHT", UPPER)
        canvas.setFillGray(1)
        canvas.rect(70, 645, 45, 45, stroke=0, fill=1)

    assert find_separator(page(tmp_path, torn), 150, TEXTS) == (None, separators.CODE_UNREADABLE)
    assert find_separator(page(tmp_path, letter, torn), 150, TEXTS) == (None, None)


@pytest.mark.parametrize("kind", ["patch-1", "patch-3", "patch-6", "patch-t"])
def test_a_patch_that_is_meant_backwards_is_a_doubt(tmp_path: Path, kind: str) -> None:
    rules = SeparationRules(by=(BACKWARDS[kind],))  # type: ignore[index]
    assert find_separator(page(tmp_path, patch(kind, "top")), 150, rules) == (None, separators.PATCH_BACKWARDS)


def test_in_the_middle_of_a_page_either_direction_counts(tmp_path: Path) -> None:
    middle = page(tmp_path, patch("patch-3", "top", 138.0))
    assert find_separator(middle, 150, SeparationRules(by=("patch-t",))) == (Separator("patch-t"), None)
    both = SeparationRules(by=("patch-t", "patch-3"))
    assert find_separator(middle, 150, both) == (None, separators.PATCH_UNSURE)


def test_patches_that_are_not_asked_for_are_left_alone(tmp_path: Path) -> None:
    picture = page(tmp_path, patch("patch-4", "top"))
    assert find_separator(picture, 150, SeparationRules(by=("patch-t", "patch-2"))) == (None, None)
    assert find_separator(picture, 150, NOTHING) == (None, None)


def test_two_wanted_patches_on_one_page_are_a_doubt(tmp_path: Path) -> None:
    picture = page(tmp_path, patch("patch-2", "top"), patch("patch-t", "bottom"))
    assert find_separator(picture, 150, SeparationRules(by=("patch-t", "patch-2"))) == (None, separators.PATCH_UNSURE)


@pytest.mark.parametrize("kind", PATCH_KINDS)
def test_a_patch_without_its_outer_bar_is_a_doubt(tmp_path: Path, kind: str) -> None:
    for widths in (PATCHES[kind][1:], PATCHES[kind][:3]):  # type: ignore[index]
        picture = page(tmp_path, lambda canvas, w=widths: draw_bars(canvas, "top", w, PATCH_UNIT_MM, 9, 40))  # type: ignore[misc]
        separator, doubt = find_separator(picture, 150, SeparationRules(by=(kind,)))  # type: ignore[arg-type]
        assert separator is None
        assert doubt in (separators.PATCH_REMAINS, separators.UNREADABLE)  # W N W is much like our own frame


def test_a_sheet_whose_every_copy_is_spoilt_is_a_doubt() -> None:
    """And the one with a single copy left is found."""
    by_name = {damage.name: damage for damage in damages()}
    rules = SeparationRules(by=("cover-sheet", "text-code", "patch-1", "patch-2", "patch-4", "patch-t"))
    for number in range(4):
        spoilt = sample(random.Random(number), "cover sheet", 150, by_name["every copy scribbled over"])
        assert find_separator(spoilt.picture, 150, rules) == (None, separators.UNREADABLE)
        left = sample(random.Random(number), "cover sheet", 150, by_name["all copies but one scribbled over"])
        separator, doubt = find_separator(left.picture, 150, rules)
        assert separator is not None
        assert (separator.cover, doubt) == (left.cover, None)


@pytest.mark.parametrize("dpi", [100, 200])
@pytest.mark.parametrize("free", [0.1, 0.4])
def test_a_letter_over_a_cover_sheet_stays(tmp_path: Path, free: float, dpi: int) -> None:
    """Two sheets were fed at once: of the lower one so much shows at the top, the rest is a letter's first page."""
    write_cover_sheets(tmp_path / "sheet.pdf", SHEET, "Parchim", "Post")
    under = shot(tmp_path / "sheet.pdf", dpi)
    over = page(tmp_path, full_letter, dpi=dpi)
    edge = round(under.shape[0] * (1 - free))  # the letter begins lower by what shows of the sheet
    both = np.vstack((under[: under.shape[0] - edge], over[:edge]))
    separator, doubt = find_separator(both, dpi, EITHER)
    assert (
        separator is not None and separator.on_letter and separator.cover is not None and separator.cover.sheets == 12
    )
    only_short = separator.cover != SHEET  # what else is uncertain is told as well
    assert doubt == (f"{separators.ON_LETTER} {separators.INCOMPLETE}" if only_short else separators.ON_LETTER)
    assert find_separator(under, dpi, EITHER)[1] is None


def test_a_letter_with_a_label_stays(tmp_path: Path) -> None:
    def label(canvas: Canvas) -> None:
        full_letter(canvas)
        draw_qr(canvas, "PATCHT", Box(160.0, 20.0, 22.0, 22.0))

    separator, doubt = find_separator(page(tmp_path, label), 150, EITHER)
    assert separator == Separator("text-code", "PATCHT", on_letter=True)
    assert doubt == separators.ON_LETTER


def test_the_places_of_the_copies_lie_apart() -> None:
    boxes = [(place.left_mm, place.top_mm, place.width_mm, place.height_mm) for place in DATAMATRIX_PLACES]
    assert len({(left < 105, top < 148) for left, top, _, _ in boxes}) == 4


@pytest.mark.parametrize("kind", ["patch-2", "patch-t"])
def test_our_patch_sheets_are_known_by_their_frame_when_every_code_is_gone(tmp_path: Path, kind: GenericKind) -> None:
    write_generic_sheets(tmp_path / "patch.pdf", kind)
    intact = printed((tmp_path / "patch.pdf").read_bytes(), 150)[0]
    spoilt = intact.copy()
    mm = 150 / 25.4
    for left, top, right, bottom in ((12, 11, 198, 35), (12, 262, 198, 286), (11, 60, 35, 237), (175, 60, 199, 237)):
        low, high = (round(left * mm), round(top * mm)), (round(right * mm), round(bottom * mm))
        cv2.rectangle(spoilt, low, high, (30, 30, 30), -1)
    rules = SeparationRules(by=("cover-sheet", "text-code", "patch-2", "patch-t"))
    for degrees, rotation in ((0.0, 0), (3.0, 90), (-4.5, 180)):
        paper = Paper(dpi=150, skew_degrees=degrees, rotation=rotation, seed=4)  # type: ignore[arg-type]
        assert find_separator(scan(intact, paper), 150, rules) == (Separator(kind), None)
        assert find_separator(scan(spoilt, paper), 150, rules) == (None, separators.UNREADABLE)
    others = SeparationRules(by=("cover-sheet", "patch-1"))
    assert find_separator(scan(intact, paper), 150, others) == (None, None)
