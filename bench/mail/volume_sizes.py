"""Which letters go into which volume of a machine, and where the volumes of a run lie."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def shared_out(letters: Sequence[int], most_sheets: int) -> list[range]:
    """The letters (from 0) of each volume, in order, for letters of so many sheets each; a letter is never cut.

    Raises ValueError where one is longer than a volume.
    """
    if max(letters, default=0) > most_sheets:
        raise ValueError(f"a letter has more than {most_sheets} sheets")
    volumes: list[range] = []
    first = sheets = 0
    for number, of_letter in enumerate(letters):
        if sheets + of_letter > most_sheets:
            volumes.append(range(first, number))
            first, sheets = number, 0
        sheets += of_letter
    return [*volumes, range(first, len(letters))] if letters else []


def volume_file(out: Path, number: int) -> Path:
    """Where volume `number` (from 1) of a run goes whose result would be `out`, were it one file."""
    return out.with_name(f"{out.stem}-v{number:02d}{out.suffix}")


def files_of(out: Path) -> list[Path]:
    """The result of a run, in order: one file, or its volumes; none where nothing came out."""
    return [out] if out.exists() else sorted(out.parent.glob(f"{out.stem}-v*{out.suffix}"))
