"""Several letters to one recipient in one envelope: never across a border, no page lost, order kept, never dearer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.batching import pool_key
from pipeline.domain.joining import join_letters, recipient_key
from pipeline.domain.joining_rules import JoiningRules
from pipeline.domain.pieces import Piece, letters_of
from pipeline.domain.repricing import Repricer
from pipeline.domain.sheet_layout import sheets_in
from tests.paper_examples import ON, PIECE, PROFILES

pytestmark = pytest.mark.unit

RULES = {"bills": JoiningRules(join=True, max_letters=4), "tax": JoiningRules()}
SECRET = b"k" * 32


def ids() -> Iterator[str]:
    return (f"j{number:07d}" for number in count(1))


def joined(pieces: list[Piece]) -> list[Piece]:
    numbers = ids()
    return join_letters(pieces, RULES, Repricer(PROFILES, ON), lambda: next(numbers))


def letter(number: int, pages: int = 1, **more: object) -> Piece:
    values: dict[str, object] = {
        "id": f"i0000001-p{number:06d}",
        "arrival": (1, number),
        "job": "bills",
        "recipient": "r",
        "pages": pages,
        "sheets": pages,
        "source_first_page": 10 * number + 1,
        "source_last_page": 10 * number + pages,
        "slice_first_page": 10 * number + 1,
        "weight_mg": 5000 + 4990 * pages,
        "product": "standard" if pages <= 3 else "kompakt",
        "postage_cent": 95 if pages <= 3 else 110,
        "enclosures": (),
    }
    return replace(PIECE, **(values | more))  # type: ignore[arg-type]


def test_two_letters_of_one_recipient_share_an_envelope() -> None:
    (envelope,) = joined([letter(2, 1), letter(1, 2, due="2026-03-09", priority=2)])
    assert envelope.id == "j0000001"
    assert [one.id for one in envelope.letters] == ["i0000001-p000001", "i0000001-p000002"]
    assert (envelope.pages, envelope.sheets) == (3, 3)
    assert (envelope.weight_mg, envelope.product, envelope.postage_cent) == (19_970, "standard", 95)
    assert (envelope.due, envelope.priority) == ("2026-03-09", 2)
    assert [note.code for note in envelope.notes] == ["joined"]


def test_enclosures_and_envelope_count_once() -> None:
    with_flyer = {"enclosures": (1,), "weight_mg": 11_990}
    (envelope,) = joined([letter(1, **with_flyer), letter(2, **with_flyer)])
    assert envelope.enclosures == (1,)
    assert envelope.weight_mg == 5000 + 2 * 4990 + 2000


@pytest.mark.parametrize(
    "other",
    [
        {"municipality": "parchim"},
        {"cost_centre": "12000"},
        {"recipient": "other"},
        {"recipient": ""},
        {"job": "tax"},
        {"confidentiality": "confidential"},
        {"kept_apart": "schwerin"},
        {"enclosures": (1,)},
        {"form": "A"},
        {"plex": "duplex"},
        {"machine": "flat", "envelope": "c4"},
        {"country": "AT"},
        {"parts": 2},
        {"special": "registered"},
    ],
)
def test_nothing_is_joined_across_a_border(other: dict[str, object]) -> None:
    assert len(joined([letter(1), letter(2, **other)])) == 2


def test_an_envelope_takes_what_the_machine_folds_and_the_order_is_kept() -> None:
    envelopes = joined([letter(1, 3), letter(2, 3), letter(3, 1), letter(4, 2)])
    told = [[one.id[-1] for one in letters_of(each)] for each in envelopes]
    assert told == [["1"], ["2", "3"], ["4"]]  # 3 + 3 sheets are too many; what came later does not overtake


def test_no_more_letters_than_the_job_allows() -> None:
    envelopes = joined([letter(number) for number in range(1, 7)])
    assert [len(letters_of(each)) for each in envelopes] == [4, 2]


def test_in_duplex_each_letter_begins_on_a_front() -> None:
    duplex = {"plex": "duplex", "pages": 3, "sheets": 2, "weight_mg": 14_980}
    (envelope,) = joined([letter(1, **duplex), letter(2, **duplex)])
    assert envelope.layout == (2, 1, 2, 1)


borders = st.fixed_dictionaries(
    {
        "municipality": st.sampled_from(["schwerin", "parchim"]),
        "cost_centre": st.sampled_from(["1", "2"]),
        "job": st.sampled_from(["bills", "bills", "bills", "tax"]),
        "recipient": st.sampled_from(["r", "s", ""]),
        "confidentiality": st.sampled_from(["normal", "confidential"]),
        "plex": st.sampled_from(["simplex", "duplex"]),
        "enclosures": st.sampled_from([(), (1,)]),
    }
)


@given(st.lists(st.tuples(borders, st.integers(1, 5)), max_size=25), st.randoms(use_true_random=False))
def test_any_letters_each_page_on_one_sheet_of_one_envelope(
    drawn: list[tuple[dict[str, object], int]], random: object
) -> None:
    prices = Repricer(PROFILES, ON)
    letters = []
    for number, (border, pages) in enumerate(drawn, start=1):
        sheets = pages if border["plex"] == "simplex" else -(-pages // 2)
        made = letter(number, pages, **border, sheets=sheets) if "sheets" not in border else letter(number)
        letters.append(prices.repriced(replace(made, notes=())))
    shuffled = list(letters)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    envelopes = joined(shuffled)
    assert envelopes == joined(letters)
    inside = [one for envelope in envelopes for one in letters_of(envelope)]
    assert sorted(one.id for one in inside) == sorted(one.id for one in letters)
    by_id = {one.id: one for one in letters}
    for envelope in envelopes:
        members = [by_id[one.id] for one in letters_of(envelope)]
        assert [each.arrival for each in members] == sorted(each.arrival for each in members)
        for key in ("municipality", "cost_centre", "job", "recipient", "confidentiality", "enclosures"):
            assert len({getattr(each, key) for each in members}) == 1
        assert {pool_key(each) for each in members} == {pool_key(envelope)}
        assert envelope.sheets == sum(each.sheets for each in members) <= 5
        assert sum(sheets_in(envelope.layout, envelope.pages, envelope.plex)) == envelope.pages
        assert envelope.pages == sum(each.pages for each in members)
        enclosed_mg = 2000 if envelope.enclosures else 0
        assert envelope.weight_mg == 5000 + 4990 * envelope.sheets + enclosed_mg or len(members) == 1
        assert envelope.postage_cent <= sum(each.postage_cent for each in members)


def test_the_key_of_a_recipient() -> None:
    sender = ("schwerin", "bills", "11000", "Stadt · Weg 1")
    lines = ("Erika Muster", "Weg 1", "19053 Schwerin", "DE")
    key = recipient_key(SECRET, sender, lines)
    assert key == recipient_key(SECRET, sender, ("ERIKA  Muster", "Weg 1", "", "19053 Schwerin", "DE"))
    others = [
        recipient_key(b"x" * 32, sender, lines),
        recipient_key(SECRET, ("parchim", *sender[1:]), lines),
        recipient_key(SECRET, sender, ("Max Muster", *lines[1:])),
        recipient_key(SECRET, sender, (*lines[:1], "Weg 11", *lines[2:])),
        recipient_key(SECRET, (*sender, "Erika Muster"), lines[1:]),
        recipient_key(SECRET, (*sender[:3], "Jugendamt · Weg 1"), lines),
    ]
    assert len({key, *others}) == 7
    assert "erika" not in key.lower()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Peter Groß", "Peter Gross", False),
        ("Peter Groß", "PETER GROẞ", True),
        ("Peter Groß", "PETER GROSS", False),
        ("Peter Müller", "PETER MÜLLER", True),
        ("Peter Müller", "Peter Mu\u0308ller", True),
        ("Peter Müller", "Peter Mueller", False),
        ("Peter Müller", "Peter Muller", False),
    ],
)
def test_two_names_are_one_only_if_a_reader_sees_no_difference(one: str, other: str, same: bool) -> None:
    sender = ("schwerin", "bills", "11000", "Stadt · Weg 1")
    keys = {recipient_key(SECRET, sender, (name, "Weg 1", "19053 Schwerin", "DE")) for name in (one, other)}
    assert (len(keys) == 1) == same


def test_a_sender_is_compared_as_it_is_read() -> None:
    lines = ("Erika Muster", "Weg 1", "19053 Schwerin", "DE")
    one, other = (
        recipient_key(SECRET, ("schwerin", "bills", "1", line), lines)
        for line in ("Jugendamt Schwerin · Am Packhof 2", "JUGENDAMT  Schwerin · Am Packhof 2 ")
    )
    assert one == other
