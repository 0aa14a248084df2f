"""Settings: a value that is not of its kind is refused in one sentence that names its variable."""

from __future__ import annotations

import pytest

from workers.settings import read_settings

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("POSTSTRASSE_WORKERS", "2.5"),
        ("POSTSTRASSE_WORKERS", "nan"),
        ("POSTSTRASSE_WORKERS", "-1"),
        ("POSTSTRASSE_LEASE", "inf"),
        ("POSTSTRASSE_SCAN_INTERVAL", "nan"),
        ("POSTSTRASSE_SETTLE", "soon"),
        ("POSTSTRASSE_CONSOLE_PORT", "65536"),
        ("POSTSTRASSE_CONSOLE_PORT", "80.5"),
        ("POSTSTRASSE_REDIS_URL", "foo"),
        ("POSTSTRASSE_REDIS_URL", "http://127.0.0.1:6379/0"),
        ("POSTSTRASSE_REDIS_URL", "redis://127.0.0.1:many/0"),
        ("POSTSTRASSE_DATABASE_URL", "foo"),
        ("POSTSTRASSE_DATABASE_URL", "mysql://x/y"),
        ("POSTSTRASSE_DATABASE_URL", "postgresql://x:many/y"),
    ],
)
def test_a_wrong_value_is_refused_by_its_variable(variable: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"^{variable}: ") as caught:
        read_settings({variable: value})
    assert len(str(caught.value).splitlines()) == 1


def test_addresses_with_a_password_are_not_repeated() -> None:
    for variable in ("POSTSTRASSE_DATABASE_URL", "POSTSTRASSE_REDIS_URL"):
        with pytest.raises(ValueError) as caught:
            read_settings({variable: "mysql://me:secret@x/y"})
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["", "redis://x:6379/0", "rediss://x/0", "unix:///run/redis.sock?db=1"])
def test_every_kind_of_queue_is_taken(url: str) -> None:
    assert read_settings({"POSTSTRASSE_REDIS_URL": url}).redis_url == url


@pytest.mark.parametrize("url", ["sqlite:////tmp/x.sqlite3", "postgresql://x/y", "postgresql+psycopg://me:z@x:1/y"])
def test_both_kinds_of_ledger_are_taken(url: str) -> None:
    assert read_settings({"POSTSTRASSE_DATABASE_URL": url}).database_url == url


def test_numbers_at_their_ends_are_taken() -> None:
    settings = read_settings({"POSTSTRASSE_CONSOLE_PORT": "65535", "POSTSTRASSE_WORKERS": "3"})
    assert (settings.console_port, settings.workers) == (65_535, 3)
