"""`poststrasse archive`: check archive packages from their files alone."""

from __future__ import annotations

from pathlib import Path

import click

from console.calling import fail, show_json
from console.deciding_options import as_json_option
from console.exit_codes import ExitCode
from pipeline.adapters.confine import Limits, run_confined
from pipeline.adapters.incoming.archive_package import verify_package
from pipeline.domain.errors import PoststrasseError

_LIMITS = Limits(wall_s=600, memory_mb=4000)


@click.group(epilog="Example: poststrasse archive verify var/archive/parchim/*")
def archive() -> None:
    """Archive packages."""


@archive.command(epilog="Example: poststrasse archive verify var/archive/parchim/i0000001-d0001")
@click.argument("folders", metavar="DIR...", nargs=-1, required=True, type=click.Path(path_type=Path))
@as_json_option
def verify(folders: tuple[Path, ...], as_json: bool) -> None:
    """Check packages: bag, hashes, files, and a document that agrees with itself. Ends with 1 if one does not hold."""
    missing = [folder for folder in folders if not folder.is_dir()]
    if missing:
        fail(ExitCode.NOT_FOUND, f"{missing[0]} is not a folder.")
    found = [(folder, _findings(folder)) for folder in folders]
    if as_json:
        show_json([{"package": str(folder), "ok": not wrong, "findings": wrong} for folder, wrong in found])
    else:
        for folder, wrong in found:
            click.echo(f"{'WRONG' if wrong else 'OK   '} {folder}")
            for sentence in wrong:
                click.echo(f"      {sentence}")
    if any(wrong for _, wrong in found):
        fail(ExitCode.FAILED, "Not every package holds.")


def _findings(folder: Path) -> list[str]:
    try:
        return run_confined(_LIMITS, verify_package, folder.absolute())
    except PoststrasseError as error:
        return [error.sentence]
