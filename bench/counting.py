"""What the compared children do; importable by name, because a confined child asks for that."""

from __future__ import annotations

import pypdfium2


def count_pages(path: str) -> int:
    """How many pages a PDF has."""
    with pypdfium2.PdfDocument(path) as document:
        return len(document)
