"""Where Tesseract's language models lie, and what is set for every reading with them."""

from __future__ import annotations

import os
import re
import subprocess
from functools import lru_cache
from pathlib import Path

from pytesseract import pytesseract as engine

SETTINGS = {"textord_tabfind_find_tables": "0"}
"""Tesseract's parameters that differ from its defaults: `table_rows` puts tables together from their cells."""

_TIMEOUT_S = 20.0
_LIST_HEAD = re.compile(r'List of available languages in "([^"]*)"')


def model_folder() -> Path | None:
    """The folder that Tesseract itself names in its list of languages; None where it names none."""
    return _folder_of(engine.tesseract_cmd)


@lru_cache(maxsize=2)
def _folder_of(program: str) -> Path | None:
    command = [program, "--list-langs"]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False, env=environment)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _LIST_HEAD.search(run.stdout + run.stderr)
    return Path(found.group(1)) if found is not None else None
