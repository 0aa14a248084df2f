"""The same input gives the same documents and the same batches, in one process and in many; and stops cleanly."""

from __future__ import annotations

import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.acceptance.driver import Place, differences, end, wait_until

pytestmark = pytest.mark.acceptance


def test_two_workers_on_redis_and_postgresql_give_the_same_bytes(
    undisturbed: tuple[dict[str, Any], Path], tmp_path: Path, redis_url: str, postgres_url: str
) -> None:
    wanted, source = undisturbed
    place = Place(tmp_path / "root", redis_url=redis_url, database_url=postgres_url)
    shutil.copytree(source / "inbox", place.root / "inbox")
    processes = [place.start("watch")]
    processes += [place.start("work", "--workers", "1", log=tmp_path / f"work{n}.log") for n in range(2)]
    try:
        wait_until(lambda: place.unfinished() == 0)
        assert place.call("batches", "assemble", "--all").returncode == 0
        wait_until(lambda: place.unfinished() == 0)
    finally:
        end(processes)
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert differences(place.outcome(), wanted) == []
    owners = {line.split()[-1] for line in (tmp_path / "work0.log").read_text().splitlines() if "error" in line.lower()}
    assert owners == set()


def test_an_emptied_redis_is_harmless(
    undisturbed: tuple[dict[str, Any], Path], tmp_path: Path, redis_url: str, postgres_url: str
) -> None:
    wanted, source = undisturbed
    place = Place(tmp_path / "root", redis_url=redis_url, database_url=postgres_url)
    shutil.copytree(source / "inbox", place.root / "inbox")
    processes = [place.start("watch"), place.start("work", "--workers", "2")]
    client = redis.Redis.from_url(redis_url)
    try:
        for _ in range(5):
            time.sleep(1.5)
            client.flushall()
        wait_until(lambda: place.unfinished() == 0)
        assert place.call("batches", "assemble", "--all").returncode == 0
        client.flushall()
        wait_until(lambda: place.unfinished() == 0)
    finally:
        end(processes)
        client.close()
    assert differences(place.outcome(), wanted) == []


@pytest.mark.parametrize(("asked_by", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_serve_stops_cleanly_and_goes_on_where_it_was(
    undisturbed: tuple[dict[str, Any], Path], tmp_path: Path, asked_by: signal.Signals, code: int
) -> None:
    wanted, source = undisturbed
    place = Place(tmp_path / "root")
    shutil.copytree(source / "inbox", place.root / "inbox")
    log = tmp_path / "serve.log"
    for number, seconds in enumerate((1.0, 3.0, 2.0), 1):
        process = place.start("serve", "--port", "0", "--grace", "1", log=log)
        wait_until(lambda: log.read_text().count("ready") == number, 60)  # noqa: B023 - called at once
        time.sleep(seconds)
        process.send_signal(asked_by)
        assert process.wait(30) == code, log.read_text()
    done = place.call("run", "--once", "--assemble")
    assert done.returncode == 0, done.stderr
    assert differences(place.outcome(), wanted) == []


def test_run_once_on_an_empty_inbox_ends_with_zero(tmp_path: Path) -> None:
    place = Place(tmp_path / "root")
    done = place.call("run", "--once", "--assemble", timeout_s=60)
    assert (done.returncode, done.stdout) == (0, "")
