"""The command `poststrasse`. Each verb's module is loaded only when it is called."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from console.calling import setting_option, talk
from console.exit_codes import ExitCode

# verb -> module and name of its click command
_VERBS: dict[str, tuple[str, str]] = {
    "demo": ("console.demo_verb", "demo"),
    "serve": ("console.running_verbs", "serve"),
    "watch": ("console.running_verbs", "watch"),
    "work": ("console.running_verbs", "work"),
    "console": ("console.running_verbs", "console"),
    "run": ("console.running_verbs", "run"),
    "check": ("console.check_verb", "check"),
    "status": ("console.status_verb", "status"),
    "inbox": ("console.inbox_verbs", "inbox"),
    "documents": ("console.document_verbs", "documents"),
    "pieces": ("console.piece_verbs", "pieces"),
    "batches": ("console.batch_verbs", "batches"),
    "marks": ("console.marks_verbs", "marks"),
    "simulate": ("console.simulate_verb", "simulate"),
    "separators": ("console.separator_verbs", "separators"),
    "archive": ("console.archive_verbs", "archive"),
    "tokens": ("console.token_verbs", "tokens"),
    "profiles": ("console.profile_verbs", "profiles"),
}


class _Verbs(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _VERBS:
            return None
        module, name = _VERBS[cmd_name]
        command: Any = getattr(importlib.import_module(module), name)
        return command if isinstance(command, click.Command) else None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            sys.exit(ExitCode.INTERRUPTED)


@click.command(cls=_Verbs, epilog="Example: poststrasse --root /srv/poststrasse run --once")
@setting_option("root")
@setting_option("profiles")
@setting_option("database_url")
@setting_option("redis_url")
@setting_option("operator")
@click.option("-q", "--quiet", is_flag=True, help="say nothing but errors")
@click.option("-v", "--verbose", is_flag=True, help="say more")
@click.version_option(package_name="poststrasse")
def main(quiet: bool, verbose: bool, **_settings: object) -> None:
    """Poststraße: scans become archive packages, letters become verified print batches."""
    talk(quiet, verbose)
