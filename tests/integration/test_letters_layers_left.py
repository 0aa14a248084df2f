"""No page leaves a layer's state to whoever prints it: three renderers show the same, and no object tells of layers.

Red is drawn in a layer. Whether it prints, the file's default configuration says, with what that says of printing; a
membership may hide it although all its groups are on, and although the catalog knows of no group at all.
"""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.letters.normalise import Normaliser
from pipeline.adapters.letters.page_sights import look_at_letters
from pipeline.adapters.letters.reading import read_letters
from pipeline.adapters.letters.sight_files import read_sights
from pipeline.adapters.letters.source_pdf import open_strict
from pipeline.domain.geometry import Rect
from pipeline.domain.letter_checks import SheetLooks
from pipeline.domain.pages import LetterRange, LetterReading
from pipeline.domain.split_rules import SplitRules
from tests.letter_checks import PRINT, normalised, remarks_of
from tests.letter_sheets import (
    LAYOUTS,
    MM,
    RULES,
    Picture,
    add_page,
    difference,
    draw_address,
    one_page,
    rendered,
    saved,
    stack,
)
from tests.needs import need

pytestmark = pytest.mark.integration

ON, OFF, AS_IT_IS = Name.ON, Name.OFF, None
HIGH = 841.89
BOX = "250 200 200 60 re f"
RED, IN_LAYER = f"1 0 0 rg {BOX}", f"/OC /L BDC 1 0 0 rg {BOX} EMC".encode()
Layer = Callable[[Pdf], pikepdf.Object]


def group(pdf: Pdf, **keys: object) -> pikepdf.Object:
    """A group that is on."""
    made = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("Wasserzeichen"), **keys))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([made]), D=Dictionary(ON=Array([made]), Order=Array([made])))
    return made


def usage(**states: object) -> Dictionary:
    """E.g. Print=Name.OFF: /Print << /PrintState /OFF >>."""
    return Dictionary({f"/{kind}": Dictionary({f"/{kind}State": state}) for kind, state in states.items()})


def heeded(pdf: Pdf, made: pikepdf.Object, *pairs: tuple[str, str]) -> pikepdf.Object:
    """The configuration lets events heed usages of the group, as (event, category)."""
    pdf.Root.OCProperties.D.AS = Array(
        [Dictionary(Event=Name(f"/{e}"), Category=Array([Name(f"/{c}")]), OCGs=Array([made])) for e, c in pairs]
    )
    return made


def member(pdf: Pdf, *, told: bool = True, **keys: object) -> pikepdf.Object:
    """A membership of one group that is on. `told`: whether the catalog knows of that."""
    made = group(pdf)
    if not told:
        del pdf.Root.OCProperties
    if "VE" in keys:
        keys["VE"] = Array([each if each is not AS_IT_IS else made for each in keys["VE"]])  # type: ignore[attr-defined]
    return pdf.make_indirect(Dictionary(Type=Name.OCMD, OCGs=Array([made]), **keys))


BOTH = (("View", "View"), ("Print", "Print"))
PRINTING: dict[str, Layer] = {
    "on": group,
    "on, for print only": lambda pdf: heeded(pdf, group(pdf, Usage=usage(View=OFF, Print=ON)), *BOTH),
    "off, for print on": lambda pdf: _off(pdf, heeded(pdf, group(pdf, Usage=usage(Print=ON)), ("Print", "Print"))),
    "not for the screen, which nobody heeds": lambda pdf: group(pdf, Usage=usage(View=OFF)),
    "not for print, which nobody heeds": lambda pdf: group(pdf, Usage=usage(Print=OFF)),
    "not for print, which the screen heeds": lambda pdf: heeded(pdf, group(pdf, Usage=usage(Print=OFF)), BOTH[0]),
    "off, of another intent": lambda pdf: _off(pdf, group(pdf, Intent=Name.Design)),
    "all on": lambda pdf: member(pdf, P=Name.AllOn),
    "any on": lambda pdf: member(pdf, P=Name.AnyOn),
    "or": lambda pdf: member(pdf, VE=[Name.Or, AS_IT_IS]),
    "all on, untold": lambda pdf: member(pdf, told=False, P=Name.AllOn),
}
HIDDEN: dict[str, Layer] = {
    "for the screen only": lambda pdf: heeded(pdf, group(pdf, Usage=usage(View=ON, Print=OFF)), *BOTH),
    "print heeds the screen's": lambda pdf: heeded(pdf, group(pdf, Usage=usage(View=OFF)), ("Print", "View")),
    "two disagree": lambda pdf: heeded(
        pdf, group(pdf, Usage=usage(View=OFF, Print=ON)), ("Print", "View"), ("Print", "Print")
    ),
    "all off": lambda pdf: member(pdf, P=Name.AllOff),
    "any off": lambda pdf: member(pdf, P=Name.AnyOff),
    "not": lambda pdf: member(pdf, VE=[Name.Not, AS_IT_IS]),
    "and not": lambda pdf: member(pdf, VE=[Name.And, Array([Name.Not, group(pdf)])]),
    "all off, untold": lambda pdf: member(pdf, told=False, P=Name.AllOff),
    "not, untold": lambda pdf: member(pdf, told=False, VE=[Name.Not, AS_IT_IS]),
}


