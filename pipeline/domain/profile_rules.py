"""Whether a machine, an envelope and a DIN 5008 form go together: the geometry rules of CONTRACTS.md 5.

All lengths are mm from the sheet's top left corner. Findings are German sentences for operators; none means
that everything fits.
"""

from __future__ import annotations

from pipeline.domain.code2d import MODULES
from pipeline.domain.geometry import A4_HEIGHT_MM, A4_WIDTH_MM, Rect
from pipeline.domain.profiles import AddressForm, DatamatrixPlace, Envelope, Folding, Machine

# DIN 5008: where the forms put the address field, the fold marks, and both the hole mark.
ADDRESS_FIELD: dict[AddressForm, Rect] = {"A": Rect(20.0, 27.0, 105.0, 72.0), "B": Rect(20.0, 45.0, 105.0, 90.0)}
FOLD_MARKS_MM: dict[AddressForm, tuple[float, ...]] = {"A": (87.0, 192.0), "B": (105.0, 210.0)}
HOLE_MARK_MM = 148.5

# House rules: printed fold and hole marks end left of the address field; folder and printer play 1 mm.
_LINE_MARKS_RIGHT_MM = 20.0
_PLAY_MM = 1.0
_SHEET = Rect(0.0, 0.0, A4_WIDTH_MM, A4_HEIGHT_MM)
# So far from the edges of a sheet printers do not print: usual for laser printers; house rule for all of them.
UNPRINTED_MM = 4.0
_PRINTED = Rect(UNPRINTED_MM, UNPRINTED_MM, A4_WIDTH_MM - UNPRINTED_MM, A4_HEIGHT_MM - UNPRINTED_MM)


def _omr_block(machine: Machine) -> Rect | None:
    marks = machine.marks
    if marks.kind == "datamatrix":
        return None
    half = marks.thickness_mm / 2
    last_mm = marks.first_mm + (len(marks.tokens) - 1) * marks.pitch_mm
    return Rect(marks.x_mm, marks.first_mm - half, marks.x_mm + marks.length_mm, last_mm + half)


def _symbol_place(machine: Machine) -> DatamatrixPlace | None:
    return None if machine.marks.kind == "omr" else machine.marks.datamatrix


def _symbol(place: DatamatrixPlace) -> Rect:
    side_mm = MODULES * place.module_mm
    return Rect(place.x_mm, place.y_mm, place.x_mm + side_mm, place.y_mm + side_mm)


def mark_block(machine: Machine) -> tuple[Rect, ...]:
    """The printed marks themselves: the rectangle around all OMR strokes, and the Data Matrix symbol.

    Every position counts, printed or not. One rectangle for kind `omr` or `datamatrix`, two for `both`, OMR first.
    """
    block, place = _omr_block(machine), _symbol_place(machine)
    return tuple(rect for rect in (block, _symbol(place) if place else None) if rect)


def clear_zone(machine: Machine) -> tuple[Rect, ...]:
    """What is kept white: the OMR block grown by `clear_mm`, the symbol grown by its quiet zone; as `mark_block`."""
    block, place = _omr_block(machine), _symbol_place(machine)
    zones = (
        block.grown(machine.marks.clear_mm) if block else None,
        _symbol(place).grown(place.quiet_mm) if place else None,
    )
    return tuple(zone for zone in zones if zone)


def callable_stations(machine: Machine) -> frozenset[int]:
    """The enclosure stations that this machine's marks can call.

    OMR calls a station by its `feed:N` stroke; the 2D code carries all of them (CONTRACTS.md 5). Where the machine
    can't select, the operator switches stations on for the whole batch, and no mark is needed.
    """
    stations = frozenset(range(1, machine.feed.stations + 1))
    if machine.marks.kind != "omr" or not machine.feed.selective:
        return stations
    called = frozenset(int(t.partition(":")[2]) for t in machine.marks.tokens if t.startswith("feed:"))
    return stations & called


