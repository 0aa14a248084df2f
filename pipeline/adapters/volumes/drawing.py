"""The marks of a sheet as PDF drawing operators on an A4 page whose origin is the lower left corner.

White boxes first, so that nothing of the letter shines through, then black strokes and modules as filled
rectangles, 100 % K. The stream works in mm from the sheet's top left corner, so its numbers are those of the profile.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pipeline.domain import code2d
from pipeline.domain.datamatrix import datamatrix_rows
from pipeline.domain.geometry import A4_HEIGHT_MM, A4_WIDTH_MM, POINTS_PER_MM, Rect
from pipeline.domain.marks import stroke_positions_mm
from pipeline.domain.profile_rules import clear_zone
from pipeline.domain.profiles import DatamatrixPlace, Machine

A4_WIDTH_PT = round(A4_WIDTH_MM * POINTS_PER_MM, 3)
A4_HEIGHT_PT = round(A4_HEIGHT_MM * POINTS_PER_MM, 3)

_RUN = re.compile("1+")
_HALF = code2d.MODULES // 2
_HALF_MASK = (1 << _HALF) - 1


def marks_content(machine: Machine, bits: str, code: str) -> bytes:
    """The operators that draw a sheet's marks.

    `bits`: one 1 or 0 a position, empty for a machine without strokes. `code`: the 2D payload, empty for a machine
    without a 2D code. Raises ValueError where they do not suit the machine.
    """
    place = machine.marks.datamatrix if machine.marks.kind != "omr" else None
    if (place is not None) != bool(code):
        raise ValueError(f"{machine.id}: a 2D payload belongs to a machine with a 2D code")
    symbol = _symbol(place, code) if place is not None else ""
    return f"{_strokes(machine, bits)}{symbol}Q\n".encode("ascii")


def whitened(machine: Machine) -> tuple[Rect, ...]:
    """What is painted white under the marks: their clear zones, as far as they lie on the sheet."""
    return tuple(
        Rect(
            max(zone.left_mm, 0.0),
            max(zone.top_mm, 0.0),
            min(zone.right_mm, A4_WIDTH_MM),
            min(zone.bottom_mm, A4_HEIGHT_MM),
        )
        for zone in clear_zone(machine)
    )


@lru_cache(maxsize=4096)
def _strokes(machine: Machine, bits: str) -> str:
    """Everything that does not change from sheet to sheet of the same strokes; the graphics state stays open."""
    positions_mm = stroke_positions_mm(machine)
    if len(bits) != len(positions_mm):
        raise ValueError(f"{machine.id} has {len(positions_mm)} positions, not {len(bits)}")
    marks = machine.marks
    boxes = "".join(
        _rectangle(zone.left_mm, zone.top_mm, zone.right_mm - zone.left_mm, zone.bottom_mm - zone.top_mm)
        for zone in whitened(machine)
    )
    strokes = "".join(
        _rectangle(marks.x_mm, centre_mm - marks.thickness_mm / 2, marks.length_mm, marks.thickness_mm)
        for centre_mm, bit in zip(positions_mm, bits, strict=True)
        if bit == "1"
    )
    scale = _number(POINTS_PER_MM, 7)
    frame = f"q\n{scale} 0 0 -{scale} 0 {_number(A4_HEIGHT_PT)} cm\n1 g\n{boxes}f\n0 g\n"
    return frame + (f"{strokes}f\n" if strokes else "")


def _symbol(place: DatamatrixPlace, code: str) -> str:
    """The 2D code, in units of one module; modules of half a row that touch are one rectangle."""
    module = _number(place.module_mm)
    parts = [f"{module} 0 0 {module} {_number(place.x_mm)} {_number(place.y_mm)} cm\n"]
    for y, row in enumerate(datamatrix_rows(code, smallest=code2d.MODULES)):
        rectangles = _half_row(0, row >> _HALF) + _half_row(_HALF, row & _HALF_MASK)
        parts.append(rectangles.replace("y", str(y)))
    parts.append("f\n")
    return "".join(parts)


@lru_cache(maxsize=2 << _HALF)
def _half_row(left: int, modules: int) -> str:
    """Dark stretches as rectangles, `y` standing for the row's place. Halves, because there are few of them."""
    runs = _RUN.finditer(f"{modules:0{_HALF}b}")
    return "".join(f"{left + run.start()} y {len(run[0])} 1 re\n" for run in runs)


def _rectangle(x_mm: float, y_mm: float, width_mm: float, height_mm: float) -> str:
    return f"{_number(x_mm)} {_number(y_mm)} {_number(width_mm)} {_number(height_mm)} re\n"


def _number(value: float, digits: int = 4) -> str:
    return f"{value:.{digits}f}".rstrip("0").rstrip(".")
