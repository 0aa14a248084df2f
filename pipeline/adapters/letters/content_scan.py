"""The instructions of a content stream by where they stand in its bytes, so that one can be cut out and all else stays.

A page has hundreds of them, and few bear on text: runs of the others are passed over in one go, by one regular
expression. Every byte is accounted for; what the expression does not know is an error, not a gap. ISO 32000-1: 7.2,
7.3, 7.8.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_BLANK = rb"[\x00\t\n\x0c\r ]"
_END = rb"(?![^\x00\t\n\x0c\r ()<>\[\]{}/%])"  # a word ends here


def _strings(levels: int) -> bytes:
    """A string in round brackets, with so many levels of brackets inside it."""
    inside = rb"[^()\\]++|\\."
    pattern = rb"\((?:" + inside + rb")*+\)"
    for _ in range(levels):
        pattern = rb"\((?:" + inside + rb"|" + pattern + rb")*+\)"
    return pattern


_HEX = rb"<[0-9A-Fa-f\x00\t\n\x0c\r ]*+>"
_TEXT = _strings(4) + rb"|" + _HEX
_PLAIN_DICTIONARY = rb"<<(?:[^<>()%]++|" + _TEXT + rb")*+>>"
_DICTIONARY = rb"<<(?:[^<>()%]++|" + _TEXT + rb"|" + _PLAIN_DICTIONARY + rb")*+>>"
_ARRAY = rb"\[(?:[^\[\]<>()%]++|" + _TEXT + rb")*+\]"
_OPERANDS = (
    rb"(?:[\x00\t\n\x0c\r ]++|[-+.0-9]++|/[^\x00\t\n\x0c\r ()<>\[\]{}/%]*+|"
    + rb"|".join((_TEXT, _ARRAY, _DICTIONARY, rb"%[^\r\n]*+", rb"(?:true|false|null)" + _END))
    + rb")*+"
)
# Whatever neither shows text nor says where or how it is shown: paths, pictures, clipping, fonts, spacing.
_OTHERS = rb"(?:re|[fFSsbBWnmlcvyhwJjMdi]|[fbBW]\*|ri|gs|Do|sh|MP|DP|BX|EX|d[01]|T[cwzfs]|ET)" + _END
_STEP = re.compile(
    rb"(?:" + _OPERANDS + _OTHERS + rb")*+(" + _OPERANDS + rb")([A-Za-z'\"][^\x00\t\n\x0c\r ()<>\[\]{}/%]*+)", re.DOTALL
)
_REST = re.compile(rb"(?:" + _OPERANDS + _OTHERS + rb")*+" + _OPERANDS, re.DOTALL)
_OF_TEXT = rb"(?:[qQgGkK'\"]|cm|BT|T[dDmLrjJ*]|rg|RG|cs|CS|scn?|SCN?|BDC|BMC|EMC|BI)" + _END
# A picture in the content ends with EI; its bytes may hold those letters, but hardly with an instruction behind them.
_PICTURE = re.compile(
    rb".*?\bID" + _BLANK + rb".*?" + _BLANK + rb"EI" + _END
    + rb"(?=" + _OPERANDS + rb"(?:" + _OTHERS + rb"|" + _OF_TEXT + rb"|\Z))",
    re.DOTALL,
)  # fmt: skip


def instructions(content: bytes) -> Iterator[tuple[bytes, bytes, int, int]]:
    """Operator, operands as they stand, and where the operands begin and the operator ends; those of text, in order.

    Raises ValueError for content that is not written as content is.
    """
    at, step = 0, _STEP.match
    while (found := step(content, at)) is not None:
        at = found.end()
        operands, operator = found.groups()
        if operator == b"BI":
            picture = _PICTURE.match(content, at)
            if picture is None:
                raise ValueError("a picture in the content that does not end")
            at = picture.end()
        else:
            yield operator, operands, found.start(1), at
    if _REST.fullmatch(content, at) is None:
        raise ValueError(f"not written as content is, from byte {at}")
