"""Pages that a program made and ours can't turn into PDF/A: Ghostscript where the profile allows, proven like ours."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.incoming import documents, ghostscript
from pipeline.adapters.incoming.documents import build_package
from pipeline.adapters.incoming.ghostscript import GhostscriptFailure, ghostscript_version, remake_pages
from pipeline.adapters.incoming.package_contents import verify_thoroughly
from pipeline.adapters.incoming.page_files import write_page
from pipeline.adapters.incoming.pdf_images import images_of
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.domain.papers import PackageRequest
from tests.incoming_sheets import LINES, RULES, encoded, sheet
from tests.needs import need
from tests.package_requests import package_request, recognised_request
from tests.typed_sheets import Typed, page_of
from tests.verapdf.judge import class_path, judge

pytestmark = pytest.mark.integration

need("tesseract")


def _letter(path: Path, *, scan: bytes | None = None) -> Path:
    """A letter whose fonts are not embedded, perhaps with a scanned page behind it."""
    canvas = Canvas(str(path), pagesize=(595, 842), invariant=1)
    for number, line in enumerate(LINES):
        canvas.drawString(72, 700 - 20 * number, line)
    canvas.showPage()
    if scan is not None:
        side = path.with_suffix(".jpg")
        side.write_bytes(scan)
        canvas.drawImage(str(side), 0, 0, 595, 420)
        canvas.showPage()
    canvas.save()
    return path


def _request(source: Path, work: Path, *, allowed: bool = True) -> PackageRequest:
    request = recognised_request(source, work)
    return dataclasses.replace(request, rules=dataclasses.replace(request.rules, ghostscript=allowed))


def _told(out: Path, name: str) -> Any:
    return json.loads((out / "bag" / "data" / name).read_text("utf-8"))


def test_without_the_profiles_leave_a_person_decides(tmp_path: Path) -> None:
    result = build_package(_request(_letter(tmp_path / "letter.pdf"), tmp_path, allowed=False), str(tmp_path))
    assert (result.review, result.pdfa) == (("pdfa-not-reached",), None)
    assert "Eine Schrift ist nicht eingebettet" in result.detail
    assert "not embedded" not in result.detail


def test_with_it_the_package_is_pdfa_and_says_who_wrote_its_pages(tmp_path: Path) -> None:
    need("gs")
    scan = encoded(sheet(), "JPEG")
    source = _letter(tmp_path / "letter.pdf", scan=scan)
    result = build_package(_request(source, tmp_path), str(tmp_path))
    assert (result.review, result.pdfa) == ((), "2b")
    assert verify_thoroughly(tmp_path / "bag") == []
    told = _told(tmp_path, "document.json")
    by = f"Ghostscript {ghostscript_version()}"
    assert told["recoded"] == [f"page 1: made by a program, written anew for PDF/A by {by}"]
    assert set(told["recoded"]) <= set(_told(tmp_path, "transfer-note.json")["picture"]["recoded"])
    text = (tmp_path / "bag" / "data" / "document.txt").read_text("utf-8").split("\f")
    assert text[0].split() == " ".join(LINES).split()
    pdf = tmp_path / "bag" / "data" / "document.pdf"
    with pikepdf.open(pdf) as document, pikepdf.open(source) as original:
        (ours,), (theirs,) = (images_of(file.pages[1].obj) for file in (document, original))
        assert ours.read_raw_bytes() == theirs.read_raw_bytes()
    need("java")
    need("jaxb")
    class_path()
    assert judge([pdf])[0].passed


def test_two_builds_through_it_are_the_same_bytes(tmp_path: Path) -> None:
    need("gs")
    request = _request(_letter(tmp_path / "letter.pdf"), tmp_path)
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        assert build_package(request, str(tmp_path / name)).review == ()
        made.append((tmp_path / name / "bag" / "data" / "document.pdf").read_bytes())
    assert made[0] == made[1]


def _stand_in(monkeypatch: pytest.MonkeyPatch, make: Any) -> None:
    monkeypatch.setattr(documents, "ghostscript_version", lambda: "10.00.0")
    monkeypatch.setattr(documents, "remake_pages", make)


def test_text_that_comes_out_as_garbage_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Debian 12's Ghostscript does to long maps to Unicode: the page looks right and reads wrong."""
    need("gs")

    def garbled(source: str, numbers: list[int], folder: Path) -> Path:
        remade = remake_pages(source, numbers, folder)
        with pikepdf.open(remade, allow_overwriting_input=True) as pdf:
            for font in pdf.pages[0].Resources.Font.values():
                font.ToUnicode = pdf.make_stream(_SHIFTED)
            pdf.save(remade)
        return remade

    _stand_in(monkeypatch, garbled)
    result = build_package(_request(_letter(tmp_path / "letter.pdf"), tmp_path), str(tmp_path))
    assert result.review == ("pdfa-not-reached",)
    assert "Was Ghostscript 10.00.0 schrieb, stimmt nicht: Seite 1: Der Text der PDF-Datei" in result.detail
    assert not (tmp_path / "bag").exists()


