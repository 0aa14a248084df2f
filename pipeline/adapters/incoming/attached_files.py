"""Files that a PDF carries beside its pages (ISO 32000-1, 7.11.4; ISO 32000-2, 14.13): they have no place in PDF/A-2.

Of an electronic invoice (ZUGFeRD, Factur-X) the attached XML is the invoice and the page only its picture; the pages of
a portfolio (/Collection) may say no more than with which program to open it. There a person decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

import pikepdf
from pikepdf import Array, Dictionary, Object, Stream, String

from pipeline.domain.pages import AttachedFile

ATTACHED = "attached-files"  # as a remark about a source
_MOST_NODES = 10_000  # of a name tree, which may lead in a circle
_MOST_SIGNS = 80  # of a name that is shown
_DATA_ENDINGS = (".xml", ".xrechnung")
_INVOICES = ("factur-x", "zugferd", "xrechnung")


def attached_files(pdf: pikepdf.Pdf) -> tuple[AttachedFile, ...]:
    """The files that belong to a PDF as a whole, each once, by name."""
    portfolio = "/Collection" in pdf.Root
    found: dict[str, AttachedFile] = {}
    for named, described in _described(pdf.Root):
        name = _name(described) or named
        stream = _stream(described)
        if stream is not None:
            size = _size(stream)
            found.setdefault(f"{name}\n{size}", AttachedFile(name, size, portfolio or _is_data(name, stream)))
    return tuple(sorted(found.values(), key=lambda file: (file.name, file.bytes)))


def has_attached_files(pdf: pikepdf.Pdf) -> bool:
    """Whether there is any."""
    return any(_stream(described) is not None for _named, described in _described(pdf.Root))


def doubt_about(files: Sequence[AttachedFile]) -> str | None:
    """The German sentence that makes a person decide; None where the files may be left out with a note."""
    asking = [file for file in files if file.asks]
    if not asking:
        return None
    named = "; ".join(file.told for file in asking)
    return (
        f"Der Datei sind andere Dateien angehängt, die nicht mit archiviert werden: {named}. "
        "Bei einer elektronischen Rechnung (ZUGFeRD, XRechnung) ist die angehängte XML-Datei die Rechnung."
    )


def _described(root: Object) -> Iterator[tuple[str, Dictionary]]:
    """File specifications with the names under which they are listed."""
    names = root.get("/Names")
    tree = names.get("/EmbeddedFiles") if isinstance(names, Dictionary) else None
    waiting: list[Object | None] = [tree]
    seen: set[tuple[int, int]] = set()
    for _step in range(_MOST_NODES):
        if not waiting:
            break
        node = waiting.pop()
        if not isinstance(node, Dictionary) or (node.is_indirect and node.objgen in seen):
            continue
        seen.add(node.objgen)
        waiting.extend(_items(node.get("/Kids")))
        listed = _items(node.get("/Names"))
        for named, described in zip(listed[::2], listed[1::2], strict=False):
            if isinstance(described, Dictionary):
                yield _shown(named), described
    for described in _items(root.get("/AF")):
        if isinstance(described, Dictionary):
            yield "", described


def _items(found: Object | None) -> list[Object]:
    return list(found) if isinstance(found, Array) else []


def _stream(described: Dictionary) -> Stream | None:
    held = described.get("/EF")
    if not isinstance(held, Dictionary):
        return None
    for found in (held.get("/UF"), held.get("/F")):
        if isinstance(found, Stream):
            return found
    return None


def _name(described: Dictionary) -> str:
    return next((name for name in (_shown(described.get(key)) for key in ("/UF", "/F")) if name), "")


def _shown(found: object) -> str:
    """A name as it can be printed: the last part of a path, without control characters, not too long."""
    if not isinstance(found, String):
        return ""
    plain = "".join(sign for sign in str(found).replace("\\", "/") if sign.isprintable())
    return PurePosixPath(plain).name.strip()[-_MOST_SIGNS:]


def _size(stream: Stream) -> int:
    """How many bytes the file has, as the PDF tells, else as it lies there packed."""
    told = stream.get("/Params")
    size = told.get("/Size") if isinstance(told, Dictionary) else None
    return size if isinstance(size, int) and size >= 0 else len(stream.read_raw_bytes())


def _is_data(name: str, stream: Stream) -> bool:
    """Whether a file looks like an invoice or other data for programs."""
    lower = name.lower()
    kind = str(stream.get("/Subtype", "")).lower()
    return lower.endswith(_DATA_ENDINGS) or any(word in lower for word in _INVOICES) or kind.endswith("xml")
