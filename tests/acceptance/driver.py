"""Drives the command as a person or a supervisor would, and takes down what came out."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.adapters.ledger import open_ledger
from pipeline.domain.states import Kind

COMMAND = [sys.executable, "-c", "from console.command import main; main()"]
REPOSITORY = Path(__file__).resolve().parents[2]
WORKING = 600.0


@dataclass(frozen=True)
class Place:
    """A root with its settings. `redis_url` and `database_url` empty: in one process, SQLite."""

    root: Path
    redis_url: str = ""
    database_url: str = ""
    profiles: Path = REPOSITORY / "profiles"

    def environment(self) -> dict[str, str]:
        own = {
            "POSTSTRASSE_ROOT": str(self.root),
            "POSTSTRASSE_PROFILES": str(self.profiles),
            "POSTSTRASSE_REDIS_URL": self.redis_url,
            "POSTSTRASSE_DATABASE_URL": self.database_url,
            "POSTSTRASSE_SETTLE": "0.2",
            "POSTSTRASSE_SCAN_INTERVAL": "0.5",
            "POSTSTRASSE_SWEEP_INTERVAL": "0.5",
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONWARNINGS": "ignore",
        }
        return {**os.environ, **own}

    def call(self, *words: str, timeout_s: float = WORKING) -> subprocess.CompletedProcess[str]:
        """Call the command and wait for it."""
        return subprocess.run(
            [*COMMAND, *words], env=self.environment(), capture_output=True, text=True, timeout=timeout_s, check=False
        )

    def start(self, *words: str, log: Path | None = None) -> subprocess.Popen[bytes]:
        """Start the command and leave it running."""
        output = (log or self.root.parent / f"{'-'.join(words)}.log").open("ab")
        with output:
            return subprocess.Popen([*COMMAND, *words], env=self.environment(), stdout=output, stderr=output)

    def drop(self, municipality: str, job: str, name: str | bytes, content: bytes) -> Path:
        """Lay a file into a drop folder, whole."""
        folder = self.root / "inbox" / municipality / job
        folder.mkdir(parents=True, exist_ok=True)
        raw = name if isinstance(name, bytes) else os.fsencode(name)
        path = Path(os.fsdecode(os.fsencode(folder) + b"/" + raw))
        path.write_bytes(content)
        return path

    @property
    def ledger_url(self) -> str:
        return self.database_url or f"sqlite:///{self.root / 'private' / 'ledger.sqlite3'}"

    def unfinished(self) -> int:
        """How many units have work left; files in the inbox count."""
        waiting = sum(1 for path in (self.root / "inbox").rglob("*") if path.is_file())
        ledger = open_ledger(self.ledger_url)
        with ledger.reading() as read:
            count = read.unfinished()
        ledger.close()
        return waiting + count

    def outcome(self) -> dict[str, Any]:
        """Everything that must be the same however the work was done: states, reasons, bytes. No times, no hashes
        of files that carry times.
        """
        ledger = open_ledger(self.ledger_url)
        with ledger.reading() as read:
            intakes = [(i.municipality, i.profile, i.file, i.id, i.state, i.reason, i.pages) for i in read.intakes()]
            waiting = {
                kind.value: n for kind in Kind for (_, state), n in read.counts(kind).items() if state == "waiting"
            }
            pieces = [(p.number, p.volume, p.first_page, p.piece) for b in read.batches() for p in read.placed(b.id)]
            batches = [(b.id, b.state, b.machine, b.pieces, b.sheets, b.pages, b.postage_cent) for b in read.batches()]
        ledger.close()
        same_bytes = ("archive/**/document.pdf", "archive/**/document.txt", "archive/**/document.alto.xml")
        same_bytes += ("printcenter/batches/*/*.pdf", "printcenter/batches/*/*.csv", "outbox/**/manifests/*.csv")
        files = {
            str(path.relative_to(self.root)): hashlib.sha256(path.read_bytes()).hexdigest()
            for pattern in same_bytes
            for path in sorted(self.root.glob(pattern))
            if path.name not in ("job-ticket.pdf", "delivery-list.pdf")  # they tell when the pool was closed
        }
        reasons = {
            str(path.relative_to(self.root)): json.loads(path.read_text())["code"]
            for path in sorted(self.root.glob("outbox/*/*/*/reason.json"))
        }
        leftover = [str(path) for path in (self.root / "inbox").rglob("*") if path.is_file()]
        return {
            "intakes": intakes,
            "waiting": waiting,
            "pieces": pieces,
            "batches": batches,
            "files": files,
            "reasons": reasons,
            "inbox": leftover,
        }


def wait_until(true: Callable[[], bool], timeout_s: float = WORKING, every_s: float = 0.2) -> None:
    """Wait for something that must become true; fail loudly if it doesn't."""
    deadline = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"not true after {timeout_s:.0f} s")
        time.sleep(every_s)


def end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask processes to stop, and kill what does not."""
    for process in processes:
        process.terminate()
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)
        if process.poll() is None:
            process.kill()
            process.wait()


def differences(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """What differs between two outcomes, short enough to read."""
    told = []
    for key, value in wanted.items():
        if found[key] == value:
            continue
        if isinstance(value, dict):
            names = sorted(n for n in {*value, *found[key]} if value.get(n) != found[key].get(n))
            told.append(f"{key}: {names[:10]}")
        else:
            told.append(
                f"{key}: {[each for each in found[key] if each not in value][:3]} instead of "
                f"{[each for each in value if each not in found[key]][:3]}"
            )
    return told
