"""The root and its folders (CONTRACTS.md 2): where things lie, and how they appear: whole, by one rename."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from pipeline.domain.profiles import Profiles
from pipeline.domain.states import Unit


class Spool:
    """The folders under one root. Everything here lies on one file system, so that a rename publishes."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.inbox = self.root / "inbox"
        self.outbox = self.root / "outbox"
        self.archive = self.root / "archive"
        self.batches = self.root / "printcenter" / "batches"
        self.machine_logs = self.root / "printcenter" / "machine-logs"
        self.private = self.root / "private"
        self.claims = self.private / "claims"
        self.work = self.private / "work"
        self.slices = self.private / "slices"
        self.volumes = self.private / "volumes"
        self.letterheads = self.private / "letterheads"

    def prepare(self, profiles: Profiles) -> None:
        """Make all folders, one drop folder for each municipality and each job that it uses."""
        shared = (self.batches, self.machine_logs, self.claims, self.work, self.slices, self.volumes, self.letterheads)
        for folder in shared:
            folder.mkdir(parents=True, exist_ok=True)
        self.private.chmod(0o700)
        self._make_drop_folders(profiles)
        for municipality in profiles.municipalities.values():
            for shelf in ("rejected", "returned", "manifests"):
                (self.outbox / municipality.id / shelf).mkdir(parents=True, exist_ok=True)
            (self.archive / municipality.id).mkdir(parents=True, exist_ok=True)

    def _make_drop_folders(self, profiles: Profiles) -> None:
        """Make each drop folder once. One that is gone later is an absent share: to make it again would hide that."""
        known = self.private / "drop-folders.txt"
        made = set(known.read_text(encoding="utf-8").split()) if known.exists() else set()
        wanted = {f"{each.id}/{job}" for each in profiles.municipalities.values() for job in each.jobs}
        for folder in sorted(wanted - made):
            (self.inbox / folder).mkdir(parents=True, exist_ok=True)
        if wanted - made:
            unfinished = known.with_suffix(f".{os.getpid()}.part")
            unfinished.write_text("\n".join(sorted(made | wanted)) + "\n", encoding="utf-8")
            unfinished.replace(known)

    def claim_folder(self, token: str) -> Path:
        """Where a claimed file lies."""
        return self.claims / token

    def original(self, token: str) -> Path:
        """A claimed file under our own name."""
        return self.claims / token / "original"

    def slice_folder(self, slice_id: str) -> Path:
        """What came of a slice."""
        return self.slices / slice_id

    def slice_letters(self, slice_id: str) -> Path:
        """The normalised letters of a slice."""
        return self.slices / slice_id / "letters.pdf"

    def letterhead(self, key: str) -> Path:
        """A letterhead that was looked at and normalised. Its key is a hash, so what lies there never changes."""
        return self.letterheads / f"{key}.pdf"

    def keep_letterhead(self, made: Path, key: str) -> None:
        """Store a letterhead by one rename, safe on disk before it appears."""
        self.letterheads.mkdir(parents=True, exist_ok=True)
        with made.open("rb") as handle:
            os.fsync(handle.fileno())
        made.replace(self.letterhead(key))
        sync_folder(self.letterheads)

    def recipient_secret(self) -> bytes:
        """What keys of recipients are made with: made once for this root, readable for this user alone."""
        path = self.private / "recipient.key"
        if not path.exists():
            made = self.private / f"recipient.key.{os.getpid()}.{secrets.token_hex(4)}.part"
            made.touch(mode=0o600, exist_ok=False)
            made.write_bytes(secrets.token_bytes(32))
            with suppress(FileExistsError):  # whoever was first made it
                os.link(made, path)
            made.unlink()
        return path.read_bytes()

    def volume_folder(self, volume_id: str) -> Path:
        """A written volume: its PDF and its sheets."""
        return self.volumes / volume_id

    def work_folder(self, unit: Unit, version: int) -> Path:
        """A fresh empty folder for one attempt; what an earlier attempt at this unit left behind is removed."""
        for left in self.work.glob(f"{unit.kind}-{unit.id}.*"):
            shutil.rmtree(left, ignore_errors=True)
        folder = self.work / f"{unit.kind}-{unit.id}.{version}"
        folder.mkdir(parents=True)
        return folder

    def publish(self, made: Path, target: Path) -> bool:
        """Let a complete folder appear at `target` by one rename, safe on disk before it does.

        False, and `made` is removed, if something complete is there already: an earlier attempt got that far.
        """
        sync_tree(made)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            made.rename(target)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            shutil.rmtree(made)
            return False
        sync_folder(target.parent)
        return True

    def clear(self, folders: Iterable[Path]) -> None:
        """Remove working folders that are not needed any more."""
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)


def sync_folder(folder: Path) -> None:
    """Make a folder's entries safe on disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Make all files below a folder, and the folders themselves, safe on disk."""
    for path, _folders, files in os.walk(folder):
        for name in files:
            handle = os.open(Path(path) / name, os.O_RDONLY | os.O_NOFOLLOW)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        sync_folder(Path(path))
