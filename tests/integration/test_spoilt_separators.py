"""Separator sheets of others whose only code is spoilt are a doubt; sparse pages with other drawings are letters."""

from __future__ import annotations

import random

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import zxingcpp

from bench.separation.spoilt_sheets import CODES, DAMAGES, spoilt_sheet
from pipeline.adapters.incoming import separators
from pipeline.adapters.incoming.separators import find_separator
from pipeline.domain.page_looks import Separator
from pipeline.domain.profiles import SeparationRules
from samples.paper import Paper, scan

pytestmark = pytest.mark.integration

Gray = npt.NDArray[np.uint8]
DPI = 150
MM = DPI / 25.4
TEXTS = SeparationRules(by=("text-code",))
SIZES = {"QR": (45, 45), "Data Matrix": (30, 30), "Code 39": (110, 25), "Code 128": (80, 20)}
FORMATS = {
    "QR": zxingcpp.BarcodeFormat.QRCode,
    "Data Matrix": zxingcpp.BarcodeFormat.DataMatrix,
    "Code 39": zxingcpp.BarcodeFormat.Code39,
    "Code 128": zxingcpp.BarcodeFormat.Code128,
}
LEFT_MM, TOP_MM = 50, 120


def px(value_mm: float) -> int:
    return round(value_mm * MM)


