"""Looks into the inbox: what lies where. The periodic full scan is the truth; nothing is opened, nothing followed.

Names are bytes. An entry is looked at with lstat only, for opening a FIFO hangs and following a link leaves the
inbox. A folder that can't be listed is an alarm about the share, never a failure of the files in it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from pipeline.domain.drop_names import ignored_as, is_companion
from pipeline.domain.stability import Fingerprint, Observation

OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_JOB_DEPTH = 2  # <municipality>/<job profile>/


class DropKind(StrEnum):
    """What a directory entry is, by lstat."""

    FILE = "file"
    SYMLINK = "symlink"
    FIFO = "fifo"
    SOCKET = "socket"
    DEVICE = "device"
    DIRECTORY = "directory"


@dataclass(frozen=True)
class Drop:
    """An entry that somebody dropped. All names are raw bytes; `municipality` and `profile` are folder names.

    `profile` is empty for what lies directly in a municipality's folder, both are for what lies in the inbox
    itself; whether a municipality or profile of that name exists is not known here.
    """

    path: bytes
    municipality: bytes
    profile: bytes
    name: bytes
    kind: DropKind
    fingerprint: Fingerprint

    @property
    def is_companion(self) -> bool:
        """Whether its name is a ticket's or an index's; it is then taken with its file, never alone."""
        return is_companion(self.name)


@dataclass(frozen=True)
class Finding:
    """Something a person should know; nothing was touched. `code`: stable. `sentence`: German, without names."""

    code: str
    path: bytes
    sentence: str


@dataclass(frozen=True)
class ShareAlarm:
    """A folder that is away or can't be read: a matter of the share, not of the files in it."""

    path: bytes
    sentence: str


@dataclass(frozen=True)
class ScanResult:
    """One full look, each tuple sorted by raw path.

    `ignored`: unfinished copies, locks. `unseen`: folders whose content is unknown this time, for the tracker.
    """

    drops: tuple[Drop, ...]
    ignored: tuple[Drop, ...]
    findings: tuple[Finding, ...]
    alarms: tuple[ShareAlarm, ...]
    unseen: tuple[bytes, ...]

    def observations(
        self, settle_s: Callable[[Drop], float], needs_index: Callable[[Drop], bool] = lambda _: False
    ) -> list[Observation]:
        """What the stability tracker is shown. `settle_s`: the window of a drop's folder in seconds; `needs_index`:
        whether a file of that folder can't be used without an index."""
        return [
            Observation(drop.path, drop.fingerprint, settle_s(drop), ignored=ignored, needs_index=needs_index(drop))
            for drops, ignored in ((self.drops, False), (self.ignored, True))
            for drop in drops
        ]


def scan(inbox: bytes, expected: Iterable[tuple[str, str]] = ()) -> ScanResult:
    """List `inbox`/<municipality>/<job profile>/ and whatever lies beside it.

    `inbox`: absolute path. `expected`: (municipality, job profile) folders that must exist; an absent one is an
    alarm, for that is what a share that was unmounted looks like. Raises nothing that a share can cause.
    """
    look = _Look()
    root = inbox.rstrip(b"/") or b"/"
    _look_into(look, root, ())
    for municipality, profile in sorted(expected):
        parts = (municipality.encode(), profile.encode())
        missing = parts if parts[:1] in look.listed else parts[:1]
        folder = b"/".join((root, *missing))
        if parts not in look.listed and not any(_is_below(folder, away) for away in look.unseen):
            look.alarm(folder, _why_away(FileNotFoundError(errno.ENOENT, "missing")))
    return look.result()


def kind_of(mode: int) -> DropKind:
    """What a st_mode says."""
    checks = (
        (stat.S_ISREG, DropKind.FILE),
        (stat.S_ISLNK, DropKind.SYMLINK),
        (stat.S_ISFIFO, DropKind.FIFO),
        (stat.S_ISSOCK, DropKind.SOCKET),
        (stat.S_ISDIR, DropKind.DIRECTORY),
    )
    return next((kind for check, kind in checks if check(mode)), DropKind.DEVICE)


