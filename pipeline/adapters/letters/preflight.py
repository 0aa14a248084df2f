"""What one letter's normalised pages show: its address, what the window shows besides, whether the marks have room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pypdfium2 as pdfium

from pipeline.adapters.letters.control_line_proof import ControlLineProof
from pipeline.adapters.letters.drawn_address import recognise_window, shows_address
from pipeline.adapters.letters.mark_zone import MarkZoneFinding, occupied, only_strokes
from pipeline.adapters.letters.open_pages import OpenPages
from pipeline.adapters.letters.other_recipients import page_of_another
from pipeline.adapters.letters.window import UNREADABLE, WindowReading, read_window
from pipeline.adapters.letters.window_ink import sight_of
from pipeline.domain.address_field import fields_of
from pipeline.domain.endorsements import SPECIAL, SPECIAL_DE, endorsement_of, endorsements_told, special_product
from pipeline.domain.geometry import A4_HEIGHT_MM, A4_WIDTH_MM, Rect
from pipeline.domain.imposition import FedSheet
from pipeline.domain.letter_checks import SheetLooks
from pipeline.domain.pages import FlatFinding, LetterRange, LetterReading
from pipeline.domain.profile_rules import FOLD_MARKS_MM, HOLE_MARK_MM
from pipeline.domain.profiles import AddressForm, OutgoingRules
from pipeline.domain.window_sight import WindowSight, around

RECOGNISED, WHITENED, SPECIAL_ORDERED, SHIFTED = (
    "address-recognised",
    "fold-marks-whitened",
    "special-delivery-ordered",
    "content-shifted",
)
# An address that is drawn is no smaller, two lines; and so much white is recognised with it.
_LEAST_WIDE_MM, _LEAST_HIGH_MM = 12.0, 5.5
_AROUND_MM = 1.5


@dataclass(frozen=True)
class LetterPages:
    """Where a letter's pages are: `first_page` in the slice's PDF, from 1; `sheets`: how they lie on paper, in
    reading order; `remarks`: what was done to them."""

    range: LetterRange
    first_page: int
    sheets: tuple[FedSheet, ...]
    remarks: tuple[str, ...] = ()

    def refused(self, code: str, detail: str, page: int | None) -> LetterReading:
        """The letter as one that goes back."""
        return LetterReading(self.range, self.first_page, None, None, code, detail, page, self.remarks)


class Preflight:
    """Reads letters of one slice by the job's rules. `document`: the slice's PDF, rendered. `proof`: where control
    lines were taken off, that they are."""

    def __init__(
        self,
        document: pdfium.PdfDocument,
        rules: OutgoingRules,
        zones_by_form: Mapping[AddressForm, Sequence[Rect]],
        looks: SheetLooks,
        proof: ControlLineProof | None = None,
    ) -> None:
        self._document = document
        self._rules = rules
        self._zones_by_form = zones_by_form
        self._looks = looks
        self._proof = proof
        self._fields = fields_of(rules.forms, rules.window)
        strokes = {HOLE_MARK_MM, *(y for both in FOLD_MARKS_MM.values() for y in both), *rules.mark_zone.strokes_mm}
        self._strokes_mm = tuple(sorted(strokes))

    def read(self, letter: LetterPages) -> LetterReading:
        """The letter with its address, or with a code that says why it goes back."""
        number = letter.range.first_page
        with self._opened(letter) as pages:
            try:
                stays = self._control_line(letter, pages)
                if stays is not None:
                    return stays
                window = self._window(pages)
                if window.address is None or window.form is None:
                    code = window.code or "address-not-found"
                    return letter.refused(code, f"Seite {number}: {window.detail}", number)
                return self._looked_at(letter, pages, window, window.form)
            except pdfium.PdfiumError:
                return letter.refused("pdf-damaged", f"Seite {number} lässt sich nicht darstellen.", number)

    def room_to_shift(self, letter: LetterPages) -> bool:
        """Whether all pages of a letter can move to the right without losing anything."""
        zone = self._rules.mark_zone
        strip = Rect(A4_WIDTH_MM - zone.shift_mm - zone.right_mm, 0.0, A4_WIDTH_MM, A4_HEIGHT_MM)
        with self._opened(letter) as pages:
            return all(occupied(pages.page(offset), (strip,)) is None for offset in range(letter.range.pages))

    def _opened(self, letter: LetterPages) -> OpenPages:
        return OpenPages(self._document, letter.first_page - 1)

    def _control_line(self, letter: LetterPages, pages: OpenPages) -> LetterReading | None:
        """The letter refused, where it can't be shown that a control line, and nothing else, is gone."""
        if self._proof is None:
            return None
        for offset in range(letter.range.pages):
            place = letter.first_page - 1 + offset
            if self._proof.concerns(place) and not self._proof.holds(place, pages.text(offset)):
                number = letter.range.first_page + offset
                sentence = f"Seite {number}: Die Steuerzeile ließ sich nicht entfernen, ohne anderes zu verändern."
                return letter.refused("control-line-stays", sentence, number)
        return None

    def _window(self, pages: OpenPages) -> WindowReading:
        rules = self._rules
        window = read_window(pages.text(0), rules.forms, self._fields)
        if window.code == UNREADABLE and rules.window.recognise:
            return recognise_window(pages.page(0), rules.forms, self._fields, rules.window.least_confidence)
        return window

    def _looked_at(
        self, letter: LetterPages, pages: OpenPages, window: WindowReading, form: AddressForm
    ) -> LetterReading:
        number = letter.range.first_page
        doubt = self._another(letter, pages, window)
        if doubt is not None:
            return doubt
        remarks = set(letter.remarks)
        if window.confidence < 100:
            remarks.add(RECOGNISED)
        texts = [text for line in window.notes for text in (line.text, line.tail.text if line.tail else "")]
        ordered = [kind for text in texts if (kind := endorsement_of(text)) in SPECIAL]
        policy = self._rules.window.special
        special = special_product(texts) if policy == "pool" else None
        if ordered and (policy == "refuse" or (policy == "pool" and special is None)):
            detail = f"Seite {number}: Der Vermerk über der Anschrift verlangt {SPECIAL_DE[ordered[0]]}."
            return letter.refused("special-delivery", detail, number)
        if ordered and special is None:
            remarks.add(SPECIAL_ORDERED)
        zones = self._zones_by_form.get(form, ())
        refused = self._fronts(letter, pages, zones, remarks) or self._backs(letter, pages, self._looks.backs)
        if refused is not None:
            return refused
        region = self._looks.window(form, len(letter.sheets))
        sight = None if region is None else sight_of(pages.page(0), window, self._fields[form], region)
        if sight is not None and self._shows_another(letter, pages.page(0), sight, form):
            detail = f"Seite {number}: Neben der Anschrift steht eine zweite, als Bild oder in Kurven."
            return letter.refused("address-ambiguous", detail, number)
        return LetterReading(
            letter.range,
            letter.first_page,
            window.address,
            form,
            remarks=tuple(sorted(remarks)),
            sight=sight,
            confidence=window.confidence,
            special=special,
            sender=" ".join(line.text for line in window.notes if endorsement_of(line.text) is None),
            endorsements=endorsements_told(texts),
            flat=self._flat(letter, pages),
        )

    def _another(self, letter: LetterPages, pages: OpenPages, window: WindowReading) -> LetterReading | None:
        """The letter refused, where a later page has another person's address: perhaps another letter begins there."""
        rules = self._rules
        if letter.range.pages == 1 or not rules.split.minds_others:
            return None
        page = page_of_another(pages, letter.range.pages, window, rules, self._looks.sender)
        if page is None:
            return None
        first, number = letter.range.first_page, letter.range.first_page - 1 + page
        detail = f"Seite {number}: Im Anschriftfeld steht eine andere Anschrift als auf Seite {first}, dem Briefanfang."
        if rules.split.by == "pages" and rules.pages_per_letter == 0:
            detail += " Gehört die Seite als Anlage zum Brief, sagt das letters = 1 im Auftragszettel."
        return letter.refused("split-doubt", detail, number)

    def _shows_another(self, letter: LetterPages, front: pdfium.PdfPage, sight: WindowSight, form: AddressForm) -> bool:
        """Whether something drawn in the field is an address, too; only looked for where more may show there.

        Where nothing may, the letter goes back in any case.
        """
        rules, most = self._rules.window, self._looks.most_folded
        may_show = rules.folded in ("remark", "ignore") or 0 < most < len(letter.sheets)
        if not (may_show and rules.recognise):
            return False
        inside = [place for place in sight.others if self._fields[form].whole.contains(place)]
        if not inside:
            return False
        place = around(inside)
        large = place.right_mm - place.left_mm >= _LEAST_WIDE_MM and place.bottom_mm - place.top_mm >= _LEAST_HIGH_MM
        return large and shows_address(front, place.grown(_AROUND_MM))

    def _flat(self, letter: LetterPages, pages: OpenPages) -> FlatFinding | None:
        """What the flat machine minds; which letters go there is known once they were read."""
        looks, remarks = self._looks, set[str]()
        found = self._fronts(letter, pages, looks.flat_fronts, remarks) or self._backs(letter, pages, looks.flat_backs)
        if found is not None:
            return FlatFinding(found.code, found.detail or "", found.page)
        return FlatFinding(remarks=tuple(sorted(remarks))) if remarks else None

    def _fronts(
        self, letter: LetterPages, pages: OpenPages, zones: Sequence[Rect], remarks: set[str]
    ) -> LetterReading | None:
        if not zones:
            return None
        for offset in [sheet.front for sheet in letter.sheets]:
            page = pages.page(offset)
            finding = occupied(page, zones)
            if finding is None:
                continue
            if self._rules.mark_zone.occupied == "whiten" and only_strokes(page, zones, self._strokes_mm):
                remarks.add(WHITENED)
                continue
            return _occupied(letter, "mark-zone-occupied", offset, finding)
        return None

    def _backs(self, letter: LetterPages, pages: OpenPages, zones: Sequence[Rect]) -> LetterReading | None:
        if not zones:
            return None
        backs = [sheet.back for sheet in letter.sheets if sheet.back is not None]
        for offset in backs:
            finding = occupied(pages.page(offset), zones)
            if finding is not None:
                return _occupied(letter, "mark-reverse-occupied", offset, finding)
        return None


def _occupied(letter: LetterPages, code: str, offset: int, finding: MarkZoneFinding) -> LetterReading:
    number, ink = letter.range.first_page + offset, finding.ink
    detail = (
        f"Seite {number}: bedruckt von {ink.left_mm:.0f} bis {ink.right_mm:.0f} mm vom linken und "
        f"von {ink.top_mm:.0f} bis {ink.bottom_mm:.0f} mm vom oberen Rand."
    )
    return letter.refused(code, detail, number)
