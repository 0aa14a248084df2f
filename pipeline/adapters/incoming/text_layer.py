"""The operators of a page's invisible text: every word at its place, in as few bytes as that takes.

Words of skewed lines are set level, each at its own height: readers split a word whose letters climb.
Readers also make one word of what stands close behind each other without a space, lines of their own or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pikepdf

from pipeline.adapters.incoming.letter_codes import LetterCodes, letter_codes
from pipeline.adapters.incoming.letter_widths import letter_widths
from pipeline.adapters.incoming.line_ends import ends_that_touch
from pipeline.adapters.incoming.line_setting import Manner, SetLine, SetWord, Step, set_line
from pipeline.adapters.incoming.placed_words import PlacedLine, PlacedWord, Placer, placed_lines
from pipeline.adapters.incoming.text_font import EXTENTS, OTHER_ADVANCE, LayerFonts, resource
from pipeline.domain.recognised import RecognisedPage

_MOST_PAGES_MEASURED = 40
_REMEMBERED = 12  # steps from line to line
_CLOSEST = 0.105  # of the type size, from letter to letter; poppler takes letters closer than a tenth for doubled
_BELOW_MOST = 0.6  # of the largest such size, since a line is set up to 1.25 times 1.25 as large as it asks for


class TextLayers:
    """The invisible text of one document: its fonts, and each page's operators.

    `pages`: with nothing but the words that are to be laid over them. `placer`: for the place of a page in the
    document, how its pixels become points.
    """

    def __init__(self, pdf: pikepdf.Pdf, pages: Sequence[RecognisedPage], placer: Callable[[int], Placer]) -> None:
        shown = [index for index, page in enumerate(pages) if page.blocks]
        step = max(1, -(-len(shown) // _MOST_PAGES_MEASURED))
        lines = [line for index in shown[::step] for line in placed_lines(pages[index], placer(index))]
        signs = {sign for index in shown for line in pages[index].lines() for word in line.words for sign in word.text}
        self._codes = letter_codes(signs)
        self._widths = letter_widths(lines, signs)
        self._fonts = LayerFonts(pdf, self._codes, self._widths)

    def page(self, page: RecognisedPage, to_points: Placer) -> tuple[bytes, dict[str, pikepdf.Object]]:
        """The operators of a page and the fonts that they name; no operators where there is no word."""
        operators, fonts, others = layer_operators(placed_lines(page, to_points), self._codes, self._widths)
        return operators, self._fonts.take(fonts, others)

    def finish(self) -> None:
        """To be called when all pages are made."""
        self._fonts.finish()


@dataclass
class _Pen:
    """What a reader of the operators written so far would know, and those operators."""

    codes: Mapping[str, int]
    out: list[bytes] = field(default_factory=list)
    strings: list[bytes] = field(default_factory=list)
    manner: Manner | None = None
    stretch: int = 100
    rise: float = 0.0
    font: str = ""
    direction: tuple[float, float] = (1.0, 0.0)
    x: float = 0.0
    y: float = 0.0
    made: list[Step] = field(default_factory=list)
    fonts: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)


def layer_operators(
    lines: Iterable[PlacedLine], codes: LetterCodes, widths: Mapping[str, int]
) -> tuple[bytes, set[str], set[str]]:
    """The operators that show these lines invisibly, the fonts they name, the signs shown with the second font.

    `widths`: of every sign, in thousandths of the type size.
    """
    pen = _Pen(codes.codes)
    ems = {sign: (width if sign in codes.codes else OTHER_ADVANCE) / 1000 for sign, width in widths.items()}
    lines = tuple(lines)
    for line, touches in zip(lines, ends_that_touch(lines), strict=True):
        made = _made(pen, line, ems)
        if made.unmet or _is_crowded(made, ems):  # large type, or a size told wrong: each word at a size of its own
            for number, word in enumerate(line.words, 1):
                alone = replace(line, words=(word,))
                made = _made(pen, alone, ems)
                if made.unmet or _is_crowded(made, ems):
                    alone = replace(alone, size=_own_size(word, ems))
                    made = _made(pen, alone, ems)
                _write_line(pen, alone, made, touches or number < len(line.words))
        else:
            _write_line(pen, line, made, touches)
    operators = b"BT 3 Tr" + b"".join(pen.out) + b" ET" if pen.out else b""
    return operators, pen.fonts, pen.others


def _is_crowded(made: SetLine, ems: Mapping[str, float]) -> bool:
    """Whether letters stand so closely that readers cut the word between them."""
    narrow = (word for word in made.words if word.stretch < 100)
    return any(ems[sign] * word.stretch < 100 * _CLOSEST for word in narrow for sign in word.text[:-1])


def _own_size(word: PlacedWord, ems: Mapping[str, float]) -> float:
    """The type size that a word's height asks for; less for a narrow one, whose letters would be too close for it.

    Such are words whose boxes reach over rules, and tick boxes that were taken for a word.
    """
    narrowest = min(ems[sign] for sign in word.text)
    most = word.width / sum(ems[sign] for sign in word.text) * narrowest / _CLOSEST
    return min((word.high - word.low) / EXTENTS[0].height * 1000, _BELOW_MOST * most)


def _made(pen: _Pen, line: PlacedLine, ems: Mapping[str, float]) -> SetLine:
    natural = [sum([ems[sign] for sign in word.text]) for word in line.words]
    if (line.cos, line.sin) != pen.direction:
        return set_line(line, natural, ems[" "], pen.manner, (0.0, 0.0))
    return set_line(line, natural, ems[" "], pen.manner, (pen.x, pen.y), pen.made)


def _write_line(pen: _Pen, line: PlacedLine, made: SetLine, touches: bool) -> None:
    """`touches`: a space has to part it from what stands behind it."""
    if pen.manner is None or made.manner.size != pen.manner.size:
        pen.font = ""
    before, pen.manner = pen.manner, made.manner
    if made.manner.spacing != (before.spacing if before else 0.0):
        _operate(pen, f"{_n(made.manner.spacing)} Tw")
    _stretch_to(pen, made.words[0].stretch)
    _begin_line(pen, line, made)
    for index, word in enumerate(made.words):
        last = index + 1 == len(made.words) and not touches
        if index:
            _stretch_to(pen, word.stretch)
            _rise_to(pen, round(word.height - pen.y, 1))
        if word.gap:
            pen.strings.append(b"%d" % word.gap)
        _show(pen, word, made.manner.size, word.text if last else word.text + " ")
    _flush(pen)


def _begin_line(pen: _Pen, line: PlacedLine, made: SetLine) -> None:
    """Move to the line's begin, by a step from the line before where both run the same way."""
    _rise_to(pen, 0.0)
    x, y = made.begin, made.words[0].height
    if (line.cos, line.sin) == pen.direction:
        step = round(x - pen.x, 1), round(y - pen.y, 1)
        _operate(pen, f"{_n(step[0])} {_n(step[1])} Td")
        pen.made = [step, *(each for each in pen.made if each != step)][:_REMEMBERED]
    else:
        pen.direction = (line.cos, line.sin)
        turn = " ".join(_n(value, 5) for value in (line.cos, line.sin, -line.sin, line.cos))
        _operate(pen, f"{turn} {_n(x * line.cos - y * line.sin, 2)} {_n(x * line.sin + y * line.cos, 2)} Tm")
    pen.x, pen.y = x, y


