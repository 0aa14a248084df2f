"""Kodak patch codes on a scanned page: which one, read from the edge that it stands at.

No library that we know of reads them. A scanner with sensors reads them from the leading edge on; in a picture we
can't tell which edge led, and backwards 1 is 6 and 3 is T. But the code must stand within 3.75 in of its leading edge,
so the nearest edge is the one to read from, whichever way the sheet was fed. In the middle of a page it stays open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.adapters.incoming.parallel_bars import BarMark, BarPattern, Strips, count_strips, find_bars
from pipeline.domain.separator_marks import BACKWARDS, PATCH_SHORTEST_MM, PATCH_UNIT_MM, PATCHES, PatchKind

_SHORTEST_MM = 0.8 * PATCH_SHORTEST_MM
_MIDDLE = (0.46, 0.54)
_PATTERNS: dict[BarPattern, PatchKind] = {
    BarPattern(kind, widths, PATCH_UNIT_MM, _SHORTEST_MM): kind for kind, widths in PATCHES.items()
}
# Three neighbouring bars of any patch: what is left of one whose outer bar is cut off or smeared.
_REMAINS = tuple(
    BarPattern("remains", widths, PATCH_UNIT_MM, PATCH_SHORTEST_MM, quiet=False)
    for widths in sorted({bars[at : at + 3] for bars in PATCHES.values() for at in (0, 1)})
)

# A patch that was scribbled over still shows here and there between the strokes.
_TRACES = tuple(BarPattern(kind, widths, PATCH_UNIT_MM, 0.0, quiet=False) for kind, widths in PATCHES.items())
# Of 1,000 letters none shows more than five such strips, hardly one more than two.
_MANY_STRIPS, _SOME_STRIPS, _LEAST_TOGETHER = 7, 3, 3


@dataclass(frozen=True)
class Patch:
    """A patch code. `kind` as read from the nearest edge; `sure` is False in the middle of the page."""

    kind: PatchKind
    sure: bool
    mark: BarMark


def find_patches(looks: Sequence[Strips]) -> list[Patch]:
    """All patch codes of a page; a long one that is interrupted may be found in several parts."""
    if count_strips(looks, _TRACES)[1] < _LEAST_TOGETHER:
        return []
    kinds = {pattern.name: kind for pattern, kind in _PATTERNS.items()}
    return [_patch(mark, kinds[mark.name]) for mark in find_bars(looks, tuple(_PATTERNS))]


def patch_remains(looks: Sequence[Strips]) -> list[BarMark]:
    """Places that may have been a patch code: three of its bars, the fourth can't be told."""
    return find_bars(looks, _REMAINS)


def patch_traces(looks: Sequence[Strips], remains: bool) -> bool:
    """Whether a patch code shines through in places, too few of them to tell which. `remains`: there are such, too."""
    return count_strips(looks, _TRACES)[0] >= (_SOME_STRIPS if remains else _MANY_STRIPS)


def _patch(mark: BarMark, kind: PatchKind) -> Patch:
    read = kind if mark.place < 0.5 else BACKWARDS[kind]
    return Patch(read, kind == BACKWARDS[kind] or not _MIDDLE[0] <= mark.place <= _MIDDLE[1], mark)
