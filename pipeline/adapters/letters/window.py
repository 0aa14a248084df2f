"""The address as it will stand in the window: DIN 5008 form A or B, told apart by where the address begins.

Zones (DIN 5008:2020, form A and B): the address field is 85 x 45 mm from x 20; its upper 17.7 mm hold the sender's
line and endorsements, its lower 27.3 mm at most six lines of address, beginning directly under the boundary.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import pypdfium2 as pdfium

from pipeline.adapters.letters.mark_zone import occupied
from pipeline.adapters.letters.text_lines import TextLine, lines_of, read_glyphs
from pipeline.domain.address import PostalAddress, parse_address
from pipeline.domain.geometry import Rect
from pipeline.domain.profiles import AddressForm


@dataclass(frozen=True)
class Field:
    """The address field of a form: its top, the boundary between its zones and its bottom, mm from the sheet's top."""

    top_mm: float
    boundary_mm: float
    bottom_mm: float


FIELDS: Mapping[AddressForm, Field] = MappingProxyType({"A": Field(27.0, 44.7, 72.0), "B": Field(45.0, 62.7, 90.0)})
FIELD_LEFT_MM, FIELD_RIGHT_MM = 20.0, 105.0

# Both fields, with room for lines that run over their right edge, up to the information block at 125 mm.
_REGION = Rect(FIELD_LEFT_MM - 2.0, 25.0, 124.0, 93.0)
_LAST_LEFT_MM = 60.0
_TOLERANCE_MM = 1.0
_SMALL = 0.85
_LINE_MM = 4.23
# A gap beyond one blank line ends the address.
_BREAK_EM = 3.4
_NEXT_LINE_EM = 1.8
_MAX_LINES = 6
_MIN_LINES = 2

