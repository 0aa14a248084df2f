"""Slices: ranges of a file's pages, each a unit of work of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.domain.ids import slice_id

_MOST_SLICES = 100
"""Of one print stream: each slice opens the whole file, which takes 0.3 s for 200,000 pages."""


def letters_a_slice(letters: int, usual: int) -> int:
    """How many letters are read together. `usual`: by the profile; of a long stack more, so that it is in 100 slices.

    A slice whose child dies goes back as a whole: never more than a hundredth of a long stack.
    """
    return max(usual, -(-letters // _MOST_SLICES))


def slice_rows(intake: str, task: str, pages: Sequence[int], size: int, first_ordinal: int = 1) -> list[dict[str, Any]]:
    """Rows of slices with `size` of these pages (ascending) each, the last one with what is left."""
    chunks = [pages[start : start + size] for start in range(0, len(pages), size)]
    return [
        {
            "id": slice_id(intake, ordinal),
            "intake": intake,
            "task": task,
            "ordinal": ordinal,
            "first_page": chunk[0],
            "last_page": chunk[-1],
        }
        for ordinal, chunk in enumerate(chunks, first_ordinal)
    ]
