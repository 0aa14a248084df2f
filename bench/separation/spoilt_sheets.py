"""Separator sheets of others, spoilt on purpose: scribbled over, crossed out, torn, covered, stained.

A sheet has one kind of code, a few words or none, and one damage that may leave nothing to read. Whether its code can
still be read does not matter: it must be found, or be a doubt.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

from pipeline.domain.separator_marks import PATCH_UNIT_MM, PATCHES
from samples.paper import Paper, Picture, bilevel, scan

Gray = npt.NDArray[np.uint8]
Wear = Callable[[random.Random, Picture, "Place", float], None]

CODES = ("QR", "small QR", "Data Matrix", "Code 39", "Code 128", "patch")
RESOLUTIONS = (100, 150, 200, 300)
_FORMATS = {
    "QR": zxingcpp.BarcodeFormat.QRCode,
    "small QR": zxingcpp.BarcodeFormat.QRCode,
    "Data Matrix": zxingcpp.BarcodeFormat.DataMatrix,
    "Code 39": zxingcpp.BarcodeFormat.Code39,
    "Code 128": zxingcpp.BarcodeFormat.Code128,
}
_WORDS: tuple[tuple[str, ...], ...] = (
    (),
    ("TRENNSEITE / PATCH-T",),
    ("Dokumententrennblatt", "Dieses Blatt nicht entfernen"),
    ("Scanstelle Musterstadt", "Nur fuer den internen Gebrauch"),
    ("Document Separator Sheet",),
    ("Stadt Musterstadt", "Poststelle, Zimmer 12"),
    (
        "DECKBLATT",
        "Bitte vor jeden neuen Vorgang legen",
        "und mit der bedruckten Seite nach oben",
        "in den Einzug geben. Nicht falten, nicht",
        "heften, nach dem Scannen zurueckgeben.",
    ),
    (
        "Stadt Musterstadt, Hauptamt",
        "Zentrale Poststelle, Zimmer 12, Telefon 1234",
        "Die Blaetter sind vor dem Einlegen zu ordnen;",
        "Heftklammern und Hefter werden entfernt,",
        "kleine Belege auf ein weisses Blatt geklebt.",
        "Was groesser ist, kommt auf den Flachbettscanner.",
    ),
)


@dataclass(frozen=True)
class Place:
    """Where the code stands, in mm from the upper left corner."""

    left_mm: float
    top_mm: float
    wide_mm: float
    high_mm: float


@dataclass(frozen=True)
class SpoiltSheet:
    """A scanned sheet with what it is and what happened to it."""

    picture: Gray
    dpi: int
    code: str
    damage: str
    words: tuple[str, ...]


def spoilt_sheet(rng: random.Random, code: str, damage: str, dpi: int) -> SpoiltSheet:
    """One sheet of `CODES`, spoilt by one of `DAMAGES`."""
    mm = dpi / 25.4
    page = np.full((round(297 * mm), round(210 * mm), 3), 250, dtype=np.uint8)
    words = rng.choice(_WORDS)
    for row, line in enumerate(words):
        at = round(rng.uniform(15, 25) * mm), round((40 + 8 * row) * mm)
        cv2.putText(page, line, at, cv2.FONT_HERSHEY_SIMPLEX, 0.17 * mm, (25, 25, 25), max(1, round(0.4 * mm)))
    places = _draw_patches(rng, page, mm) if code == "patch" else [_draw_code(rng, page, mm, code)]
    for place in places:
        DAMAGES[damage](rng, page, place, mm)
    paper = Paper(
        dpi=dpi,
        skew_degrees=round(rng.uniform(-4.5, 4.5), 2),
        rotation=rng.choice((0, 0, 0, 90, 180, 270)),
        noise=rng.uniform(1, 5),
        blur_px=rng.uniform(0.4, 0.8),
        shade=rng.uniform(0, 0.2),
        dark_lid=rng.random() < 0.2,
        punched=rng.random() < 0.3,
        seed=rng.randrange(2**31),
    )
    picture = scan(page, paper)
    bare = rng.random() < 0.25 and damage not in SHADED
    return SpoiltSheet(bilevel(picture) if bare else picture, dpi, code, damage, words)


def _draw_code(rng: random.Random, page: Picture, mm: float, code: str) -> Place:
    made = zxingcpp.create_barcode("PATCHT", _FORMATS[code])
    image = np.asarray(made.to_image(scale=1, add_quiet_zones=False))
    wide_mm = rng.uniform(13, 18) if code == "small QR" else rng.uniform(20, 60)
    high_mm = wide_mm
    if code.startswith("Code"):
        wide_mm, high_mm = rng.uniform(60, 120), rng.uniform(14, 35)
        image = image[image.shape[0] // 2 : image.shape[0] // 2 + 1]
    place = Place(rng.uniform(20, 190 - wide_mm), rng.uniform(80, 250 - high_mm), wide_mm, high_mm)
    size = round(wide_mm * mm), round(high_mm * mm)
    left, top = round(place.left_mm * mm), round(place.top_mm * mm)
    large = cv2.resize(image, size, interpolation=cv2.INTER_NEAREST)
    page[top : top + size[1], left : left + size[0]] = np.maximum(large, 20)[:, :, None]
    return place


def _draw_patches(rng: random.Random, page: Picture, mm: float) -> list[Place]:
    """Bars along the upper edge, along the lower one too on half of the sheets."""
    widths = PATCHES[rng.choice(("patch-2", "patch-t"))]
    left, wide = rng.uniform(10, 60), rng.uniform(60, 130)
    places = []
    for foot in (False, True)[: rng.choice((1, 2))]:
        at = first = rng.uniform(8, 25)
        for width in widths:
            top = 297 - at - width * PATCH_UNIT_MM if foot else at
            low, high = (round(left * mm), round(top * mm)), (left + wide, top + width * PATCH_UNIT_MM)
            cv2.rectangle(page, low, (round(high[0] * mm), round(high[1] * mm)), (20,) * 3, -1)
            at += (width + 1) * PATCH_UNIT_MM
        deep = at - PATCH_UNIT_MM - first
        places.append(Place(left, 297 - first - deep if foot else first, wide, deep))
    return places


def _point(place: Place, across: float, down: float, mm: float) -> tuple[int, int]:
    """A point by its share of the code's width and height."""
    return round((place.left_mm + across * place.wide_mm) * mm), round((place.top_mm + down * place.high_mm) * mm)


