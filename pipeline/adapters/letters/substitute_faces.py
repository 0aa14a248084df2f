"""Which installed face stands in for a font that a PDF names without bringing it along.

The Liberation fonts are made to the widths of Arial, Times New Roman and Courier New; those are made to the widths of
Helvetica, Times and Courier, but for five characters. A name is only a hint: the widths decide (`missing_fonts`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Family = Literal["sans", "serif", "mono"]
Metrics = Literal["adobe", "microsoft"]

# Debian 12: fonts-liberation2; from Debian 13 on fonts-liberation holds the same, and no folder of the first name.
_FOLDERS = (Path("/usr/share/fonts/truetype/liberation2"), Path("/usr/share/fonts/truetype/liberation"))
INSTALL = "apt-get install fonts-liberation2"
_FILES: dict[Family, str] = {"sans": "LiberationSans", "serif": "LiberationSerif", "mono": "LiberationMono"}
_STYLES = {(False, False): "Regular", (True, False): "Bold", (False, True): "Italic", (True, True): "BoldItalic"}
_TAG = re.compile(r"^[A-Z]{6}\+")
_FAMILIES: dict[str, tuple[Family, Metrics]] = {
    "helvetica": ("sans", "adobe"),
    "arial": ("sans", "microsoft"),
    "liberationsans": ("sans", "microsoft"),
    "times": ("serif", "adobe"),
    "timesnewroman": ("serif", "microsoft"),
    "liberationserif": ("serif", "microsoft"),
    "courier": ("mono", "adobe"),
    "couriernew": ("mono", "microsoft"),
    "liberationmono": ("mono", "microsoft"),
}
_KINDS = {
    "": (False, False),
    "roman": (False, False),
    "regular": (False, False),
    "normal": (False, False),
    "bold": (True, False),
    "italic": (False, True),
    "oblique": (False, True),
    "bolditalic": (True, True),
    "boldoblique": (True, True),
}


@dataclass(frozen=True)
class Face:
    """One face in one set of widths; `metrics`: Adobe's standard 14, or those of Windows, to which the file is made."""

    family: Family
    bold: bool
    italic: bool
    metrics: Metrics

    @property
    def key(self) -> str:
        """The face's name in file names."""
        return f"{self.family}-{_STYLES[self.bold, self.italic].lower()}-{self.metrics}"

    @property
    def other(self) -> Face:
        """The same face in the other set of widths."""
        return Face(self.family, self.bold, self.italic, "adobe" if self.metrics == "microsoft" else "microsoft")

    @property
    def standard_name(self) -> str:
        """Its name among the standard 14 (ISO 32000-1, 9.6.2.2)."""
        slant = "Italic" if self.family == "serif" else "Oblique"
        style = ("Bold" if self.bold else "") + (slant if self.italic else "")
        if self.family == "serif":
            return f"Times-{style or 'Roman'}"
        name = "Helvetica" if self.family == "sans" else "Courier"
        return f"{name}-{style}" if style else name

    @property
    def file_name(self) -> str:
        """The installed file's name."""
        return f"{_FILES[self.family]}-{_STYLES[self.bold, self.italic]}.ttf"


FACES = tuple(
    Face(family, bold, italic, metrics)
    for family in _FILES
    for bold in (False, True)
    for italic in (False, True)
    for metrics in ("adobe", "microsoft")
)


def face_named(base_font: str) -> Face | None:
    """The face for a PDF's /BaseFont, without its slash; None where no installed font has the same widths.

    `ABCDEF+Arial,Bold`, `Arial-BoldMT`, `TimesNewRomanPS-BoldItalicMT` and `Helvetica-Oblique` are such names.
    """
    name = re.sub(r"[ ,_-]", "", _TAG.sub("", base_font)).lower()
    for family in sorted(_FAMILIES, key=len, reverse=True):
        if not name.startswith(family):
            continue
        rest = re.sub(r"^ps|^mt|mt$", "", name[len(family) :])
        kind = _KINDS.get(re.sub(r"^ps|mt$", "", rest))
        if kind is not None:
            return Face(_FAMILIES[family][0], *kind, _FAMILIES[family][1])
    return None


def installed_folder() -> Path | None:
    """The folder that holds all twelve faces; None where they are not installed.

    Release 1, which has a narrow kind as well, is under the GPL with an exception; release 2 is under the OFL.
    """
    wanted = {face.file_name for face in FACES}
    for folder in _FOLDERS:
        if all((folder / name).is_file() for name in wanted) and not any(folder.glob("LiberationSansNarrow-*")):
            return folder
    return None
