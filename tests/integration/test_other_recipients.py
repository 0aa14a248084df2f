"""Two people with two addresses do not end in one envelope where a letter's beginning is told by a mark alone."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.letters.page_sights import look_at_letters
from pipeline.adapters.letters.reading import read_letters
from pipeline.adapters.letters.sight_files import read_sights
from pipeline.domain.errors import Rejected
from pipeline.domain.geometry import Rect
from pipeline.domain.letter_checks import SheetLooks
from pipeline.domain.page_rules import PageRules
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


def page(address: Sequence[str] = (), mark: str = "", white: bool = False, form: str = "B") -> Draw:
    def draw(canvas: Canvas) -> None:
        if address:
            draw_address(canvas, address, LAYOUTS[form])
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
def test_the_other_form_counts_too(tmp_path: Path, split: SplitRules) -> None:
    found = sights(tmp_path, [begin(ANNA, split), page(BERTA, form="A")], split)
    with pytest.raises(Rejected) as refusal:
        cut_by_sights(found, split)
    assert (refusal.value.code, refusal.value.page) == ("split-doubt", 2)


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


def read(
    folder: Path, pages: Sequence[Draw], each: int, split: SplitRules = SplitRules(), sender: str = ""
) -> list[LetterReading]:
    source = folder / "stream.pdf"
    source.write_bytes(stack(pages))
    ranges = [LetterRange(n + 1, n * each + 1, (n + 1) * each) for n in range(len(pages) // each)]
    rules = replace(RULES, forms=("B",), pages_per_letter=each if split.by == "pages" else 0, split=split)
    looks = SheetLooks(sender=sender)
    return read_letters(str(source), ranges, rules, {}, "simplex", str(folder / "out.pdf"), looks=looks)


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


# --- letters as they were cut, whatever told them apart -------------------------------------------------------------

NUMBER = SplitRules("pattern", pattern=r"Seite (?P<page>\d)", region=HEAD)
WAYS = [
    SplitRules(),
    SplitRules("bookmark"),
    SplitRules("blank"),
    SplitRules("separator"),
    SplitRules("address"),
    NUMBER,
    SplitRules("pattern", pattern=r"Az\. (?P<key>\d)", region=HEAD),
    MARK,
]


def lines_at(rows: Sequence[tuple[float, float, str]], size: float = 10) -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", size)
        for left_mm, top_mm, text in rows:
            canvas.drawString(left_mm * MM, A4_PT[1] - top_mm * MM, text)

    return draw


@pytest.mark.parametrize("form", ["A", "B"])
@pytest.mark.parametrize("other", [BERTA, VIENNA], ids=["at home", "abroad"])
@pytest.mark.parametrize("split", WAYS, ids=lambda split: split.by)
def test_a_letter_with_another_persons_first_page_comes_back(
    tmp_path: Path, split: SplitRules, other: list[str], form: str
) -> None:
    pages = [page(ANNA), page(), page(), page(BERTA), page(), page(other if other != BERTA else ANNA, form=form)]
    readings = read(tmp_path, pages, 3, split)
    assert [(reading.code, reading.page) for reading in readings] == [(None, None), ("split-doubt", 6)]
    assert "Seite 6" in (readings[1].detail or "") and "Seite 4" in (readings[1].detail or "")


@pytest.mark.parametrize("split", [*WAYS[:4], NUMBER], ids=lambda split: split.by)
def test_the_profile_may_let_such_pages_go_on(tmp_path: Path, split: SplitRules) -> None:
    (reading,) = read(tmp_path, [page(ANNA), page(BERTA)], 2, replace(split, repeated_address="goes-on"))
    assert reading.code is None


def test_an_index_says_itself_which_pages_are_a_letters(tmp_path: Path) -> None:
    (reading,) = read(tmp_path, [page(ANNA), page(BERTA)], 2, SplitRules("index"))
    assert reading.code is None


def test_a_key_that_goes_on_does_so_with_its_own_address_only(tmp_path: Path) -> None:
    """A couple's notices have one file reference; the profile says that pages of a letter repeat its address."""
    split = replace(WAYS[6], repeated_address="goes-on")
    readings = read(tmp_path, [page(ANNA), page(ANNA), page(ANNA), page(BERTA)], 2, split)
    assert [reading.code for reading in readings] == [None, "split-doubt"]


@pytest.mark.parametrize(
    "again",
    [ANNA, ["Anna Erste", *ANNA[2:]], ["FRAU ANNA ERSTE", "WEG 1", "D-19053 SCHWERIN"]],
    ids=["the same", "no salutation", "capitals"],
)
def test_the_persons_own_address_is_no_other(tmp_path: Path, again: list[str]) -> None:
    (reading,) = read(tmp_path, [page(ANNA), page(again), page(again, form="A")], 3)
    assert reading.code is None


