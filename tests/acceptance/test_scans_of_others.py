"""Every scan of a folder that others made, through the command: packed, proven, and hardly larger than it was.

POSTSTRASSE_TEST_SCANS names the folder (PDF, TIFF, JPEG, PNG); without it the demo's own scans are taken. Each file is
one document: a valid bag, PDF/A-2b by veraPDF, the words of the text file in the PDF, and the size rule of
`tests.page_streams`.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bagit
import pikepdf
import pytest

from pipeline.adapters.incoming.pdf_images import images_of
from tests.acceptance.driver import REPOSITORY, Place
from tests.needs import need
from tests.page_streams import allowed_bytes, page_stream_bytes
from tests.verapdf.judge import judge

pytestmark = pytest.mark.acceptance

_FOLDER = os.environ.get("POSTSTRASSE_TEST_SCANS", "")
_OWN = REPOSITORY / "samples" / "small" / "inbox"
_ENDINGS = (".pdf", ".tif", ".tiff", ".jpg", ".jpeg", ".png")
_VERY_DENSE, _DENSE_PAGE_BYTES = 700, 600  # words, bytes; see `test_the_size_rule`
_LEAST_SHOWN = 0.98  # of the words of document.txt, in what poppler reads


@dataclass(frozen=True)
class Packed:
    """A scan and the package that became of it."""

    source: Path
    package: Path

    @property
    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.package / "data" / "document.json").read_text(encoding="utf-8"))
        return found

    @property
    def pdf(self) -> Path:
        return self.package / "data" / "document.pdf"


def _scans() -> list[Path]:
    folders = [Path(_FOLDER)] if _FOLDER else [_OWN / "schwerin" / "post", _OWN / "parchim" / "post"]
    return sorted(path for folder in folders for path in folder.iterdir() if path.suffix.lower() in _ENDINGS)


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> list[Packed]:
    """All scans, dropped together and worked off; every one is in the archive's folder."""
    need("tesseract")
    place = Place(tmp_path_factory.mktemp("scans") / "root")
    sources = _scans()
    assert sources
    for source in sources:
        place.drop("schwerin", "post", source.name, source.read_bytes())
    done = place.call("run", "--once")
    assert done.returncode == 0, done.stderr
    named = {source.name: source for source in sources}
    packages = sorted((place.root / "archive" / "schwerin").iterdir())
    found = [
        Packed(named[json.loads((p / "data" / "document.json").read_text())["source"]["file"]], p) for p in packages
    ]
    assert sorted(each.source.name for each in found) == sorted(named), done.stdout
    return found


def test_every_package_is_a_valid_bag(packed: list[Packed]) -> None:
    for each in packed:
        assert bagit.Bag(str(each.package)).is_valid(), each.source.name


def test_every_pdf_is_archivable_by_verapdf(packed: list[Packed]) -> None:
    need("java")
    verdicts = judge([each.pdf for each in packed])
    assert [(v.file, v.broken) for v in verdicts if not v.passed] == []
    assert {each.told["pdfa"]["level"] for each in packed} == {"2b"}


def test_every_picture_is_the_scanners_own(packed: list[Packed]) -> None:
    """Of PDF sources: each coded picture stands in the archive PDF, byte for byte."""
    for each in packed:
        if each.source.suffix == ".pdf":
            with pikepdf.open(each.source) as before, pikepdf.open(each.pdf) as after:
                kept = {item.read_raw_bytes() for item in after.objects if isinstance(item, pikepdf.Stream)}
                for page in before.pages:
                    assert all(picture.read_raw_bytes() in kept for picture in images_of(page.obj)), each.source.name


def test_every_word_is_found(packed: list[Packed]) -> None:
    for each in packed:
        run = subprocess.run([need("pdftotext"), each.pdf, "-"], capture_output=True, check=True)
        shown = run.stdout.decode("utf-8")  # a page's own text may stand close to ours: a search finds both
        words = (each.package / "data" / "document.txt").read_text(encoding="utf-8").split()
        assert words, each.source.name
        assert sum(word in shown for word in words) >= _LEAST_SHOWN * len(words), each.source.name


def test_the_size_rule(packed: list[Packed]) -> None:
    """One exception: what a file takes once stands against a single page of more than 700 words alone (ADR 54)."""
    over = {}
    for each in packed:
        told = each.told
        pages, words = len(told["pages"]), sum(page["words"] for page in told["pages"])
        spare = allowed_bytes(each.source, pages) - each.pdf.stat().st_size
        print(
            f"{each.source.name}: {each.pdf.stat().st_size} bytes, {page_stream_bytes(each.source)} of page streams, "
            f"{pages} pages, {words} words, {spare:.0f} to spare"
        )
        dense = _DENSE_PAGE_BYTES if pages == 1 and words > _VERY_DENSE else 0
        if spare < -dense:
            over[each.source.name] = round(-spare)
    assert over == {}
