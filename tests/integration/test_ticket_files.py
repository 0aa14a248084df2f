"""Tickets as files: TOML and JSON as people save them, and what is refused."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from pipeline.adapters.ticket_files import MAX_TICKET_BYTES, read_ticket
from pipeline.domain.errors import Rejected
from pipeline.domain.ticket import Ticket

pytestmark = pytest.mark.integration


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ticket"


def refusal(path: Path) -> str:
    with pytest.raises(Rejected) as caught:
        read_ticket(path)
    assert caught.value.code == "ticket-invalid"
    return caught.value.sentence


@pytest.mark.parametrize(
    "content",
    [
        b'reference = "M\xc3\xbcller"\ndue = 2026-09-30\nenclosures = [1, 3]\n',
        b'\xef\xbb\xbfreference = "M\xc3\xbcller"\r\ndue = "2026-09-30"\r\nenclosures = "1+3"\r\n',
        b'reference = "M\xc3\xbcller"\rdue = 2026-09-30\renclosures = [3, 1]',
        b'{"reference": "M\\u00fcller", "due": "2026-09-30", "enclosures": [1, 3]}',
        b'\xef\xbb\xbf\n {"reference": "Mu\xcc\x88ller", "due": "2026-09-30", "enclosures": "3+1", "hold": false}',
    ],
)
def test_the_same_ticket_in_every_way_people_save_it(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    expected = Ticket(reference="Müller", due=date(2026, 9, 30), enclosures=(1, 3))
    assert read_ticket(path) == expected
    assert read_ticket(os.fsencode(path)) == expected


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "leer"),
        (b"\xef\xbb\xbf \n\t", "leer"),
        (b'reference = "M\xfcller"', "nicht in UTF-8"),
        (b'a = 1\nreference = "open\n', "TOML (Zeile 2)"),
        (b"just some words", "TOML (Zeile 1)"),
        (b"\xff\xfer\x00e\x00f\x00=\x001\x00", "nicht in UTF-8"),
        (b'{"reference": "open', "JSON (Zeile 1)"),
        (b'{"hold": true}\n{"hold": false}', "JSON (Zeile 2)"),
        (b'{"hold": true, "hold": false}', "mehrmals"),
        (b"hold = true\nhold = false\n", "TOML (Zeile 2)"),
        (b"[1, 2]", "TOML"),
        (b'{"due": NaN}', "„due“"),
        (b"due = " + b"9" * 30_000, "TOML"),
        (b'{"due": ' + b"9" * 30_000 + b"}", "JSON"),
        (b"a = " + b"[" * 30_000, "TOML"),
        (b'{"a": ' + b"[" * 30_000, "JSON"),
        (b"#" * (MAX_TICKET_BYTES + 1), "64 kB"),
    ],
)
def test_what_is_no_ticket_is_refused_with_its_place(path: Path, content: bytes, said: str) -> None:
    path.write_bytes(content)
    assert said in refusal(path)


def test_the_largest_ticket(path: Path) -> None:
    path.write_bytes(b"hold = true\n".ljust(MAX_TICKET_BYTES, b"#"))
    assert read_ticket(path).hold


def test_links_and_pipes_are_refused_and_nothing_hangs(path: Path) -> None:
    (path.parent / "secret").write_bytes(b"hold = true")
    path.symlink_to(path.parent / "secret")
    assert "keine gewöhnliche Datei" in refusal(path)
    path.unlink()
    os.mkfifo(path)
    assert "keine gewöhnliche Datei" in refusal(path)
    path.unlink()
    path.mkdir()
    assert "keine gewöhnliche Datei" in refusal(path)


def test_a_missing_ticket_is_not_the_senders_mistake(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_ticket(path)
