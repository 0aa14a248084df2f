"""How a scanner's stack is cut into documents: what was seen on each page, and the one rule that cuts.

A missed separator merges two citizens' letters, so whatever looks like one and can't be read, or contradicts the
count on a cover sheet, is a doubt; a stack with a doubt is not delivered before a person has decided.
Every page of a stack ends in exactly one document, among its pages or its dropped pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from pipeline.domain.duplex_sides import Misplaced, Side, misplaced
from pipeline.domain.errors import Rejected
from pipeline.domain.page_looks import CoverSheet, PageLook
from pipeline.domain.page_roles import Role, other_side, roles_of
from pipeline.domain.profiles import ScanPlex, SeparationRules

DropReason = Literal["separator", "blank"]

SEPARATOR_DOUBT = "separator-doubt"
FOREIGN_SEPARATOR = "separator-foreign"
SHEET_COUNT = "sheet-count"
SIDES_SHIFTED = "sides-shifted"
REJOINED = "rejoined"
STACK_DOUBTS = frozenset({SEPARATOR_DOUBT, FOREIGN_SEPARATOR, SHEET_COUNT, SIDES_SHIFTED})


@dataclass(frozen=True)
class DroppedPage:
    """A page of the source that was left out on purpose."""

    source_page: int
    reason: DropReason
    ink_ratio: float


@dataclass(frozen=True)
class Doubt:
    """Why a person must look before the document goes on. `page`: of the source, None for the document."""

    code: str
    page: int | None
    sentence: str


@dataclass(frozen=True)
class DocumentPlan:
    """One document of a stack: the source pages `first_page` to `last_page`, some of them dropped.

    `fields`: what its cover sheet said. `sheets`: how many sheets that announced.
    """

    first_page: int
    last_page: int
    dropped: tuple[DroppedPage, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()
    sheets: int | None = None

    def __post_init__(self) -> None:
        left_out = [drop.source_page for drop in self.dropped]
        inside = all(self.first_page <= page <= self.last_page for page in left_out)
        if not 1 <= self.first_page <= self.last_page or not inside or left_out != sorted(set(left_out)):
            raise ValueError(f"not a document of a stack: {self}")

    @property
    def pages(self) -> tuple[int, ...]:
        """The source pages that are kept, ascending."""
        left_out = {drop.source_page for drop in self.dropped}
        return tuple(page for page in range(self.first_page, self.last_page + 1) if page not in left_out)

    def split(self, before_page: int, plex: ScanPlex = "mixed") -> tuple[DocumentPlan, DocumentPlan]:
        """Cut in two: `before_page` (of the source) begins the second part, which has no cover sheet of its own.

        Who cuts there has decided about that page and about a document that was joined, and about nothing else: every
        other doubt stays with the part that holds its page. The count on the cover sheet now tells of the first part.
        Raises ValueError where a part would have no page.
        """
        if not self.pages[0] < before_page <= self.pages[-1]:
            raise ValueError(f"a cut before page {before_page} leaves a part without pages")
        parts = []
        nothing: Mapping[str, str] = {}
        bounds = (
            (self.first_page, before_page - 1, self.fields, self.sheets),
            (before_page, self.last_page, nothing, None),
        )
        for first, last, fields, sheets in bounds:
            dropped = tuple(drop for drop in self.dropped if first <= drop.source_page <= last)
            doubts = tuple(
                doubt
                for doubt in self.doubts
                if doubt.page is not None
                and first <= doubt.page <= last
                and (doubt.code, doubt.page) != (SEPARATOR_DOUBT, before_page)
            )
            parts.append(DocumentPlan(first, last, dropped, fields, doubts, sheets).counted_anew(plex))
        return parts[0], parts[1]

    def keeping(self, page: int, plex: ScanPlex = "mixed") -> DocumentPlan:
        """With a page that was left out put back. Raises ValueError where it was not left out."""
        rest = tuple(drop for drop in self.dropped if drop.source_page != page)
        if rest == self.dropped:
            raise ValueError(f"page {page} is not left out")
        return replace(self, dropped=rest).counted_anew(plex)

    def leaving_out(self, page: int, reason: DropReason, ink_ratio: float, plex: ScanPlex = "mixed") -> DocumentPlan:
        """Without a page that a person looked at: what was doubtful about it as a separator is decided.

        Raises ValueError where it is not one of the pages, or the only one.
        """
        if page not in self.pages or len(self.pages) == 1:
            raise ValueError(f"page {page} can't be left out")
        dropped = sorted((*self.dropped, DroppedPage(page, reason, ink_ratio)), key=lambda drop: drop.source_page)
        doubts = tuple(doubt for doubt in self.doubts if (doubt.code, doubt.page) != (SEPARATOR_DOUBT, page))
        return replace(self, dropped=tuple(dropped), doubts=doubts).counted_anew(plex)

    def counted_anew(self, plex: ScanPlex) -> DocumentPlan:
        """With the doubt about its count as it is now: gone where as many pages follow as so many sheets can have."""
        separators = [drop.source_page for drop in self.dropped if drop.reason == "separator"]
        cover = max((page for page in separators if page < self.pages[0]), default=None)
        if self.sheets is None or cover is None:
            return self
        rest = tuple(doubt for doubt in self.doubts if (doubt.code, doubt.page) != (SHEET_COUNT, cover))
        found = self.sheets_found(plex)
        most = self.last_page - self.first_page + 1 - len(separators)
        least = self.last_page - self.pages[0] + 1 - sum(page > self.pages[0] for page in separators)
        # Blank pages before the first one that is kept may be the other sides of separators.
        if self.sheets <= most and least <= 2 * self.sheets if found is None else found == self.sheets:
            return replace(self, doubts=rest)
        has_back = plex != "simplex" and any(drop.source_page == cover + 1 for drop in self.dropped)
        pages = self.last_page - cover - has_back - sum(page > cover for page in separators)
        return replace(self, doubts=(_miscounted(cover, self.sheets, pages, plex, has_back), *rest))

    def sheets_found(self, plex: ScanPlex) -> int | None:
        """How many sheets its pages are, separators aside; None where the scanner may leave sides out."""
        separators = sum(drop.reason == "separator" for drop in self.dropped)
        pages = self.last_page - self.first_page + 1
        if plex == "mixed":
            return None
        return pages - separators if plex == "simplex" else pages // 2 - separators

    def joined(self, after: DocumentPlan) -> DocumentPlan:
        """One document of two neighbours: the first one's fields, and what only the second one says; all doubts."""
        if after.first_page != self.last_page + 1:
            raise ValueError("only neighbours can be joined")
        sentence = f"Die Seiten {self.first_page} bis {after.last_page} wurden von Hand wieder zusammengefügt."
        doubts = [doubt for doubt in (*self.doubts, *after.doubts) if doubt.code != REJOINED]
        return DocumentPlan(
            self.first_page,
            after.last_page,
            (*self.dropped, *after.dropped),
            {**after.fields, **self.fields},
            (*doubts, Doubt(REJOINED, None, sentence)),
            self.sheets,
        )


