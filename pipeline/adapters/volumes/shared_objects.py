"""What several letters share stands once in a volume: fonts, images, whole pages of an attachment.

Objects are copied from their source from the leaves up. Two are one where their raw bytes and their dictionaries are
equal after their children were made one, so nothing is ever joined that is not equal all the way down. Objects that
refer to each other in a circle, or nest deeper than `_DEEPEST`, are copied as they are.

The copying is done here and not by qpdf's own function, which first walks over all pages of a source: a volume
takes few letters from each of hundreds of sources.
"""

from __future__ import annotations

import hashlib
import zlib
from typing import cast

import pikepdf

_DEEPEST = 60
_LARGE_BYTES = 32 * 1024


def _packed(data: bytes) -> bytes:
    """Deflated by tables of a few kilobytes: a sheet's marks need no larger ones, and clearing those takes longer."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 12, 5)
    return packer.compress(data) + packer.flush()


class SharedObjects:
    """The objects of `out`, each distinct one once.

    The bytes of streams are held in memory until `memory_bytes` are used up. From then on large ones stay in their
    source, which must remain open until `out` is saved; see `SourceCopies.needs_source`.
    """

    def __init__(self, out: pikepdf.Pdf, memory_bytes: int) -> None:
        self._out = out
        self._left_bytes = memory_bytes
        self._by_digest: dict[bytes, pikepdf.Object] = {}
        self._contents: dict[bytes, pikepdf.Object] = {}

    def content(self, data: bytes) -> pikepdf.Object:
        """A content stream; the same `data` gives the same stream."""
        stream = self._contents.get(data)
        if stream is None:
            stream = self._contents[data] = self._out.make_stream(_packed(data))
            stream.Filter = pikepdf.Name.FlateDecode
        return stream

    def container(self, made: pikepdf.Object, text: bytes) -> pikepdf.Object:
        """The indirect object that equals `made`, an array or dictionary written as `text`."""
        digest = hashlib.sha256(b"c" + text).digest()
        same = self._by_digest.get(digest)
        if same is None:
            same = self._by_digest[digest] = self._out.make_indirect(made)
        return same

    def stream(self, how: pikepdf.Dictionary, foreign: pikepdf.Object) -> tuple[pikepdf.Object, bool]:
        """The stream that has the bytes of `foreign` and the dictionary `how`; and whether its source is needed."""
        if "/Length" in how:
            del how["/Length"]
        raw = foreign.read_raw_bytes()
        text = how.unparse()
        digest = hashlib.sha256(b"s%d\0%b%b" % (len(text), text, raw)).digest()
        same = self._by_digest.get(digest)
        if same is not None:
            return same, False
        stays = len(raw) > self._left_bytes and len(raw) >= _LARGE_BYTES
        if stays:
            made = self._out.copy_foreign(foreign)
        else:
            made = self._out.make_stream(raw)
            self._left_bytes -= len(raw)
        made.stream_dict = how
        self._by_digest[digest] = made
        return made, stays

    def untouched(self, foreign: pikepdf.Object) -> pikepdf.Object:
        """A copy of `foreign` and all it refers to, nothing joined; its source is needed."""
        return self._out.copy_foreign(foreign)


class _Knotted(Exception):
    """An object refers back to itself, or nests too deep."""


class SourceCopies:
    """Copies of one source's objects. `needs_source`: the source must remain open until the output is saved."""

    def __init__(self, shared: SharedObjects) -> None:
        self.shared = shared
        self.needs_source = False
        self._copied: dict[tuple[int, int], pikepdf.Object] = {}
        self._under_way: set[tuple[int, int]] = set()
        self._direct: dict[bytes, pikepdf.Object] = {}

    def adopt(self, foreign: pikepdf.Object) -> pikepdf.Object:
        """The output's object that equals the source's indirect object `foreign`."""
        try:
            return self._copy(foreign)
        except _Knotted:
            self._under_way.clear()
            self.needs_source = True
            copy = self._copied[foreign.objgen] = self.shared.untouched(foreign)
            return copy

    def _copy(self, foreign: pikepdf.Object) -> pikepdf.Object:
        place = foreign.objgen
        known = self._copied.get(place)
        if known is not None:
            return known
        if place in self._under_way or len(self._under_way) > _DEEPEST:
            raise _Knotted
        self._under_way.add(place)
        if isinstance(foreign, pikepdf.Stream):
            how = cast(pikepdf.Dictionary, self._rebuilt(foreign.stream_dict, foreign.stream_dict.unparse()))
            copy, needs_source = self.shared.stream(how, foreign)
            self.needs_source |= needs_source
        else:
            made = self._rebuilt(foreign, foreign.unparse(resolved=True))
            copy = self.shared.container(made, made.unparse())
        self._under_way.remove(place)
        self._copied[place] = copy
        return copy

    def _rebuilt(self, container: pikepdf.Object, text: bytes) -> pikepdf.Object:
        """A direct copy, what it refers to copied first. Without references, its text says it all."""
        if b" R" in text and isinstance(container, pikepdf.Array):
            return pikepdf.Array([self._child(child) for child in container])
        if b" R" in text and isinstance(container, pikepdf.Dictionary):
            return pikepdf.Dictionary({key: self._child(child) for key, child in container.items()})
        return pikepdf.Object.parse(text)

    def _child(self, child: object) -> object:
        if not isinstance(child, pikepdf.Object):
            return child
        if child.is_indirect:
            return self._copy(child)
        text = child.unparse()
        copy = self._direct.get(text)
        if copy is None:
            copy = self._direct[text] = self._rebuilt(child, text)
        return copy
