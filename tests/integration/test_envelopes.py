"""Letters joined, divided, on letterheads, with mixed sheets, through the real services: nothing lost, sums agree."""

from __future__ import annotations

import csv
import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pikepdf
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.adapters.ledger import open_ledger
from pipeline.adapters.ledger.records import NewIntake
from pipeline.adapters.letters.letterhead import prepare_letterhead
from pipeline.adapters.papers.batch_folder import PaperFiles
from pipeline.adapters.profile_files import load_profiles
from pipeline.adapters.spool import Spool
from pipeline.domain.address import PostalAddress
from pipeline.domain.checked_geometry import CheckedGeometry
from pipeline.domain.errors import Permanent
from pipeline.domain.joining_rules import JoiningRules
from pipeline.domain.pages import FlatFinding, LetterRange, LetterReading
from pipeline.domain.pieces import Piece
from pipeline.domain.profiles import Profiles
from pipeline.domain.states import Kind, Unit
from pipeline.services.assembling import assemble
from pipeline.services.auditing import audit
from pipeline.services.deciding import Decision, cancel_batch
from pipeline.services.deciding_pieces import decide_piece
from pipeline.services.finding_pieces import piece_view, pieces_between
from pipeline.services.making_pieces import Origin, letterhead_key, make_pieces
from pipeline.services.ports import Line
from pipeline.services.verifying import rebuild_batch, verify_batch
from tests.integration.test_totals_through_the_line import UnconfinedVolumes, work
from tests.volume_examples import slice_pdf

pytestmark = pytest.mark.integration

SHIPPED = load_profiles(Path(__file__).resolve().parents[2] / "profiles")
BY = Decision("M. Schulz", "falsch sortiert")
ON = date(2026, 3, 2)


def profiles_with(**outgoing: Any) -> Profiles:
    """The shipped profiles, the job `letters` with other rules."""
    job = SHIPPED.jobs["letters"]
    assert job.outgoing is not None
    rules = replace(job.outgoing, forms=("B",), **outgoing)
    return replace(SHIPPED, jobs={**SHIPPED.jobs, "letters": replace(job, outgoing=rules)})


class UnconfinedLetters:
    """Only what making pieces needs."""

    def letterhead(self, source: Path, places: Any, out_pdf: Path) -> None:
        prepare_letterhead(str(source), places, str(out_pdf))


class Clock:
    """Seconds from a day on, one a look."""

    def __init__(self, day: date) -> None:
        self.now = round(datetime(day.year, day.month, day.day, 9, tzinfo=UTC).timestamp() * 1000)

    def __call__(self) -> int:
        self.now += 1000
        return self.now


class Letter(NamedTuple):
    municipality: str
    pages: int
    name: str
    cost_centre: str = "1"
    plex: str = "simplex"
    ranges: tuple[str, ...] = ()
    job: str = "letters"
    sender: str = ""
    endorsements: str = ""
    flat: FlatFinding | None = None
    enclosures: tuple[int, ...] | None = None


def line_in(folder: Path, profiles: Profiles, day: date = ON) -> Line:
    spool = Spool(folder / "root")
    spool.prepare(profiles)
    tools: Any = UnconfinedLetters()
    nothing: Any = None
    return Line(
        open_ledger(f"sqlite:///{folder / 'ledger.sqlite3'}"), spool, profiles, nothing, tools,
        UnconfinedVolumes(), PaperFiles(), Clock(day), "test",
    )  # fmt: skip


