"""From recognised pages to a package: what a person decides, and what is our own fault."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import reportlab
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.incoming import documents
from pipeline.adapters.incoming.archive_package import verify_package
from pipeline.adapters.incoming.checks import Finding
from pipeline.adapters.incoming.documents import build_package
from pipeline.adapters.incoming.page_files import read_page, write_page
from pipeline.adapters.incoming.recognition import recognise_pages
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.domain.errors import Permanent
from pipeline.domain.papers import PackageRequest
from pipeline.domain.profiles import Municipality
from tests.incoming_sheets import LINES, RULES
from tests.needs import need

pytestmark = pytest.mark.integration

need("tesseract")

VERA = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"


def _letter(path: Path, *, wrong_widths: bool = False) -> Path:
    """Two pages of type with an embedded font, every glyph at a place of its own."""
    pdfmetrics.registerFont(TTFont("Vera", str(VERA)))
    right = path.with_name("right.pdf")
    canvas = Canvas(str(right), pagesize=(595, 842), invariant=1, initialFontName="Vera", initialFontSize=12)
    for _page in range(2):
        for row, line in enumerate(LINES):
            x = 72.0
            for letter in line:
                canvas.drawString(x, 700 - 20 * row, letter)
                x += canvas.stringWidth(letter, "Vera", 12)
        canvas.showPage()
    canvas.save()
    with pikepdf.open(right) as pdf:
        if wrong_widths:
            for font in pdf.pages[0].obj.Resources.Font.values():
                font.Widths = pikepdf.Array([777] * len(font.Widths))
        pdf.save(path, deterministic_id=True)
    return path


def _request(source: Path, work: Path, first_page: int = 1, last_page: int = 2) -> PackageRequest:
    facts = inspect_scan(str(source), RULES)
    recognise_pages(str(source), facts, 1, facts.pages, str(work / "pages"), RULES)
    return PackageRequest(
        document="i0000001-d0001",
        municipality=Municipality("grabow", "Stadt Grabow", "Stadt Grabow, Am Markt 1", "4711", ("post",)),
        profile="post",
        profile_title="Posteingang",
        intake="i0000001",
        file=source.name,
        sha256="0" * 64,
        source_bytes=source.stat().st_size,
        source=str(source),
        facts=facts,
        first_page=first_page,
        last_page=last_page,
        results=(str(work / "pages"),),
        rules=RULES,
        received_at="2026-03-02T07:00:00+01:00",
        created_at="2026-03-02T07:05:00+01:00",
        operator="Druckzentrum",
        fields={},
        accepted_by=None,
        accepted_reason=None,
    )


def _read_otherwise(folder: Path, page: int) -> None:
    """As if recognition had read every word of a page backwards."""
    found = read_page(folder, page)
    blocks = tuple(
        dataclasses.replace(
            block,
            lines=tuple(
                dataclasses.replace(
                    line, words=tuple(dataclasses.replace(word, text=word.text[::-1]) for word in line.words)
                )
                for line in block.lines
            ),
        )
        for block in found.blocks
    )
    write_page(folder, dataclasses.replace(found, blocks=blocks))


def _told(out: Path, name: str) -> Any:
    return json.loads((out / "bag" / "data" / name).read_text("utf-8"))


@pytest.mark.parametrize(("first", "last"), [(1, 2), (2, 2)])
def test_a_document_that_is_as_it_was_is_packed(tmp_path: Path, first: int, last: int) -> None:
    request = _request(_letter(tmp_path / "letter.pdf"), tmp_path, first, last)
    result = build_package(request, str(tmp_path))
    assert (result.review, result.pdfa, result.pages) == ((), "2b", last - first + 1)
    assert verify_package(tmp_path / "bag") == []
    assert _told(tmp_path, "transfer-note.json")["deviations"] == ["has-text"]


def test_text_that_reads_otherwise_is_for_a_person_to_judge(tmp_path: Path) -> None:
    request = _request(_letter(tmp_path / "letter.pdf"), tmp_path)
    _read_otherwise(tmp_path / "pages", 2)
    result = build_package(request, str(tmp_path))
    assert result.review == ("text-differs",)
    assert result.detail.startswith("Seite 2: Der Text der PDF-Datei gleicht dem der Vorlage nur zu ")
    assert not (tmp_path / "bag").exists()


def test_text_that_a_person_accepted_is_packed_with_that_decision(tmp_path: Path) -> None:
    request = _request(_letter(tmp_path / "letter.pdf"), tmp_path)
    _read_otherwise(tmp_path / "pages", 2)
    accepted = dataclasses.replace(request, accepted_by="M. Schulz", accepted_reason="arabische Schrift")
    assert build_package(accepted, str(tmp_path)).review == ()
    assert [page["review"] for page in _told(tmp_path, "document.json")["pages"]] == [
        None,
        "M. Schulz: arabische Schrift",
    ]
    deviations = _told(tmp_path, "transfer-note.json")["deviations"]
    assert deviations[0] == "Abgenommen trotz Mangel von M. Schulz: arabische Schrift"
    assert deviations[1].startswith("Seite 2: Der Text")


@pytest.mark.parametrize("kind", ["pages", "turn", "pictures", "look"])
@pytest.mark.parametrize("accepted_by", [None, "M. Schulz"])
def test_pages_and_pictures_that_are_not_as_they_were_are_our_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Any, accepted_by: str | None
) -> None:
    findings = [Finding("text", 1, "Seite 1: Text."), Finding(kind, 2, "Seite 2: Das ist es.")]
    monkeypatch.setattr(documents, "check_archive_pdf", lambda *_given: findings)
    request = dataclasses.replace(_request(_letter(tmp_path / "letter.pdf"), tmp_path), accepted_by=accepted_by)
    with pytest.raises(Permanent) as caught:
        build_package(request, str(tmp_path))
    assert (caught.value.code, caught.value.sentence) == ("archive-pdf-wrong", "Seite 2: Das ist es.")
    assert not (tmp_path / "bag").exists()


def test_mended_fonts_are_told_and_words_are_whole(tmp_path: Path) -> None:
    request = _request(_letter(tmp_path / "letter.pdf", wrong_widths=True), tmp_path)
    result = build_package(request, str(tmp_path))
    assert (result.review, result.pdfa) == ((), "2b")
    remarks = _told(tmp_path, "document.json")["remarks"]
    assert any(remark.startswith("widths of embedded fonts") for remark in remarks)
    assert set(remarks) <= set(_told(tmp_path, "transfer-note.json")["deviations"])
    text = (tmp_path / "bag" / "data" / "document.txt").read_text("utf-8")
    assert [page.split() for page in text.split("\f")[:2]] == [" ".join(LINES).split()] * 2
