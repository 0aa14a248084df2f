"""The shipped profiles load; every kind of mistake is refused by file, key and nearest right spelling."""

from __future__ import annotations

import pickle
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipeline.adapters.profile_files import check_profiles, load_profiles
from pipeline.domain.calendar import Calendar
from pipeline.domain.errors import ProfileError
from pipeline.domain.geometry import Rect
from pipeline.domain.profile_values import id_faults, nearest

pytestmark = pytest.mark.unit

SHIPPED = Path(__file__).parents[2] / "profiles"
THIRTEEN = {
    "boizenburg",
    "crivitz",
    "grabow",
    "hagenow",
    "ludwigslust",
    "ludwigslust-parchim",
    "luebtheen",
    "luebz",
    "neustadt-glewe",
    "parchim",
    "schwerin",
    "wittenburg",
    "zarrentin",
}

Edit = Callable[[str, str, str], Path]


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """A copy of the shipped profiles in which one text of one file is replaced."""
    root = tmp_path / "profiles"
    shutil.copytree(SHIPPED, root)

    def replace(file: str, old: str, new: str) -> Path:
        text = (root / file).read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r}"
        (root / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        return root

    return replace


def refused(root: Path) -> ProfileError:
    with pytest.raises(ProfileError) as caught:
        load_profiles(root)
    return caught.value


def test_thirteen_municipalities_with_the_four_jobs_each() -> None:
    profiles = load_profiles(SHIPPED)
    assert set(profiles.municipalities) == THIRTEEN
    for municipality in profiles.municipalities.values():
        scans = {"post", "post-simplex", "post-duplex", "invoices"}
        assert scans | {"letters", "tax-notices"} <= set(municipality.jobs)
        assert re.search(r" · \d{5} ", municipality.sender_line)
    centres = [municipality.cost_centre for municipality in profiles.municipalities.values()]
    assert len(set(centres)) == 13
    assert any("reminders" in municipality.jobs for municipality in profiles.municipalities.values())


def test_a_small_municipality_costs_a_few_lines() -> None:
    assert all(
        len(path.read_text(encoding="utf-8").splitlines()) <= 6 for path in SHIPPED.glob("municipalities/*.toml")
    )


def test_shipped_jobs_and_machines() -> None:
    profiles = load_profiles(SHIPPED)
    scans = {"post", "post-simplex", "post-duplex", "invoices"}
    streams = {"notices": "pattern", "print-runs": "control-line", "indexed": "index"}
    assert scans | {"letters", "tax-notices", "reminders", "letters-letterhead", *streams} == set(profiles.jobs)
    assert {job.id for job in profiles.jobs.values() if job.direction == "incoming"} == scans
    for job, by in streams.items():
        rules = profiles.jobs[job].outgoing
        assert rules is not None and rules.split.by == by

    letters, notices = profiles.jobs["letters"].outgoing, profiles.jobs["tax-notices"].outgoing
    assert letters is not None and notices is not None
    assert (letters.pages_per_letter, letters.forms) == (0, ("B", "A"))
    assert (notices.pages_per_letter, notices.plex, notices.forms) == (2, "duplex", ("B",))
    assert set(profiles.machines) == {"neopost-1track", "pitney-small", "datamatrix"}
    assert all(machine.source for machine in profiles.machines.values())


@pytest.mark.parametrize(("job", "plex"), [("post", "mixed"), ("post-simplex", "simplex"), ("post-duplex", "duplex")])
def test_post_has_a_folder_for_each_kind_of_scan(job: str, plex: str) -> None:
    """They differ in how sheets are counted, and in nothing else."""
    profiles = load_profiles(SHIPPED)
    rules, post = profiles.jobs[job].incoming, profiles.jobs["post"].incoming
    assert rules is not None
    assert post is not None
    assert rules.separation.plex == plex
    assert replace(rules, separation=replace(rules.separation, plex="mixed")) == post


def test_the_neopost_profile_is_the_contract_s() -> None:
    marks = load_profiles(SHIPPED).machines["neopost-1track"].marks
    expected = "start divert stop end-of-set feed:1 feed:2 seq:4 seq:2 seq:1 parity:even safety"
    assert marks.tokens == tuple(expected.split())
    assert (marks.x_mm, marks.first_mm, marks.pitch_mm, marks.length_mm) == (7.0, 153.0, 3.2, 12.0)
    assert (marks.thickness_mm, marks.clear_mm, marks.feed_on) == (0.5, 3.0, "last")
    assert (marks.sequence.modulo, marks.sequence.first) == (8, 0)


def test_the_small_pitney_is_fed_in_reverse() -> None:
    machine = load_profiles(SHIPPED).machines["pitney-small"]
    expected = "start safety not-end-of-set not-begin-of-set parity:even timing"
    assert machine.marks.tokens == tuple(expected.split())
    assert machine.feed.address_sheet == "last"
    assert (machine.marks.first_mm, machine.marks.first_mm + 5 * machine.marks.pitch_mm) == (20.0, 40.0)


def test_nested_tables_lists_and_dates_become_values() -> None:
    profiles = load_profiles(SHIPPED)
    folding = profiles.envelopes["c65"].folding("A")
    assert folding is not None
    assert folding.folds_mm == (87.0, 192.0)
    assert folding.possible == Rect(1.0, 27.0, 110.0, 81.0)
    standard = profiles.postage.products[0]
    assert (standard.valid_from, standard.valid_to) == (date(2025, 1, 1), date(2026, 12, 31))
    assert type(standard.price_cent) is int and type(standard.max_length_mm) is float


def test_three_sheets_are_the_edge_of_a_standard_letter() -> None:
    profiles = load_profiles(SHIPPED)
    sheet_mg = profiles.papers["a4-80"].sheet_weight_mg
    envelope_mg = profiles.envelopes["c65"].weight_mg
    limit_mg = next(p.max_weight_mg for p in profiles.postage.products if p.id == "standard")
    three_mg = 3 * sheet_mg + envelope_mg + profiles.postage.margin_mg
    assert limit_mg - 100 <= three_mg <= limit_mg
    assert three_mg + min(enclosure.weight_mg for enclosure in profiles.enclosures.values()) > limit_mg


def test_prices_of_2025_and_2026() -> None:
    prices = {product.id: product.price_cent for product in load_profiles(SHIPPED).postage.products}
    assert [prices[name] for name in ("standard", "kompakt", "gross", "maxi")] == [95, 110, 180, 290]
    abroad = ("standard-international", "kompakt-international", "gross-international", "maxi-international")
    assert [prices[name] for name in abroad] == [125, 180, 330, 650]


def test_profiles_travel_to_a_child_process() -> None:
    profiles = load_profiles(SHIPPED)
    assert pickle.loads(pickle.dumps(profiles)) == profiles


def test_the_hash_is_stable_and_changes_with_content_and_name(edit: Edit) -> None:
    root = edit("paper.toml", "weiß", "weiß")
    before = load_profiles(root).sha256
    assert before == load_profiles(SHIPPED).sha256
    edit("paper.toml", "weiß", "hochweiß")
    changed = load_profiles(root).sha256
    assert re.fullmatch("[0-9a-f]{64}", changed)
    assert changed != before
    edit("paper.toml", "hochweiß", "weiß")
    (root / "municipalities/crivitz.toml").rename(root / "municipalities/crivitz-neu.toml")
    edit("municipalities/crivitz-neu.toml", 'id = "crivitz"', 'id = "crivitz-neu"')
    assert load_profiles(root).sha256 not in (before, changed)


def test_other_files_beside_the_profiles_are_left_alone(edit: Edit) -> None:
    root = edit("paper.toml", "weiß", "weiß")
    (root / "README.md").write_text("Notizen", encoding="utf-8")
    (root / "jobs/letters.toml~").write_text("= kaputt", encoding="utf-8")
    assert load_profiles(root).sha256 == load_profiles(SHIPPED).sha256


# file: old text, new text, code without `profile-`, key, what sentence or remedy must say
MISTAKES = {
    "jobs/letters.toml": [
        ('plex = "simplex"', 'plex = simplex"', "syntax", "", "line"),
        ("pages_per_letter", "pages_per_leter", "unknown-key", "outgoing.pages_per_leter", "»pages_per_letter«"),
        ('title = "Einzel', 'titel = "Einzel', "unknown-key", "titel", "»title«"),
        ('direction = "outgoing"', 'direction = "outgoing"\nplex = "simplex"', "unknown-key", "plex", "[outgoing]"),
        (
            'machine = "neopost-1track"',
            'machine = "neopost-1-track"',
            "reference",
            "outgoing.machine",
            "»neopost-1track«",
        ),
        (
            'flat_machine = "datamatrix"',
            'flat_machine = "data-matrix"',
            "reference",
            "outgoing.flat_machine",
            "»datamatrix«",
        ),
        ('envelope = "c65"', 'envelope = "c6-5"', "reference", "outgoing.envelope", "»c65«"),
        ('flat_envelope = "c4"', 'flat_envelope = "C4"', "reference", "outgoing.flat_envelope", "c4"),
        ('flat_envelope = "c4"', 'flat_envelope = "c5"', "value", "outgoing.flat_envelope", "gefalzte"),
        ('paper = "a4-80"', 'paper = "a4-90"', "reference", "outgoing.paper", "»a4-80«"),
        (
            "pages_per_letter = 0",
            "pages_per_letter = 0\nenclosures = [7]",
            "reference",
            "outgoing.enclosures",
            "Station 7",
        ),
        (
            "pages_per_letter = 0",
            "pages_per_letter = 0\nenclosures = [3]",
            "reference",
            "outgoing.enclosures",
            "Abrufbar: 1, 2.",
        ),
        ('["B", "A"]', "[]", "value", "outgoing.forms", "Form"),
        ('envelope = "c65"', 'envelope = "c5"', "geometry", "outgoing.forms", "Form A"),
    ],
    "machines/neopost-1track.toml": [
        ("x_mm", "x_cm", "unit", "marks.x_cm", "»x_mm«"),
        ("[feed]", "[fed]", "unknown-key", "fed", "»feed«"),
        ('kind = "omr"', 'kind = "orm"', "value", "marks.kind", "»omr«"),
        ('"divert"', '"diverd"', "value", "marks.tokens", "»divert«"),
        ('"seq:2"', '"seq:3"', "value", "marks.tokens", "»seq:"),
        ("stations = 4", "stations = 1", "reference", "marks.tokens", "feed:2"),
        ("modulo = 8", "modulo = 16", "value", "marks.sequence.modulo", "modulo = 8"),
        ("first = 0", "first = 8", "value", "marks.sequence", "first"),
        ("modulo = 8", "modulo = 1", "value", "marks.sequence", "modulo = 8"),
        ("first = 0", "first = 7", "value", "marks.sequence", "first niedriger"),
        ("max_volume_sheets = 2000", "max_volume_sheets = 3", "value", "feed.max_volume_sheets", "mindestens 5"),
        (
            "max_volume_sheets = 2000",
            'max_volume_sheets = 5\nseparator_sheet = "volume"',
            "value",
            "feed.max_volume_sheets",
            "mindestens 6",
        ),
        ("x_mm = 7.0", "x_mm = 0.5", "geometry", "marks", "Verschieben"),
        ("x_mm = 7.0", "x_mm = 195.0", "geometry", "marks", "Verschieben"),
        ('"end-of-set", ', "", "value", "marks.tokens", "Satz"),
        ("first_mm = 153.0", "first_mm = 290.0", "geometry", "marks", "Blatt"),
    ],
    "machines/datamatrix.toml": [
        ('times = ["14:00"]', 'times = ["14"]', "value", "cut_off", '"14:00"'),
        ('times = ["14:00"]', 'times = ["17:00"]', "value", "cut_off.times", "nach 16:00"),
        ('times = ["14:00"]', 'times = ["14:00", "14:00"]', "value", "cut_off.times", "zweimal"),
        ("max_age_hours", "max_age", "unit", "cut_off.max_age", "hours"),
        (
            "trailer_sheet = false",
            'trailer_sheet = false\nseparator_sheet = "letter"',
            "value",
            "feed.separator_sheet",
            "volume",
        ),
        ("y_mm", "y", "unit", "marks.datamatrix.y", "»y_mm«"),
        ("y_mm = 20.0", "y_mm = 3.5", "geometry", "marks", "Verschieben"),
    ],
    "envelopes.toml": [
        ("weight_mg = 4900", "weight_g = 4.9", "unit", "envelopes[c65].weight_g", "»weight_mg«"),
        ("{ left_mm = 20.0,", "{ left_cm = 2.0,", "unit", "envelopes[c65].foldings[B].always.left_cm", "»left_mm«"),
        (
            "{ left_mm = 20.0,",
            "{ schief = 1, left_mm = 20.0,",
            "unknown-key",
            "envelopes[c65].foldings[B].always.schief",
            "left_mm",
        ),
        ("width_mm = 229.0", "width_mm = inf", "type", "envelopes[c65].width_mm", "endliche"),
        ("bottom_mm = 90.0", "bottom_mm = 50.0", "value", "envelopes[c65].foldings[B].always", "Rechteck"),
        ("folds_mm = [105.0, 210.0]", 'folds_mm = "105"', "type", "envelopes[c65].foldings[B].folds_mm", "Liste"),
        (
            "folds_mm = [105.0, 210.0]",
            "folds_mm = [210.0, 105.0]",
            "value",
            "envelopes[c65].foldings[B].folds_mm",
            "geordnet",
        ),
        ("height_mm = 114.0", "height_mm = 110.0", "value", "envelopes[c65].foldings[B].folds_mm", "Spiel"),
        ('id = "c5"', 'id = "c65"', "id", "envelopes[c65]", "zweimal"),
        ("bottom_mm = 90.0", "bottom_mm = 100.0", "value", "envelopes[c65].foldings[B].always", "Fensterbereich"),
    ],
    "postage.toml": [
        ("price_cent = 95", "price_euro = 0.95", "unit", "products[standard].price_euro", "»price_cent«"),
        ("price_cent = 95", "price_cent = 0.95", "type", "products[standard].price_cent", "ganze Zahl"),
        ("price_cent = 95", 'price_cent = "95"', "type", "products[standard].price_cent", "ganze Zahl"),
        ("price_cent = 95", "price_cent = true", "type", "products[standard].price_cent", "ganze Zahl"),
        ("abroad = false", "abroad = 0", "type", "products[standard].abroad", "true oder false"),
        ("valid_from = 2025-01-01", 'valid_from = "1.1.2025"', "type", "products[standard].valid_from", "2025-01-01"),
        (
            "valid_from = 2025-01-01",
            "valid_from = 2025-01-01T00:00:00",
            "type",
            "products[standard].valid_from",
            "2025-01-01",
        ),
        ("valid_to = 2026-12-31", "valid_to = 2024-12-31", "value", "products[standard].valid_to", "Gültigkeit"),
        ('title = "Standardbrief"', "title = 2025-01-01", "type", "products[standard].title", "Anführungszeichen"),
        ('id = "kompakt"', 'id = "standard"', "value", "products[standard].valid_from", "Zwei Preise"),
    ],
    "paper.toml": [
        ("sheet_weight_mg = 4990", "sheet_weight_mg = 499", "value", "papers[a4-80].sheet_weight_mg", "4990 mg"),
    ],
    "enclosures.toml": [
        ("station = 4", "station = 9", "value", "enclosures[9].station", "1 bis 8"),
    ],
    "municipalities/luebz.toml": [
        ("name = ", "naem = ", "unknown-key", "naem", "»name«"),
        ('cost_centre = "1307-0200"', "", "missing-key", "cost_centre", "cost_centre"),
        ('cost_centre = "1307-0200"', "cost_centre = 1307", "type", "cost_centre", "Text"),
        ('id = "luebz"', 'id = "lubz"', "id", "id", "luebz"),
        ('"letters"', '"leters"', "reference", "jobs", "»letters«"),
    ],
    "jobs/post.toml": [
        ("[incoming]", "[outgoing]", "unknown-key", "outgoing.language", "incoming"),
        ('direction = "incoming"', 'direction = "outgoing"', "value", "", "direction"),
        ('blank_pages = "drop"', 'blank_pages = "delete"', "value", "incoming.separation.blank_pages", "drop, keep"),
        ('"patch-2"', '"patch-5"', "value", "incoming.separation.by[3]", "patch-4"),
        ('"patch-2"', '"patch-t"', "value", "incoming.separation.by", "zweimal"),
        (
            'by = ["cover-sheet", "text-code", "patch-2", "patch-t"]',
            "every_pages = -1",
            "value",
            "incoming.separation",
            "mindestens 0",
        ),
        ('plex = "mixed"', 'plex = "mixed"\ntext_codes = [" "]', "value", "incoming.separation.text_codes", "PATCHT"),
    ],
    "calendar.toml": [
        ('holidays = "MV"', 'holidays = "MW"', "value", "holidays", "»MV«"),
        ("working_days =", "workdays =", "unknown-key", "workdays", "»working_days«"),
        ('["mo", "di", "mi", "do", "fr"]', "[]", "value", "", "working_days"),
        ('["mo", "di", "mi", "do", "fr"]', '["mo", "mo"]', "value", "working_days", "zweimal"),
        ("first = 2026-12-24", "first = 2026-12-25", "value", "closed[1]", "first liegt nicht nach last"),
        ('reason = "Heiligabend"', 'reason = " "', "value", "closed[2026-12-24]", "reason"),
        ('time_zone = "Europe/Berlin"', 'time_zone = "Europe/Berlim"', "value", "time_zone", "»Europe/Berlin«"),
        ('time_zone = "Europe/Berlin"', 'time_zone = "/etc/passwd"', "value", "time_zone", "»Europe/Berlin«"),
        ("last = 2026-12-31", "last = 2029-12-31", "value", "closed[2026-12-31]", "länger als ein Jahr"),
    ],
    "jobs/notices.toml": [
        ('by = "pattern"', 'by = "patern"', "value", "outgoing.split.by", "pattern"),
        (r"(?P<page>\d+)", r"(?P<seite>\d+)", "value", "outgoing.split", "benannte Gruppen"),
        (r"(?P<page>\d+)", r"(?P<page>\d+", "value", "outgoing.split", "reguläre Ausdrücke"),
        ("pattern = 'Seite", "patern = 'Seite", "unknown-key", "outgoing.split.patern", "pattern"),
        ('by = "pattern"', 'by = "pattern"\nrepeated_address = "begins"', "value", "outgoing.split", "repeated_"),
        ('forms = ["B"]', 'forms = ["B"]\npages_per_letter = 2', "value", "outgoing.split.by", "pages_per_letter"),
    ],
    "jobs/reminders.toml": [
        ('forms = ["B"]', 'forms = ["B"]\n[outgoing.pool]\npriority = 10', "value", "outgoing.pool", "bis 9"),
        (
            'forms = ["B"]',
            'forms = ["B"]\n[outgoing.pool]\nmixed = false',
            "unknown-key",
            "outgoing.pool.mixed",
            "»mix«",
        ),
        ('forms = ["B"]', 'forms = ["B", "A"]', "geometry", "outgoing.machine", "Fenster"),
    ],
}


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "key", "told"), [(file, *row) for file, rows in MISTAKES.items() for row in rows]
)
def test_a_mistake_is_told_by_file_key_and_spelling(
    edit: Edit, file: str, old: str, new: str, code: str, key: str, told: str
) -> None:
    root = edit(file, old, new)
    error = refused(root)
    assert error.code == f"profile-{code}"
    assert error.sentence.startswith(f"{file}: {key}: " if key else f"{file}: ")
    assert told in error.sentence + error.remedy
    assert error.remedy
    findings = [finding for finding in check_profiles(root) if not finding.ok]
    assert {finding.file for finding in findings} == {file}, "one mistake is told in one file"
    assert (findings[0].code, findings[0].key, findings[0].remedy) == (error.code, key, error.remedy)


