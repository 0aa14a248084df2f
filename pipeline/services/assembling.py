"""A pool is closed: its pieces become batches, in one transaction. By hand, or because its cut-off has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from pipeline.adapters.ledger import Work
from pipeline.adapters.ledger.pools import pool_rows
from pipeline.adapters.ledger.records import ExceptionRecord
from pipeline.domain.batching import PlannedBatch, PlannedVolume, group, place
from pipeline.domain.cut_off import BY_HAND, Closing, posting_day
from pipeline.domain.errors import Permanent
from pipeline.domain.ids import volume_id
from pipeline.domain.ordering import product_order
from pipeline.domain.pieces import letters_of
from pipeline.domain.pooling import PoolKey
from pipeline.domain.states import Kind
from pipeline.domain.totals import Totals, totals_of
from pipeline.services.enveloping import into_envelopes
from pipeline.services.local_times import local_time
from pipeline.services.looking_again import fit_for_print
from pipeline.services.ports import Line
from pipeline.services.recorded_profiles import record_of

_NAMED_LETTERS = 20


def assemble(line: Line, who: str, machine: str | None = None) -> list[str]:
    """Close the pools now, or those of one machine: their letters become batches. Returns the batches' ids.

    Letters of files that are not read to their end, and held ones, stay. So do letters that were checked against other
    profiles: they are looked at again (`looking_again`). Raises Permanent `profile-missing` for a
    machine that is not set up.
    """
    if machine is not None and machine not in line.profiles.machines:
        raise Permanent("profile-missing", f"machine {machine} is not set up")
    with line.ledger.reading() as read:
        keys = [row.key for row in pool_rows(read.connection)]
    return list(close_pools(line, who, {key: BY_HAND for key in keys if machine in (None, key.machine)}))


def close_pools(line: Line, who: str, closings: dict[PoolKey, Closing]) -> dict[str, Closing]:
    """Make batches of these pools, those of the highest priority first.

    Exceptions that no manifest tells of yet are given to one of the new batches: to the one that holds a piece of the
    same file, else to one that holds the same municipality, else to the first.
    Where a table says nothing of a pool's posting day, that pool stays as it is, the others are closed, and then this
    raises Permanent (`postage-table-expired`, `stock-expired`, `piece-does-not-fit`, `profile-missing`).
    """
    try:
        return _close(line, who, closings)
    except Permanent:
        if len(closings) == 1:
            raise
    closed: dict[str, Closing] = {}
    stuck: list[Permanent] = []
    for key, closing in closings.items():
        try:
            closed |= _close(line, who, {key: closing})
        except Permanent as error:
            stuck.append(error)
    if stuck:
        raise stuck[0]
    return closed


def _close(line: Line, who: str, closings: dict[PoolKey, Closing]) -> dict[str, Closing]:
    """Close all of these pools, or none."""
    if not closings:
        return {}
    with line.ledger.work(who, line.now_ms()) as work:
        work.alone_at_the_pool()
        letters = fit_for_print(line, work, work.read.pool(list(closings)))
        pieces = into_envelopes(line, work, letters, local_time(line, line.now_ms()))
        planned = group(pieces, product_order(line.profiles.postage))
        ids = [_open_batch(line, work, batch, closings[batch.key]) for batch in planned]
        if ids:
            _share_out_exceptions(work, planned, ids, work.read.exceptions(unreported=True))
    return {id: closings[batch.key] for id, batch in zip(ids, planned, strict=True)}


def _open_batch(line: Line, work: Work, batch: PlannedBatch, closing: Closing) -> str:
    number, batch_id = work.next_batch_id()
    key, profiles = batch.key, line.profiles
    machine, envelope, paper = (
        profiles.machines.get(key.machine),
        profiles.envelopes.get(key.envelope),
        profiles.papers.get(key.paper),
    )
    if machine is None or envelope is None or paper is None:
        named = f"machine {key.machine}, envelope {key.envelope} or paper {key.paper}"
        raise Permanent("profile-missing", f"{named} is not set up any more")
    volumes = place(batch.pieces, machine.feed)
    totals = totals_of(batch.pieces)
    row = {
        "id": batch_id,
        "number": number,
        "machine": batch.key.machine,
        "envelope": batch.key.envelope,
        "form": batch.key.form,
        "paper": batch.key.paper,
        "plex": batch.key.plex,
        "enclosures": batch.key.enclosures,
        "confidentiality": batch.key.confidentiality,
        "kept_apart": batch.key.kept_apart,
        "special": batch.key.special,
        "priority": batch.priority,
        "due": batch.due,
        "profile_sha256": line.profiles.sha256,
        "machine_profile": record_of(machine),
        "envelope_profile": record_of(envelope),
        "paper_profile": record_of(paper),
        "facts": "{}",
    }
    work.add(Kind.BATCH, [row | _totals_columns(totals)], reason=closing.reason, detail=_told(line, batch, closing))
    work.add(Kind.VOLUME, [_volume_row(batch_id, volume) for volume in volumes])
    for volume in volumes:
        work.place(volume.pieces, batch_id)
    return batch_id


def _told(line: Line, batch: PlannedBatch, closing: Closing) -> str:
    """Why the pool was closed, and which letters miss their last day of posting all the same."""
    machine = line.profiles.machines[batch.key.machine]
    posted = posting_day(machine.cut_off, line.profiles.calendar, local_time(line, line.now_ms()))
    last = posted.isoformat() if posted else (date.max - timedelta(days=1)).isoformat()
    late = [piece.id for piece in batch.pieces if piece.due and piece.due < last]
    if not late:
        return closing.sentence
    named = ", ".join(late[:_NAMED_LETTERS]) + (" …" if len(late) > _NAMED_LETTERS else "")
    return f"{closing.sentence} Über der Frist sind {len(late)} Briefe: {named}."


def _totals_columns(totals: Totals) -> dict[str, int]:
    return {
        "pieces": totals.pieces,
        "sheets": totals.sheets,
        "pages": totals.pages,
        "weight_mg": totals.weight_mg,
        "postage_cent": totals.postage_cent,
    }


def _volume_row(batch: str, volume: PlannedVolume) -> dict[str, object]:
    return {
        "id": volume_id(batch, volume.ordinal),
        "batch": batch,
        "ordinal": volume.ordinal,
        "pieces": len(volume.pieces),
        "sheets": volume.sheets,
        "pages": volume.file_pages,
        "separator_pages": volume.separator_pages,
        "trailer_pages": volume.trailer_pages,
        "facts": "{}",
    }


def _share_out_exceptions(
    work: Work, planned: Sequence[PlannedBatch], ids: Sequence[str], exceptions: Sequence[ExceptionRecord]
) -> None:
    by_intake: dict[str, str] = {}
    by_municipality: dict[str, str] = {}
    for batch, batch_id in zip(planned, ids, strict=True):
        for piece in batch.pieces:
            for letter in letters_of(piece):
                by_intake.setdefault(letter.intake, batch_id)
            by_municipality.setdefault(piece.municipality, batch_id)
    shares: dict[str, list[str]] = {}
    for each in exceptions:
        batch_id = by_intake.get(each.intake) or by_municipality.get(each.municipality) or ids[0]
        shares.setdefault(batch_id, []).append(each.id)
    for batch_id, share in shares.items():
        work.report_exceptions(share, batch_id)
