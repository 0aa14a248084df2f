"""The overview counts what is there, each thing once, in one look."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.shape import plain
from pipeline.domain.states import Kind, Unit
from pipeline.domain.totals import Totals
from pipeline.services.finding_pieces import piece_view, pieces_between
from pipeline.services.overview import LATE_AFTER_S, Overview, Sign, overview
from tests.line_examples import EVIL, Example, filled

pytestmark = pytest.mark.integration


@pytest.fixture(params=["sqlite", "postgresql"])
def example(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Example]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    made = filled(tmp_path, url)
    yield made
    made.line.ledger.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Example]:
    made = Example(tmp_path)
    yield made
    made.line.ledger.close()


def sign(seen: Overview, part: str) -> Sign:
    return next(each for each in seen.signs if each.part == part)


def test_each_municipality_has_its_counts_and_the_sum_is_theirs(example: Example) -> None:
    seen = overview(example.line)
    counts = {
        row.municipality: {k: v for k, v in plain(row).items() if v and k not in ("municipality", "name")}
        for row in seen.municipalities
    }
    assert {id: row for id, row in counts.items() if row} == {
        "parchim": {"in_work": 1, "archived": 1, "batched": 7, "returned": 1},
        "schwerin": {"archived": 1, "batched": 5},
        "luebz": {"in_work": 1, "review": 1},
        "grabow": {"waiting": 1},
        "hagenow": {"rejected": 1},
        "entenhausen": {"rejected": 1},
        "wittenburg": {"pooled": 3},
    }
    assert seen.totals.batched == 12
    assert (seen.totals.in_work, seen.totals.archived, seen.totals.rejected) == (2, 2, 2)
    assert len(seen.municipalities) == len(example.line.profiles.municipalities) + 1
    assert seen.municipalities[-1].municipality == "entenhausen"


def test_what_waits_is_listed_with_what_to_do_the_oldest_first(example: Example) -> None:
    example.failed(Unit(Kind.SLICE, "i0000004-s0001"), "recognition-failed", "status 1")
    batch = example.batch(verified=False)
    example.failed(Unit(Kind.VOLUME, f"{batch}-v01"), "readback-failed", "page 3")
    seen = overview(example.line)
    assert [(each.kind, each.id, each.file, each.batch) for each in seen.attention] == [
        ("document", "i0000003-d0001", "Durchschlag.pdf", ""),
        ("intake", "i0000005", "Kaputt.pdf", ""),
        ("slice", "i0000004-s0001", "Gutachten.pdf", ""),
        ("volume", f"{batch}-v01", "", batch),
    ]
    assert all(each.title and each.remedy for each in seen.attention)
    assert seen.attention_total == 4
    assert next(row for row in seen.municipalities if row.municipality == "parchim").waiting == 1


def test_rejections_carry_title_detail_and_remedy(example: Example) -> None:
    seen = overview(example.line)
    newest, other = seen.rejections
    assert (newest.code, other.file, other.code) == ("unknown-municipality", EVIL, "pdf-encrypted")
    assert other.title == "Die PDF-Datei ist verschlüsselt"
    assert other.detail == "Kennwort nötig."
    assert other.remedy.startswith("Bitte speichern Sie die Datei ohne Kennwort")


def test_batches_carry_totals_and_shares_that_add_up(example: Example) -> None:
    (batch,) = overview(example.line).batches
    assert (batch.id, batch.state) == ("b0000001", "verified")
    assert batch.municipalities == {
        "parchim": Totals(7, 7, 7, 63_000, 665),
        "schwerin": Totals(5, 10, 10, 90_000, 475),
    }
    assert sum(batch.municipalities.values(), Totals()) == batch.totals


def test_it_is_json_with_the_contracts_field_names(example: Example) -> None:
    told = json.loads(json.dumps(plain(overview(example.line, "in-process"))))
    assert told["schema"] == "poststrasse/status/1"
    assert told["batches"][0]["totals"] == {
        "pieces": 12, "sheets": 17, "pages": 17, "weight_g": 153.0, "postage_cent": 1140,
    }  # fmt: skip
    assert {"id", "state", "machine", "envelope", "paper", "plex", "created_at", "municipalities", "readback"} <= set(
        told["batches"][0]
    )


def test_signs_of_life_are_told_with_their_age(example: Example) -> None:
    seen = overview(example.line, "redis")
    watcher = sign(seen, "watcher")
    assert (watcher.health, watcher.detail) == ("warning", "2 Dateien noch unvollständig, 1 Hinweis (siehe Protokoll)")
    assert watcher.age_s is not None
    assert watcher.age_s < 60
    assert (sign(seen, "workers").health, sign(seen, "workers").detail) == ("ok", "1 Prozess, 1 in Arbeit")
    assert sign(seen, "queue").detail == "Redis, 1 Schritt offen"
    assert sign(seen, "ledger").detail in ("SQLite, erreichbar", "PostgreSQL, erreichbar")
    assert seen.left == 2


def test_a_part_that_fell_silent_is_an_alarm(empty: Example) -> None:
    now = empty.line.now_ms()
    empty.line.ledger.sign_of_life("door a/b/1/2", "door", now - LATE_AFTER_S * 1000 - 5000, "0 0 0")
    empty.line.ledger.sign_of_life("a/b/1/2", "worker", now - LATE_AFTER_S * 1000 - 5000, "0")
    seen = overview(empty.line)
    assert (sign(seen, "watcher").health, sign(seen, "workers").health) == ("alarm", "alarm")
    assert "a, Prozess 1" in sign(seen, "workers").detail
    empty.line.ledger.sign_of_life("a/b/3/4", "worker", now, "0")
    assert sign(overview(empty.line), "workers").detail == "1 Prozess, 0 in Arbeit"


def test_a_share_that_is_away_is_an_alarm(empty: Example) -> None:
    empty.line.ledger.sign_of_life("door a/b/1/2", "door", empty.line.now_ms(), "2 0 0")
    seen = overview(empty.line)
    assert (sign(seen, "watcher").health, sign(seen, "watcher").detail) == ("alarm", "2 Freigaben nicht erreichbar")


def test_where_nothing_ever_happened_it_says_so(empty: Example) -> None:
    seen = overview(empty.line)
    assert (seen.last_event, seen.attention, seen.batches, seen.rejections, seen.left) == (0, (), (), (), None)
    assert sign(seen, "watcher").health == "alarm"
    assert sign(seen, "watcher").at is None


def test_letters_between_two_sheets_are_found_over_volumes_and_within_one(empty: Example) -> None:
    from dataclasses import replace

    machine = empty.line.profiles.machines["neopost-1track"]
    small = replace(machine, feed=replace(machine.feed, max_volume_sheets=7))
    profiles = replace(empty.line.profiles, machines={**empty.line.profiles.machines, machine.id: small})
    empty.line = replace(empty.line, profiles=profiles)
    empty.letters(5, sheets=3)
    batch = empty.batch()  # volumes of two, two and one letter
    with empty.line.ledger.reading() as read:
        assert [volume.sheets for volume in read.volumes(batch)] == [6, 6, 3]
        found = pieces_between(read, batch, 6, 7)
        assert [(each.piece, each.volume, each.first_sheet, each.last_sheet) for each in found] == [
            (2, 1, 4, 6),
            (3, 2, 7, 9),
        ]
        (second,) = pieces_between(read, batch, 4, 4, volume=2)
        assert (second.piece, second.volume_first_sheet, second.volume_last_sheet) == (4, 4, 6)
        assert [each.piece for each in pieces_between(read, batch, 1, 10**6)] == [1, 2, 3, 4, 5]
        (last,) = pieces_between(read, batch, 15, 15)
        assert (last.piece, last.volume, last.volume_first_sheet) == (5, 3, 1)
        assert pieces_between(read, batch, 16, 99) == []
        assert piece_view(empty.line, read, f"{batch}/5").id == last.id
        assert piece_view(empty.line, read, last.id).piece == 5
