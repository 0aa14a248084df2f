"""Every state and every reason has a German word, and whatever waits says what to do."""

from __future__ import annotations

import pytest

from pipeline.domain.refusals import REFUSALS
from pipeline.domain.states import MOVES, Kind
from pipeline.services.wording import KIND_WORDS, STATE_WORDS, explain, state_word, who_word

pytestmark = pytest.mark.unit


def test_every_state_of_every_kind_has_a_word_and_no_word_is_for_nothing() -> None:
    assert set(KIND_WORDS) == set(Kind)
    assert {kind: set(words) for kind, words in STATE_WORDS.items()} == {k: set(states) for k, states in MOVES.items()}


def test_a_state_that_nobody_knows_is_shown_as_it_is() -> None:
    assert state_word(Kind.BATCH, "molten") == "molten"


@pytest.mark.parametrize("code", ["low-confidence", "child-timeout", "readback-failed", "a-code-of-tomorrow"])
def test_whatever_waits_says_what_to_do(code: str) -> None:
    assert explain(code, waits=True).title
    assert explain(code, waits=True).remedy


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_refusals_say_what_their_note_says(code: str) -> None:
    assert (explain(code).title, explain(code).remedy) == (REFUSALS[code].title, REFUSALS[code].remedy)


def test_no_reason_is_no_explanation() -> None:
    assert explain(None).title == explain("").title == ""


def test_a_workers_long_name_is_shortened_and_a_persons_is_not() -> None:
    assert who_word("host/0b9e/17/4711") == who_word("door host/0b9e/17/4711") == "host, Prozess 17"
    assert who_word("M. Schulz") == "M. Schulz"
