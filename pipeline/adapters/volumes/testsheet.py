"""The test sheet of a machine: rulers, every mark printed, the reader's zone outlined; to align the reader with.

Printed at 100 %, the rulers prove that no printer driver scaled the page, and the marks can be measured on paper.
"""

from __future__ import annotations

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from pipeline.adapters.volumes.drawing import whitened
from pipeline.domain import code2d
from pipeline.domain.datamatrix import datamatrix
from pipeline.domain.geometry import A4_HEIGHT_MM, A4_WIDTH_MM, POINTS_PER_MM, Rect
from pipeline.domain.marks import stroke_positions_mm
from pipeline.domain.profile_rules import FOLD_MARKS_MM, HOLE_MARK_MM
from pipeline.domain.profiles import Machine

_TEXT_X_MM = 63.0
_TEXT_TOP_MM = 30.0
_CROSSING_LEFT_MM = 50.0
_CROSSING_RIGHT_MM = 30.0
_LINE_MM = 5.5
_INNER_X_MM, _INNER_Y_MM = 58.0, 240.0
_INNER_FROM_MM, _INNER_DOWN_MM, _INNER_RIGHT_MM = 10, 287, 200
_SAMPLE = code2d.SheetCode(batch=9_999_999, piece=1, sheet=1, of=1, last_fed=True)


def write_testsheet(machine: Machine, out_pdf: str) -> None:
    """Write the test sheet of `machine` as a PDF of one A4 page; the same machine gives the same bytes."""
    canvas = Canvas(out_pdf, pagesize=A4, invariant=1)
    canvas.setTitle(f"Testblatt {machine.id}")
    canvas.setViewerPreference("PrintScaling", "None")
    sheet = _Sheet(canvas)
    sheet.rulers()
    for form, folds_mm in FOLD_MARKS_MM.items():
        for at_mm in folds_mm:
            sheet.crossing(at_mm, f"Falz Form {form}")
    sheet.crossing(HOLE_MARK_MM, "Lochmarke")
    for zone in whitened(machine):
        sheet.zone(zone)
    sheet.strokes(machine)
    sheet.symbol(machine)
    sheet.inner_rulers()
    sheet.text(_explanation(machine))
    canvas.showPage()
    canvas.save()


def _explanation(machine: Machine) -> list[str]:
    marks = machine.marks
    lines = [
        f"Testblatt für {machine.id}",
        machine.title,
        "",
        "Mit 100 % drucken, ohne Anpassen an die Seite. Dann mit einem Lineal prüfen:",
        "Die Skalen am Rand beginnen an der Papierkante und zählen Millimeter; die inneren zählen ebenso,",
        "wo der Drucker am Rand nicht druckt.",
        "Weicht eine Skala auf 200 mm um mehr als 1 mm ab, skaliert der Drucker.",
        "",
        "Rot umrandet: der Bereich, der auf jeder Vorderseite frei bleiben muss.",
        "Blau gestrichelt: Falz- und Lochmarken nach DIN 5008.",
    ]
    if marks.kind != "datamatrix":
        positions_mm = stroke_positions_mm(machine)
        lines += [
            "",
            f"Striche: {len(positions_mm)} Stellen, alle gedruckt; {_mm(marks.length_mm)} lang, "
            f"{_mm(marks.thickness_mm)} dick, Abstand {_mm(marks.pitch_mm)}.",
            f"Linke Kante bei {_mm(marks.x_mm)}; Mitte des ersten bei {_mm(positions_mm[0])}, "
            f"des letzten bei {_mm(positions_mm[-1])}.",
            f"Oberkante des Blatts bis zum ersten Strich: {_mm(positions_mm[0])}; "
            f"vom ersten bis zum letzten: {_mm(positions_mm[-1] - positions_mm[0])}.",
        ]
    if marks.kind != "omr" and marks.datamatrix is not None:
        place = marks.datamatrix
        lines += [
            "",
            f"2D-Code: Data Matrix, {code2d.MODULES} mal {code2d.MODULES} Module zu {_mm(place.module_mm)}, "
            f"Ruhezone {_mm(place.quiet_mm)}.",
            f"Linke obere Ecke bei {_mm(place.x_mm)} von links, {_mm(place.y_mm)} von oben.",
            f"Inhalt des Musters: {code2d.encode(_SAMPLE)}",
        ]
    return lines


def _mm(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",") + " mm"


