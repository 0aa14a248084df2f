"""Registered mail leaves the bulk: at its own price, in batches in which nothing else lies, with lists of its own."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from tests.acceptance.driver import REPOSITORY, Place
from tests.letter_sheets import LAYOUTS, letter

pytestmark = pytest.mark.acceptance

ADDRESS = ["Erika Muster", "Lange Straße 3", "19370 Parchim"]
LETTERS = {
    "brief": ("", 95),
    "einschreiben": ("Einschreiben", 360),
    "einwurf": ("Einwurf-Einschreiben", 330),
    "rueckschein": ("Einschreiben mit Rückschein", 580),
}
REFUSED = {"zustellung": "Postzustellungsauftrag", "eigenhaendig": "Einschreiben eigenhändig", "eil": "Eilbrief"}
MUNICIPALITIES = ("parchim", "grabow")


@dataclass
class Day:
    """A run over letters of two municipalities, each kind from each."""

    place: Place
    batches: list[dict[str, Any]]

    def folder(self, batch: dict[str, Any]) -> Path:
        return self.place.root / "printcenter" / "batches" / str(batch["id"])

    def pieces(self, batch: dict[str, Any]) -> list[dict[str, str]]:
        with (self.folder(batch) / "pieces.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    base = tmp_path_factory.mktemp("registered")
    profiles = base / "profiles"
    shutil.copytree(REPOSITORY / "profiles", profiles)
    job = profiles / "jobs" / "letters.toml"
    text = (
        job.read_text(encoding="utf-8") + '\n[outgoing.window]\nspecial = "pool"\n\n[outgoing.joining]\njoin = true\n'
    )
    job.write_text(text, encoding="utf-8")
    place = Place(base / "root", profiles=profiles)
    place.root.mkdir()
    for municipality in MUNICIPALITIES:
        for name, (endorsement, _) in LETTERS.items():
            layout = replace(LAYOUTS["B"], endorsements=(endorsement,) if endorsement else ())
            for n in (1, 2):  # two to the same citizen: only ordinary ones may be joined
                place.drop(municipality, "letters", f"{name}-{n}.pdf", letter(ADDRESS, layout))
        for name, endorsement in REFUSED.items():
            layout = replace(LAYOUTS["B"], endorsements=(endorsement,))
            place.drop(municipality, "letters", f"{name}.pdf", letter(ADDRESS, layout))
    done = place.call("run", "--once", "--assemble")
    assert done.returncode == 0, done.stderr
    listed = json.loads(place.call("batches", "list", "--json").stdout)
    return Day(place, [json.loads(place.call("batches", "show", each["id"], "--json").stdout) for each in listed])


def test_each_product_has_a_batch_of_its_own_and_nothing_else_lies_in_it(day: Day) -> None:
    kinds = {batch["special"]: batch for batch in day.batches}
    assert len(kinds) == len(day.batches) == 4
    assert set(kinds) == {"", "registered", "registered-mailbox", "return-receipt"}
    for special, batch in kinds.items():
        told = json.loads((day.folder(batch) / "batch.json").read_text(encoding="utf-8"))
        assert (told["state"], told["special"]) == ("verified", special or None)
        assert set(told["municipalities"]) == set(MUNICIPALITIES)
        assert len({row["product"] for row in day.pieces(batch)}) == 1


@pytest.mark.parametrize("name", LETTERS)
def test_each_goes_at_its_own_price_and_only_ordinary_letters_are_joined(day: Day, name: str) -> None:
    special = {"einschreiben": "registered", "einwurf": "registered-mailbox", "rueckschein": "return-receipt"}
    (batch,) = (each for each in day.batches if each["special"] == special.get(name, ""))
    rows = day.pieces(batch)
    assert {int(row["postage_cent"]) for row in rows} == {LETTERS[name][1]}
    assert len(rows) == (2 if name == "brief" else 4)
    assert {row["product"] for row in rows} == {"standard" if name == "brief" else f"standard-{name}"}


def test_the_operator_and_the_carrier_are_told(day: Day) -> None:
    (batch,) = (each for each in day.batches if each["special"] == "return-receipt")
    ticket, listed = (
        " ".join(_text(day.folder(batch) / name).split()) for name in ("job-ticket.pdf", "delivery-list.pdf")
    )
    assert "Einschreiben mit Rückschein: jede Sendung bekleben" in ticket
    assert "Standardbrief, Einschreiben mit Rückschein" in listed and "Einwurf" not in listed
    shown = day.place.call("batches", "show", str(batch["id"])).stdout
    assert "besonderes Produkt return-receipt" in shown


def test_what_has_no_pool_of_its_own_comes_back(day: Day) -> None:
    told = [
        json.loads(path.read_text(encoding="utf-8")) for path in day.place.root.glob("outbox/*/rejected/*/reason.json")
    ]
    assert sorted((each["municipality"], each["file"]) for each in told) == sorted(
        (municipality, f"{name}.pdf") for municipality in MUNICIPALITIES for name in REFUSED
    )
    assert {each["code"] for each in told} == {"special-delivery"}


def test_a_cancelled_batch_gives_its_letters_back_to_their_own_pool(day: Day) -> None:
    (batch,) = (each for each in day.batches if each["special"] == "registered")
    by = ("--who", "M. Schulz", "--reason", "Etiketten fehlen")
    assert day.place.call("batches", "cancel", str(batch["id"]), *by).returncode == 0
    (pool,) = json.loads(day.place.call("batches", "pools", "--json").stdout)
    assert (pool["special"], pool["pieces"]) == ("registered", 4)
    assert pool["pool"].endswith("/registered")


def _text(pdf: Path) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()
