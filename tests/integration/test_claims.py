"""Claiming on a real file system: nothing overwritten, nothing lost, nothing taken twice, whenever it stops."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
import threading
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters import claims, exclusive_rename, settled_file
from pipeline.adapters.claims import Claimed, broken_claims, claim, open_claims, rehash, resume
from pipeline.adapters.hotfolder import Drop, DropKind, fingerprint_of, scan
from pipeline.domain.errors import Permanent, Temporary

pytestmark = pytest.mark.integration

COMPOSED = "Müller.pdf".encode()
DECOMPOSED = unicodedata.normalize("NFD", "Müller.pdf").encode()
ODD_NAMES = [
    b"M\xfcller.pdf",
    COMPOSED,
    DECOMPOSED,
    b"=cmd|'calc'!A0.pdf",
    b"..pdf",
    b"...",
    b"-rf",
    b"two\nlines.pdf",
    b"\x01\x1b[31m.pdf",
    b" ",
    b"x" * 250,
    b"original",
    b"claim.json",
]


class House:
    """An inbox, the place for claims, and a row of tokens."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "inbox" / "parchim" / "letters"
        self.folder.mkdir(parents=True)
        self.claims = root / "claims"
        self.claims.mkdir()
        self.inbox = os.fsencode(root / "inbox")
        self.order = 0

    def put(self, name: bytes, content: bytes = b"%PDF-1.7") -> bytes:
        path = os.fsencode(self.folder) + b"/" + name
        with open(path, "wb") as file:  # noqa: PTH123 - names are bytes
            file.write(content)
        return path

    def drops(self) -> dict[bytes, Drop]:
        return {each.name: each for each in scan(self.inbox).drops}

    def claim(self, drop: Drop, ticket: Drop | None = None) -> Claimed | None:
        self.order += 1
        return claim(drop, self.claims, f"t{self.order:04d}", order=self.order, ticket=ticket)

    def take(self, name: bytes, ticket: bytes | None = None) -> Claimed | None:
        drops = self.drops()
        return self.claim(drops[name], drops[ticket] if ticket else None)

    def names(self) -> list[str]:
        return sorted(os.listdir(self.folder))  # noqa: PTH208


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture
def no_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a share that can't tell who is writing."""
    monkeypatch.setattr(settled_file, "has_writer", lambda handle: False)
    monkeypatch.setattr(claims, "has_writer", lambda handle: False)


def claimed(outcome: Claimed | None) -> Claimed:
    assert outcome is not None
    return outcome


def test_a_file_becomes_ours_under_our_own_name(house: House) -> None:
    path = house.put(b"M\xfcller.pdf", b"content")
    got = claimed(house.take(b"M\xfcller.pdf"))
    assert got.original == house.claims / "t0001" / "original"
    assert got.original.read_bytes() == b"content"
    assert (got.size, got.sha256) == (7, hashlib.sha256(b"content").hexdigest())
    assert (got.kind, got.ticket, got.unsettled) == (DropKind.FILE, None, False)
    assert (got.token, got.note.order) == ("t0001", 1)
    assert (got.note.municipality_text, got.note.profile_text) == ("parchim", "letters")
    assert (got.note.name, got.note.file, got.note.raw_path) == (b"M\xfcller.pdf", "Müller.pdf", path)
    assert house.names() == []
    told = json.loads((house.claims / "t0001" / "claim.json").read_text(encoding="utf-8"))
    assert bytes.fromhex(told["name_hex"]) == b"M\xfcller.pdf"
    assert told["file"] == "Müller.pdf"
    assert (house.claims / "t0001").stat().st_mode & 0o777 == 0o700


def test_whatever_a_file_is_called_its_bytes_arrive_and_its_name_is_kept(house: House) -> None:
    for name in ODD_NAMES:
        house.put(name, name)
    for drop in scan(house.inbox).drops:
        got = claimed(house.claim(drop))
        assert got.original.read_bytes() == drop.name
        assert sorted(entry.name for entry in got.original.parent.iterdir()) == ["claim.json", "original"]
    assert house.names() == []
    assert sorted(each.note.name for each in open_claims(house.claims)) == sorted(ODD_NAMES)


