"""Slices of a scan are recognised; a document whose slices are done is packed for the archive."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from pipeline.adapters.ledger.records import DocumentRecord, IntakeRecord, Lease, SliceRecord
from pipeline.domain.errors import Permanent, Rejected
from pipeline.domain.pages import SourceFacts
from pipeline.domain.papers import PackageRequest, PackageResult
from pipeline.domain.profiles import IncomingRules
from pipeline.services.ports import Line
from pipeline.services.sending_back import iso, send_back
from pipeline.services.taking_in import place_of


def source_facts(intake: IntakeRecord) -> SourceFacts:
    """What `take_in` wrote down about the file."""
    facts = json.loads(intake.facts)
    return SourceFacts(facts["type"], facts["pages"], tuple(facts["remarks"]))


def incoming_rules(line: Line, intake: IntakeRecord) -> IncomingRules:
    """The rules of an incoming intake's job; raises Rejected if the job is gone or of the other direction."""
    _, job = place_of(line, intake)
    if job.incoming is None:
        raise Permanent("profile-direction", f"job {job.id} is not for scans any more")
    return job.incoming


def recognise_slice(line: Line, lease: Lease, part: SliceRecord, intake: IntakeRecord) -> None:
    """Recognise the pages of one slice and publish the results."""
    folder = line.spool.work_folder(lease.unit, lease.version)
    source = line.spool.original(intake.token)
    rules = incoming_rules(line, intake)
    line.scans.recognise(source, source_facts(intake), part.first_page, part.last_page, folder, rules)
    line.spool.publish(folder, line.spool.slice_folder(part.id))
    with line.ledger.outcome(lease, line.now_ms()) as work:
        work.move(lease.unit, "done")


def build_document(line: Line, lease: Lease) -> None:
    """Pack a document, check it, and let it appear in the archive's folder; or keep it for a person."""
    with line.ledger.reading() as read:
        document = read.document(lease.unit.id)
        intake = read.intake(document.intake) if document else None
        slices = read.slices(document=lease.unit.id)
        decisions = read.events(lease.unit)
    if document is None or intake is None:
        raise Permanent("unknown-unit", f"there is no document {lease.unit.id}")
    target = line.spool.archive / document.municipality / document.id
    if target.exists():  # an earlier attempt got this far
        _record(line, lease, line.scans.published(target))
        return
    accepted = next((event for event in reversed(decisions) if event.after == "accepted"), None)
    request = _request(line, document, intake, slices, (accepted.who, accepted.detail or "") if accepted else None)
    folder = line.spool.work_folder(lease.unit, lease.version)
    try:
        result = line.scans.package(request, folder)
    except Rejected as refusal:
        send_back(line, lease, intake, refusal)
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


def _request(
    line: Line,
    document: DocumentRecord,
    intake: IntakeRecord,
    slices: list[SliceRecord],
    accepted: tuple[str, str] | None,
) -> PackageRequest:
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
        first_page=document.first_page,
        last_page=document.last_page,
        results=tuple(str(line.spool.slice_folder(part.id)) for part in slices),
        rules=incoming_rules(line, intake),
        received_at=iso(intake.received_ms),
        created_at=iso(line.now_ms()),
        operator=line.operator,
        fields={key: value for key, value in json.loads(intake.ticket).items() if value},
        accepted_by=accepted[0] if accepted else None,
        accepted_reason=accepted[1] if accepted else None,
    )


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
