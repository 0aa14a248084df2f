"""What a form field says of itself: its kind, its value, and whether its picture shows that value.

ISO 32000-1, 12.7. Entries that a widget lacks come from the fields above it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream, String

from pipeline.adapters.letters.simple_encodings import encoding_of
from pipeline.adapters.letters.source_pdf import name_text

_MULTILINE, _PASSWORD, _COMB = 1 << 12, 1 << 13, 1 << 24
_RADIO, _PUSH = 1 << 15, 1 << 16
_COMBO = 1 << 17
_MAX_DEPTH = 32
_SIZE = re.compile(rb"/([^\s/\[\]()<>{}%]+)\s+([-+.\d]+)\s+Tf")
_FORMATS = ("/F", "/K")  # actions that show a value in another form, or as it is typed


@dataclass(frozen=True)
class Field:
    """A widget with all that it inherits. `text`: what its value looks like; `on`: whether a button is."""

    widget: Object
    kind: str
    flags: int
    text: str
    on: bool
    look: bytes
    centring: int
    comb: int
    is_formatted: bool

    @property
    def is_text(self) -> bool:
        """Whether it shows a value as text: a text field or a list to choose from."""
        return self.kind in ("/Tx", "/Ch")

    @property
    def is_multiline(self) -> bool:
        """Whether its text goes on in further lines."""
        return self.kind == "/Tx" and bool(self.flags & _MULTILINE)

    @property
    def is_plain(self) -> bool:
        """Whether its text may be drawn as it is: no password, and no list of which a part is marked."""
        return not self.flags & _PASSWORD if self.kind == "/Tx" else bool(self.flags & _COMBO)

    @property
    def is_radio(self) -> bool:
        """Whether it is one of several of which one is on."""
        return bool(self.flags & _RADIO)

    @property
    def names_a_font(self) -> bool:
        """Whether it says how its text looks, which it has to (12.7.3.3)."""
        return _SIZE.search(self.look) is not None

    @property
    def font(self) -> tuple[str, float]:
        """Name of its font among the form's, and size in points; 0: as large as fits."""
        found = _SIZE.findall(self.look)
        try:
            return (found[-1][0].decode("latin-1"), abs(float(found[-1][1]))) if found else ("", 0.0)
        except ValueError:
            return "", 0.0


def field_of(widget: Object, form: Object | None) -> Field:
    """The field of a widget. `form`: the file's /AcroForm."""
    kind = _inherited(widget, "/FT")
    kind_text = name_text(kind) if isinstance(kind, Name) else ""
    flags = _inherited(widget, "/Ff")
    number = flags if isinstance(flags, int) else 0
    look = _inherited(widget, "/DA") or (form.get("/DA") if isinstance(form, Dictionary) else None)
    centring, comb = _inherited(widget, "/Q"), _inherited(widget, "/MaxLen")
    actions = _inherited(widget, "/AA")
    return Field(
        widget,
        kind_text,
        number,
        _text(widget, kind_text),
        kind_text == "/Btn" and not number & _PUSH and _is_on(widget),
        bytes(look) if isinstance(look, String) else b"",
        centring if isinstance(centring, int) else 0,
        comb if isinstance(comb, int) and number & _COMB and kind_text == "/Tx" else 0,
        isinstance(actions, Dictionary) and any(key in actions for key in _FORMATS),
    )


def _inherited(widget: Object, key: str) -> Any:
    field: Object | None = widget
    for _ in range(_MAX_DEPTH):
        if not isinstance(field, Dictionary):
            break
        if key in field:
            return field[key]
        field = field.get("/Parent")
    return None


def _text(widget: Object, kind: str) -> str:
    value = _inherited(widget, "/V")
    if kind == "/Tx" and isinstance(value, Stream):
        return value.read_bytes().decode("latin-1")
    if kind == "/Ch" and isinstance(value, Array):
        return ", ".join(_shown(widget, each) for each in value)
    if isinstance(value, String):
        return _shown(widget, value) if kind == "/Ch" else str(value)
    return ""


def _shown(widget: Object, value: Object) -> str:
    """What stands in a list for a value that is sent."""
    options = _inherited(widget, "/Opt")
    for option in options if isinstance(options, Array) else []:
        if isinstance(option, Array) and len(option) == 2 and option[0] == value:
            return str(option[1])
    return str(value)


def _is_on(widget: Object) -> bool:
    state = widget.get("/AS")
    if state is None:
        state = _inherited(widget, "/V")
    return isinstance(state, Name) and state != Name.Off


def shows_value(look: Stream, field: Field) -> bool | None:
    """Whether a field's picture shows its value; None where its characters cannot be told.

    Where a script gives the value its form, any text is taken for it.
    """
    shown, is_known = _shown_text(look)
    if not field.text.strip():
        return not shown.strip()
    if field.is_formatted and shown.strip():
        return True
    if not is_known:
        return None
    return "".join(shown.split()) == "".join(field.text.split())


def _shown_text(look: Stream) -> tuple[str, bool]:
    """The text of a picture, and whether every character of it is known."""
    resources = look.get("/Resources")
    fonts = resources.get("/Font") if isinstance(resources, Dictionary) else None
    encoding, text, is_known = None, "", True
    for step in pikepdf.parse_content_stream(look):
        operator, operands = str(step.operator), list(step.operands)
        if operator in ("Do", "INLINE IMAGE"):
            is_known, text = False, text + "\ufffd"
        elif operator == "Tf" and isinstance(fonts, Dictionary) and operands:
            font = fonts.get(name_text(operands[0]))
            told = isinstance(font, Dictionary) and font.get("/Subtype") != Name.Type0
            encoding = encoding_of(font) if told and isinstance(font, Dictionary) else None
        elif operator in ("Tj", "TJ", "'", '"') and operands:
            last = operands[-1]
            codes = b"".join(bytes(each) for each in (last if isinstance(last, Array) else [last]) if _is_string(each))
            is_known = is_known and encoding is not None
            text += "".join((encoding or {}).get(code, "\ufffd") for code in codes)
    return text, is_known


def dingbat_shown(look: Stream) -> str | None:
    """The one character that a picture shows in ZapfDingbats without its program; None where it shows anything else."""
    resources = look.get("/Resources")
    fonts = resources.get("/Font") if isinstance(resources, Dictionary) else None
    if not isinstance(fonts, Dictionary):
        return None
    named = [font for font in fonts.as_dict().values() if isinstance(font, Dictionary)]
    if not any(font.get("/BaseFont") == Name.ZapfDingbats and "/FontDescriptor" not in font for font in named):
        return None
    shown = b""
    for step in pikepdf.parse_content_stream(look):
        if str(step.operator) in ("Tj", "TJ", "'", '"') and list(step.operands):
            last = step.operands[-1]
            shown += b"".join(bytes(each) for each in (last if isinstance(last, Array) else [last]) if _is_string(each))
    return shown.decode("latin-1") if shown else None


def _is_string(value: object) -> bool:
    return isinstance(value, String)
