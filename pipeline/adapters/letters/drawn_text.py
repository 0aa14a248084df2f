"""Where a page's content shows text and in which colour: its operators, followed one by one.

Only what is needed to find the text of a control line: positions of the beginnings of shown strings, and whether they
are white or invisible. Widths of characters are not followed, so after a string the position is open until the
content says where to go on. ISO 32000-1: 9.4 (text), 8.6 (colour).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pikepdf import Array, Dictionary, Name, Object

from pipeline.adapters.letters.placement import Matrix, mapped

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
SHOWING = frozenset({"Tj", "TJ", "'", '"'})
_INVISIBLE, _STROKED = (3, 7), (1, 5)
_WHITE = 250 / 255
_SPACES = {"/DeviceGray": 1, "/CalGray": 1, "/G": 1, "/DeviceRGB": 3, "/CalRGB": 3, "/RGB": 3, "/DeviceCMYK": 4}
_DIRECT = {"g": 1, "rg": 3, "k": 4}


@dataclass(frozen=True)
class _Colour:
    """A colour space by its number of components (0: one whose white is not known), and whether the colour is white."""

    components: int = 1
    white: bool = False
    subtractive: bool = False


@dataclass(frozen=True)
class _State:
    ctm: Matrix = IDENTITY
    fill: _Colour = field(default_factory=_Colour)
    stroke: _Colour = field(default_factory=_Colour)
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
        self.placed = True
        """Whether the position is known: nothing was shown since the content last said where to go on."""

    @property
    def position(self) -> tuple[float, float]:
        """Where the present line of text begins, in the page's own units."""
        return mapped(times(self._line, self._state.ctm), 0.0, 0.0)

    @property
    def hidden(self) -> bool:
        """Whether text that is shown now is white or invisible."""
        state = self._state
        if state.mode in _INVISIBLE:
            return True
        return state.stroke.white if state.mode in _STROKED else state.fill.white

    def take(self, operator: str, operands: Sequence[Object]) -> None:
        """Go on by one operator; one that shows text with a new line moves first, and then leaves the position open."""
        if operator in ("'", '"'):
            self._next_line(0.0, -self._state.leading)
        elif operator in ("q", "Q"):
            self._save_or_restore(operator)
        elif operator in ("BT", "Td", "TD", "Tm", "T*", "TL", "Tr"):
            self._text(operator, [float(each) for each in operands])
        elif operator == "cm":
            self._state = replace(self._state, ctm=times(_matrix(operands), self._state.ctm))
        elif operator.lower() in ("g", "rg", "k", "cs", "sc", "scn"):
            self._paint(operator, operands)

    def shown(self) -> None:
        """Text was shown: where the next string begins is open."""
        self.placed = False

    def _save_or_restore(self, operator: str) -> None:
        if operator == "q":
            self._saved.append(self._state)
        elif self._saved:
            self._state = self._saved.pop()

    def _text(self, operator: str, values: Sequence[float]) -> None:
        if operator == "TL":
            self._state = replace(self._state, leading=values[0])
        elif operator == "Tr":
            self._state = replace(self._state, mode=int(values[0]))
        elif operator == "BT":
            self._line, self.placed = IDENTITY, True
        elif operator == "Tm":
            self._line, self.placed = _matrix(values), True
        elif operator == "T*":
            self._next_line(0.0, -self._state.leading)
        else:
            if operator == "TD":
                self._state = replace(self._state, leading=-values[1])
            self._next_line(values[0], values[1])

    def _next_line(self, x: float, y: float) -> None:
        self._line, self.placed = times((1.0, 0.0, 0.0, 1.0, x, y), self._line), True

    def _paint(self, operator: str, operands: Sequence[Object]) -> None:
        known = self._state.stroke if operator[0].isupper() else self._state.fill
        low = operator.lower()
        if low in _DIRECT:
            known = _Colour(_DIRECT[low], subtractive=low == "k")
            colour = replace(known, white=_is_white(known, operands))
        elif low == "cs":
            colour = self._space(operands[0])
        else:
            colour = replace(known, white=_is_white(known, operands))
        state = self._state
        self._state = replace(state, stroke=colour) if operator[0].isupper() else replace(state, fill=colour)

    def _space(self, named: Object) -> _Colour:
        """The space that a name means; its initial colour is black, or not known."""
        space = self._spaces.get(str(named), named)
        kind = space[0] if isinstance(space, Array) and len(space) else space
        if str(kind) == "/ICCBased" and isinstance(space, Array):
            count = int(space[1].get("/N", 0))
            return _Colour(count if count in (1, 3, 4) else 0, subtractive=count == 4)
        if str(kind) in ("/Separation", "/DeviceN") and isinstance(space, Array):
            inks = len(space[1]) if isinstance(space[1], Array) else 1
            return _Colour(inks, subtractive=True)
        count = _SPACES.get(str(kind), 0)
        return _Colour(count, subtractive=count == 4)


def _is_white(space: _Colour, operands: Sequence[Object]) -> bool:
    if not space.components or len(operands) != space.components or any(isinstance(each, Name) for each in operands):
        return False
    values = [float(each) for each in operands]
    if space.subtractive:
        return max(values) <= 1 - _WHITE
    return min(values) >= _WHITE


def _matrix(operands: Sequence[Object | float]) -> Matrix:
    a, b, c, d, e, f = (float(each) for each in operands)
    return (a, b, c, d, e, f)
