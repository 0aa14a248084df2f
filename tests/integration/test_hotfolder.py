"""Looking into a real inbox: what is seen, what is left alone, what is an alarm."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.adapters import hotfolder
from pipeline.adapters.hotfolder import DropKind, ScanResult, enough_room, scan
from pipeline.domain.drop_names import display_name
from pipeline.domain.stability import StabilityTracker

pytestmark = pytest.mark.integration

COMPOSED = "Müller.pdf".encode()
DECOMPOSED = unicodedata.normalize("NFD", "Müller.pdf").encode()
ODD_NAMES = [
    b"M\xfcller.pdf",
    COMPOSED,
    DECOMPOSED,
    b"=cmd|'calc'!A0.pdf",
    b"..pdf",
    b"a..b",
    b"...",
    b"-rf",
    b"two\nlines.pdf",
    b"\x01\x1b[31m.pdf",
    b" ",
    b"x" * 250,
    b"\xff\xfe",
]


@pytest.fixture
def inbox(tmp_path: Path) -> bytes:
    (tmp_path / "inbox" / "parchim" / "letters").mkdir(parents=True)
    return os.fsencode(tmp_path / "inbox")


def drop(inbox: bytes, *parts: bytes, content: bytes = b"%PDF-1.7") -> bytes:
    path = b"/".join((inbox, *parts))
    os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120 - names are bytes
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(content)
    return path


def paths(result: ScanResult) -> list[bytes]:
    return [each.path for each in result.drops]


def codes(result: ScanResult) -> list[tuple[str, bytes]]:
    return [(finding.code, os.path.basename(finding.path)) for finding in result.findings]  # noqa: PTH119


def test_an_empty_inbox(inbox: bytes) -> None:
    assert scan(inbox, [("parchim", "letters")]) == ScanResult((), (), (), (), ())


def test_every_name_is_seen_once_in_the_order_of_its_bytes(inbox: bytes) -> None:
    dropped = [drop(inbox, b"parchim", b"letters", name) for name in ODD_NAMES]
    result = scan(inbox)
    assert paths(result) == sorted(dropped)
    assert {each.kind for each in result.drops} == {DropKind.FILE}
    assert {(each.municipality, each.profile) for each in result.drops} == {(b"parchim", b"letters")}
    assert sorted(each.name for each in result.drops) == sorted(ODD_NAMES)
    assert (result.findings, result.alarms, result.ignored) == ((), (), ())


def test_twins_that_look_the_same_are_two_files(inbox: bytes) -> None:
    for name in (COMPOSED, DECOMPOSED):
        drop(inbox, b"parchim", b"letters", name)
    names = [each.name for each in scan(inbox).drops]
    assert len(names) == 2
    assert len({display_name(name) for name in names}) == 1


def test_files_at_the_wrong_place_are_seen_with_the_folders_they_lie_in(inbox: bytes) -> None:
    drop(inbox, b"top.pdf")
    drop(inbox, b"parchim", b"beside.pdf")
    drop(inbox, b"parchim", b"no-such-job", b"a.pdf")
    drop(inbox, b"L\xfcbz", b"letters", b"b.pdf")
    seen = {each.name: (each.municipality, each.profile) for each in scan(inbox).drops}
    assert seen == {
        b"top.pdf": (b"", b""),
        b"beside.pdf": (b"parchim", b""),
        b"a.pdf": (b"parchim", b"no-such-job"),
        b"b.pdf": (b"L\xfcbz", b"letters"),
    }


def test_what_is_no_file_is_classified_and_never_opened(inbox: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "inbox" / "parchim" / "letters"
    (tmp_path / "secret").write_text("secret")
    (folder / "a-link").symlink_to(tmp_path / "secret")
    (folder / "b-link-to-folder").symlink_to(tmp_path)
    (folder / "c-dangling").symlink_to(tmp_path / "nothing")
    os.mkfifo(folder / "d-pipe")
    where = Path.cwd()
    os.chdir(folder)  # a socket's path may only be short
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("e-socket")
    finally:
        os.chdir(where)
    result = scan(inbox)
    assert [(each.name, each.kind) for each in result.drops] == [
        (b"a-link", DropKind.SYMLINK),
        (b"b-link-to-folder", DropKind.SYMLINK),
        (b"c-dangling", DropKind.SYMLINK),
        (b"d-pipe", DropKind.FIFO),
        (b"e-socket", DropKind.SOCKET),
    ]


def test_links_to_folders_are_not_followed_at_any_level(inbox: bytes, tmp_path: Path) -> None:
    outside = tmp_path / "outside" / "letters"
    outside.mkdir(parents=True)
    (outside / "secret.pdf").write_bytes(b"secret")
    (tmp_path / "inbox" / "linked").symlink_to(outside.parent)
    (tmp_path / "inbox" / "parchim" / "linked-job").symlink_to(outside)
    result = scan(inbox)
    assert [(each.name, each.kind) for each in result.drops] == [(b"linked-job", DropKind.SYMLINK)]
    assert codes(result) == [("link-in-inbox", b"linked")]


def test_subfolders_of_a_job_stay_and_are_reported(inbox: bytes) -> None:
    drop(inbox, b"parchim", b"letters", b"August", b"a.pdf")
    drop(inbox, b"parchim", b"letters", b"August", b"b.pdf")
    drop(inbox, b"parchim", b"letters", b"August", b"Thumbs.db")
    result = scan(inbox)
    assert paths(result) == []
    assert codes(result) == [("subfolder", b"August")]
    assert "2 Einträge" in result.findings[0].sentence
    assert "August" not in result.findings[0].sentence


def test_unfinished_copies_are_kept_in_sight_and_clutter_folders_are_not(inbox: bytes) -> None:
    part = drop(inbox, b"parchim", b"letters", b"a.pdf.part")
    thumbs = drop(inbox, b"parchim", b"letters", b"Thumbs.db")
    for clutter in (b"@eaDir", b"#recycle"):
        drop(inbox, b"parchim", b"letters", clutter, b"x.pdf")
        drop(inbox, b"parchim", clutter, b"x.pdf")
        drop(inbox, clutter, b"letters", b"x.pdf")
    result = scan(inbox)
    assert (result.drops, result.findings, result.alarms) == ((), (), ())
    assert [each.path for each in result.ignored] == sorted([part, thumbs])
    tracker = StabilityTracker(overdue_s=60.0)
    tracker.observe(result.observations(lambda _: 10.0), 0.0)
    assert tracker.observe(scan(inbox).observations(lambda _: 10.0), 61.0).overdue_ignored == (thumbs, part)


def test_a_scan_and_the_tracker_agree_on_when_an_appended_file_is_complete(inbox: bytes) -> None:
    path = drop(inbox, b"parchim", b"letters", b"scan.tif")
    tracker = StabilityTracker()

    def look(now_s: float) -> list[bytes]:
        verdict = tracker.observe(scan(inbox).observations(lambda _: 10.0), now_s)
        return [each.path for each in verdict.ready]

    assert look(0.0) == []
    with open(path, "ab") as file:  # noqa: PTH123 - the scanner opens it again for the next page
        file.write(b"page 2")
    assert look(10.0) == []
    assert look(20.0) == [path]


def test_same_size_and_mtime_is_still_another_file(inbox: bytes) -> None:
    path = drop(inbox, b"parchim", b"letters", b"a.pdf", content=b"one")
    os.utime(path, ns=(5, 5))
    before = scan(inbox).drops[0].fingerprint
    other = drop(inbox, b"parchim", b"letters", b"b.pdf", content=b"two")
    os.utime(other, ns=(5, 5))
    os.rename(other, path)  # noqa: PTH104 - names are bytes
    after = scan(inbox).drops[0].fingerprint
    assert (before.size, before.mtime_ns) == (after.size, after.mtime_ns)
    assert before != after


def test_the_whole_inbox_gone_is_one_alarm(inbox: bytes) -> None:
    shutil.rmtree(inbox)
    result = scan(inbox, [("parchim", "letters"), ("parchim", "post")])
    assert [alarm.path for alarm in result.alarms] == [inbox]
    assert result.unseen == (inbox,)


def test_a_share_that_vanishes_between_two_scans_is_an_alarm_and_its_files_stay_known(inbox: bytes) -> None:
    path = drop(inbox, b"parchim", b"letters", b"a.pdf")
    other = drop(inbox, b"grabow", b"letters", b"b.pdf")
    expected = [("parchim", "letters"), ("parchim", "post"), ("grabow", "letters")]
    os.makedirs(inbox + b"/parchim/post")  # noqa: PTH103
    tracker = StabilityTracker()

    def look(now_s: float) -> tuple[ScanResult, list[bytes], tuple[bytes, ...]]:
        result = scan(inbox, expected)
        verdict = tracker.observe(result.observations(lambda _: 10.0), now_s, result.unseen)
        return result, [each.path for each in verdict.ready], verdict.vanished

    assert look(0.0)[0].alarms == ()
    os.rename(inbox + b"/parchim", inbox + b"-away")  # noqa: PTH104
    os.mkdir(inbox + b"/parchim")  # noqa: PTH102 - an empty mount point
    result, ready, vanished = look(10.0)
    assert [alarm.path for alarm in result.alarms] == [inbox + b"/parchim/letters", inbox + b"/parchim/post"]
    assert "eingehängt" in result.alarms[0].sentence
    assert (ready, vanished) == ([other], ())
    os.rmdir(inbox + b"/parchim")  # noqa: PTH106 - and now the mount point too: one alarm for the municipality
    result, _ready, vanished = look(12.0)
    assert [alarm.path for alarm in result.alarms] == [inbox + b"/parchim"]
    assert vanished == ()
    os.rename(inbox + b"-away", inbox + b"/parchim")  # noqa: PTH104
    assert look(20.0)[1] == [other]
    assert look(30.0)[1] == [other, path]


@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE, errno.EACCES, errno.ENOTCONN])
def test_a_share_that_fails_half_way_is_an_alarm_without_half_a_list(
    inbox: bytes, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    for name in (b"a.pdf", b"b.pdf"):
        drop(inbox, b"parchim", b"letters", name)
    healthy = drop(inbox, b"grabow", b"letters", b"c.pdf")
    look = os.stat

    def failing(path: bytes, **how: object) -> os.stat_result:
        if path == b"b.pdf":
            raise OSError(code, os.strerror(code))
        return look(path, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(hotfolder.os, "stat", failing)
    result = scan(inbox, [("parchim", "letters"), ("grabow", "letters")])
    assert paths(result) == [healthy]
    assert [alarm.path for alarm in result.alarms] == [inbox + b"/parchim/letters"]
    assert result.unseen == (inbox + b"/parchim/letters",)


def test_a_file_that_vanishes_while_it_is_listed_is_no_alarm(inbox: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(inbox, b"parchim", b"letters", b"a.pdf")
    look = os.stat

    def vanishing(path: bytes, **how: object) -> os.stat_result:
        if path == b"a.pdf":
            raise FileNotFoundError(errno.ENOENT, "gone")
        return look(path, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(hotfolder.os, "stat", vanishing)
    assert scan(inbox, [("parchim", "letters")]) == ScanResult((), (), (), (), ())


@contextmanager
def as_nobody() -> Iterator[None]:
    """Run as an ordinary user, for to root every file is open."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_inbox() -> Iterator[Path]:
    """An inbox that an ordinary user can reach (pytest's own folders belong to one user alone)."""
    root = Path(tempfile.mkdtemp())
    root.chmod(0o755)
    (root / "parchim" / "letters").mkdir(parents=True)
    yield root
    shutil.rmtree(root)


