"""Fonts whose widths the PDF tells wrongly: mended where nobody sees a difference, left alone where one would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pytest
import reportlab
from fontTools.ttLib import TTFont as Program
from pikepdf import Array, Dictionary, Name
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.incoming.archive_pdf import build_archive_pdf
from pipeline.adapters.incoming.checks import Finding, check_archive_pdf
from pipeline.adapters.incoming.font_widths import mend_widths
from pipeline.adapters.incoming.own_text import reread
from pipeline.adapters.incoming.page_look import FINE, differing_pages
from pipeline.adapters.incoming.recognition import recognise_pages
from pipeline.adapters.incoming.scan_source import inspect_scan
from pipeline.domain.recognised import ArchivePdfFacts, RecognisedPage
from tests.incoming_sheets import LINES, RULES, WORDS
from tests.needs import need
from tests.verapdf.judge import class_path, judge

pytestmark = pytest.mark.integration

VERA = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
PROGRAM = Program(VERA)
GLYPHS = PROGRAM.getBestCmap()
UNITS = PROGRAM["head"].unitsPerEm
SIZE = 12
REMARK = "widths of embedded fonts taken from the font programs: 1"


def _advance(letter: str) -> float:
    return SIZE * PROGRAM["hmtx"].metrics[GLYPHS[ord(letter)]][0] / UNITS


def _descriptor(pdf: pikepdf.Pdf, flags: int) -> pikepdf.Object:
    data = VERA.read_bytes()
    head, rise = PROGRAM["head"], PROGRAM["hhea"]
    return pdf.make_indirect(
        Dictionary(
            Type=Name.FontDescriptor,
            FontName=Name("/Vera"),
            Flags=flags,
            FontBBox=[head.xMin, head.yMin, head.xMax, head.yMax],
            ItalicAngle=0,
            Ascent=rise.ascent,
            Descent=rise.descent,
            CapHeight=1400,
            StemV=80,
            FontFile2=pdf.make_stream(data, Length1=len(data)),
        )
    )


def _to_unicode(pdf: pikepdf.Pdf, codes: dict[str, bytes]) -> pikepdf.Object:
    width = len(next(iter(codes.values())))
    rows = "\n".join(f"<{code.hex()}> <{ord(letter):04x}>" for letter, code in sorted(codes.items()))
    return pdf.make_stream(
        f"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def /CMapType 2 def
1 begincodespacerange <{"00" * width}> <{"ff" * width}> endcodespacerange
{len(codes)} beginbfchar
{rows}
endbfchar endcmap CMapName currentdict /CMap defineresource pop end end""".encode("ascii")
    )


def _cid_font(pdf: pikepdf.Pdf, *, mapped: bool) -> tuple[Dictionary, dict[str, bytes]]:
    """A font without /W, as if every glyph were an em wide. `mapped`: CIDs are Unicode, not the glyphs' numbers."""
    letters = sorted(set("".join(LINES)))
    number = {letter: PROGRAM.getGlyphID(GLYPHS[ord(letter)]) for letter in letters}
    codes = {letter: (ord(letter) if mapped else number[letter]).to_bytes(2, "big") for letter in letters}
    to_gid: pikepdf.Object = Name.Identity
    if mapped:
        table = {ord(letter): gid for letter, gid in number.items()}
        to_gid = pdf.make_stream(b"".join(table.get(cid, 0).to_bytes(2, "big") for cid in range(256)))
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name("/Vera"),
        CIDSystemInfo=Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
        FontDescriptor=_descriptor(pdf, 4),
        CIDToGIDMap=to_gid,
    )
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type0,
        BaseFont=Name("/Vera"),
        Encoding=Name("/Identity-H"),
        DescendantFonts=Array([pdf.make_indirect(descendant)]),
        ToUnicode=_to_unicode(pdf, codes),
    )
    return font, codes


def _simple_font(pdf: pikepdf.Pdf, *, wins: bool) -> tuple[Dictionary, dict[str, bytes]]:
    """A font that is not symbolic, with one width for all; umlauts by the base encoding or by differences."""
    letters = sorted(set("".join(LINES)))
    codes = {letter: letter.encode("cp1252") for letter in letters}
    encoding: pikepdf.Object = Name.WinAnsiEncoding
    if not wins:
        codes = {letter: bytes([128 + number]) for number, letter in enumerate(letters)}
        names = [Name("/" + GLYPHS[ord(letter)]) for letter in letters]
        encoding = Dictionary(Type=Name.Encoding, BaseEncoding=Name.WinAnsiEncoding, Differences=Array([128, *names]))
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.TrueType,
        BaseFont=Name("/Vera"),
        Encoding=encoding,
        FirstChar=40,
        LastChar=255,
        Widths=Array([700] * 216),
        FontDescriptor=_descriptor(pdf, 32),
        ToUnicode=_to_unicode(pdf, codes),
    )
    return font, codes


