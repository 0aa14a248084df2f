"""docs/command.md is what the command itself says; every verb, option and variable stands in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from console.command import main
from console.exit_codes import ExitCode
from workers.settings import VARIABLES

pytestmark = pytest.mark.golden

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "command.md"
HEAD = """# The command

What `poststrasse --help` and the help of every verb say. This page is made from the command itself; a test holds it.
Exit codes: [exit-codes.md](exit-codes.md). Results go to stdout, talk to stderr; `--json` prints the API's field names.
"""


def commands(command: click.Command, path: str, parent: click.Context | None = None) -> Iterator[tuple[str, str]]:
    context = click.Context(command, info_name=path.rpartition(" ")[2], parent=parent, terminal_width=100)
    yield path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            verb = command.get_command(context, name)
            assert verb is not None
            yield from commands(verb, f"{path} {name}", context)


def reference() -> str:
    parts = [f"## {path}\n\n```\n{text}\n```\n" for path, text in commands(main, "poststrasse")]
    return HEAD + "\n" + "\n".join(parts)


def test_the_reference_is_what_the_command_says() -> None:
    made = reference()
    if os.environ.get("POSTSTRASSE_REGENERATE_GOLDEN") == "1":
        REFERENCE.write_text(made, encoding="utf-8")
    assert REFERENCE.read_text(encoding="utf-8") == made


def test_every_leaf_verb_has_an_example() -> None:
    leaves = [(path, text) for path, text in commands(main, "poststrasse") if "Commands:" not in text]
    assert [path for path, text in leaves if "Example: poststrasse" not in " ".join(text.split())] == []
    assert len(leaves) > 20


def test_every_setting_is_documented_in_the_reference() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    assert [variable for _, variable, _, _ in VARIABLES if variable not in text] == []


def test_every_exit_code_is_documented() -> None:
    text = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    assert [code.name for code in ExitCode if f"| {code.value} |" not in text and f"`{code.value}`" not in text] == []
