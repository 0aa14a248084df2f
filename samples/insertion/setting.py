"""What a technician sets up at the machine: where its reading head looks, and what the positions mean."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

SYMBOL_MODULES = 18
"""Modules a side of the 2D code, docs/formats/marks.md."""
_HEAD_MARGIN_MM = 2.0


@dataclass(frozen=True)
class Strokes:
    """A column of strokes: left edge, centre of the first, distance, length and thickness in mm; a token a position."""

    x_mm: float
    first_mm: float
    pitch_mm: float
    length_mm: float
    thickness_mm: float
    tokens: tuple[str, ...]
    modulo: int
    first: int

    def __post_init__(self) -> None:
        if not self.tokens or min(self.pitch_mm, self.length_mm, self.thickness_mm) <= 0 or self.modulo <= self.first:
            raise ValueError(f"no strokes to read: {self}")


@dataclass(frozen=True)
class Symbol:
    """A 2D code: its top left corner, side and quiet zone in mm."""

    x_mm: float
    y_mm: float
    side_mm: float
    quiet_mm: float


@dataclass(frozen=True)
class Setting:
    """A machine as it is set up. `address_first`: the sheet with the address is the first of its set that is fed.

    `feed_on`: which fed sheet of a set calls the enclosure stations: `last`, `first` or `all`.
    """

    id: str
    strokes: Strokes | None
    symbol: Symbol | None
    address_first: bool
    trailer_sheet: bool
    feed_on: str

    def head_mm(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom edge of what the reading head sees of a sheet, in mm from its top left."""
        boxes = []
        if self.strokes is not None:
            s = self.strokes
            bottom = s.first_mm + s.pitch_mm * (len(s.tokens) - 1)
            boxes.append((s.x_mm, s.first_mm - s.pitch_mm / 2, s.x_mm + s.length_mm, bottom + s.pitch_mm / 2))
        if self.symbol is not None:
            c = self.symbol
            boxes.append(
                (
                    c.x_mm - c.quiet_mm,
                    c.y_mm - c.quiet_mm,
                    c.x_mm + c.side_mm + c.quiet_mm,
                    c.y_mm + c.side_mm + c.quiet_mm,
                )
            )
        left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
        right, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
        return left - _HEAD_MARGIN_MM, top - _HEAD_MARGIN_MM, right + _HEAD_MARGIN_MM, bottom + _HEAD_MARGIN_MM


def read_setting(profile: Path) -> Setting:
    """The setting that a machine's profile describes (docs/formats/marks.md). Raises ValueError, KeyError, OSError."""
    told = tomllib.loads(profile.read_text(encoding="utf-8"))
    marks, feed = told["marks"], told["feed"]
    kind = marks["kind"]
    if kind not in ("omr", "datamatrix", "both") or marks.get("side", "front") != "front":
        raise ValueError(f"{profile.name}: no such reading head: {kind}")
    return Setting(
        id=told["id"],
        strokes=_strokes(marks) if kind in ("omr", "both") else None,
        symbol=_symbol(marks["datamatrix"]) if kind in ("datamatrix", "both") else None,
        address_first=feed["address_sheet"] == "first",
        trailer_sheet=feed.get("trailer_sheet", False),
        feed_on=marks.get("feed_on", "last"),
    )


def _strokes(marks: dict) -> Strokes:  # type: ignore[type-arg]
    sequence = marks.get("sequence", {})
    return Strokes(
        x_mm=marks["x_mm"],
        first_mm=marks["first_mm"],
        pitch_mm=marks["pitch_mm"],
        length_mm=marks["length_mm"],
        thickness_mm=marks["thickness_mm"],
        tokens=tuple(marks["tokens"]),
        modulo=sequence.get("modulo", 1),
        first=sequence.get("first", 0),
    )


def _symbol(code: dict) -> Symbol:  # type: ignore[type-arg]
    side = SYMBOL_MODULES * code["module_mm"]
    return Symbol(code["x_mm"], code["y_mm"], side, code["quiet_mm"])
