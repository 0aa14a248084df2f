"""The pictures that a PDF page names."""

from __future__ import annotations

from collections.abc import Iterator

import pikepdf


def images_of(page: pikepdf.Object) -> list[pikepdf.Object]:
    """Every picture that the page's resources name, nested forms included, each once, in order of names."""
    seen: set[tuple[int, int]] = set()
    return list(_images(page.get("/Resources"), seen, 0))


def _images(resources: pikepdf.Object | None, seen: set[tuple[int, int]], depth: int) -> Iterator[pikepdf.Object]:
    if not isinstance(resources, pikepdf.Dictionary) or depth > 16:
        return
    xobjects = resources.get("/XObject")
    if not isinstance(xobjects, pikepdf.Dictionary):
        return
    for name in sorted(xobjects.keys()):
        item = xobjects[name]
        if not isinstance(item, pikepdf.Stream) or item.objgen in seen:
            continue
        seen.add(item.objgen)
        if item.get("/Subtype") == "/Image":
            yield item
            for key in ("/SMask", "/Mask"):
                mask = item.get(key)
                if isinstance(mask, pikepdf.Stream) and mask.objgen not in seen:
                    seen.add(mask.objgen)
                    yield mask
        elif item.get("/Subtype") == "/Form":
            yield from _images(item.get("/Resources"), seen, depth + 1)
