"""Blank pages: what is dropped and what is kept, as a table over simulated backs of letters in three codings."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from pipeline.adapters.incoming.blank_pages import Inked, ink_ratio, inked, is_blank
from tests.blank_sheets import INK, Back, Picture, scanned

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
