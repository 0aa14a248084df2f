"""`poststrasse inbox`: the files that were taken in, and what a person decides about those that wait."""

from __future__ import annotations

import click

from console.calling import line_of, show_json, show_table
from console.deciding_options import as_json_option, decision, decision_options, told
from console.shape import clock, plain
from pipeline.domain.states import MOVES, Kind
from pipeline.services.deciding import retry_intake, return_intake
from pipeline.services.showing import IntakeDetail, intake_detail, intake_view
from pipeline.services.wording import KIND_WORDS, explain, state_word, who_word


@click.group(epilog="Example: poststrasse inbox list --state waiting")
def inbox() -> None:
    """Files that were taken in: what became of them, and those that wait for a person."""


@inbox.command("list", epilog="Example: poststrasse inbox list --state rejected --municipality parchim --json")
@click.option("--state", type=click.Choice(sorted(MOVES[Kind.INTAKE])), help="only files in this state")
@click.option("--municipality", help="only this municipality's files (its id)")
@as_json_option
@click.pass_context
def list_intakes(context: click.Context, /, state: str | None, municipality: str | None, as_json: bool) -> None:
    """List files in the order in which they came."""
    line = line_of(context)
    with line.ledger.reading() as read:
        found = [intake_view(line, each) for each in read.intakes(state, municipality)]
    if as_json:
        show_json(plain(found))
        return
    columns = ("Vorgang", "Kommune", "Auftrag", "Datei", "Zustand", "seit", "Grund")
    show_table(
        columns,
        [
            (i.id, i.municipality, i.profile, i.file, state_word(Kind.INTAKE, i.state), clock(i.since), i.title)
            for i in found
        ],
    )


@inbox.command(epilog="Example: poststrasse inbox show i0000001")
@click.argument("id")
@as_json_option
@click.pass_context
def show(context: click.Context, /, id: str, as_json: bool) -> None:
    """Show a file, what was made of it, and its history."""
    line = line_of(context)
    with told(), line.ledger.reading() as read:
        found = intake_detail(line, read, id)
    if as_json:
        show_json(plain(found))
    else:
        _tell(found)


def _tell(intake: IntakeDetail) -> None:
    click.echo(f"Vorgang {intake.id}: {intake.file}")
    click.echo(f"  Kommune {intake.municipality}, Auftrag {intake.profile}, {intake.bytes} Bytes")
    click.echo(f"  eingegangen {clock(intake.received_at)}, Seiten: {intake.pages or 'noch nicht gezählt'}")
    click.echo(f"  Zustand: {state_word(Kind.INTAKE, intake.state)} seit {clock(intake.since)}")
    if intake.duplicate_of:
        click.echo(f"  Derselbe Inhalt kam schon als {intake.duplicate_of}.")
    if intake.code:
        click.echo(f"  Grund: {intake.title} [{intake.code}]")
        for text in (intake.detail, intake.remedy):
            if text:
                click.echo(f"         {text}")
    for part in intake.parts:
        pages = f"Seite {part.first_page} bis {part.last_page}"
        word = state_word(Kind(part.kind), part.state)
        click.echo(f"  {KIND_WORDS[Kind(part.kind)]} {part.id}, {pages}: {word}")
        if part.code:
            click.echo(f"         {explain(part.code).title} [{part.code}] {part.detail or ''}")
    for state, count in intake.pieces.items():
        click.echo(f"  Briefe {state_word(Kind.PIECE, state)}: {count}")
    for reason, word in (("separator", "Trennblätter"), ("blank", "leere Seiten")):
        count = sum(each.reason == reason for each in intake.left_out)
        if count:
            click.echo(f"  Nicht gedruckt: {word}: {count}")
    for each in intake.exceptions:
        click.echo(f"  Zurück: Seite {each.source_page}: {explain(each.code).title}. {each.detail}")
    show_history(intake.events)


def show_history(events: tuple[object, ...]) -> None:
    """Print what happened to a unit, when, by whom and why."""
    click.echo("Verlauf:")
    for event in plain(events):
        word = state_word(Kind(event["kind"]), event["after"])
        why = " – ".join(part for part in (explain(event["reason"]).title, event["detail"]) if part)
        line = f"  {clock(event['at'])}  {event['unit']} {word} ({who_word(event['who'])})"
        click.echo(f"{line}: {why}" if why else line)


@inbox.command(epilog='Example: poststrasse inbox retry i0000001 --who "M. Schulz" --reason "share is back"')
@click.argument("id")
@decision_options
@click.pass_context
def retry(context: click.Context, /, id: str, who: str, reason: str) -> None:
    """Try a file again that waits for a person, with all its parts that wait."""
    with told():
        units = retry_intake(line_of(context), id, decision(who, reason))
    for unit in units:
        click.echo(f"{KIND_WORDS[unit.kind]} {unit.id} wird noch einmal versucht.")


@inbox.command("return", epilog='Example: poststrasse inbox return i0000001 --who "M. Schulz" --reason "Seite 3 fehlt"')
@click.argument("id")
@decision_options
@click.pass_context
def give_back(context: click.Context, /, id: str, who: str, reason: str) -> None:
    """Give a file back that waits for a person.

    It goes to the outbox of its municipality with REASON.txt and reason.json, code returned-by-operator. The
    municipality reads the reason that you give; write it in German and without names.
    """
    line = line_of(context)
    with told():
        return_intake(line, id, decision(who, reason))
    click.echo(f"Vorgang {id} geht mit Ihrer Begründung an die Kommune zurück.")
