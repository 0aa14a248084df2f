"""Fonts that a letter doesn't bring along: embedded with proven widths, or refused."""

from __future__ import annotations

import ctypes
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pytest
from fontTools.agl import toUnicode
from fontTools.ttLib import TTFont
from pikepdf import Array, Dictionary, Name, Pdf
from reportlab.pdfbase import _fontdata
from reportlab.pdfbase.pdfmetrics import stringWidth

from pipeline.adapters.letters import font_programs, substitute_faces
from pipeline.adapters.letters.font_programs import FontShelf, made_program
from pipeline.adapters.letters.reading import read_letters
from pipeline.adapters.letters.simple_encodings import encoding_of
from pipeline.adapters.letters.substitute_faces import FACES, Face
from pipeline.domain.errors import Permanent
from pipeline.domain.font_rules import FontRules
from pipeline.domain.pages import LetterRange, LetterReading
from pipeline.domain.refusals import REFUSALS
from pipeline.domain.remarks import REMARKS
from tests.letter_sheets import LAYOUTS, RULES, add_page, difference, letter, rendered, saved

pytestmark = pytest.mark.integration

ERIKA = ["Frau", "Erika Mustermann", "Am Packhof 2", "19053 Schwerin"]
EMBED, REFUSE = FontRules("embed"), FontRules("refuse")


def read(folder: Path, data: bytes, fonts: FontRules = EMBED, pages: int = 1) -> tuple[LetterReading, Path]:
    source, out = folder / "dropped.pdf", folder / "letters.pdf"
    source.write_bytes(data)
    rules = replace(RULES, fonts=fonts)
    (reading,) = read_letters(str(source), [LetterRange(1, 1, pages)], rules, {}, "simplex", str(out))
    return reading, out


def addressed(*fonts: Dictionary, text: bytes = b"Hallo", pages: int = 1) -> Pdf:
    """A letter that says `text` once in each font, its address in Helvetica."""
    pdf = Pdf.open(io.BytesIO(letter(ERIKA, LAYOUTS["B"])))
    for _ in range(pages - 1):
        del add_page(pdf, b"").Resources.Font.F1
    for page in pdf.pages:
        said = b""
        for number, font in enumerate(fonts):
            page.Resources.Font[f"/X{number}"] = font if font.is_indirect else pdf.make_indirect(font)
            said += b"BT /X%d 12 Tf 80 %d Td (%s) Tj ET " % (number, 200 - 20 * number, text)
        page.contents_add(pdf.make_stream(said))
    return pdf


def font(name: str, kind: Name = Name.TrueType, **entries: object) -> Dictionary:
    made = Dictionary(Type=Name.Font, Subtype=kind, BaseFont=Name(f"/{name}"), **entries)
    if "Encoding" not in entries:
        made.Encoding = Name.WinAnsiEncoding
    return made


def with_widths(name: str, widths: Sequence[float], first: int = 32, **entries: object) -> Dictionary:
    return font(name, FirstChar=first, LastChar=first + len(widths) - 1, Widths=Array(list(widths)), **entries)


def arial_widths() -> list[int]:
    """Arial's, of codes 32 to 126."""
    program = made_program(Face("sans", False, False, "microsoft"))
    return [round(program.widths[chr(code)]) for code in range(32, 127)]


def unembedded(path: Path) -> list[str]:
    with pikepdf.open(path) as pdf:
        found = [o for o in pdf.objects if isinstance(o, Dictionary) and o.get("/Type") == Name.Font]
        assert found
        return [str(o.BaseFont) for o in found if "/FontFile2" not in o.get("/FontDescriptor", Dictionary())]


def places(data: bytes | Path) -> list[tuple[str, float, float]]:
    """Every character of page 1 with its origin, in points."""
    document = pdfium.PdfDocument(data)
    x, y = ctypes.c_double(), ctypes.c_double()
    found = []
    try:
        text = document[0].get_textpage()
        for index in range(text.count_chars()):
            assert pdfium.raw.FPDFText_GetCharOrigin(text.raw, index, ctypes.byref(x), ctypes.byref(y))
            found.append((text.get_text_range(index, 1), x.value, y.value))
    finally:
        document.close()
    return [place for place in found if place[0].strip()]


@pytest.mark.parametrize("name", [f.standard_name for f in FACES if f.metrics == "adobe"])
def test_a_standard_font_is_embedded_and_nothing_moves(tmp_path: Path, name: str) -> None:
    text = "Straße · Größe „Übung“ – 1.234,56 €"
    data = saved(addressed(font(name, Name.Type1), text=text.encode("cp1252")))
    reading, out = read(tmp_path, data)
    assert (reading.code, reading.remarks) == (None, ("font-embedded",))
    assert unembedded(out) == []
    shown = [(char, x) for char, x, y in places(out) if abs(y - 200) < 0.1]
    wanted = [(char, 80 + stringWidth(text[:at], name, 12)) for at, char in enumerate(text) if char != " "]
    assert [char for char, _ in shown] == [char for char, _ in wanted]
    assert max(abs(one[1] - other[1]) for one, other in zip(shown, wanted, strict=True)) < 0.01
    assert difference(rendered(out), rendered(data)) < 0.02