def _strokes(rng: random.Random, page: Picture, place: Place, mm: float, wide_mm: float, turns: int, tone: int) -> None:
    """To and fro over the whole code, from one end to the other."""
    level = rng.random() < 0.5
    points = []
    for turn in range(turns + 1):
        along, beside = turn / turns + rng.uniform(-0.03, 0.03), (turn % 2) * 1.1 - 0.05 + rng.uniform(-0.05, 0.05)
        points.append(_point(place, *((beside, along) if level else (along, beside)), mm))
    cv2.polylines(page, [np.array(points, dtype=np.int32)], False, (tone,) * 3, round(wide_mm * mm), cv2.LINE_AA)


def _pen(rng: random.Random, page: Picture, place: Place, mm: float) -> None:
    for _ in range(2):
        _strokes(rng, page, place, mm, rng.uniform(0.7, 1.5), rng.randrange(20, 40), rng.randrange(20, 80))


def _marker(rng: random.Random, page: Picture, place: Place, mm: float) -> None:
    wide_mm = rng.uniform(3, 7)
    turns = max(4, round(max(place.wide_mm, place.high_mm) / wide_mm * rng.uniform(0.7, 1.3)))
    _strokes(rng, page, place, mm, wide_mm, turns, rng.randrange(15, 60))


def _loops(rng: random.Random, page: Picture, place: Place, mm: float) -> None:
    """Circles drawn over each other, as somebody does who wants it gone."""
    for _ in range(rng.randrange(25, 60)):
        middle = _point(place, rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.9), mm)
        axes = [max(2, round(rng.uniform(0.1, 0.4) * edge * mm)) for edge in (place.wide_mm, place.high_mm)]
        ink = (rng.randrange(20, 70),) * 3
        cv2.ellipse(
            page, middle, axes, rng.uniform(0, 180), 0, 360, ink, round(rng.uniform(0.7, 2.0) * mm), cv2.LINE_AA
        )


