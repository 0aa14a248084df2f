"""`poststrasse tokens`: who may use the archive API, and sign in on the operators' page to look and decide."""

from __future__ import annotations

import secrets

import click

from console.access import tokens_of
from console.calling import fail, line_of, show_json, show_table
from console.deciding_options import as_json_option, told
from console.exit_codes import ExitCode
from console.shape import clock
from pipeline.adapters.access_tokens import PRINT_CENTRE, AccessToken
from pipeline.services.local_times import local_iso


@click.group(epilog='Example: poststrasse tokens new --scope parchim --name "Archiv Parchim"')
def tokens() -> None:
    """Access tokens for the API and for deciding on the operators' page.

    A token sees one municipality's documents, or with the scope printcenter all of them. Only its hash is kept.
    """


@tokens.command(epilog='Example: poststrasse tokens new --scope printcenter --name "M. Schulz"')
@click.option("--scope", required=True, help=f"a municipality's id, or {PRINT_CENTRE}")
@click.option("--name", required=True, help="who or what uses it; stands in the events of what is decided with it")
@as_json_option
@click.pass_context
def new(context: click.Context, /, scope: str, name: str, as_json: bool) -> None:
    """Make a token and print its secret, once: it is kept nowhere. Results go to stdout, so mind where they end."""
    line = line_of(context)
    if scope != PRINT_CENTRE and scope not in line.profiles.municipalities:
        known = ", ".join(sorted(line.profiles.municipalities))
        fail(ExitCode.NOT_FOUND, f"There is no municipality {scope}. Possible are {PRINT_CENTRE}, {known}.")
    if not name.strip():
        raise click.UsageError("--name: a token needs a name")
    with told():
        made, secret = tokens_of(line).new(scope, name.strip(), local_iso(line, line.now_ms()), secrets.token_urlsafe)
    if as_json:
        show_json({**_plain(made), "secret": secret})
        return
    click.echo(f"token {made.id} for {made.scope} ({made.name}); it is shown this once:", err=True)
    click.echo(secret)


@tokens.command("list", epilog="Example: poststrasse tokens list --json")
@as_json_option
@click.pass_context
def list_tokens(context: click.Context, /, as_json: bool) -> None:
    """List all tokens, the revoked ones too; never their secrets."""
    line = line_of(context)
    with told():
        found = tokens_of(line).tokens()
    if as_json:
        show_json([_plain(each) for each in found])
        return
    columns = ("Zugang", "Geltung", "Name", "seit", "gesperrt")
    rows = [(t.id, t.scope, t.name, clock(t.created_at), clock(t.revoked_at) if t.revoked_at else "–") for t in found]
    show_table(columns, rows)


@tokens.command(epilog="Example: poststrasse tokens revoke k0001")
@click.argument("id")
@click.pass_context
def revoke(context: click.Context, /, id: str) -> None:
    """Make a token useless from now on; whoever is signed in with it is signed out."""
    line = line_of(context)
    with told():
        tokens_of(line).revoke(id, local_iso(line, line.now_ms()))
    click.echo(f"token {id}: revoked")


def _plain(token: AccessToken) -> dict[str, object]:
    same = ("id", "scope", "name", "created_at", "revoked_at")
    return {name: getattr(token, name) for name in same}
