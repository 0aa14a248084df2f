"""Names of dropped files: what is left alone, what is a ticket, what people see."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.drop_names import (
    MAX_DISPLAY_CHARACTERS,
    display_name,
    ignored_as,
    index_subject,
    is_companion,
    is_ignored,
    is_index,
    is_ticket,
    stem,
    ticket_subject,
)

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "name",
    [
        b"~$Brief.docx",
        b".~lock.Brief.odt#",
        b"a.tmp",
        b"a.TMP",
        b"a.part",
        b"brief.pdf.part",
        b"a.filepart",
        b"a.crdownload",
        b"a.partial",
        b".a.pdf.swp",
        b"a.pdf~",
        b".nfs000000000012",
        b".smbdeleteAAA1",
        b".brief.pdf.Zk3x9Q",
        b"M\xfcller\n.part",
    ],
)
def test_copies_under_way_and_locks_are_left_alone(name: bytes) -> None:
    assert ignored_as(name) == "unfinished"
    assert is_ignored(name)


@pytest.mark.parametrize(
    "name",
    [
        b"Thumbs.db",
        b"THUMBS.DB",
        b"desktop.ini",
        b".DS_Store",
        b"._Brief.pdf",
        b"._Brief.pdf.ticket.toml",
        b"@eaDir",
        b"#recycle",
        b".stfolder",
        b"__MACOSX",
    ],
)
def test_what_systems_leave_behind_is_left_alone(name: bytes) -> None:
    assert ignored_as(name) == "clutter"


@pytest.mark.parametrize(
    "name",
    [
        b"Brief.pdf",
        b"=cmd|' /C calc'!A0.pdf",
        b"..pdf",
        b"...",
        b"a..b.pdf",
        b"-rf",
        b"two\nlines.pdf",
        b"M\xfcller.pdf",
        b"template.pdf",
        b"part",
        b"party.pdf",
        b"x" * 250,
        b"~",
        b".hidden.pdf",
        b"thumbs.db.pdf",
        b"brief.pdf.ticket.toml",
        b".x.ticket.json",
    ],
)
def test_everything_else_is_meant_for_us(name: bytes) -> None:
    assert not is_ignored(name)


def test_a_ticket_names_the_file_it_stands_beside() -> None:
    assert ticket_subject(b"brief.pdf.ticket.toml") == b"brief.pdf"
    assert ticket_subject(b"M\xfcller\n.pdf.Ticket.JSON") == b"M\xfcller\n.pdf"
    assert is_ticket(b"brief.ticket.json")
    for name in (b"brief.pdf", b".ticket.toml", b"brief.ticket.xml", b"brief.ticket", b"ticket.toml"):
        assert ticket_subject(name) is None
        assert not is_ticket(name)


def test_the_stem_is_the_name_without_its_last_extension() -> None:
    assert [stem(name) for name in (b"a.pdf", b"a.b.pdf", b"a", b".a", b"..a")] == [b"a", b"a.b", b"a", b".a", b"."]


def test_decomposed_and_composed_names_look_the_same() -> None:
    composed = "Müller.pdf"
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed.encode() != decomposed.encode()
    assert display_name(composed.encode()) == display_name(decomposed.encode()) == composed


def test_old_code_pages_are_read_as_windows_wrote_them() -> None:
    assert display_name(b"M\xfcller.pdf") == "Müller.pdf"
    assert display_name(b"10 \x80.pdf") == "10 €.pdf"
    assert display_name(b"\x81\xfc") == "\N{REPLACEMENT CHARACTER}ü"  # 81 is empty in Windows-1252: a control


def test_control_and_direction_characters_can_do_no_harm() -> None:
    assert display_name(b"a\nb\x1b[2J\x7f") == "a␊b␛[2J␡"
    assert display_name("rechnung\u202efdp.exe".encode()) == "rechnung\N{REPLACEMENT CHARACTER}fdp.exe"
    assert display_name("a\u2028b\u200b\x85".encode()) == "a\ufffdb\ufffd\ufffd"


def test_characters_that_smb_moved_away_come_back() -> None:
    assert display_name("Az\uf03a 1\uf03f.pdf".encode()) == "Az: 1?.pdf"
    assert display_name("Az\uf022 1\uf025 \uf028".encode()) == "Az: 1?  "


def test_long_names_are_cut() -> None:
    assert len(display_name(b"x" * 250)) == 250
    cut = display_name(b"x" * 5000)
    assert len(cut) == MAX_DISPLAY_CHARACTERS
    assert cut.endswith("…")


@given(st.binary(min_size=0, max_size=400))
def test_any_bytes_become_one_harmless_line(raw: bytes) -> None:
    shown = display_name(raw)
    assert 1 <= len(shown) <= MAX_DISPLAY_CHARACTERS
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in shown)
    assert len(shown.splitlines()) == 1
    assert unicodedata.is_normalized("NFC", shown)
    shown.encode("utf-8")


@given(st.from_regex(r"[a-z0-9-]{1,64}", fullmatch=True))
def test_ids_are_shown_as_they_are(name: str) -> None:
    assert display_name(name.encode()) == name


def test_an_index_is_known_by_its_name() -> None:
    assert index_subject(b"brief.pdf.index.csv") == b"brief.pdf"
    assert index_subject(b"Brief.Index.CSV") == b"Brief"
    for name in (b"brief.csv", b".index.csv", b"index.csv", b"brief.index.txt"):
        assert index_subject(name) is None and not is_index(name)
    assert is_companion(b"a.index.csv") and is_companion(b"a.ticket.toml") and not is_companion(b"a.pdf")
