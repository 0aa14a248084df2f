"""The note beside a claimed file, claim.json: where it came from, so that a restart can go on with it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.adapters.spool import sync_folder
from pipeline.domain.drop_names import display_name
from pipeline.domain.stability import Fingerprint

NOTE = "claim.json"
NOTE_UNFINISHED = "claim.json.part"
_SCHEMA = "poststrasse/claim/1"
_MAX_FOLDER_CHARACTERS = 64  # as long as an id may be


@dataclass(frozen=True)
class TicketNote:
    """The ticket, or the index, that was seen beside the file: its raw name and what it looked like."""

    name: bytes
    fingerprint: Fingerprint


@dataclass(frozen=True)
class ClaimNote:
    """Where a claimed file lay and what it looked like when it was complete; all names are raw bytes.

    `order`: grows from claim to claim. `kind`: a DropKind's value. `folders`: municipality and job profile as
    the folders are called, fewer for what lay higher up.
    """

    order: int
    inbox: bytes
    folders: tuple[bytes, ...]
    name: bytes
    kind: str
    fingerprint: Fingerprint
    ticket: TicketNote | None
    index: TicketNote | None = None

    @property
    def raw_path(self) -> bytes:
        """Where it lay; for telling people and for comparing, never to be opened."""
        return b"/".join((self.inbox, *self.folders, self.name))

    @property
    def file(self) -> str:
        """Its name for people."""
        return display_name(self.name)

    @property
    def municipality(self) -> bytes:
        """The raw name of the municipality's folder; empty for what lay in the inbox itself."""
        return self.folders[0] if self.folders else b""

    @property
    def profile(self) -> bytes:
        """The raw name of the job profile's folder; empty for what lay beside the job folders."""
        return self.folders[1] if len(self.folders) > 1 else b""

    @property
    def municipality_text(self) -> str:
        """The municipality's folder as text, at most 64 characters; an id only if the folder is called exactly so."""
        return _folder_text(self.municipality)

    @property
    def profile_text(self) -> str:
        """The job profile's folder in the same way."""
        return _folder_text(self.profile)


def _folder_text(raw: bytes) -> str:
    text = display_name(raw) if raw else ""
    return text if len(text) <= _MAX_FOLDER_CHARACTERS else text[: _MAX_FOLDER_CHARACTERS - 1] + "…"


def write_note(folder: Path, note: ClaimNote) -> None:
    """Write claim.json into `folder`, whole and safe on disk before it returns."""
    made = folder / NOTE_UNFINISHED
    with made.open("w", encoding="utf-8") as file:
        json.dump(_as_json(note), file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    made.rename(folder / NOTE)
    sync_folder(folder)


def read_note(folder: Path) -> ClaimNote | None:
    """What claim.json in `folder` says; None if there is none or it can't be understood."""
    try:
        return _from_json(json.loads((folder / NOTE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        return None


def _as_json(note: ClaimNote) -> dict[str, object]:
    return {
        "schema": _SCHEMA,
        "order": note.order,
        "file": note.file,
        "municipality": note.municipality_text,
        "profile": note.profile_text,
        "kind": note.kind,
        "inbox_hex": note.inbox.hex(),
        "folders_hex": [folder.hex() for folder in note.folders],
        "name_hex": note.name.hex(),
        "fingerprint": asdict(note.fingerprint),
        "ticket": _beside(note.ticket),
        "index": _beside(note.index),
    }


def _beside(told: TicketNote | None) -> dict[str, object] | None:
    return {"name_hex": told.name.hex(), "fingerprint": asdict(told.fingerprint)} if told else None


def _note_beside(told: Mapping[str, Any] | None) -> TicketNote | None:
    return TicketNote(bytes.fromhex(told["name_hex"]), Fingerprint(**told["fingerprint"])) if told else None


def _from_json(told: Mapping[str, Any]) -> ClaimNote:
    if told["schema"] != _SCHEMA:
        raise ValueError("not a claim note of ours")
    return ClaimNote(
        order=int(told["order"]),
        inbox=bytes.fromhex(told["inbox_hex"]),
        folders=tuple(bytes.fromhex(folder) for folder in told["folders_hex"]),
        name=bytes.fromhex(told["name_hex"]),
        kind=str(told["kind"]),
        fingerprint=Fingerprint(**told["fingerprint"]),
        ticket=_note_beside(told["ticket"]),
        index=_note_beside(told.get("index")),
    )
