"""`poststrasse batches`: what is printed and inserted in one run, and what a person decides about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from console.calling import fail, line_of, show_json, show_table
from console.deciding_options import as_json_option, decision, decision_options, told
from console.exit_codes import ExitCode
from console.inbox_verbs import show_history
from console.shape import clock, plain
from pipeline.domain.german import count, counted, euros, grams
from pipeline.domain.states import MOVES, Kind
from pipeline.domain.totals import Totals
from pipeline.services.assembling import assemble as assemble_pool
from pipeline.services.closing_pools import pool_views
from pipeline.services.deciding import (
    Decision,
    cancel_batch,
    hold_batch,
    release_batch,
    resume_batch,
    retry_batch,
)
from pipeline.services.looking_again import being_looked_at
from pipeline.services.ports import Line
from pipeline.services.showing import BatchDetail, batch_detail, batch_views
from pipeline.services.verifying import Check, rebuild_batch, verify_batch
from pipeline.services.wording import KIND_WORDS, state_word
from workers.owners import own_name

_SHOWN_FAULTS = 10


@click.group(epilog="Example: poststrasse batches list --state verified")
def batches() -> None:
    """Batches: what is printed and inserted in one run.

    The ledger's state, which `list` and `show` tell, is the one that counts. batch.json in a batch's folder keeps
    the state in which it was published, because SHA256SUMS covers it.
    """


@batches.command("list", epilog="Example: poststrasse batches list --state verified --json")
@click.option("--state", type=click.Choice(sorted(MOVES[Kind.BATCH])), help="only batches in this state")
@as_json_option
@click.pass_context
def list_batches(context: click.Context, /, state: str | None, as_json: bool) -> None:
    """List batches in the order of their numbers."""
    line = line_of(context)
    with line.ledger.reading() as read:
        found = batch_views(line, read, read.batches(state))
    if as_json:
        show_json(plain(found))
        return
    columns = (
        "Druckauftrag",
        "Zustand",
        "seit",
        "Maschine",
        "Umschlag",
        "Briefe",
        "Blatt",
        "Porto",
        "Kommunen",
        "Frist",
    )
    rows = [
        (
            b.id,
            state_word(Kind.BATCH, b.state),
            clock(b.since),
            b.machine,
            f"{b.envelope}, Form {b.form}",
            count(b.totals.pieces),
            count(b.totals.sheets),
            euros(b.totals.postage_cent),
            len(b.municipalities),
            b.due or "-",
        )
        for b in found
    ]
    show_table(columns, rows)


@batches.command(epilog="Example: poststrasse batches show b0000042")
@click.argument("id")
@as_json_option
@click.pass_context
def show(context: click.Context, /, id: str, as_json: bool) -> None:
    """Show a batch: totals, each municipality's share, volumes, read-back, history."""
    line = line_of(context)
    with told(), line.ledger.reading() as read:
        found = batch_detail(line, read, id)
    if as_json:
        show_json(plain(found))
    else:
        _tell(found)


def _totals(name: str, totals: Totals) -> tuple[str, ...]:
    counts = (totals.pieces, totals.sheets, totals.pages)
    return (name, *(count(each) for each in counts), grams(totals.weight_mg), euros(totals.postage_cent))


