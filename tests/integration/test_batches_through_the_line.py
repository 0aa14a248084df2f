"""Any letters, any machine's wishes: each page on one sheet of one piece, in order, with sums that agree."""

from __future__ import annotations

import csv
import json
import tempfile
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

import pikepdf
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from pipeline.adapters.ledger.schema import pieces as piece_table
from pipeline.adapters.papers.batch_folder import PaperFiles
from pipeline.domain.errors import IllegalMove, Permanent
from pipeline.domain.papers import BatchPapers
from pipeline.domain.states import Kind, Unit
from pipeline.services.assembling import assemble
from pipeline.services.auditing import audit
from pipeline.services.closing_pools import pool_views
from pipeline.services.deciding import Decision, cancel_batch, release_batch, retry_batch
from pipeline.services.deciding_pieces import decide_piece
from pipeline.services.ports import Line
from pipeline.services.printing import sha256_of
from pipeline.services.recorded_profiles import record_of, recorded
from pipeline.services.showing import batch_detail, batch_of
from pipeline.services.verifying import rebuild_batch
from tests.integration.test_totals_through_the_line import PROFILES, Letter, UnconfinedVolumes, fill, line_in, work

pytestmark = pytest.mark.integration

BY = Decision("M. Schulz", "geprüft")
ROOT = Path(__file__).resolve().parents[2]


class Wish(NamedTuple):
    """What is asked for one letter beyond its pages."""

    letter: Letter
    due: str
    priority: int
    confidentiality: str
    apart: bool
    hold: bool
    pull: bool


wishes = st.lists(
    st.builds(
        Wish,
        st.builds(
            Letter,
            st.sampled_from(["schwerin", "parchim", "luebz"]),
            st.sampled_from(["letters", "tax-notices", "reminders"]),
            st.integers(1, 7),
            st.sampled_from(["simplex", "duplex"]),
            st.sampled_from(["DE", "DE", "DE", "AT"]),
            st.sampled_from(["19053", "01067", "19370", "99999", "19055"]),
            st.just("1"),
        ),
        st.sampled_from(["", "2026-03-02", "2026-03-03"]),
        st.integers(0, 2),
        st.sampled_from(["normal", "normal", "confidential"]),
        st.booleans(),
        st.sampled_from([False, False, False, True]),
        st.sampled_from([False, False, False, False, True]),
    ),
    min_size=1,
    max_size=12,
)
feeds = st.fixed_dictionaries(
    {
        "trailer_sheet": st.booleans(),
        "separator_sheet": st.sampled_from(["none", "volume", "product"]),
        "max_volume_sheets": st.integers(3, 30),
    }
)


def with_feed(line: Line, feed: dict[str, Any]) -> Line:
    machines = {
        id: replace(machine, feed=replace(machine.feed, **feed)) for id, machine in line.profiles.machines.items()
    }
    return replace(line, profiles=replace(line.profiles, machines=machines))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(wishes, feeds)
