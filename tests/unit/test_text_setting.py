"""The invisible text by itself: what a reader makes of its operators lies where the words are."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.adapters.incoming.letter_codes import letter_codes
from pipeline.adapters.incoming.letter_widths import letter_widths, usual_width
from pipeline.adapters.incoming.line_setting import ACROSS, ALONG
from pipeline.adapters.incoming.placed_words import PlacedLine, PlacedWord
from pipeline.adapters.incoming.text_font import EXTENTS
from pipeline.adapters.incoming.text_layer import layer_operators

pytestmark = pytest.mark.unit

_TOKEN = re.compile(rb"\((?:\\.|[^\\()])*\)|\[|\]|/?[\w.-]+")
_ROUNDING = 0.15  # of the numbers in the operators, points
_LETTERS = "abcdefghijklmnopqrstuvwxyzäöüßABCDEFGÄÖÜ0123456789.,-()\\§€„“"


class Reader:
    """A little interpreter of text operators: (code, x, y, size, extent) of every sign shown, in text space."""

    def __init__(self, widths: dict[int, int]) -> None:
        self.widths = widths
        self.signs: list[tuple[int, float, float, float, int, float]] = []

    def read(self, operators: bytes) -> list[tuple[int, float, float, float, int, float]]:
        stack: list[bytes] = []
        size = at = left = bottom = rise = spacing = 0.0
        stretch, extent, shown = 1.0, 0, self.signs
        for token in _TOKEN.findall(operators):
            name = token.decode("latin-1")
            if name == "Tf":
                extent, size = int(stack[-2][4:]), float(stack[-1])
            elif name in ("Tz", "Tw", "Ts", "Tr"):
                value = float(stack[-1])
                stretch = value / 100 if name == "Tz" else stretch
                spacing = value if name == "Tw" else spacing
                rise = value if name == "Ts" else rise
            elif name == "Td":
                left, bottom = left + float(stack[-2]), bottom + float(stack[-1])
                at = left
            elif name in ("Tj", "TJ"):
                for part in stack:
                    if part[:1] != b"(":
                        at -= float(part) / 1000 * size * stretch
                        continue
                    for code in re.sub(rb"\\(.)", rb"\1", part[1:-1], flags=re.DOTALL):
                        width = (self.widths[code] / 1000 * size + (spacing if code == 32 else 0)) * stretch
                        shown.append((code, at, bottom + rise, size, extent, at + width))
                        at += width
            elif token not in (b"[", b"]", b"BT", b"ET"):
                stack.append(token)
                continue
            else:
                continue
            stack = []
        return shown


def _words_of(operators: bytes, codes: dict[str, int], widths: dict[str, int]) -> list[tuple[str, PlacedWord]]:
    """Words as a reader finds them, with their edges."""
    signs = {code: sign for sign, code in codes.items()}
    reader = Reader({code: widths[sign] for sign, code in codes.items()})
    words: list[tuple[str, PlacedWord]] = []
    current: list[tuple[int, float, float, float, int, float]] = []
    shown = reader.read(operators)
    for place, sign in enumerate([*shown, None]):
        broken = sign is None or sign[0] == 32 or (place and current and abs(sign[2] - current[-1][2]) > 0.01)
        if broken and current:
            extent, size = EXTENTS[current[0][4]], current[0][3]
            low, high = current[0][2] - extent.descent * size / 1000, current[0][2] + extent.ascent * size / 1000
            text = "".join(signs[code] for code, *_rest in current)
            words.append((text, PlacedWord(text, current[0][1], current[-1][5], low, high)))
            current = []
        if sign is not None and sign[0] != 32:
            current.append(sign)
    return words


@st.composite
def _lines(draw: st.DrawFn) -> list[PlacedLine]:
    """Lines of a page: letters somewhat off their usual width, gaps of any kind, boxes as of small and tall letters."""
    lines = []
    for row in range(draw(st.integers(1, 4))):
        size = draw(st.sampled_from([6.0, 9.0, 10.5, 12.0, 24.0]))
        slope = draw(st.sampled_from([0.0, 0.01, -0.04]))
        x, base, words = draw(st.floats(20, 80)), 700.0 - 30 * row, []
        for _number in range(draw(st.integers(1, 9))):
            text = draw(st.text(st.sampled_from(_LETTERS), min_size=1, max_size=12))
            natural = sum(usual_width(sign) for sign in text) * size / 1000
            width = max(natural * draw(st.floats(0.8, 1.25)), 1.0)
            y = base - slope * x
            low = y - draw(st.sampled_from([0.0, 0.21])) * size
            high = y + draw(st.sampled_from([0.48, 0.72])) * size
            words.append(PlacedWord(text, x, x + width, low, high))
            x += width + draw(st.floats(0.15, 2.0)) * size
        lines.append(PlacedLine(1.0, 0.0, size, tuple(words)))
    return lines


@settings(max_examples=60, deadline=None)
@given(_lines())
def test_a_reader_finds_every_word_within_the_tolerance(lines: list[PlacedLine]) -> None:
    signs = {sign for line in lines for word in line.words for sign in word.text}
    codes, widths = letter_codes(signs), letter_widths(lines, signs)
    operators, fonts, others = layer_operators(lines, codes, widths)
    assert fonts <= {f"/Pst{index}" for index in range(len(EXTENTS))}
    assert others == set()
    wanted = [word for line in lines for word in line.words]
    found = _words_of(operators, dict(codes.codes), widths)
    assert [text for text, _word in found] == [word.text for word in wanted]
    for (_text, there), word in zip(found, wanted, strict=True):
        assert abs(there.begin - word.begin) <= ALONG + _ROUNDING + 0.01 * word.width
        assert abs(there.end - word.end) <= ALONG + _ROUNDING + 0.01 * word.width
        assert abs(there.low - word.low) <= ACROSS + _ROUNDING
        assert abs(there.high - word.high) <= ACROSS + _ROUNDING


def test_words_of_the_usual_width_follow_each_other_in_one_string() -> None:
    words, x = [], 50.0
    widths = {sign: usual_width(sign) for sign in "DieSatzungglt "}
    for text in ("Die", "Satzung", "gilt"):
        width = sum(usual_width(sign) for sign in text) / 100
        words.append(PlacedWord(text, x, x + width, 697.9, 707.2))
        x += width + usual_width(" ") / 100
    line = PlacedLine(1.0, 0.0, 10.0, tuple(words))
    operators, _fonts, _others = layer_operators([line], letter_codes("DieSatzungglt"), {**widths, "i": 230})
    assert operators.count(b"(Die Satzung gilt)Tj") == 1


@pytest.mark.parametrize("text", ["E-Mail", "Posteingangsstelle", "fd58@luebz.example", "XORRD"])
@pytest.mark.parametrize("share", [0.25, 0.5, 0.8])
def test_letters_of_narrow_words_never_stand_so_closely_that_readers_cut_them(text: str, share: float) -> None:
    """Boxes that reach over rules are too high for their words; poppler parts letters closer than 0.1 of the size."""
    size, signs = 16.0, {*text, "D", "a", "t", "u", "m"}
    widths = letter_widths([], signs)
    width = share * sum(widths[sign] for sign in text) / 1000 * size
    words = (
        PlacedWord(text, 50.0, 50.0 + width, 700.0, 711.8),
        PlacedWord("Datum", 60.0 + width, 95 + width, 700.0, 711),
    )
    codes = letter_codes(signs)
    operators, _fonts, _others = layer_operators([PlacedLine(1.0, 0.0, size, words)], codes, widths)
    reader = Reader({code: widths[sign] for sign, code in codes.codes.items()})
    first = reader.read(operators)[: len(text)]
    steps = [(after[1] - before[1]) / before[3] for before, after in pairwise(first)]
    assert min(steps) > 0.1
    assert abs(first[0][1] - 50) <= ALONG + _ROUNDING
    assert abs(first[-1][5] - 50 - width) <= ALONG + _ROUNDING + 0.01 * width


def test_widths_are_found_from_the_words() -> None:
    """A typewriter's page: every letter 600 wide, whatever is usual."""
    texts = ["immer", "wieder", "Maximilian", "will", "Wasser", "jeder", "fiel", "mit", "Millimeter", "Wille"] * 6
    lines = []
    for row in range(12):
        x, words = 50.0, []
        for text in texts[row * 5 : row * 5 + 5]:
            words.append(PlacedWord(text, x, x + len(text) * 6.0, 690.0, 700.0))
            x += (len(text) + 1) * 6.0
        lines.append(PlacedLine(1.0, 0.0, 10.0, tuple(words)))
    widths = letter_widths(lines, {sign for text in texts for sign in text})
    averages = [sum(widths[sign] for sign in text) / len(text) for text in sorted(set(texts))]
    assert max(averages) / min(averages) < 1.1
    usual = [sum(usual_width(sign) for sign in text) / len(text) for text in sorted(set(texts))]
    assert max(usual) / min(usual) > 1.5
    assert widths == letter_widths(lines, {sign for text in texts for sign in text})


