"""A published batch is looked at again: read back from its files, or written anew and compared byte for byte."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.adapters.ledger.records import BatchRecord, VolumeRecord
from pipeline.domain.errors import IllegalMove
from pipeline.domain.pieces import SheetRow
from pipeline.domain.states import Kind, Unit
from pipeline.domain.volumes import VolumePiece
from pipeline.services.ports import Line
from pipeline.services.printing import SUMS, pieces_of, sha256_of
from pipeline.services.recorded_profiles import machine_of
from pipeline.services.showing import batch_of
from pipeline.services.wording import state_word

_PUBLISHED = ("verified", "held", "released", "printed", "closed")
_SHOWN_FAULTS = 10


@dataclass(frozen=True)
class Check:
    """One thing that was compared. `faults`: what does not hold, one sentence each; empty if all is right."""

    name: str
    checked: int
    faults: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether it holds, and there was something to compare."""
        return self.checked > 0 and not self.faults


def verify_batch(line: Line, batch_id: str) -> list[Check]:
    """Read the published volumes of a batch again now and compare with sheets.csv, SHA256SUMS and the ledger.

    Changes nothing. Raises Permanent `unknown-unit`, IllegalMove for a batch that is not published.
    """
    batch, volumes = _published(line, batch_id)
    folder = line.spool.batches / batch_id
    try:
        rows = _sheet_rows(folder / "sheets.csv")
    except (OSError, ValueError, KeyError) as error:
        return [_sums(folder, batch), Check("sheets.csv", 1, (f"sheets.csv can't be read: {error}",))]
    checks = [_sums(folder, batch), _totals(folder, batch, rows)]
    return checks + [_read_back(line, folder, batch, volume, rows) for volume in volumes]


def rebuild_batch(line: Line, batch_id: str) -> list[Check]:
    """Write the volumes of a batch again into a folder that is removed afterwards, and compare byte for byte.

    Raises Permanent `unknown-unit`, IllegalMove for a batch that is not published.
    """
    batch, volumes = _published(line, batch_id)
    folder = line.spool.work_folder(Unit(Kind.BATCH, f"rebuild-{batch_id}"), 0)
    try:
        return [_rebuild(line, folder, batch, volume) for volume in volumes]
    finally:
        line.spool.clear([folder])


def _published(line: Line, batch_id: str) -> tuple[BatchRecord, list[VolumeRecord]]:
    with line.ledger.reading() as read:
        batch = batch_of(read, batch_id)
        volumes = read.volumes(batch_id)
    if batch.state not in _PUBLISHED:
        raise IllegalMove(
            "illegal-move",
            f"Druckauftrag {batch_id} ist »{state_word(Kind.BATCH, batch.state)}« und hat noch keine Teilbände.",
        )
    return batch, volumes


def _sums(folder: Path, batch: BatchRecord) -> Check:
    """Every file is the one that was summed, and there is none besides."""
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        return Check(SUMS, 1, (f"{SUMS} can't be read: {error}",))
    told = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    there = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    there.pop(SUMS, None)
    faults = [f"{name} is missing" for name in sorted(set(told) - set(there))]
    faults += [f"{name} is not in {SUMS}" for name in sorted(set(there) - set(told))]
    faults += [f"{name} has changed" for name in sorted(set(told) & set(there)) if sha256_of(there[name]) != told[name]]
    if batch.sums_sha256 and sha256_of(folder / SUMS) != batch.sums_sha256:
        faults.append(f"{SUMS} is not the one that was published")
    return Check(SUMS, len(told), tuple(faults))