def read_in(line: Line, letter: Letter, number: int) -> list[Piece]:
    """One file with one letter, read to its end as the steps would do it."""
    municipality, job = line.profiles.municipalities[letter.municipality], line.profiles.jobs[letter.job]
    assert job.outgoing is not None
    new = NewIntake(
        f"t{number}", letter.municipality, letter.job, "outgoing", "file", f"{number}.pdf", b"a", "0" * 64, 1, 1, False
    )
    intake = line.ledger.register_intake(new, "test", line.now_ms())
    with line.ledger.work("test", line.now_ms()) as transaction:
        transaction.change(intake.unit, facts='{"remarks": []}')
    with line.ledger.reading() as read:
        found = read.intake(intake.id)
        assert found is not None
    slice_id = f"{intake.id}-s0001"
    target = line.spool.slice_letters(slice_id)
    target.parent.mkdir(parents=True)
    texts = [f"letter {number} page {page}" for page in range(1, letter.pages + 1)]
    slice_pdf(target, texts, hostile=False)
    work_folder = line.spool.work_folder(Unit(Kind.SLICE, slice_id), 1)
    head = letterhead_key(line, municipality, job.outgoing, work_folder)
    address = PostalAddress((letter.name, "Weg 1", "19053 Schwerin"), "19053", "Schwerin")
    reading = LetterReading(
        LetterRange(1, 1, letter.pages), 1, address, "B",
        sender=letter.sender, endorsements=letter.endorsements, flat=letter.flat,
    )  # fmt: skip
    ticket = {
        "plex": letter.plex,
        "plex_ranges": list(letter.ranges),
        "enclosures": letter.enclosures,
        "cost_centre": letter.cost_centre,
        "reference": f"Az {number}",
        "due": None,
    }
    pieces = make_pieces(
        line,
        Origin(found, municipality, job, job.outgoing, slice_id, ON, head, CheckedGeometry(line.profiles)),
        reading,
        ticket,
    )
    part = {"id": slice_id, "intake": intake.id, "task": "read-letters", "ordinal": 1}
    with line.ledger.work("test", line.now_ms()) as transaction:
        transaction.add(Kind.SLICE, [{**part, "first_page": 1, "last_page": letter.pages}])
        transaction.add_pieces(pieces)
        transaction.move_all(Kind.SLICE, [slice_id], "done")
        transaction.move(intake.unit, "planned", pages=letter.pages)
        transaction.move(intake.unit, "done")
    return pieces


@pytest.fixture
def joining(tmp_path: Path) -> Iterator[Line]:
    line = line_in(tmp_path, profiles_with(joining=JoiningRules(join=True), overflow="split"))
    yield line
    line.ledger.close()


def kept(line: Line) -> None:
    assert [(promise.name, promise.broken) for promise in audit(line) if not promise.kept] == []


def rows_of(line: Line, batch: str) -> list[dict[str, str]]:
    with (line.spool.batches / batch / "pieces.csv").open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def shown(line: Line, batch: str) -> list[str]:
    """What stands on the pages of a batch's volumes, in order; nothing for blank ones."""
    found = []
    for path in sorted((line.spool.batches / batch).glob("*.pdf")):
        if "-v" not in path.name:
            continue
        document = pypdfium2.PdfDocument(path)
        found += [page.get_textpage().get_text_range().split(",")[0].strip() for page in document]
        document.close()
    return found


def test_two_letters_of_one_recipient_lie_in_one_envelope(joining: Line) -> None:
    read_in(joining, Letter("schwerin", 2, "Erika Muster"), 1)
    read_in(joining, Letter("schwerin", 1, "Max Muster"), 2)
    read_in(joining, Letter("schwerin", 1, "ERIKA MUSTER"), 3)
    read_in(joining, Letter("parchim", 1, "Erika Muster"), 4)
    (batch,) = assemble(joining, "test")
    work(joining)
    kept(joining)
    rows = rows_of(joining, batch)
    assert [row["letters"] for row in rows] == ["i0000001:1-2+i0000003:1-1", "", ""]
    assert rows[0]["sheets"] == "3"
    assert rows[0]["weight_g"] == f"{(4900 + 3 * 4990) / 1000:.3f}"
    assert shown(joining, batch) == [
        *("letter 1 page 1", "letter 1 page 2", "letter 3 page 1"),
        *("letter 2 page 1", "letter 4 page 1"),
    ]
    manifest = json.loads((joining.spool.batches / batch / "manifests" / "schwerin.json").read_text())
    (first, _) = manifest["pieces"]
    assert [(one["intake"], one["reference"]) for one in first["letters"]] == [
        ("i0000001", "Az 1"),
        ("i0000003", "Az 3"),
    ]
    assert [note["code"] for note in first["notes"]] == ["joined"]
    assert manifest["totals"]["postage_cent"] == 95 * 2
    with joining.ledger.reading() as read:
        (where,) = pieces_between(read, batch, 3, 3)
        assert [one.id for one in where.letters] == ["i0000001-p000001", "i0000003-p000001"]
        letter = piece_view(joining, read, "i0000003-p000001")
        assert (letter.state, letter.batch, letter.piece, letter.joined_to) == ("joined", batch, 1, "j0000001")
    assert all(check.ok for check in rebuild_batch(joining, batch))


