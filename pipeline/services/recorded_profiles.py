"""Profiles as they were when a batch was made: what is printed, read back and told follows from them.

They stand as JSON text in the ledger beside the batch, so that a profile that changes changes no batch that is there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TypeVar

from pipeline.adapters.ledger.records import BatchRecord
from pipeline.adapters.profile_shape import read_shape
from pipeline.domain.errors import Permanent
from pipeline.domain.profiles import Envelope, Machine, Paper
from pipeline.services.ports import Line

T = TypeVar("T", Machine, Envelope, Paper)


def record_of(value: Machine | Envelope | Paper) -> str:
    """A profile as the ledger keeps it; days as ISO dates."""
    return json.dumps(asdict(value), ensure_ascii=False, sort_keys=True, default=str)


def recorded(kind: type[T], text: str, batch: str) -> T:
    """The profile that was recorded with a batch. Raises Permanent `profile-missing` where it can't be read."""
    value, faults = read_shape(kind, json.loads(text))
    if value is None:
        name = kind.__name__.lower()
        raise Permanent("profile-missing", f"{batch}: the {name} on record can't be read: {faults[0].sentence}")
    return value


def machine_of(line: Line, batch: BatchRecord) -> Machine:
    """The machine as its profile said when the pool was closed.

    Raises Permanent `profile-missing` where a batch of an earlier release has none on record and the profiles changed.
    """
    if batch.machine_profile:
        return recorded(Machine, batch.machine_profile, batch.id)
    if line.profiles.sha256 != batch.profile_sha256 or batch.machine not in line.profiles.machines:
        raise Permanent("profile-missing", f"{batch.id}: no machine on record, and the profiles have changed since")
    return line.profiles.machines[batch.machine]


def envelope_of(line: Line, batch: BatchRecord) -> Envelope:
    """The envelope as it was, or for a batch of an earlier release as it is. Raises Permanent `profile-missing`."""
    if batch.envelope_profile:
        return recorded(Envelope, batch.envelope_profile, batch.id)
    return _as_it_is(line.profiles.envelopes, batch.envelope, batch)


def paper_of(line: Line, batch: BatchRecord) -> Paper:
    """The paper as it was, or for a batch of an earlier release as it is. Raises Permanent `profile-missing`."""
    if batch.paper_profile:
        return recorded(Paper, batch.paper_profile, batch.id)
    return _as_it_is(line.profiles.papers, batch.paper, batch)


def _as_it_is(profiles: Mapping[str, T], id: str, batch: BatchRecord) -> T:
    if id not in profiles:
        raise Permanent("profile-missing", f"{batch.id}: {id} is not on record and not set up any more")
    return profiles[id]
