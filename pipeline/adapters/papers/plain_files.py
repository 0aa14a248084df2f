"""One way to write JSON and CSV: UTF-8, line feeds, the same bytes for the same values.

A character that UTF-8 can't hold (half a surrogate pair out of a broken file name) becomes a question mark.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from pipeline.domain.ids import is_id
from pipeline.domain.totals import Totals

# Where a formula could begin: at the start of a cell, behind blanks that a spreadsheet trims, and behind a semicolon or
# tab, at which German ones part cells. Full-width signs count as the plain ones do.
_FORMULA = re.compile(r"((?:^|[;\t])[\s\x00-\x1f]*?)(?=[=+\-@＝＋－＠\t\r])")
_PLAIN_START = re.compile(r"[^\s=+\-@＝＋－＠]")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x0c\x0e-\x1f\x7f\x85\u2028\u2029]")


@dataclass(frozen=True)
class Rows:
    """A list in a JSON document that is written one element a line, without holding all of it."""

    elements: Iterable[Mapping[str, object]]


def write_text(path: Path, text: str) -> None:
    """Write a text file."""
    with _open(path) as file:
        file.write(text)


def write_json(path: Path, document: Mapping[str, object]) -> None:
    """Write a JSON object, keys in the order given; values of class `Rows` element by element."""
    with _open(path) as file:
        opening = "{\n"
        for key, value in document.items():
            file.write(f"{opening}  {_json(key)}: ")
            file.writelines(_rows(value.elements) if isinstance(value, Rows) else (_indented(value),))
            opening = ",\n"
        file.write("\n}\n")


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str | int]]) -> None:
    """Write a CSV file: comma, quotes where needed, text cells made safe for spreadsheets by `safe_cell`.

    Raises ValueError for a row that hasn't as many cells as there are columns.
    """
    with _open(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            if len(row) != len(columns):
                raise ValueError(f"{path.name}: a row of {len(row)} cells under {len(columns)} columns")
            writer.writerow([cell if isinstance(cell, int) else safe_cell(cell) for cell in row])


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula, on one line.

    Where text begins with `= + - @`, a tab or a carriage return, an apostrophe stands before it; also after blanks,
    and after a semicolon or tab inside the text. Other control characters and line breaks become spaces.
    """
    if not text or (text.isprintable() and ";" not in text and _PLAIN_START.match(text)):
        return text
    return _CONTROL.sub(" ", _FORMULA.sub(r"\1'", text)).replace("\r", " ")


def decimal_grams(weight_mg: int) -> str:
    """A weight in mg as decimal grams: `19.970`."""
    return f"{weight_mg // 1000}.{weight_mg % 1000:03d}"


def totals_json(totals: Totals) -> dict[str, int | float]:
    """Totals under the contract's names."""
    return {
        "pieces": totals.pieces,
        "sheets": totals.sheets,
        "pages": totals.pages,
        "weight_g": totals.weight_mg / 1000,
        "postage_cent": totals.postage_cent,
    }


def named(folder: Path, id: str, ending: str) -> Path:
    """The path of a file that is named by an id of ours; ValueError for anything else."""
    if not is_id(id):
        raise ValueError(f"not an id: {id!r}")
    return folder / f"{id}{ending}"


def _open(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", errors="replace", newline="")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _indented(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\n  ")


def _rows(elements: Iterable[Mapping[str, object]]) -> Iterator[str]:
    opening = "[\n"
    for element in elements:
        yield f"{opening}    {_json(element)}"
        opening = ",\n"
    yield "[]" if opening == "[\n" else "\n  ]"