def test_a_reply_form_shows_the_senders_address(tmp_path: Path) -> None:
    """He is known by the line on the letter, or by the municipality's; another office is another recipient."""
    reply = page(["Stadt Schwerin", "Bürgeramt", "Am Packhof 2–6", "19053 Schwerin"])
    elsewhere = page(["Stadt Schwerin", "Bauhof", "Werkstraße 9", "19061 Schwerin"])
    assert read(tmp_path, [page(ANNA), reply], 2)[0].code is None
    assert read(tmp_path, [page(ANNA), elsewhere], 2)[0].code == "split-doubt"
    known = read(tmp_path, [page(ANNA), elsewhere], 2, sender="Bauhof · Werkstraße 9 · 19061 Schwerin")
    assert known[0].code is None


def test_an_address_in_running_text_is_none(tmp_path: Path) -> None:
    """Where to appeal: the court stands under a sentence that goes on to the other margin."""
    sentence = "Gegen diesen Bescheid kann innerhalb eines Monats nach Bekanntgabe Klage erhoben werden beim"
    court = ["Verwaltungsgericht Schwerin", "Wismarsche Straße 323 a", "19055 Schwerin"]
    rows = [(25, 66.0, sentence), *((25, 70.5 + 4.5 * n, line) for n, line in enumerate(court))]
    text = [(25.0, 100 + 5.0 * n, "Die Klage ist schriftlich einzulegen.") for n in range(5)]
    assert read(tmp_path, [page(ANNA), lines_at([*rows, *text])], 2)[0].code is None


@pytest.mark.parametrize("turned", [False, True])
def test_a_page_that_is_made_to_fit_is_looked_at_as_it_will_lie(tmp_path: Path, turned: bool) -> None:
    """US Letter, made smaller; or a page that lies on its side in the file."""
    with pikepdf.open(io.BytesIO(stack([page(ANNA), page(BERTA)]))) as pdf:
        other = pdf.pages[1]
        if turned:
            content = pdf.make_stream(b"q 0 1 -1 0 841.89 0 cm\n" + other.Contents.read_bytes() + b"\nQ")
            other.MediaBox, other.Contents, other.Rotate = [0, 0, 841.89, 595.276], content, 90
        else:
            other.MediaBox = [0, 49.89, 612, 841.89]
        pdf.save(tmp_path / "stream.pdf")
    rules = replace(RULES, forms=("B",), pages=PageRules(letter="scale"))
    (reading,) = read_letters(
        str(tmp_path / "stream.pdf"), [LetterRange(1, 1, 2)], rules, {}, "duplex", str(tmp_path / "out.pdf")
    )
    assert (reading.code, reading.page) == ("split-doubt", 2)


@pytest.mark.parametrize("size", [8.0, 10.0, 12.0])
@pytest.mark.parametrize("beside", [False, True])
def test_lines_of_an_address_are_noticed_however_they_are_drawn(tmp_path: Path, size: float, beside: bool) -> None:
    """Word by word, with an information block at the same height."""
    rows = []
    for number, line in enumerate(["Herrn", "Emil Fünfter", "Am langen Weg 15", "19053 Schwerin"]):
        left = 25.0
        for word in line.split():
            rows.append((left, 66.0 + 4.6 * number, word))
            left += len(word) * size * 0.2 + 1.2
        if beside:
            rows.append((126.0, 66.0 + 4.6 * number, "Telefon 0385 12345"))
    readings = read(tmp_path, [page(ANNA), lines_at(rows, size)], 2)
    assert [(reading.code, reading.page) for reading in readings] == [("split-doubt", 2)]


USA = ["Berta Behrens", "12 Main Street", "NEW YORK NY 10001", "USA"]
IVORY = ["Berta Behrens", "Rue 1", "ABIDJAN 01", "CÔTE D'IVOIRE"]


@pytest.mark.parametrize("other", [USA, IVORY], ids=["three letters", "accents"])
def test_countries_of_few_letters_or_with_accents_end_an_address(tmp_path: Path, other: list[str]) -> None:
    assert read(tmp_path, [page(ANNA), page(other)], 2)[0].code == "split-doubt"


def test_lines_padded_with_blanks_are_noticed(tmp_path: Path) -> None:
    """As line printers do it: each line is one object that reaches far to the right."""

    def padded(canvas: Canvas) -> None:
        draw_address(canvas, [f"{line:<80}" for line in BERTA], LAYOUTS["B"])
        draw_body(canvas, 105, 12)

    assert read(tmp_path, [page(ANNA), padded], 2)[0].code == "split-doubt"


def test_a_field_at_the_right_is_looked_at_too(tmp_path: Path) -> None:
    own = Rect(118.0, 50.0, 192.0, 89.0)
    rules = replace(RULES, forms=("B",), pages_per_letter=2, window=replace(RULES.window, own=own))
    pages = [lines_at([(125, 60 + 5.0 * n, line) for n, line in enumerate(lines)]) for lines in (ANNA, BERTA)]
    source = tmp_path / "stream.pdf"
    source.write_bytes(stack(pages))
    found = read_letters(str(source), [LetterRange(1, 1, 2)], rules, {}, "simplex", str(tmp_path / "out.pdf"))
    assert (found[0].code, found[0].page) == ("split-doubt", 2)