class _Sheet:
    """Drawing in mm from the sheet's top left corner."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas

    def _x(self, x_mm: float) -> float:
        return x_mm * POINTS_PER_MM

    def _y(self, y_mm: float) -> float:
        return (A4_HEIGHT_MM - y_mm) * POINTS_PER_MM

    def _line(self, x1_mm: float, y1_mm: float, x2_mm: float, y2_mm: float, width_pt: float = 0.3) -> None:
        self._canvas.setLineWidth(width_pt)
        self._canvas.line(self._x(x1_mm), self._y(y1_mm), self._x(x2_mm), self._y(y2_mm))

    def _box(self, box: Rect, *, filled: bool) -> None:
        width = (box.right_mm - box.left_mm) * POINTS_PER_MM
        height = (box.bottom_mm - box.top_mm) * POINTS_PER_MM
        self._canvas.rect(self._x(box.left_mm), self._y(box.bottom_mm), width, height, stroke=not filled, fill=filled)

    def rulers(self) -> None:
        """Scales along the left edge and the top edge, the numbers in mm."""
        self._canvas.setFont("Helvetica", 5)
        for at in range(1, int(A4_HEIGHT_MM)):
            self._line(0, at, _tick_mm(at), at, 0.2)
            if at % 10 == 0:
                self._canvas.drawString(self._x(3.6), self._y(at + 0.6), str(at))
        for at in range(1, int(A4_WIDTH_MM)):
            self._line(at, 0, at, _tick_mm(at), 0.2)
            if at % 10 == 0:
                self._canvas.drawCentredString(self._x(at), self._y(5.4), str(at))

    def inner_rulers(self) -> None:
        """The same scales away from the edges, where every printer prints; the upright one beside the marks."""
        self._canvas.setFont("Helvetica", 5)
        self._line(_INNER_X_MM, _INNER_FROM_MM, _INNER_X_MM, _INNER_DOWN_MM, 0.2)
        self._line(_INNER_FROM_MM, _INNER_Y_MM, _INNER_RIGHT_MM, _INNER_Y_MM, 0.2)
        for at in range(_INNER_FROM_MM, _INNER_DOWN_MM + 1):
            self._line(_INNER_X_MM - _tick_mm(at), at, _INNER_X_MM, at, 0.2)
            if at % 10 == 0:
                self._canvas.drawRightString(self._x(_INNER_X_MM - 3.6), self._y(at + 0.6), str(at))
        for at in range(_INNER_FROM_MM, _INNER_RIGHT_MM + 1):
            self._line(at, _INNER_Y_MM - _tick_mm(at), at, _INNER_Y_MM, 0.2)
            if at % 10 == 0:
                self._canvas.drawCentredString(self._x(at), self._y(_INNER_Y_MM + 2.2), str(at))

    def crossing(self, at_mm: float, name: str) -> None:
        """A dashed line from both edges, with its name at the right."""
        self._canvas.saveState()
        self._canvas.setStrokeColorRGB(0.1, 0.3, 0.8)
        self._canvas.setFillColorRGB(0.1, 0.3, 0.8)
        self._canvas.setDash(3, 3)
        self._line(0, at_mm, _CROSSING_LEFT_MM, at_mm)
        self._line(A4_WIDTH_MM - _CROSSING_RIGHT_MM, at_mm, A4_WIDTH_MM, at_mm)
        self._canvas.setFont("Helvetica", 7)
        name_x, name_y = self._x(A4_WIDTH_MM - 2), self._y(at_mm - 0.8)
        self._canvas.drawRightString(name_x, name_y, f"{name}, {_mm(at_mm)}")
        self._canvas.restoreState()

    def zone(self, zone: Rect) -> None:
        """The outline of what is kept white around the marks; the ruler's numbers give way."""
        self._canvas.saveState()
        self._canvas.setFillGray(1)
        self._box(zone, filled=True)
        self._canvas.setStrokeColorRGB(0.8, 0.1, 0.1)
        self._canvas.setLineWidth(0.3)
        self._box(zone, filled=False)
        self._canvas.restoreState()

    def strokes(self, machine: Machine) -> None:
        """All positions printed, each with its token beside the zone."""
        marks = machine.marks
        self._canvas.setFillGray(0)
        self._canvas.setFont("Helvetica", 7)
        beside_mm = marks.x_mm + marks.length_mm + marks.clear_mm + 2
        for centre_mm, token in zip(stroke_positions_mm(machine), marks.tokens, strict=False):
            top_mm = centre_mm - marks.thickness_mm / 2
            stroke = Rect(marks.x_mm, top_mm, marks.x_mm + marks.length_mm, top_mm + marks.thickness_mm)
            self._box(stroke, filled=True)
            self._canvas.drawString(self._x(beside_mm), self._y(centre_mm + 0.8), f"{token}  ({_mm(centre_mm)})")

    def symbol(self, machine: Machine) -> None:
        """A sample of the 2D code at its place."""
        place = machine.marks.datamatrix
        if place is None or machine.marks.kind == "omr":
            return
        self._canvas.setFillGray(0)
        side = place.module_mm
        path = self._canvas.beginPath()
        for row, modules in enumerate(datamatrix(code2d.encode(_SAMPLE), smallest=code2d.MODULES)):
            for column, dark in enumerate(modules):
                if dark:
                    x_mm, bottom_mm = place.x_mm + column * side, place.y_mm + (row + 1) * side
                    path.rect(self._x(x_mm), self._y(bottom_mm), side * POINTS_PER_MM, side * POINTS_PER_MM)
        self._canvas.drawPath(path, stroke=0, fill=1)

    def text(self, lines: list[str]) -> None:
        """The explanation, right of everything that is measured."""
        for index, line in enumerate(lines):
            self._canvas.setFont("Helvetica-Bold" if index == 0 else "Helvetica", 13 if index == 0 else 9)
            self._canvas.drawString(self._x(_TEXT_X_MM), self._y(_TEXT_TOP_MM + index * _LINE_MM), line)


def _tick_mm(at: int) -> float:
    return 3.4 if at % 10 == 0 else 2.4 if at % 5 == 0 else 1.4
