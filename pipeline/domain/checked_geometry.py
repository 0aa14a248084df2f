"""Against what a letter was checked when it was read: where marks go, what the window shows, what its job asks for.

A letter may lie in the pool while profiles are edited. What is printed follows from the profiles of the day on which
the pool is closed, so a letter goes into a batch only where they still say what it was checked against. A digest
tells: what does not decide where ink may stand (titles, prices, weights, feed, cut-off) is not in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict

from pipeline.domain.geometry import Rect
from pipeline.domain.letter_checks import reverse_zone
from pipeline.domain.profile_rules import clear_zone
from pipeline.domain.profiles import Envelope, Machine, OutgoingRules, Profiles

_HALF = 32  # hex digits: 128 bits for the place on paper, 128 for the job
Key = tuple[str, str, str, str]
"""Job, machine, envelope, form of a piece."""


class CheckedGeometry:
    """The digests by one set of profiles. Each is worked out once, however many letters ask."""

    def __init__(self, profiles: Profiles) -> None:
        self._profiles = profiles
        self._known: dict[Key, str | None] = {}

    def of(self, job: str, machine: str, envelope: str, form: str) -> str:
        """What a piece like this is checked against: 32 hex digits for its sheets, then 32 for its job.

        The latter are missing where the job is not set up; all where machine or envelope are not.
        """
        return self._digest((job, machine, envelope, form)) or ""

    def holds(self, key: Key, recorded: str) -> bool:
        """Whether a piece that was checked against `recorded` may be printed by these profiles.

        Empty means that it is not known what it was checked against. Where a job is gone, what its letters were
        checked for still counts. Where machine or envelope are gone this is no question: no pool of theirs can close.
        """
        now = self._digest(key)
        if now is None:
            return True
        return bool(recorded) and (recorded == now or (len(now) == _HALF and recorded[:_HALF] == now))

    def _digest(self, key: Key) -> str | None:
        if key not in self._known:
            self._known[key] = self._worked_out(key)
        return self._known[key]

    def _worked_out(self, key: Key) -> str | None:
        profiles = self._profiles
        job, machine, envelope = (
            profiles.jobs.get(key[0]),
            profiles.machines.get(key[1]),
            profiles.envelopes.get(key[2]),
        )
        if machine is None or envelope is None:
            return None
        sheets = _short(_sheets(machine, envelope, key[3]))
        return sheets if job is None or job.outgoing is None else sheets + _short(_asked(job.outgoing))


def _sheets(machine: Machine, envelope: Envelope, form: str) -> dict[str, object]:
    """Where marks need white on fronts and backs, and what the window shows of the address sheet."""
    folding = next((each for each in envelope.foldings if each.form == form), None)
    return {
        "fronts": _places(clear_zone(machine)),
        "backs": _places(reverse_zone(machine)),
        "window": None if folding is None else _places((folding.always, folding.possible)),
        "flat": envelope.flat,
        "beside_address": envelope.beside_address,
    }


def _asked(rules: OutgoingRules) -> dict[str, object]:
    """Where the job looks for addresses, and how strictly it looks at window and mark zone."""
    return {"forms": rules.forms, "window": asdict(rules.window), "mark_zone": asdict(rules.mark_zone)}


def _places(rects: Sequence[Rect]) -> list[dict[str, float]]:
    return [asdict(rect) for rect in rects]


def _short(told: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:_HALF]
