"""How strictly a job looks at window and mark zone: the sections `[outgoing.window]` and `[outgoing.mark_zone]`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from pipeline.domain.geometry import Rect

WindowPolicy = Literal["refuse", "remark", "ignore"]
SpecialPolicy = Literal["refuse", "remark", "pool"]
OccupiedPolicy = Literal["refuse", "whiten", "shift"]

_STRICT: dict[str, object] = {"extra": "forbid", "strict": False}
MOST_SHIFT_MM = 20.0


@dataclass(frozen=True)
class WindowRules:
    """Where the address is looked for, and what may show beside it. Lengths in mm.

    `own`: an address field of the job's own in place of DIN 5008's, for letters that are folded as the job's only
    form; its upper `own_notes_mm` are for sender and endorsements, 0: there is no such zone.
    `margin_mm`: how far the address stays from the edges of what the window always shows (the post asks for 3).
    `slack_mm`: by how much more than the envelope's table says the window may show.
    `folded`, `flat`: what happens when something else can show in the window of a folded or flat piece; None leaves
    it to the envelope. `special`: the same for endorsements that order another product, such as Einschreiben; `pool`:
    registered mail goes at its own price, in a pool of its own, and what can't go like that goes back.
    `recognise`: whether an address without text is read by recognition; `least_confidence` in percent, 0 to 100:
    what it has to reach in every word.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    own: Rect | None = None
    own_notes_mm: float = 0.0
    margin_mm: float = 0.0
    slack_mm: float = 0.0
    folded: WindowPolicy | None = None
    flat: WindowPolicy | None = None
    special: SpecialPolicy = "refuse"
    recognise: bool = True
    least_confidence: float = 80.0

    def __post_init__(self) -> None:
        if not (0 <= self.margin_mm <= 10 and 0 <= self.slack_mm <= 10):
            raise ValueError("window: margin_mm and slack_mm are 0 to 10")
        if not 0 <= self.least_confidence <= 100:
            raise ValueError("window: least_confidence is 0 to 100")
        if self.own is None and self.own_notes_mm:
            raise ValueError("window: own_notes_mm belongs to own")
        if self.own is not None and not 0 <= self.own_notes_mm < self.own.bottom_mm - self.own.top_mm:
            raise ValueError("window: own_notes_mm is less than the height of own")


@dataclass(frozen=True)
class MarkZoneRules:
    """What happens to a letter that is printed where marks go. Lengths in mm.

    `refuse`: it goes back. `whiten`: fold and hole marks may stand there, for the white box under the marks covers
    them; `strokes_mm` names further places of such strokes, from the sheet's top edge. `shift`: all its pages are
    moved to the right by `shift_mm`, if nothing comes closer than `right_mm` to the right edge, where printers don't
    print.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    occupied: OccupiedPolicy = "refuse"
    strokes_mm: tuple[float, ...] = ()
    shift_mm: float = 0.0
    right_mm: float = 4.0

    def __post_init__(self) -> None:
        if (self.occupied == "shift") != (self.shift_mm > 0) or not 0 <= self.shift_mm <= MOST_SHIFT_MM:
            raise ValueError("mark_zone: shift goes with shift_mm over 0 and up to 20")
        if not 0 <= self.right_mm <= 20 or any(not 0 < place < 297 for place in self.strokes_mm):
            raise ValueError("mark_zone: right_mm is 0 to 20, strokes_mm lie on the sheet")