def _off(pdf: Pdf, made: pikepdf.Object) -> pikepdf.Object:
    pdf.Root.OCProperties.D.OFF = Array([made])
    return made


def _form(pdf: Pdf, content: bytes, layer: pikepdf.Object | None = None, **keys: object) -> Stream:
    form = pdf.make_stream(content, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 600, 850]), **keys)
    if layer is not None:
        form.Resources = Dictionary(Properties=Dictionary(L=layer))
    return form


def _on_page(pdf: Pdf, layer: pikepdf.Object) -> None:
    pdf.pages[0].obj.Resources.Properties = Dictionary(L=layer)
    pdf.pages[0].obj.Contents = pdf.make_stream(IN_LAYER)


def _in_form(pdf: Pdf, layer: pikepdf.Object) -> None:
    inner = _form(pdf, IN_LAYER, layer)
    outer = _form(pdf, b"/In Do")
    outer.Resources = Dictionary(XObject=Dictionary(In=inner))
    pdf.pages[0].obj.Resources.XObject = Dictionary(Out=outer)
    pdf.pages[0].obj.Contents = pdf.make_stream(b"/Out Do")


def _form_of_it(pdf: Pdf, layer: pikepdf.Object) -> None:
    pdf.pages[0].obj.Resources.XObject = Dictionary(Fm=_form(pdf, RED.encode(), OC=layer))
    pdf.pages[0].obj.Contents = pdf.make_stream(b"/Fm Do")


def _picture(pdf: Pdf, layer: pikepdf.Object) -> None:
    picture = pdf.make_stream(b"\xff\0\0", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1, OC=layer)
    picture.ColorSpace, picture.BitsPerComponent = Name.DeviceRGB, 8
    pdf.pages[0].obj.Resources.XObject = Dictionary(Im=picture)
    pdf.pages[0].obj.Contents = pdf.make_stream(b"q 200 0 0 60 250 200 cm /Im Do Q")


def _note(pdf: Pdf, look: Stream, **keys: object) -> None:
    rect = Array([0, 0, 600, 850])
    note = Dictionary(Type=Name.Annot, Subtype=Name.Stamp, F=PRINT, Rect=rect, AP=Dictionary(N=look), **keys)
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(note)])


def _stamp(pdf: Pdf, layer: pikepdf.Object) -> None:
    _note(pdf, _form(pdf, RED.encode()), OC=layer)


def _look_of_stamp(pdf: Pdf, layer: pikepdf.Object) -> None:
    _note(pdf, _form(pdf, RED.encode(), OC=layer))


def _in_stamp(pdf: Pdf, layer: pikepdf.Object) -> None:
    _note(pdf, _form(pdf, IN_LAYER, layer))


