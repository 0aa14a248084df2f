"""The pool is closed: its pieces become batches, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.adapters.ledger import Work
from pipeline.adapters.ledger.records import ExceptionRecord
from pipeline.domain.batching import PlannedBatch, PlannedVolume, group, place
from pipeline.domain.errors import Permanent
from pipeline.domain.ids import volume_id
from pipeline.domain.ordering import product_order
from pipeline.domain.states import Kind
from pipeline.domain.totals import Totals, totals_of
from pipeline.services.ports import Line


def assemble(line: Line, who: str) -> list[str]:
    """Close the pool now: all pooled pieces of files that are read to their end become batches. Returns their ids.

    Exceptions that no manifest tells of yet are given to one of the new batches: to the one that holds a piece of the
    same file, else to one that holds the same municipality, else to the first.
    """
    with line.ledger.work(who, line.now_ms()) as work:
        planned = group(work.read.pool(), product_order(line.profiles.postage))
        ids = [_open_batch(line, work, batch) for batch in planned]
        if ids:
            _share_out_exceptions(work, planned, ids, work.read.exceptions(unreported=True))
    return ids


def _open_batch(line: Line, work: Work, batch: PlannedBatch) -> str:
    number, batch_id = work.next_batch_id()
    machine = line.profiles.machines.get(batch.key.machine)
    if machine is None:
        raise Permanent("profile-missing", f"machine {batch.key.machine} is not set up any more")
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
        "profile_sha256": line.profiles.sha256,
        "facts": "{}",
    }
    work.add(Kind.BATCH, [row | _totals_columns(totals)])
    work.add(Kind.VOLUME, [_volume_row(batch_id, volume) for volume in volumes])
    for volume in volumes:
        work.place(volume.pieces, batch_id)
    return batch_id


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
        "facts": "{}",
    }


def _share_out_exceptions(
    work: Work, planned: Sequence[PlannedBatch], ids: Sequence[str], exceptions: Sequence[ExceptionRecord]
) -> None:
    by_intake: dict[str, str] = {}
    by_municipality: dict[str, str] = {}
    for batch, batch_id in zip(planned, ids, strict=True):
        for piece in batch.pieces:
            by_intake.setdefault(piece.intake, batch_id)
            by_municipality.setdefault(piece.municipality, batch_id)
    shares: dict[str, list[str]] = {}
    for each in exceptions:
        batch_id = by_intake.get(each.intake) or by_municipality.get(each.municipality) or ids[0]
        shares.setdefault(batch_id, []).append(each.id)
    for batch_id, share in shares.items():
        work.report_exceptions(share, batch_id)
