"""Nobody closes a pool: a service, and a run from a timetable, do it when the profile says so."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pikepdf
import pytest

from tests.acceptance.driver import REPOSITORY, Place, end, wait_until

pytestmark = pytest.mark.acceptance

LETTER = REPOSITORY / "samples" / "small" / "inbox" / "grabow" / "letters" / "schreiben-0004.pdf"
BY = ("--who", "M. Schulz", "--reason", "geprüft")


def place_with(folder: Path, rules: str) -> Place:
    """A root whose machines close their pools by these rules only."""
    profiles = folder / "profiles"
    shutil.copytree(REPOSITORY / "profiles", profiles)
    for path in (profiles / "machines").glob("*.toml"):
        text = path.read_text(encoding="utf-8").partition("[cut_off]")[0]
        path.write_text(f"{text}[cut_off]\n{rules}\n", encoding="utf-8")
    return Place(folder / "root", profiles=profiles)


def drop(place: Place, count: int, ticket: str = "") -> None:
    for municipality in ("grabow", "schwerin", "parchim")[:count]:
        if ticket:
            place.drop(municipality, "letters", "brief.pdf.ticket.toml", ticket.encode())
        place.drop(municipality, "letters", "brief.pdf", LETTER.read_bytes())


def batches(place: Place) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = json.loads(place.call("batches", "list", "--json").stdout)
    return listed


def test_the_service_closes_a_pool_that_is_full(tmp_path: Path) -> None:
    place = place_with(tmp_path, "max_pieces = 3")
    place.root.mkdir()
    service = place.start("serve", "--port", "0")
    try:
        drop(place, 3)
        wait_until(lambda: [batch["state"] for batch in batches(place)] == ["verified"], 180, 1.0)
    finally:
        end([service])
    (batch,) = batches(place)
    shown = json.loads(place.call("batches", "show", str(batch["id"]), "--json").stdout)
    assert (shown["events"][0]["who"], shown["events"][0]["reason"]) == ("Annahmeschluss", "cut-off-count")
    refuses_a_paper_that_is_not_listed_any_more(place, str(batch["id"]))
    assert place.call("batches", "release", str(batch["id"]), *BY).returncode == 0


def refuses_a_paper_that_is_not_listed_any_more(place: Place, batch: str) -> None:
    """Who changes the job ticket and takes it out of SHA256SUMS, too, gets neither past release nor past verify."""
    folder = place.root / "printcenter" / "batches" / batch
    ticket, sums = folder / "job-ticket.pdf", folder / "SHA256SUMS"
    right = {each: each.read_bytes() for each in (ticket, sums)}
    ticket.write_bytes(right[ticket] + b" ")
    rows = right[sums].splitlines(keepends=True)
    sums.write_bytes(b"".join(row for row in rows if not row.endswith(b"  job-ticket.pdf\n")))
    assert len(sums.read_bytes()) < len(right[sums])
    for verb in ("release", "resume"):
        refused = place.call("batches", verb, batch, *BY)
        assert refused.returncode == 1
        assert "SHA256SUMS ist nicht mehr die Datei, die dazu geschrieben wurde." in refused.stderr
    assert place.call("batches", "verify", batch).returncode == 1
    for each, held in right.items():
        each.write_bytes(held)
    assert place.call("batches", "verify", batch).returncode == 0
    assert place.call("batches", "resume", batch, *BY).returncode == 0


def test_a_run_from_a_timetable_closes_what_is_due_and_holds_what_its_ticket_holds(tmp_path: Path) -> None:
    place = place_with(tmp_path, 'max_pieces = 2\nlatest = "23:59"')
    place.root.mkdir()
    drop(place, 2, "hold = true")
    assert place.call("run", "--once").returncode == 0
    assert batches(place) == []
    held = json.loads(place.call("pieces", "list", "--state", "held", "--json").stdout)
    assert len(held) == 2
    for each in held:
        assert place.call("pieces", "free", "--intake", each["intake"], *BY).returncode == 0
    (pool,) = json.loads(place.call("batches", "pools", "--json").stdout)
    assert (pool["pieces"], pool["closes_at"]) == (2, None)
    assert place.call("run", "--once").returncode == 0
    assert [batch["state"] for batch in batches(place)] == ["verified"]
    assert json.loads(place.call("batches", "pools", "--json").stdout) == []


def test_a_letter_that_is_due_today_does_not_wait(tmp_path: Path) -> None:
    """Without a time of day, the pool closes on the last day that serves: a day in the past is late, today serves."""
    place = place_with(tmp_path, "posting_days = 0")
    place.root.mkdir()
    calendar = place.profiles / "calendar.toml"
    calendar.write_text('holidays = "none"\nworking_days = ["mo", "di", "mi", "do", "fr", "sa", "so"]\n')
    drop(place, 1, "due = 2020-01-02")
    assert place.call("run", "--once").returncode == 0
    assert batches(place) == []
    (pool,) = json.loads(place.call("batches", "pools", "--json").stdout)
    assert len(pool["late"]) == 1
    assert "nicht mehr rechtzeitig" in place.call("batches", "pools").stdout
    assert place.call("pieces", "pull", pool["late"][0], *BY).returncode == 0
    today = pool["posting_day"]
    drop(place, 1, f"due = {today}")
    assert place.call("run", "--once").returncode == 0
    (batch,) = batches(place)
    assert (batch["state"], batch["due"]) == ("verified", today)


def test_a_run_looks_again_at_letters_whose_machine_was_edited(tmp_path: Path) -> None:
    place = place_with(tmp_path, "max_pieces = 0")
    place.root.mkdir()
    drop(place, 1)
    assert place.call("run", "--once", "--assemble").returncode == 0
    assert place.call("batches", "cancel", "b0000001", *BY).returncode == 0
    profile = place.profiles / "machines" / "neopost-1track.toml"
    text = profile.read_text(encoding="utf-8")
    assert "x_mm = 7.0" in text
    profile.write_text(text.replace("x_mm = 7.0", "x_mm = 7.5"), encoding="utf-8")
    stays = place.call("batches", "assemble")
    assert (stays.stdout, "Briefe bleiben in ihren Sammelkörben" in stays.stderr) == ("", True)
    assert place.call("run", "--once", "--assemble").returncode == 0
    assert [(batch["id"], batch["state"]) for batch in batches(place)] == [
        ("b0000001", "cancelled"),
        ("b0000002", "verified"),
    ]
    (shown,) = json.loads(place.call("pieces", "list", "--state", "batched", "--json").stdout)
    events = place.call("pieces", "show", shown["id"]).stdout
    assert shown["batch"] == "b0000002", events


def test_a_letter_that_the_machine_no_longer_folds_goes_flat_in_the_same_run(tmp_path: Path) -> None:
    place = place_with(tmp_path, "max_pieces = 0")
    place.root.mkdir()
    letter = io.BytesIO()
    with pikepdf.open(LETTER) as pdf:
        pdf.pages.extend([pdf.pages[0]] * 2)
        pdf.save(letter)
    place.drop("grabow", "letters", "lang.pdf", letter.getvalue())
    assert place.call("run", "--once").returncode == 0
    machine = place.profiles / "machines" / "neopost-1track.toml"
    text = machine.read_text(encoding="utf-8")
    assert "max_sheets = 5" in text
    machine.write_text(text.replace("max_sheets = 5", "max_sheets = 1"), encoding="utf-8")
    ended = place.call("run", "--once", "--assemble")
    assert ended.returncode == 0, ended.stderr
    (batch,) = batches(place)
    assert batch["state"] == "verified"
    assert batch["envelope"] != "c65"