def test_codes_are_those_of_win_ansi_and_free_ones_for_the_rest() -> None:
    codes = letter_codes("aä€ıž☐\u00a0")
    assert {sign: codes.codes[sign] for sign in " aä€ž"} == {" ": 32, "a": 97, "ä": 228, "€": 128, "ž": 158}
    assert codes.names == {codes.codes["ı"]: "dotlessi"}
    assert "☐" not in codes.codes
    assert len(set(codes.codes.values())) == len(codes.codes)


def test_a_page_of_all_signs_at_once_keeps_codes_apart() -> None:
    codes = letter_codes([chr(code) for code in range(33, 0x2200)])
    assert len(codes.codes) == len(set(codes.codes.values())) <= 223
    assert all(32 <= code <= 255 for code in codes.codes.values())


@pytest.mark.parametrize(("cos", "sin"), [(0.0, 1.0), (-1.0, 0.0), (0.0, -1.0), (0.8, 0.6)])
def test_lines_that_run_elsewhere_set_a_matrix(cos: float, sin: float) -> None:
    line = PlacedLine(1.0, 0.0, 10.0, (PlacedWord("Amt", 50.0, 68.0, 697.9, 707.2),))
    turned = replace(line, cos=cos, sin=sin)
    signs = set("Amt")
    operators, _fonts, _others = layer_operators([line, turned], letter_codes(signs), letter_widths([line], signs))
    assert operators.count(b" Tm") == 1
    assert operators.count(b" Td") == 1
