"""Streams of a foreign PDF, checked before anything decodes them: bounded unpacking, picture headers, nested drawing.

Flate packs at most about 1,032 to 1, and filters may be chained, so a few kilobytes can stand for gigabytes.
"""

from __future__ import annotations

import mmap
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pikepdf

from pipeline.adapters.incoming import jbig2_file, jpeg_file, jpx_file
from pipeline.domain.errors import Rejected

MAX_SIDE_PX = 32_767  # Tesseract and libjpeg take no more
_FLATE = {"/FlateDecode", "/Fl"}
_PLAIN_LIMIT = 256 << 20  # bytes that one stream other than a picture may unpack to
_TOTAL_LIMIT = 2 << 30  # and all of them together
_STRUCTURE_LIMIT = 128 << 20  # an object stream or cross-reference stream
_SMALL = 1 << 20
_MAX_RATIO = 1032
_MAX_DRAWINGS = 200_000
_STREAM = re.compile(rb">>\s*stream\r?\n")


@dataclass
class Budget:
    """Bytes that all streams other than pictures have unpacked to so far."""

    unpacked: int = 0


def _bomb(sentence: str, page: int | None = None) -> Rejected:
    return Rejected("content-bomb", sentence, page=page)


def unpacked_size(data: bytes, stages: int, limit: int) -> int:
    """Bytes that `data` unpack to through `stages` Flate filters; stops beyond `limit` at any stage.

    Returns `limit` + 1 where it is exceeded. Damaged data count as far as they go.
    """
    current: Iterator[bytes] = iter((data,))
    for _stage in range(stages):
        current = _inflate(current)
    total = 0
    for piece in current:
        total += len(piece)
        if total > limit:
            return limit + 1
    return total


def _inflate(pieces: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj()
    try:
        for piece in pieces:
            while piece and not unpacker.eof:
                yield unpacker.decompress(piece, _SMALL)
                piece = unpacker.unconsumed_tail
    except zlib.error:
        return


def check_structure_streams(path: str) -> None:
    """Refuse object and cross-reference streams that unpack to too much, before a PDF library opens the file.

    Raises Rejected `content-bomb`.
    """
    with Path(path).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for match in _STREAM.finditer(data):
            head = data[max(0, match.start() - 1024) : match.start()]
            head = head[head.rfind(b" obj") + 1 :]
            if b"/ObjStm" not in head and b"/XRef" not in head:
                continue
            stages = head.count(b"/FlateDecode") + len(re.findall(rb"/Fl\b", head))
            end = data.find(b"endstream", match.end())
            body = data[match.end() : end if end >= 0 else len(data)]
            if stages and unpacked_size(body, stages, _STRUCTURE_LIMIT) > _STRUCTURE_LIMIT:
                raise _bomb("Ein Verzeichnis der PDF-Datei entpackt sich auf mehr als 128 MB.")


def filters_of(stream: pikepdf.Object) -> list[str]:
    """The names of a stream's filters in the order in which they are undone."""
    value = stream.get("/Filter")
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, pikepdf.Array) else [str(value)]


def _number(stream: pikepdf.Object, key: str) -> int:
    value = stream.get(key)
    return int(value) if isinstance(value, (int, float)) else 0


def check_stream(stream: pikepdf.Object, max_megapixels: float, budget: Budget) -> None:
    """Refuse a stream that unpacks to too much, and a picture that is too large for its page.

    Raises Rejected `content-bomb` or `page-too-large`, and `pdf-damaged` for picture data that are cut.
    """
    filters = filters_of(stream)
    leading = 0
    while leading < len(filters) and filters[leading] in _FLATE:
        leading += 1
    if len(filters) > 8:
        raise _bomb("Ein Datenstrom der PDF-Datei ist mehr als achtmal gepackt.")
    if stream.get("/Subtype") == "/Image":
        _check_picture(stream, filters, leading, max_megapixels)
        return
    if leading == 0:
        return
    raw = stream.read_raw_bytes()
    if leading == 1 and len(raw) * _MAX_RATIO < _SMALL:
        return
    size = unpacked_size(raw, leading, _PLAIN_LIMIT)
    budget.unpacked += size
    if size > _PLAIN_LIMIT or budget.unpacked > _TOTAL_LIMIT:
        raise _bomb("Ein Datenstrom der PDF-Datei entpackt sich auf mehr als 256 MB oder alle auf mehr als 2 GB.")


def check_dimensions(width: int, height: int, max_megapixels: float, page: int | None = None) -> None:
    """Raises Rejected `page-too-large` for a side beyond 32,767 pixels or more than `max_megapixels`."""
    if max(width, height) > MAX_SIDE_PX or width * height > max_megapixels * 1_000_000:
        raise Rejected(
            "page-too-large",
            f"Ein Seitenbild hat {width} × {height} Pixel; verarbeitet werden bis {max_megapixels:.0f} Megapixel und "
            f"{MAX_SIDE_PX} Pixel je Kante.",
            page=page,
        )