def test_a_volume_that_is_too_small_for_a_flat_piece_is_told_at_each_job(edit: Edit) -> None:
    root = edit("machines/datamatrix.toml", "max_volume_sheets = 2000", "max_volume_sheets = 189")
    wrong = [finding for finding in check_profiles(root) if not finding.ok]
    assert {(finding.code, finding.key) for finding in wrong} == {("profile-value", "outgoing.flat_machine")}
    assert "jobs/letters.toml" in {finding.file for finding in wrong}
    assert "fasst 189 Blatt für Sendungen, eine Sendung im Umschlag »c4« darf 190 haben" in refused(root).sentence
    load_profiles(edit("machines/datamatrix.toml", "max_volume_sheets = 189", "max_volume_sheets = 190"))


def test_another_envelope_that_fits_is_taken(edit: Edit) -> None:
    root = edit("jobs/reminders.toml", 'envelope = "c65"', 'envelope = "c5"')
    rules = load_profiles(root).jobs["reminders"].outgoing
    assert rules is not None and rules.envelope == "c5"


def test_a_misspelt_key_is_not_told_again_as_missing(edit: Edit) -> None:
    root = edit("envelopes.toml", "weight_mg = 4900", "weight_g = 4900")
    assert [finding.key for finding in check_profiles(root) if not finding.ok] == ["envelopes[c65].weight_g"]


