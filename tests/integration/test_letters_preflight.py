"""What one letter's pages show: drawn addresses, what stands in the window, special products, the marks' place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from pikepdf import Pdf
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.confine import Limits, run_confined
from pipeline.adapters.letters.reading import read_letters
from pipeline.adapters.profile_files import load_profiles
from pipeline.domain.errors import Rejected
from pipeline.domain.geometry import Rect
from pipeline.domain.letter_checks import SheetLooks, looks_of
from pipeline.domain.pages import LetterRange, LetterReading
from pipeline.domain.profile_rules import clear_zone
from pipeline.domain.profiles import OutgoingRules, Plex
from pipeline.domain.refusals import REFUSALS
from pipeline.domain.remarks import REMARKS
from pipeline.domain.window_rules import MarkZoneRules, WindowRules
from pipeline.domain.window_sight import check_window
from tests.drawn_addresses import VERA, mistold, outlined, scanned
from tests.letter_sheets import A4_PT, LAYOUTS, MM, Layout, draw_address, draw_body, rendered, stack

pytestmark = pytest.mark.integration

PROFILES = load_profiles(Path(__file__).parents[2] / "profiles")
LETTERS = PROFILES.jobs["letters"].outgoing
assert LETTERS is not None
RULES: OutgoingRules = LETTERS
ERIKA = ["Frau", "Erika Mustermann", "Am Packhof 2", "19053 Schwerin"]
NEOPOST = clear_zone(PROFILES.machines["neopost-1track"])

Draw = Callable[[Canvas], None]


def read(
    folder: Path,
    sides: Sequence[Draw] | bytes,
    rules: OutgoingRules = RULES,
    zones: Sequence[Rect] = (),
    plex: Plex = "simplex",
    looks: SheetLooks | None = None,
    letters: Sequence[LetterRange] | None = None,
) -> LetterReading:
    return read_all(folder, sides, rules, zones, plex, looks, letters)[0]


def read_all(
    folder: Path,
    sides: Sequence[Draw] | bytes,
    rules: OutgoingRules = RULES,
    zones: Sequence[Rect] = (),
    plex: Plex = "simplex",
    looks: SheetLooks | None = None,
    letters: Sequence[LetterRange] | None = None,
) -> list[LetterReading]:
    source = folder / "source.pdf"
    source.write_bytes(sides if isinstance(sides, bytes) else stack(sides))
    pages = 1 if isinstance(sides, bytes) else len(sides)
    by_form = dict.fromkeys(rules.forms, zones)
    looks = looks or looks_of(rules, PROFILES)
    ranges = letters or [LetterRange(1, 1, pages)]
    readings = read_letters(str(source), ranges, rules, by_form, plex, str(folder / "out.pdf"), looks=looks)
    for reading in readings:
        assert reading.code is None or reading.code in REFUSALS
        assert set(reading.remarks) <= set(REMARKS)
        assert not any(word in (reading.detail or "") for word in ("Mustermann", "Packhof", "Schwerin"))
    return [replace(reading, remarks=tuple(sorted({*reading.remarks} - {"font-embedded"}))) for reading in readings]


def verdict(reading: LetterReading, envelope: str = "c65", rules: WindowRules | None = None) -> str:
    """What becomes of a letter in an envelope: its code, its remarks, or nothing."""
    if reading.code is not None:
        return reading.code
    stock = PROFILES.envelopes[envelope]
    folding = stock.folding(reading.form) if reading.form else None
    assert reading.sight is not None and folding is not None
    try:
        return " ".join(check_window(reading.sight, stock, folding, rules or RULES.window))
    except Rejected as refusal:
        return refusal.code


def with_address(*more: Draw, form: str = "B", lines: Sequence[str] = ERIKA, **layout: object) -> Draw:
    def draw(canvas: Canvas) -> None:
        how: Layout = replace(LAYOUTS[form], **layout)  # type: ignore[arg-type]
        draw_address(canvas, lines, how)
        draw_body(canvas, how.body_mm)
        for each in more:
            each(canvas)

    return draw


def text(x_mm: float, y_mm: float, words: str, size: float = 10, font: str = "Helvetica") -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.setFont(font, size)
        canvas.drawString(x_mm * MM, A4_PT[1] - y_mm * MM, words)

    return draw


def area(left: float, top: float, wide: float, high: float, grey: float = 0.0) -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.setFillGray(grey)
        canvas.rect(left * MM, A4_PT[1] - (top + high) * MM, wide * MM, high * MM, stroke=0, fill=1)
        canvas.setFillGray(0)

    return draw


def coloured(left: float, top: float, wide: float, high: float, colour: tuple[float, float, float]) -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.setFillColorRGB(*colour)
        canvas.rect(left * MM, A4_PT[1] - (top + high) * MM, wide * MM, high * MM, stroke=0, fill=1)
        canvas.setFillGray(0)

    return draw


def matrix(left: float, top: float, side: float) -> Draw:
    """A Data Matrix as franking programs print it."""
    code = zxingcpp.create_barcode("DEA 4711 0000 12 26 0095 4711471147114711", zxingcpp.BarcodeFormat.DataMatrix)
    image = Image.fromarray(np.array(code.to_image(scale=8)))

    def draw(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(image), left * MM, A4_PT[1] - (top + side) * MM, side * MM, side * MM)

    return draw


def pictured(canvas: Canvas, words: str, left: float, top: float) -> None:
    """Words as a picture of 40 by 5 mm."""
    picture = Image.new("L", (480, 60), 255)
    ImageDraw.Draw(picture).text((2, 4), words, fill=0, font=ImageFont.truetype(str(VERA), 44))
    canvas.drawImage(ImageReader(picture), left * MM, A4_PT[1] - (top + 5) * MM, 40 * MM, 5 * MM)


# --- addresses without text ----------------------------------------------------------------------------------------

DRAWN = {
    "curves": lambda canvas: outlined(canvas, ERIKA),
    "small curves": lambda canvas: outlined(canvas, ERIKA, 8.0),
    "picture of 300 dpi": lambda canvas: scanned(canvas, ERIKA, 300),
    "picture of 200 dpi": lambda canvas: scanned(canvas, ERIKA, 200),
}


@pytest.mark.parametrize("kind", DRAWN)
def test_a_drawn_address_is_recognised(tmp_path: Path, kind: str) -> None:
    reading = read(tmp_path, [lambda canvas: (DRAWN[kind](canvas), draw_body(canvas, 105))])
    assert reading.address is not None, reading.detail
    assert (list(reading.address.lines), reading.address.postcode, reading.form) == (ERIKA, "19053", "B")
    assert reading.remarks == ("address-recognised",)
    assert 80 <= reading.confidence < 100
    assert verdict(reading) == ""


@pytest.mark.parametrize("kind", DRAWN)
def test_a_drawn_address_under_a_sender_that_is_text(tmp_path: Path, kind: str) -> None:
    """The sender's line of form B stands where form A has its address."""
    sender = text(25, 49, "Stadt Schwerin · Am Packhof 2–6 · 19053 Schwerin", 7)
    reading = read(tmp_path, [lambda canvas: (sender(canvas), DRAWN[kind](canvas), draw_body(canvas, 105))])
    assert reading.address is not None, reading.detail
    assert (list(reading.address.lines), reading.form) == (ERIKA, "B")
    nothing = read(tmp_path, [lambda canvas: (sender(canvas), draw_body(canvas, 105))])
    assert nothing.code == "address-not-found"


