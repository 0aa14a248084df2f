"""Volumes are written, read back to the last sheet, and published with their papers as a batch."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from pipeline.adapters.ledger.cuts import source_files
from pipeline.adapters.ledger.records import BatchRecord, Lease, VolumeRecord
from pipeline.adapters.ledger.summaries import lock
from pipeline.domain.batching import has_separator
from pipeline.domain.errors import Permanent
from pipeline.domain.imposition import separator_lines
from pipeline.domain.papers import BatchPapers, VolumePapers
from pipeline.domain.pieces import PlacedPiece, SheetRow, letters_of
from pipeline.domain.states import Kind, Unit
from pipeline.domain.volumes import Stretch, VolumePiece, VolumeReadback
from pipeline.services.local_times import local_iso
from pipeline.services.ports import Line
from pipeline.services.recorded_profiles import envelope_of, machine_of, paper_of

SUMS = "SHA256SUMS"
"""The list of a batch's files and their SHA-256: who has the right list knows every file."""

_KEPT_FAULTS = 50  # in the ledger; a spoiled volume may have thousands


def work_on_volume(line: Line, lease: Lease) -> None:
    """Write a planned volume, or read back a written one."""
    with line.ledger.reading() as read:
        volume = read.volume(lease.unit.id)
        batch = read.batch(volume.batch) if volume else None
    if volume is None or batch is None:
        raise Permanent("unknown-unit", f"there is no volume {lease.unit.id}")
    if volume.state == "planned":
        _write(line, lease, volume, batch)
    else:
        _read_back(line, lease, volume, batch)


def _write(line: Line, lease: Lease, volume: VolumeRecord, batch: BatchRecord) -> None:
    pieces = pieces_of(line, batch, volume)
    folder = line.spool.work_folder(lease.unit, lease.version)
    written = line.volumes.write(machine_of(line, batch), batch.number, pieces, folder / f"{volume.id}.pdf")
    if written.pages != volume.pages or len(written.rows) != volume.sheets:
        found = f"{written.pages} pages and {len(written.rows)} sheets"
        raise Permanent("volume-incomplete", f"{volume.id}: {found}, not {volume.pages} and {volume.sheets}")
    rows = [asdict(row) | {"volume": volume.ordinal} for row in written.rows]
    (folder / "sheets.json").write_text(json.dumps(rows), encoding="utf-8")
    line.spool.publish(folder, line.spool.volume_folder(volume.id))
    saved = sha256_of(_volume_pdf(line, volume))
    if saved != written.sha256:
        raise Permanent("volume-changed", f"{volume.id}: the file on disk is not the one that was written")
    with line.ledger.outcome(lease, line.now_ms()) as work:
        work.move(lease.unit, "written", sha256=saved)


def pieces_of(line: Line, batch: BatchRecord, volume: VolumeRecord) -> list[VolumePiece]:
    """What the ledger puts into a volume, in feed order."""
    feed = machine_of(line, batch).feed
    with line.ledger.reading() as read:
        placed = list(read.placed(volume.batch, volume.ordinal))
    before = [None, *(each.piece for each in placed[:-1])]
    return [
        _volume_piece(line, each, separator_lines(volume.id, each) if has_separator(each.piece, last, feed) else ())
        for each, last in zip(placed, before, strict=True)
    ]


def _volume_piece(line: Line, placed: PlacedPiece, separator: tuple[str, ...]) -> VolumePiece:
    piece = placed.piece
    stretches = [
        Stretch(
            source=str(line.spool.slice_letters(letter.slice_id)),
            first_page=letter.slice_first_page,
            pages=letter.pages,
            letterhead=str(line.spool.letterhead(letter.letterhead)) if letter.letterhead else "",
            begins=not piece.address_page,
        )
        for letter in letters_of(piece)
    ]
    if piece.address_page:
        stretches.insert(0, replace(stretches[0], first_page=piece.address_page, pages=1, begins=True))
    first, *more = stretches
    return VolumePiece(
        number=placed.number,
        source=first.source,
        first_page=first.first_page,
        pages=first.pages,
        plex=piece.plex,
        enclosures=piece.enclosures,
        separator=separator,
        letterhead=first.letterhead,
        begins=first.begins,
        more=tuple(more),
        layout=piece.layout,
    )


def _read_back(line: Line, lease: Lease, volume: VolumeRecord, batch: BatchRecord) -> None:
    pdf = _volume_pdf(line, volume)
    if sha256_of(pdf) != volume.sha256:
        raise Permanent("volume-changed", f"{volume.id}: the file on disk is not the one that was written")
    rows = _sheet_rows(line, volume)
    pieces = pieces_of(line, batch, volume)
    readback = line.volumes.read_back(pdf, machine_of(line, batch), batch.plex, rows, batch.number, pieces)
    kept = replace(readback, faults=readback.faults[:_KEPT_FAULTS])
    facts = json.dumps(asdict(kept) | {"checked_at": local_iso(line, line.now_ms())}, sort_keys=True)
    detail = _what_is_wrong(volume, rows, readback)
    if detail is not None:
        _stop_batch(line, batch.id, lease.owner, detail)
    with line.ledger.outcome(lease, line.now_ms()) as work:
        if detail is not None:
            work.move(lease.unit, "waiting", reason="readback-failed", detail=detail, facts=facts)
        else:
            work.move(lease.unit, "verified", facts=facts)


