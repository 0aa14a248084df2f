"""Reads an index that lay beside a print stream: CSV with a line of column names, a line a letter."""

from __future__ import annotations

import csv
import errno
import io
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NoReturn

from pipeline.domain.errors import Rejected
from pipeline.domain.letter_orders import parse_orders
from pipeline.domain.split_rules import ORDER_GROUPS
from pipeline.domain.splitting import IndexRow

MAX_INDEX_BYTES = 256 * 1024 * 1024
_PAGES = ("first_page", "last_page")
COLUMNS = (*_PAGES, *sorted(ORDER_GROUPS))
_DELIMITERS = ";,\t"
_MAX_CELL = 1000


def read_index(path: Path | bytes) -> list[IndexRow]:
    """The letters that an index names. UTF-8, a byte order mark allowed; cells part by semicolon, comma or tab.

    Columns: `first_page`, `last_page`, and as wanted `reference`, `cost_centre`, `enclosures` (`1+3`, `-` for none),
    `plex`; empty cells say nothing. Raises Rejected `index-invalid` with the line, never with what stands there, for it
    may hold a name; OSError where the disk fails.
    """
    try:
        text = _read(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse("Sie ist nicht in UTF-8 gespeichert.")
    head = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return list(_letters(rows))
    except csv.Error:
        _refuse("Eine Zelle mit Anführungszeichen ist nicht abgeschlossen.", rows_line(rows))


def rows_line(rows: object) -> int:
    """The line at which a CSV reader stopped, from 1."""
    return max(1, int(getattr(rows, "line_num", 1)))


def _letters(rows: Iterator[list[str]]) -> Iterator[IndexRow]:
    columns = [name.strip().lower() for name in next(rows, [])]
    for name in columns:
        if name not in COLUMNS:
            _refuse(f"Eine Spalte heißt nicht wie erwartet. Bekannt sind: {', '.join(COLUMNS)}.", 1)
    if len(set(columns)) != len(columns) or not set(_PAGES) <= set(columns):
        _refuse("Die Spalten first_page und last_page müssen da sein, und keine Spalte zweimal.", 1)
    found = False
    for cells in rows:
        line = rows_line(rows)
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(columns) or any(len(cell) > _MAX_CELL for cell in cells):
            _refuse(f"Sie hat {len(cells)} Zellen; {len(columns)} Spalten sind benannt.", line)
        found = True
        yield _row(line, {name: cell.strip() for name, cell in zip(columns, cells, strict=True)})
    if not found:
        _refuse("Sie nennt keinen Brief.")


def _row(line: int, cells: Mapping[str, str]) -> IndexRow:
    numbers = []
    for name in _PAGES:
        text = cells[name]
        if not (text.isascii() and text.isdecimal() and 1 <= len(text) <= 6 and int(text) >= 1):
            _refuse(f"{name} ist keine Seitenzahl ab 1.", line)
        numbers.append(int(text))
    if numbers[0] > numbers[1]:
        _refuse("last_page ist kleiner als first_page.", line)
    try:
        orders = parse_orders({name: cells[name] for name in ORDER_GROUPS if name in cells})
    except Rejected as error:
        _refuse(error.sentence, line)
    return IndexRow(line, numbers[0], numbers[1], orders)


def _refuse(sentence: str, line: int | None = None) -> NoReturn:
    where = f", Zeile {line}" if line else ""
    raise Rejected("index-invalid", f"Index-Datei{where}: {sentence}")


def _read(path: Path | bytes) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):  # a link, a socket
            _refuse("Sie ist keine gewöhnliche Datei.")
        raise
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            _refuse("Sie ist keine gewöhnliche Datei.")
        with os.fdopen(handle, "rb", closefd=False) as file:
            raw = file.read(MAX_INDEX_BYTES + 1)
    finally:
        os.close(handle)
    if len(raw) > MAX_INDEX_BYTES:
        _refuse(f"Sie ist größer als {MAX_INDEX_BYTES // 1024**2} MB.")
    return raw