def test_a_font_that_tells_signs_is_not_believed(tmp_path: Path) -> None:
    reading = read(tmp_path, mistold(ERIKA))
    assert reading.address is not None, reading.detail
    assert (list(reading.address.lines), reading.address.postcode) == (ERIKA, "19053")
    assert reading.remarks == ("address-recognised",)


@pytest.mark.parametrize(
    "draw",
    [
        lambda canvas: scanned(canvas, ERIKA, 60, 1.6),  # hardly to be read
        lambda canvas: scanned(canvas, ERIKA[:3]),  # no town
        lambda canvas: scanned(canvas, [*ERIKA[:3], "1905B Schwerin"]),
        area(25, 64, 60, 20),  # a black box
        area(25, 64, 60, 20, 0.7),
    ],
    ids=["blurred", "no town", "a letter in the postcode", "black", "grey"],
)
def test_what_is_not_certain_goes_back(tmp_path: Path, draw: Draw) -> None:
    reading = read(tmp_path, [draw])
    assert (reading.code, reading.page, reading.address) == ("address-unreadable", 1, None), reading.detail


def test_the_bar_is_the_jobs(tmp_path: Path) -> None:
    high = replace(RULES, window=WindowRules(least_confidence=100.0))
    reading = read(tmp_path, [DRAWN["curves"]], high)
    assert reading.code == "address-unreadable" and "100 Prozent" in str(reading.detail)
    never = replace(RULES, window=WindowRules(recognise=False))
    reading = read(tmp_path, [DRAWN["curves"]], never)
    assert reading.code == "address-unreadable" and "Bild" in str(reading.detail)


