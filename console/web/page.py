"""The operators' page as a server in a thread of its own."""

from __future__ import annotations

import socket
import threading

import click
import uvicorn
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from console.exit_codes import ExitCode
from console.web.guard import Guard
from console.web.views import Views
from pipeline.services.ports import Line

_START_S = 20.0
_STOP_S = 10.0
_GRACE_S = 2


class PortTaken(click.ClickException):
    """The page can't have its address."""

    exit_code = ExitCode.SETTINGS


def page_app(line: Line, host: str, queue: str = "", stopping: threading.Event | None = None) -> ASGIApp:
    """The page as an ASGI application. `host`: the address it is bound to; other names in a request are refused."""
    views = Views(line, queue, stopping or threading.Event())
    handlers = {HTTPException: views.failed, SQLAlchemyError: views.failed, Exception: views.failed}
    return Guard(Starlette(routes=views.routes(), exception_handlers=handlers), host)


class PageServer:
    """Serves the page on `host` and `port` (0: any free one) until it is stopped. Handles no signals.

    `queue`: where hints travel, `in-process` or `redis`; the overview tells it.
    """

    def __init__(self, line: Line, host: str, port: int, queue: str = "") -> None:
        self._host = host
        self._port = port
        self._stopping = threading.Event()
        config = uvicorn.Config(
            page_app(line, host, queue, self._stopping),
            lifespan="off",
            ws="none",
            log_level="warning",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_GRACE_S,
        )
        self._server = uvicorn.Server(config)
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port it listens on; the wanted one before it was started."""
        return self._port

    def start(self) -> None:
        """Begin to serve; comes back when the page answers. Raises PortTaken."""
        self._socket = self._bound()
        self._port = int(self._socket.getsockname()[1])
        sockets = [self._socket]
        self._thread = threading.Thread(target=self._server.run, args=(sockets,), daemon=True, name="page")
        self._thread.start()
        waited = threading.Event()
        for _ in range(int(_START_S / 0.02)):
            if self._server.started or not self._thread.is_alive():
                break
            waited.wait(0.02)
        if not self._server.started:
            self.stop()
            raise PortTaken(f"the operators' page does not start on {self._host}:{self._port}")

    def stop(self) -> None:
        """End the streams and the server; comes back when it is gone."""
        self._stopping.set()
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(_STOP_S)
            self._thread = None
        if self._socket is not None:
            self._socket.close()

    def _bound(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        made = socket.socket(family, socket.SOCK_STREAM)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind((self._host, self._port))
            made.listen(128)
        except OSError as error:
            made.close()
            reason = error.strerror or error
            raise PortTaken(
                f"the operators' page can't have {self._host}:{self._port}: {reason}; see POSTSTRASSE_CONSOLE_PORT"
            ) from error
        return made