def _what_is_wrong(volume: VolumeRecord, rows: Sequence[SheetRow], readback: VolumeReadback) -> str | None:
    """The first fault with volume, page and piece, and how many sheets are wrong in all; None if nothing is."""
    if readback.faults:
        first = readback.faults[0]
        piece = next((row.piece for row in reversed(rows) if row.page <= first.page), rows[0].piece)
        sentence = f"{volume.id}.pdf, Seite {first.page}, Sendung {piece}: {first.detail}"
        return sentence if readback.codes_wrong <= 1 else f"{sentence} Falsch sind {readback.codes_wrong} Blatt."
    if (readback.sheets, readback.pages) != (volume.sheets, volume.pages):
        found = f"{readback.sheets} Blatt auf {readback.pages} Seiten"
        return f"{volume.id}.pdf hat {found}, verlangt sind {volume.sheets} auf {volume.pages}."
    return None


def _stop_batch(line: Line, batch: str, who: str, detail: str) -> None:
    """A batch with a wrong sheet waits for a person at once, although other volumes are still being worked on.

    Before the volume's own outcome and not with it: who decides about a batch locks it first, then its volumes.
    """
    with line.ledger.work(who, line.now_ms()) as work:
        unit = Unit(Kind.BATCH, batch)
        row = lock(work.connection, unit)
        if row is not None and row["state"] == "planned":
            work.move(unit, "waiting", reason="readback-failed", detail=detail)


def finish_batch(line: Line, lease: Lease) -> None:
    """Publish a batch whose volumes are all verified: volumes, lists, manifests, job ticket, sums."""
    with line.ledger.reading() as read:
        batch = read.batch(lease.unit.id)
        volumes = read.volumes(lease.unit.id)
        placed = tuple(read.placed(lease.unit.id))
        exceptions = tuple(each.as_exception() for each in read.exceptions(batch=lease.unit.id))
        told = {letter.intake for each in placed for letter in letters_of(each.piece)}
        sources = source_files(read.connection, told | {each.intake for each in exceptions})
    if batch is None:
        raise Permanent("unknown-unit", f"there is no batch {lease.unit.id}")
    if any(volume.state != "verified" for volume in volumes):
        raise Permanent("batch-not-verified", f"{batch.id}: a volume is not verified")
    target = line.spool.batches / batch.id
    readback = _readback(volumes)
    if not target.exists():
        folder = line.spool.work_folder(lease.unit, lease.version)
        for volume in volumes:
            os.link(_volume_pdf(line, volume), folder / f"{volume.id}.pdf")
        line.papers.batch(
            BatchPapers(
                batch=batch.id,
                state="verified",
                created_at=local_iso(line, batch.created_ms),
                profile_sha256=batch.profile_sha256,
                machine=machine_of(line, batch),
                envelope=envelope_of(line, batch),
                form=batch.form,
                paper=paper_of(line, batch),
                plex=batch.plex,
                profiles=line.profiles,
                pieces=placed,
                sheets=tuple(row for volume in volumes for row in _sheet_rows(line, volume)),
                volumes=tuple(_volume_papers(volume) for volume in volumes),
                exceptions=exceptions,
                readback=readback,
                confidentiality=batch.confidentiality,
                enclosures=batch.enclosures,
                due=batch.due,
                special=batch.special,
                sources=sources,
            ),
            folder,
        )
        line.ledger.confirm(lease)
        line.spool.publish(folder, target)
    _publish_manifests(line, batch.id, target)
    sums = sha256_of(target / SUMS)
    with line.ledger.outcome(lease, line.now_ms()) as work:
        facts = json.dumps(readback, sort_keys=True)
        work.move(Unit(lease.unit.kind, batch.id), "verified", facts=facts, sums_sha256=sums)


def _publish_manifests(line: Line, batch: str, folder: Path) -> None:
    """Give each municipality its own manifests, each file by one rename."""
    for manifest in sorted((folder / "manifests").iterdir()):
        shelf = line.spool.outbox / manifest.stem / "manifests"
        if not shelf.is_dir():
            shelf.mkdir(parents=True, exist_ok=True)
        made = line.spool.work / f"manifest-{batch}-{manifest.name}"
        made.unlink(missing_ok=True)
        made.write_bytes(manifest.read_bytes())
        made.replace(shelf / f"{batch}{manifest.suffix}")


def _volume_pdf(line: Line, volume: VolumeRecord) -> Path:
    return line.spool.volume_folder(volume.id) / f"{volume.id}.pdf"


def _sheet_rows(line: Line, volume: VolumeRecord) -> list[SheetRow]:
    text = (line.spool.volume_folder(volume.id) / "sheets.json").read_text(encoding="utf-8")
    return [SheetRow(**row) for row in json.loads(text)]


def _volume_papers(volume: VolumeRecord) -> VolumePapers:
    return VolumePapers(
        file=f"{volume.id}.pdf",
        sha256=volume.sha256 or "",
        ordinal=volume.ordinal,
        pages=volume.pages,
        sheets=volume.sheets,
        pieces=volume.pieces,
        separator_pages=volume.separator_pages,
        trailer_pages=volume.trailer_pages,
    )


def _readback(volumes: list[VolumeRecord]) -> dict[str, object]:
    found = [json.loads(volume.facts) for volume in volumes]
    counted = ("pages", "sheets", "codes_read", "codes_wrong", "pages_proven")
    sums: dict[str, object] = {key: sum(each.get(key, 0) for each in found) for key in counted}
    sums["checked_at"] = max(each["checked_at"] for each in found)
    sums["decoder"] = found[0]["decoder"]
    return sums


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file in lower-case hex."""
    digest = hashlib.sha256()
    for chunk in _chunks(path):
        digest.update(chunk)
    return digest.hexdigest()


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as opened:
        while chunk := opened.read(1 << 20):
            yield chunk