def test_recognition_in_a_child_of_its_own(tmp_path: Path) -> None:
    source = tmp_path / "source.pdf"
    source.write_bytes(stack([DRAWN["curves"]]))
    limits = Limits(wall_s=60, memory_mb=4000)
    arguments = (str(source), [LetterRange(1, 1, 1)], RULES, {}, "simplex", str(tmp_path / "out.pdf"))
    (reading,) = run_confined(limits, read_letters, *arguments)  # type: ignore[arg-type]
    assert reading.address is not None and reading.address.postcode == "19053"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.identities", "out.pdf", "source.pdf"]


# --- addresses in the wrong place ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layout", "code"),
    [
        ({"address_top_mm": 84.0, "body_mm": 120.0}, "address-outside-window"),
        ({"address_top_mm": 96.0, "body_mm": 130.0}, "address-outside-window"),
        ({"address_top_mm": 30.0, "sender": ""}, "address-outside-window"),
        ({}, ""),
    ],
)
def test_an_address_that_the_window_does_not_show(tmp_path: Path, layout: dict[str, object], code: str) -> None:
    rules = replace(RULES, forms=("B",))
    assert verdict(read(tmp_path, [with_address(**layout)], rules)) == code


def test_two_addresses_leave_a_doubt(tmp_path: Path) -> None:
    other = with_address(lines=["Max Beispiel", "19370 Parchim"], form="A", sender="", body_mm=150.0)
    both = with_address(other, sender="", body_mm=150.0, lines=["Erika Mustermann", "Weg 1", "19053 Schwerin"])
    assert read(tmp_path, [both]).code == "address-ambiguous"


def test_seven_lines(tmp_path: Path) -> None:
    lines = ["Firma", "Abt. 4", "Haus 3", "Frau Muster", "Etage 2", "Weg 2", "19053 Schwerin"]
    page = with_address(lines=lines, address_size=8.0, leading_mm=3.6)
    assert read(tmp_path, [page]).code == "address-too-many-lines"


def test_a_field_of_the_jobs_own(tmp_path: Path) -> None:
    """A letterhead with its address to the right of where DIN 5008 has it, folded as form B."""
    own = Rect(30.0, 56.0, 91.0, 88.0)
    rules = replace(RULES, forms=("B",), window=WindowRules(own=own))

    def draw(canvas: Canvas) -> None:
        for down, line in enumerate(ERIKA):
            text(40, 61 + 4.3 * down, line)(canvas)
        draw_body(canvas, 105)

    reading = read(tmp_path, [draw], rules)
    assert reading.address is not None and reading.address.postcode == "19053"
    assert verdict(reading, rules=rules.window) == ""
    assert read(tmp_path, [with_address(address_top_mm=40.0)], rules).code == "address-outside-window"


# --- what else shows -----------------------------------------------------------------------------------------------


def underline(canvas: Canvas) -> None:
    canvas.setLineWidth(0.3)
    canvas.line(25 * MM, A4_PT[1] - 50 * MM, 100 * MM, A4_PT[1] - 50 * MM)


def corners(canvas: Canvas) -> None:
    """What letterheads print around the address field, and fold marks."""
    canvas.setLineWidth(0.4)
    for x, into in ((20, 4), (105, -4)):
        for y, down in ((45, 4), (90, -4)):
            canvas.line(x * MM, A4_PT[1] - y * MM, (x + into) * MM, A4_PT[1] - y * MM)
            canvas.line(x * MM, A4_PT[1] - y * MM, x * MM, A4_PT[1] - (y + down) * MM)
    for y in (87, 105, 148.5, 192, 210):
        canvas.line(3 * MM, A4_PT[1] - y * MM, 9 * MM, A4_PT[1] - y * MM)