def _totals(folder: Path, batch: BatchRecord, rows: Sequence[SheetRow]) -> Check:
    """What sheets.csv and batch.json say is what the ledger says."""
    names = ("pieces", "sheets", "pages", "postage_cent")
    wanted = {name: getattr(batch, name) for name in names}
    faults = []
    found: dict[str, Any] = {"sheets": len(rows), "pieces": len({row.piece for row in rows})}
    faults += [f"sheets.csv: {n} {found[n]}, not {wanted[n]}" for n in found if found[n] != wanted[n]]
    try:
        told = json.loads((folder / "batch.json").read_text(encoding="utf-8"))["totals"]
        faults += [f"batch.json: {n} {told[n]}, not {wanted[n]}" for n in names if told[n] != wanted[n]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        faults.append(f"batch.json can't be read: {error}")
    return Check("totals", len(found) + len(names), tuple(faults))


def _read_back(line: Line, folder: Path, batch: BatchRecord, volume: VolumeRecord, every: Sequence[SheetRow]) -> Check:
    """Each sheet of a volume says what sheets.csv says of it."""
    pdf = folder / f"{volume.id}.pdf"
    if not pdf.is_file():
        return Check(pdf.name, 1, (f"{pdf.name} is missing",))
    rows = [row for row in every if row.volume == volume.ordinal]
    pieces = pieces_of(line, batch, volume)
    gone = _gone(pieces)
    if gone:
        return Check(pdf.name, 1, gone)
    found = line.volumes.read_back(pdf, machine_of(line, batch), batch.plex, rows, batch.number, pieces)
    faults = [f"page {fault.page}: {fault.detail} ({fault.code})" for fault in found.faults[:_SHOWN_FAULTS]]
    if len(found.faults) > _SHOWN_FAULTS:
        faults.append(f"and {len(found.faults) - _SHOWN_FAULTS} more")
    if (found.sheets, found.pages) != (volume.sheets, volume.pages):
        wanted = f"{volume.sheets} and {volume.pages}"
        faults.append(f"{found.sheets} sheets on {found.pages} pages, not {wanted}")
    if sha256_of(pdf) != volume.sha256:
        faults.append("the file is not the one that the ledger knows")
    return Check(pdf.name, found.sheets, tuple(faults))


def _rebuild(line: Line, folder: Path, batch: BatchRecord, volume: VolumeRecord) -> Check:
    pieces = pieces_of(line, batch, volume)
    name = f"{volume.id}.pdf"
    gone = _gone(pieces)
    if gone:
        return Check(name, 1, gone)
    made = folder / name
    written = line.volumes.write(machine_of(line, batch), batch.number, pieces, made)
    published = line.spool.batches / batch.id / name
    if not published.is_file():
        faults: tuple[str, ...] = (f"{name} is missing",)
    elif not _same_bytes(made, published):
        changed = line.profiles.sha256 != batch.profile_sha256
        hint = "; the profiles have changed since" if changed else ""
        faults = (f"written anew, the file has other bytes{hint}",)
    else:
        faults = ()
    made.unlink()
    return Check(name, len(written.rows), faults)


def _gone(pieces: Sequence[VolumePiece]) -> tuple[str, ...]:
    """What is missing of the working files of all letters in the pieces, and of their letterheads."""
    files = {file for piece in pieces for part in piece.stretches for file in (part.source, part.letterhead) if file}
    gone = sum(not Path(file).is_file() for file in files)
    return (f"its letters are not kept any more: {gone} working file(s) are gone",) if gone else ()


def _same_bytes(one: Path, other: Path) -> bool:
    return one.stat().st_size == other.stat().st_size and all(a == b for a, b in _blocks(one, other))


def _blocks(one: Path, other: Path) -> Iterator[tuple[bytes, bytes]]:
    with one.open("rb") as first, other.open("rb") as second:
        while True:
            blocks = first.read(1 << 20), second.read(1 << 20)
            yield blocks
            if not any(blocks):
                return


def _sheet_rows(path: Path) -> list[SheetRow]:
    with path.open(encoding="utf-8", newline="") as opened:
        return [
            SheetRow(
                volume=int(row["volume"]),
                page=int(row["page"]),
                piece=int(row["piece"]),
                sheet=int(row["sheet"]),
                of=int(row["of"]),
                code=row["code"],
                omr=row["omr"],
            )
            for row in csv.DictReader(opened)
        ]
