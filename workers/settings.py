"""The one module that reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_SHIPPED_PROFILES = Path(__file__).resolve().parent.parent / "profiles"


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
        database_url=raw["database_url"] or f"sqlite:///{root / 'private' / 'ledger.sqlite3'}",
        redis_url=raw["redis_url"],
        workers=int(_number(raw, "workers")) or os.cpu_count() or 1,
        scan_interval_s=_number(raw, "scan_interval_s"),
        sweep_interval_s=_number(raw, "sweep_interval_s"),
        lease_s=_number(raw, "lease_s"),
        grace_s=_number(raw, "grace_s"),
        settle_s=_number(raw, "settle_s") if raw["settle_s"] else None,
        operator=raw["operator"],
        console_host=raw["console_host"],
        console_port=int(_number(raw, "console_port")),
    )


def _shipped_profiles() -> Path:
    here = Path("profiles").absolute()
    return here if (here / "municipalities").is_dir() else _SHIPPED_PROFILES


def _number(raw: Mapping[str, str], field: str) -> float:
    try:
        number = float(raw[field])
    except ValueError:
        number = -1.0
    if number < 0:
        variable = next(name for each, name, _, _ in VARIABLES if each == field)
        raise ValueError(f"{variable}: not a number from 0 up: {raw[field]!r}")
    return number
