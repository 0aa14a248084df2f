"""The pages: what each address shows. Everything here only reads; what is decided is in `review`."""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from console.access import tokens_of
from console.shape import ago, exactly, plain
from console.web.api import Api, told_to_program
from console.web.limits import RateLimit
from console.web.review import Review
from console.web.sessions import Session, Sessions
from pipeline.adapters.ledger.summaries import newest_documents, newest_intakes, shown_batches
from pipeline.domain.errors import PoststrasseError
from pipeline.domain.german import count, euros, grams
from pipeline.domain.states import MOVES, Kind
from pipeline.services.local_times import local_iso
from pipeline.services.overview import overview
from pipeline.services.ports import Line
from pipeline.services.showing import batch_detail, batch_views, document_views, intake_view
from pipeline.services.wording import KIND_WORDS, explain, state_word, who_word

_HERE = Path(__file__).parent
_LISTED = 200
_SIGN_IN_FAILURES = 10
_THEIR_WORDS = ("Not Found", "Method Not Allowed")
_LOOK_EVERY_S = 1.0
_STILL_THERE_EVERY = 15  # looks without news, then a comment keeps the connection open


class Views:
    """The pages of one line. `queue`: where hints travel, for the overview. `stopping`: ends the live streams."""

    def __init__(self, line: Line, queue: str, stopping: threading.Event) -> None:
        self._line = line
        self._queue = queue
        self._stopping = stopping
        self._pages = _environment()
        sessions = Sessions(tokens_of(line), secrets.token_urlsafe, time.monotonic)
        failures = RateLimit(_SIGN_IN_FAILURES, 60, time.monotonic)
        self._review = Review(line, sessions, self._page, failures)
        self._api = Api(line)

    def routes(self) -> list[BaseRoute]:
        """Every address there is."""
        table: tuple[tuple[str, Callable[[Request], Any]], ...] = (
            ("/", self.overview),
            ("/inbox", self.inbox),
            ("/documents", self.documents),
            ("/batches", self.batches),
            ("/batches/{id}", self.batch),
            ("/api/status.json", self.status),
            ("/events", self.events),
            ("/health", self.health),
        )
        pages: list[BaseRoute] = [Route(path, view, methods=["GET"]) for path, view in table]
        return [
            *pages,
            *self._review.routes(),
            *self._api.routes(),
            Mount("/static", StaticFiles(directory=_HERE / "static")),
        ]

    def overview(self, request: Request) -> Response:
        """Signs of life, what waits, the municipalities, the batches."""
        seen = overview(self._line, self._queue)
        return self._page(request, "overview.html", seen.last_event, "Übersicht", seen=seen)

    def inbox(self, request: Request) -> Response:
        """The files that came last, with the reason and the remedy where there is one."""
        state, municipality = _filters(request, Kind.INTAKE)
        with self._line.ledger.reading() as read:
            found = [
                intake_view(self._line, each) for each in newest_intakes(read.connection, _LISTED, state, municipality)
            ]
            last = read.last_event()
        asked = {"state": state, "municipality": municipality, "limit": _LISTED}
        return self._page(request, "inbox.html", last, "Eingang", found=found, asked=asked, kind=Kind.INTAKE)

    def documents(self, request: Request) -> Response:
        """The documents that changed last."""
        state, municipality = _filters(request, Kind.DOCUMENT)
        with self._line.ledger.reading() as read:
            found = document_views(self._line, read, newest_documents(read.connection, _LISTED, state, municipality))
            last = read.last_event()
        asked = {"state": state, "municipality": municipality, "limit": _LISTED}
        return self._page(request, "documents.html", last, "Dokumente", found=found, asked=asked, kind=Kind.DOCUMENT)

    def batches(self, request: Request) -> Response:
        """All batches on their way, and those that ended last."""
        with self._line.ledger.reading() as read:
            found = batch_views(self._line, read, shown_batches(read.connection, _LISTED))
            last = read.last_event()
        return self._page(request, "batches.html", last, "Druckaufträge", found=found)

    def batch(self, request: Request) -> Response:
        """One batch: totals, each municipality's share, volumes, read-back, history."""
        try:
            with self._line.ledger.reading() as read:
                found = batch_detail(self._line, read, request.path_params["id"])
                last = read.last_event()
        except PoststrasseError as error:
            raise HTTPException(404, "Diesen Druckauftrag gibt es nicht.") from error
        return self._page(request, "batch.html", last, f"Druckauftrag {found.id}", batch=found)

    def status(self, _request: Request) -> Response:
        """The overview as `poststrasse status --json` prints it."""
        return JSONResponse(plain(overview(self._line, self._queue)))

    def health(self, _request: Request) -> Response:
        """Whether the page and the ledger answer."""
        with self._line.ledger.reading() as read:
            return JSONResponse({"status": "ok", "last_event": read.last_event()})

    async def events(self, request: Request) -> Response:
        """A stream that tells whenever something in the ledger changed."""
        headers = {"x-accel-buffering": "no"}
        if request.method == "HEAD":
            return Response(media_type="text/event-stream", headers=headers)
        return StreamingResponse(self._changes(), media_type="text/event-stream", headers=headers)

    async def _changes(self) -> AsyncIterator[str]:
        told: int | None = None
        quiet = 0
        while not self._stopping.is_set():
            newest = await run_in_threadpool(self._last_event)
            if newest is not None and newest != told:
                told, quiet = newest, 0
                yield f"event: change\nid: {newest}\ndata: {json.dumps({'last_event': newest})}\n\n"
            elif quiet >= _STILL_THERE_EVERY:
                quiet = 0
                yield ": still there\n\n"
            quiet += 1
            await asyncio.sleep(_LOOK_EVERY_S)

    def _last_event(self) -> int | None:
        try:
            with self._line.ledger.reading() as read:
                return read.last_event()
        except SQLAlchemyError:
            return None  # the page itself tells of it; the stream goes on when the ledger is back

    async def failed(self, request: Request, error: Exception) -> Response:
        """What somebody sees who asked for nothing of ours, or when the ledger does not answer."""
        answer = told_to_program(request.url.path, error)
        if answer is not None:
            return answer
        if isinstance(error, HTTPException):
            sentence = error.detail if error.detail not in _THEIR_WORDS else "Nicht gefunden."
            return self._message(error.status_code, sentence)
        if isinstance(error, SQLAlchemyError):
            return self._message(503, "Das Vorgangsbuch ist nicht erreichbar. „poststrasse check“ sagt, warum.")
        return self._message(500, "Die Seite konnte nicht erzeugt werden. Näheres steht im Protokoll.")

    def _message(self, code: int, sentence: str) -> Response:
        return self._render("message.html", 0, "Hinweis", code, None, sentence=sentence)

    def _page(
        self, request: Request, template: str, last_event: int, title: str, code: int = 200, **context: Any
    ) -> HTMLResponse:
        return self._render(template, last_event, title, code, self._review.session(request), **context)

    def _render(
        self, template: str, last_event: int, title: str, code: int, session: Session | None, **context: Any
    ) -> HTMLResponse:
        members = self._line.profiles.municipalities
        names = {id: member.name for id, member in members.items()}
        now = local_iso(self._line, self._line.now_ms())
        page = self._pages.get_template(template)
        text = page.render(now=now, title=title, last_event=last_event, names=names, session=session, **context)
        return HTMLResponse(text, status_code=code)


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(ago=ago, exactly=exactly, count=count, euros=euros, grams=grams, who=who_word)
    made.globals.update(state_word=state_word, kind_words=KIND_WORDS, explain=explain, Kind=Kind, MOVES=MOVES)
    return made


def _filters(request: Request, kind: Kind) -> tuple[str | None, str | None]:
    """State and municipality that the address asks for; what is no state is no filter."""
    state = request.query_params.get("state", "")
    municipality = request.query_params.get("municipality", "")
    return state if state in MOVES[kind] else None, municipality or None
