"""The one module that reads the environment."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

_SHIPPED_PROFILES = Path(__file__).resolve().parent.parent / "profiles"
_DATABASES = ("sqlite", "postgresql")
_QUEUES = ("redis", "rediss", "unix")
_LAST_PORT = 65_535


@dataclass(frozen=True)
class Settings:
    """Where things are and how the line runs. Durations in seconds.

    `database_url` and `redis_url` are as in CONTRACTS.md 1; an empty `redis_url` means: in this process.
    """

    root: Path
    profiles: Path
    database_url: str
    redis_url: str
    workers: int
    scan_interval_s: float
    sweep_interval_s: float
    lease_s: float
    grace_s: float
    settle_s: float | None
    operator: str
    console_host: str
    console_port: int


# name of the field, name of the variable, default, what it is for (the command's help prints it)
VARIABLES: tuple[tuple[str, str, str, str], ...] = (
    ("root", "POSTSTRASSE_ROOT", "./var", "folder of the inbox, the outbox, the archive and the batches"),
    ("profiles", "POSTSTRASSE_PROFILES", "", "folder of the profiles; empty: the shipped ones"),
    ("database_url", "POSTSTRASSE_DATABASE_URL", "", "ledger; empty: SQLite in the root"),
    ("redis_url", "POSTSTRASSE_REDIS_URL", "", "queue; empty: in this process"),
    ("workers", "POSTSTRASSE_WORKERS", "0", "files worked on at once; 0: one a processor"),
    ("scan_interval_s", "POSTSTRASSE_SCAN_INTERVAL", "5", "seconds between two looks at the inbox"),
    ("sweep_interval_s", "POSTSTRASSE_SWEEP_INTERVAL", "2", "seconds between two looks for work left lying"),
    ("lease_s", "POSTSTRASSE_LEASE", "60", "seconds after which a silent worker on another machine counts as dead"),
    ("grace_s", "POSTSTRASSE_GRACE", "20", "seconds that work in hand may take to finish when asked to stop"),
    ("settle_s", "POSTSTRASSE_SETTLE", "", "seconds a file must lie unchanged; empty: as its job profile says"),
    ("operator", "POSTSTRASSE_OPERATOR", "Druckzentrum", "who runs the line, as the transfer note names it"),
    ("console_host", "POSTSTRASSE_CONSOLE_HOST", "127.0.0.1", "address of the operators' page"),
    ("console_port", "POSTSTRASSE_CONSOLE_PORT", "8321", "port of the operators' page"),
)


def read_settings(environment: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Settings from the environment; `overrides` that are not None win (the command's options).

    Raises ValueError, with the variable's name, for a value that is not of its kind.
    """
    source = os.environ if environment is None else environment
    raw = {field: source.get(variable, "") or default for field, variable, default, _ in VARIABLES}
    raw |= {field: str(value) for field, value in overrides.items() if value is not None}
    root = Path(raw["root"]).absolute()
    return Settings(
        root=root,
        profiles=Path(raw["profiles"]).absolute() if raw["profiles"] else _shipped_profiles(),
        database_url=_database(raw) or f"sqlite:///{root / 'private' / 'ledger.sqlite3'}",
        redis_url=_queue(raw),
        workers=_whole_number(raw, "workers") or os.cpu_count() or 1,
        scan_interval_s=_number(raw, "scan_interval_s"),
        sweep_interval_s=_number(raw, "sweep_interval_s"),
        lease_s=_number(raw, "lease_s"),
        grace_s=_number(raw, "grace_s"),
        settle_s=_number(raw, "settle_s") if raw["settle_s"] else None,
        operator=raw["operator"],
        console_host=raw["console_host"],
        console_port=_whole_number(raw, "console_port", _LAST_PORT),
    )


def _shipped_profiles() -> Path:
    here = Path("profiles").absolute()
    return here if (here / "municipalities").is_dir() else _SHIPPED_PROFILES


def _number(raw: Mapping[str, str], field: str) -> float:
    try:
        number = float(raw[field])
    except ValueError:
        number = -1.0
    if not math.isfinite(number) or number < 0:
        raise ValueError(f"{_variable(field)}: not a number from 0 up: {raw[field]!r}")
    return number


def _whole_number(raw: Mapping[str, str], field: str, most: int | None = None) -> int:
    number = _number(raw, field)
    if not number.is_integer():
        raise ValueError(f"{_variable(field)}: not a whole number: {raw[field]!r}")
    if most is not None and number > most:
        raise ValueError(f"{_variable(field)}: not a number from 0 to {most}: {raw[field]!r}")
    return int(number)


def _database(raw: Mapping[str, str]) -> str:
    """The ledger's address. It may hold a password, so no sentence repeats it."""
    url = raw["database_url"]
    try:
        kind = make_url(url).get_backend_name() if url else None
    except (ArgumentError, ValueError):
        kind = ""
    if kind is not None and kind not in _DATABASES:
        what = f"{kind}:// is no kind of ledger" if kind else "not the address of a database"
        raise ValueError(f"{_variable('database_url')}: {what}: possible are sqlite:///… and postgresql://…")
    return url


def _queue(raw: Mapping[str, str]) -> str:
    """The queue's address; like the ledger's, no sentence repeats it."""
    url = raw["redis_url"]
    try:
        parts = urlsplit(url)
        right = not url or ("://" in url and parts.scheme in _QUEUES and (parts.port or 1) <= _LAST_PORT)
    except ValueError:
        right = False
    if not right:
        possible = ", ".join(f"{kind}://…" for kind in _QUEUES)
        raise ValueError(f"{_variable('redis_url')}: not the address of a Redis: possible are {possible}")
    return url


def _variable(field: str) -> str:
    return next(name for each, name, _, _ in VARIABLES if each == field)
