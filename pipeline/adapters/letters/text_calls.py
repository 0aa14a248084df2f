"""pdfium's functions for single characters of a page, called at a third of the usual cost.

A page's address takes a thousand such calls, and most of their time goes into ctypes' check of each argument against
a prototype. Here only the type of the result is declared. So callers hand over exactly what C wants: the text page as
`handle_of` gives it, numbers as int, places for results as `ctypes.byref`; object handles come back as plain integers.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import pypdfium2.raw as raw


def handle_of(pointer: Any) -> ctypes.c_void_p:
    """A handle of pypdfium2 in the form that these functions take."""
    return ctypes.c_void_p(ctypes.addressof(pointer.contents))


def _quick(function: Any, result: Any = ctypes.c_int) -> Callable[..., Any]:
    address = ctypes.cast(function, ctypes.c_void_p).value
    if address is None:
        raise ValueError("a function without an address")
    made: Callable[..., Any] = ctypes.CFUNCTYPE(result)(address)
    return made


count_rects = _quick(raw.FPDFText_CountRects)
get_rect = _quick(raw.FPDFText_GetRect)
get_char_origin = _quick(raw.FPDFText_GetCharOrigin)
get_unicode = _quick(raw.FPDFText_GetUnicode, ctypes.c_uint)
get_loose_char_box = _quick(raw.FPDFText_GetLooseCharBox)
get_char_box = _quick(raw.FPDFText_GetCharBox)
has_unicode_map_error = _quick(raw.FPDFText_HasUnicodeMapError)
get_text_object = _quick(raw.FPDFText_GetTextObject, ctypes.c_void_p)
is_generated = _quick(raw.FPDFText_IsGenerated)
