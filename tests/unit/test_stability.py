"""When a dropped file counts as complete."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.stability import Fingerprint, Observation, Ready, StabilityTracker, Verdict

pytestmark = pytest.mark.unit

SHARE = b"/inbox/parchim"
FOLDER = SHARE + b"/letters/"
FILE = FOLDER + b"brief.pdf"
TICKET = FOLDER + b"brief.pdf.ticket.toml"
SHORT_TICKET = FOLDER + b"brief.ticket.json"
PLAIN = Fingerprint(size=1000, mtime_ns=7, ctime_ns=8, inode=9)
EMPTY = Fingerprint(size=0, mtime_ns=7, ctime_ns=8, inode=9)


def seen(path: bytes = FILE, fingerprint: Fingerprint = PLAIN, *, ignored: bool = False) -> Observation:
    return Observation(path, fingerprint, settle_s=10.0, ignored=ignored)


def ready_paths(verdict: Verdict) -> list[bytes]:
    return [each.path for each in verdict.ready]


def test_a_file_is_ready_when_nothing_changed_over_its_window() -> None:
    tracker = StabilityTracker()
    first = tracker.observe([seen()], 100.0)
    assert (first.ready, first.pending, first.next_due_s) == ((), (FILE,), 110.0)
    assert tracker.observe([seen()], 109.9).ready == ()
    last = tracker.observe([seen()], 110.0)
    assert last.ready == (Ready(FILE, None, empty=False),)
    assert (last.pending, last.next_due_s) == ((), None)


def test_files_present_at_the_start_go_through_the_same_door() -> None:
    # Their times lie far in the past; that proves nothing, for they are compared with each other only.
    old = replace(PLAIN, mtime_ns=0, ctime_ns=0)
    assert StabilityTracker().observe([seen(fingerprint=old)], 1e9).ready == ()


def test_one_look_is_never_enough_even_without_a_window() -> None:
    tracker = StabilityTracker()
    at_once = Observation(FILE, PLAIN, settle_s=0.0)
    first = tracker.observe([at_once], 5.0)
    assert (first.ready, first.next_due_s) == ((), 5.0)
    assert ready_paths(tracker.observe([at_once], 5.0)) == [FILE]


def test_two_looks_at_the_same_path_in_one_scan_count_once() -> None:
    at_once = Observation(FILE, PLAIN, settle_s=0.0)
    assert StabilityTracker().observe([at_once, at_once], 5.0).ready == ()


@pytest.mark.parametrize("part", ["size", "mtime_ns", "ctime_ns", "inode"])
def test_any_change_starts_the_window_again(part: str) -> None:
    tracker = StabilityTracker()
    tracker.observe([seen()], 0.0)
    changed = replace(PLAIN, **{part: 5})
    assert tracker.observe([seen(fingerprint=changed)], 9.0).next_due_s == 19.0
    assert tracker.observe([seen(fingerprint=changed)], 18.0).ready == ()
    assert ready_paths(tracker.observe([seen(fingerprint=changed)], 19.0)) == [FILE]


def test_a_scanner_that_appends_pages_is_waited_for() -> None:
    tracker = StabilityTracker()
    for page in range(20):
        grown = replace(PLAIN, size=1000 + page)
        assert tracker.observe([seen(fingerprint=grown)], page * 8.0).ready == ()
    assert ready_paths(tracker.observe([seen(fingerprint=grown)], 19 * 8.0 + 10)) == [FILE]


def test_a_change_and_back_again_is_a_change() -> None:
    tracker = StabilityTracker()
    tracker.observe([seen()], 0.0)
    tracker.observe([seen(fingerprint=replace(PLAIN, size=1))], 5.0)
    tracker.observe([seen()], 10.0)
    assert tracker.observe([seen()], 15.0).ready == ()


def test_an_empty_file_waits_longer_and_says_so() -> None:
    tracker = StabilityTracker(patience=3.0)
    tracker.observe([seen(fingerprint=EMPTY)], 0.0)
    assert tracker.observe([seen(fingerprint=EMPTY)], 29.9).ready == ()
    assert tracker.observe([seen(fingerprint=EMPTY)], 30.0).ready == (Ready(FILE, None, empty=True),)


def test_what_is_gone_is_told_once_and_forgotten() -> None:
    tracker = StabilityTracker()
    tracker.observe([seen()], 0.0)
    assert tracker.observe([], 5.0).vanished == (FILE,)
    assert tracker.observe([], 6.0).vanished == ()
    assert tracker.observe([seen()], 20.0).ready == ()


def test_a_claimed_file_does_not_vanish_and_its_namesake_starts_anew() -> None:
    tracker = StabilityTracker()
    tracker.observe([seen()], 0.0)
    assert ready_paths(tracker.observe([seen()], 10.0)) == [FILE]
    tracker.forget([FILE])
    assert tracker.observe([], 11.0).vanished == ()
    assert tracker.observe([seen()], 12.0).ready == ()


@pytest.mark.parametrize("away", [b"/inbox", SHARE, SHARE + b"/", FOLDER.rstrip(b"/")])
def test_a_share_that_is_away_does_not_look_like_deleted_files(away: bytes) -> None:
    tracker = StabilityTracker()
    tracker.observe([seen()], 0.0)
    gone = tracker.observe([], 5.0, unseen=[away])
    assert (gone.vanished, gone.ready, gone.pending) == ((), (), ())
    # Back again: the sender may have been cut off too, so the window starts anew.
    assert tracker.observe([seen()], 50.0).ready == ()
    assert tracker.observe([seen()], 59.0).ready == ()
    assert ready_paths(tracker.observe([seen()], 60.0)) == [FILE]


def test_the_neighbour_of_a_share_that_is_away_goes_on() -> None:
    tracker = StabilityTracker()
    neighbour = b"/inbox/parchim-land/letters/a.pdf"
    tracker.observe([seen(), seen(neighbour)], 0.0)
    assert tracker.observe([], 5.0, unseen=[SHARE]).vanished == (neighbour,)


def test_ignored_files_never_become_ready_but_are_reported_when_they_stay() -> None:
    tracker = StabilityTracker(overdue_s=3600.0)
    part = FOLDER + b"brief.pdf.part"
    tracker.observe([seen(part, ignored=True)], 0.0)
    quiet = tracker.observe([seen(part, ignored=True)], 3600.0)
    assert (quiet.ready, quiet.pending, quiet.overdue_ignored) == ((), (), ())
    assert tracker.observe([seen(part, ignored=True)], 3600.1).overdue_ignored == (part,)
    # A copy that is still growing does not lie there.
    growing = replace(PLAIN, size=2000)
    assert tracker.observe([seen(part, growing, ignored=True)], 7300.0).overdue_ignored == ()
    assert tracker.observe([], 7400.0).vanished == ()


@pytest.mark.parametrize("ticket", [TICKET, SHORT_TICKET])
def test_a_file_waits_for_its_ticket(ticket: bytes) -> None:
    tracker = StabilityTracker()
    tracker.observe([seen()], 0.0)
    waiting = tracker.observe([seen(), seen(ticket)], 10.0)
    assert (waiting.ready, waiting.pending, waiting.next_due_s) == ((), (FILE,), 20.0)
    both = tracker.observe([seen(), seen(ticket)], 20.0)
    assert both.ready == (Ready(FILE, ticket, empty=False),)
    assert both.orphan_tickets == ()


def test_a_ticket_waits_for_its_file() -> None:
    tracker = StabilityTracker()
    tracker.observe([seen(TICKET)], 0.0)
    tracker.observe([seen(TICKET), seen()], 9.0)
    assert tracker.observe([seen(TICKET), seen()], 18.0).ready == ()
    assert tracker.observe([seen(TICKET), seen()], 19.0).ready == (Ready(FILE, TICKET, empty=False),)


def test_a_ticket_without_its_file_becomes_an_orphan_and_is_adopted_later() -> None:
    tracker = StabilityTracker(patience=3.0)
    tracker.observe([seen(TICKET)], 0.0)
    alone = tracker.observe([seen(TICKET)], 29.0)
    assert (alone.ready, alone.orphan_tickets) == ((), ())
    assert tracker.observe([seen(TICKET)], 30.0).orphan_tickets == (TICKET,)
    adopted = tracker.observe([seen(TICKET), seen()], 31.0)
    assert (adopted.orphan_tickets, adopted.pending) == ((), (FILE,))
    assert ready_paths(tracker.observe([seen(TICKET), seen()], 41.0)) == [FILE]


def test_a_ticket_of_another_folder_is_no_partner() -> None:
    tracker = StabilityTracker()
    elsewhere = SHARE + b"/tax-notices/brief.pdf.ticket.toml"
    tracker.observe([seen(), seen(elsewhere)], 0.0)
    verdict = tracker.observe([seen(), seen(elsewhere)], 30.0)
    assert verdict.ready == (Ready(FILE, None, empty=False),)
    assert verdict.orphan_tickets == (elsewhere,)


def test_the_full_name_counts_before_the_name_without_extension() -> None:
    tracker = StabilityTracker()
    plain, twin = FOLDER + b"brief", FOLDER + b"brief.pdf"
    entries = [seen(plain), seen(twin), seen(SHORT_TICKET)]
    tracker.observe(entries, 0.0)
    assert tracker.observe(entries, 10.0).ready == (
        Ready(plain, SHORT_TICKET, empty=False),
        Ready(twin, None, empty=False),
    )


@pytest.mark.parametrize(
    ("files", "tickets"),
    [
        ([FILE, FOLDER + b"brief.tif"], [SHORT_TICKET]),
        ([FILE], [TICKET, SHORT_TICKET]),
        ([FILE], [FOLDER + b"brief.pdf.ticket.json", TICKET]),
    ],
)
def test_files_whose_ticket_is_not_clear_wait_for_a_person(files: list[bytes], tickets: list[bytes]) -> None:
    tracker = StabilityTracker()
    entries = [seen(path) for path in [*files, *tickets]]
    tracker.observe(entries, 0.0)
    verdict = tracker.observe(entries, 1000.0)
    assert (verdict.ready, verdict.pending) == ((), ())
    assert list(verdict.blocked) == sorted(files)
    assert list(verdict.ambiguous_tickets) == sorted(tickets)
    assert verdict.next_due_s is None
    cleared = [seen(path) for path in [files[0], tickets[0]]]
    assert tracker.observe(cleared, 1001.0).ready == (Ready(files[0], tickets[0], empty=False),)


def test_an_ignored_ticket_is_no_ticket() -> None:
    tracker = StabilityTracker()
    entries = [seen(), seen(FOLDER + b"._brief.pdf.ticket.toml", ignored=True)]
    tracker.observe(entries, 0.0)
    assert tracker.observe(entries, 10.0).ready == (Ready(FILE, None, empty=False),)


def test_a_clock_that_runs_backwards_starts_every_window_again() -> None:
    tracker = StabilityTracker()
    tracker.observe([seen()], 1000.0)
    assert tracker.observe([seen()], 500.0).ready == ()
    assert tracker.observe([seen()], 509.0).ready == ()
    assert ready_paths(tracker.observe([seen()], 510.0)) == [FILE]


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="settle_s"):
        Observation(FILE, PLAIN, settle_s=-1.0)
    with pytest.raises(ValueError, match="settle_s"):
        Observation(FILE, PLAIN, settle_s=float("nan"))
    with pytest.raises(ValueError, match="patience"):
        StabilityTracker(patience=0.5)


NAMES = [b"a.pdf", b"b.pdf", b"c.pdf"]
# One scan: seconds since the last one, whether the share is there, and the size of each file (None: not there).
SCANS = st.lists(
    st.tuples(
        st.floats(min_value=0.0, max_value=12.0),
        st.integers(min_value=0, max_value=5),
        st.tuples(*[st.one_of(st.none(), st.integers(min_value=1, max_value=2)) for _ in NAMES]),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=300, deadline=None)
@given(SCANS)
def test_ready_means_unchanged_over_the_window_in_every_scan_of_it(
    scans: list[tuple[float, int, tuple[int | None, ...]]],
) -> None:
    tracker = StabilityTracker()
    now_s = 0.0
    history: list[tuple[float, bool, dict[bytes, int]]] = []
    for wait_s, share, sizes in scans:
        now_s += wait_s
        present = share > 0
        files = {FOLDER + n: s for n, s in zip(NAMES, sizes, strict=True) if s is not None} if present else {}
        history.append((now_s, present, files))
        observations = [seen(path, replace(PLAIN, size=size)) for path, size in files.items()]
        verdict = tracker.observe(observations, now_s, unseen=() if present else [SHARE])
        # The oracle walks back through what was really seen.
        for path, size in files.items():
            first_s, looks = now_s, 0
            for at_s, _there, then in reversed(history):
                if then.get(path) != size:
                    break
                first_s, looks = at_s, looks + 1
            expected = looks >= 2 and now_s >= first_s + 10.0
            assert (path in ready_paths(verdict)) == expected
            assert (path in verdict.pending) != expected
        assert ready_paths(verdict) == sorted(ready_paths(verdict))
        if not present:
            assert verdict.vanished == ()


INDEX = FOLDER + b"brief.pdf.index.csv"


def test_an_index_is_taken_with_its_file_and_with_its_ticket() -> None:
    tracker = StabilityTracker()
    entries = [seen(), seen(INDEX), seen(TICKET)]
    tracker.observe(entries, 0.0)
    assert tracker.observe(entries, 10.0).ready == (Ready(FILE, TICKET, empty=False, index=INDEX),)


def test_a_file_waits_until_its_index_is_complete() -> None:
    tracker = StabilityTracker()
    tracker.observe([seen()], 0.0)
    tracker.observe([seen(), seen(INDEX)], 8.0)
    verdict = tracker.observe([seen(), seen(INDEX)], 12.0)
    assert (verdict.ready, verdict.pending, verdict.next_due_s) == ((), (FILE,), 18.0)
    assert ready_paths(tracker.observe([seen(), seen(INDEX)], 18.0)) == [FILE]


def test_a_file_that_needs_an_index_is_given_more_time_for_it() -> None:
    tracker = StabilityTracker(patience=3.0)
    wanting = replace(seen(), needs_index=True)
    tracker.observe([wanting], 0.0)
    verdict = tracker.observe([wanting], 29.0)
    assert (verdict.pending, verdict.next_due_s) == ((FILE,), 30.0)
    tracker.observe([wanting, seen(INDEX)], 29.0)
    assert tracker.observe([wanting, seen(INDEX)], 39.0).ready == (Ready(FILE, None, empty=False, index=INDEX),)
    late = StabilityTracker(patience=3.0)
    late.observe([wanting], 0.0)
    assert late.observe([wanting], 30.0).ready == (Ready(FILE, None, empty=False),)


def test_an_index_alone_is_told_of_and_two_of_them_are_not_clear() -> None:
    tracker = StabilityTracker(patience=3.0)
    tracker.observe([seen(INDEX)], 0.0)
    verdict = tracker.observe([seen(INDEX)], 30.0)
    assert (verdict.ready, verdict.orphan_indexes, verdict.orphan_tickets) == ((), (INDEX,), ())
    entries = [seen(), seen(INDEX), seen(FOLDER + b"brief.index.csv")]
    tracker.observe(entries, 40.0)
    verdict = tracker.observe(entries, 1000.0)
    assert (verdict.ready, verdict.blocked) == ((), (FILE,))
    assert list(verdict.ambiguous_tickets) == sorted([INDEX, FOLDER + b"brief.index.csv"])
