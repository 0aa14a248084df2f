"""Blank pages: what is dropped and what is kept, as a table over simulated backs of letters in three codings."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest
from pikepdf import Name
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.incoming.blank_pages import Inked, ink_ratio, inked, is_blank
from pipeline.adapters.incoming.page_looks import look_at_pages
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.domain.errors import Rejected
from pipeline.domain.page_looks import PageLook
from pipeline.domain.profiles import IncomingRules
from tests.blank_sheets import INK, Back, Picture, scanned, scanned_in_colour

pytestmark = pytest.mark.integration

RECYCLED, PALE_RECYCLED, YELLOW = (196, 203, 206), (225, 228, 224), (170, 225, 240)
SCRAWL = [(60.0, 100.0), (63.0, 94.0), (66.0, 101.0), (70.0, 95.0), (74.0, 101.0), (79.0, 97.0)]
SIGNATURE = [
    (120.0, 220.0),
    (124.0, 208.0),
    (126.0, 222.0),
    (131.0, 214.0),
    (134.0, 222.0),
    (150.0, 219.0),
    (172.0, 214.0),
]
EVERY, SHADES = ("grey", "colour", "bilevel"), ("grey", "colour")

BLANK: dict[str, tuple[Callable[[], Back], tuple[str, ...]]] = {
    "white paper": (Back.of, EVERY),
    "yellow paper": (lambda: Back.of(YELLOW), EVERY),
    "recycled paper": (lambda: Back.of(RECYCLED).fibres(), EVERY),
    "pale recycled paper": (lambda: Back.of(PALE_RECYCLED).fibres(4000), EVERY),
    "dust": (lambda: Back.of().dust(), EVERY),
    "punch holes": (lambda: Back.of().holes(), EVERY),
    "rims of punch holes": (lambda: Back.of().holes(dark=False), EVERY),
    "a staple": (lambda: Back.of().staple(), EVERY),
    "folds": (lambda: Back.of().folds(), EVERY),
    "dark folds through holes": (lambda: Back.of().holes().folds(110), EVERY),
    "a dark lid beside a skewed sheet": (lambda: Back.of().on_glass(2.5, 35), EVERY),
    "a grey lid": (lambda: Back.of().on_glass(-1.5, 140), EVERY),
    "a white lid beside grey paper": (lambda: Back.of(RECYCLED).on_glass(1.5, 252), EVERY),
    "shadows of the edges": (lambda: Back.of().edge_shadow(), EVERY),
    "a black border": (lambda: Back.of().border(), EVERY),
    "everything": (
        lambda: Back.of(PALE_RECYCLED).fibres(1500).dust(80).holes().staple().folds().on_glass(1.5, 40),
        EVERY,
    ),
}

INKED: dict[str, tuple[Callable[[], Back], tuple[str, ...]]] = {
    "a page number": (lambda: Back.of().type(104, 285, "2", 9), EVERY),
    "a small page number": (lambda: Back.of().type(104, 285, "7", 6), EVERY),
    "the page number 1": (lambda: Back.of().type(104, 285, "1", 9), EVERY),
    "a page number between dashes": (lambda: Back.of().type(100, 285, "- 3 -", 9), EVERY),
    "two words": (lambda: Back.of().type(25, 60, "siehe Anlage", 9), EVERY),
    "a short line": (lambda: Back.of().stroke([(80, 120), (110, 119)], 0.4), EVERY),
    "a tick": (lambda: Back.of().stroke([(150, 90), (152, 94), (158, 84)], 0.5, (120, 110, 110)), EVERY),
    "a signature": (lambda: Back.of().stroke(SIGNATURE, 0.3, (130, 70, 40)), EVERY),
    "initials in the corner": (
        lambda: Back.of().stroke([(188, 12), (190, 8), (192, 14), (194, 8), (196, 13)], 0.4),
        EVERY,
    ),
    "pencil": (lambda: Back.of().stroke(SCRAWL, 0.4, (185, 185, 185)), SHADES),
    "faint pencil": (lambda: Back.of().stroke(SCRAWL, 0.4, (205, 205, 205)), SHADES),
    "a blue stamp": (lambda: Back.of().stamp(120, 90, (190, 150, 110)), EVERY),
    "a red stamp": (lambda: Back.of().stamp(60, 200, (150, 150, 235)), SHADES),
    "a pale blue stamp": (lambda: Back.of().stamp(120, 90, (235, 214, 200)), SHADES),
    "a pale stamp on recycled paper": (lambda: Back.of(RECYCLED).fibres().stamp(120, 90, (190, 165, 150)), SHADES),
    "a line that strikes the page out": (lambda: Back.of().stroke([(30, 260), (180, 40)], 0.5), EVERY),
    "a note on a worn sheet": (
        lambda: (
            Back.of(PALE_RECYCLED)
            .fibres(1500)
            .dust(80)
            .holes()
            .staple()
            .folds()
            .on_glass(1.5, 40)
            .type(120, 150, "erl. 4.3.", 11, (140, 120, 120))
        ),
        EVERY,
    ),
    "light type in a dark band at the foot": (
        lambda: Back.of().band(275, 297, (70, 70, 70), "Widerspruchsfrist: 1 Monat. Auskunft 03871 71-0"),
        EVERY,
    ),
    "light type in a blue band at the head": (
        lambda: Back.of().band(0, 24, (140, 70, 0), "Bitte unterschrieben an Amt 32"),
        EVERY,
    ),
    "light type in a black band": (lambda: Back.of().band(277, 297, (20, 20, 20), "Fax 03871 71-111"), EVERY),
    "a grey band": (lambda: Back.of().band(277, 297, (90, 90, 90)), SHADES),
    "initials where a punch would be": (lambda: Back.of().type(10, 111, "Mu", 14).type(10, 191, "ok", 14), EVERY),
    "two ticks where a punch would be": (
        lambda: (
            Back.of()
            .stroke([(12, 108.5), (14, 111.5), (18, 104.5)], 0.6)
            .stroke([(12, 188.5), (14, 191.5), (18, 184.5)], 0.6)
        ),
        EVERY,
    ),
    "a pen stroke near the corner": (lambda: Back.of().stroke([(190, 12), (190.5, 20)], 0.6), EVERY),
    "a dash near the corner": (lambda: Back.of().stroke([(15, 15), (23, 15)], 0.6), EVERY),
    "a black page": (lambda: Back.of((30, 30, 30)), EVERY),
    "a letter": (lambda: Back.of().letter(), EVERY),
}


def rows(table: dict[str, tuple[Callable[[], Back], tuple[str, ...]]]) -> list[object]:
    return [pytest.param(make, ways, id=name) for name, (make, ways) in table.items()]


def half(picture: Picture) -> Picture:
    """At 150 dpi, as pages are looked at."""
    return np.asarray(cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), dtype=np.uint8)


@pytest.fixture(scope="module")
def front() -> Picture:
    return Back.of().letter().picture


@pytest.mark.parametrize(("make", "ways"), rows(BLANK))
def test_what_paper_desk_and_scanner_leave_is_blank(make: Callable[[], Back], ways: tuple[str, ...]) -> None:
    back = make()
    assert [way for way in ways if not is_blank(half(scanned(back, way)), 150)] == []


@pytest.mark.parametrize(("make", "ways"), rows(INKED))
def test_whatever_somebody_put_there_keeps_the_page(make: Callable[[], Back], ways: tuple[str, ...]) -> None:
    back = make()
    assert [way for way in ways if is_blank(half(scanned(back, way)), 150)] == []


@pytest.mark.parametrize("way", EVERY)
@pytest.mark.parametrize("share", [0.10, 0.15])
def test_a_front_that_shines_through_soft_is_blank_even_when_nobody_knows_the_front(
    front: Picture, share: float, way: str
) -> None:
    assert is_blank(half(scanned(Back.of().seen_through(front, share, 0.3), way)), 150)


@pytest.mark.parametrize("tone", [(240, 244, 246), PALE_RECYCLED], ids=["white", "recycled"])
@pytest.mark.parametrize(("share", "spread"), [(0.10, 0.08), (0.15, 0.08), (0.15, 0.2)])
def test_a_front_that_shines_through_sharp_is_blank_where_the_front_is_known(
    front: Picture, share: float, spread: float, tone: tuple[int, int, int]
) -> None:
    back = half(scanned(Back.of(tone).fibres(800).seen_through(front, share, spread), "grey"))
    known = half(scanned(Back(front, np.random.default_rng(1)), "grey"))
    other = half(scanned(Back.of().type(30, 60, "ein anderer Brief", 12), "grey"))
    assert inked(back, 150, lambda: [other, known]).blank


def test_a_pale_stamp_beside_a_front_that_shines_through_keeps_the_page(front: Picture) -> None:
    shown = Back.of().seen_through(front, 0.12, 0.15)
    known = half(scanned(Back(front, np.random.default_rng(1)), "grey"))
    assert inked(half(scanned(shown, "grey")), 150, lambda: [known]).blank
    stamped = half(scanned(shown.stamp(120, 150, (222, 200, 185)), "grey"))
    assert not inked(stamped, 150, lambda: [known]).blank


def test_faint_pencil_away_from_a_front_that_shines_through_keeps_the_page(front: Picture) -> None:
    shown = Back.of().seen_through(front, 0.06, 0.3)
    known = half(scanned(Back(front, np.random.default_rng(1)), "grey"))
    assert inked(half(scanned(shown, "grey")), 150, lambda: [known]).blank
    noted = half(scanned(shown.type(60, 288, "Einspruch weg, 3.11.", 14, (219, 223, 225)), "grey"))
    assert not inked(noted, 150, lambda: [known]).blank


def test_pale_marks_that_no_neighbour_explains_keep_the_page() -> None:
    pencil = half(scanned(Back.of().stroke(SCRAWL, 0.4, (205, 205, 205)), "grey"))
    letters = [half(scanned(Back.of(seed=seed).letter(), "grey")) for seed in (1, 2)]
    assert not inked(pencil, 150, lambda: letters).blank


def test_neighbours_are_asked_only_where_pale_marks_decide() -> None:
    def nobody() -> list[Picture]:
        raise AssertionError("neighbours were asked")

    assert inked(half(scanned(Back.of(), "grey")), 150, nobody).blank
    assert not inked(half(scanned(Back.of().letter(), "grey")), 150, nobody).blank


@pytest.mark.parametrize("dpi", [75, 100, 200, 300])
def test_the_rule_holds_at_other_resolutions(dpi: int) -> None:
    def at(back: Back) -> Picture:
        share = dpi / 300
        way = cv2.INTER_AREA
        return np.asarray(cv2.resize(scanned(back, "grey"), None, fx=share, fy=share, interpolation=way), np.uint8)

    assert is_blank(at(Back.of().holes().dust(30)), dpi)
    assert not is_blank(at(Back.of().type(104, 285, "12", 10)), dpi)
    assert not is_blank(at(Back.of().stamp(120, 90, (190, 150, 110))), dpi)


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_the_rule_holds_whichever_way_the_page_lies(turn: int) -> None:
    worn = np.rot90(half(scanned(Back.of().holes().folds().staple(), "grey")), turn)
    noted = np.rot90(half(scanned(Back.of().holes().type(104, 285, "2", 9), "grey")), turn)
    assert is_blank(np.ascontiguousarray(worn), 150)
    assert not is_blank(np.ascontiguousarray(noted), 150)


def test_the_ink_ratio_is_the_share_of_ink_inside_the_margins() -> None:
    sheet = Back.of()
    cv2.rectangle(sheet.picture, (600, 600), (600 + 1181, 600 + 23), INK, -1)  # 100 by 2 mm
    found = inked(half(scanned(sheet, "grey")), 150)
    assert not found.blank
    assert found.ink_ratio == pytest.approx(200 / (204 * 291), rel=0.25)  # soft edges count
    assert ink_ratio(half(scanned(Back.of().border(), "grey")), 150) < 0.0005
    assert isinstance(found, Inked)


@pytest.mark.parametrize("way", EVERY)
def test_the_ink_ratio_counts_a_band_with_light_type(way: str) -> None:
    sheet = Back.of().band(275, 297, (70, 70, 70), "Widerspruchsfrist: 1 Monat. Auskunft 03871 71-0")
    assert ink_ratio(half(scanned(sheet, way)), 150) == pytest.approx(19 / 291, rel=0.1)


BROWN, BLUE, PINK = (130, 165, 190), (235, 210, 180), (205, 190, 245)
BY_COLOUR: dict[str, Callable[[], Back]] = {
    "a red stamp on brown paper": lambda: Back.of(BROWN).stamp(120, 90, as_bright((80, 90, 230), BROWN)),
    "red type on brown paper": lambda: Back.of(BROWN).type(40, 90, "Eilt sehr!", 14, as_bright((60, 70, 240), BROWN)),
    "an orange note on light blue paper": lambda: Back.of(BLUE).stroke(SCRAWL, 0.5, as_bright((60, 170, 250), BLUE)),
    "orange type on light blue paper": lambda: Back.of(BLUE).type(40, 90, "bitte wenden", 12, (120, 205, 255)),
    "a green tick on pink paper": lambda: Back.of(PINK).stroke(
        [(100, 90), (103, 96), (112, 80)], 0.8, as_bright((140, 235, 150), PINK)
    ),
    "a red label on brown paper": lambda: label(Back.of(BROWN), as_bright((80, 90, 230), BROWN)),
}


def as_bright(ink: tuple[int, int, int], paper: tuple[int, int, int]) -> tuple[int, int, int]:
    """The ink made as bright as the paper, in blue, green, red."""
    weights = np.array([0.114, 0.587, 0.299])
    tone = np.array(ink, float)
    for _step in range(50):
        tone = np.clip(tone + float(weights @ (np.array(paper) - tone)), 0, 255)
    blue, green, red = (int(value) for value in tone.round())
    assert abs(float(weights @ (tone - np.array(paper)))) < 1
    return blue, green, red


def label(back: Back, tone: tuple[int, int, int]) -> Back:
    """A label of 70 by 40 mm."""
    cv2.rectangle(back.picture, (700, 900), (700 + 827, 900 + 472), tone, -1)
    return back


def judged_in_colour(back: Back, **how: int) -> Inked:
    """As a page of a colour scanner is judged: gray at 150 dpi, colours at 75."""
    seen = scanned_in_colour(back, **how)
    small = cv2.resize(seen, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    return inked(half(cv2.cvtColor(seen, cv2.COLOR_RGB2GRAY)), 150, colours=lambda: np.asarray(small, dtype=np.uint8))


@pytest.mark.parametrize("make", BY_COLOUR.values(), ids=BY_COLOUR)
def test_marks_that_differ_from_their_paper_by_colour_alone_keep_the_page(make: Callable[[], Back]) -> None:
    found = judged_in_colour(make())
    assert not found.blank
    assert found.ink_ratio > 0


COLOURED_BLANK: dict[str, Callable[[], Back]] = {
    **{name: make for name, (make, _ways) in BLANK.items()},
    "brown paper": lambda: Back.of(BROWN).fibres(),
    "light blue paper": lambda: Back.of(BLUE),
    "pink paper with holes, folds and a staple": lambda: Back.of(PINK).holes().folds().staple().dust(),
    "brown paper askew under a white lid": lambda: Back.of(BROWN).on_glass(2.0, 252),
    "light blue paper askew under a dark lid": lambda: Back.of(BLUE).on_glass(-1.5, 40),
    "paper with yellowed edges": lambda: yellowed(Back.of()),
    "paper with coloured fibres": lambda: flecked(Back.of(PALE_RECYCLED)),
}


def yellowed(back: Back) -> Back:
    """Light and air have turned the edges yellow, blue by up to 70 levels."""
    high, wide = back.picture.shape[:2]
    down, across = (np.minimum(np.arange(side), np.arange(side)[::-1]) for side in (high, wide))
    depth = np.minimum(down[:, None], across[None, :]) / 11.8
    fall = 70 * np.exp(-depth / 6)
    back.picture = np.clip(back.picture - fall[:, :, None] * np.array([1.0, 0.25, 0.1]), 0, 255).astype(np.uint8)
    return back


def flecked(back: Back) -> Back:
    """Short fibres of many colours."""
    for _fibre in range(600):
        ink = tuple(int(value) for value in back.chance.integers(90, 250, 3))
        x, y = float(back.chance.uniform(5, 205)), float(back.chance.uniform(5, 290))
        back.stroke([(x, y), (x + 0.4, y + 0.3)], 0.1, ink)  # type: ignore[arg-type]
    return back


@pytest.mark.parametrize("make", COLOURED_BLANK.values(), ids=COLOURED_BLANK)
def test_coloured_paper_and_its_wear_are_blank(make: Callable[[], Back]) -> None:
    back = make()
    assert judged_in_colour(back).blank
    assert judged_in_colour(back, noise=5, quality=45, shift_px=2).blank


@pytest.mark.parametrize("ink", [(40, 40, 200), (190, 90, 20), (60, 160, 30)], ids=["red", "blue", "green"])
def test_a_coloured_front_that_shines_through_is_blank(ink: tuple[int, int, int]) -> None:
    front = Back.of().stamp(80, 120, ink)
    for line in range(12):
        front.type(30, 40 + 6 * line, "Stadtverwaltung, Amt für Soziales", 14, ink)
    white = np.float32(255) - front.picture
    shown = cv2.GaussianBlur(white[:, ::-1], (0, 0), 0.3 * 11.8)
    back = Back.of()
    back.picture = np.clip(back.picture - 0.12 * shown, 0, 255).astype(np.uint8)
    assert judged_in_colour(back).blank


def _image_file(folder: Path, kind: str, picture: Picture) -> Path:
    """The picture (red, green, blue, at 300 dpi) as a file of one page."""
    image, path = Image.fromarray(picture), folder / f"page.{kind.split()[0]}"
    if kind == "pdf":
        image.save(path, resolution=300, quality=60)
    elif kind == "pdf of samples":
        packed = io.BytesIO()
        image.save(packed, "PNG")
        canvas = Canvas(str(path), pagesize=(595.2, 841.92))
        canvas.drawImage(ImageReader(packed), 0, 0, 595.2, 841.92)
        canvas.save()
    elif kind == "tif of jpeg":
        image.save(path, compression="jpeg", quality=60, dpi=(300, 300))
    elif kind == "tif of samples":
        image.save(path, compression="tiff_lzw", dpi=(300, 300))
    else:
        image.save(path, dpi=(300, 300), **({"quality": 60} if kind == "jpg" else {}))
    return path


@pytest.mark.parametrize("kind", ["pdf", "pdf of samples", "tif of jpeg", "tif of samples", "jpg", "png"])
def test_colours_are_looked_at_in_every_kind_of_file(tmp_path: Path, kind: str) -> None:
    empty = _image_file(tmp_path, kind, scanned_in_colour(Back.of(BROWN)))
    assert _look(empty).blank
    stamped = _image_file(tmp_path, kind, scanned_in_colour(BY_COLOUR["a red stamp on brown paper"]()))
    found = _look(stamped)
    assert not found.blank
    assert found.ink_ratio > 0


def test_a_picture_that_breaks_off_is_not_taken_for_blank(tmp_path: Path) -> None:
    """What is missing of this fax coding is drawn white, so that the page looks empty."""
    sheet = Image.fromarray(scanned(Back.of().type(104, 285, "2", 9), "bilevel")).convert("1")
    made = io.BytesIO()
    sheet.save(made, "TIFF", compression="group4", tiffinfo={278: sheet.height})
    with Image.open(made) as tiff:
        coded = made.getvalue()[tiff.tag_v2[273][0] :][: tiff.tag_v2[279][0]]
    for data in (coded, coded[: len(coded) // 3]):
        pdf = pikepdf.new()
        parms = pikepdf.Dictionary(K=-1, Columns=sheet.width)
        image = pdf.make_stream(
            data, Type=Name.XObject, Subtype=Name.Image, Width=sheet.width, Height=sheet.height,
            ColorSpace=Name.DeviceGray, BitsPerComponent=1, Decode=[1, 0], DecodeParms=parms,
            Filter=Name.CCITTFaxDecode,
        )  # fmt: skip
        page = pdf.add_blank_page(page_size=(595.2, 841.92))
        page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=image))
        page.obj.Contents = pdf.make_stream(b"q 595.2 0 0 841.92 0 0 cm /Im Do Q")
        pdf.save(tmp_path / "page.pdf")
        if data is coded:
            assert not _look(tmp_path / "page.pdf").blank
            continue
        with pytest.raises(Rejected) as caught:
            _look(tmp_path / "page.pdf")
        assert (caught.value.code, caught.value.page) == ("pdf-damaged", 1)


def _look(path: Path) -> PageLook:
    rules = IncomingRules()
    return look_at_pages(str(path), inspect_scan(str(path), rules), 1, 1, str(path.with_suffix("")), rules)[0]
