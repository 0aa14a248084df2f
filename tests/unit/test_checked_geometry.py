"""What decides where ink may stand is in the digest of a letter's check; nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.profile_files import load_profiles
from pipeline.domain.checked_geometry import CheckedGeometry
from pipeline.domain.geometry import Rect
from pipeline.domain.pooling import CutOffRules
from pipeline.domain.profiles import Profiles
from pipeline.domain.window_rules import MarkZoneRules, WindowRules

pytestmark = pytest.mark.unit

PROFILES = load_profiles(Path(__file__).resolve().parents[2] / "profiles")
KEY = ("letters", "neopost-1track", "c65", "B")
RECORDED = CheckedGeometry(PROFILES).of(*KEY)


def with_machine(**changes: Any) -> Profiles:
    machine = PROFILES.machines["neopost-1track"]
    return replace(PROFILES, machines={**PROFILES.machines, machine.id: replace(machine, **changes)})


def with_marks(**changes: Any) -> Profiles:
    return with_machine(marks=replace(PROFILES.machines["neopost-1track"].marks, **changes))


def with_envelope(**changes: Any) -> Profiles:
    envelope = PROFILES.envelopes["c65"]
    return replace(PROFILES, envelopes={**PROFILES.envelopes, "c65": replace(envelope, **changes)})


def with_window(name: str, right_mm: float) -> Profiles:
    foldings = []
    for folding in PROFILES.envelopes["c65"].foldings:
        old: Rect = getattr(folding, name)
        foldings.append(replace(folding, **{name: replace(old, right_mm=right_mm)}) if folding.form == "B" else folding)
    return with_envelope(foldings=tuple(foldings))


def with_job(**changes: Any) -> Profiles:
    job = PROFILES.jobs["letters"]
    assert job.outgoing is not None
    changed = replace(job, outgoing=replace(job.outgoing, **changes))
    return replace(PROFILES, jobs={**PROFILES.jobs, "letters": changed})


TOUCHES: dict[str, Callable[[], Profiles]] = {
    "marks further down": lambda: with_marks(first_mm=220.0),
    "marks further right": lambda: with_marks(x_mm=8.0),
    "one stroke more": lambda: with_marks(tokens=(*PROFILES.machines["neopost-1track"].marks.tokens, "safety")),
    "more white around them": lambda: with_marks(clear_mm=4.0),
    "the back matters now": lambda: with_marks(reverse_clear_mm=1.0),
    "the window may show more": lambda: with_window("possible", 160.0),
    "the window shows less for certain": lambda: with_window("always", 80.0),
    "what shows beside the address": lambda: with_envelope(beside_address="remark"),
    "no such form any more": lambda: with_envelope(foldings=()),
    "where addresses are": lambda: with_job(forms=("B",), window=WindowRules(own=Rect(20.0, 50.0, 100.0, 85.0))),
    "another form": lambda: with_job(forms=("B",)),
    "margin in the window": lambda: with_job(window=WindowRules(margin_mm=3.0)),
    "rule of the mark zone": lambda: with_job(mark_zone=MarkZoneRules(occupied="whiten")),
}
LEAVES: dict[str, Callable[[], Profiles]] = {
    "nothing": lambda: replace(PROFILES, sha256="0" * 64),
    "title": lambda: with_machine(title="Neue"),
    "cut-off": lambda: with_machine(cut_off=CutOffRules(times=("09:00",), max_pieces=7)),
    "feed": lambda: with_machine(feed=replace(PROFILES.machines["neopost-1track"].feed, max_sheets=4, stations=2)),
    "meaning of the marks": lambda: with_marks(feed_on="first"),
    "weight of the envelope": lambda: with_envelope(weight_mg=1, title="Anders", source="anders"),
    "another machine": lambda: replace(
        PROFILES, machines={**PROFILES.machines, "datamatrix": replace(PROFILES.machines["datamatrix"], title="X")}
    ),
    "enclosures of the job": lambda: with_job(enclosures=(1,), max_pages=7),
}


@pytest.mark.parametrize("what", TOUCHES)
def test_what_decides_where_ink_may_stand_counts(what: str) -> None:
    assert not CheckedGeometry(TOUCHES[what]()).holds(KEY, RECORDED)


@pytest.mark.parametrize("what", LEAVES)
def test_what_does_not_decide_it_stops_nothing(what: str) -> None:
    assert CheckedGeometry(LEAVES[what]()).holds(KEY, RECORDED)


def test_a_letter_of_which_nothing_is_known_is_looked_at_again() -> None:
    assert not CheckedGeometry(PROFILES).holds(KEY, "")


def test_a_job_that_is_gone_leaves_its_letters_what_they_were_checked_for() -> None:
    gone = replace(PROFILES, jobs={id: job for id, job in PROFILES.jobs.items() if id != "letters"})
    assert CheckedGeometry(gone).holds(KEY, RECORDED)
    moved = with_marks(first_mm=220.0)
    assert not CheckedGeometry(replace(moved, jobs=gone.jobs)).holds(KEY, RECORDED)


def test_a_machine_that_is_gone_is_told_when_its_pool_is_closed_not_here() -> None:
    gone = CheckedGeometry(replace(PROFILES, machines={}))
    assert gone.holds(KEY, RECORDED)
    assert gone.of(*KEY) == ""
