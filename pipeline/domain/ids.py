"""Identifiers: `[a-z0-9-]`, stable, speakable, without personal data."""

from __future__ import annotations

import re

_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


def is_id(text: str) -> bool:
    """Whether `text` may be an id of ours."""
    return _ID.fullmatch(text) is not None


def _numbered(prefix: str, number: int, digits: int) -> str:
    if not 1 <= number < 10**digits:
        raise ValueError(f"{prefix}: number out of range: {number}")
    return f"{prefix}{number:0{digits}d}"


def intake_id(number: int) -> str:
    """The n-th file that was taken in: `i0000001`."""
    return _numbered("i", number, 7)


def slice_id(intake: str, ordinal: int) -> str:
    """The n-th slice of pages of an intake, from 1."""
    return _numbered(f"{intake}-s", ordinal, 4)


def document_id(intake: str, ordinal: int) -> str:
    """The n-th document of an intake, from 1."""
    return _numbered(f"{intake}-d", ordinal, 4)


def piece_id(intake: str, ordinal: int) -> str:
    """The n-th letter of an intake, from 1."""
    return _numbered(f"{intake}-p", ordinal, 6)


def batch_id(number: int) -> str:
    """The n-th batch: `b` and seven digits (CONTRACTS.md 4)."""
    return _numbered("b", number, 7)


def volume_id(batch: str, ordinal: int) -> str:
    """The n-th volume of a batch, from 1: `b0000042-v01`; also its file's name without `.pdf`."""
    if not 1 <= ordinal <= 9999:
        raise ValueError(f"volume number out of range: {ordinal}")
    return f"{batch}-v{ordinal:02d}"