def machine_envelope_findings(machine: Machine, envelope: Envelope, folding: Folding) -> list[str]:
    """Why this machine's marks don't go with this envelope and folding, as German sentences; empty if they do.

    Refused: a mark in what the window can show (`folding.possible`: marks are on the address sheet too); a fold
    through the marks; a clear zone in the address field, or over a fold mark or hole mark that letterheads of the
    folding's form print at the left edge (such a letter would always come back as occupied).
    Sources: CONTRACTS.md 5; DIN 5008 for field and marks; window leak as in the envelope's own profile.
    """
    where = f"Maschine {machine.id}, Umschlag {envelope.id}, Form {folding.form}: "
    found: list[str] = []
    for name, mark, zone in _named_marks(machine):
        found += _window_findings(name, mark, folding)
        found += _fold_findings(name, mark, folding)
        found += _letterhead_findings(name, zone, folding)
    return [where + sentence for sentence in found]


def _named_marks(machine: Machine) -> list[tuple[str, Rect, Rect]]:
    """Name in the German accusative, marks, clear zone."""
    omr, code = "die OMR-Marken", "den Data-Matrix-Code"
    names = {"omr": (omr,), "datamatrix": (code,), "both": (omr, code)}[machine.marks.kind]
    return list(zip(names, mark_block(machine), clear_zone(machine), strict=True))


def _window_findings(name: str, mark: Rect, folding: Folding) -> list[str]:
    if not mark.overlaps(folding.possible):
        return []
    return [f"Das Fenster kann {name} zeigen: Marken {_extent(mark)}, Fenster {_extent(folding.possible)}."]


def _fold_findings(name: str, mark: Rect, folding: Folding) -> list[str]:
    crossing = [y for y in folding.folds_mm if mark.overlaps(Rect(0.0, y - _PLAY_MM, A4_WIDTH_MM, y + _PLAY_MM))]
    return [f"Der Falz bei {_mm(y)} mm läuft durch {name} ({_extent(mark)})." for y in crossing]


def _letterhead_findings(name: str, zone: Rect, folding: Folding) -> list[str]:
    found = []
    field = ADDRESS_FIELD[folding.form]
    if zone.overlaps(field):
        found.append(f"Die weiße Zone um {name} ({_extent(zone)}) reicht in das Anschriftfeld ({_extent(field)}).")
    lines = [("Faltmarke", y) for y in FOLD_MARKS_MM[folding.form]] + [("Lochmarke", HOLE_MARK_MM)]
    for kind, y in lines:
        if zone.overlaps(Rect(0.0, y - _PLAY_MM, _LINE_MARKS_RIGHT_MM, y + _PLAY_MM)):
            found.append(f"Die weiße Zone um {name} ({_extent(zone)}) liegt auf der {kind} bei {_mm(y)} mm.")
    return found


def off_sheet_findings(machine: Machine) -> list[str]:
    """Marks that an A4 sheet doesn't hold or printers don't print wholly, and OMR strokes that meet the 2D code.

    As German sentences.
    """
    named = _named_marks(machine)
    found = [
        f"Das Blatt A4 fasst {name} nicht ganz ({_extent(mark)})."
        for name, mark, _ in named
        if not _SHEET.contains(mark)
    ]
    found += [
        f"Drucker lassen einen Rand von {_mm(UNPRINTED_MM)} mm frei, er schneidet {name} an ({_extent(mark)})."
        for name, mark, _ in named
        if _SHEET.contains(mark) and not _PRINTED.contains(mark)
    ]
    if len(named) == 2 and (named[0][2].overlaps(named[1][1]) or named[0][1].overlaps(named[1][2])):
        found.append("Die OMR-Marken und der Data-Matrix-Code kommen einander zu nahe.")
    return found


def _mm(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",")


def _extent(rect: Rect) -> str:
    """A rectangle as operators read it: `x 7 bis 19, y 20 bis 40 mm`."""
    return f"x {_mm(rect.left_mm)} bis {_mm(rect.right_mm)}, y {_mm(rect.top_mm)} bis {_mm(rect.bottom_mm)} mm"
