"""Simulated paper: a page is printed, lies a little askew, has lived, and is scanned.

Angles are clockwise. `rotation` and `skew_degrees` say how the picture is turned against upright reading.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import pypdfium2

Picture = npt.NDArray[np.uint8]
_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


@dataclass(frozen=True)
class Paper:
    """How a sheet is scanned. `noise`: standard deviation in grey levels; `shade`: darkest falling-off, 0 to 0.4."""

    dpi: int = 200
    skew_degrees: float = 0.0
    rotation: int = 0
    colour: bool = False
    noise: float = 2.5
    blur_px: float = 0.6
    shade: float = 0.06
    speckles: int = 40
    punched: bool = False
    stained: bool = False
    dark_lid: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        if self.rotation not in (0, 90, 180, 270) or abs(self.skew_degrees) > 5 or not 50 <= self.dpi <= 600:
            raise ValueError(f"no such paper: {self}")


def any_paper(rng: random.Random, rotation: int = 0, bilevel: bool = False, colour: bool = False) -> Paper:
    """A sheet as it may come: skew up to 3 degrees, 200 or 300 dpi, more or less worn."""
    return Paper(
        dpi=rng.choice((200, 200, 300)),
        skew_degrees=round(rng.choice((0.0, rng.uniform(-1, 1), rng.uniform(-3, 3))), 2),
        rotation=rotation,
        colour=colour,
        noise=rng.uniform(1.0, 3.5) if bilevel else rng.uniform(1.0, 6.0),
        blur_px=rng.uniform(0.4, 0.8),
        shade=rng.uniform(0.0, 0.06) if bilevel else rng.uniform(0.0, 0.25),
        speckles=rng.randrange(0, 120),
        punched=rng.random() < 0.4,
        stained=not bilevel and rng.random() < 0.3,
        dark_lid=not bilevel and rng.random() < 0.2,
        seed=rng.randrange(2**31),
    )


def printed(pdf: bytes, dpi: int) -> list[Picture]:
    """The pages of a PDF as a perfect printer would show them: height by width by 3, in blue, green, red."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [np.ascontiguousarray(page.render(scale=dpi / 72).to_numpy()[:, :, :3]) for page in document]
    finally:
        document.close()


def _grain(chance: np.random.Generator, shape: tuple[int, ...], deviation: float) -> npt.NDArray[np.float32]:
    """Noise of a sensor: one tile, repeated, which nobody sees and which costs a tenth."""
    tile = chance.normal(0.0, deviation, (773, 773)).astype(np.float32)
    down, across = -(-shape[0] // 773), -(-shape[1] // 773)
    grain = np.tile(tile, (down, across))[: shape[0], : shape[1]]
    return grain if len(shape) == 2 else grain[:, :, None]


def _slow(chance: np.random.Generator, high: int, wide: int, low: float, top: float) -> npt.NDArray[np.float32]:
    """A field that changes slowly over the sheet, between `low` and `top`."""
    coarse = chance.uniform(low, top, (4, 3)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (wide, high), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def _wear(sheet: Picture, paper: Paper, chance: np.random.Generator) -> Picture:
    """Punch holes at the DIN distance of 80 mm, a coffee ring, dust."""
    high, wide = sheet.shape[:2]
    mm = paper.dpi / 25.4
    if paper.punched:
        for y in (108.5, 188.5):
            cv2.circle(sheet, (round(12.0 * mm), round(y * mm)), round(2.8 * mm), (70, 70, 70), -1, cv2.LINE_AA)
    if paper.stained:
        ring = np.zeros((high, wide), dtype=np.uint8)
        centre = (int(chance.integers(wide // 2, wide)), int(chance.integers(high // 2, high)))
        cv2.ellipse(ring, centre, (round(36 * mm), round(34 * mm)), 10, 0, 330, 255, round(2.2 * mm), cv2.LINE_AA)
        soft = cv2.GaussianBlur(ring, (0, 0), 0.6 * mm).astype(np.float32) / 255.0 * _slow(chance, high, wide, 0.1, 0.9)
        dye = np.array((70, 45, 25), dtype=np.float32) if paper.colour else np.array((40,), dtype=np.float32)
        sheet = np.clip(sheet - soft[:, :, None] * dye, 0, 255).astype(np.uint8)
    for _ in range(paper.speckles):
        centre = (int(chance.integers(0, wide)), int(chance.integers(0, high)))
        grey = int(chance.integers(30, 150))
        cv2.circle(sheet, centre, int(chance.integers(0, 2)), (grey, grey, grey), -1)
    return sheet


def scan(sheet: Picture, paper: Paper) -> Picture:
    """The picture of a printed sheet: grey (height by width) or colour (by 3, in blue, green, red)."""
    chance = np.random.default_rng(paper.seed)
    if not paper.colour:
        sheet = cv2.cvtColor(sheet, cv2.COLOR_BGR2GRAY)[:, :, None]  # type: ignore[assignment]
    high, wide = sheet.shape[:2]
    tone = np.array((232, 240, 244), dtype=np.float32) if paper.colour else np.array((240,), dtype=np.float32)
    ink = _slow(chance, high, wide, 20.0, 60.0)[:, :, None]
    toned = ink + sheet.astype(np.float32) / 255.0 * (tone - ink)
    worn = _wear(np.ascontiguousarray(toned.astype(np.uint8)), paper, chance)
    lid = (35,) * 3 if paper.dark_lid else (250,) * 3
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), -paper.skew_degrees, 1.0)
    flat = cv2.warpAffine(worn, turn, (wide, high), flags=cv2.INTER_LINEAR, borderValue=lid)
    if paper.blur_px > 0:
        flat = cv2.GaussianBlur(flat, (0, 0), paper.blur_px * paper.dpi / 200)
    shade = 1.0 - _slow(chance, high, wide, 0.0, max(paper.shade, 1e-6))
    lit = flat.astype(np.float32) * (shade if flat.ndim == 2 else shade[:, :, None])
    picture = np.clip(lit + _grain(chance, flat.shape, paper.noise), 0, 255).astype(np.uint8)
    return np.asarray(cv2.rotate(picture, _TURNS[paper.rotation]) if paper.rotation else picture, dtype=np.uint8)


def bilevel(picture: Picture, threshold: int = 150) -> Picture:
    """Black and white (0 and 255), as a scanner without an eye for shades decides it."""
    return np.where(picture > threshold, np.uint8(255), np.uint8(0)).astype(np.uint8)
