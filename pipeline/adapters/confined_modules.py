"""What the server of confined children imports and loads once, so that each fork starts warm.

The variables are set before the first import, because OpenBLAS and OpenMP read them when they are loaded. Every
child is one worker on one core: threads of its own would only fight the other workers for theirs. OpenBLAS
would start a thread a core inside the server, which is forked and so has to be single-threaded, and would reserve
address space for each that counts against the child's memory limit. Tesseract inherits the limit for OpenMP.
"""

import importlib
import os
from types import ModuleType

_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"}
_LIBRARIES = ("cv2", "numpy", "pikepdf", "PIL.Image", "pypdfium2", "pytesseract", "tesserocr", "zxingcpp")
_OURS = (
    *("incoming.documents", "incoming.page_looks", "incoming.page_prints", "incoming.recognition"),
    *("incoming.scan_source", "letters.bookmarks", "letters.letterhead", "letters.page_sights"),
    *("letters.print_stream", "letters.reading", "volumes.readback", "volumes.volume_pdf"),
)
_LANGUAGE = "deu"  # what nearly every profile reads; another one is loaded by each child that needs it

os.environ.update(_ONE_THREAD)
MODULES: tuple[ModuleType, ...] = tuple(
    importlib.import_module(name) for name in (*_LIBRARIES, *(f"pipeline.adapters.{part}" for part in _OURS))
)
importlib.import_module("pipeline.adapters.incoming.warm_tesseract").load(_LANGUAGE)
