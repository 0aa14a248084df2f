"""How a print stream is cut into letters: from what was seen on its pages, its bookmarks or its index, to ranges.

A page in the wrong envelope is a citizen's letter read by another. So nothing is cut by a guess: whatever contradicts
itself, is missing or can't be read is `split-doubt`, with the page named, and the whole stream goes back before any of
it is pooled. Every page of a stream ends in exactly one letter, or is left out with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NoReturn

from pipeline.domain.errors import Rejected
from pipeline.domain.letter_orders import LetterOrders, parse_orders
from pipeline.domain.page_sights import PageSight
from pipeline.domain.pages import ControlLine, LetterRange
from pipeline.domain.source_pages import LeftOut, LeftOutReason
from pipeline.domain.split_rules import SplitRules


@dataclass(frozen=True, slots=True)
class CutLetter:
    """A letter of a stream, and what it asks for itself."""

    range: LetterRange
    orders: LetterOrders = field(default_factory=LetterOrders)


@dataclass(frozen=True)
class Cut:
    """A stream of `pages` pages, cut. Raises ValueError unless every page is in one letter, or left out, in order."""

    pages: int
    letters: tuple[CutLetter, ...]
    left_out: tuple[LeftOut, ...] = ()

    def __post_init__(self) -> None:
        spans = [(each.range.first_page, each.range.last_page) for each in self.letters]
        ordered = [*spans, *((each.page, each.page) for each in self.left_out)]
        ordered.sort()
        ends = [0, *(last for _, last in ordered)]
        whole = all(first == before + 1 for before, (first, _) in zip(ends, ordered, strict=False))
        numbered = all(each.range.ordinal == n for n, each in enumerate(self.letters, 1))
        rising = spans == sorted(spans) and list(self.left_out) == sorted(self.left_out, key=lambda each: each.page)
        if not (whole and numbered and rising and ends[-1] == self.pages and self.letters):
            raise ValueError("not every page is in exactly one letter, or left out")


@dataclass(frozen=True, slots=True)
class Start:
    """A bookmark, or another place that says that a letter begins. `page`: None where it leads nowhere."""

    page: int | None
    title: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IndexRow:
    """A line of an index file: `line` from 1, the pages of a letter, its orders."""

    line: int
    first_page: int
    last_page: int
    orders: LetterOrders = field(default_factory=LetterOrders)


def _doubt(page: int, sentence: str) -> NoReturn:
    raise Rejected("split-doubt", f"Seite {page}: {sentence}", page=page)


def cut_by_sights(sights: Iterable[PageSight], rules: SplitRules) -> Cut:
    """Cut by what was seen. `sights`: of every page, in order.

    Raises Rejected `split-doubt` with the first page in doubt, `only-separators` where no letter is left; ValueError
    where the sights are not those of every page.
    """
    cutter = _Cutter(rules)
    pages = 0
    for sight in sights:
        pages += 1
        if sight.page != pages:
            raise ValueError("the sights are not those of every page")
        cutter.take(sight)
    return cutter.finish(pages)


class _Cutter:
    """Takes one page after the other; holds the letter that is open and the ones that are done."""

    def __init__(self, rules: SplitRules) -> None:
        self._rules = rules
        self._letters: list[CutLetter] = []
        self._left_out: list[LeftOut] = []
        self._open: list[PageSight] = []  # first and last page of the letter that is open
        self._lines: list[tuple[int, str]] = []  # its pages with a control line, and what else stands on them
        self._keys: set[str] = set()
        self._after_separator = False

    def take(self, sight: PageSight) -> None:
        if sight.doubt is not None:
            _doubt(sight.page, sight.doubt)
        step = {"blank": self._by_blank, "separator": self._by_separator, "address": self._by_address}
        step.get(self._rules.by, self._by_text)(sight)

    def finish(self, pages: int) -> Cut:
        self._close()
        if not self._letters:
            raise Rejected("only-separators", f"Die Datei besteht nur aus Trennblättern und leeren Seiten ({pages}).")
        if self._rules.by in ("blank", "separator") and not self._left_out and pages > 1:
            what = "keine leere Seite" if self._rules.by == "blank" else "kein Trennblatt"
            _doubt(1, f"Die Datei enthält {what}; wo die Briefe beginnen, ist nicht zu erkennen.")
        return Cut(pages, tuple(self._letters), tuple(self._left_out))

    def _by_blank(self, sight: PageSight) -> None:
        if sight.blank:
            self._leave_out(sight, "blank")
        else:
            self._begin_or_go_on(sight)

    def _by_separator(self, sight: PageSight) -> None:
        if sight.separator:
            if self._after_separator:
                _doubt(sight.page, "Auf das Trennblatt davor folgt kein Brief.")
            self._leave_out(sight, "separator")
            self._after_separator = True
        elif sight.blank and self._after_separator:
            self._leave_out(sight, "blank")  # the separator's back
        else:
            self._begin_or_go_on(sight)
            self._after_separator = False

    def _by_address(self, sight: PageSight) -> None:
        if not self._open and sight.key is None:
            _doubt(sight.page, "Mit ihr müsste ein Brief beginnen, aber im Anschriftfeld steht keine Anschrift.")
        if sight.key is None or (self._open and sight.key == self._open[0].key and not self._is_another(sight)):
            self._go_on(sight)
        else:
            self._begin(sight)

    def _is_another(self, sight: PageSight) -> bool:
        """Whether a page with the key, or the address, of the open letter begins another letter all the same."""
        if not sight.addressed:
            return False
        if sight.own_page is not None:
            return sight.own_page == 1
        if self._rules.repeated_address == "doubt":
            same = "dieselbe Anschrift" if self._rules.by == "address" else "eine Anschrift und dasselbe Zeichen"
            _doubt(sight.page, f"Sie hat {same} wie die Seite davor; ob mit ihr ein Brief beginnt, ist offen.")
        return self._rules.repeated_address == "begins"

    def _by_text(self, sight: PageSight) -> None:
        if self._rules.numbered:
            self._by_number(sight)
        elif self._rules.keyed:
            self._by_key(sight)
        elif sight.begins:
            self._begin(sight)
        elif not self._open:
            _doubt(sight.page, "Mit ihr müsste ein Brief beginnen, aber das Kennzeichen dafür fehlt.")
        elif self._rules.following is not None and not sight.follows:
            _doubt(sight.page, "Sie zeigt weder, dass ein Brief beginnt, noch, dass einer weitergeht.")
        elif sight.recipient not in (None, self._open[0].recipient) and self._rules.repeated_address != "goes-on":
            if self._rules.repeated_address == "doubt":
                _doubt(sight.page, "Sie hat eine andere Anschrift als ihr Brief, aber kein Kennzeichen eines Anfangs.")
            self._begin(sight)
        else:
            self._go_on(sight)

    def _by_number(self, sight: PageSight) -> None:
        if sight.number is None:
            _doubt(sight.page, "Im Bereich der Seitenzahl steht keine.")
        if self._rules.keyed and sight.key is None:
            _doubt(sight.page, "Das Zeichen, das mit dem Brief wechselt, fehlt.")
        if sight.number == 1:
            self._begin(sight)
            return
        if not self._open:
            _doubt(sight.page, f"Hier müsste Seite 1 eines Briefes stehen, da steht Seite {sight.number}.")
        first, last = self._open[0], self._open[-1]
        if sight.number != (last.number or 0) + 1:
            _doubt(sight.page, f"Auf Seite {last.number} eines Briefes folgt Seite {sight.number}.")
        if sight.total != first.total:
            _doubt(sight.page, "Die Gesamtzahl der Seiten ist eine andere als auf der ersten Seite des Briefes.")
        if sight.key != first.key:
            _doubt(sight.page, "Das Zeichen wechselt mitten im Brief.")
        self._go_on(sight)

    def _by_key(self, sight: PageSight) -> None:
        if sight.key is None:
            _doubt(sight.page, "Das Zeichen, das mit dem Brief wechselt, fehlt.")
        if self._open and sight.key == self._open[0].key:
            if self._is_another(sight):
                self._begin(sight)
            else:
                self._go_on(sight)
            return
        if sight.key in self._keys:
            _doubt(sight.page, "Das Zeichen stand schon auf einem früheren Brief; dazwischen liegt ein anderer.")
        self._keys.add(sight.key)
        self._begin(sight)

    def _begin_or_go_on(self, sight: PageSight) -> None:
        if self._open:
            self._go_on(sight)
        else:
            self._begin(sight)

    def _begin(self, sight: PageSight) -> None:
        self._close()
        self._check_total(sight)
        self._open = [sight]
        self._note_line(sight)

    def _note_line(self, sight: PageSight) -> None:
        if sight.rest is not None:
            self._lines.append((sight.page, sight.rest))

    def _go_on(self, sight: PageSight) -> None:
        first = self._open[0]
        for name, text in sight.fields.items():
            if text and first.fields.get(name, "") != text:
                _doubt(sight.page, "Ihre Angaben sind andere als die auf der ersten Seite des Briefes.")
        self._check_total(sight)
        self._open = [first, sight]
        self._note_line(sight)

    def _check_total(self, sight: PageSight) -> None:
        if sight.number is not None and sight.total is not None and sight.number > sight.total:
            _doubt(sight.page, f"Sie nennt sich Seite {sight.number} von {sight.total}.")

    def _leave_out(self, sight: PageSight, reason: LeftOutReason) -> None:
        self._close()
        self._left_out.append(LeftOut(sight.page, reason))

    def _close(self) -> None:
        if not self._open:
            return
        first, last = self._open[0], self._open[-1]
        if first.total is not None and last.number != first.total:
            _doubt(last.page, f"Der Brief endet hier mit Seite {last.number} von {first.total}.")
        lines = tuple(ControlLine(page - first.page, rest) for page, rest in self._lines)
        span = LetterRange(
            len(self._letters) + 1, first.page, last.page, control_lines=lines if self._rules.removes else None
        )
        self._letters.append(CutLetter(span, _orders(first.fields, first.page)))
        self._open, self._lines = [], []


def _orders(told: Mapping[str, str], page: int) -> LetterOrders:
    try:
        return parse_orders(told)
    except Rejected as error:
        _doubt(page, error.sentence)


def cut_at(starts: Sequence[Start], pages: int) -> Cut:
    """Cut where bookmarks say that letters begin. Raises Rejected `split-doubt`."""
    if not starts:
        _doubt(1, "Auf dieser Ebene gibt es kein Lesezeichen; wo die Briefe beginnen, ist nicht zu erkennen.")
    before = 0
    for number, start in enumerate(starts, 1):
        if start.page is None or not 1 <= start.page <= pages:
            _doubt(before or 1, f"Das Lesezeichen Nr. {number} führt auf keine Seite der Datei.")
        if number == 1 and start.page != 1:
            _doubt(1, f"Das erste Lesezeichen führt auf Seite {start.page}; die Seiten davor gehören zu keinem Brief.")
        if start.page <= before:
            _doubt(start.page, f"Das Lesezeichen Nr. {number} führt nicht hinter das vorige (Seite {before}).")
        before = start.page
    firsts = [start.page or 0 for start in starts]
    letters = [
        CutLetter(LetterRange(n, first, after - 1), _orders(start.fields, first))
        for n, (start, (first, after)) in enumerate(zip(starts, pairwise([*firsts, pages + 1]), strict=True), 1)
    ]
    return Cut(pages, tuple(letters))


def cut_by_index(rows: Sequence[IndexRow], pages: int) -> Cut:
    """Cut as an index says: its lines in order, every page in one of them. Raises Rejected `index-invalid`."""
    before = 0
    for row in rows:
        if row.first_page > before + 1:
            _index(row.line, before + 1, f"Seite {before + 1} gehört zu keinem Brief.")
        if row.first_page <= before:
            _index(row.line, row.first_page, f"Seite {row.first_page} gehört schon zum Brief davor.")
        if row.last_page > pages:
            _index(row.line, pages, f"Seite {row.last_page} gibt es nicht; die Datei hat {pages} Seiten.")
        before = row.last_page
    if before != pages:
        _index(rows[-1].line if rows else 1, before + 1, f"Seite {before + 1} bis {pages} gehören zu keinem Brief.")
    letters = [CutLetter(LetterRange(n, row.first_page, row.last_page), row.orders) for n, row in enumerate(rows, 1)]
    return Cut(pages, tuple(letters))


def _index(line: int, page: int, sentence: str) -> NoReturn:
    raise Rejected("index-invalid", f"Index-Datei, Zeile {line}: {sentence}", page=page)


def with_index(cut: Cut, rows: Sequence[IndexRow]) -> Cut:
    """A cut with the orders of an index that must name the very same letters. Raises Rejected `index-invalid`."""
    for letter, row in zip(cut.letters, rows, strict=False):
        span = letter.range
        if (span.first_page, span.last_page) != (row.first_page, row.last_page):
            found = f"Brief {span.ordinal} reicht in der Datei von Seite {span.first_page} bis {span.last_page}"
            _index(row.line, span.first_page, f"{found}, im Index von {row.first_page} bis {row.last_page}.")
    if len(cut.letters) != len(rows):
        more = cut.letters[len(rows) :]
        page = more[0].range.first_page if more else cut.pages
        sentence = f"Der Index nennt {len(rows)} Briefe, in der Datei sind es {len(cut.letters)} (Seite {page})."
        _index(rows[-1].line if rows else 1, page, sentence)
    letters = [CutLetter(a.range, merged(a.orders, b.orders)) for a, b in zip(cut.letters, rows, strict=True)]
    return Cut(cut.pages, tuple(letters), cut.left_out)


def merged(page: LetterOrders, index: LetterOrders) -> LetterOrders:
    """The index's orders, and the page's where the index says nothing."""
    own = {**page.told(), **index.told()}
    stations = own.get("enclosures")
    own["enclosures"] = None if stations is None else tuple(stations)
    return LetterOrders(**own)


def equal_cut(pages: int, pages_per_letter: int) -> Cut:
    """Every `pages_per_letter` pages a letter; 0: all pages are one. Raises Rejected `letter-count`."""
    return Cut(pages, tuple(CutLetter(each) for each in equal_ranges(pages, pages_per_letter)))


def equal_ranges(pages: int, pages_per_letter: int) -> list[LetterRange]:
    """The ranges of `equal_cut`, for a stream that nothing else is known of. Raises Rejected `letter-count`."""
    if pages_per_letter == 0:
        return [LetterRange(1, 1, pages)]
    if pages % pages_per_letter:
        sentence = f"Die Datei hat {pages} Seiten; jeder Brief soll {pages_per_letter} Seiten haben."
        raise Rejected("letter-count", sentence)
    starts = range(1, pages + 1, pages_per_letter)
    return [LetterRange(n, start, start + pages_per_letter - 1) for n, start in enumerate(starts, 1)]


def equal_ranges_between(first_page: int, last_page: int, pages_per_letter: int) -> list[LetterRange]:
    """Those of `equal_ranges` that lie between two pages; letters begin on the first and end on the last of them."""
    step = pages_per_letter or last_page
    starts = range(first_page, last_page + 1, step)
    return [LetterRange((start - 1) // step + 1, start, start + step - 1) for start in starts]


def check_counts(pages: int, told_pages: int | None, letters: int, told_letters: int | None) -> None:
    """Compare with what the ticket announces. Raises Rejected `count-mismatch`."""
    if told_pages is not None and told_pages != pages:
        raise Rejected("count-mismatch", f"Angekündigt sind {told_pages} Seiten, die Datei hat {pages}.")
    if told_letters is not None and told_letters != letters:
        raise Rejected("count-mismatch", f"Angekündigt sind {told_letters} Briefe, gefunden wurden {letters}.")


def runs_of(letters: Sequence[CutLetter], most_letters: int, most_pages: int) -> Iterator[tuple[int, int]]:
    """First and last page of runs of letters; one has at most so many letters and, unless it is one, so many pages."""
    run: list[LetterRange] = []
    for letter in letters:
        pages = letter.range.last_page - run[0].first_page + 1 if run else 0
        if run and (len(run) == most_letters or pages > most_pages):
            yield run[0].first_page, run[-1].last_page
            run = []
        run.append(letter.range)
    if run:
        yield run[0].first_page, run[-1].last_page
