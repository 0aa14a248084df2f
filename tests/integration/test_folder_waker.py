"""The waker with a real observer: it wakes for senders, not for ourselves, and its failures harm nothing."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.adapters import folder_waker
from pipeline.adapters.claims import claim
from pipeline.adapters.folder_waker import Waker
from pipeline.adapters.hotfolder import scan

pytestmark = pytest.mark.integration

PATIENCE_S = 10.0
QUIET_S = 1.0  # the observer hands on what it saw within half a second


class Watched:
    """An inbox with a waker on it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "inbox" / "parchim" / "letters"
        self.folder.mkdir(parents=True)
        self.inbox = os.fsencode(root / "inbox")
        self.wake = threading.Event()
        self.waker = Waker(self.inbox, self.wake, most_restarts=2)

    def woken(self, patience_s: float = PATIENCE_S) -> bool:
        woke = self.wake.wait(patience_s)
        self.wake.clear()
        return woke

    def calm(self) -> None:
        while self.woken(QUIET_S):
            pass

    def put(self, name: bytes) -> None:
        with open(os.fsencode(self.folder) + b"/" + name, "wb") as file:  # noqa: PTH123 - names are bytes
            file.write(b"x")


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    made = Watched(tmp_path)
    assert made.waker.start() is None
    yield made
    made.waker.stop()


@pytest.mark.parametrize("name", [b"a.pdf", b"M\xfcller.pdf", b"two\nlines", b"x" * 250])
def test_it_wakes_for_any_name_and_lives_on(watched: Watched, name: bytes) -> None:
    watched.put(name)
    assert watched.woken()
    watched.calm()
    watched.put(b"next.pdf")
    assert watched.woken()
    assert watched.waker.check() is None


def test_it_wakes_for_a_rename_into_place_and_in_new_folders(watched: Watched, tmp_path: Path) -> None:
    (tmp_path / "ready").write_bytes(b"x")
    (tmp_path / "ready").rename(watched.folder / "ready.pdf")
    assert watched.woken()
    watched.calm()
    later = watched.folder.parent / "tax-notices"
    later.mkdir()
    assert watched.woken()
    watched.calm()
    (later / "a.pdf").write_bytes(b"x")
    assert watched.woken()


def test_it_does_not_wake_for_our_own_scans_and_claims(watched: Watched, tmp_path: Path) -> None:
    watched.put(b"a.pdf")
    watched.calm()
    [drop] = scan(watched.inbox).drops
    (tmp_path / "claims").mkdir()
    assert claim(drop, tmp_path / "claims", "t1", order=1) is not None
    scan(watched.inbox)
    assert not watched.woken(QUIET_S)


def test_an_inbox_on_a_path_that_is_not_utf8(tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path) + b"/Eing\xe4nge"
    os.mkdir(odd)  # noqa: PTH102 - names are bytes
    wake = threading.Event()
    waker = Waker(odd, wake)
    assert waker.start() is None
    try:
        with open(odd + b"/a.pdf", "wb") as file:  # noqa: PTH123
            file.write(b"x")
        assert wake.wait(PATIENCE_S)
    finally:
        waker.stop()


def test_a_missing_inbox_is_a_finding(tmp_path: Path) -> None:
    waker = Waker(os.fsencode(tmp_path / "nowhere"), threading.Event())
    finding = waker.start()
    assert finding is not None
    assert finding.code == "wake-up-lost"
    waker.stop()


def test_a_dead_observer_is_restarted(watched: Watched) -> None:
    shutil.rmtree(watched.root / "inbox")
    for emitter in list(watched.waker._observer.emitters):  # type: ignore[union-attr]
        emitter.join(PATIENCE_S)
    watched.folder.mkdir(parents=True)
    watched.calm()
    finding = watched.waker.check()
    assert finding is not None
    assert "läuft wieder" in finding.sentence
    assert watched.woken(), "what happened meanwhile was not seen: the scan must look now"
    watched.calm()
    watched.put(b"a.pdf")
    assert watched.woken()
    assert watched.waker.check() is None


def test_an_observer_that_can_not_start_is_given_up_in_the_end(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.waker.stop()

    def no_more_watches() -> None:
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(folder_waker, "Observer", no_more_watches)
    told = [watched.waker.check() for _ in range(5)]
    sentences = [finding.sentence if finding else None for finding in told]
    assert sentences[0] is not None
    assert "limit" in sentences[0]
    assert sentences[0] == sentences[1]
    assert "abgeschaltet" in (sentences[2] or "")
    assert sentences[3:] == [None, None]


def test_stopping_twice_and_before_the_start(tmp_path: Path) -> None:
    waker = Waker(os.fsencode(tmp_path), threading.Event())
    waker.stop()
    assert waker.start() is None
    waker.stop()
    waker.stop()
