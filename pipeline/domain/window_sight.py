"""What a letter's first sheet shows in a window, and whether that may be so in a given envelope.

A sheet lies somewhere in its envelope. `Folding.always` is what the window shows wherever it lies, `Folding.possible`
what it can show at all; so two comparisons decide for every position.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.errors import Rejected
from pipeline.domain.geometry import A4_HEIGHT_MM, A4_WIDTH_MM, Rect
from pipeline.domain.profiles import Envelope, Folding
from pipeline.domain.window_rules import WindowPolicy, WindowRules

WINDOW_SHOWS_MORE = "window-shows-more"
WINDOW_NOT_SEEN = "window-not-looked-at"
# How exactly ink is located: a pixel of the rendering that finds it.
GRAIN_MM = 0.4


@dataclass(frozen=True)
class WindowSight:
    """Where the address stands, and what else stands in the region that was looked at, mm on the sheet."""

    address: Rect
    looked_at: Rect
    others: tuple[Rect, ...] = ()


def check_window(sight: WindowSight, envelope: Envelope, folding: Folding, rules: WindowRules) -> tuple[str, ...]:
    """Remarks on a letter's window in the envelope that it will go into.

    Raises Rejected `address-outside-window` where the address does not show in every position of the sheet, and
    `window-occupied` where something else can show and the profiles refuse that.
    """
    _check_address(sight.address, envelope, folding, rules)
    policy = policy_of(envelope, rules)
    shown = [] if policy == "ignore" else shown_beside(sight.others, folding.possible, rules.slack_mm)
    if not shown and policy != "ignore" and not sight.looked_at.contains(on_sheet(folding.possible)):
        return (WINDOW_NOT_SEEN,)
    if not shown:
        return ()
    if policy == "remark":
        return (WINDOW_SHOWS_MORE,)
    sentence = (
        f"Im Fenster des Umschlags {envelope.title} kann neben der Anschrift anderes zu sehen sein: bedruckt "
        f"{_extent(around(shown))}, das Fenster zeigt {_extent(folding.possible.grown(rules.slack_mm))}."
    )
    raise Rejected("window-occupied", sentence)


def policy_of(envelope: Envelope, rules: WindowRules) -> WindowPolicy:
    """What happens when something else shows: the job's own rule for folded or flat pieces, or the envelope's."""
    return (rules.flat if envelope.flat else rules.folded) or envelope.beside_address


def shown_beside(others: Sequence[Rect], possible: Rect, slack_mm: float = 0.0) -> list[Rect]:
    """Which of what was found the window can show, by more than a found place may be off."""
    seen = possible.grown(slack_mm - GRAIN_MM)
    return [other for other in others if other.overlaps(seen)]


def on_sheet(rect: Rect) -> Rect:
    """The part of a rectangle that lies on an A4 sheet; raises ValueError where none does."""
    return Rect(
        max(rect.left_mm, 0.0),
        max(rect.top_mm, 0.0),
        min(rect.right_mm, A4_WIDTH_MM),
        min(rect.bottom_mm, A4_HEIGHT_MM),
    )


def around(rects: Sequence[Rect]) -> Rect:
    """The smallest rectangle around all; raises ValueError where there is none."""
    return Rect(
        min(rect.left_mm for rect in rects),
        min(rect.top_mm for rect in rects),
        max(rect.right_mm for rect in rects),
        max(rect.bottom_mm for rect in rects),
    )


def _check_address(address: Rect, envelope: Envelope, folding: Folding, rules: WindowRules) -> None:
    seen = folding.always.grown(-rules.margin_mm)
    if seen.contains(address):
        return
    margin = f", mit {rules.margin_mm:g} mm Abstand" if rules.margin_mm else ""
    sentence = (
        f"Die Anschrift steht {_extent(address)}; der Umschlag {envelope.title} zeigt in jeder Lage des Blattes nur "
        f"{_extent(seen)}{margin}."
    )
    raise Rejected("address-outside-window", sentence)


def _extent(rect: Rect) -> str:
    return f"x {rect.left_mm:.0f} bis {rect.right_mm:.0f}, y {rect.top_mm:.0f} bis {rect.bottom_mm:.0f} mm"
