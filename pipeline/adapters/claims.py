"""Takes dropped files out of the inbox: by one rename each, under our own names, with a note beside them.

`<claims>/<token>/claim.json` is written first and says where the file came from; then `original` appears, then
`ticket` and `index`. Whatever moment the machine stops at, either the file still lies in the inbox or `open_claims`
finds it. The ledger is not known here: whoever claims writes the row afterwards.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.claim_notes import NOTE, NOTE_UNFINISHED, ClaimNote, TicketNote, read_note, write_note
from pipeline.adapters.exclusive_rename import rename_exclusive
from pipeline.adapters.hotfolder import Drop, DropKind, Finding, fingerprint_of, kind_of, open_folder
from pipeline.adapters.settled_file import OPEN_FILE, Hashed, has_writer, hash_file
from pipeline.adapters.spool import sync_folder
from pipeline.domain.errors import Permanent, Temporary
from pipeline.domain.ids import is_id
from pipeline.domain.stability import Fingerprint

ORIGINAL = "original"
TICKET = "ticket"
INDEX = "index"
_NOTHING = hashlib.sha256().hexdigest()


@dataclass(frozen=True)
class OpenClaim:
    """A claim on disk. `folder`: `<claims>/<token>`; `note`: where the file came from and when it was taken."""

    folder: Path
    note: ClaimNote

    @property
    def token(self) -> str:
        """The claim's name."""
        return self.folder.name


@dataclass(frozen=True)
class Claimed:
    """A file that is ours. Its bytes lie in `original`, its ticket (or None) in `ticket`, its index in `index`.

    `unsettled`: somebody may still be writing; `sha256` and `size` are not to be trusted, call `rehash` later.
    What is not a regular file has size 0 and the hash of nothing: it was not opened and must not be.
    `fingerprint`: as last seen.
    """

    claim: OpenClaim
    original: Path
    ticket: Path | None
    kind: DropKind
    fingerprint: Fingerprint
    size: int
    sha256: str
    unsettled: bool
    index: Path | None = None

    @property
    def token(self) -> str:
        """The claim's name."""
        return self.claim.token

    @property
    def note(self) -> ClaimNote:
        """Where it came from and when it was taken."""
        return self.claim.note


def claim(
    drop: Drop, claims_dir: Path, token: str, *, order: int, ticket: Drop | None = None, index: Drop | None = None
) -> Claimed | None:
    """Take `drop`, and `ticket` and `index` with it, into `claims_dir`/`token`/.

    `token`: `[a-z0-9-]`, never used before. `order`: a number that grows from claim to claim, e.g. ns since
    1970. None: it is gone, or no longer what was seen (taken, changed or replaced, or what lay beside it was); nothing
    was touched, the next scan tells more.
    Raises Temporary, and the file stays where it is: `file-busy` (a program has it open for writing),
    `no-permission`, `claim-other-file-system`, `share-unavailable`, `disk-full`. Raises Permanent
    `claim-token-used`, ValueError for a directory, which is never claimed, and for a token that is no id.
    """
    if drop.kind is DropKind.DIRECTORY or not is_id(token):
        raise ValueError("a directory is never claimed; a token is an id")
    note = _note(drop, ticket, index, order)
    with _share_errors():
        try:
            source = open_folder(note.inbox, note.folders)
        except (FileNotFoundError, NotADirectoryError):
            return None
        try:
            if not all(_is_as_seen(source, part) for part in (drop, ticket, index) if part is not None):
                return None
            taken = _take(source, note, claims_dir / token)
        finally:
            os.close(source)
    return None if taken is None else _examine(taken, note.fingerprint)


def rehash(claimed: Claimed) -> Claimed:
    """Look again at an unsettled claim, at least the folder's settle window after the last look.

    Settled if nothing has changed since that look and nobody has it open for writing; else unsettled again.
    Raises Temporary `claim-unreadable` if it can't be read, Permanent `claim-lost` if it is not there any more.
    """
    again = _examine(claimed.claim, claimed.fingerprint)
    if not again.sha256:
        sentence = f"Die übernommene Datei {claimed.claim.token} lässt sich nicht lesen."
        raise Temporary("claim-unreadable", sentence, "Bitte die Rechte und den Datenträger prüfen.")
    return again


