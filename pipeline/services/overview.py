"""The whole line at a glance: signs of life, what each municipality has where, batches, and what waits for a person.

Everything is counted in one consistent transaction, by the database, so that it costs the same for ten letters and
for 100,000.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from pipeline.adapters.ledger.queries import Queries
from pipeline.adapters.ledger.records import SignOfLife
from pipeline.adapters.ledger.summaries import (
    count_waiting_units,
    newest_intakes,
    returned_letters,
    shown_batches,
    waiting_slices,
    waiting_units,
)
from pipeline.domain.german import count, counted
from pipeline.domain.states import Kind
from pipeline.services.local_times import local_iso
from pipeline.services.ports import Line
from pipeline.services.showing import BatchView, IntakeView, batch_views, intake_view
from pipeline.services.wording import explain, who_word

Health = Literal["ok", "warning", "alarm", "unknown"]

LATE_AFTER_S = 120
_SHOWN_ATTENTION = 50
_SHOWN_REJECTIONS = 25
_SHOWN_ENDED_BATCHES = 20
_LITTLE_SPACE_BYTES = 2 * 1024**3
_NO_SPACE_BYTES = 256 * 1024**2

_BATCHED = ("batched", "printed", "reprint", "posted")


@dataclass(frozen=True)
class Sign:
    """One part of the line. `detail` is German; `at`: its last sign of life, None if there never was one."""

    part: str
    title: str
    health: Health
    detail: str
    at: str | None
    age_s: int | None


@dataclass(frozen=True)
class MunicipalityRow:
    """What a municipality has where. Files: `in_work`, `rejected`; documents: `archived`, `review`; the rest letters.

    `waiting`: files, slices and documents that wait for a person because attempts were used up.
    """

    municipality: str
    name: str
    waiting: int = 0
    review: int = 0
    in_work: int = 0
    archived: int = 0
    pooled: int = 0
    held: int = 0
    batched: int = 0
    returned: int = 0
    rejected: int = 0


@dataclass(frozen=True)
class Attention:
    """Something that waits for a person. `title`, `remedy`: German; `detail`: what the line said."""

    kind: str
    id: str
    state: str
    since: str
    municipality: str
    intake: str
    batch: str
    file: str
    code: str | None
    title: str
    detail: str | None
    remedy: str


@dataclass(frozen=True)
class Overview:
    """The line at the moment `at`. `…_total`: how many there are when not all of them are listed.

    `left`: files in the inbox that are not complete yet; None if no watcher told.
    """

    schema: str
    at: str
    last_event: int
    signs: tuple[Sign, ...]
    left: int | None
    attention: tuple[Attention, ...]
    attention_total: int
    municipalities: tuple[MunicipalityRow, ...]
    totals: MunicipalityRow
    batches: tuple[BatchView, ...]
    batches_total: int
    rejections: tuple[IntakeView, ...]
    rejections_total: int


def overview(line: Line, queue: str = "") -> Overview:
    """Look at everything. `queue`: where hints travel, `in-process` or `redis`; empty if the caller doesn't know."""
    now_ms = line.now_ms()
    with line.ledger.reading() as read:
        intakes = read.counts(Kind.INTAKE)
        rows = _municipalities(line, read, intakes)
        signs = read.signs_of_life()
        door = max((sign for sign in signs if sign.role == "door"), key=lambda sign: sign.at_ms, default=None)
        batches = batch_views(line, read, shown_batches(read.connection, _SHOWN_ENDED_BATCHES))
        return Overview(
            schema="poststrasse/status/1",
            at=local_iso(line, now_ms),
            last_event=read.last_event(),
            signs=_signs(line, read, signs, door, queue, now_ms),
            left=_door_counts(door)[2] if door else None,
            attention=attention(line, read),
            attention_total=count_waiting_units(read.connection),
            municipalities=rows,
            totals=_sum(rows),
            batches=tuple(batches),
            batches_total=sum(read.counts(Kind.BATCH).values()),
            rejections=tuple(
                intake_view(line, each) for each in newest_intakes(read.connection, _SHOWN_REJECTIONS, "rejected")
            ),
            rejections_total=sum(number for (_, state), number in intakes.items() if state == "rejected"),
        )


