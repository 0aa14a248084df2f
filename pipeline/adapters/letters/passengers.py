"""Leaves behind what the objects that a page draws with carry besides: embedded files, metadata, editors' own data.

PDF lets a picture, a form, a font or a section of content have files (ISO 32000-2, 14.13), metadata and private data of
programs of their own, a picture to take in its place when printed (8.9.5.4), or a reference to another document's page
(8.10.4). None of it is shown by the page; in a batch it would go to whoever handles the batch, and a printer might
print something else than what was looked at.
"""

from __future__ import annotations

import re

import pikepdf
from pikepdf import Array, Dictionary, Object, Stream

_FILES = frozenset({"/AF", "/MCAF", "/EF", "/RF"})
_NOTES = frozenset({"/Metadata", "/PieceInfo", "/LastModified", "/StructParent", "/StructParents"})
_REPLACEMENTS = frozenset({"/OPI", "/Ref", "/Alternates"})
_LEFT_BEHIND = _FILES | _NOTES | _REPLACEMENTS
# Dictionaries whose keys are names that somebody chose.
_OF_NAMES = frozenset(
    {
        "/XObject",
        "/Font",
        "/Pattern",
        "/Shading",
        "/ColorSpace",
        "/ExtGState",
        "/Properties",
        "/CharProcs",
        "/Colorants",
    }
)
# What says that something belongs to a layer, or is one (8.11).
_OF_LAYERS = re.compile(rb"/OC(?:G|MD)?[ \]>/]")
_SUSPICIOUS = re.compile(b"(?:%b) " % b"|".join(key.encode() for key in sorted(_LEFT_BEHIND)))
_REFERENCE = re.compile(rb"(?:(/[^\s/\[\]()<>{}%]+) )?([0-9]+) ([0-9]+) R\b")


def carries_files(found: Object) -> bool:
    """Whether an object of a file is an embedded file, or leads to one from what it belongs to."""
    if isinstance(found, Stream):
        return "/AF" in found or found.get("/Type") == pikepdf.Name.EmbeddedFile
    return isinstance(found, Dictionary) and ("/EF" in found or "/AF" in found or "/MCAF" in found)


class Passengers:
    """The objects of one source, each looked at once, however many pages share it.

    They are read as text, in which references are found quickly; only the few that name a passenger are taken apart.
    """

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._clean: set[tuple[int, int]] = set()
        self._clean_texts: set[bytes] = set()
        self.met_layers = False

    def leave_behind(self, drawn_with: Object) -> None:
        """Take out of resources, a group or a form, and of all that they lead to, what is not shown.

        Treated in place. Whatever of layers is met on the way stays, and is told by `met_layers` from then on.
        """
        text = drawn_with.unparse()
        if text in self._clean_texts:  # pages name their fonts and pictures alike
            return
        if _SUSPICIOUS.search(text) is not None:
            _strip(drawn_with, is_of_names=False)
            text = drawn_with.unparse()
        self._clean_texts.add(text)
        waiting = self._unseen(text)
        self._notice(text)
        while waiting:
            found, is_of_names = waiting.pop()
            text = _text(found)
            self._notice(text)
            if _SUSPICIOUS.search(text) is not None:
                _strip(found, is_of_names=is_of_names)
                text = _text(found)
            waiting += self._unseen(text)

    def _notice(self, text: bytes) -> None:
        self.met_layers = self.met_layers or _OF_LAYERS.search(text) is not None

    def _unseen(self, text: bytes) -> list[tuple[Object, bool]]:
        """What a text refers to and was not looked at before, and whether that is a dictionary of names."""
        unseen = []
        for key, number, generation in _REFERENCE.findall(text):
            place = (int(number), int(generation))
            if place not in self._clean:
                self._clean.add(place)
                unseen.append((self._pdf.get_object(*place), key.decode("latin-1") in _OF_NAMES))
        return unseen


def _text(found: object) -> bytes:
    """An object as text; empty for numbers and words, which lead nowhere."""
    if not isinstance(found, (Array, Dictionary, Stream)):
        return b""
    return found.stream_dict.unparse() if isinstance(found, Stream) else found.unparse(resolved=True)


def _strip(holder: Object, *, is_of_names: bool) -> None:
    """Take passengers out of an object and of what stands in it directly."""
    waiting = [(holder, is_of_names)]
    while waiting:
        found, is_of_names = waiting.pop()
        if isinstance(found, Array):
            waiting += [(child, False) for child in found if _stands_in(child)]
        elif isinstance(found, (Dictionary, Stream)):
            for key in sorted(found.keys()):
                if key in _LEFT_BEHIND and not is_of_names:
                    del found[key]
                elif _stands_in(found[key]):
                    waiting.append((found[key], key in _OF_NAMES and not is_of_names))


def _stands_in(child: object) -> bool:
    return isinstance(child, (Array, Dictionary)) and not child.is_indirect
