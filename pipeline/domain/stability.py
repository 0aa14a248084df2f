"""When is a dropped file complete? When nothing about it has changed for long enough, seen at least twice.

Pure: it is shown what each full scan found, and the time. Times of files are compared with each other for
equality only, never with a clock: shares have clocks and granularities of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from pipeline.domain.drop_names import index_subject, is_companion, stem, ticket_subject

_LEAST_SIGHTINGS = 2


@dataclass(frozen=True)
class Fingerprint:
    """What changes when a file changes: size in bytes, times in ns as the file system tells them, inode number."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


@dataclass(frozen=True)
class Observation:
    """One entry of one scan. `path`: raw bytes, `/` between folders. `settle_s`: its folder's window, seconds >= 0.

    `ignored`: its name says that it is not meant for us; it never becomes ready, but it is not forgotten either.
    `needs_index`: its job can't be done without an index, so it is given more time until there is one.
    """

    path: bytes
    fingerprint: Fingerprint
    settle_s: float
    ignored: bool = False
    needs_index: bool = False

    def __post_init__(self) -> None:
        if not self.settle_s >= 0:
            raise ValueError("settle_s: seconds, at least 0")


@dataclass(frozen=True)
class Ready:
    """A file that may be claimed now, with its ticket and its index if it has any. `empty`: it stayed at zero bytes."""

    path: bytes
    ticket: bytes | None
    empty: bool
    index: bytes | None = None


@dataclass(frozen=True)
class Verdict:
    """What one scan led to; every tuple is sorted by raw path.

    `pending`: not complete yet, or waiting for their ticket or index to be. `blocked`: waiting for a person, because
    their ticket or index is one of `ambiguous_tickets`: it could belong to several files, or is not the only one of its
    file. `vanished`: seen before, gone now. `orphan_tickets`, `orphan_indexes`: alone for long.
    `overdue_ignored`: ignored and unchanged for longer than somebody should leave them there.
    `next_due_s`: when the first pending file can become ready if nothing changes any more; None: none can.
    """

    ready: tuple[Ready, ...]
    pending: tuple[bytes, ...]
    blocked: tuple[bytes, ...]
    vanished: tuple[bytes, ...]
    orphan_tickets: tuple[bytes, ...]
    ambiguous_tickets: tuple[bytes, ...]
    overdue_ignored: tuple[bytes, ...]
    next_due_s: float | None
    orphan_indexes: tuple[bytes, ...] = ()


@dataclass
class _Seen:
    fingerprint: Fingerprint
    since_s: float
    sightings: int
    settle_s: float
    ignored: bool
    needs_index: bool


