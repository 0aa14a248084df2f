"""Lengths on a sheet, in mm from the sheet's top left corner, y downwards."""

from __future__ import annotations

from dataclasses import dataclass

MM_PER_POINT = 25.4 / 72.0
POINTS_PER_MM = 72.0 / 25.4

A4_WIDTH_MM = 210.0
A4_HEIGHT_MM = 297.0


@dataclass(frozen=True)
class Rect:
    """A rectangle: left, top, right, bottom in mm; left < right, top < bottom."""

    left_mm: float
    top_mm: float
    right_mm: float
    bottom_mm: float

    def __post_init__(self) -> None:
        if not (self.left_mm < self.right_mm and self.top_mm < self.bottom_mm):
            raise ValueError(f"not a rectangle: {self}")

    def overlaps(self, other: Rect) -> bool:
        """Whether the two share an area; touching edges do not count."""
        return (
            self.left_mm < other.right_mm
            and other.left_mm < self.right_mm
            and self.top_mm < other.bottom_mm
            and other.top_mm < self.bottom_mm
        )

    def contains(self, other: Rect) -> bool:
        """Whether `other` lies wholly inside."""
        return (
            self.left_mm <= other.left_mm
            and self.top_mm <= other.top_mm
            and other.right_mm <= self.right_mm
            and other.bottom_mm <= self.bottom_mm
        )

    def grown(self, by_mm: float) -> Rect:
        """The rectangle with `by_mm` added on every side."""
        return Rect(self.left_mm - by_mm, self.top_mm - by_mm, self.right_mm + by_mm, self.bottom_mm + by_mm)

    def moved(self, down_mm: float) -> Rect:
        """The rectangle shifted down by `down_mm`."""
        return Rect(self.left_mm, self.top_mm + down_mm, self.right_mm, self.bottom_mm + down_mm)