ALLOWED = {
    "nothing": with_address(),
    "endorsements": with_address(endorsements=("Nicht nachsenden!", "Persönlich")),
    "an underlined sender": with_address(underline),
    "corners and fold marks": with_address(corners),
    "a franking code over the address": with_address(matrix(78, 50, 12)),
    "a sender of two lines": with_address(
        text(25, 49, "Stadt Schwerin, Der Oberbürgermeister", 7),
        text(25, 52, "PF 11 10 42, 19010 Schwerin", 7),
        sender="",
    ),
    "a number of the printer's": with_address(text(25, 60, "00012/0001 B1", 6)),
    "a subject where DIN 5008 has it": with_address(text(25, 102, "Mahnung", 11, "Helvetica-Bold")),
    "the information block": with_address(text(125, 60, "Unser Zeichen: 20-4711")),
    "a logo over the field": with_address(area(20, 10, 60, 30)),
    "white on white": with_address(area(30, 92, 20, 4, 1.0)),
    "form A": with_address(form="A"),
}
SHOWN = {
    "a reference under the address": with_address(text(25, 89, "Az. 20-4711/26", 8)),
    "a reference between field and fold": with_address(text(25, 96, "Az. 20-4711/26", 8)),
    "a subject too high": with_address(text(25, 97.5, "Pfändung", 11)),
    "a reference among the endorsements": with_address(text(25, 57, "Az. 20-4711/26", 8)),
    "a logo beside the address": with_address(area(92, 66, 12, 12)),
    "a logo left of the field": with_address(area(4, 60, 10, 10, 0.4)),
    "a grey band through the field": with_address(area(0, 80, 210, 9, 0.8)),
    "text at the left edge": with_address(text(3, 70, "Az.", 9)),
    "text of the letter over the address": with_address(text(25, 55, "Rückforderung Bürgergeld, Insolvenz", 8)),
    "the same, right of the middle": with_address(text(66, 55, "Rückforderung", 8)),
    "the same, beside the sender": with_address(text(88, 49, "Insolvenz", 7)),
    "a stamp over the address": with_address(coloured(60, 52, 40, 9, (1, 0, 0))),
    "a yellow block beside the address": with_address(coloured(60, 68, 30, 20, (1, 1, 0.55))),
    "a black block over the address": with_address(area(78, 50, 12, 12)),
    "an endorsement as a picture": with_address(lambda canvas: pictured(canvas, "Einschreiben", 25, 56)),
    "a word on the address's own line": with_address(text(62, 70.1, "insolvent")),
    "a word further from the name": with_address(text(55, 70.1, "insolvent"), lines=["Frau", "Erika M.", *ERIKA[2:]]),
    "a word beside the town": with_address(text(60, 78.6, "Pfändung")),
    "form A, under the field": with_address(text(25, 78, "Az. 20-4711/26", 8), form="A"),
}


PAPER = {
    "cream": (1.0, 0.98, 0.86),
    "grey": (0.88, 0.88, 0.88),
}


@pytest.mark.parametrize("tone", PAPER)
def test_a_ground_of_the_whole_sheet_is_paper(tmp_path: Path, tone: str) -> None:
    page = [lambda canvas: [coloured(0, 0, 210, 297, PAPER[tone])(canvas), with_address()(canvas)]]
    assert verdict(read(tmp_path, page)) == ""
    more = [lambda canvas: [coloured(0, 0, 210, 297, PAPER[tone])(canvas), SHOWN["a logo beside the address"](canvas)]]
    assert verdict(read(tmp_path, more)) == "window-occupied"


@pytest.mark.parametrize("what", ALLOWED)
def test_what_may_show(tmp_path: Path, what: str) -> None:
    assert verdict(read(tmp_path, [ALLOWED[what]])) == ""


