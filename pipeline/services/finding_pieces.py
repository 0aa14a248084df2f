"""Where a letter lies: by its id, by its number in a batch, by the sheets that a machine counted."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any

from pipeline.adapters.ledger.queries import Queries
from pipeline.adapters.ledger.records import notes_of
from pipeline.adapters.ledger.summaries import first_pieces, piece_row, piece_row_at
from pipeline.domain.errors import Permanent
from pipeline.domain.pieces import Note
from pipeline.domain.totals import printed_pages
from pipeline.services.local_times import local_iso
from pipeline.services.ports import Line
from pipeline.services.showing import batch_of

_PLACE = ("batch", "number", "volume", "first_page", "product_number", "posted_on")


@dataclass(frozen=True)
class LetterInside:
    """One of several letters in an envelope."""

    id: str
    intake: str
    source_first_page: int
    source_last_page: int


@dataclass(frozen=True)
class PieceView:
    """A letter as pieces.csv tells of it; `pages` are printed ones. What has no place in a batch yet has None there."""

    id: str
    batch: str | None
    piece: int | None
    volume: int | None
    first_page: int | None
    pages: int
    sheets: int
    plex: str
    municipality: str
    cost_centre: str
    envelope: str
    enclosures: str
    weight_g: float
    product: str
    postage_cent: int
    country: str
    postcode: str
    intake: str
    file: str
    source_first_page: int
    source_last_page: int
    reference: str
    state: str
    since: str
    posted_on: str | None
    machine: str
    product_number: int | None
    due: str
    priority: int
    confidentiality: str
    job: str
    part: str
    letters: tuple[LetterInside, ...]
    joined_to: str | None
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class SheetsOfPiece:
    """Where a letter's sheets lie, counted in feed order from 1: over the whole batch and within its volume."""

    batch: str
    piece: int
    id: str
    municipality: str
    intake: str
    volume: int
    first_sheet: int
    last_sheet: int
    volume_first_sheet: int
    volume_last_sheet: int
    first_page: int
    letters: tuple[LetterInside, ...] = ()


def piece_view(line: Line, read: Queries, name: str) -> PieceView:
    """A letter by its id, or by batch and number as in `b0000042/17`. Raises Permanent `unknown-unit`."""
    batch, slash, number = name.partition("/")
    if not slash:
        row = piece_row(read.connection, name)
    else:
        row = piece_row_at(read.connection, batch, int(number)) if number.isdecimal() and len(number) <= 6 else None
    if row is None:
        raise Permanent("unknown-unit", f"Die Sendung {name} gibt es nicht.")
    envelope = piece_row(read.connection, row["joined_to"]) if row["joined_to"] else None
    if envelope is not None:  # it lies where the envelope lies that holds it with others
        row |= {key: envelope[key] for key in _PLACE}
    return _view(line, row)


def pieces_in_state(line: Line, read: Queries, state: str, intake: str | None, limit: int) -> list[PieceView]:
    """The first letters in a state, of a file or of all, in order of arrival. Raises Permanent `unknown-unit`."""
    if intake is not None and read.intake(intake) is None:
        raise Permanent("unknown-unit", f"Den Vorgang {intake} gibt es nicht.")
    return [_view(line, row) for row in first_pieces(read.connection, state, intake, limit)]


def _view(line: Line, row: dict[str, Any]) -> PieceView:
    renamed: dict[str, Any] = {
        "piece": row["number"],
        "weight_g": row["weight_mg"] / 1000,
        "since": local_iso(line, row["changed_ms"]),
    }
    renamed["pages"] = printed_pages(row["sheets"], row["plex"])
    renamed["part"] = f"{row['part']}/{row['parts']}" if row["parts"] > 1 else ""
    renamed["letters"] = _inside(row["letters"])
    renamed["notes"] = notes_of(row["notes"])
    values: dict[str, Any] = row | renamed
    return PieceView(**{field.name: values[field.name] for field in fields(PieceView)})


def _inside(text: str) -> tuple[LetterInside, ...]:
    names = [field.name for field in fields(LetterInside)]
    return tuple(LetterInside(**{name: each[name] for name in names}) for each in json.loads(text)) if text else ()


def pieces_between(
    read: Queries, batch_id: str, first_sheet: int, last_sheet: int, volume: int | None = None
) -> list[SheetsOfPiece]:
    """The letters that have a sheet from `first_sheet` to `last_sheet`, both included, counted in feed order from 1.

    Counted over all volumes of the batch, or within `volume`. Separator and trailer sheets are not counted.
    Raises Permanent `unknown-unit`.
    """
    batch_of(read, batch_id)
    found = []
    sheets = in_volume = 0
    here = 0
    for row in read.piece_rows(batch_id, volume):
        each = row._mapping
        in_volume = in_volume if each["volume"] == here else 0
        here = each["volume"]
        first, volume_first = sheets + 1, in_volume + 1
        sheets += each["sheets"]
        in_volume += each["sheets"]
        if sheets < first_sheet or first > last_sheet:
            continue
        place = {name: each[name] for name in ("batch", "id", "municipality", "intake", "volume", "first_page")}
        span = {"first_sheet": first, "last_sheet": sheets}
        span |= {"volume_first_sheet": volume_first, "volume_last_sheet": in_volume}
        found.append(SheetsOfPiece(piece=each["number"], **place, **span, letters=_inside(each["letters"])))
    return found
