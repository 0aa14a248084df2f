"""From what was seen on pages to letters: every page once, nothing cut by a guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.errors import Rejected
from pipeline.domain.geometry import Rect
from pipeline.domain.letter_orders import LetterOrders, parse_orders
from pipeline.domain.page_sights import PageSight, page_said, sight_of_text
from pipeline.domain.pages import ControlLine, LetterRange
from pipeline.domain.split_rules import SplitRules
from pipeline.domain.splitting import (
    Cut,
    CutLetter,
    IndexRow,
    LeftOut,
    Start,
    check_counts,
    cut_at,
    cut_by_index,
    cut_by_sights,
    equal_cut,
    runs_of,
    with_index,
)

pytestmark = pytest.mark.unit

PLACE = Rect(20.0, 10.0, 200.0, 20.0)
NUMBERED = SplitRules("pattern", pattern=r"Seite (?P<page>\d+) von (?P<total>\d+)", region=PLACE)
COUNTED = SplitRules("pattern", pattern=r"Seite (?P<page>\d+)\b", region=PLACE)
KEYED = SplitRules("pattern", pattern=r"Az\. (?P<key>(?P<reference>\S+))", region=PLACE)
BOTH = SplitRules("pattern", pattern=r"(?P<key>\d+)/S(?P<page>\d+)", region=PLACE)
PLAIN = SplitRules("pattern", pattern="^Bescheid", following="^Fortsetzung", region=PLACE)
CONTROL = SplitRules("control-line", pattern=r"^#NEU#(?P<reference>[^#]*)#(?P<plex>[^#]*)#$", region=PLACE)
BLANK, SEPARATOR, ADDRESS = SplitRules("blank"), SplitRules("separator"), SplitRules("address")

lengths = st.lists(st.integers(1, 7), min_size=1, max_size=30)


def seen(texts: Sequence[str], rules: SplitRules) -> list[PageSight]:
    return [sight_of_text(page, [text] if text else [], rules) for page, text in enumerate(texts, 1)]


def spans(cut: Cut) -> list[tuple[int, int]]:
    assert [letter.range.ordinal for letter in cut.letters] == list(range(1, len(cut.letters) + 1))
    return [(letter.range.first_page, letter.range.last_page) for letter in cut.letters]


def wanted(sizes: Sequence[int], gap: int = 0) -> list[tuple[int, int]]:
    found, page = [], 1
    for size in sizes:
        found.append((page, page + size - 1))
        page += size + gap
    return found


def texts_of(rules: SplitRules, sizes: Sequence[int]) -> list[str]:
    """What pages of letters of these lengths show, as each kind of rule expects it."""
    shown = {
        NUMBERED.pattern: lambda n, page, size: f"Seite {page} von {size}",
        COUNTED.pattern: lambda n, page, size: f"Seite {page}",
        KEYED.pattern: lambda n, page, size: f"Az. {n:04d}-26",
        BOTH.pattern: lambda n, page, size: f"{n}/S{page}",
        PLAIN.pattern: lambda n, page, size: "Bescheid über" if page == 1 else f"Fortsetzung {page}",
        CONTROL.pattern: lambda n, page, size: f"#NEU#Az {n}##" if page == 1 else "",
    }[rules.pattern]
    return [shown(n, page, size) for n, size in enumerate(sizes, 1) for page in range(1, size + 1)]


@pytest.mark.parametrize("rules", [NUMBERED, COUNTED, KEYED, BOTH, PLAIN, CONTROL], ids=lambda rules: rules.pattern)
@given(sizes=lengths)
def test_letters_of_any_length_are_found_by_text(rules: SplitRules, sizes: list[int]) -> None:
    assert spans(cut_by_sights(seen(texts_of(rules, sizes), rules), rules)) == wanted(sizes)


@given(sizes=lengths, gap=st.integers(1, 3), lead=st.integers(0, 2), trail=st.integers(0, 2))
def test_blank_pages_part_letters_and_are_left_out(sizes: list[int], gap: int, lead: int, trail: int) -> None:
    blanks = [True] * lead
    for size in sizes:
        blanks += [False] * size + [True] * gap
    blanks = blanks[: len(blanks) - gap] + [True] * trail
    sights = [PageSight(page, blank=blank) for page, blank in enumerate(blanks, 1)]
    if True not in blanks and len(blanks) > 1:
        with pytest.raises(Rejected) as refused:
            cut_by_sights(sights, BLANK)
        assert (refused.value.code, refused.value.page) == ("split-doubt", 1)
        return
    cut = cut_by_sights(sights, BLANK)
    assert spans(cut) == [(first + lead, last + lead) for first, last in wanted(sizes, gap)]
    assert cut.left_out == tuple(LeftOut(page, "blank") for page, blank in enumerate(blanks, 1) if blank)


@given(sizes=lengths, back=st.booleans(), before=st.booleans())
def test_separator_pages_part_letters_and_their_blank_backs_go_too(sizes: list[int], back: bool, before: bool) -> None:
    kinds: list[str] = []
    for number, size in enumerate(sizes):
        if before or number:
            kinds += ["separator", "blank"] if back else ["separator"]
        kinds += ["letter"] * size
    kinds += [] if before else ["separator"]
    sights = [PageSight(n, separator=kind == "separator", blank=kind == "blank") for n, kind in enumerate(kinds, 1)]
    cut = cut_by_sights(sights, SEPARATOR)
    assert [last - first + 1 for first, last in spans(cut)] == sizes
    assert [(each.page, each.reason) for each in cut.left_out] == [
        (n, kind) for n, kind in enumerate(kinds, 1) if kind != "letter"
    ]


def test_a_letter_knows_on_which_of_its_pages_a_control_line_was_seen() -> None:
    begins = {"begins": True, "rest": "a"}
    pages = [begins, {}, {"follows": True, "rest": "b"}, begins, begins]
    cut = cut_by_sights([PageSight(n, **told) for n, told in enumerate(pages, 1)], CONTROL)  # type: ignore[arg-type]
    lines = [each.range.control_lines for each in cut.letters]
    assert lines == [(ControlLine(0, "a"), ControlLine(2, "b")), (ControlLine(0, "a"),), (ControlLine(0, "a"),)]
    plain = cut_by_sights([PageSight(1, begins=True)], PLAIN)
    assert plain.letters[0].range.control_lines is None


def test_a_control_line_lies_on_a_page_of_its_letter() -> None:
    with pytest.raises(ValueError, match="on no page"):
        LetterRange(1, 1, 2, control_lines=(ControlLine(2, "a"),))


ONE_ADDRESS, ONE_KEY = PageSight(1, key="A", addressed=True), PageSight(1, key="A")
SAME_ADDRESS, SAME_KEY = PageSight(2, key="A", addressed=True), PageSight(2, key="A", addressed=True)


ALIKE = [(ADDRESS, ONE_ADDRESS, SAME_ADDRESS), (KEYED, ONE_KEY, SAME_KEY)]


@pytest.mark.parametrize(("rules", "first", "again"), ALIKE)
def test_two_letters_that_look_alike_are_never_joined_without_a_word(
    rules: SplitRules, first: PageSight, again: PageSight
) -> None:
    """Two notices to one citizen, one behind the other."""
    with pytest.raises(Rejected) as refused:
        cut_by_sights([first, again], rules)
    assert (refused.value.code, refused.value.page) == ("split-doubt", 2)
    assert refused.value.sentence.startswith("Seite 2: ")
    apart, together = [(1, 1), (2, 2)], [(1, 2)]
    assert spans(cut_by_sights([first, replace(again, own_page=1)], rules)) == apart
    assert spans(cut_by_sights([first, replace(again, own_page=2)], rules)) == together
    assert spans(cut_by_sights([first, again], replace(rules, repeated_address="begins"))) == apart
    assert spans(cut_by_sights([first, again], replace(rules, repeated_address="goes-on"))) == together
    numbered = [first, replace(again, own_page=1)]
    assert spans(cut_by_sights(numbered, replace(rules, repeated_address="goes-on"))) == apart


def test_a_page_without_an_address_goes_on_with_its_key() -> None:
    assert spans(cut_by_sights([ONE_KEY, replace(SAME_KEY, addressed=False)], KEYED)) == [(1, 2)]


def test_an_index_leaves_nothing_to_say_of_repeated_addresses() -> None:
    with pytest.raises(ValueError, match="index"):
        SplitRules("index", repeated_address="goes-on")


@pytest.mark.parametrize("rules", [NUMBERED, BOTH, BLANK])
def test_only_where_letters_may_look_alike_a_repeated_address_has_a_meaning(rules: SplitRules) -> None:
    with pytest.raises(ValueError, match="repeated_address"):
        replace(rules, repeated_address="begins")


@pytest.mark.parametrize(
    ("lines", "page"),
    [
        (["Seite 1"], 1),
        (["- Seite 2 -"], 2),
        (["Blatt 3/4"], 3),
        (["Az. 12-4   Seite 2 von 3"], 2),
        (["Seite 1 von 2", "Seite 1 von 2"], 1),
        (["Bitte beachten Sie die Hinweise auf Seite 3", "Text"], None),
        (["Seite 1", "Seite 2 von 2"], None),
        (["Seite 4 von 3"], None),
        (["Seite 0"], None),
        ([], None),
    ],
)
def test_which_page_of_its_letter_a_page_says_it_is(lines: list[str], page: int | None) -> None:
    assert page_said(lines) == page


@given(sizes=lengths, again=st.lists(st.booleans(), min_size=200, max_size=200))
def test_an_address_that_changes_begins_a_letter(sizes: list[int], again: list[bool]) -> None:
    keys = [f"address {n}" if page == 0 or again[n + page] else None for n, s in enumerate(sizes) for page in range(s)]
    sights = [PageSight(page, key=key) for page, key in enumerate(keys, 1)]
    assert spans(cut_by_sights(sights, ADDRESS)) == wanted(sizes)


@given(sizes=lengths, wrong=st.data())
def test_one_page_out_of_place_is_never_cut_by_a_guess(sizes: list[int], wrong: st.DataObject) -> None:
    """Lose, repeat or swap a page of a numbered stream: it is refused, or what is left is still whole letters."""
    texts = texts_of(NUMBERED, sizes)
    place = wrong.draw(st.integers(0, len(texts) - 1))
    spoilt = texts[:place] + texts[place + 1 :]
    if not spoilt:
        return
    lone = texts[place] == "Seite 1 von 1"
    try:
        cut = cut_by_sights(seen(spoilt, NUMBERED), NUMBERED)
    except Rejected as refused:
        assert refused.code == "split-doubt" and refused.page is not None and not lone
        assert abs(refused.page - (place + 1)) <= max(sizes)
    else:
        assert lone and len(cut.letters) == len(sizes) - 1


DOUBTS: list[tuple[SplitRules, list[str], int]] = [
    (NUMBERED, ["Seite 2 von 2"], 1),
    (NUMBERED, ["", "Seite 1 von 1"], 1),
    (NUMBERED, ["Seite 1 von 3", "Seite 3 von 3"], 2),
    (NUMBERED, ["Seite 1 von 2", "Seite 2 von 3"], 2),
    (NUMBERED, ["Seite 1 von 4", "Seite 2 von 4", "Seite 1 von 1"], 2),
    (NUMBERED, ["Seite 1 von 1", "Seite 1 von 2"], 2),
    (NUMBERED, ["Seite 1 von 2", "Anlage"], 2),
    (NUMBERED, ["Seite 2 von 1"], 1),
    (NUMBERED, ["Seite 1 von 1", "Seite 0 von 1"], 2),
    (NUMBERED, ["Seite 1 von 2", "Seite \ufffd von 2"], 2),
    (COUNTED, ["Seite 1", "Seite 1", "Seite 3"], 3),
    (KEYED, ["Az. 1", "Az. 1", "kein Zeichen"], 3),
    (KEYED, ["Az. 1", "Az. 2", "Az. 1"], 3),
    (BOTH, ["1/S1", "2/S2"], 2),
    (PLAIN, ["Fortsetzung 2"], 1),
    (PLAIN, ["Bescheid", "Anlage"], 2),
    (CONTROL, [""], 1),
    (CONTROL, ["#NEU#1##", "#NEU"], 2),
    (CONTROL, ["#NEU#1##", "#NEU#\ufffd##"], 2),
    (CONTROL, ["#NEU#1##", "#NEU#2#beidseitig#"], 2),
]


@pytest.mark.parametrize(("rules", "texts", "page"), DOUBTS, ids=lambda value: str(value)[:40])
def test_doubt_stops_the_stream_and_names_the_page(rules: SplitRules, texts: list[str], page: int) -> None:
    with pytest.raises(Rejected) as refused:
        cut_by_sights(seen(texts, rules), rules)
    assert (refused.value.code, refused.value.page) == ("split-doubt", page)
    assert refused.value.sentence.startswith(f"Seite {page}: ")


def test_two_lines_that_contradict_each_other_are_a_doubt() -> None:
    assert sight_of_text(1, ["Seite 1 von 2", "Seite 1 von 2"], NUMBERED).doubt is None
    assert sight_of_text(1, ["Seite 1 von 2", "Seite 2 von 2"], NUMBERED).doubt is not None
    assert sight_of_text(1, ["Seite 1 von 2", "Stadt Lübz"], NUMBERED).doubt is None


def test_a_separator_after_a_separator_is_a_doubt_and_nothing_but_separators_no_stream() -> None:
    both = [PageSight(1), PageSight(2, separator=True), PageSight(3, separator=True), PageSight(4)]
    with pytest.raises(Rejected) as refused:
        cut_by_sights(both, SEPARATOR)
    assert (refused.value.code, refused.value.page) == ("split-doubt", 3)
    for rules, sight in ((SEPARATOR, PageSight(1, separator=True)), (BLANK, PageSight(1, blank=True))):
        with pytest.raises(Rejected) as nothing:
            cut_by_sights([sight], rules)
        assert nothing.value.code == "only-separators"


def test_an_address_on_no_first_page_is_a_doubt() -> None:
    with pytest.raises(Rejected) as refused:
        cut_by_sights([PageSight(1), PageSight(2, key="a")], ADDRESS)
    assert (refused.value.code, refused.value.page) == ("split-doubt", 1)


def test_orders_on_the_page_are_the_letters() -> None:
    texts = ["#NEU#Az 1#duplex#", "", "#NEU#Az 2##"]
    cut = cut_by_sights(seen(texts, CONTROL), CONTROL)
    assert [letter.orders for letter in cut.letters] == [LetterOrders("Az 1", plex="duplex"), LetterOrders("Az 2")]
    keyed = cut_by_sights(seen(["Az. 7-26", "Az. 7-26"], KEYED), KEYED)
    assert keyed.letters[0].orders.reference == "7-26"


def test_orders_that_change_inside_a_letter_are_a_doubt() -> None:
    rules = replace(NUMBERED, pattern=r"S(?P<page>\d) (?P<cost_centre>\d+)")
    with pytest.raises(Rejected) as refused:
        cut_by_sights(seen(["S1 40", "S2 41"], rules), rules)
    assert refused.value.page == 2


@given(sizes=lengths)
def test_bookmarks_and_an_index_give_the_same_letters(sizes: list[int]) -> None:
    pages = sum(sizes)
    starts = [Start(first) for first, _ in wanted(sizes)]
    rows = [IndexRow(n, first, last, LetterOrders(f"Z{n}")) for n, (first, last) in enumerate(wanted(sizes), 2)]
    by_index = cut_by_index(rows, pages)
    assert spans(cut_at(starts, pages)) == spans(by_index) == wanted(sizes)
    assert with_index(cut_at(starts, pages), rows) == by_index


@pytest.mark.parametrize(
    ("starts", "page"),
    [([], 1), ([2, 3], 1), ([1, None], 1), ([1, 9], 1), ([1, 3, 3], 3), ([1, 4, 2], 2)],
)
def test_bookmarks_that_lead_astray_are_a_doubt(starts: list[int | None], page: int) -> None:
    with pytest.raises(Rejected) as refused:
        cut_at([Start(start) for start in starts], 5)
    assert (refused.value.code, refused.value.page) == ("split-doubt", page)


@pytest.mark.parametrize(
    ("rows", "page"),
    [([(1, 2), (4, 5)], 3), ([(1, 3), (3, 5)], 3), ([(1, 6)], 5), ([(1, 4)], 5), ([(2, 5)], 1), ([], 1)],
)
def test_an_index_with_gaps_or_overlaps_is_refused(rows: list[tuple[int, int]], page: int) -> None:
    with pytest.raises(Rejected) as refused:
        cut_by_index([IndexRow(n, first, last) for n, (first, last) in enumerate(rows, 2)], 5)
    assert (refused.value.code, refused.value.page) == ("index-invalid", page)


def test_an_index_that_contradicts_the_pages_is_refused() -> None:
    cut = equal_cut(4, 2)
    for rows in ([(1, 1), (2, 4)], [(1, 2)], [(1, 2), (3, 4), (5, 6)]):
        with pytest.raises(Rejected) as refused:
            with_index(cut, [IndexRow(n, first, last) for n, (first, last) in enumerate(rows, 2)])
        assert refused.value.code == "index-invalid"


def test_the_index_outranks_the_page_and_says_nothing_with_an_empty_cell() -> None:
    cut = Cut(1, (CutLetter(LetterRange(1, 1, 1), LetterOrders("Seite", "4711", (1,))),))
    told = with_index(cut, [IndexRow(2, 1, 1, LetterOrders("Index", enclosures=()))])
    assert told.letters[0].orders == LetterOrders("Index", "4711", ())


@pytest.mark.parametrize(
    ("told", "orders"),
    [
        ({}, LetterOrders()),
        ({"reference": "", "plex": ""}, LetterOrders()),
        ({"enclosures": "1+3", "plex": "duplex"}, LetterOrders(enclosures=(1, 3), plex="duplex")),
        ({"enclosures": "-"}, LetterOrders(enclosures=())),
    ],
)
def test_orders_are_the_tickets_keys(told: dict[str, Any], orders: LetterOrders) -> None:
    assert parse_orders(told) == orders
    assert LetterOrders(**{**told_back(orders)}) == orders


def told_back(orders: LetterOrders) -> dict[str, Any]:
    values = orders.told()
    return {key: tuple(value) if key == "enclosures" else value for key, value in values.items()}


def test_a_letter_says_only_what_differs_from_the_ticket() -> None:
    ticket = {"reference": "R", "cost_centre": "K", "enclosures": [2], "plex": "simplex", "hold": True}
    assert LetterOrders(plex="duplex", enclosures=()).over(ticket) == {**ticket, "plex": "duplex", "enclosures": []}


@pytest.mark.parametrize(("told_pages", "told_letters"), [(None, None), (10, None), (None, 5), (10, 5)])
def test_counts_that_agree_pass(told_pages: int | None, told_letters: int | None) -> None:
    check_counts(10, told_pages, 5, told_letters)


@pytest.mark.parametrize(("told_pages", "told_letters"), [(9, None), (None, 6), (10, 4)])
def test_counts_that_differ_are_refused(told_pages: int | None, told_letters: int | None) -> None:
    with pytest.raises(Rejected) as refused:
        check_counts(10, told_pages, 5, told_letters)
    assert refused.value.code == "count-mismatch"


@given(sizes=lengths, most_letters=st.integers(1, 5), most_pages=st.integers(1, 20))
def test_runs_of_letters_never_cut_one(sizes: list[int], most_letters: int, most_pages: int) -> None:
    letters = [CutLetter(LetterRange(n, *span)) for n, span in enumerate(wanted(sizes), 1)]
    runs = list(runs_of(letters, most_letters, most_pages))
    starts, ends = {span[0] for span in wanted(sizes)}, {span[1] for span in wanted(sizes)}
    assert [first for first, _ in runs] == [1, *(last + 1 for _, last in runs[:-1])] and runs[-1][1] == sum(sizes)
    for first, last in runs:
        inside = [span for span in wanted(sizes) if first <= span[0] <= last]
        assert first in starts and last in ends and len(inside) <= most_letters
        assert last - first + 1 <= most_pages or len(inside) == 1


@given(sizes=lengths, cutting=st.data())
def test_a_cut_that_loses_or_repeats_a_page_cannot_be_made(sizes: list[int], cutting: st.DataObject) -> None:
    letters = [CutLetter(LetterRange(n, *span)) for n, span in enumerate(wanted(sizes), 1)]
    Cut(sum(sizes), tuple(letters))
    place = cutting.draw(st.integers(0, len(letters) - 1))
    span = letters[place].range
    worse = CutLetter(LetterRange(span.ordinal, span.first_page, span.last_page + 1))
    for spoilt in ([*letters[:place], *letters[place + 1 :]], [*letters[:place], worse, *letters[place + 1 :]]):
        with pytest.raises(ValueError):
            Cut(sum(sizes), tuple(spoilt))
    with pytest.raises(ValueError):
        Cut(sum(sizes), tuple(letters), (LeftOut(span.first_page, "blank"),))


@pytest.mark.parametrize(
    "wrong",
    [
        {"by": "pattern", "pattern": "x"},
        {"by": "pattern", "region": PLACE},
        {"by": "pattern", "pattern": "x", "region": PLACE},
        {"by": "pattern", "pattern": "(", "region": PLACE, "following": ""},
        {"by": "pattern", "pattern": "(?P<name>x)", "region": PLACE, "following": ""},
        {"by": "pattern", "pattern": r"von (?P<total>\d)", "region": PLACE, "following": ""},
        {"by": "pattern", "pattern": "x", "following": "", "region": Rect(0, 0, 300, 20)},
        {"by": "bookmark", "level": 0},
        {"by": "control-line", "pattern": "x"},
    ],
)
def test_rules_that_cannot_tell_letters_apart_cannot_be_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        SplitRules(**wrong)
