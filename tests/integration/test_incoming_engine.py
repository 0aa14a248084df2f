"""A recogniser that fails in every way it can: none of them may look like an empty page."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest
from pytesseract import pytesseract as engine

from pipeline.adapters.incoming import tesseract_call
from pipeline.adapters.incoming.recognition import recognise_pages
from pipeline.adapters.incoming.scan_source import inspect_scan
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
    monkeypatch.setattr(engine, "tesseract_cmd", _fake(tmp_path, script))
    with pytest.raises(Temporary) as caught:
        _recognise(source, tmp_path / "pages")
    assert caught.value.code == "recognition-failed"
    assert list((tmp_path / "pages").iterdir()) == []


def test_an_engine_that_hangs_makes_a_page_with_trouble(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: Path
) -> None:
    monkeypatch.setattr(engine, "tesseract_cmd", _fake(tmp_path, "exec sleep 60"))
    monkeypatch.setattr(tesseract_call, "timeout_s", lambda raster: 0.3)
    page = _recognise(source, tmp_path / "pages")
    assert (page.trouble, page.words) == ("recognition-timeout", 0)
    assert [file.name for file in (tmp_path / "pages").iterdir()] == ["page-00001.json"]


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