Fonts = Callable[[pikepdf.Pdf], tuple[Dictionary, dict[str, bytes]]]
FONTS: dict[str, Fonts] = {
    "cid": lambda pdf: _cid_font(pdf, mapped=False),
    "cid-mapped": lambda pdf: _cid_font(pdf, mapped=True),
    "simple": lambda pdf: _simple_font(pdf, wins=True),
    "simple-differences": lambda pdf: _simple_font(pdf, wins=False),
}


def _letter(path: Path, fonts: Fonts, *, placed: bool) -> Path:
    """A page of type. `placed`: every glyph at a place of its own; else the reader advances by the font's widths."""
    with pikepdf.new() as pdf:
        font, codes = fonts(pdf)
        steps = []
        for row, line in enumerate(LINES):
            x, y = 72.0, 700 - 20 * row
            runs = list(line) if placed else [line]
            for run in runs:
                shown = b"".join(codes[letter] for letter in run).hex()
                steps.append(f"BT /F0 {SIZE} Tf {x:.3f} {y} Td <{shown}> Tj ET")
                x += sum(_advance(letter) for letter in run)
        page = pdf.add_blank_page(page_size=(595, 842))
        page.obj.Resources = Dictionary(Font=Dictionary(F0=pdf.make_indirect(font)))
        page.obj.Contents = pdf.make_stream("\n".join(steps).encode("ascii"))
        pdf.save(path, deterministic_id=True)
    return path


def _from_reportlab(path: Path, *, placed: bool) -> Path:
    """A subset font as programs embed it, its /Widths then made wrong."""
    pdfmetrics.registerFont(TTFont("Vera", str(VERA)))
    right = path.with_name("right.pdf")
    canvas = Canvas(str(right), pagesize=(595, 842), invariant=1, initialFontName="Vera", initialFontSize=SIZE)
    for row, line in enumerate(LINES):
        x = 72.0
        for run in list(line) if placed else [line]:
            canvas.drawString(x, 700 - 20 * row, run)
            x += canvas.stringWidth(run, "Vera", SIZE)
    canvas.save()
    with pikepdf.open(right) as pdf:
        for font in pdf.pages[0].obj.Resources.Font.values():
            if font.get("/Subtype") == "/TrueType":
                font.Widths = Array([777] * len(font.Widths))
        pdf.save(path, deterministic_id=True)
    return path


@dataclass(frozen=True)
class Taken:
    """A source, and the archive PDF that was made of it."""

    source: Path
    pdf: Path
    facts: ArchivePdfFacts
    pages: list[RecognisedPage]


def _taken(source: Path, folder: Path) -> Taken:
    facts = inspect_scan(str(source), RULES)
    pages = recognise_pages(str(source), facts, 1, facts.pages, str(folder / "pages"), RULES)
    assert all(page.own_text for page in pages)
    pdf = folder / "document.pdf"
    made = build_archive_pdf(str(source), facts, pages, str(pdf))
    return Taken(source, pdf, made, pages)


def _check(taken: Taken, pages: list[RecognisedPage]) -> list[Finding]:
    return check_archive_pdf(str(taken.pdf), pages, taken.facts, str(taken.source))


def _words(pages: list[RecognisedPage]) -> tuple[str, ...]:
    return tuple(word.text for line in pages[0].lines() for word in line.words)


def _make(name: str, folder: Path, *, placed: bool) -> Path:
    path = folder / "letter.pdf"
    return _from_reportlab(path, placed=placed) if name == "reportlab" else _letter(path, FONTS[name], placed=placed)


NAMES = (*FONTS, "reportlab")


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Taken]:
    """Pages on which every glyph has a place of its own, by kind of font."""
    folders = {name: tmp_path_factory.mktemp("placed") for name in NAMES}
    return {name: _taken(_make(name, folder, placed=True), folder) for name, folder in folders.items()}


@pytest.mark.parametrize("name", NAMES)
def test_widths_that_move_nothing_are_mended_and_told(placed: dict[str, Taken], name: str) -> None:
    taken = placed[name]
    assert (taken.facts.level, taken.facts.reasons, taken.facts.remarks) == ("2b", (), (REMARK,))
    assert differing_pages(str(taken.pdf), str(taken.source), [1], FINE) == []