_SHIFTED = (
    b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def "
    b"1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfrange <21> <7D> <0022> endbfrange "
    b"endcmap end end"
)


def test_a_page_that_looks_different_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    need("gs")

    def overpainted(source: str, numbers: list[int], folder: Path) -> Path:
        remade = remake_pages(source, numbers, folder)
        with pikepdf.open(remade, allow_overwriting_input=True) as pdf:
            pdf.pages[0].contents_add(pdf.make_stream(b" 0 0 1 rg 0 0 300 300 re f"))
            pdf.save(remade)
        return remade

    _stand_in(monkeypatch, overpainted)
    result = build_package(_request(_letter(tmp_path / "letter.pdf"), tmp_path), str(tmp_path))
    assert result.review == ("pdfa-not-reached",)
    assert "Das Seitenbild sieht anders aus" in result.detail


def test_where_it_is_missing_the_reason_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "ghostscript_version", lambda: ghostscript_version("no-such-ghostscript"))
    result = build_package(_request(_letter(tmp_path / "letter.pdf"), tmp_path), str(tmp_path))
    assert result.review == ("pdfa-not-reached",)
    assert "Ghostscript ist nicht installiert" in result.detail


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("exec sleep 30", "nicht fertig"),
        ("exit 3", "Status 3"),
        ("exit 0", "keine lesbare Datei"),
    ],
)
def test_a_program_that_fails_is_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, sentence: str
) -> None:
    monkeypatch.setattr(ghostscript, "_LEAST_TIMEOUT_S", 0.5)
    monkeypatch.setattr(ghostscript, "_TIMEOUT_PER_PAGE_S", 0.0)
    program = tmp_path / "gs"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    with pytest.raises(GhostscriptFailure, match=sentence):
        remake_pages(str(_letter(tmp_path / "letter.pdf")), [1], tmp_path, str(program))
    assert not (tmp_path / "own-pages.pdf").exists()


def test_a_scan_is_never_written_anew(tmp_path: Path) -> None:
    """Only pages with words of their own are; a scan that fails PDF/A is for a person."""
    source = tmp_path / "scan.pdf"
    side = tmp_path / "scan.jpg"
    side.write_bytes(encoded(sheet(), "JPEG"))
    canvas = Canvas(str(source), pagesize=(595, 420), invariant=1)
    canvas.drawImage(str(side), 0, 0, 595, 420)
    canvas.drawString(20, 20, "Eingang")
    canvas.save()
    facts = inspect_scan(str(source), RULES)
    request = package_request(source, facts, tmp_path)
    (tmp_path / "pages").mkdir(exist_ok=True)
    write_page(tmp_path / "pages", page_of(Typed(words=5, size_pt=11)))
    request = dataclasses.replace(request, rules=dataclasses.replace(request.rules, ghostscript=True))
    result = build_package(request, str(tmp_path))
    assert "pdfa-not-reached" in result.review
    assert "Gescannte Seiten werden nicht neu geschrieben." in result.detail
