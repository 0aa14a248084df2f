"""Who may use the API and decide on the operators' page: tokens with a scope, kept as hashes in a file of mode 600."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.adapters.spool import sync_folder
from pipeline.domain.errors import Permanent

PRINT_CENTRE = "printcenter"
_SCHEMA = "poststrasse/tokens/1"
_PREFIX = "pst_"


@dataclass(frozen=True)
class AccessToken:
    """A token without its secret. `scope`: a municipality's id, or `printcenter`. Times: ISO 8601 with offset.

    `name`: who or what uses it. `sha256`: of the secret. `revoked_at`: None while it is good.
    """

    id: str
    scope: str
    name: str
    sha256: str
    created_at: str
    revoked_at: str | None = None

    def sees(self, municipality: str) -> bool:
        """Whether it may see this municipality's things."""
        return self.scope in (PRINT_CENTRE, municipality)


class TokenFile:
    """The tokens in `path` (`private/tokens.json`). Several processes may use it at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def new(self, scope: str, name: str, at: str, randomness: Callable[[int], str]) -> tuple[AccessToken, str]:
        """Make a token; returns it and its secret, which is told this once and kept nowhere.

        `randomness`: gives a text without blanks made of that many random bytes.
        """
        secret = _PREFIX + randomness(32)
        with self._locked():
            known = self.tokens()
            made = AccessToken(f"k{len(known) + 1:04d}", scope, name, _hash(secret), at)
            self._write([*known, made])
        return made, secret

    def tokens(self) -> list[AccessToken]:
        """All tokens, the revoked ones too, the oldest first. Raises Permanent `tokens-unreadable`."""
        try:
            told: dict[str, Any] = json.loads(self._path.read_text(encoding="utf-8"))
            if told["schema"] != _SCHEMA:
                raise ValueError("another schema")
            return [AccessToken(**each) for each in told["tokens"]]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError) as error:
            remedy = "Restore private/tokens.json, or remove it and make new tokens."
            raise Permanent("tokens-unreadable", "The file of the access tokens can't be read.", remedy) from error

    def revoke(self, id: str, at: str) -> AccessToken:
        """Make a token useless from now on; one that is revoked already stays as it is. Raises `unknown-unit`."""
        with self._locked():
            known = self.tokens()
            found = next((token for token in known if token.id == id), None)
            if found is None:
                raise Permanent("unknown-unit", f"There is no token {id}.")
            revoked = found if found.revoked_at else replace(found, revoked_at=at)
            self._write([revoked if token.id == id else token for token in known])
        return revoked

    def find(self, secret: str) -> AccessToken | None:
        """The good token of this secret. How long it takes does not tell how near a guess was."""
        given = _hash(secret)
        found = None
        for token in self.tokens():
            if hmac.compare_digest(token.sha256, given) and token.revoked_at is None:
                found = token
        return found

    def still_good(self, id: str) -> bool:
        """Whether a token that was found before is not revoked."""
        return any(token.id == id and token.revoked_at is None for token in self.tokens())

    def _write(self, tokens: list[AccessToken]) -> None:
        made = self._path.with_suffix(".part")
        made.unlink(missing_ok=True)
        handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"schema": _SCHEMA, "tokens": [asdict(each) for each in tokens]}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        made.replace(self._path)
        sync_folder(self._path.parent)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        handle = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
