"""`poststrasse status`: the whole line at a glance, once or for as long as somebody watches."""

from __future__ import annotations

import time
from collections.abc import Sequence

import click
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from console.calling import line_of, settings_of, show_json
from console.deciding_options import as_json_option
from console.shape import ago, clock, plain
from pipeline.domain.german import count, euros
from pipeline.domain.states import Kind
from pipeline.services.overview import MunicipalityRow, Overview, Sign, overview
from pipeline.services.wording import KIND_WORDS, state_word

_EVERY_S = 2.0
_PIPE_WIDTH = 160
_HEALTH = {"ok": ("in Ordnung", "green"), "warning": ("Achtung", "yellow"), "alarm": ("ALARM", "bold red")}
_COLUMNS = (
    ("waiting", "wartet"),
    ("review", "Prüfung"),
    ("rejected", "zurückgew."),
    ("returned", "Briefe zurück"),
    ("in_work", "in Arbeit"),
    ("archived", "archiviert"),
    ("pooled", "Sammelkorb"),
    ("held", "angehalten"),
    ("batched", "im Auftrag"),
)


@click.command(epilog="Example: poststrasse status --watch")
@click.option("--watch", is_flag=True, help="show it again every two seconds until Ctrl-C")
@as_json_option
@click.pass_context
def status(context: click.Context, /, watch: bool, as_json: bool) -> None:
    """Show signs of life, what each municipality has where, batches, and what waits for a person."""
    line = line_of(context)
    queue = "redis" if settings_of(context).redis_url else "in-process"
    if as_json:
        show_json(plain(overview(line, queue)))
        return
    console = Console()
    if not watch:
        Console(width=None if console.is_terminal else _PIPE_WIDTH).print(_screen(overview(line, queue)))
        return
    try:
        with Live(_screen(overview(line, queue)), console=console, auto_refresh=False) as live:
            while True:
                time.sleep(_EVERY_S)
                live.update(_screen(overview(line, queue)), refresh=True)
    except KeyboardInterrupt:
        return


def _screen(seen: Overview) -> Group:
    parts: list[object] = [_strip(seen.signs, seen.at)]
    if seen.attention:
        parts += [Text(f"\nWartet auf Sie: {seen.attention_total}", style="bold"), _attention(seen)]
    else:
        parts.append(Text("\nNichts wartet auf eine Entscheidung.", style="bold"))
    parts += [Text("\nKommunen", style="bold"), _matrix(seen.municipalities, seen.totals)]
    parts += [Text("\nDruckaufträge", style="bold"), _batches(seen)]
    return Group(*parts)  # type: ignore[arg-type]


def _table(*columns: str, right: Sequence[str] = ()) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(Text(column), justify="right" if column in right else "left", overflow="fold")
    return table


def _strip(signs: Sequence[Sign], now: str) -> Table:
    table = _table("", "", "", "Lebenszeichen")
    for sign in signs:
        word, style = _HEALTH.get(sign.health, ("unbekannt", ""))
        table.add_row(Text(sign.title), Text(word, style=style), Text(sign.detail), Text(ago(sign.at, now)))
    return table


def _attention(seen: Overview) -> Table:
    table = _table("Was", "Kennung", "Kommune", "Datei", "Warum", "Was tun", "seit")
    for each in seen.attention:
        kind = KIND_WORDS[Kind(each.kind)]
        cells = (kind, each.id, each.municipality, each.file, each.title, each.remedy, ago(each.since, seen.at))
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _matrix(rows: Sequence[MunicipalityRow], totals: MunicipalityRow) -> Table:
    titles = [title for _, title in _COLUMNS]
    table = _table("", *titles, right=titles)
    for row in (*rows, totals):
        numbers = [getattr(row, name) for name, _ in _COLUMNS]
        style = "bold" if row is totals else ""
        table.add_row(Text(row.name, style=style), *(Text(count(n) if n else "·", style=style) for n in numbers))
    return table


def _batches(seen: Overview) -> Table:
    right = ("Briefe", "Blatt", "Porto")
    table = _table("Auftrag", "Zustand", "seit", "Maschine", "Umschlag", *right, "Kommunen", right=right)
    for batch in seen.batches:
        who = ", ".join(f"{name} {count(sums.pieces)}" for name, sums in batch.municipalities.items())
        cells = (batch.id, state_word(Kind.BATCH, batch.state), clock(batch.since), batch.machine, batch.envelope)
        sums = (count(batch.totals.pieces), count(batch.totals.sheets), euros(batch.totals.postage_cent))
        table.add_row(*(Text(cell) for cell in (*cells, *sums, who)))
    return table