def _cross(rng: random.Random, page: Picture, place: Place, mm: float) -> None:
    """Crossed out with a thick marker: from corner to corner, over what finds the code."""
    wide, ink = round(rng.uniform(4, 9) * mm), (rng.randrange(15, 50),) * 3
    for ends in (((-0.1, -0.1), (1.1, 1.1)), ((-0.1, 1.1), (1.1, -0.1)), ((-0.1, 0.1), (1.1, 0.1))):
        cv2.line(page, _point(place, *ends[0], mm), _point(place, *ends[1], mm), ink, wide, cv2.LINE_AA)


def _corners(rng: random.Random, page: Picture, place: Place, mm: float) -> None:
    """Each of three corners blotted out."""
    radius = max(3.0, 0.22 * min(place.wide_mm, place.high_mm)) * rng.uniform(1.0, 1.4)
    for across, down in ((0.15, 0.15), (0.85, 0.15), (0.15, 0.85)):
        cv2.circle(page, _point(place, across, down, mm), round(radius * mm), (rng.randrange(15, 70),) * 3, -1)


def _coffee(rng: random.Random, page: Picture, place: Place, mm: float) -> None:
    """A cup was put down on it, and it spilled: dark and uneven."""
    stain = np.zeros(page.shape[:2], dtype=np.uint8)
    middle = _point(place, rng.uniform(0.3, 0.7), rng.uniform(0.3, 0.7), mm)
    size = 0.6 * max(place.wide_mm, place.high_mm)
    cv2.ellipse(stain, middle, (round(size * mm), round(0.8 * size * mm)), 20, 0, 360, 255, -1)
    soft = cv2.GaussianBlur(stain, (0, 0), 1.5 * mm).astype(np.float32) / 255 * rng.uniform(120, 190)
    page[:] = np.clip(page - soft[:, :, None], 15, 255).astype(np.uint8)


def _torn(rng: random.Random, page: Picture, place: Place, mm: float) -> None:
    """A corner of the sheet with a good half of the code is missing; the lid shows, white or black."""
    tone = rng.choice((250, 250, 35))
    edge = _point(place, rng.uniform(0.3, 0.5), 0.5, mm)[0]
    wide, high = page.shape[1], page.shape[0]
    lean = round(rng.uniform(-15, 15) * mm)
    top, bottom = _point(place, 0, -0.3, mm)[1], _point(place, 0, 1.3, mm)[1]
    shape = np.array(
        [(edge + lean, max(0, top)), (wide, max(0, top)), (wide, min(high, bottom)), (edge - lean, bottom)]
    )
    cv2.fillPoly(page, [shape.astype(np.int32)], (tone,) * 3)


def _label(rng: random.Random, page: Picture, place: Place, mm: float) -> None:
    """A sticker over half of it, with something written on it."""
    low = _point(place, rng.uniform(0.35, 0.5), -0.1, mm)
    high = _point(place, 1.15, 1.1, mm)
    cv2.rectangle(page, low, high, (rng.randrange(200, 252),) * 3, -1)
    at = low[0] + round(2 * mm), (low[1] + high[1]) // 2
    cv2.putText(page, rng.choice(("EILT", "Kopie", "z.d.A.")), at, cv2.FONT_HERSHEY_SIMPLEX, 0.15 * mm, (60,) * 3, 2)


def _blot(rng: random.Random, page: Picture, place: Place, mm: float) -> None:
    """Ink ran out over most of it."""
    for _ in range(rng.randrange(5, 9)):
        middle = _point(place, rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.9), mm)
        radius = rng.uniform(0.15, 0.35) * max(place.high_mm, 0.4 * place.wide_mm)
        cv2.circle(page, middle, max(2, round(radius * mm)), (rng.randrange(15, 60),) * 3, -1, cv2.LINE_AA)