@pytest.mark.parametrize("what", SHOWN)
def test_what_may_not_show(tmp_path: Path, what: str) -> None:
    reading = read(tmp_path, [SHOWN[what]])
    assert verdict(reading) == "window-occupied"
    assert verdict(reading, rules=WindowRules(folded="remark")) == "window-shows-more"
    assert verdict(reading, rules=WindowRules(folded="ignore")) == ""


def test_in_a_flat_envelope_the_subject_may_show_and_it_is_said(tmp_path: Path) -> None:
    long = [with_address(text(25, 102, "Mahnung")), *[lambda canvas: draw_body(canvas, 25)] * 6]
    reading = read(tmp_path, long)
    assert reading.sight is not None and reading.sight.others
    assert verdict(reading, "c4") == "window-shows-more"
    assert verdict(reading, "c65") == ""
    assert verdict(reading, "c4", WindowRules(flat="refuse")) == "window-occupied"


def second_address(canvas: Canvas) -> None:
    """Another address as a picture, right of the one that is text."""
    canvas.saveState()
    canvas.translate(38 * MM, 0)
    scanned(canvas, ["Karl Sichtbar", "Neue Allee 9", "19055 Schwerin"], 300)
    canvas.restoreState()


def test_a_second_address_as_a_picture_is_a_doubt_where_more_may_show(tmp_path: Path) -> None:
    short = ["Erika M.", "Weg 2", "19053 Schwerin"]
    page = with_address(second_address, lines=short)
    following = [lambda canvas: draw_body(canvas, 25)] * 6
    assert verdict(read(tmp_path, [page])) == "window-occupied"
    assert read(tmp_path, [page, *following]).code == "address-ambiguous"
    remark = replace(RULES, window=WindowRules(folded="remark"))
    assert read(tmp_path, [page], remark).code == "address-ambiguous"
    never = replace(RULES, window=WindowRules(folded="remark", recognise=False))
    assert verdict(read(tmp_path, [page], never), rules=never.window) == "window-shows-more"
    logo = read(tmp_path, [with_address(area(70, 66, 25, 15, 0.4), lines=short), *following])
    assert verdict(logo, "c4") == "window-shows-more"


# --- whose letter it is --------------------------------------------------------------------------------------------


def test_the_sender_is_told_as_it_is_printed(tmp_path: Path) -> None:
    """For letters are joined only within one office; endorsements are not the sender's."""
    page = with_address(sender="Jugendamt · Am Packhof 2 · 19053 Schwerin", endorsements=("Nicht nachsenden!",))
    assert read(tmp_path, [page]).sender == "Jugendamt · Am Packhof 2 · 19053 Schwerin"
    assert read(tmp_path, [with_address(sender="")]).sender == ""


# --- special products ----------------------------------------------------------------------------------------------


def test_a_special_product_leaves_the_stream(tmp_path: Path) -> None:
    page = [with_address(endorsements=("Einschreiben",))]
    reading = read(tmp_path, page)
    assert reading.code == "special-delivery" and "Einschreiben" in str(reading.detail)
    allowed = replace(RULES, window=WindowRules(special="remark"))
    assert read(tmp_path, page, allowed).remarks == ("special-delivery-ordered",)
    assert read(tmp_path, page, allowed).special is None


@pytest.mark.parametrize(
    ("endorsements", "special"),
    [
        (("Einschreiben",), "registered"),
        (("Nicht nachsenden!", "Einschreiben Einwurf"), "registered-mailbox"),
        (("Einschreiben", "Rückschein"), "return-receipt"),
        (("Nicht nachsenden!",), None),
    ],
)
def test_registered_mail_has_a_pool_where_the_job_says_so(
    tmp_path: Path, endorsements: tuple[str, ...], special: str | None
) -> None:
    own = replace(RULES, window=WindowRules(special="pool"))
    reading = read(tmp_path, [with_address(endorsements=endorsements)], own)
    assert (reading.code, reading.special, reading.remarks) == (None, special, ())


@pytest.mark.parametrize("endorsement", ["Postzustellungsauftrag", "Einschreiben eigenhändig", "Eilbrief", "Per Boten"])
def test_what_has_no_pool_comes_back_all_the_same(tmp_path: Path, endorsement: str) -> None:
    own = replace(RULES, window=WindowRules(special="pool"))
    assert read(tmp_path, [with_address(endorsements=(endorsement,))], own).code == "special-delivery"


