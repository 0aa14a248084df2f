"""Who is signed in on the operators' page: a print centre's token once shown, then a cookie for a day's work."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from pipeline.adapters.access_tokens import PRINT_CENTRE, TokenFile

COOKIE = "poststrasse-session"
IDLE_S = 3600.0
LONGEST_S = 8 * 3600.0
_MOST = 200


@dataclass(frozen=True)
class Session:
    """One person's sign-in. `name`: the token's, it stands in the events; `proof`: what every form must carry."""

    token: str
    name: str
    proof: str
    since_s: float
    seen_s: float

    def proves(self, given: str) -> bool:
        """Whether a form came from a page of this session."""
        return hmac.compare_digest(self.proof.encode(), given.encode("utf-8", "replace"))


class Sessions:
    """The sign-ins of this process. `randomness`: a text of that many random bytes; `now_s`: never goes back."""

    def __init__(self, tokens: TokenFile, randomness: Callable[[int], str], now_s: Callable[[], float]) -> None:
        self._tokens = tokens
        self._randomness = randomness
        self._now_s = now_s
        self._known: dict[str, Session] = {}
        self._lock = threading.Lock()

    def sign_in(self, secret: str) -> str | None:
        """The cookie for somebody who knows a good token of the print centre; None for everybody else."""
        token = self._tokens.find(secret)
        if token is None or token.scope != PRINT_CENTRE:
            return None
        cookie, now_s = self._randomness(32), self._now_s()
        with self._lock:
            self._drop_old(now_s)
            while len(self._known) >= _MOST:
                self._known.pop(next(iter(self._known)))
            self._known[_key(cookie)] = Session(token.id, token.name, self._randomness(32), now_s, now_s)
        return cookie

    def find(self, cookie: str | None) -> Session | None:
        """The session of a cookie, if it is not over and its token is still good."""
        if not cookie:
            return None
        key, now_s = _key(cookie), self._now_s()
        with self._lock:
            self._drop_old(now_s)
            session = self._known.get(key)
        if session is None or not self._tokens.still_good(session.token):
            self.sign_out(cookie)
            return None
        with self._lock:
            if key in self._known:
                self._known[key] = replace(session, seen_s=now_s)
        return session

    def sign_out(self, cookie: str | None) -> None:
        """End a session."""
        with self._lock:
            self._known.pop(_key(cookie or ""), None)

    def _drop_old(self, now_s: float) -> None:
        over = [k for k, s in self._known.items() if now_s - s.seen_s > IDLE_S or now_s - s.since_s > LONGEST_S]
        for key in over:
            del self._known[key]


def _key(cookie: str) -> str:
    return hashlib.sha256(cookie.encode("utf-8", "replace")).hexdigest()