def _tell(batch: BatchDetail) -> None:
    click.echo(f"Druckauftrag {batch.id}: {state_word(Kind.BATCH, batch.state)} seit {clock(batch.since)}")
    click.echo(f"  Maschine {batch.machine}, Umschlag {batch.envelope} Form {batch.form}, {batch.paper}, {batch.plex}")
    special = [f"Frist {batch.due}"] if batch.due else []
    special += [f"Rang {batch.priority}"] if batch.priority else []
    special += [f"Vertraulichkeit {batch.confidentiality}"] if batch.confidentiality != "normal" else []
    special += [f"nur {batch.kept_apart}"] if batch.kept_apart else []
    special += [f"besonderes Produkt {batch.special}"] if batch.special else []
    special += [f"Beilagen für alle: Station {batch.enclosures}"] if batch.enclosures else []
    if special:
        click.echo(f"  {', '.join(special)}")
    if batch.code:
        click.echo(f"  {batch.title} [{batch.code}] {batch.detail or ''}")
        if batch.remedy:
            click.echo(f"  {batch.remedy}")
    rows = [_totals(name, totals) for name, totals in batch.municipalities.items()]
    rows.append(_totals("zusammen", batch.totals))
    show_table(("Kommune", "Briefe", "Blatt", "Druckseiten", "Gewicht", "Porto"), rows)
    volumes = [
        (
            volume.file,
            state_word(Kind.VOLUME, volume.state),
            volume.pieces,
            volume.sheets,
            volume.pages,
            f"{volume.readback['sheets']} Blatt, {volume.readback['codes_wrong']} falsch" if volume.readback else "-",
        )
        for volume in batch.volumes
    ]
    show_table(("Teilband", "Zustand", "Briefe", "Blatt", "Seiten", "Rücklesung"), volumes)
    for volume in batch.volumes:
        if volume.state == "waiting":
            click.echo(f"  falsch [{volume.code}]: {volume.detail}")
        for fault in volume.readback.get("faults", ())[1:_SHOWN_FAULTS]:
            click.echo(f"    Seite {fault['page']}: {fault['detail']} [{fault['code']}]")
    if batch.exceptions:
        click.echo(f"Zurückgegebene Briefe in den Nachweisen: {len(batch.exceptions)}")
    show_history(batch.events)


@batches.command(epilog="Example: poststrasse batches pools")
@as_json_option
@click.pass_context
def pools(context: click.Context, /, as_json: bool) -> None:
    """List the pools: what waits for a batch, since when, and when it will be closed by itself.

    Letters that miss their last day of posting whatever is done now are named.
    """
    found = pool_views(line_of(context))
    if as_json:
        show_json(plain(found))
        return
    columns = ("Sammelkorb", "Briefe", "Blatt", "seit", "Rang", "Frist", "schließt", "zur Post")
    rows = [
        (
            each.pool,
            count(each.pieces),
            count(each.sheets),
            clock(each.since),
            each.priority,
            each.due or "-",
            clock(each.closes_at) if each.closes_at else "von Hand",
            each.posting_day or "-",
        )
        for each in found
    ]
    show_table(columns, rows)
    for each in found:
        if each.late:
            click.echo(f"{each.pool}: nicht mehr rechtzeitig zur Post: {', '.join(each.late)}")


@batches.command(epilog="Example: poststrasse batches assemble --machine datamatrix")
@click.option("--all", "every", is_flag=True, help="every pool; the default")
@click.option("--machine", help="only the pools of this machine")
@as_json_option
@click.pass_context
def assemble(context: click.Context, /, every: bool, machine: str | None, as_json: bool) -> None:
    """Close the pools now, instead of at their cut-off: their letters become batches.

    `serve`, `work` or `run --once` then write them.
    """
    if every and machine:
        raise click.UsageError("--all and --machine exclude each other")
    with told():
        made = assemble_pool(line_of(context), own_name(), machine)
        looks = being_looked_at(line_of(context))
    if looks:
        click.echo(
            "Briefe bleiben in ihren Sammelkörben: Profile wurden geändert, »serve«, »work« oder »run --once« prüft "
            "sie noch einmal. Danach bitte noch einmal zusammenstellen (assemble).",
            err=True,
        )
    if as_json:
        show_json(made)
        return
    for batch in made:
        click.echo(batch)
    if not made and not looks:
        click.echo("Die Sammelkörbe sind leer.", err=True)


@batches.command(epilog="Example: poststrasse batches verify b0000042")
@click.argument("id")
@as_json_option
@click.pass_context
def verify(context: click.Context, /, id: str, as_json: bool) -> None:
    """Read the published volumes again now and compare with sheets.csv, SHA256SUMS and the ledger.

    Changes nothing. Ends with 1 if anything differs.
    """
    _check(context, id, verify_batch, as_json)


