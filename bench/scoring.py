"""How right a recognised text is: characters, words, and the values that clerks search for.

Four views of the same page, because each is blind to something:
 - `cer_raw`: edit distance by the length of the truth, characters as they came, page text against page text (jiwer).
 - `cer`: the same after NFC and with every run of white space as one space.
 - `cer_free`: order-free. Which block of a letter comes first is taste; here each line of the truth is looked for
   wherever it may stand, what nobody claims counts as inserted. After Clausner, Pletschacher, Antonacopoulos,
   "Flexible character accuracy measure for reading-order-independent evaluation", 2020: the idea, not the code.
 - `words`: the share of words that are right in their order; `words_free`: the share that occur at all (bag of words).
Letters that German texts stand or fall with ("§", umlauts, "ß") are judged in the alignment of `cer_free`; values are
looked for in the text without line breaks, an IBAN without blanks.
"""

from __future__ import annotations

import heapq
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import jiwer
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

LETTERS = {"§": "§", "umlauts": "äöüÄÖÜ", "ß": "ß"}
"""Letters that are counted, by the name of their group."""

_LEAST_LIKENESS = 40.0
_SURE_LIKENESS = 95.0


@dataclass
class Score:
    """Counts of one page or of many; everything that is printed is a quotient of these. `missed`: of one page only."""

    pages: int = 0
    characters: int = 0
    wrong_raw: int = 0
    characters_raw: int = 0
    wrong: int = 0
    wrong_free: int = 0
    words: int = 0
    words_right: int = 0
    words_found: int = 0
    letters: Counter[str] = field(default_factory=Counter)
    letters_right: Counter[str] = field(default_factory=Counter)
    values: Counter[str] = field(default_factory=Counter)
    values_right: Counter[str] = field(default_factory=Counter)
    missed: dict[str, list[str]] = field(default_factory=dict)

    def figures(self) -> dict[str, float | int | None]:
        """Rates and shares from 0 to 1 (rates may exceed it); None where there was nothing to get right."""
        told: dict[str, float | int | None] = {
            "pages": self.pages,
            "characters": self.characters,
            "cer_raw": _share(self.wrong_raw, self.characters_raw),
            "cer": _share(self.wrong, self.characters),
            "cer_free": _share(self.wrong_free, self.characters),
            "words": _share(self.words_right, self.words),
            "words_free": _share(self.words_found, self.words),
        }
        told |= {name: _share(self.letters_right[name], self.letters[name]) for name in LETTERS}
        return told | {kind: _share(self.values_right[kind], count) for kind, count in sorted(self.values.items())}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 5) if whole else None


def total(scores: Iterable[Score]) -> Score:
    """All pages together: every character counts the same, wherever it stands."""
    summed = Score()
    for score in scores:
        for name in ("pages", "characters", "wrong_raw", "characters_raw", "wrong", "wrong_free", "words"):
            setattr(summed, name, getattr(summed, name) + getattr(score, name))
        summed.words_right += score.words_right
        summed.words_found += score.words_found
        for counts in ("letters", "letters_right", "values", "values_right"):
            getattr(summed, counts).update(getattr(score, counts))
    return summed


