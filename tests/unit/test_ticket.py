"""What a ticket may say, and what its sender is told when it says something else."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.errors import Rejected
from pipeline.domain.ticket import Ticket, parse_ticket

pytestmark = pytest.mark.unit


def refusal(mapping: dict[str, object]) -> str:
    with pytest.raises(Rejected) as caught:
        parse_ticket(mapping)
    assert caught.value.code == "ticket-invalid"
    return caught.value.sentence


def test_a_full_ticket() -> None:
    ticket = parse_ticket(
        {
            "reference": "  Az. 12-34/2026 ",
            "cost_centre": "0815",
            "enclosures": [3, 1],
            "plex": "duplex",
            "due": date(2026, 9, 30),
            "hold": True,
        }
    )
    assert ticket == Ticket("Az. 12-34/2026", "0815", (1, 3), "duplex", date(2026, 9, 30), True)


def test_a_ticket_that_says_nothing_leaves_everything_to_the_profile() -> None:
    assert parse_ticket({}) == Ticket(None, None, None, None, None, False)
    assert parse_ticket({"reference": "  ", "due": None, "hold": None}) == Ticket()


@pytest.mark.parametrize(
    ("said", "meant"),
    [("1+3", (1, 3)), (" 3 + 1 ", (1, 3)), ("8", (8,)), ("", ()), ([], ()), ((2,), (2,))],
)
def test_enclosures_as_a_list_or_as_a_text(said: object, meant: tuple[int, ...]) -> None:
    assert parse_ticket({"enclosures": said}).enclosures == meant


@pytest.mark.parametrize(
    "said", [[0], [9], [1, 1], "1+1", "1,3", "1+", "+", "²", "١", [True], ["1"], [1.0], 1, True, {"1": 1}, "9", "12"]
)
def test_other_enclosures_go_back(said: object) -> None:
    sentence = refusal({"enclosures": said})
    assert "„enclosures“" in sentence
    assert "enclosures = [1, 3]" in sentence


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("referenz", "reference"),
        ("cost_center", "cost_centre"),
        ("Kostenstelle", "cost_centre"),
        ("enclosure", "enclosures"),
        ("Beilagen", "enclosures"),
        ("plexx", "plex"),
        ("faellig", "due"),
        ("DUE", "due"),
        ("holdd", "hold"),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_right_spelling(wrong: str, right: str) -> None:
    sentence = refusal({wrong: "x"})
    assert f"„{wrong}“" in sentence
    assert f"gemeint ist wohl „{right}“" in sentence


def test_a_key_like_nothing_is_named_with_all_known_ones() -> None:
    sentence = refusal({"zzzzzz": 1})
    assert "gemeint" not in sentence
    assert "reference, cost_centre, enclosures, plex, due, hold" in sentence


def test_a_hostile_key_is_shown_harmlessly() -> None:
    sentence = refusal({"a\nb\x1b" + "c" * 100_000: 1})
    assert "\n" not in sentence
    assert "\x1b" not in sentence
    assert len(sentence) < 300


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("reference", 12),
        ("reference", "x" * 101),
        ("reference", "a\nb"),
        ("reference", "a\x00b"),
        ("reference", "a\u202eb"),
        ("reference", ["a"]),
        ("cost_centre", 4711),
        ("cost_centre", "x" * 41),
        ("cost_centre", "a\tb"),
        ("plex", "Duplex"),
        ("plex", True),
        ("plex", ""),
        ("due", "30.09.2026"),
        ("due", "2026-02-30"),
        ("due", "20260930"),
        ("due", "2026-W40-3"),
        ("due", datetime(2026, 9, 30, 12, 0)),  # noqa: DTZ001 - what a TOML local time becomes
        ("due", 20260930),
        ("hold", "yes"),
        ("hold", 1),
    ],
)
def test_a_wrong_value_goes_back_with_its_key_and_an_example(key: str, value: object) -> None:
    sentence = refusal({key: value})
    assert sentence.startswith(f"Der Eintrag „{key}“")
    assert f"Richtig ist zum Beispiel: {key} = " in sentence


@pytest.mark.parametrize("said", ["=1+1", "+4711", "-4711", "@SUMME(A1)", "  =4711", "\t=4711"])
def test_a_cost_centre_that_a_spreadsheet_would_reckon_with_goes_back(said: str) -> None:
    sentence = refusal({"cost_centre": said})
    assert sentence.startswith("Der Eintrag „cost_centre“ darf nicht mit = + - @ beginnen")
    assert 'Richtig ist zum Beispiel: cost_centre = "4711"' in sentence


@pytest.mark.parametrize("said", ["4711-0200", "1302=7", "KST+1", "post@rathaus", "'4711", "−1"])
def test_these_characters_may_stand_further_on_in_a_cost_centre(said: str) -> None:
    assert parse_ticket({"cost_centre": said}).cost_centre == said


@pytest.mark.parametrize("said", ["-12/2026", "+49 385 1", "=1+1", "@Amt 20"])
def test_a_reference_is_taken_as_it_is(said: str) -> None:
    assert parse_ticket({"reference": said}).reference == said


def test_the_refused_value_is_not_repeated() -> None:
    assert "Mustermann" not in refusal({"reference": "Erika\nMustermann"})


def test_the_longest_allowed_texts() -> None:
    ticket = parse_ticket({"reference": "ä" * 100, "cost_centre": "ä" * 40})
    assert (ticket.reference, ticket.cost_centre) == ("ä" * 100, "ä" * 40)


def test_a_ticket_refuses_impossible_values_when_made() -> None:
    for enclosures in ((3, 1), (1, 1), (0,), (9,)):
        with pytest.raises(ValueError, match="enclosures"):
            Ticket(enclosures=enclosures)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=120) | st.dates(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
SOME_KEY = st.sampled_from(["reference", "cost_centre", "enclosures", "plex", "due", "hold"]) | st.text(max_size=12)


@given(st.dictionaries(SOME_KEY, JSON_VALUES, max_size=4))
def test_any_table_is_a_ticket_or_a_refusal(table: dict[str, object]) -> None:
    try:
        ticket = parse_ticket(table)
    except Rejected as refused:
        assert refused.code == "ticket-invalid"
        assert "\n" not in refused.sentence
    else:
        assert ticket.enclosures is None or set(ticket.enclosures) <= set(range(1, 9))


@given(st.sets(st.integers(min_value=1, max_value=8)))
def test_the_text_form_of_enclosures_means_the_same_as_the_list(stations: set[int]) -> None:
    text = "+".join(str(station) for station in sorted(stations))
    assert parse_ticket({"enclosures": text}) == parse_ticket({"enclosures": list(stations)})


def test_ranges_of_pages() -> None:
    ticket = parse_ticket({"plex_ranges": ["1  simplex", "3- duplex"]})
    assert ticket.plex_ranges == ("1 simplex", "3- duplex")
    assert parse_ticket({"plex_ranges": "1 simplex, 3- duplex"}).plex_ranges == ("1 simplex", "3- duplex")
    assert parse_ticket({"plex_ranges": []}).plex_ranges == ()
    assert "plex_ranges" in refusal({"plex_ranges": ["3-1 duplex"]})
    assert "plex_ranges" in refusal({"plex_ranges": 3})
