"""How print streams were cut: a row a letter, and a row for each page that is left out. Written once, read by range.

A stream that divides into equal letters, of which nothing else is known, needs no rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Integer, String, Table, Text, func, insert, select

from pipeline.adapters.ledger.schema import intakes, metadata
from pipeline.domain.letter_orders import LetterOrders
from pipeline.domain.pages import ControlLine, LetterRange
from pipeline.domain.source_pages import LeftOut, LeftOutReason, SourceFile
from pipeline.domain.splitting import Cut, CutLetter

letters = Table(
    "letters",
    metadata,
    Column("intake", String(64), ForeignKey("intakes.id"), primary_key=True),
    Column("first_page", Integer, primary_key=True, autoincrement=False),
    Column("last_page", Integer, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("orders", Text, nullable=False),
)

left_out_pages = Table(
    "left_out_pages",
    metadata,
    Column("intake", String(64), ForeignKey("intakes.id"), primary_key=True),
    Column("page", Integer, primary_key=True, autoincrement=False),
    Column("reason", String(16), nullable=False),
)

_LINES = "control_lines"  # beside the orders, on which pages of the letter one was seen
_ROWS_AT_ONCE = 5000
_FILES_AT_ONCE = 500


def write_cut(connection: Connection, intake: str, cut: Cut) -> None:
    """Write down a cut, in the transaction that also plans the reading of its letters."""
    _insert(connection, letters, (_letter_row(intake, letter) for letter in cut.letters))
    dropped = ({"intake": intake, "page": each.page, "reason": each.reason} for each in cut.left_out)
    _insert(connection, left_out_pages, dropped)


def letters_between(connection: Connection, intake: str, first_page: int, last_page: int) -> list[CutLetter]:
    """The letters that begin on these pages, in order; empty where the stream needed no rows."""
    query = select(letters).where(letters.c.intake == intake, letters.c.first_page.between(first_page, last_page))
    rows = connection.execute(query.order_by(letters.c.first_page)).mappings()
    return [_letter(dict(row)) for row in rows]


def left_out_of(connection: Connection, intake: str) -> list[LeftOut]:
    """The pages of a stream that are not printed on purpose, in order."""
    query = select(left_out_pages).where(left_out_pages.c.intake == intake).order_by(left_out_pages.c.page)
    return [LeftOut(row.page, row.reason) for row in connection.execute(query)]


def count_left_out(connection: Connection, intake: str) -> int:
    """How many pages of a stream are not printed on purpose."""
    query = select(func.count()).select_from(left_out_pages).where(left_out_pages.c.intake == intake)
    return int(connection.execute(query).scalar_one())


def source_files(connection: Connection, ids: Iterable[str]) -> dict[str, SourceFile]:
    """How many pages these files have, and which of them are left out, by id of the intake."""
    wanted = sorted(set(ids))
    files: dict[str, SourceFile] = {}
    for start in range(0, len(wanted), _FILES_AT_ONCE):
        some = wanted[start : start + _FILES_AT_ONCE]
        left_out: dict[str, dict[int, LeftOutReason]] = {}
        for row in connection.execute(select(left_out_pages).where(left_out_pages.c.intake.in_(some))):
            left_out.setdefault(row.intake, {})[row.page] = row.reason
        for row in connection.execute(select(intakes.c.id, intakes.c.pages).where(intakes.c.id.in_(some))):
            files[row.id] = SourceFile(row.pages, left_out.get(row.id, {}))
    return files


def _letter_row(intake: str, letter: CutLetter) -> dict[str, Any]:
    span = letter.range
    told = letter.orders.told()
    if span.control_lines is not None:
        told[_LINES] = [[line.offset, line.rest] for line in span.control_lines]
    orders = json.dumps(told, ensure_ascii=False, sort_keys=True)
    numbers = {"first_page": span.first_page, "last_page": span.last_page, "ordinal": span.ordinal}
    return {"intake": intake, **numbers, "orders": orders}


def _letter(row: dict[str, Any]) -> CutLetter:
    told = json.loads(row["orders"])
    lines = told.pop(_LINES, None)
    if "enclosures" in told:
        told["enclosures"] = tuple(told["enclosures"])
    orders = LetterOrders(**told)
    seen = None if lines is None else tuple(ControlLine(offset, rest) for offset, rest in lines)
    return CutLetter(LetterRange(row["ordinal"], row["first_page"], row["last_page"], orders.plex, seen), orders)


def _insert(connection: Connection, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _ROWS_AT_ONCE:
            connection.execute(insert(table), chunk)
            chunk = []
    if chunk:
        connection.execute(insert(table), chunk)