@pytest.mark.parametrize("face", [f for f in FACES if f.metrics == "adobe"], ids=lambda face: face.standard_name)
def test_programs_have_the_widths_of_the_standard_14(face: Face) -> None:
    program = made_program(face)
    with TTFont(io.BytesIO(program.data)) as made:
        glyphs, advances = made.getBestCmap(), made["hmtx"]
        own = {chr(code): advances[name][0] * 1000 / made["head"].unitsPerEm for code, name in glyphs.items()}
    wanted = {toUnicode(name): width for name, width in _fontdata.widthsByFontGlyph[face.standard_name].items()}
    apart = {char for char, width in wanted.items() if abs(own[char] - width) > 1}
    assert apart <= set("¯µ")
    assert all(abs(own[char] - width) < 0.01 for char, width in program.widths.items())


def test_letters_share_one_program_and_it_is_the_same_every_time(tmp_path: Path) -> None:
    data = saved(addressed(font("ArialMT", Widths=Array(arial_widths()), FirstChar=32, LastChar=126), pages=3))
    shelf = tmp_path / "shelf"
    outs = []
    for name in ("a.pdf", "b.pdf"):
        (tmp_path / "dropped.pdf").write_bytes(data)
        args = ([LetterRange(1, 1, 1), LetterRange(2, 2, 3)], RULES, {}, "simplex", str(tmp_path / name), str(shelf))
        read_letters(str(tmp_path / "dropped.pdf"), *args)  # type: ignore[arg-type]
        outs.append((tmp_path / name).read_bytes())
    assert outs[0] == outs[1]
    with pikepdf.open(tmp_path / "a.pdf") as pdf:
        files = [o for o in pdf.objects if isinstance(o, pikepdf.Stream) and "/Length1" in o]
    assert len(files) == 2  # Helvetica's widths and Arial's


@pytest.mark.parametrize("rules", [EMBED, REFUSE], ids=["embed", "refuse"])
def test_what_no_installed_font_matches_goes_back(tmp_path: Path, rules: FontRules) -> None:
    reading, out = read(tmp_path, saved(addressed(with_widths("Calibri", [500] * 95))), rules)
    assert (reading.code, reading.page) == ("font-not-embedded", 1)
    name = "Calibri" if rules is EMBED else "Helvetica"
    assert f"„{name}“" in (reading.detail or "")
    assert reading.code in REFUSALS
    assert rendered(out).min() < 128  # who gets it back sees the page


def test_the_job_may_refuse_helvetica_too(tmp_path: Path) -> None:
    reading, _ = read(tmp_path, letter(ERIKA, LAYOUTS["B"]), REFUSE)
    assert reading.code == "font-not-embedded"
    assert "font-embedded" in REMARKS


def test_widths_decide_not_the_name(tmp_path: Path) -> None:
    good = arial_widths()
    wrong = [width + 20 if chr(code) == "a" else width for code, width in enumerate(good, 32)]
    assert read(tmp_path, saved(addressed(with_widths("Arial", good))))[0].code is None
    reading, _ = read(tmp_path, saved(addressed(with_widths("Arial", wrong))))
    assert reading.code == "font-not-embedded"
    assert "97" in (reading.detail or "")
    assert read(tmp_path, saved(addressed(with_widths("Arial", wrong), text=b"Hello")))[0].code is None


@pytest.mark.parametrize("text", [rb"\141", b"a"], ids=["octal", "raw"])
def test_a_wrong_width_is_found_however_the_text_is_written(tmp_path: Path, text: bytes) -> None:
    wrong = [width + 20 if chr(code) == "a" else width for code, width in enumerate(arial_widths(), 32)]
    assert read(tmp_path, saved(addressed(with_widths("Arial", wrong), text=text)))[0].code == "font-not-embedded"
    in_hex = addressed(with_widths("Arial", wrong), text=b"x")
    in_hex.pages[0].contents_add(in_hex.make_stream(b"BT /X0 9 Tf 80 90 Td <4 8 6 1> Tj ET"))
    assert read(tmp_path, saved(in_hex))[0].code == "font-not-embedded"
    elsewhere = addressed(with_widths("Arial", wrong), text=b"x")
    elsewhere.pages[0].contents_add(elsewhere.make_stream(b"BT /F1 9 Tf 80 90 Td (a) Tj ET"))
    assert read(tmp_path, saved(elsewhere))[0].code is None


