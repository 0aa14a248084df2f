"""Takes control lines off pages: the operators that show them go, so that their text is in no printed file.

A white box over it would leave it in the file, and a copier's driver, a search or a colour proof would show it. The
bytes of the content are kept as they are, but for what shows the line. Where that can't be done the letter goes back
with `control-line-stays`; that it was done right is proven in `control_line_proof`. Runs in a confined child.
"""

from __future__ import annotations

from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Object, Stream

from pipeline.adapters.letters.content_scan import instructions
from pipeline.adapters.letters.drawn_text import SHOWING, TextWalk
from pipeline.adapters.letters.normalise import sheet_matrix
from pipeline.adapters.letters.page_tree import inherited
from pipeline.adapters.letters.placement import A4_HEIGHT_PT, Matrix, mapped
from pipeline.domain.errors import Rejected
from pipeline.domain.geometry import MM_PER_POINT, Rect
from pipeline.domain.pages import LetterRange
from pipeline.domain.profiles import OutgoingRules
from pipeline.domain.split_rules import SplitRules

Cut = tuple[int, int, bytes]  # from, to, what stands there instead


@dataclass(frozen=True, slots=True)
class Struck:
    """A page of which there is something to prove: its number in the stream, whether something was taken off it, and
    the fingerprint of what else stood on it, where somebody looked."""

    number: int
    touched: bool
    rest: str | None


class ControlLineRemoval:
    """Takes the control lines off pages of one source. `struck`: what is to be proven, by place in the slice from 0."""

    def __init__(self, source: pikepdf.Pdf, rules: OutgoingRules) -> None:
        self._source = source
        self._pages = rules.pages
        self._rules = rules.split
        self.struck: dict[int, Struck] = {}

    def strike(self, page: Object, letter: LetterRange, offset: int, place: int) -> None:
        """Take the control line, if there is one, off a page of a letter. `place`: of the page in the slice, from 0.

        A page on which none was seen when the stream was looked at is left alone, and only looked at again where more
        is drawn on it than was seen then.
        Raises Rejected `control-line-stays`, or `pdf-damaged` where the page's boxes can't be read.
        """
        seen = letter.control_lines
        rest = next((line.rest for line in seen or () if line.offset == offset), None)
        number = letter.first_page + offset
        if seen is not None and rest is None and "/Annots" not in page:
            return
        self.struck[place] = Struck(number, False, rest)
        sheet = sheet_matrix(page, number, self._pages)
        try:
            content = _bytes_of(page)
            cuts = _cuts(content, inherited(page).get("/Resources"), sheet, self._rules)
        except (pikepdf.PdfError, ValueError, TypeError, IndexError) as error:
            raise _stays(number) from error
        if cuts:
            self.struck[place] = Struck(number, True, rest)
            page["/Contents"] = self._source.make_stream(_without(content, cuts))


def _bytes_of(page: Object) -> bytes:
    """The content of a page, unpacked."""
    contents = page.get("/Contents")
    streams = [contents] if isinstance(contents, Stream) else list(contents) if isinstance(contents, Array) else []
    return b"\n".join(each.read_bytes() for each in streams if isinstance(each, Stream))


def _stays(number: int) -> Rejected:
    sentence = f"Seite {number}: Die Steuerzeile hängt mit anderem Inhalt zusammen."
    return Rejected("control-line-stays", sentence, page=number)


def _without(content: bytes, cuts: list[Cut]) -> bytes:
    parts, at = [], 0
    for first, end, instead in sorted(cuts):
        parts += [content[at:first], instead]
        at = end
    return b"".join([*parts, content[at:]])


def _cuts(content: bytes, resources: Object | None, sheet: Matrix, rules: SplitRules) -> list[Cut]:
    """Where the content shows text that stands in the region.

    Raises ValueError where text that stays would move because of it.
    """
    walk = TextWalk(resources if isinstance(resources, Dictionary) else Dictionary())
    cuts: list[Cut] = []
    marked: list[Cut | None] = []  # the marked content that is open; None: it stays as it is
    gone, any_ink = False, rules.ink == "any"
    for operator, operands, first, end in instructions(content):
        if operator in SHOWING:
            walk.take(operator, operands)
            if walk.placed:
                gone = (any_ink or walk.hidden) and _is_inside(walk, sheet, rules.place)
            elif gone and not (any_ink or walk.hidden):
                raise ValueError("text that stays follows text that goes, on one line")
            walk.shown()
            if gone:
                cuts.append((first, end, _moves_only(operator, operands)))
                cuts += [opening for opening in marked if opening is not None and opening not in cuts]
        elif operator in (b"BDC", b"BMC"):
            # Its properties may say in words what was shown (/ActualText, /Alt); a layer's name does not.
            told = operator == b"BDC" and operands.split()[:1] != [b"/OC"]
            marked.append((first, end, b"\n/Span BMC\n") if told else None)
        elif operator == b"EMC":
            del marked[-1:]
        else:
            walk.take(operator, operands)
    return cuts


def _is_inside(walk: TextWalk, sheet: Matrix, region: Rect) -> bool:
    x, y = mapped(sheet, *walk.position)
    x_mm, y_mm = x * MM_PER_POINT, (A4_HEIGHT_PT - y) * MM_PER_POINT
    return region.left_mm <= x_mm <= region.right_mm and region.top_mm <= y_mm <= region.bottom_mm


def _moves_only(operator: bytes, operands: bytes) -> bytes:
    """What an operator that shows text does beside showing it."""
    if operator == b'"':
        word, character, *_ = operands.split()
        return b"\n%b Tw %b Tc T*\n" % (word, character)
    return b"\nT*\n" if operator == b"'" else b"\n"
