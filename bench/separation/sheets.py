"""Separator sheets, printed, damaged, scanned: what is left of them is told beside the picture."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.adapters.papers.cover_sheet import (
    CODE39_PLACES,
    CODE128_PLACES,
    DATAMATRIX_PLACES,
    GenericKind,
    write_cover_sheets,
    write_generic_sheets,
)
from pipeline.adapters.papers.sheet_codes import Box
from pipeline.domain.page_looks import CoverSheet
from pipeline.domain.profiles import SeparatorKind
from samples.paper import Paper, Picture, printed, scan

Gray = npt.NDArray[np.uint8]

COVERS = (
    CoverSheet("parchim", "post"),
    CoverSheet("hagenow", "post", 3, {"reference": "32-0815/2026"}),
    CoverSheet(
        "ludwigslust-parchim", "invoices", 120, {"reference": "Az. 61.2-44/26 Straßenbau", "cost_centre": "4711"}
    ),
)
PATCH_KINDS: tuple[GenericKind, ...] = ("patch-1", "patch-2", "patch-3", "patch-4", "patch-6", "patch-t")
SHEETS = ("cover sheet", "QR code", "Code 39", "patch code")
RESOLUTIONS = (100, 150, 200, 300)
_PATCH_PLACES = (Box(12, 11, 186, 23), Box(12, 263, 186, 23), Box(11, 60, 23, 177), Box(176, 60, 23, 177))
_BLACK, _WHITE = (30, 30, 30), (255, 255, 255)


@dataclass(frozen=True)
class Sample:
    """A scanned sheet. `kind` and `cover`: what it is; `readable`: whether at least one copy of its code is intact."""

    picture: Gray
    dpi: int
    kind: SeparatorKind
    cover: CoverSheet | None
    readable: bool


@dataclass(frozen=True)
class Damage:
    """What happens to a sheet. `wear`: to the paper, told the places of its codes; `scanner`: to the picture."""

    name: str
    wear: Callable[[random.Random, Picture, list[Box], float], None] | None = None
    paper: Callable[[random.Random], dict[str, object]] = lambda _rng: {}
    scanner: Callable[[random.Random, Gray], Gray] | None = None
    readable: bool = True


def sample(rng: random.Random, sheet: str, dpi: int, damage: Damage) -> Sample:
    """One sheet of a kind of SHEETS under a damage; the skew is anything up to 5 degrees unless the damage says it."""
    kind, cover, pdf = _sheet(rng, sheet)
    paper_sheet = printed(pdf, dpi)[0].copy()
    if damage.wear is not None:
        damage.wear(rng, paper_sheet, _places(sheet), dpi / 25.4)
    paper = Paper(
        dpi=dpi,
        skew_degrees=round(rng.uniform(-5, 5), 2),
        noise=rng.uniform(1, 4),
        blur_px=rng.uniform(0.4, 0.7),
        seed=rng.randrange(2**31),
    )
    picture = scan(paper_sheet, replace(paper, **damage.paper(rng)))  # type: ignore[arg-type]
    if damage.scanner is not None:
        picture = damage.scanner(rng, picture)
    return Sample(picture, dpi, kind, cover, damage.readable)


def _sheet(rng: random.Random, sheet: str) -> tuple[SeparatorKind, CoverSheet | None, bytes]:
    if sheet == "cover sheet":
        number = rng.randrange(len(COVERS))
        return "cover-sheet", COVERS[number], _pdf(str(number))
    if sheet == "patch code":
        kind = rng.choice(PATCH_KINDS)
        return kind, None, _pdf(kind)  # type: ignore[return-value]
    return "text-code", None, _pdf("qr" if sheet == "QR code" else "code39")


@lru_cache(maxsize=16)
def _pdf(what: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="poststrasse-bench-") as folder:
        path = Path(folder) / "sheet.pdf"
        if what.isdigit():
            write_cover_sheets(path, COVERS[int(what)], "Kommune", "Auftrag")
        else:
            write_generic_sheets(path, what)  # type: ignore[arg-type]
        return path.read_bytes()


def _places(sheet: str) -> list[Box]:
    if sheet == "cover sheet":
        return [*DATAMATRIX_PLACES, *CODE128_PLACES]
    return list({"QR code": DATAMATRIX_PLACES, "Code 39": CODE39_PLACES}.get(sheet, _PATCH_PLACES))


# --- what happens to the paper


def _corners(box: Box, mm: float) -> tuple[tuple[int, int], tuple[int, int]]:
    low = round(box.left_mm * mm), round(box.top_mm * mm)
    return low, (round((box.left_mm + box.width_mm) * mm), round((box.top_mm + box.height_mm) * mm))


def _hole(rng: random.Random, sheet: Picture, places: list[Box], mm: float) -> None:
    """A punched hole of 6 mm in the middle of one copy, dark or light as the scanner's lid is."""
    (left, top), (right, bottom) = _corners(rng.choice(places), mm)
    centre = rng.randrange(left, right), (top + bottom) // 2
    cv2.circle(sheet, centre, round(3 * mm), rng.choice((_BLACK, _WHITE)), -1, cv2.LINE_AA)


