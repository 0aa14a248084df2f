"""What was seen on the pages of a print stream, as files: one a slice, a line a page, read back one by one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from pipeline.domain.page_sights import PageSight

FILE = "sights.jsonl"
_DEFAULTS = {each.name: each.default for each in fields(PageSight) if each.name not in ("page", "fields")}


def write_sights(folder: str | Path, sights: Sequence[PageSight]) -> None:
    """Write sights into one file that is either whole or absent; what says nothing is left out."""
    target = Path(folder) / FILE
    part = target.with_suffix(".part")
    with part.open("w", encoding="utf-8") as file:
        for sight in sights:
            file.write(json.dumps(_told(sight), ensure_ascii=False, separators=(",", ":")) + "\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)


def read_sights(folders: Sequence[str | Path]) -> Iterator[PageSight]:
    """The sights of these slices, one after the other; memory does not grow with the pages."""
    for folder in folders:
        with (Path(folder) / FILE).open(encoding="utf-8") as file:
            for line in file:
                yield PageSight(**json.loads(line))


def _told(sight: PageSight) -> dict[str, Any]:
    told: dict[str, Any] = {"page": sight.page}
    told |= {name: value for name, default in _DEFAULTS.items() if (value := getattr(sight, name)) != default}
    if sight.fields:
        told["fields"] = dict(sight.fields)
    return told
