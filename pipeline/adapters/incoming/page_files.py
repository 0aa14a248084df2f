"""Recognised pages as files: one JSON file a page, written by rename, read back as the same values."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipeline.domain.recognised import Block, Line, PixelBox, RecognisedPage, Word

SCHEMA = "poststrasse/recognised-page/1"


def page_file(folder: str | Path, page: int) -> Path:
    """Where the page of this number lies: `page-00001.json`."""
    return Path(folder) / f"page-{page:05d}.json"


def write_page(folder: str | Path, page: RecognisedPage) -> Path:
    """Write a page so that the file is either whole or absent."""
    target = page_file(folder, page.page)
    part = target.with_suffix(".json.part")
    blocks = [_told(block) for block in page.blocks]
    values = {"schema": SCHEMA, **vars(page), "blocks": blocks}
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)
    return target


def read_page(folder: str | Path, page: int) -> RecognisedPage:
    """Read a page back. Raises FileNotFoundError, or ValueError where the file is not one of ours."""
    data: dict[str, Any] = json.loads(page_file(folder, page).read_text(encoding="utf-8"))
    if data.pop("schema", None) != SCHEMA:
        raise ValueError(f"page {page}: not a file of schema {SCHEMA}")
    blocks = tuple(_block(block) for block in data.pop("blocks"))
    return RecognisedPage(blocks=blocks, **data)


def read_pages(folder: str | Path, numbers: Iterable[int]) -> list[RecognisedPage]:
    """Read several pages, in the order in which they are asked for."""
    return [read_page(folder, number) for number in numbers]


def _told(block: Block) -> dict[str, Any]:
    """As `dataclasses.asdict` tells it, which copies every value deeply and takes four times as long."""
    lines = [
        {**vars(line), "box": vars(line.box), "words": [{**vars(word), "box": vars(word.box)} for word in line.words]}
        for line in block.lines
    ]
    return {"lines": lines, "box": vars(block.box)}


def _block(data: dict[str, Any]) -> Block:
    return Block(tuple(_line(line) for line in data["lines"]), PixelBox(**data["box"]))


def _line(data: dict[str, Any]) -> Line:
    return Line(tuple(_word(word) for word in data["words"]), PixelBox(**data["box"]), data["size_px"])


def _word(data: dict[str, Any]) -> Word:
    x0, y0, x1, y1 = data["baseline"]
    return Word(data["text"], data["confidence"], PixelBox(**data["box"]), (x0, y0, x1, y1))
