"""A breakdown of totals as a table on paper; its last row is the sum of the rows above it."""

from __future__ import annotations

from collections.abc import Mapping

from reportlab.platypus import Flowable

from pipeline.adapters.papers.page_layout import Column, section
from pipeline.domain.german import count, euros, grams
from pipeline.domain.totals import Totals, total

# Wide enough for a batch of 999,999 pieces: no number breaks in two.
_COLUMNS = (
    Column("Sendungen", 22, True),
    Column("Blatt", 20, True),
    Column("Seiten", 20, True),
    Column("Gewicht", 32.6, True),
    Column("Porto", 28.4, True),
)


def breakdown(heading: str, label: str, parts: Mapping[str, Totals]) -> list[Flowable]:
    """A heading and a table with a row for each of `parts`, in their order, and the sum."""
    rows = [[name or "ohne Angabe", *_cells(part)] for name, part in parts.items()]
    rows.append(["Summe", *_cells(total(parts.values()))])
    return section(heading, (Column(label, 51), *_COLUMNS), rows, last_is_sum=True)


def called(parts: Mapping[str, Totals], names: Mapping[str, str]) -> dict[str, Totals]:
    """Totals under the names of their ids, in the order of the ids; ids that share a name are told apart."""
    ambiguous = len({names.get(id, id) for id in parts}) < len(parts)
    return {f"{names.get(id, id)} ({id})" if ambiguous else names.get(id, id): part for id, part in parts.items()}


def _cells(totals: Totals) -> list[str]:
    return [
        count(totals.pieces),
        count(totals.sheets),
        count(totals.pages),
        grams(totals.weight_mg),
        euros(totals.postage_cent),
    ]
