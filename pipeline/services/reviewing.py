"""A document with everything that a person needs in order to decide: why it waits, what to do, pages, neighbours."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pipeline.adapters.incoming.page_files import page_file, read_page
from pipeline.adapters.ledger.queries import Queries
from pipeline.adapters.ledger.records import DocumentRecord, IntakeRecord
from pipeline.domain.errors import Permanent
from pipeline.domain.german import counted
from pipeline.domain.pages import AttachedFile
from pipeline.domain.profiles import IncomingRules
from pipeline.domain.recognised import RecognisedPage
from pipeline.domain.retention import DAY_MS, DocumentEnd, copies_until_ms, paper_until_ms
from pipeline.domain.separation import STACK_DOUBTS, Doubt, DroppedPage
from pipeline.services.advising import Choices, Step, cause_sentence, steps_for
from pipeline.services.deciding import can_accept, can_reject, parts_of
from pipeline.services.local_times import local_day, local_iso
from pipeline.services.past_decisions import decisions_about
from pipeline.services.ports import Line
from pipeline.services.rearranging import (
    why_no_separator,
    why_not_keep,
    why_not_leave_out,
    why_not_merge,
    why_not_split,
)
from pipeline.services.returning_documents import goes_alone, is_going_back
from pipeline.services.showing import DocumentView, EventView, document_views, event_views
from pipeline.services.wording import explain


@dataclass(frozen=True)
class PageView:
    """A page as document.json tells of it. `review`: why a person has to look at it, or None.

    `page`: its place in the archived document; None before it is packed.
    """

    page: int | None
    source_page: int
    width_px: int
    height_px: int
    dpi: int
    rotation: int
    skew_degrees: float
    words: int
    mean_confidence: float
    passes: int
    review: str | None


@dataclass(frozen=True)
class CauseView:
    """One reason why a document waits. `page`: of the source, None for the whole document; `sentence` names it."""

    code: str
    title: str
    page: int | None
    sentence: str


@dataclass(frozen=True)
class Retention:
    """What may be destroyed when; every time is None while nothing may be. `sentences`: the same in German.

    `paper_from`: from when this document's paper may be destroyed. `copies_from`: from when the working copies of its
    file are deleted; `copies_deleted_at`: when they were.
    """

    acknowledged_at: str | None
    paper_from: str | None
    copies_from: str | None
    copies_deleted_at: str | None
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class DocumentDetail(DocumentView):
    """A document with its pages and its history. `pages`: those that were recognised so far.

    `source_pages`: all pages of the source that it keeps. `fields`: what its cover sheet or ticket said.
    `before`, `after`: the documents of the same stack that come before and after it. `decisions`: what persons decided
    about it, and about the documents that it was made from. `attached_files`: of its source, which were left
    out when it was packed. `held_by`: documents of its stack that a person has to decide about before it goes on.
    """

    source_pages: tuple[int, ...]
    pages: tuple[PageView, ...]
    dropped_pages: tuple[DroppedPage, ...]
    fields: dict[str, Any]
    causes: tuple[CauseView, ...]
    steps: tuple[Step, ...]
    before: str | None
    after: str | None
    decisions: tuple[EventView, ...]
    retention: Retention
    events: tuple[EventView, ...]
    attached_files: tuple[AttachedFile, ...] = ()
    held_by: tuple[str, ...] = ()


def document_detail(line: Line, read: Queries, document_id: str) -> DocumentDetail:
    """A document with everything about it. Raises Permanent `unknown-unit`."""
    document = read.document(document_id)
    intake = read.intake(document.intake) if document else None
    if document is None or intake is None:
        raise Permanent("unknown-unit", f"Das Dokument {document_id} gibt es nicht.")
    stack = read.documents(intake=intake.id)
    view = document_views(line, read, [document])[0]
    causes = causes_of(document)
    choices = choices_of(line, read, document, stack)
    events = event_views(line, read.events(document.unit))
    return DocumentDetail(
        **{field.name: getattr(view, field.name) for field in fields(view)},
        source_pages=document.planned.pages,
        pages=tuple(_pages(line, read, document)),
        dropped_pages=document.planned.dropped,
        fields={**{k: v for k, v in json.loads(intake.ticket).items() if v}, **document.planned.fields},
        causes=tuple(CauseView(c.code, explain(c.code).title, c.page, cause_sentence(c)) for c in causes),
        steps=steps_for(choices, causes),
        before=choices.before,
        after=choices.after,
        decisions=event_views(line, decisions_about(read, document, stack)),
        retention=retention_of(line, intake, document, stack),
        events=events,
        attached_files=_attached_files(line, document),
        held_by=_held_by(document, stack),
    )


def _held_by(document: DocumentRecord, stack: Sequence[DocumentRecord]) -> tuple[str, ...]:
    """The documents of its stack whose beginning or end is in doubt, while this one is not packed."""
    if document.state != "planned":
        return ()
    return tuple(each.id for each in stack if each.state == "review" and each.reason in STACK_DOUBTS)


def causes_of(document: DocumentRecord) -> tuple[Doubt, ...]:
    """Why a document waits; nothing for one that doesn't."""
    if document.state not in ("review", "waiting"):
        return ()
    if document.state == "waiting" or is_going_back(document):
        return (Doubt(document.reason or "internal-error", None, document.detail or explain(document.reason).title),)
    facts = json.loads(document.facts)
    found = [Doubt(**cause) for cause in facts.get("causes", ())]
    accepted = document.accepted_codes
    doubts = [doubt for doubt in document.planned.doubts if doubt.code not in accepted]
    found = [*doubts, *(cause for cause in found if cause not in doubts)]
    named = {cause.code for cause in found}
    for code in dict.fromkeys((*facts.get("review", ()), document.reason or "")):
        if code and code not in named and code not in accepted:
            found.append(Doubt(code, None, document.detail or explain(code).title))
            named.add(code)
    return tuple(found)


