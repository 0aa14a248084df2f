"""Separator sheets to print: our own cover sheets, and generic ones with a QR code, a Code 39 or a patch code.

A4 portrait, black on white. A cover sheet says what its letter is four times as Data Matrix and twice as Code 128, at
both ends of the sheet, so that a hole, a stain or a torn corner leaves most of them alone. Bars along the top and
the bottom edge are its frame: they show what it is even when no code can be read. On patch sheets the code stands at
all four edges, each to be read from its own edge, so that they can be fed any way round; their frame is around the
words in the middle, where no scanner's patch reader looks.
The same values give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Literal, get_args

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.papers.page_layout import BOLD, REGULAR, shown
from pipeline.adapters.papers.sheet_codes import (
    Box,
    draw_bars,
    draw_code39,
    draw_code128,
    draw_datamatrix,
    draw_qr,
)
from pipeline.domain.cover_sheets import encode, encode_short
from pipeline.domain.geometry import A4_HEIGHT_MM, A4_WIDTH_MM, POINTS_PER_MM
from pipeline.domain.page_looks import CoverSheet
from pipeline.domain.separator_marks import (
    FRAME,
    FRAME_MARGIN_MM,
    FRAME_UNIT_MM,
    PATCH_UNIT_MM,
    PATCHES,
    PatchKind,
)

GenericKind = Literal["qr", "code39", "patch-1", "patch-2", "patch-3", "patch-4", "patch-6", "patch-t"]
GENERIC_KINDS: tuple[GenericKind, ...] = get_args(GenericKind)

DATAMATRIX_PLACES = (
    Box(12.0, 48.0, 40.0, 40.0),
    Box(158.0, 48.0, 40.0, 40.0),
    Box(12.0, 209.0, 40.0, 40.0),
    Box(158.0, 209.0, 40.0, 40.0),
)
CODE128_PLACES = (Box(13.0, 26.0, 184.0, 18.0), Box(13.0, 253.0, 184.0, 18.0))
CODE39_PLACES = (
    Box(12.0, 30.0, 87.0, 20.0),
    Box(111.0, 60.0, 87.0, 20.0),
    Box(12.0, 217.0, 87.0, 20.0),
    Box(111.0, 247.0, 87.0, 20.0),
)

_LABELS = {"reference": "Aktenzeichen", "cost_centre": "Kostenstelle"}
_PATCH_MARGIN_MM = 12.0
_PATCH_ENDS_MM = 12.0
_PATCH_SIDE_ENDS_MM = 60.0
_PATCH_FRAME_MM, _PATCH_FRAME_ENDS_MM = 80.0, 50.0
_MIDDLE_MM = A4_WIDTH_MM / 2
_BETWEEN_MM = 98.0
_PT_PER_MM = POINTS_PER_MM

_COVER_RULES = (
    "Dieses Blatt liegt",
    "vor dem Brief.",
    "Es gehört nicht zum Brief:",
    "nicht mit einkuvertieren,",
    "nicht abheften.",
)
_PATCH_WORDS = (
    "Trennblatt für den Scanner.",
    "Es gehört nicht zum Brief.",
    "Mit 100 % drucken, ohne Anpassen",
    "an die Seite.",
)


def write_cover_sheets(path: Path, sheet: CoverSheet, municipality_name: str, job_title: str, copies: int = 1) -> None:
    """Write a PDF of `copies` same pages (1 or more).

    Raises Permanent `cover-sheet-impossible` for what can't be coded.
    """
    whole, short = encode(sheet), encode_short(sheet)

    def page(canvas: Canvas) -> None:
        _frame(canvas)
        for place in DATAMATRIX_PLACES:
            draw_datamatrix(canvas, whole, place)
        for place in CODE128_PLACES:
            draw_code128(canvas, short, place)
        _words(canvas, 62.0, ("TRENNBLATT",), 40.0, BOLD, _BETWEEN_MM)
        _words(canvas, 76.0, ("vor den Brief legen",), 17.0, REGULAR, _BETWEEN_MM)
        _facts(canvas, _cover_facts(sheet, municipality_name, job_title))
        _words(canvas, 217.0, _COVER_RULES, 15.0, BOLD, _BETWEEN_MM)

    _save(path, f"Trennblatt {sheet.municipality} {sheet.profile}", page, copies)


def write_generic_sheets(path: Path, kind: GenericKind, text: str = "PATCHT", copies: int = 1) -> None:
    """Write a PDF of `copies` same separator sheets without data. `text`: what a QR code or Code 39 says."""
    if kind in ("qr", "code39"):
        _save(path, f"Trennblatt {text}", lambda canvas: _text_code_page(canvas, kind, text), copies)
    else:
        patch: PatchKind = kind  # type: ignore[assignment]
        _save(path, f"Trennblatt {_patch_name(patch)}", lambda canvas: _patch_page(canvas, patch), copies)


def _text_code_page(canvas: Canvas, kind: GenericKind, text: str) -> None:
    _frame(canvas)
    for place in DATAMATRIX_PLACES if kind == "qr" else CODE39_PLACES:
        (draw_qr if kind == "qr" else draw_code39)(canvas, text, place)
    _words(canvas, 130.0, ("TRENNBLATT",), 60.0, BOLD, 180.0)
    _words(canvas, 148.0, (text,), 30.0, REGULAR, 180.0)
    _words(canvas, 170.0, _COVER_RULES, 16.0, REGULAR, 180.0)


def _patch_page(canvas: Canvas, kind: PatchKind) -> None:
    widths = PATCHES[kind]
    draw_bars(canvas, "top", widths, PATCH_UNIT_MM, _PATCH_MARGIN_MM, _PATCH_ENDS_MM)
    draw_bars(canvas, "bottom", widths, PATCH_UNIT_MM, _PATCH_MARGIN_MM, _PATCH_ENDS_MM)
    draw_bars(canvas, "left", widths, PATCH_UNIT_MM, _PATCH_MARGIN_MM, _PATCH_SIDE_ENDS_MM)
    draw_bars(canvas, "right", widths, PATCH_UNIT_MM, _PATCH_MARGIN_MM, _PATCH_SIDE_ENDS_MM)
    for edge in ("top", "bottom"):
        draw_bars(canvas, edge, FRAME, FRAME_UNIT_MM, _PATCH_FRAME_MM, _PATCH_FRAME_ENDS_MM)
    _words(canvas, 120.0, ("TRENNBLATT",), 48.0, BOLD, 120.0)
    _words(canvas, 142.0, (_patch_name(kind),), 34.0, REGULAR, 120.0)
    _words(canvas, 170.0, _PATCH_WORDS, 16.0, REGULAR, 120.0)


def _patch_name(kind: PatchKind) -> str:
    return f"Patchcode {kind.removeprefix('patch-').upper()}"


def _cover_facts(sheet: CoverSheet, municipality_name: str, job_title: str) -> list[tuple[str, str]]:
    count = "nicht angegeben" if sheet.sheets is None else str(sheet.sheets)
    known = [name for name in _LABELS if name in sheet.fields]
    others = sorted(sheet.fields.keys() - _LABELS.keys())
    return [
        ("Kommune", f"{municipality_name} ({sheet.municipality})"),
        ("Auftrag", f"{job_title} ({sheet.profile})"),
        *((_LABELS.get(name, name), sheet.fields[name]) for name in (*known, *others)),
        ("Erwartete Blätter", count),
    ]


def _facts(canvas: Canvas, facts: Sequence[tuple[str, str]]) -> None:
    """The facts as large as their number allows, between the two rows of codes."""
    high_mm = min(17.0, 104.0 / len(facts))
    for row, (label, value) in enumerate(facts):
        base_mm = 100.0 + (row + 0.5) * high_mm
        canvas.setFont(REGULAR, 11)
        canvas.drawString(16.0 * _PT_PER_MM, (A4_HEIGHT_MM - base_mm) * _PT_PER_MM, shown(label))
        text = shown(value)
        canvas.setFont(BOLD, _size(text, BOLD, min(24.0, high_mm * 2), 128.0))
        canvas.drawString(66.0 * _PT_PER_MM, (A4_HEIGHT_MM - base_mm) * _PT_PER_MM, text)


def _frame(canvas: Canvas) -> None:
    draw_bars(canvas, "top", FRAME, FRAME_UNIT_MM, FRAME_MARGIN_MM, FRAME_MARGIN_MM)
    draw_bars(canvas, "bottom", FRAME, FRAME_UNIT_MM, FRAME_MARGIN_MM, FRAME_MARGIN_MM)


def _words(canvas: Canvas, top_mm: float, lines: Sequence[str], size_pt: float, font: str, width_mm: float) -> None:
    """Lines in the middle of the page, the first base line at `top_mm`, smaller where one is too wide."""
    texts = [shown(line) for line in lines]
    size_pt = min(_size(text, font, size_pt, width_mm) for text in texts)
    canvas.setFont(font, size_pt)
    for index, text in enumerate(texts):
        at_mm = A4_HEIGHT_MM - top_mm - index * size_pt * 1.3 / _PT_PER_MM
        canvas.drawCentredString(_MIDDLE_MM * _PT_PER_MM, at_mm * _PT_PER_MM, text)


def _size(text: str, font: str, most_pt: float, width_mm: float) -> float:
    wide_pt = stringWidth(text, font, most_pt)
    return most_pt * min(1.0, width_mm * _PT_PER_MM / wide_pt) if wide_pt else most_pt


def _save(path: Path, title: str, page: Callable[[Canvas], None], copies: int) -> None:
    """All pages show one drawing; the file is written at once, when it is complete."""
    if copies < 1:
        raise ValueError("at least one copy")
    memory = BytesIO()
    canvas = Canvas(memory, pagesize=A4, invariant=1, lang="de-DE")
    canvas.setTitle(title)
    canvas.setViewerPreference("PrintScaling", "None")
    canvas.beginForm("sheet")
    page(canvas)
    canvas.endForm()
    for _ in range(copies):
        canvas.doForm("sheet")
        canvas.showPage()
    canvas.save()
    path.write_bytes(memory.getvalue())