@batches.command(epilog="Example: poststrasse batches rebuild b0000042")
@click.argument("id")
@as_json_option
@click.pass_context
def rebuild(context: click.Context, /, id: str, as_json: bool) -> None:
    """Write the volumes again into a temporary folder and compare them byte for byte with the published ones.

    Changes nothing. Ends with 1 if a byte differs.
    """
    _check(context, id, rebuild_batch, as_json)


def _check(context: click.Context, id: str, check: Callable[[Line, str], Sequence[Check]], as_json: bool) -> None:
    with told():
        checks = check(line_of(context), id)
    if as_json:
        show_json([{**plain(each), "ok": each.ok} for each in checks])
    else:
        for each in checks:
            click.echo(f"{'OK    ' if each.ok else 'FALSCH'} {each.name} ({each.checked} verglichen)")
            for fault in each.faults:
                click.echo(f"       {fault}")
    if not all(each.ok for each in checks):
        fail(
            ExitCode.FAILED,
            f"Druckauftrag {id} ist nicht, wie er sein soll. Nicht drucken, sondern anhalten: batches hold {id}",
        )


def _decide(context: click.Context, id: str, step: Callable[[Line, str, Decision], None], by: Decision) -> None:
    with told():
        step(line_of(context), id, by)


@batches.command(epilog='Example: poststrasse batches hold b0000042 --who "M. Schulz" --reason "wrong paper loaded"')
@click.argument("id")
@decision_options
@click.pass_context
def hold(context: click.Context, /, id: str, who: str, reason: str) -> None:
    """Stop a verified or released batch before it is printed."""
    _decide(context, id, hold_batch, decision(who, reason))
    click.echo(f"Druckauftrag {id} ist angehalten; er wird erst nach »batches resume« und »batches release« gedruckt.")


@batches.command(epilog='Example: poststrasse batches resume b0000042 --who "M. Schulz" --reason "paper changed"')
@click.argument("id")
@decision_options
@click.pass_context
def resume(context: click.Context, /, id: str, who: str, reason: str) -> None:
    """Let a held batch go on; it has to be released anew.

    Its files must still be the ones that were read back: they are compared by their SHA-256 with the
    ledger and SHA256SUMS. Nothing is read back anew; verify does that.
    """
    _decide(context, id, resume_batch, decision(who, reason))
    click.echo(f"Druckauftrag {id}: Dateien wie zurückgelesen (SHA-256). Zum Drucken bitte freigeben (release).")


@batches.command(epilog='Example: poststrasse batches release b0000042 --who "M. Schulz" --reason "checked"')
@click.argument("id")
@decision_options
@click.pass_context
def release(context: click.Context, /, id: str, who: str, reason: str) -> None:
    """Let a verified batch be printed.

    Its files must still be the ones that were read back, by their SHA-256. Else the batch is held, the
    message says which file is missing or changed, and the exit code is 1.
    """
    _decide(context, id, release_batch, decision(who, reason))
    click.echo(f"Druckauftrag {id} ist freigegeben und kann gedruckt werden.")


@batches.command(epilog='Example: poststrasse batches cancel b0000042 --who "M. Schulz" --reason "wrong envelope"')
@click.argument("id")
@decision_options
@click.pass_context
def cancel(context: click.Context, /, id: str, who: str, reason: str) -> None:
    """Undo a batch that is not released: its letters go back to the pool.

    Its folder is moved to private/cancelled, and the municipalities' manifests are taken back.
    """
    line = line_of(context)
    with told():
        pieces = cancel_batch(line, id, decision(who, reason))
    click.echo(f"Druckauftrag {id} ist storniert; wieder im Sammelkorb: {counted(pieces, 'Brief', 'Briefe')}.")


@batches.command(epilog='Example: poststrasse batches retry b0000042 --who "M. Schulz" --reason "disk was full"')
@click.argument("id")
@decision_options
@click.pass_context
def retry(context: click.Context, /, id: str, who: str, reason: str) -> None:
    """Try a batch again that waits for a person; volumes that failed are written anew."""
    with told():
        units = retry_batch(line_of(context), id, decision(who, reason))
    for unit in units:
        click.echo(f"{KIND_WORDS[unit.kind]} {unit.id} wird noch einmal versucht.")
