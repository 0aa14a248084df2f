"""Documents with the oddities of real ones, each made here: boxes, turns, units, fields, layers, fonts, damage."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, AttachedFileSpec, Dictionary, Encryption, Name, Pdf, String

from pipeline.adapters.letters.font_programs import FontShelf
from pipeline.adapters.letters.missing_fonts import MissingFonts
from pipeline.domain.font_rules import FontRules
from pipeline.domain.page_rules import PageRules
from tests.letter_sheets import A4_PT, add_page, figure, one_page, saved

_WIDE, _HIGH = A4_PT
_A5 = (419.53, 595.28)
_LETTER = (612.0, 792.0)
_RULED = PageRules(a5="centre", letter="scale")


@dataclass(frozen=True)
class Odd:
    """A document and what is to come of it.

    `code`: of its refusal; without one its pages are printed as a viewer shows them, `scale` times as large, with the
    upper left corner at `at_mm` if not in the middle. `takes_address`: it can be opened to have an address put on.
    `is_free`: nothing stands where marks will be printed.
    """

    data: bytes
    code: str | None = None
    remarks: frozenset[str] = frozenset()
    rules: PageRules = _RULED
    scale: float = 1.0
    at_mm: tuple[float, float] | None = None
    takes_address: bool = True
    is_free: bool = False


def _page(wide: float = _WIDE, high: float = _HIGH, left: float = 0, bottom: float = 0, **keys: object) -> Pdf:
    box = (left, bottom, left + wide, bottom + high)
    return _with_its_font(one_page(figure(wide, high, left, bottom), box, **keys))


def _with_its_font(pdf: Pdf) -> Pdf:
    """The document with a font of its own, so that both pictures are of the same letters."""
    fonts = MissingFonts(pdf, FontRules(), FontShelf())
    for page in pdf.pages:
        fonts.settle(page.Resources.Font.F1)
    return pdf


def _look(pdf: Pdf, content: bytes) -> pikepdf.Object:
    return pdf.make_stream(content, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 100, 40]))


def _annotated() -> bytes:
    pdf = _page()
    stamp = Dictionary(Type=Name.Annot, Subtype=Name.Stamp, F=4, Rect=Array([300, 300, 400, 340]))
    stamp.AP = Dictionary(N=_look(pdf, b"1 0 1 rg 0 0 100 40 re f"))
    tick = Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Btn, T=String("b"), F=4, AS=Name.Ja, V=Name.Ja)
    tick.Rect = Array([200, 300, 240, 340])
    tick.AP = Dictionary(N=Dictionary(Ja=_look(pdf, b"0 g 0 0 50 40 re f"), Off=_look(pdf, b"")))
    pdf.pages[0].Annots = Array([pdf.make_indirect(stamp), pdf.make_indirect(tick)])
    pdf.Root.AcroForm = Dictionary(Fields=Array([pdf.pages[0].Annots[1]]))
    return saved(pdf)


def _layered() -> bytes:
    pdf = _page()
    draft = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("Entwurf")))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([draft]), D=Dictionary(OFF=Array([draft])))
    pdf.pages[0].Resources.Properties = Dictionary(L=draft)
    pdf.pages[0].contents_add(pdf.make_stream(b"\n/OC /L BDC 1 0 0 rg 100 100 400 600 re f EMC\n"))
    return saved(pdf)


def _inherited() -> bytes:
    pdf = _page()
    page, node = pdf.pages[0].obj, pdf.Root.Pages
    for key in ("/MediaBox", "/Resources"):
        node[key] = page[key]
        del page[key]
    node.Rotate = 180
    return saved(pdf)


def _in_pieces() -> bytes:
    pdf = _page()
    content = pdf.pages[0].Contents.read_bytes()
    at = content.index(b" m ") + 3
    pdf.pages[0].Contents = Array([pdf.make_stream(content[:at]), pdf.make_stream(content[at:])])
    return saved(pdf)


def _leaking() -> bytes:
    pdf = _page()
    pdf.pages[0].contents_add(
        pdf.make_stream(b"\n1 g 0 700 60 142 re f q 0.5 0 0 0.5 50 50 cm [2 4] 0 d 1 1 0 RG 7 w q\n")
    )
    return saved(pdf)


def _see_through() -> bytes:
    pdf = _page()
    pdf.pages[0].Group = Dictionary(S=Name.Transparency, CS=Name.DeviceRGB)
    pdf.pages[0].Resources.ExtGState = Dictionary(Half=Dictionary(ca=0.5, BM=Name.Multiply))
    pdf.pages[0].contents_add(pdf.make_stream(b"\n/Half gs 0 1 1 rg 60 200 400 400 re f\n"))
    return saved(pdf)


def _several_pages() -> bytes:
    pdf = _page()
    add_page(pdf, figure(_HIGH, _WIDE), (0, 0, _HIGH, _WIDE))
    add_page(pdf, figure(_WIDE, _HIGH), Rotate=90)
    add_page(pdf, figure(*_A5), (0, 0, *_A5))
    return saved(_with_its_font(pdf))


def _carrying() -> bytes:
    pdf = _page()
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
    pdf.attachments["a.txt"] = AttachedFileSpec(pdf, b"a", filename="a.txt")
    return saved(pdf)


def _edited(change: Callable[[Pdf], None]) -> bytes:
    pdf = _page()
    change(pdf)
    return saved(pdf)


def _unknown_font(pdf: Pdf) -> None:
    font = pdf.pages[0].Resources.Font.F1
    del font.FontDescriptor
    font.BaseFont = Name.Amtsantiqua


def _dynamic(pdf: Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=Array(), XFA=pdf.make_stream(b"<dynamicRender>required</dynamicRender>"))


def _field(value: str) -> Callable[[Pdf], None]:
    def change(pdf: Pdf) -> None:
        field = Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("t"), F=4, V=String(value))
        field.Rect, field.DA = Array([300, 300, 400, 320]), String("/F1 12 Tf 0 g")
        pdf.pages[0].Annots = Array([pdf.make_indirect(field)])
        pdf.Root.AcroForm = Dictionary(Fields=pdf.pages[0].Annots, NeedAppearances=True)

    return change


def _without(key: str) -> Callable[[Pdf], None]:
    def change(pdf: Pdf) -> None:
        del pdf.pages[0].obj[key]

    return change


def _locked() -> bytes:
    made = io.BytesIO()
    _page().save(made, encryption=Encryption(owner="o", user="u"))
    return made.getvalue()


def _empty_look(pdf: Pdf) -> None:
    """A highlight whose picture the file has made empty."""
    look = pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 0, 0]))
    note = Dictionary(Type=Name.Annot, Subtype=Name.Highlight, F=4, Rect=Array([300, 300, 400, 340]))
    note.AP = Dictionary(N=look)
    pdf.pages[0].Annots = Array([pdf.make_indirect(note)])


def _said(*remarks: str) -> frozenset[str]:
    return frozenset(remarks)


_BLEED = _page(
    _WIDE + 40, _HIGH + 40, -20, -20, TrimBox=Array([0, 0, _WIDE, _HIGH]), CropBox=Array([0, 0, _WIDE, _HIGH])
)
# US letter with margins, so that nothing is printed where the sheet ends.
_NARROW = _with_its_font(one_page(figure(560, 760, 20, 16), (0, 0, *_LETTER)))
_IN_UNITS = one_page(figure(_WIDE, _HIGH, unit=2), (0, 0, _WIDE / 2, _HIGH / 2), UserUnit=2)
_LANDSCAPE = _said("landscape-turned")

ODD: dict[str, Odd] = {
    "plain": Odd(saved(_page())),
    "turned-180": Odd(saved(_page(Rotate=180))),
    "turned-minus-180": Odd(saved(_page(Rotate=-180))),
    "turned-upright": Odd(saved(_page(_HIGH, _WIDE, Rotate=90))),
    "turned-upright-other-way": Odd(saved(_page(_HIGH, _WIDE, Rotate=270))),
    "turned-lying": Odd(saved(_page(Rotate=90)), remarks=_LANDSCAPE),
    "turned-lying-other-way": Odd(saved(_page(Rotate=270)), remarks=_LANDSCAPE),
    "landscape": Odd(saved(_page(_HIGH, _WIDE)), remarks=_LANDSCAPE),
    "landscape-refused": Odd(saved(_page(_HIGH, _WIDE)), "page-size", rules=PageRules(landscape="refuse")),
    "off-origin": Odd(saved(_page(left=-300, bottom=1234.5))),
    "off-origin-turned": Odd(saved(_page(left=77, bottom=-99, Rotate=180))),
    "crop-box": Odd(saved(_page(_WIDE + 100, _HIGH + 60, CropBox=Array([50, 30, 50 + _WIDE, 30 + _HIGH])))),
    "bleed": Odd(saved(_BLEED)),
    "user-unit": Odd(saved(_with_its_font(_IN_UNITS)), scale=2),
    "a-little-small": Odd(saved(_page(_WIDE - 4, _HIGH - 4))),
    "a5": Odd(saved(_page(*_A5)), remarks=_said("a5-centred")),
    "a5-enlarged": Odd(saved(_page(*_A5)), remarks=_said("a5-scaled"), rules=PageRules(a5="scale"), scale=297 / 210),
    "a5-top-left": Odd(
        saved(_page(*_A5)), remarks=_said("a5-top-left"), rules=PageRules(a5="top-left"), at_mm=(0.0, 0.0)
    ),
    "a5-refused": Odd(saved(_page(*_A5)), "page-size", rules=PageRules()),
    "letter": Odd(saved(_page(*_LETTER)), remarks=_said("letter-scaled"), scale=210 / 215.9),
    "letter-in-the-middle": Odd(saved(_NARROW), remarks=_said("letter-centred"), rules=PageRules(letter="centre")),
    "letter-top-left": Odd(
        saved(_NARROW), remarks=_said("letter-top-left"), rules=PageRules(letter="top-left"), at_mm=(0.0, 0.0)
    ),
    "annotation-empty": Odd(_edited(_empty_look), remarks=_said("annotation-not-shown")),
    "letter-cut-off": Odd(saved(_page(*_LETTER)), "page-size", rules=PageRules(letter="centre")),
    "letter-refused": Odd(saved(_page(*_LETTER)), "page-size", rules=PageRules()),
    "a3": Odd(saved(_page(_HIGH, _WIDE * 2)), "page-size"),
    "tiny": Odd(saved(_page(4, 4)), "page-size"),
    "several-sizes": Odd(_several_pages(), remarks=_said("landscape-turned", "a5-centred")),
    "annotations": Odd(_annotated(), remarks=_said("annotations-flattened")),
    "layer-off": Odd(_layered(), remarks=_said("layers-settled")),
    "inherited": Odd(_inherited()),
    "content-in-pieces": Odd(_in_pieces()),
    "leaking-state": Odd(_leaking(), is_free=True),
    "see-through": Odd(_see_through()),
    "script-and-attachment": Odd(_carrying()),
    "no-content": Odd(_edited(_without("/Contents"))),
    "no-resources": Odd(_edited(_without("/Resources"))),
    "field-too-small": Odd(_edited(_field("passt hier gar nicht hinein")), "field-not-shown"),
    "font-unknown": Odd(_edited(_unknown_font), "font-not-embedded"),
    "xfa": Odd(_edited(_dynamic), "xfa-form", takes_address=False),
    "locked": Odd(_locked(), "pdf-encrypted", takes_address=False),
    "header-only": Odd(b"%PDF-1.7\n%%EOF\n", "pdf-damaged", takes_address=False),
    "cut-short": Odd(saved(_page())[:-400], "pdf-damaged", takes_address=False),
    "empty": Odd(b"", "empty-file", takes_address=False),
    "picture": Odd(b"\x89PNG\r\n\x1a\n" + bytes(300), "not-a-document", takes_address=False),
}
