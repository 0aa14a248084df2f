"""Layers (optional content): what a PDF shows or hides by its catalog, kept so on pages that are taken over."""

from __future__ import annotations

import pikepdf

_GROUPS = ("/OCG", "/OCMD")
_OWNERS = ("/Parent", "/P")  # lead back to pages


def layers_of(pdf: pikepdf.Pdf, source: pikepdf.Pdf) -> pikepdf.Object | None:
    """What the source's catalog says of its layers (/OCProperties), copied into `pdf` but not put into effect.

    Groups are those of the pages that were copied before: an object is copied once.
    """
    told = source.Root.get("/OCProperties")
    return pdf.copy_foreign(source.make_indirect(told)) if isinstance(told, pikepdf.Dictionary) else None


def uses_layers(pdf: pikepdf.Pdf) -> bool:
    """Whether a page shows something that belongs to a layer, or may do so."""
    seen: set[tuple[int, int]] = set()
    waiting = [page.obj[key] for page in pdf.pages for key in ("/Resources", "/Annots") if key in page.obj]
    while waiting:
        item = waiting.pop()
        if not isinstance(item, (pikepdf.Dictionary, pikepdf.Stream, pikepdf.Array)):
            continue
        if item.is_indirect:
            if item.objgen in seen:
                continue
            seen.add(item.objgen)
        if isinstance(item, pikepdf.Array):
            waiting.extend(list(item))
        elif "/OC" in item or item.get("/Type") in _GROUPS:
            return True
        else:
            waiting.extend(value for key, value in item.items() if key not in _OWNERS)
    return False
