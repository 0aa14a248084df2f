"""One undisturbed run, for the other runs to be compared with.

POSTSTRASSE_TEST_SAMPLES=demo takes the large set of samples instead of the small one: some ten minutes a test.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from samples.sets import write_set
from tests.acceptance.driver import Place
from tests.needs import need

_SET = os.environ.get("POSTSTRASSE_TEST_SAMPLES", "small")


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """What `run --once --assemble` makes of the set, and where the set's files lie."""
    need("tesseract")
    base = tmp_path_factory.mktemp("undisturbed")
    place = Place(base / "root")
    write_set(_SET, 1, place.root)
    done = place.call("run", "--once", "--assemble")
    assert done.returncode == 0, done.stderr
    source = base / "source"
    write_set(_SET, 1, source)
    return place.outcome(), source
