"""What every verb shares: settings from options and environment, the line, output for people and for programs."""

from __future__ import annotations

import dataclasses
import json
import logging
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

import click
from alembic.util import CommandError
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import ArgumentError, DBAPIError

from console.exit_codes import ExitCode
from pipeline.domain.errors import IllegalMove, PoststrasseError, ProfileError
from pipeline.services.ports import Line
from workers.line import open_line
from workers.settings import VARIABLES, Settings, read_settings

F = TypeVar("F", bound=Callable[..., Any])

_HELP = {field: text for field, _, _, text in VARIABLES}
_VARIABLE = {field: variable for field, variable, _, _ in VARIABLES}
_DEFAULT = {field: default for field, _, default, _ in VARIABLES}


def setting_option(field: str, *names: str, **more: Any) -> Callable[[F], F]:
    """A click option for a setting, with its variable and default in the help text."""
    shown = f"{_HELP[field]}  [env: {_VARIABLE[field]}" + (f"; default: {_DEFAULT[field]}]" if _DEFAULT[field] else "]")
    return click.option(*(names or (f"--{field.removesuffix('_s').replace('_', '-')}",)), field, help=shown, **more)


def settings_of(context: click.Context, **overrides: object) -> Settings:
    """Settings with the options of the whole command and of this verb on top of the environment."""
    common: Mapping[str, object] = context.find_root().params
    known = {field.name for field in dataclasses.fields(Settings)}
    given = {name: value for name, value in common.items() if name in known and value is not None}
    try:
        return read_settings(None, **{**given, **overrides})
    except ValueError as error:
        fail(ExitCode.SETTINGS, str(error))


def line_of(context: click.Context, **overrides: object) -> Line:
    """The line for this call; ends the command with a clear message if it can't be opened."""
    settings = settings_of(context, **overrides)
    try:
        line = open_line(settings)
    except ProfileError as error:
        fail(ExitCode.SETTINGS, f"{error.sentence}\n{error.remedy}")
    except DBAPIError as error:
        fail(ExitCode.SETTINGS, f"{_VARIABLE['database_url']}: the ledger can't be opened: {error.orig}")
    except (ArgumentError, ImportError) as error:
        fail(ExitCode.SETTINGS, f"{_VARIABLE['database_url']}: the ledger can't be opened: {error}")
    except CommandError as error:
        fail(ExitCode.SETTINGS, f"{_VARIABLE['database_url']}: the ledger is of another version: {error}")
    except OSError as error:
        where = error.filename or settings.root
        fail(ExitCode.SETTINGS, f"{_VARIABLE['root']}: no folder to work in: {where}: {error.strerror or error}")
    context.call_on_close(line.ledger.close)
    return line


def fail(code: ExitCode, message: str) -> NoReturn:
    """End the command with a message on stderr."""
    click.echo(message, err=True)
    sys.exit(code)


def fail_with(error: PoststrasseError) -> NoReturn:
    """End the command with what an error says."""
    code = ExitCode.NOT_ALLOWED if isinstance(error, IllegalMove) else ExitCode.FAILED
    fail(code, f"{error.sentence} [{error.code}]\n{error.remedy}".rstrip())


def show_json(value: Any) -> None:
    """Print JSON for programs on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None) -> None:
    """Print a table for people on stdout; never cut on a pipe."""
    table = Table(*columns, title=title, title_justify="left", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    console = Console(soft_wrap=False)
    Console(width=None if console.is_terminal else 200).print(table, markup=False)


def talk(quiet: bool, verbose: bool) -> None:
    """Send the line's log to stderr at the wanted loudness."""
    level = logging.ERROR if quiet else logging.DEBUG if verbose else logging.WARNING
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("poststrasse").setLevel(level)
    for noisy in ("dramatiq", "watchdog", "alembic", "pikepdf"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL if not verbose else logging.WARNING)
