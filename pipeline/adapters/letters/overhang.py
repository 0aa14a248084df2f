"""What of a page lies beyond the sheet, when it is larger and is not scaled."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.adapters.letters.placement import Frame
from pipeline.domain.geometry import A4_HEIGHT_MM, A4_WIDTH_MM
from pipeline.domain.page_rules import SizeRule


@dataclass(frozen=True)
class Overhang:
    """What of a page lies beyond the sheet: shares (0 to 1) of the page as shown, from each of its edges."""

    left: float = 0.0
    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0

    def __bool__(self) -> bool:
        return max(self.left, self.top, self.right, self.bottom) > 0


def overhang_of(frame: Frame, rule: SizeRule, *, turned: bool) -> Overhang:
    """What a page at 1:1 loses by a rule; nothing where it is scaled. `turned`: its head lies at the sheet's left."""
    if rule not in ("centre", "top-left"):
        return Overhang()
    width, height = frame.size_mm
    wide, high = (height, width) if turned else (width, height)
    aside, below = max(0.0, wide - A4_WIDTH_MM) / wide, max(0.0, high - A4_HEIGHT_MM) / high
    if rule == "centre":
        sides = Overhang(aside / 2, below / 2, aside / 2, below / 2)
    else:
        sides = Overhang(right=aside, bottom=below)
    if not turned:
        return sides
    # The sheet's left, right, top and bottom are the page's top, bottom, right and left.
    return Overhang(left=sides.bottom, top=sides.left, right=sides.top, bottom=sides.right)
