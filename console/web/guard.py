"""What every request passes: who was asked for, what may be asked, from where, and what a browser may do with it."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_EVERYWHERE = ("0.0.0.0", "::", "")
_METHODS = ("GET", "HEAD")
_API = "/api/documents"
# What may be sent: the forms of the page, and the archive's acknowledgement.
_FORMS = re.compile(r"/documents/[^/]+/(accept|reject|split|merge|keep|drop)|/sign-in|/sign-out")
_ACKNOWLEDGEMENT = re.compile(r"/api/documents/[^/]+/acknowledgement")

_HEADERS: tuple[tuple[str, str], ...] = (
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cache-control", "no-store"),
)


_STRANGE = PlainTextResponse("Dieses Formular kam von einer anderen Seite.\n", status_code=403)


class Guard:
    """Lets only what the page offers for a name of this house through, and adds the security headers to every answer.

    A page of another site that makes its own name point here (DNS rebinding) asks for that name, and is refused. So is
    a form that another site sends. The documents of the API are known by any name: a browser has no token to add.
    `host`: the address that the page is bound to; bound to every address, this machine's names and any literal
    address will do.
    """

    def __init__(self, app: ASGIApp, host: str) -> None:
        self._app = app
        self._names = {*_LOOPBACK, host.lower()}
        self._any_address = host in _EVERYWHERE
        if self._any_address:
            self._names |= {socket.gethostname().lower(), socket.getfqdn().lower()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        app = self._refusal(scope) or self._app

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(message)
            await send(message)

        await app(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        path, method = scope["path"], scope["method"]
        with_token = path == _API or path.startswith(f"{_API}/")
        if len(hosts) != 1 or not (with_token or self.knows(hosts[0])):
            return PlainTextResponse("Diese Adresse gehört nicht zur Poststraße.\n", status_code=421)
        if method == "POST" and _FORMS.fullmatch(path):
            return None if self._is_ours(scope, hosts[0]) else _STRANGE
        if method not in _METHODS and not (method == "POST" and _ACKNOWLEDGEMENT.fullmatch(path)):
            headers = {"allow": ", ".join(_METHODS)}
            return PlainTextResponse("Diese Seite zeigt nur an.\n", status_code=405, headers=headers)
        return None

    def _is_ours(self, scope: Scope, host: str) -> bool:
        """Whether a form was sent from a page of ours, as far as the browser tells."""
        told = {name: value.decode("latin-1") for name, value in scope["headers"]}
        if told.get(b"sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return False
        origin = told.get(b"origin")
        return origin is None or urlsplit(origin).netloc.lower() == host.strip().lower()

    def knows(self, host: str) -> bool:
        """Whether a Host header names this house, whatever the port."""
        name = _without_port(host.strip().lower()).rstrip(".")
        return name in self._names or (self._any_address and _is_address(name))


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if host.count(":") == 1 else host


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _add_headers(message: MutableMapping[str, Any]) -> None:
    own = {name for name, _ in message["headers"]}
    more = [(name.encode(), value.encode()) for name, value in _HEADERS if name.encode() not in own]
    message["headers"] = [*message["headers"], *more]
