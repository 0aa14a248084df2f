"""Type drawn as shapes, as programs do that turn letters into outlines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont
from reportlab.pdfgen.canvas import Canvas


class _Outline(BasePen):
    """Draws a glyph onto a path of a canvas, at a place and a scale."""

    def __init__(self, glyphs: Any, path: Any, x: float, y: float, scale: float) -> None:
        super().__init__(glyphs)
        self._path, self._x, self._y, self._scale = path, x, y, scale

    def _at(self, point: tuple[float, float]) -> tuple[float, float]:
        return self._x + point[0] * self._scale, self._y + point[1] * self._scale

    def _moveTo(self, pt: tuple[float, float]) -> None:
        self._path.moveTo(*self._at(pt))

    def _lineTo(self, pt: tuple[float, float]) -> None:
        self._path.lineTo(*self._at(pt))

    def _curveToOne(self, pt1: tuple[float, float], pt2: tuple[float, float], pt3: tuple[float, float]) -> None:
        self._path.curveTo(*self._at(pt1), *self._at(pt2), *self._at(pt3))

    def _closePath(self) -> None:
        self._path.close()


def draw_outlined(canvas: Canvas, font: Path, x: float, y: float, text: str, size_pt: float) -> None:
    """A line of text as shapes, its begin on the base line at x, y in points."""
    face = TTFont(str(font))
    glyphs, names = face.getGlyphSet(), face.getBestCmap()
    scale = size_pt / face["head"].unitsPerEm
    path = canvas.beginPath()
    for sign in text:
        name = names[ord(sign)]
        glyphs[name].draw(_Outline(glyphs, path, x, y, scale))
        x += glyphs[name].width * scale
    canvas.drawPath(path, stroke=0, fill=1)
