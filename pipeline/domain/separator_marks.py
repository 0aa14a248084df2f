"""The marks on separator sheets that a scanner's picture is searched for: Kodak's patch codes, and our own frame.

Both are bars of two widths with spaces of one. Lengths in mm. Patch codes after Kodak's publication A-61599: four bars
parallel to the leading edge, wide ones 0.20 in, narrow ones and spaces 0.08 in, 0.80 in together, bars at least 2 in
long (0.75 in for some scanners), at least 0.25 in from every edge and at most 3.75 in from the leading one; read
from the leading edge on. Backwards, 1 is 6 and 3 is T: so a sheet that may be fed either way has one at each edge.
"""

from __future__ import annotations

from typing import Literal

PatchKind = Literal["patch-1", "patch-2", "patch-3", "patch-4", "patch-6", "patch-t"]

INCH_MM = 25.4

PATCHES: dict[PatchKind, tuple[float, ...]] = {
    "patch-1": (2.5, 2.5, 1.0, 1.0),
    "patch-2": (2.5, 1.0, 1.0, 2.5),
    "patch-3": (2.5, 1.0, 2.5, 1.0),
    "patch-4": (1.0, 2.5, 2.5, 1.0),
    "patch-6": (1.0, 1.0, 2.5, 2.5),
    "patch-t": (1.0, 2.5, 1.0, 2.5),
}
"""Widths of the four bars from the leading edge on, in units of a narrow one."""
BACKWARDS: dict[PatchKind, PatchKind] = {
    kind: next(other for other, widths in PATCHES.items() if widths == PATCHES[kind][::-1]) for kind in PATCHES
}
PATCH_UNIT_MM = 0.08 * INCH_MM
PATCH_SHORTEST_MM = 0.75 * INCH_MM

FRAME: tuple[float, ...] = (3.0, 1.0, 3.0)
"""Our frame: three bars along the top and the bottom edge of the sheet, in units; the same read from either side."""
FRAME_UNIT_MM = 1.6
FRAME_MARGIN_MM = 8.0


def span(widths: tuple[float, ...]) -> float:
    """The whole width of a mark in units: its bars, and a space of one unit between every two."""
    return sum(widths) + len(widths) - 1
