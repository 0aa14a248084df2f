"""Where the access tokens of a line lie."""

from __future__ import annotations

from pipeline.adapters.access_tokens import TokenFile
from pipeline.services.ports import Line


def tokens_of(line: Line) -> TokenFile:
    """The token file of a line."""
    return TokenFile(line.spool.private / "tokens.json")
