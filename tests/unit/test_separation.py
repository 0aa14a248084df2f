"""How a stack is cut: every page in one document, and whatever is doubtful is said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.domain.errors import Rejected
from pipeline.domain.page_looks import CoverSheet, PageLook, Separator
from pipeline.domain.profiles import ScanPlex, SeparationRules
from pipeline.domain.separation import DocumentPlan, Doubt, DroppedPage, documents_of

pytestmark = pytest.mark.unit

COVERS = SeparationRules(by=("cover-sheet", "patch-t"), blank_pages="drop")
DUPLEX = SeparationRules(by=("cover-sheet",), blank_pages="drop", plex="duplex")
SIMPLEX = SeparationRules(by=("cover-sheet",), blank_pages="keep", plex="simplex")


def looks(text: str) -> list[PageLook]:
    """One sign a page: `p` printed, `.` blank, `T` patch code, `?` a doubt, a digit: our cover sheet for so many
    sheets (`0`: it does not say), `X` a cover sheet of another municipality."""
    found = []
    for number, sign in enumerate(text, 1):
        if sign == "p":
            found.append(PageLook(number, 0.05))
        elif sign == ".":
            found.append(PageLook(number, 0.0, blank=True))
        elif sign == "?":
            found.append(PageLook(number, 0.2, doubt="Der Rahmen eines Trennblatts ist da, aber kein lesbarer Code."))
        elif sign == "T":
            found.append(PageLook(number, 0.1, separator=Separator("patch-t")))
        else:
            owner = "schwerin" if sign == "X" else "parchim"
            sheets = int(sign) if sign.isdigit() and sign != "0" else None
            cover = CoverSheet(owner, "post", sheets, {"reference": f"AZ {number}"})
            found.append(PageLook(number, 0.3, separator=Separator("cover-sheet", "PST1", cover)))
    return found


def cut(text: str, rules: SeparationRules = COVERS) -> list[DocumentPlan]:
    return list(documents_of(looks(text), rules, "parchim", "post"))


def shape(plans: list[DocumentPlan]) -> list[tuple[int, ...]]:
    return [plan.pages for plan in plans]


def codes(plans: list[DocumentPlan]) -> list[list[str]]:
    return [[doubt.code for doubt in plan.doubts] for plan in plans]


@pytest.mark.parametrize(
    ("stack", "pages"),
    [
        ("ppp", [(1, 2, 3)]),
        ("TppTp", [(2, 3), (5,)]),
        ("ppTp", [(1, 2), (4,)]),
        ("T.pp.T.p", [(3, 4), (8,)]),
        ("TTpT", [(3,)]),
        (".p..pT.p.", [(2, 5), (8,)]),
        ("T..Tp", [(5,)]),
    ],
)
def test_a_stack_is_cut_at_its_separators(stack: str, pages: list[tuple[int, ...]]) -> None:
    assert shape(cut(stack)) == pages
    assert codes(cut(stack)) == [[] for _ in pages]


def test_dropped_pages_say_why() -> None:
    (plan,) = cut("T.p.")
    assert [(drop.source_page, drop.reason) for drop in plan.dropped] == [(1, "separator"), (2, "blank"), (4, "blank")]


def test_blank_pages_are_kept_where_the_profile_says_so_but_not_the_back_of_a_separator() -> None:
    rules = SeparationRules(by=("patch-t",), blank_pages="keep")
    assert shape(cut("T.p.p", rules)) == [(3, 4, 5)]
    assert shape(cut("T..p", rules)) == [(3, 4)]


def test_a_blank_front_stays_away_from_its_printed_back() -> None:
    (plan,) = cut("0..ppp.", DUPLEX)
    assert plan.pages == (4, 5, 6)


def test_a_separator_fed_with_its_back_first_keeps_its_blank_front() -> None:
    plans = cut("pp.0pp", DUPLEX)
    assert shape(plans) == [(1, 2), (5, 6)]
    assert plans[1].first_page == 3


def test_a_printed_side_of_a_separator_in_a_duplex_stack_is_a_doubt() -> None:
    assert codes(cut("0ppp", DUPLEX)) == [["separator-doubt"]]


def test_a_duplex_stack_with_an_odd_number_of_pages_is_a_doubt() -> None:
    assert codes(cut("0.p", DUPLEX)) == [["sheet-count"]]


def test_a_side_that_is_missing_in_a_duplex_stack_stops_it_at_the_letter_that_lacks_it() -> None:
    """Whatever the separators say, and though the number of pages is even again in the end."""
    rules = replace(DUPLEX, by=("patch-t",))
    plans = cut("T.ppp.T.pp.T.pT.p.", rules)
    assert codes(plans) == [[], ["sides-shifted"], ["sides-shifted"], []]
    plans = cut("T.pp.T.p.T.p.", rules)
    assert codes(plans) == [["sides-shifted"], [], []]
    (doubt,) = plans[0].doubts
    assert doubt.page == 4
    assert "Zwischen Seite 3 und Seite 5 fehlt eine Seite" in doubt.sentence
    assert "Trennblatt auf Seite 6" in doubt.sentence
    assert codes(cut("T.pT.p.T.pT.p.", rules)) == [["sides-shifted"], [], ["sides-shifted"], []]


def test_where_the_scanner_may_leave_sides_out_none_is_missed() -> None:
    for plex in ("simplex", "mixed"):
        rules = replace(DUPLEX, by=("patch-t",), plex=plex)
        assert codes(cut("T.pp.T.p.T.p.", rules)) == [[], [], []]


@pytest.mark.parametrize(
    ("stack", "rules", "doubtful"),
    [
        ("2pp", SIMPLEX, False),
        ("2p", SIMPLEX, True),
        ("2ppp", SIMPLEX, True),
        ("2.pp", SIMPLEX, True),  # a blank page is a page of the letter, where nothing is left out
        ("2.p.pp", DUPLEX, False),
        ("2.ppp.p.", DUPLEX, True),
        ("1.p..p", DUPLEX, True),
        ("2pp", COVERS, False),
        ("2.pp", COVERS, True),  # the cover sheet's back was scanned, so the letter's backs are missing
        ("2.pppp", COVERS, False),
        ("2.ppppp", COVERS, True),
        ("2.p", COVERS, True),
        ("2ppT", COVERS, False),
        ("2.ppT", COVERS, True),
    ],
)
def test_announced_sheets_are_counted(stack: str, rules: SeparationRules, doubtful: bool) -> None:
    assert ("sheet-count" in codes(cut(stack, rules))[0]) == doubtful


def test_a_cover_sheet_without_a_letter_is_a_doubt_of_its_neighbour() -> None:
    assert codes(cut("0.0pp")) == [["sheet-count"]]
    assert codes(cut("ppT0")) == [["sheet-count"]]
    assert cut("0.0pp")[0].fields == {"reference": "AZ 3"}
    assert cut("0pp0")[0].fields == {"reference": "AZ 1"}


def test_a_cover_sheet_of_somebody_else_is_a_doubt() -> None:
    assert codes(cut("ppXpp")) == [[], ["separator-foreign"]]


def test_a_page_that_looks_like_a_separator_is_kept_and_told() -> None:
    plans = cut("pp?pp")
    assert shape(plans) == [(1, 2, 3, 4, 5)]
    assert codes(plans) == [["separator-doubt"]]
    assert plans[0].doubts[0].page == 3
    assert plans[0].doubts[0].sentence.startswith("Seite 3: ")


def test_every_n_pages() -> None:
    rules = SeparationRules(every_pages=2, blank_pages="drop")
    assert shape(cut("pp.pp", rules)) == [(1, 2), (4, 5)]
    assert codes(cut("ppp", rules)) == [[], ["sheet-count"]]


def test_blank_pages_separate() -> None:
    rules = SeparationRules(by=("blank",), blank_pages="drop")
    assert shape(cut("pp..p.", rules)) == [(1, 2), (5,)]


def test_nothing_but_separators_goes_back() -> None:
    with pytest.raises(Rejected) as refusal:
        cut("T..0")
    assert refusal.value.code == "only-separators"


SIGNS = st.text(alphabet="p.T?0123X", min_size=1, max_size=40)
RULES = st.builds(
    SeparationRules,
    by=st.sampled_from([("cover-sheet",), ("cover-sheet", "patch-t"), ("cover-sheet", "patch-t", "blank")]),
    every_pages=st.integers(0, 3),
    blank_pages=st.just("drop"),
    plex=st.sampled_from(["simplex", "duplex", "mixed"]),
)


@given(SIGNS, RULES)
def test_every_page_is_in_exactly_one_document_and_kept_or_dropped(stack: str, rules: SeparationRules) -> None:
    try:
        plans = cut(stack, rules)
    except Rejected:
        assert "p" not in stack and "?" not in stack
        return
    told = [page for plan in plans for page in (*plan.pages, *(drop.source_page for drop in plan.dropped))]
    assert sorted(told) == list(range(1, len(stack) + 1))
    assert [plan.first_page for plan in plans] == [1, *(plan.last_page + 1 for plan in plans[:-1])]
    for plan in plans:
        assert plan.pages
        assert all(stack[page - 1] in "p?" for page in plan.pages)
    printed = [page for page, sign in enumerate(stack, 1) if sign in "p?"]
    assert printed == sorted(page for plan in plans for page in plan.pages)
    doubted = {doubt.page for plan in plans for doubt in plan.doubts}
    assert {page for page, sign in enumerate(stack, 1) if sign in "?X"} <= doubted


@given(SIGNS, RULES)
def test_no_document_spans_a_separator(stack: str, rules: SeparationRules) -> None:
    try:
        plans = cut(stack, rules)
    except Rejected:
        return
    for plan in plans:
        between = stack[plan.pages[0] - 1 : plan.pages[-1]]
        assert not set(between) & set("T0123X")


def test_a_document_is_split_and_joined_again() -> None:
    plan = DocumentPlan(3, 8, (DroppedPage(3, "separator", 0.3), DroppedPage(6, "blank", 0.0)), {"reference": "1"})
    first, second = plan.split(7)
    assert (first.pages, second.pages) == ((4, 5), (7, 8))
    assert (first.fields, second.fields) == ({"reference": "1"}, {})
    again = first.joined(second)
    assert (again.pages, again.dropped, again.fields) == (plan.pages, plan.dropped, plan.fields)
    assert [doubt.code for doubt in again.doubts] == ["rejoined"]


@pytest.mark.parametrize("before", [3, 4, 9])
def test_a_cut_that_leaves_nothing_is_refused(before: int) -> None:
    plan = DocumentPlan(3, 8, (DroppedPage(3, "separator", 0.3),))
    with pytest.raises(ValueError, match="without pages"):
        plan.split(before)


def test_a_cut_decides_about_its_own_page_and_no_other() -> None:
    doubts = tuple(Doubt("separator-doubt", page, f"Seite {page}: unlesbar") for page in (4, 6))
    first, second = DocumentPlan(1, 7, (DroppedPage(1, "separator", 0.1),), {"a": "1"}, doubts).split(4)
    assert (first.doubts, second.doubts) == ((), (doubts[1],))
    first, second = DocumentPlan(1, 7, (), {}, doubts).split(6)
    assert (first.doubts, second.doubts) == ((doubts[0],), ())


def test_a_foreign_cover_sheet_stays_a_doubt_of_the_part_that_it_begins() -> None:
    doubt = Doubt("separator-foreign", 4, "Seite 4: Das Trennblatt gehört zu grabow/post")
    assert DocumentPlan(1, 7, (), {}, (doubt,)).split(4)[1].doubts == (doubt,)


def test_joined_and_cut_elsewhere_no_doubt_is_lost() -> None:
    doubt = Doubt("separator-doubt", 3, "Seite 3: unlesbar")
    whole = DocumentPlan(1, 4, (), {}, (doubt,)).joined(DocumentPlan(5, 6))
    assert [each.code for each in whole.doubts] == ["separator-doubt", "rejoined"]
    first, second = whole.split(5)
    assert (first.doubts, second.doubts) == ((doubt,), ())


@pytest.mark.parametrize(("before", "left"), [(5, []), (7, ["sheet-count"])])
def test_a_cut_that_makes_the_count_right_settles_it(before: int, left: list[str]) -> None:
    doubt = Doubt("sheet-count", 1, "Seite 1: 2 Blatt angekündigt")
    plan = DocumentPlan(1, 9, (DroppedPage(1, "separator", 0.1),), {}, (doubt,), sheets=2)
    first, second = plan.split(before)
    assert first.sheets == 2
    assert [each.code for each in first.doubts] == left
    assert (second.doubts, second.sheets) == ((), None)


def test_a_cover_sheet_with_its_back_wants_all_backs() -> None:
    """Two sheets scanned on both sides are four pages, also where the profile takes all kinds of scans."""
    rules = SeparationRules(by=("cover-sheet",), blank_pages="drop", plex="mixed")
    separator = Separator("cover-sheet", "x", CoverSheet("parchim", "post", 2))
    cover, back = PageLook(1, 0.1, separator=separator), PageLook(2, 0.0, blank=True)

    def codes(*looks: PageLook) -> list[str]:
        (plan,) = documents_of(looks, rules, "parchim", "post")
        return [doubt.code for doubt in plan.doubts]

    pages = [PageLook(number, 0.05) for number in range(3, 7)]
    assert codes(cover, back, *pages) == []
    assert codes(cover, back, *pages[:2]) == ["sheet-count"]
    alone = [PageLook(number, 0.05) for number in range(2, 4)]
    assert codes(cover, *alone) == []


def test_a_letters_page_with_a_separators_code_separates_and_stays() -> None:
    """A label on a letter, or a letter that lay over the cover sheet as both were fed: nothing of it is lost."""
    seen = looks("p0p0p")
    for index in (1, 3):
        found = seen[index].separator
        assert found is not None
        seen[index] = replace(seen[index], separator=replace(found, on_letter=True), doubt="Viel Text.")
    plans = documents_of(seen, COVERS, "parchim", "post")
    assert shape(list(plans)) == [(1,), (2, 3), (4, 5)]
    assert [plan.fields.get("reference") for plan in plans] == [None, "AZ 2", "AZ 4"]
    assert codes(list(plans)) == [[], ["separator-doubt"], ["separator-doubt"]]


def test_both_sides_of_a_sheet_are_one_separator() -> None:
    """On thin paper the codes shine through, mirrored, and can still be read; a sheet may be printed on both sides."""
    front, back, page, blank = looks("0" + "0p.")
    for ink in (0.0, 0.01, 0.3):
        shown = replace(back, ink_ratio=ink, separator=front.separator)
        (plan,) = documents_of((front, shown, page, blank), DUPLEX, "parchim", "post")
        assert (plan.pages, plan.doubts) == ((3,), ())
        assert [drop.reason for drop in plan.dropped] == ["separator", "blank", "blank"]
    (plan,) = documents_of((front, back, page, blank), DUPLEX, "parchim", "post")
    assert codes([plan]) == [["sheet-count"]]  # another reference: two sheets that are printed on one


def test_what_shows_of_a_code_on_the_back_is_the_short_one_or_none() -> None:
    front, back, page, blank = looks("0" + "?p.")
    assert front.separator is not None and front.separator.cover is not None
    short = replace(front.separator, text="PSTS", cover=replace(front.separator.cover, fields={}))
    for shown in (replace(back, ink_ratio=0.0), PageLook(2, 0.0, separator=short, doubt="Nur der kurze Strichcode.")):
        (plan,) = documents_of((front, shown, page, blank), DUPLEX, "parchim", "post")
        assert (plan.pages, plan.doubts) == ((3,), ())
    (plan,) = documents_of((front, back, page, blank), DUPLEX, "parchim", "post")
    assert "separator-doubt" in codes([plan])[0]  # with ink of its own


@pytest.mark.parametrize(("ink", "told"), [(0.0, []), (0.06, []), (0.07, ["sheet-count"])])
def test_where_sides_may_be_left_out_only_a_far_paler_separator_is_a_back(ink: float, told: list[str]) -> None:
    rules = SeparationRules(by=("cover-sheet",), blank_pages="drop", plex="mixed")
    front, page = looks("0p")
    back = replace(front, page=2, ink_ratio=ink)
    (plan,) = documents_of((front, back, replace(page, page=3)), rules, "parchim", "post")
    assert codes([plan]) == [told]


def test_only_neighbours_are_joined() -> None:
    with pytest.raises(ValueError, match="neighbours"):
        DocumentPlan(1, 2).joined(DocumentPlan(4, 5))


def test_a_page_is_taken_back_and_left_out_again() -> None:
    (plan,) = cut("2p.p?")
    back = plan.keeping(3)
    assert (back.pages, [drop.source_page for drop in back.dropped]) == ((2, 3, 4, 5), [1])
    assert back.leaving_out(3, "blank", 0.0) == plan
    for wrong in (2, 9):
        with pytest.raises(ValueError, match="not left out"):
            plan.keeping(wrong)


def test_what_is_left_out_as_a_separator_is_no_doubt_any_more_and_is_not_counted() -> None:
    (plan,) = cut("2pppp?")
    assert codes([plan]) == [["separator-doubt", "sheet-count"]]
    without = plan.leaving_out(6, "separator", 0.2)
    assert (codes([without]), without.pages) == ([[]], (2, 3, 4, 5))
    assert without.dropped[-1] == DroppedPage(6, "separator", 0.2)


def test_the_only_page_is_never_left_out() -> None:
    (plan,) = cut("0p.")
    for page in (1, 2, 3):
        with pytest.raises(ValueError, match="can't be left out"):
            plan.leaving_out(page, "separator", 0.1)


@pytest.mark.parametrize(("plex", "left"), [("mixed", []), ("simplex", ["sheet-count"]), ("duplex", [])])
def test_after_a_cut_sheets_are_counted_as_the_stack_was_scanned(plex: ScanPlex, left: list[str]) -> None:
    """Two sheets are announced, the cover sheet and its back are left out, four pages stay before the cut."""
    doubt = Doubt("sheet-count", 1, "Seite 1: 2 Blatt angekündigt")
    drops = (DroppedPage(1, "separator", 0.1), DroppedPage(2, "blank", 0.0))
    first, _second = DocumentPlan(1, 9, drops, {}, (doubt,), sheets=2).split(7, plex)
    assert codes([first]) == [left]


@given(st.text("p.?T0", min_size=2, max_size=20), st.data())
def test_pages_in_are_pages_out_whatever_a_person_takes_back_or_leaves_out(stack: str, data: st.DataObject) -> None:
    assume(set(stack) & set("p?"))
    for plan in cut(stack):
        for _step in range(3):
            page = data.draw(st.integers(plan.first_page, plan.last_page))
            try:
                plan = plan.keeping(page) if data.draw(st.booleans()) else plan.leaving_out(page, "blank", 0.5)
            except ValueError:
                continue
            told = [*plan.pages, *(drop.source_page for drop in plan.dropped)]
            assert sorted(told) == list(range(plan.first_page, plan.last_page + 1))
            assert plan.pages


@pytest.mark.parametrize("plex", ["mixed", "simplex"])
def test_a_count_is_told_anew_after_a_cut_and_after_a_join(plex: ScanPlex) -> None:
    """Two sheets are announced; whoever cuts and joins again sees the same doubt, with the pages that are there."""
    rules = SeparationRules(by=("cover-sheet",), blank_pages="keep", plex=plex)
    (plan,) = documents_of(looks("2ppppppp"), rules, "parchim", "post")
    (before,) = [doubt for doubt in plan.doubts if doubt.code == "sheet-count" and "kündigt" in doubt.sentence]
    first, second = plan.split(plan.last_page, plex)
    (cut_off,) = [doubt.sentence for doubt in first.doubts]
    found = before.sentence.rpartition("gefunden: ")[2]
    assert cut_off == before.sentence.replace(found, f"{int(found.split()[0]) - 1} Seiten.")
    again = first.joined(second).counted_anew(plex)
    assert [doubt.sentence for doubt in again.doubts if doubt.code == "sheet-count"] == [before.sentence]
    assert first.split(4, plex)[0].doubts == ()