def _tile(pdf: Pdf, layer: pikepdf.Object) -> None:
    tile = pdf.make_stream(b"/OC /L BDC 1 0 0 rg 0 0 20 20 re f EMC", Type=Name.Pattern)
    tile.PatternType, tile.PaintType, tile.TilingType = 1, 1, 1
    tile.BBox, tile.XStep, tile.YStep = Array([0, 0, 20, 20]), 20, 20
    tile.Resources = Dictionary(Properties=Dictionary(L=layer))
    pdf.pages[0].obj.Resources.Pattern = Dictionary(P1=tile)
    pdf.pages[0].obj.Contents = pdf.make_stream(f"/Pattern cs /P1 scn {BOX}".encode())


def _glyph(pdf: Pdf, layer: pikepdf.Object) -> None:
    font = Dictionary(Type=Name.Font, Subtype=Name.Type3, FontBBox=Array([0, 0, 1000, 1000]))
    font.FontMatrix, font.Widths = Array([0.001, 0, 0, 0.001, 0, 0]), Array([1000])
    font.FirstChar, font.LastChar = 97, 97
    font.CharProcs = Dictionary(a=pdf.make_stream(b"1000 0 d0 /OC /L BDC 1 0 0 rg 0 0 1000 1000 re f EMC"))
    font.Encoding = Dictionary(Type=Name.Encoding, Differences=Array([97, Name.a]))
    font.Resources = Dictionary(Properties=Dictionary(L=layer))
    pdf.pages[0].obj.Resources.Font.T3 = pdf.make_indirect(font)
    pdf.pages[0].obj.Contents = pdf.make_stream(b"BT /T3 60 Tf 250 200 Td (aaa) Tj ET")


def _mask(pdf: Pdf, layer: pikepdf.Object) -> None:
    """The layer lets red through."""
    let = _form(pdf, f"/OC /L BDC 1 g {BOX} EMC".encode(), layer)
    let.Group = Dictionary(S=Name.Transparency, CS=Name.DeviceGray)
    state = Dictionary(SMask=Dictionary(Type=Name.Mask, S=Name.Luminosity, G=let))
    pdf.pages[0].obj.Resources.ExtGState = Dictionary(GS=state)
    pdf.pages[0].obj.Contents = pdf.make_stream(f"/GS gs {RED}".encode())


PLACES = {
    "page": _on_page,
    "form": _in_form,
    "form of it": _form_of_it,
    "picture": _picture,
    "stamp": _stamp,
    "look of a stamp": _look_of_stamp,
    "in a stamp": _in_stamp,
    "tile": _tile,
    "glyph": _glyph,
    "soft mask": _mask,
}


def layered(layer: Layer, place: str = "page") -> bytes:
    pdf = one_page(b"")
    PLACES[place](pdf, layer(pdf))
    return saved(pdf)


def prints(folder: Path, data: bytes, page: int = 1) -> set[str]:
    """The renderers that show red."""
    (folder / "made.pdf").write_bytes(data)
    at = str(page)
    poppler = ["pdftoppm", "-r", "50", "-f", at, "-l", at, "-singlefile", "made.pdf", "poppler"]
    ghost = ["gs", "-q", "-dBATCH", "-dNOPAUSE", "-r50", f"-dFirstPage={at}", f"-dLastPage={at}"]
    ghost += ["-sDEVICE=ppmraw", "-sOutputFile=ghost.ppm", "made.pdf"]
    for command in (poppler, ghost):
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    pictures: dict[str, Picture] = {"pdfium": rendered(data, page - 1, dpi=50)}
    pictures |= {name: np.asarray(Image.open(folder / f"{name}.ppm")) for name in ("poppler", "ghost")}
    return {name for name, picture in pictures.items() if _reds(picture) > 500}


def _reds(picture: Picture) -> int:
    return int(((picture[:, :, 0] > 180) & (picture[:, :, 1] < 90) & (picture[:, :, 2] < 90)).sum())


def nothing_left(data: bytes) -> None:
    """No object says anything of layers, and no content marks any."""
    with Pdf.open(io.BytesIO(data)) as pdf:
        assert "/OCProperties" not in pdf.Root
        for each in pdf.objects:
            if isinstance(each, (Dictionary, Stream)):
                text = each.stream_dict.unparse() if isinstance(each, Stream) else each.unparse(resolved=True)
                assert b"/OC" not in text, text
            if isinstance(each, Stream) and each.get("/Subtype") != Name.Image:
                marks = [i for i in pikepdf.parse_content_stream(each) if str(i.operator) in ("BDC", "BMC")]
                assert not [mark for mark in marks if mark.operands[0] == Name.OC]


