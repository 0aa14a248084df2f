"""Kill the worker at any moment, in both modes: the final state equals the undisturbed one."""

from __future__ import annotations

import random
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.driver import Place, differences, end, wait_until

pytestmark = pytest.mark.acceptance

KILLS = 20


def start_with_samples(base: Path, source: Path, **services: str) -> Place:
    place = Place(base / "root", **services)
    shutil.copytree(source / "inbox", place.root / "inbox")
    return place


def test_twenty_kills_in_one_process(undisturbed: tuple[dict[str, Any], Path], tmp_path: Path) -> None:
    wanted, source = undisturbed
    place = start_with_samples(tmp_path, source)
    chance = random.Random(20)
    for _ in range(KILLS):
        process = place.start("run", "--once")
        time.sleep(chance.uniform(0.5, 4.5))
        assert process.poll() is None or process.returncode == 0, "it ended by itself, and not well"
        process.kill()
        process.wait()
    last = place.call("run", "--once", "--assemble")
    assert last.returncode == 0, last.stderr
    assert differences(place.outcome(), wanted) == []


def test_twenty_kills_of_workers_on_redis_and_postgresql(
    undisturbed: tuple[dict[str, Any], Path], tmp_path: Path, redis_url: str, postgres_url: str
) -> None:
    wanted, source = undisturbed
    place = start_with_samples(tmp_path, source, redis_url=redis_url, database_url=postgres_url)
    chance = random.Random(21)
    watch = place.start("watch")
    workers = [place.start("work", "--workers", "1", log=tmp_path / f"work{n}.log") for n in range(2)]
    try:
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.6, 5.0))
            victim = chance.randrange(2)
            workers[victim].kill()
            workers[victim].wait()
            workers[victim] = place.start("work", "--workers", "1", log=tmp_path / f"work{victim}.log")
        wait_until(lambda: place.unfinished() == 0)
        assert place.call("batches", "assemble", "--all").returncode == 0
        wait_until(lambda: place.unfinished() == 0)
    finally:
        end([watch, *workers])
    assert differences(place.outcome(), wanted) == []


def test_a_watcher_that_is_killed_loses_no_file(undisturbed: tuple[dict[str, Any], Path], tmp_path: Path,
                                                redis_url: str, postgres_url: str) -> None:  # fmt: skip
    """Claims of a killed watcher are recovered in their order; the batches come out the same."""
    wanted, source = undisturbed
    place = start_with_samples(tmp_path, source, redis_url=redis_url, database_url=postgres_url)
    chance = random.Random(22)
    for _ in range(6):
        watch = place.start("watch")
        time.sleep(chance.uniform(1.0, 2.5))
        watch.kill()
        watch.wait()
    processes: list[subprocess.Popen[bytes]] = [place.start("watch"), place.start("work", "--workers", "2")]
    try:
        wait_until(lambda: not any(path.is_file() for path in (place.root / "inbox").rglob("*")))
        wait_until(lambda: place.unfinished() == 0)
    finally:
        end(processes)
    intakes = [each[:6] for each in place.outcome()["intakes"]]
    assert intakes == [each[:6] for each in wanted["intakes"]]
