"""Whole letters: what a slice yields, and that one bad letter never stops the rest."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Name, Pdf
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.confine import Limits, run_confined
from pipeline.adapters.letters.mark_zone import occupied
from pipeline.adapters.letters.print_stream import inspect_print_stream
from pipeline.adapters.letters.reading import extract_letter, read_letters
from pipeline.domain.errors import Rejected
from pipeline.domain.geometry import Rect
from pipeline.domain.pages import LetterRange, LetterReading
from pipeline.domain.profiles import Plex
from pipeline.domain.refusals import REFUSALS
from tests.letter_sheets import (
    A4_PT,
    LAYOUTS,
    MM,
    RULES,
    difference,
    draw_address,
    draw_body,
    figure,
    one_page,
    rendered,
    saved,
    stack,
)

pytestmark = pytest.mark.integration

STRIP = Rect(4.0, 150.0, 22.0, 190.0)
ZONES = {"A": (STRIP,), "B": (STRIP,)}
ERIKA = ["Frau", "Erika Mustermann", "Am Packhof 2", "19053 Schwerin"]

Side = Callable[[Canvas], None]


def first(lines: list[str], form: str = "B") -> Side:
    def draw(canvas: Canvas) -> None:
        draw_address(canvas, lines, LAYOUTS[form])
        draw_body(canvas, 105)

    return draw


def following(canvas: Canvas) -> None:
    draw_body(canvas, 25, 30)


def in_the_way(canvas: Canvas) -> None:
    draw_body(canvas, 25, 30)
    canvas.drawString(8 * MM, A4_PT[1] - 170 * MM, "Az.")


def empty(_canvas: Canvas) -> None:
    pass


def ranges(*lengths: int) -> list[LetterRange]:
    ends = [sum(lengths[:n]) for n in range(len(lengths) + 1)]
    return [LetterRange(n, begin + 1, end) for n, (begin, end) in enumerate(pairwise(ends), 1)]


def read(folder: Path, data: bytes, letters: list[LetterRange], plex: Plex = "simplex") -> list[LetterReading]:
    source = folder / "source.pdf"
    source.write_bytes(data)
    return read_letters(str(source), letters, RULES, ZONES, plex, str(folder / "slice.pdf"))


def test_a_stack_of_letters(tmp_path: Path) -> None:
    data = stack(
        [first(ERIKA), following, first(["Ö AG", "01067 Dresden"], "A"), first(["X", "A-1010 Wien"]), following]
    )
    readings = read(tmp_path, data, ranges(2, 1, 2))
    assert [(r.form, r.address and r.address.postcode, r.code) for r in readings] == [
        ("B", "19053", None),
        ("A", "01067", None),
        ("B", "1010", None),
    ]
    assert [r.first_page for r in readings] == [1, 3, 4]
    with Pdf.open(tmp_path / "slice.pdf") as pdf:
        assert len(pdf.pages) == 5


def test_some_letters_of_a_stack(tmp_path: Path) -> None:
    data = stack([first([f"Person {n}", f"1905{n} Schwerin"]) for n in range(6)])
    readings = read(tmp_path, data, [LetterRange(3, 3, 3), LetterRange(5, 5, 5)])
    assert [r.address and r.address.postcode for r in readings] == ["19052", "19054"]
    assert [r.first_page for r in readings] == [1, 2]


def _bad_stack() -> bytes:
    """Eight letters of two pages; 2, 4, 5, 6 and 7 cannot go."""
    sides: list[Side] = [side for _ in range(8) for side in (first(ERIKA), following)]
    sides[2] = empty  # letter 2: no address
    sides[7] = in_the_way  # letter 4: second page
    with Pdf.open(io.BytesIO(stack(sides))) as pdf:
        pages = [page.obj for page in pdf.pages]
        pages[9].MediaBox = Array([0, 0, 842, 1191])  # letter 5: A3
        packed = zlib.compress(pages[10].Contents.read_bytes())
        pages[10].Contents = pdf.make_stream(packed[: len(packed) // 2], Filter=Name.FlateDecode)  # letter 6
        pages[13].Rotate = 45  # letter 7: turned by no quarter
        return saved(pdf, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def test_bad_letters_do_not_stop_the_rest(tmp_path: Path) -> None:
    readings = read(tmp_path, _bad_stack(), ranges(*[2] * 8))
    assert [(r.code, r.page) for r in readings] == [
        (None, None),
        ("address-not-found", 3),
        (None, None),
        ("mark-zone-occupied", 8),
        ("page-size", 10),
        ("pdf-damaged", 11),
        ("pdf-damaged", 14),
        (None, None),
    ]
    for reading in readings:
        assert reading.first_page == 2 * reading.range.ordinal - 1
        if reading.code is not None:
            assert reading.code in REFUSALS and reading.detail and f"Seite {reading.page}" in reading.detail
            assert not any(word in reading.detail for word in ("Mustermann", "Packhof", "Schwerin"))
    with Pdf.open(tmp_path / "slice.pdf") as pdf:
        assert len(pdf.pages) == 16


def test_a_page_of_another_size_can_be_looked_at(tmp_path: Path) -> None:
    data = saved(one_page(figure(842, 1191), (0, 0, 842, 1191)))
    (reading,) = read(tmp_path, data, ranges(1))
    assert reading.code == "page-size"
    small = rendered(tmp_path / "slice.pdf")
    assert difference(rendered(data, dpi=100 * 595.276 / 842), small) < 0.02
    assert (small < 128).any()


def test_marks_are_looked_for_on_fronts_only(tmp_path: Path) -> None:
    data = stack([first(ERIKA), in_the_way, following, in_the_way])
    assert read(tmp_path, data, ranges(4), "duplex")[0].code is None
    assert read(tmp_path, data, ranges(4), "simplex")[0].page == 2
    third = stack([first(ERIKA), following, in_the_way])
    assert read(tmp_path, third, ranges(3), "duplex")[0].page == 3


def test_zones_go_by_the_letters_form(tmp_path: Path) -> None:
    source = tmp_path / "source.pdf"
    source.write_bytes(stack([first(ERIKA, "A"), first(ERIKA, "B")]))
    text = Rect(25.0, 106.0, 60.0, 112.0)
    for form, codes in (("A", ["mark-zone-occupied", None]), ("B", [None, "mark-zone-occupied"])):
        zones = {form: (text,)}
        readings = read_letters(str(source), ranges(1, 1), RULES, zones, "simplex", str(tmp_path / "out.pdf"))  # type: ignore[arg-type]
        assert [r.code for r in readings] == codes


def test_pages_beyond_the_end(tmp_path: Path) -> None:
    readings = read(tmp_path, stack([first(ERIKA), following]), [LetterRange(1, 1, 3), LetterRange(2, 9, 9)])
    assert [(r.code, r.page) for r in readings] == [("pdf-damaged", 3), ("pdf-damaged", 9)]


def test_same_source_same_bytes(tmp_path: Path) -> None:
    data, slices = _bad_stack(), []
    for _ in range(2):
        read(tmp_path, data, ranges(*[2] * 8))
        slices.append((tmp_path / "slice.pdf").read_bytes())
    assert slices[0] == slices[1]


def test_remarks_come_with_the_letter(tmp_path: Path) -> None:
    with Pdf.open(io.BytesIO(stack([first(ERIKA), following, first(ERIKA)]))) as pdf:
        pdf.pages[1].obj.MediaBox = Array([0, 0, A4_PT[1], A4_PT[0]])
        data = saved(pdf)
    assert [r.remarks for r in read(tmp_path, data, ranges(2, 1))] == [
        ("font-embedded", "landscape-turned"),
        ("font-embedded",),
    ]


def test_a_letter_taken_out_looks_as_it_would_have_been_printed(tmp_path: Path) -> None:
    readings = read(tmp_path, _bad_stack(), ranges(*[2] * 8))
    out = tmp_path / "returned.pdf"
    extract_letter(str(tmp_path / "slice.pdf"), readings[3].first_page, 2, str(out))
    with Pdf.open(out) as pdf:
        assert len(pdf.pages) == 2
        assert sum(1 for o in pdf.objects if isinstance(o, pikepdf.Stream) and o.get("/Subtype") == Name.Form) == 2
    for index in range(2):
        assert (rendered(out, index) == rendered(tmp_path / "slice.pdf", 6 + index)).all()
    before = out.read_bytes()
    extract_letter(str(tmp_path / "slice.pdf"), readings[3].first_page, 2, str(out))
    assert out.read_bytes() == before
    for wrong in ((0, 1), (16, 2), (3, 0)):
        with pytest.raises(ValueError, match="no such pages"):
            extract_letter(str(tmp_path / "slice.pdf"), *wrong, str(out))


def test_in_a_child_of_its_own(tmp_path: Path) -> None:
    source = tmp_path / "source.pdf"
    source.write_bytes(_bad_stack())
    limits = Limits(wall_s=60, memory_mb=2000)
    assert run_confined(limits, inspect_print_stream, str(source), RULES).pages == 16
    out = str(tmp_path / "slice.pdf")
    readings = run_confined(limits, read_letters, str(source), ranges(*[2] * 8), RULES, ZONES, "simplex", out)
    assert [r.code for r in readings].count(None) == 3
    source.write_bytes(source.read_bytes()[:-300])
    with pytest.raises(Rejected) as caught:
        run_confined(limits, inspect_print_stream, str(source), RULES)
    assert caught.value.code == "pdf-damaged"


# --- the mark zone -------------------------------------------------------------------------------------------------


def look(content: bytes, *zones: Rect) -> Rect | None:
    """Where ink was found on a page with this content, drawn in mm from the top left corner."""
    turned = b"%.5f 0 0 -%.5f 0 %.5f cm " % (MM, MM, A4_PT[1]) + content
    document = pdfium.PdfDocument(saved(one_page(turned)))
    try:
        finding = occupied(document[0], zones or (STRIP,))
        return None if finding is None else finding.ink
    finally:
        document.close()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"0 g 30 100 150 150 re f",  # beside it
        b"0 g 0 100 30 49.7 re f 0 190.3 30 20 re f",  # above and below
        b"0.985 g 0 0 210 297 re f",  # a page as if scanned, of nearly white paper
        b"0.98 g 0 0 210 297 re f",  # the darkest tint that is free: 250
        b"0.996 g 0 160 30 10 re f",  # white but for rounding
        b"1 1 0.98 rg 4 150 18 40 re f",
        b"0.5 g 8 170 0.1 0.1 re f",  # a speck
        b"0 G 0.5 w 3.7 140 m 3.7 200 l S 22.35 140 m 22.35 200 l S",  # rules along both sides, clear by 0.05 mm
        b"0 g 0 0 210 297 re f 1 g 4 150 18 40 re f",  # a white box over black
        b"1 G 0.3 w 0 170 m 30 170 l S",  # a white line
    ],
)
def test_a_free_zone(content: bytes) -> None:
    assert look(content) is None


@pytest.mark.parametrize(
    ("content", "ink"),
    [
        (b"0 g 10 160 5 5 re f", Rect(10, 160, 15, 165)),
        (b"0 G 0.25 w 3 170 m 8 170 l S", Rect(4, 169.9, 8, 170.1)),  # a fold or hole mark
        (b"0 G 0.05 w 6 160 m 20 160 l S", Rect(6, 160, 20, 160.1)),  # a hairline
        (b"0 G 0 w 6 160 m 20 180 l S", Rect(6, 160, 20, 180)),  # the thinnest line there is
        (b"0.5 g 5 151 1 1 re f", Rect(5, 151, 6, 152)),
        (b"0 0.8 1 rg 5 151 1 1 re f", Rect(5, 151, 6, 152)),
        (b"0.85 g 0 100 100 100 re f", Rect(4, 150, 22, 190)),  # a grey field
        (b"0 g 21.5 189.5 5 5 re f", Rect(21.5, 189.5, 22, 190)),  # only a corner of it
        (b"0.9 g 10 150 2 40 re f", Rect(10, 150, 12, 190)),  # a bar of ten percent grey
        (b"0.95 g 10 160 5 5 re f", Rect(10, 160, 15, 165)),
        (b"1 1 0.35 rg 0 160 210 10 re f", Rect(4, 160, 22, 170)),  # a yellow band: 246 in grey
        (b"1 1 0.94 rg 0 160 210 10 re f", Rect(4, 160, 22, 170)),  # cream
        (b"0.92 0.96 1 rg 0 160 210 10 re f", Rect(4, 160, 22, 170)),  # a pale blue band
        (b"1 0.95 1 rg 0 160 210 10 re f", Rect(4, 160, 22, 170)),  # only the middle channel
        (b"0 0 0.06 0 k 10 160 5 5 re f", Rect(10, 160, 15, 165)),  # six percent of yellow ink
        (b"0.9 G 0.25 w 6 170 m 20 170 l S", Rect(6, 169.9, 20, 170.1)),  # a light line
        (b"0.975 g 0 0 210 297 re f", Rect(4, 150, 22, 190)),  # the paper tone of a scanned page
    ],
)
def test_an_occupied_zone(content: bytes, ink: Rect) -> None:
    found = look(content)
    assert found is not None
    sides = [(found.left_mm, ink.left_mm), (found.top_mm, ink.top_mm), (found.right_mm, ink.right_mm)]
    assert all(abs(a - b) < 0.35 for a, b in [*sides, (found.bottom_mm, ink.bottom_mm)])


def test_text_beside_the_zone_leaves_it_free_and_pale_text_inside_does_not() -> None:
    """Baselines and margins 0.2 mm clear of the strip's left, right, upper and lower edge; then pale, but inside."""
    write = b"BT /F1 %.1f Tf 1 0 0 -1 %.2f %.2f Tm (%s) Tj ET "
    beside = [(10 / MM, 22.2, 160 + 5 * n, b"HMBLE") for n in range(6)]
    beside += [(10 / MM, 4, 149.8, b"HMxze"), (10 / MM, 4, 190.2 + 10 * 0.73 / MM, b"HMBTE"), (3, 0.8, 170, b"H")]
    assert look(b"0 g " + b"".join(write % each for each in beside)) is None
    assert look(b"0.9 g " + write % (10 / MM, 8, 170, b"Az.")) is not None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.floats(0, 205), st.floats(0, 292), st.floats(0.5, 60), st.floats(0.5, 60),
    st.floats(0, 180), st.floats(0, 260), st.floats(5, 40), st.floats(5, 40),
)  # fmt: skip
def test_ink_is_found_where_it_is(
    x: float, y: float, wide: float, high: float, left: float, top: float, width: float, height: float
) -> None:
    """Clear of the zone by 0.2 mm or inside it by 0.4 mm in both directions: never missed, never invented."""
    zone = Rect(left, top, left + width, top + height)
    patch = Rect(x, y, x + wide, y + high)
    found = look(b"0 g %.4f %.4f %.4f %.4f re f" % (x, y, wide, high), zone)
    sheet = Rect(0, 0, 210, 297)
    inside = [
        min(patch.right_mm, zone.right_mm, sheet.right_mm) - max(patch.left_mm, zone.left_mm),
        min(patch.bottom_mm, zone.bottom_mm, sheet.bottom_mm) - max(patch.top_mm, zone.top_mm),
    ]
    if not patch.overlaps(zone.grown(0.2)):
        assert found is None
    if min(inside) > 0.4:
        assert found is not None


def test_the_second_of_two_zones() -> None:
    other = Rect(10, 20, 20, 30)
    assert look(b"0 g 12 22 2 2 re f", STRIP, other) is not None
    assert look(b"0 g 12 22 2 2 re f", STRIP) is None


def test_a_zone_off_the_sheet_is_free() -> None:
    assert look(b"0 g 0 0 210 297 re f", Rect(211, 0, 220, 10)) is None
    assert replace(STRIP, left_mm=-5.0).left_mm == -5.0
    assert look(b"0 g 0 160 1 1 re f", replace(STRIP, left_mm=-5.0)) is not None
