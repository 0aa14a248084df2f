"""Checks the promises on what really lies there: ledger against folders, papers against papers, pages against pages."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.adapters.ledger.cuts import count_left_out
from pipeline.adapters.ledger.queries import Queries
from pipeline.adapters.ledger.records import BatchRecord, DocumentRecord, IntakeRecord
from pipeline.domain.pieces import letters_of
from pipeline.services.ports import Line
from pipeline.services.printing import SUMS, sha256_of
from pipeline.services.returning_documents import document_shelf
from pipeline.services.sending_back import shelf

_PUBLISHED = ("verified", "held", "released", "printed", "closed")
_SUMS = ("pieces", "sheets", "pages", "postage_cent")


@dataclass(frozen=True)
class Promise:
    """One promise. `checked`: how many things were looked at. `broken`: what does not hold, one sentence each."""

    name: str
    checked: int
    broken: tuple[str, ...]

    @property
    def kept(self) -> bool:
        """Whether it holds for everything that was looked at."""
        return not self.broken


def audit(line: Line) -> list[Promise]:
    """Check all promises that can be checked from what lies there now."""
    checks: tuple[tuple[str, Callable[[Line, Queries], Iterator[str | None]]], ...] = (
        ("every file ended in exactly one place", _every_file_ended),
        ("pages in = pages out + pages sent back or dropped", _pages_add_up),
        ("every rejection tells why, beside the file", _rejections_tell_why),
        ("every archive package holds", _packages_hold),
        ("every sheet of every batch was read back right", _every_sheet_read_back),
        ("files of every batch are the ones that were checked (SHA256SUMS)", _sums_hold),
        ("lists, manifests, volumes and ledger agree", _papers_agree),
        ("every letter lies in exactly one batch, and in its municipality's manifest", _letters_once),
    )
    with line.ledger.reading() as read:
        return [_promise(name, check(line, read)) for name, check in checks]


def _promise(name: str, findings: Iterator[str | None]) -> Promise:
    found = list(findings)
    return Promise(name, len(found), tuple(each for each in found if each is not None))


def _every_file_ended(line: Line, read: Queries) -> Iterator[str | None]:
    for intake in read.intakes():
        documents = _live_documents(read, intake)
        places = [place for document in documents for place in _places(line, document)]
        if shelf(line, intake, "rejected").is_dir():
            places.append("rejected")
        if intake.state == "done" and intake.direction == "outgoing":
            places.append("the pool or a batch")
        wanted = max(1, len(documents)) if intake.state == "done" else 1
        right = intake.state in ("done", "rejected") and len(places) == wanted
        yield None if right else f"{intake.id} is {intake.state}, found in: {', '.join(places) or 'no place'}"


def _live_documents(read: Queries, intake: IntakeRecord) -> list[DocumentRecord]:
    return [document for document in read.documents(intake=intake.id) if document.state != "replaced"]


def _places(line: Line, document: DocumentRecord) -> Iterator[str]:
    """Where a document lies. The archive may take away what it has acknowledged."""
    packed = (line.spool.archive / document.municipality / document.id).is_dir()
    if packed or document.state == "acknowledged":
        yield f"archive of {document.id}"
    if document_shelf(line, document).is_dir():
        yield f"rejected {document.id}"


def _pages_add_up(line: Line, read: Queries) -> Iterator[str | None]:
    for intake in read.intakes("done"):
        if intake.direction == "incoming":
            out = sum(_packed_pages(line, intake, read))
        else:
            ends = {e.id: (e.source_first_page, e.source_last_page) for e in read.exceptions(intake=intake.id)}
            # A letter that a person took out is a piece and an exception: it counts once.
            ends |= {p.id: (p.source_first_page, p.source_last_page) for p in read.pieces(intake=intake.id)}
            out = sum(last - first + 1 for first, last in ends.values())
            out += count_left_out(read.connection, intake.id)
        yield None if out == intake.pages else f"{intake.id}: {intake.pages} pages in, {out} out"


def _packed_pages(line: Line, intake: IntakeRecord, read: Queries) -> Iterator[int]:
    for document in _live_documents(read, intake):
        package = line.spool.archive / document.municipality / document.id
        if document.state == "rejected" or (document.state == "acknowledged" and not package.is_dir()):
            yield document.last_page - document.first_page + 1
            continue
        told = _json(package / "data" / "document.json")
        pages = [page["source_page"] for page in (*told["pages"], *told["dropped"])]
        yield len(set(pages) & set(range(document.first_page, document.last_page + 1)))


def _rejections_tell_why(line: Line, read: Queries) -> Iterator[str | None]:
    for intake in read.intakes("rejected"):
        folder = shelf(line, intake, "rejected")
        told = _json(folder / "reason.json") if (folder / "reason.json").is_file() else {}
        right = told.get("code") == intake.reason and (folder / "REASON.txt").is_file()
        back = intake.drop_kind != "file" or len(list(folder.iterdir())) >= 3
        yield None if right and back else f"{intake.id}: {intake.reason} is not told, or the file is not there"


def _packages_hold(line: Line, read: Queries) -> Iterator[str | None]:
    for state in ("delivered", "acknowledged"):
        for document in read.documents(state):
            package = line.spool.archive / document.municipality / document.id
            if state == "acknowledged" and not package.is_dir():
                continue
            wrong = line.scans.verify(package)
            yield f"{document.id}: {'; '.join(wrong)}" if wrong else None


def _published(read: Queries) -> list[BatchRecord]:
    return [batch for batch in read.batches() if batch.state in _PUBLISHED]


def _every_sheet_read_back(line: Line, read: Queries) -> Iterator[str | None]:
    for batch in read.batches():
        if batch.state == "cancelled":
            continue
        readback = _json(line.spool.batches / batch.id / "batch.json")["readback"] if batch.state in _PUBLISHED else {}
        right = readback.get("codes_wrong") == 0 and readback.get("sheets") == batch.sheets
        yield None if right else f"{batch.id} is {batch.state}; read back: {readback}"


def _sums_hold(line: Line, read: Queries) -> Iterator[str | None]:
    for batch in _published(read):
        folder = line.spool.batches / batch.id
        listed = set()
        known = batch.sums_sha256 in ("", sha256_of(folder / SUMS))
        yield None if known else f"{batch.id}/{SUMS} has changed"
        for row in (folder / SUMS).read_text(encoding="utf-8").splitlines():
            digest, _, name = row.partition("  ")
            listed.add(name)
            right = hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
            yield None if right else f"{batch.id}/{name} has changed"
        there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {SUMS}
        yield None if there == listed else f"{batch.id}: not summed: {', '.join(sorted(there ^ listed))}"


def _papers_agree(line: Line, read: Queries) -> Iterator[str | None]:
    for batch in _published(read):
        folder = line.spool.batches / batch.id
        told = _json(folder / "batch.json")
        pieces = _rows(folder / "pieces.csv")
        sheets = _rows(folder / "sheets.csv")
        manifests = [_json(path)["totals"] for path in sorted((folder / "manifests").glob("*.json"))]
        sources = {
            "the ledger": {key: getattr(batch, key) for key in _SUMS},
            "batch.json": {key: told["totals"][key] for key in _SUMS},
            "its municipalities": {key: sum(m[key] for m in told["municipalities"].values()) for key in _SUMS},
            "its volumes": {key: sum(v[key] for v in told["volumes"]) for key in ("pieces", "sheets")},
            "pieces.csv": {
                "pieces": len(pieces),
                **{key: sum(int(row[key]) for row in pieces) for key in ("sheets", "pages", "postage_cent")},
            },
            "sheets.csv": {"pieces": len({row["piece"] for row in sheets}), "sheets": len(sheets)},
            "its manifests": {key: sum(m[key] for m in manifests) for key in _SUMS},
        }
        for name, sums in sources.items():
            wrong = [
                f"{key} {value}, not {getattr(batch, key)}"
                for key, value in sums.items()
                if value != getattr(batch, key)
            ]
            yield f"{batch.id}: {name}: {'; '.join(wrong)}" if wrong else None


def _letters_once(line: Line, read: Queries) -> Iterator[str | None]:
    told: dict[tuple[str, int, str], int] = {}
    for batch in _published(read):
        for path in sorted((line.spool.batches / batch.id / "manifests").glob("*.json")):
            for piece in _json(path)["pieces"]:
                for letter in piece["letters"] or [piece]:
                    key = (letter["intake"], letter["source_first_page"], path.stem)
                    told[key] = told.get(key, 0) + 1
    for batch in _published(read):
        for placed in read.placed(batch.id):
            for letter in letters_of(placed.piece):
                municipality = placed.piece.municipality
                count = told.pop((letter.intake, letter.source_first_page, municipality), 0)
                yield None if count == 1 else f"{letter.id} is in {count} manifests of {municipality}"
    for intake, page, municipality in sorted(told):
        yield f"the manifest of {municipality} tells of {intake} page {page}, which is in no batch of the ledger"


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))
