"""From Tesseract's table to words, lines and the invisible text layer."""

from __future__ import annotations

import pytest

from pipeline.adapters.incoming.checks import in_order, likeness
from pipeline.adapters.incoming.raster_words import RasterBlock, RasterLine, RasterWord
from pipeline.adapters.incoming.reading_direction import level_share
from pipeline.adapters.incoming.section_sign import with_section_signs
from pipeline.adapters.incoming.tesseract_call import clean, parse_tables
from pipeline.domain.recognised import PixelBox, Word, mean_confidence

pytestmark = pytest.mark.unit

HEAD = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
PAGE_ROW = "1\t1\t0\t0\t0\t0\t0\t0\t1000\t1000\t-1\t\n"


def _row(block: int, line: int, word: int, box: tuple[int, int, int, int], confidence: float, text: str) -> str:
    return "\t".join(map(str, (5, 1, block, 1, line, word, *box, confidence, text))) + "\n"


def test_table_becomes_blocks_and_lines() -> None:
    table = HEAD + PAGE_ROW
    table += _row(1, 1, 1, (10, 20, 80, 22), 91.5, "Straße") + _row(1, 1, 2, (100, 20, 30, 28), 80, "gegen")
    table += _row(1, 2, 1, (10, 60, 80, 22), 95, '"Amt"') + _row(2, 1, 1, (10, 160, 80, 22), 12, "§")
    table += _row(2, 1, 2, (100, 160, 80, 22), 12, "   ")
    blocks = parse_tables(table, 1)[0]
    assert [[[w.text for w in line.words] for line in b.lines] for b in blocks] == [
        [["Straße", "gegen"], ['"Amt"']],
        [["§"]],
    ]
    first = blocks[0].lines[0]
    assert (first.words[0].left, first.words[0].right, first.words[0].confidence) == (10, 90, 91.5)
    assert 42 <= first.base <= 48


def test_an_empty_page_is_no_word_but_an_empty_answer_is_an_error() -> None:
    assert parse_tables(HEAD + PAGE_ROW, 1) == [()]
    for answer in ("", "something else\n", HEAD):
        with pytest.raises(ValueError, match="table"):
            parse_tables(answer, 1)


def test_text_is_composed_and_ligatures_are_letters() -> None:
    assert clean("Ver\u0066\u0308o\u0308\ufb03nung") == "Verf̈öffinung"
    assert clean("a\u00adb\u200bc\x07") == "abc"


def test_mean_confidence_counts_characters() -> None:
    assert mean_confidence([(9, 90.0), (1, 0.0)]) == 81.0
    assert mean_confidence([]) == 0.0


def test_likeness_ignores_the_order_of_lines_and_feels_loss() -> None:
    words = [f"Wort{number}" for number in range(100)]
    lines = [words[start : start + 10] for start in range(0, 100, 10)]
    assert likeness(lines, words) == 1.0
    assert likeness(lines, words[50:] + words[:50] + ["more"] * 9) == 1.0
    assert likeness(lines, words[:90]) < 0.98
    assert likeness(lines, []) == 0.0
    assert likeness(lines, ["".join(words[:9]), *words[9:]]) == 1.0
    assert likeness(lines, [word[:-1] for word in words]) < 0.98
    assert likeness(lines, [word.replace("o", "") for word in words[:30]] + words[30:]) < 0.98
    assert likeness(lines, ["".join(words)]) < 0.98
    assert likeness([], ["anything"]) == 1.0


def test_the_letters_of_a_page_in_another_order_are_not_its_text() -> None:
    words = [f"Wort{number}" for number in range(100)]
    lines = [words[start : start + 10] for start in range(0, 100, 10)]
    shuffled = words[:80] + [word[::-1] for word in words[80:]]
    assert likeness(lines, shuffled) < 0.98


