"""The note that goes back with a refused file: REASON.txt for a clerk, reason.json for a program."""

from __future__ import annotations

import textwrap
from datetime import datetime
from pathlib import Path

from pipeline.adapters.papers.plain_files import write_json, write_text
from pipeline.domain.german import count, moment
from pipeline.domain.papers import RejectionPapers
from pipeline.domain.refusals import REFUSALS

REJECTION_SCHEMA = "poststrasse/rejection/1"

_WIDTH = 76


def write_rejection(folder: Path, papers: RejectionPapers) -> tuple[Path, Path]:
    """Write `REASON.txt` and `reason.json` into `folder`; both say the same. ValueError for an unknown code."""
    for code in (papers.code, *(one.code for one in papers.exceptions)):
        if code not in REFUSALS:
            raise ValueError(f"no such refusal: {code}")
    as_text, as_json = folder / "REASON.txt", folder / "reason.json"
    write_text(as_text, _german(papers) + _exceptions(papers) + _english(papers))
    write_json(as_json, _document(papers))
    return as_text, as_json


def _document(papers: RejectionPapers) -> dict[str, object]:
    refusal = REFUSALS[papers.code]
    return {
        "schema": REJECTION_SCHEMA,
        "code": papers.code,
        "title": refusal.title,
        "detail": papers.detail,
        "remedy": refusal.remedy,
        "intake": papers.intake,
        "municipality": papers.municipality,
        "profile": papers.profile,
        "file": papers.file,
        "sha256": papers.sha256,
        "bytes": papers.bytes,
        "received_at": papers.received_at,
        "rejected_at": papers.rejected_at,
        "title_en": refusal.title_en,
        "exceptions": [
            {
                "source_page": one.source_page,
                "code": one.code,
                "title": REFUSALS[one.code].title,
                "detail": one.detail,
                "remedy": REFUSALS[one.code].remedy,
            }
            for one in papers.exceptions
        ],
    }


def _german(papers: RejectionPapers) -> str:
    refusal = REFUSALS[papers.code]
    heading = "EINZELNE BRIEFE NICHT ANGENOMMEN" if papers.code == "letters-returned" else "NICHT ANGENOMMEN"
    return "".join(
        (
            f"{heading}\n{'=' * len(heading)}\n\n",
            _row("Datei", _one_line(papers.file)),
            _row("Grund", refusal.title),
            _row("Im Einzelnen", papers.detail),
            _row("Was tun", refusal.remedy),
            "\n",
            _row("Vorgang", papers.intake),
            _row("Ordner", f"{_one_line(papers.municipality)} / {_one_line(papers.profile)}"),
            _row("Eingang", _when(papers.received_at)),
            _row("Zurück am", _when(papers.rejected_at)),
            _row("Größe", f"{count(papers.bytes)} Byte"),
            _row("SHA-256", papers.sha256),
            _row("Code", papers.code),
        )
    )


def _exceptions(papers: RejectionPapers) -> str:
    if not papers.exceptions:
        return ""
    text = f"\nZURÜCKGEGEBENE BRIEFE: {count(len(papers.exceptions))}\n"
    codes = list(dict.fromkeys(one.code for one in papers.exceptions))
    for code in codes:
        text += "\n" + _row("Grund", f"{REFUSALS[code].title} [{code}]") + _row("Was tun", REFUSALS[code].remedy)
        for one in papers.exceptions:
            if one.code == code:
                text += _row(f"  Seite {one.source_page}", one.detail)
    return text


def _english(papers: RejectionPapers) -> str:
    title = REFUSALS[papers.code].title_en
    own = (
        f"In English: {title} [{papers.code}]. The file was not accepted and is returned as it "
        f"came. Reference: {papers.intake}. The same in machine-readable form: reason.json."
    )
    if papers.code == "letters-returned":
        own = (
            f"In English: {title} [{papers.code}]. The letters listed above are returned, all others "
            f"are printed. Reference: {papers.intake}. The same in machine-readable form: reason.json."
        )
    return (
        f"\n{'-' * 16}\n" + "\n".join(textwrap.wrap(own, _WIDTH, break_long_words=False, break_on_hyphens=False)) + "\n"
    )


def _row(label: str, text: str) -> str:
    """A labelled paragraph, wrapped under itself; nothing for no text."""
    if not text:
        return ""
    head = f"{label + ':':<16}"
    lines = textwrap.wrap(_one_line(text), _WIDTH - 16, break_long_words=False, break_on_hyphens=False) or [""]
    return "".join(f"{head if number == 0 else ' ' * 16}{line}\n" for number, line in enumerate(lines))


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _when(at: str) -> str:
    return moment(datetime.fromisoformat(at)).replace("\N{NO-BREAK SPACE}", " ")