def test_a_letter_that_is_not_kept_any_more_is_told_wherever_it_lies_in_its_envelope(joining: Line) -> None:
    read_in(joining, Letter("schwerin", 2, "Erika Muster"), 1)
    read_in(joining, Letter("schwerin", 1, "Erika Muster"), 2)
    (batch,) = assemble(joining, "test")
    work(joining)
    joining.spool.slice_letters("i0000002-s0001").unlink()
    for checked in (rebuild_batch(joining, batch), verify_batch(joining, batch)[-1:]):
        (check,) = checked
        assert not check.ok
        assert check.faults == ("its letters are not kept any more: 1 working file(s) are gone",)


def test_letters_of_two_offices_are_not_joined_though_the_municipality_is_one(joining: Line) -> None:
    youth, health = "Jugendamt Schwerin · Am Packhof 2 · 19053 Schwerin", "Gesundheitsamt · Weg 1 · 19288 Ludwigslust"
    for number, sender in enumerate((youth, health, youth, ""), 1):
        read_in(joining, Letter("schwerin", 1, "Erika Muster", sender=sender), number)
    (batch,) = assemble(joining, "test")
    work(joining)
    kept(joining)
    told = sorted(row["letters"] for row in rows_of(joining, batch))
    assert told == ["", "", "i0000001:1-1+i0000003:1-1"]


def test_an_endorsement_is_not_swallowed_by_a_plain_letters_envelope(joining: Line) -> None:
    for number, endorsements in enumerate(("", "persönlich", "", "persönlich", "nicht nachsenden!"), 1):
        read_in(joining, Letter("schwerin", 1, "Erika Muster", endorsements=endorsements), number)
    (batch,) = assemble(joining, "test")
    work(joining)
    kept(joining)
    told = sorted(row["letters"] for row in rows_of(joining, batch))
    assert told == ["", "i0000001:1-1+i0000003:1-1", "i0000002:1-1+i0000004:1-1"]


def test_a_cancelled_batch_gives_each_letter_back_and_they_are_joined_again(joining: Line) -> None:
    before = [read_in(joining, Letter("schwerin", 1, "Erika Muster"), n)[0] for n in (1, 2, 3)]
    (batch,) = assemble(joining, "test")
    assert cancel_batch(joining, batch, BY) == 3
    with joining.ledger.reading() as read:
        assert list(read.pieces()) == before
        assert read.counts(Kind.PIECE) == {("schwerin", "pooled"): 3, ("schwerin", "dissolved"): 1}
    decide_piece(joining, "hold", "i0000002-p000001", BY)
    (again,) = assemble(joining, "test")
    work(joining)
    kept(joining)
    assert [row["letters"] for row in rows_of(joining, again)] == ["i0000001:1-1+i0000003:1-1"]


def test_the_ledger_tells_no_name_and_another_root_has_other_keys(joining: Line, tmp_path: Path) -> None:
    (piece,) = read_in(joining, Letter("schwerin", 1, "Erika Muster"), 1)
    assert len(piece.recipient) == 64
    (tmp_path / "other").mkdir()
    other = line_in(tmp_path / "other", joining.profiles)
    try:
        assert read_in(other, Letter("schwerin", 1, "Erika Muster"), 1)[0].recipient != piece.recipient
    finally:
        other.ledger.close()
    for path in tmp_path.rglob("*.sqlite3*"):
        assert b"Muster" not in path.read_bytes()
    assert (joining.spool.private / "recipient.key").stat().st_mode & 0o077 == 0


