"""`poststrasse archive`: check archive packages from their files alone."""

from __future__ import annotations

from pathlib import Path

import click

from console.calling import fail, show_json
from console.deciding_options import as_json_option
from console.exit_codes import ExitCode
from pipeline.adapters.confine import Limits, run_confined
from pipeline.adapters.incoming.package_contents import verify_thoroughly
from pipeline.domain.errors import PoststrasseError
from pipeline.domain.german import counted

_LIMITS = Limits(wall_s=600, memory_mb=4000)


@click.group(epilog="Example: poststrasse archive verify var/archive/parchim/*")
def archive() -> None:
    """Archive packages."""


@archive.command(epilog="Example: poststrasse archive verify var/archive/parchim/i0000001-d0001")
@click.argument("folders", metavar="DIR...", nargs=-1, required=True, type=click.Path(path_type=Path))
@as_json_option
def verify(folders: tuple[Path, ...], as_json: bool) -> None:
    """Check packages: bag, hashes, files, and a document that agrees with itself.

    Ends with 0 if all hold, with 1 if one does not, with 5 if there is no such folder. What is wrong is told in German,
    a sentence each: it is for whoever keeps the archive.
    """
    missing = [folder for folder in folders if not folder.is_dir()]
    if missing:
        fail(ExitCode.NOT_FOUND, f"{missing[0]} ist kein Ordner.")
    found = [(folder, _findings(folder)) for folder in folders]
    if as_json:
        show_json([{"package": str(folder), "ok": not wrong, "findings": wrong} for folder, wrong in found])
    else:
        for folder, wrong in found:
            click.echo(f"{'FALSCH    ' if wrong else 'in Ordnung'} {folder}")
            for sentence in wrong:
                click.echo(f"      {sentence}")
    if any(wrong for _, wrong in found):
        count = sum(bool(wrong) for _, wrong in found)
        fail(ExitCode.FAILED, f"{counted(count, 'Paket hält', 'Pakete halten')} der Prüfung nicht stand.")


def _findings(folder: Path) -> list[str]:
    try:
        return run_confined(_LIMITS, verify_thoroughly, folder.absolute())
    except PoststrasseError as error:
        return [error.sentence]