def choices_of(line: Line, read: Queries, document: DocumentRecord, stack: Sequence[DocumentRecord]) -> Choices:
    """What a person can decide about a document now. `stack`: all documents of its file."""
    parts = parts_of(read, document.intake)
    now_ms = line.now_ms()
    before, after = neighbours(document, stack)
    waits = document.state in ("review", "waiting")
    kept = document.planned.pages
    left_out = [drop.source_page for drop in document.planned.dropped]
    cuts = [p for p in range(document.first_page, document.last_page + 1) if kept and kept[0] < p <= kept[-1]]
    return Choices(
        document=document.id,
        intake=document.intake,
        single=not goes_alone(parts.documents),
        accept=can_accept(document),
        reject=waits and can_reject(line, document, parts),
        retry=document.state == "waiting" and not is_going_back(document),
        split_before=tuple(p for p in cuts if waits and why_not_split(document, p, now_ms) is None),
        before=before.id if before and waits and why_not_merge([before, document], now_ms) is None else None,
        after=after.id if after and waits and why_not_merge([document, after], now_ms) is None else None,
        keep=tuple(p for p in left_out if waits and why_not_keep(document, p, now_ms) is None),
        drop=tuple(p for p in kept if waits and why_not_leave_out(document, p, now_ms) is None),
        drop_separator=tuple(p for p in kept if waits and why_no_separator(document, p, now_ms) is None),
    )


def neighbours(
    document: DocumentRecord, stack: Sequence[DocumentRecord]
) -> tuple[DocumentRecord | None, DocumentRecord | None]:
    """The documents of the same stack right before and right after this one."""
    alive = [each for each in stack if each.state != "replaced"]
    before = next((each for each in alive if each.last_page == document.first_page - 1), None)
    after = next((each for each in alive if each.first_page == document.last_page + 1), None)
    return before, after


def rules_of(line: Line, profile: str) -> IncomingRules:
    """The rules of an incoming job, or the shipped ones where the job is gone."""
    job = line.profiles.jobs.get(profile)
    return job.incoming if job is not None and job.incoming is not None else IncomingRules()


def end_of(document: DocumentRecord) -> DocumentEnd:
    """How a document stands, for the clocks of retention."""
    return DocumentEnd(document.state, document.changed_ms, document.acknowledged_ms)


