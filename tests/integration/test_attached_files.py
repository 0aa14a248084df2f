"""Files that a PDF carries beside its pages: an invoice waits for a person, others are told; none goes in silence."""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from pipeline.adapters.incoming.attached_files import attached_files, doubt_about
from pipeline.adapters.incoming.documents import build_package
from pipeline.adapters.incoming.package_check import verify_package
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.domain.pages import AttachedFile
from tests.incoming_sheets import RULES, encoded, scan_pdf, sheet
from tests.package_requests import recognised_request

pytestmark = pytest.mark.integration


def _with_files(path: Path, **files: bytes) -> Path:
    """A scanned letter with these files attached, `_` in a keyword for its dot."""
    plain = scan_pdf(path.with_name("plain.pdf"), encoded(sheet(), "JPEG"))
    with pikepdf.open(plain) as pdf:
        for name, data in files.items():
            shown = name.replace("_", ".")
            pdf.attachments[shown] = pikepdf.AttachedFileSpec(pdf, data, filename=shown)
        pdf.save(path)
    return path


def _told(out: Path, name: str) -> Any:
    return json.loads((out / "bag" / "data" / name).read_text("utf-8"))


def test_an_attached_invoice_waits_for_a_person_and_is_named(tmp_path: Path) -> None:
    source = _with_files(tmp_path / "invoice.pdf", rechnung_xml=b"<Invoice/>", logo_png=b"x")
    request = recognised_request(source, tmp_path)
    assert "attached-files" in request.facts.remarks
    result = build_package(request, str(tmp_path))
    assert result.review == ("attached-data",)
    assert "rechnung.xml (10 Byte)" in result.detail
    assert "elektronischen Rechnung" in result.detail
    assert "logo.png" not in result.detail
    assert not (tmp_path / "bag").exists()


def test_once_accepted_every_attached_file_stands_in_both_notes(tmp_path: Path) -> None:
    source = _with_files(tmp_path / "invoice.pdf", rechnung_xml=b"<Invoice/>", logo_png=b"x")
    request = dataclasses.replace(
        recognised_request(source, tmp_path),
        accepted_by="M. Schulz",
        accepted_reason="liegt schon im Rechnungseingang",
        accepted_codes=frozenset({"attached-data"}),
    )
    assert build_package(request, str(tmp_path)).review == ()
    assert verify_package(tmp_path / "bag") == []
    files = [{"name": "logo.png", "bytes": 1}, {"name": "rechnung.xml", "bytes": 10}]
    assert _told(tmp_path, "document.json")["source"]["attached_files"] == files
    note = _told(tmp_path, "transfer-note.json")
    assert note["quality"]["result"] == "accepted"
    assert "Angehängte Datei nicht archiviert: rechnung.xml (10 Byte)" in note["deviations"]


def test_other_files_hold_nothing_up_but_are_told(tmp_path: Path) -> None:
    request = recognised_request(_with_files(tmp_path / "letter.pdf", anlage_docx=b"PK12"), tmp_path)
    assert build_package(request, str(tmp_path)).review == ()
    assert _told(tmp_path, "document.json")["source"]["attached_files"] == [{"name": "anlage.docx", "bytes": 4}]
    note = _told(tmp_path, "transfer-note.json")
    assert note["quality"]["result"] == "passed"
    assert "Angehängte Datei nicht archiviert: anlage.docx (4 Byte)" in note["deviations"]


def test_a_file_without_attachments_says_nothing(tmp_path: Path) -> None:
    source = scan_pdf(tmp_path / "plain.pdf", encoded(sheet(), "JPEG"))
    assert "attached-files" not in inspect_scan(str(source), RULES).remarks
    with pikepdf.open(source) as pdf:
        assert attached_files(pdf) == ()


@pytest.mark.parametrize(
    ("name", "asks"), [("factur-x.xml", True), ("ZUGFeRD-invoice.xml", True), ("DATEN.XML", True), ("a.pdf", False)]
)
def test_data_for_programs_ask_for_a_person(tmp_path: Path, name: str, asks: bool) -> None:
    with pikepdf.new() as pdf:
        pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, b"abc", filename=f"C:\\tmp\\{name}")
        files = attached_files(pdf)
        assert files == (AttachedFile(name, 3, asks),)
        assert (doubt_about(files) is not None) is asks


def test_a_portfolio_asks_whatever_it_holds_and_what_belongs_to_the_document_counts_once() -> None:
    with pikepdf.new() as pdf:
        pdf.attachments["brief.pdf"] = pikepdf.AttachedFileSpec(pdf, b"abc", filename="brief.pdf")
        pdf.Root.AF = pikepdf.Array([pdf.Root.Names.EmbeddedFiles.Names[1]])
        assert attached_files(pdf) == (AttachedFile("brief.pdf", 3, False),)
        pdf.Root.Collection = pikepdf.Dictionary(Type=pikepdf.Name.Collection)
        assert attached_files(pdf) == (AttachedFile("brief.pdf", 3, True),)
        del pdf.Root.Names
        assert [file.name for file in attached_files(pdf)] == ["brief.pdf"]


def test_a_tree_of_names_that_leads_in_a_circle_ends() -> None:
    with pikepdf.new() as pdf:
        tree = pdf.make_indirect(pikepdf.Dictionary())
        tree.Kids = pikepdf.Array([tree] * 2_000)
        pdf.Root.Names = pikepdf.Dictionary(EmbeddedFiles=tree)
        began = time.process_time()
        assert attached_files(pdf) == ()
        assert time.process_time() - began < 5  # seconds; 30 where each node is walked again
