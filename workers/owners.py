"""Who holds a lease: a process, named so that others on the same machine can tell whether it still lives."""

from __future__ import annotations

import os
import socket
from pathlib import Path

_PROC = Path("/proc")


def own_name() -> str:
    """This process: host, boot, number and start time, so that a reused process number is somebody else."""
    return f"{socket.gethostname()}/{_boot()}/{os.getpid()}/{_started(os.getpid())}"


def is_surely_dead(owner: str) -> bool:
    """Whether `owner` was a process of this machine and is gone. False for other machines: only time tells there."""
    parts = owner.split("/")
    if len(parts) != 4 or parts[0] != socket.gethostname():
        return False
    if parts[1] != _boot():
        return True
    return not parts[2].isdigit() or _started(int(parts[2])) != parts[3]


def _boot() -> str:
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "unknown"


def _started(pid: int) -> str:
    """The start time of a process in clock ticks since boot, or `gone` (a zombie counts as gone)."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "gone"
    return "gone" if fields[0] in ("Z", "X") else fields[19]
