"""Type that runs up or down on an upright page is read, told with its direction, and selected at its place."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from pipeline.adapters.incoming.alto import NAMESPACE, write_alto
from pipeline.adapters.incoming.archive_pdf import build_archive_pdf
from pipeline.adapters.incoming.checks import check_archive_pdf
from pipeline.adapters.incoming.recognition import recognise_pages
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.domain.pages import SourceFacts
from pipeline.domain.recognised import EngineFacts, RecognisedPage
from tests.incoming_sheets import RULES
from tests.integration.test_text_places import TOLERANCE_PT, furthest, words_shown, words_told
from tests.needs import need
from tests.vertical_pages import HEADS, NOTE, PROSE, Sheet, Way, figures, noted, table

pytestmark = pytest.mark.integration

need("tesseract")
need("pdftotext")

_FONTS = Path("/usr/share/fonts/truetype")
_TURN = {"level": 0, "up": 90, "down": 270}
_SPACE = {"a": NAMESPACE}


def _scan(sheet: Sheet, folder: Path, *, skew: float = 0.0, rotation: int = 0) -> Path:
    """The sheet as it comes from the scanner; it must be turned clockwise by `rotation` to stand upright."""
    image = sheet.image.rotate(-skew, resample=Image.Resampling.BICUBIC, fillcolor=255) if skew else sheet.image
    path = folder / "scan.png"
    image.rotate(rotation, expand=True).save(path, dpi=(sheet.dpi, sheet.dpi))
    return path


def _read(source: Path) -> tuple[SourceFacts, list[RecognisedPage]]:
    facts = inspect_scan(str(source), RULES)
    return facts, recognise_pages(str(source), facts, 1, 1, str(source.parent / "pages"), RULES)


def _found(page: RecognisedPage, sheet: Sheet) -> Counter[str]:
    """The words that stand on the sheet and were read, with the way they run."""
    wanted = Counter(word for word, _box, _way in sheet.words)
    return wanted & Counter(word.text for line in page.lines() for word in line.words)


def _turned_words(page: RecognisedPage) -> dict[str, int]:
    """The words of lines that run another way than the page's, with how these run on the upright page."""
    turns = ((word.text, (line.rotation - page.rotation) % 360) for line in page.lines() for word in line.words)
    return {text: turn for text, turn in turns if turn}


@pytest.mark.parametrize("ruled", [False, True])
@pytest.mark.parametrize("way", ["up", "down"])
@pytest.mark.parametrize("dpi", [200, 300])
@pytest.mark.parametrize(
    "font",
    ["liberation2/LiberationSans-Regular.ttf", "liberation2/LiberationSerif-Regular.ttf", "dejavu/DejaVuSans.ttf"],
)
def test_heads_that_run_up_or_down_are_read_with_the_table_below(
    tmp_path: Path, way: Way, dpi: int, font: str, ruled: bool
) -> None:
    if not (_FONTS / font).is_file():
        pytest.skip(f"no font {font}")
    sheet = table(way, dpi, 9 if dpi == 200 else 10, _FONTS / font, ruled=ruled)
    _facts, (page,) = _read(_scan(sheet, tmp_path))
    turned = _turned_words(page)
    assert (page.rotation, page.trouble) == (0, None)
    assert sum(turned.get(head) == _TURN[way] for head in HEADS) >= len(HEADS) - 1
    assert set(turned.values()) == {_TURN[way]}
    assert sum(_found(page, sheet).values()) >= 0.9 * len(sheet.words)


