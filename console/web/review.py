"""A document's page: why it waits, its pages as pictures, and the forms with which a person decides.

Pictures and forms are there only for somebody who signed in with a token of the print centre; the token's name stands
in the events. Every form carries the session's proof, so that no other site can send it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from console.document_telling import DROP_WORDS, FIELD_WORDS, VERB_WORDS
from console.web.limits import RateLimit
from console.web.sessions import COOKIE, IDLE_S, Session, Sessions
from pipeline.adapters.incoming.page_prints import print_name
from pipeline.adapters.ledger.summaries import newest_documents
from pipeline.domain.errors import ConfinedFailure, PoststrasseError, Rejected
from pipeline.domain.separation import DropReason
from pipeline.services.deciding import Decision, accept_document, reject_document
from pipeline.services.drawing import draw_document
from pipeline.services.ports import Line
from pipeline.services.rearranging import keep_page, leave_out_page, merge_documents, split_document
from pipeline.services.retiring import pictures_folder
from pipeline.services.reviewing import DocumentDetail, document_detail

Render = Callable[..., Response]

_MOST_FORM_BYTES = 16_384
_MOST_REASON = 1000
_DRAWN_AT_ONCE = 8
_PLACE = re.compile(r"/documents/[a-z0-9-]{1,64}")
_WAITS = ("review", "waiting")


class Review:
    """Documents, sign-in and decisions. `render`: makes a page from a template; `failures`: of signing in."""

    def __init__(self, line: Line, sessions: Sessions, render: Render, failures: RateLimit) -> None:
        self._line = line
        self._sessions = sessions
        self._render = render
        self._failures = failures
        self._drawing = threading.Lock()  # one child draws at a time: a person looks at one document

    def routes(self) -> list[BaseRoute]:
        """Every address of it."""
        return [
            Route("/documents/{id}", self._document, methods=["GET"]),
            Route("/documents/{id}/pages/{page:int}.png", self._picture, methods=["GET"]),
            Route("/documents/{id}/{verb}", self._decide, methods=["POST"]),
            Route("/sign-in", self._sign_in_page, methods=["GET"]),
            Route("/sign-in", self._sign_in, methods=["POST"]),
            Route("/sign-out", self._sign_out, methods=["POST"]),
        ]

    def session(self, request: Request) -> Session | None:
        """Who asks, if signed in."""
        return self._sessions.find(request.cookies.get(COOKIE))

    def _document(self, request: Request) -> Response:
        return self._page(request, request.path_params["id"])

    def _page(self, request: Request, document_id: str, code: int = 200, refusal: str = "") -> Response:
        with self._line.ledger.reading() as read:
            try:
                found = document_detail(self._line, read, document_id)
            except PoststrasseError as error:
                raise HTTPException(404, "Dieses Dokument gibt es nicht.") from error
            last = read.last_event()
            waiting = newest_documents(read.connection, 200, "review")
        following = sorted(each.id for each in waiting if each.id != document_id)
        later = [each for each in following if each > document_id]
        return self._render(
            request,
            "document.html",
            last,
            f"Dokument {document_id}",
            code,
            document=found,
            refusal=refusal,
            following=next(iter(later or following), None),
            shown=_shown(found),
            cuts=_cuts(found),
            verb_words=VERB_WORDS,
            drop_words=DROP_WORDS,
            field_words=FIELD_WORDS,
        )

    def _picture(self, request: Request) -> Response:
        if self.session(request) is None:
            raise HTTPException(403, "Bilder sieht nur, wer angemeldet ist.")
        document_id, page = request.path_params["id"], request.path_params["page"]
        try:
            with self._line.ledger.reading() as read:
                found = document_detail(self._line, read, document_id)
            path = self._drawn(found, page) if found.state in _WAITS and page in _shown(found) else None
        except (Rejected, ConfinedFailure) as error:
            raise HTTPException(422, "Diese Seite lässt sich nicht darstellen.") from error
        except PoststrasseError as error:
            raise HTTPException(404, "Dieses Bild gibt es nicht.") from error
        if path is None:
            raise HTTPException(404, "Dieses Bild gibt es nicht.")
        return FileResponse(path, media_type="image/png")

    def _drawn(self, document: DocumentDetail, page: int) -> Path:
        """The picture of a page; drawn with a few that follow it, if it is not there yet."""
        folder = pictures_folder(self._line) / document.id
        path = folder / print_name(page)
        with self._drawing:
            if not path.is_file():
                pages = _shown(document)
                first = pages.index(page)
                missing = [p for p in pages[first : first + _DRAWN_AT_ONCE] if not (folder / print_name(p)).is_file()]
                draw_document(self._line, document.id, folder, pages=missing)
        return path

    async def _decide(self, request: Request) -> Response:
        form = await _form(request)
        return await run_in_threadpool(self._decided, request, form)

    def _decided(self, request: Request, form: dict[str, str]) -> Response:
        document_id, verb = request.path_params["id"], request.path_params["verb"]
        session = self._proven(request, form)
        if session is None:
            return RedirectResponse(f"/sign-in?next=/documents/{document_id}", 303)
        reason = " ".join(form.get("reason", "").split())[:_MOST_REASON]
        if not reason:
            return self._page(
                request, document_id, 422, "Bitte eine Begründung angeben: Sie steht bei der Entscheidung."
            )
        by = Decision(session.name, reason)
        try:
            shown = self._do(verb, document_id, form, by)
        except PoststrasseError as error:
            if error.code == "unknown-unit":
                raise HTTPException(404, "Dieses Dokument gibt es nicht.") from error
            return self._page(request, document_id, 409, error.sentence)
        except OSError as error:
            sentence = f"Ein Ordner ist nicht erreichbar ({error.strerror}). Bitte noch einmal versuchen."
            return self._page(request, document_id, 503, sentence)
        return RedirectResponse(f"/documents/{shown}", 303)

    def _do(self, verb: str, document_id: str, form: dict[str, str], by: Decision) -> str:
        """Do what was decided; returns the document to show then."""
        if verb == "accept":
            accept_document(self._line, document_id, by)
        elif verb == "reject":
            reject_document(self._line, document_id, by)
        elif verb == "split" and form.get("before", "").isdecimal():
            separator = form.get("separator") == "yes"
            return split_document(self._line, document_id, int(form["before"][:6]), by, separator=separator)[0]
        elif verb == "keep" and form.get("page", "").isdecimal():
            return keep_page(self._line, document_id, int(form["page"][:6]), by)
        elif verb == "drop" and form.get("page", "").isdecimal() and form.get("as") in ("separator", "blank"):
            as_what: DropReason = "blank" if form["as"] == "blank" else "separator"
            return leave_out_page(self._line, document_id, int(form["page"][:6]), as_what, by)
        elif verb == "merge" and form.get("with") in ("before", "after"):
            return self._merge(document_id, form["with"], by)
        else:
            raise HTTPException(404, "Das kann diese Seite nicht.")
        return document_id

    def _merge(self, document_id: str, side: str, by: Decision) -> str:
        with self._line.ledger.reading() as read:
            found = document_detail(self._line, read, document_id)
        pair = (found.before, document_id) if side == "before" else (document_id, found.after)
        first, second = pair
        if first is None or second is None:
            raise HTTPException(409, "Einen Nachbarn, mit dem es zusammengefügt werden kann, gibt es nicht.")
        return merge_documents(self._line, [first, second], by)

    def _sign_in_page(self, request: Request) -> Response:
        return self._render(request, "sign_in.html", 0, "Anmelden", 200, wrong="", next=_next(request.query_params))

    async def _sign_in(self, request: Request) -> Response:
        form = await _form(request)
        return await run_in_threadpool(self._signed_in, request, form)

    def _signed_in(self, request: Request, form: dict[str, str]) -> Response:
        who = request.client.host if request.client else ""
        if self._failures.wait_s(who) > 0:
            wrong = "Zu viele Versuche; bitte eine Minute warten."
            return self._render(request, "sign_in.html", 0, "Anmelden", 429, wrong=wrong, next=_next(form))
        cookie = self._sessions.sign_in(form.get("token", "").strip())
        if cookie is None:
            self._failures.count(who)
            wrong = "Dieser Zugangsschlüssel gilt hier nicht. Gebraucht wird einer des Druckzentrums."
            return self._render(request, "sign_in.html", 0, "Anmelden", 403, wrong=wrong, next=_next(form))
        answer = RedirectResponse(_next(form), 303)
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, cookie, max_age=int(IDLE_S * 8), httponly=True, samesite="strict", secure=secure)
        return answer

    async def _sign_out(self, request: Request) -> Response:
        form = await _form(request)
        if self._proven(request, form) is not None:
            self._sessions.sign_out(request.cookies.get(COOKIE))
        answer = RedirectResponse("/", 303)
        answer.delete_cookie(COOKIE)
        return answer

    def _proven(self, request: Request, form: dict[str, str]) -> Session | None:
        """The session, if the form came from one of its own pages. Raises HTTPException 403 where it did not."""
        session = self.session(request)
        if session is not None and not session.proves(form.get("proof", "")):
            raise HTTPException(403, "Dieses Formular kam nicht von dieser Seite. Bitte die Seite neu laden.")
        return session


def _shown(document: DocumentDetail) -> list[int]:
    """All pages of the source that belong to a document, dropped ones too."""
    return sorted({*document.source_pages, *(drop.source_page for drop in document.dropped_pages)})


def _cuts(document: DocumentDetail) -> list[int]:
    """Before which pages it can be cut: any but the first that is kept, up to the last that is."""
    kept = document.source_pages
    return [page for page in _shown(document) if kept and kept[0] < page <= kept[-1]]


def _next(told: Any) -> str:
    """Where to go after signing in: a document's page, or the documents that wait."""
    wanted = str(told.get("next", ""))
    return wanted if _PLACE.fullmatch(wanted) else "/documents?state=review"


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_FORM_BYTES:
            raise HTTPException(413, "So viel Text nimmt dieses Formular nicht an.")
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=20)
    except ValueError as error:
        raise HTTPException(400, "Dieses Formular ist nicht lesbar.") from error
    return {name: values[-1] for name, values in fields.items()}
