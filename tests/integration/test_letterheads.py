"""Letterheads: an unfit one is refused before a letter lies on it; a fit one lies under the letters, once a volume."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from reportlab.lib.pagesizes import A4, A5
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.letters.letterhead import prepare_letterhead
from pipeline.adapters.profile_files import check_profiles, load_profiles
from pipeline.adapters.volumes.readback import verify_volume
from pipeline.adapters.volumes.volume_pdf import write_volume
from pipeline.domain.errors import Permanent, ProfileError
from pipeline.domain.letter_checks import LetterheadPlaces, letterhead_places
from pipeline.domain.volumes import VolumePiece
from pipeline.services.checking_letterheads import check_letterheads
from samples.letterheads import SHIPPED, letterhead
from tests.letter_sheets import rendered
from tests.volume_examples import MACHINES, NEOPOST, slice_pdf
from workers.tools import ConfinedLetters

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2] / "profiles"
PROFILES = load_profiles(ROOT)
RULES = PROFILES.jobs["letters-letterhead"].outgoing
assert RULES is not None
PLACES = letterhead_places(RULES, PROFILES)
# A machine that sees through the paper what lies behind the marks.
SEEN_THROUGH = letterhead_places(replace(RULES, machine="pitney-small"), PROFILES)
BEHIND_MARKS = (192, 25, 8, 10)
FILE = "letterheads/schwerin-standard.pdf"


def drawn(*pages: tuple[float, float, float, float], font: str | None = None, size: tuple[float, float] = A4) -> bytes:
    """A PDF with a black rectangle on each page: left, top, width, height in mm."""
    made = io.BytesIO()
    canvas = Canvas(made, pagesize=size, invariant=1)
    for left, top, wide, high in pages:
        canvas.rect(left * mm, size[1] - (top + high) * mm, wide * mm, high * mm, stroke=0, fill=1)
        if font is not None:
            canvas.setFont(font, 9)
            canvas.drawString(130 * mm, 100, "Stadt")
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def prepared(folder: Path, content: bytes, places: LetterheadPlaces = PLACES) -> Path:
    source, out = folder / "source.pdf", folder / "made.pdf"
    source.write_bytes(content)
    prepare_letterhead(str(source), places, str(out))
    return out


@pytest.mark.parametrize("file", sorted(SHIPPED))
def test_the_shipped_letterheads_are_what_the_generator_draws(file: str) -> None:
    assert (ROOT / "letterheads" / file).read_bytes() == letterhead(SHIPPED[file])


def test_the_shipped_letterheads_are_fit(tmp_path: Path) -> None:
    assert check_letterheads(PROFILES, ConfinedLetters(tmp_path), tmp_path) == []
    out = prepared(tmp_path, PROFILES.letterheads[FILE])
    with pikepdf.open(out) as pdf:
        assert len(pdf.pages) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (drawn((8, 155, 5, 2)), "Seite 1 des Briefbogens ist am Platz der Kuvertiermarken bedruckt"),
        (drawn((130, 10, 30, 5), (8, 155, 5, 2)), "Seite 2 des Briefbogens ist am Platz der Kuvertiermarken bedruckt"),
        (drawn((60, 60, 10, 5)), "im Bereich des Fensters"),
        (drawn((20, 46, 40, 2)), "im Bereich des Fensters"),
        (drawn((130, 10, 30, 5), font="Helvetica"), "Die Schrift /Helvetica ist nicht in der Datei"),
        (drawn((10, 10, 10, 5), size=A5), "mm groß"),
        (drawn(*[(130, 10, 30, 5)] * 3), "hat 3 Seiten"),
        (b"%PDF-1.4 nothing", "nicht zu gebrauchen"),
    ],
)
def test_an_unfit_letterhead_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(Permanent) as refused:
        prepared(tmp_path, content)
    assert refused.value.code == "letterhead-unfit"
    assert said in refused.value.sentence


def test_on_following_pages_the_window_does_not_matter(tmp_path: Path) -> None:
    assert prepared(tmp_path, drawn((130, 10, 30, 5), (60, 60, 10, 5))).is_file()


def test_a_following_page_is_free_behind_the_marks_where_the_machine_minds(tmp_path: Path) -> None:
    """It lies on backs as soon as a letter is printed on both sides, which a ticket may ask for."""
    with pytest.raises(Permanent) as refused:
        prepared(tmp_path, drawn((130, 10, 30, 5), BEHIND_MARKS), SEEN_THROUGH)
    assert refused.value.code == "letterhead-unfit"
    assert "Seite 2 des Briefbogens ist auf der Rückseite hinter den Kuvertiermarken bedruckt" in refused.value.sentence
    assert "von 192 bis 200 mm" in refused.value.sentence
    assert prepared(tmp_path, drawn(BEHIND_MARKS), SEEN_THROUGH).is_file()  # no back carries page 1
    assert prepared(tmp_path, drawn((130, 10, 30, 5), BEHIND_MARKS)).is_file()


def test_profiles_check_names_the_unfit_one(tmp_path: Path) -> None:
    spoilt = replace(PROFILES, letterheads={FILE: drawn((60, 60, 10, 5))})
    (finding,) = check_letterheads(spoilt, ConfinedLetters(tmp_path), tmp_path)
    assert (finding.file, finding.ok, finding.code) == (FILE, False, "profile-letterhead")
    assert "letters-letterhead von schwerin" in finding.sentence


def test_a_letterhead_that_is_not_there_is_a_fault_and_it_is_part_of_the_profiles_hash(tmp_path: Path) -> None:
    copy = tmp_path / "profiles"
    shutil.copytree(ROOT, copy)
    (copy / FILE).write_bytes(letterhead(SHIPPED["schwerin-standard.pdf"]) + b"\n")
    assert load_profiles(copy).sha256 != PROFILES.sha256
    (copy / FILE).unlink()
    (fault,) = [each for each in check_profiles(copy) if not each.ok]
    assert (fault.file, fault.key, fault.code) == (
        "municipalities/schwerin.toml",
        "letterheads",
        "profile-reference",
    )
    with pytest.raises(ProfileError):
        load_profiles(copy)


def test_a_job_on_a_letterhead_that_the_municipality_has_not_is_a_fault(tmp_path: Path) -> None:
    copy = tmp_path / "profiles"
    shutil.copytree(ROOT, copy)
    parchim = copy / "municipalities" / "parchim.toml"
    parchim.write_text(parchim.read_text().replace('"letters",', '"letters", "letters-letterhead",'))
    (fault,) = [each for each in check_profiles(copy) if not each.ok]
    assert fault.file == "municipalities/parchim.toml"
    assert "»standard«" in fault.sentence


def pieces_on(folder: Path, head: str, plex: str = "duplex") -> list[VolumePiece]:
    source = slice_pdf(folder / "slice.pdf", [f"Brief {n} Seite {m}" for n in (1, 2) for m in (1, 2, 3)], hostile=False)
    return [
        VolumePiece(number=n, source=str(source), first_page=3 * n - 2, pages=3, plex=plex, letterhead=head)  # type: ignore[arg-type]
        for n in (1, 2)
    ]


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.id)
def test_it_lies_under_first_and_following_pages_once_in_the_volume(machine, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    head = prepared(tmp_path, PROFILES.letterheads[FILE])
    with_it, without = tmp_path / "with.pdf", tmp_path / "without.pdf"
    pieces = pieces_on(tmp_path, str(head))
    written = write_volume(machine, 42, pieces, str(with_it))
    write_volume(machine, 42, pieces_on(tmp_path, ""), str(without))
    assert written.sha256 == write_volume(machine, 42, pieces, str(tmp_path / "again.pdf")).sha256
    found = verify_volume(str(with_it), machine, "duplex", written.rows, batch_number=42, pieces=pieces)
    assert found.faults == ()
    assert found.pages_proven == 6
    # Page by page: the letter's own ink, and nothing but the letterhead's beside it.
    upwards = machine.feed.address_sheet == "first"
    sides = [1, 2, 2, 0] if upwards else [2, 0, 1, 2]  # which page of the letterhead, 0 for a blank back
    for index, kind in enumerate([*sides, *sides]):
        over, plain = rendered(with_it, index), rendered(without, index)
        if kind == 0:
            assert over.min() == 255
            continue
        paper = rendered(head, kind - 1)
        ink = (plain < 128).any(axis=2)
        assert (over[ink] < 140).any(axis=1).all()
        only_head = (paper < 128).any(axis=2) & ~ink
        assert np.abs(over[only_head].astype(int) - paper[only_head].astype(int)).max() < 30
    with pikepdf.open(with_it) as pdf:
        heads = {page.Resources.XObject.Letterhead.objgen for page in pdf.pages if "/Resources" in page and "/XObject" in page.Resources}  # fmt: skip  # noqa: E501
        assert len(heads) == 2


def test_a_wrong_or_a_missing_letterhead_is_found_in_the_read_back(tmp_path: Path) -> None:
    head = prepared(tmp_path, PROFILES.letterheads[FILE])
    other = tmp_path / "other.pdf"
    shutil.copy(prepared(tmp_path, drawn((130, 10, 30, 5))), other)
    head = prepared(tmp_path, PROFILES.letterheads[FILE])
    for written_with, expected in ((str(other), str(head)), ("", str(head)), (str(head), "")):
        out = tmp_path / "v.pdf"
        written = write_volume(NEOPOST, 42, pieces_on(tmp_path, written_with, "simplex"), str(out))
        wanted = pieces_on(tmp_path, expected, "simplex")
        found = verify_volume(str(out), NEOPOST, "simplex", written.rows, batch_number=42, pieces=wanted)
        assert {fault.code for fault in found.faults} == {"page-of-another"}


def test_a_letterhead_of_one_page_leaves_following_pages_alone(tmp_path: Path) -> None:
    head = prepared(tmp_path, drawn((130, 10, 30, 5)))
    out = tmp_path / "v.pdf"
    pieces = pieces_on(tmp_path, str(head), "simplex")
    written = write_volume(NEOPOST, 42, pieces, str(out))
    found = verify_volume(str(out), NEOPOST, "simplex", written.rows, batch_number=42, pieces=pieces)
    assert found.faults == ()
    with pikepdf.open(out) as pdf:
        assert ["/Letterhead" in page.Resources.XObject for page in pdf.pages] == [True, False, False] * 2
