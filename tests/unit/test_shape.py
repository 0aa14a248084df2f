"""Values as JSON, and times as people say them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from console.shape import ago, clock, exactly, plain
from pipeline.domain.states import Kind
from pipeline.domain.totals import Totals

pytestmark = pytest.mark.unit

NOW = datetime(2026, 7, 30, 14, 5, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Inner:
    path: Path
    totals: dict[str, Totals]
    kinds: tuple[Kind, ...]
    on: date


def test_everything_becomes_what_json_has_under_the_contracts_names() -> None:
    value = Inner(Path("a/b"), {"parchim": Totals(1, 2, 3, 4500, 95)}, (Kind.BATCH,), date(2026, 1, 2))
    assert plain([value, None, 1.5, "x", True]) == [
        {
            "path": "a/b",
            "totals": {"parchim": {"pieces": 1, "sheets": 2, "pages": 3, "weight_g": 4.5, "postage_cent": 95}},
            "kinds": ["batch"],
            "on": "2026-01-02",
        },
        None,
        1.5,
        "x",
        True,
    ]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "gerade eben"),
        (9, "gerade eben"),
        (10, "vor 10 Sekunden"),
        (60, "vor 1 Minute"),
        (3 * 60 + 59, "vor 3 Minuten"),
        (3600, "vor 1 Stunde"),
        (86_399, "vor 23 Stunden"),
        (86_400, "vor 1 Tag"),
        (13 * 86_400, "vor 13 Tagen"),
        (14 * 86_400, "am 16.07.2026"),
    ],
)
def test_how_long_ago_is_said_in_words(seconds: int, said: str) -> None:
    assert ago((NOW - timedelta(seconds=seconds)).isoformat(), NOW.isoformat()) == said


def test_never_is_said_too_and_the_exact_time_is_there() -> None:
    assert ago(None, NOW.isoformat()) == "nie"
    assert clock(NOW.isoformat()) == "30.07.2026 14:05"
    assert exactly(NOW.isoformat()) == "30.07.2026, 14:05:09 Uhr"