def test_all_faults_are_collected_and_the_first_says_how_many_more(edit: Edit) -> None:
    edit("jobs/letters.toml", "pages_per_letter", "pages_per_leter")
    edit("machines/pitney-small.toml", "pitch_mm = 4.0", 'pitch_mm = "4"')
    root = edit("municipalities/grabow.toml", '"post"', '"pots"')
    findings = check_profiles(root)
    assert [finding.file for finding in findings if not finding.ok] == [
        "jobs/letters.toml",
        "machines/pitney-small.toml",
        "municipalities/grabow.toml",
    ]
    assert sum(finding.ok for finding in findings) == len(_shipped_files()) - 3
    assert "und 2 weitere Fehler" in refused(root).sentence


def test_check_has_a_line_for_every_shipped_file() -> None:
    findings = check_profiles(SHIPPED)
    assert all(finding.ok and not finding.code for finding in findings)
    assert [finding.file for finding in findings] == _shipped_files()


def _shipped_files() -> list[str]:
    found = [*SHIPPED.rglob("*.toml"), *SHIPPED.rglob("*.pdf")]
    return sorted(path.relative_to(SHIPPED).as_posix() for path in found)


def test_a_file_at_the_wrong_place_is_not_overlooked(edit: Edit) -> None:
    root = edit("paper.toml", "weiß", "weiß")
    (root / "municipality").mkdir()
    (root / "municipality/plau.toml").write_text('id = "plau"\n', encoding="utf-8")
    error = refused(root)
    assert error.code == "profile-unknown-file"
    assert "municipality/plau.toml" in error.sentence
    assert "»municipalities/«" in error.remedy


