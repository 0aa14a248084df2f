"""What a piece weighs and how thick it lies, from paper, envelope and enclosures.

All of it is arithmetic on weighed and measured stocks: the profile holds the weight of one envelope as it lies on
the scale, because paper weights differ by several per cent between deliveries. The margin against that is added
when the postal product is chosen (`domain.postage`), never to the weight itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.domain.profiles import Enclosure, Envelope, Folding, Paper

ENVELOPE_WALL_MM = 0.1
"""Thickness of one wall of a window envelope of 75 to 100 g/m² paper; a filled envelope has two."""


def piece_weight_mg(sheets: int, paper: Paper, envelope: Envelope, enclosures: Iterable[Enclosure] = ()) -> int:
    """The weight of a filled envelope in mg: `sheets` (at least 1) of paper, the empty envelope, the enclosures.

    Raises ValueError for a piece without a sheet.
    """
    _at_least_one(sheets)
    return sheets * paper.sheet_weight_mg + envelope.weight_mg + sum(one.weight_mg for one in enclosures)


def folded_layers(folding: Folding) -> int:
    """How often a sheet lies upon itself: two folds (C-fold) 3, one (half fold) 2, flat 1."""
    return len(folding.folds_mm) + 1


def piece_thickness_mm(
    sheets: int, paper: Paper, folding: Folding, enclosures: Iterable[Enclosure] = (), wall_mm: float = ENVELOPE_WALL_MM
) -> float:
    """The thickness of a filled envelope in mm, to a micrometre: folded layers, enclosures as they lie, two walls.

    `sheets`: at least 1. `wall_mm`: thickness of one envelope wall. Raises ValueError for a piece without a sheet.
    """
    _at_least_one(sheets)
    paper_mm = sheets * folded_layers(folding) * paper.thickness_mm
    return round(paper_mm + sum(one.thickness_mm for one in enclosures) + 2 * wall_mm, 3)


def _at_least_one(sheets: int) -> None:
    if sheets < 1:
        raise ValueError(f"a piece has at least one sheet, not {sheets}")
