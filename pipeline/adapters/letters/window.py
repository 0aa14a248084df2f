"""The address as it will stand in the window: form A, B or the job's own field, told apart by where it begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import pypdfium2 as pdfium

from pipeline.adapters.letters.mark_zone import occupied
from pipeline.adapters.letters.printed_text import printed_glyphs
from pipeline.adapters.letters.text_lines import Glyph, PageText, TextLine, lines_of, read_glyphs, within
from pipeline.domain.address import PostalAddress, ProblemCode, looks_garbled, parse_address
from pipeline.domain.address_field import FIELDS, Field
from pipeline.domain.endorsements import SPECIAL, endorsement_of
from pipeline.domain.geometry import A4_HEIGHT_MM, A4_WIDTH_MM, Rect
from pipeline.domain.profiles import AddressForm
from pipeline.domain.window_notes import SMALL, is_sender

# Beside the fields there is room for lines that run over their right edge, up to the information block at 125 mm.
_RIGHT_MM = 19.0
_LAST_LEFT_MM = 40.0
_TOLERANCE_MM = 1.0
_LINE_MM = 4.23
# A gap beyond one blank line ends the address.
_BREAK_EM = 3.4
_NEXT_LINE_EM = 1.8
# Lines whose baselines are closer than this part of their size are one row.
_SAME_ROW_EM = 0.35
_MAX_LINES = 6
_MIN_LINES = 2
# How much less than the best another address has to speak for itself not to leave a doubt.
_DOUBT = 0.5
# Where an address is looked for that stands in no field: so far above and below.
_ABOVE_MM, _BELOW_MM, _HEAD_MM = 18.0, 40.0, 27.0

UNREADABLE = "address-unreadable"
_PROBLEM_CODES: dict[ProblemCode, str] = {
    "no-lines": "address-not-found",
    "no-town-line": "address-incomplete",
    "no-recipient": "address-incomplete",
    "country-unclear": "address-incomplete",
    "postcode-implausible": "postcode-unknown",
}


@dataclass(frozen=True)
class WindowReading:
    """What the window shows: an address with its form, or `code` and `detail`, a German sentence without personal
    data.

    `above`: how many lines of sender and endorsements were seen over the address. `lines`: those of the address;
    `notes`: those above. `confidence`: in percent, 100 for text.
    """

    form: AddressForm | None
    address: PostalAddress | None
    detail: str | None
    above: int = 0
    code: str | None = None
    lines: tuple[TextLine, ...] = ()
    notes: tuple[TextLine, ...] = ()
    confidence: float = 100.0


@dataclass(frozen=True)
class _Candidate:
    form: AddressForm
    address: PostalAddress
    notes: tuple[TextLine, ...]
    lines: tuple[TextLine, ...]
    penalty: float


def read_window(
    page: pdfium.PdfPage | PageText, forms: Sequence[AddressForm], fields: Mapping[AddressForm, Field] = FIELDS
) -> WindowReading:
    """Read the address on a normalised A4 page. `forms`: which to try; the earlier one wins where both fit alike.

    Only text is read; `code` is `address-unreadable` where the address may be there as a picture, as curves, or in a
    font that doesn't say what it shows.
    """
    used = [fields[form] for form in forms]
    region, drawn = region_of(used), page.page if isinstance(page, PageText) else page
    reading = reading_of(drawn, printed_glyphs(drawn, read_glyphs(page, region)), forms, fields)
    if reading.code in ("address-not-found", "address-incomplete"):
        return _elsewhere(drawn, used) or reading
    return reading


def reading_of(
    page: pdfium.PdfPage, glyphs: Sequence[Glyph], forms: Sequence[AddressForm], fields: Mapping[AddressForm, Field]
) -> WindowReading:
    """The window from characters that were read already, of `region_of` the fields or more of the page.

    Nothing is looked for outside the fields.
    """
    used = [fields[form] for form in forms]
    found = lines_of(within(glyphs, region_of(used)))
    lines = [line for line in _outermost(found) if line.left_mm <= _last_left_mm(used)]
    reading = choose_form(lines, forms, fields)
    zones = {form: _zone(lines, fields[form]) for form in forms}
    own = [line for zone in zones.values() for line in zone if not _is_over_addresses(line.text)]
    empty = [fields[form] for form in forms if not zones[form]]
    if reading.address is None and not own and _has_ink(page, empty):
        detail = "Im Anschriftfeld steht kein Text; die Anschrift ist ein Bild oder in Kurven umgewandelt."
        return WindowReading(None, None, detail, code=UNREADABLE)
    if reading.form is not None and not all(line.readable for line in zones[reading.form]):
        return WindowReading(None, None, _NOT_READABLE, code=UNREADABLE)
    if reading.form is None:
        return reading
    beside = [line for line in found if line not in lines]
    return _with_notes(reading, _notes_beside(beside, fields[reading.form]))


def _outermost(found: Sequence[TextLine]) -> list[TextLine]:
    """The leftmost line of every row: what stands right of another line is no line of an address."""
    lines: list[TextLine] = []
    for line in sorted(found, key=lambda line: line.left_mm):
        if not any(abs(line.baseline_mm - other.baseline_mm) < _SAME_ROW_EM * line.size_mm for other in lines):
            lines.append(line)
    return sorted(lines, key=lambda line: (line.baseline_mm, line.left_mm))


def _notes_beside(lines: Sequence[TextLine], field: Field) -> list[TextLine]:
    """Of what stands in the right of the field, the lines over the address, and orders wherever they are."""
    inside = [line for line in lines if line.left_mm < field.right_mm]
    over = _in_zone(inside, field.top_mm - _TOLERANCE_MM, field.boundary_mm - _TOLERANCE_MM)
    ordered = [line for line in _zone(inside, field) if endorsement_of(line.text) in SPECIAL]
    return [*over, *ordered]


def _with_notes(reading: WindowReading, more: Sequence[TextLine]) -> WindowReading:
    notes = sorted((*reading.notes, *more), key=lambda line: (line.baseline_mm, line.left_mm))
    return replace(reading, notes=tuple(notes), above=len(notes))


def region_of(fields: Sequence[Field]) -> Rect:
    """What is read of a sheet: all fields, and a little around them."""
    left, top = min(field.left_mm for field in fields), min(field.top_mm for field in fields)
    right, bottom = max(field.right_mm for field in fields), max(field.bottom_mm for field in fields)
    return Rect(
        max(0.0, left - 2), max(0.0, top - 2), min(A4_WIDTH_MM, right + _RIGHT_MM), min(A4_HEIGHT_MM, bottom + 3)
    )


def choose_form(
    lines: Sequence[TextLine], forms: Sequence[AddressForm], fields: Mapping[AddressForm, Field] = FIELDS
) -> WindowReading:
    """The form whose zone holds a complete address. `lines`: of all fields, top to bottom."""
    found = [found for form in forms if (found := _candidate(lines, form, fields[form])) is not None]
    if not found:
        code, detail = _why_not(lines, [fields[form] for form in forms])
        return WindowReading(None, None, detail, code=code)
    found.sort(key=lambda candidate: (candidate.penalty, forms.index(candidate.form)))
    best = found[0]
    if any(_contradicts(best, other) for other in found[1:]) or _has_address(best.notes, best.lines[0].size_mm):
        detail = "Im Anschriftfeld stehen zwei verschiedene Anschriften."
        return WindowReading(None, None, detail, code="address-ambiguous")
    return WindowReading(best.form, best.address, None, len(best.notes), None, best.lines, best.notes)


def _contradicts(best: _Candidate, other: _Candidate) -> bool:
    """Whether another form holds as good an address, and not only another part of the same."""
    short, long = sorted((best.address.lines, other.address.lines), key=len)
    same = long[len(long) - len(short) :] == short
    return not same and other.penalty - best.penalty < _DOUBT


def _has_address(notes: Sequence[TextLine], size_mm: float) -> bool:
    """Whether the lines over an address hold another one of its size; senders of several lines are set smaller."""
    large = [line for line in notes if line.size_mm >= SMALL * size_mm]
    return any(isinstance(parse_address([line.text for line in block]), PostalAddress) for block in _blocks(large))


def _last_left_mm(fields: Sequence[Field]) -> float:
    return max(field.left_mm for field in fields) + _LAST_LEFT_MM


def _in_zone(lines: Sequence[TextLine], top_mm: float, bottom_mm: float) -> list[TextLine]:
    return [line for line in lines if top_mm <= line.middle_mm < bottom_mm]


def _zone(lines: Sequence[TextLine], field: Field) -> list[TextLine]:
    return _in_zone(lines, field.boundary_mm - _TOLERANCE_MM, field.bottom_mm + _TOLERANCE_MM)


def _candidate(lines: Sequence[TextLine], form: AddressForm, field: Field) -> _Candidate | None:
    """The address in a form's zone, with a penalty for everything that speaks for the other form.

    That is: address-like lines directly over the zone (the other form's address reaches into it), a sender's line or
    an endorsement inside the zone, and empty lines between the boundary and the address.
    """
    boundary_mm = field.boundary_mm - _TOLERANCE_MM
    zone = [line for line in _zone(lines, field) if line.readable]
    for run in (part for whole in _runs(zone) for part in _beginnings(whole)):
        size_mm = run[-1].size_mm
        begin = next((i for i, line in enumerate(run) if not _is_extra(line, size_mm)), len(run))
        block = run[begin:]
        address = parse_address([line.text for line in block])
        if not (_MIN_LINES <= len(block) <= _MAX_LINES and isinstance(address, PostalAddress)):
            continue
        over = _in_zone(lines, field.top_mm - _TOLERANCE_MM, boundary_mm)
        late = (block[0].middle_mm - field.boundary_mm) / _LINE_MM - 1.0
        penalty = _touching(over, block[0]) + begin + 0.25 * max(0.0, late)
        return _Candidate(form, address, (*over, *run[:begin]), tuple(block), penalty)
    return None


def _runs(lines: Sequence[TextLine]) -> list[list[TextLine]]:
    """Lines parted where a gap is wider than one blank line."""
    runs: list[list[TextLine]] = [[lines[0]]] if lines else []
    for before, line in pairwise(lines):
        if line.baseline_mm - before.baseline_mm > _BREAK_EM * max(before.size_mm, line.size_mm):
            runs.append([])
        runs[-1].append(line)
    return runs


def _beginnings(run: Sequence[TextLine]) -> Iterator[Sequence[TextLine]]:
    """A run, and what of it stands above its blank lines: a reference below an address doesn't belong to it."""
    yield run
    for index in range(len(run) - 1, 0, -1):
        if run[index].baseline_mm - run[index - 1].baseline_mm > _NEXT_LINE_EM * run[index - 1].size_mm:
            yield run[:index]


def _is_extra(line: TextLine, address_size_mm: float) -> bool:
    """Whether a line is the sender's or an endorsement: smaller than the address, or by what it says."""
    small = line.size_mm < SMALL * address_size_mm
    return small or _is_over_addresses(line.text)


def _is_over_addresses(text: str) -> bool:
    """Whether a line is a sender's or an endorsement by what it says."""
    return is_sender(text) or endorsement_of(text) is not None


def _touching(over: Sequence[TextLine], first: TextLine) -> int:
    """How many lines above the zone look as if they began the address."""
    count, below = 0, first
    for line in reversed(over):
        near = below.baseline_mm - line.baseline_mm <= _NEXT_LINE_EM * below.size_mm
        if not near or _is_extra(line, first.size_mm):
            break
        count, below = count + 1, line
    return count


_NOT_READABLE = "Der Text im Anschriftfeld ist nicht lesbar: Seine Schrift ordnet den Zeichen keine Buchstaben zu."


def _why_not(lines: Sequence[TextLine], fields: Sequence[Field]) -> tuple[str, str]:
    """Code and sentence where no zone holds an address."""
    zone = max((_begun(lines, field) for field in fields), key=len, default=[])
    if not zone:
        return "address-not-found", "Im Anschriftfeld steht kein Text."
    if any(not line.readable for line in zone) or looks_garbled([line.text for line in zone]):
        return UNREADABLE, _NOT_READABLE
    size_mm = zone[-1].size_mm
    own = [line for line in zone if not _is_extra(line, size_mm)]
    if any(_is_too_long(run) for run in _runs(own)):
        return "address-too-many-lines", "Im Anschriftfeld stehen mehr als sechs Zeilen."
    problem = parse_address([line.text for line in own])
    if isinstance(problem, PostalAddress):
        return "address-incomplete", "Im Anschriftfeld stehen Zeilen, aber keine vollständige Anschrift."
    return _PROBLEM_CODES[problem.code], f"Anschriftfeld: {problem.sentence}"


def _begun(lines: Sequence[TextLine], field: Field) -> list[TextLine]:
    """The lines of a zone if they begin in its upper half; what begins further down belongs to the letter below."""
    zone = _zone(lines, field)
    return zone if zone and zone[0].middle_mm < (field.boundary_mm + field.bottom_mm) / 2 else []


def _is_too_long(run: Sequence[TextLine]) -> bool:
    return len(run) > _MAX_LINES


def _has_ink(page: pdfium.PdfPage, fields: Sequence[Field]) -> bool:
    return occupied(page, [field.address_zone for field in fields]) is not None


def _elsewhere(page: pdfium.PdfPage, fields: Sequence[Field]) -> WindowReading | None:
    """An address near the fields, but not inside them; sizes and places are for the sentence only."""
    top_mm = max(_HEAD_MM, min(field.top_mm for field in fields) - _ABOVE_MM)
    bottom_mm = min(A4_HEIGHT_MM, max(field.bottom_mm for field in fields) + _BELOW_MM)
    near = Rect(10.0, top_mm, 120.0, bottom_mm)
    for block in _blocks(lines_of(printed_glyphs(page, read_glyphs(page, near)))):
        if not any(_zone(block, field) == block for field in fields) and isinstance(
            parse_address([line.text for line in block]), PostalAddress
        ):
            place = f"{block[0].left_mm:.0f} mm vom linken und {block[0].middle_mm:.0f} mm vom oberen Rand"
            detail = f"Eine Anschrift steht außerhalb des Anschriftfeldes; sie beginnt {place}."
            return WindowReading(None, None, detail, code="address-outside-window")
    return None


def _blocks(lines: Sequence[TextLine]) -> Iterator[list[TextLine]]:
    """Lines that stand flush below each other at the usual distance, two to six of them."""
    block: list[TextLine] = []
    for line in lines:
        flush = block and abs(line.left_mm - block[-1].left_mm) < 1.0
        near = block and line.baseline_mm - block[-1].baseline_mm <= _NEXT_LINE_EM * line.size_mm
        if block and not (flush and near):
            if _MIN_LINES <= len(block) <= _MAX_LINES:
                yield block
            block = []
        if line.readable:
            block.append(line)
    if _MIN_LINES <= len(block) <= _MAX_LINES:
        yield block
