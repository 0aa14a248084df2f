"""Real tools that tests need: found, skipped with a hint, or in CI a failure."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Tool:
    """Something outside Python. Each of `wants` is a command or a glob below `/`; `package` is Debian's name."""

    wants: tuple[str, ...]
    package: str


TOOLS = {
    "tesseract": Tool(("tesseract", "usr/share/tesseract-ocr/*/tessdata/deu.traineddata"), "tesseract-ocr-deu"),
    "redis-server": Tool(("redis-server",), "redis-server"),
    "postgres": Tool(("usr/lib/postgresql/*/bin/initdb",), "postgresql"),
    "chromium": Tool(("chromium",), "chromium"),
    # A JRE does not do: the PDF/A judge is run from its source file, which takes the compiler's module.
    "java": Tool(("java", "javac"), "default-jdk-headless"),
    "jaxb": Tool(("usr/share/java/jaxb-api.jar",), "libjaxb-java"),
    "pdftotext": Tool(("pdftotext",), "poppler-utils"),
    "pdftoppm": Tool(("pdftoppm",), "poppler-utils"),
    "pdfimages": Tool(("pdfimages",), "poppler-utils"),
    "gs": Tool(("gs",), "ghostscript"),
    "qpdf": Tool(("qpdf",), "qpdf"),
    "git": Tool(("git",), "git"),
    "make": Tool(("make",), "make"),
}


def locate(tool: str) -> Path | None:
    """Where the tool is, or None when any part of it is missing. Of several versions the highest counts."""
    places = [_place(want) for want in TOOLS[tool].wants]
    return None if None in places else places[0]


def need(tool: str) -> Path:
    """Where the tool is. Without it: skip here, fail where CI is "true". Works in a test and at a module's top."""
    place = locate(tool)
    if place is not None:
        return place
    sentence = f"{tool} is not installed here: apt-get install {TOOLS[tool].package}"
    if os.environ.get("CI") == "true":
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence, allow_module_level=True)


def _place(want: str) -> Path | None:
    if "/" not in want:
        found = shutil.which(want)
        return Path(found) if found else None
    return max(Path("/").glob(want), key=_version, default=None)


def _version(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in path.parts if part.isdigit())
