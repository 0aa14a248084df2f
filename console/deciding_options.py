"""What the verbs share with which a person decides something: name, reason, and what happens when it can't be done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from console.calling import fail, fail_with
from console.exit_codes import ExitCode
from pipeline.domain.errors import PoststrasseError
from pipeline.services.deciding import Decision

F = TypeVar("F", bound=Callable[..., Any])

as_json_option = click.option("--json", "as_json", is_flag=True, help="print JSON for programs")


def decision_options(function: F) -> F:
    """The options `--who` and `--reason`."""
    function = click.option("--reason", required=True, help="why; kept with the event")(function)
    return click.option("--who", required=True, help="who decides; kept with the event")(function)


def decision(who: str, reason: str) -> Decision:
    """The decision behind the options; ends the command if one of them is blank."""
    try:
        return Decision(who.strip(), reason.strip())
    except ValueError as error:
        raise click.UsageError(f"--who, --reason: {error}") from error


@contextmanager
def told() -> Iterator[None]:
    """End the command with a sentence and the right code when something is unknown, not allowed, or fails."""
    try:
        yield
    except PoststrasseError as error:
        if error.code == "unknown-unit":
            fail(ExitCode.NOT_FOUND, f"{error.sentence} [{error.code}]")
        fail_with(error)
    except OSError as error:
        fail(ExitCode.FAILED, f"{error.filename or 'a file'}: {error.strerror or error}")
