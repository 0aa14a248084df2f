"""Where a source page lands on a fresh A4 sheet: plain arithmetic on boxes and matrices, in points (1/72 inch).

A matrix (a, b, c, d, e, f) maps x' = a x + c y + e, y' = b x + d y + f, as the operator `cm` does
(ISO 32000-1, 8.3.3).
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.geometry import A4_HEIGHT_MM, A4_WIDTH_MM, MM_PER_POINT, POINTS_PER_MM
from pipeline.domain.page_rules import PageSize, SizeRule

A4_WIDTH_PT = 595.276
A4_HEIGHT_PT = 841.89
# Paper is cut and pages are rounded by up to this much; such a page is centred, never scaled.
TOLERANCE_MM = 2.0
_A5_MM = (148.0, 210.0)  # ISO 216
_LETTER_MM = (215.9, 279.4)  # ANSI/ASME Y14.1, size A
_LETTER_WIDTH_PT = 612.0
_LETTER_HEIGHT_PT = 792.0

Matrix = tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class Box:
    """A box in a page's own units: left < right, bottom < top."""

    left: float
    bottom: float
    right: float
    top: float

    def __post_init__(self) -> None:
        if not (self.left < self.right and self.bottom < self.top):
            raise ValueError(f"not a box: {self}")

    @property
    def width(self) -> float:
        """Right minus left."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Top minus bottom."""
        return self.top - self.bottom


# What a page without a MediaBox is, to every viewer; the standard has no default.
LETTER_BOX = Box(0.0, 0.0, _LETTER_WIDTH_PT, _LETTER_HEIGHT_PT)


@dataclass(frozen=True)
class Frame:
    """How a source page is shown: `box` in its units, turned clockwise by `rotate` (0, 90, 180, 270), `unit` points
    to one of its units."""

    box: Box
    rotate: int = 0
    unit: float = 1.0

    def __post_init__(self) -> None:
        if self.rotate not in (0, 90, 180, 270) or not self.unit > 0:
            raise ValueError(f"not a frame: {self}")

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height as shown, in mm."""
        width, height = self.box.width * self.unit, self.box.height * self.unit
        if self.rotate in (90, 270):
            width, height = height, width
        return width * MM_PER_POINT, height * MM_PER_POINT

    @property
    def is_a4(self) -> bool:
        """A4 upright, within the tolerance."""
        width, height = self.size_mm
        return abs(width - A4_WIDTH_MM) <= TOLERANCE_MM and abs(height - A4_HEIGHT_MM) <= TOLERANCE_MM

    @property
    def is_a4_landscape(self) -> bool:
        """A4 lying, within the tolerance."""
        width, height = self.size_mm
        return abs(width - A4_HEIGHT_MM) <= TOLERANCE_MM and abs(height - A4_WIDTH_MM) <= TOLERANCE_MM

    @property
    def other_size(self) -> PageSize | None:
        """A5 or Letter, upright or lying, within the tolerance; None for everything else."""
        width, height = sorted(self.size_mm)
        sizes: tuple[tuple[PageSize, tuple[float, float]], ...] = (("a5", _A5_MM), ("letter", _LETTER_MM))
        for name, (short, long) in sizes:
            if abs(width - short) <= TOLERANCE_MM and abs(height - long) <= TOLERANCE_MM:
                return name
        return None

    def turned(self) -> Frame:
        """The frame turned a quarter counter-clockwise, so that its head lies at the sheet's left edge.

        That is what `landscape` means to a printer (RFC 8011, 5.2.10: plus 90 degrees, anti-clockwise), and the left
        edge is the one that is filed: a landscape table is read by turning the file clockwise.
        """
        return Frame(self.box, (self.rotate + 270) % 360, self.unit)


def shown_box(media: Box, crop: Box | None, trim: Box | None, unit: float) -> Box:
    """The part of a page that is the sheet: the crop box inside the media box; the trim box where that alone is A4.

    A page made for a cutting machine has a bleed around an A4 trim box; without a trim box the crop box is the sheet.
    """
    visible = _inside(crop, media) or media
    cut = _inside(trim, media)
    if cut is not None and not _has_a4_size(Frame(visible, 0, unit)) and _has_a4_size(Frame(cut, 0, unit)):
        return cut
    return visible


def _has_a4_size(frame: Frame) -> bool:
    return frame.is_a4 or frame.is_a4_landscape


def _inside(box: Box | None, outer: Box) -> Box | None:
    if box is None:
        return None
    left, bottom = max(box.left, outer.left), max(box.bottom, outer.bottom)
    right, top = min(box.right, outer.right), min(box.top, outer.top)
    return Box(left, bottom, right, top) if left < right and bottom < top else None


def on_a4(frame: Frame) -> Matrix | None:
    """The matrix that puts an A4 page at 1:1 in the middle of the sheet, landscape turned; None for other sizes."""
    upright = frame.turned() if frame.is_a4_landscape else frame
    return _centred(upright, 1.0) if upright.is_a4 else None


def is_turned(frame: Frame) -> bool:
    """Whether a page of another size is turned a quarter: it lies, and is wider than the sheet."""
    width, height = frame.size_mm
    return width > height and width > A4_WIDTH_MM + TOLERANCE_MM


def by_rule(frame: Frame, rule: SizeRule) -> Matrix | None:
    """The matrix that puts an A5 or Letter page onto the sheet as a rule says; None where it says `refuse`.

    A lying page that is wider than the sheet is turned as a landscape A4 page is; a lying A5 page is as wide as the
    sheet and stays as it is.
    """
    if rule == "refuse":
        return None
    upright = frame.turned() if is_turned(frame) else frame
    width, height = upright.size_mm
    if rule == "scale":
        return _centred(upright, min(A4_WIDTH_MM / width, A4_HEIGHT_MM / height))
    centred = _centred(upright, 1.0)
    if rule == "centre":
        return centred
    aside, up = (A4_WIDTH_MM - width) / 2 * POINTS_PER_MM, (A4_HEIGHT_MM - height) / 2 * POINTS_PER_MM
    return (*centred[:4], centred[4] - aside, centred[5] + up)


def fitted_to_a4(frame: Frame) -> Matrix:
    """The matrix that puts a page of any size whole and centred on the sheet, scaled, wide pages turned.

    For looking at a page that goes back; never for one that is printed.
    """
    width, height = frame.size_mm
    upright = frame.turned() if width > height else frame
    width, height = upright.size_mm
    return _centred(upright, min(A4_WIDTH_MM / width, A4_HEIGHT_MM / height))


def _centred(frame: Frame, scale: float) -> Matrix:
    width, height = (side * POINTS_PER_MM * scale for side in frame.size_mm)
    dx, dy = (A4_WIDTH_PT - width) / 2, (A4_HEIGHT_PT - height) / 2
    box, s = frame.box, frame.unit * scale
    if frame.rotate == 0:
        return (s, 0.0, 0.0, s, dx - s * box.left, dy - s * box.bottom)
    if frame.rotate == 90:
        return (0.0, -s, s, 0.0, dx - s * box.bottom, dy + s * box.right)
    if frame.rotate == 180:
        return (-s, 0.0, 0.0, -s, dx + s * box.right, dy + s * box.top)
    return (0.0, s, -s, 0.0, dx + s * box.top, dy - s * box.left)


def mapped(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    """Where a point lands."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def operands(matrix: Matrix) -> str:
    """The matrix as `cm` takes it: at most five decimals (0.004 micrometres), no exponents."""
    return " ".join(_number(value) for value in matrix)


def _number(value: float) -> str:
    text = f"{value:.5f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
