"""The processes of the line: `serve` (all in one), `watch`, `work`, and `run --once`. They stop cleanly when asked."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from pipeline.adapters import confine
from pipeline.adapters.folder_waker import Waker
from pipeline.domain.drop_names import display_name
from pipeline.domain.ids import is_id
from pipeline.domain.states import Kind
from pipeline.services.assembling import assemble
from pipeline.services.claiming import Door, Look
from pipeline.services.closing_pools import close_due_pools
from pipeline.services.looking_again import being_looked_at, look_again
from pipeline.services.ports import Line
from workers.housekeeping import ACKNOWLEDGEMENTS_MS, Housekeeping
from workers.owners import own_name
from workers.performing import Performer
from workers.queueing import Queue
from workers.settings import Settings
from workers.sweeping import Sweeper

log = logging.getLogger("poststrasse")

_ONCE_SETTLE_S = 1.0
_ONCE_TICK_S = 0.25
_ONCE_REST_S = 1.0  # while there is work in hand
_MOST_LOOKS = 3  # at letters again: another process with other profiles must not keep the run alive for ever
_ONCE_PATIENCE_S = 60.0  # a file that is never complete must not keep the run alive for ever


class Stop:
    """Asked to stop? Once: finish what is in hand. Twice: stop now; what was in hand is done again later."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.at_once = threading.Event()
        self.interrupted = False  # by Ctrl-C, not by a supervisor
        self._sleepers: list[threading.Event] = []

    def wakes(self, sleeper: threading.Event) -> None:
        """Set this event, too, when asked: somebody sleeps on it."""
        self._sleepers.append(sleeper)

    def ask(self, number: int = 0, _frame: FrameType | None = None) -> None:
        """To be called from a signal handler or another thread."""
        if self.asked.is_set():
            self.at_once.set()
        self.interrupted = self.interrupted or number == signal.SIGINT
        self.asked.set()
        for sleeper in self._sleepers:
            sleeper.set()

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Let SIGINT and SIGTERM ask, until the block ends."""
        before = {each: signal.signal(each, self.ask) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def enduring(name: str, action: Callable[[], object]) -> None:
    """Do it; a queue, database or share that is away for a while must not end the thread that needs it."""
    try:
        action()
    except Exception as error:  # noqa: BLE001 - it is logged, and the thread tries again
        log.warning("%s: %s: %s; trying again", name, type(error).__name__, error)


class Workshop:
    """Workers, sweeper and heartbeat of this process; with `keeping`, also the chores beside the work."""

    def __init__(self, line: Line, settings: Settings, *, working: bool = True, keeping: bool = False) -> None:
        self.line = line
        self.settings = settings
        self.performer = Performer(line, own_name(), settings.lease_s)
        self.queue = Queue(settings.redis_url, self.performer if working else None)
        self.sweeper = Sweeper(line, self.queue)
        self.performer.after = self._hint_new
        self.housekeeping = Housekeeping(line)
        self._keeping = keeping
        self._working = working
        self.idle = threading.Event()
        """Set when a step was done here and nothing followed from it: whoever waits for the end may look."""
        self._ending = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to work."""
        if self._working:
            confine.warm_up()
            self.queue.start(self.settings.workers)
        self._guard("sweep", self.sweeper.start)
        self._threads = [
            threading.Thread(target=self._every, args=("sweep", self.settings.sweep_interval_s, self.sweeper.sweep)),
            threading.Thread(target=self._every, args=("beat", max(0.5, self.settings.lease_s / 4), self._beat)),
        ]
        if self._keeping:
            every_s = ACKNOWLEDGEMENTS_MS / 1000
            self._threads.append(
                threading.Thread(target=self._every, args=("keep house", every_s, self.housekeeping.look))
            )
        for thread in self._threads:
            thread.daemon = True
            thread.start()

    def stop(self, stop: Stop | None = None) -> None:
        """Take nothing new, give what is in hand its grace, then end it; leases of what was ended go back."""
        self.performer.stop()
        deadline = time.monotonic() + self.settings.grace_s
        while self.performer.in_hand() and time.monotonic() < deadline:
            if stop is not None and stop.at_once.is_set():
                break
            time.sleep(0.05)
        self.performer.abort()
        self.queue.stop(10)
        self._ending.set()
        for thread in self._threads:
            thread.join(5)
        self.queue.close()

    def _beat(self) -> None:
        self.performer.beat()
        role = "worker" if self._working else "watcher"
        self.line.ledger.sign_of_life(
            self.performer.owner, role, self.line.now_ms(), str(len(self.performer.in_hand()))
        )

    def _hint_new(self) -> None:
        self._guard("hint", self._hint_what_follows)

    def _hint_what_follows(self) -> None:
        if self.sweeper.hint_new() == 0 and not self.performer.in_hand():
            self.idle.set()

    def _every(self, name: str, seconds: float, action: Callable[[], object]) -> None:
        while not self._ending.wait(seconds):
            self._guard(name, action)

    def _guard(self, name: str, action: Callable[[], object]) -> None:
        enduring(name, action)


