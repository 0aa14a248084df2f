"""`poststrasse documents`: the documents of scans, and what a person decides about those in review."""

from __future__ import annotations

import click

from console.calling import line_of, show_json, show_table
from console.deciding_options import as_json_option, decision, decision_options, told
from console.inbox_verbs import show_history
from console.shape import clock, plain
from pipeline.domain.states import MOVES, Kind
from pipeline.services.deciding import accept_document, reject_document
from pipeline.services.showing import DocumentDetail, document_detail, document_views
from pipeline.services.wording import explain, state_word


@click.group(epilog="Example: poststrasse documents list --state review")
def documents() -> None:
    """Documents made from scans: where they are, and those that a person has to look at."""


@documents.command("list", epilog="Example: poststrasse documents list --state review --json")
@click.option("--state", type=click.Choice(sorted(MOVES[Kind.DOCUMENT])), help="only documents in this state")
@click.option("--municipality", help="only this municipality's documents (its id)")
@as_json_option
@click.pass_context
def list_documents(context: click.Context, /, state: str | None, municipality: str | None, as_json: bool) -> None:
    """List documents in the order in which they came."""
    with line_of(context).ledger.reading() as read:
        found = document_views(read, read.documents(state, municipality))
    if as_json:
        show_json(plain(found))
        return
    columns = ("Dokument", "Kommune", "Datei", "Seiten", "Sicherheit", "Zustand", "seit", "Grund")
    rows = [
        (
            d.id,
            d.municipality,
            d.file,
            d.page_count if d.page_count is not None else d.last_page - d.first_page + 1,
            "" if d.mean_confidence is None else f"{d.mean_confidence} %",
            state_word(Kind.DOCUMENT, d.state),
            clock(d.since),
            d.title,
        )
        for d in found
    ]
    show_table(columns, rows)


@documents.command(epilog="Example: poststrasse documents show i0000001-d0001")
@click.argument("id")
@as_json_option
@click.pass_context
def show(context: click.Context, /, id: str, as_json: bool) -> None:
    """Show a document, its pages, why it waits and what to do."""
    line = line_of(context)
    with told(), line.ledger.reading() as read:
        found = document_detail(line, read, id)
    if as_json:
        show_json(plain(found))
    else:
        _tell(found)


def _tell(document: DocumentDetail) -> None:
    click.echo(f"Dokument {document.id} aus {document.file}")
    click.echo(f"  Kommune {document.municipality}, Auftrag {document.profile}, Vorgang {document.intake}")
    click.echo(f"  Seiten {document.first_page} bis {document.last_page} der Datei")
    click.echo(f"  Zustand: {state_word(Kind.DOCUMENT, document.state)} seit {clock(document.since)}")
    if document.mean_confidence is not None:
        click.echo(f"  Erkennungssicherheit im Mittel: {document.mean_confidence} %")
    if document.state in ("review", "waiting"):
        click.echo("Warum es wartet:")
        for code in document.review or (document.code or "",):
            click.echo(f"  - {explain(code, waits=True).title} [{code}]")
        if document.detail:
            click.echo(f"    {document.detail}")
        click.echo("Was zu tun ist:")
        for remedy in dict.fromkeys(explain(code, waits=True).remedy for code in document.review or (document.code,)):
            click.echo(f"  - {remedy}")
    if document.pages:
        click.echo("Seiten:")
        columns = ("Seite", "Wörter", "Sicherheit", "gedreht", "schief", "dpi", "Lesungen", "Auffällig")
        rows = [
            (
                page.source_page,
                page.words,
                f"{page.mean_confidence:.0f} %",
                f"{page.rotation}°",
                f"{page.skew_degrees:.1f}°".replace(".", ","),
                page.dpi,
                page.passes,
                explain(page.review).title,
            )
            for page in document.pages
        ]
        show_table(columns, rows)
    show_history(document.events)


@documents.command(epilog='Example: poststrasse documents accept i0000001-d0001 --who "M. Schulz" --reason "lesbar"')
@click.argument("id")
@decision_options
@click.pass_context
def accept(context: click.Context, /, id: str, who: str, reason: str) -> None:
    """Accept a document in review: it is packed for the archive, with name and reason in its transfer note."""
    with told():
        accept_document(line_of(context), id, decision(who, reason))
    click.echo(f"document {id}: accepted")


@documents.command(epilog='Example: poststrasse documents reject i0000001-d0001 --who "M. Schulz" --reason "unlesbar"')
@click.argument("id")
@decision_options
@click.pass_context
def reject(context: click.Context, /, id: str, who: str, reason: str) -> None:
    """Reject a document in review: its whole file goes back to the municipality with your reason.

    The municipality reads the reason; write it in German and without names.
    """
    line = line_of(context)
    with told():
        intake = reject_document(line, id, decision(who, reason))
    click.echo(f"document {id}: rejected; intake {intake}: given back")
