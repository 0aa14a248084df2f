"""The services that tests lean on: real, clean for each test, and gone afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import redis
from sqlalchemy import create_engine, text

from tests import needs
from tests.services import ServiceFailed, _server, postgres_server, redis_server

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("round_", [1, 2])
def test_each_test_gets_an_empty_redis(redis_url: str, round_: int) -> None:
    with redis.Redis.from_url(redis_url) as connection:
        assert connection.dbsize() == 0
        connection.set("left-behind", round_)
        assert connection.get("left-behind") == str(round_).encode()


def test_redis_throws_nothing_out(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as connection:
        assert connection.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


@pytest.mark.parametrize("round_", [1, 2])
def test_each_test_gets_an_empty_database(postgres_url: str, round_: int) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE left_behind (round INTEGER)"))
        connection.execute(text("INSERT INTO left_behind VALUES (:round)"), {"round": round_})
        assert connection.execute(text("SELECT round FROM left_behind")).scalar_one() == round_
    # Left open on purpose: dropping the database must not wait for this connection.
    engine.connect()


def test_the_database_sorts_the_german_way(postgres_url: str) -> None:
    with create_engine(postgres_url).connect() as connection:
        towns = connection.execute(
            text("SELECT town FROM (VALUES ('Zarrentin'), ('Ölbronn'), ('Parchim')) AS t (town) ORDER BY town")
        )
        assert list(towns.scalars()) == ["Ölbronn", "Parchim", "Zarrentin"]


def test_a_redis_is_gone_when_its_block_ends() -> None:
    with redis_server() as url, redis.Redis.from_url(url) as connection:
        assert connection.ping()
    with pytest.raises(redis.ConnectionError), redis.Redis.from_url(url, retry=None) as connection:
        connection.ping()


def test_a_postgres_is_gone_when_its_block_ends_even_with_connections_open() -> None:
    with postgres_server() as url:
        plain = url.replace("+psycopg", "")
        connection = psycopg.connect(plain)
    assert connection is not None
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(plain, connect_timeout=2)


def test_a_killed_run_leaves_no_server_behind(tmp_path: Path) -> None:
    needs.need("redis-server")
    program = (
        "import time\n"
        "from tests.services import redis_server\n"
        "with redis_server() as url:\n"
        "    print(url, flush=True)\n"
        "    time.sleep(60)\n"
    )
    root = Path(__file__).resolve().parents[2]
    run = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=root,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    with run, redis.Redis.from_url(run.stdout.readline().strip(), retry=None) as connection:
        assert connection.ping()
        run.send_signal(signal.SIGKILL)
        run.wait()
        until = time.monotonic() + 10
        with pytest.raises(redis.ConnectionError):
            while time.monotonic() < until:
                connection.ping()


def test_a_server_that_does_not_start_says_what_it_wrote(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "print('this server has no mind to run')")
    with (
        pytest.raises(ServiceFailed, match="no mind to run"),
        _server(lambda port: command, tmp_path, lambda port: False, signal.SIGTERM),
    ):
        pass


def test_a_missing_tool_skips_here_and_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(needs.TOOLS, "nothing", needs.Tool(("no-such-command-anywhere",), "no-such-package"))
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt-get install no-such-package"):
        needs.need("nothing")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="apt-get install no-such-package"):
        needs.need("nothing")


def test_of_several_versions_the_highest_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("9", "15", "13"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin" / "initdb").touch()
    monkeypatch.setitem(needs.TOOLS, "several", needs.Tool((f"{tmp_path}/*/bin/initdb".lstrip("/"),), "x"))
    assert needs.need("several") == tmp_path / "15" / "bin" / "initdb"
