"""Fixtures for every tier: the two services, started once for a run and clean for each test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.services import emptied, fresh_database, postgres_server, redis_server

# A first example pays for imports and tables, and a busy machine for its neighbours: time is no property of ours here.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

_database_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def running_redis() -> Iterator[str]:
    """One Redis for the whole run."""
    with redis_server() as url:
        yield url


@pytest.fixture
def redis_url(running_redis: str) -> str:
    """The URL of an empty Redis."""
    return emptied(running_redis)


@pytest.fixture(scope="session")
def running_postgres() -> Iterator[str]:
    """One PostgreSQL for the whole run."""
    with postgres_server() as url:
        yield url


@pytest.fixture
def postgres_url(running_postgres: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database that only this test uses."""
    with fresh_database(running_postgres, f"test_{next(_database_numbers)}") as url:
        yield url
