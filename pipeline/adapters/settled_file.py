"""Is a file at rest? Hashing it, and finding out whether anybody is still writing."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import signal
import stat
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.hotfolder import fingerprint_of
from pipeline.domain.stability import Fingerprint

OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Hashed:
    """A file's SHA-256 in hex and its size. `steady`: nothing changed meanwhile and nobody has it open for writing."""

    fingerprint: Fingerprint
    size: int
    sha256: str
    steady: bool


def hash_file(path: Path) -> Hashed:
    """Hash a regular file, looking at it before and after. Raises OSError, ValueError if it is not a regular file.

    Links are not followed and nothing blocks on opening. A file that grows is read no further than it was long.
    """
    handle = os.open(path, OPEN_FILE)
    try:
        before = os.fstat(handle)
        if not stat.S_ISREG(before.st_mode):
            raise ValueError("not a regular file")
        digest = hashlib.sha256()
        size = 0
        while size <= before.st_size and (chunk := os.read(handle, _CHUNK_BYTES)):
            digest.update(chunk)
            size += len(chunk)
        after = os.fstat(handle)
        same = fingerprint_of(before) == fingerprint_of(after) and size == after.st_size
        return Hashed(fingerprint_of(after), size, digest.hexdigest(), same and not has_writer(handle))
    finally:
        os.close(handle)


def has_writer(handle: int) -> bool:
    """Whether any process of this machine has the file of `handle` (opened for reading only) open for writing.

    Asked by trying a read lease, which the kernel refuses for such files (fcntl(2), F_SETLEASE). False also
    where leases are not offered: on other people's files without the capability, on network file systems.
    """
    try:
        # Should somebody open it in this very moment, the kernel tells by SIGIO, which would end the process;
        # SIGURG is ignored unless somebody asked for it.
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False
