"""Invisible text that somebody else laid over a scanned page: taken out, from its forms too."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace
from typing import TypeGuard

import pikepdf
from pikepdf import Dictionary, Name

Step = pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage
_HIDDEN_MODE = 3  # 7 clips what is drawn after it: taking it away would change the picture
_SHOWING = {"Tj", "TJ", "'", '"'}
_MOST_DEEP = 16
_PACKING = ("/Length", "/Filter", "/DecodeParms", "/Resources")


def copied(value: pikepdf.Object | None) -> pikepdf.Dictionary:
    """A dictionary of its own with the same entries; pages may share the original."""
    copy = Dictionary()
    if isinstance(value, pikepdf.Dictionary):
        for key, item in value.items():
            copy[key] = item
    return copy


@dataclass
class _Drawn:
    """What is left of a page's or form's operators.

    `dropped`: hidden text was taken out, here or in a form; `shows`: other text is left that needs the fonts here.
    `forms`: those that are drawn instead, by their new names; `replaced`: names of those that they stand for.
    """

    steps: list[Step] = field(default_factory=list)
    dropped: bool = False
    shows: bool = False
    forms: dict[str, pikepdf.Object] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Around:
    """Where operators find what they name. `owner`: of these resources, a page or form; `deep`: forms around."""

    resources: pikepdf.Dictionary
    owner: tuple[int, int]
    deep: int = 0


class HiddenText:
    """Takes hidden text out of pages of one file. Forms that pages share are copied once, and shared again."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._made: dict[tuple[tuple[int, int], tuple[int, int], bool], pikepdf.Object | None] = {}

    def drop(self, page: pikepdf.Object) -> bool:
        """Take out text that is shown in an invisible mode, and fonts that then show nothing; all else stays.

        Returns whether there was such text.
        """
        resources = page.get("/Resources")
        if not isinstance(resources, pikepdf.Dictionary) or not _has_fonts(resources):
            return False
        drawn = self._without(page, _Around(resources, page.objgen), hidden=False)
        if drawn.dropped or ("/Font" in resources and not drawn.shows):
            page.Resources = _fitting(resources, drawn)
            page.Contents = self._pdf.make_stream(_operators(drawn), Filter=Name.FlateDecode)
        return drawn.dropped

    def _without(self, owner: pikepdf.Object, around: _Around, *, hidden: bool) -> _Drawn:
        """The owner's steps without hidden text; `hidden`: text is hidden where they begin."""
        drawn = _Drawn()
        saved: list[bool] = []
        for step in pikepdf.parse_content_stream(owner):
            operator = str(step.operator)
            if operator == "q":
                saved.append(hidden)
            elif operator == "Q" and saved:
                hidden = saved.pop()
            elif operator == "Tr" and step.operands:
                hidden = int(step.operands[0]) == _HIDDEN_MODE
            elif operator in _SHOWING and hidden:
                drawn.dropped = True
                continue
            drawn.shows = drawn.shows or operator in _SHOWING
            drawn.steps.append(self._form_step(step, around, drawn, hidden) if operator == "Do" else step)
        return drawn

    def _form_step(self, step: Step, around: _Around, drawn: _Drawn, hidden: bool) -> Step:
        """The step that draws a form, or that draws the form without its hidden text."""
        name = str(step.operands[0]) if step.operands else ""
        form = copied(around.resources.get("/XObject")).get(name) if name.startswith("/") else None
        if not _is_form(form):
            return step
        if not isinstance(form.get("/Resources"), pikepdf.Dictionary):
            drawn.shows = True  # its fonts are those from here
        made = self._form(form, around, hidden)
        if made is None:
            return step
        new = f"{name}-{'hidden' if hidden else 'shown'}"  # in another mode, something else is left of the same form
        while new in around.resources.XObject:
            new += "-"
        drawn.dropped = True
        drawn.forms[new] = made
        drawn.replaced.add(name)
        return pikepdf.ContentStreamInstruction([Name(new)], pikepdf.Operator("Do"))

    def _form(self, form: pikepdf.Object, outer: _Around, hidden: bool) -> pikepdf.Object | None:
        """A copy of the form without hidden text; None where it has none."""
        own = form.get("/Resources")
        around = _Around(own, form.objgen) if isinstance(own, pikepdf.Dictionary) else outer
        around = replace(around, deep=outer.deep + 1)
        key = (form.objgen, around.owner, hidden)
        if key not in self._made and around.deep <= _MOST_DEEP and _has_fonts(around.resources):
            self._made[key] = None  # what is drawn inside itself is not followed
            try:
                drawn = self._without(form, around, hidden=hidden)
            except (pikepdf.PdfError, TypeError, ValueError):
                return None  # whatever it draws stays
            self._made[key] = self._copy(form, around, drawn) if drawn.dropped else None
        return self._made.get(key)

    def _copy(self, form: pikepdf.Object, around: _Around, drawn: _Drawn) -> pikepdf.Object:
        copy = self._pdf.make_stream(_operators(drawn), Filter=Name.FlateDecode)
        for entry, value in form.items():
            if entry not in _PACKING:
                copy[entry] = value
        copy.Resources = _fitting(around.resources, drawn)
        return copy


def _is_form(item: pikepdf.Object | None) -> TypeGuard[pikepdf.Stream]:
    return isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Form"


def _has_fonts(resources: pikepdf.Object | None) -> bool:
    """Whether these resources name fonts, or those of a form among them do."""
    seen: set[tuple[int, int]] = set()
    waiting = [resources]
    while waiting:
        item = waiting.pop()
        if not isinstance(item, pikepdf.Dictionary):
            continue
        if "/Font" in item:
            return True
        forms = [form for form in copied(item.get("/XObject")).values() if _is_form(form) and form.objgen not in seen]
        seen.update(form.objgen for form in forms)
        waiting += [form.get("/Resources") for form in forms]
    return False


def _fitting(resources: pikepdf.Dictionary, drawn: _Drawn) -> pikepdf.Dictionary:
    """The resources with the new forms, without those that they stand for and without fonts that show nothing."""
    fitting = copied(resources)
    if not drawn.shows and "/Font" in fitting:
        del fitting["/Font"]
    if drawn.forms:
        used = {str(step.operands[0]) for step in drawn.steps if str(step.operator) == "Do" and step.operands}
        xobjects = copied(resources.get("/XObject"))
        for name in sorted(drawn.replaced - used):
            del xobjects[name]
        for name, form in drawn.forms.items():
            xobjects[name] = form
        fitting.XObject = xobjects
    return fitting


def _operators(drawn: _Drawn) -> bytes:
    kept = drawn.steps if drawn.shows else [step for step in drawn.steps if str(step.operator) != "Tf"]
    return zlib.compress(pikepdf.unparse_content_stream(kept), 9)
