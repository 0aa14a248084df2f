"""Print streams through the command: letters of any length, told apart in every way; every doubt sent back whole."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from pipeline.adapters.ledger import open_ledger
from pipeline.adapters.ledger.cuts import left_out_of
from pipeline.adapters.ledger.records import IntakeRecord
from pipeline.domain.pieces import Piece
from pipeline.domain.refusals import REFUSALS
from samples.people import OFFICES
from samples.streams import StreamLetter, index_of, write_stream
from tests.acceptance.driver import REPOSITORY, Place

pytestmark = pytest.mark.acceptance

OFFICE = "parchim"
LETTERS = 12
# Jobs as a print centre would write them for the ways that are not shipped.
_OWN_JOBS = {
    "by-blank": 'by = "blank"',
    "by-separator": 'by = "separator"\nregion = { left_mm = 20.0, top_mm = 20.0, right_mm = 80.0, bottom_mm = 80.0 }',
    "by-address": 'by = "address"',
    "by-bookmark": "by = \"bookmark\"\nlevel = 2\npattern = 'Az\\. (?P<reference>\\S+)$'",
}
_KINDS = {
    "notices": "numbered",
    "print-runs": "control-line",
    "indexed": "index",
    "by-blank": "blank",
    "by-separator": "separator",
    "by-address": "numbered",
    "by-bookmark": "bookmarks",
}
_REFERENCES = ("print-runs", "indexed", "by-bookmark")


@dataclass
class Stream:
    """A stream as it was dropped, and what came of it."""

    job: str
    pages: int = 0
    letters: list[StreamLetter] = field(default_factory=list)
    intake: IntakeRecord | None = None
    pieces: list[Piece] = field(default_factory=list)


@dataclass
class Morning:
    """One run over everything that was dropped."""

    place: Place
    streams: dict[str, Stream]
    refused: dict[str, dict[str, Any]]


def _profiles(base: Path) -> Path:
    profiles = base / "profiles"
    shutil.copytree(REPOSITORY / "profiles", profiles)
    model = (profiles / "jobs" / "notices.toml").read_text(encoding="utf-8").partition("[outgoing.split]")[0]
    for job, split in _OWN_JOBS.items():
        text = model.replace('id = "notices"', f'id = "{job}"') + f"[outgoing.split]\n{split}\n"
        (profiles / "jobs" / f"{job}.toml").write_text(text, encoding="utf-8")
    municipality = profiles / "municipalities" / f"{OFFICE}.toml"
    text = municipality.read_text(encoding="utf-8")
    names = ", ".join(f'"{job}"' for job in _OWN_JOBS)
    municipality.write_text(text.replace('"indexed"', f'"indexed", {names}'), encoding="utf-8")
    return profiles


def _made(path: Path, kind: str, fault: str = "") -> tuple[bytes, int, list[StreamLetter]]:
    letters: list[StreamLetter] = []
    pages = write_stream(path, OFFICES[OFFICE], kind, LETTERS, kind, fault, None, letters.append)
    return path.read_bytes(), pages, letters


# Job, file, kind of stream, fault, ticket, index or None, expected code, the page that is named.
def _faults() -> list[tuple[str, str, str, str, str, Callable[[list[StreamLetter]], bytes] | None, str, int | None]]:
    def good(letters: list[StreamLetter]) -> bytes:
        return index_of(letters)

    def words(letters: list[StreamLetter]) -> bytes:
        return b"von;bis\n1;2\n"

    def wrong_station(letters: list[StreamLetter]) -> bytes:
        return index_of(letters).replace(b"51.20;;\r\n", b"51.20;8;\r\n", 1)

    def contradicts(letters: list[StreamLetter]) -> bytes:
        return index_of([*letters[:-1]])

    return [
        ("notices", "seite-fehlt.pdf", "numbered", "lost-page", "", None, "split-doubt", 6),
        ("notices", "schluss-fehlt.pdf", "numbered", "lost-last-page", "", None, "split-doubt", 6),
        ("notices", "vertauscht.pdf", "numbered", "swapped-pages", "", None, "split-doubt", 6),
        ("notices", "ohne-zahl.pdf", "numbered", "unnumbered-page", "", None, "split-doubt", 3),
        ("print-runs", "steuerzeile-halb.pdf", "control-line", "broken-control-line", "", None, "split-doubt", 2),
        ("print-runs", "keine-steuerzeile.pdf", "numbered", "", "", None, "split-doubt", 1),
        ("by-blank", "ohne-leerseite.pdf", "numbered", "", "", None, "split-doubt", 1),
        ("by-separator", "ohne-trennblatt.pdf", "numbered", "", "", None, "split-doubt", 1),
        ("by-bookmark", "ohne-lesezeichen.pdf", "numbered", "", "", None, "split-doubt", 1),
        ("indexed", "ohne-index.pdf", "index", "", "", None, "index-invalid", None),
        ("indexed", "luecke.pdf", "index", "", "", lambda x: index_of(x, "index-gap"), "index-invalid", 2),
        ("indexed", "doppelt.pdf", "index", "", "", lambda x: index_of(x, "index-overlap"), "index-invalid", 2),
        ("indexed", "spalten.pdf", "index", "", "", words, "index-invalid", None),
        ("indexed", "beilage.pdf", "index", "", "", wrong_station, "index-invalid", 1),
        ("notices", "widerspruch.pdf", "numbered", "", "", contradicts, "index-invalid", 25),
        ("notices", "zu-wenig.pdf", "numbered", "", "letters = 13\n", None, "count-mismatch", None),
        ("letters", "seitenzahl.pdf", "numbered", "", "pages = 30\n", None, "count-mismatch", None),
        ("post", "index-am-eingang.pdf", "numbered", "", "", good, "index-invalid", None),
        ("post", "briefe-am-eingang.pdf", "numbered", "", "letters = 12\n", None, "ticket-invalid", None),
    ]


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Morning:
    base = tmp_path_factory.mktemp("streams")
    place, profiles = Place(base / "root"), _profiles(base)
    streams: dict[str, Stream] = {}
    for job, kind in _KINDS.items():
        content, pages, letters = _made(base / "made.pdf", kind)
        streams[job] = Stream(job, pages, letters)
        if kind == "index":
            place.drop(OFFICE, job, "Druckstrom.index.csv", index_of(letters))
        counts = f"letters = {LETTERS}\npages = {pages}\n"
        place.drop(OFFICE, job, "Druckstrom.pdf.ticket.toml", counts.encode())
        place.drop(OFFICE, job, "Druckstrom.pdf", content)
    for job, name, kind, fault, ticket, index, _, _ in _faults():
        content, _, letters = _made(base / "made.pdf", kind, fault)
        if ticket:
            place.drop(OFFICE, job, f"{name}.ticket.toml", ticket.encode())
        if index is not None:
            place.drop(OFFICE, job, f"{name}.index.csv", index(letters))
        place.drop(OFFICE, job, name, content)
    content, _, _ = _made(base / "made.pdf", "control-line", "control-line-in-form")
    place.drop(OFFICE, "print-runs", "festgehalten.pdf", content)
    done = place.call("--profiles", str(profiles), "run", "--once", "--assemble")
    assert done.returncode == 0, done.stderr
    ledger = open_ledger(place.ledger_url)
    with ledger.reading() as read:
        for intake in read.intakes():
            if intake.file == "Druckstrom.pdf":
                streams[intake.profile].intake = intake
                streams[intake.profile].pieces = list(read.pieces(intake=intake.id))
    ledger.close()
    refused = {}
    for path in place.root.glob("outbox/*/re*ed/*/reason.json"):
        told = json.loads(path.read_text(encoding="utf-8"))
        refused[told["file"]] = {**told, "folder": path.parent}
    return Morning(place, streams, refused)


@pytest.mark.parametrize("job", _KINDS)
def test_letters_of_any_length_become_pieces_without_help(morning: Morning, job: str) -> None:
    stream = morning.streams[job]
    assert stream.intake is not None and (stream.intake.state, stream.intake.reason) == ("done", None)
    found = [(piece.source_first_page, piece.source_last_page, piece.postcode) for piece in stream.pieces]
    assert found == [(each.first_page, each.last_page, each.addressee.postcode) for each in stream.letters]  # type: ignore[union-attr]
    references = [piece.reference for piece in stream.pieces]
    wanted = [each.reference if job in _REFERENCES else "" for each in stream.letters]
    assert references == wanted


@pytest.mark.parametrize("job", _KINDS)
def test_pages_in_are_pages_in_letters_and_pages_left_out(morning: Morning, job: str) -> None:
    stream = morning.streams[job]
    assert stream.intake is not None
    ledger = open_ledger(morning.place.ledger_url)
    with ledger.reading() as read:
        left_out = left_out_of(read.connection, stream.intake.id)
    ledger.close()
    inside = {page for each in stream.letters for page in range(each.first_page, each.last_page + 1)}
    reason = {"by-blank": "blank", "by-separator": "separator"}.get(job)
    assert [(each.page, each.reason) for each in left_out] == [
        (page, reason) for page in range(1, stream.pages + 1) if page not in inside
    ]
    assert bool(left_out) == (reason is not None)


def test_the_manifest_accounts_for_every_page_that_came_in(morning: Morning) -> None:
    manifests = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in morning.place.root.glob(f"outbox/{OFFICE}/manifests/b*.json")
    ]
    for job, stream in morning.streams.items():
        assert stream.intake is not None
        files = [each for told in manifests for each in told["files"] if each["intake"] == stream.intake.id]
        assert {each["source_pages"] for each in files} == {stream.pages}
        parts = [each[key] for each in files for key in ("printed", "returned", "left_out")]
        assert sum(parts) == stream.pages, job
        letters = [each for told in manifests for key in ("pieces", "exceptions") for each in told[key]]
        beside = [page for each in letters for page in each["left_out"] if page["intake"] == stream.intake.id]
        assert len(beside) == stream.pages - sum(each.last_page - each.first_page + 1 for each in stream.letters)
        assert {page["reason"] for page in beside} <= {"blank", "separator"}


def test_an_index_gives_each_letter_its_own_orders(morning: Morning) -> None:
    pieces = morning.streams["indexed"].pieces
    assert [piece.plex for piece in pieces] == ["duplex" if n % 3 == 0 else "simplex" for n in range(1, LETTERS + 1)]
    assert [piece.enclosures for piece in pieces] == [(1,) if n % 4 == 0 else () for n in range(1, LETTERS + 1)]
    assert {piece.cost_centre for piece in pieces[::2]} == {"51.20"} != {piece.cost_centre for piece in pieces[1::2]}
    assert all(
        piece.sheets == (-(-piece.pages // 2) if piece.plex == "duplex" else piece.pages)
        for piece in pieces
        for _ in [piece.sheets]
    )


def test_no_control_line_is_in_any_printed_file(morning: Morning) -> None:
    stream = morning.streams["print-runs"]
    assert len(stream.pieces) == LETTERS
    seen = 0
    for path in morning.place.root.glob("printcenter/batches/*/*-v*.pdf"):
        document = pypdfium2.PdfDocument(path)
        for page in document:
            text = page.get_textpage().get_text_range()
            assert "DRUCK;" not in text
            seen += any(each.reference in text for each in stream.letters)
        document.close()
    assert seen == 0, "the reference stood in the control line only"


def test_a_control_line_that_cannot_be_removed_sends_its_letter_back_alone(morning: Morning) -> None:
    told = morning.refused["festgehalten.pdf"]
    assert told["code"] == "letters-returned"
    assert [(each["code"], each["source_page"]) for each in told["exceptions"]] == [("control-line-stays", 2)]


@pytest.mark.parametrize(("job", "name", "code", "page"), [(a, b, c, d) for a, b, _, _, _, _, c, d in _faults()])
def test_doubt_sends_the_whole_stream_back(morning: Morning, job: str, name: str, code: str, page: int | None) -> None:
    told = morning.refused[name]
    assert (told["profile"], told["code"]) == (job, code), told["detail"]
    assert told["title"] == REFUSALS[code].title
    assert told["page"] == page
    if page is not None:
        assert f"Seite {page}" in told["detail"]
    back = {path.name for path in told["folder"].iterdir()}
    beside = {path for path in back if path.startswith(name + ".")}
    assert {name, "REASON.txt", "reason.json"} == back - beside
    _, _, _, _, ticket, index, _, _ = next(each for each in _faults() if each[1] == name)
    assert len(beside) == bool(ticket) + (index is not None)


def test_nothing_of_a_stream_in_doubt_was_pooled(morning: Morning) -> None:
    ledger = open_ledger(morning.place.ledger_url)
    with ledger.reading() as read:
        for intake in read.intakes("rejected"):
            assert list(read.pieces(intake=intake.id)) == []
    ledger.close()


def test_nothing_is_left_in_the_inbox(morning: Morning) -> None:
    assert [path.name for path in (morning.place.root / "inbox").rglob("*") if path.is_file()] == []