@pytest.mark.parametrize("name", NAMES)
def test_words_are_read_anew_where_wrong_widths_had_cut_them(placed: dict[str, Taken], name: str) -> None:
    taken = placed[name]
    assert _words(taken.pages) != WORDS
    assert [finding.kind for finding in _check(taken, taken.pages)] == ["text"]
    pages = reread(str(taken.pdf), taken.pages)
    assert _words(pages) == WORDS
    assert _check(taken, pages) == []
    assert (pages[0].page, pages[0].dpi_x, pages[0].rotation) == (1, taken.pages[0].dpi_x, 0)


def test_other_letters_are_not_taken_for_words_cut_elsewhere(placed: dict[str, Taken], tmp_path: Path) -> None:
    source = _letter(tmp_path / "letter.pdf", FONTS["cid"], placed=True)
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        contents = pdf.pages[0].obj.Contents.read_bytes().splitlines()
        pdf.pages[0].obj.Contents = pdf.make_stream(b"\n".join(contents[:-1]))
        pdf.save(source)
    assert reread(str(source), placed["cid"].pages) == placed["cid"].pages


def test_a_mended_file_has_the_same_bytes_each_time(placed: dict[str, Taken], tmp_path: Path) -> None:
    taken = placed["cid"]
    facts = inspect_scan(str(taken.source), RULES)
    build_archive_pdf(str(taken.source), facts, taken.pages, str(tmp_path / "again.pdf"))
    assert (tmp_path / "again.pdf").read_bytes() == taken.pdf.read_bytes()


def test_verapdf_passes_mended_fonts(placed: dict[str, Taken]) -> None:
    need("java")
    need("jaxb")
    class_path()
    sources = judge([taken.source for taken in placed.values()])
    assert all(any("6.2.11.5" in rule for rule in verdict.broken) for verdict in sources)
    verdicts = judge([taken.pdf for taken in placed.values()])
    assert {verdict.file: verdict.broken for verdict in verdicts if not verdict.passed} == {}


@pytest.mark.parametrize("name", NAMES)
def test_widths_that_place_the_text_stay_and_a_person_decides(tmp_path: Path, name: str) -> None:
    taken = _taken(_make(name, tmp_path, placed=False), tmp_path)
    assert taken.facts.level is None
    assert all("6.2.11.5" in reason for reason in taken.facts.reasons)
    assert taken.facts.reasons != ()
    assert taken.facts.remarks == ()
    assert _check(taken, taken.pages) == []
    assert differing_pages(str(taken.pdf), str(taken.source), [1], FINE) == []
    with pikepdf.open(taken.pdf) as after:
        fonts = list(after.pages[0].obj.Resources.Font.values())
        assert all("/W" not in font.get("/DescendantFonts", [Dictionary()])[0] for font in fonts)
        assert all(len(set(font.get("/Widths", []))) <= 1 for font in fonts)
        assert b"pdfaid" not in after.Root.Metadata.read_bytes()


def test_a_single_word_that_would_move_is_enough(tmp_path: Path) -> None:
    """All glyphs stand by themselves but those of one short word: nearly the same page is not the same page."""
    source = _letter(tmp_path / "letter.pdf", FONTS["cid"], placed=True)
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        _font, codes = FONTS["cid"](pdf)
        word = (codes["i"] + codes["."]).hex()
        contents = pdf.pages[0].obj.Contents.read_bytes() + f"\nBT /F0 6 Tf 72 100 Td <{word}> Tj ET".encode("ascii")
        pdf.pages[0].obj.Contents = pdf.make_stream(contents)
        pdf.save(source, deterministic_id=True)
    assert _taken(source, tmp_path).facts.level is None


def test_what_was_mended_is_taken_back_to_the_last_entry(tmp_path: Path) -> None:
    for name in FONTS:
        with pikepdf.open(_letter(tmp_path / f"{name}.pdf", FONTS[name], placed=True)) as pdf:
            before = [item.unparse(resolved=True) for item in pdf.objects if not isinstance(item, pikepdf.Stream)]
            mended = mend_widths(pdf, pikepdf.pdfa.check(pdf, "2b").findings)
            changed = [item.unparse(resolved=True) for item in pdf.objects if not isinstance(item, pikepdf.Stream)]
            assert mended.fonts == 1
            assert changed != before
            mended.take_back()
            after = [item.unparse(resolved=True) for item in pdf.objects if not isinstance(item, pikepdf.Stream)]
            assert after == before