@pytest.mark.parametrize(
    ("x_mm", "y_mm", "words"),
    [
        (26, 58, "Einschreiben"),
        (61, 58, "Einschreiben"),
        (66, 58, "Einschreiben Rückschein"),
        (63, 58, "Förmliche Zustellung"),
        (84, 49, "Einschreiben"),  # on the sender's line
        (66, 72, "Einschreiben"),  # beside the address
        (26, 58, "Gegen Empfangsbekenntnis"),
        (26, 58, "Durch Gerichtsvollzieher"),
    ],
)
def test_a_special_product_is_seen_wherever_it_stands_in_the_field(
    tmp_path: Path, x_mm: float, y_mm: float, words: str
) -> None:
    reading = read(tmp_path, [with_address(text(x_mm, y_mm, words))])
    assert reading.code == "special-delivery", reading.detail
    right = [with_address(text(130, y_mm, words))]  # in the information block it orders nothing
    assert read(tmp_path, right).code is None


# --- the marks' place ----------------------------------------------------------------------------------------------


def stroke(y_mm: float, end_mm: float = 10.0, width_mm: float = 0.25) -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.setLineWidth(width_mm * MM)
        canvas.line(5 * MM, A4_PT[1] - y_mm * MM, end_mm * MM, A4_PT[1] - y_mm * MM)

    return draw


WHITEN = replace(RULES, mark_zone=MarkZoneRules(occupied="whiten"))
ZONE = Rect(4.0, 95.0, 22.0, 155.0)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ((stroke(105), stroke(148.5)), None),
        ((stroke(105.9),), None),
        ((stroke(120),), "mark-zone-occupied"),  # no known place
        ((stroke(105, 120),), "mark-zone-occupied"),  # a rule across the page
        ((stroke(105, 24.0),), "mark-zone-occupied"),  # too long for a fold mark
        ((stroke(105, 10, 1.5),), "mark-zone-occupied"),  # a bar
        ((text(6, 106, "Az."),), "mark-zone-occupied"),
        ((stroke(105), text(6, 130, "I")), "mark-zone-occupied"),
    ],
)
def test_fold_and_hole_marks_are_covered_and_nothing_else(
    tmp_path: Path, more: Sequence[Draw], code: str | None
) -> None:
    page = [with_address(*more)]
    assert read(tmp_path, page, RULES, [ZONE]).code == "mark-zone-occupied"
    reading = read(tmp_path, page, WHITEN, [ZONE])
    assert reading.code == code
    assert ("fold-marks-whitened" in reading.remarks) == (code is None)


def test_a_job_may_know_other_places(tmp_path: Path) -> None:
    rules = replace(RULES, mark_zone=MarkZoneRules(occupied="whiten", strokes_mm=(100.0,)))
    page = [with_address(stroke(100))]
    assert read(tmp_path, page, WHITEN, [ZONE]).code == "mark-zone-occupied"
    assert read(tmp_path, page, rules, [ZONE]).code is None


SHIFT = replace(RULES, mark_zone=MarkZoneRules(occupied="shift", shift_mm=8.0))
AT_THE_EDGE = text(16, 170, "I.", 10)


def test_a_letter_in_the_way_is_moved(tmp_path: Path) -> None:
    sides = [with_address(AT_THE_EDGE), lambda canvas: draw_body(canvas, 25)]
    before = read(tmp_path, sides, RULES, NEOPOST)
    plain = [rendered(tmp_path / "out.pdf", index) for index in range(2)]
    assert before.code == "mark-zone-occupied"
    after = read(tmp_path, sides, SHIFT, NEOPOST)
    assert (after.code, after.remarks) == (None, ("content-shifted",))
    assert verdict(after) == ""
    px = round(8.0 / 25.4 * 100)
    for index in range(2):
        moved = rendered(tmp_path / "out.pdf", index)
        apart = np.abs(moved[:, px:].astype(int) - plain[index][:, :-px].astype(int)).max(axis=2) > 96
        assert np.count_nonzero(apart) < 0.02 * apart.size
        assert (moved[:, : px - 1] == 255).all()