def resume(found: OpenClaim) -> Claimed:
    """Go on with a claim that `open_claims` found: take its ticket and index if that is still to do, compare, hash.

    Raises Permanent `claim-lost` if it is not there any more.
    """
    return _examine(found, found.note.fingerprint)


def open_claims(claims_dir: Path) -> list[OpenClaim]:
    """Every claim that holds a file, in the order in which they were taken; which are in the ledger is not known here.

    Claims that were begun but took nothing are removed: their file still lies in the inbox, or somebody else has
    it. To be called while nobody claims into `claims_dir`.
    """
    found = []
    for folder in _folders(claims_dir):
        contents = {entry.name for entry in folder.iterdir()}
        note = read_note(folder)
        if ORIGINAL in contents:
            if note is not None:
                found.append(OpenClaim(folder, note))
        elif contents <= {NOTE, NOTE_UNFINISHED}:
            _discard(folder)
    return sorted(found, key=lambda each: (each.note.order, each.note.raw_path, each.token))


def broken_claims(claims_dir: Path) -> list[Finding]:
    """Claims whose note can't be read although they hold a file: never touched, for a person to look at."""
    sentence = "Eine übernommene Datei liegt ohne lesbaren Begleitzettel (claim.json) in der privaten Ablage."
    return [
        Finding("claim-without-note", os.fsencode(folder), sentence)
        for folder in _folders(claims_dir)
        if os.path.lexists(folder / ORIGINAL) and read_note(folder) is None
    ]


def _note(drop: Drop, ticket: Drop | None, index: Drop | None, order: int) -> ClaimNote:
    folders = tuple(folder for folder in (drop.municipality, drop.profile) if folder)
    below = b"/".join((b"", *folders, drop.name))
    if not drop.path.endswith(below):
        raise ValueError("the drop's path and its folders do not agree")
    told, named = (None if each is None else TicketNote(each.name, each.fingerprint) for each in (ticket, index))
    inbox = drop.path[: -len(below)] or b"/"
    return ClaimNote(order, inbox, folders, drop.name, drop.kind.value, drop.fingerprint, told, named)


def _is_as_seen(source: int, drop: Drop) -> bool:
    """Whether an entry is still what the scan saw; raises Temporary `file-busy`, or what opening it raises."""
    try:
        status = os.stat(drop.name, dir_fd=source, follow_symlinks=False)
        if fingerprint_of(status) != drop.fingerprint or kind_of(status.st_mode) is not drop.kind:
            return False
        if drop.kind is not DropKind.FILE:
            return True
        handle = os.open(drop.name, OPEN_FILE, dir_fd=source)
    except FileNotFoundError:
        return False
    try:
        if has_writer(handle):
            sentence = "Ein Programm hat die Datei noch zum Schreiben geöffnet; sie bleibt vorerst liegen."
            raise Temporary("file-busy", sentence, "Bitte das Programm schließen, das die Datei schreibt.")
        opened = os.fstat(handle)
        return stat.S_ISREG(opened.st_mode) and fingerprint_of(opened) == drop.fingerprint
    finally:
        os.close(handle)


def _take(source: int, note: ClaimNote, folder: Path) -> OpenClaim | None:
    """Make the claim's folder and its note, then rename the file into it; None if the file is gone by then."""
    with _our_errors():
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            raise Permanent("claim-token-used", f"there is a claim {folder.name} already") from None
        write_note(folder, note)
        sync_folder(folder.parent)
        target = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        rename_exclusive(source, note.name, target, ORIGINAL.encode())
    except OSError as error:
        _discard(folder)
        if isinstance(error, FileNotFoundError):
            return None
        raise
    finally:
        os.close(target)
    sync_folder(folder)
    with suppress(OSError):  # some shares can't; then the share's own server sees to it
        os.fsync(source)
    return OpenClaim(folder, note)