@pytest.mark.parametrize("way", ["up", "down"])
@pytest.mark.parametrize(("skew", "rotation"), [(0.0, 0), (1.7, 0), (0.0, 90), (-2.5, 180), (0.6, 270)])
@pytest.mark.parametrize("draw", [table, noted])
def test_every_word_that_runs_up_or_down_can_be_selected_at_its_place(
    tmp_path: Path, way: Way, skew: float, rotation: int, draw: object
) -> None:
    assert callable(draw)
    sheet: Sheet = draw(way)
    source = _scan(sheet, tmp_path, skew=skew, rotation=rotation)
    facts, pages = _read(source)
    page = pages[0]
    vertical = [word for word, _box, run in sheet.words if run == way]
    turned = _turned_words(page)
    assert (page.rotation, page.trouble) == (rotation, None)
    assert sum(turned.get(word) == _TURN[way] for word in vertical) >= len(vertical) - 1
    pdf, alto = tmp_path / "document.pdf", tmp_path / "document.alto.xml"
    pdf_facts = build_archive_pdf(str(source), facts, pages, str(pdf))
    engine = EngineFacts("Tesseract", "5.5.0", "deu", "0" * 64)
    write_alto(alto, pages, file_name="document.pdf", engine=engine, software="Poststraße", version="0.1.0")
    assert (pdf_facts.level, pdf_facts.reasons) == ("2b", ())
    assert check_archive_pdf(str(pdf), pages, pdf_facts) == []
    shown, told = words_shown(pdf), words_told(alto, pages, pdf)
    assert [each for each in furthest(told[0], shown[0]) if each[0] > TOLERANCE_PT] == []
    assert len(shown[0]) == len(told[0])
    blocks = ElementTree.parse(alto).getroot().findall(".//a:TextBlock", _SPACE)
    told_turns = Counter(
        (string.get("CONTENT"), int(block.get("ROTATION", "0")))
        for block in blocks
        for string in block.findall(".//a:String", _SPACE)
    )
    want = Counter((word, (_TURN[way] + rotation) % 360) for word in vertical)
    assert sum((told_turns & want).values()) >= len(vertical) - 1


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_note_along_the_margin_is_read_in_its_order(tmp_path: Path, way: Way) -> None:
    source = _scan(noted(way), tmp_path)
    facts, pages = _read(source)
    assert NOTE in pages[0].text.split("\n")
    assert [line for line in PROSE if line not in pages[0].text.split("\n")] == []
    pdf = tmp_path / "document.pdf"
    build_archive_pdf(str(source), facts, pages, str(pdf))
    run = subprocess.run([need("pdftotext"), pdf, "-"], capture_output=True, check=True)
    assert NOTE in " ".join(run.stdout.decode("utf-8").split())


def test_words_that_run_up_or_down_lie_where_they_were_drawn(tmp_path: Path) -> None:
    """Against the truth, not against our own file: within 2 pt, at 200 dpi."""
    for way in ("up", "down"):
        sheet = table(way)
        _facts, (page,) = _read(_scan(sheet, tmp_path))
        places = {word.text: word.box for line in page.lines() for word in line.words}
        far = [
            (head, places[head], box)
            for head, box, run in sheet.words
            if run != "level" and head in places
            if max(
                abs(places[head].left - box.left),
                abs(places[head].top - box.top),
                abs(places[head].right - box.right),
                abs(places[head].bottom - box.bottom),
            )
            > 2 / 72 * sheet.dpi
        ]
        assert far == []


def test_a_short_table_under_long_heads_is_no_page_on_its_side(tmp_path: Path) -> None:
    source = _scan(table("up", rows=3), tmp_path)
    facts, pages = _read(source)
    lines = list(pages[0].lines())
    up = sum(len(line.text) for line in lines if line.rotation) / sum(len(line.text) for line in lines)
    assert 0.3 < up < 0.5
    pdf = tmp_path / "document.pdf"
    pdf_facts = build_archive_pdf(str(source), facts, pages, str(pdf))
    assert check_archive_pdf(str(pdf), pages, pdf_facts) == []


def test_single_figures_and_dotted_lines_under_each_other_are_no_vertical_type(tmp_path: Path) -> None:
    sheet = figures()
    _facts, (page,) = _read(_scan(sheet, tmp_path))
    assert _turned_words(page) == {}
