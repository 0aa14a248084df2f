"""Simulated backs of letters: paper, what wears it, what scanners add, and the little that somebody put on it.

Rasters are gray from 0 to 255 or colour in blue, green, red; lengths in mm.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]
DPI = 300
MM = DPI / 25.4
WIDTH_MM, HEIGHT_MM = 210.0, 297.0
SIZE = (round(WIDTH_MM * MM), round(HEIGHT_MM * MM))
INK: Colour = (45, 40, 40)


@dataclass
class Back:
    """A sheet in colour while it is made; every method changes it and gives it back."""

    picture: Picture
    chance: np.random.Generator

    @classmethod
    def of(cls, tone: Colour = (240, 244, 246), seed: int = 1) -> Back:
        """An empty sheet of this tone."""
        return cls(np.full((SIZE[1], SIZE[0], 3), tone, np.uint8), np.random.default_rng(seed))

    def type(self, x: float, y: float, text: str, points: float = 10.0, ink: Colour = INK) -> Back:
        """Set a line of type; `y` is its baseline."""
        scale = points * 0.3528 * MM / 30
        place, font = (round(x * MM), round(y * MM)), cv2.FONT_HERSHEY_DUPLEX
        cv2.putText(self.picture, text, place, font, scale, ink, max(1, round(scale * 1.6)), cv2.LINE_AA)
        return self

    def stroke(self, points: list[tuple[float, float]], thick: float, ink: Colour = INK) -> Back:
        """Draw a pen or pencil along points."""
        path = (np.array(points) * MM).round().astype(np.int32)
        cv2.polylines(self.picture, [path], False, ink, max(1, round(thick * MM)), cv2.LINE_AA)
        return self

    def stamp(self, x: float, y: float, ink: Colour) -> Back:
        """A round office stamp of 34 mm with words, patchy as rubber is."""
        clean = self.picture.copy()
        centre = (round(x * MM), round(y * MM))
        cv2.circle(self.picture, centre, round(17 * MM), ink, round(0.7 * MM), cv2.LINE_AA)
        self.type(x - 12, y - 3, "EINGANG", 12, ink).type(x - 13, y + 4, "04.03.2026", 10, ink)
        patch = cv2.resize(self.chance.uniform(0.5, 1.0, (60, 42)).astype(np.float32), SIZE)[:, :, None]
        self.picture = (clean + (self.picture.astype(np.float32) - clean) * patch).astype(np.uint8)
        return self

    def letter(self) -> Back:
        """A page full of type, as the front of a sheet has it."""
        for line in range(38):
            self.type(25, 40 + 6 * line, "Sehr geehrte Damen und Herren, wir bitten um Nachricht"[: 54 - line % 9], 11)
        self.picture[round(12 * MM) : round(22 * MM), round(150 * MM) : round(190 * MM)] = 40
        return self

    def band(self, from_mm: float, to_mm: float, tone: Colour, text: str = "") -> Back:
        """A printed band across the whole sheet, light type in it."""
        self.picture[round(from_mm * MM) : round(to_mm * MM)] = tone
        return self.type(30, (from_mm + to_mm) / 2 + 2, text, 14, (248, 248, 248))

    def seen_through(self, front: Picture, share: float, spread: float) -> Back:
        """The front shines through, mirrored; `share` of its darkness, spread by the paper over so many mm."""
        darkness = 255.0 - cv2.GaussianBlur(front[:, ::-1], (0, 0), max(0.05, spread) * MM).astype(np.float32)
        self.picture = np.clip(self.picture - share * np.roll(darkness, (9, -14), (0, 1)), 0, 255).astype(np.uint8)
        return self

    def fibres(self, count: int = 2500) -> Back:
        """Flecks of recycled paper, and its clouds."""
        for _ in range(count):
            x, y = (int(self.chance.integers(0, side)) for side in SIZE)
            angle, length = self.chance.uniform(0, np.pi), self.chance.uniform(0.05, 0.45) * MM
            end = (round(x + length * np.cos(angle)), round(y + length * np.sin(angle)))
            tone = int(self.chance.integers(120, 205))
            cv2.line(self.picture, (x, y), end, (tone, tone, tone), 1, cv2.LINE_AA)
        clouds = cv2.resize(self.chance.normal(0, 3, (120, 85)).astype(np.float32), SIZE)[:, :, None]
        self.picture = np.clip(self.picture + clouds, 0, 255).astype(np.uint8)
        return self

    def dust(self, count: int = 120) -> Back:
        """Dark specks of up to 0.4 mm."""
        for _ in range(count):
            centre = tuple(int(self.chance.integers(0, side)) for side in SIZE)
            cv2.circle(self.picture, centre, int(self.chance.integers(0, 3)), (60, 60, 60), -1, cv2.LINE_AA)
        return self

    def holes(self, dark: bool = True) -> Back:
        """Two punch holes: dark where the lid is, or only the shadow of their rims."""
        for y in (108.5, 188.5):
            centre = (round(12 * MM), round(y * MM))
            if dark:
                cv2.circle(self.picture, centre, round(2.8 * MM), (50, 50, 50), -1, cv2.LINE_AA)
            else:
                cv2.ellipse(self.picture, centre, (33, 33), 0, 120, 260, (150, 150, 150), 5, cv2.LINE_AA)
        return self

    def staple(self) -> Back:
        """A staple in the corner, and the dents of one that was taken out."""
        return self.stroke([(8, 14), (15, 7)], 0.6, (70, 70, 70)).stroke([(196, 8), (196.2, 8)], 0.5, (90, 90, 90))

    def folds(self, tone: int = 195) -> Back:
        """Two folds across the sheet, a little askew."""
        for y in (99.0, 198.5):
            self.stroke([(0, y), (90, y + 0.5), (210, y + 1.1)], 0.3, (tone, tone, tone))
        return self

    def on_glass(self, skew_degrees: float = 0.0, lid: int = 250) -> Back:
        """Lie askew on the glass under a lid of this tone."""
        turn = cv2.getRotationMatrix2D((SIZE[0] / 2, SIZE[1] / 2), -skew_degrees, 1.0)
        self.picture = cv2.warpAffine(self.picture, turn, SIZE, flags=cv2.INTER_LINEAR, borderValue=(lid, lid, lid))
        return self

    def edge_shadow(self, tone: int = 120) -> Back:
        """The sheet's edge throws a shadow: a line down the right side and a soft one along the foot."""
        self.stroke([(206, 0), (203, 297)], 0.5, (tone, tone, tone))
        fall = np.linspace(1.0, 0.55, round(6 * MM))[:, None, None]
        self.picture[-fall.shape[0] :] = (self.picture[-fall.shape[0] :] * fall).astype(np.uint8)
        return self

    def border(self, depth: float = 9.0) -> Back:
        """A black border at the left side and the foot, as a copier leaves it."""
        self.picture[:, : round(depth * MM)] = 20
        self.picture[-round(depth * 0.7 * MM) :] = 25
        return self


