"""A claimed file is opened for the first time: it is planned, or it goes back with a reason."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from pipeline.adapters.ledger.records import IntakeRecord, Lease
from pipeline.adapters.ticket_files import read_ticket
from pipeline.domain.errors import Permanent, Rejected
from pipeline.domain.pages import SourceFacts
from pipeline.domain.profiles import IncomingRules, Job, Municipality, OutgoingRules
from pipeline.domain.separation import DocumentPlan
from pipeline.domain.splitting import Cut, check_counts
from pipeline.domain.states import Kind, Unit
from pipeline.domain.ticket import Ticket
from pipeline.services.ports import Line
from pipeline.services.sending_back import send_back, settle_outgoing
from pipeline.services.separating import lay_out, separate
from pipeline.services.slicing import slice_rows
from pipeline.services.splitting import is_cut, lay_letters, plan_letters, split_stream

_LOOK_PAGES = 50  # of a slice that only looks; a page takes about a tenth of a second
_LOOK_SLICES = 4  # that a short scan is cut into, so that its pages share out evenly among workers


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


def incoming_rules(line: Line, intake: IntakeRecord) -> IncomingRules:
    """The rules of an incoming intake's job; raises Rejected if the job is gone or of the other direction."""
    _, job = place_of(line, intake)
    if job.incoming is None:
        raise Permanent("profile-direction", f"job {job.id} is not for scans any more")
    return job.incoming


def outgoing_rules(line: Line, intake: IntakeRecord) -> OutgoingRules:
    """The rules of an outgoing intake's job; raises Rejected if the job is gone or of the other direction."""
    _, job = place_of(line, intake)
    if job.outgoing is None:
        raise Permanent("profile-direction", f"job {job.id} is not for letters any more")
    return job.outgoing


def _ticket(line: Line, intake: IntakeRecord, municipality: Municipality, job: Job) -> dict[str, Any]:
    """The ticket with the profile's values where it is silent, as JSON values."""
    ticket = Ticket()
    if intake.has_ticket:
        ticket = read_ticket(line.spool.claim_folder(intake.token) / "ticket")
    values: dict[str, Any] = asdict(ticket)
    values["cost_centre"] = ticket.cost_centre or municipality.cost_centre
    values["due"] = ticket.due.isoformat() if ticket.due else None
    if job.outgoing is None:
        if ticket.letters is not None:
            raise Rejected("ticket-invalid", "Der Eintrag „letters“ gilt nur für Druckaufträge.")
        if intake.has_index:
            raise Rejected("index-invalid", "Eine Index-Datei gilt nur für Druckaufträge.")
    if job.outgoing is not None:
        for station in ticket.enclosures or ():
            if station not in line.profiles.enclosures:
                known = ", ".join(str(each) for each in sorted(line.profiles.enclosures))
                sentence = f"Eine Beilage für Station {station} ist nicht eingerichtet. Eingerichtet sind: {known}."
                raise Rejected("ticket-invalid", sentence)
        values["plex"] = ticket.plex or job.outgoing.plex
        if ticket.plex is None and ticket.plex_ranges is None:
            values["plex_ranges"] = job.outgoing.plex_ranges
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


def _plan(line: Line, lease: Lease, intake: IntakeRecord, job: Job, ticket: dict[str, Any], facts: SourceFacts) -> None:
    pages = range(1, facts.pages + 1)
    whole: tuple[DocumentPlan, ...] = ()
    cut: Cut | None = None
    check_counts(facts.pages, ticket["pages"], 0, None)
    if job.incoming is not None and job.incoming.separation.looks:
        slices = slice_rows(intake.id, "look", pages, min(_LOOK_PAGES, max(1, facts.pages // _LOOK_SLICES)))
    elif job.incoming is not None:
        slices, whole = [], (DocumentPlan(1, facts.pages),)  # one file is one document
    elif job.outgoing is not None:
        slices, cut = plan_letters(line, intake, job.outgoing, ticket, facts.pages)
    else:
        raise Permanent("profile-direction", f"job {job.id} has no direction")
    with line.ledger.outcome(lease, line.now_ms()) as work:
        work.add(Kind.SLICE, slices)
        if job.incoming is not None and whole:
            lay_out(work, intake, whole, job.incoming)
        if cut is not None:
            lay_letters(work, intake, cut)
        work.move(
            lease.unit,
            "planned",
            pages=facts.pages,
            ticket=json.dumps(ticket, ensure_ascii=False, sort_keys=True),
            facts=json.dumps(asdict(facts), sort_keys=True),
        )


def _settle_stream(line: Line, lease: Lease, intake: IntakeRecord) -> None:
    """Cut a print stream that was looked at, or close one whose letters are all read."""
    with line.ledger.reading() as read:
        cut = is_cut(read, intake)
    if cut:
        settle_outgoing(line, lease, intake)
        return
    try:
        split_stream(line, lease, intake, outgoing_rules(line, intake))
    except Rejected as refusal:
        send_back(line, lease, intake, refusal)


def _settle(line: Line, lease: Lease, intake: IntakeRecord) -> None:
    """Close an intake whose slices and documents are all done; pages in must equal pages out."""
    if intake.direction == "outgoing":
        _settle_stream(line, lease, intake)
        return
    with line.ledger.reading() as read:
        cut = bool(read.documents(intake=intake.id))
    if not cut:
        try:
            separate(line, lease, intake, incoming_rules(line, intake))
        except Rejected as refusal:
            send_back(line, lease, intake, refusal)
        return
    with line.ledger.outcome(lease, line.now_ms()) as work:
        documents = [each for each in work.read.documents(intake=intake.id) if each.state != "replaced"]
        told = [page for each in documents for page in range(each.first_page, each.last_page + 1)]
        if sorted(told) != list(range(1, (intake.pages or 0) + 1)):
            raise Permanent("pages-do-not-add-up", f"{intake.id}: {intake.pages} pages in, {len(told)} in documents")
        work.move(Unit(Kind.INTAKE, intake.id), "done")
