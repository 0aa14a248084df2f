"""Where a point of the page picture lies in the copy that is read, and back; and which resolution a picture has."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pipeline.domain.geometry import A4_HEIGHT_MM, A4_WIDTH_MM
from pipeline.domain.recognised import PixelBox

_LEAST_DPI, _GREATEST_DPI = 40.0, 2_400.0
_SCREEN_DPI = 100.0  # cameras and programs write 72 or 96 without meaning it
_LONGEST_PLAUSIBLE_INCH = 17.5  # a little more than A3
_LONGEST_INCH = 120.0
_MM_PER_INCH = 25.4


@dataclass(frozen=True)
class Affine:
    """The map x' = a x + b y + c, y' = d x + e y + f."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def apply(self, x: float, y: float) -> tuple[float, float]:
        """Where the point comes to lie."""
        return self.a * x + self.b * y + self.c, self.d * x + self.e * y + self.f

    def then(self, after: Affine) -> Affine:
        """The map that does this one first and `after` second."""
        return Affine(
            after.a * self.a + after.b * self.d,
            after.a * self.b + after.b * self.e,
            after.a * self.c + after.b * self.f + after.c,
            after.d * self.a + after.e * self.d,
            after.d * self.b + after.e * self.e,
            after.d * self.c + after.e * self.f + after.f,
        )

    def inverse(self) -> Affine:
        """The way back. Raises ValueError where there is none."""
        determinant = self.a * self.e - self.b * self.d
        if abs(determinant) < 1e-12:
            raise ValueError("this map has no inverse")
        a, b = self.e / determinant, -self.b / determinant
        d, e = -self.d / determinant, self.a / determinant
        return Affine(a, b, -(a * self.c + b * self.f), d, e, -(d * self.c + e * self.f))


IDENTITY = Affine(1, 0, 0, 0, 1, 0)


def scaled(x: float, y: float) -> Affine:
    """Pixels become `x` times as wide and `y` times as high."""
    return Affine(x, 0, 0, 0, y, 0)


def shifted(x: float, y: float) -> Affine:
    """Everything moves by `x` to the right and `y` down."""
    return Affine(1, 0, x, 0, 1, y)


def quarter_turn(degrees: int, width: float, height: float) -> Affine:
    """Turn a raster of `width` by `height` clockwise by 0, 90, 180 or 270 degrees, its corner at the origin again."""
    turns = {
        0: IDENTITY,
        90: Affine(0, -1, height, 1, 0, 0),
        180: Affine(-1, 0, width, 0, -1, height),
        270: Affine(0, 1, 0, -1, 0, width),
    }
    if degrees not in turns:
        raise ValueError(f"not a quarter turn: {degrees}")
    return turns[degrees]


def straightened(skew_degrees: float, width: int, height: int) -> tuple[Affine, int, int]:
    """Turn a raster counter-clockwise by `skew_degrees` about its centre; the canvas grows so that nothing is cut.

    Returns the map and the new width and height in pixels.
    """
    angle = math.radians(skew_degrees)
    cos, sin = math.cos(angle), math.sin(angle)
    new_width = math.ceil(abs(width * cos) + abs(height * sin))
    new_height = math.ceil(abs(width * sin) + abs(height * cos))
    centre_x, centre_y = width / 2, height / 2
    turned = Affine(
        cos,
        sin,
        new_width / 2 - cos * centre_x - sin * centre_y,
        -sin,
        cos,
        new_height / 2 + sin * centre_x - cos * centre_y,
    )
    return turned, new_width, new_height


def mapped_box(
    back: Affine, left: float, top: float, right: float, bottom: float, width_px: int, height_px: int
) -> PixelBox:
    """The upright box around the mapped corners of a box, kept inside `width_px` by `height_px`."""
    corners = [back.apply(x, y) for x in (left, right) for y in (top, bottom)]

    def within(value: float, limit: int) -> int:
        return min(max(round(value), 0), limit)

    xs, ys = [x for x, _y in corners], [y for _x, y in corners]
    return PixelBox(
        within(min(xs), width_px), within(min(ys), height_px), within(max(xs), width_px), within(max(ys), height_px)
    )


def plausible_dpi(told: tuple[float, float] | None, width_px: int, height_px: int) -> tuple[tuple[float, float], bool]:
    """The resolution to believe, and whether it had to be assumed.

    A missing, impossible or merely habitual resolution (72 or 96 on a picture that would be larger than A3) is
    replaced by the one at which the picture just fits A4.
    """
    if told is not None and all(_LEAST_DPI <= value <= _GREATEST_DPI for value in told):
        longest = max(width_px / told[0], height_px / told[1])
        limit = _LONGEST_PLAUSIBLE_INCH if max(told) <= _SCREEN_DPI else _LONGEST_INCH
        if longest <= limit:
            return told, False
    short, long = sorted((width_px, height_px))
    dpi = max(short / (A4_WIDTH_MM / _MM_PER_INCH), long / (A4_HEIGHT_MM / _MM_PER_INCH))
    dpi = min(max(dpi, _LEAST_DPI), _GREATEST_DPI)
    return (dpi, dpi), True