def _stretch_to(pen: _Pen, stretch: int) -> None:
    if stretch != pen.stretch:
        _operate(pen, f"{stretch} Tz")
        pen.stretch = stretch


def _rise_to(pen: _Pen, rise: float) -> None:
    if rise != pen.rise:
        _operate(pen, f"{_n(rise)} Ts")
        pen.rise = rise


def _show(pen: _Pen, word: SetWord, size: float, text: str) -> None:
    """Append text to the current strings, with a change of fonts where a sign needs one."""
    for sign in text:
        code = pen.codes.get(sign)
        font = resource(word.extent, plain=code is not None)
        if font != pen.font:
            _operate(pen, f"{font} {_n(size)} Tf")
            pen.font = font
            pen.fonts.add(font)
        if code is None:
            pen.others.add(sign)
        if not pen.strings or not pen.strings[-1].startswith(b"("):
            pen.strings.append(b"(")
        pen.strings[-1] += ord(sign).to_bytes(2, "big") if code is None else _escaped(code)


def _escaped(code: int) -> bytes:
    """A code as it stands in a string (ISO 32000-1, 7.3.4.2)."""
    return {0x28: b"\\(", 0x29: b"\\)", 0x5C: b"\\\\"}.get(code, bytes([code]))


def _operate(pen: _Pen, operator: str) -> None:
    _flush(pen)
    pen.out.append(b" " + operator.encode("ascii"))


def _flush(pen: _Pen) -> None:
    """Write the strings that wait, as one operator."""
    if not pen.strings:
        return
    parts = [part + b")" if part.startswith(b"(") else part for part in pen.strings]
    single = len(parts) == 1 and parts[0].startswith(b"(")
    pen.out.append(parts[0] + b"Tj" if single else b"[" + b"".join(parts) + b"]TJ")
    pen.strings.clear()


def _n(value: float, digits: int = 1) -> str:
    """A number as short as PDF allows."""
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    if text.startswith(("0.", "-0.")):
        text = text.replace("0.", ".", 1)
    return "0" if text in ("-0", "") else text
