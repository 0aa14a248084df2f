"""Every page becomes a fresh A4 sheet side that holds the original as one isolated form, and nothing else.

Boxes, rotation, user unit and offset are worked into one matrix; annotations and fields are flattened, layers are
decided; scripts, actions, links and what does not print stay behind. What the original does to the graphics state ends
with its form, so marks can be drawn over it safely. Runs in a confined child.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

from pipeline.adapters.letters.annotations import Appearance, PrintedAnnotations, box_of, comment_lost
from pipeline.adapters.letters.expansion import DrawnForms, used_entries
from pipeline.adapters.letters.font_programs import FontShelf
from pipeline.adapters.letters.layers import LAYER_MARK, Layers
from pipeline.adapters.letters.missing_fonts import MissingFonts
from pipeline.adapters.letters.overhang import Overhang, overhang_of
from pipeline.adapters.letters.page_tree import HandedDown, inherited, pages_between
from pipeline.adapters.letters.passengers import Passengers
from pipeline.adapters.letters.placement import (
    A4_HEIGHT_PT,
    A4_WIDTH_PT,
    LETTER_BOX,
    Box,
    Frame,
    Matrix,
    by_rule,
    fitted_to_a4,
    is_turned,
    on_a4,
    operands,
    shown_box,
)
from pipeline.adapters.letters.source_pdf import check_warnings, refuse_damaged, translated
from pipeline.adapters.letters.wholeness import Wholeness
from pipeline.domain.errors import Rejected
from pipeline.domain.font_rules import FontRules
from pipeline.domain.page_rules import PageRules, SizeRule

_A4 = (0, 0, A4_WIDTH_PT, A4_HEIGHT_PT)
_DONE: dict[SizeRule, str] = {"centre": "centred", "top-left": "top-left", "scale": "scaled"}


def normalise_pages(source: pikepdf.Pdf, pages: Iterable[int], out: pikepdf.Pdf) -> None:
    """Fill `out`, an empty PDF, with pages of `source`, numbered from 1, each as a fresh A4 page at 1:1.

    Raises Rejected with the page: `page-size` unless it is A4 within 2 mm, `pdf-damaged`, `content-bomb`,
    `field-not-shown`, `comment-not-shown`.
    """
    normaliser = Normaliser(source, out)
    numbers = list(pages)
    first = min(numbers, default=1)
    found = pages_between(source, first, max(numbers, default=0))
    made: list[Object] = []
    for number in numbers:
        if number - first >= len(found):
            raise refuse_damaged(f"Seite {number} fehlt.", number)
        made.append(normaliser.normalised(found[number - first], number))
    bind_pages(out, made)


def bind_pages(out: pikepdf.Pdf, pages: Sequence[Object]) -> None:
    """Make pages of a Normaliser the pages of its output, which must have none yet."""
    node = out.Root.Pages
    if node.Count != 0:
        raise ValueError("the output has pages already")
    node.Kids = Array(pages)
    node.Count = len(pages)


def save_slice(out: pikepdf.Pdf, path: str) -> None:
    """Save a slice's PDF: same pages, same bytes."""
    out.save(
        path,
        deterministic_id=True,
        compress_streams=True,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
    )


