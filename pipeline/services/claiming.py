"""From the inbox into the ledger: scan, wait until a file is complete, claim it, write it down.

The order is: claim (a rename), hash, ledger row, and only then a hint to the queue. Whatever moment the machine
stops at, the file lies in the inbox, in a claim folder, or is in the ledger as well.
"""

from __future__ import annotations

import fcntl
import logging
import os
import uuid
from dataclasses import dataclass, field

from pipeline.adapters.claims import Claimed, broken_claims, claim, open_claims, rehash, resume
from pipeline.adapters.hotfolder import Drop, Finding, ShareAlarm, enough_room, scan
from pipeline.adapters.ledger.records import NewIntake
from pipeline.domain.errors import Permanent, Temporary
from pipeline.domain.stability import Ready, StabilityTracker, Verdict
from pipeline.services.ports import Line

ROOM_FACTOR = 4  # how many times a file's size must be free before it is taken in
_ROOM_FLOOR_BYTES = 200 * 1024 * 1024
_RETRY_S = 10.0  # at least this long a claimed file must rest once its writer was seen at work

log = logging.getLogger("poststrasse")


@dataclass
class Look:
    """What one look at the inbox found. `claimed`: files written into the ledger. `left`: files not complete yet.

    `stuck`: files that a person has to move first. `notices`: what a person should know, in German.
    """

    claimed: int = 0
    left: int = 0
    stuck: int = 0
    alarms: tuple[ShareAlarm, ...] = ()
    findings: tuple[Finding, ...] = ()
    troubles: list[str] = field(default_factory=list)


