"""Every page becomes an A4 side that looks as the original did and holds nothing else."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, Pdf

from pipeline.adapters.letters.normalise import Normaliser, normalise_pages
from pipeline.adapters.letters.page_tree import pages_between
from pipeline.adapters.letters.placement import Box, Frame, fitted_to_a4, mapped, on_a4
from pipeline.adapters.letters.source_pdf import open_strict
from pipeline.domain.errors import Rejected
from tests.letter_sheets import A4_PT, MM, Picture, add_page, difference, figure, one_page, rendered, saved

pytestmark = pytest.mark.integration

WIDE, HIGH = A4_PT
UPRIGHT, LYING = (WIDE, HIGH), (HIGH, WIDE)
FIGURE = figure(WIDE, HIGH)
ALIKE = 0.002


def normalised(folder: Path, data: bytes, pages: range = range(1, 2)) -> bytes:
    """What the pages of a file become."""
    path = folder / "source.pdf"
    path.write_bytes(data)
    with open_strict(str(path)) as source, Pdf.new() as out:
        normalise_pages(source, pages, out)
        return saved(out)


def refusal(folder: Path, data: bytes, pages: range = range(1, 2)) -> Rejected:
    with pytest.raises(Rejected) as caught:
        normalised(folder, data, pages)
    return caught.value


def is_plain(data: bytes) -> None:
    """The page is A4 at zero, not turned, with one form drawn by one matrix and nothing else on it."""
    with Pdf.open(io.BytesIO(data)) as pdf:
        for page in pdf.pages:
            assert set(page.obj.keys()) == {"/Type", "/Parent", "/MediaBox", "/Resources", "/Contents"}
            assert [float(v) for v in page.obj.MediaBox] == [0, 0, 595.276, 841.89]
            assert list(page.obj.Resources.keys()) == ["/XObject"]
            assert list(page.obj.Resources.XObject.keys()) == ["/Letter"]
            number = rb"-?\d+(?:\.\d+)?"
            assert re.fullmatch(rb"q (?:" + number + rb" ){6}cm /Letter Do Q\n", page.obj.Contents.read_bytes())


def looks_the_same(folder: Path, data: bytes, *, turned: bool = False) -> Picture:
    made = normalised(folder, data)
    is_plain(made)
    before, after = rendered(data), rendered(made)
    assert difference(np.rot90(before) if turned else before, after) < ALIKE
    assert difference(np.rot90(before, 2) if not turned else np.rot90(before, 3), after) > ALIKE
    return after


# --- geometry ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rotate", [0, 90, 180, 270, -90, 450])
@pytest.mark.parametrize("size", [UPRIGHT, LYING], ids=["upright", "lying"])
@pytest.mark.parametrize("corner", [(0, 0), (-50.5, 300.25)], ids=["origin", "off-origin"])
def test_rotation_and_offset(
    tmp_path: Path, rotate: int, size: tuple[float, float], corner: tuple[float, float]
) -> None:
    left, bottom = corner
    media = (left, bottom, left + size[0], bottom + size[1])
    pdf = one_page(figure(*size, left, bottom), media, Rotate=rotate)
    shown_lying = (size == LYING) != (rotate % 180 == 90)
    looks_the_same(tmp_path, saved(pdf), turned=shown_lying)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_crop_box_is_the_sheet(tmp_path: Path, rotate: int) -> None:
    bleed = b" 1 0 1 rg -200 -200 2000 150 re f -200 -200 150 2000 re f"
    content = figure(WIDE, HIGH, 30, 40) + bleed
    pdf = one_page(content, (-100, -100, 900, 1100), CropBox=Array([30, 40, 30 + WIDE, 40 + HIGH]), Rotate=rotate)
    looks_the_same(tmp_path, saved(pdf), turned=rotate in (90, 270))


def test_what_lies_outside_the_crop_box_is_cut_off(tmp_path: Path) -> None:
    content = b"0 g -20 0 40 842 re f 590 0 40 842 re f"
    pdf = one_page(content, (-50, -50, 700, 900), CropBox=Array([3, 0, 3 + WIDE - 4, HIGH]))
    picture = rendered(normalised(tmp_path, saved(pdf)))
    assert (picture[400, :2] == 255).all()  # the page is 4 points narrow, so centred: 2 points of white
    assert (picture[400, 5:20] == 0).all()


def test_trim_box_where_it_alone_is_a4(tmp_path: Path) -> None:
    content = figure(WIDE, HIGH, 20, 20)
    pdf = one_page(content, (0, 0, WIDE + 40, HIGH + 40), TrimBox=Array([20, 20, 20 + WIDE, 20 + HIGH]))
    plain = rendered(saved(one_page(FIGURE)))
    assert difference(plain, rendered(normalised(tmp_path, saved(pdf)))) < ALIKE


def test_trim_box_of_an_a4_page_is_left_alone(tmp_path: Path) -> None:
    pdf = one_page(FIGURE, TrimBox=Array([100, 100, 300, 300]))
    looks_the_same(tmp_path, saved(pdf))


@pytest.mark.parametrize("rotate", [0, 180])
def test_user_unit(tmp_path: Path, rotate: int) -> None:
    half = one_page(figure(WIDE, HIGH, unit=2), (0, 0, WIDE / 2, HIGH / 2), UserUnit=2, Rotate=rotate)
    whole = rendered(saved(one_page(FIGURE, Rotate=rotate)))
    made = normalised(tmp_path, saved(half))
    is_plain(made)
    assert difference(whole, rendered(made)) < ALIKE


@pytest.mark.parametrize("off_mm", [(1.9, -1.9), (-1.9, 1.9), (0.25, 0.04)])
def test_nearly_a4_is_centred_and_not_scaled(tmp_path: Path, off_mm: tuple[float, float]) -> None:
    size = (WIDE + off_mm[0] * MM, HIGH + off_mm[1] * MM)
    with Pdf.open(io.BytesIO(normalised(tmp_path, saved(one_page(FIGURE, (0, 0, *size)))))) as made:
        words = made.pages[0].obj.Contents.read_bytes().split()
    assert words[1:5] == [b"1", b"0", b"0", b"1"]
    assert [float(w) for w in words[5:7]] == pytest.approx([-off_mm[0] * MM / 2, -off_mm[1] * MM / 2], abs=0.01)


@pytest.mark.parametrize("media", [(0, 0, 612, 792), (0, 0, 420, 595), (0, 0, WIDE + 7, HIGH), (0, 0, 842, 1191)])
def test_other_sizes_go_back(tmp_path: Path, media: tuple[float, ...]) -> None:
    pdf = one_page(FIGURE)
    add_page(pdf, FIGURE, media)
    error = refusal(tmp_path, saved(pdf), range(1, 3))
    assert (error.code, error.page) == ("page-size", 2)
    assert "Seite 2" in error.sentence


def test_a_page_without_a_box_goes_back(tmp_path: Path) -> None:
    pdf = one_page(FIGURE)
    del pdf.pages[0].obj.MediaBox
    assert refusal(tmp_path, saved(pdf)).code == "page-size"


sides = st.floats(-3000, 3000)
boxes = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), sides, sides, st.floats(10, 3000), st.floats(10, 3000))
frames = st.builds(Frame, boxes, st.sampled_from((0, 90, 180, 270)), st.floats(0.1, 10))
a4_frames = st.builds(
    lambda x, y, dw, dh, rotate, unit, lying: Frame(
        Box(x, y, x + ((HIGH if lying else WIDE) + dw) / unit, y + ((WIDE if lying else HIGH) + dh) / unit),
        rotate,
        unit,
    ),
    sides, sides, st.floats(-5, 5), st.floats(-5, 5), st.sampled_from((0, 90, 180, 270)), st.floats(0.5, 4),
    st.booleans(),
)  # fmt: skip


@given(a4_frames)
def test_a4_lands_on_the_sheet_at_one_to_one(frame: Frame) -> None:
    matrix = on_a4(frame)
    assert matrix is not None
    a, b, c, d, _, _ = matrix
    assert a * d - b * c == pytest.approx(frame.unit**2)  # neither scaled nor mirrored
    middle = mapped(matrix, (frame.box.left + frame.box.right) / 2, (frame.box.bottom + frame.box.top) / 2)
    assert middle == pytest.approx((WIDE / 2, HIGH / 2), abs=1e-6)
    for x in (frame.box.left, frame.box.right):
        for y in (frame.box.bottom, frame.box.top):
            land_x, land_y = mapped(matrix, x, y)
            assert -3 <= land_x <= WIDE + 3 and -3 <= land_y <= HIGH + 3


@given(frames)
def test_any_page_fits_for_looking_at_it(frame: Frame) -> None:
    matrix = fitted_to_a4(frame)
    corners = [
        mapped(matrix, x, y) for x in (frame.box.left, frame.box.right) for y in (frame.box.bottom, frame.box.top)
    ]
    spans = [max(v) - min(v) for v in zip(*corners, strict=True)]
    assert all(-1e-3 <= x <= WIDE + 1e-3 and -1e-3 <= y <= HIGH + 1e-3 for x, y in corners)
    assert spans[0] == pytest.approx(WIDE, abs=0.01) or spans[1] == pytest.approx(HIGH, abs=0.01)


# --- what the content may do ---------------------------------------------------------------------------------------

LEAKY = [
    b"q q q 3 0 0 3 0 0 cm 1 0 0 rg 1 0 0 RG ",
    b"Q Q 3 0 0 3 50 50 cm 1 0 0 rg ",
    b"0 0 5 5 re W n 1 0 0 rg ",
    b"BT /F1 9 Tf 7 Tr 10 10 Td (x) Tj ",
    b"/GS0 gs 2 J 20 w [9 9] 0 d ",
]


@pytest.mark.parametrize("content", LEAKY)
def test_graphics_state_does_not_leak(tmp_path: Path, content: bytes) -> None:
    pdf = one_page(content)
    pdf.pages[0].obj.Resources.ExtGState = Dictionary(GS0=Dictionary(ca=0.1, CA=0.1, BM=Name.Multiply))
    with Pdf.open(io.BytesIO(normalised(tmp_path, saved(pdf)))) as made:
        made.pages[0].contents_add(b"0 0 1 rg 300 400 100 100 re f", prepend=False)
        picture = rendered(saved(made), dpi=72)
    square = picture[842 - 500 + 2 : 842 - 400 - 2, 302:398]
    assert (square == (0, 0, 255)).all()


def test_inherited_resources_and_boxes(tmp_path: Path) -> None:
    pdf = one_page(FIGURE)
    page, node = pdf.pages[0].obj, pdf.Root.Pages
    for key in ("/Resources", "/MediaBox"):
        node[key] = page[key]
        del page[key]
    node.Rotate = 180
    looks_the_same(tmp_path, saved(pdf))


def test_content_in_parts_is_one(tmp_path: Path) -> None:
    pdf = one_page(b"")
    cut = FIGURE.index(b"0 0 1 rg")
    parts = [pdf.make_stream(FIGURE[:cut]), pdf.make_stream(zlib.compress(FIGURE[cut:]), Filter=Name.FlateDecode)]
    pdf.pages[0].obj.Contents = Array(parts)
    assert difference(rendered(saved(one_page(FIGURE))), rendered(normalised(tmp_path, saved(pdf)))) < ALIKE


@pytest.mark.parametrize("contents", [None, Array()])
def test_no_content_is_an_empty_page(tmp_path: Path, contents: object) -> None:
    pdf = one_page(b"")
    if contents is None:
        del pdf.pages[0].obj.Contents
    else:
        pdf.pages[0].obj.Contents = contents
    made = normalised(tmp_path, saved(pdf))
    is_plain(made)
    assert (rendered(made) == 255).all()


def test_transparency_looks_the_same(tmp_path: Path) -> None:
    content = b"0 1 0 rg 100 400 300 300 re f /GS0 gs 1 0 0 rg 200 500 300 300 re f"
    for group in (None, Dictionary(S=Name.Transparency, CS=Name.DeviceRGB, I=False)):
        pdf = one_page(content)
        pdf.pages[0].obj.Resources.ExtGState = Dictionary(GS0=Dictionary(BM=Name.Multiply, ca=0.5))
        if group is not None:
            pdf.pages[0].obj.Group = group
        data = saved(pdf)
        made = normalised(tmp_path, data)
        assert difference(rendered(data), rendered(made)) < ALIKE
        with Pdf.open(io.BytesIO(made)) as out:
            form = out.pages[0].obj.Resources.XObject.Letter
            assert ("/Group" in form) == (group is not None)
            assert group is None or form.Group.I is True


def test_forms_without_resources_use_the_pages(tmp_path: Path) -> None:
    pdf = one_page(b"/Fm Do")
    page = pdf.pages[0].obj
    page.Resources.XObject = Dictionary(
        Fm=pdf.make_stream(FIGURE, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, WIDE, HIGH]))
    )
    with Pdf.open(io.BytesIO(normalised(tmp_path, saved(pdf)))) as made:
        inner = made.pages[0].obj.Resources.XObject.Letter.Resources.XObject.Fm
        assert list(inner.Resources.Font.keys()) == ["/F1"]


# --- annotations and forms -----------------------------------------------------------------------------------------

PRINT, HIDDEN, NO_VIEW = 4, 2, 32


def _stamp(pdf: Pdf, flags: int, colour: bytes = b"1 0 0 rg", subtype: str = "/Stamp", **keys: object) -> None:
    """An annotation whose appearance fills (100, 600) to (300, 700) although its own box is half that size."""
    look = pdf.make_stream(colour + b" 0 0 100 50 re f", Subtype=Name.Form, BBox=Array([0, 0, 100, 50]))
    annotation = Dictionary(
        Type=Name.Annot, Subtype=Name(subtype), Rect=Array([100, 600, 300, 700]), F=flags, AP=Dictionary(N=look), **keys
    )
    page = pdf.pages[0].obj
    page.Annots = Array([*page.get("/Annots", Array()), pdf.make_indirect(annotation)])


def _colour(data: bytes, x: float = 200, y: float = 650) -> tuple[int, ...]:
    return tuple(int(v) for v in rendered(data, dpi=72)[round(HIGH - y), round(x)])


@pytest.mark.parametrize(
    ("flags", "subtype", "colour"),
    [
        (PRINT, "/Stamp", (255, 0, 0)),
        (PRINT | NO_VIEW, "/Stamp", (255, 0, 0)),
        (PRINT | HIDDEN, "/Stamp", (255, 255, 255)),
        (0, "/Stamp", (255, 255, 255)),
        (PRINT, "/Link", (255, 255, 255)),
        (PRINT, "/Popup", (255, 255, 255)),
        (PRINT, "/Widget", (255, 0, 0)),
    ],
)
def test_annotations_print_or_do_not(tmp_path: Path, flags: int, subtype: str, colour: tuple[int, ...]) -> None:
    pdf = one_page(b"")
    _stamp(pdf, flags, subtype=subtype)
    made = normalised(tmp_path, saved(pdf))
    is_plain(made)
    assert _colour(made) == colour


def test_annotations_lie_over_the_page_in_their_order(tmp_path: Path) -> None:
    pdf = one_page(b"0 g 0 0 595 842 re f q q 5 0 0 5 0 0 cm")  # unbalanced on purpose
    _stamp(pdf, PRINT, b"1 0 0 rg")
    _stamp(pdf, PRINT, b"0 0 1 rg")
    made = normalised(tmp_path, saved(pdf))
    assert _colour(made) == (0, 0, 255)
    assert _colour(made, 50, 50) == (0, 0, 0)
    assert _colour(made, 310, 650) == (0, 0, 0)


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_annotations_turn_with_the_page(tmp_path: Path, rotate: int) -> None:
    pdf = one_page(FIGURE, Rotate=rotate)
    plain = saved(pdf)
    _stamp(pdf, PRINT)
    before, after = rendered(normalised(tmp_path, plain)), rendered(normalised(tmp_path, saved(pdf)))
    changed = np.argwhere((before != after).any(axis=2)).mean(axis=0) / 100 * 72
    upright = (HIGH - 650, 200.0)
    wanted = {90: upright, 270: (HIGH - upright[0], WIDE - upright[1]), 180: (HIGH - upright[0], WIDE - upright[1])}
    assert tuple(changed) == pytest.approx(wanted[rotate], abs=12)


def test_the_chosen_state_of_a_check_box(tmp_path: Path) -> None:
    pdf = one_page(b"")
    _stamp(pdf, PRINT, subtype="/Widget")
    annotation = pdf.pages[0].obj.Annots[0]
    other = pdf.make_stream(b"0 1 0 rg 0 0 100 50 re f", Subtype=Name.Form, BBox=Array([0, 0, 100, 50]))
    annotation.AP.N = pdf.make_indirect(Dictionary(Off=annotation.AP.N, Yes=other))
    annotation.AS = Name.Yes
    assert _colour(normalised(tmp_path, saved(pdf))) == (0, 255, 0)
    del annotation.AS
    assert _colour(normalised(tmp_path, saved(pdf))) == (255, 255, 255)


def _field(pdf: Pdf, value: str, default_appearance: str) -> None:
    widget = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=pikepdf.String("a"), V=pikepdf.String(value),
            F=PRINT, Rect=Array([100, 600, 300, 630]), DA=pikepdf.String(default_appearance),
        )
    )  # fmt: skip
    fonts = Dictionary(Font=pdf.pages[0].obj.Resources.Font)
    pdf.Root.AcroForm = Dictionary(Fields=Array([widget]), NeedAppearances=True, DR=fonts)
    pdf.pages[0].obj.Annots = Array([widget])


def test_a_field_without_appearance_is_drawn(tmp_path: Path) -> None:
    pdf = one_page(b"")
    _field(pdf, "Ausgefüllt?", "/F1 18 Tf 0 g")
    picture = rendered(normalised(tmp_path, saved(pdf)), dpi=72)
    assert np.count_nonzero(picture[842 - 630 : 842 - 600, 100:300] < 128) > 100


@pytest.mark.parametrize(
    ("value", "look"),
    [("Ausgefüllt", ""), ("Ausgefüllt", "/Missing 9 Tf 0 g"), ("Иван", "/F1 9 Tf 0 g"), ("Ausgefüllt", "(")],
    ids=["no-look", "font-missing", "letters-missing", "look-broken"],
)
def test_a_filled_field_that_cannot_be_drawn_goes_back(tmp_path: Path, value: str, look: str) -> None:
    pdf = one_page(b"")
    _field(pdf, value, look)
    error = refusal(tmp_path, saved(pdf))
    assert (error.code, error.page) == ("processing-failed", 1)


def test_nothing_active_is_carried_over(tmp_path: Path) -> None:
    pdf = one_page(FIGURE, AA=Dictionary(O=Dictionary(S=Name.JavaScript, JS=pikepdf.String("app.alert(1)"))))
    pdf.Root.OpenAction = Dictionary(S=Name.Launch, F=pikepdf.String("calc.exe"))
    pdf.attachments["a.txt"] = b"text"
    _stamp(pdf, PRINT, A=Dictionary(S=Name.JavaScript, JS=pikepdf.String("app.alert(2)")))
    made = normalised(tmp_path, saved(pdf))
    with Pdf.open(io.BytesIO(made)) as out:
        assert set(out.Root.keys()) == {"/Type", "/Pages"}
        out.save(tmp_path / "flat.pdf", qdf=True)
    flat = (tmp_path / "flat.pdf").read_bytes()
    assert not re.search(rb"JavaScript|app\.alert|Launch|EmbeddedFile|/Annot\b|/AA\b", flat)


# --- layers --------------------------------------------------------------------------------------------------------


def _layered(**config: Callable[[pikepdf.Object, pikepdf.Object], object]) -> Pdf:
    """Red is drawn in layer one, blue in layer two beside it, green in a form of layer two."""
    content = (
        b"/OC /One BDC 1 0 0 rg 100 600 100 100 re f EMC "
        b"/OC /Two BDC q 0 0 1 rg 200 600 100 100 re f BT /F1 20 Tf 200 500 Td (unsichtbar) Tj EMC (da) Tj ET "
        b"/OC /Two BDC Q EMC /Fm Do 0 g 400 600 50 100 re f"
    )
    pdf = one_page(content)
    one, two = (pdf.make_indirect(Dictionary(Type=Name.OCG, Name=pikepdf.String(n))) for n in ("Eins", "Zwei"))
    resources = pdf.pages[0].obj.Resources
    resources.Properties = Dictionary(One=one, Two=two)
    look = b"0 1 0 rg 300 600 100 100 re f"
    resources.XObject = Dictionary(
        Fm=pdf.make_stream(look, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, WIDE, HIGH]), OC=two)
    )
    default = Dictionary({f"/{key}": make(one, two) for key, make in config.items()})
    pdf.Root.OCProperties = Dictionary(OCGs=Array([one, two]), D=default)
    return pdf


def _shown(data: bytes) -> tuple[bool, bool, bool]:
    white = (255, 255, 255)
    assert _colour(data, 425, 650) == (0, 0, 0)  # what belongs to no layer
    return tuple(_colour(data, x, 650) != white for x in (150, 250, 350))  # type: ignore[return-value]


def test_layers_that_are_on_print(tmp_path: Path) -> None:
    assert _shown(normalised(tmp_path, saved(_layered()))) == (True, True, True)


@pytest.mark.parametrize(
    ("config", "shown"),
    [
        ({"OFF": lambda one, two: Array([two])}, (True, False, False)),
        ({"OFF": lambda one, two: Array([one])}, (False, True, True)),
        ({"BaseState": lambda one, two: Name.OFF}, (False, False, False)),
        ({"BaseState": lambda one, two: Name.OFF, "ON": lambda one, two: Array([two])}, (False, True, True)),
    ],
)
def test_layers_that_are_off_do_not_print(
    tmp_path: Path,
    config: dict[str, Callable[[pikepdf.Object, pikepdf.Object], object]],
    shown: tuple[bool, bool, bool],
) -> None:
    data = saved(_layered(**config))
    made = normalised(tmp_path, data)
    is_plain(made)
    assert _shown(made) == shown
    assert difference(rendered(data), rendered(made)) < ALIKE


def test_layers_for_the_screen_only(tmp_path: Path) -> None:
    pdf = _layered()
    one, two = pdf.Root.OCProperties.OCGs
    two.Usage = Dictionary(Print=Dictionary(PrintState=Name.OFF))
    usage = Dictionary(Event=Name.Print, Category=Array([Name.Print]), OCGs=Array([one, two]))
    pdf.Root.OCProperties.D.AS = Array([usage])
    assert _shown(normalised(tmp_path, saved(pdf))) == (True, False, False)


@pytest.mark.parametrize(
    ("policy", "shown"), [("/AnyOn", True), ("/AllOn", False), ("/AnyOff", True), ("/AllOff", False)]
)
def test_memberships_in_several_layers(tmp_path: Path, policy: str, shown: bool) -> None:
    pdf = _layered(OFF=lambda one, two: Array([two]))
    one, two = pdf.Root.OCProperties.OCGs
    membership = pdf.make_indirect(Dictionary(Type=Name.OCMD, OCGs=Array([one, two]), P=Name(policy)))
    pdf.pages[0].obj.Resources.Properties.One = membership
    assert _shown(normalised(tmp_path, saved(pdf)))[0] is shown


def test_visibility_expressions(tmp_path: Path) -> None:
    pdf = _layered(OFF=lambda one, two: Array([two]))
    one, two = pdf.Root.OCProperties.OCGs
    for expression, shown in (
        ([Name.Not, two], True),
        ([Name.And, one, two], False),
        ([Name.Or, one, two], True),
        ([Name.And, one, Array([Name.Not, two])], True),
    ):
        membership = pdf.make_indirect(Dictionary(Type=Name.OCMD, VE=Array(expression)))
        pdf.pages[0].obj.Resources.Properties.One = membership
        assert _shown(normalised(tmp_path, saved(pdf)))[0] is shown


def test_layers_inside_forms(tmp_path: Path) -> None:
    pdf = _layered(OFF=lambda one, two: Array([one]))
    page = pdf.pages[0].obj
    inner = pdf.make_stream(
        page.Contents.read_bytes(), Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, WIDE, HIGH])
    )
    inner.Resources = page.Resources
    page.Contents = pdf.make_stream(b"/Outer Do")
    page.Resources = Dictionary(XObject=Dictionary(Outer=inner))
    assert _shown(normalised(tmp_path, saved(pdf))) == (False, True, True)


def test_annotations_of_a_layer_that_is_off(tmp_path: Path) -> None:
    pdf = _layered(OFF=lambda one, two: Array([two]))
    _stamp(pdf, PRINT, b"0 1 1 rg", OC=pdf.Root.OCProperties.OCGs[1])
    assert _colour(normalised(tmp_path, saved(pdf)), 250, 650) == (255, 255, 255)


# --- sharing, sameness, damage -------------------------------------------------------------------------------------


def _letters_with_a_logo(pages: int) -> bytes:
    pdf = Pdf.new()
    pixels = bytes(range(256)) * 40
    logo = pdf.make_stream(
        pixels, Type=Name.XObject, Subtype=Name.Image, Width=64, Height=160, BitsPerComponent=8,
        ColorSpace=Name.DeviceGray,
    )  # fmt: skip
    for number in range(pages):
        page = add_page(pdf, b"q 64 0 0 160 100 600 cm /Logo Do Q BT /F1 9 Tf 9 9 Td (%d) Tj ET" % number)
        page.obj.Resources.XObject = Dictionary(Logo=logo)
        page.obj.Resources.Font.F1 = pdf.pages[0].obj.Resources.Font.F1
    return saved(pdf)


def test_shared_pictures_and_fonts_stay_shared(tmp_path: Path) -> None:
    made = normalised(tmp_path, _letters_with_a_logo(20), range(1, 21))
    with Pdf.open(io.BytesIO(made)) as out:
        kinds = [
            o.get("/Subtype", o.get("/Type")) for o in out.objects if isinstance(o, pikepdf.Dictionary | pikepdf.Stream)
        ]
    assert kinds.count(Name.Image) == 1
    assert kinds.count(Name.Type1) == 1
    assert kinds.count(Name.Form) == 20


def test_same_pages_same_bytes(tmp_path: Path) -> None:
    data = _letters_with_a_logo(5)
    assert normalised(tmp_path, data, range(2, 5)) == normalised(tmp_path, data, range(2, 5))


def test_pages_are_the_ones_asked_for(tmp_path: Path) -> None:
    data = _letters_with_a_logo(9)
    path = tmp_path / "source.pdf"
    path.write_bytes(data)
    with open_strict(str(path)) as source:
        for first in range(1, 10):
            for last in range(first, 10):
                found = [page.Contents.read_bytes() for page in pages_between(source, first, last)]
                assert [int(re.findall(rb"\((\d+)\)", c)[0]) + 1 for c in found] == list(range(first, last + 1))


def test_pages_of_a_deep_tree_are_the_ones_asked_for(tmp_path: Path) -> None:
    pdf = Pdf.new()
    counts = iter(range(100))

    def node(depth: int, width: int) -> pikepdf.Object:
        kids = []
        for index in range(width):
            if depth and index % 2 == 0:
                kids.append(node(depth - 1, width))
            else:
                content = pdf.make_stream(b"%d" % next(counts))
                kids.append(pdf.make_indirect(Dictionary(Type=Name.Page, Contents=content)))
        total = sum(int(kid.get("/Count", 1)) for kid in kids)
        made = pdf.make_indirect(Dictionary(Type=Name.Pages, Kids=Array(kids), Count=total))
        for kid in kids:
            kid.Parent = made
        return made

    pdf.Root.Pages = node(3, 3)
    total = int(pdf.Root.Pages.Count)
    path = tmp_path / "deep.pdf"
    pdf.save(path)
    with open_strict(str(path)) as source:
        for first in range(1, total + 1):
            for last in range(first, total + 2):
                found = [int(page.Contents.read_bytes()) + 1 for page in pages_between(source, first, last)]
                assert found == list(range(first, min(last, total) + 1))


def _raw_content(packed: bytes) -> bytes:
    pdf = one_page(FIGURE)
    pdf.pages[0].obj.Contents = pdf.make_stream(packed, Filter=Name.FlateDecode)
    return saved(pdf, stream_decode_level=pikepdf.StreamDecodeLevel.none)


@pytest.mark.parametrize("share", [0.05, 0.1, 0.5, 0.9, 0.97])
def test_content_that_stops_early(tmp_path: Path, share: float) -> None:
    packed = zlib.compress(FIGURE * 5)
    data = _raw_content(packed[: int(len(packed) * share)])
    pdf_page = refusal(tmp_path, data)
    assert (pdf_page.code, pdf_page.page) == ("pdf-damaged", 1)


def test_content_with_a_hole(tmp_path: Path) -> None:
    packed = zlib.compress(FIGURE * 5)
    hole = packed[:60] + b"\0" * 40 + packed[100:]
    assert refusal(tmp_path, _raw_content(hole)).code == "pdf-damaged"


def test_content_that_lacks_only_its_checksum(tmp_path: Path) -> None:
    looks_the_same(tmp_path, _raw_content(zlib.compress(FIGURE)[:-4]))


def test_forms_that_draw_forms(tmp_path: Path) -> None:
    pdf = one_page(b"/Fm Do")
    below = None
    for _ in range(8):
        look = b"/Fm Do " * 10 if below is not None else b"0 0 9 9 re f"
        form = pdf.make_stream(look, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, WIDE, HIGH]))
        form.Resources = Dictionary(XObject=Dictionary(Fm=below)) if below is not None else Dictionary()
        below = form
    pdf.pages[0].obj.Resources.XObject = Dictionary(Fm=below)
    error = refusal(tmp_path, saved(pdf))
    assert (error.code, error.page) == ("content-bomb", 1)


def test_forms_that_draw_themselves(tmp_path: Path) -> None:
    pdf = one_page(b"/Fm Do")
    form = pdf.make_stream(b"/Fm Do", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, WIDE, HIGH]))
    form.Resources = Dictionary(XObject=Dictionary(Fm=form))
    pdf.pages[0].obj.Resources.XObject = Dictionary(Fm=form)
    assert refusal(tmp_path, saved(pdf)).code == "content-bomb"


def test_what_was_done_is_told(tmp_path: Path) -> None:
    pdf = _layered(OFF=lambda one, two: Array([two]))
    _stamp(pdf, PRINT)
    add_page(pdf, figure(*LYING), (0, 0, *LYING))
    path = tmp_path / "source.pdf"
    pdf.save(path)
    with open_strict(str(path)) as source, Pdf.new() as out:
        normaliser = Normaliser(source, out)
        first, second = pages_between(source, 1, 2)
        normaliser.normalised(first, 1)
        assert normaliser.take_remarks() == ("annotations-flattened", "layers-settled")
        normaliser.normalised(second, 2)
        assert normaliser.take_remarks() == ("landscape-turned",)
        assert normaliser.take_remarks() == ()
