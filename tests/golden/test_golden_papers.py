"""The papers of one small batch and two refusals, byte for byte.

`POSTSTRASSE_REGENERATE_GOLDEN=1 pytest tests/golden` writes the files anew; read the difference before it is kept.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest

from pipeline.adapters.papers.batch_folder import write_batch_papers
from pipeline.adapters.papers.manifest_files import ManifestFacts, write_posting
from pipeline.adapters.papers.rejection_note import write_rejection
from pipeline.domain.papers import BatchPapers, PieceState, RejectionPapers
from pipeline.domain.pieces import LetterException, Piece
from pipeline.domain.source_pages import SourceFile
from tests.paper_examples import PIECE, batch_papers

pytestmark = pytest.mark.golden

SWITCH = "POSTSTRASSE_REGENERATE_GOLDEN"
GOLDEN = Path(__file__).parent / "papers"

BATCH_NAMES = (
    "pieces.csv",
    "sheets.csv",
    "batch.json",
    "delivery-list.csv",
    "manifests/luebz.csv",
    "manifests/luebz.json",
    "manifests/parchim.csv",
    "manifests/parchim.json",
    "manifests/schwerin.csv",
    "manifests/schwerin.json",
)

PDF_NAMES = ("job-ticket", "delivery-list", "manifests/luebz", "manifests/parchim", "manifests/schwerin")


def _pieces() -> list[Piece]:
    """Four letters of two municipalities in duplex: odd pages, enclosures, abroad, a reference like a formula."""
    duplex = replace(PIECE, plex="duplex")
    return [
        replace(duplex, id="i0000001-p000001", arrival=(1, 1), pages=3, source_last_page=3, reference="=1+1"),
        replace(
            duplex,
            id="i0000001-p000002",
            arrival=(1, 2),
            pages=1,
            sheets=1,
            source_first_page=4,
            source_last_page=4,
            weight_mg=11990,
            enclosures=(1,),
            postcode="01067",
        ),
        replace(
            duplex,
            id="i0000002-p000001",
            intake="i0000002",
            arrival=(2, 1),
            file='Müller, "Widerspruch".pdf',
            municipality="luebz",
            cost_centre="13000",
            reference="AZ 12/26; neu",
            pages=10,
            sheets=5,
            source_last_page=10,
            weight_mg=35450,
            enclosures=(1, 3),
            product="kompakt",
            postage_cent=110,
        ),
        replace(
            duplex,
            id="i0000003-p000001",
            intake="i0000003",
            arrival=(3, 1),
            file="auslandsbrief.pdf",
            municipality="luebz",
            pages=2,
            sheets=1,
            weight_mg=9990,
            product="standard-int",
            postage_cent=125,
            country="AT",
            postcode="1010",
        ),
    ]


EXCEPTIONS = (
    LetterException(
        "i0000001", "bescheide.pdf", "schwerin", 5, "address-not-found", "Es steht keine Postleitzahl da.", 5, 6
    ),
    LetterException("i0000004", "plan.pdf", "parchim", 1, "page-size", "Seite 1 misst 420 mal 297 mm.", 1, 1),
)
SOURCES = {
    "i0000001": SourceFile(9, {7: "separator"}),
    "i0000002": SourceFile(12, {11: "separator", 12: "blank"}),
    "i0000003": SourceFile(2),
    "i0000004": SourceFile(1),
}


DOUBLED = "Seite 1: Seite 1: Ein Bild lässt sich nicht lesen."


def rejection(code: str, exceptions: tuple[LetterException, ...] = ()) -> RejectionPapers:
    return RejectionPapers(
        code=code,
        detail="Die Datei ist mit einem Kennwort geschützt." if code == "pdf-encrypted" else "2 Briefe kommen zurück.",
        intake="i0000007",
        municipality="schwerin",
        profile="letters",
        file="Bescheid Müller.pdf",
        sha256="0123456789abcdef" * 4,
        bytes=123456,
        received_at="2026-03-02T14:05:00+01:00",
        rejected_at="2026-03-02T14:05:03+01:00",
        exceptions=exceptions,
    )


ONE_LETTER = replace(
    rejection("image-damaged", (LetterException("i0000007", "Bescheid.pdf", "schwerin", 1, "image-damaged", DOUBLED),)),
    detail=DOUBLED,
)


def _compare(made: Path, golden: Path) -> None:
    if os.environ.get(SWITCH) == "1":
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_bytes(made.read_bytes())
    assert made.read_bytes() == golden.read_bytes()


def test_the_switch_is_off() -> None:
    assert SWITCH not in os.environ, "golden files were written anew; look at the difference and run again without"


def _papers() -> BatchPapers:
    return replace(batch_papers(_pieces(), EXCEPTIONS), sources=SOURCES)


@pytest.fixture(scope="module")
def batch_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("batch")
    write_batch_papers(_papers(), folder)
    return folder


@pytest.mark.parametrize("name", BATCH_NAMES)
def test_papers_of_a_batch(batch_folder: Path, name: str) -> None:
    _compare(batch_folder / name, GOLDEN / name)


@pytest.mark.parametrize("name", PDF_NAMES)
def test_what_stands_on_the_pdfs(batch_folder: Path, tmp_path: Path, name: str) -> None:
    """Line by line, as another library reads it; the bytes of a PDF are those of reportlab's version."""
    text = tmp_path / "text.txt"
    text.write_text(_text(batch_folder / f"{name}.pdf"), encoding="utf-8")
    _compare(text, GOLDEN / f"{name}.pdf.txt")


