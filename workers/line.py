"""Puts the line together: settings, profiles, ledger, spool and tools become one value that the steps get."""

from __future__ import annotations

import time

from pipeline.adapters.ledger import open_ledger
from pipeline.adapters.papers.batch_folder import PaperFiles
from pipeline.adapters.profile_files import load_profiles
from pipeline.adapters.spool import Spool
from pipeline.services.ports import Line
from workers.settings import Settings
from workers.tools import ConfinedLetters, ConfinedScans, ConfinedVolumes


def open_line(settings: Settings) -> Line:
    """The line as it stands in `settings`, its folders made and its ledger up to date. Raises ProfileError."""
    profiles = load_profiles(settings.profiles)
    spool = Spool(settings.root)
    spool.prepare(profiles)
    return Line(
        ledger=open_ledger(settings.database_url),
        spool=spool,
        profiles=profiles,
        scans=ConfinedScans(),
        letters=ConfinedLetters(spool.private / "fonts"),
        volumes=ConfinedVolumes(),
        papers=PaperFiles(),
        now_ms=now_ms,
        operator=settings.operator,
    )


def now_ms() -> int:
    """Milliseconds since 1970 in UTC."""
    return time.time_ns() // 1_000_000