def test_a_missing_table_and_a_missing_folder(edit: Edit, tmp_path: Path) -> None:
    root = edit("paper.toml", "weiß", "weiß")
    (root / "postage.toml").unlink()
    error = refused(root)
    assert (error.code, "postage.toml" in error.sentence) == ("profile-missing-file", True)
    error = refused(tmp_path / "nowhere")
    assert error.code == "profile-missing-file"
    assert "POSTSTRASSE_PROFILES" in error.remedy


def test_latin_1_and_unreadable_entries(edit: Edit) -> None:
    root = edit("paper.toml", "weiß", "weiß")
    (root / "municipalities/luebz.toml").write_bytes('name = "Lübz"'.encode("latin-1"))
    error = refused(root)
    assert (error.code, "UTF-8" in error.remedy) == ("profile-syntax", True)
    (root / "municipalities/luebz.toml").unlink()
    (root / "municipalities/luebz.toml").mkdir()
    assert refused(root).code == "profile-unreadable"


def test_a_byte_order_mark_is_no_mistake(edit: Edit) -> None:
    root = edit("municipalities/luebz.toml", 'id = "luebz"', '\ufeffid = "luebz"')
    assert load_profiles(root).municipalities["luebz"].name == "Stadt Lübz"


def test_a_new_municipality_is_one_short_file(edit: Edit) -> None:
    root = edit("paper.toml", "weiß", "weiß")
    lines = ('id = "plau"', 'name = "Stadt Plau"', 'sender_line = "Stadt Plau · 19395 Plau"', 'cost_centre = "1"')
    (root / "municipalities/plau.toml").write_text("\n".join((*lines, 'jobs = ["post"]')), encoding="utf-8")
    assert load_profiles(root).municipalities["plau"].jobs == ("post",)


