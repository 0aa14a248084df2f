"""The clock on the wall of the print centre, the only one: cut-offs, posting days and all told times are in its zone.

Servers and containers run in UTC, or in whatever zone they were set up with; nothing here asks them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from pipeline.adapters.time_zones import zone_of
from pipeline.services.ports import Line


def local_time(line: Line, at_ms: int) -> datetime:
    """A moment of the ledger, in milliseconds since 1970, on the centre's clock, with its offset."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone_of(line.profiles.calendar.time_zone))


def local_day(line: Line, at_ms: int) -> date:
    """The day on which that moment lies in the centre."""
    return local_time(line, at_ms).date()


def local_iso(line: Line, at_ms: int) -> str:
    """That moment as ISO 8601 with the centre's offset, to the second: as people and programs are told."""
    return local_time(line, at_ms).isoformat(timespec="seconds")