def _text(pdf: Path) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = [page.get_textpage().get_text_range().splitlines() for page in document]
    finally:
        document.close()
    return "\f\n".join("".join(f"{line.rstrip()}\n" for line in page) for page in pages)


def test_posting_report(tmp_path: Path) -> None:
    papers = batch_papers(_pieces())
    own = tuple(placed for placed in papers.pieces if placed.piece.municipality == "luebz")
    states = {own[0].number: PieceState("posted", "2026-03-03"), own[1].number: PieceState("pulled")}
    facts = ManifestFacts("b0000042", "luebz", "2026-03-03T17:00:00+01:00", own, (), states)
    for path in write_posting(tmp_path, facts):
        _compare(path, GOLDEN / path.name)


@pytest.mark.parametrize(
    ("name", "papers"),
    [
        ("encrypted", rejection("pdf-encrypted")),
        ("letters", rejection("letters-returned", EXCEPTIONS)),
        ("one-letter", ONE_LETTER),
    ],
)
def test_rejection_note(tmp_path: Path, name: str, papers: RejectionPapers) -> None:
    for path in write_rejection(tmp_path, papers):
        _compare(path, GOLDEN / f"rejection-{name}" / path.name)


def test_a_single_letter_is_told_of_once_and_its_page_too(tmp_path: Path) -> None:
    text, told = (path.read_text(encoding="utf-8") for path in write_rejection(tmp_path, ONE_LETTER))
    assert text.count("Ein Bild lässt sich") == 1
    assert "ZURÜCKGEGEBENE" not in text
    assert "Seite 1: Seite 1:" not in text + told


def test_a_listed_letter_names_its_page_once(tmp_path: Path) -> None:
    other = LetterException("i0000001", "bescheide.pdf", "schwerin", 5, "page-size", "Seite 5: Das Blatt ist schief.")
    text = write_rejection(tmp_path, rejection("letters-returned", (other,)))[0].read_text(encoding="utf-8")
    assert "  Seite 5:      Das Blatt ist schief.\n" in text


def test_the_english_part_names_the_codes_of_the_letters(tmp_path: Path) -> None:
    text = write_rejection(tmp_path, rejection("letters-returned", EXCEPTIONS))[0].read_text(encoding="utf-8")
    english = " ".join(text.partition("In English:")[2].split())
    assert 'What to do: see "Was tun" above (address-not-found, page-size).' in english


def test_papers_are_the_same_bytes_every_time(batch_folder: Path, tmp_path: Path) -> None:
    write_batch_papers(_papers(), tmp_path)
    names = sorted(path.relative_to(batch_folder).as_posix() for path in batch_folder.rglob("*") if path.is_file())
    assert {"job-ticket.pdf", "delivery-list.pdf", "manifests/luebz.pdf", "SHA256SUMS"} <= set(names)
    for name in names:
        assert (tmp_path / name).read_bytes() == (batch_folder / name).read_bytes(), name
