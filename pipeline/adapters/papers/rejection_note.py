"""The note that goes back with a refused file: REASON.txt for a clerk, reason.json for a program."""

from __future__ import annotations

import re
import textwrap
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pipeline.adapters.papers.plain_files import write_json, write_text
from pipeline.domain.german import count, moment, numbers_told
from pipeline.domain.papers import RejectionPapers
from pipeline.domain.refusals import REFUSALS

REJECTION_SCHEMA = "poststrasse/rejection/1"

_WIDTH = 76
_DOUBLED = re.compile(r"(Seite \d+: )\1+")


def write_rejection(folder: Path, papers: RejectionPapers) -> tuple[Path, Path]:
    """Write `REASON.txt` and `reason.json` into `folder`; both say the same. ValueError for an unknown code."""
    for code in (papers.code, *(one.code for one in papers.exceptions)):
        if code not in REFUSALS:
            raise ValueError(f"no such refusal: {code}")
    papers = _said_once(papers)
    as_text, as_json = folder / "REASON.txt", folder / "reason.json"
    write_text(as_text, _german(papers) + _exceptions(papers) + _english(papers))
    write_json(as_json, _document(papers))
    return as_text, as_json


def _said_once(papers: RejectionPapers) -> RejectionPapers:
    """The papers with no page named twice in a row."""
    exceptions = tuple(replace(one, detail=_DOUBLED.sub(r"\1", one.detail)) for one in papers.exceptions)
    return replace(papers, detail=_DOUBLED.sub(r"\1", papers.detail), exceptions=exceptions)


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
        "page": papers.page,
        **({"document": papers.document, "pages": list(papers.pages)} if papers.document else {}),
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
    heading = "EIN DOKUMENT NICHT ANGENOMMEN" if papers.document else heading
    return "".join(
        (
            f"{heading}\n{'=' * len(heading)}\n\n",
            _row("Datei", _one_line(papers.file)),
            _row("Dokument", papers.document),
            _row("Seiten", numbers_told(papers.pages, len(papers.pages))),
            _row("Seite", _page_not_named(papers)),
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
    if not papers.exceptions or _is_one_letter(papers):
        return ""
    text = f"\nZURÜCKGEGEBENE BRIEFE: {count(len(papers.exceptions))}\n"
    codes = list(dict.fromkeys(one.code for one in papers.exceptions))
    for code in codes:
        text += "\n" + _row("Grund", f"{REFUSALS[code].title} [{code}]") + _row("Was tun", REFUSALS[code].remedy)
        for one in papers.exceptions:
            if one.code == code:
                text += _row(f"  Seite {one.source_page}", one.detail.removeprefix(f"Seite {one.source_page}: "))
    return text


def _is_one_letter(papers: RejectionPapers) -> bool:
    """Whether the file is a single refused letter whose reason and particulars are the file's, and said already."""
    if len(papers.exceptions) != 1:
        return False
    (one,) = papers.exceptions
    return one.code == papers.code and one.detail.removeprefix(f"Seite {one.source_page}: ") in papers.detail


def _english(papers: RejectionPapers) -> str:
    what = "The file was not accepted and is returned as it came."
    if papers.code == "letters-returned":
        what = "The letters listed above are returned, all others are printed."
    if papers.document:
        what = "Only the pages listed above are returned, all others of the file go on."
    own = (
        f"In English: {REFUSALS[papers.code].title_en} [{papers.code}]. {what} Reference: {papers.intake}. "
        f"The same in machine-readable form: reason.json."
    )
    lines = textwrap.wrap(own, _WIDTH, break_long_words=False, break_on_hyphens=False)
    lines += textwrap.wrap(_pointer(papers), _WIDTH, break_long_words=False, break_on_hyphens=False)
    return f"\n{'-' * 16}\n" + "\n".join(lines) + "\n"


def _page_not_named(papers: RejectionPapers) -> str:
    """The page that is to blame, unless the particulars name it themselves."""
    if papers.page is None or re.search(rf"\bSeite {papers.page}\b", papers.detail):
        return ""
    return count(papers.page)


def _pointer(papers: RejectionPapers) -> str:
    """Where an English reader finds what to do: the details' codes stand beside their remedies."""
    codes = list(dict.fromkeys(one.code for one in papers.exceptions)) or [papers.code]
    return f'What to do: see "Was tun" above ({", ".join(codes)}).'


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
