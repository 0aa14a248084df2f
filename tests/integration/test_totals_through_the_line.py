"""Any multiset of letters: ledger, lists, manifests, volumes and sums say the same, through the real services."""

from __future__ import annotations

import csv
import json
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.adapters.ledger import open_ledger
from pipeline.adapters.ledger.records import NewIntake
from pipeline.adapters.papers.batch_folder import PaperFiles
from pipeline.adapters.profile_files import load_profiles
from pipeline.adapters.spool import Spool
from pipeline.adapters.volumes.readback import verify_volume
from pipeline.adapters.volumes.volume_pdf import write_volume
from pipeline.domain.checked_geometry import CheckedGeometry
from pipeline.domain.ids import piece_id
from pipeline.domain.pieces import Piece
from pipeline.domain.preparing import prepare_piece
from pipeline.domain.profiles import Plex
from pipeline.domain.states import Kind
from pipeline.services.assembling import assemble
from pipeline.services.auditing import audit
from pipeline.services.ports import Line
from tests.volume_examples import slice_pdf
from workers.performing import Performer

pytestmark = pytest.mark.integration

PROFILES = load_profiles(Path(__file__).resolve().parents[2] / "profiles")


class UnconfinedVolumes:
    """The real writer and reader, in this process: the letters are our own."""

    def write(self, machine: Any, number: int, pieces: Any, out_pdf: Path) -> Any:
        return write_volume(machine, number, pieces, str(out_pdf))

    def read_back(self, pdf: Path, machine: Any, plex: Any, rows: Any, batch_number: int, pieces: Any) -> Any:
        return verify_volume(str(pdf), machine, plex, rows, batch_number=batch_number, pieces=pieces)


class Letter(NamedTuple):
    municipality: str
    job: str
    pages: int
    plex: Plex
    country: str
    postcode: str
    cost_centre: str


letters = st.lists(
    st.builds(
        Letter,
        st.sampled_from(sorted(PROFILES.municipalities)),
        st.sampled_from(["letters", "tax-notices", "reminders"]),
        st.integers(1, 9),
        st.sampled_from(["simplex", "duplex"]),
        st.sampled_from(["DE", "DE", "DE", "AT"]),
        st.sampled_from(["19053", "01067", "19370", "99999", "19055"]),
        st.sampled_from(["1", "=2+2", "Öff"]),
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(letters)
def test_all_sums_agree(given_letters: list[Letter]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        line = line_in(Path(folder))
        try:
            fill(line, given_letters)
            batches = assemble(line, "test")
            work(line)
            check(line, batches, given_letters)
        finally:
            line.ledger.close()


def line_in(folder: Path) -> Line:
    spool = Spool(folder / "root")
    spool.prepare(PROFILES)
    nothing: Any = None
    ticks = iter(range(1_770_000_000_000, 1_790_000_000_000, 1000))
    return Line(
        open_ledger(f"sqlite:///{folder / 'ledger.sqlite3'}"), spool, PROFILES, nothing, nothing,
        UnconfinedVolumes(), PaperFiles(), lambda: next(ticks), "test",
    )  # fmt: skip


def fill(line: Line, given_letters: list[Letter]) -> None:
    """One intake for each letter, with its normalised pages, read to the end."""
    for n, letter in enumerate(given_letters, 1):
        job = PROFILES.jobs[letter.job]
        assert job.outgoing is not None
        new = NewIntake(
            f"t{n}", letter.municipality, letter.job, "outgoing", "file", "a.pdf", b"a", "0" * 64, 1, 1, False
        )
        intake = line.ledger.register_intake(new, "test", 1)
        slice_id = f"{intake.id}-s0001"
        prepared = prepare_piece(
            pages=letter.pages, plex=letter.plex, form="B", rules=job.outgoing, profiles=PROFILES,
            country=letter.country, on=date(2026, 3, 1), enclosures=(),
        )  # fmt: skip
        target = line.spool.slice_letters(slice_id)
        target.parent.mkdir(parents=True)
        slice_pdf(target, [f"letter {n} page {page}" for page in range(1, letter.pages + 1)], hostile=False)
        piece = Piece(
            id=piece_id(intake.id, 1), intake=intake.id, arrival=(intake.number, 1), file="a.pdf",
            municipality=letter.municipality, cost_centre=letter.cost_centre, reference="", slice_id=slice_id,
            slice_first_page=1, source_first_page=1, source_last_page=letter.pages, pages=letter.pages,
            sheets=prepared.sheets, plex=letter.plex, form="B", machine=prepared.machine, envelope=prepared.envelope,
            paper=prepared.paper, enclosures=(), weight_mg=prepared.weight_mg, product=prepared.product,
            postage_cent=prepared.postage_cent, country=letter.country, postcode=letter.postcode,
            geometry=CheckedGeometry(PROFILES).of(job.id, prepared.machine, prepared.envelope, "B"),
        )  # fmt: skip
        part = {"id": slice_id, "intake": intake.id, "task": "read-letters", "ordinal": 1}
        with line.ledger.work("test", 1) as transaction:
            transaction.add(Kind.SLICE, [{**part, "first_page": 1, "last_page": letter.pages}])
            transaction.add_pieces([piece])
            transaction.move_all(Kind.SLICE, [slice_id], "done")
            transaction.move(intake.unit, "planned", pages=letter.pages)
            transaction.move(intake.unit, "done")


def work(line: Line) -> None:
    performer = Performer(line, "test", 600)
    for _ in range(100):
        with line.ledger.reading() as read:
            due = read.due(2_000_000_000_000)
        if not due:
            return
        for unit in due:
            performer.perform(unit)
    raise AssertionError("the work does not end")


def check(line: Line, batches: list[str], given_letters: list[Letter]) -> None:
    broken = [(promise.name, promise.broken) for promise in audit(line) if not promise.kept]
    assert broken == []
    owners: Counter[str] = Counter()
    sheets = postage = 0
    for batch in batches:
        folder = line.spool.batches / batch
        told = json.loads((folder / "batch.json").read_text())
        pdf_pages = 0
        for volume in told["volumes"]:
            with pikepdf.open(folder / volume["file"]) as pdf:
                assert len(pdf.pages) == volume["file_pages"]
                pdf_pages += volume["pages"]
        with (folder / "pieces.csv").open(newline="", encoding="utf-8") as opened:
            pieces = list(csv.DictReader(opened))
        assert sum(int(row["pages"]) for row in pieces) == pdf_pages == told["totals"]["pages"]
        owners.update(row["municipality"] for row in pieces)
        sheets += sum(int(row["sheets"]) for row in pieces)
        postage += sum(int(row["postage_cent"]) for row in pieces)
        assert not any(row["cost_centre"].startswith("=") for row in pieces), "a cell that starts a formula"
    assert owners == Counter(letter.municipality for letter in given_letters)
    wanted = [letter.pages if letter.plex == "simplex" else (letter.pages + 1) // 2 for letter in given_letters]
    assert sheets == sum(wanted)
    with line.ledger.reading() as read:
        assert postage == sum(batch.postage_cent for batch in read.batches())
