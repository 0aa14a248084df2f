"""The benchmark's stack: what it promises of its pages, as far as it can be told without making pictures."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.stack.contents import content, rows
from bench.stack.fields import FIELDS, fields_of
from bench.stack.orders import DOZEN, KINDS, PageOrder, page_order, stack_orders
from samples.layout import Page, Text

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("seed", [1, 2, 77])
def test_sixty_pages_are_mixed_as_promised(seed: int) -> None:
    orders = stack_orders(60, seed)
    assert Counter(order.kind for order in orders) == dict.fromkeys(KINDS, 10)
    assert sum(order.askew for order in orders) == 20
    assert all(0.6 <= abs(order.skew_degrees) <= 3.0 for order in orders if order.askew)
    assert all(abs(order.skew_degrees) <= 0.2 for order in orders if not order.askew)
    turned = [order.turn for order in orders if order.turn]
    assert len(turned) == 6
    assert set(turned) == {90, 180, 270}
    assert Counter(order.dpi for order in orders) == {200: 30, 300: 30}
    assert Counter(order.coding for order in orders) == {"pdf-jpeg-grey": 25, "pdf-jpeg-colour": 15, "pdf-g4": 20}


@pytest.mark.parametrize("seed", [1, 9])
def test_a_dozen_is_the_beginning_of_sixty_and_has_something_of_everything(seed: int) -> None:
    dozen = stack_orders(DOZEN, seed)
    assert dozen == stack_orders(60, seed)[:DOZEN]
    assert {order.kind for order in dozen} == set(KINDS)
    assert {order.coding for order in dozen} == {"pdf-jpeg-grey", "pdf-jpeg-colour", "pdf-g4"}
    assert sum(order.askew for order in dozen) == 4
    assert sum(order.turn != 0 for order in dozen) == 1


def test_another_seed_is_another_stack() -> None:
    assert stack_orders(12, 1) != stack_orders(12, 2)


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "poem"}, {"turn": 45}, {"skew_degrees": 3.5}, {"dpi": 60}, {"coding": "pdf-jbig2"}, {"number": 0}],
)
def test_an_impossible_page_is_refused(wrong: dict[str, object]) -> None:
    right: dict[str, object] = {
        "number": 1, "seed": 1, "kind": "form", "dpi": 200, "coding": "pdf-g4", "skew_degrees": 0.0, "turn": 0,
    }  # fmt: skip
    PageOrder(**right)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no such page"):
        PageOrder(**right | wrong)  # type: ignore[arg-type]


def test_a_stack_without_pages_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one page"):
        stack_orders(0, 1)


@pytest.mark.parametrize("number", range(1, 13))
def test_content_is_the_same_each_time_and_stays_on_the_sheet(number: int) -> None:
    made = content(page_order(number, 5))
    assert made == content(page_order(number, 5))
    texts = [item for item in made.page.items if isinstance(item, Text)]
    assert texts
    assert all(10.0 < item.y_mm < 292.0 and 15.0 < item.x_mm < 200.0 for item in texts)
    # Every string is in the truth exactly once, in one row.
    assert Counter(item.text for item in texts) == Counter(cell for row in made.rows for cell in row)


def test_the_stack_holds_every_kind_of_value_and_letter() -> None:
    made = [content(order) for order in stack_orders(24, 1)]
    counts = Counter(kind for each in made for kind, found in fields_of(each.lines).items() for _ in found)
    assert all(counts[kind] >= 12 for kind in FIELDS), counts
    text = "".join(line for each in made for line in each.lines)
    counted = {letter: text.count(letter) for letter in "äöüÄÖÜß§€"}
    assert min(counted.values()) >= 1, counted
    assert min(counted[letter] for letter in "äöüß§€") >= 30, counted


def test_rows_are_read_from_left_to_right_and_top_to_bottom() -> None:
    page = Page()
    page.text(120.0, 50.2, "rechts", "Helvetica", 9.0)
    page.text(25.0, 50.0, "links", "Helvetica", 9.0)
    page.text(25.0, 54.0, "darunter", "Helvetica", 9.0)
    page.text(25.0, 20.0, "oben", "Helvetica", 9.0)
    assert rows(page.items) == (("oben",), ("links", "rechts"), ("darunter",))


def test_fields_are_found_as_they_are_written_and_over_line_ends() -> None:
    lines = (
        "Az. 32.1-0815/26 vom 04.03.2026, fällig am 1. Mai 2026: 1.234,56 €, sonst 12,00",
        "€ mehr nach § 12a Abs. 2 BauGB auf DE21 1309 9999 8223",
        "0130 60. Beleg RE-2660030, III.4-0007-Wö, 514 OWi 2065/26 und 23.8182.834124.",
    )
    assert fields_of(lines) == {
        "iban": ["DE21 1309 9999 8223 0130 60"],
        "date": ["04.03.2026", "1. Mai 2026"],
        "amount": ["1.234,56 €", "12,00 €"],
        "reference": ["32.1-0815/26", "RE-2660030", "III.4-0007-Wö", "514 OWi 2065/26", "23.8182.834124"],
        "section": ["§ 12a"],
    }