def scanned(back: Back, way: str, noise: float = 3.0) -> Picture:
    """The sheet as a scanner delivers it at 300 dpi, in gray: `grey` and `colour` through JPEG, `bilevel` in 1 bit."""
    picture = _seen(back, noise, 1)
    if way == "colour":
        _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 55])
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    if way == "grey":
        _, data = cv2.imencode(".jpg", gray, [cv2.IMWRITE_JPEG_QUALITY, 55])
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    if way == "bilevel":
        return np.where(gray > 160, np.uint8(255), np.uint8(0))
    raise ValueError(way)


def scanned_in_colour(back: Back, noise: float = 3.0, quality: int = 55, shift_px: int = 0) -> Picture:
    """The sheet as a colour scanner delivers it at 300 dpi, through JPEG, in red, green and blue.

    Each colour has grain of its own; `shift_px`: how far blue lies beside red.
    """
    picture = _seen(back, noise, 3)
    picture[:, :, 0] = np.roll(picture[:, :, 0], (shift_px, shift_px), (0, 1))
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _seen(back: Back, noise: float, channels: int) -> Picture:
    """The sheet as a lens sees it, with grain."""
    soft = cv2.GaussianBlur(back.picture, (0, 0), 0.9)
    grain = np.random.default_rng(5).normal(0, noise, (769, 769, channels)).astype(np.float32)
    grain = np.tile(grain, (SIZE[1] // 769 + 1, SIZE[0] // 769 + 1, 1))[: SIZE[1], : SIZE[0]]
    return np.clip(soft + grain, 0, 255).astype(np.uint8)
