"""One attempt at one unit: lease it, do its step, record what came of it. Doing it twice is harmless."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from pipeline.adapters import confine
from pipeline.adapters.ledger.records import IntakeRecord, Lease, SliceRecord
from pipeline.adapters.ledger.store import MAX_FAILURES
from pipeline.domain.errors import ConfinedFailure, Permanent, PoststrasseError, Rejected, StaleLease, Temporary
from pipeline.domain.states import Kind, Unit
from pipeline.services.looking_again import AGAIN
from pipeline.services.ports import Line
from pipeline.services.printing import finish_batch, work_on_volume
from pipeline.services.reading_again import give_up_again, read_again
from pipeline.services.reading_letters import give_up_slice, read_slice
from pipeline.services.recognising import build_document, look_at_slice, recognise_slice, refuse_document, refuse_pages
from pipeline.services.sending_back import send_back
from pipeline.services.splitting import look_at_stream
from pipeline.services.taking_in import outgoing_rules, take_in

log = logging.getLogger("poststrasse")

_RETRY_MS = (2_000, 10_000, 60_000)  # after the first, second and any later failure


class Performer:
    """Does steps in this process. `owner`: the name under which it takes leases. Usable from many threads.

    `after`: called when a step is done, so that what follows from it is hinted at once.
    """

    def __init__(self, line: Line, owner: str, lease_s: float) -> None:
        self.line = line
        self.owner = owner
        self.lease_ms = int(lease_s * 1000)
        self.stopping = threading.Event()
        self.after: Callable[[], object] = lambda: None
        self._held: dict[Unit, Lease] = {}
        self._lock = threading.Lock()

    def perform(self, unit: Unit) -> bool:
        """Work on a unit if there is something to do and nobody else does it. True if a step was tried."""
        if self.stopping.is_set():
            return False
        now_ms = self.line.now_ms()
        lease = self.line.ledger.lease(unit, self.owner, now_ms, now_ms + self.lease_ms)
        if lease is None:
            return False
        with self._lock:
            self._held[unit] = lease
        try:
            self._attempt(lease)
        finally:
            with self._lock:
                self._held.pop(unit, None)
        if not self.stopping.is_set():
            self.after()
        return True

    def beat(self) -> None:
        """Say of every unit in hand that the work goes on; to be called several times in a lease's length."""
        with self._lock:
            held = list(self._held.values())
        until_ms = self.line.now_ms() + self.lease_ms
        for lease in held:
            self.line.ledger.extend(lease, until_ms)

    def in_hand(self) -> list[Unit]:
        """What this process works on just now."""
        with self._lock:
            return list(self._held)

    def stop(self) -> None:
        """Take nothing new."""
        self.stopping.set()

    def abort(self) -> None:
        """End the children in hand; their units go back uncounted."""
        self.stopping.set()
        confine.stop_all()

    def _attempt(self, lease: Lease) -> None:
        try:
            step_of(lease)(self.line, lease)
        except StaleLease as late:
            log.warning("%s", late)
        except ConfinedFailure as failure:
            if failure.code == "child-stopped":
                self.line.ledger.give_back(lease)
            else:
                self._child_failed(lease, failure)
        except Temporary as error:
            self._failed(lease, error)
        except Permanent as error:
            self._failed(lease, error, final=True)
        except Exception as error:
            log.exception("%s %s: unexpected error", lease.unit.kind, lease.unit.id)
            self._failed(lease, Temporary("internal-error", f"{type(error).__name__}: {error}"))

    def _child_failed(self, lease: Lease, failure: ConfinedFailure) -> None:
        """The child that opened the file died. After the last attempt it is the file's fault, and it goes back."""
        if lease.attempts < MAX_FAILURES or lease.unit.kind in (Kind.VOLUME, Kind.BATCH):
            self._failed(lease, failure)
            return
        sentence = f"Die Verarbeitung wurde nach {lease.attempts} Versuchen abgebrochen ({failure.code})."
        self._guarded(lease, lambda: give_up(self.line, lease, Rejected("processing-failed", sentence)))

    def _failed(self, lease: Lease, error: PoststrasseError, *, final: bool = False) -> None:
        log.warning("%s %s: %s", lease.unit.kind, lease.unit.id, error)
        now_ms = self.line.now_ms()
        retry_ms = now_ms + _RETRY_MS[min(lease.attempts, len(_RETRY_MS)) - 1]
        self._guarded(
            lease, lambda: self.line.ledger.fail(lease, error.code, error.sentence, now_ms, retry_ms, final=final)
        )

    def _guarded(self, lease: Lease, record: Callable[[], object]) -> None:
        """Record what came of a lease. Where that fails, the lease runs out and the unit is taken up again."""
        try:
            record()
        except StaleLease as late:
            log.warning("%s", late)
        except Exception as error:  # noqa: BLE001 - the ledger is away; the sweeper sees to the rest
            unit = lease.unit
            log.warning("%s %s: not recorded: %s: %s", unit.kind, unit.id, type(error).__name__, error)