def test_a_file_that_may_not_be_read_stays_and_is_reported(open_inbox: Path) -> None:
    folder = open_inbox / "parchim" / "letters"
    for name in ("locked.pdf", "open.pdf", "open.pdf.ticket.toml"):
        (folder / name).write_bytes(b"x")
    for name in ("locked.pdf", "open.pdf.ticket.toml"):
        (folder / name).chmod(0)
    with as_nobody():
        result = scan(os.fsencode(open_inbox))
    assert codes(result) == [("no-permission", b"locked.pdf"), ("no-permission", b"open.pdf.ticket.toml")]
    # The ticket stays in the list: its file must not go on as if there were none.
    assert [each.name for each in result.drops] == [b"open.pdf", b"open.pdf.ticket.toml"]


@pytest.mark.parametrize("mode", [0o000, 0o444, 0o111])
def test_a_folder_that_may_not_be_read_is_an_alarm(open_inbox: Path, mode: int) -> None:
    folder = open_inbox / "parchim" / "letters"
    (folder / "a.pdf").write_bytes(b"x")
    folder.chmod(mode)
    with as_nobody():
        result = scan(os.fsencode(open_inbox), [("parchim", "letters")])
    folder.chmod(0o755)
    assert result.drops == ()
    assert [alarm.path for alarm in result.alarms] == [os.fsencode(folder)]
    assert "Rechte" in result.alarms[0].sentence


def test_room_on_the_disk(tmp_path: Path) -> None:
    assert enough_room(tmp_path, 1)
    assert not enough_room(tmp_path, 10**18)
