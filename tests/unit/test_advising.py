"""Every cause that lets a document wait comes with advice, in German, with commands that can be typed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import get_args

import pytest

from pipeline.domain.recognised import Trouble
from pipeline.domain.refusals import REFUSALS
from pipeline.domain.separation import REJOINED, STACK_DOUBTS, Doubt
from pipeline.services.advising import Choices, cause_sentence, steps_for
from pipeline.services.wording import explain

pytestmark = pytest.mark.unit

DOCUMENT = "i0000001-d0002"
ALL = Choices(
    DOCUMENT, "i0000001", single=False, accept=True, reject=True, split_before=(4, 5), before="i0000001-d0001",
    after="i0000001-d0003",
)  # fmt: skip
CODES = sorted({*STACK_DOUBTS, REJOINED, *get_args(Trouble), "text-differs", "pdfa-not-reached", "attached-data"})


@pytest.mark.parametrize("code", CODES)
def test_every_cause_says_what_to_look_at_what_accepting_means_and_when_to_give_back(code: str) -> None:
    steps = steps_for(ALL, [Doubt(code, 4, "Etwas ist.")])
    assert steps[0].verb == "look"
    assert {"look", "accept", "reject"} <= {step.verb for step in steps}
    assert all(step.sentence.endswith((".", "?")) for step in steps)
    assert all("{" not in step.sentence + step.command for step in steps)
    assert explain(code).title != code


@pytest.mark.parametrize("code", sorted(STACK_DOUBTS))
def test_a_doubt_about_the_stack_says_when_to_split(code: str) -> None:
    (split,) = [step for step in steps_for(ALL, [Doubt(code, 4, "x")]) if step.verb == "split"]
    assert f"poststrasse documents split {DOCUMENT} --before 4 " in split.command
    assert ("--separator" in split.command) == (code == "separator-doubt")


def test_a_page_that_was_left_out_can_be_taken_back_and_a_separator_be_left_out() -> None:
    choices = replace(ALL, keep=(3,), drop_separator=(4, 5))
    steps = {step.verb: step for step in steps_for(choices, [Doubt("separator-doubt", 4, "x")])}
    assert steps["keep"].sentence == "Weggelassen ist Seite 3. Gehört sie zum Brief: zurücknehmen."
    assert f"documents keep-page {DOCUMENT} --page 3 --who" in steps["keep"].command
    assert f"documents drop-page {DOCUMENT} --page 4 --as separator --who" in steps["drop"].command
    assert f"documents split {DOCUMENT} --before 4 --separator --who" in steps["split"].command
    several = {step.verb: step for step in steps_for(replace(choices, keep=(3, 6)), [Doubt("sheet-count", None, "x")])}
    assert "sind die Seiten 3, 6. Gehört eine davon" in several["keep"].sentence
    assert "--page SEITE" in several["keep"].command
    assert "drop" not in several
    assert "--separator" not in several["split"].command


def test_neighbours_are_named_in_the_order_of_the_stack() -> None:
    merges = [step.command for step in steps_for(ALL, [Doubt("sheet-count", None, "x")]) if step.verb == "merge"]
    assert [re.findall(r"d\d{4}", command) for command in merges] == [["d0001", "d0002"], ["d0002", "d0003"]]


def test_only_what_is_possible_is_offered() -> None:
    verbs = [
        step.verb for step in steps_for(Choices(DOCUMENT, "i0000001", reject=True), [Doubt("rejoined", None, "x")])
    ]
    assert verbs == ["look", "reject"]
    assert steps_for(Choices(DOCUMENT, "i0000001"), [Doubt("rejoined", None, "x")]) == ()


@pytest.mark.parametrize(("single", "words"), [(True, "Die ganze Datei"), (False, "Nur dieses Dokument")])
def test_it_is_said_how_much_goes_back(single: bool, words: str) -> None:
    choices = Choices(DOCUMENT, "i0000001", single=single, reject=True)
    assert words in steps_for(choices, [Doubt("low-confidence", 2, "x")])[-1].sentence


def test_several_causes_share_a_step_where_they_say_the_same() -> None:
    steps = steps_for(ALL, [Doubt("low-confidence", page, "x") for page in (2, 3)])
    assert len([step for step in steps if step.verb == "accept"]) == 1


def test_of_two_doubtful_pages_each_is_asked_about_and_has_its_cut() -> None:
    steps = steps_for(ALL, [Doubt("separator-doubt", page, "x") for page in (4, 5)])
    looks = [step.sentence for step in steps if step.verb == "look"]
    assert [f"Seite {page} ein Trennblatt" in look for page, look in zip((4, 5), looks, strict=True)] == [True, True]
    cuts = [step for step in steps if step.verb == "split"]
    assert [f"--before {page} " in cut.command for page, cut in zip((4, 5), cuts, strict=True)] == [True, True]
    assert [f"Seite {page} ist ein" in cut.sentence for page, cut in zip((4, 5), cuts, strict=True)] == [True, True]


def test_a_cut_without_a_page_leaves_its_place_open() -> None:
    steps = steps_for(ALL, [Doubt("rejoined", None, "x")])
    assert "--before SEITE" in next(step.command for step in steps if step.verb == "split")


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_what_can_never_be_packed_is_only_given_back(code: str) -> None:
    assert [step.verb for step in steps_for(ALL, [Doubt(code, None, "x")])] == ["look", "reject"]


def test_what_failed_is_tried_again_with_its_remedy() -> None:
    choices = Choices(DOCUMENT, "i0000001", reject=True, retry=True)
    steps = steps_for(choices, [Doubt("disk-full", None, "x")])
    (retry,) = [step for step in steps if step.verb == "retry"]
    assert retry.sentence.startswith("Platz schaffen")
    assert retry.command.startswith("poststrasse inbox retry i0000001 ")


def test_a_page_is_named_once() -> None:
    assert cause_sentence(Doubt("x", 3, "Seite 3: Unsicher.")) == "Seite 3: Unsicher."
    assert cause_sentence(Doubt("x", 3, "Unsicher.")) == "Seite 3: Unsicher."
    assert cause_sentence(Doubt("x", None, "Unsicher.")) == "Unsicher."
