"""Slices of a scan are looked at or recognised; a document whose pages are all read is packed for the archive."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from pipeline.adapters.ledger import Work
from pipeline.adapters.ledger.records import DocumentRecord, EventRecord, IntakeRecord, Lease, SliceRecord
from pipeline.domain.errors import Permanent, Rejected
from pipeline.domain.pages import SourceFacts
from pipeline.domain.papers import Decision, PackageRequest, PackageResult
from pipeline.domain.separation import Doubt
from pipeline.domain.states import Kind
from pipeline.services.local_times import local_iso
from pipeline.services.past_decisions import decisions_about
from pipeline.services.ports import Line
from pipeline.services.sending_back import send_back
from pipeline.services.slicing import slice_rows
from pipeline.services.taking_in import incoming_rules


def source_facts(intake: IntakeRecord) -> SourceFacts:
    """What `take_in` wrote down about the file."""
    facts = json.loads(intake.facts)
    return SourceFacts(facts["type"], facts["pages"], tuple(facts["remarks"]))


def look_at_slice(line: Line, lease: Lease, part: SliceRecord, intake: IntakeRecord) -> None:
    """Look at the pages of one slice for separators and blanks, and publish what was seen."""
    folder = line.spool.work_folder(lease.unit, lease.version)
    source = line.spool.original(intake.token)
    rules = incoming_rules(line, intake)
    line.scans.look(source, source_facts(intake), part.first_page, part.last_page, folder, rules)
    line.spool.publish(folder, line.spool.slice_folder(part.id))
    with line.ledger.outcome(lease, line.now_ms()) as work:
        work.move(lease.unit, "done")


def recognise_slice(line: Line, lease: Lease, part: SliceRecord, intake: IntakeRecord) -> None:
    """Recognise the pages of one slice that belong to letters, and publish the results."""
    folder = line.spool.work_folder(lease.unit, lease.version)
    source = line.spool.original(intake.token)
    rules = incoming_rules(line, intake)
    with line.ledger.reading() as read:
        documents = read.documents(intake=intake.id)
    alive = [each for each in documents if each.state != "replaced"]
    dropped = {drop.source_page for each in alive for drop in each.planned.dropped}
    leave_out = frozenset(page for page in dropped if part.first_page <= page <= part.last_page)
    pages = (part.first_page, part.last_page)
    line.scans.recognise(source, source_facts(intake), *pages, folder, rules, leave_out)
    line.spool.publish(folder, line.spool.slice_folder(part.id))
    with line.ledger.outcome(lease, line.now_ms()) as work:
        work.move(lease.unit, "done")


def build_document(line: Line, lease: Lease) -> None:
    """Pack a document, check it, and let it appear in the archive's folder; or keep it for a person."""
    with line.ledger.reading() as read:
        document = read.document(lease.unit.id)
        intake = read.intake(document.intake) if document else None
        slices = read.slices(intake=document.intake) if document else []
        events = read.events(lease.unit)
        decided = decisions_about(read, document, read.documents(intake=document.intake)) if document else []
    if document is None or intake is None:
        raise Permanent("unknown-unit", f"there is no document {lease.unit.id}")
    target = line.spool.archive / document.municipality / document.id
    if target.exists():  # an earlier attempt got this far
        _record(line, lease, line.scans.published(target))
        return
    request = _request(line, document, intake, slices, events, decided)
    folder = line.spool.work_folder(lease.unit, lease.version)
    try:
        result = line.scans.package(request, folder)
    except Rejected as refusal:
        refuse_document(line, lease, intake, refusal)
        return
    if result.review:
        with line.ledger.outcome(lease, line.now_ms()) as work:
            work.move(lease.unit, "review", reason=result.review[0], detail=result.detail, **_facts(result))
        return
    wrong = line.scans.verify(folder / "bag")
    if wrong:
        raise Permanent("package-invalid", "; ".join(wrong))
    line.spool.publish(folder / "bag", target)
    _record(line, lease, line.scans.published(target))
    line.spool.clear([folder])


def refuse_document(line: Line, lease: Lease, intake: IntakeRecord, refusal: Rejected) -> None:
    """A document can't be packed: its file goes back, unless there are other documents in it; then a person decides."""
    with line.ledger.reading() as read:
        alone = len([each for each in read.documents(intake=intake.id) if each.state != "replaced"]) == 1
    if alone:
        send_back(line, lease, intake, refusal)
        return
    review = json.dumps({"review": [refusal.code]})
    with line.ledger.outcome(lease, line.now_ms()) as work:
        work.move(lease.unit, "review", reason=refusal.code, detail=refusal.sentence, facts=review)


