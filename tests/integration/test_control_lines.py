"""A control line is gone from the printed file, all else is as before; where that can't be, the letter is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
from pikepdf import Dictionary, Name, Pdf

from pipeline.adapters.letters import control_lines
from pipeline.adapters.letters.page_sights import look_at_letters
from pipeline.adapters.letters.reading import read_letters
from pipeline.adapters.letters.sight_files import read_sights
from pipeline.domain.geometry import Rect
from pipeline.domain.pages import ControlLine, LetterRange, LetterReading
from pipeline.domain.split_rules import ControlInk, SplitRules
from samples import faults
from tests.letter_sheets import MM, RULES, add_page, helvetica, rendered

pytestmark = pytest.mark.integration

HIGH = 841.89
HEAD = Rect(20.0, 2.0, 120.0, 9.0)
SECRET = "NEU 12-3456"


def text(x_mm: float, y_mm: float, words: str, size: float = 9.0) -> bytes:
    return f"BT /F1 {size} Tf {x_mm * MM:.2f} {HIGH - y_mm * MM:.2f} Td ({words}) Tj ET\n".encode("cp1252")


ADDRESS = b"".join(
    text(25, 66.3 + 4.23 * n, line, 10) for n, line in enumerate(("Erika Muster", "Lange Str. 3", "19370 Parchim"))
)
BODY = b"0 g\n" + ADDRESS + text(25, 110, "Sehr geehrte Frau Muster,") + text(25, 120, "NEU ist hier nichts.")
X, Y = 25 * MM, HIGH - 6 * MM


def rules(ink: ControlInk = "white") -> SplitRules:
    return SplitRules("control-line", pattern="^#NEU", ink=ink, region=HEAD)


def read(tmp_path: Path, contents: Sequence[bytes], ink: ControlInk = "white", **extra: object) -> LetterReading:
    pdf = Pdf.new()
    for content in contents:
        page = add_page(pdf, content)
        for key, value in extra.items():
            page.obj.Resources[f"/{key}"] = value
    pdf.save(tmp_path / "source.pdf")
    return printed(tmp_path, ink)


def printed(tmp_path: Path, ink: ControlInk = "white") -> LetterReading:
    """The stream as one letter: as it is read where nobody looked before, and the same where somebody did."""
    source, out = str(tmp_path / "source.pdf"), str(tmp_path / "letters.pdf")
    used = replace(RULES, split=rules(ink))
    with pikepdf.open(source) as pdf:
        span = LetterRange(1, 1, len(pdf.pages))
    (reading,) = read_letters(source, [span], used, {}, "simplex", out)
    seen = seen_lines(tmp_path, span, ink)
    if seen is not None:
        before = Path(out).read_bytes()
        (again,) = read_letters(source, [replace(span, control_lines=seen)], used, {}, "simplex", out)
        assert replace(again, range=span) == reading
        assert Path(out).read_bytes() == before
    return reading


def seen_lines(tmp_path: Path, span: LetterRange, ink: ControlInk) -> tuple[ControlLine, ...] | None:
    """Where the look at the stream sees control lines; None where it has a doubt."""
    used = replace(RULES, split=rules(ink))
    look_at_letters(str(tmp_path / "source.pdf"), 1, span.pages, used, str(tmp_path))
    sights = list(read_sights([tmp_path]))
    if any(sight.doubt for sight in sights):
        return None
    return tuple(ControlLine(sight.page - 1, sight.rest) for sight in sights if sight.rest is not None)


def streams(tmp_path: Path) -> bytes:
    """Everything in the printed file, unpacked: what a search, a driver or a curious reader would find."""
    with pikepdf.open(tmp_path / "letters.pdf") as pdf:
        pdf.save(
            tmp_path / "plain.pdf",
            stream_decode_level=pikepdf.StreamDecodeLevel.all,
            compress_streams=False,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    return (tmp_path / "plain.pdf").read_bytes()


LINES = {
    "one string": f"q 1 g BT /F1 2 Tf {X:.2f} {Y:.2f} Td (#{SECRET}#) Tj ET Q\n",
    "an array with kerning": f"q 1 1 1 rg BT /F1 2 Tf 1 0 0 1 {X:.2f} {Y:.2f} Tm "
    "[(#NEU) -300 (12-) 20 (3456#)] TJ ET Q\n",
    "several strings": f"q 0 0 0 0 k BT /F1 2 Tf {X:.2f} {Y:.2f} Td (#NEU ) Tj (12-) Tj (3456#) Tj ET Q\n",
    "by its line operator": f"q 1 g BT /F1 2 Tf 0 TL {X:.2f} {Y:.2f} Td (#{SECRET}#) ' ET Q\n",
    "with its own spacing": f'q 1 g BT /F1 2 Tf 0 TL {X:.2f} {Y:.2f} Td 1 0 (#{SECRET}#) " ET Q\n',
    "invisible": f"q BT 3 Tr /F1 2 Tf {X:.2f} {Y:.2f} Td (#{SECRET}#) Tj ET Q\n",
    "through a matrix": f"q 0.5 0 0 0.5 {X:.2f} {Y:.2f} cm 1 g BT /F1 4 Tf 0 0 Td (#{SECRET}#) Tj ET Q\n",
    "with a reading text": f"q 1 g /Span << /ActualText (#{SECRET}#) >> BDC BT /F1 2 Tf {X:.2f} {Y:.2f} Td "
    f"(#{SECRET}#) Tj ET EMC Q\n",
    "before another line": f"BT 1 g /F1 2 Tf {X:.2f} {Y:.2f} Td (#{SECRET}#) Tj 0 g /F1 9 Tf 0 -400 Td (Gruss) Tj ET\n",
}


@pytest.mark.parametrize("line", LINES)
def test_a_white_line_is_gone_and_the_page_looks_as_before(tmp_path: Path, line: str) -> None:
    reading = read(tmp_path, [BODY + LINES[line].encode()])
    assert reading.code is None and reading.address is not None, reading.detail
    found = streams(tmp_path)
    for word in (b"NEU 12", b"3456", b"#NEU"):
        assert word not in found
    after = rendered(tmp_path / "letters.pdf")
    document = pdfium.PdfDocument(tmp_path / "letters.pdf")
    words = document[0].get_textpage().get_text_range()
    document.close()
    assert "NEU ist hier nichts." in words and "Sehr geehrte Frau Muster," in words and "#" not in words
    rest = text(25, 6 + 400 / MM, "Gruss") if "Gruss" in LINES[line] else b""
    read(tmp_path, [BODY + rest])
    assert np.abs(after.astype(int) - rendered(tmp_path / "letters.pdf")).max() < 40


@pytest.mark.parametrize("change", [90, 180, 270, 0])
def test_it_goes_from_turned_and_shifted_pages_too(tmp_path: Path, change: int) -> None:
    pdf = Pdf.new()
    add_page(pdf, BODY + LINES["one string"].encode())
    pdf.save(tmp_path / "source.pdf")
    data = (tmp_path / "source.pdf").read_bytes()
    data = faults.turned(data, change) if change else faults.shifted(data, 12.0, 9.0, 8.0)
    (tmp_path / "source.pdf").write_bytes(data)
    assert printed(tmp_path).code is None
    assert b"3456" not in streams(tmp_path)


def test_a_visible_line_in_the_margin_goes_where_the_profile_says_so(tmp_path: Path) -> None:
    line = text(25, 6, f"#{SECRET}#", 5)
    reading = read(tmp_path, [BODY + line], "any")
    assert reading.code is None
    assert b"3456" not in streams(tmp_path)


def test_pages_without_a_line_are_untouched(tmp_path: Path) -> None:
    assert read(tmp_path, [BODY, BODY]).code is None
    with pikepdf.open(tmp_path / "letters.pdf") as pdf:
        assert len(pdf.pages) == 2


def in_form(tmp_path: Path) -> LetterReading:
    pdf = Pdf.new()
    page = add_page(pdf, BODY + b"/Line Do\n")
    form = pdf.make_stream(LINES["one string"].encode())
    form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, pikepdf.Array([0, 0, 596, 842])
    form.Resources = Dictionary(Font=Dictionary(F1=helvetica(pdf)))
    page.obj.Resources.XObject = Dictionary(Line=form)
    pdf.save(tmp_path / "source.pdf")
    return printed(tmp_path)


def test_a_line_inside_a_form_is_refused_with_its_page(tmp_path: Path) -> None:
    reading = in_form(tmp_path)
    assert (reading.code, reading.page) == ("control-line-stays", 1)


STUCK: dict[str, tuple[bytes, ControlInk]] = {
    "black text goes on behind it": (
        f"BT 1 g /F1 2 Tf {X:.2f} {Y:.2f} Td (#{SECRET}#) Tj 0 g (Gruss) Tj ET\n".encode(),
        "white",
    ),
    "the string runs out of the region": (text(25, 6, f"#{SECRET}# " + "und mehr " * 20, 9), "any"),
    "it begins before the region": (text(15, 6, f"Kopf #{SECRET}#", 9), "any"),
}


@pytest.mark.parametrize("case", STUCK)
def test_a_line_that_hangs_together_with_other_content_is_refused(tmp_path: Path, case: str) -> None:
    content, ink = STUCK[case]
    reading = read(tmp_path, [BODY + content], ink)
    assert (reading.code, reading.page) == ("control-line-stays", 1)


@pytest.mark.parametrize("looked", [False, True])
def test_whatever_goes_beside_the_line_is_noticed(
    tmp_path: Path, looked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A removal that takes a word of the letter along is found out by the proof, which shares no code with it."""
    read(tmp_path, [BODY + LINES["one string"].encode()])
    span = LetterRange(1, 1, 1)
    lines = seen_lines(tmp_path, span, "white")
    assert lines is not None and len(lines) == 1
    honest = control_lines._cuts

    def greedy(content: bytes, *others: Any) -> list[control_lines.Cut]:
        at = content.index(b"(NEU ist hier nichts.) Tj")
        return [*honest(content, *others), (at, at + len(b"(NEU ist hier nichts.) Tj"), b"")]

    monkeypatch.setattr(control_lines, "_cuts", greedy)
    source, out = str(tmp_path / "source.pdf"), str(tmp_path / "letters.pdf")
    seen = replace(span, control_lines=lines) if looked else span
    (reading,) = read_letters(source, [seen], replace(RULES, split=rules()), {}, "simplex", out)
    assert (reading.code, reading.page) == ("control-line-stays", 1)


