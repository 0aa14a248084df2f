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
from pipeline.adapters.incoming.package_contents import verify_thoroughly
from pipeline.adapters.incoming.page_files import read_page, write_page
from pipeline.domain.errors import Permanent
from pipeline.domain.papers import Decision, PackageRequest
from pipeline.domain.separation import Doubt, DroppedPage
from tests.incoming_sheets import LINES, encoded, sheet
from tests.needs import need
from tests.package_requests import recognised_request

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
    request = recognised_request(_letter(tmp_path / "letter.pdf"), tmp_path, first, last)
    result = build_package(request, str(tmp_path))
    assert (result.review, result.pdfa, result.pages) == ((), "2b", last - first + 1)
    assert verify_package(tmp_path / "bag") == verify_thoroughly(tmp_path / "bag") == []
    note = _told(tmp_path, "transfer-note.json")
    assert note["deviations"] == ["has-text"]
    assert note["quality"]["result"] == "passed"


def test_two_builds_of_a_document_are_the_same_bytes(tmp_path: Path) -> None:
    source = tmp_path / "scan.tif"
    source.write_bytes(encoded(sheet(), "TIFF", compression="tiff_adobe_deflate", dpi=(211, 211)))
    request = recognised_request(source, tmp_path)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        assert build_package(request, str(tmp_path / name)).review == ()
    one, two = tmp_path / "one" / "bag", tmp_path / "two" / "bag"
    names = sorted(str(path.relative_to(one)) for path in one.rglob("*") if path.is_file())
    assert len(names) == 9
    assert [name for name in names if (one / name).read_bytes() != (two / name).read_bytes()] == []
    later = dataclasses.replace(request, created_at="2026-03-02T07:06:00+01:00")
    (tmp_path / "three").mkdir()
    build_package(later, str(tmp_path / "three"))
    pdf = Path("data") / "document.pdf"
    assert (tmp_path / "three" / "bag" / pdf).read_bytes() == (one / pdf).read_bytes()


def _stack(path: Path) -> Path:
    """Four pages; the second and the third will be left out."""
    pages = [sheet(LINES[:4]), sheet(LINES[:1]), sheet(LINES[:1]), sheet(LINES[4:])]
    tags = {271: "Beispielwerk", 272: "Scanner 7", 305: "Einzug 2.1"}
    options = {"compression": "tiff_adobe_deflate", "dpi": (211, 211), "tiffinfo": tags}
    path.write_bytes(encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:], **options))
    return path


def _of_stack(work: Path) -> PackageRequest:
    request = recognised_request(_stack(work / "stack.tif"), work)
    return dataclasses.replace(
        request,
        page_numbers=(1, 4),
        dropped=(DroppedPage(2, "separator", 0.0312), DroppedPage(3, "blank", 0.0004)),
        fields={"reference": "12.3-45"},
        expected_sheets=2,
        found_sheets=2,
        duplicate_of="i0000000",
    )


def test_a_document_leaves_out_what_was_dropped_and_tells_it(tmp_path: Path) -> None:
    result = build_package(_of_stack(tmp_path), str(tmp_path))
    assert (result.review, result.pages, result.dropped) == ((), 2, 2)
    assert verify_thoroughly(tmp_path / "bag") == []
    told, note = _told(tmp_path, "document.json"), _told(tmp_path, "transfer-note.json")
    assert [page["source_page"] for page in told["pages"]] == [1, 4]
    assert (
        told["dropped"]
        == note["pages"]["dropped"]
        == [
            {"source_page": 2, "reason": "separator", "ink_ratio": 0.0312},
            {"source_page": 3, "reason": "blank", "ink_ratio": 0.0004},
        ]
    )
    text = (tmp_path / "bag" / "data" / "document.txt").read_text("utf-8")
    assert LINES[0] in text.split("\f")[0]
    assert LINES[-1] in text.split("\f")[1]


def test_the_transfer_note_tells_every_fact(tmp_path: Path) -> None:
    decisions = (Decision("2026-03-02T07:04:00+01:00", "M. Schulz", "split", "zwei Briefe"),)
    request = dataclasses.replace(_of_stack(tmp_path), decisions=decisions)
    build_package(request, str(tmp_path))
    note = _told(tmp_path, "transfer-note.json")
    assert (note["device"], note["device_source"]) == ("Beispielwerk, Scanner 7, Einzug 2.1", "file")
    assert note["fields"] == {"reference": "12.3-45"}
    assert note["sheets"] == {"expected": 2, "found": 2}
    assert note["duplicate_of"] == "i0000000"
    assert note["decisions"] == [
        {"at": "2026-03-02T07:04:00+01:00", "who": "M. Schulz", "what": "split", "reason": "zwei Briefe"}
    ]
    assert [page["source_page"] for page in note["picture"]["pages"]] == [1, 4]
    assert all(page["dpi"] == 211 and page["passes"] >= 1 for page in note["picture"]["pages"])
    assert {"poststrasse", "python", "pikepdf", "tesseract", "tesseract-deu"} <= set(note["software"])
    first = _told(tmp_path, "document.json")["engine"]["first_reading_version"]
    assert note["software"]["tesseract-first-reading"] == first
    alto = (tmp_path / "bag" / "data" / "document.alto.xml").read_text(encoding="utf-8")
    assert f"<softwareVersion>{first}</softwareVersion>" in alto
    assert "keine Konformität mit TR-RESISCAN" in note["statement"]