def refuse_pages(line: Line, lease: Lease, part: SliceRecord, intake: IntakeRecord, refusal: Rejected) -> None:
    """Pages can't be read. A file that is one document goes back; of a stack, the document with the bad page waits.

    Its other documents may be in the archive already, so a stack never goes back as a whole once it is cut. The other
    pages of the slice are read in slices of their own; where nobody knows which page is to blame, in two halves.
    """
    with line.ledger.reading() as read:
        documents = [each for each in read.documents(intake=intake.id) if each.state != "replaced"]
        ordinal = max(each.ordinal for each in read.slices(intake=intake.id))
    if len(documents) < 2:
        send_back(line, lease, intake, refusal)
        return
    inside = range(part.first_page, part.last_page + 1)
    kept = sorted(page for each in documents for page in each.planned.pages if page in inside)
    bad = refusal.page if refusal.page in kept else kept[0] if len(kept) == 1 else None
    middle = (len(kept) + 1) // 2 if bad is None else kept.index(bad)
    groups = [kept[:middle], kept[middle + (bad is not None) :]]
    told: dict[str, Any] = {"reason": refusal.code, "detail": refusal.sentence}
    with line.ledger.outcome(lease, line.now_ms()) as work:
        for number, group in enumerate((each for each in groups if each), ordinal + 1):
            work.add(Kind.SLICE, slice_rows(intake.id, "recognise", group, len(group), number))
        if bad is not None:
            _blame(work, [each for each in documents if bad in each.planned.pages], bad, refusal)
        work.move(lease.unit, "dropped", **told)


def _blame(work: Work, touched: Sequence[DocumentRecord], page: int, refusal: Rejected) -> None:
    """Let the document with a page that can't be read wait for a person."""
    sentence = f"Seite {page}: {refusal.sentence}"
    cause = Doubt(refusal.code, page, sentence)
    facts = json.dumps({"review": [refusal.code], "causes": [asdict(cause)]}, ensure_ascii=False)
    open_ones = [each.id for each in touched if each.state in ("planned", "accepted")]
    work.move_all(Kind.DOCUMENT, open_ones, "review", reason=refusal.code, detail=sentence, facts=facts)


def _request(
    line: Line,
    document: DocumentRecord,
    intake: IntakeRecord,
    slices: list[SliceRecord],
    events: list[EventRecord],
    decided: list[EventRecord],
) -> PackageRequest:
    accepted = next((event for event in reversed(events) if event.after == "accepted"), None)
    plan = document.planned
    rules = incoming_rules(line, intake)
    ticket = {key: value for key, value in json.loads(intake.ticket).items() if value}
    read = [part for part in slices if part.task == "recognise"]
    near = [part for part in read if part.first_page <= plan.last_page and part.last_page >= plan.first_page]
    return PackageRequest(
        document=document.id,
        municipality=line.profiles.municipalities[document.municipality],
        profile=document.profile,
        profile_title=line.profiles.jobs[document.profile].title,
        intake=intake.id,
        file=intake.file,
        sha256=intake.sha256,
        source_bytes=intake.bytes,
        source=str(line.spool.original(intake.token)),
        facts=source_facts(intake),
        page_numbers=plan.pages,
        dropped=plan.dropped,
        doubts=plan.doubts,
        results=tuple(str(line.spool.slice_folder(part.id)) for part in near),
        rules=rules,
        received_at=local_iso(line, intake.received_ms),
        created_at=local_iso(line, line.now_ms()),
        operator=line.operator,
        fields={**ticket, **plan.fields},
        accepted_by=accepted.who if accepted else None,
        accepted_reason=(accepted.detail or "") if accepted else None,
        accepted_codes=document.accepted_codes,
        decisions=tuple(_decisions(line, decided)),
        expected_sheets=plan.sheets,
        found_sheets=plan.sheets_found(rules.separation.plex),
        duplicate_of=intake.duplicate_of or "",
    )


def _decisions(line: Line, decided: list[EventRecord]) -> list[Decision]:
    """What persons decided, each decision once: a document that was replaced tells the same as what came of it."""
    told = [event for event in decided if event.after != "replaced"]
    return [
        Decision(
            local_iso(line, event.at_ms),
            event.who,
            (event.reason or "").removesuffix("-by-operator"),
            event.detail or "",
        )
        for event in told
    ]


def _facts(result: PackageResult) -> dict[str, Any]:
    return {
        "pages": result.pages,
        "mean_confidence": result.mean_confidence,
        "sha256": result.pdf_sha256,
        "facts": json.dumps(asdict(result), sort_keys=True),
    }


def _record(line: Line, lease: Lease, result: PackageResult) -> None:
    with line.ledger.outcome(lease, line.now_ms()) as work:
        work.move(lease.unit, "delivered", **_facts(result))
