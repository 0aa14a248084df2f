"""`poststrasse pieces`: single letters: what is known of one, and which lie between two sheets of a batch."""

from __future__ import annotations

import click

from console.calling import line_of, show_json, show_table
from console.deciding_options import as_json_option, told
from console.shape import clock, plain
from pipeline.domain.german import euros, grams
from pipeline.domain.states import Kind
from pipeline.services.finding_pieces import PieceView, piece_view, pieces_between
from pipeline.services.wording import state_word


@click.group(epilog="Example: poststrasse pieces where b0000042 100 102")
def pieces() -> None:
    """Single letters."""


@pieces.command(epilog="Example: poststrasse pieces show b0000042/17")
@click.argument("id", metavar="ID|BATCH/NUMBER")
@as_json_option
@click.pass_context
def show(context: click.Context, /, id: str, as_json: bool) -> None:
    """Show a letter by its id, or by batch and number."""
    with told(), line_of(context).ledger.reading() as read:
        found = piece_view(read, id)
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
    weight, postage = grams(round(piece.weight_g * 1000)), euros(piece.postage_cent)
    click.echo(f"  {weight}, {piece.product}, {postage}, {piece.country}-{piece.postcode}")
    if piece.enclosures:
        click.echo(f"  Beilagen aus Station {piece.enclosures}")


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
            each.intake,
        )
        for each in found
    ]
    show_table(columns, rows)
