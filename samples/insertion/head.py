"""The reading head: from the picture of a sheet's mark zone to strokes and a code, by plain arithmetic on pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import zxingcpp

from samples.insertion.setting import Setting, Strokes, Symbol

_DARK = 128
_COVERED = 0.85
_OFF_MM = 0.4
_THIN, _THICK = 0.5, 2.0


@dataclass(frozen=True)
class Seen:
    """What the head saw of one sheet. `strokes`: 1 and 0 in position order, empty where the machine reads none.

    `code`: text of the 2D code, empty where there is none; `blank`: nothing dark at all; `stray`: something dark
    that is no stroke of this machine.
    """

    strokes: str
    code: str
    blank: bool
    stray: bool = False


def look(picture: np.ndarray, setting: Setting, dpi: float) -> Seen:
    """Read one sheet. `picture`: grey values of the zone `setting.head_mm()` at `dpi`, rows by columns."""
    left, top, _, _ = setting.head_mm()
    strokes, stray = "", False
    if setting.strokes is not None:
        strokes, stray = _read_strokes(picture, setting.strokes, left, top, dpi)
    code = "" if setting.symbol is None else _read_symbol(picture, setting.symbol, left, top, dpi)
    return Seen(strokes, code, bool(picture.min(initial=255) >= _DARK), stray)


def _read_strokes(picture: np.ndarray, s: Strokes, left: float, top: float, dpi: float) -> tuple[str, bool]:
    """Each dark bar across the column belongs to the position whose place it keeps within 0.4 mm, or is astray."""
    a, b = (round((x - left) * dpi / 25.4) for x in (s.x_mm + 0.1 * s.length_mm, s.x_mm + 0.9 * s.length_mm))
    last_mm = s.first_mm + s.pitch_mm * (len(s.tokens) - 1)
    first_row = max(0, round((s.first_mm - s.pitch_mm / 2 - top) * dpi / 25.4))
    last_row = round((last_mm + s.pitch_mm / 2 - top) * dpi / 25.4)
    dark = (picture[first_row:last_row, a:b] < _DARK).mean(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], dark >= _COVERED, [False])).astype(np.int8)))
    found = ["0"] * len(s.tokens)
    stray = bool(((dark > 0.1) & (dark < _COVERED)).sum() > 2 * len(edges))
    for start, end in edges.reshape(-1, 2):
        middle_mm = top + (first_row + (start + end) / 2) * 25.4 / dpi
        thick_mm = (end - start) * 25.4 / dpi
        position = round((middle_mm - s.first_mm) / s.pitch_mm)
        inside = 0 <= position < len(found) and abs(middle_mm - s.first_mm - position * s.pitch_mm) <= _OFF_MM
        if inside and _THIN * s.thickness_mm <= thick_mm <= _THICK * s.thickness_mm and found[position] == "0":
            found[position] = "1"
        else:
            stray = True
    return "".join(found), stray


def _read_symbol(picture: np.ndarray, c: Symbol, left: float, top: float, dpi: float) -> str:
    rows = slice(
        *(max(0, round((y - top) * dpi / 25.4)) for y in (c.y_mm - c.quiet_mm, c.y_mm + c.side_mm + c.quiet_mm))
    )
    columns = slice(
        *(max(0, round((x - left) * dpi / 25.4)) for x in (c.x_mm - c.quiet_mm, c.x_mm + c.side_mm + c.quiet_mm))
    )
    part = np.ascontiguousarray(picture[rows, columns])
    found = zxingcpp.read_barcodes(part, formats=zxingcpp.BarcodeFormat.DataMatrix)
    return found[0].text if len(found) == 1 and found[0].valid else ""