def _spill(rng: random.Random, page: Picture, place: Place, mm: float) -> None:
    """Coffee that ran over it and dried, darker at its rim: ink and paper keep the ratio of their tones, not more."""
    stain = np.zeros(page.shape[:2], dtype=np.float32)
    for _ in range(rng.randrange(2, 5)):
        middle = _point(place, rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.9), mm)
        axes = [max(2, round(rng.uniform(8, 45) * mm)) for _ in range(2)]
        strength = rng.uniform(0.25, 0.6)
        drop = np.zeros(page.shape[:2], dtype=np.uint8)
        cv2.ellipse(drop, middle, axes, rng.uniform(0, 180), 0, 360, 200, -1)
        cv2.ellipse(drop, middle, axes, rng.uniform(0, 180), 0, 360, 255, max(1, round(1.5 * mm)))
        soft = cv2.GaussianBlur(drop, (0, 0), 0.7 * mm).astype(np.float32) / 255 * strength
        stain = np.maximum(stain, soft)
    page[:] = np.clip(page * (1 - stain[:, :, None]), 10, 255).astype(np.uint8)


def _poor_toner(rng: random.Random, page: Picture, place: Place, mm: float) -> None:
    """The cartridge was all but empty: the code is grey 225 to 235 on paper of 250."""
    low, high = _point(place, 0, 0, mm), _point(place, 1, 1, mm)
    view = page[low[1] : high[1] + 1, low[0] : high[0] + 1]
    view[:] = (250 - (250 - view.astype(np.float32)) / 230 * rng.uniform(15, 25)).astype(np.uint8)


def _streaks(rng: random.Random, page: Picture, place: Place, mm: float) -> None:
    """Dirt on the scanner's glass: lines over the whole sheet, as it was fed."""
    for _ in range(rng.randrange(5, 26)):
        at = _point(place, rng.uniform(-0.1, 1.1), 0, mm)[0]
        view = page[:, max(0, at) : at + max(1, round(0.35 * mm))]
        np.minimum(view, 60, out=view)


def _far_cross(rng: random.Random, page: Picture, place: Place, mm: float) -> None:
    """An X that reaches far beyond the code."""
    wide, ink = rng.uniform(2.5, 7.6), (rng.randrange(15, 50),) * 3
    for top, foot in ((-0.3, 1.3), (1.3, -0.3)):
        ends = ((place.left_mm - 45, top), (place.left_mm + place.wide_mm + 45, foot))
        low, high = ((round(x * mm), _point(place, 0, down, mm)[1]) for x, down in ends)
        cv2.line(page, low, high, ink, max(1, round(wide * mm)), cv2.LINE_AA)


def _diagonal(rng: random.Random, page: Picture, place: Place, mm: float) -> None:
    """One stroke over it, longer than the code."""
    wide, ends = rng.uniform(2.5, 7.6), rng.choice(((-0.2, 1.2), (1.2, -0.2)))
    low, high = _point(place, -0.25, ends[0], mm), _point(place, 1.25, ends[1], mm)
    cv2.line(page, low, high, (rng.randrange(15, 50),) * 3, max(1, round(wide * mm)), cv2.LINE_AA)


def _band(rng: random.Random, page: Picture, place: Place, mm: float) -> None:
    """A strip across the sheet hides the middle of the code, lighter or darker."""
    middle, half = place.top_mm + place.high_mm / 2, min(7.5, 0.2 * place.high_mm)
    page[round((middle - half) * mm) : round((middle + half) * mm)] = rng.randrange(60, 216)


def _black_tear(rng: random.Random, page: Picture, place: Place, mm: float) -> None:
    """The lower left corner of the sheet is missing, and less than half of the code; the bed is black."""
    x, y = _point(place, rng.uniform(0.1, 0.4), 0.5, mm)
    high = page.shape[0]
    shape = np.array([(x - y, 0), (x + high - y, high), (0, high), (0, max(0, y - x))], dtype=np.int32)
    cv2.fillPoly(page, [shape], (30,) * 3)


SHADED = ("spill", "poor toner")  # in black and white nothing is left of some of them

DAMAGES: dict[str, Wear] = {
    "pen": _pen,
    "marker": _marker,
    "loops": _loops,
    "crossed out": _cross,
    "corners blotted": _corners,
    "coffee": _coffee,
    "spill": _spill,
    "poor toner": _poor_toner,
    "torn": _torn,
    "label": _label,
    "blot": _blot,
    "streaks": _streaks,
    "X beyond the code": _far_cross,
    "diagonal stroke": _diagonal,
    "band": _band,
    "black tear": _black_tear,
}