def in_other_words(*names: str) -> Dictionary:
    encoding = Dictionary(Type=Name.Encoding, BaseEncoding=Name.WinAnsiEncoding)
    encoding.Differences = Array([1, *(Name(f"/{name}") for name in names)])
    return font("Helvetica", Name.Type1, Encoding=encoding)


def test_differences_choose_the_characters(tmp_path: Path) -> None:
    text = b"\\001\\002\\003\\004"
    reading, out = read(tmp_path, saved(addressed(in_other_words("H", "a", "germandbls", "uni20AC"), text=text)))
    assert reading.code is None
    assert "Haß€" in "".join(char for char, _, _ in places(out))
    for text, code in ((rb"\001", None), (rb"\002", "font-not-embedded")):
        assert read(tmp_path, saved(addressed(in_other_words("H", "g17"), text=text)))[0].code == code


def test_codes_without_a_character_stay_empty(tmp_path: Path) -> None:
    data = saved(addressed(font("Helvetica", Name.Type1), text=rb"\001\007"))
    plain = letter(ERIKA, LAYOUTS["B"])
    _, out = read(tmp_path, data)
    assert difference(rendered(out), rendered(plain)) < 0.02


def test_composite_fonts_without_a_file_go_back(tmp_path: Path) -> None:
    inner = Dictionary(Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name.Arial)
    outer = font("Arial", Name.Type0, Encoding=Name("/Identity-H"), DescendantFonts=Array([inner]))
    assert read(tmp_path, saved(addressed(outer, text=rb"\000H")))[0].code == "font-not-embedded"


def test_a_font_that_nobody_uses_is_no_reason(tmp_path: Path) -> None:
    pdf = addressed(font("Helvetica", Name.Type1))
    pdf.pages[0].Resources.Font.Unused = pdf.make_indirect(font("Calibri"))
    assert read(tmp_path, saved(pdf))[0].code is None


def test_fonts_inside_forms_are_looked_at_for_every_letter(tmp_path: Path) -> None:
    pdf = addressed(pages=2)
    form = pdf.make_stream(b"BT /G 12 Tf 0 0 Td (Hallo) Tj ET", Type=Name.XObject, Subtype=Name.Form)
    form.BBox = Array([0, 0, 100, 20])
    form.Resources = Dictionary(Font=Dictionary(G=pdf.make_indirect(font("Times-Roman", Name.Type1))))
    for page in pdf.pages:
        page.Resources.XObject = Dictionary(Form=form)
        page.contents_add(pdf.make_stream(b"/Form Do"))
    source, out = tmp_path / "dropped.pdf", tmp_path / "letters.pdf"
    source.write_bytes(saved(pdf))
    ranges = [LetterRange(1, 1, 1), LetterRange(2, 2, 2)]
    readings = read_letters(str(source), ranges, RULES, {}, "simplex", str(out))
    assert [reading.remarks for reading in readings] == [("font-embedded",)] * 2
    assert unembedded(out) == []
    form.Resources.Font.G.BaseFont = Name.Calibri
    source.write_bytes(saved(pdf))
    readings = read_letters(str(source), ranges, RULES, {}, "simplex", str(out))
    assert [reading.code for reading in readings] == ["font-not-embedded"] * 2


def test_symbolic_fonts_mean_what_only_their_file_says(tmp_path: Path) -> None:
    made = Dictionary(
        Type=Name.Font,
        Subtype=Name.TrueType,
        BaseFont=Name.Arial,
        FontDescriptor=Dictionary(Type=Name.FontDescriptor, FontName=Name.Arial, Flags=4),
    )
    assert encoding_of(made) is None
    assert read(tmp_path, saved(addressed(made)))[0].code == "font-not-embedded"


def test_a_line_without_its_fonts_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(substitute_faces, "_FOLDERS", (tmp_path / "nowhere",))
    font_programs.made_program.cache_clear()
    with pytest.raises(Permanent) as caught:
        read(tmp_path, letter(ERIKA, LAYOUTS["B"]))
    assert (caught.value.code, caught.value.remedy) == ("fonts-missing", "apt-get install fonts-liberation2")


def test_a_spoilt_program_on_the_shelf_is_made_again(tmp_path: Path) -> None:
    face = Face("sans", False, False, "adobe")
    made = FontShelf(tmp_path / "shelf").program(face)
    (kept,) = (tmp_path / "shelf").iterdir()
    assert FontShelf(tmp_path / "shelf").program(face) == made
    kept.write_bytes(b"{")
    assert FontShelf(tmp_path / "shelf").program(face) == made == made_program(face)
