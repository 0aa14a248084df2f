"""Confined children: whatever they do, the caller lives and is told."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from pipeline.adapters import confine
from pipeline.adapters.confine import Far, Limits, run_confined
from pipeline.domain.errors import ConfinedFailure, Rejected

pytestmark = pytest.mark.integration

LIMITS = Limits(wall_s=20, memory_mb=800)


def refuse(page: int) -> None:
    raise Rejected("pdf-damaged", "Seite fehlt", page=page)


def hang_with_a_tool(marker: str) -> None:
    subprocess.run([sys.executable, "-c", f"import time; time.sleep(600)  # {marker}"], check=False)


def own_threads() -> tuple[list[str | None], int]:
    """The child's variables for threads, and how many threads the server runs from which it was forked."""
    status = Path(f"/proc/{os.getppid()}/status").read_text()
    threads = next(int(row.split()[1]) for row in status.splitlines() if row.startswith("Threads:"))
    return [os.environ.get(name) for name in ("OPENBLAS_NUM_THREADS", "OMP_THREAD_LIMIT")], threads


def running(marker: str) -> bool:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                if marker in (entry / "cmdline").read_text() and state != "Z":
                    return True
            except OSError:
                continue
    return False


def test_a_result_comes_back() -> None:
    assert run_confined(LIMITS, os.path.join, "a", "b") == "a/b"


def test_a_rejection_comes_back_as_it_was_raised() -> None:
    with pytest.raises(Rejected) as caught:
        run_confined(LIMITS, refuse, 3)
    assert (caught.value.code, caught.value.sentence, caught.value.page) == ("pdf-damaged", "Seite fehlt", 3)


def test_a_function_by_its_names_is_loaded_by_the_child_alone() -> None:
    sys.modules.pop("colorsys", None)
    assert run_confined(LIMITS, Far("colorsys", "rgb_to_hsv"), 0.0, 0.0, 1.0) == (2 / 3, 1.0, 1.0)
    assert "colorsys" not in sys.modules


def test_a_function_that_is_not_there_is_told() -> None:
    with pytest.raises(ConfinedFailure) as caught:
        run_confined(LIMITS, Far("pipeline.adapters.confine", "no_such_function"))
    assert caught.value.code == "child-crash"


@pytest.mark.parametrize(
    ("function", "arguments", "code"),
    [
        (os._exit, (3,), "child-crash"),
        (os.abort, (), "child-crash"),
        (bytes, (10**10,), "child-memory"),
        (int, ("x",), "child-crash"),
    ],
)
def test_what_kills_a_child_is_told(function: object, arguments: tuple[object, ...], code: str) -> None:
    with pytest.raises(ConfinedFailure) as caught:
        run_confined(LIMITS, function, *arguments)  # type: ignore[arg-type]
    assert caught.value.code == code


def test_a_timeout_ends_the_child_and_every_tool_that_it_started() -> None:
    marker = f"confined-{os.getpid()}"
    started = time.monotonic()
    with pytest.raises(ConfinedFailure) as caught:
        run_confined(Limits(wall_s=1.5, memory_mb=800), hang_with_a_tool, marker)
    assert caught.value.code == "child-timeout"
    assert time.monotonic() - started < 10
    deadline = time.monotonic() + 5
    while running(marker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not running(marker)


def test_asked_to_stop_every_call_in_hand_ends() -> None:
    found: list[str] = []

    def call() -> None:
        try:
            run_confined(LIMITS, time.sleep, 15)
        except ConfinedFailure as failure:
            found.append(failure.code)

    thread = threading.Thread(target=call)
    thread.start()
    time.sleep(0.5)
    try:
        confine.stop_all()
        thread.join(5)
        assert found == ["child-stopped"]
        with pytest.raises(ConfinedFailure):
            run_confined(LIMITS, os.path.join, "a", "b")
    finally:
        confine.allow_again()


def test_children_compute_on_one_core_and_are_forked_from_one_thread() -> None:
    assert run_confined(LIMITS, own_threads) == (["1", "1"], 1)


def test_a_child_cannot_write_more_than_its_limit(tmp_path: Path) -> None:
    with pytest.raises(ConfinedFailure):
        run_confined(
            Limits(wall_s=20, memory_mb=800, file_mb=1), (tmp_path / "big").write_bytes, bytes(2 * 1024 * 1024)
        )


def test_what_the_command_has_run_in_children_is_there() -> None:
    """Functions by their names: a name that is wrong would only show when a file comes."""
    from workers import tools

    found = [value for value in vars(tools).values() if isinstance(value, Far)]
    assert len(found) > 8
    for each in found:
        assert callable(getattr(importlib.import_module(each.module), each.name)), each
