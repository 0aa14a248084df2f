"""The queue carries hints only: kind and id of a unit that may have something to do.

Without a Redis URL dramatiq's in-memory broker serves the threads of this process; with one, the same actors run
wherever `poststrasse work` was started.
"""

from __future__ import annotations

from typing import Any

import dramatiq
from dramatiq.broker import Broker
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import AgeLimit, Middleware, Retries

from pipeline.domain.errors import Permanent
from pipeline.domain.states import Kind, Unit
from workers.performing import Performer

# Kinds that share a queue can hold each other up; pages of scans are the slow ones.
QUEUES: dict[Kind, str] = {
    Kind.INTAKE: "intakes",
    Kind.SLICE: "slices",
    Kind.DOCUMENT: "documents",
    Kind.BATCH: "batches",
    Kind.VOLUME: "volumes",
}
_MAX_AGE_MS = 3_600_000  # an hour-old hint says nothing that the sweeper would not say again


class Queue:
    """Sends hints, and runs the actors that take them. Nothing here is needed to know what is to be done."""

    def __init__(self, redis_url: str, performer: Performer | None) -> None:
        self.broker = _broker(redis_url)
        self._performer = performer
        self._worker: dramatiq.Worker | None = None
        self._actors = {kind: self._actor(kind, name) for kind, name in QUEUES.items()}

    def _actor(self, kind: Kind, queue: str) -> dramatiq.Actor[[str], None]:
        def work_on(unit_id: str) -> None:
            if self._performer is not None:
                self._performer.perform(Unit(kind, unit_id))

        decorate = dramatiq.actor(
            actor_name=f"work_on_{kind}", queue_name=queue, broker=self.broker, throws=(Permanent,)
        )
        actor: dramatiq.Actor[[str], None] = decorate(work_on)
        return actor

    def hint(self, unit: Unit) -> None:
        """Say that a unit may have something to do. Raises what the broker raises when it can't be reached."""
        self._actors[unit.kind].send(unit.id)

    def waiting(self, kind: Kind) -> int:
        """How many hints wait in the queue of this kind, those already fetched by a worker not counted."""
        name = QUEUES[kind]
        if isinstance(self.broker, StubBroker):
            return int(self.broker.queues[name].qsize())
        client: Any = self.broker.client  # type: ignore[attr-defined]
        return int(client.llen(f"{self.broker.namespace}:{name}"))  # type: ignore[attr-defined]

    def start(self, threads: int) -> None:
        """Begin to take hints, `threads` at a time."""
        worker = dramatiq.Worker(self.broker, worker_threads=threads, worker_timeout=200)
        # A queue hands out no more than this at once, so fewer would leave threads idle; more than are worked on would
        # come back late when this process is lost.
        worker.queue_prefetch = threads
        worker.start()
        self._worker = worker

    def stop(self, timeout_s: float) -> None:
        """Take no more hints; wait for those in hand."""
        if self._worker is not None:
            self._worker.stop(timeout=int(timeout_s * 1000))
            self._worker = None

    def close(self) -> None:
        """Give the broker's connections back."""
        self.broker.close()


def _broker(redis_url: str) -> Broker:
    # No retries, no time limit, no results: attempts, deadlines and outcomes are the ledger's.
    middleware: list[Middleware] = [AgeLimit(max_age=_MAX_AGE_MS), Retries(max_retries=0)]
    if redis_url:
        return RedisBroker(url=redis_url, middleware=middleware)  # type: ignore[no-untyped-call]
    return StubBroker(middleware=middleware)
