"""The archive says that it has a document: by an empty file beside the package, or by the API.

Only then do the clocks of retention start, so an acknowledgement counts only while the package is still the one that
was handed over: its bag holds, and its document.pdf has the hash that the ledger knows. Whatever does not fit is told
to a person (the sign `archive` of the overview, and an event of the document) and changes nothing.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from pipeline.adapters.incoming.package_check import file_sha256
from pipeline.adapters.ledger.records import DocumentRecord
from pipeline.adapters.ledger.summaries import lock
from pipeline.domain.errors import IllegalMove, Permanent, PoststrasseError
from pipeline.domain.ids import is_id
from pipeline.services.ports import Line

Way = Literal["file", "api"]

WHO = "archive"
ROLE = "archive"
REFUSED = "acknowledgement-refused"
_ENDING = ".ack"
_FRESH_NS = 2_000_000_000  # a folder that changed less than this ago may have changed again unseen
_TOLD = 20
_TELL_EVERY_MS = 30_000
_DOUBT_EVERY_MS = 60_000  # what did not fit is looked at again: a package is read to its end for that


@dataclass(frozen=True)
class Finding:
    """An acknowledgement that does not fit. `sentence`: German, without names of files that are not ours."""

    municipality: str
    document: str
    sentence: str


def why_not_acknowledge(line: Line, document: DocumentRecord) -> str | None:
    """Why an acknowledgement of this document can't count, in German; None if it can. Reads the whole package."""
    if document.state not in ("delivered", "acknowledged"):
        return "Das Dokument wurde noch nicht an das Archiv übergeben."
    package = line.spool.archive / document.municipality / document.id
    if not package.is_dir():
        return "Das Paket liegt nicht mehr im Archivordner."
    wrong = line.scans.verify(package)
    if wrong:
        return f"Das Paket wurde verändert: {wrong[0]}"
    if file_sha256(package / "data" / "document.pdf") != document.sha256:
        return "Das Paket ist nicht das, das übergeben wurde: document.pdf hat eine andere Prüfsumme."
    return None


def acknowledge(line: Line, document_id: str, way: Way, detail: str = "") -> bool:
    """Take the archive's word for a document. True if it is news, False if it was acknowledged before.

    Raises Permanent `unknown-unit`; IllegalMove `not-delivered`, `acknowledgement-refused` with a German sentence.
    """
    with line.ledger.reading() as read:
        document = read.document(document_id)
    if document is None:
        raise Permanent("unknown-unit", f"Das Dokument {document_id} gibt es nicht.")
    if document.state == "acknowledged":
        return False
    why = why_not_acknowledge(line, document)  # outside the transaction: a large package takes a while
    if why is not None:
        if document.state == "delivered":
            _tell_refused(line, document, why)
        raise IllegalMove("not-delivered" if document.state != "delivered" else REFUSED, why)
    with line.ledger.work(WHO, line.now_ms()) as work:
        lock(work.connection, document.unit)
        if work.read.state_of(document.unit) == "acknowledged":
            return False
        told = {"reason": f"acknowledged-by-{way}", "detail": detail or None}
        work.move(document.unit, "acknowledged", **told, acknowledged_ms=work.now_ms)
    return True


def _tell_refused(line: Line, document: DocumentRecord, why: str) -> None:
    """Write down once that an acknowledgement was refused, and why."""
    if (document.reason, document.detail) == (REFUSED, why):
        return
    with line.ledger.work(WHO, line.now_ms()) as work:
        lock(work.connection, document.unit)
        if work.read.state_of(document.unit) == "delivered":
            work.change(document.unit, reason=REFUSED, detail=why)
            work.note(document.unit, "delivered", REFUSED, why)


class Acknowledgements:
    """Looks for acknowledgement files; keeps in mind which were dealt with, so that a look costs little.

    The files stay where the archive made them. Several processes may look at once.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self._settled: set[Path] = set()
        self._seen_ns: dict[Path, int] = {}
        self._findings: dict[Path, Finding] = {}
        self._told: str | None = None
        self._told_ms = 0
        self._doubted_ms = 0

    def look(self) -> int:
        """Take in all acknowledgements that lie there; returns how many are news. Tells what does not fit."""
        news = 0
        now_ms = self._line.now_ms()
        again = now_ms - self._doubted_ms >= _DOUBT_EVERY_MS
        self._doubted_ms = now_ms if again else self._doubted_ms
        for folder in _folders(self._line.spool.archive):
            news += self._look_into(folder, again)
        self._tell()
        return news

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What did not fit at the last look."""
        return tuple(self._findings[path] for path in sorted(self._findings))

    def _look_into(self, folder: Path, again: bool) -> int:
        changed_ns = folder.stat().st_mtime_ns
        doubtful = [path for path in self._findings if path.parent == folder]
        if self._seen_ns.get(folder) == changed_ns and not (doubtful and again):
            return 0
        names = set(_acknowledgements(folder))
        for path in doubtful:
            if path not in names:
                del self._findings[path]  # somebody took it away
        names -= self._settled if again else {*self._settled, *self._findings}
        news = sum(self._take(path) for path in sorted(names))
        fresh = self._line.now_ms() * 1_000_000 - changed_ns < _FRESH_NS
        if not fresh:
            self._seen_ns[folder] = changed_ns
        return news

    def _take(self, path: Path) -> int:
        municipality, document_id = path.parent.name, path.name.removesuffix(_ENDING)
        sentence = self._why_strange(path, municipality, document_id)
        if sentence is None:
            try:
                news = acknowledge(self._line, document_id, "file")
            except PoststrasseError as error:
                sentence = error.sentence
            else:
                self._settled.add(path)
                self._findings.pop(path, None)
                return int(news)
        shown = document_id if is_id(document_id) else "…"
        self._findings[path] = Finding(municipality, shown, sentence)
        return 0

    def _why_strange(self, path: Path, municipality: str, document_id: str) -> str | None:
        try:
            if not stat.S_ISREG(path.lstat().st_mode):
                return "Die Bestätigung ist keine gewöhnliche Datei."
        except FileNotFoundError:
            return "Die Bestätigung ist wieder verschwunden."
        with self._line.ledger.reading() as read:
            document = read.document(document_id) if is_id(document_id) else None
        if document is None or document.municipality != municipality:
            return "Ein Dokument dieser Nummer gibt es in dieser Kommune nicht."
        return None

    def _tell(self) -> None:
        """Keep the sign of life, with what does not fit, where the overview finds it."""
        listed = self.findings
        told = [asdict(finding) for finding in listed[:_TOLD]]
        detail = json.dumps({"findings": told, "total": len(listed)}, ensure_ascii=False, sort_keys=True)
        now_ms = self._line.now_ms()
        if detail != self._told or now_ms - self._told_ms >= _TELL_EVERY_MS:
            self._line.ledger.sign_of_life(ROLE, ROLE, now_ms, detail)
            self._told, self._told_ms = detail, now_ms


def _folders(archive: Path) -> Iterator[Path]:
    with os.scandir(archive) as entries:
        found = [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    yield from sorted(found)


def _acknowledgements(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(_ENDING):
                yield Path(entry.path)