def step_of(lease: Lease) -> Callable[[Line, Lease], None]:
    """The use case that works on this kind of unit."""
    steps: dict[Kind, Callable[[Line, Lease], None]] = {
        Kind.INTAKE: take_in,
        Kind.SLICE: _work_on_slice,
        Kind.DOCUMENT: build_document,
        Kind.VOLUME: work_on_volume,
        Kind.BATCH: finish_batch,
    }
    return steps[lease.unit.kind]


def _work_on_slice(line: Line, lease: Lease) -> None:
    part, intake = _slice_and_intake(line, lease)
    if part.task in ("look", "recognise"):
        try:
            _look_or_recognise(line, lease, part, intake)
        except Rejected as refusal:
            refuse_pages(line, lease, part, intake, refusal)
    elif part.task == AGAIN:
        try:
            read_again(line, lease, part, intake)
        except Rejected as refusal:
            give_up_again(line, lease, part, intake, refusal)
    else:
        try:
            read_slice(line, lease, part, intake)
        except Rejected as refusal:
            give_up_slice(line, lease, part, intake, refusal.code, refusal.sentence)


def _look_or_recognise(line: Line, lease: Lease, part: SliceRecord, intake: IntakeRecord) -> None:
    if part.task == "recognise":
        recognise_slice(line, lease, part, intake)
    elif intake.direction == "outgoing":
        look_at_stream(line, lease, part, intake, outgoing_rules(line, intake))
    else:
        look_at_slice(line, lease, part, intake)


def give_up(line: Line, lease: Lease, refusal: Rejected) -> None:
    """What happens to a unit whose file can't be processed: what it is a part of goes back, or a person decides."""
    if lease.unit.kind is Kind.SLICE:
        part, intake = _slice_and_intake(line, lease)
        if part.task == AGAIN:
            give_up_again(line, lease, part, intake, refusal)
        elif part.task == "read-letters":
            give_up_slice(line, lease, part, intake, refusal.code, refusal.sentence)
        else:
            refuse_pages(line, lease, part, intake, refusal)
        return
    with line.ledger.reading() as read:
        document = read.document(lease.unit.id) if lease.unit.kind is Kind.DOCUMENT else None
        found = read.intake(document.intake if document else lease.unit.id)
    if found is None:
        raise Permanent("unknown-unit", f"there is no intake for {lease.unit.id}")
    if document is None:
        send_back(line, lease, found, refusal)
    else:
        refuse_document(line, lease, found, refusal)


def _slice_and_intake(line: Line, lease: Lease) -> tuple[SliceRecord, IntakeRecord]:
    with line.ledger.reading() as read:
        part = read.slice(lease.unit.id)
        intake = read.intake(part.intake) if part else None
    if part is None or intake is None:
        raise Permanent("unknown-unit", f"there is no slice {lease.unit.id}")
    return part, intake
