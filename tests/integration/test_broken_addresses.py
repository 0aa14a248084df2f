"""A page on which an address can't be read is a doubt where letters are told apart by addresses, and named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.letters.page_sights import look_at_letters
from pipeline.adapters.letters.sight_files import read_sights
from pipeline.domain.errors import Rejected
from pipeline.domain.geometry import Rect
from pipeline.domain.page_sights import PageSight
from pipeline.domain.profiles import AddressForm
from pipeline.domain.split_rules import SplitRules
from pipeline.domain.splitting import cut_by_sights
from tests.letter_sheets import A4_PT, MM, RULES, draw_body, stack

pytestmark = pytest.mark.integration

ANNA = ["Frau", "Anna Erste", "Weg 1", "19053 Schwerin"]
BERTA = ["Frau", "Berta Zweite", "Weg 2", "19055 Schwerin"]
CARLA = ["Frau", "Carla Dritte", "Weg 3", "19057 Schwerin"]
KEYED = SplitRules("pattern", pattern=r"Az\. (?P<key>\S+)", region=Rect(120, 10, 200, 20))

Draw = Callable[[Canvas], None]


def lines(words: Sequence[str], top_mm: float, left_mm: float = 25.0, size: float = 10.0) -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", size)
        for down, line in enumerate(words):
            canvas.drawString(left_mm * MM, A4_PT[1] - (top_mm + 4.23 * down) * MM, line)

    return draw


def page(*draws: Draw, body_mm: float = 105.0, body_lines: int = 12) -> Draw:
    def draw(canvas: Canvas) -> None:
        for each in draws:
            each(canvas)
        if body_lines:
            draw_body(canvas, body_mm, body_lines)

    return draw


def letter(address: Sequence[str], top_mm: float = 66.5) -> Draw:
    return page(lines(address, top_mm), body_mm=max(105.0, top_mm + 30))


def sights(
    folder: Path,
    pages: Sequence[Draw],
    forms: tuple[AddressForm, ...] = ("B",),
    split: SplitRules | None = None,
) -> list[PageSight]:
    (folder / "stream.pdf").write_bytes(stack(pages))
    rules = replace(RULES, forms=forms, split=split or SplitRules("address"))
    look_at_letters(str(folder / "stream.pdf"), 1, len(pages), rules, str(folder))
    return list(read_sights([folder]))


BROKEN = {
    "a postcode that does not exist": letter(["Frau", "Berta Zweite", "Weg 2", "00123 Schwerin"]),
    "no postcode": letter(["Frau", "Berta Zweite", "Weg 2", "Schwerin"]),
    "no town": letter(["Frau", "Berta Zweite", "Weg 2"]),
    "too low": letter(BERTA, 92.0),
    "too low, close to the text": page(lines(BERTA, 92.0), body_mm=110),
    "much too low": letter(BERTA, 112.0),
    "too high": letter(BERTA, 54.0),
    "a letter in the postcode": letter(["Berta Zweite", "1905B Schwerin"]),
    "with an endorsement": page(lines(["Nicht nachsenden!"], 56), lines(["Frau", "Berta Zweite", "Schwerin"], 66.5)),
    "without a body": page(lines(["Frau", "Berta Zweite", "Weg 2", "Schwerin"], 66.5), body_lines=0),
    "with an information block": page(
        lines(["Berta Zweite", "Weg 2", "Schwerin"], 66.5), lines(["Unser Zeichen: 4711", "3.11.2026"], 66.5, 125)
    ),
}


@pytest.mark.parametrize("forms", [("B",), ("B", "A")])
@pytest.mark.parametrize("how", BROKEN)
def test_a_letter_with_a_broken_address_stops_the_stack(
    tmp_path: Path, how: str, forms: tuple[AddressForm, ...]
) -> None:
    if how == "too high" and "A" in forms:
        pytest.skip("in form A it is in its place")
    running = page(body_mm=30, body_lines=30)
    found = sights(tmp_path, [letter(ANNA), running, BROKEN[how], running, letter(CARLA)], forms)
    assert found[0].key and found[4].key and [each.page for each in found if each.doubt] == [3]
    with pytest.raises(Rejected) as refusal:
        cut_by_sights(found, SplitRules("address"))
    assert (refusal.value.code, refusal.value.page) == ("split-doubt", 3)
    assert not any(word in refusal.value.sentence for word in ("Berta", "Weg", "Schwerin"))


GOING_ON = {
    "a body": page(body_mm=30, body_lines=40),
    "a body that begins in the field": page(body_mm=64, body_lines=30),
    "a header and a body": page(lines(["Frau Anna Erste", "Bescheid vom 3.11.2026", "Seite 2"], 15), body_mm=45),
    "a header, then the field's height free": page(lines(["zum Bescheid", "Az. 12 C 3/26"], 20), body_mm=95),
    "a list": page(lines([f"Posten {n} über {n},00 Euro" for n in range(1, 40)], 30), body_lines=0),
    "a short list in the field": page(lines(["Grundbetrag 12", "Zuschlag 3", "Summe 15"], 66), body_lines=0),
    "groups of three lines": page(
        *[lines(["Posten", f"Grundbetrag {n}", "Zuschlag 3"], 30 + 19 * n) for n in range(6)], body_lines=0
    ),
    "a court's address in the text": page(
        lines(["Verwaltungsgericht Schwerin", "Wismarsche Straße 323", "19055 Schwerin"], 66), body_mm=30, body_lines=6
    ),
    "a court's address under more text": page(
        lines(["Verwaltungsgericht Schwerin", "Wismarsche Straße 323", "19055 Schwerin"], 112),
        body_mm=30,
        body_lines=16,
    ),
    "a salutation under text": page(
        lines(["Mit freundlichen Grüßen", "", "Frau Schmidt"], 80), body_mm=30, body_lines=8
    ),
    "two short lines and a text": page(lines(["Frau Muster,", "Sie haben beantragt:"], 66), body_mm=76, body_lines=20),
    "nothing": page(body_lines=0),
}


@pytest.mark.parametrize("forms", [("B",), ("B", "A")])
@pytest.mark.parametrize("how", GOING_ON)
def test_other_pages_go_on(tmp_path: Path, how: str, forms: tuple[AddressForm, ...]) -> None:
    found = sights(tmp_path, [letter(ANNA), GOING_ON[how], letter(CARLA)], forms)
    assert [each.doubt for each in found] == [None] * 3
    cut = cut_by_sights(found, SplitRules("address"))
    spans = [(each.range.first_page, each.range.last_page) for each in cut.letters]
    if found[1].key is None:
        assert spans == [(1, 2), (3, 3)]


def test_a_broken_address_under_the_key_of_the_page_before_is_a_doubt(tmp_path: Path) -> None:
    key = lines(["Az. 1/26"], 15, 150)
    berta = page(key, lines(["Frau", "Berta Zweite", "Weg 2", "Schwerin"], 66.5))
    found = sights(tmp_path, [page(key, lines(ANNA, 66.5)), berta], split=KEYED)
    assert found[1].addressed
    with pytest.raises(Rejected) as refusal:
        cut_by_sights(found, KEYED)
    assert (refusal.value.code, refusal.value.page) == ("split-doubt", 2)
