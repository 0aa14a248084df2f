"""A scanner's stack in the ledger, cut into documents, with a real PDF behind it: for whoever reviews or hands over."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.incoming.archive_package import PackageNote, write_package
from pipeline.adapters.incoming.package_check import verify_package
from pipeline.adapters.incoming.page_files import write_page
from pipeline.adapters.incoming.page_prints import copy_pages, draw_pages
from pipeline.adapters.ledger.records import plan_row
from pipeline.domain.ids import document_id, slice_id
from pipeline.domain.pages import SourceFacts
from pipeline.domain.recognised import (
    ArchivePdfFacts,
    Block,
    EngineFacts,
    Line,
    PixelBox,
    RecognisedPage,
    Rotation,
    Word,
)
from pipeline.domain.separation import DocumentPlan, Doubt, DroppedPage
from pipeline.domain.states import Kind, Unit
from tests.line_examples import Example

# Six pages: a letter of two, a separator sheet, a letter of two with a blank back.
PLANS = (
    DocumentPlan(1, 2),
    DocumentPlan(
        3, 6, (DroppedPage(3, "separator", 0.08), DroppedPage(6, "blank", 0.0002)), {"Aktenzeichen": "4711/26"}
    ),
)
DOUBT = Doubt("separator-doubt", 5, "Die Seite trägt einen Strichcode, der sich nicht lesen lässt.")


class DirectScans:
    """The scan tools without a child process of their own: tests make the files that they open."""

    def verify(self, package: Path) -> list[str]:
        return verify_package(package)

    def draw(
        self, source: Path, facts: SourceFacts, pages: Sequence[int], out: Path, dpi: int, turns: Mapping[int, Rotation]
    ) -> None:
        draw_pages(str(source), facts, pages, str(out), dpi, turns)

    def copy_pages(self, source: Path, facts: SourceFacts, pages: Sequence[int], out_pdf: Path) -> None:
        copy_pages(str(source), facts, pages, str(out_pdf))


def stack_pdf(path: Path, pages: int) -> None:
    """A PDF whose pages say in large type which they are."""
    canvas = Canvas(str(path), pagesize=A4, invariant=True)
    for page in range(1, pages + 1):
        canvas.setFont("Helvetica", 60)
        canvas.drawString(80, 600, f"Seite {page}")
        canvas.setFont("Helvetica", 14)
        canvas.drawString(80, 540, "Sehr geehrte Damen und Herren, anbei die Unterlagen.")
        canvas.showPage()
    canvas.save()


class StackExample(Example):
    """A line whose scan tools are real, and stacks in it."""

    def __init__(self, root: Path, url: str | None = None, clock: Any = None) -> None:
        super().__init__(root, url, clock)
        self.line = replace(self.line, scans=cast(Any, DirectScans()))

    def stack(
        self,
        plans: Sequence[DocumentPlan] = PLANS,
        municipality: str = "parchim",
        file: str = "Morgenpost.pdf",
        *,
        read: bool = True,
    ) -> list[str]:
        """A stack that was cut like this, all pages recognised if `read`. Returns the documents' ids."""
        intake = self.intake(municipality, "post", file)
        pages = plans[-1].last_page
        stack_pdf(self.line.spool.original(intake.token), pages)
        facts = {"type": "pdf", "pages": pages, "remarks": []}
        place = {"intake": intake.id, "municipality": municipality, "profile": "post", "facts": "{}"}
        rows = [
            {"id": document_id(intake.id, n), **place, "ordinal": n, **plan_row(plan)}
            for n, plan in enumerate(plans, 1)
        ]
        part = slice_id(intake.id, 1)
        row = {"id": part, "intake": intake.id, "task": "recognise", "ordinal": 1, "first_page": 1, "last_page": pages}
        with self.line.ledger.work("worker", self.line.now_ms()) as work:
            work.add(Kind.DOCUMENT, rows)
            work.add(Kind.SLICE, [row])
            work.move(intake.unit, "planned", pages=pages, facts=json.dumps(facts))
            for row, plan in zip(rows, plans, strict=True):
                if plan.doubts:
                    told = "; ".join(doubt.sentence for doubt in plan.doubts)
                    work.move(Unit(Kind.DOCUMENT, str(row["id"])), "review", reason=plan.doubts[0].code, detail=told)
            if read:
                work.move(Unit(Kind.SLICE, part), "done")
        if read:
            folder = self.line.spool.slice_folder(part)
            folder.mkdir()
            for page in (page for plan in plans for page in plan.pages):
                write_page(folder, recognised(page))
        return [str(row["id"]) for row in rows]

    def review(self, document: str, *causes: Doubt) -> None:
        """Let a document wait for a person, as the packing would."""
        facts = {"review": [cause.code for cause in causes], "causes": [vars(cause) for cause in causes], "dropped": 0}
        with self.line.ledger.work("worker", self.line.now_ms()) as work:
            told = {"reason": causes[0].code, "detail": "; ".join(cause.sentence for cause in causes)}
            work.move(Unit(Kind.DOCUMENT, document), "review", **told, facts=json.dumps(facts), mean_confidence=41)

    def hand_over(self, document: str) -> Path:
        """A document with a real package in the archive's folder; its file is done when it was the last one."""
        with self.line.ledger.reading() as read:
            found = read.document(document)
        assert found is not None
        package = self.line.spool.archive / found.municipality / document
        pdf = self.line.spool.root / "made.pdf"
        stack_pdf(pdf, len(found.planned.pages))
        pages = [recognised(page) for page in found.planned.pages]
        facts = ArchivePdfFacts(None, ("kein Nachweis",), "pikepdf", (), (), tuple(() for _ in pages))
        note = PackageNote(
            id=document, municipality=found.municipality, municipality_name="Stadt Parchim", profile="post",
            profile_title="Posteingang", intake=found.intake, source_file="Morgenpost.pdf", source_sha256="0" * 64,
            source_bytes=1, source_pages=found.last_page, received_at="2026-05-28T22:00:00+02:00",
            created_at="2026-05-28T22:01:00+02:00", engine=EngineFacts("Tesseract", "5.3.0", "deu", "1" * 64),
            software={"poststrasse": "0.1.0"}, dropped=found.planned.dropped,
        )  # fmt: skip
        written = write_package(package, note, pages, facts, pdf)
        with self.line.ledger.work("worker", self.line.now_ms()) as work:
            work.move(Unit(Kind.DOCUMENT, document), "delivered", pages=len(pages), sha256=written.sha256["pdf"])
        self.settle(found.intake)
        return package

    def settle(self, intake: str) -> None:
        """Close a file none of whose documents has anything left to do."""
        open_ones = ("planned", "review", "accepted", "waiting")
        with self.line.ledger.work("worker", self.line.now_ms()) as work:
            if not [each for each in work.read.documents(intake=intake) if each.state in open_ones]:
                work.move(Unit(Kind.INTAKE, intake), "done")

    def state(self, document: str) -> str | None:
        """The state of a document."""
        with self.line.ledger.reading() as read:
            return read.state_of(Unit(Kind.DOCUMENT, document))


def recognised(page: int) -> RecognisedPage:
    """A page with one word on it."""
    box = PixelBox(10, 10, 60, 30)
    line = Line((Word("Seite", 91.5, box, (10.0, 30.0, 60.0, 30.0)),), box, 20.0)
    return RecognisedPage(page, 827, 1169, 100.0, 100.0, 0, 0.4, 2, 0.05, 91.5, (Block((line,), box),))
