"""A morning's post in one duplex scan: every page accounted for, and ten kills change nothing.

POSTSTRASSE_TEST_STACK=300/2000 takes a stack of 300 letters on 2,000 pages instead of a small one.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from samples.morning import StackOrder, printed_separators, write_morning_stack
from tests.acceptance.driver import Place, differences
from tests.needs import need

pytestmark = pytest.mark.acceptance

KILLS = 10
_LETTERS, _PAGES = (int(each) for each in os.environ.get("POSTSTRASSE_TEST_STACK", "12/76").split("/"))
_LONG = 4 * 3600.0


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The scan, and the truth about it."""
    need("tesseract")
    file = tmp_path_factory.mktemp("stack") / "Morgenpost.tif"
    truth = write_morning_stack(
        file, StackOrder(_LETTERS, _PAGES, 1, "tiff", 300), printed_separators("parchim", "post")
    )
    return file, truth


@pytest.fixture(scope="module")
def undisturbed(stack: tuple[Path, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, float]:
    """What one run makes of it, and how long that took, in seconds."""
    place = dropped(tmp_path_factory.mktemp("undisturbed"), stack[0])
    began = time.monotonic()
    run(place)
    took = time.monotonic() - began
    accept_all(place)
    return place, took


def dropped(base: Path, file: Path) -> Place:
    place = Place(base / "root")
    folder = place.root / "inbox" / "parchim" / "post"
    folder.mkdir(parents=True)
    shutil.copyfile(file, folder / file.name)
    return place


def run(place: Place) -> None:
    done = place.call("run", "--once", timeout_s=_LONG)
    assert done.returncode == 0, done.stderr


def documents(place: Place) -> list[dict[str, Any]]:
    listed = place.call("documents", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    found: list[dict[str, Any]] = json.loads(listed.stdout)
    return found


def accept_all(place: Place) -> None:
    """Let a person take whatever waits for one: pages with a stamp or a signature only have no text."""
    for document in documents(place):
        if document["state"] == "review":
            done = place.call("documents", "accept", document["id"], "--who", "M. Schulz", "--reason", "angesehen")
            assert done.returncode == 0, done.stderr
    run(place)


def packages(place: Place) -> list[dict[str, Any]]:
    """What the packages say, in the order of their pages."""
    found = [json.loads(path.read_text()) for path in place.root.glob("archive/parchim/*/data/document.json")]
    return sorted(found, key=lambda each: min(page["source_page"] for page in (*each["pages"], *each["dropped"])))


def test_every_letter_is_a_package_of_exactly_its_pages(
    stack: tuple[Path, dict[str, Any]], undisturbed: tuple[Place, float]
) -> None:
    truth, (place, _took) = stack[1], undisturbed
    made = packages(place)
    assert [[page["source_page"] for page in each["pages"]] for each in made] == [
        letter["pages"] for letter in truth["letters"]
    ]
    reasons = {drop["source_page"]: drop["reason"] for each in made for drop in each["dropped"]}
    assert reasons == {page["page"]: page["is"] for page in truth["pages"] if page["is"] != "content"}
    assert all(0 <= drop["ink_ratio"] < 1 for each in made for drop in each["dropped"])
    assert place.call("status", "--json").returncode == 0


def test_what_stands_on_a_page_is_found_in_its_own_package(
    stack: tuple[Path, dict[str, Any]], undisturbed: tuple[Place, float]
) -> None:
    """The words that name letter, sheet and side: a page in somebody else's package would show."""
    said = {page["page"]: page["says"] for page in stack[1]["pages"] if page["says"]}
    looked_for = found = 0
    for package in undisturbed[0].root.glob("archive/parchim/*"):
        told = json.loads((package / "data" / "document.json").read_text())
        texts = (package / "data" / "document.txt").read_text().split("\f")
        for page, text in zip(told["pages"], texts, strict=False):
            wanted = said.get(page["source_page"])
            if wanted is not None:
                looked_for += 1
                found += (
                    wanted.split() == [word for word in text.split() if word in wanted.split()][: len(wanted.split())]
                )
    assert looked_for == len(said)
    assert found >= 0.97 * looked_for


def test_ten_kills_on_the_way_give_the_same_packages(
    stack: tuple[Path, dict[str, Any]], undisturbed: tuple[Place, float], tmp_path: Path
) -> None:
    wanted, took = undisturbed
    place = dropped(tmp_path, stack[0])
    chance = random.Random(10)
    for _ in range(KILLS):
        process = place.start("run", "--once")
        time.sleep(chance.uniform(0.5, max(4.0, took / KILLS)))
        assert process.poll() is None or process.returncode == 0, "it ended by itself, and not well"
        process.kill()
        process.wait()
    run(place)
    accept_all(place)
    assert differences(place.outcome(), wanted.outcome()) == []
    states = [(each["id"], each["state"]) for each in documents(place)]
    assert states == [(each["id"], each["state"]) for each in documents(wanted)]
    assert {state for _id, state in states} == {"delivered"}
