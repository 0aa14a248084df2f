"""Where on a sheet the address stands: the address field of DIN 5008, or a job's own, with its two zones.

DIN 5008:2020, form A and B: the field is 85 x 45 mm from x 20; its upper 17.7 mm hold the sender's line and
endorsements, its lower 27.3 mm at most six lines of address. The variant with a sender's line of 5 mm above
endorsements of 12.7 mm divides the same field at the same place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from pipeline.domain.geometry import Rect
from pipeline.domain.profiles import AddressForm
from pipeline.domain.window_rules import WindowRules

FIELD_LEFT_MM, FIELD_RIGHT_MM = 20.0, 105.0


@dataclass(frozen=True)
class Field:
    """An address field: its top, the boundary between its zones, its bottom and its sides, mm from the sheet's
    top left corner."""

    top_mm: float
    boundary_mm: float
    bottom_mm: float
    left_mm: float = FIELD_LEFT_MM
    right_mm: float = FIELD_RIGHT_MM

    def __post_init__(self) -> None:
        if not (self.top_mm <= self.boundary_mm < self.bottom_mm and self.left_mm < self.right_mm):
            raise ValueError(f"not an address field: {self}")

    @property
    def whole(self) -> Rect:
        """Both zones."""
        return Rect(self.left_mm, self.top_mm, self.right_mm, self.bottom_mm)

    @property
    def address_zone(self) -> Rect:
        """The lower zone."""
        return Rect(self.left_mm, self.boundary_mm, self.right_mm, self.bottom_mm)


FIELDS: Mapping[AddressForm, Field] = MappingProxyType({"A": Field(27.0, 44.7, 72.0), "B": Field(45.0, 62.7, 90.0)})


def fields_of(forms: Sequence[AddressForm], rules: WindowRules) -> Mapping[AddressForm, Field]:
    """The fields in which a job's addresses stand, by the form as which the letter is folded."""
    if rules.own is None:
        return {form: FIELDS[form] for form in forms}
    own = rules.own
    field = Field(own.top_mm, own.top_mm + rules.own_notes_mm, own.bottom_mm, own.left_mm, own.right_mm)
    return dict.fromkeys(forms, field)
