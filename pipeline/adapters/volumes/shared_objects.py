"""What several letters share stands once in a volume: fonts, images, whole pages of an attachment.

Objects are copied from their source and settled from the leaves up: two are one where their raw bytes and their
dictionaries are equal after their children were settled. An object that takes part in a cycle, or lies deeper than
`_DEEPEST`, keeps its own copy, so nothing is ever joined that is not equal all the way down.
"""

from __future__ import annotations

import hashlib
import re
import zlib

import pikepdf

_DEEPEST = 60
_LAZY_FROM_BYTES = 32 * 1024
_REFERENCE = re.compile(rb"([0-9]+) ([0-9]+) R")


class SharedObjects:
    """Copies objects of other files into `out`, each distinct one once.

    `detach`: whether the bytes of streams are copied at once, so that their source may be closed. They are held in
    memory until `memory_bytes` are used up; from then on large ones stay in their source, and so does everything
    while `detach` is off. `needs_source` tells so: that source must remain open until `out` is saved.
    """

    def __init__(self, out: pikepdf.Pdf, memory_bytes: int) -> None:
        self._out = out
        self._left_bytes = memory_bytes
        self._settled: dict[tuple[int, int], pikepdf.Object] = {}
        self._kept: set[tuple[bytes, bytes]] = set()
        self._by_digest: dict[bytes, pikepdf.Object] = {}
        self._direct: dict[bytes, pikepdf.Object] = {}
        self._contents: dict[bytes, pikepdf.Object] = {}
        self.detach = True
        self.needs_source = False

    def adopt(self, foreign: pikepdf.Object) -> pikepdf.Object:
        """The object of `out` that equals the indirect object `foreign` of another file."""
        return self._settle(self._out.copy_foreign(foreign), 0)

    def content(self, data: bytes) -> pikepdf.Object:
        """A content stream of `out`; the same `data` gives the same stream."""
        stream = self._contents.get(data)
        if stream is None:
            stream = self._contents[data] = self._out.make_stream(zlib.compress(data, 1))
            stream.Filter = pikepdf.Name.FlateDecode
        return stream

    def _settle(self, thing: pikepdf.Object, depth: int) -> pikepdf.Object:
        place = thing.objgen
        known = self._settled.get(place)
        if known is not None or depth > _DEEPEST:
            return thing if known is None else known
        self._settled[place] = thing  # on a cycle, the way back finds this copy itself
        is_stream = isinstance(thing, pikepdf.Stream)
        container = thing.stream_dict if is_stream else thing
        text = container.unparse(resolved=True)
        if not self._kept.issuperset(_REFERENCE.findall(text)):
            self._settle_children(container, depth + 1)
            text = container.unparse(resolved=True)
        raw = thing.read_raw_bytes() if is_stream else b""
        digest = hashlib.sha256(b"%d %d\0%b\0%b" % (is_stream, len(text), text, raw)).digest()
        same = self._by_digest.get(digest)
        if same is None:
            same = self._by_digest[digest] = thing
            self._kept.add((b"%d" % place[0], b"%d" % place[1]))
            if is_stream:
                self._hold(thing, raw)
        self._settled[place] = same
        return same

    def _settle_children(self, container: pikepdf.Object, depth: int) -> None:
        if isinstance(container, pikepdf.Array):
            places: list[tuple[int | str, object]] = list(enumerate(container))
        elif isinstance(container, pikepdf.Dictionary):
            places = list(container.items())
        else:
            return
        for place, child in places:
            if not isinstance(child, pikepdf.Object):
                continue
            if child.is_indirect:
                settled = self._settle(child, depth)
                if settled.objgen != child.objgen:
                    container[place] = settled
            elif depth <= _DEEPEST and isinstance(child, pikepdf.Array | pikepdf.Dictionary):
                container[place] = self._settle_direct(child, depth + 1)

    def _settle_direct(self, child: pikepdf.Object, depth: int) -> pikepdf.Object:
        """A direct array or dictionary; pages of one source mostly have the same resources, letter for letter."""
        text = child.unparse()
        settled = self._direct.get(text)
        if settled is None:
            self._settle_children(child, depth)
            settled = self._direct[text] = child
        return settled

    def _hold(self, stream: pikepdf.Object, raw: bytes) -> None:
        """Cut the stream loose from its source, if asked and as long as there is memory for it."""
        if not self.detach or (len(raw) > self._left_bytes and len(raw) >= _LAZY_FROM_BYTES):
            self.needs_source = True
            return
        self._left_bytes -= len(raw)
        how = stream.stream_dict
        filters = how.get("/Filter")
        parameters = how.get("/DecodeParms")
        stream.write(
            raw,
            filter=filters if isinstance(filters, pikepdf.Name | pikepdf.Array) else None,
            decode_parms=parameters if isinstance(parameters, pikepdf.Dictionary | pikepdf.Array) else None,
        )
