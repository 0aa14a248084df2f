"""`poststrasse pieces`: single letters: what is known of one, and which lie between two sheets of a batch."""

from __future__ import annotations

import click

from console.calling import line_of, show_json, show_table
from console.deciding_options import as_json_option, decision, decision_options, told
from console.shape import clock, plain
from pipeline.domain.german import count, counted, euros, grams
from pipeline.domain.states import MOVES, Kind
from pipeline.services.deciding_pieces import PieceStep, decide_file, decide_piece
from pipeline.services.finding_pieces import PieceView, piece_view, pieces_between, pieces_in_state
from pipeline.services.wording import state_word


@click.group(epilog="Example: poststrasse pieces where b0000042 100 102")
def pieces() -> None:
    """Single letters."""


@pieces.command("list", epilog="Example: poststrasse pieces list --state held --json")
@click.option("--state", type=click.Choice(sorted(MOVES[Kind.PIECE])), required=True, help="letters in this state")
@click.option("--intake", help="only letters of this file")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="how many at most")
@as_json_option
@click.pass_context
def list_pieces(context: click.Context, /, state: str, intake: str | None, limit: int, as_json: bool) -> None:
    """List the letters in a state, in order of arrival."""
    line = line_of(context)
    with told(), line.ledger.reading() as read:
        found = pieces_in_state(line, read, state, intake, limit)
    if as_json:
        show_json(plain(found))
        return
    columns = ("Sendung", "Kommune", "Datei", "Seiten", "Blatt", "Maschine", "Frist", "seit")
    rows = [
        (
            each.id,
            each.municipality,
            each.file,
            f"{each.source_first_page}-{each.source_last_page}",
            each.sheets,
            each.machine,
            each.due or "-",
            clock(each.since),
        )
        for each in found
    ]
    show_table(columns, rows)
    if len(found) == limit:
        click.echo(f"Angezeigt sind die ersten {count(limit)}; mehr mit --limit.", err=True)


def _decide(
    context: click.Context, step: PieceStep, id: str | None, intake: str | None, by: tuple[str, str], done: str
) -> None:
    if (id is None) == (intake is None):
        raise click.UsageError("name one letter, or --intake for all letters of a file")
    line, who = line_of(context), decision(*by)
    with told():
        if id is not None:
            decide_piece(line, step, id, who)
            click.echo(f"Sendung {id} ist {done}.")
        elif intake is not None:
            click.echo(
                f"Vorgang {intake}: {counted(decide_file(line, step, intake, who), 'Sendung', 'Sendungen')} {done}."
            )


_of_a_file = click.option("--intake", help="all letters of this file instead of one")


@pieces.command(epilog='Example: poststrasse pieces hold i0000012-p000003 --who "M. Schulz" --reason "to be checked"')
@click.argument("id", required=False)
@_of_a_file
@decision_options
@click.pass_context
def hold(context: click.Context, /, id: str | None, intake: str | None, who: str, reason: str) -> None:
    """Keep a letter out of the next batch until it is freed. Only before the cut-off."""
    _decide(context, "hold", id, intake, (who, reason), "angehalten, bis jemand sie freigibt (pieces free)")


@pieces.command(epilog='Example: poststrasse pieces free --intake i0000012 --who "M. Schulz" --reason "approved"')
@click.argument("id", required=False)
@_of_a_file
@decision_options
@click.pass_context
def free(context: click.Context, /, id: str | None, intake: str | None, who: str, reason: str) -> None:
    """Let a held letter go into the next batch, whether a person or its ticket held it."""
    _decide(context, "free", id, intake, (who, reason), "wieder im Sammelkorb und gehört zum nächsten Druckauftrag")


@pieces.command(epilog='Example: poststrasse pieces pull i0000012-p000003 --who "M. Schulz" --reason "wrong amount"')
@click.argument("id", required=False)
@_of_a_file
@decision_options
@click.pass_context
def pull(context: click.Context, /, id: str | None, intake: str | None, who: str, reason: str) -> None:
    """Take a letter out for good, before the cut-off. Its municipality's next manifest tells of it, with the reason."""
    _decide(context, "pull", id, intake, (who, reason), "herausgenommen; der nächste Nachweis der Kommune nennt sie")


