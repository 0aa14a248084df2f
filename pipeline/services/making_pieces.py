"""Letters that were read become pieces: one envelope each, or several where a letter is divided."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.adapters.ledger.records import IntakeRecord, join_enclosures
from pipeline.domain.address import PostalAddress
from pipeline.domain.checked_geometry import CheckedGeometry
from pipeline.domain.cleaning import removed
from pipeline.domain.enclosure_rules import LetterFacts
from pipeline.domain.errors import Permanent, Rejected
from pipeline.domain.ids import piece_id
from pipeline.domain.joining import recipient_key
from pipeline.domain.letter_checks import letterhead_places
from pipeline.domain.letter_pieces import LetterPart, letter_pieces
from pipeline.domain.pages import LetterReading
from pipeline.domain.pieces import Piece
from pipeline.domain.preparing import Prepared
from pipeline.domain.profiles import Job, Municipality, OutgoingRules, Plex
from pipeline.domain.sheet_layout import layout_of, parse_plex_ranges, printed_plex
from pipeline.domain.window_sight import check_window
from pipeline.services.ports import Line


@dataclass(frozen=True)
class Origin:
    """Where the letters of a slice come from. `on`: the day for which they are priced. `letterhead`: its key.

    `geometry`: what letters are checked against.
    """

    intake: IntakeRecord
    municipality: Municipality
    job: Job
    rules: OutgoingRules
    slice_id: str
    on: date
    letterhead: str
    geometry: CheckedGeometry


def make_pieces(line: Line, origin: Origin, reading: LetterReading, ticket: Mapping[str, Any]) -> list[Piece]:
    """The pieces of one letter that was read without a fault.

    `ticket`: what the file's ticket, or the letter itself, asks for. Raises Rejected where no envelope or product
    fits, Permanent where a table says nothing of the day.
    """
    address, form = reading.address, reading.form
    if address is None or form is None:
        raise Permanent("reading-incomplete", f"{origin.slice_id}: a letter without address and without code")
    ranges = parse_plex_ranges(ticket.get("plex_ranges") or ()) if reading.range.plex is None else ()
    base: Plex = ticket["plex"]
    plex = printed_plex(base, ranges)
    named = ticket["enclosures"]
    facts = LetterFacts(
        municipality=origin.municipality.id,
        cost_centre=ticket["cost_centre"],
        country=address.country,
        postcode=address.postcode,
        pages=reading.range.pages,
        on=origin.on,
    )
    parts = letter_pieces(
        facts,
        plex=plex,
        layout=layout_of(reading.range.pages, base, ranges),
        form=form,
        rules=origin.rules,
        profiles=line.profiles,
        enclosures=None if named is None else tuple(named),
        special=reading.special,
    )
    _check_flat(origin, reading, parts)
    recipient = _recipient(line, origin, reading, address, facts.cost_centre)
    made = []
    for number, part in enumerate(parts, start=1):
        made.append(_piece(line, origin, reading, ticket, part, number, len(parts), plex, recipient))
    return made


def _piece(
    line: Line,
    origin: Origin,
    reading: LetterReading,
    ticket: Mapping[str, Any],
    part: LetterPart,
    number: int,
    parts: int,
    plex: Plex,
    recipient: str,
) -> Piece:
    intake, municipality, pool, prepared = origin.intake, origin.municipality, origin.rules.pool, part.prepared
    address, form = reading.address, reading.form
    if address is None or form is None:
        raise Permanent("reading-incomplete", f"{origin.slice_id}: a letter without address and without code")
    seen = _window_remarks(line, origin, reading, prepared)
    if reading.flat is not None and _is_flat(origin, prepared):
        seen += reading.flat.remarks
    id = piece_id(intake.id, reading.range.ordinal)
    return Piece(
        id=id if number == 1 else f"{id}-{number}",
        intake=intake.id,
        arrival=(intake.number, reading.range.ordinal),
        file=intake.file,
        municipality=municipality.id,
        cost_centre=ticket["cost_centre"],
        reference=ticket["reference"] or "",
        slice_id=origin.slice_id,
        slice_first_page=reading.first_page + part.first,
        source_first_page=reading.range.first_page + part.first,
        source_last_page=reading.range.first_page + part.last,
        pages=part.last - part.first + 1,
        sheets=prepared.sheets,
        plex=plex,
        form=form,
        machine=prepared.machine,
        envelope=prepared.envelope,
        paper=prepared.paper,
        enclosures=prepared.enclosures,
        weight_mg=prepared.weight_mg,
        product=prepared.product,
        postage_cent=prepared.postage_cent,
        country=address.country,
        postcode=address.postcode,
        due=ticket["due"] or "",
        priority=pool.priority,
        confidentiality=pool.confidentiality,
        kept_apart="" if municipality.mix and pool.mix else municipality.id,
        fixed_enclosures=_fixed_enclosures(line, part),
        job=origin.job.id,
        layout=part.layout,
        recipient=recipient if parts == 1 and reading.special is None else "",
        letterhead=origin.letterhead,
        part=number,
        parts=parts,
        address_page=reading.first_page if part.copies_address else 0,
        remarks=tuple(sorted({*reading.remarks, *seen, *removed(json.loads(intake.facts)["remarks"])})),
        notes=prepared.notes,
        special=reading.special,
        geometry=origin.geometry.of(origin.job.id, prepared.machine, prepared.envelope, form),
    )


def _check_flat(origin: Origin, reading: LetterReading, parts: Sequence[LetterPart]) -> None:
    """Raise Rejected where a letter goes to the flat machine and has no room for its marks."""
    flat = reading.flat
    if flat is not None and flat.code is not None and any(_is_flat(origin, part.prepared) for part in parts):
        raise Rejected(flat.code, flat.detail, page=flat.page)


def _is_flat(origin: Origin, prepared: Prepared) -> bool:
    return prepared.machine == origin.rules.flat_machine != origin.rules.machine


def _window_remarks(line: Line, origin: Origin, reading: LetterReading, prepared: Prepared) -> tuple[str, ...]:
    """What is to be said of the letter's window in its envelope; raises Rejected where it can't go like that."""
    envelope = line.profiles.envelopes[prepared.envelope]
    folding = envelope.folding(reading.form) if reading.form is not None else None
    if reading.sight is None or folding is None:
        return ()
    try:
        return check_window(reading.sight, envelope, folding, origin.rules.window)
    except Rejected as refusal:
        number = reading.range.first_page
        raise Rejected(refusal.code, f"Seite {number}: {refusal.sentence}", refusal.remedy, page=number) from refusal


def _fixed_enclosures(line: Line, part: LetterPart) -> str:
    """The enclosures that all pieces of the batch must have, because the machine can't select them."""
    selective = line.profiles.machines[part.prepared.machine].feed.selective
    return "" if selective else join_enclosures(part.prepared.enclosures)