def test_files_at_the_wrong_place_can_be_claimed_too(house: House) -> None:
    root = Path(os.fsdecode(house.inbox))
    (root / "top.pdf").write_bytes(b"top")
    (root / "parchim" / "beside.pdf").write_bytes(b"beside")
    notes = {name: claimed(house.take(name)).note for name in (b"top.pdf", b"beside.pdf")}
    assert (notes[b"top.pdf"].municipality_text, notes[b"top.pdf"].profile_text) == ("", "")
    assert (notes[b"beside.pdf"].municipality_text, notes[b"beside.pdf"].profile_text) == ("parchim", "")


def test_folders_that_are_nobodys_are_told_as_text_that_is_nobodys_id(house: House) -> None:
    long = b"a" * 65
    odd = os.fsencode(house.folder.parent.parent) + b"/L\xfcbz"
    os.makedirs(odd + b"/" + long)  # noqa: PTH103 - names are bytes
    with open(odd + b"/" + long + b"/a.pdf", "wb"):  # noqa: PTH123
        pass
    note = claimed(house.take(b"a.pdf")).note
    assert (note.municipality_text, note.profile) == ("Lübz", long)
    assert (note.municipality, note.folders) == (b"L\xfcbz", (b"L\xfcbz", long))
    assert note.profile_text == "a" * 63 + "…"


def test_an_empty_file_is_claimed_as_empty(house: House) -> None:
    house.put(b"empty.pdf", b"")
    got = claimed(house.take(b"empty.pdf"))
    assert (got.size, got.sha256, got.unsettled) == (0, hashlib.sha256(b"").hexdigest(), False)


def test_a_ticket_comes_along(house: House) -> None:
    house.put(b"a.pdf")
    house.put(b"a.pdf.ticket.json", b"{}")
    got = claimed(house.take(b"a.pdf", b"a.pdf.ticket.json"))
    assert got.ticket == got.original.with_name("ticket")
    assert got.ticket.read_bytes() == b"{}"
    assert house.names() == []


