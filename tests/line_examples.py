"""A line with a SQLite ledger, real profiles and papers, and hand-made rows: for whatever reads or decides."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pipeline.adapters.ledger import open_ledger
from pipeline.adapters.ledger.records import IntakeRecord, NewIntake
from pipeline.adapters.papers.batch_folder import PaperFiles
from pipeline.adapters.profile_files import load_profiles
from pipeline.adapters.spool import Spool
from pipeline.domain.checked_geometry import CheckedGeometry
from pipeline.domain.ids import document_id, piece_id, slice_id
from pipeline.domain.pieces import Piece
from pipeline.domain.states import Kind, Unit
from pipeline.services.assembling import assemble
from pipeline.services.ports import Line

PROFILES = Path(__file__).resolve().parent.parent / "profiles"
START_MS = 1_780_000_000_000
EVIL = "<script>alert(1)</script> & [red]x[/red].pdf"


@dataclass
class Clock:
    """A clock that goes on by a second with each look at it."""

    now: int = START_MS

    def __call__(self) -> int:
        self.now += 1000
        return self.now


class Example:
    """A line and what is put into it, as the steps would have left it."""

    def __init__(self, root: Path, url: str | None = None, clock: Any = None) -> None:
        profiles = load_profiles(PROFILES)
        spool = Spool(root)
        spool.prepare(profiles)
        none: Any = cast(Any, None)
        self.line = Line(
            ledger=open_ledger(url or f"sqlite:///{root / 'private' / 'ledger.sqlite3'}"),
            spool=spool,
            profiles=profiles,
            scans=none,
            letters=none,
            volumes=none,
            papers=PaperFiles(),
            now_ms=clock or Clock(),
            operator="Druckzentrum",
        )
        self._tokens = 0

    def intake(
        self, municipality: str = "parchim", profile: str = "post", file: str = "Scan 1.pdf", pages: int = 2
    ) -> IntakeRecord:
        """A received file whose original lies where a claim laid it."""
        self._tokens += 1
        token = f"t{self._tokens}"
        folder = self.line.spool.claim_folder(token)
        folder.mkdir(parents=True)
        (folder / "original").write_bytes(f"original of {token}".encode())
        direction = "outgoing" if profile in ("letters", "tax-notices") else "incoming"
        raw = file.encode()
        new = NewIntake(
            token, municipality, profile, direction, "file", file, raw, f"{self._tokens:064x}", 20, START_MS, False
        )
        return self.line.ledger.register_intake(new, "door", self.line.now_ms())

    def planned(self, intake: IntakeRecord, pages: int = 2) -> str:
        """A scan that was opened: one slice, one document. Returns the document's id."""
        document = document_id(intake.id, 1)
        with self.line.ledger.work("worker", self.line.now_ms()) as work:
            place = {"intake": intake.id, "municipality": intake.municipality, "profile": intake.profile, "ordinal": 1}
            work.add(Kind.DOCUMENT, [{"id": document, **place, "first_page": 1, "last_page": pages, "facts": "{}"}])
            work.add(Kind.SLICE, [self._slice(intake.id, "recognise", pages)])
            work.move(intake.unit, "planned", pages=pages)
        return document

    def in_review(self, intake: IntakeRecord) -> str:
        """A document that a person has to look at."""
        document = self.planned(intake)
        facts = {"review": ["low-confidence"], "dropped": 0, "pdfa": "2b"}
        with self.line.ledger.work("worker", self.line.now_ms()) as work:
            work.move(Unit(Kind.SLICE, slice_id(intake.id, 1)), "done")
            changes = {"pages": 2, "mean_confidence": 41, "facts": json.dumps(facts)}
            work.move(Unit(Kind.DOCUMENT, document), "review", reason="low-confidence", detail="Seite 2", **changes)
        return document

    def delivered(self, intake: IntakeRecord) -> str:
        """A document in the archive."""
        document = self.planned(intake)
        with self.line.ledger.work("worker", self.line.now_ms()) as work:
            work.move(Unit(Kind.SLICE, slice_id(intake.id, 1)), "done")
            work.move(Unit(Kind.DOCUMENT, document), "delivered", pages=2, mean_confidence=93)
            work.move(intake.unit, "done")
        (self.line.spool.archive / intake.municipality / document).mkdir(parents=True)
        return document

    def failed(self, unit: Unit, code: str = "share-unavailable", detail: str = "gone") -> None:
        """A unit whose attempts are used up."""
        with self.line.ledger.work("worker", self.line.now_ms()) as work:
            work.move(unit, "waiting", reason=code, detail=detail)

    def rejected(self, intake: IntakeRecord, code: str = "pdf-encrypted", detail: str = "Kennwort nötig.") -> None:
        """A file that went back."""
        with self.line.ledger.work("worker", self.line.now_ms()) as work:
            work.move(intake.unit, "rejected", reason=code, detail=detail)

    def letters(
        self, count: int, municipality: str = "parchim", sheets: int = 1, file: str = "Briefe.pdf", *, done: bool = True
    ) -> IntakeRecord:
        """A stack whose letters are pooled."""
        intake = self.intake(municipality, "letters", file)
        pieces = [self.piece(intake, n, sheets) for n in range(1, count + 1)]
        with self.line.ledger.work("worker", self.line.now_ms()) as work:
            work.add(Kind.SLICE, [self._slice(intake.id, "read-letters", count * sheets)])
            work.add_pieces(pieces)
            work.move(intake.unit, "planned", pages=count * sheets)
            if done:
                work.move(Unit(Kind.SLICE, slice_id(intake.id, 1)), "done")
                work.move(intake.unit, "done")
        return intake

    def returned(self, intake: IntakeRecord, ordinal: int, code: str = "address-not-found") -> None:
        """A single letter that went back."""
        row = {
            "id": piece_id(intake.id, ordinal), "intake": intake.id, "intake_number": intake.number,
            "ordinal": ordinal, "file": intake.file, "municipality": intake.municipality, "source_first_page": ordinal,
            "source_last_page": ordinal, "source_page": ordinal, "code": code, "detail": "Im Fenster steht kein Ort.",
        }  # fmt: skip
        with self.line.ledger.work("worker", self.line.now_ms()) as work:
            work.add_exceptions([row])

    def batch(self, *, verified: bool = True) -> str:
        """The pool as one batch; `verified`: published, with every volume read back."""
        (batch,) = assemble(self.line, "worker")
        if verified:
            self.verify(batch)
        return batch

    def verify(self, batch: str) -> None:
        """Let a batch be published without its files being real ones."""
        with self.line.ledger.reading() as read:
            volumes = read.volumes(batch)
            shares = sorted({each.piece.municipality for each in read.placed(batch)})
        readback = {"codes_read": 0, "codes_wrong": 0, "checked_at": "2026-05-28T22:00:00+02:00", "decoder": "test 1"}
        folder = self.line.spool.batches / batch
        (folder / "manifests").mkdir(parents=True)
        with self.line.ledger.work("worker", self.line.now_ms()) as work:
            for volume in volumes:
                facts = json.dumps({**readback, "sheets": volume.sheets, "pages": volume.pages, "faults": []})
                sha256 = hashlib.sha256(volume.id.encode()).hexdigest()
                work.move(Unit(Kind.VOLUME, volume.id), "written", sha256=sha256)
                work.move(Unit(Kind.VOLUME, volume.id), "verified", facts=facts)
                (folder / f"{volume.id}.pdf").write_bytes(volume.id.encode())
                self.line.spool.volume_folder(volume.id).mkdir(parents=True)
            sums = {"sheets": sum(v.sheets for v in volumes), "pages": sum(v.pages for v in volumes)}
            work.move(Unit(Kind.BATCH, batch), "verified", facts=json.dumps({**readback, **sums}))
        (folder / "SHA256SUMS").write_text("")
        for municipality in shares:
            for ending in (".json", ".csv", ".pdf"):
                (folder / "manifests" / f"{municipality}{ending}").write_text(batch)
                (self.line.spool.outbox / municipality / "manifests" / f"{batch}{ending}").write_text(batch)

    def piece(self, intake: IntakeRecord, ordinal: int, sheets: int = 1) -> Piece:
        """A letter of a stack."""
        first = 1 + (ordinal - 1) * sheets
        checked = CheckedGeometry(self.line.profiles).of("letters", "neopost-1track", "c65", "B")
        return Piece(
            id=piece_id(intake.id, ordinal), intake=intake.id, arrival=(intake.number, ordinal), file=intake.file,
            municipality=intake.municipality, cost_centre="4711", reference="", slice_id=slice_id(intake.id, 1),
            slice_first_page=first, source_first_page=first, source_last_page=first + sheets - 1, pages=sheets,
            sheets=sheets, plex="simplex", form="B", machine="neopost-1track", envelope="c65", paper="a4-80",
            enclosures=(), weight_mg=9_000 * sheets, product="standard", postage_cent=95, country="DE",
            postcode=f"19{ordinal % 1000:03d}", geometry=checked,
        )  # fmt: skip

    def _slice(self, intake: str, task: str, pages: int) -> dict[str, object]:
        row = {"id": slice_id(intake, 1), "intake": intake, "task": task, "ordinal": 1}
        return {**row, "first_page": 1, "last_page": pages}


def filled(root: Path, url: str | None = None, clock: Any = None) -> Example:
    """A line in which something of everything has happened."""
    example = Example(root, url, clock)
    example.delivered(example.intake("parchim", "post", "Bauantrag.pdf"))
    example.delivered(example.intake("schwerin", "invoices", "Rechnung 17.tif"))
    example.in_review(example.intake("luebz", "post", "Durchschlag.pdf"))
    example.planned(example.intake("parchim", "post", "Gutachten.pdf"))
    example.failed(example.intake("grabow", "post", "Kaputt.pdf").unit, "child-timeout", "not finished after 300 s")
    example.rejected(example.intake("hagenow", "letters", EVIL))
    example.rejected(example.intake("entenhausen", "post", "Irrläufer.pdf"), "unknown-municipality", "Nicht da.")
    stack = example.letters(7, "parchim", file="Steuerbescheide.pdf")
    example.returned(stack, 8)
    example.letters(5, "schwerin", sheets=2)
    example.batch()
    example.letters(3, "wittenburg")
    now = example.line.now_ms()
    example.line.ledger.sign_of_life("door host/boot/17/99", "door", now, "0 1 2")
    example.line.ledger.sign_of_life("host/boot/17/99", "worker", now, "1")
    return example
