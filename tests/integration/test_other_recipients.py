"""Two people with two addresses do not end in one envelope where a letter's beginning is told by a mark alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.letters.page_sights import look_at_letters
from pipeline.adapters.letters.reading import read_letters
from pipeline.adapters.letters.sight_files import read_sights
from pipeline.domain.errors import Rejected
from pipeline.domain.geometry import Rect
from pipeline.domain.page_sights import PageSight
from pipeline.domain.pages import LetterRange, LetterReading
from pipeline.domain.split_rules import SplitRules
from pipeline.domain.splitting import cut_by_sights
from tests.letter_sheets import A4_PT, LAYOUTS, MM, RULES, draw_address, draw_body, stack

pytestmark = pytest.mark.integration

Draw = Callable[[Canvas], None]
ANNA = ["Frau", "Anna Erste", "Weg 1", "19053 Schwerin"]
BERTA = ["Frau", "Berta Zweite", "Weg 2", "19055 Schwerin"]
VIENNA = ["Frau", "Carla Dritte", "Gasse 3", "1010 Wien", "ÖSTERREICH"]
HEAD = Rect(120.0, 10.0, 200.0, 22.0)
MARK = SplitRules("pattern", pattern=r"Az\. [0-9]+", following="", region=HEAD)
CONTROL = SplitRules("control-line", pattern="^#NEU#$", region=HEAD)


def page(address: Sequence[str] = (), mark: str = "", white: bool = False) -> Draw:
    def draw(canvas: Canvas) -> None:
        if address:
            draw_address(canvas, address, LAYOUTS["B"])
        draw_body(canvas, 105 if address else 30, 12)
        if mark:
            canvas.setFillGray(1 if white else 0)
            canvas.setFont("Helvetica", 9)
            canvas.drawString(150 * MM, A4_PT[1] - 18 * MM, mark)
            canvas.setFillGray(0)

    return draw


def sights(folder: Path, pages: Sequence[Draw], split: SplitRules) -> list[PageSight]:
    (folder / "stream.pdf").write_bytes(stack(pages))
    look_at_letters(str(folder / "stream.pdf"), 1, len(pages), replace(RULES, split=split), str(folder))
    assert "Anna" not in (folder / "sights.jsonl").read_text(encoding="utf-8")
    return list(read_sights([folder]))


def begin(address: Sequence[str], split: SplitRules) -> Draw:
    return page(address, "#NEU#", True) if split is CONTROL else page(address, "Az. 1")


@pytest.mark.parametrize("other", [BERTA, VIENNA], ids=["at home", "abroad"])
@pytest.mark.parametrize("split", [MARK, CONTROL], ids=lambda split: split.by)
def test_another_address_without_a_mark_is_a_doubt(tmp_path: Path, split: SplitRules, other: list[str]) -> None:
    found = sights(tmp_path, [begin(ANNA, split), page(), page(other), page()], split)
    with pytest.raises(Rejected) as refusal:
        cut_by_sights(found, split)
    assert (refusal.value.code, refusal.value.page) == ("split-doubt", 3)
    told = cut_by_sights(found, replace(split, repeated_address="begins"))
    assert [(each.range.first_page, each.range.last_page) for each in told.letters] == [(1, 2), (3, 4)]
    told = cut_by_sights(found, replace(split, repeated_address="goes-on"))
    assert [(each.range.first_page, each.range.last_page) for each in told.letters] == [(1, 4)]


@pytest.mark.parametrize("split", [MARK, CONTROL], ids=lambda split: split.by)
def test_the_letters_own_address_again_goes_on(tmp_path: Path, split: SplitRules) -> None:
    """A payment slip or a copy for the files shows the same address."""
    pages = [begin(ANNA, split), page(), page(ANNA), begin(BERTA, split), page(BERTA)]
    cut = cut_by_sights(sights(tmp_path, pages, split), split)
    assert [(each.range.first_page, each.range.last_page) for each in cut.letters] == [(1, 3), (4, 5)]


def test_a_page_that_shows_that_it_goes_on_does(tmp_path: Path) -> None:
    split = replace(MARK, following="Fortsetzung")
    pages = [page(ANNA, "Az. 1"), page(BERTA, "Fortsetzung")]
    cut = cut_by_sights(sights(tmp_path, pages, split), split)
    assert len(cut.letters) == 1


# --- a fixed number of pages that doesn't hold ----------------------------------------------------------------------


def read(folder: Path, pages: Sequence[Draw], each: int) -> list[LetterReading]:
    source = folder / "stream.pdf"
    source.write_bytes(stack(pages))
    ranges = [LetterRange(n + 1, n * each + 1, (n + 1) * each) for n in range(len(pages) // each)]
    rules = replace(RULES, forms=("B",), pages_per_letter=each)
    return read_letters(str(source), ranges, rules, {}, "simplex", str(folder / "out.pdf"))


def test_a_letter_that_is_longer_than_all_should_be_is_not_posted_without_its_end(tmp_path: Path) -> None:
    """Two pages each, but Berta's letter has three: her third page would begin the next letter."""
    pages = [page(ANNA), page(), page(BERTA), page(), page(), page(VIENNA), page(ANNA), page()]
    readings = read(tmp_path, pages, 2)
    assert [reading.code for reading in readings] == [None, "page-count-doubt", "page-count-doubt", None]
    assert [reading.page for reading in readings] == [None, 4, 5, None]


def test_letters_out_of_step_all_come_back(tmp_path: Path) -> None:
    pages = [page(ANNA), page(), page(BERTA), page(), page(), page(VIENNA), page(), page(ANNA), page(), page(BERTA)]
    assert [reading.code for reading in read(tmp_path, pages, 2)] == [None, *["page-count-doubt"] * 4]


def test_a_letter_without_an_address_is_only_that(tmp_path: Path) -> None:
    pages = [page(ANNA), page(), page(), page(), page(BERTA), page()]
    assert [reading.code for reading in read(tmp_path, pages, 2)] == [None, "address-incomplete", None]
