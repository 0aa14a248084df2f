"""The system's table of time zones (Debian: tzdata), asked by a zone's name; the clock of the machine plays no part."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pipeline.domain.errors import Permanent
from pipeline.domain.profile_values import Fault, nearest

_INSTALL = "apt-get install tzdata"


def zone_of(name: str) -> ZoneInfo:
    """The zone of this name, such as `Europe/Berlin`. Raises Permanent `time-zone-missing`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Permanent("time-zone-missing", f"the time zone {name} is not known on this machine", _INSTALL) from error


def zone_faults(name: str) -> Iterator[Fault]:
    """What is wrong with the name of a zone: misspelt, or the machine has no table of zones."""
    try:
        zone_of(name)
    except Permanent:
        known = available_timezones()
        meant = nearest(name, known)
        remedy = f"Meinten Sie »{meant}«?" if meant else "Schreiben Sie zum Beispiel »Europe/Berlin«."
        if not known:
            remedy = f"Auf diesem Rechner fehlt die Tabelle der Zeitzonen: {_INSTALL}"
        yield Fault("profile-value", "time_zone", f"Die Zeitzone »{name}« gibt es hier nicht.", remedy)