@dataclass(frozen=True)
class _Part:
    """A run of pages that begins with a separator, with the first page, or after so many pages."""

    looks: tuple[PageLook, ...]
    roles: tuple[Role, ...]

    @property
    def has_letter(self) -> bool:
        return "letter" in self.roles


def documents_of(
    looks: Sequence[PageLook], rules: SeparationRules, municipality: str, profile: str
) -> tuple[DocumentPlan, ...]:
    """Cut a stack. `looks`: one for each page, in order; `municipality` and `profile`: whose folder it lay in.

    Separators belong to the letter that follows, a separator's blank back to its separator, and what trails after the
    last letter to that letter. Raises Rejected `only-separators` where no page of a letter is left.
    """
    if not looks or [look.page for look in looks] != list(range(1, len(looks) + 1)):
        raise ValueError("the looks are not those of every page")
    roles = roles_of(looks, rules)
    parts = _parts(looks, roles, rules)
    if not any(part.has_letter for part in parts):
        raise Rejected("only-separators", f"Die Datei besteht nur aus Trennblättern und leeren Seiten ({len(looks)}).")
    plans = [_plan(part, rules, municipality, profile) for part in _with_letters(parts)]
    return _with_sides(plans, looks, roles, rules)


def _parts(looks: Sequence[PageLook], roles: Sequence[Role], rules: SeparationRules) -> list[_Part]:
    starts = {0}
    letters = 0
    for index, role in enumerate(roles):
        if role == "letter" and looks[index].separator is not None:
            starts.add(index)
            letters = 1
        elif role in ("separator", "gap"):
            front = other_side(index, rules)
            starts.add(front if front == index - 1 and front >= 0 and roles[front] == "side" else index)
            letters = 0
        elif role == "letter":
            if rules.every_pages and letters == rules.every_pages:
                starts.add(index)
                letters = 0
            letters += 1
    bounds = [*sorted(starts), len(looks)]
    return [_Part(tuple(looks[a:b]), tuple(roles[a:b])) for a, b in pairwise(bounds)]