def attention(line: Line, read: Queries, limit: int = _SHOWN_ATTENTION) -> tuple[Attention, ...]:
    """What waits for a person, the oldest first."""
    found = []
    for row in waiting_units(read.connection, limit):
        told = explain(row["reason"], waits=True)
        same = {name: row[name] for name in ("id", "state", "municipality", "intake", "batch", "file", "detail")}
        found.append(
            Attention(
                kind=row["kind"].value,
                since=local_iso(line, row["changed_ms"]),
                code=row["reason"],
                title=told.title,
                remedy=told.remedy,
                **same,
            )
        )
    return tuple(found)


def _municipalities(line: Line, read: Queries, intakes: Mapping[tuple[str, str], int]) -> tuple[MunicipalityRow, ...]:
    """A row for each municipality of the profiles, and one for each other folder from which a file came."""
    known = {id: member.name for id, member in line.profiles.municipalities.items()}
    counts: dict[str, dict[str, int]] = {id: {} for id in known}

    def add(municipality: str, column: str, number: int) -> None:
        row = counts.setdefault(municipality, {})
        row[column] = row.get(column, 0) + number

    columns = {"received": "in_work", "planned": "in_work", "rejected": "rejected", "waiting": "waiting"}
    for (municipality, state), number in intakes.items():
        if state in columns:
            add(municipality, columns[state], number)
    columns = {"delivered": "archived", "acknowledged": "archived", "review": "review", "waiting": "waiting"}
    for (municipality, state), number in read.counts(Kind.DOCUMENT).items():
        if state in columns:
            add(municipality, columns[state], number)
    columns = {"pooled": "pooled", "held": "held", **dict.fromkeys(_BATCHED, "batched")}
    for (municipality, state), number in read.counts(Kind.PIECE).items():
        if state in columns:
            add(municipality, columns[state], number)
    for municipality, number in waiting_slices(read.connection).items():
        add(municipality, "waiting", number)
    for municipality, number in returned_letters(read.connection).items():
        add(municipality, "returned", number)
    order = sorted(counts, key=lambda id: (id not in known, _name(known, id).casefold(), id))
    return tuple(MunicipalityRow(id, _name(known, id), **counts[id]) for id in order)


def _name(known: Mapping[str, str], id: str) -> str:
    return known.get(id, id)


def _sum(rows: tuple[MunicipalityRow, ...]) -> MunicipalityRow:
    columns = [field.name for field in fields(MunicipalityRow) if field.name not in ("municipality", "name")]
    return MunicipalityRow("", "Zusammen", **{name: sum(getattr(row, name) for row in rows) for name in columns})


def _signs(
    line: Line, read: Queries, signs: list[SignOfLife], door: SignOfLife | None, queue: str, now_ms: int
) -> tuple[Sign, ...]:
    unfinished = read.unfinished()
    return (
        _door_sign(line, door, now_ms),
        _worker_sign(line, [sign for sign in signs if sign.role == "worker"], unfinished, now_ms),
        _queue_sign(line, queue, unfinished, now_ms),
        _ledger_sign(line, now_ms),
        _store_sign(line, now_ms),
        _archive_sign(
            line, max((s for s in signs if s.role == "archive"), key=lambda s: s.at_ms, default=None), now_ms
        ),
        _pool_sign(line, max((s for s in signs if s.role == "cut-off"), key=lambda s: s.at_ms, default=None), now_ms),
    )