def _check_picture(stream: pikepdf.Object, filters: list[str], leading: int, max_megapixels: float) -> None:
    width, height = _number(stream, "/Width"), _number(stream, "/Height")
    check_dimensions(width, height, max_megapixels)
    last = filters[-1] if filters else ""
    coded = last not in _FLATE and last not in ("", "/LZWDecode", "/RunLengthDecode", "/ASCII85Decode")
    expected = (width * 32 + 7) // 8 * height if width and height else 0
    if leading:
        raw = stream.read_raw_bytes()
        allowed = (expected if coded else max(expected, 4 * width * height * 2)) + height * 4 + _SMALL
        if len(raw) * _MAX_RATIO**leading > allowed and unpacked_size(raw, leading, allowed) > allowed:
            raise _bomb(f"Ein Seitenbild von {width} × {height} Pixeln entpackt sich auf mehr, als es enthalten kann.")
    if last in ("/DCTDecode", "/DCT", "/JBIG2Decode", "/JPXDecode") and leading == len(filters) - 1:
        _check_coded(stream, last, leading, max_megapixels)


def _check_coded(stream: pikepdf.Object, last: str, leading: int, max_megapixels: float) -> None:
    data = stream.read_raw_bytes()
    for _stage in range(leading):
        data = zlib.decompressobj().decompress(data, 512 << 20)
    try:
        if last in ("/DCTDecode", "/DCT"):
            facts = jpeg_file.read_jpeg(data)
            check_dimensions(facts.width_px, facts.height_px, max_megapixels)
        elif last == "/JBIG2Decode":
            size = jbig2_file.page_size(data)
            if size is not None:
                check_dimensions(size[0], size[1], max_megapixels)
        else:
            jpx_file.check_whole(data)
            width, height = _jpx_size(data)
            check_dimensions(width, height, max_megapixels)
    except (jpeg_file.BadJpeg, jbig2_file.BadJbig2, jpx_file.BadJpx) as error:
        raise Rejected("pdf-damaged", "Ein Seitenbild in der PDF-Datei ist unvollständig.") from error


def _jpx_size(data: bytes) -> tuple[int, int]:
    """Width and height from the SIZ marker of a JPEG 2000 code stream; (0, 0) where there is none."""
    place = data.find(b"\xff\x4f\xff\x51")
    if place < 0 or place + 24 > len(data):
        return 0, 0
    numbers = [int.from_bytes(data[place + at : place + at + 4], "big") for at in (8, 12, 16, 20)]
    return numbers[0] - numbers[2], numbers[1] - numbers[3]


def is_symbol_coded(stream: pikepdf.Object) -> bool:
    """Whether a picture is JBIG2 with symbol coding, in its own segments or in the shared ones."""
    if "/JBIG2Decode" not in filters_of(stream):
        return False
    parms = stream.get("/DecodeParms")
    shared = [parms] if isinstance(parms, pikepdf.Dictionary) else list(parms) if parms is not None else []
    pieces = [
        p["/JBIG2Globals"].read_bytes() for p in shared if isinstance(p, pikepdf.Dictionary) and "/JBIG2Globals" in p
    ]
    if filters_of(stream) == ["/JBIG2Decode"]:
        pieces.append(stream.read_raw_bytes())
    try:
        return any(jbig2_file.is_symbol_coded(piece) for piece in pieces)
    except jbig2_file.BadJbig2 as error:
        raise Rejected("pdf-damaged", "Ein Seitenbild in der PDF-Datei ist unvollständig.") from error


def check_nesting(pdf: pikepdf.Pdf) -> None:
    """Refuse forms that draw forms that draw forms: each level may multiply what a page draws.

    Raises Rejected `content-bomb` with the page where drawing it would take more than 200,000 steps.
    """
    weights: dict[tuple[int, int], int] = {}
    for number, page in enumerate(pdf.pages, 1):
        resources = page.obj.get("/Resources")
        if _nests(resources) and _weight(page.obj, resources, weights, 0) > _MAX_DRAWINGS:
            raise _bomb("Die Seite zeichnet ineinander verschachtelte Inhalte in unzulässiger Zahl.", number)


def _forms(resources: pikepdf.Object | None) -> dict[str, pikepdf.Object]:
    if not isinstance(resources, pikepdf.Dictionary):
        return {}
    xobjects = resources.get("/XObject")
    if not isinstance(xobjects, pikepdf.Dictionary):
        return {}
    return {
        str(name): item
        for name, item in xobjects.items()
        if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Form"
    }


def _nests(resources: pikepdf.Object | None) -> bool:
    return any(_forms(form.get("/Resources")) for form in _forms(resources).values())


def _weight(
    owner: pikepdf.Object, resources: pikepdf.Object | None, weights: dict[tuple[int, int], int], depth: int
) -> int:
    forms = _forms(resources)
    if not forms:
        return 1
    if depth > 32:
        return _MAX_DRAWINGS + 1
    total = 1
    for step in pikepdf.parse_content_stream(owner, "Do"):
        form = forms.get(str(step.operands[0])) if str(step.operator) == "Do" and step.operands else None
        if form is None:
            continue
        key = form.objgen
        if key not in weights:
            weights[key] = _MAX_DRAWINGS + 1  # what is drawn inside itself never ends
            weights[key] = _weight(form, form.get("/Resources"), weights, depth + 1)
        total += weights[key]
        if total > _MAX_DRAWINGS:
            return total
    return total
