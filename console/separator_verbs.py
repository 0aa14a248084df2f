"""`poststrasse separators`: print the sheets that part one letter from the next in a scanner's stack."""

from __future__ import annotations

import re
from pathlib import Path

import click

from console.calling import fail, settings_of
from console.deciding_options import told
from console.exit_codes import ExitCode
from pipeline.adapters.papers.cover_sheet import GENERIC_KINDS, GenericKind, write_cover_sheets, write_generic_sheets
from pipeline.adapters.profile_files import load_profiles
from pipeline.domain.cover_sheets import MOST_SHEETS
from pipeline.domain.page_looks import CoverSheet
from pipeline.domain.profiles import Job, Municipality

_CODE39 = re.compile(r"[A-Z0-9 .$/+%-]{1,12}")
_GENERIC = {"qr": "text-code", "code39": "text-code"}


@click.group(epilog="Example: poststrasse separators print --municipality parchim --profile post --out trennblatt.pdf")
def separators() -> None:
    """Separator sheets for the scan room."""


@separators.command(
    "print",
    epilog="Example: poststrasse separators print --municipality parchim --profile post --reference 32-0815/2026 "
    "--sheets 12 --out trennblatt.pdf",
)
@click.option("--municipality", help="whose letter follows, e.g. parchim")
@click.option("--profile", help="the job profile of the scan, e.g. post")
@click.option("--reference", help="file reference of the letter; put into document.json")
@click.option("--field", "fields", multiple=True, metavar="NAME=VALUE", help="a further field, e.g. cost_centre=4711")
@click.option("--sheets", type=click.IntRange(1, MOST_SHEETS), help="how many sheets the letter has; checked")
@click.option("--copies", type=click.IntRange(1, 1000), default=1, show_default=True, help="how many pages to make")
@click.option("--generic", type=click.Choice(GENERIC_KINDS), help="a sheet without data, instead of a cover sheet")
@click.option("--text", help="what a generic QR code or Code 39 says  [default: PATCHT, or the profile's first text]")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path), help="PDF to write"
)
@click.pass_context
def print_sheets(
    context: click.Context,
    /,
    municipality: str | None,
    profile: str | None,
    reference: str | None,
    fields: tuple[str, ...],
    sheets: int | None,
    copies: int,
    generic: GenericKind | None,
    text: str | None,
    out: Path,
) -> None:
    """Make a PDF of separator sheets, to print at 100 %, black on white, one-sided.

    A cover sheet says whose letter follows, for which profile, and what else you give. Put one before every letter; it
    is not scanned into the document. A generic sheet (--generic) only says that a letter ends.
    """
    of = _of(context, municipality, profile)
    if generic is not None:
        if reference or fields or sheets:
            raise click.UsageError("--generic: such a sheet holds no --reference, --field or --sheets")
        says = text or _text_of(of)
        if generic == "code39" and not _CODE39.fullmatch(says):
            raise click.UsageError("--text: a Code 39 holds A-Z, 0-9, space and -.$/+%, up to 12")
        if generic == "qr" and not 1 <= len(says) <= 80:
            raise click.UsageError("--text: 1 to 80 characters")
        with told():
            write_generic_sheets(out, generic, says, copies)
        _note(of, _GENERIC.get(generic, generic))
    else:
        if of is None:
            raise click.UsageError("--municipality and --profile say whose letter follows; or choose --generic")
        if text:
            raise click.UsageError("--text belongs to --generic")
        sheet = CoverSheet(of[0].id, of[1].id, sheets, _fields(reference, fields))
        with told():
            write_cover_sheets(out, sheet, of[0].name, of[1].title, copies)
        _note(of, "cover-sheet")
    click.echo(out)


def _of(context: click.Context, municipality: str | None, profile: str | None) -> tuple[Municipality, Job] | None:
    """The municipality and its job, None where neither is given; ends the command where one is unknown."""
    if municipality is None and profile is None:
        return None
    if municipality is None or profile is None:
        raise click.UsageError("--municipality and --profile go together")
    with told():
        loaded = load_profiles(settings_of(context).profiles)
    whose = loaded.municipalities.get(municipality)
    if whose is None:
        known = ", ".join(sorted(loaded.municipalities))
        fail(ExitCode.NOT_FOUND, f"There is no municipality {municipality}. There are: {known}.")
    scans = sorted(id for id in whose.jobs if loaded.jobs[id].direction == "incoming")
    if profile not in scans:
        fail(ExitCode.NOT_FOUND, f"{municipality} has no profile {profile} for scans. It has: {', '.join(scans)}.")
    return whose, loaded.jobs[profile]


def _fields(reference: str | None, pairs: tuple[str, ...]) -> dict[str, str]:
    fields = {} if reference is None else {"reference": reference}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or name in fields:
            raise click.UsageError(f"--field {pair}: it is NAME=VALUE, each name once")
        fields[name] = value
    return fields


def _text_of(of: tuple[Municipality, Job] | None) -> str:
    rules = of[1].incoming.separation if of is not None and of[1].incoming is not None else None
    return rules.text_codes[0] if rules is not None and rules.text_codes else "PATCHT"


def _note(of: tuple[Municipality, Job] | None, kind: str) -> None:
    """Say so where the profile does not part letters by what was printed."""
    if of is not None and of[1].incoming is not None and kind not in of[1].incoming.separation.by:
        click.echo(f"Note: the profile {of[1].id} does not separate by {kind} ([incoming.separation] by).", err=True)
