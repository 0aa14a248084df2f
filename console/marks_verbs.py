"""`poststrasse marks`: read insertion marks as a machine would, and make a page to align its reader with."""

from __future__ import annotations

import json
from pathlib import Path

import click

from console.calling import fail, settings_of
from console.deciding_options import told
from console.exit_codes import ExitCode
from pipeline.adapters.confine import Limits, run_confined
from pipeline.adapters.profile_files import load_profiles
from pipeline.adapters.volumes.marks_report import decode_pdf
from pipeline.adapters.volumes.testsheet import write_testsheet
from pipeline.domain.errors import ConfinedFailure
from pipeline.domain.profiles import Machine, Plex

_LIMITS = Limits(wall_s=3600, memory_mb=4000)


def _machine(context: click.Context, id: str) -> Machine:
    with told():
        machines = load_profiles(settings_of(context).profiles).machines
    if id not in machines:
        fail(ExitCode.NOT_FOUND, f"There is no machine {id}. There are: {', '.join(sorted(machines))}.")
    return machines[id]


@click.group(epilog="Example: poststrasse marks decode b0000042-v01.pdf --machine neopost-1track")
def marks() -> None:
    """Insertion marks."""


@marks.command(epilog="Example: poststrasse marks decode b0000042-v01.pdf --machine datamatrix > sheets.jsonl")
@click.argument("pdf", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--machine", "id", required=True, help="the machine's id, see `poststrasse profiles show`")
@click.option("--plex", type=click.Choice(["simplex", "duplex"]), help="how it is printed; left out: as the marks tell")
@click.pass_context
def decode(context: click.Context, /, pdf: Path, id: str, plex: Plex | None) -> None:
    """Read a print stream as the machine would: one JSON line a sheet on stdout.

    Ends with 1 if a sheet has a fault.
    """
    machine = _machine(context, id)
    with told():
        try:
            sheets = run_confined(_LIMITS, decode_pdf, str(pdf.absolute()), machine, plex)
        except ConfinedFailure as failure:
            fail(ExitCode.FAILED, f"{pdf.name} can't be read: {failure.sentence}")
    for sheet in sheets:
        click.echo(json.dumps(sheet, ensure_ascii=False))
    faulty = sum(1 for sheet in sheets if sheet["faults"])
    if faulty:
        fail(ExitCode.FAILED, f"{faulty} of {len(sheets)} sheets have a fault.")


@marks.command(epilog="Example: poststrasse marks testsheet --machine neopost-1track --out testsheet.pdf")
@click.option("--machine", "id", required=True, help="the machine's id, see `poststrasse profiles show`")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path), help="PDF to write"
)
@click.pass_context
def testsheet(context: click.Context, /, id: str, out: Path) -> None:
    """Make a page to print at 100 % and align the machine's reader with."""
    with told():
        write_testsheet(_machine(context, id), str(out))
    click.echo(out)
