"""`poststrasse profiles`: what is set up, and whether it fits together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from console.calling import fail, settings_of, show_json, show_table
from console.deciding_options import as_json_option, told
from console.exit_codes import ExitCode
from console.shape import plain
from pipeline.adapters.profile_files import check_profiles, load_profiles
from pipeline.domain.profiles import Profiles
from pipeline.services.checking_letterheads import check_letterheads
from workers.tools import ConfinedLetters


@click.group(epilog="Example: poststrasse profiles check")
def profiles() -> None:
    """Municipalities, jobs, machines, envelopes, paper, postage."""


@profiles.command(epilog="Example: poststrasse --profiles /etc/poststrasse/profiles profiles check")
@as_json_option
@click.pass_context
def check(context: click.Context, /, as_json: bool) -> None:
    """Check all profiles: every fault with file, key and remedy. Ends with 3 if there is one."""
    root = settings_of(context).profiles
    findings = check_profiles(root)
    if all(each.ok for each in findings):
        with told(), TemporaryDirectory(prefix="poststrasse-") as folder:
            unfit = check_letterheads(load_profiles(root), ConfinedLetters(Path(folder)), Path(folder))
        told_of = {each.file for each in unfit}
        findings = sorted(
            [*unfit, *(each for each in findings if each.file not in told_of)], key=lambda each: each.file
        )
    if as_json:
        show_json(plain(findings))
    else:
        for each in findings:
            place = f"{each.file}: {each.key}" if each.key else each.file
            click.echo(f"{'OK   ' if each.ok else 'WRONG'} {place}: {each.sentence}")
            if each.remedy:
                click.echo(f"      {each.remedy}")
    faults = sum(1 for each in findings if not each.ok)
    if faults:
        fail(ExitCode.SETTINGS, f"{faults} fault(s) in the profiles.")


@profiles.command(epilog="Example: poststrasse profiles show parchim")
@click.argument("name", required=False)
@as_json_option
@click.pass_context
def show(context: click.Context, /, name: str | None, as_json: bool) -> None:
    """List what is set up, or show one municipality, job, machine, envelope or paper by its id."""
    with told():
        loaded = load_profiles(settings_of(context).profiles)
    if name is None:
        _show_all(loaded, as_json)
        return
    found = {kind: members[name] for kind, members in _kinds(loaded).items() if name in members}
    if not found:
        fail(ExitCode.NOT_FOUND, f"There is no profile {name}. See: poststrasse profiles show")
    if as_json:
        show_json(plain(found))
        return
    for kind, value in found.items():
        click.echo(f"{kind}/{name}")
        for key, each in _flat(plain(value)):
            click.echo(f"  {key} = {each}")


def _kinds(loaded: Profiles) -> dict[str, Mapping[str, Any]]:
    return {
        "municipalities": loaded.municipalities,
        "jobs": loaded.jobs,
        "machines": loaded.machines,
        "envelopes": loaded.envelopes,
        "papers": loaded.papers,
        "products": {product.id: product for product in loaded.postage.products},
    }


def _show_all(loaded: Profiles, as_json: bool) -> None:
    if as_json:
        show_json({"sha256": loaded.sha256, **plain(_kinds(loaded))})
        return
    rows = [
        (kind, id, getattr(value, "title", getattr(value, "name", "")))
        for kind, members in _kinds(loaded).items()
        for id, value in sorted(members.items())
    ]
    show_table(("Art", "Kennung", "Bezeichnung"), rows)
    click.echo(f"SHA-256 {loaded.sha256}")


def _flat(value: Any, prefix: str = "") -> list[tuple[str, Any]]:
    """Nested values as lines `key.key = value`."""
    if isinstance(value, dict):
        return [line for key, each in value.items() for line in _flat(each, f"{prefix}.{key}" if prefix else key)]
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        return [line for at, each in enumerate(value) for line in _flat(each, f"{prefix}[{at}]")]
    return [(prefix, ", ".join(str(each) for each in value) if isinstance(value, list) else value)]
