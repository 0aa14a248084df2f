"""Where a page's content shows text and in which colour: its operators, followed one by one.

Only what is needed to find the text of a control line: positions of the beginnings of shown strings, and whether they
are white or invisible. Widths of characters are not followed, so after a string the position is open until the
content says where to go on. Most operators only leave a note; what it means is reckoned where somebody asks.
ISO 32000-1: 9.4 (text), 8.6 (colour).
"""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass

from pikepdf import Array, Dictionary, Object

from pipeline.adapters.letters.placement import Matrix, mapped

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
SHOWING = frozenset({b"Tj", b"TJ", b"'", b'"'})
_MOVES = frozenset({b"Td", b"TD", b"Tm", b"T*"})
_INVISIBLE, _STROKED = (3, 7), (1, 5)
_WHITE = 250 / 255
_SPACES = {"/DeviceGray": 1, "/CalGray": 1, "/G": 1, "/DeviceRGB": 3, "/CalRGB": 3, "/RGB": 3, "/DeviceCMYK": 4}
_DIRECT = {b"g": b"/DeviceGray", b"rg": b"/DeviceRGB", b"k": b"/DeviceCMYK"}
_DIRECT |= {operator.upper(): space for operator, space in _DIRECT.items()}
_SET = frozenset({b"sc", b"scn", b"SC", b"SCN"})
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")


@dataclass(slots=True)
class _State:
    """A graphics state: each colour as the name of its space and its components, as they stand in the content."""

    ctm: Matrix = IDENTITY
    fill: tuple[bytes, bytes] = (b"/DeviceGray", b"0")
    stroke: tuple[bytes, bytes] = (b"/DeviceGray", b"0")
    mode: int = 0
    leading: float = 0.0


def times(first: Matrix, then: Matrix) -> Matrix:
    """The matrix that does `first`, then `then`."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


class TextWalk:
    """Follows a content stream, operator by operator. Raises ValueError for operands that are none."""

    def __init__(self, resources: Object) -> None:
        spaces = resources.get("/ColorSpace") if isinstance(resources, Dictionary) else None
        self._spaces = spaces if isinstance(spaces, Dictionary) else Dictionary()
        self._state = _State()
        self._saved: list[_State] = []
        self._line: Matrix = IDENTITY
        self._moves: list[tuple[bytes, bytes, float]] = []  # since `_line` was reckoned; each with its leading
        self._white: dict[tuple[bytes, bytes], bool] = {}
        self.placed = True
        """Whether the position is known: nothing was shown since the content last said where to go on."""

    @property
    def position(self) -> tuple[float, float]:
        """Where the present line of text begins, in the page's own units."""
        for operator, operands, leading in self._moves:
            if operator == b"Tm":
                self._line = _matrix(operands)
            else:
                x, y = (0.0, -leading) if operator == b"T*" else _numbers(operands, 2)
                self._line = times((1.0, 0.0, 0.0, 1.0, x, y), self._line)
        self._moves.clear()
        return mapped(times(self._line, self._state.ctm), 0.0, 0.0)

    @property
    def hidden(self) -> bool:
        """Whether text that is shown now is white or invisible."""
        state = self._state
        if state.mode in _INVISIBLE:
            return True
        colour = state.stroke if state.mode in _STROKED else state.fill
        white = self._white.get(colour)
        if white is None:
            white = self._white[colour] = self._is_white(*colour)
        return white

    def take(self, operator: bytes, operands: bytes) -> None:
        """Go on by one operator; one that shows text with a new line moves first, and then leaves the position open."""
        state = self._state
        if operator in _DIRECT:
            self._paint(operator, _DIRECT[operator], operands)
        elif operator in _MOVES:
            if operator == b"TD":
                state.leading = -_numbers(operands, 2)[1]
            self._moves.append((operator, operands, state.leading))
            self.placed = True
        elif operator in (b"'", b'"'):
            self._moves.append((b"T*", b"", state.leading))
            self.placed = True
        elif operator == b"BT":
            self._line, self.placed = IDENTITY, True
            self._moves.clear()
        elif operator == b"q":
            self._saved.append(copy(state))
        elif operator == b"Q":
            self._state = self._saved.pop() if self._saved else state
        elif operator == b"cm":
            state.ctm = times(_matrix(operands), state.ctm)
        elif operator == b"Tr":
            state.mode = int(_numbers(operands, 1)[0])
        elif operator == b"TL":
            state.leading = _numbers(operands, 1)[0]
        elif operator in (b"cs", b"CS"):
            self._paint(operator, operands.strip(), b"")
        elif operator in _SET:
            self._paint(operator, (state.stroke if operator[:1].isupper() else state.fill)[0], operands)

    def shown(self) -> None:
        """Text was shown: where the next string begins is open."""
        self.placed = False

    def _paint(self, operator: bytes, space: bytes, components: bytes) -> None:
        if operator[:1].isupper():
            self._state.stroke = (space, components)
        else:
            self._state.fill = (space, components)

    def _is_white(self, space: bytes, components: bytes) -> bool:
        """Whether a colour is white. The initial colour of a space is black, or not known; so is one with a pattern."""
        count, subtractive = self._space(space)
        parts = components.split()
        if not count or len(parts) != count or any(part.startswith(b"/") for part in parts):
            return False
        values = [float(part) for part in parts]
        return max(values) <= 1 - _WHITE if subtractive else min(values) >= _WHITE

    def _space(self, name: bytes) -> tuple[int, bool]:
        """Number of components (0: white is not known) of the space that a name means, and whether 0 is its white."""
        text = _ESCAPE.sub(lambda code: bytes([int(code[1], 16)]), name).decode("utf-8", "replace")
        space = self._spaces.get(text, text) if text.startswith("/") else text
        kind = space[0] if isinstance(space, Array) and len(space) else space
        if str(kind) == "/ICCBased" and isinstance(space, Array):
            count = int(space[1].get("/N", 0))
            return (count if count in (1, 3, 4) else 0), count == 4
        if str(kind) in ("/Separation", "/DeviceN") and isinstance(space, Array):
            return (len(space[1]) if isinstance(space[1], Array) else 1), True
        count = _SPACES.get(str(kind), 0)
        return count, count == 4


def _numbers(operands: bytes, count: int) -> list[float]:
    values = [float(part) for part in operands.split()]
    if len(values) < count:
        raise ValueError(f"{count} numbers wanted: {operands[:40]!r}")
    return values[-count:]


def _matrix(operands: bytes) -> Matrix:
    a, b, c, d, e, f = _numbers(operands, 6)
    return (a, b, c, d, e, f)