def _examine(taken: OpenClaim, expected: Fingerprint) -> Claimed:
    """Complete and hash a claim. From here on nothing is given back: whatever goes wrong makes it unsettled."""
    original = taken.folder / ORIGINAL
    complete = _fetch(taken, taken.note.ticket, TICKET) and _fetch(taken, taken.note.index, INDEX)
    try:
        status = original.lstat()
    except FileNotFoundError:
        sentence = f"Die übernommene Datei {taken.token} ist aus der privaten Ablage verschwunden."
        raise Permanent("claim-lost", sentence, "Bitte prüfen, wer dort aufräumt.") from None
    kind = kind_of(status.st_mode)
    hashed = Hashed(fingerprint_of(status), 0, _NOTHING, True)
    if kind is DropKind.FILE:
        try:
            hashed = hash_file(original)
        except (OSError, ValueError):
            hashed = Hashed(hashed.fingerprint, 0, "", False)
        if not _same_content(hashed.fingerprint, expected):
            hashed = Hashed(hashed.fingerprint, hashed.size, hashed.sha256, False)
    ticket, index = taken.folder / TICKET, taken.folder / INDEX
    return Claimed(
        claim=taken,
        original=original,
        ticket=ticket if os.path.lexists(ticket) else None,
        kind=kind,
        fingerprint=hashed.fingerprint,
        size=hashed.size,
        sha256=hashed.sha256,
        unsettled=not (hashed.steady and complete),
        index=index if os.path.lexists(index) else None,
    )


def _fetch(taken: OpenClaim, told: TicketNote | None, ours: str) -> bool:
    """Take what lay beside a claimed file, unless that was done or it is gone. False: try again later."""
    if told is None or os.path.lexists(taken.folder / ours):
        return True
    try:
        source = open_folder(taken.note.inbox, taken.note.folders)
    except OSError as error:
        return isinstance(error, FileNotFoundError | NotADirectoryError)
    try:
        if fingerprint_of(os.stat(told.name, dir_fd=source, follow_symlinks=False)) != told.fingerprint:
            return True  # a new one of the same name: it belongs to a file that is still to come
        target = os.open(taken.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            rename_exclusive(source, told.name, target, ours.encode())
            os.fsync(target)
        finally:
            os.close(target)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    finally:
        os.close(source)
    return True


def _same_content(now: Fingerprint, before: Fingerprint) -> bool:
    """Whether two looks agree; ctime is left out, for the rename itself changes it."""
    return (now.size, now.mtime_ns, now.inode) == (before.size, before.mtime_ns, before.inode)


def _folders(claims_dir: Path) -> list[Path]:
    return sorted(entry for entry in claims_dir.iterdir() if entry.is_dir() and not entry.is_symlink())


def _discard(folder: Path) -> None:
    """Remove a claim that holds nothing but its note."""
    for name in (NOTE, NOTE_UNFINISHED):
        (folder / name).unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        folder.rmdir()


@contextmanager
def _share_errors() -> Iterator[None]:
    """Tell what went wrong between us and the share as something that may pass."""
    try:
        yield
    except OSError as error:
        code = errno.errorcode.get(error.errno or 0, "unbekannt")
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            sentence = "Die Datei darf nicht gelesen oder nicht aus dem Eingang genommen werden; sie bleibt liegen."
            raise Temporary("no-permission", sentence, "Bitte die Rechte der Freigabe prüfen.") from error
        if error.errno == errno.EXDEV:
            sentence = "Der Eingang und die private Ablage liegen nicht auf demselben Dateisystem."
            remedy = "Bitte beide auf dasselbe Dateisystem legen: Eine Datei wird nur durch Umbenennen übernommen."
            raise Temporary("claim-other-file-system", sentence, remedy) from error
        sentence = f"Die Freigabe ist nicht erreichbar ({code}); die Datei bleibt liegen."
        raise Temporary("share-unavailable", sentence, "Bitte die Freigabe und das Netz prüfen.") from error


@contextmanager
def _our_errors() -> Iterator[None]:
    """The same for our own disk."""
    try:
        yield
    except OSError as error:
        code = errno.errorcode.get(error.errno or 0, "unbekannt")
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        sentence = f"Die private Ablage lässt sich nicht beschreiben ({code})."
        remedy = "Bitte Platz schaffen." if full else "Bitte die Rechte und den Datenträger prüfen."
        raise Temporary("disk-full" if full else "private-unavailable", sentence, remedy) from error