# Every kind of layer on a page, and some of them in every place.
EVERYWHERE_ON, EVERYWHERE_OFF = (
    ("on, for print only", "all on, untold"),
    ("for the screen only", "all off", "not, untold"),
)
ON_CASES = [(layer, "page") for layer in PRINTING] + [(on, place) for on in EVERYWHERE_ON for place in [*PLACES][1:]]
OFF_CASES = [(layer, "page") for layer in HIDDEN] + [(off, place) for off in EVERYWHERE_OFF for place in [*PLACES][1:]]


@pytest.mark.parametrize(("layer", "place"), ON_CASES)
def test_what_prints_is_on_the_page_for_all(tmp_path: Path, layer: str, place: str) -> None:
    need("pdftoppm")
    need("gs")
    made = normalised(tmp_path, layered(PRINTING[layer], place))
    nothing_left(made)
    assert prints(tmp_path, made) == {"pdfium", "poppler", "ghost"}


@pytest.mark.parametrize(("layer", "place"), OFF_CASES)
def test_what_does_not_print_is_gone_for_all(tmp_path: Path, layer: str, place: str) -> None:
    need("pdftoppm")
    need("gs")
    data = layered(HIDDEN[layer], place)
    made = normalised(tmp_path, data)
    nothing_left(made)
    assert prints(tmp_path, made) == set()
    assert "layers-settled" in remarks_of(tmp_path, data)


def test_a_mark_that_carries_its_membership_itself(tmp_path: Path) -> None:
    need("pdftoppm")
    need("gs")
    for membership, shown in ((b"/P /AllOff", 0), (b"/P /AnyOn", 3)):
        inside = b"<< /Type /OCMD %b /OCGs << /Type /OCG >> >>" % membership
        made = normalised(tmp_path, saved(one_page(b"/#4fC %b BDC 1 0 0 rg %b EMC" % (inside, BOX.encode()))))
        nothing_left(made)
        assert len(prints(tmp_path, made)) == shown


def test_pages_that_share_their_resources(tmp_path: Path) -> None:
    """What was decided for the first page holds for the second, and in another output of the same file."""
    pdf = one_page(IN_LAYER)
    add_page(pdf, b"/Fm Do")
    made = group(pdf)
    _off(pdf, made)
    first, second = (page.obj for page in pdf.pages)
    shared = Dictionary(Properties=Dictionary(L=made), XObject=Dictionary(Fm=_form(pdf, RED.encode(), OC=made)))
    first.Resources = second.Resources = pdf.make_indirect(shared)
    data = saved(pdf)
    both = normalised(tmp_path, data, range(1, 3))
    nothing_left(both)
    assert [prints(tmp_path, both, page) for page in (1, 2)] == [set(), set()]
    with open_strict(str(tmp_path / "source.pdf")) as source:
        for number in (1, 2, 1):
            with Pdf.new() as out:
                normaliser = Normaliser(source, out)
                out.Root.Pages.Kids.append(normaliser.normalised(source.pages[number - 1].obj, number))
                assert "layers-settled" in normaliser.take_remarks()


def test_what_does_not_print_is_not_in_the_file(tmp_path: Path) -> None:
    pdf = one_page(b"/Fm Do")
    form = _form(pdf, b"BT /F1 11 Tf 200 300 Td (Berta Behrens) Tj ET", OC=_off(pdf, group(pdf)))
    pdf.pages[0].obj.Resources.XObject = Dictionary(Fm=form)
    made = normalised(tmp_path, saved(pdf))
    with Pdf.open(io.BytesIO(made)) as out:
        assert not [each for each in out.objects if isinstance(each, Stream) and b"Behrens" in each.read_bytes()]


