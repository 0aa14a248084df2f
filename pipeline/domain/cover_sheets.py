"""The text in the codes of our own cover sheets: whose letter follows, how many sheets, under which reference.

    PST1:<municipality>:<profile>:<sheets>:<fields>:<check>

`sheets` may be empty. `fields` are `name=value` joined by `&`, values in UTF-8 with percent encoding (RFC 3986). The
check is the CRC-32 (as in zlib, PNG and Ethernet) of everything before it, as eight upper-case hex digits: it finds
every wrong character, every swap of two neighbours and every burst up to 32 bits. A Data Matrix holds it all. A Code
128 has no room for fields: `*` in their place says that there are some. docs/formats/cover-sheet.md tells others.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote_to_bytes

from pipeline.domain.errors import Permanent
from pipeline.domain.page_looks import CoverSheet

TAG = "PST1"
LONGEST_TEXT = 140
LONGEST_VALUE = 60
MOST_SHEETS = 9999

_MORE = "*"
_PLAIN = "-._~/,+() "
_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_SHAPE = re.compile(r"PST1:([^:]*):([^:]*):([0-9]*):([^:]*):([0-9A-F]{8})")
_LIKENESS = 3


class DamagedCoverSheet(Permanent):
    """A text that is one of ours, or was meant to be one, and can't be used. Code `cover-sheet-damaged`."""


class ContradictingCoverSheets(Permanent):
    """The codes of one sheet say different things. Code `cover-sheet-contradiction`."""


@dataclass(frozen=True)
class CoverReading:
    """What a code says. `complete`: False where it was the short form of a sheet that has fields. `text`: as read."""

    cover: CoverSheet
    complete: bool = True
    text: str = field(default="", compare=False)


def encode(cover: CoverSheet) -> str:
    """The text of the Data Matrix codes, ASCII, at most LONGEST_TEXT characters.

    Raises Permanent `cover-sheet-impossible` for an id, a field or a number that can't be written.
    """
    text = _text(cover, _fields_text(cover.fields))
    if len(text) > LONGEST_TEXT:
        raise _impossible(
            f"it takes {len(text)} characters, and a code has room for {LONGEST_TEXT}: shorten the fields"
        )
    return text


def encode_short(cover: CoverSheet) -> str:
    """The text of the Code 128: without the fields, `*` in their place where there are some. Raises as `encode`."""
    encode(cover)
    return _text(cover, _MORE if cover.fields else "")


def decode(text: str) -> CoverReading | None:
    """What the text of a code says, or None where it is nothing of ours.

    Raises DamagedCoverSheet where it is ours and the check, the layout or a value is wrong; a text whose tag is
    damaged in one or two characters counts as ours.
    """
    if not _like_ours(text):
        return None
    parts = _SHAPE.fullmatch(text)
    if parts is None:
        raise _damaged("its layout is wrong")
    if _check(text[:-8]) != parts[5]:
        raise _damaged("its check does not agree")
    municipality, profile, sheets, fields = parts.groups()[:4]
    if not _ID.fullmatch(municipality) or not _ID.fullmatch(profile):
        raise _damaged("it names no municipality or no profile")
    complete = fields != _MORE
    try:
        count = int(sheets) if sheets else None
        cover = CoverSheet(municipality, profile, count, _fields(fields) if complete else {})
    except ValueError:
        raise _damaged("a number or a field is wrong") from None
    return CoverReading(cover, complete, text)


def combined(readings: Iterable[CoverReading]) -> CoverReading:
    """What all the codes of one sheet say together: a complete one where there is one.

    Raises ValueError without any reading, ContradictingCoverSheets where two do not agree.
    """
    best: CoverReading | None = None
    for reading in readings:
        if best is None:
            best = reading
            continue
        same = _heading(best.cover) == _heading(reading.cover)
        if not same or (best.complete and reading.complete and best.cover.fields != reading.cover.fields):
            raise ContradictingCoverSheets(
                "cover-sheet-contradiction", "The codes of a cover sheet contradict each other."
            )
        if reading.complete and not best.complete:
            best = reading
    if best is None:
        raise ValueError("no reading of a cover sheet")
    return best


def _heading(cover: CoverSheet) -> tuple[str, str, int | None]:
    return cover.municipality, cover.profile, cover.sheets


def _like_ours(text: str) -> bool:
    """Three of the first five characters, or the same ones in another order, are those of the tag and its colon."""
    head, tag = text[: len(TAG) + 1], f"{TAG}:"
    return sum(a == b for a, b in zip(head, tag, strict=False)) >= _LIKENESS or sorted(head) == sorted(tag)


def _text(cover: CoverSheet, fields: str) -> str:
    for id in (cover.municipality, cover.profile):
        if not _ID.fullmatch(id):
            raise _impossible(f"{id!r} is no id: up to 40 of a-z, 0-9 and -")
    if cover.sheets is not None and cover.sheets > MOST_SHEETS:
        raise _impossible(f"{cover.sheets} sheets are more than {MOST_SHEETS}")
    count = "" if cover.sheets is None else str(cover.sheets)
    body = f"{TAG}:{cover.municipality}:{cover.profile}:{count}:{fields}:"
    return body + _check(body)


def _check(body: str) -> str:
    return f"{zlib.crc32(body.encode('utf-8')):08X}"


def _fields_text(fields: Mapping[str, str]) -> str:
    parts = []
    for name, value in sorted(fields.items()):
        if not _NAME.fullmatch(name):
            raise _impossible(f"{name!r} is no field: a-z first, then a-z, 0-9 and _, up to 31")
        if not 1 <= len(value) <= LONGEST_VALUE or not value.isprintable():
            raise _impossible(f"field {name}: 1 to {LONGEST_VALUE} printable characters")
        parts.append(f"{name}={quote(value, safe=_PLAIN)}")
    return "&".join(parts)


def _fields(text: str) -> dict[str, str]:
    """Raises ValueError where a field has no name, no value, a name twice, or is not UTF-8."""
    fields: dict[str, str] = {}
    for part in text.split("&") if text else []:
        name, equals, value = part.partition("=")
        plain = unquote_to_bytes(value).decode("utf-8")
        if not equals or not _NAME.fullmatch(name) or name in fields or not plain or not plain.isprintable():
            raise ValueError("not a field")
        fields[name] = plain
    return fields


def _impossible(why: str) -> Permanent:
    return Permanent("cover-sheet-impossible", f"This cover sheet can't be made: {why}.")


def _damaged(why: str) -> DamagedCoverSheet:
    sentence = f"A code of a cover sheet can't be used: {why}."
    return DamagedCoverSheet("cover-sheet-damaged", sentence, "Print the cover sheet again.")
