"""A claimed file is opened for the first time: it is planned, or it goes back with a reason."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from pipeline.adapters.ledger.records import IntakeRecord, Lease
from pipeline.adapters.ticket_files import read_ticket
from pipeline.domain.errors import Permanent, Rejected
from pipeline.domain.ids import document_id, slice_id
from pipeline.domain.pages import LetterRange, SourceFacts
from pipeline.domain.profiles import Job, Municipality
from pipeline.domain.states import Kind, Unit
from pipeline.domain.ticket import Ticket
from pipeline.services.ports import Line
from pipeline.services.sending_back import send_back, settle_outgoing


def take_in(line: Line, lease: Lease) -> None:
    """Open a received file and plan its slices; or close a planned one whose parts are all done."""
    with line.ledger.reading() as read:
        intake = read.intake(lease.unit.id)
    if intake is None:
        raise Permanent("unknown-unit", f"there is no intake {lease.unit.id}")
    if intake.state == "planned":
        _settle(line, lease, intake)
        return
    try:
        municipality, job = place_of(line, intake)
        ticket = _ticket(line, intake, municipality, job)
        facts = _inspect(line, intake, job)
        _plan(line, lease, intake, job, ticket, facts)
    except Rejected as refusal:
        send_back(line, lease, intake, refusal)


def place_of(line: Line, intake: IntakeRecord) -> tuple[Municipality, Job]:
    """Whose file it is and what is to be done with it; raises Rejected if the folder is nobody's."""
    municipality = line.profiles.municipalities.get(intake.municipality)
    if municipality is None:
        sentence = f"Eine Kommune mit der Kennung „{intake.municipality}“ ist nicht eingerichtet."
        raise Rejected("unknown-municipality", sentence)
    if intake.profile not in municipality.jobs:
        known = ", ".join(sorted(municipality.jobs))
        sentence = f"Der Ordner „{intake.profile}“ gehört zu keinem Auftrag. Eingerichtet sind: {known}."
        raise Rejected("unknown-profile", sentence)
    return municipality, line.profiles.jobs[intake.profile]


def _ticket(line: Line, intake: IntakeRecord, municipality: Municipality, job: Job) -> dict[str, Any]:
    """The ticket with the profile's values where it is silent, as JSON values."""
    ticket = Ticket()
    if intake.has_ticket:
        ticket = read_ticket(line.spool.claim_folder(intake.token) / "ticket")
    values: dict[str, Any] = asdict(ticket)
    values["cost_centre"] = ticket.cost_centre or municipality.cost_centre
    values["due"] = ticket.due.isoformat() if ticket.due else None
    if job.outgoing is not None:
        stations = ticket.enclosures if ticket.enclosures is not None else job.outgoing.enclosures
        for station in stations:
            if station not in line.profiles.enclosures:
                known = ", ".join(str(each) for each in sorted(line.profiles.enclosures))
                sentence = f"Eine Beilage für Station {station} ist nicht eingerichtet. Eingerichtet sind: {known}."
                raise Rejected("ticket-invalid", sentence)
        values["enclosures"] = list(stations)
        values["plex"] = ticket.plex or job.outgoing.plex
    return values


def _inspect(line: Line, intake: IntakeRecord, job: Job) -> SourceFacts:
    if intake.drop_kind != "file":
        raise Rejected("not-a-regular-file", "Der abgelegte Eintrag ist eine Verknüpfung oder Gerätedatei.")
    source = line.spool.original(intake.token)
    if job.incoming is not None:
        return line.scans.inspect(source, job.incoming)
    if job.outgoing is not None:
        return line.letters.inspect(source, job.outgoing)
    raise Permanent("profile-direction", f"job {job.id} has no direction")


def letter_ranges(pages: int, pages_per_letter: int) -> list[LetterRange]:
    """Which pages make which letter. `pages_per_letter` 0: all pages are one letter. Raises Rejected."""
    if pages_per_letter == 0:
        return [LetterRange(1, 1, pages)]
    if pages % pages_per_letter:
        sentence = f"Die Datei hat {pages} Seiten; jeder Brief soll {pages_per_letter} Seiten haben."
        raise Rejected("letter-count", sentence)
    starts = range(1, pages + 1, pages_per_letter)
    return [LetterRange(n, start, start + pages_per_letter - 1) for n, start in enumerate(starts, 1)]


def _plan(line: Line, lease: Lease, intake: IntakeRecord, job: Job, ticket: dict[str, Any], facts: SourceFacts) -> None:
    documents: list[dict[str, Any]] = []
    if job.incoming is not None:
        document = document_id(intake.id, 1)
        place = {"intake": intake.id, "municipality": intake.municipality, "profile": intake.profile}
        documents.append({"id": document, **place, "ordinal": 1, "first_page": 1, "last_page": facts.pages})
        documents[0]["facts"] = "{}"
        # A short scan is spread over all workers page by page; a long one saves opening its file for each page.
        size = min(job.incoming.slice_pages, max(1, facts.pages // 8))
        slices = _cut(intake.id, document, "recognise", facts.pages, size)
    elif job.outgoing is not None:
        # Cut so that no letter lies in two slices.
        size = job.outgoing.pages_per_letter or facts.pages
        letter_ranges(facts.pages, job.outgoing.pages_per_letter)
        slices = _cut(intake.id, None, "read-letters", facts.pages, size * job.outgoing.slice_letters)
    else:
        raise Permanent("profile-direction", f"job {job.id} has no direction")
    with line.ledger.outcome(lease, line.now_ms()) as work:
        work.add(Kind.DOCUMENT, documents)
        work.add(Kind.SLICE, slices)
        work.move(
            lease.unit,
            "planned",
            pages=facts.pages,
            ticket=json.dumps(ticket, ensure_ascii=False, sort_keys=True),
            facts=json.dumps(asdict(facts), sort_keys=True),
        )


def _cut(intake: str, document: str | None, task: str, pages: int, size: int) -> list[dict[str, Any]]:
    return [
        {
            "id": slice_id(intake, n),
            "intake": intake,
            "document": document,
            "task": task,
            "ordinal": n,
            "first_page": start,
            "last_page": min(start + size - 1, pages),
        }
        for n, start in enumerate(range(1, pages + 1, size), 1)
    ]


def _settle(line: Line, lease: Lease, intake: IntakeRecord) -> None:
    """Close an intake whose slices and documents are all done; pages in must equal pages out."""
    if intake.direction == "outgoing":
        settle_outgoing(line, lease, intake)
        return
    with line.ledger.outcome(lease, line.now_ms()) as work:
        documents = work.read.documents(intake=intake.id)
        pages = sum(d.last_page - d.first_page + 1 for d in documents)
        if pages != intake.pages:
            raise Permanent("pages-do-not-add-up", f"{intake.id}: {intake.pages} pages in, {pages} in documents")
        work.move(Unit(Kind.INTAKE, intake.id), "done")
