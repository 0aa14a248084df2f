"""Where a job's letters are looked at, worked out from its machines and envelopes. All lengths mm on the sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.domain.geometry import A4_WIDTH_MM, Rect
from pipeline.domain.preparing import most_sheets
from pipeline.domain.profile_rules import clear_zone, mark_block
from pipeline.domain.profiles import AddressForm, Envelope, Machine, OutgoingRules, Profiles
from pipeline.domain.window_sight import around, on_sheet, policy_of


@dataclass(frozen=True)
class SheetLooks:
    """Where to look besides the mark zones of the fronts.

    `windows`: by form, what the windows of the job's envelopes may show of the address sheet; a form that is not
    there is not looked at. `folded`: the same of the envelope for folded pieces alone, which is enough for letters of
    up to `most_folded` sheets. `backs`: what must be free on the back of each sheet, as it lies on the back page.
    `flat_fronts`, `flat_backs`: what must be free for the marks of the flat machine, where that is another one; only
    letters that end in the flat stream go back for it.
    `sender`: the municipality's own line, whose address may stand on a later page, such as a reply form.
    """

    windows: Mapping[AddressForm, Rect] = field(default_factory=dict)
    folded: Mapping[AddressForm, Rect] = field(default_factory=dict)
    most_folded: int = 0
    backs: tuple[Rect, ...] = ()
    flat_fronts: tuple[Rect, ...] = ()
    flat_backs: tuple[Rect, ...] = ()
    sender: str = ""

    def window(self, form: AddressForm, sheets: int) -> Rect | None:
        """Where to look on the address sheet of a letter of so many sheets."""
        if sheets <= self.most_folded and form in self.folded:
            return self.folded[form]
        return self.windows.get(form)


def looks_of(rules: OutgoingRules, profiles: Profiles) -> SheetLooks:
    """The looks for both streams of a job.

    Which of them a letter takes is known after it was read, but one with few sheets is folded unless enclosures make it
    too thick. Such a letter is looked at in the flat envelope's window too only where that can send it back.
    """
    machine, flat_machine = profiles.machines[rules.machine], profiles.machines[rules.flat_machine]
    other = rules.flat_machine != rules.machine
    folded, flat = profiles.envelopes[rules.envelope], profiles.envelopes[rules.flat_envelope]
    sheets = 0 if policy_of(flat, rules.window) == "refuse" else most_sheets(machine, folded)
    return SheetLooks(
        _windows(rules, folded, flat),
        _windows(rules, folded),
        sheets,
        reverse_zone(machine),
        clear_zone(flat_machine) if other else (),
        reverse_zone(flat_machine) if other else (),
    )


def _windows(rules: OutgoingRules, *envelopes: Envelope) -> dict[AddressForm, Rect]:
    found: dict[AddressForm, Rect] = {}
    for form in rules.forms:
        foldings = [folding for envelope in envelopes if (folding := envelope.folding(form)) is not None]
        if foldings:
            found[form] = on_sheet(around([folding.possible.grown(rules.window.slack_mm) for folding in foldings]))
    return found


def reverse_zone(machine: Machine) -> tuple[Rect, ...]:
    """What must be free on the back, where the machine minds: the marks with `reverse_clear_mm` around, seen from
    behind. Sheets are turned over their long edge, so left becomes right."""
    around_mm = machine.marks.reverse_clear_mm
    if around_mm is None:
        return ()
    zones = (block.grown(around_mm) for block in mark_block(machine))
    return tuple(
        Rect(A4_WIDTH_MM - zone.right_mm, zone.top_mm, A4_WIDTH_MM - zone.left_mm, zone.bottom_mm) for zone in zones
    )


@dataclass(frozen=True)
class LetterheadPlaces:
    """What a letterhead has to leave free.

    `fronts`: where marks go, on every page. `windows`: what windows can show, on the first. `backs`: what machines see
    behind the marks, on the page under following pages, which lies on backs where a letter is printed on both sides.
    """

    fronts: tuple[Rect, ...]
    windows: tuple[Rect, ...]
    backs: tuple[Rect, ...] = ()


def letterhead_places(rules: OutgoingRules, profiles: Profiles) -> LetterheadPlaces:
    """What a letterhead of a job has to leave free. Both streams of the job count, with each of its forms, printed on
    one side or both: a ticket may ask for either.

    Raises KeyError for profiles that do not fit one another.
    """
    machines = [profiles.machines[name] for name in (rules.machine, rules.flat_machine)]
    envelopes = [profiles.envelopes[name] for name in (rules.envelope, rules.flat_envelope)]
    foldings = (envelope.folding(form) for envelope in envelopes for form in rules.forms)
    return LetterheadPlaces(
        tuple(dict.fromkeys(zone for machine in machines for zone in clear_zone(machine))),
        tuple(dict.fromkeys(folding.possible for folding in foldings if folding is not None)),
        tuple(dict.fromkeys(zone for machine in machines for zone in reverse_zone(machine))),
    )