def retention_of(
    line: Line, intake: IntakeRecord, document: DocumentRecord, stack: Sequence[DocumentRecord]
) -> Retention:
    """What may be destroyed when."""
    rules = rules_of(line, document.profile)
    paper_ms = paper_until_ms(end_of(document), rules.paper_keep_days)
    ends = [end_of(each) for each in stack]
    copies_ms = copies_until_ms(intake.state, intake.changed_ms, ends, rules.keep_days)
    acknowledged_at = None if document.acknowledged_ms is None else local_iso(line, document.acknowledged_ms)
    return Retention(
        acknowledged_at=acknowledged_at,
        paper_from=None if paper_ms is None else local_iso(line, paper_ms),
        copies_from=None if copies_ms is None else local_iso(line, copies_ms),
        copies_deleted_at=None if intake.retired_ms is None else local_iso(line, intake.retired_ms),
        sentences=tuple(_retention_sentences(line, intake, document, rules, paper_ms, copies_ms)),
    )


def _retention_sentences(
    line: Line,
    intake: IntakeRecord,
    document: DocumentRecord,
    rules: IncomingRules,
    paper_ms: int | None,
    copies_ms: int | None,
) -> Iterator[str]:
    if document.state == "replaced":
        yield "Dieses Dokument wurde durch andere ersetzt; für sie gelten deren Fristen."
        return
    if document.state == "rejected":
        yield "Das Dokument ging zurück: Das Papier wird noch gebraucht."
    elif paper_ms is None:
        yield "Das Archiv hat noch nicht bestätigt: Nichts darf vernichtet werden, auch das Papier nicht."
    else:
        days = counted(rules.paper_keep_days, "Tag", "Tage")
        acknowledged = _day(line, document.acknowledged_ms or 0)
        yield f"Vom Archiv bestätigt am {acknowledged}."
        yield f"Das Papier darf ab {_from(line, paper_ms)} vernichtet werden ({days})."
    if intake.retired_ms is not None:
        yield f"Die Arbeitskopien wurden am {_day(line, intake.retired_ms)} gelöscht."
    elif copies_ms is not None:
        yield f"Die Arbeitskopien werden ab {_from(line, copies_ms)} gelöscht."
    elif document.state in ("acknowledged", "rejected"):
        yield "Die Arbeitskopien bleiben, bis auch die anderen Dokumente der Datei bestätigt oder zurückgegeben sind."


def _from(line: Line, ms: int) -> str:
    """The first whole day that lies behind this moment."""
    return _day(line, ms + DAY_MS - 1)


def _day(line: Line, ms: int) -> str:
    return f"{local_day(line, ms):%d.%m.%Y}"


def _packed(line: Line, document: DocumentRecord) -> Path:
    """Where its package tells of it once there is one."""
    return line.spool.archive / document.municipality / document.id / "data" / "document.json"


def _attached_files(line: Line, document: DocumentRecord) -> tuple[AttachedFile, ...]:
    packed = _packed(line, document)
    if not packed.is_file():
        return ()
    told = json.loads(packed.read_text(encoding="utf-8")).get("source", {}).get("attached_files", ())
    return tuple(AttachedFile(file["name"], file["bytes"]) for file in told)


def _pages(line: Line, read: Queries, document: DocumentRecord) -> Iterator[PageView]:
    """The pages that were recognised: from the archive package, or from the working files before there is one."""
    packed = _packed(line, document)
    names = [field.name for field in fields(PageView)]
    if packed.is_file():
        for page in json.loads(packed.read_text(encoding="utf-8"))["pages"]:
            yield PageView(**{name: page.get(name) for name in names})
        return
    for found in recognised_pages(line, read, document):
        values = {name: getattr(found, name) for name in names if name not in ("page", "source_page", "review")}
        yield PageView(page=None, source_page=found.page, review=found.trouble, **values)


def recognised_pages(line: Line, read: Queries, document: DocumentRecord) -> Iterator[RecognisedPage]:
    """The pages of a document whose results lie in the working folders, in page order."""
    kept = document.planned.pages
    places: dict[int, Path] = {}
    for part in read.slices(intake=document.intake):
        folder = line.spool.slice_folder(part.id)
        if part.task == "recognise" and part.state == "done":
            inside = (page for page in kept if part.first_page <= page <= part.last_page)
            places.update((page, folder) for page in inside if page_file(folder, page).is_file())
    for page, folder in sorted(places.items()):
        yield read_page(folder, page)
