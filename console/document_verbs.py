"""`poststrasse documents`: the documents of scans, and what a person decides about those in review."""

from __future__ import annotations

from pathlib import Path

import click

from console.calling import fail, line_of, show_json, show_table
from console.deciding_options import as_json_option, decision, decision_options, told
from console.document_telling import tell
from console.exit_codes import ExitCode
from console.shape import clock, plain
from pipeline.domain.separation import DropReason
from pipeline.domain.states import MOVES, Kind
from pipeline.services.deciding import accept_document, reject_document
from pipeline.services.drawing import PICTURE_DPI, draw_document
from pipeline.services.rearranging import keep_page, leave_out_page, merge_documents, split_document
from pipeline.services.reviewing import document_detail
from pipeline.services.showing import document_views
from pipeline.services.wording import state_word


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
    line = line_of(context)
    with line.ledger.reading() as read:
        found = document_views(line, read, read.documents(state, municipality))
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


@documents.command(epilog="Example: poststrasse documents show i0000001-d0001 --pictures /tmp/pages")
@click.argument("id")
@click.option(
    "--pictures",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="write the pages as PNG files into this folder, those that were left out too",
)
@as_json_option
@click.pass_context
def show(context: click.Context, /, id: str, pictures: Path | None, as_json: bool) -> None:
    """Show a document, its pages, why it waits and what to do.

    Pictures show citizens' letters: they are written only where you ask for them, readable for you alone. Remove them
    when you have decided.
    """
    line = line_of(context)
    with told(), line.ledger.reading() as read:
        found = document_detail(line, read, id)
    drawn: list[Path] = []
    if pictures is not None:
        with told():
            drawn = draw_document(line, id, pictures, PICTURE_DPI)
    if as_json:
        show_json({**plain(found), **({"pictures": [str(path) for path in drawn]} if pictures is not None else {})})
        return
    tell(found)
    if pictures is not None:
        click.echo(f"Bilder: {len(drawn)} Seiten in {pictures} (nach der Entscheidung bitte löschen)")


@documents.command(epilog='Example: poststrasse documents accept i0000001-d0001 --who "M. Schulz" --reason "lesbar"')
@click.argument("id")
@decision_options
@click.pass_context
def accept(context: click.Context, /, id: str, who: str, reason: str) -> None:
    """Accept a document in review: it is packed for the archive, with name and reason in its transfer note."""
    with told():
        accept_document(line_of(context), id, decision(who, reason))
    click.echo(f"Dokument {id} ist angenommen; es wird nun für das Archiv gepackt.")


@documents.command(epilog='Example: poststrasse documents reject i0000001-d0001 --who "M. Schulz" --reason "unlesbar"')
@click.argument("id")
@decision_options
@click.pass_context
def reject(context: click.Context, /, id: str, who: str, reason: str) -> None:
    """Reject a document in review: it goes back to the municipality with your reason.

    One of several documents of a stack goes back alone, with its pages; the only document of a file takes the whole
    file along. The municipality reads the reason; write it in German and without names.
    """
    line = line_of(context)
    with told():
        gone = reject_document(line, id, decision(who, reason))
    what = f"Dokument {id}" if gone == id else f"Dokument {id} und mit ihm die ganze Datei, Vorgang {gone},"
    click.echo(f"{what} geht mit Ihrer Begründung an die Kommune zurück.")


@documents.command(
    epilog='Example: poststrasse documents split i0000001-d0001 --before 4 --who "M. Schulz" --reason "zwei Briefe"'
)
@click.argument("id")
@click.option("--before", type=click.IntRange(min=2), required=True, help="the page of the source that begins anew")
@click.option("--separator", is_flag=True, help="that page is a separator sheet: it is left out of the second part")
@decision_options
@click.pass_context
def split(context: click.Context, /, id: str, before: int, separator: bool, who: str, reason: str) -> None:
    """Cut a document in two before a page of its source: what was one letter by mistake becomes two."""
    with told():
        parts = split_document(line_of(context), id, before, decision(who, reason), separator=separator)
    click.echo(f"Dokument {id} ist geteilt; weiter geht es mit {parts[0]} und {parts[1]}.")


@documents.command(
    epilog='Example: poststrasse documents merge i0000001-d0001 i0000001-d0002 --who "M. Schulz" --reason "ein Brief"'
)
@click.argument("ids", metavar="ID ID...", nargs=-1, required=True)
@decision_options
@click.pass_context
def merge(context: click.Context, /, ids: tuple[str, ...], who: str, reason: str) -> None:
    """Join documents that follow each other in a stack, given in its order; the result waits in review."""
    if len(ids) < 2:
        fail(ExitCode.USAGE, "Verbinden lassen sich nur zwei oder mehr Dokumente.")
    with told():
        joined = merge_documents(line_of(context), ids, decision(who, reason))
    click.echo(f"{', '.join(ids)} sind zu {joined} verbunden; bitte ansehen und annehmen (documents accept).")


@documents.command(
    "keep-page",
    epilog='Example: poststrasse documents keep-page i0000001-d0001 --page 4 --who "M. Schulz" --reason "Bleistift"',
)
@click.argument("id")
@click.option("--page", type=click.IntRange(min=1), required=True, help="the page of the source that was left out")
@decision_options
@click.pass_context
def keep(context: click.Context, /, id: str, page: int, who: str, reason: str) -> None:
    """Take a page back that was left out as blank or as a separator; its document is made anew with it."""
    with told():
        made = keep_page(line_of(context), id, page, decision(who, reason))
    click.echo(f"Seite {page} ist wieder in Dokument {id}; weiter geht es mit {made}.")


@documents.command(
    "drop-page",
    epilog='Example: poststrasse documents drop-page i0000001-d0001 --page 4 --as separator --who "M. Schulz" '
    '--reason "Trennblatt, zerkratzt"',
)
@click.argument("id")
@click.option("--page", type=click.IntRange(min=1), required=True, help="the page of the source to leave out")
@click.option("--as", "why", type=click.Choice(("separator", "blank")), required=True, help="what the page is")
@decision_options
@click.pass_context
def drop(context: click.Context, /, id: str, page: int, why: DropReason, who: str, reason: str) -> None:
    """Leave a page out that is a separator sheet or blank; its document is made anew without it."""
    with told():
        made = leave_out_page(line_of(context), id, page, why, decision(who, reason))
    click.echo(f"Seite {page} von Dokument {id} ist weggelassen; weiter geht es mit {made}.")
