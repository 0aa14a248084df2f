"""A machine takes fewer sheets than when a letter was accepted: it comes back, the town's others are printed."""

from __future__ import annotations

import json
import re
import shutil
import time
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from pipeline.services.auditing import audit
from tests.acceptance.driver import REPOSITORY, Place
from tests.letter_sheets import Layout, draw_address, stack
from workers.line import open_line
from workers.settings import read_settings

pytestmark = pytest.mark.acceptance

LINES = ("Frau", "Anna Albers", "Am Markt 3", "19370 Parchim")


def letter(sheets: int) -> bytes:
    return stack([lambda canvas: draw_address(canvas, LINES, Layout())] * sheets)


def lower(profiles: Path, folder: str, most: int) -> None:
    """Edit every `max_sheets` of these profiles, as a person does with an editor."""
    for path in (profiles / folder).glob("*.toml") if (profiles / folder).is_dir() else [profiles / f"{folder}.toml"]:
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"^max_sheets = \d+", f"max_sheets = {most}", text, flags=re.M), encoding="utf-8")


def told(place: Place, *words: str) -> Any:
    return json.loads(place.call(*words, "--json").stdout)


def audited(place: Place) -> list[Any]:
    """The promises that do not hold: files, pages, reasons, packages, batches."""
    line = open_line(read_settings(place.environment()))
    broken = [(promise.name, promise.broken) for promise in audit(line) if not promise.kept]
    line.ledger.close()
    return broken


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Four letters of Parchim in one pool; the third has four sheets."""
    shutil.copytree(REPOSITORY / "profiles", tmp_path / "profiles")
    made = Place(tmp_path / "root", profiles=tmp_path / "profiles")
    for number, sheets in enumerate((1, 2, 4, 1), 1):
        made.drop("parchim", "letters", f"brief-{number}.pdf", letter(sheets))
    assert made.call("run", "--once").returncode == 0
    (pool,) = told(made, "batches", "pools")
    assert pool["pieces"] == 4
    return made


def test_it_comes_back_and_the_others_are_printed_whenever_the_work_is_killed(place: Place) -> None:
    lower(place.profiles, "machines", 3)
    lower(place.profiles, "envelopes", 3)
    for seconds in (1.2, 1.8, 2.4, 3.0):
        process = place.start("run", "--once", "--assemble")
        time.sleep(seconds)
        process.kill()
        process.wait()
    done = place.call("run", "--once", "--assemble")
    assert done.returncode == 0, done.stderr
    batches = told(place, "batches", "list")
    assert sum(batch["totals"]["pieces"] for batch in batches) == 3
    assert sum(batch["totals"]["pages"] for batch in batches) == 4
    assert {batch["state"] for batch in batches} == {"verified"}

    (folder,) = (place.root / "outbox" / "parchim" / "returned").iterdir()
    reason = json.loads((folder / "reason.json").read_text(encoding="utf-8"))
    (exception,) = reason["exceptions"]
    assert (reason["code"], exception["code"]) == ("letters-returned", "no-envelope-fits")
    assert exception["source_page"] == 1
    assert reason["remedy"] and "Blatt" in (folder / "REASON.txt").read_text(encoding="utf-8")
    (back,) = folder.glob("letter-*.pdf")
    with pikepdf.open(back) as pages:
        assert len(pages.pages) == 4
    intake = told(place, "inbox", "show", reason["intake"])
    assert intake["pieces"] == {"returned": 1}
    assert [each["code"] for each in intake["exceptions"]] == ["no-envelope-fits"]
    assert audited(place) == []
    assert told(place, "batches", "pools") == []


def test_where_the_flat_machine_takes_it_the_letter_goes_that_way(place: Place) -> None:
    lower(place.profiles, "machines", 3)
    done = place.call("run", "--once", "--assemble")
    assert done.returncode == 0, done.stderr
    batches = told(place, "batches", "list")
    assert sum(batch["totals"]["pieces"] for batch in batches) == 4
    assert sum(batch["totals"]["sheets"] for batch in batches) == 8
    assert len({batch["envelope"] for batch in batches}) == 2
    assert list((place.root / "outbox" / "parchim" / "returned").iterdir()) == []
    assert audited(place) == []
