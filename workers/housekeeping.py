"""What is done now and then beside the work: pools whose cut-off has come are closed, acknowledgements are taken in,
working copies and pictures deleted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from pipeline.domain.errors import PoststrasseError
from pipeline.services.acknowledging import Acknowledgements
from pipeline.services.closing_pools import close_due_pools
from pipeline.services.ports import Line
from pipeline.services.retiring import clear_pictures, retire

log = logging.getLogger("poststrasse")

ACKNOWLEDGEMENTS_MS = 5_000
_CUT_OFF_MS = 10_000
_PICTURES_MS = 60_000
_RETENTION_MS = 3_600_000


class Housekeeping:
    """Does each chore when its time has come; one that fails does not hold up the others, and is tried again."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._acknowledgements = Acknowledgements(line)
        self._last_ms: dict[str, int] = {}
        self._told: dict[str, str] = {}

    def look(self) -> None:
        """Do what is due, the cut-off first: it has a time of day."""
        self._chore("cut-off", _CUT_OFF_MS, self._close_pools)
        self.tidy()

    def tidy(self) -> None:
        """Do what is due but the cut-off."""
        self._chore("acknowledgements", ACKNOWLEDGEMENTS_MS, self._acknowledgements.look)
        self._chore("pictures", _PICTURES_MS, lambda: clear_pictures(self._line))
        self._chore("retention", _RETENTION_MS, lambda: retire(self._line, self._line.now_ms()))

    def _close_pools(self) -> None:
        for batch, closing in close_due_pools(self._line).items():
            log.info("%s: %s", batch, closing.reason)

    def _chore(self, name: str, every_ms: int, action: Callable[[], object]) -> None:
        now_ms = self._line.now_ms()
        if now_ms - self._last_ms.get(name, -every_ms) < every_ms:
            return
        self._last_ms[name] = now_ms
        try:
            action()
        except (PoststrasseError, OSError, SQLAlchemyError) as error:
            told = f"{type(error).__name__}: {error}"
            if self._told.get(name) != told:
                log.warning("%s: %s", name, told)
            self._told[name] = told
        else:
            self._told.pop(name, None)