@pytest.mark.parametrize(
    "sides",
    [
        [with_address(AT_THE_EDGE, area(192, 100, 10, 5))],  # it would leave the printable sheet
        [with_address(AT_THE_EDGE), area(192, 100, 10, 5)],  # on the second page
        [with_address(AT_THE_EDGE, text(8, 180, "I."))],  # not far enough
    ],
    ids=["right edge", "right edge of page 2", "too little"],
)
def test_what_cannot_be_moved_stays_as_it_was(tmp_path: Path, sides: Sequence[Draw]) -> None:
    read(tmp_path, sides, RULES, NEOPOST)
    before = (tmp_path / "out.pdf").read_bytes()
    assert read(tmp_path, sides, SHIFT, NEOPOST).code == "mark-zone-occupied"
    assert (tmp_path / "out.pdf").read_bytes() == before
    assert not list(tmp_path.glob("*.moved"))


def test_a_letter_whose_address_would_leave_the_window_is_judged_where_it_was_moved(tmp_path: Path) -> None:
    wide = ["Zweckverband Wasser und Abwasser", "Am Packhof 2", "19053 Schwerin"]
    reading = read(tmp_path, [with_address(AT_THE_EDGE, lines=wide, address_size=10.5)], SHIFT, NEOPOST)
    assert reading.remarks == ("content-shifted",)
    assert reading.sight is not None and reading.sight.address.left_mm == pytest.approx(33.0, abs=0.2)
    assert verdict(reading) == "address-outside-window"


def test_only_the_letters_that_need_it_are_moved(tmp_path: Path) -> None:
    """Of three letters the second moves and the third can't; same input, same bytes."""
    sides = [
        with_address(),
        with_address(AT_THE_EDGE),
        with_address(AT_THE_EDGE, text(8, 180, "I.")),
    ]
    letters = [LetterRange(n, n, n) for n in (1, 2, 3)]
    readings = read_all(tmp_path, sides, SHIFT, NEOPOST, letters=letters)
    assert [(r.code, r.remarks) for r in readings] == [
        (None, ()),
        (None, ("content-shifted",)),
        ("mark-zone-occupied", ()),
    ]
    first = (tmp_path / "out.pdf").read_bytes()
    read_all(tmp_path, sides, SHIFT, NEOPOST, letters=letters)
    assert (tmp_path / "out.pdf").read_bytes() == first
    with Pdf.open(tmp_path / "out.pdf") as pdf:
        moved = [b"1 0 0 1 22.6772 0 cm" in page.Contents.read_bytes() for page in pdf.pages]
    assert moved == [False, True, False]


# --- the back ------------------------------------------------------------------------------------------------------

REMINDERS = PROFILES.jobs["reminders"].outgoing
assert REMINDERS is not None
BACK = area(195, 25, 4, 4)


@pytest.mark.parametrize(
    ("back", "plex", "code"),
    [
        (lambda canvas: draw_body(canvas, 25), "duplex", None),
        (BACK, "duplex", "mark-reverse-occupied"),
        (BACK, "simplex", None),
        (area(195, 60, 4, 4), "duplex", None),
        (area(10, 25, 4, 4), "duplex", None),  # left on the back is right on the front
    ],
)
def test_ink_behind_the_marks(tmp_path: Path, back: Draw, plex: Plex, code: str | None) -> None:
    reading = read(tmp_path, [with_address(), back], REMINDERS, (), plex)
    assert reading.code == code
    if code:
        assert reading.page == 2 and "Seite 2" in str(reading.detail)


def test_a_machine_that_does_not_mind(tmp_path: Path) -> None:
    assert read(tmp_path, [with_address(), BACK], RULES, (), "duplex").code is None


def test_what_endorsements_say_is_kept_for_what_may_lie_with_a_letter(tmp_path: Path) -> None:
    told = ("Persönlich", "Nicht nachsenden!")
    plain = read(tmp_path, [with_address()])
    endorsed = read(tmp_path, [with_address(endorsements=told)])
    assert (plain.endorsements, endorsed.endorsements) == ("", "nicht nachsenden!\npersönlich")
    assert plain.sender == endorsed.sender != ""