class Normaliser:
    """Makes pages of one source into pages of one output; fonts and pictures that they share stay shared.

    The source must stay open until the output is saved. `rules`: what is done with pages that are not A4 upright.
    `fonts`: what is done with fonts that aren't embedded; None: they stay so.
    """

    def __init__(
        self, source: pikepdf.Pdf, out: pikepdf.Pdf, rules: PageRules | None = None, fonts: MissingFonts | None = None
    ) -> None:
        self._source = source
        self._rules = rules or PageRules()
        self._out = out
        self._annotations = PrintedAnnotations(source, fonts or MissingFonts(source, FontRules(), FontShelf()))
        self._layers = Layers(source)
        self._passengers = Passengers(source)
        self._drawn_forms = DrawnForms()
        self._wholeness = Wholeness(source, fonts)
        self._wholeness_of_returned = Wholeness(source)
        self._handed_down = HandedDown()
        self._contents: dict[bytes, Object] = {}
        self._remarks: set[str] = set()
        self._overhangs: list[tuple[int, Overhang]] = []

    def take_remarks(self) -> tuple[str, ...]:
        """What was done to pages since the last call: `annotations-flattened`, `annotation-not-shown`,
        `field-drawn`, `font-embedded`, `landscape-turned`, `layers-settled`, `a5-scaled` and its like; sorted."""
        remarks = tuple(sorted(self._remarks))
        self._remarks.clear()
        return remarks

    def take_overhangs(self) -> tuple[tuple[int, Overhang], ...]:
        """Pages made since the last call, by number in the source, of which something lies beyond the sheet."""
        overhangs = tuple(self._overhangs)
        self._overhangs.clear()
        return overhangs

    def normalised(self, page: Object, number: int) -> Object:
        """The page at 1:1 on A4. `number`: of the source page, for what is said of it.

        Raises Rejected: `page-size`, `pdf-damaged`, `content-bomb`, `font-not-embedded`, `field-not-shown`,
        `comment-not-shown`.
        """
        values = self._handed_down.to(page)
        frame = _frame(page, values, number)
        place = self._place(frame, number)
        if place is None:
            width, height = frame.size_mm
            detail = f"Seite {number} ist {width:.0f} × {height:.0f} mm groß."
            raise Rejected("page-size", detail, page=number)
        return self._sheet_side(self._letter(page, values, frame, number), place)

    def _place(self, frame: Frame, number: int) -> str | None:
        """Where a page goes by the job's rules; None where they refuse it."""
        size = None if frame.is_a4 or frame.is_a4_landscape else frame.other_size
        if size is not None:
            rule = self._rules.rule_of(size)
            matrix = by_rule(frame, rule)
            if matrix is not None:
                self._remarks.add(f"{size}-{_DONE[rule]}")
                over = overhang_of(frame, rule, turned=is_turned(frame))
                if over:
                    self._overhangs.append((number, over))
            return None if matrix is None else operands(matrix)
        if frame.is_a4_landscape:
            if self._rules.landscape == "refuse":
                return None
            self._remarks.add("landscape-turned")
        return _at_full_size(frame)

    def fitted(self, page: Object, number: int) -> Object:
        """The page scaled to A4, to be looked at by those who get it back. Any size and any font goes.

        Raises Rejected as `normalised` does, `page-size` and `font-not-embedded` excepted.
        """
        values = self._handed_down.to(page)
        frame = _frame(page, values, number)
        strict, self._wholeness = self._wholeness, self._wholeness_of_returned
        try:
            return self._sheet_side(self._letter(page, values, frame, number), operands(fitted_to_a4(frame)))
        finally:
            self._wholeness = strict

    def empty(self) -> Object:
        """An empty side, in the place of a page that cannot be read."""
        return self._page(Dictionary(), b"")

    def _sheet_side(self, letter: Object, matrix: str) -> Object:
        return self._page(Dictionary(XObject=Dictionary(Letter=letter)), f"q {matrix} cm /Letter Do Q\n".encode())

    def _page(self, resources: Dictionary, content: bytes) -> Object:
        page = Dictionary(
            Type=Name.Page,
            Parent=self._out.Root.Pages,
            MediaBox=Array(_A4),
            Resources=resources,
            Contents=self._shared_content(content),
        )
        return self._out.make_indirect(page)

    def _shared_content(self, content: bytes) -> Object:
        """Pages of one size are placed alike, by one stream."""
        made = self._contents.get(content)
        if made is None:
            made = self._contents[content] = self._out.make_stream(content)
        return made

    def _letter(self, page: Object, values: dict[str, Object], frame: Frame, number: int) -> Object:
        """The page's content as a form of the output."""
        try:
            form = self._form(page, values, frame.box)
            seen = self._annotations.of_page(page)
            for layer in seen.lost:
                if not self._layers.is_off(layer):
                    raise comment_lost()
                self._remarks.add("layers-settled")
            if seen.unseen:
                self._remarks.add("annotation-not-shown")
            if seen.has_drawn:
                self._remarks.add("field-drawn")
            if seen.appearances:
                self._remarks.add("annotations-flattened")
                for appearance in seen.appearances:
                    if self._wholeness.check_drawn(appearance.form):
                        self._remarks.add("font-embedded")
                form = self._flattened(form, seen.appearances, frame.box)
            for key in ("/Resources", "/Group"):
                if key in form:
                    self._passengers.leave_behind(form[key])
            copied = self._out.copy_foreign(form)
            check_warnings(self._source)
        except pikepdf.PikepdfError as error:
            raise _of_page(translated(error), number) from error
        except Rejected as error:
            raise _of_page(error, number) from error
        return copied

    def _form(self, page: Object, values: dict[str, Object], box: Box) -> Stream:
        resources = values.get("/Resources")
        if not isinstance(resources, Dictionary):
            resources = Dictionary()
        form, content = self._content(page)
        self._drawn_forms.check(resources, content)
        if self._wholeness.check(resources, content):
            self._remarks.add("font-embedded")
        _give_resources_to_old_forms(resources, content)
        self._look_for_layers(resources)
        settled = self._layers.settled(content, resources)
        if settled.is_changed:
            self._remarks.add("layers-settled")
        if settled.content is not None:
            form = self._source.make_stream(settled.content)
        form["/Type"] = Name.XObject
        form["/Subtype"] = Name.Form
        form["/BBox"] = Array([box.left, box.bottom, box.right, box.top])
        form["/Resources"] = resources
        group = page.get("/Group")
        if isinstance(group, Dictionary):
            form["/Group"] = _isolated(group)
        return form

    def _look_for_layers(self, drawn_with: Object) -> None:
        """Leave passengers behind, and see on the way whether there are layers that the catalog does not tell of."""
        self._passengers.leave_behind(drawn_with)
        if self._passengers.met_layers or self._wholeness.met_layers:
            self._layers.expect()

    def _content(self, page: Object) -> tuple[Stream, bytes]:
        """The content as one new stream of the source and unpacked. Where it was one stream, its packing is kept."""
        contents = page.get("/Contents")
        if isinstance(contents, Stream):
            content = self._wholeness.content(contents)
            kept = {key: contents[key] for key in ("/Filter", "/DecodeParms") if key in contents}
            return self._source.make_stream(contents.read_raw_bytes(), kept), content
        listed = list(contents) if isinstance(contents, Array) else []
        content = b"\n".join(self._wholeness.content(part) for part in listed if isinstance(part, Stream))
        return self._source.make_stream(content), content

    def _flattened(self, form: Stream, appearances: list[Appearance], box: Box) -> Stream:
        """A form that draws the page and then its annotations, each from a clean state."""
        objects = Dictionary(Page=form)
        lines = ["/Page Do"]
        for index, appearance in enumerate(appearances):
            self._look_for_layers(appearance.form)
            if self._layers.is_off(appearance.layer) or self._layers.is_off(appearance.form.get(LAYER_MARK)):
                self._remarks.add("layers-settled")
                continue
            if self._layers.settle_form(appearance.form):
                self._remarks.add("layers-settled")
            name = f"/Annotation{index}"
            appearance.form["/Subtype"] = Name.Form
            objects[name] = appearance.form
            lines.append(f"q {operands(appearance.matrix)} cm {name} Do Q")
        around = self._source.make_stream("\n".join(lines).encode())
        around["/Type"] = Name.XObject
        around["/Subtype"] = Name.Form
        around["/BBox"] = Array([box.left, box.bottom, box.right, box.top])
        around["/Resources"] = Dictionary(XObject=objects)
        return around