def test_every_page_is_on_one_sheet_of_one_piece_whatever_is_wished(
    given_wishes: list[Wish], feed: dict[str, Any]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        line = with_feed(line_in(Path(folder)), feed)
        try:
            fill(line, [wish.letter for wish in given_wishes])
            stay = wish_for(line, given_wishes)
            expected = Counter(view.pieces for view in pool_views(line))
            batches = assemble(line, "test")
            work(line)
            assert [(p.name, p.broken) for p in audit(line) if not p.kept] == []
            sizes = Counter(check_batch(line, batch, given_wishes) for batch in batches)
            assert sizes == expected, "a pool is a batch"
            check_pages(line, batches, given_wishes, stay)
            check_pools(line, batches, given_wishes)
        finally:
            line.ledger.close()


def wish_for(line: Line, given_wishes: list[Wish]) -> set[int]:
    """Write the wishes into the ledger as the reading of the letters would. Returns the letters that stay behind."""
    stay = set()
    for n, wish in enumerate(given_wishes, 1):
        id = f"i{n:07d}-p000001"
        values = {"due": wish.due, "priority": wish.priority, "confidentiality": wish.confidentiality}
        values["kept_apart"] = wish.letter.municipality if wish.apart else ""
        with line.ledger.work("test", 1) as transaction:
            transaction.connection.execute(update(piece_table).where(piece_table.c.id == id).values(**values))
        if wish.hold:
            decide_piece(line, "hold", id, BY)
        if wish.pull:
            decide_piece(line, "pull", id, BY)
        if wish.hold or wish.pull:
            stay.add(n)
    return stay


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def letter_of(row: dict[str, str]) -> int:
    return int(row["intake"][1:])


def check_batch(line: Line, batch: str, given_wishes: list[Wish]) -> int:
    """Order, numbers, weights and sums of a batch, reckoned here. Returns its pieces."""
    folder = line.spool.batches / batch
    told = json.loads((folder / "batch.json").read_text())
    pieces = rows(folder / "pieces.csv")
    assert [int(row["piece"]) for row in pieces] == list(range(1, len(pieces) + 1))
    order = list(dict.fromkeys(p["id"] for p in sorted(POSTAGE["products"], key=lambda p: p["abroad"])))
    keys = []
    for row in pieces:
        home = row["country"] == "DE"
        postcode = row["postcode"] if home else ""
        keys.append((not home, order.index(row["product"]), postcode[:2], postcode, letter_of(row)))
    assert keys == sorted(keys)
    numbers: Counter[str] = Counter()
    for row in pieces:
        numbers[row["product"]] += 1
        assert int(row["product_number"]) == numbers[row["product"]]
        check_weight(row, given_wishes[letter_of(row) - 1].letter)
    assert sum(volume["pages"] for volume in told["volumes"]) == told["totals"]["pages"]
    assert sum(volume["file_pages"] for volume in told["volumes"]) == told["readback"]["pages"]
    assert sum(int(row["pages"]) for row in pieces) == told["totals"]["pages"]
    assert told["readback"]["pages_proven"] == sum(given_wishes[letter_of(row) - 1].letter.pages for row in pieces)
    assert told["readback"]["codes_wrong"] == 0
    return len(pieces)


POSTAGE = tomllib.loads((ROOT / "profiles" / "postage.toml").read_text(encoding="utf-8"))
ENVELOPES = {
    e["id"]: e for e in tomllib.loads((ROOT / "profiles/envelopes.toml").read_text(encoding="utf-8"))["envelopes"]
}


def check_weight(row: dict[str, str], letter: Letter) -> None:
    """Paper of 80 g/m2 at 4.99 g a sheet, the envelope as weighed; the cheapest product that carries it that day."""
    sheets = letter.pages if letter.plex == "simplex" else -(-letter.pages // 2)
    weight_mg = 4990 * sheets + ENVELOPES[row["envelope"]]["weight_mg"]
    assert (int(row["sheets"]), round(float(row["weight_g"]) * 1000)) == (sheets, weight_mg)
    long_mm, short_mm = sorted((ENVELOPES[row["envelope"]]["width_mm"], ENVELOPES[row["envelope"]]["height_mm"]))[::-1]
    fitting = [
        p
        for p in POSTAGE["products"]
        if p["abroad"] == (letter.country != "DE")
        and str(p["valid_from"]) <= "2026-03-01" <= str(p["valid_to"])
        and weight_mg + POSTAGE["margin_mg"] <= p["max_weight_mg"]
        and p["min_length_mm"] <= long_mm <= p["max_length_mm"]
        and p["min_width_mm"] <= short_mm <= p["max_width_mm"]
    ]
    assert int(row["postage_cent"]) == min(p["price_cent"] for p in fitting)


def check_pages(line: Line, batches: list[str], given_wishes: list[Wish], stay: set[int]) -> None:
    """Every page of every letter that went out, found by its own words in the files, on its own sheet, once."""
    found: Counter[tuple[int, int]] = Counter()
    for batch in batches:
        folder = line.spool.batches / batch
        told = json.loads((folder / "batch.json").read_text())
        step = 2 if told["plex"] == "duplex" else 1
        piece_of = {row["piece"]: letter_of(row) for row in rows(folder / "pieces.csv")}
        fronts = {(row["volume"], int(row["page"])): row for row in rows(folder / "sheets.csv")}
        for number, volume in enumerate(told["volumes"], 1):
            document = pypdfium2.PdfDocument(folder / volume["file"])
            texts = [page.get_textpage().get_text_range() for page in document]
            document.close()
            assert len(texts) == volume["file_pages"]
            for page, text in enumerate(texts, 1):
                words = text.replace(",", " ").split()
                if words[:1] != ["letter"]:
                    continue  # a blank back, a separator, a trailer
                letter, own_page = int(words[1]), int(words[3])
                sheet = fronts[str(number), page - (page - 1) % step]
                assert piece_of[sheet["piece"]] == letter
                assert own_page == (int(sheet["sheet"]) - 1) * step + 1 + (page - 1) % step
                found[letter, own_page] += 1
    wanted = {
        (n, page) for n, wish in enumerate(given_wishes, 1) if n not in stay for page in range(1, wish.letter.pages + 1)
    }
    assert found == Counter(wanted)


def check_pools(line: Line, batches: list[str], given_wishes: list[Wish]) -> None:
    """What may not lie together doesn't, and what is urgent has the lower number."""
    ranks = []
    for batch in batches:
        inside = [given_wishes[letter_of(row) - 1] for row in rows(line.spool.batches / batch / "pieces.csv")]
        assert len({wish.confidentiality for wish in inside}) == 1
        assert len({wish.letter.plex for wish in inside}) == 1
        if any(wish.apart for wish in inside):
            assert len({(wish.letter.municipality, wish.apart) for wish in inside}) == 1
        days = [wish.due for wish in inside if wish.due]
        ranks.append((-max(wish.priority for wish in inside), min(days, default="9")))
    assert ranks == sorted(ranks)


# --- one sheet is wrong


class Careless(UnconfinedVolumes):
    """A writer that makes one mistake and doesn't know it: file and hash are what it wrote."""

    def __init__(self, mistake: Callable[[pikepdf.Pdf], None]) -> None:
        self.mistake: Callable[[pikepdf.Pdf], None] | None = mistake

    def write(self, machine: Any, number: int, pieces: Any, out_pdf: Path) -> Any:
        written = super().write(machine, number, pieces, out_pdf)
        if self.mistake is None:
            return written
        with pikepdf.open(out_pdf, allow_overwriting_input=True) as pdf:
            self.mistake(pdf)
            pdf.save(out_pdf)
        return replace(written, sha256=sha256_of(out_pdf))


def _wrong_mark(pdf: pikepdf.Pdf) -> None:
    stroke = b"q 2.8346457 0 0 -2.8346457 0 841.8898 cm 0 g 7 155.95 12 0.5 re f Q"
    pdf.pages[2].contents_add(pdf.make_stream(stroke))


def _swapped_pages(pdf: pikepdf.Pdf) -> None:
    kids = pdf.Root.Pages.Kids
    kids[2], kids[3] = kids[3], kids[2]


def _swapped_letters(pdf: pikepdf.Pdf) -> None:
    one, other = pdf.pages[2].Resources.XObject, pdf.pages[4].Resources.XObject
    one.Letter, other.Letter = other.Letter, one.Letter


def _missing_sheet(pdf: pikepdf.Pdf) -> None:
    del pdf.pages[2]


def _ink_in_the_clear_zone(pdf: pikepdf.Pdf) -> None:
    pdf.pages[2].contents_add(pdf.make_stream(b"q 0 g 13 380 3 1 re f Q"))


MISTAKES = {
    "wrong mark": (_wrong_mark, "Seite 3, Sendung 2:"),
    "swapped pages": (_swapped_pages, "Seite 3, Sendung 2:"),
    "swapped letters": (_swapped_letters, "Seite 3, Sendung 2: Auf Seite 3 liegt nicht die Seite"),
    "missing sheet": (_missing_sheet, "Seite 3, Sendung 2:"),
    "ink in the clear zone": (_ink_in_the_clear_zone, "Seite 3, Sendung 2: Neben den Marken"),
}
THREE = [Letter("schwerin", "letters", pages, "simplex", "DE", f"1905{n}", "1") for n, pages in enumerate((2, 2, 1))]


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = line_in(tmp_path)
    yield made
    made.ledger.close()


@pytest.mark.parametrize("how", MISTAKES)
def test_a_batch_with_one_wrong_sheet_waits_says_which_and_is_not_released(line: Line, how: str) -> None:
    mistake, where = MISTAKES[how]
    careless = Careless(mistake)
    line = replace(line, volumes=careless)
    fill(line, THREE)
    (batch,) = assemble(line, "test")
    work(line)
    with line.ledger.reading() as read:
        shown = batch_detail(line, read, batch)
    (volume,) = shown.volumes
    assert (shown.state, shown.code, volume.state, volume.code) == ("waiting", "readback-failed") * 2
    assert (volume.detail or "").startswith(f"{batch}-v01.pdf, {where}")
    assert shown.detail == volume.detail
    assert volume.readback["codes_wrong"] >= 1
    with pytest.raises(IllegalMove) as refused:
        release_batch(line, batch, BY)
    assert (
        f"Druckauftrag {batch} ist »wartet auf eine Entscheidung« und kann nicht freigegeben werden."
        in refused.value.sentence
    )
    assert f"{batch}-v01.pdf, {where}" in refused.value.sentence
    assert not (line.spool.batches / batch).exists()
    # written anew without the mistake, it passes
    careless.mistake = None
    retry_batch(line, batch, BY)
    work(line)
    release_batch(line, batch, BY)


def test_a_batch_with_one_wrong_sheet_can_be_cancelled_and_its_letters_go_on(line: Line) -> None:
    careless = Careless(_swapped_letters)
    line = replace(line, volumes=careless)
    fill(line, THREE)
    (batch,) = assemble(line, "test")
    work(line)
    assert cancel_batch(line, batch, BY) == 3
    careless.mistake = None
    (again,) = assemble(line, "test")
    work(line)
    with line.ledger.reading() as read:
        assert read.state_of(Unit(Kind.BATCH, again)) == "verified"
    assert [(p.name, p.broken) for p in audit(line) if not p.kept] == []


# --- the same bytes again


def test_a_rebuild_gives_the_same_bytes_whatever_was_changed_in_the_profiles(line: Line) -> None:
    fill(line, THREE)
    (batch,) = assemble(line, "test")
    work(line)
    assert all(check.ok for check in rebuild_batch(line, batch))
    changed = with_feed(line, {"address_sheet": "last", "max_volume_sheets": 3, "separator_sheet": "volume"})
    moved = {
        id: replace(machine, marks=replace(machine.marks, x_mm=9.0))
        for id, machine in changed.profiles.machines.items()
    }
    changed = replace(changed, profiles=replace(changed.profiles, machines=moved, sha256="f" * 64))
    assert all(check.ok for check in rebuild_batch(changed, batch))
    gone = replace(changed, profiles=replace(changed.profiles, machines={}))
    assert all(check.ok for check in rebuild_batch(gone, batch))


def test_a_batch_without_a_machine_on_record_is_rebuilt_with_unchanged_profiles_only(line: Line) -> None:
    fill(line, THREE)
    (batch,) = assemble(line, "test")
    work(line)
    with line.ledger.work("test", 1) as transaction:
        transaction.change(Unit(Kind.BATCH, batch), machine_profile="")
    assert all(check.ok for check in rebuild_batch(line, batch))
    changed = replace(line, profiles=replace(line.profiles, sha256="f" * 64))
    with pytest.raises(Permanent, match="no machine on record, and the profiles have changed"):
        rebuild_batch(changed, batch)


def test_every_machine_comes_back_from_the_ledger_as_it_was(line: Line) -> None:
    from pipeline.adapters.profile_shape import read_shape
    from pipeline.domain.profiles import Machine

    for machine in PROFILES.machines.values():
        back, faults = read_shape(Machine, json.loads(json.dumps(asdict(machine))))
        assert (back, faults) == (machine, ())


class Papers(PaperFiles):
    """The papers of a batch, and what they were told."""

    told: BatchPapers

    def batch(self, papers: BatchPapers, folder: Path) -> None:
        self.told = papers
        super().batch(papers, folder)


def test_papers_tell_of_envelope_and_paper_as_they_were_when_the_pool_was_closed(line: Line) -> None:
    """Sheets were counted and weighed by them; a profile that changes before the papers are written changes nothing."""
    fill(line, THREE)
    (batch,) = assemble(line, "test")
    papers = Papers()
    work(replace(line, papers=papers, profiles=replace(line.profiles, envelopes={}, papers={}, sha256="f" * 64)))
    with line.ledger.reading() as read:
        assert batch_of(read, batch).state == "verified"
    assert papers.told.envelope == PROFILES.envelopes["c65"]
    assert papers.told.paper == PROFILES.papers["a4-80"]
    manifest = (line.spool.batches / batch / "manifests" / "schwerin.json").read_text(encoding="utf-8")
    assert '"c65"' in manifest


def test_a_batch_of_an_earlier_release_is_told_by_the_profiles_as_long_as_they_are_there(line: Line) -> None:
    fill(line, THREE)
    (batch,) = assemble(line, "test")
    with line.ledger.work("test", 1) as transaction:
        transaction.change(Unit(Kind.BATCH, batch), envelope_profile="", paper_profile="")
    gone = replace(line, profiles=replace(line.profiles, envelopes={}))
    work(gone)
    with line.ledger.reading() as read:
        found = batch_of(read, batch)
    assert (found.state, found.reason) == ("waiting", "profile-missing")


def test_every_envelope_and_paper_comes_back_from_the_ledger_as_it_was() -> None:
    for value in (*PROFILES.envelopes.values(), *PROFILES.papers.values()):
        assert recorded(type(value), record_of(value), "b0000001") == value