def test_the_profile_names_the_device_before_the_file_does(tmp_path: Path) -> None:
    request = _of_stack(tmp_path)
    named = dataclasses.replace(request, rules=dataclasses.replace(request.rules, device="Scanner im Erdgeschoss"))
    build_package(named, str(tmp_path))
    note = _told(tmp_path, "transfer-note.json")
    assert (note["device"], note["device_source"]) == ("Scanner im Erdgeschoss", "profile")


def test_a_doubt_of_the_stack_comes_first_and_waits_for_a_person(tmp_path: Path) -> None:
    doubt = Doubt("sheet-count", None, "Das Deckblatt nennt 3 Blätter, gefunden wurden 2.")
    request = dataclasses.replace(_of_stack(tmp_path), doubts=(doubt,))
    result = build_package(request, str(tmp_path))
    assert (result.review, result.detail, result.dropped) == (("sheet-count",), doubt.sentence, 2)
    other = {"accepted_by": "M. Schulz", "accepted_reason": "geprüft", "accepted_codes": frozenset({"low-confidence"})}
    assert build_package(dataclasses.replace(request, **other), str(tmp_path)).review == ("sheet-count",)
    covered = other | {"accepted_codes": frozenset({"sheet-count"})}
    assert build_package(dataclasses.replace(request, **covered), str(tmp_path)).review == ()
    note = _told(tmp_path, "transfer-note.json")
    assert note["quality"]["result"] == "accepted"
    assert note["deviations"][:2] == ["Abgenommen trotz Mangel von M. Schulz: geprüft", doubt.sentence]


@pytest.mark.parametrize("numbers", [(), (2, 1), (1, 1), (0, 1), (1, 2)])
def test_pages_that_no_document_has_are_a_mistake_of_ours(tmp_path: Path, numbers: tuple[int, ...]) -> None:
    request = recognised_request(_letter(tmp_path / "letter.pdf"), tmp_path)
    with pytest.raises(ValueError, match="not the pages"):
        dataclasses.replace(request, page_numbers=numbers, dropped=(DroppedPage(2, "blank", 0.0),))


def test_text_that_reads_otherwise_is_for_a_person_to_judge(tmp_path: Path) -> None:
    request = recognised_request(_letter(tmp_path / "letter.pdf"), tmp_path)
    _read_otherwise(tmp_path / "pages", 2)
    result = build_package(request, str(tmp_path))
    assert result.review == ("text-differs",)
    assert result.detail.startswith("Seite 2: Der Text der PDF-Datei gleicht dem der Vorlage nur zu ")
    assert not (tmp_path / "bag").exists()


def test_text_that_a_person_accepted_is_packed_with_that_decision(tmp_path: Path) -> None:
    request = recognised_request(_letter(tmp_path / "letter.pdf"), tmp_path)
    _read_otherwise(tmp_path / "pages", 2)
    accepted = dataclasses.replace(
        request,
        accepted_by="M. Schulz",
        accepted_reason="arabische Schrift",
        accepted_codes=frozenset({"text-differs"}),
    )
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
    request = dataclasses.replace(
        recognised_request(_letter(tmp_path / "letter.pdf"), tmp_path), accepted_by=accepted_by
    )
    with pytest.raises(Permanent) as caught:
        build_package(request, str(tmp_path))
    assert (caught.value.code, caught.value.sentence) == ("archive-pdf-wrong", "Seite 2: Das ist es.")
    assert not (tmp_path / "bag").exists()


def test_mended_fonts_are_told_and_words_are_whole(tmp_path: Path) -> None:
    request = recognised_request(_letter(tmp_path / "letter.pdf", wrong_widths=True), tmp_path)
    result = build_package(request, str(tmp_path))
    assert (result.review, result.pdfa) == ((), "2b")
    remarks = _told(tmp_path, "document.json")["remarks"]
    assert any(remark.startswith("widths of embedded fonts") for remark in remarks)
    assert set(remarks) <= set(_told(tmp_path, "transfer-note.json")["deviations"])
    text = (tmp_path / "bag" / "data" / "document.txt").read_text("utf-8")
    assert [page.split() for page in text.split("\f")[:2]] == [" ".join(LINES).split()] * 2
