"""Whether fax-coded pictures are whole: they don't contradict themselves, and hold all rows that were promised.

A library that complains finds contradictions. It fills rows that are missing at the end with white, though, as all
decoders do. So a Group 4 coding gets one black row put in front of its end, which must come out below the last row;
where that doesn't tell, rows are counted one by one.
"""

from __future__ import annotations

import io
import os
import struct
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from PIL import Image

from pipeline.adapters.incoming.fax_codes import RUN_WORDS
from pipeline.adapters.incoming.fax_rows import FaxCoding, holds_rows

FAX = frozenset({2, 3, 4})
"""Compressions of TIFF that are fax codings (TIFF 6.0, sections 10 and 11)."""

REVERSED_BITS = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))
"""What each byte is with its bits the other way round, as FillOrder 2 stores them (TIFF 6.0, tag 266)."""

_COMPLAINT = b"Fax"  # begins the name of the part of libtiff that complains
_END_OF_BLOCK = 0x001001  # 24 bits (T.6, 2.4.1.1)
_MOST_LAST_ZEROS = 4  # of a code word
_LONGEST_RUN = 2560
_BLACK_WORDS = {length: word for word, length in RUN_WORDS[1].items()}
_NO_WHITE = next(word for word, length in RUN_WORDS[0].items() if length == 0)


@contextmanager
def _overheard() -> Iterator[list[bytes]]:
    """What is written to the standard error of this process meanwhile; the library tells of faults nowhere else."""
    told: list[bytes] = []
    before = os.dup(2)
    with tempfile.TemporaryFile() as heard:
        os.dup2(heard.fileno(), 2)
        try:
            yield told
        finally:
            os.dup2(before, 2)
            os.close(before)
            heard.seek(0)
            told.append(heard.read())


def load_whole(picture: Image.Image) -> None:
    """Decode a fax-coded picture. Raises OSError where anything of it contradicts itself."""
    with _overheard() as told:
        picture.load()
    if _COMPLAINT in told[0]:
        raise OSError("the fax coding is broken")


def have_all_rows(parts: Iterable[tuple[bytes, int]], coding: FaxCoding) -> bool:
    """Whether each of these coded parts of a picture holds as many rows as it should."""
    doubtful = []
    with _overheard():
        for data, rows in parts:
            if not _ends_below(data, coding, rows):
                doubtful.append((data, rows))
    return all(holds_rows(data, coding, rows) for data, rows in doubtful)


def is_whole_picture(data: bytes, coding: FaxCoding, rows: int) -> bool:
    """Whether the coding of a picture of so many rows is without contradiction and holds all of them.

    Contradictions behind which a decoder could go on are found in Group 4 only.
    """
    if coding.dimensions == "two" and not coding.aligned:
        try:
            with Image.open(io.BytesIO(group4_file(data, coding.columns, rows))) as picture:
                load_whole(picture)
        except OSError:
            return False
    return have_all_rows([(data, rows)], coding)


def group4_file(data: bytes, width: int, height: int) -> bytes:
    """A TIFF file of one strip of Group 4."""
    entries = ((256, width), (257, height), (258, 1), (259, 4), (262, 0), (273, 8), (278, height), (279, len(data)))
    table = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries)
    start = 8 + len(data) + len(data) % 2
    head = b"II*\0" + struct.pack("<I", start)
    return head + data + bytes(len(data) % 2) + struct.pack("<H", len(entries)) + table + bytes(4)


def _ends_below(data: bytes, coding: FaxCoding, rows: int) -> bool:
    """Whether a Group 4 coding surely ends behind so many rows; False tells nothing."""
    if coding.dimensions != "two" or coding.aligned:
        return False
    return any(_ends_black(longer, coding.columns, rows) for longer in _with_black_row(data, coding.columns))


def _ends_black(data: bytes, columns: int, rows: int) -> bool:
    """Whether the row behind so many is black."""
    try:
        with Image.open(io.BytesIO(group4_file(data, columns, rows + 1))) as picture:
            return picture.crop((0, rows, columns, rows + 1)).getextrema() == (0, 0)
    except OSError:
        return False


def _with_black_row(data: bytes, columns: int) -> Iterator[bytes]:
    """The coding with one black row more, put in front of its end.

    Without an end the last word may have some of the zeros that fill the last byte, so there are several.
    """
    value = int.from_bytes(data, "big")
    padding = (value & -value).bit_length() - 1 if value else 0
    if value >> padding & 0xFFFFFF == _END_OF_BLOCK:
        yield _with_words(value >> padding + 24, 8 * len(data) - padding - 24, columns)
        return
    for own in range(min(padding, _MOST_LAST_ZEROS) + 1):
        yield _with_words(value >> padding - own, 8 * len(data) - padding + own, columns)


def _with_words(value: int, bits: int, columns: int) -> bytes:
    """So many bits, a black row, and an end."""
    words = "001" + _NO_WHITE + _black_run(columns)
    value = ((value << len(words) | int(words, 2)) << 24) | _END_OF_BLOCK
    bits += len(words) + 24
    free = -bits % 8
    return (value << free).to_bytes((bits + free) // 8, "big")


def _black_run(columns: int) -> str:
    """The words of a run of so many black pixels."""
    whole, rest = divmod(columns, _LONGEST_RUN)
    words = _BLACK_WORDS[_LONGEST_RUN] * whole
    return words + (_BLACK_WORDS[rest // 64 * 64] if rest > 63 else "") + _BLACK_WORDS[rest % 64]
