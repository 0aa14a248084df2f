"""The archive's API: which documents there are, their packages, and the acknowledgement that starts the clocks.

Every answer is JSON, every request carries a token; what a token may not see does not exist for it.
"""

from __future__ import annotations

import base64
import json
import math
import re
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from console.access import tokens_of
from console.shape import plain
from console.web.limits import RateLimit
from console.web.openapi import openapi
from console.web.package_files import PackageFile, package_files
from pipeline.adapters.access_tokens import PRINT_CENTRE, AccessToken
from pipeline.adapters.ledger.records import DocumentRecord
from pipeline.adapters.ledger.summaries import documents_after
from pipeline.domain.errors import IllegalMove
from pipeline.domain.states import MOVES, Kind
from pipeline.services.acknowledging import acknowledge
from pipeline.services.local_times import local_iso
from pipeline.services.ports import Line
from pipeline.services.reviewing import document_detail
from pipeline.services.showing import document_views

MOST_LISTED = 500
MOST_BODY_BYTES = 4096
MOST_A_MINUTE = 600
MOST_FAILURES_A_MINUTE = 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_OWN_ONLY = ("events", "steps", "decisions")  # what the print centre alone sees of a document

Answer = Callable[[Request, AccessToken], Response]


class ApiError(Exception):
    """What can't be answered. `detail`: German."""

    def __init__(self, status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.headers = status, code, detail, headers or {}


class Api:
    """The API of one line. `now_s`: a clock that never goes back, for the limits."""

    def __init__(self, line: Line, now_s: Callable[[], float] = time.monotonic) -> None:
        self._line = line
        self._tokens = tokens_of(line)
        self._asked = RateLimit(MOST_A_MINUTE, 60, now_s)
        self._failed = RateLimit(MOST_FAILURES_A_MINUTE, 60, now_s)

    def routes(self) -> list[BaseRoute]:
        """Every address of the API."""
        table: tuple[tuple[str, Answer], ...] = (
            ("/api/documents", self._list),
            ("/api/documents/{id}", self._one),
            ("/api/documents/{id}/package", self._package),
            ("/api/documents/{id}/files/{name:path}", self._file),
        )
        routes: list[BaseRoute] = [Route("/api/openapi.json", lambda _request: JSONResponse(openapi()))]
        routes += [Route(path, self._answering(answer), methods=["GET"]) for path, answer in table]
        acknowledgement = "/api/documents/{id}/acknowledgement"
        return [*routes, Route(acknowledgement, self._acknowledgement, methods=["POST"])]

    def _answering(self, answer: Answer) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            try:
                return answer(request, self._caller(request))
            except ApiError as error:
                return _refused(error)

        return endpoint

    async def _acknowledgement(self, request: Request) -> Response:
        try:
            token = await run_in_threadpool(self._caller, request)
            body = await _body(request)
            return await run_in_threadpool(self._acknowledge, request, token, body)
        except ApiError as error:
            return _refused(error)

    def _caller(self, request: Request) -> AccessToken:
        """Whose request it is. Raises ApiError 401 or 429."""
        who = request.client.host if request.client else ""
        _hold_back(self._failed, who)
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        token = self._tokens.find(secret.strip()) if scheme.lower() == "bearer" and secret.strip() else None
        if token is None:
            self._failed.count(who)
            headers = {"www-authenticate": 'Bearer realm="poststrasse"'}
            raise ApiError(401, "not-authorised", "Ein gültiger Zugangsschlüssel fehlt.", headers)
        _hold_back(self._asked, token.id)
        self._asked.count(token.id)
        return token

    def _list(self, request: Request, token: AccessToken) -> Response:
        asked = request.query_params
        state, municipality = asked.get("state"), asked.get("municipality")
        if state is not None and state not in MOVES[Kind.DOCUMENT]:
            possible = ", ".join(sorted(MOVES[Kind.DOCUMENT]))
            raise ApiError(400, "bad-request", f"state: möglich sind {possible}.")
        if municipality is not None and not token.sees(municipality):
            raise ApiError(404, "unknown-municipality", "Diese Kommune gibt es nicht.")
        limit = _whole(asked.get("limit", "100"), MOST_LISTED)
        scope = municipality if token.scope == PRINT_CENTRE else token.scope
        with self._line.ledger.reading() as read:
            found = documents_after(read.connection, asked.get("after", ""), limit + 1, state, scope)
            views = document_views(self._line, read, found[:limit])
        more = found[limit - 1].id if len(found) > limit else None
        return JSONResponse({"documents": plain(views), "next": more})

    def _one(self, request: Request, token: AccessToken) -> Response:
        document = self._document(request, token)
        with self._line.ledger.reading() as read:
            told = plain(document_detail(self._line, read, document.id))
        if token.scope != PRINT_CENTRE:
            told = {name: value for name, value in told.items() if name not in _OWN_ONLY}
        return JSONResponse(told)

    def _package(self, request: Request, token: AccessToken) -> Response:
        document = self._document(request, token)
        files = self._files(document)
        base = f"/api/documents/{document.id}/files/"
        listed = [{"name": f.name, "bytes": f.bytes, "sha256": f.sha256, "href": base + f.name} for f in files]
        return JSONResponse(
            {"document": document.id, "state": document.state, "sha256": document.sha256, "files": listed}
        )

    def _file(self, request: Request, token: AccessToken) -> Response:
        document = self._document(request, token)
        wanted = request.path_params["name"]
        found = next((each for each in self._files(document) if each.name == wanted), None)
        if found is None:
            raise ApiError(404, "unknown-file", "Diese Datei gehört nicht zum Paket.")
        digest = base64.b64encode(bytes.fromhex(found.sha256)).decode()
        headers = {"repr-digest": f"sha-256=:{digest}:", "content-disposition": "attachment"}
        return FileResponse(found.path, media_type=found.media_type, headers=headers)

    def _acknowledge(self, request: Request, token: AccessToken, body: bytes) -> Response:
        document = self._document(request, token)
        given = _told_hash(body)
        if document.state not in ("delivered", "acknowledged"):
            raise ApiError(409, "not-delivered", "Das Dokument wurde noch nicht an das Archiv übergeben.")
        if given != document.sha256:
            raise ApiError(409, "wrong-sha256", "Das ist nicht die Prüfsumme der document.pdf dieses Dokuments.")
        try:
            acknowledge(self._line, document.id, "api", f"{token.id} ({token.name})")
        except IllegalMove as error:
            raise ApiError(409, error.code, error.sentence) from error
        with self._line.ledger.reading() as read:
            now = read.document(document.id)
        at = local_iso(self._line, now.acknowledged_ms) if now is not None and now.acknowledged_ms is not None else None
        return JSONResponse({"id": document.id, "state": "acknowledged", "acknowledged_at": at})

    def _document(self, request: Request, token: AccessToken) -> DocumentRecord:
        with self._line.ledger.reading() as read:
            found = read.document(request.path_params["id"])
        if found is None or not token.sees(found.municipality):
            raise ApiError(404, "unknown-document", "Dieses Dokument gibt es nicht.")
        return found

    def _files(self, document: DocumentRecord) -> list[PackageFile]:
        if document.state not in ("delivered", "acknowledged"):
            raise ApiError(409, "not-delivered", "Das Dokument wurde noch nicht an das Archiv übergeben.")
        files = package_files(self._line.spool.archive / document.municipality / document.id)
        if files is None:
            raise ApiError(404, "package-missing", "Das Paket liegt nicht mehr im Archivordner.")
        return files


def told_to_program(path: str, error: Exception) -> JSONResponse | None:
    """What a program gets when its address or way is not the API's, or the ledger is away; None for other paths."""
    if not path.startswith("/api/") or path == "/api/status.json":
        return None
    if isinstance(error, HTTPException):
        code = "method-not-allowed" if error.status_code == 405 else "unknown-address"
        body = {"code": code, "detail": "Das kann diese Schnittstelle nicht; siehe /api/openapi.json."}
        return JSONResponse(body, status_code=error.status_code, headers=dict(error.headers or {}))
    if isinstance(error, SQLAlchemyError):
        body = {"code": "ledger-unavailable", "detail": "Das Vorgangsbuch ist nicht erreichbar."}
        return JSONResponse(body, status_code=503, headers={"retry-after": "30"})
    body = {"code": "internal-error", "detail": "Die Anfrage konnte nicht beantwortet werden."}
    return JSONResponse(body, status_code=500)


def _refused(error: ApiError) -> Response:
    return JSONResponse({"code": error.code, "detail": error.detail}, status_code=error.status, headers=error.headers)


def _hold_back(limit: RateLimit, key: str) -> None:
    wait_s = limit.wait_s(key)
    if wait_s > 0:
        headers = {"retry-after": str(math.ceil(wait_s))}
        raise ApiError(429, "too-many-requests", "Zu viele Anfragen; bitte etwas warten.", headers)


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BODY_BYTES:
            raise ApiError(413, "too-large", f"Mehr als {MOST_BODY_BYTES} Byte werden hier nicht gelesen.")
    return body


def _told_hash(body: bytes) -> str:
    try:
        told: Any = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    given = told.get("sha256") if isinstance(told, dict) else None
    if not isinstance(given, str) or _SHA256.fullmatch(given.lower()) is None:
        raise ApiError(400, "bad-request", 'Erwartet wird {"sha256": "<64 hexadezimale Zeichen>"}.')
    return given.lower()


def _whole(text: str, most: int) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:9]) <= most:
        raise ApiError(400, "bad-request", f"limit: eine Zahl von 1 bis {most}.")
    return int(text[:9])