_SENDER = re.compile(r"\S.*(?:[·•∙|*_/–—,;]| - | – ).*[0-9]{5}\s+[^\W\d_]{2}")
_ENDORSEMENT = re.compile(
    r"^(?:einschreiben|einwurf|rückschein|persönlich|vertraulich|eilt|eilsendung|nicht nachsenden|bei umzug|"
    r"wenn unzustellbar|falls unzustellbar|zurück|nachsend|vorausverfügung|premiumadress|infobrief|infopost|"
    r"dialogpost|büchersendung|warensendung|postzustellung|zustellungs|förmliche zustellung|mit luftpost|luftpost|"
    r"prioritaire|par avion|by airmail|priority|dv [0-9]|port payé|deutsche post|entgelt bezahlt)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class WindowReading:
    """What the window shows: an address with its form, or `detail`, a German sentence without personal data.

    `above`: how many lines of sender and endorsements were seen over the address.
    """

    form: AddressForm | None
    address: PostalAddress | None
    detail: str | None
    above: int = 0


@dataclass(frozen=True)
class _Candidate:
    form: AddressForm
    address: PostalAddress
    above: int
    penalty: float


def read_window(page: pdfium.PdfPage, forms: Sequence[AddressForm]) -> WindowReading:
    """Read the address on a normalised A4 page. `forms`: which to try; the earlier one wins where both fit alike."""
    lines = [line for line in lines_of(read_glyphs(page, _REGION)) if line.left_mm <= _LAST_LEFT_MM]
    reading = choose_form(lines, forms)
    if reading.address is None and not any(_zone(lines, form) for form in forms) and _has_ink(page, forms):
        detail = "Im Anschriftfeld steht kein Text; die Anschrift ist ein Bild oder in Kurven umgewandelt."
        return WindowReading(None, None, detail)
    return reading


def choose_form(lines: Sequence[TextLine], forms: Sequence[AddressForm]) -> WindowReading:
    """The form whose zone holds a complete address. `lines`: of both fields, top to bottom."""
    found = [candidate for form in forms if (candidate := _candidate(lines, form)) is not None]
    if not found:
        return WindowReading(None, None, _why_not(lines, forms))
    best = min(found, key=lambda candidate: (candidate.penalty, forms.index(candidate.form)))
    return WindowReading(best.form, best.address, None, best.above)


def _in_zone(lines: Sequence[TextLine], top_mm: float, bottom_mm: float) -> list[TextLine]:
    return [line for line in lines if top_mm <= line.middle_mm < bottom_mm]


def _zone(lines: Sequence[TextLine], form: AddressForm) -> list[TextLine]:
    field = FIELDS[form]
    return _in_zone(lines, field.boundary_mm - _TOLERANCE_MM, field.bottom_mm + _TOLERANCE_MM)


def _candidate(lines: Sequence[TextLine], form: AddressForm) -> _Candidate | None:
    """The address in a form's zone, with a penalty for everything that speaks for the other form.

    That is: address-like lines directly over the zone (the other form's address reaches into it), a sender's line or
    an endorsement inside the zone, and empty lines between the boundary and the address.
    """
    field = FIELDS[form]
    boundary_mm = field.boundary_mm - _TOLERANCE_MM
    zone = [line for line in _zone(lines, form) if line.readable]
    for run in _runs(zone):
        size_mm = run[-1].size_mm
        begin = next((i for i, line in enumerate(run) if not _is_extra(line, size_mm)), len(run))
        block = run[begin:]
        address = parse_address([line.text for line in block])
        if not (_MIN_LINES <= len(block) <= _MAX_LINES and isinstance(address, PostalAddress)):
            continue
        over = _in_zone(lines, field.top_mm - _TOLERANCE_MM, boundary_mm)
        late = (block[0].middle_mm - field.boundary_mm) / _LINE_MM - 1.0
        penalty = _touching(over, block[0]) + begin + 0.25 * max(0.0, late)
        return _Candidate(form, address, len(over) + begin, penalty)
    return None


def _runs(lines: Sequence[TextLine]) -> list[list[TextLine]]:
    """Lines parted where a gap is wider than one blank line."""
    runs: list[list[TextLine]] = [[lines[0]]] if lines else []
    for before, line in pairwise(lines):
        if line.baseline_mm - before.baseline_mm > _BREAK_EM * max(before.size_mm, line.size_mm):
            runs.append([])
        runs[-1].append(line)
    return runs


def _is_extra(line: TextLine, address_size_mm: float) -> bool:
    """Whether a line is the sender's or an endorsement: smaller than the address, or by what it says."""
    small = line.size_mm < _SMALL * address_size_mm
    return small or bool(_SENDER.search(line.text)) or bool(_ENDORSEMENT.match(line.text))


def _touching(over: Sequence[TextLine], first: TextLine) -> int:
    """How many lines above the zone look as if they began the address."""
    count, below = 0, first
    for line in reversed(over):
        near = below.baseline_mm - line.baseline_mm <= _NEXT_LINE_EM * below.size_mm
        if not near or _is_extra(line, first.size_mm):
            break
        count, below = count + 1, line
    return count


def _why_not(lines: Sequence[TextLine], forms: Sequence[AddressForm]) -> str:
    zone = max((_zone(lines, form) for form in forms), key=len, default=[])
    if not zone:
        return "Im Anschriftfeld steht kein Text."
    if any(not line.readable for line in zone):
        return "Der Text im Anschriftfeld ist nicht lesbar: Seine Schrift ordnet den Zeichen keine Buchstaben zu."
    return _zone_problem(zone)


def _zone_problem(zone: Sequence[TextLine]) -> str:
    if len(zone) > _MAX_LINES:
        return "Im Anschriftfeld stehen mehr als sechs Zeilen."
    problem = parse_address([line.text for line in zone])
    if isinstance(problem, PostalAddress):
        return "Im Anschriftfeld stehen Zeilen, aber keine vollständige Anschrift."
    return f"Anschriftfeld: {problem.sentence}"


def _has_ink(page: pdfium.PdfPage, forms: Sequence[AddressForm]) -> bool:
    zones = [
        Rect(FIELD_LEFT_MM, FIELDS[form].boundary_mm, FIELD_RIGHT_MM, FIELDS[form].bottom_mm) for form in sorted(forms)
    ]
    return bool(zones) and occupied(page, zones) is not None