def test_without_a_calendar_the_house_works_on_weekdays(edit: Edit) -> None:
    root = edit("paper.toml", "weiß", "weiß")
    (root / "calendar.toml").unlink()
    assert load_profiles(root).calendar == Calendar()
    assert load_profiles(SHIPPED).calendar.why_closed(date(2026, 12, 24)) == "Heiligabend"


def test_a_municipality_that_stays_among_itself(edit: Edit) -> None:
    root = edit("municipalities/luebz.toml", 'id = "luebz"', 'id = "luebz"\nmix = false')
    municipalities = load_profiles(root).municipalities
    assert (municipalities["luebz"].mix, municipalities["parchim"].mix) == (False, True)


def test_swapped_neighbours_are_the_nearest_spelling() -> None:
    assert nearest("c56", ["c5", "c65", "c6"]) == "c65"
    assert nearest("c6", ["c5", "c65"]) is not None


def test_no_name_is_suggested_that_may_be_none() -> None:
    assert remedies("Post Neu", "post") == ["Nennen Sie die Datei »post.toml«."]
    assert remedies("post", "Post Neu") == ['Schreiben Sie id = "post".']
    (both,) = remedies("Post Neu", "Post-Alt")
    assert "Post" not in both
    assert remedies("post", "briefe") == ['Schreiben Sie id = "post" oder nennen Sie die Datei »briefe.toml«.']


def remedies(stem: str, id_: str) -> list[str]:
    return [fault.remedy for fault in id_faults(id_, stem) if "heißt" in fault.sentence]


def test_a_file_whose_name_is_no_id_is_not_suggested_for_a_reference(edit: Edit) -> None:
    root = edit("municipalities/schwerin.toml", '"post"', '"Posst"')
    shutil.copy(root / "jobs" / "post.toml", root / "jobs" / "Posst2.toml")
    found = [each for each in check_profiles(root) if each.file == "municipalities/schwerin.toml"]
    assert [each.remedy for each in found] == ["Meinten Sie »post«?"]