class Watch:
    """The hot folder's thread: looks at intervals, and earlier when something stirs."""

    def __init__(self, line: Line, settings: Settings, after: Callable[[], object]) -> None:
        self._line = line
        self._settings = settings
        self._after = after
        self.wake = threading.Event()
        self.door = Door(line, own_name(), settings.settle_s)
        self._told: set[str] = set()

    def run(self, stop: Stop) -> None:
        """Watch until asked to stop."""
        stop.wakes(self.wake)
        waker = Waker(os.fsencode(self._line.spool.inbox), self.wake)
        waker.start()
        try:
            while not stop.asked.is_set():
                enduring("inbox", self.look)
                waker.check()
                self.wake.wait(self._settings.scan_interval_s)
                if self.wake.is_set() and not stop.asked.wait(0.3):  # let a burst of events pass
                    self.wake.clear()
        finally:
            waker.stop()
            self.door.leave()

    def look(self) -> None:
        """One look, if no other process watches this inbox; what was claimed is hinted at once."""
        if not self.door.enter():
            return
        look = self.door.look(time.monotonic())
        now = set(sentences_of(self._line, look))
        for sentence in sorted(now - self._told):
            log.warning("%s", sentence)
        for sentence in sorted(self._told - now):
            log.warning("erledigt: %s", sentence)
        self._told = now
        detail = f"{len(look.alarms)} {len(look.findings)} {look.left}"
        self._line.ledger.sign_of_life(f"door {own_name()}", "door", self._line.now_ms(), detail)
        if look.claimed:
            self._after()


def sentences_of(line: Line, look: Look) -> list[str]:
    """What a person should know of the inbox. Folders are named, they are ids; files are not: their names may tell."""
    inbox = os.fsencode(line.spool.inbox)
    told = [f"{_folder(inbox, alarm.path)}: {alarm.sentence}" for alarm in look.alarms]
    told += [f"{_folder(inbox, each.path, file=True)}: {each.sentence} [{each.code}]" for each in look.findings]
    return told + look.troubles


def _folder(inbox: bytes, path: bytes, *, file: bool = False) -> str:
    """The municipality and job of a path, as far as they are ids of ours."""
    parts = path.removeprefix(inbox).strip(b"/").split(b"/")
    names = [display_name(part) for part in (parts[:-1] if file else parts)[:2] if part]
    return "/".join(name if is_id(name) else "…" for name in names) or "inbox"


def run_once(line: Line, settings: Settings, stop: Stop, *, assembling: bool, told: Callable[[str], None]) -> int:
    """Take in all that lies in the inbox, work until nothing is due, stop.

    Returns how many units wait for a person because something failed; a rejected file is not a failure.
    """
    settle_s = settings.settle_s if settings.settle_s is not None else _ONCE_SETTLE_S
    workshop = Workshop(line, settings)
    door = Door(line, own_name(), settle_s)
    assembled = False
    looks = 0
    patience_s = _ONCE_PATIENCE_S + 10 * settle_s
    quiet_since_s = time.monotonic()
    look = Look()
    with stop.on_signals():
        watching = door.enter()
        if not watching:
            told("another process watches this inbox; only what is taken in already is worked on")
        stop.wakes(workshop.idle)
        if watching:
            look = door.look(time.monotonic())  # the time for which a file must lie still runs while the workers start
        workshop.start()
        enduring("keep house", workshop.housekeeping.tidy)
        try:
            tick_s = _ONCE_TICK_S
            while not _asked_while_waiting(workshop.idle, stop, tick_s):
                look = door.look(time.monotonic()) if watching else look
                if look.claimed:
                    workshop.sweeper.hint_new()
                if look.claimed or _unfinished(line):
                    quiet_since_s = time.monotonic()
                    tick_s = _ONCE_REST_S
                    continue
                tick_s = _ONCE_TICK_S
                if look.left and time.monotonic() - quiet_since_s < patience_s:
                    continue
                if look.left:
                    told(f"{look.left} file(s) are not complete and stay in the inbox")
                if assembled:
                    break
                if looks < _MOST_LOOKS and look_again(line, own_name()):
                    looks += 1
                    workshop.sweeper.hint_new()
                    continue
                for batch in assemble(line, own_name()) if assembling else close_due_pools(line):
                    told(f"{batch}: assembled")
                workshop.sweeper.hint_new()
                assembled = looks >= _MOST_LOOKS or not being_looked_at(line)  # what stayed goes once it was read again
                looks += 1
        finally:
            workshop.stop(stop)
            door.leave()
    for sentence in sentences_of(line, look):
        told(sentence)
    return failed_units(line)


def _asked_while_waiting(idle: threading.Event, stop: Stop, most_s: float) -> bool:
    """Wait until there may be nothing left to do, or for so long at most; whether to stop."""
    idle.wait(most_s)
    idle.clear()
    return stop.asked.is_set()


def _unfinished(line: Line) -> int:
    with line.ledger.reading() as read:
        return read.unfinished()


def failed_units(line: Line) -> int:
    """How many units wait for a person because their attempts were used up."""
    with line.ledger.reading() as read:
        return sum(count for kind in Kind for (_, state), count in read.counts(kind).items() if state == "waiting")