class StabilityTracker:
    """Remembers every entry from scan to scan; files that lie there at the start go through the same door.

    `patience`: how many windows an empty file waits before it counts as finished, and a ticket without its file
    before it counts as an orphan; at least 1. `overdue_s`: after how long an ignored file is reported, seconds.
    """

    def __init__(self, *, patience: float = 3.0, overdue_s: float = 3600.0) -> None:
        if patience < 1 or overdue_s < 0:
            raise ValueError("patience is at least 1, overdue_s at least 0")
        self._patience = patience
        self._overdue_s = overdue_s
        self._entries: dict[bytes, _Seen] = {}
        self._last_s = float("-inf")

    def observe(self, observations: Iterable[Observation], now_s: float, unseen: Collection[bytes] = ()) -> Verdict:
        """Take in one full scan and say what is ready.

        `now_s`: seconds of a clock that does not run backwards (if it does, every window starts again).
        `unseen`: folders that could not be listed this time. What was known below them is neither ready nor
        vanished; when they are back, its windows start again, for a sender may have been cut off as well.
        """
        if now_s < self._last_s:
            self._start_again(now_s)
        self._last_s = now_s
        found = {observation.path: observation for observation in observations}
        vanished = self._drop_missing(found, unseen)
        for observation in found.values():
            self._note(observation, now_s)
        return self._judge(sorted(found), vanished, now_s)

    def forget(self, paths: Iterable[bytes]) -> None:
        """Strike out what was claimed, so that it is not reported as vanished and a namesake starts anew."""
        for path in paths:
            self._entries.pop(path, None)

    def _start_again(self, now_s: float) -> None:
        for entry in self._entries.values():
            entry.since_s = now_s

    def _drop_missing(self, found: Collection[bytes], unseen: Collection[bytes]) -> list[bytes]:
        vanished = []
        for path in [path for path in self._entries if path not in found]:
            if any(path == folder or path.startswith(folder.rstrip(b"/") + b"/") for folder in unseen):
                self._entries[path].sightings = 0
            else:
                if not self._entries[path].ignored:
                    vanished.append(path)
                del self._entries[path]
        return sorted(vanished)

    def _note(self, observation: Observation, now_s: float) -> None:
        entry = self._entries.get(observation.path)
        if entry is None or entry.sightings == 0 or entry.fingerprint != observation.fingerprint:
            self._entries[observation.path] = _Seen(
                observation.fingerprint,
                now_s,
                1,
                observation.settle_s,
                observation.ignored,
                observation.needs_index,
            )
            return
        entry.sightings += 1
        entry.settle_s = observation.settle_s
        entry.needs_index = observation.needs_index

    def _judge(self, paths: Sequence[bytes], vanished: Sequence[bytes], now_s: float) -> Verdict:
        meant = [path for path in paths if not self._entries[path].ignored]
        pairs, indexes = _pair(meant, ticket_subject), _pair(meant, index_subject)
        ambiguous = pairs.ambiguous | indexes.ambiguous
        ready: list[Ready] = []
        pending: list[bytes] = []
        blocked: list[bytes] = []
        due: list[float] = []
        for path in (path for path in meant if not is_companion(_name(path))):
            tickets, index = pairs.companions.get(path, ()), indexes.companions.get(path, ())
            beside = (*tickets, *index)
            # An index that is to come takes as long to make as the file; after that the file is taken without it.
            patience = self._patience if self._entries[path].needs_index and not index else 1.0
            if any(each in ambiguous for each in beside):
                blocked.append(path)
            elif self._stable(path, now_s, patience) and all(self._stable(part, now_s) for part in beside):
                empty = self._entries[path].fingerprint.size == 0
                ready.append(Ready(path, next(iter(tickets), None), empty, next(iter(index), None)))
            else:
                pending.append(path)
                due.append(max(now_s, self._due_s(path, patience), *(self._due_s(part) for part in beside)))
        return Verdict(
            ready=tuple(ready),
            pending=tuple(pending),
            blocked=tuple(blocked),
            vanished=tuple(vanished),
            orphan_tickets=tuple(t for t in pairs.alone if self._stable(t, now_s, self._patience)),
            ambiguous_tickets=tuple(sorted(ambiguous)),
            orphan_indexes=tuple(t for t in indexes.alone if self._stable(t, now_s, self._patience)),
            overdue_ignored=tuple(path for path in paths if self._overdue(self._entries[path], now_s)),
            next_due_s=min(due, default=None),
        )

    def _due_s(self, path: bytes, patience: float = 1.0) -> float:
        entry = self._entries[path]
        windows = max(patience, self._patience) if entry.fingerprint.size == 0 else patience
        return entry.since_s + entry.settle_s * windows

    def _stable(self, path: bytes, now_s: float, patience: float = 1.0) -> bool:
        return self._entries[path].sightings >= _LEAST_SIGHTINGS and now_s >= self._due_s(path, patience)

    def _overdue(self, entry: _Seen, now_s: float) -> bool:
        return entry.ignored and entry.sightings >= _LEAST_SIGHTINGS and now_s - entry.since_s > self._overdue_s


@dataclass(frozen=True)
class _Pairs:
    companions: dict[bytes, tuple[bytes, ...]]  # of each file that has any
    alone: tuple[bytes, ...]
    ambiguous: frozenset[bytes]


def _pair(paths: Sequence[bytes], subject_of: Callable[[bytes], bytes | None]) -> _Pairs:
    """Which ticket, or index, stands beside which file of its folder: `brief.pdf.ticket.toml`, or `brief.ticket.toml`.

    The full name counts before the name without extension. `subject_of`: what one of that kind stands beside.
    """
    files: set[bytes] = set()
    by_stem: dict[bytes, list[bytes]] = {}
    for path in (path for path in paths if not is_companion(_name(path))):
        files.add(path)
        by_stem.setdefault(_folder(path) + stem(_name(path)), []).append(path)
    companions: dict[bytes, tuple[bytes, ...]] = {}
    alone: list[bytes] = []
    ambiguous: set[bytes] = set()
    for path in paths:
        subject = subject_of(_name(path))
        if subject is None:
            continue
        wanted = _folder(path) + subject
        partners = [wanted] if wanted in files else by_stem.get(wanted, [])
        if not partners:
            alone.append(path)
        if len(partners) > 1:
            ambiguous.add(path)
        for partner in partners:
            companions[partner] = (*companions.get(partner, ()), path)
    for several in companions.values():
        if len(several) > 1:
            ambiguous.update(several)
    return _Pairs(companions, tuple(alone), frozenset(ambiguous))


def _name(path: bytes) -> bytes:
    return path.rpartition(b"/")[2]


def _folder(path: bytes) -> bytes:
    return path[: len(path) - len(_name(path))]