@pieces.command(epilog="Example: poststrasse pieces show b0000042/17")
@click.argument("id", metavar="ID|BATCH/NUMBER")
@as_json_option
@click.pass_context
def show(context: click.Context, /, id: str, as_json: bool) -> None:
    """Show a letter by its id, or by batch and number."""
    line = line_of(context)
    with told(), line.ledger.reading() as read:
        found = piece_view(line, read, id)
    if as_json:
        show_json(plain(found))
    else:
        _tell(found)


def _tell(piece: PieceView) -> None:
    click.echo(f"Sendung {piece.id}: {state_word(Kind.PIECE, piece.state)} seit {clock(piece.since)}")
    if piece.batch:
        place = f"Nummer {piece.piece}, Teilband {piece.volume}, ab Seite {piece.first_page}"
        click.echo(f"  Druckauftrag {piece.batch}, {place}")
    source = f"Seite {piece.source_first_page} bis {piece.source_last_page}"
    click.echo(f"  aus {piece.file} (Vorgang {piece.intake}), {source}")
    click.echo(f"  Kommune {piece.municipality}, Kostenstelle {piece.cost_centre}, Zeichen {piece.reference or '-'}")
    click.echo(f"  {piece.sheets} Blatt, {piece.pages} Druckseiten ({piece.plex}), Umschlag {piece.envelope}")
    if piece.due or piece.priority or piece.confidentiality != "normal":
        click.echo(f"  Frist {piece.due or '-'}, Rang {piece.priority}, Vertraulichkeit {piece.confidentiality}")
    weight, postage = grams(round(piece.weight_g * 1000)), euros(piece.postage_cent)
    click.echo(f"  {weight}, {piece.product}, {postage}, {piece.country}-{piece.postcode}")
    if piece.enclosures:
        click.echo(f"  Beilagen aus Station {piece.enclosures}")
    if piece.part:
        click.echo(f"  Teil {piece.part} des Briefs")
    if piece.joined_to:
        click.echo(f"  liegt mit anderen Briefen in Umschlag {piece.joined_to}")
    for letter in piece.letters:
        pages = f"Seite {letter.source_first_page} bis {letter.source_last_page}"
        click.echo(f"  enthält Brief {letter.id} (Vorgang {letter.intake}, {pages})")
    for note in piece.notes:
        click.echo(f"  Hinweis {note.code}: {note.detail or '-'}")


@pieces.command(epilog="Example: poststrasse pieces where b0000042 17 25 --volume 2")
@click.argument("batch")
@click.argument("first", metavar="SHEET", type=click.IntRange(min=1))
@click.argument("last", metavar="[SHEET2]", required=False, type=click.IntRange(min=1))
@click.option("--volume", type=click.IntRange(min=1), help="count the sheets of this volume only")
@as_json_option
@click.pass_context
def where(
    context: click.Context, /, batch: str, first: int, last: int | None, volume: int | None, as_json: bool
) -> None:
    """Say which letters lie between two sheets of a batch, both included.

    Sheets are counted from 1 in the order in which the machine is fed, over all volumes; with --volume within one.
    Trailer sheets carry no letter and are not counted.
    """
    with told(), line_of(context).ledger.reading() as read:
        found = pieces_between(read, batch, first, last or first, volume)
    if as_json:
        show_json(plain(found))
        return
    columns = ("Sendung", "Blatt", "Teilband", "Blatt im Teilband", "ab Seite", "Kommune", "Vorgang")
    rows = [
        (
            f"{each.batch}/{each.piece}",
            f"{each.first_sheet}-{each.last_sheet}",
            each.volume,
            f"{each.volume_first_sheet}-{each.volume_last_sheet}",
            each.first_page,
            each.municipality,
            ", ".join(one.id for one in each.letters) or each.intake,
        )
        for each in found
    ]
    show_table(columns, rows)
