"""The letters of a slice are read: each becomes a piece for the pool, or an exception that goes back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pipeline.adapters.ledger.records import IntakeRecord, Lease, SliceRecord
from pipeline.domain.checked_geometry import CheckedGeometry
from pipeline.domain.errors import Permanent, Rejected
from pipeline.domain.geometry import Rect
from pipeline.domain.ids import piece_id
from pipeline.domain.letter_checks import looks_of
from pipeline.domain.letter_orders import LetterOrders
from pipeline.domain.pages import LetterRange, LetterReading
from pipeline.domain.pieces import Piece
from pipeline.domain.profile_rules import clear_zone
from pipeline.domain.profiles import AddressForm, OutgoingRules, Plex
from pipeline.domain.splitting import CutLetter
from pipeline.services.local_times import local_day
from pipeline.services.making_pieces import Origin, letterhead_key, make_pieces
from pipeline.services.ports import Line
from pipeline.services.splitting import letters_of
from pipeline.services.taking_in import place_of


@dataclass(frozen=True)
class SliceReading:
    """What the letters of a slice show. `ticket`: the file's; `orders`: of single letters, by their ordinal."""

    origin: Origin
    readings: tuple[LetterReading, ...]
    ticket: Mapping[str, Any]
    orders: Mapping[int, LetterOrders]

    def pieces(self, line: Line, reading: LetterReading) -> list[Piece]:
        """The pieces of one of the letters; raises Rejected with its page where it goes back, else as `make_pieces`."""
        try:
            if reading.code is not None:
                raise Rejected(reading.code, reading.detail or "", page=reading.page)
            told = self.orders[reading.range.ordinal].over(self.ticket)
            return make_pieces(line, self.origin, reading, told)
        except Rejected as refusal:
            page = refusal.page or reading.range.first_page
            raise Rejected(refusal.code, refusal.sentence, refusal.remedy, page=page) from refusal


def read_slice(line: Line, lease: Lease, part: SliceRecord, intake: IntakeRecord) -> None:
    """Read the letters of one slice; pieces and exceptions are recorded in one transaction."""
    found = reading_of(line, lease, part, intake, local_day(line, intake.received_ms))
    pieces, exceptions = _sort_out(line, found)
    with line.ledger.outcome(lease, line.now_ms()) as work:
        if found.ticket["hold"]:
            work.add_pieces(pieces, "held", reason="held-by-ticket")
        else:
            work.add_pieces(pieces)
        work.add_exceptions(exceptions)
        work.move(lease.unit, "done")


def reading_of(line: Line, lease: Lease, part: SliceRecord, intake: IntakeRecord, on: date) -> SliceReading:
    """Read the letters of a slice by the profiles as they are; its folder is published. `on`: the day for prices.

    What an earlier attempt has left there is replaced: profiles may have changed in between.
    """
    municipality, job = place_of(line, intake)
    if job.outgoing is None:
        raise Permanent("profile-direction", f"job {job.id} is not for letters any more")
    ticket = json.loads(intake.ticket)
    plex: Plex = ticket["plex"]
    folder = line.spool.work_folder(lease.unit, lease.version)
    letters = _letters_of(line, part, intake, job.outgoing)
    ranges = [letter.range for letter in letters]
    zones = mark_zones(line, job.outgoing)
    source = line.spool.original(intake.token)
    rules = _as_told(job.outgoing, intake, ticket)
    looks = replace(looks_of(job.outgoing, line.profiles), sender=municipality.sender_line)
    readings = line.letters.read(source, ranges, rules, zones, plex, folder / "letters.pdf", looks)
    letterhead = letterhead_key(line, municipality, job.outgoing, folder)
    line.ledger.confirm(lease)
    line.spool.clear([line.spool.slice_folder(part.id)])
    line.spool.publish(folder, line.spool.slice_folder(part.id))
    geometry = CheckedGeometry(line.profiles)
    origin = Origin(intake, municipality, job, job.outgoing, part.id, on, letterhead, geometry)
    orders = {letter.range.ordinal: letter.orders for letter in letters}
    return SliceReading(origin, tuple(readings), ticket, orders)


def give_up_slice(line: Line, lease: Lease, part: SliceRecord, intake: IntakeRecord, code: str, detail: str) -> None:
    """Turn every letter of a slice that can't be read into an exception: the rest of the stack goes on."""
    _, job = place_of(line, intake)
    if job.outgoing is None:
        raise Permanent("profile-direction", f"job {job.id} is not for letters any more")
    letters = [letter.range for letter in _letters_of(line, part, intake, job.outgoing)]
    rows = [_exception_row(intake, None, None, each, each.first_page, code, detail) for each in letters]
    with line.ledger.outcome(lease, line.now_ms()) as work:
        work.add_exceptions(rows)
        work.move(lease.unit, "done", reason=code, detail=detail)


def mark_zones(line: Line, rules: OutgoingRules) -> dict[AddressForm, Sequence[Rect]]:
    """What must be free on every front, by the folding machine; for the flat one see `SheetLooks.flat_fronts`."""
    return dict.fromkeys(rules.forms, clear_zone(line.profiles.machines[rules.machine]))


def _as_told(rules: OutgoingRules, intake: IntakeRecord, ticket: Mapping[str, Any]) -> OutgoingRules:
    """A job's rules, with what ticket and index say of this file.

    An index names each letter's pages, and a ticket that announces one letter where the file is one vouches for them
    all: no page of it begins another.
    """
    split = rules.split
    whole = split.by == "pages" and rules.pages_per_letter == 0 and ticket.get("letters") == 1
    if (whole or intake.has_index) and split.by != "index":
        split = replace(split, repeated_address="goes-on")
    return replace(rules, split=split, plex_ranges=tuple(ticket.get("plex_ranges") or ()))


def _letters_of(line: Line, part: SliceRecord, intake: IntakeRecord, rules: OutgoingRules) -> list[CutLetter]:
    with line.ledger.reading() as read:
        return letters_of(read, part, intake, rules)


def _sort_out(line: Line, found: SliceReading) -> tuple[list[Piece], list[dict[str, Any]]]:
    pieces: list[Piece] = []
    exceptions: list[dict[str, Any]] = []
    for reading in found.readings:
        where = (found.origin.intake, found.origin.slice_id, reading.first_page, reading.range)
        try:
            pieces += found.pieces(line, reading)
        except Rejected as refusal:
            page = refusal.page or reading.range.first_page
            exceptions.append(_exception_row(*where, page, refusal.code, refusal.sentence))
    return pieces, exceptions


def _exception_row(
    intake: IntakeRecord,
    slice_id: str | None,
    slice_first_page: int | None,
    letter: LetterRange,
    page: int,
    code: str,
    detail: str,
) -> dict[str, Any]:
    return {
        "id": piece_id(intake.id, letter.ordinal),
        "intake": intake.id,
        "intake_number": intake.number,
        "ordinal": letter.ordinal,
        "file": intake.file,
        "municipality": intake.municipality,
        "slice_id": slice_id,
        "slice_first_page": slice_first_page,
        "source_first_page": letter.first_page,
        "source_last_page": letter.last_page,
        "source_page": page,
        "code": code,
        "detail": detail,
    }
