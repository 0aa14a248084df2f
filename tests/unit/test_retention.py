"""Clocks of retention: nothing starts at the scan, everything at the archive's word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.retention import DAY_MS, DocumentEnd, copies_until_ms, paper_until_ms
from pipeline.domain.states import MOVES, Kind

pytestmark = pytest.mark.unit

DOCUMENT_STATES = sorted(MOVES[Kind.DOCUMENT])
INTAKE_STATES = sorted(MOVES[Kind.INTAKE])
TIMES = st.integers(0, 2**42)
ACKED = st.builds(DocumentEnd, st.just("acknowledged"), TIMES, TIMES)
ENDS = st.one_of(ACKED, st.builds(DocumentEnd, st.sampled_from(["rejected", "replaced"]), TIMES))
ANY = st.one_of(ENDS, st.builds(DocumentEnd, st.sampled_from(DOCUMENT_STATES), TIMES))


@given(st.lists(ENDS, min_size=1), TIMES, st.integers(0, 3650))
def test_copies_are_kept_for_the_whole_period_after_the_last_document_ended(
    documents: list[DocumentEnd], done_ms: int, days: int
) -> None:
    until_ms = copies_until_ms("done", done_ms, documents, days)
    if all(document.state == "replaced" for document in documents):
        assert until_ms is None
        return
    assert until_ms is not None
    for document in documents:
        assert document.ended_ms is not None
        assert until_ms - document.ended_ms >= days * DAY_MS
    assert until_ms - max(document.ended_ms or 0 for document in documents) == days * DAY_MS


@given(st.sampled_from(INTAKE_STATES), st.lists(ANY), TIMES, st.integers(0, 3650))
def test_one_document_that_is_not_acknowledged_keeps_the_copies_of_all(
    state: str, documents: list[DocumentEnd], changed_ms: int, days: int
) -> None:
    open_ones = [each for each in documents if each.state not in ("acknowledged", "rejected", "replaced")]
    unsaid = [each for each in documents if each.state == "acknowledged" and each.acknowledged_ms is None]
    until_ms = copies_until_ms(state, changed_ms, documents, days)
    if open_ones or unsaid or state not in ("done", "rejected"):
        assert until_ms is None


@given(st.lists(ENDS, min_size=1), TIMES, st.integers(0, 100), st.integers(0, 100))
def test_a_longer_period_never_ends_earlier(documents: list[DocumentEnd], done_ms: int, days: int, more: int) -> None:
    short, long = (copies_until_ms("done", done_ms, documents, each) for each in (days, days + more))
    assert (short is None and long is None) or (short or 0) <= (long or 0)


@given(ANY, st.integers(0, 3650))
def test_paper_is_free_only_after_an_acknowledgement(document: DocumentEnd, days: int) -> None:
    until_ms = paper_until_ms(document, days)
    if document.state != "acknowledged" or document.acknowledged_ms is None:
        assert until_ms is None
    else:
        assert until_ms == document.acknowledged_ms + days * DAY_MS


@pytest.mark.parametrize(
    ("state", "changed_ms", "documents", "expected"),
    [
        ("rejected", 5, [], 5 + 2 * DAY_MS),
        ("rejected", 5, [DocumentEnd("rejected", 9)], 9 + 2 * DAY_MS),
        ("done", 5, [], None),
        ("planned", 5, [DocumentEnd("acknowledged", 5, 5)], None),
        ("done", 5, [DocumentEnd("acknowledged", 99, 7)], 7 + 2 * DAY_MS),
        ("done", 5, [DocumentEnd("acknowledged", 6, 7), DocumentEnd("delivered", 6)], None),
        ("done", 5, [DocumentEnd("acknowledged", 6, 7), DocumentEnd("rejected", 8)], 8 + 2 * DAY_MS),
    ],
)
def test_the_table(state: str, changed_ms: int, documents: list[DocumentEnd], expected: int | None) -> None:
    assert copies_until_ms(state, changed_ms, documents, 2) == expected


def test_a_period_below_nothing_keeps_everything() -> None:
    assert copies_until_ms("done", 1, [DocumentEnd("acknowledged", 1, 1)], -1) is None
    assert paper_until_ms(DocumentEnd("acknowledged", 1, 1), -1) is None