def test_a_job_that_does_not_join_keeps_no_key(tmp_path: Path) -> None:
    line = line_in(tmp_path, SHIPPED)
    try:
        assert read_in(line, Letter("schwerin", 1, "Erika Muster"), 1)[0].recipient == ""
        assert not (line.spool.private / "recipient.key").exists()
    finally:
        line.ledger.close()


def test_a_letter_over_several_envelopes_shows_its_address_in_each(joining: Line) -> None:
    pieces = read_in(joining, Letter("schwerin", 11, "Erika Muster"), 1)
    assert [piece.id for piece in pieces] == ["i0000001-p000001", "i0000001-p000001-2", "i0000001-p000001-3"]
    (batch,) = assemble(joining, "test")
    work(joining)
    kept(joining)
    page = "letter 1 page {}".format
    assert shown(joining, batch) == [  # a batch is in the order of its products: the thin part is a standard letter
        *(page(n) for n in (1, 10, 11)),
        *(page(n) for n in (1, 2, 3, 4, 5)),
        *(page(n) for n in (1, 6, 7, 8, 9)),
    ]
    rows = sorted(rows_of(joining, batch), key=lambda row: row["part"])
    assert [(row["part"], row["source_first_page"], row["source_last_page"], row["sheets"]) for row in rows] == [
        ("1/3", "1", "5", "5"),
        ("2/3", "6", "9", "5"),
        ("3/3", "10", "11", "3"),
    ]
    assert all(check.ok for check in rebuild_batch(joining, batch))


def test_a_divided_letter_is_held_and_pulled_as_a_whole(joining: Line) -> None:
    pieces = read_in(joining, Letter("schwerin", 11, "Erika Muster"), 1)
    decide_piece(joining, "hold", pieces[1].id, BY)
    assert assemble(joining, "test") == []
    decide_piece(joining, "pull", pieces[0].id, BY)
    with joining.ledger.reading() as read:
        assert read.counts(Kind.PIECE) == {("schwerin", "pulled"): 3}
    kept(joining)


def test_sheets_by_page_range_on_a_letterhead(tmp_path: Path) -> None:
    line = line_in(tmp_path, SHIPPED)
    try:
        letter = Letter("schwerin", 5, "Erika Muster", ranges=("3- duplex",), job="letters-letterhead")
        (piece,) = read_in(line, letter, 1)
        assert (piece.sheets, piece.plex, piece.layout) == (4, "duplex", (1, 1, 2, 1))
        (batch,) = assemble(line, "test")
        work(line)
        kept(line)
        with pikepdf.open(line.spool.batches / batch / f"{batch}-v01.pdf") as pdf:
            heads = ["/XObject" in p.Resources and "/Letterhead" in p.Resources.XObject for p in pdf.pages]
            blank = ["/Contents" not in p for p in pdf.pages]
        assert heads == [True, False, True, False, True, True, True, False]
        assert blank == [False, True, False, True, False, False, False, True]
        # The letterhead changes: what exists is rebuilt with the old one.
        changed = replace(line.profiles, letterheads={}, sha256="f" * 64)
        assert all(check.ok for check in rebuild_batch(replace(line, profiles=changed), batch))
        line.spool.letterhead(piece.letterhead).unlink()
        (check,) = rebuild_batch(line, batch)
        assert check.faults == ("its letters are not kept any more: 1 working file(s) are gone",)
    finally:
        line.ledger.close()


def test_the_price_is_that_of_the_posting_day(tmp_path: Path) -> None:
    dearer = tuple(
        made
        for product in SHIPPED.postage.products
        for made in (
            replace(product, valid_to=date(2026, 3, 3)),
            replace(product, valid_from=date(2026, 3, 4), price_cent=product.price_cent + 10),
        )
        if made.valid_from <= made.valid_to
    )
    table = replace(SHIPPED.postage, products=dearer)
    line = line_in(tmp_path, replace(SHIPPED, postage=table), date(2026, 3, 4))
    try:
        (piece,) = read_in(line, Letter("schwerin", 1, "Erika Muster"), 1)
        assert piece.postage_cent == 95  # priced for the second of March
        (batch,) = assemble(line, "test")
        work(line)
        kept(line)
        assert [row["postage_cent"] for row in rows_of(line, batch)] == ["105"]
        manifest = json.loads((line.spool.batches / batch / "manifests" / "schwerin.json").read_text())
        assert [note["code"] for note in manifest["pieces"][0]["notes"]] == ["price-of-posting-day"]
    finally:
        line.ledger.close()


