"""Child processes with limits: the only place where untrusted bytes are opened.

Each call forks a fresh child from a clean single-threaded server, so a crash, a memory bomb or an endless
loop costs that child and nothing else. The child leads a process group of its own; on a timeout the whole
group is killed, tools that it started included.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import multiprocessing
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from types import ModuleType
from typing import Any, ParamSpec, TypeVar, cast

from pipeline.domain.errors import ConfinedFailure, PoststrasseError

P = ParamSpec("P")
T = TypeVar("T")

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_PRELOAD = ["pipeline.adapters.confined_modules"]


@dataclass(frozen=True)
class Limits:
    """Of one child: `wall_s` seconds on the clock, `memory_mb` of address space, `file_mb` of any file it writes."""

    wall_s: float
    memory_mb: int
    file_mb: int = 4096


@dataclass(frozen=True)
class Far:
    """A function by its names, for a caller that only has it run in a child and need not load its module."""

    module: str
    name: str

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Load the module and run the function."""
        return getattr(importlib.import_module(self.module), self.name)(*args, **kwargs)


_context: ForkServerContext | None = None
_context_lock = threading.Lock()
_stopping = threading.Event()
_TICK_S = 0.25


def _server() -> ForkServerContext:
    global _context
    with _context_lock:
        if _context is None:
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(_PRELOAD)
            _context = context
        return _context


@contextmanager
def _without_main() -> Iterator[None]:
    """Hide the command's own module from the child, which would otherwise load all of it before each call."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def warm_up() -> None:
    """Start the server of the children without waiting for it, so that the first call finds it ready."""
    _server()
    with _context_lock, _without_main():
        forkserver.ensure_running()


def run_confined(limits: Limits, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `function(*args, **kwargs)` in a child of its own and hand back what it returns.

    `function` must be importable by name; arguments, result and errors must pickle.
    Raises what the function raised, or ConfinedFailure with code `child-timeout`, `child-memory`, `child-crash` or
    `child-stopped`.
    """
    if _stopping.is_set():
        raise ConfinedFailure("child-stopped", "asked to stop")
    context = _server()
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(there, limits, function, args, kwargs), daemon=False)
    with _context_lock, _without_main():
        child.start()
    there.close()
    try:
        _wait(here, limits.wall_s)
        try:
            outcome: tuple[str, Any] = here.recv()
        except EOFError:
            raise ConfinedFailure("child-crash", f"the child process died ({_how_it_died(child)})") from None
    finally:
        _end(child)
        here.close()
    kind, value = outcome
    if kind == "result":
        return cast(T, value)
    if isinstance(value, BaseException):
        raise value
    raise ConfinedFailure(kind, str(value))


def stop_all() -> None:
    """End every child now and start no more; the calls in hand raise ConfinedFailure `child-stopped`."""
    _stopping.set()


def allow_again() -> None:
    """Take back `stop_all`: a process that goes on after all may start children again."""
    _stopping.clear()


def _wait(pipe: Connection, wall_s: float) -> None:
    deadline = time.monotonic() + wall_s
    while not pipe.poll(max(0.0, min(_TICK_S, deadline - time.monotonic()))):
        if _stopping.is_set():
            raise ConfinedFailure("child-stopped", "asked to stop")
        if time.monotonic() >= deadline:
            raise ConfinedFailure("child-timeout", f"not finished after {wall_s:.0f} s")


def _how_it_died(child: Any) -> str:
    child.join(5)
    code = child.exitcode
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"exit code {code}"


def _end(child: Any) -> None:
    """Let a finished child go; kill its whole group when it, or anything it started, still runs."""
    if child.pid is not None:
        child.join(0.2)
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            if child.is_alive():
                child.kill()
    child.join()


def _name_of(function: Callable[..., Any]) -> str:
    return str(getattr(function, "name", None) or getattr(function, "__name__", "child"))


def _child(
    pipe: Connection,
    limits: Limits,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> None:
    gc.freeze()  # what the server loaded stays: to look at it again would copy it into each child
    os.setsid()
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # What `top` shows: a child is known by what it does.
    prctl(_PR_SET_NAME, _name_of(function).encode(), 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    memory = limits.memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.file_mb * 1024 * 1024,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    cpu_s = int(limits.wall_s * 4) + 5
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    try:
        outcome: tuple[str, Any] = ("result", function(*args, **kwargs))
    except MemoryError:
        outcome = ("child-memory", f"needs more than {limits.memory_mb} MB")
    except PoststrasseError as error:
        outcome = ("error", error)
    except BaseException as error:  # noqa: BLE001 - the parent decides; nothing is swallowed
        outcome = ("child-crash", f"{type(error).__name__}: {error}")
    pipe.send(outcome)
    pipe.close()