def _scribble(rng: random.Random, sheet: Picture, box: Box, mm: float) -> None:
    """A pen drawn to and fro over a whole copy."""
    (left, top), (right, bottom) = _corners(box, mm)
    wide, high = right - left, bottom - top
    turns = max(24, round(max(wide, high) / mm / 2))
    points = [
        (left + wide * k // turns if wide >= high else rng.choice((left, right)),
         top + high * k // turns if high > wide else rng.choice((top, bottom)))
        for k in range(turns + 1)
    ]  # fmt: skip
    cv2.polylines(sheet, [np.array(points, dtype=np.int32)], False, _BLACK, round(1.5 * mm), cv2.LINE_AA)


def _all_but_one(rng: random.Random, sheet: Picture, places: list[Box], mm: float) -> None:
    whole = places[:4]
    kept = rng.choice(whole)
    for box in places:
        if box is not kept:
            _scribble(rng, sheet, box, mm)


def _every_copy(rng: random.Random, sheet: Picture, places: list[Box], mm: float) -> None:
    for box in places:
        _scribble(rng, sheet, box, mm)
        _scribble(rng, sheet, box, mm)


def _cut(rng: random.Random, sheet: Picture, _places: list[Box], mm: float) -> None:
    """Up to 70 mm of one edge are missing: folded over, or the scanner stopped too early."""
    depth = round(rng.uniform(20, 70) * mm)
    edge, tone = rng.randrange(4), rng.choice((255, 30))
    view = (sheet[:depth], sheet[-depth:], sheet[:, :depth], sheet[:, -depth:])[edge]
    view[:] = tone


def _toned(rng: random.Random, picture: Gray) -> Gray:
    """Grey on grey: a tired lamp, or a copy of a copy. 28 to 60 steps between ink and paper."""
    dark = rng.uniform(90, 170)
    return np.asarray(dark + picture.astype(np.float32) / 255 * rng.uniform(34, 70), dtype=np.uint8)


def _pressed(rng: random.Random, picture: Gray) -> Gray:
    """JPEG at a quality at which blocks show."""
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, rng.randrange(12, 26)])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def _bare(rng: random.Random, picture: Gray) -> Gray:
    """Black and white, the threshold anywhere that a scanner may have it."""
    return np.where(picture > rng.randrange(110, 190), np.uint8(255), np.uint8(0)).astype(np.uint8)


def _worn(rng: random.Random, sheet: Picture, places: list[Box], mm: float) -> None:
    _hole(rng, sheet, places, mm)
    _hole(rng, sheet, places, mm)
    _scribble(rng, sheet, rng.choice(places[:4]), mm)


def _worn_scan(rng: random.Random, picture: Gray) -> Gray:
    return _pressed(rng, np.asarray(60 + picture.astype(np.float32) * 0.55, dtype=np.uint8))


def _skewed(degrees: float) -> Callable[[random.Random], dict[str, object]]:
    return lambda _rng: {"skew_degrees": degrees}


def damages() -> Iterator[Damage]:
    """The rows of the table, mildest first."""
    for degrees in (0.0, -1.0, 3.0, -5.0, 5.0):
        yield Damage(f"skew {degrees:+.0f} degrees", paper=_skewed(degrees))
    yield Damage("upside down", paper=lambda _rng: {"rotation": 180})
    yield Damage("on its side", paper=lambda rng: {"rotation": rng.choice((90, 270))})
    yield Damage("low contrast", scanner=_toned)
    yield Damage("JPEG noise", scanner=_pressed)
    yield Damage("black and white", scanner=_bare)
    yield Damage("uneven light, dark lid", paper=lambda _rng: {"shade": 0.35, "dark_lid": True, "noise": 6.0})
    yield Damage("coffee", paper=lambda _rng: {"stained": True, "punched": True})
    yield Damage("hole through one copy", wear=_hole)
    yield Damage("edge cut off", wear=_cut)
    yield Damage("all copies but one scribbled over", wear=_all_but_one)
    yield Damage(
        "combined",
        wear=_worn,
        paper=lambda rng: {"stained": True, "rotation": rng.choice((0, 90, 180, 270)), "noise": 5.0, "shade": 0.2},
        scanner=_worn_scan,
    )
    yield Damage("every copy scribbled over", wear=_every_copy, readable=False)
