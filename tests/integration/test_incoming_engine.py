"""A recogniser that fails in every way it can: none of them may look like an empty page."""

from __future__ import annotations

import os
import signal
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytesseract import pytesseract as engine

from pipeline.adapters.incoming import tesseract_call, warm_tesseract
from pipeline.adapters.incoming.recognition import recognise_pages
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.adapters.incoming.tesseract_models import model_folder
from pipeline.adapters.incoming.tesseract_probe import probe
from pipeline.domain.errors import Permanent, PoststrasseError, Temporary
from pipeline.domain.profiles import IncomingRules
from pipeline.domain.recognised import RecognisedPage
from tests.incoming_sheets import LINES, RULES, encoded, sheet
from tests.needs import need

pytestmark = pytest.mark.integration


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "page.png"
    path.write_bytes(encoded(sheet(LINES[:4]), "PNG", dpi=(211, 211)))
    return path


def _fake(folder: Path, script: str) -> str:
    path = folder / "tesseract"
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def _recognise(source: Path, out: Path, rules: IncomingRules = RULES) -> RecognisedPage:
    return recognise_pages(str(source), inspect_scan(str(source), rules), 1, 1, str(out), rules)[0]


@pytest.mark.parametrize(
    "script",
    [
        "exit 1",
        "kill -SEGV $$",
        "exit 0",
        'echo "Image too large" >&2; : > "$2.tsv"',
        'echo rubbish > "$2.tsv"',
        'head -c 100 /dev/urandom > "$2.tsv"',
    ],
)
def test_a_failing_engine_raises_and_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: Path, script: str
) -> None:
    monkeypatch.setattr(warm_tesseract, "can_read", lambda language: False)
    monkeypatch.setattr(engine, "tesseract_cmd", _fake(tmp_path, script))
    with pytest.raises(Temporary) as caught:
        _recognise(source, tmp_path / "pages")
    assert caught.value.code == "recognition-failed"
    assert list((tmp_path / "pages").iterdir()) == []


def test_an_engine_that_hangs_makes_a_page_with_trouble(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: Path
) -> None:
    monkeypatch.setattr(warm_tesseract, "can_read", lambda language: False)
    monkeypatch.setattr(engine, "tesseract_cmd", _fake(tmp_path, "exec sleep 60"))
    monkeypatch.setattr(tesseract_call, "timeout_s", lambda raster: 0.3)
    page = _recognise(source, tmp_path / "pages")
    assert (page.trouble, page.words) == ("recognition-timeout", 0)
    assert [file.name for file in (tmp_path / "pages").iterdir()] == ["page-00001.json"]


def _crash(*_arguments: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _hang(*_arguments: Any) -> None:
    time.sleep(60)
    os._exit(0)


def _talk_nonsense(*arguments: Any) -> None:
    _reading, writing = arguments[-1]
    os.write(writing, b"level\tpage_num\n5\tone\n")
    os._exit(0)


def _say_nothing(*_arguments: Any) -> None:
    os._exit(0)


@pytest.mark.parametrize("behaviour", [_crash, _talk_nonsense, _say_nothing])
def test_a_warm_engine_that_fails_raises_and_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: Path, behaviour: Callable[..., None]
) -> None:
    need("tesseract")
    monkeypatch.setattr(warm_tesseract, "_read_and_end", behaviour)
    with pytest.raises(Temporary) as caught:
        _recognise(source, tmp_path / "pages")
    assert caught.value.code == "recognition-failed"
    assert list((tmp_path / "pages").iterdir()) == []


def test_a_warm_engine_that_hangs_is_ended_and_makes_a_page_with_trouble(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: Path
) -> None:
    need("tesseract")
    monkeypatch.setattr(warm_tesseract, "_read_and_end", _hang)
    monkeypatch.setattr(tesseract_call, "timeout_s", lambda pixels: 0.3)
    made: list[int] = []
    fork = os.fork

    def noted() -> int:
        made.append(child := fork())
        return child

    monkeypatch.setattr(os, "fork", noted)
    began = time.monotonic()
    page = _recognise(source, tmp_path / "pages")
    assert (page.trouble, page.words) == ("recognition-timeout", 0)
    assert time.monotonic() - began < 30
    assert made
    for child in made:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


@pytest.mark.parametrize("size", [0, 500_000])
def test_a_damaged_model_is_our_fault_and_not_the_scans(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: Path, size: int
) -> None:
    need("tesseract")
    folder = model_folder()
    assert folder is not None
    models = tmp_path / "models"
    models.mkdir()
    (models / "deu.traineddata").write_bytes((folder / "deu.traineddata").read_bytes()[:size])
    monkeypatch.setattr(warm_tesseract, "model_folder", lambda: models)
    warm_tesseract._engine.cache_clear()
    try:
        assert not warm_tesseract.is_fit("deu")
        with pytest.raises(Permanent) as caught:
            _recognise(source, tmp_path / "pages")
    finally:
        warm_tesseract._engine.cache_clear()
    assert caught.value.code == "tesseract-language"


def test_a_page_reads_the_same_whatever_was_read_before(tmp_path: Path, source: Path) -> None:
    need("tesseract")
    other = tmp_path / "other.png"
    other.write_bytes(encoded(sheet(LINES[4:]), "PNG", dpi=(211, 211)))
    first = _recognise(source, tmp_path / "one")
    _recognise(other, tmp_path / "two")
    assert _recognise(source, tmp_path / "three") == first


def test_without_the_warm_engine_the_program_reads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: Path
) -> None:
    need("tesseract")
    warm = _recognise(source, tmp_path / "warm")
    monkeypatch.setattr(warm_tesseract, "can_read", lambda language: False)
    assert _recognise(source, tmp_path / "cold").text == warm.text


def test_a_missing_engine_or_language_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: Path
) -> None:
    monkeypatch.setattr(engine, "tesseract_cmd", str(tmp_path / "nowhere"))
    with pytest.raises(Permanent) as caught:
        _recognise(source, tmp_path / "pages")
    assert caught.value.code == "tesseract-missing"
    assert "apt-get install" in caught.value.remedy
    assert "apt-get install" in probe("deu").findings[0]


def test_a_language_that_is_not_installed(tmp_path: Path, source: Path) -> None:
    need("tesseract")
    with pytest.raises(PoststrasseError) as caught:
        _recognise(source, tmp_path / "pages", IncomingRules(language="xyz"))
    assert (caught.value.code, caught.value.remedy) == ("tesseract-language", "apt-get install tesseract-ocr-xyz")
    facts = probe("xyz")
    assert "tesseract-ocr-xyz" in facts.findings[0]
    assert facts.model_sha256 == ""


def test_the_engine_here_is_fit_for_work() -> None:
    need("tesseract")
    facts = probe("deu")
    assert facts.findings == ()
    assert len(facts.model_sha256) == 64
    assert int(facts.version.split(".")[0]) >= 5


def test_two_pages_are_read_side_by_side(tmp_path: Path, source: Path) -> None:
    need("tesseract")
    pages: dict[str, RecognisedPage] = {}

    def read(name: str) -> None:
        pages[name] = _recognise(source, tmp_path / name)

    threads = [threading.Thread(target=read, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pages["one"] == pages["two"]
    assert "Ermäßigung" in pages["one"].text
