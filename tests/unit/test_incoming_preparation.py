"""What is measured on a page before it is read, and what is mended in the words by proof alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from pipeline.adapters.incoming.dark_areas import NO_DARK_AREAS, find_dark_areas
from pipeline.adapters.incoming.even_lighting import binarised, even_light, is_dusty, marks_of, on_white, without_dust
from pipeline.adapters.incoming.iban_digits import with_ibans
from pipeline.adapters.incoming.level_patches import lines_across, patched
from pipeline.adapters.incoming.page_geometry import IDENTITY
from pipeline.adapters.incoming.page_pictures import Gray, PagePicture
from pipeline.adapters.incoming.page_survey import Survey, survey
from pipeline.adapters.incoming.preparation import make_ready
from pipeline.adapters.incoming.raster_words import RasterBlock, RasterLine, RasterWord
from pipeline.adapters.incoming.reading_plan import (
    Attempt,
    Reading,
    better,
    stands_either_way,
    turned_over,
    way_up_is_known,
)
from pipeline.adapters.incoming.section_sign import with_section_signs
from pipeline.adapters.incoming.type_height import reading_dpi, small_letter_inch
from pipeline.domain.recognised import Rotation
from tests.incoming_sheets import FONT

pytestmark = pytest.mark.unit

TEXT = "Außerdem bitte ich um Rückzahlung der Überzahlung auf mein Konto und um Bestätigung"


def _type(size_pt: float, dpi: int, lines: int = 12) -> Gray:
    """A page of A5 across with lines of type of this size."""
    image = Image.new("L", (round(8.27 * dpi), round(5.83 * dpi)), 255)
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(str(FONT), size_pt / 72 * dpi)
    for line in range(lines):
        draw.text((0.6 * dpi, 0.5 * dpi + line * 1.5 * size_pt / 72 * dpi), TEXT, font=font, fill=20)
    return np.array(image)


def _picture(gray: Gray, dpi: float) -> PagePicture:
    return PagePicture(gray.shape[1], gray.shape[0], dpi, dpi, 0, gray, False)


@pytest.mark.parametrize(("size_pt", "dpi"), [(6, 275), (8, 225), (10, 175), (14, 150)])
@pytest.mark.parametrize("turned", [False, True])
def test_the_resolution_follows_the_height_of_the_type(size_pt: float, dpi: int, turned: bool) -> None:
    gray = _type(size_pt, 300)
    ink = 255 - binarised(np.ascontiguousarray(np.rot90(gray)) if turned else gray)
    assert abs(reading_dpi(small_letter_inch(marks_of(ink), 300)) - dpi) <= 25


def test_figures_and_capitals_are_not_taken_for_large_small_letters() -> None:
    image = Image.new("L", (1800, 1200), 255)
    font = ImageFont.truetype(str(FONT), 10 / 72 * 200)
    for row in range(12):
        ImageDraw.Draw(image).text((100, 60 + 80 * row), "1.234,56   7.890,12   3.456,78", font=font, fill=0)
    figures = small_letter_inch(marks_of(255 - np.array(image)), 200)
    letters = small_letter_inch(marks_of(255 - _type(10, 200)), 200)
    assert abs(figures - letters) < 0.15 * letters


def test_a_page_without_type_has_no_letter_height() -> None:
    assert small_letter_inch(marks_of(np.zeros((500, 500), np.uint8)), 200) == 0.0
    assert reading_dpi(0.0) == 200.0


def test_light_type_on_dark_ground_becomes_dark_on_white_and_black_edges_become_paper() -> None:
    gray = np.full((1169, 827), 235, np.uint8)
    gray[100:140, 80:740] = 40
    cv2.putText(gray, "3. Rechtsbehelfsbelehrung", (100, 130), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 235, 2)
    gray[:, :6] = 30
    areas = find_dark_areas(gray, 100)
    assert areas.grounds is not None
    assert areas.edges is not None
    white = on_white(gray, 100, areas)
    assert white[:, :6].min() > 200
    assert (white[104:136, 90:500] < 128).mean() < 0.3
    assert (white[104:136, 90:500] < 128).sum() > 500
    assert white[104:136, 600:730].min() > 200


def test_black_type_on_white_is_no_dark_area_however_bold() -> None:
    image = Image.new("L", (827, 1169), 240)
    draw = ImageDraw.Draw(image)
    for row in range(30):
        draw.text((60, 40 + 34 * row), TEXT[:55], font=ImageFont.truetype(str(FONT), 19), fill=10, stroke_width=1)
    assert find_dark_areas(np.array(image), 100) == NO_DARK_AREAS


@pytest.mark.parametrize("points", [24, 28, 32, 40, 48, 60])
@pytest.mark.parametrize("text", ["Anlagen", "BAUGENEHMIGUNG", "Bekanntmachung", "Satzung"])
@pytest.mark.parametrize("bold", [0, 1])
def test_a_large_title_is_no_dark_area(text: str, points: int, bold: int) -> None:
    """Strokes of such type are as thick as a ground of light type is high; turned to light, they were lost."""
    image = Image.new("L", (2481, 900), 250)
    font = ImageFont.truetype(str(FONT), points / 72 * 300)
    ImageDraw.Draw(image).text((100, 300), text, font=font, fill=0, stroke_width=bold * points // 20)
    small = np.asarray(image.resize((827, 300), Image.Resampling.BOX))
    assert find_dark_areas(small, 100) == NO_DARK_AREAS


@pytest.mark.parametrize("points", [8, 10, 14, 18])
@pytest.mark.parametrize("ruled", [False, True])
def test_light_type_on_a_bar_is_a_dark_area_also_in_a_ruled_table(points: int, ruled: bool) -> None:
    image = Image.new("L", (2481, 1200), 250)
    draw = ImageDraw.Draw(image)
    high = round(points / 72 * 300 * 1.6)
    draw.rectangle((200, 200, 2200, 200 + high), fill=40)
    draw.text(
        (240, 200 + high // 6), "Bankverbindung, IBAN", font=ImageFont.truetype(str(FONT), points / 72 * 300), fill=250
    )
    if ruled:
        for line in range(4):
            draw.line((200, 200 + high + 90 * line, 2200, 200 + high + 90 * line), fill=0, width=4)
        for x in (200, 1200, 2200):
            draw.line((x, 200, x, 200 + high + 270), fill=0, width=4)
    areas = find_dark_areas(np.asarray(image.resize((827, 400), Image.Resampling.BOX)), 100)
    assert areas.grounds is not None
    assert areas.grounds[(200 + high // 2) // 3, 300 // 3] and not areas.grounds[(230 + high) // 3 :].any()


def test_dust_is_known_by_its_number_and_the_dots_of_letters_are_kept() -> None:
    clean = _type(9, 200)
    assert not is_dusty(marks_of(255 - binarised(clean)), 200)
    chance = np.random.default_rng(3)
    dusty = clean.copy()
    dusty[chance.integers(0, clean.shape[0], 4000), chance.integers(0, clean.shape[1], 4000)] = 0
    assert is_dusty(marks_of(255 - binarised(dusty)), 200)
    margin = slice(0, 80), slice(0, clean.shape[1])
    assert (without_dust(dusty, 200)[margin] < 128).sum() < 0.1 * (dusty[margin] < 128).sum()


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_cut_and_straightened_copy_leads_back_to_the_same_place(turn: int) -> None:
    gray = np.full((1700, 1200), 240, np.uint8)
    gray[800:815, 500:700] = 0
    gray[:, 1192:] = 20
    picture = _picture(gray, 200)
    found = survey(picture)
    assert found.content.right < 0.75
    ready = make_ready(picture, found, turn, 1.5, 150)  # type: ignore[arg-type]
    assert ready.raster.size < 0.3 * 1700 * 1200 * (150 / 200) ** 2
    rows, columns = np.nonzero(ready.raster < 128)
    x, y = ready.back.apply(float(columns.mean()) + 0.5, float(rows.mean()) + 0.5)
    assert (abs(x - 600) < 1.5, abs(y - 807.5) < 1.5) == (True, True)


def test_even_light_lets_no_shade_pass_for_ink() -> None:
    shade = np.linspace(250, 120, 1000, dtype=np.uint8)[None, :].repeat(800, axis=0)
    assert binarised(even_light(np.ascontiguousarray(shade), 200)).min() == 255


def _block(*texts: str) -> tuple[RasterBlock, ...]:
    words = tuple(RasterWord(text, 90.0, 60 * place, 70, 60 * place + 50, 100) for place, text in enumerate(texts))
    return (RasterBlock((RasterLine(words, 100.0, 40.0),)),)


def _text(blocks: tuple[RasterBlock, ...]) -> list[str]:
    return [" ".join(word.text for word in line.words) for block in blocks for line in block.lines]


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("DEO2 1309 9999 3832 3798 91", "DE02 1309 9999 3832 3798 91"),
        ("DEO05 1309 9999 1636 2867 42.", "DE05 1309 9999 1636 2867 42."),
        ("DES52 1309 9999 7825 6896 38", "DE52 1309 9999 7825 6896 38"),
        ("DEB85 130999994819922399", "DE85 130999994819922399"),
        ("DES1 1309 9999 6937 5918 00", "DE51 1309 9999 6937 5918 00"),
        ("DEO2130999993832379891", "DE02130999993832379891"),
    ],
)
def test_check_digits_are_mended_where_the_other_digits_prove_them(read: str, meant: str) -> None:
    assert _text(with_ibans(_block(*read.split()))) == [meant]


@pytest.mark.parametrize(
    "read",
    [
        "DEO3 1309 9999 3832 3798 91",  # the check digits would be others
        "DE03 1309 9999 3832 3798 91",  # digits are never changed, right or wrong
        "DEO2 1309 9999 3832 3798 9l",
        "DEO2 1309 9999 3832 3798",
        "DEO2 1309 9999 3832, 3798 91",
        "DES und DEO2",
        "DE",
    ],
)
def test_an_iban_that_nothing_proves_stays_as_it_was_read(read: str) -> None:
    assert _text(with_ibans(_block(*read.split()))) == [read]


def _glyph(sign: str, size: int) -> tuple[Gray, tuple[int, int, int, int]]:
    image = Image.new("L", (80, 80), 255)
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(str(FONT), size)
    draw.text((10, 10), sign, font=font, fill=0)
    left, top, right, bottom = draw.textbbox((10, 10), sign, font=font)
    return np.array(image), (int(left), int(top), int(right), int(bottom))


@pytest.mark.parametrize("size", [20, 25, 32])
@pytest.mark.parametrize(
    ("drawn", "read", "text"), [("§", "8", "§"), ("§", "$", "§"), ("8", "8", "8"), ("$", "$", "$")]
)
def test_a_section_sign_is_known_by_its_open_middle(drawn: str, read: str, text: str, size: int) -> None:
    raster, (left, top, right, bottom) = _glyph(drawn, size)
    words = (
        RasterWord(read, 90.0, left, top, right, bottom),
        RasterWord("117", 90.0, right + 10, top, right + 40, bottom),
    )
    line = RasterLine(words, float(bottom), float(size))
    assert _text(with_section_signs((RasterBlock((line,)),), lambda: raster)) == [f"{text} 117"]


def _column(across: bool) -> RasterLine:
    """What is read of a column of numbers, or a note that does run down the margin."""
    texts = ("vo", "uu", "wN") if across else ("Vordruck", "Gemeindeverlag", "Nachdruck")
    height = 60 if across else 200
    words = tuple(RasterWord(text, 85.0, 20, 100 + 220 * n, 40, 100 + 220 * n + height) for n, text in enumerate(texts))
    return RasterLine(words, 700.0, 20.0)


def _row(y: int) -> RasterLine:
    words = (RasterWord("Bescheid", 95.0, 48, y, 200, y + 20), RasterWord("Grabow", 95.0, 210, y, 300, y + 20))
    return RasterLine(words, y + 20.0, 20.0)


def _numbers(crops: object) -> list[tuple[RasterBlock, ...]]:
    rows = [
        RasterLine((RasterWord(f"{n + 1}.", 95.0, 4, 20 * n, 24, 20 * n + 20),), 20.0 * n + 20, 20.0) for n in range(9)
    ]
    return [(RasterBlock(tuple(rows)),)]


def test_a_column_of_numbers_read_as_vertical_type_is_read_anew_and_joins_its_rows() -> None:
    blocks = (RasterBlock((_column(True),)), RasterBlock((_row(96), _row(300))))
    result = patched(blocks, np.full((900, 400), 255, np.uint8), 200, _numbers)
    assert "1. Bescheid Grabow" in _text(result)
    assert not {"vo", "uu", "wN"} & set(" ".join(_text(result)).split())
    assert {f"{n}." for n in range(1, 10)} <= set(" ".join(_text(result)).split())


def test_a_note_down_the_margin_stays_where_level_reading_finds_less() -> None:
    blocks = (RasterBlock((_column(False),)), RasterBlock((_row(96),)))
    result = patched(blocks, np.full((900, 400), 255, np.uint8), 200, lambda crops: [() for _crop in crops])
    assert result == blocks


def _shreds(*texts: str, step: int = 17) -> RasterBlock:
    """What is read of one word of which every letter was taken for a line of vertical type."""
    return RasterBlock(
        tuple(
            RasterLine((RasterWord(text, 70.0, 100 + step * n, 200, 114 + step * n, 220),), 220.0, 20.0)
            for n, text in enumerate(texts)
        )
    )


def test_numbers_of_two_figures_read_as_vertical_type_are_read_anew() -> None:
    """A column of positions: each number came back as a block of two lines of one letter, side by side."""
    assert len(lines_across([RasterBlock((_row(96),)), _shreds("r", "oo"), _shreds("r", "N")])) == 4


def _heading(crops: object) -> list[tuple[RasterBlock, ...]]:
    word = RasterWord("Erklärungen", 96.0, 4, 4, 170, 26)
    return [(RasterBlock((RasterLine((word,), 24.0, 20.0),)),)]


def test_a_word_read_letter_by_letter_as_vertical_type_is_read_anew() -> None:
    blocks = (RasterBlock((_row(96),)), _shreds("m", "Q", "zZ", "=:", "8", "@", "3"), RasterBlock((_row(300),)))
    result = patched(blocks, np.full((900, 400), 255, np.uint8), 200, _heading)
    assert _text(result) == ["Bescheid Grabow", "Erklärungen", "Bescheid Grabow"]


def test_tick_boxes_below_such_a_word_are_no_part_of_its_place() -> None:
    """With them the place would reach over the beginnings of the lines beside the boxes, which count as read."""
    boxes = RasterLine((RasterWord("XXROD", 21.0, 97, 236, 130, 470),), 470.0, 317.0)
    beside = tuple(
        RasterLine((RasterWord("Unterlagen", 97.0, 150, y - 22, 276, y),), float(y), 28.0) for y in range(265, 480, 49)
    )
    blocks = (_shreds("m", "Q", "zZ", "=:", "8", "@", "3"), RasterBlock((boxes, *beside)))

    def read(crops: Sequence[Gray]) -> list[tuple[RasterBlock, ...]]:
        return [_heading(())[0] if 20 < crop.shape[0] < 40 else () for crop in crops]

    result = patched(blocks, np.full((900, 400), 255, np.uint8), 200, read)
    assert _text(result) == ["Erklärungen", "XXROD", *["Unterlagen"] * 5]


@pytest.mark.parametrize(
    "figures",
    [
        _shreds("1", "2", "3", step=30),
        _shreds("1", "2", "3", "4", "5", step=60),
        RasterBlock(_shreds("a", "b", "c", "d").lines[::-1]),
    ],
    ids=["few", "wide apart", "from right to left"],
)
def test_single_figures_of_a_form_are_not_taken_for_a_word(figures: RasterBlock) -> None:
    assert not lines_across([RasterBlock((_row(96),)), figures])


def _reading(confidence: float, rotation: Rotation, across: bool = False) -> Reading:
    line = _column(True) if across else _row(96)
    words = tuple(replace(word, confidence=confidence) for word in line.words)
    return Reading(rotation, 2.7, IDENTITY, 200, (RasterBlock((replace(line, words=words),)),))


@pytest.mark.parametrize(
    ("reading", "found", "on_its_head", "known"),
    [
        (_reading(80, 180), Survey(90, 2.7, 0.05, 1.1, 0.0), None, True),
        (_reading(50, 90), Survey(90, 2.7, 0.05, 5.0, 0.6), 1.0, True),
        (_reading(50, 90), Survey(90, 2.7, 0.05, 5.0, 0.6), 6.0, False),
        (_reading(50, 90), Survey(90, 2.7, 0.05, 5.0, 0.6), None, False),
        (_reading(50, 270), Survey(90, 2.7, 0.05, 5.0, 0.6), 1.0, False),
        (_reading(50, 90), Survey(90, 2.7, 0.05, 1.5, 0.6), 1.0, False),
        (_reading(50, 90), Survey(90, 2.7, 0.05, 5.0, 0.1), 1.0, False),
        (_reading(50, 90, across=True), Survey(90, 2.7, 0.05, 5.0, 0.6), 1.0, False),
    ],
    ids=[
        "sure",
        "spoilt, clear",
        "as much on its head",
        "not read on its head",
        "turned otherwise",
        "rows as clear as columns",
        "no rise",
        "lies across",
    ],
)
def test_a_spoilt_page_is_turned_where_its_picture_is_clear(
    reading: Reading, found: Survey, on_its_head: float | None, known: bool
) -> None:
    assert way_up_is_known(reading, found, on_its_head) is known


def test_few_words_are_read_on_their_head_too_and_much_that_reads_surely_is_not() -> None:
    clear, first = Survey(0, 0.0, 0.05, 5.0, 0.6), Attempt(0, 200)
    little = _reading(95, 0)
    much = replace(little, blocks=little.blocks * 100)
    assert [attempt.rotation for attempt in turned_over(little, first, clear)] == [180]
    assert turned_over(much, first, replace(clear, rise=0.0)) == []


def test_of_two_ways_up_the_clearly_surer_one_is_believed_and_none_where_both_are_as_sure() -> None:
    upright = _reading(95, 0)
    other = replace(upright.words[0], text="x" * len(upright.words[0].text), confidence=81)
    line = replace(upright.blocks[0].lines[0], words=(other, *_reading(81, 0).words[1:]))
    on_its_head = replace(upright, rotation=180, blocks=(RasterBlock((line,)),))
    assert better(upright, on_its_head)
    assert not better(on_its_head, upright)
    assert not stands_either_way(upright, [upright, on_its_head])
    assert stands_either_way(replace(upright, blocks=_reading(88, 0).blocks), [on_its_head])
