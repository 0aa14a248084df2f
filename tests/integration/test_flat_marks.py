"""The flat machine's marks need room on letters that end in the flat stream, and on no others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.letters.reading import read_letters
from pipeline.domain.errors import Rejected
from pipeline.domain.geometry import Rect
from pipeline.domain.letter_checks import SheetLooks, looks_of
from pipeline.domain.pages import FlatFinding, LetterRange, LetterReading
from pipeline.domain.profiles import Plex
from pipeline.domain.window_rules import MarkZoneRules
from pipeline.services.ports import Line
from tests.integration.test_envelopes import SHIPPED, Letter, line_in, profiles_with, read_in
from tests.letter_sheets import A4_PT, LAYOUTS, MM, RULES, draw_address, draw_body, stack

pytestmark = pytest.mark.integration

ERIKA = ["Frau", "Erika Mustermann", "Am Packhof 2", "19053 Schwerin"]
FOLDED, FLAT = Rect(5.0, 120.0, 18.0, 140.0), Rect(5.0, 15.0, 20.0, 35.0)
BACK = Rect(190.0, 15.0, 205.0, 35.0)
LOOKS = SheetLooks(flat_fronts=(FLAT,))
MIND = FlatFinding("mark-zone-occupied", "Seite 1: bedruckt.", 1)


def read(
    folder: Path,
    ink: Sequence[Sequence[Rect]],
    rules: MarkZoneRules = MarkZoneRules(),
    looks: SheetLooks = LOOKS,
    plex: Plex = "simplex",
) -> LetterReading:
    """A letter of as many pages as `ink` has items, with a box in each of these places."""

    def side(number: int) -> object:
        def draw(canvas: Canvas) -> None:
            if not number:
                draw_address(canvas, ERIKA, LAYOUTS["B"])
            draw_body(canvas, 105, 12)
            for box in ink[number]:
                bottom_pt, high_pt = A4_PT[1] - box.bottom_mm * MM, (box.bottom_mm - box.top_mm) * MM
                canvas.rect(box.left_mm * MM, bottom_pt, 3 * MM, high_pt, stroke=0, fill=1)

        return draw

    (folder / "source.pdf").write_bytes(stack([side(number) for number in range(len(ink))]))  # type: ignore[misc]
    outgoing = replace(RULES, forms=("B",), mark_zone=rules)
    ranges, zones = [LetterRange(1, 1, len(ink))], {"B": (FOLDED,)}
    (reading,) = read_letters(
        str(folder / "source.pdf"), ranges, outgoing, zones, plex, str(folder / "out.pdf"), looks=looks
    )
    return reading


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = line_in(tmp_path, profiles_with())
    yield made
    made.ledger.close()


def test_ink_for_the_flat_machine_alone_is_kept_with_the_reading(tmp_path: Path) -> None:
    reading = read(tmp_path, [[], [FLAT.grown(-3)]])
    assert (reading.code, reading.flat and reading.flat.code, reading.flat and reading.flat.page) == (
        None,
        "mark-zone-occupied",
        2,
    )
    assert read(tmp_path, [[], []]).flat is None
    assert read(tmp_path, [[FOLDED.grown(-3)]]).code == "mark-zone-occupied"


def test_so_is_ink_on_a_back(tmp_path: Path) -> None:
    looks = SheetLooks(flat_backs=(BACK,))
    reading = read(tmp_path, [[], [BACK.grown(-3)]], looks=looks, plex="duplex")
    assert (reading.code, reading.flat and reading.flat.code) == (None, "mark-reverse-occupied")


def test_a_letter_is_moved_for_either_machine(tmp_path: Path) -> None:
    rules = MarkZoneRules(occupied="shift", shift_mm=16.0)
    reading = read(tmp_path, [[FLAT.grown(-1)]], rules)
    assert (reading.code, reading.flat) == (None, None) and "content-shifted" in reading.remarks


def test_a_letter_that_moving_does_not_help_stays_as_it_was(tmp_path: Path) -> None:
    rules = MarkZoneRules(occupied="shift", shift_mm=5.0)
    reading = read(tmp_path, [[Rect(12.0, 20.0, 15.0, 30.0)]], rules)
    assert reading.code is None and reading.flat is not None and "content-shifted" not in reading.remarks


def test_fold_marks_are_told_where_they_are_covered(tmp_path: Path) -> None:
    stroke = [Rect(6.0, 23.0, 9.0, 23.4)]
    reading = read(tmp_path, [stroke], MarkZoneRules(occupied="whiten", strokes_mm=(23.0,)))
    assert reading.flat == FlatFinding(remarks=("fold-marks-whitened",))
    assert "fold-marks-whitened" not in reading.remarks


def test_a_letter_that_is_folded_does_not_go_back_for_the_flat_machine(line: Line) -> None:
    (piece,) = read_in(line, Letter("schwerin", 2, "Erika Muster", flat=MIND), 1)
    assert piece.machine == "neopost-1track"


@pytest.mark.parametrize(
    "letter",
    [
        Letter("schwerin", 9, "Erika Muster"),
        Letter("schwerin", 9, "Erika Muster", plex="duplex", enclosures=(1, 2, 3, 4)),
        Letter("schwerin", 1, "Erika Muster", enclosures=(4,)),
    ],
    ids=["sheets", "thickness", "an enclosure the folding machine can't call"],
)
def test_whatever_makes_it_flat_it_has_to_suit_the_flat_machine(line: Line, letter: Letter) -> None:
    (piece,) = read_in(line, letter, 1)
    assert piece.machine == "datamatrix"
    with pytest.raises(Rejected) as refusal:
        read_in(line, letter._replace(flat=MIND), 2)
    assert (refusal.value.code, refusal.value.page, refusal.value.sentence) == (MIND.code, 1, MIND.detail)
    (whitened,) = read_in(line, letter._replace(flat=FlatFinding(remarks=("fold-marks-whitened",))), 3)
    assert whitened.remarks == ("fold-marks-whitened",)


def test_where_the_flat_machines_marks_go_is_looked_at_apart() -> None:
    rules = SHIPPED.jobs["letters"].outgoing
    assert rules is not None
    looks = looks_of(rules, SHIPPED)
    assert looks.flat_fronts and not looks.flat_backs
    same = looks_of(replace(rules, machine="datamatrix"), SHIPPED)
    assert (same.flat_fronts, same.flat_backs) == ((), ())
    turned = looks_of(replace(rules, flat_machine="pitney-small"), SHIPPED)
    assert turned.flat_backs and not turned.backs