def fingerprint_of(status: os.stat_result) -> Fingerprint:
    """What a later look is compared with."""
    return Fingerprint(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def enough_room(path: Path, needed_bytes: int) -> bool:
    """Whether the file system of `path` has `needed_bytes` and a free inode left for an ordinary user."""
    room = os.statvfs(path)
    return room.f_bavail * room.f_frsize >= needed_bytes and (room.f_files == 0 or room.f_favail > 0)


def open_folder(inbox: bytes, parts: Iterable[bytes]) -> int:
    """A descriptor of a folder below the inbox, opened step by step so that no link is followed. Raises OSError."""
    handle = os.open(inbox, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for part in parts:
        try:
            deeper = os.open(part, OPEN_FOLDER, dir_fd=handle)
        finally:
            os.close(handle)
        handle = deeper
    return handle


@dataclass
class _Look:
    """What has been seen so far in one scan."""

    drops: list[Drop] = field(default_factory=list)
    ignored: list[Drop] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    alarms: list[ShareAlarm] = field(default_factory=list)
    unseen: list[bytes] = field(default_factory=list)
    listed: set[tuple[bytes, ...]] = field(default_factory=set)

    def alarm(self, folder: bytes, sentence: str) -> None:
        self.alarms.append(ShareAlarm(folder, sentence))
        self.unseen.append(folder)

    def result(self) -> ScanResult:
        return ScanResult(
            drops=tuple(sorted(self.drops, key=lambda drop: drop.path)),
            ignored=tuple(sorted(self.ignored, key=lambda drop: drop.path)),
            findings=tuple(sorted(self.findings, key=lambda finding: (finding.path, finding.code))),
            alarms=tuple(sorted(self.alarms, key=lambda alarm: alarm.path)),
            unseen=tuple(sorted(self.unseen)),
        )


def _is_below(path: bytes, folder: bytes) -> bool:
    return path == folder or path.startswith(folder + b"/")


def _look_into(look: _Look, root: bytes, parts: tuple[bytes, ...]) -> None:
    folder = b"/".join((root, *parts))
    found = _Look()
    try:
        handle = open_folder(root, parts)
        try:
            folders = _look_at_entries(found, folder, parts, handle)
        finally:
            os.close(handle)
    except OSError as error:
        if parts and error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            return  # removed or replaced since its parent was listed; if it is expected, that is noticed later
        look.alarm(folder, _why_away(error))  # half a list is no list: what was found in it is not told
        return
    look.listed.add(parts)
    look.drops += found.drops
    look.ignored += found.ignored
    look.findings += found.findings
    for name in folders:
        _look_into(look, root, (*parts, name))


def _look_at_entries(look: _Look, folder: bytes, parts: tuple[bytes, ...], handle: int) -> list[bytes]:
    """Classify the entries of one folder; hand back the names of the folders to go into, sorted."""
    deeper: list[bytes] = []
    with os.scandir(handle) as entries:
        names = sorted(os.fsencode(entry.name) for entry in entries)
    for name in names:
        try:
            status = os.stat(name, dir_fd=handle, follow_symlinks=False)
        except FileNotFoundError:
            continue  # gone between listing and looking
        kind = kind_of(status.st_mode)
        path = folder + b"/" + name
        if kind is DropKind.DIRECTORY:
            if ignored_as(name) == "clutter":
                continue
            if len(parts) < _JOB_DEPTH:
                deeper.append(name)
            else:
                look.findings.append(_subfolder(path, name, handle))
            continue
        drop = Drop(path, *_place(parts), name, kind, fingerprint_of(status))
        _sort_in(look, drop, handle)
    return deeper


def _place(parts: tuple[bytes, ...]) -> tuple[bytes, bytes]:
    municipality, profile = (*parts, b"", b"")[:2]
    return municipality, profile


def _sort_in(look: _Look, drop: Drop, handle: int) -> None:
    if ignored_as(drop.name) is not None:
        look.ignored.append(drop)
    elif drop.kind is DropKind.SYMLINK and not drop.municipality:
        # Only the print centre itself can write here: this link is its own, not a municipality's.
        sentence = "Verknüpfungen im Eingang werden nicht verfolgt. Freigaben bitte einhängen, nicht verknüpfen."
        look.findings.append(Finding("link-in-inbox", drop.path, sentence))
    elif drop.kind is DropKind.FILE and not _may_read(drop.name, handle):
        sentence = "Die Datei darf nicht gelesen werden; sie bleibt liegen. Bitte die Rechte der Freigabe prüfen."
        look.findings.append(Finding("no-permission", drop.path, sentence))
        if drop.is_companion:  # its file must not go on as if there were no ticket
            look.drops.append(drop)
    else:
        look.drops.append(drop)


def _may_read(name: bytes, handle: int) -> bool:
    return os.access(name, os.R_OK, dir_fd=handle, effective_ids=True)


def _subfolder(path: bytes, name: bytes, handle: int) -> Finding:
    """A folder inside a job's folder: people make them, and wait for what they put in."""
    try:
        inside = os.open(name, OPEN_FOLDER, dir_fd=handle)
        try:
            with os.scandir(inside) as entries:
                count = sum(1 for entry in entries if ignored_as(os.fsencode(entry.name)) != "clutter")
        finally:
            os.close(inside)
    except OSError:
        sentence = "Ein Unterordner in einem Auftragsordner wird nicht verarbeitet; sein Inhalt ist nicht lesbar."
        return Finding("subfolder", path, sentence)
    content = {0: "er ist leer", 1: "darin liegt ein Eintrag"}.get(count, f"darin liegen {count} Einträge")
    sentence = f"Ein Unterordner in einem Auftragsordner wird nicht verarbeitet; {content}."
    return Finding("subfolder", path, f"{sentence} Bitte Dateien unmittelbar in den Auftragsordner legen.")


def _why_away(error: OSError) -> str:
    reasons = {
        errno.EACCES: "Der Ordner darf nicht gelesen werden. Bitte die Rechte prüfen.",
        errno.EPERM: "Der Ordner darf nicht gelesen werden. Bitte die Rechte prüfen.",
        errno.ENOENT: "Der Ordner fehlt. Ist die Freigabe eingehängt?",
        errno.ESTALE: "Die Freigabe ist nicht mehr gültig und muss neu eingehängt werden.",
    }
    default = f"Der Ordner ist nicht erreichbar ({errno.errorcode.get(error.errno or 0, 'unbekannt')})."
    return reasons.get(error.errno or 0, default)
