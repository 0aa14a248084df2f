"""A writer of Group 4 that codes every run by its length, and so without a look at the row before."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.adapters.incoming.fax_codes import RUN_WORDS

END = "000000000001" * 2
_WORDS = tuple({length: word for word, length in words.items()} for words in RUN_WORDS)


def run(length: int, colour: int) -> str:
    """The words of a run; colour 0 is white."""
    words = ""
    while length > 2623:
        words += _WORDS[colour][2560]
        length -= 2560
    if length > 63:
        words += _WORDS[colour][length // 64 * 64]
    return words + _WORDS[colour][length % 64]


def group4_row(runs: Sequence[int]) -> str:
    """A row of these runs, white first, in horizontal mode."""
    even = [*runs, 0] if len(runs) % 2 else runs
    return "".join("001" + run(white, 0) + run(black, 1) for white, black in zip(even[::2], even[1::2], strict=True))


def group4(rows: Sequence[Sequence[int]], *, aligned: bool = False, end: str = END) -> bytes:
    """The coded rows; `aligned`: each begins with a byte."""
    bits = ""
    for row in rows:
        if aligned:
            bits += "0" * (-len(bits) % 8)
        bits += group4_row(row)
    bits += ("0" * (-len(bits) % 8) if aligned else "") + end
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[place : place + 8], 2) for place in range(0, len(bits), 8))