def normal(text: str) -> str:
    """NFC, every run of white space one space, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def score_page(rows: Sequence[Sequence[str]], values: dict[str, list[str]], recognised: str) -> Score:
    """Judge the recognised text of one page against the rows of strings and the values that stand on it."""
    lines = [" ".join(row) for row in rows]
    raw, truth, read = "\n".join(lines), normal(" ".join(lines)), normal(recognised)
    score = Score(pages=1, characters=len(truth), characters_raw=len(raw))
    score.wrong_raw = _wrong(raw, recognised.strip("\f\n"))
    score.wrong = _wrong(truth, read)
    wanted, found = truth.split(), read.split()
    score.words = len(wanted)
    score.words_right = _hits(wanted, found)
    score.words_found = (Counter(wanted) & Counter(found)).total()
    score.wrong_free = _align_freely(rows, recognised, score)
    for kind, each in values.items():
        score.values[kind] = len(each)
        missed = _missed_values(kind, each, read)
        score.values_right[kind] = len(each) - len(missed)
        if missed:
            score.missed[kind] = missed
    return score


def _wrong(truth: str, read: str) -> int:
    if not read:
        return len(truth)
    measured = jiwer.process_characters(truth, read)
    return int(measured.substitutions + measured.deletions + measured.insertions)


def _hits(wanted: list[str], found: list[str]) -> int:
    if not found:
        return 0
    return int(jiwer.process_words(" ".join(wanted), " ".join(found)).hits)


def _missed_values(kind: str, values: list[str], read: str) -> list[str]:
    """The values that are not in the text; one that stands there three times has to be read three times."""
    squeezed = read.replace(" ", "")
    missed: list[str] = []
    for value, count in Counter(values).items():
        if kind == "iban":
            found = squeezed.count(value.replace(" ", ""))
        else:
            found = len(re.findall(rf"(?<!\w){re.escape(value)}(?!\w)", read))
        missed += [value] * max(0, count - found)
    return missed


def _align_freely(rows: Sequence[Sequence[str]], recognised: str, score: Score) -> int:
    """Wrong characters when each row may stand anywhere; counts the letters of interest on the way.

    Longest first, as they are the surest; the part of a recognised line that was matched is cut out, what is left of it
    stays for the others. So a line that joins two columns serves both, and nothing serves twice. A row of a table that
    is found nowhere as a whole is looked for cell by cell: some read along rows, some along columns.
    """
    pool = [piece for piece in (normal(line) for line in recognised.splitlines()) if piece]
    wrong = 0
    queue = [(-len(line), line, row) for row in rows if (line := normal(" ".join(row)))]
    heapq.heapify(queue)
    for name, letters in LETTERS.items():
        score.letters[name] += sum(line.count(letter) for _, line, _ in queue for letter in letters)
    while queue:
        _, line, row = heapq.heappop(queue)
        place, left, right, likeness = _best(line, pool)
        if len(row) > 1 and likeness < _SURE_LIKENESS:
            for cell in map(normal, row):
                heapq.heappush(queue, (-len(cell), cell, (cell,)))
            continue
        if place < 0:
            wrong += len(line)
            continue
        piece = pool.pop(place)
        pool += [rest for rest in (piece[:left].strip(), piece[right:].strip()) if rest]
        matched = piece[left:right].strip()
        wrong += Levenshtein.distance(line, matched)
        _count_letters(line, matched, score)
    return wrong + sum(map(len, pool))


def _count_letters(line: str, matched: str, score: Score) -> None:
    for block in Levenshtein.opcodes(line, matched):
        if block.tag == "equal":
            same = line[block.src_start : block.src_end]
            for name, letters in LETTERS.items():
                score.letters_right[name] += sum(same.count(letter) for letter in letters)


def _best(line: str, pool: list[str]) -> tuple[int, int, int, float]:
    """Which recognised line holds this one best, from where to where, how like; -1 and 0 when none is like it."""
    best = (-1, 0, 0, 0.0)
    for place, piece in enumerate(pool):
        floor = max(best[3], _LEAST_LIKENESS)
        whole = fuzz.ratio(line, piece)
        if whole > floor:
            best, floor = (place, 0, len(piece), whole), whole
        if len(piece) > len(line) and whole < _SURE_LIKENESS:
            part = fuzz.partial_ratio_alignment(line, piece, score_cutoff=floor)
            if part is not None and part.score > floor:
                best = (place, part.dest_start, part.dest_end, part.score)
    return best


def check_yourself() -> None:
    """Known texts must give known figures. Raises RuntimeError, so that no table is printed by a broken yardstick."""
    lines = ("Gebühr nach § 5: 12,50 €", "DE12 3456 7890 1234 5678 90")
    values = {"amount": ["12,50 €"], "iban": [lines[1]]}
    rows = [line.split(" ", 1) for line in lines]
    perfect = score_page(rows, values, "\n".join(lines)).figures()
    swapped = score_page(rows, values, "\n".join(reversed(lines))).figures()
    spoilt = score_page(rows, values, "Gebuhr nach 8 5: 12,50 €\nDE12 3456 7890 1234 5678 9O\n\f").figures()
    columns = score_page(rows, values, "\n".join(row[at] for at in (0, 1) for row in rows)).figures()
    none = score_page(rows, values, "").figures()
    expected = [
        (perfect, {"cer_raw": 0.0, "cer": 0.0, "cer_free": 0.0, "words": 1.0, "§": 1.0, "iban": 1.0, "amount": 1.0}),
        (swapped, {"cer_free": 0.0, "words_free": 1.0, "iban": 1.0}),
        (spoilt, {"cer": round(3 / 52, 5), "cer_free": round(3 / 52, 5), "§": 0.0, "umlauts": 0.0, "iban": 0.0}),
        (columns, {"cer_free": 0.0, "words_free": 1.0, "§": 1.0, "umlauts": 1.0}),
        (none, {"cer_raw": 1.0, "cer": 1.0, "words": 0.0, "words_free": 0.0, "iban": 0.0}),
    ]
    for figures, known in expected:
        wrong = {key: figures[key] for key, value in known.items() if figures[key] != value}
        if wrong or (figures is swapped and not swapped["cer"]):
            raise RuntimeError(f"the yardstick is wrong: {wrong}, expected {known}")