def _with_letters(parts: Sequence[_Part]) -> list[_Part]:
    """Parts without a letter go to the next one, and at the end to the last one."""
    found: list[_Part] = []
    waiting = _Part((), ())
    for part in parts:
        waiting = _Part(waiting.looks + part.looks, waiting.roles + part.roles)
        if part.has_letter:
            found.append(waiting)
            waiting = _Part((), ())
    last = found.pop()
    return [*found, _Part(last.looks + waiting.looks, last.roles + waiting.roles)]


def _plan(part: _Part, rules: SeparationRules, municipality: str, profile: str) -> DocumentPlan:
    dropped: list[DroppedPage] = []
    doubts: list[Doubt] = []
    for look, role in zip(part.looks, part.roles, strict=True):
        if role != "letter":
            reason: DropReason = "separator" if role == "separator" else "blank"
            dropped.append(DroppedPage(look.page, reason, look.ink_ratio))
        if look.doubt is not None and role != "side":
            doubts.append(Doubt(SEPARATOR_DOUBT, look.page, f"Seite {look.page}: {look.doubt}"))
    covers = [
        (index, look.separator.cover)
        for index, look in enumerate(part.looks)
        if look.separator is not None and part.roles[index] != "side"
    ]
    begin = part.roles.index("letter")
    told = [(index, cover) for index, cover in covers if cover is not None and index <= begin]
    index, cover = told[-1] if told else (0, None)
    for lonely, other in covers:
        if other is not None:
            doubts += _foreign(part.looks[lonely].page, other, municipality, profile)
            doubts += _no_letter(part.looks[lonely].page) if lonely != index else []
    if cover is not None and cover.sheets is not None:
        doubts += _count(part, rules, index, cover.sheets)
    doubts += _too_few(part, rules)
    fields = dict(cover.fields) if cover is not None else {}
    sheets = cover.sheets if cover is not None else None
    return DocumentPlan(part.looks[0].page, part.looks[-1].page, tuple(dropped), fields, tuple(doubts), sheets)


def _no_letter(page: int) -> list[Doubt]:
    return [Doubt(SHEET_COUNT, page, f"Seite {page}: Auf dieses Trennblatt folgt kein Schriftstück.")]


def _foreign(page: int, cover: CoverSheet, municipality: str, profile: str) -> list[Doubt]:
    if (cover.municipality, cover.profile) == (municipality, profile):
        return []
    sentence = (
        f"Seite {page}: Das Trennblatt gehört zu {cover.municipality}/{cover.profile}, "
        f"der Stapel lag in {municipality}/{profile}."
    )
    return [Doubt(FOREIGN_SEPARATOR, page, sentence)]


def _count(part: _Part, rules: SeparationRules, cover: int, sheets: int) -> list[Doubt]:
    """Whether as many sheets follow a cover sheet as it announces. `cover`: its place in the part."""
    following = part.roles[part.roles.index("letter") :]
    end = following.index("separator") if "separator" in following else len(following)
    found = sum(role in ("letter", "blank") for role in (*part.roles[cover + 1 : -len(following)], *following[:end]))
    has_back = _has_its_back(part, cover)
    least, most = _pages_of(sheets, rules.plex, has_back)
    page = part.looks[cover].page
    return [] if least <= found <= most else [_miscounted(page, sheets, found, rules.plex, has_back)]


