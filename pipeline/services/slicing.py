"""Slices: ranges of a file's pages, each a unit of work of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.domain.ids import slice_id


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
