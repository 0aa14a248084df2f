"""Wakes the scan earlier than its period when something stirs in the inbox. Losing every event harms nothing."""

from __future__ import annotations

import os
import threading
import warnings
from contextlib import suppress

from watchdog.events import (
    DirCreatedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from pipeline.adapters.hotfolder import Finding

# What a sender does. Opening and listing are left out, for the scan itself does that and would wake itself,
# and so is deleting, for the claim does that.
_SIGNS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileClosedEvent,
    DirCreatedEvent,
    DirMovedEvent,
]


class Waker:
    """Sets `wake` on anything that a sender does below `inbox`. Restarted by `check` up to `most_restarts` times."""

    def __init__(self, inbox: bytes, wake: threading.Event, *, most_restarts: int = 5) -> None:
        self._inbox = inbox
        self._wake = wake
        self._restarts_left = most_restarts
        self._observer: BaseObserver | None = None
        self._given_up = False

    def start(self) -> Finding | None:
        """Begin to watch; a Finding if that does not work, and the scan's period is all there is."""
        observer: BaseObserver | None = None
        # Where a folder comes back, the library warns with the names of all folders. Nothing of that belongs in a log.
        warnings.filterwarnings("ignore", r"Callback with id '", RuntimeWarning)
        try:
            observer = Observer()
            # A name that is not UTF-8 survives this round trip; the library's own type asks for text.
            path = os.fsdecode(self._inbox)
            observer.schedule(_Nudge(self._wake), path, recursive=True, event_filter=_SIGNS)
            observer.start()
        except (OSError, RuntimeError) as error:
            _end(observer)
            return self._finding(f"Der Eingang wird nur in festen Abständen durchgesehen ({_cause(error)}).")
        self._observer = observer
        return None

    def check(self) -> Finding | None:
        """To be called with every scan: restart a dead observer, or give it up for good; a Finding if it was dead.

        Sets `wake` after a restart, for what happened meanwhile was not seen.
        """
        if self._given_up or self._is_alive():
            return None
        self.stop()
        if self._restarts_left == 0:
            self._given_up = True
            return self._finding("Die Überwachung des Eingangs fällt immer wieder aus und bleibt abgeschaltet.")
        self._restarts_left -= 1
        failed = self.start()
        self._wake.set()
        return failed or self._finding("Die Überwachung des Eingangs war ausgefallen und läuft wieder.")

    def stop(self) -> None:
        """End watching; may be called at any time and more than once."""
        observer, self._observer = self._observer, None
        _end(observer)

    def _is_alive(self) -> bool:
        observer = self._observer
        if observer is None or not observer.is_alive():
            return False
        return bool(observer.emitters) and all(emitter.is_alive() for emitter in observer.emitters)

    def _finding(self, sentence: str) -> Finding:
        return Finding("wake-up-lost", self._inbox, sentence)


class _Nudge(FileSystemEventHandler):
    def __init__(self, wake: threading.Event) -> None:
        self._wake = wake

    def on_any_event(self, event: FileSystemEvent) -> None:
        self._wake.set()


def _end(observer: BaseObserver | None) -> None:
    if observer is None:
        return
    with suppress(OSError, RuntimeError):  # half started or half dead: there is nothing left to lose
        observer.stop()
        observer.join(5)


def _cause(error: Exception) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else type(error).__name__