def test_order_is_that_of_neighbours_on_a_line() -> None:
    words = [f"Wort{number}" for number in range(100)]
    lines = [words[start : start + 10] for start in range(0, 100, 10)]
    columns = [words[row + column] for column in range(10) for row in range(0, 100, 10)]
    assert in_order(lines, words) == 1.0
    assert in_order(lines, words[50:] + words[:50]) == 1.0
    assert in_order(lines, ["".join(words[:9]), *words[9:]]) == 1.0
    assert in_order(lines, words[::-1]) == 0.0
    assert in_order(lines, columns) < 0.1
    assert in_order([words[:10]], words[:10][::-1]) == 1.0  # too few to tell


def _placed(text: str, left: int, top: int, right: int, bottom: int) -> RasterWord:
    return RasterWord(text, 90.0, left, top, right, bottom)


def test_direction_is_told_by_course_and_shape() -> None:
    level = [[_placed("Bescheid", 10, 10, 100, 30), _placed("12", 110, 10, 130, 30)], [_placed("Amt", 10, 50, 50, 70)]]
    down = [[_placed("Bescheid", 10, 10, 30, 100), _placed("12", 10, 110, 30, 130)], [_placed("Amt", 50, 10, 70, 50)]]
    back = [[_placed("Bescheid", 60, 10, 150, 30), _placed("Amt", 10, 10, 50, 30)]]
    assert (level_share(level), level_share(down), level_share(back)) == (1.0, 0.0, 0.0)
    assert level_share([[_placed("1.", 0, 0, 5, 20)]]) == 1.0  # a short word may be tall
    assert level_share([[_placed("Haus", 0, 0, 60, 20)], [_placed("Haus", 0, 30, 20, 90)]]) == 0.5
    assert level_share([]) == 1.0


def test_impossible_words_are_refused() -> None:
    for text, confidence in (("", 50.0), ("two words", 50.0), ("a", 101.0)):
        with pytest.raises(ValueError, match="word"):
            Word(text, confidence, PixelBox(0, 0, 1, 1), (0, 0, 1, 0))
    with pytest.raises(ValueError, match="box"):
        PixelBox(5, 0, 1, 1)


def _line(*parts: tuple[str, int]) -> RasterLine:
    """Words on a line at 100 with type of 40; the number tells how far each reaches below."""
    words = [RasterWord(text, 90.0, 60 * i, 70, 60 * i + 50, 100 + deep) for i, (text, deep) in enumerate(parts)]
    return RasterLine(tuple(words), 100.0, 40.0)


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([("gemäß", 8), ("8", 4), ("12", 0)], "gemäß § 12"),
        ([("nach", 0), ("88", 4), ("3", 0)], "nach §§ 3"),
        ([("$", 4), ("8", 0), ("KAG", 0)], "§ 8 KAG"),
        ([("&", 3), ("12,", 6)], "§ 12,"),
        ([("$8", 4), ("KAG", 0)], "§8 KAG"),
        ([("um", 0), ("8", 0), ("12", 0)], "um 8 12"),
        ([("8", 4), ("Uhr", 0)], "8 Uhr"),
        ([("8", 4), ("12", 4)], "8 12"),
        ([("Müller", 0), ("&", 0), ("12", 0)], "Müller & 12"),
        ([("g", 8), ("12", 0)], "g 12"),
    ],
)
def test_a_section_sign_is_known_by_its_depth_and_its_number(parts: list[tuple[str, int]], text: str) -> None:
    line = with_section_signs((RasterBlock((_line(*parts),)),))[0].lines[0]
    assert " ".join(word.text for word in line.words) == text


def test_a_skewed_table_may_be_interleaved_but_not_turned() -> None:
    rows = [[f"{row:03d}", "Mahngebühr", f"{row}0,00"] for row in range(20)]
    columns = [row[column] for column in range(3) for row in rows]
    neighbours = [word for row in rows for word in (row[0], row[2], row[1])]
    assert in_order(rows, columns) < 0.3
    assert in_order(rows, neighbours) < 0.8
