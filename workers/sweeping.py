"""The sweeper: hints whatever is due and has no live lease. It makes a lost queue or a killed worker harmless."""

from __future__ import annotations

import logging

from pipeline.domain.states import Kind
from pipeline.services.ports import Line
from workers.owners import is_surely_dead
from workers.queueing import QUEUES, Queue

log = logging.getLogger("poststrasse")

_FORGOTTEN_MS = 10_000  # a hint this old whose queue is empty was lost


class Sweeper:
    """Finds due units in the ledger and hints them. Several of them may run; hints may repeat."""

    def __init__(self, line: Line, queue: Queue) -> None:
        self.line = line
        self.queue = queue

    def start(self) -> None:
        """Hint everything that is due: what this process's queue knew before is gone, or somebody emptied it."""
        self._free_the_dead()
        self._hint(None)

    def sweep(self) -> int:
        """Hint what was never hinted, and again what was hinted long ago and lies in no queue. Returns how many."""
        self._free_the_dead()
        sent = self.hint_new()
        empty = {kind for kind in QUEUES if self.queue.waiting(kind) == 0}
        return sent + self._hint(self.line.now_ms() - _FORGOTTEN_MS, empty)

    def hint_new(self) -> int:
        """Hint what is due and was not hinted since it became due."""
        return self._hint(0)

    def _hint(self, hinted_before_ms: int | None, kinds: set[Kind] | None = None) -> int:
        now_ms = self.line.now_ms()
        with self.line.ledger.reading() as read:
            due = read.due(now_ms, hinted_before_ms)
        due = [unit for unit in due if kinds is None or unit.kind in kinds]
        if not due:
            return 0
        self.line.ledger.hinted(due, now_ms)
        for unit in due:
            self.queue.hint(unit)
        return len(due)

    def _free_the_dead(self) -> None:
        with self.line.ledger.reading() as read:
            owners = read.lease_owners()
        for owner in sorted(owners):
            if is_surely_dead(owner):
                log.warning("a worker died; its work is taken up again")
                self.line.ledger.free_leases_of(owner, self.line.now_ms())
