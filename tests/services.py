"""Redis and PostgreSQL for tests: started on free loopback ports in a folder of their own, and gone afterwards.

Nothing here touches a server that runs on the machine anyway. A server dies with the test run even when that is
killed, because the kernel ends it together with its parent.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import redis
from psycopg import sql

from tests.needs import need

_START_S = 30.0
_STOP_S = 15.0
_TRIES = 3
_PR_SET_PDEATHSIG = 1


class ServiceFailed(Exception):
    """A server did not come up; the message ends with what it wrote."""


@contextmanager
def redis_server() -> Iterator[str]:
    """A fresh Redis that keeps nothing on disk; yields its URL."""
    program = need("redis-server")
    with _folder("redis") as folder:
        options = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction")

        def command(port: int) -> Sequence[str | Path]:
            return (program, "--port", str(port), "--dir", folder, *options)

        with _server(command, folder, _redis_answers, signal.SIGTERM) as port:
            yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def postgres_server() -> Iterator[str]:
    """A fresh PostgreSQL with a German collation; yields the URL of its database `postgres`, for SQLAlchemy.

    It refuses to run as root; then it runs as the user `postgres` that Debian's package makes.
    """
    programs = need("postgres").parent
    user = "postgres" if os.geteuid() == 0 else None
    with _folder("postgres") as folder:
        if user is not None:
            shutil.chown(folder, user)
        data = folder / "data"
        _initialise(programs, data, user)
        settings = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=60")
        options = [part for setting in settings for part in ("-c", setting)]

        def command(port: int) -> Sequence[str | Path]:
            return (programs / "postgres", "-D", data, "-h", "127.0.0.1", "-k", "", "-p", str(port), *options)

        # SIGINT is the shutdown that does not wait for open connections.
        with _server(command, folder, _postgres_answers, signal.SIGINT, user) as port:
            yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"


@contextmanager
def fresh_database(server_url: str, name: str) -> Iterator[str]:
    """An empty database of this name on the server; yields its URL and drops it afterwards, open connections or not."""
    with psycopg.connect(_plain(server_url), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield server_url.rpartition("/")[0] + "/" + name
    finally:
        with psycopg.connect(_plain(server_url), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def emptied(redis_url: str) -> str:
    """The same URL, after everything in that Redis is gone."""
    with redis.Redis.from_url(redis_url) as connection:
        connection.flushall()
    return redis_url


def _plain(url: str) -> str:
    """The URL without SQLAlchemy's driver name, as psycopg itself wants it."""
    return url.replace("postgresql+psycopg:", "postgresql:", 1)


def _initialise(programs: Path, data: Path, user: str | None) -> None:
    # The collation differs from SQLite's on purpose: whoever relies on the database's own order finds out here.
    collation = ("--locale=C", "--locale-provider=icu", "--icu-locale=de-DE")
    common = (programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", *collation)
    done = subprocess.run(common, user=user, cwd=data.parent, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ServiceFailed(f"initdb failed: {done.stdout}{done.stderr}")


@contextmanager
def _server(
    command: Callable[[int], Sequence[str | Path]],
    folder: Path,
    answers: Callable[[int], bool],
    stop_signal: signal.Signals,
    user: str | None = None,
) -> Iterator[int]:
    """Run `command(port)` until it answers on the port; another port is tried when somebody else was quicker."""
    log = folder / "log"
    for _ in range(_TRIES):
        port = _free_port()
        with log.open("wb") as sink:
            process = subprocess.Popen(
                command(port),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                cwd=folder,
                user=user,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        try:
            if _comes_up(process, port, answers):
                yield port
                return
        finally:
            _stop(process, stop_signal)
    raise ServiceFailed(f"{process.args!r} did not come up:\n{log.read_text(errors='replace')[-2000:]}")


def _comes_up(process: subprocess.Popen[bytes], port: int, answers: Callable[[int], bool]) -> bool:
    until = time.monotonic() + _START_S
    while process.poll() is None and time.monotonic() < until:
        if answers(port):
            return True
        time.sleep(0.02)
    return False


def _stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(stop_signal)
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _redis_answers(port: int) -> bool:
    try:
        with redis.Redis(host="127.0.0.1", port=port, socket_timeout=1, retry=None) as connection:
            return bool(connection.ping())
    except redis.RedisError:
        return False


def _postgres_answers(port: int) -> bool:
    try:
        psycopg.connect(host="127.0.0.1", port=port, user="postgres", dbname="postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _folder(name: str) -> Iterator[Path]:
    """A folder that another user can reach too, which a test's own temporary folder need not be."""
    folder = Path(tempfile.mkdtemp(prefix=f"poststrasse-test-{name}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
