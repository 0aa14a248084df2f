"""Reads a ticket that lay beside a dropped file: TOML or JSON, told apart by content."""

from __future__ import annotations

import errno
import json
import os
import re
import stat
import tomllib
from pathlib import Path

from pipeline.domain.errors import Rejected
from pipeline.domain.ticket import Ticket, parse_ticket

MAX_TICKET_BYTES = 64 * 1024
_NOT_A_FILE = "Der Auftragszettel ist keine gewöhnliche Datei."


def read_ticket(path: Path | bytes) -> Ticket:
    """The ticket in the file at `path`: a TOML or JSON table in UTF-8, a byte order mark allowed, at most 64 kB.

    JSON is what begins with a brace, for no TOML does; the file's name does not matter. Links are not followed.
    Raises Rejected `ticket-invalid` for whatever is wrong with its content, OSError where the disk fails.
    """
    raw = _read(path)
    if len(raw) > MAX_TICKET_BYTES:
        raise _invalid(f"Der Auftragszettel ist größer als {MAX_TICKET_BYTES // 1024} kB.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _invalid("Der Auftragszettel ist nicht in UTF-8 gespeichert.") from None
    if not text.strip():
        raise _invalid("Der Auftragszettel ist leer.")
    table = _from_json(text) if text.lstrip().startswith("{") else _from_toml(text)
    return parse_ticket(table)


def _read(path: Path | bytes) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):  # a link, a socket
            raise _invalid(_NOT_A_FILE) from None
        raise
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise _invalid(_NOT_A_FILE)
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(MAX_TICKET_BYTES + 1)
    finally:
        os.close(handle)


def _invalid(sentence: str) -> Rejected:
    return Rejected("ticket-invalid", sentence)


def _from_toml(text: str) -> dict[str, object]:
    try:
        # TOML knows no lone carriage return, old editors do.
        return tomllib.loads(text.replace("\r\n", "\n").replace("\r", "\n"))
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line ([0-9]+)", str(error))
        where = f" (Zeile {place.group(1)})" if place else ""
        raise _invalid(f"Der Auftragszettel ist kein gültiges TOML{where}.") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, thousands of brackets
        raise _invalid("Der Auftragszettel ist kein gültiges TOML.") from None


def _from_json(text: str) -> dict[str, object]:
    try:
        table = json.loads(text, object_pairs_hook=_each_key_once)
    except json.JSONDecodeError as error:
        raise _invalid(f"Der Auftragszettel ist kein gültiges JSON (Zeile {error.lineno}).") from None
    except (ValueError, RecursionError):
        raise _invalid("Der Auftragszettel ist kein gültiges JSON.") from None
    if not isinstance(table, dict):
        raise _invalid("Der Auftragszettel muss aus Einträgen mit Namen bestehen.")
    return table


def _each_key_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise _invalid("Der Auftragszettel nennt einen Eintrag mehrmals.")
    return table
