"""Which Host headers the page takes for its own."""

from __future__ import annotations

from typing import Any, cast

import pytest

from console.web.guard import Guard

pytestmark = pytest.mark.unit

NOTHING = cast(Any, None)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8321", "localhost:1", "LOCALHOST", "localhost.", "[::1]:8321", "::1"]
)
def test_loopback_names_are_known_with_any_port(host: str) -> None:
    assert Guard(NOTHING, "127.0.0.1").knows(host)


@pytest.mark.parametrize(
    "host", ["", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8321", "10.0.0.7", "[::2]", "a:b:c"]
)
def test_any_other_name_is_strange(host: str) -> None:
    assert not Guard(NOTHING, "127.0.0.1").knows(host)


def test_the_address_it_is_bound_to_is_known() -> None:
    assert Guard(NOTHING, "10.0.0.7").knows("10.0.0.7:8321")
    assert not Guard(NOTHING, "10.0.0.7").knows("10.0.0.8")


def test_bound_to_every_address_only_names_of_others_are_strange() -> None:
    guard = Guard(NOTHING, "0.0.0.0")
    assert guard.knows("192.168.1.20:8321")
    assert guard.knows("[fe80::1]:8321")
    assert not guard.knows("evil.example")
