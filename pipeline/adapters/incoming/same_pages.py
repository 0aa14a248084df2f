"""Proof from the objects themselves that a page is its source's page and a layer of invisible text, and nothing else.

What draws nothing can't change a look: where boxes, pictures and operators are the same bytes, there is no need to draw
both pages and compare them, which takes as long as decoding both pictures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pikepdf

_NUMBER = rb"-?(?:\d+\.?\d*|\.\d+)"
_STRING = rb"\((?:[^()\\]|\\[()\\])*+\)"
_STEP = (  # of `text_layer`: places, sizes, stretches, and words to show; nothing that shows them in another mode
    rb" (?:" + _NUMBER + rb" )+(?:Tw|Tz|Ts|Td|Tm)"
    rb"| /PstU?\d " + _NUMBER + rb" Tf"
    rb"|" + _STRING + rb"Tj"
    rb"|\[(?:" + _STRING + rb"|" + _NUMBER + rb")+\]TJ"
)
_LAYER = re.compile(rb" (?P<restored>Q )?BT 3 Tr(?:" + _STEP + rb")*+ ET", re.DOTALL)
_BOXES = ("/MediaBox", "/CropBox", "/UserUnit")
_UNLIKELY = ("/Annots", "/Group")  # of pages that a scanner made; others are drawn and compared
_FONT = re.compile(r"/PstU?\d")
_MOST_DEEP = 12


def proven_same(pdf: str, source: str, numbers: Sequence[int]) -> list[int]:
    """Those of the source's pages `numbers` (from 1) that stand in `pdf`, one by one, with nothing but a text layer."""
    with pikepdf.open(pdf) as after, pikepdf.open(source, suppress_warnings=True) as before:
        return [number for index, number in enumerate(numbers) if _same(after.pages[index], before.pages[number - 1])]


def _same(after: pikepdf.Page, before: pikepdf.Page) -> bool:
    try:
        return (
            not any(key in page.obj for key in _UNLIKELY for page in (after, before))
            and all(_equal(_inherited(after, key), _inherited(before, key)) for key in _BOXES)
            and _same_resources(_inherited(after, "/Resources"), _inherited(before, "/Resources"))
            and _same_operators(_streams(after.obj), _streams(before.obj))
        )
    except (pikepdf.PdfError, TypeError, ValueError, AttributeError):
        return False  # it may look the same all the same: whoever asks draws it


def _inherited(page: pikepdf.Page, key: str) -> pikepdf.Object | None:
    """A page's entry, or the one that it has from the nearest of its parents."""
    node: pikepdf.Object | None = page.obj
    for _step in range(_MOST_DEEP):
        if not isinstance(node, pikepdf.Dictionary):
            return None
        if key in node:
            return node[key]
        node = node.get("/Parent")
    return None


def _streams(page: pikepdf.Object) -> list[pikepdf.Object]:
    contents = page.get("/Contents")
    if contents is None:
        return []
    return list(contents) if isinstance(contents, pikepdf.Array) else [contents]


def _same_operators(after: Sequence[pikepdf.Object], before: Sequence[pikepdf.Object]) -> bool:
    """The same streams, the layer behind them, in one stream or of its own; perhaps between a save and a restore."""
    if [each.read_bytes() for each in after] == [each.read_bytes() for each in before]:
        return True
    if len(after) == 1 and before:
        whole, own_part = after[0].read_bytes(), b"\n".join(each.read_bytes() for each in before)
        layer = _LAYER.fullmatch(whole[len(own_part) :])
        return whole.startswith(own_part) and layer is not None and not layer["restored"]
    layer = _LAYER.fullmatch(after[-1].read_bytes())
    if layer is None:
        return False
    own = after[:-1]
    if layer["restored"]:
        if own[0].read_bytes() != b"q":
            return False
        own = own[1:]
    return [each.read_bytes() for each in own] == [each.read_bytes() for each in before]


def _same_resources(after: pikepdf.Object | None, before: pikepdf.Object | None) -> bool:
    mine, theirs = _entries(after), _entries(before)
    fonts, known = _entries(mine.pop("/Font", None)), _entries(theirs.pop("/Font", None))
    fonts = {name: font for name, font in fonts.items() if name in known or not _FONT.fullmatch(name)}
    mine.pop("/ProcSet", None)
    theirs.pop("/ProcSet", None)
    return (
        not _may_be_hidden(mine)
        and mine.keys() == theirs.keys()
        and fonts.keys() == known.keys()
        and all(_equal(mine[key], theirs[key]) for key in mine)
        and all(_equal(fonts[key], known[key]) for key in fonts)
    )


def _entries(value: pikepdf.Object | None) -> dict[str, pikepdf.Object]:
    return dict(value.items()) if isinstance(value, pikepdf.Dictionary) else {}


def _equal(one: pikepdf.Object | None, two: pikepdf.Object | None, deep: int = 0) -> bool:
    """Whether two objects are alike down to the bytes of their streams; too deep ones count as different."""
    if deep > _MOST_DEEP or type(one) is not type(two):
        return False
    if isinstance(one, pikepdf.Stream) and isinstance(two, pikepdf.Stream):
        return _equal_entries(one, two, deep) and one.read_raw_bytes() == two.read_raw_bytes()
    if isinstance(one, pikepdf.Dictionary) and isinstance(two, pikepdf.Dictionary):
        return _equal_entries(one, two, deep)
    if isinstance(one, pikepdf.Array) and isinstance(two, pikepdf.Array):
        return len(one) == len(two) and all(_equal(a, b, deep + 1) for a, b in zip(one, two, strict=True))
    return bool(one == two)


def _equal_entries(one: pikepdf.Object, two: pikepdf.Object, deep: int) -> bool:
    mine, theirs = dict(one.items()), dict(two.items())
    for entries in (mine, theirs):
        entries.pop("/Length", None)
    return (
        not _may_be_hidden(mine)
        and mine.keys() == theirs.keys()
        and all(_equal(mine[key], theirs[key], deep + 1) for key in mine)
    )


def _may_be_hidden(entries: Mapping[str, pikepdf.Object]) -> bool:
    """Whether something belongs to a layer, or its operators may: whether that is shown, the file says elsewhere."""
    return "/OC" in entries or "/Properties" in entries