def test_an_index_comes_along_and_a_crash_before_it_is_made_good(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, content in ((b"a.pdf", b"%PDF"), (b"a.pdf.ticket.toml", b""), (b"a.pdf.index.csv", b"first_page")):
        house.put(name, content)
    drops = house.drops()
    parts = {"ticket": drops[b"a.pdf.ticket.toml"], "index": drops[b"a.pdf.index.csv"]}

    def crash(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(claims, "_fetch", crash)
        claim(drops[b"a.pdf"], house.claims, "t1", order=1, **parts)
    assert house.names() == ["a.pdf.index.csv", "a.pdf.ticket.toml"]
    (found,) = open_claims(house.claims)
    got = resume(found)
    assert got.index is not None and got.ticket is not None and not got.unsettled
    assert got.index == got.original.with_name("index")
    assert got.index.read_bytes() == b"first_page"
    assert house.names() == []


def test_an_index_that_changed_keeps_its_file_in_the_inbox(house: House) -> None:
    house.put(b"a.pdf")
    house.put(b"a.pdf.index.csv", b"first_page")
    drops = house.drops()
    house.put(b"a.pdf.index.csv", b"first_page;last_page")
    assert claim(drops[b"a.pdf"], house.claims, "t1", order=1, index=drops[b"a.pdf.index.csv"]) is None
    assert house.names() == ["a.pdf", "a.pdf.index.csv"]


def test_links_and_pipes_are_taken_without_being_opened(house: House, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (house.folder / "link").symlink_to(tmp_path / "secret")
    os.mkfifo(house.folder / "pipe")
    link, pipe = claimed(house.take(b"link")), claimed(house.take(b"pipe"))
    assert (link.kind, pipe.kind) == (DropKind.SYMLINK, DropKind.FIFO)
    assert link.original.is_symlink()
    for got in (link, pipe):
        assert (got.size, got.sha256, got.unsettled) == (0, hashlib.sha256(b"").hexdigest(), False)
    assert house.names() == []
    assert (tmp_path / "secret").read_text() == "secret"


def test_a_directory_is_never_claimed(house: House) -> None:
    house.put(b"a.pdf")
    drop = house.drops()[b"a.pdf"]
    folder = replace(drop, kind=DropKind.DIRECTORY)
    with pytest.raises(ValueError, match="never claimed"):
        house.claim(folder)


def test_the_second_to_claim_gets_nothing_and_leaves_nothing(house: House) -> None:
    house.put(b"a.pdf")
    drop = house.drops()[b"a.pdf"]
    assert house.claim(drop) is not None
    assert house.claim(drop) is None
    assert [entry.name for entry in house.claims.iterdir()] == ["t0001"]


def test_of_many_who_claim_at_once_one_gets_it(house: House) -> None:
    house.put(b"a.pdf", b"content")
    drop = house.drops()[b"a.pdf"]
    outcomes: list[Claimed | None] = []
    start = threading.Barrier(8)

    def run(number: int) -> None:
        start.wait()
        try:
            outcomes.append(claim(drop, house.claims, f"r{number}", order=number))
        except Temporary as busy:  # two had it open for the check at the same time
            assert busy.code == "file-busy"
            outcomes.append(None)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [outcome for outcome in outcomes if outcome is not None]
    assert len(outcomes) == 8
    assert len(winners) == 1
    assert winners[0].original.read_bytes() == b"content"
    assert [entry.name for entry in house.claims.iterdir()] == [winners[0].token]


def test_a_token_is_used_once(house: House) -> None:
    house.put(b"a.pdf", b"first")
    house.put(b"b.pdf", b"second")
    drops = house.drops()
    first = claimed(claim(drops[b"a.pdf"], house.claims, "same", order=1))
    with pytest.raises(Permanent) as caught:
        claim(drops[b"b.pdf"], house.claims, "same", order=2)
    assert caught.value.code == "claim-token-used"
    assert first.original.read_bytes() == b"first"
    assert first.note.name == b"a.pdf"
    assert json.loads((first.claim.folder / "claim.json").read_text())["order"] == 1
    assert house.names() == ["b.pdf"]


@pytest.mark.parametrize("token", ["", "..", "a/b", "A", "x" * 65])
def test_a_token_is_an_id(house: House, token: str) -> None:
    house.put(b"a.pdf")
    with pytest.raises(ValueError, match="token"):
        claim(house.drops()[b"a.pdf"], house.claims, token, order=1)


@pytest.mark.parametrize("offered", [True, False])
def test_a_rename_never_overwrites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, offered: bool) -> None:
    if not offered:
        monkeypatch.setattr(exclusive_rename, "_renameat2", lambda *_: errno.EINVAL)
    for name in ("from", "to"):
        (tmp_path / name).mkdir()
    (tmp_path / "from" / "a").write_text("new")
    (tmp_path / "to" / "a").write_text("old")
    source, target = (os.open(tmp_path / name, os.O_RDONLY | os.O_DIRECTORY) for name in ("from", "to"))
    try:
        with pytest.raises(FileExistsError):
            exclusive_rename.rename_exclusive(source, b"a", target, b"a")
        assert (tmp_path / "to" / "a").read_text() == "old"
        assert (tmp_path / "from" / "a").read_text() == "new"
        exclusive_rename.rename_exclusive(source, b"a", target, b"b")
        assert (tmp_path / "to" / "b").read_text() == "new"
        with pytest.raises(FileNotFoundError):
            exclusive_rename.rename_exclusive(source, b"a", target, b"c")
    finally:
        os.close(source)
        os.close(target)


def test_a_file_that_was_replaced_or_grew_since_the_scan_is_left_alone(house: House) -> None:
    path = house.put(b"a.pdf", b"one")
    drop = house.drops()[b"a.pdf"]
    with open(path, "ab") as file:  # noqa: PTH123
        file.write(b"page 2")
    assert house.claim(drop) is None
    house.put(b"b.pdf", b"one")
    os.rename(os.fsencode(house.folder) + b"/b.pdf", path)  # noqa: PTH104
    assert house.claim(drop) is None
    (house.folder / "a.pdf").unlink()
    assert house.claim(drop) is None
    assert list(house.claims.iterdir()) == []


def test_a_link_that_was_replaced_since_the_scan_is_left_alone(house: House) -> None:
    (house.folder / "link").symlink_to("here")
    drop = house.drops()[b"link"]
    (house.folder / "link").unlink()
    (house.folder / "link").symlink_to("there")
    assert house.claim(drop) is None
    assert house.names() == ["link"]


def test_a_file_whose_ticket_changed_or_went_is_left_alone(house: House) -> None:
    house.put(b"a.pdf")
    ticket_path = house.put(b"a.pdf.ticket.toml", b"hold = true")
    drops = house.drops()
    with open(ticket_path, "ab") as file:  # noqa: PTH123
        file.write(b"\n")
    assert house.claim(drops[b"a.pdf"], drops[b"a.pdf.ticket.toml"]) is None
    (house.folder / "a.pdf.ticket.toml").unlink()
    assert house.claim(drops[b"a.pdf"], drops[b"a.pdf.ticket.toml"]) is None
    assert house.names() == ["a.pdf"]
    assert list(house.claims.iterdir()) == []


def test_a_folder_that_was_swapped_for_a_link_is_not_followed(house: House, tmp_path: Path) -> None:
    house.put(b"a.pdf")
    drop = house.drops()[b"a.pdf"]
    house.folder.rename(tmp_path / "elsewhere")
    house.folder.symlink_to(tmp_path / "elsewhere")
    # Linux says ENOTDIR for a link where a folder is asked for.
    assert house.claim(drop) is None
    assert (tmp_path / "elsewhere" / "a.pdf").exists()


@pytest.mark.parametrize("ticket_too", [False, True])
def test_a_file_that_a_program_still_writes_is_left_alone(house: House, ticket_too: bool) -> None:
    house.put(b"a.pdf", b"half")
    house.put(b"a.pdf.ticket.toml", b"")
    drops = house.drops()
    busy = b"a.pdf.ticket.toml" if ticket_too else b"a.pdf"
    with open(os.fsencode(house.folder) + b"/" + busy, "ab"):  # noqa: PTH123
        with pytest.raises(Temporary) as caught:
            house.claim(drops[b"a.pdf"], drops[b"a.pdf.ticket.toml"])
        assert caught.value.code == "file-busy"
    assert house.names() == ["a.pdf", "a.pdf.ticket.toml"]
    assert list(house.claims.iterdir()) == []
    assert claimed(house.claim(drops[b"a.pdf"], drops[b"a.pdf.ticket.toml"])).unsettled is False


@pytest.mark.usefixtures("no_leases")
def test_a_writer_that_goes_on_after_the_claim_never_leaves_us_with_half_a_file(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = house.put(b"a.pdf", b"page 1")
    drop = house.drops()[b"a.pdf"]
    rename = exclusive_rename.rename_exclusive
    with open(path, "ab", buffering=0) as scanner:  # noqa: PTH123

        def rename_while_writing(*args: Any) -> None:
            rename(*args)
            scanner.write(b"page 2")

        monkeypatch.setattr(claims, "rename_exclusive", rename_while_writing)
        first = claimed(house.claim(drop))
        assert first.unsettled
        scanner.write(b"page 3")
        second = rehash(first)
        assert second.unsettled
    third = rehash(second)
    assert not third.unsettled
    assert third.size == 18
    assert third.sha256 == hashlib.sha256(b"page 1page 2page 3").hexdigest()


def test_a_writer_that_only_sits_there_keeps_a_claim_unsettled(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    path = house.put(b"a.pdf", b"page 1")
    drop = house.drops()[b"a.pdf"]
    with monkeypatch.context() as patch:
        patch.setattr(claims, "has_writer", lambda handle: False)
        with open(path, "ab"):  # noqa: PTH123
            first = claimed(house.claim(drop))
            assert first.unsettled
            assert rehash(first).unsettled
    assert not rehash(first).unsettled


@pytest.mark.usefixtures("no_leases")
def test_a_file_that_grows_while_it_is_hashed_is_unsettled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "growing"
    path.write_bytes(b"x" * 10)
    read = os.read
    reads = []

    def read_while_growing(handle: int, size: int) -> bytes:
        reads.append(size)
        assert len(reads) < 5, "a growing file must not be read for ever"
        chunk = read(handle, size)
        with path.open("ab") as file:
            file.write(b"y" * 10)
        return chunk

    monkeypatch.setattr(settled_file.os, "read", read_while_growing)
    assert settled_file.hash_file(path).steady is False


@pytest.mark.usefixtures("no_leases")
def test_a_change_without_growth_is_noticed_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "changing"
    path.write_bytes(b"x" * 10)
    os.utime(path, ns=(1, 1))
    read = os.read

    def read_and_change(handle: int, size: int) -> bytes:
        chunk = read(handle, size)
        with path.open("r+b") as file:
            file.write(b"y")
        return chunk

    monkeypatch.setattr(settled_file.os, "read", read_and_change)
    assert settled_file.hash_file(path).steady is False


def test_hashing_follows_no_link_and_waits_for_no_pipe(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="symbolic"):
        settled_file.hash_file(tmp_path / "link")
    with pytest.raises(ValueError, match="regular"):
        settled_file.hash_file(tmp_path / "pipe")


def failing(code: int) -> Callable[..., Any]:
    def fail(*_args: Any, **_how: Any) -> Any:
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (errno.EXDEV, "claim-other-file-system"),
        (errno.EACCES, "no-permission"),
        (errno.EPERM, "no-permission"),
        (errno.EROFS, "no-permission"),
        (errno.EIO, "share-unavailable"),
        (errno.ESTALE, "share-unavailable"),
    ],
)
def test_a_rename_that_fails_leaves_everything_as_it_was(
    house: House, monkeypatch: pytest.MonkeyPatch, code: int, told: str
) -> None:
    house.put(b"a.pdf")
    house.put(b"a.pdf.ticket.toml", b"hold = true")
    with monkeypatch.context() as patch:
        patch.setattr(claims, "rename_exclusive", failing(code))
        with pytest.raises(Temporary) as caught:
            house.take(b"a.pdf", b"a.pdf.ticket.toml")
    assert caught.value.code == told
    assert house.names() == ["a.pdf", "a.pdf.ticket.toml"]
    assert list(house.claims.iterdir()) == []
    assert house.take(b"a.pdf", b"a.pdf.ticket.toml") is not None


def test_a_file_that_disappears_at_the_last_moment_is_nobodys_failure(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.put(b"a.pdf")
    monkeypatch.setattr(claims, "rename_exclusive", failing(errno.ENOENT))
    assert house.take(b"a.pdf") is None
    assert list(house.claims.iterdir()) == []


def test_a_file_that_may_not_be_read_stays() -> None:
    root = Path(tempfile.mkdtemp())  # pytest's own folders are closed to other users
    try:
        root.chmod(0o755)
        house = House(root)
        house.put(b"a.pdf")
        drop = house.drops()[b"a.pdf"]
        (house.folder / "a.pdf").chmod(0)
        drop = replace(drop, fingerprint=fingerprint_of((house.folder / "a.pdf").lstat()))
        for folder in (house.folder, house.claims):
            folder.chmod(0o777)
        root_user = os.geteuid() == 0
        if root_user:
            os.seteuid(65534)
        try:
            with pytest.raises(Temporary) as caught:
                house.claim(drop)
        finally:
            if root_user:
                os.seteuid(0)
        assert caught.value.code == "no-permission"
        assert house.names() == ["a.pdf"]
        assert list(house.claims.iterdir()) == []
    finally:
        shutil.rmtree(root)


def test_a_full_disk_leaves_the_file_in_the_inbox(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.put(b"a.pdf")
    with monkeypatch.context() as patch:
        patch.setattr(claims, "write_note", failing(errno.ENOSPC))
        with pytest.raises(Temporary) as caught:
            house.take(b"a.pdf")
    assert caught.value.code == "disk-full"
    assert house.names() == ["a.pdf"]
    assert open_claims(house.claims) == []
    assert list(house.claims.iterdir()) == []


class PowerCut(BaseException):
    """Stops the claim like a power cut: nothing of ours runs afterwards."""


def cut_before(name: str, nth: int = 1) -> Callable[[pytest.MonkeyPatch], None]:
    def install(patch: pytest.MonkeyPatch) -> None:
        real = getattr(claims, name)
        calls = iter(range(1, 100))

        def stop(*args: Any, **how: Any) -> Any:
            if next(calls) == nth:
                raise PowerCut
            return real(*args, **how)

        patch.setattr(claims, name, stop)

    return install


def cut_after(name: str, nth: int = 1) -> Callable[[pytest.MonkeyPatch], None]:
    def install(patch: pytest.MonkeyPatch) -> None:
        real = getattr(claims, name)
        calls = iter(range(1, 100))

        def stop(*args: Any, **how: Any) -> Any:
            outcome = real(*args, **how)
            if next(calls) == nth:
                raise PowerCut
            return outcome

        patch.setattr(claims, name, stop)

    return install


MOMENTS = {
    "the folder is made": cut_before("write_note"),
    "the note is written": cut_after("write_note"),
    "just before the rename": cut_before("rename_exclusive"),
    "the file is renamed": cut_after("rename_exclusive"),
    "before the ticket is renamed": cut_before("rename_exclusive", 2),
    "the ticket is renamed": cut_after("rename_exclusive", 2),
    "before it is hashed": cut_before("hash_file"),
    "it is hashed": cut_after("hash_file"),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_power_cut_at_any_moment_leaves_exactly_one_file(
    house: House, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    house.put(b"a.pdf", b"content")
    house.put(b"a.pdf.ticket.toml", b"hold = true")
    with monkeypatch.context() as patch:
        MOMENTS[moment](patch)
        with pytest.raises(PowerCut):
            house.take(b"a.pdf", b"a.pdf.ticket.toml")
    found = open_claims(house.claims)
    assert broken_claims(house.claims) == []
    finished = [resume(each) for each in found]
    if not finished:
        assert house.names() == ["a.pdf", "a.pdf.ticket.toml"]
        assert list(house.claims.iterdir()) == []
        finished = [claimed(house.take(b"a.pdf", b"a.pdf.ticket.toml"))]
    assert len(finished) == 1
    got = finished[0]
    assert got.original.read_bytes() == b"content"
    assert got.sha256 == hashlib.sha256(b"content").hexdigest()
    assert not got.unsettled
    assert got.ticket is not None
    assert got.ticket.read_bytes() == b"hold = true"
    assert house.names() == []
    # And once more: a second restart finds the same one, nothing else.
    assert [resume(each) for each in open_claims(house.claims)] == [got]


def test_a_half_written_note_is_no_claim(house: House) -> None:
    (house.claims / "half").mkdir()
    (house.claims / "half" / "claim.json.part").write_text('{"schema"')
    (house.claims / "nothing").mkdir()
    assert open_claims(house.claims) == []
    assert list(house.claims.iterdir()) == []


def test_a_claim_folder_that_holds_something_else_is_not_cleared_away(house: House) -> None:
    house.put(b"a.pdf")
    house.put(b"a.pdf.ticket.toml", b"hold = true")
    got = claimed(house.take(b"a.pdf", b"a.pdf.ticket.toml"))
    got.original.unlink()
    assert open_claims(house.claims) == []
    assert sorted(entry.name for entry in got.claim.folder.iterdir()) == ["claim.json", "ticket"]


def test_a_resumed_claim_that_changed_meanwhile_is_unsettled(house: House) -> None:
    house.put(b"a.pdf", b"content")
    got = claimed(house.take(b"a.pdf"))
    with got.original.open("ab") as late:
        late.write(b"more")
    [found] = open_claims(house.claims)
    first = resume(found)
    assert first.unsettled
    second = rehash(first)
    assert (second.unsettled, second.size) == (False, 11)


def test_a_new_ticket_of_the_same_name_is_not_taken_for_an_old_file(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.put(b"a.pdf")
    house.put(b"a.pdf.ticket.toml", b"hold = true")
    with monkeypatch.context() as patch:
        MOMENTS["the file is renamed"](patch)
        with pytest.raises(PowerCut):
            house.take(b"a.pdf", b"a.pdf.ticket.toml")
    (house.folder / "a.pdf.ticket.toml").unlink()
    house.put(b"a.pdf.ticket.toml", b"hold = false")
    [found] = open_claims(house.claims)
    assert resume(found).ticket is None
    assert house.names() == ["a.pdf.ticket.toml"]


def test_a_ticket_that_can_not_be_fetched_keeps_the_claim_unsettled(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.put(b"a.pdf")
    house.put(b"a.pdf.ticket.toml", b"hold = true")
    rename = exclusive_rename.rename_exclusive

    def only_the_original(source: int, name: bytes, target: int, new_name: bytes) -> None:
        if new_name == b"ticket":
            raise OSError(errno.EIO, "input/output error")
        rename(source, name, target, new_name)

    with monkeypatch.context() as patch:
        patch.setattr(claims, "rename_exclusive", only_the_original)
        first = claimed(house.take(b"a.pdf", b"a.pdf.ticket.toml"))
        assert (first.unsettled, first.ticket) == (True, None)
    second = rehash(first)
    assert (second.unsettled, second.ticket is not None) == (False, True)


def test_recovery_keeps_the_order_of_the_claims(house: House) -> None:
    names = [b"c.pdf", b"a.pdf", b"b.pdf"]
    for name in names:
        house.put(name)
    for number, name in enumerate(names):
        assert claim(house.drops()[name], house.claims, f"z{9 - number}", order=number) is not None
    assert [each.note.name for each in open_claims(house.claims)] == names


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"schema": "poststrasse/claim/9"}', "null", "\x00"])
def test_a_claim_with_a_broken_note_is_reported_and_never_touched(house: House, content: str) -> None:
    house.put(b"a.pdf", b"content")
    got = claimed(house.take(b"a.pdf"))
    (got.claim.folder / "claim.json").write_text(content)
    assert open_claims(house.claims) == []
    assert [(each.code, each.path) for each in broken_claims(house.claims)] == [
        ("claim-without-note", os.fsencode(got.claim.folder))
    ]
    assert got.original.read_bytes() == b"content"


def test_a_claim_that_somebody_cleared_away_is_an_error_of_its_own(house: House) -> None:
    house.put(b"a.pdf")
    got = claimed(house.take(b"a.pdf"))
    got.original.unlink()
    with pytest.raises(Permanent) as caught:
        rehash(got)
    assert caught.value.code == "claim-lost"


def test_a_claim_that_can_not_be_read_is_told_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.put(b"a.pdf")
    with monkeypatch.context() as patch:
        patch.setattr(claims, "hash_file", failing(errno.EIO))
        first = claimed(house.take(b"a.pdf"))
        assert (first.unsettled, first.sha256) == (True, "")
        with pytest.raises(Temporary) as caught:
            rehash(first)
        assert caught.value.code == "claim-unreadable"
    assert rehash(first).unsettled is False


@pytest.fixture
def other_file_system() -> Iterator[Path]:
    shared_memory = Path("/dev/shm")
    if (
        not os.access(shared_memory, os.W_OK)
        or shared_memory.stat().st_dev == Path(tempfile.gettempdir()).stat().st_dev
    ):
        pytest.skip("no second file system here")
    folder = Path(tempfile.mkdtemp(dir=shared_memory))
    yield folder
    shutil.rmtree(folder)


def test_an_inbox_on_another_file_system_is_told_clearly(house: House, other_file_system: Path) -> None:
    house.put(b"a.pdf")
    with pytest.raises(Temporary) as caught:
        claim(house.drops()[b"a.pdf"], other_file_system, "t1", order=1)
    assert caught.value.code == "claim-other-file-system"
    assert house.names() == ["a.pdf"]
    assert list(other_file_system.iterdir()) == []