class Door:
    """The only way in. Keeps what it knows of files that are still being written from look to look.

    `settle_s`: overrides the windows of the job profiles, seconds; None leaves them.
    """

    def __init__(self, line: Line, who: str, settle_s: float | None = None) -> None:
        self._line = line
        self._who = who
        self._settle_s = settle_s
        self._tracker = StabilityTracker()
        self._unsettled: list[Claimed] = []
        self._unrecorded = True  # claims of an earlier process, or ours while the ledger was away
        self._retry_s = 0.0
        self._lock: int | None = None
        self._broken: tuple[Finding, ...] = ()

    def enter(self) -> bool:
        """Become the one who watches this root, and recover what an earlier one left; False while another does.

        The right ends with the process, however it ends.
        """
        if self._lock is None:
            handle = os.open(self._line.spool.private / "door.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
                return False
            self._lock = handle
            self._unrecorded = True
        if self._unrecorded:
            self._recover()
        return True

    def leave(self) -> None:
        """Let another one watch."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _recover(self) -> None:
        """Write down claims that were made and not recorded, in the order in which they were made.

        They are an earlier process's, or our own from a time when the ledger was away. Where it still is, this raises,
        and the next look begins here again.
        """
        held = {claimed.claim.token for claimed in self._unsettled}
        again = False
        for found in open_claims(self._line.spool.claims):
            with self._line.ledger.reading() as read:
                known = read.intake_by_token(found.token) is not None
            if known or found.token in held:
                continue
            try:
                claimed = resume(found)
            except (Temporary, Permanent) as error:
                log.error("%s: %s", found.token, error)
                again = again or isinstance(error, Temporary)
                continue
            self._record(claimed)
        self._broken = tuple(broken_claims(self._line.spool.claims))
        self._unrecorded = again

    def look(self, now_s: float) -> Look:
        """Look once, claim what is complete. `now_s`: a clock that does not run backwards."""
        look = Look()
        with self._line.ledger.reading() as read:
            read.last_event()  # no file is claimed while the ledger is away
        self._retry_unsettled(look, now_s)
        found = scan(os.fsencode(self._line.spool.inbox), self._expected())
        verdict = self._tracker.observe(found.observations(self._window, self._needs_index), now_s, found.unseen)
        drops = {drop.path: drop for drop in found.drops}
        for ready in verdict.ready:
            self._claim(ready, drops, look)
        look.left += len(verdict.pending) + len(self._unsettled)
        look.stuck += len(verdict.blocked) + len(verdict.orphan_tickets) + len(verdict.orphan_indexes)
        look.alarms = found.alarms
        lying = _lying_about(verdict)
        look.findings = (*found.findings, *self._broken, *lying)
        return look

    def _expected(self) -> list[tuple[str, str]]:
        members = self._line.profiles.municipalities.values()
        return [(member.id, job) for member in members for job in member.jobs]

    def _window(self, drop: Drop) -> float:
        if self._settle_s is not None:
            return self._settle_s
        job = self._line.profiles.jobs.get(os.fsdecode(drop.profile))
        return job.settle_s if job is not None else 10.0

    def _needs_index(self, drop: Drop) -> bool:
        job = self._line.profiles.jobs.get(os.fsdecode(drop.profile))
        return job is not None and job.outgoing is not None and job.outgoing.split.by == "index"

    def _claim(self, ready: Ready, drops: dict[bytes, Drop], look: Look) -> None:
        drop = drops[ready.path]
        needed = drop.fingerprint.size * ROOM_FACTOR + _ROOM_FLOOR_BYTES
        if not enough_room(self._line.spool.claims, needed):
            look.troubles.append("Zu wenig freier Speicherplatz: Dateien bleiben im Eingang, bis Platz ist.")
            look.left += 1
            return
        ticket = drops[ready.ticket] if ready.ticket is not None else None
        index = drops[ready.index] if ready.index is not None else None
        order = self._line.now_ms() * 1_000_000 + look.claimed
        try:
            folder, token = self._line.spool.claims, uuid.uuid4().hex
            claimed = claim(drop, folder, token, order=order, ticket=ticket, index=index)
        except Temporary as error:
            look.troubles.append(error.sentence)
            look.left += 1
            return
        if claimed is None:
            return
        self._tracker.forget(path for path in (ready.path, ready.ticket, ready.index) if path is not None)
        look.claimed += 1
        self._record(claimed)

    def _retry_unsettled(self, look: Look, now_s: float) -> None:
        """Look again at claims whose writer was still at work, a settle window after the last try."""
        if now_s < self._retry_s:
            return
        self._retry_s = now_s + (self._settle_s if self._settle_s is not None else _RETRY_S)
        for claimed in list(self._unsettled):
            try:
                again = rehash(claimed)
                self._unsettled.remove(claimed)
                look.claimed += self._record(again)
            except Temporary as error:
                look.troubles.append(error.sentence)
            except Permanent as error:
                look.troubles.append(error.sentence)
                self._unsettled.remove(claimed)

    def _record(self, claimed: Claimed) -> int:
        if claimed.unsettled:
            self._unsettled.append(claimed)
            return 0
        before, self._unrecorded = self._unrecorded, True  # until it is in the ledger; else the next look recovers it
        note = claimed.claim.note
        job = self._line.profiles.jobs.get(note.profile_text)
        self._line.ledger.register_intake(
            NewIntake(
                token=claimed.claim.token,
                municipality=note.municipality_text,
                profile=note.profile_text,
                direction=job.direction if job is not None else "unknown",
                drop_kind=claimed.kind.value,
                file=note.file,
                file_raw=note.name,
                sha256=claimed.sha256,
                bytes=claimed.size,
                received_ms=self._line.now_ms(),
                has_ticket=claimed.ticket is not None,
                has_index=claimed.index is not None,
            ),
            self._who,
            self._line.now_ms(),
        )
        self._unrecorded = before
        return 1


def _lying_about(verdict: Verdict) -> list[Finding]:
    doubt = "Zu einer Datei liegt mehr als ein Auftragszettel oder mehr als ein Index im Eingang; sie bleibt liegen."
    orphan = "Ein Auftragszettel liegt ohne seine Datei im Eingang."
    lonely = "Eine Index-Datei (.index.csv) liegt ohne ihre Datei im Eingang."
    ignored = "Eine unfertige oder gesperrte Datei liegt seit über einer Stunde im Eingang."
    found = [Finding("ambiguous-ticket", path, doubt) for path in verdict.blocked]
    found += [Finding("orphan-ticket", path, orphan) for path in verdict.orphan_tickets]
    found += [Finding("orphan-index", path, lonely) for path in verdict.orphan_indexes]
    return found + [Finding("ignored-for-long", path, ignored) for path in verdict.overdue_ignored]
