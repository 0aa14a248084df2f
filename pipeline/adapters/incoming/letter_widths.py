"""Letter widths of a document, found from its words' widths, so that hardly a word has to be stretched by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from pipeline.adapters.incoming.placed_words import PlacedLine

_STEP = 5  # widths are multiples of so many thousandths of the type size
_NARROWER, _WIDER, _TYPEWRITER = 0.6, 1.5, 650
"""How far a width may leave the usual one: readers drop a sign that comes again within a tenth of the type size, and
break words where letters lie far apart, so widths that only add up will not do."""
_MOST_WORDS = 4000
_ROUNDS = 2  # of finding each line's stretch, and widths again
_SWEEPS = 12  # through all signs, each time
_HABIT = 2.0  # how many letters' worth a usual width counts against what was found
_HOLD = 60  # ems by which a line is held to what all others are stretched; its type size is told but roughly
_SPACE_WIDTH = 270
_LEAST_SPACE, _GREATEST_SPACE = 100, 1500
_USUAL = (  # thousandths of the type size, as most text faces have them
    (230, "iIjlíìîïÍÌÎÏ|!'.,:;`´‚‘’¡"),
    (310, 'frt()[]{}/\\-"„“”°*¹²³'),
    (460, "csz?Jaäàáâ"),
    (500, "bdegkhnopquvxyöüßéèêçñ0123456789$€§#_«»–<>+=~^†‡"),
    (640, "ABEFLPRSTXYZKVÄ&ÉÈÊÀ"),
    (720, "CDGHNOQUÖÜw"),
    (860, "mMW%—@Æ©®™…"),
)
USUAL_WIDTHS: Mapping[str, int] = {sign: width for width, signs in _USUAL for sign in signs} | {" ": _SPACE_WIDTH}
_ANY = 550


def usual_width(sign: str) -> int:
    """The width of a sign in most text faces, in thousandths of the type size."""
    return USUAL_WIDTHS.get(sign, _ANY)


def letter_widths(lines: Sequence[PlacedLine], signs: Iterable[str]) -> dict[str, int]:
    """The width of each of `signs`, which are all those of the lines, and of the space, in thousandths of the size.

    Found by least squares, held to the usual widths where there is little to go by. The same lines always give the
    same widths.
    """
    widths = {sign: float(usual_width(sign)) for sign in sorted(set(signs) | {" "})}
    sample = _sample(lines)
    scale = _overall(sample, widths)
    for _round in range(_ROUNDS):
        rows = []
        for line in sample:
            size = line.size * _stretch(line, widths, scale)
            rows += [(Counter(word.text), word.width / size * 1000) for word in line.words]
        _relax(rows, widths)
    widths[" "] = _space(sample, widths)
    return {sign: round(width / _STEP) * _STEP for sign, width in widths.items()}


def _sample(lines: Sequence[PlacedLine]) -> list[PlacedLine]:
    """Lines from all parts of the document that have enough words together, but not too many."""
    words = sum(len(line.words) for line in lines)
    step = max(1, -(-words // _MOST_WORDS))
    return list(lines[::step])


def _overall(lines: Sequence[PlacedLine], widths: Mapping[str, float]) -> float:
    told = sum(word.width for line in lines for word in line.words)
    thought = sum(_thought(line, widths) for line in lines)
    return told / thought if thought else 1.0


def _thought(line: PlacedLine, widths: Mapping[str, float]) -> float:
    return line.size * sum(widths[sign] for word in line.words for sign in word.text) / 1000


def _stretch(line: PlacedLine, widths: Mapping[str, float], scale: float) -> float:
    """How much wider the line is than its letters; a short line follows the others."""
    thought = _thought(line, widths)
    hold = _HOLD * line.size
    return (sum(word.width for word in line.words) + hold * scale) / (thought + hold)


def _relax(rows: Sequence[tuple[Counter[str], float]], widths: dict[str, float]) -> None:
    """Move each sign's width to where the words that hold it are met best, some times over (Gauss-Seidel)."""
    left = [told - sum(widths[sign] * count for sign, count in signs.items()) for signs, told in rows]
    where: dict[str, list[tuple[int, int]]] = {}
    for index, (signs, _told) in enumerate(rows):
        for sign, count in signs.items():
            where.setdefault(sign, []).append((index, count))
    for _sweep in range(_SWEEPS):
        for sign in sorted(where):
            weight, pull = _HABIT, _HABIT * (usual_width(sign) - widths[sign])
            for index, count in where[sign]:
                weight += count * count
                pull += count * left[index]
            step = _kept_usual(sign, widths[sign] + pull / weight) - widths[sign]
            widths[sign] += step
            for index, count in where[sign]:
                left[index] -= step * count


def _kept_usual(sign: str, width: float) -> float:
    usual = usual_width(sign)
    return min(max(width, _NARROWER * usual), max(_WIDER * usual, _TYPEWRITER))


def _space(lines: Sequence[PlacedLine], widths: Mapping[str, float]) -> float:
    """The middle one of the gaps between words, as part of the type size."""
    gaps = sorted(
        (after.begin - before.end) / line.size * 1000 for line in lines for before, after in pairwise(line.words)
    )
    return min(max(gaps[len(gaps) // 2], _LEAST_SPACE), _GREATEST_SPACE) if gaps else widths[" "]
