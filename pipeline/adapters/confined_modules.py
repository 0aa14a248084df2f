"""What the server of confined children imports once, so that each fork starts warm."""

import pikepdf
import pypdfium2

__all__ = ["pikepdf", "pypdfium2"]
