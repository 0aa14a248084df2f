"""Type that a reading left out is noticed by its ink and read by itself; what was read is not read twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from pipeline.adapters.incoming.first_readings import WaitingPage, make_first, read_first
from pipeline.adapters.incoming.left_over import LeftOut, left_out, with_left_over
from pipeline.adapters.incoming.page_pictures import PagePicture, open_pictures
from pipeline.adapters.incoming.raster_words import RasterBlock, RasterLine, RasterWord
from pipeline.adapters.incoming.reading_plan import Reading
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.adapters.incoming.table_rows import in_rows
from tests.incoming_sheets import RULES
from tests.kind_pages import A5_MM, Drawn, Pen, printed, wide_table
from tests.kinds import save
from tests.needs import need

pytestmark = pytest.mark.integration

need("tesseract")

Read = tuple[WaitingPage, PagePicture, Reading]


def _read(page: Drawn, folder: Path) -> Read:
    source = save(printed(page), folder / "scan.png", 200)
    facts = inspect_scan(str(source), RULES)
    with open_pictures(str(source), facts) as pictures:
        picture = pictures.page(1)
    waiting = make_first(1, picture, folder)
    reading = read_first([waiting], folder, "deu")[1]
    assert reading is not None
    return waiting, picture, reading


def _scribble(pen: Pen) -> None:
    """Two lines of type over a signature."""
    pen.lines(20, 30, ("Der Antrag wird zurückgezogen, weil er nicht mehr nötig ist.", "Lübz, 12. März 2026"), 10)
    path = pen.canvas.beginPath()
    path.moveTo(60, 120)
    for step in range(40):
        path.curveTo(60 + 6 * step, 150 - 3 * (step % 5), 66 + 6 * step, 90 + 2 * (step % 7), 70 + 6 * step, 120)
    pen.canvas.setLineWidth(1.2)
    pen.canvas.drawPath(path)


def _without(reading: Reading, drops: Callable[[RasterWord], bool]) -> Reading:
    lines = [
        RasterLine(words, line.base, line.size)
        for block in reading.blocks
        for line in block.lines
        if (words := tuple(word for word in line.words if not drops(word)))
    ]
    return replace(reading, blocks=(RasterBlock(tuple(lines)),))


def test_a_column_that_was_left_out_is_read_and_nothing_twice(tmp_path: Path) -> None:
    table = wide_table()
    page, picture, reading = _read(table, tmp_path)
    heads = [word for word in reading.words if word.text == "2023"]
    column = (heads[0].left - 20, heads[0].left + 100)
    cut = _without(reading, lambda word: column[0] <= word.left <= column[1])
    lost = Counter(word.text for word in reading.words) - Counter(word.text for word in cut.words)
    assert sum(lost.values()) >= 12
    size = (picture.width_px, picture.height_px)
    assert left_out(cut, page.found, *size) == "type"
    whole = with_left_over(cut, picture, page.found, page.raster.dpi, tmp_path / "rest", "deu")
    found = Counter(word.text for word in whole.words)
    added = found - Counter(word.text for word in cut.words)
    wanted = Counter(table.words)
    assert sum((added & lost).values()) >= 0.9 * sum(lost.values())
    assert sum((found - wanted).values()) <= 2
    assert left_out(whole, page.found, *size) is None
    places = {word.text: word for word in reading.words}
    new = [word for word in whole.words if word not in cut.words]
    moved = [word for word in new if found[word.text] == 1 and word.text in places]
    assert moved
    assert all(abs(word.left - places[word.text].left) < 8 for word in moved)
    assert all(abs(word.top - places[word.text].top) < 8 for word in moved)


def test_a_signature_is_no_type_and_brings_no_words(tmp_path: Path) -> None:
    page, picture, reading = _read(Drawn(A5_MM, _scribble, ()), tmp_path)
    cut = _without(reading, lambda word: word.confidence < 70)
    whole = with_left_over(cut, picture, page.found, page.raster.dpi, tmp_path / "rest", "deu")
    assert whole.words == cut.words
    assert left_out(cut, page.found, picture.width_px, picture.height_px) is None


LETTER = (
    "Der Bescheid wurde am 3. Mai zugestellt und ist",
    "nach Ablauf der Frist bestandskräftig geworden.",
    "Die festgesetzte Gebühr wird mit einem Zuschlag",
    "von einem Prozent für jeden angefangenen Monat",
    "erhoben. Sie können die Zahlung in Raten beantragen.",
)


def _texts(reading: Reading) -> list[str]:
    return [" ".join(word.text for word in line.words) for block in reading.blocks for line in block.lines]


@pytest.mark.parametrize("are_left_out", [False, True], ids=["read unsurely", "left out"])
def test_words_read_anew_stand_in_their_line(tmp_path: Path, are_left_out: bool) -> None:
    """They come back as lines of their own, of which one may hold words of two places."""
    letter = Drawn(A5_MM, lambda pen: pen.lines(20, 30, LETTER, 10), ())
    page, picture, reading = _read(letter, tmp_path)
    assert _texts(reading) == list(LETTER)
    spoilt = {"festgesetzte", "wird", "beantragen."}
    assert spoilt <= {word.text for word in reading.words}
    cut = _without(reading, lambda word: are_left_out and word.text in spoilt)
    lines = [
        replace(line, words=tuple(_unsure(word) if word.text in spoilt else word for word in line.words))
        for line in cut.blocks[0].lines
    ]
    cut = replace(cut, blocks=(RasterBlock(tuple(lines)),))
    whole = with_left_over(cut, picture, page.found, page.raster.dpi, tmp_path / "rest", "deu")
    assert _texts(whole) == list(LETTER)


def _unsure(word: RasterWord) -> RasterWord:
    return replace(word, text="fslqe", confidence=30.0)


GOODS = (
    "Bürostuhl, höhenverstellbar",
    "Kopierpapier, 80 g, weiß",
    "Ordner, Rücken grün",
    "Briefumschläge mit Fenster",
    "Tonerkassette schwarz",
    "Trennstreifen, sortiert",
)


def _invoice(pen: Pen) -> None:
    """Positions of one figure each, far from what they count."""
    for number, goods in enumerate(GOODS, 1):
        pen.text(20, 30 + 8 * number, str(number), 10)
        pen.text(45, 30 + 8 * number, goods, 10)


def _form(pen: Pen) -> None:
    for number, goods in enumerate(GOODS, 1):
        pen.box(20, 27.5 + 8 * number, 3, 3)
        pen.text(45, 30 + 8 * number, goods, 10)


def test_single_figures_that_were_left_out_stand_in_their_rows(tmp_path: Path) -> None:
    page, picture, reading = _read(Drawn(A5_MM, _invoice, ()), tmp_path)
    cut = _without(reading, lambda word: word.left < 200)
    assert [word for word in cut.words if word.text.isdigit() and len(word.text) == 1] == []
    assert left_out(cut, page.found, picture.width_px, picture.height_px) == "figures"
    whole = with_left_over(cut, picture, page.found, page.raster.dpi, tmp_path / "rest", "deu", "figures")
    assert sum((Counter(word.text for word in whole.words) - Counter(word.text for word in cut.words)).values()) >= 5
    rows = [line for block in in_rows(whole.blocks) for line in block.lines]
    texts = [" ".join(word.text for word in line.words) for line in rows]
    assert sum(f"{number} {goods}" in texts for number, goods in enumerate(GOODS, 1)) >= 5


def test_tick_boxes_bring_no_figures(tmp_path: Path) -> None:
    page, picture, reading = _read(Drawn(A5_MM, _form, ()), tmp_path)
    cut = _without(reading, lambda word: word.left < 200)
    for what in get_args(LeftOut):
        whole = with_left_over(cut, picture, page.found, page.raster.dpi, tmp_path / "rest", "deu", what)
        assert whole.words == cut.words
