"""What the first cheap look saw, as files: one JSON file a slice, written by rename, read back as the same values."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.domain.errors import Permanent
from pipeline.domain.page_looks import CoverSheet, PageLook, Separator

SCHEMA = "poststrasse/page-looks/1"
_NAMES = "looks-*.json"


def write_looks(folder: str | Path, looks: Sequence[PageLook]) -> Path:
    """Write the looks at a run of pages into one file that is either whole or absent."""
    target = Path(folder) / f"looks-{looks[0].page:05d}.json"
    part = target.with_suffix(".json.part")
    told = {"schema": SCHEMA, "looks": [_told(look) for look in looks]}
    with part.open("w", encoding="utf-8") as file:
        json.dump(told, file, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)
    return target


def read_looks(folders: Sequence[str], pages: int) -> list[PageLook]:
    """The looks at pages 1 to `pages`, in order, from the folders of all slices.

    Raises Permanent `pages-missing` if a page was not looked at, or twice; ValueError where a file is not one of ours.
    """
    found: dict[int, list[PageLook]] = {number: [] for number in range(1, pages + 1)}
    for folder in folders:
        for path in sorted(Path(folder).glob(_NAMES)):
            for look in _read(path):
                found.setdefault(look.page, []).append(look)
    wrong = sorted(number for number, looks in found.items() if len(looks) != 1 or number > pages)
    if wrong:
        times = len(found[wrong[0]])
        raise Permanent("pages-missing", f"page {wrong[0]} of {pages} was looked at {times} times")
    return [looks[0] for _number, looks in sorted(found.items())]


def _told(look: PageLook) -> dict[str, Any]:
    separator: dict[str, Any] | None = None
    if look.separator is not None:
        cover = look.separator.cover
        separator = {**vars(look.separator), "cover": None}
        if cover is not None:
            separator["cover"] = {**vars(cover), "fields": dict(cover.fields)}
    return {**vars(look), "separator": separator}


def _read(path: Path) -> list[PageLook]:
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if data.get("schema") != SCHEMA:
        raise ValueError(f"{path.name}: not a file of schema {SCHEMA}")
    return [_look(look) for look in data["looks"]]


def _look(data: dict[str, Any]) -> PageLook:
    separator = data.pop("separator")
    return PageLook(separator=_separator(separator) if separator is not None else None, **data)


def _separator(data: dict[str, Any]) -> Separator:
    cover = data.pop("cover")
    return Separator(cover=CoverSheet(**cover) if cover is not None else None, **data)