def sheet(kind: str = "", text: str = "PATCHT", words: tuple[str, ...] = ("TRENNSEITE / PATCH-T",)) -> Gray:
    """A page with a few words and one code."""
    page = np.full((px(297), px(210), 3), 250, dtype=np.uint8)
    for row, line in enumerate(words):
        cv2.putText(page, line, (px(45), px(60 + 8 * row)), cv2.FONT_HERSHEY_SIMPLEX, 0.75, (25, 25, 25), 2)
    if kind:
        wide, high = SIZES[kind]
        code = np.asarray(zxingcpp.create_barcode(text, FORMATS[kind]).to_image(scale=1, add_quiet_zones=False))
        if high != wide:
            code = code[code.shape[0] // 2 : code.shape[0] // 2 + 1]
        large = cv2.resize(code, (px(wide), px(high)), interpolation=cv2.INTER_NEAREST)
        page[px(TOP_MM) : px(TOP_MM) + px(high), px(LEFT_MM) : px(LEFT_MM) + px(wide)] = large[:, :, None]
    return page


def spoil(page: Gray, kind: str, damage: str) -> None:
    wide, high = SIZES[kind]
    if damage == "half":
        cv2.rectangle(page, (px(LEFT_MM + wide / 2), 0), (px(LEFT_MM + wide + 5), px(290)), (250,) * 3, -1)
    elif damage == "hole":
        cv2.circle(page, (px(LEFT_MM + 7), px(TOP_MM + 7)), px(10), (250,) * 3, -1)
    elif damage == "upright strokes":
        for part in range(1, 10):
            at = LEFT_MM + wide * part / 10
            cv2.line(page, (px(at), px(TOP_MM - 4)), (px(at + 2), px(TOP_MM + high + 4)), (20,) * 3, px(1.5))
    else:
        for part in range(6):
            start, end = (LEFT_MM - 2 + 4 * part, TOP_MM - 3), (LEFT_MM + wide + 2 - 3 * part, TOP_MM + high + 4)
            cv2.line(page, (px(start[0]), px(start[1])), (px(end[0]), px(end[1])), (20,) * 3, px(2))


INSTRUCTIONS = (
    "DECKBLATT",
    "Bitte vor jeden neuen Vorgang legen,",
    "mit der bedruckten Seite nach oben.",
    "Nicht falten, nicht heften, nach dem",
    "Scannen in das Fach zuruecklegen.",
    "Fragen an die Poststelle, Zimmer 12.",
)


def scanned(page: Gray, **paper: object) -> Gray:
    return scan(page, Paper(dpi=DPI, seed=3, **paper))  # type: ignore[arg-type]


SPOILT = [
    *((kind, damage) for kind in ("QR", "Code 39") for damage in ("half", "upright strokes", "strokes")),
    ("QR", "hole"),
    ("Data Matrix", "half"),
    ("Code 128", "half"),
    ("Code 128", "upright strokes"),
]


@pytest.mark.parametrize(("kind", "damage"), SPOILT)
@pytest.mark.parametrize("words", [(), ("TRENNSEITE / PATCH-T", "Dieses Blatt trennt Dokumente"), INSTRUCTIONS])
def test_a_spoilt_code_on_a_nearly_empty_page_is_a_doubt(kind: str, damage: str, words: tuple[str, ...]) -> None:
    page = sheet(kind, words=words)
    spoil(page, kind, damage)
    for degrees, rotation in ((0.0, 0), (3.0, 90), (-4.5, 180)):
        picture = scanned(page, skew_degrees=degrees, rotation=rotation)
        assert find_separator(picture, DPI, TEXTS) == (None, separators.CODE_UNREADABLE)


def region(page: Gray, kind: str) -> Gray:
    wide, high = SIZES[kind]
    return page[px(TOP_MM) : px(TOP_MM + high), px(LEFT_MM) : px(LEFT_MM + wide)]


@pytest.mark.parametrize("kind", SIZES)
@pytest.mark.parametrize("words", [(), INSTRUCTIONS])
def test_a_code_without_toner_is_read_or_a_doubt(kind: str, words: tuple[str, ...]) -> None:
    """Grey 230 on paper of 250."""
    page = sheet(kind, words=words)
    code = region(page, kind)
    code[:] = np.where(code < 128, 230, 250)
    for degrees, rotation in ((0.0, 0), (3.0, 90)):
        separator, doubt = find_separator(scanned(page, skew_degrees=degrees, rotation=rotation), DPI, TEXTS)
        assert separator == Separator("text-code", "PATCHT") or (kind == "Code 39" and doubt is not None)
    foreign = sheet(kind, "RECHNUNG4711", words=words)
    code = region(foreign, kind)
    code[:] = np.where(code < 128, 230, 250)
    assert find_separator(scanned(foreign), DPI, TEXTS) == (None, None)


@pytest.mark.parametrize("kind", SIZES)
@pytest.mark.parametrize("words", [(), INSTRUCTIONS])
def test_a_code_under_coffee_is_read(kind: str, words: tuple[str, ...]) -> None:
    """Dark and wide enough that the stain, not the code, is what the page shows."""
    page = sheet(kind, words=words)
    wide, high = SIZES[kind]
    stain = np.zeros(page.shape[:2], dtype=np.uint8)
    middle = px(LEFT_MM + 0.4 * wide), px(TOP_MM + 0.5 * high)
    cv2.ellipse(stain, middle, (px(0.6 * wide), px(30)), 15, 0, 360, 255, -1)
    soft = cv2.GaussianBlur(stain, (0, 0), 1.5 * MM).astype(np.float32) / 255 * 140
    page[:] = np.clip(page - soft[:, :, None], 15, 255).astype(np.uint8)
    for degrees, rotation in ((0.0, 0), (-3.0, 270)):
        picture = scanned(page, skew_degrees=degrees, rotation=rotation)
        assert find_separator(picture, DPI, TEXTS) == (Separator("text-code", "PATCHT"), None)


@pytest.mark.parametrize("number", range(9))
def test_half_a_small_code_under_a_label_is_a_doubt(number: int) -> None:
    """13 to 18 mm, on any sheet of the benchmark."""
    dpi = (150, 200, 300)[number % 3]
    one = spoilt_sheet(random.Random(f"small/{number}"), "small QR", "label", dpi)
    assert find_separator(one.picture, dpi, TEXTS) == (None, separators.CODE_UNREADABLE)


def test_a_block_that_is_nearly_black_is_a_doubt_beside_many_words() -> None:
    page = sheet("QR", words=INSTRUCTIONS)
    region(page, "QR")[:] = 40
    separator, doubt = find_separator(scanned(page, skew_degrees=2.0), DPI, TEXTS)
    assert separator is None
    assert doubt in (separators.BLOCK_UNREADABLE, separators.CODE_UNREADABLE)


def test_an_empty_page_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(separators, "evened", lambda *_: pytest.fail("no empty page needs a second look"))
    page = sheet(words=())
    for paper in ({}, {"noise": 6.0}, {"shade": 0.2}):
        assert find_separator(scanned(page, speckles=0, **paper), DPI, TEXTS) == (None, None)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", SIZES)
def test_an_intact_code_separates_or_is_somebody_elses(kind: str) -> None:
    assert find_separator(scanned(sheet(kind)), DPI, TEXTS) == (Separator("text-code", "PATCHT"), None)
    assert find_separator(scanned(sheet(kind, "RECHNUNG4711")), DPI, TEXTS) == (None, None)


@pytest.mark.parametrize(("kind", "damage"), SPOILT)
def test_a_spoilt_code_within_a_letter_is_none(kind: str, damage: str) -> None:
    page = sheet(kind, words=())
    spoil(page, kind, damage)
    for row in (*range(10), *range(18, 34)):
        line = "Sehr geehrte Damen und Herren, auf Ihr Schreiben teile ich mit, dass"
        cv2.putText(page, line, (px(25), px(20 + 8 * row)), cv2.FONT_HERSHEY_SIMPLEX, 0.75, (25, 25, 25), 2)
    assert find_separator(scanned(page, skew_degrees=2.0), DPI, TEXTS) == (None, None)


def _other_code(page: Gray, kind: zxingcpp.BarcodeFormat, text: str, wide_mm: float, high_mm: float) -> None:
    code = np.asarray(zxingcpp.create_barcode(text, kind).to_image(scale=1, add_quiet_zones=False))
    if kind != zxingcpp.BarcodeFormat.PDF417:
        code = code[code.shape[0] // 2 : code.shape[0] // 2 + 1]
    large = cv2.resize(code, (px(wide_mm), px(high_mm)), interpolation=cv2.INTER_NEAREST)
    top, left = px(TOP_MM), px(LEFT_MM)
    page[top : top + large.shape[0], left : left + large.shape[1]] = large[:, :, None]


OTHERS = [
    (zxingcpp.BarcodeFormat.ITF, "377145989412", 80, 15),
    (zxingcpp.BarcodeFormat.EAN13, "4006381333931", 60, 25),
    (zxingcpp.BarcodeFormat.PDF417, "Zahlschein 377145989412", 90, 30),
]


@pytest.mark.parametrize(("kind", "text", "wide_mm", "high_mm"), OTHERS)
def test_an_intact_code_of_a_kind_that_no_separator_has_is_somebody_elses(
    kind: zxingcpp.BarcodeFormat, text: str, wide_mm: float, high_mm: float
) -> None:
    page = sheet(words=("Anlage zum Bescheid", "Seite 3 von 3"))
    _other_code(page, kind, text, wide_mm, high_mm)
    for degrees, rotation in ((0.0, 0), (3.0, 90)):
        picture = scanned(page, skew_degrees=degrees, rotation=rotation)
        assert find_separator(picture, DPI, TEXTS) == (None, None)


@pytest.mark.parametrize(("kind", "text", "wide_mm", "high_mm"), OTHERS)
def test_beside_such_a_code_or_spoilt_itself_it_is_a_doubt_all_the_same(
    kind: zxingcpp.BarcodeFormat, text: str, wide_mm: float, high_mm: float
) -> None:
    page = sheet(words=("Anlage zum Bescheid", "Seite 3 von 3"))
    _other_code(page, kind, text, wide_mm, high_mm)
    half = page.copy()
    half[:, px(LEFT_MM + 0.6 * wide_mm) :] = 250
    assert find_separator(scanned(half), DPI, TEXTS)[1] is not None
    spoilt = sheet("Code 39", words=())
    spoil(spoilt, "Code 39", "half")
    foot = px(TOP_MM - 10)
    page[px(240) : px(290)] = spoilt[foot : foot + px(290) - px(240)]
    assert find_separator(scanned(page), DPI, TEXTS)[1] is not None


def test_an_intact_code_of_another_kind_that_says_a_separating_text_is_a_doubt() -> None:
    page = sheet(words=())
    _other_code(page, zxingcpp.BarcodeFormat.ITF, "377145989412", 80, 15)
    rules = SeparationRules(by=("text-code",), text_codes=("377145989412",))
    assert find_separator(scanned(page), DPI, rules) == (None, separators.CODE_UNREADABLE)


def _logo(page: Gray) -> None:
    for column, tone in enumerate((20, 90)):
        low = px(60 + 12 * column), px(120)
        cv2.ellipse(page, low, (px(9), px(14)), 30, 0, 360, (tone,) * 3, -1)


def _seal(page: Gray) -> None:
    for radius in (22, 19, 8):
        cv2.circle(page, (px(100), px(140)), px(radius), (40,) * 3, px(1.2))
    for degrees in range(0, 360, 12):
        at = px(100 + 14 * np.cos(np.radians(degrees))), px(140 + 14 * np.sin(np.radians(degrees)))
        cv2.circle(page, at, px(1.3), (40,) * 3, -1)


def _arms(page: Gray) -> None:
    shield = np.array([(70, 110), (120, 110), (120, 145), (95, 170), (70, 145)]) * MM
    cv2.fillPoly(page, [shield.astype(np.int32)], (60,) * 3)
    cv2.circle(page, (px(95), px(130)), px(12), (220,) * 3, -1)
    cv2.line(page, (px(70), px(145)), (px(120), px(115)), (240,) * 3, px(4))


def _photograph(page: Gray) -> None:
    grain = np.random.default_rng(4).normal(0, 1, (px(50), px(50))).astype(np.float32)
    soft = cv2.normalize(cv2.GaussianBlur(grain, (0, 0), 9), None, 10, 245, cv2.NORM_MINMAX)
    page[px(110) : px(110) + px(50), px(60) : px(60) + px(50)] = soft.astype(np.uint8)[:, :, None]


def _table(page: Gray) -> None:
    for row in range(9):
        if row % 2 == 0:
            cv2.rectangle(page, (px(30), px(110 + 6 * row)), (px(180), px(116 + 6 * row)), (150,) * 3, -1)
        cv2.putText(page, "Steuer  12,30", (px(35), px(115 + 6 * row)), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (20,) * 3, 1)


def _hatching(page: Gray) -> None:
    for column in range(25):
        low, high = (px(60 + 4 * column), px(120)), (px(62 + 4 * column), px(150))
        cv2.rectangle(page, low, high, (40,) * 3, -1)


def _stamp(page: Gray) -> None:
    cv2.rectangle(page, (px(60), px(120)), (px(120), px(145)), (50,) * 3, px(1))
    for row, line in enumerate(("EINGANG", "17. NOV. 2026", "Stadt Parchim")):
        cv2.putText(page, line, (px(63), px(128 + 7 * row)), cv2.FONT_HERSHEY_DUPLEX, 0.9, (50,) * 3, 3)


def _boxes(page: Gray) -> None:
    """Of a form: one for each letter, and some to be ticked."""
    for row in range(8):
        for column in range(24):
            left, top = 20 + 6.5 * column, 100 + 12 * row
            cv2.rectangle(page, (px(left), px(top)), (px(left + 6.5), px(top + 7)), (60,) * 3, px(0.4))


@pytest.mark.parametrize("draw", [_seal, _table, _hatching, _stamp, _boxes])
def test_other_drawings_on_a_nearly_empty_page_are_letters(draw: object) -> None:
    page = sheet(words=("Mit freundlichen Grüßen", "Ihre Stadtverwaltung"))
    draw(page)  # type: ignore[operator]
    for degrees in (0.0, -3.0):
        assert find_separator(scanned(page, skew_degrees=degrees), DPI, TEXTS) == (None, None)


@pytest.mark.parametrize("draw", [_logo, _photograph, _arms])
def test_a_large_drawing_alone_may_be_a_doubt_but_is_never_a_separator(draw: object) -> None:
    """A person looks at it rather than that two letters become one."""
    page = sheet(words=("Mit freundlichen Grüßen", "Ihre Stadtverwaltung"))
    draw(page)  # type: ignore[operator]
    separator, doubt = find_separator(scanned(page), DPI, TEXTS)
    assert separator is None
    assert doubt in (None, separators.CODE_UNREADABLE, separators.BLOCK_UNREADABLE)


@pytest.mark.parametrize("hidden", ["Data Matrix", "patch", ""])
def test_a_band_that_is_thicker_in_one_place_hides_something(hidden: str) -> None:
    """From edge to edge of a sheet with 30 words; a band alone is no block that was laid over a code."""
    for tone, degrees, rotation in ((60, 0.0, 0), (110, 3.5, 90), (150, -4.5, 180)):
        page = sheet(hidden if hidden == "Data Matrix" else "", words=INSTRUCTIONS)
        for top, high in ((123, 6), (131, 2), (135, 6), (143, 2)) if hidden == "patch" else ():
            page[px(top) : px(top + high), px(50) : px(150)] = 20
        page[px(128) : px(142)] = tone
        separator, doubt = find_separator(scanned(page, skew_degrees=degrees, rotation=rotation), DPI, TEXTS)
        assert separator is None
        assert doubt is not None if hidden else doubt != separators.BLOCK_UNREADABLE, (tone, degrees)


@pytest.mark.parametrize("kind", ["Code 39", "Code 128"])
def test_streaks_that_lie_askew_do_not_hide_a_code(kind: str) -> None:
    """Many streaks of a scanner's glass, on a page that the scanner set upright: they cut it into hundreds of marks."""
    page = sheet(kind)
    for number in range(25):
        at = px(LEFT_MM - 4 + 5.1 * number)
        page[:, at : at + 2] = np.minimum(page[:, at : at + 2], 60)
    for degrees in (2.5, -4.5):
        assert find_separator(scanned(page, skew_degrees=degrees), DPI, TEXTS) != (None, None)


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_small_code_crossed_out_with_a_broad_pen_is_a_doubt(number: int) -> None:
    """The X of number 2 fills too little of its box."""
    one = spoilt_sheet(random.Random(f"X/{number}"), "small QR", "X beyond the code", 100)
    assert find_separator(one.picture, 100, TEXTS) != (None, None)


# Where a small code was torn off, what is left of it may be 4 mm wide; patches under strokes show no squares.
BEYOND = {"X beyond the code", "diagonal stroke", "black tear", "streaks"}
PASSED_BY = {("small QR", "torn"), *(("patch", damage) for damage in BEYOND)}
SPOILABLE = [(code, damage) for code in CODES for damage in DAMAGES if (code, damage) not in PASSED_BY]


def _spoil_beyond(page: Gray, kind: str, damage: str) -> None:
    wide, high = SIZES[kind]
    left, right, top, foot = LEFT_MM - 40, LEFT_MM + wide + 70, TOP_MM - 8, TOP_MM + high + 8
    if damage == "X":
        for start, end in ((top, foot), (foot, top)):
            cv2.line(page, (px(left), px(start)), (px(right), px(end)), (20,) * 3, px(5))
    elif damage == "diagonal stroke":
        cv2.line(page, (px(LEFT_MM - 10), px(top)), (px(LEFT_MM + wide + 10), px(foot)), (20,) * 3, px(7.6))
    elif damage == "band":
        page[px(TOP_MM + high / 2 - 7) : px(TOP_MM + high / 2 + 7)] = 120
    elif damage == "black tear":
        y = TOP_MM + high / 2 - LEFT_MM - 0.2 * wide
        page[np.tri(*page.shape[:2], -px(y), dtype=bool)] = 30
    else:
        for number in range(25):
            at = px(LEFT_MM - 15 + 5.3 * number)
            page[:, at : at + 2] = np.minimum(page[:, at : at + 2], 60)


@pytest.mark.parametrize("kind", ["QR", "Data Matrix", "Code 39"])
@pytest.mark.parametrize("damage", ["X", "diagonal stroke", "band", "black tear", "streaks"])
def test_what_reaches_beyond_the_code_does_not_hide_it(kind: str, damage: str) -> None:
    """Strokes, dark bands and the scanner's bed are no words of a letter; a few squares or bars are left whole."""
    page = sheet(kind)
    _spoil_beyond(page, kind, damage)
    assert find_separator(scanned(page), DPI, TEXTS) != (None, None)


def test_a_giro_code_that_is_read_is_no_trace() -> None:
    page = sheet("QR", "RECHNUNG4711", words=INSTRUCTIONS)
    cv2.line(page, (px(20), px(200)), (px(190), px(260)), (20,) * 3, px(4))
    assert find_separator(scanned(page), DPI, TEXTS) == (None, None)


@pytest.mark.parametrize(("code", "damage"), SPOILABLE)
def test_a_sheet_that_somebody_spoilt_does_not_pass(code: str, damage: str) -> None:
    """Scribbled over, crossed out, torn, covered, stained: found or a doubt, in one of several hundred ways each."""
    rules = SeparationRules(by=("cover-sheet", "text-code", "patch-2", "patch-t"))
    one = spoilt_sheet(random.Random(f"{code}/{damage}/0"), code, damage, 150)
    assert find_separator(one.picture, one.dpi, rules) != (None, None)
