"""Whether the files of a published batch are still the ones that were read back and laid there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.domain.errors import Permanent
from pipeline.services.ports import Line
from pipeline.services.printing import SUMS, sha256_of

CHANGED = "batch-changed"


def changed_files(line: Line, batch_id: str) -> list[str]:
    """What is missing of a batch's folder or has other bytes, one German sentence a file; empty where all is as it was.

    Volumes are compared with what the ledger kept when they were read back, SHA256SUMS with what it kept when the
    batch was published, everything else with SHA256SUMS: whole files by their SHA-256. Nothing is read back here; what
    lies in the folder besides is no business of a batch.
    """
    with line.ledger.reading() as read:
        volumes = read.volumes(batch_id)
        batch = read.batch(batch_id)
    folder = line.spool.batches / batch_id
    wanted = {f"{volume.id}.pdf": volume.sha256 for volume in volumes}
    found = [_compared(folder, name, sha256, "die zurückgelesen wurde") for name, sha256 in wanted.items()]
    try:
        told = dict(_listed(folder / SUMS))
    except (OSError, ValueError):
        return [each for each in found if each] + [f"{SUMS} fehlt oder ist nicht lesbar."]
    if batch is not None and batch.sums_sha256:
        found.append(_compared(folder, SUMS, batch.sums_sha256, "die dazu geschrieben wurde"))
    papers = [(name, sha256) for name, sha256 in told.items() if name not in wanted]
    found += [_compared(folder, name, sha256, "die dazu geschrieben wurde") for name, sha256 in papers]
    return [each for each in found if each]


def batch_changed(batch_id: str, changed: str) -> Permanent:
    """The refusal to let a batch go on. `changed`: what is missing or has changed."""
    return Permanent(
        CHANGED,
        f"Druckauftrag {batch_id} ist angehalten und kann nicht freigegeben werden: {changed}",
        f"Nicht drucken. »poststrasse batches verify {batch_id}« nennt die Blätter, »poststrasse batches rebuild "
        f"{batch_id}« schreibt die Teilbände zum Vergleich neu. Die richtige Datei zurücklegen und fortsetzen "
        f"(»poststrasse batches resume {batch_id}«), oder auflösen (»poststrasse batches cancel {batch_id}«).",
    )


def _listed(path: Path) -> Iterator[tuple[str, str]]:
    for row in path.read_text(encoding="utf-8").splitlines():
        sha256, _, name = row.partition("  ")
        yield name, sha256


def _compared(folder: Path, name: str, sha256: str | None, which: str) -> str:
    try:
        is_same = sha256_of(folder / name) == sha256
    except OSError:
        return f"{name} fehlt oder ist nicht lesbar."
    return "" if is_same else f"{name} ist nicht mehr die Datei, {which}."