def test_text_that_does_not_print_is_not_in_the_file(tmp_path: Path) -> None:
    """Where nothing is placed by it; what follows on its line stays where it was."""
    shows = (b"(Berta) Tj", b"[(Ber) 20 (ta)] TJ", b"(Berta) '", b'1 2 (Berta) "', b"(Ber) Tj 2 Tc (ta) Tj")
    for show in shows:
        line = b"BT /F1 20 Tf 24 TL 100 500 Td /OC /L BDC %b EMC %b (da) Tj 0 -30 Td (dort) Tj ET"
        for moves, is_kept in ((b"", True), (b"0 -24 Td", False), (b"T*", False)):
            pdf = one_page(line % (show, moves))
            pdf.pages[0].obj.Resources.Properties = Dictionary(L=_off(pdf, group(pdf)))
            data = saved(pdf)
            made = normalised(tmp_path, data)
            assert difference(rendered(data), rendered(made)) < 0.0002
            with Pdf.open(io.BytesIO(made)) as out:
                assert (b"Ber" in out.pages[0].Resources.XObject.Letter.read_bytes()) is is_kept


def test_a_page_without_layers_keeps_its_bytes(tmp_path: Path) -> None:
    """Also one that only speaks of them, and one of a file that has them elsewhere."""
    for content in (b"BT /F1 11 Tf 200 300 Td (/OC /L BDC) Tj ET", b"0 g  1 1 2 2 re f"):
        pdf = one_page(content)
        group(pdf)
        with Pdf.open(io.BytesIO(normalised(tmp_path, saved(pdf)))) as out:
            assert out.pages[0].Resources.XObject.Letter.read_bytes() == content


def _letter(canvas: Canvas) -> None:
    draw_address(canvas, ["Frau", "Erika Mustermann", "Am Packhof 2", "19053 Schwerin"], LAYOUTS["B"])


def _watermarked(content: bytes) -> bytes:
    """A letter with something on it that no screen shows, and paper does."""
    pdf = Pdf.open(io.BytesIO(stack([_letter])))
    layer = PRINTING["on, for print only"](pdf)
    page = pdf.pages[0]
    page.obj.Resources.Properties = Dictionary(L=layer)
    font = next(iter(page.obj.Resources.Font.keys())).encode()
    page.contents_add(pdf.make_stream(b"/OC /L BDC " + content.replace(b"/F1", font) + b" EMC"))
    return saved(pdf)


def _read(folder: Path, data: bytes, looks: SheetLooks | None = None) -> LetterReading:
    (folder / "source.pdf").write_bytes(data)
    zones = {form: (Rect(0.0, 100.0, 15.0, 200.0),) for form in RULES.forms}
    where = (str(folder / "source.pdf"), [LetterRange(1, 1, 1)], RULES, zones, "simplex", str(folder / "out.pdf"))
    return read_letters(*where, looks=looks or SheetLooks())[0]


def test_the_preflight_looks_at_what_will_print(tmp_path: Path) -> None:
    clear = _read(tmp_path, _watermarked(b"0 g 300 100 50 50 re f"))
    assert (clear.code, clear.address is not None) == (None, True)
    assert _read(tmp_path, _watermarked(b"0 g 10 400 20 2 re f")).code == "mark-zone-occupied"


def test_where_letters_begin_is_seen_as_it_will_print(tmp_path: Path) -> None:
    """A control line that only prints splits; one that only a screen shows does not."""
    line = f"BT /F1 9 Tf {25 * MM:.2f} {HIGH - 6 * MM:.2f} Td (#NEU 4711#) Tj ET".encode()
    rules = SplitRules("control-line", pattern="^#NEU 4711#$", region=Rect(20.0, 2.0, 120.0, 12.0), ink="any")
    for layer, seen in ((PRINTING["on, for print only"], True), (HIDDEN["for the screen only"], False)):
        pdf = one_page(b"/OC /L BDC " + line + b" EMC")
        pdf.pages[0].obj.Resources.Properties = Dictionary(L=layer(pdf))
        (tmp_path / "stream.pdf").write_bytes(saved(pdf))
        look_at_letters(str(tmp_path / "stream.pdf"), 1, 1, replace(RULES, split=rules), str(tmp_path))
        (sight,) = read_sights([tmp_path])
        assert sight.begins is seen