def _of_page(refusal: Rejected, number: int) -> Rejected:
    return Rejected(refusal.code, f"Seite {number}: {refusal.sentence}", refusal.remedy, page=number)


def _isolated(group: Dictionary) -> Dictionary:
    """A page's transparency group as a form's: a page group is always isolated (ISO 32000-1, 11.4.7)."""
    copy = Dictionary(Type=Name.Group, S=Name.Transparency, I=True)
    for key in ("/CS", "/K"):
        if key in group:
            copy[key] = group[key]
    return copy


@lru_cache(maxsize=64)  # the pages of a stack are of one size
def _at_full_size(frame: Frame) -> str | None:
    """The operands that put an A4 page onto the sheet at 1:1; None for other sizes."""
    matrix = on_a4(frame)
    return None if matrix is None else operands(matrix)


def sheet_matrix(page: Object, number: int, rules: PageRules) -> Matrix:
    """Where a page's content lands on the sheet, one that is refused included. Raises Rejected `pdf-damaged`."""
    frame = _frame(page, inherited(page), number)
    size = None if frame.is_a4 or frame.is_a4_landscape else frame.other_size
    placed = on_a4(frame) if size is None else by_rule(frame, rules.rule_of(size))
    return placed or fitted_to_a4(frame)


def _frame(page: Object, values: dict[str, Object], number: int) -> Frame:
    media = values.get("/MediaBox")
    media_box = box_of(media) if media is not None else LETTER_BOX
    rotate, unit = values.get("/Rotate", 0), page.get("/UserUnit", 1)
    try:
        quarter, points = int(rotate) % 360, float(unit)
        if media_box is None or quarter % 90:
            raise ValueError("boxes are four numbers, rotation is in quarters")
        box = shown_box(media_box, box_of(values.get("/CropBox")), box_of(page.get("/TrimBox")), points)
        return Frame(box, quarter, points)
    except (TypeError, ValueError) as error:
        raise refuse_damaged(f"Die Maße von Seite {number} sind nicht lesbar.", number) from error


def _give_resources_to_old_forms(resources: Dictionary, content: bytes) -> None:
    """Forms without resources of their own use the page's (PDF 1.1); name them, so that it stays so."""
    for form in used_entries(resources, "/XObject", content):
        if isinstance(form, Stream) and "/Resources" not in form and form.get("/Subtype") == Name.Form:
            own = Dictionary()
            for key in sorted(resources.keys()):
                if key != "/XObject":
                    own[key] = resources[key]
            form["/Resources"] = own