def _recipient(line: Line, origin: Origin, reading: LetterReading, address: PostalAddress, cost_centre: str) -> str:
    """The recipient's key, for letters that may be joined; nothing for others: what is not needed is not kept."""
    if not origin.rules.joining.join:
        return ""
    municipality = origin.municipality
    printed = (reading.sender, reading.endorsements)
    sender = (municipality.id, origin.job.id, cost_centre, municipality.sender_line, *printed)
    return recipient_key(line.spool.recipient_secret(), sender, (*address.lines, address.country))


def letterhead_key(line: Line, municipality: Municipality, rules: OutgoingRules, folder: Path) -> str:
    """The key of the letterhead that goes under a municipality's letters of a job, normalised and stored; or empty.

    `folder`: an empty one to work in. Raises Permanent `letterhead-unfit`, `profile-missing`.
    """
    if not rules.letterhead:
        return ""
    letterhead = municipality.letterhead(rules.letterhead)
    if letterhead is None or letterhead.file not in line.profiles.letterheads:
        raise Permanent("profile-missing", f"{municipality.id} has no letterhead {rules.letterhead} any more")
    content = line.profiles.letterheads[letterhead.file]
    places = letterhead_places(rules, line.profiles)
    digest = hashlib.sha256(repr(places).encode())
    digest.update(content)
    key = digest.hexdigest()
    if not line.spool.letterhead(key).exists():
        source, made = folder / "letterhead-source.pdf", folder / "letterhead.pdf"
        source.write_bytes(content)
        line.letters.letterhead(source, places, made)
        line.spool.keep_letterhead(made, key)
        source.unlink()
    return key