def test_a_line_that_is_seen_and_not_taken_off_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read(tmp_path, [BODY + LINES["one string"].encode()])
    lines = seen_lines(tmp_path, LetterRange(1, 1, 1), "white")
    monkeypatch.setattr(control_lines, "_cuts", lambda *_: [])
    source, out = str(tmp_path / "source.pdf"), str(tmp_path / "letters.pdf")
    span = LetterRange(1, 1, 1, control_lines=lines)
    (reading,) = read_letters(source, [span], replace(RULES, split=rules()), {}, "simplex", out)
    assert (reading.code, reading.page) == ("control-line-stays", 1)


@pytest.mark.parametrize("lined", [True, False])
def test_a_page_with_annotations_is_proven_as_a_sheet(tmp_path: Path, lined: bool) -> None:
    """What an annotation shows is on the finished page and was not seen before; in the region it stays."""
    for place_mm, code in ((140.0, None), (6.0, "control-line-stays")):
        pdf = Pdf.new()
        page = add_page(pdf, BODY + (LINES["one string"].encode() if lined else b""))
        look = pdf.make_stream(b"BT 1 g /F1 4 Tf 1 2 Td (Geheimer Stempel) Tj ET")
        look.Type, look.Subtype, look.BBox = Name.XObject, Name.Form, pikepdf.Array([0, 0, 100, 8])
        look.Resources = Dictionary(Font=Dictionary(F1=helvetica(pdf)))
        y = HIGH - place_mm * MM
        stamp = Dictionary(
            Type=Name.Annot, Subtype=Name.Stamp, F=4, Rect=[X, y - 2, X + 100, y + 6], AP=Dictionary(N=look)
        )
        page.obj.Annots = pikepdf.Array([pdf.make_indirect(stamp)])
        pdf.save(tmp_path / "source.pdf")
        reading = printed(tmp_path)
        assert reading.code == code
        assert b"3456" not in streams(tmp_path)


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    read(tmp_path, [BODY + LINES["several strings"].encode(), BODY])
    first = (tmp_path / "letters.pdf").read_bytes()
    printed(tmp_path)
    assert (tmp_path / "letters.pdf").read_bytes() == first
