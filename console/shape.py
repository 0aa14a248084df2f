"""Values as JSON, the same for the command's `--json` and for the page's API; and times as people say them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from pathlib import PurePath
from typing import Any

from pipeline.adapters.papers.plain_files import totals_json
from pipeline.domain.totals import Totals

_MINUTE_S = 60
_HOUR_S = 3600
_DAY_S = 86_400


def plain(value: Any) -> Any:
    """Dataclasses, mappings and sequences as what JSON has; totals under the contract's names."""
    if isinstance(value, Totals):
        return totals_json(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | PurePath):
        return str(value)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [plain(each) for each in value]
    return value


def clock(iso: str) -> str:
    """A time as a list shows it: `30.07.2026 14:05`."""
    return datetime.fromisoformat(iso).strftime("%d.%m.%Y %H:%M")


def exactly(iso: str) -> str:
    """A time to the second: `30.07.2026, 14:05:09 Uhr`."""
    return datetime.fromisoformat(iso).strftime("%d.%m.%Y, %H:%M:%S Uhr")


def ago(iso: str | None, now_iso: str) -> str:
    """How long ago: `gerade eben`, `vor 40 Sekunden`, `vor 3 Minuten`, `vor 2 Stunden`, `vor 5 Tagen`, else the day."""
    if iso is None:
        return "nie"
    then, now = datetime.fromisoformat(iso), datetime.fromisoformat(now_iso)
    seconds = int((now - then).total_seconds())
    if seconds < 10:
        return "gerade eben"
    if seconds < _MINUTE_S:
        return f"vor {seconds} Sekunden"
    if seconds < _HOUR_S:
        return _counted(seconds // _MINUTE_S, "Minute", "Minuten")
    if seconds < _DAY_S:
        return _counted(seconds // _HOUR_S, "Stunde", "Stunden")
    if seconds < 14 * _DAY_S:
        return _counted(seconds // _DAY_S, "Tag", "Tagen")
    return f"am {then:%d.%m.%Y}"


def _counted(number: int, one: str, many: str) -> str:
    return f"vor {number} {one if number == 1 else many}"
