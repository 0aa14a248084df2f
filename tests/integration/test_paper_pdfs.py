"""Job ticket and manifest as PDF: what can be read on them, by other libraries than the one that wrote them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
import zxingcpp

from pipeline.adapters.papers.batch_folder import manifest_names, manifests_of
from pipeline.adapters.papers.delivery_list import write_delivery_pdf
from pipeline.adapters.papers.job_ticket import write_job_ticket
from pipeline.adapters.papers.manifest_notes import MAX_NOTES
from pipeline.adapters.papers.manifest_pdf import MAX_FILE_ROWS, ManifestNames, write_manifest_pdf
from pipeline.adapters.papers.page_layout import save_document
from pipeline.adapters.papers.sum_tables import breakdown
from pipeline.domain.papers import BatchPapers
from pipeline.domain.pieces import LetterException, Note, Piece
from pipeline.domain.remarks import REMARKS
from pipeline.domain.source_pages import LeftOutReason, SourceFile
from pipeline.domain.totals import Totals
from tests.paper_examples import C4, FOLDER, PIECE, PROFILES, batch_papers

pytestmark = pytest.mark.integration


def _text(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    try:
        pages = [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
    return [" ".join(text.replace("\N{NO-BREAK SPACE}", " ").split()) for text in pages]


def _letters(count: int, **changes: object) -> list[Piece]:
    return [
        replace(PIECE, id=f"i{n:07d}-p000001", intake=f"i{n:07d}", arrival=(n, 1), file=f"brief-{n}.pdf", **changes)  # type: ignore[arg-type]
        for n in range(1, count + 1)
    ]


def _manifest(papers: BatchPapers, folder: Path, names: ManifestNames | None = None) -> Path:
    facts = manifests_of(papers)[0]
    return write_manifest_pdf(folder, facts, names or manifest_names(PROFILES, facts.municipality))


def test_job_ticket_says_what_to_load_and_what_to_count(tmp_path: Path) -> None:
    pieces = [
        *_letters(3),
        replace(PIECE, id="i0000009-p000001", arrival=(9, 1), enclosures=(1, 3), municipality="luebz"),
    ]
    machine = replace(FOLDER, feed=replace(FOLDER.feed, max_volume_sheets=4, trailer_sheet=True))
    pages = _text(write_job_ticket(tmp_path, batch_papers(pieces, machine=machine)))
    text = " ".join(pages)
    for part in (
        "b0000042",
        "4 Sendungen, 8 Blatt in 4 Teilbänden",
        "Falzkuvertierer",
        "C6/5 mit Fenster",
        "Wickelfalz bei 105 mm und 210 mm, Form B",
        "A4 weiß 80 g/m²",
        "einseitig",
        "Schlussblatt je Teilband",
        "1 Merkblatt Grundsteuer 2,000 g 1",
        "2 bleibt leer",
        "3 SEPA-Mandat 3,500 g 1",
        "C6/5 mit Fenster; 4 Stück",
        "A4 weiß 80 g/m²; 12 Blatt",
        "b0000042-v01.pdf 1 1 3 3",
        "b0000042-v04.pdf 4 4 3 3",
        "Summe 4 12 12",
        "Schlussblätter sind mitgezählt: 4 Blatt",
        "Brief standard 4 8 8 59,920 g 3,80 €",
        "Stadt Lübz 1 2 2 14,980 g 0,95 €",
        "Mit der Einlieferungsliste der Post übergeben",
    ):
        assert part in text, part
    assert f"Seite {len(pages)} von {len(pages)}" in pages[-1]


def test_job_ticket_tells_what_is_special_about_a_batch(tmp_path: Path) -> None:
    papers = batch_papers(_letters(2), machine=replace(FOLDER, feed=replace(FOLDER.feed, separator_sheet="volume")))
    plain = " ".join(_text(write_job_ticket(tmp_path, papers)))
    assert "Trennblätter vor dem Einlegen entnehmen." in plain
    assert "b0000042-v01.pdf 1 2 5 4" in plain  # five pages, four sheets are fed
    special = replace(papers, confidentiality="confidential", due="2026-03-04", enclosures="1+3")
    text = " ".join(_text(write_job_ticket(tmp_path, special)))
    for part in ("vertraulich", "Spätestens zur Post 04.03.2026", "Station 1+3 einschalten"):
        assert part in text and part not in plain, part


def test_job_ticket_of_a_flat_duplex_batch(tmp_path: Path) -> None:
    pieces = _letters(1, plex="duplex", enclosures=(5,))
    papers = replace(batch_papers(pieces), envelope=C4)
    text = " ".join(_text(write_job_ticket(tmp_path, papers)))
    for part in ("ungefalzt, Form B", "beidseitig", "90 Blatt", "5 nicht mehr eingerichtet: bitte klären 1"):
        assert part in text, part


def test_the_barcode_of_the_job_ticket_is_the_batch(tmp_path: Path) -> None:
    path = write_job_ticket(tmp_path, batch_papers(_letters(1), number=9999999))
    document = pypdfium2.PdfDocument(path)
    try:
        picture = document[0].render(scale=150 / 72).to_pil()
    finally:
        document.close()
    codes = zxingcpp.read_barcodes(picture)
    assert [(code.format, code.text) for code in codes] == [(zxingcpp.BarcodeFormat.Code128, "b9999999")]


def test_delivery_list_counts_what_the_carrier_counts(tmp_path: Path) -> None:
    abroad = {"country": "AT", "postcode": "1010", "product": "standard-int", "postage_cent": 125}
    pieces = [
        *(replace(one, file="Geheim.pdf") for one in _letters(3, postcode="19055", reference="AZ 7")),
        replace(PIECE, id="i0000008-p000001", arrival=(8, 1), postcode="01067"),
        replace(PIECE, id="i0000009-p000001", arrival=(9, 1), product="kompakt", postage_cent=110),
        replace(PIECE, id="i0000010-p000001", arrival=(10, 1), **abroad),  # type: ignore[arg-type]
    ]
    pages = _text(write_delivery_pdf(tmp_path, batch_papers(pieces)))
    text = " ".join(pages)
    for part in (
        "Einlieferungsliste",
        "Brief standard 1 4 4 59,920 g 3,80 €",
        "Brief kompakt 1 1 1 14,980 g 1,10 €",
        "Brief standard-int 1 1 1 14,980 g 1,25 €",
        "Summe 6 89,880 g 6,15 €",
        "01 1 1 1 14,980 g 0,95 €",
        "19 2 4 3 44,940 g 2,85 €",
        "Für den Postdienstleister: Name, Unterschrift",
    ):
        assert part in text, part
    assert "Geheim" not in text
    assert "AZ 7" not in text
    assert f"Seite {len(pages)} von {len(pages)}" in pages[-1]


def test_manifest_says_what_a_treasurer_asks(tmp_path: Path) -> None:
    pieces = [*_letters(2, municipality="luebz"), *_letters(1, municipality="luebz", cost_centre="", plex="simplex")]
    pieces[2] = replace(pieces[2], id="i0000008-p000001", product="kompakt", postage_cent=110)
    exceptions = [LetterException("i0000005", "plan.pdf", "luebz", 12, "page-size", "Seite 12 misst 420 mal 297 mm.")]
    pages = _text(_manifest(batch_papers(pieces, exceptions), tmp_path))
    text = " ".join(pages)
    for part in (
        "Leistungsnachweis",
        "Stadt Lübz",
        "02.03.2026, 14:05 Uhr",
        "Brief standard 2 4 4 29,960 g 1,90 €",
        "Brief kompakt 1 2 2 14,980 g 1,10 €",
        "Summe 3 6 6 44,940 g 3,00 €",
        "C6/5 mit Fenster 3 6 6",
        "ohne Angabe 1 2 2",
        "Summe (2 Dateien) 3 6 3,00 €",
        "1 Brief wurde nicht hergestellt",
        "Eine Seite hat ein Format, das dieser Ordner nicht druckt",
        "Abhilfe: Bitte erzeugen Sie den Brief im Format A4.",
        "plan.pdf 12 Seite 12 misst 420 mal 297 mm.",
        "Druckauftrag b0000042 vom 02.03.2026: 3 Sendungen, 6 Blatt, Porto 3,00 €; 1 Brief nicht angenommen.",
        "Sachlich richtig",
        "Rechnerisch richtig",
    ):
        assert part in text, part
    assert f"Seite 1 von {len(pages)}" in pages[0]


def test_a_municipality_with_nothing_but_returned_letters(tmp_path: Path) -> None:
    exceptions = [LetterException("i0000005", "plan.pdf", "luebz", 1, "page-size", "Zu groß.")]
    papers = batch_papers([PIECE], exceptions)
    facts = next(one for one in manifests_of(papers) if one.municipality == "luebz")
    text = " ".join(_text(write_manifest_pdf(tmp_path, facts, manifest_names(PROFILES, "luebz"))))
    assert "Summe 0 0 0 0,000 g 0,00 €" in text
    assert "plan.pdf 1 Zu groß." in text


def test_names_of_files_are_shown_and_never_interpreted(tmp_path: Path) -> None:
    bad = '<img src="/etc/passwd"/> <b>&amp; ' + "x" * 200 + "\u2028\u4e2d.pdf"
    papers = batch_papers(
        [replace(PIECE, file=bad)], [LetterException("i0000005", bad, "schwerin", 1, "page-size", bad)]
    )
    text = "".join(_text(_manifest(papers, tmp_path))).replace(" ", "")
    assert text.count('<imgsrc="/etc/passwd"/><b>&amp;') == 5
    assert "x?.pdf" in text


def test_many_files_and_many_exceptions_run_over_pages(tmp_path: Path) -> None:
    exceptions = [
        LetterException(
            "i0000001", "stapel.pdf", "schwerin", n, ("page-size", "address-not-found")[n % 2], f"Befund {n}."
        )
        for n in range(1, 301)
    ]
    pages = _text(_manifest(batch_papers(_letters(MAX_FILE_ROWS + 25), exceptions), tmp_path))
    text = " ".join(pages)
    assert len(pages) > 8
    for number, page in enumerate(pages, start=1):
        assert f"Seite {number} von {len(pages)}" in page
    assert "brief-1.pdf" in pages[0]
    assert "25 weitere Dateien siehe CSV 25 50 23,75 €" in text
    assert "Summe (225 Dateien) 225 450 213,75 €" in text
    assert [n for n in range(1, 301) if f"Befund {n}." not in text] == []
    assert all("Datei" in page for page in pages[1:-1])


def test_no_number_of_a_large_batch_breaks_in_two(tmp_path: Path) -> None:
    """999,999 pieces of five sheets in duplex, 30 g and 1.10 euro each: the largest that a paper has to tell of."""
    large = {"Landkreis Ludwigslust-Parchim": Totals(999_999, 4_999_995, 9_999_990, 29_999_970_000, 109_999_890)}
    path = tmp_path / "large.pdf"
    save_document(path, "x", "x", lambda: breakdown("Nach Kommune", "Kommune", large))
    document = pypdfium2.PdfDocument(path)
    try:
        lines = [line.strip() for line in document[0].get_textpage().get_text_range().splitlines()]
    finally:
        document.close()
    joined = "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")
    for whole in (
        "Landkreis Ludwigslust-Parchim",
        "999.999",
        "4.999.995",
        "9.999.990",
        "29.999.970,000 g",
        "1.099.998,90 €",
    ):
        assert joined.count(whole) == (1 if whole.startswith("Land") else 2), whole


def test_two_names_that_are_alike_keep_their_own_rows(tmp_path: Path) -> None:
    pieces = [PIECE, replace(PIECE, id="i0000001-p000002", arrival=(1, 2), product="kompakt", postage_cent=110)]
    names = ManifestNames("Schwerin", {"standard": "Brief", "kompakt": "Brief"}, {})
    text = " ".join(_text(_manifest(batch_papers(pieces), tmp_path, names)))
    assert "Brief (kompakt) 1 2 2 14,980 g 1,10 €" in text
    assert "Brief (standard) 1 2 2 14,980 g 0,95 €" in text


@pytest.mark.parametrize("kind", ["ticket", "manifest"])
def test_all_fonts_are_embedded_and_no_clock_is_in_the_file(tmp_path: Path, kind: str) -> None:
    papers = batch_papers([PIECE])
    path = write_job_ticket(tmp_path, papers) if kind == "ticket" else _manifest(papers, tmp_path)
    with pikepdf.open(path) as pdf:
        fonts = [font for page in pdf.pages for font in page.obj.Resources.Font.values()]
        assert len(fonts) >= 2
        assert all("/FontFile2" in font.FontDescriptor for font in fonts)
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:2000")
        assert str(pdf.Root.Lang) == "de-DE"


def test_the_manifest_counts_what_was_done_before_the_print(tmp_path: Path) -> None:
    pieces = [*_letters(2, remarks=("script-removed",)), *_letters(3, remarks=("a5-scaled", "script-removed"))[2:]]
    text = " ".join(_text(_manifest(batch_papers(pieces), tmp_path)))
    assert "Vor dem Druck bearbeitet" in text
    assert f"{REMARKS['script-removed']} script-removed 3 1 bis 3" in text
    assert f"{REMARKS['a5-scaled']} a5-scaled 1 3" in text


def test_a_manifest_of_untouched_letters_says_nothing_of_it(tmp_path: Path) -> None:
    text = " ".join(_text(_manifest(batch_papers(_letters(2)), tmp_path)))
    assert "Vor dem Druck" not in text and "Hinweise zu" not in text and "Nicht gedruckte" not in text


def test_manifest_says_why_a_letter_is_produced_as_it_is(tmp_path: Path) -> None:
    first, second = _letters(2)
    divided = replace(first, part=2, parts=3, notes=(Note("split-over-envelopes", "Teil 2 von 3."),))
    repriced = replace(second, source_last_page=1, notes=(Note("repriced", "Porto neu: 1,10 Euro."),))
    text = " ".join(_text(_manifest(batch_papers([divided, repriced]), tmp_path)))
    assert "1 brief-1.pdf, Seite 1 bis 2 Teil 2 von 3." in text
    assert "2 brief-2.pdf, Seite 1 Porto neu: 1,10 Euro." in text


def test_more_notes_than_are_printed_are_counted(tmp_path: Path) -> None:
    noted = _letters(MAX_NOTES + 7, notes=(Note("flat-stream", "Ungefalzt versandt."),))
    text = " ".join(_text(_manifest(batch_papers(noted), tmp_path)))
    assert text.count("Ungefalzt versandt.") == MAX_NOTES
    assert "Dazu 7 weitere, siehe die Spalte „notes“ der CSV-Datei." in text


def test_manifest_adds_up_the_pages_of_each_file(tmp_path: Path) -> None:
    stack = [
        replace(PIECE, id=f"i0000001-p00000{n}", arrival=(1, n), source_first_page=first, source_last_page=first + 1)
        for n, first in ((1, 3), (2, 7))
    ]
    back = LetterException("i0000001", "bescheide.pdf", "schwerin", 10, "page-size", "Zu groß.", 10, 11)
    lost = LetterException("i0000003", "kaputt.pdf", "schwerin", 1, "pdf-damaged", "Bricht ab.", 1, 1)
    left_out: dict[int, LeftOutReason] = {1: "separator", 2: "blank", 5: "separator", 6: "separator", 9: "blank"}
    sources = {
        "i0000001": SourceFile(14, left_out | {12: "separator"}),
        "i0000002": SourceFile(2),
        "i0000003": SourceFile(),
    }
    alone = replace(PIECE, id="i0000002-p000001", intake="i0000002", arrival=(2, 1), file="brief.pdf")
    papers = replace(batch_papers([*stack, alone], [back, lost]), sources=sources)
    text = " ".join(_text(_manifest(papers, tmp_path)))
    assert "bescheide.pdf 14 4 2 5 3" in text
    assert "brief.pdf 2 2 0 0 0" in text
    assert "kaputt.pdf ? 0 ? 0 ?" in text
    assert "Summe (3 Dateien) 16 6 2 5 3" in text
    assert "bescheide.pdf Trennblatt 3 1, 5 bis 6" in text
    assert "bescheide.pdf leere Seite 2 2, 9" in text