def _aged(line: Line, part: str, title: str, health: Health, detail: str, at_ms: int | None, now_ms: int) -> Sign:
    if at_ms is None:
        return Sign(part, title, health, detail, None, None)
    age_s = max(0, (now_ms - at_ms) // 1000)
    return Sign(part, title, health, detail, local_iso(line, at_ms), age_s)


def _late(sign: SignOfLife, now_ms: int) -> bool:
    return now_ms - sign.at_ms > LATE_AFTER_S * 1000


def _door_sign(line: Line, door: SignOfLife | None, now_ms: int) -> Sign:
    title = "Eingang"
    if door is None:
        return _aged(line, "watcher", title, "alarm", "Der Eingang wird nicht überwacht.", None, now_ms)
    alarms, findings, left = _door_counts(door)
    if _late(door, now_ms):
        return _aged(
            line, "watcher", title, "alarm", "Kein Lebenszeichen mehr: poststrasse serve starten.", door.at_ms, now_ms
        )
    told = [counted(left, "Datei noch unvollständig", "Dateien noch unvollständig")] if left else []
    told += [counted(findings, "Hinweis", "Hinweise") + " (siehe Protokoll)"] if findings else []
    if alarms:
        told.insert(0, counted(alarms, "Freigabe nicht erreichbar", "Freigaben nicht erreichbar"))
    health: Health = "alarm" if alarms else "warning" if findings else "ok"
    return _aged(line, "watcher", title, health, ", ".join(told) or "überwacht", door.at_ms, now_ms)


def _door_counts(door: SignOfLife) -> tuple[int, int, int]:
    """Alarms, findings, files left: as the watcher writes them with its sign of life."""
    parts = [int(part) for part in door.detail.split() if part.isdecimal()]
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else (0, 0, 0)


def _worker_sign(line: Line, workers: list[SignOfLife], unfinished: int, now_ms: int) -> Sign:
    title = "Verarbeitung"
    newest = max(workers, key=lambda sign: sign.at_ms, default=None)
    if newest is None:
        return _aged(line, "workers", title, "alarm" if unfinished else "warning", "Es arbeitet niemand.", None, now_ms)
    alive = [sign for sign in workers if not _late(sign, now_ms)]
    if not alive:
        detail = f"Kein Lebenszeichen mehr ({who_word(newest.name)}): poststrasse serve oder work starten."
        return _aged(line, "workers", title, "alarm", detail, newest.at_ms, now_ms)
    in_hand = sum(int(sign.detail) for sign in alive if sign.detail.isdecimal())
    detail = f"{counted(len(alive), 'Prozess', 'Prozesse')}, {count(in_hand)} in Arbeit"
    return _aged(line, "workers", title, "ok", detail, newest.at_ms, now_ms)


def _queue_sign(line: Line, queue: str, unfinished: int, now_ms: int) -> Sign:
    kind = {"": "", "in-process": "im Prozess, ", "redis": "Redis, "}[queue]
    detail = f"{kind}{counted(unfinished, 'Schritt', 'Schritte')} offen"
    return _aged(line, "queue", "Warteschlange", "ok", detail, now_ms, now_ms)


def _ledger_sign(line: Line, now_ms: int) -> Sign:
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(line.ledger.engine.dialect.name, "unbekannt")
    return _aged(line, "ledger", "Vorgangsbuch", "ok", f"{name}, erreichbar", now_ms, now_ms)


def _store_sign(line: Line, now_ms: int) -> Sign:
    title = "Speicher"
    try:
        usage: Any = shutil.disk_usage(line.spool.root)
    except OSError as error:
        return _aged(line, "store", title, "alarm", f"nicht erreichbar ({error.strerror})", None, now_ms)
    health: Health = (
        "alarm" if usage.free < _NO_SPACE_BYTES else "warning" if usage.free < _LITTLE_SPACE_BYTES else "ok"
    )
    return _aged(
        line, "store", title, health, f"{_gigabytes(usage.free)} von {_gigabytes(usage.total)} frei", now_ms, now_ms
    )


def _archive_sign(line: Line, told: SignOfLife | None, now_ms: int) -> Sign:
    """Acknowledgements that fit no document, as whoever looks for them writes them down."""
    title = "Archiv"
    if told is None:
        return _aged(line, "archive", title, "unknown", "Nach Bestätigungen wurde noch nicht gesehen.", None, now_ms)
    found = json.loads(told.detail or "{}")
    total = int(found.get("total", 0))
    if not total:
        return _aged(line, "archive", title, "ok", "Alle Bestätigungen passen.", told.at_ms, now_ms)
    first = found["findings"][0]
    where = f"{first['municipality']}/{first['document']}.ack: {first['sentence']}"
    head = counted(total, "Bestätigung passt nicht", "Bestätigungen passen nicht")
    return _aged(line, "archive", title, "alarm", f"{head}: {where}", told.at_ms, now_ms)


def _pool_sign(line: Line, told: SignOfLife | None, now_ms: int) -> Sign:
    """Whether the cut-off is watched, and whether a letter misses its last day of posting whatever is done."""
    title = "Sammelkörbe"
    if told is None:
        return _aged(line, "pools", title, "unknown", "Nach dem Annahmeschluss wurde noch nicht gesehen.", None, now_ms)
    found = json.loads(told.detail or "{}")
    late = found.get("late", [])
    if late:
        where = ", ".join(late[:3])
        head = f"Ein Brief geht nicht mehr rechtzeitig zur Post: {where}"
        return _aged(line, "pools", title, "warning", f"{head} (poststrasse batches pools)", told.at_ms, now_ms)
    detail = counted(int(found.get("open", 0)), "Sammelkorb offen", "Sammelkörbe offen")
    return _aged(line, "pools", title, "ok", detail, told.at_ms, now_ms)


def _gigabytes(number: int) -> str:
    return f"{number / 1e9:.1f} GB".replace(".", ",")