def test_without_prices_for_the_posting_day_the_letters_wait_in_the_pool(tmp_path: Path) -> None:
    line = line_in(tmp_path, SHIPPED, date(2027, 6, 1))
    try:
        read_in(line, Letter("schwerin", 1, "Erika Muster"), 1)
        with pytest.raises(Permanent) as waits:
            assemble(line, "test")
        assert waits.value.code == "postage-table-expired"
        with line.ledger.reading() as read:
            assert read.counts(Kind.PIECE) == {("schwerin", "pooled"): 1}
            assert read.batches() == []
    finally:
        line.ledger.close()


def test_a_pool_that_can_not_be_priced_does_not_hold_up_the_others(tmp_path: Path) -> None:
    line = line_in(tmp_path, SHIPPED)
    try:
        read_in(line, Letter("schwerin", 1, "Erika Muster"), 1)
        read_in(line, Letter("schwerin", 12, "Max Muster"), 2)  # flat
        old = replace(SHIPPED.envelopes["c4"], valid_to=date(2026, 3, 1))
        spoilt = replace(line, profiles=replace(SHIPPED, envelopes={**SHIPPED.envelopes, "c4": old}))
        with pytest.raises(Permanent) as waits:
            assemble(spoilt, "test")
        assert waits.value.code == "stock-expired"
        with line.ledger.reading() as read:
            assert read.counts(Kind.PIECE) == {("schwerin", "batched"): 1, ("schwerin", "pooled"): 1}
        assert len(assemble(line, "test")) == 1
    finally:
        line.ledger.close()


letters = st.lists(
    st.builds(
        Letter,
        st.sampled_from(["schwerin", "parchim"]),
        st.integers(1, 13),
        st.sampled_from(["Erika Muster", "Max Muster"]),
        st.sampled_from(["1", "2"]),
        st.sampled_from(["simplex", "duplex"]),
        st.sampled_from([(), (), ("1 simplex",), ("3- duplex",), ("1 simplex", "2-4 duplex", "5- simplex")]),
        st.just("letters"),
        sender=st.just(""),
        endorsements=st.just(""),
        flat=st.none(),
        enclosures=st.none(),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(letters)
def test_any_letters_each_page_is_printed_once_and_sums_agree(given_letters: list[Letter]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        line = line_in(Path(folder), profiles_with(joining=JoiningRules(join=True), overflow="split"))
        try:
            for number, letter in enumerate(given_letters, start=1):
                read_in(line, letter, number)
            batches = assemble(line, "test")
            work(line)
            kept(line)
            printed = Counter(text for batch in batches for text in shown(line, batch) if text)
            rows = [row for batch in batches for row in rows_of(line, batch)]
            copies = Counter(
                f"letter {int(row['intake'][1:])} page 1" for row in rows if row["part"] and row["part"][0] != "1"
            )
            wanted = Counter(
                f"letter {number} page {page}"
                for number, letter in enumerate(given_letters, start=1)
                for page in range(1, letter.pages + 1)
            )
            assert printed == wanted + copies
            for row in rows:
                inside = [part.partition(":")[0] for part in row["letters"].split("+") if part] or [row["intake"]]
                members = [given_letters[int(intake[1:]) - 1] for intake in inside]
                assert len({(one.municipality, one.name, one.cost_centre) for one in members}) == 1
                assert inside == sorted(inside)
                weight_mg = {"c65": 4900, "c4": 20000}[row["envelope"]] + 4990 * int(row["sheets"])
                assert row["weight_g"] == f"{weight_mg / 1000:.3f}"
        finally:
            line.ledger.close()
