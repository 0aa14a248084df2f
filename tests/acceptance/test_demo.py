"""What a newcomer runs first: every sample of the demo ends as its truth says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.driver import Place
from tests.needs import need

pytestmark = pytest.mark.acceptance


def test_the_demo_keeps_what_it_promises(tmp_path: Path) -> None:
    need("tesseract")
    done = Place(tmp_path / "root").call("--quiet", "demo")
    promises = [line for line in done.stdout.splitlines() if line.startswith(("kept", "BROKEN"))]
    assert len(promises) >= 10, done.stdout
    assert (done.returncode, [line for line in promises if line.startswith("BROKEN")]) == (0, []), done.stdout
