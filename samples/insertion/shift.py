"""A shift at the machine: volumes run, the person opens what looks wrong, and the log says what became of each piece.

The log is that of docs/formats/machine-log.md. Which sheet is which piece's the person knows from sheets.csv.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from samples.insertion.faults import FaultRates, Passage, disturb
from samples.insertion.grouping import Fault, Run, Sheet, insert
from samples.insertion.setting import Setting

SHEETS_A_SECOND = 2
OPERATOR = "sim"
_COLUMNS = ("piece", "status", "at", "operator")

Key = tuple[int, int]


@dataclass
class Report:
    """What came of a batch. `statuses`: `ok`, `reprint` or `pulled` by number of the piece.

    `undetected`: pieces that the machine takes for good although their envelope holds something else.
    """

    statuses: dict[int, str] = field(default_factory=dict)
    undetected: list[int] = field(default_factory=list)
    envelopes: int = 0
    sheets: int = 0
    stops: list[Fault] = field(default_factory=list)

    def count(self, status: str) -> int:
        """How many pieces have this status."""
        return sum(1 for each in self.statuses.values() if each == status)


def pieces_of_sheets(sheets_csv: Path) -> dict[Key, int]:
    """Which piece a sheet is of, by volume and page."""
    with sheets_csv.open(encoding="utf-8", newline="") as opened:
        return {(int(row["volume"]), int(row["page"])): int(row["piece"]) for row in csv.DictReader(opened)}


def work(
    setting: Setting, volumes: Iterable[Sequence[Sheet]], owners: Mapping[Key, int], rates: FaultRates, seed: int
) -> Report:
    """Run all volumes of a batch through the machine; the same seed makes the same faults."""
    chance = random.Random(f"insertion {seed}")
    report = Report(statuses=dict.fromkeys(sorted(set(owners.values())), "reprint"))
    members: dict[int, set[Key]] = {}
    for key, piece in owners.items():
        members.setdefault(piece, set()).add(key)
    for sheets in volumes:
        passage = disturb(sheets, rates, chance)
        run = insert(setting, passage.seen)
        report.stops += run.faults
        report.sheets += len(passage.seen)
        report.envelopes += len(run.envelopes)
        _open_and_count(run, passage, owners, members, report)
    for piece in report.statuses:
        if chance.random() < rates.pulled:
            report.statuses[piece] = "pulled"
    return report


def _open_and_count(
    run: Run, passage: Passage, owners: Mapping[Key, int], members: Mapping[int, set[Key]], report: Report
) -> None:
    """Envelopes that hold exactly one whole piece are good. After a stop the envelope before it is looked into,
    because what was drawn in pairs at its end shows only in the sheet that follows; the last one of a volume is opened
    where the counter of sheets doesn't come out as the job ticket says.
    """
    stops = sorted(fault.sheet for fault in run.faults)
    ends = [envelope.sheets[-1] for envelope in run.envelopes]
    opened = {max((end for end in ends if end < stop), default=None) for stop in stops}
    if ends and (passage.gone or passage.hidden):
        opened.add(ends[-1])
    for envelope in run.envelopes:
        inside = set(envelope.sheets)
        inside.update(hidden for sheet in envelope.sheets for hidden in passage.hidden.get(sheet, ()))
        piece = owners[envelope.sheets[0]]
        if inside == members[piece]:
            report.statuses[piece] = "ok"
        elif envelope.sheets[-1] not in opened:
            report.statuses[piece] = "ok"
            report.undetected.append(piece)


def write_log(path: Path, report: Report, began: datetime) -> None:
    """Write the machine's log, a row a piece in their order, as if each took half a second. Appears by one rename."""
    part = path.with_name(f".{path.name}.part")
    with part.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for number, (piece, status) in enumerate(sorted(report.statuses.items()), 1):
            at = began + timedelta(seconds=number // SHEETS_A_SECOND)
            writer.writerow((piece, status, at.isoformat(timespec="seconds"), OPERATOR))
    part.replace(path)