def _pages_of(sheets: int, plex: ScanPlex, has_back: bool) -> tuple[int, int]:
    """How many pages so many sheets have at least and at most.

    Where the empty back of a cover sheet was scanned (`has_back`), so were all empty backs.
    """
    both = plex == "duplex" or (plex == "mixed" and has_back)
    return sheets * (2 if both else 1), sheets * (1 if plex == "simplex" else 2)


def _miscounted(cover: int, sheets: int, pages: int, plex: ScanPlex, has_back: bool) -> Doubt:
    least, most = _pages_of(sheets, plex, has_back)
    wanted = str(least) if least == most else f"{least} bis {most}"
    many = "Seite" if pages == 1 else "Seiten"
    sentence = (
        f"Seite {cover}: Das Trennblatt kündigt {sheets} Blatt an, das sind {wanted} Seiten; gefunden: {pages} {many}."
    )
    return Doubt(SHEET_COUNT, cover, sentence)


def _has_its_back(part: _Part, cover: int) -> bool:
    return cover + 1 < len(part.roles) and part.roles[cover + 1] == "side"


def _too_few(part: _Part, rules: SeparationRules) -> list[Doubt]:
    letters = part.roles.count("letter")
    if letters >= rules.every_pages:
        return []
    page = part.looks[part.roles.index("letter")].page
    sentence = f"Ab Seite {page} sind es nur {letters} Seiten; jedes Dokument soll {rules.every_pages} haben."
    return [Doubt(SHEET_COUNT, page, sentence)]


def _with_sides(
    plans: Sequence[DocumentPlan], looks: Sequence[PageLook], roles: Sequence[Role], rules: SeparationRules
) -> tuple[DocumentPlan, ...]:
    """The documents with what the two sides of the sheets of a duplex scan tell."""
    if rules.plex != "duplex":
        return tuple(plans)
    wrong = misplaced([_side(look, role) for look, role in zip(looks, roles, strict=True)])
    doubts = [_misplaced(each, plans) for each in wrong]
    odd_before = sum(each.after is not None for each in wrong) % 2 == 1
    if len(looks) % 2 and not odd_before:
        sentence = (
            f"Der Stapel hat {len(looks)} Seiten, beidseitig gescannt müssen es gerade viele sein: Es fehlt eine."
        )
        doubts.append((plans[-1], Doubt(SHEET_COUNT, len(looks), sentence)))
    return tuple(
        replace(plan, doubts=(*plan.doubts, *(doubt for owner, doubt in doubts if owner is plan))) for plan in plans
    )


def _side(look: PageLook, role: Role) -> Side:
    if role in ("separator", "side"):
        return "separator" if role == "separator" else "blank"
    return "blank" if look.blank else "printed"


def _misplaced(wrong: Misplaced, plans: Sequence[DocumentPlan]) -> tuple[DocumentPlan, Doubt]:
    """The doubt about a separator that is not where it should be, and the document whose pages have to be looked at."""
    if wrong.after is None:
        sentence = f"Seite {wrong.other}: Die andere Seite des Trennblatts auf Seite {wrong.separator} ist nicht leer."
        owner = next(plan for plan in plans if plan.first_page <= wrong.other <= plan.last_page)
        return owner, Doubt(SEPARATOR_DOUBT, wrong.other, sentence)
    before = [plan for plan in plans if plan.pages[0] < wrong.separator]
    owner = before[-1] if before else plans[0]
    page = max((page for page in owner.pages if page < wrong.separator), default=owner.pages[0])
    sentence = (
        f"Zwischen Seite {wrong.after + 1} und Seite {wrong.separator - 1} fehlt eine Seite, oder es ist eine zu viel: "
        f"Das Trennblatt auf Seite {wrong.separator} liegt auf der falschen Seite seines Blattes, und danach sind "
        f"Vorder- und Rückseiten vertauscht."
    )
    return owner, Doubt(SIDES_SHIFTED, page, sentence)
