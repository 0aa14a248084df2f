"""Names of dropped files: which are not meant for us, which are tickets or indexes, and what people see of them.

A name on a share is bytes that somebody else chose. It is never turned into a path of ours, never into a
command, and never judged by its extension; it is compared, and shown to people through `display_name`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Ignored = Literal["unfinished", "clutter"]

MAX_DISPLAY_CHARACTERS = 255

# Copies under way, locks and editors' leftovers: the sender has not finished, or never meant to send it.
_UNFINISHED = re.compile(
    rb"~\$.*"  # Office's owner file
    rb"|\.~lock\..*#"  # LibreOffice's lock
    rb"|.*\.(?:tmp|temp|part|filepart|crdownload|partial|sw[opx])"
    rb"|.+~"
    rb"|\.nfs.*|\.smbdelete.*|\.fuse_hidden.*"  # deleted while open
    rb"|\.goutputstream-.*"
    rb"|\.[^.].*\.[a-z0-9]{6}",  # rsync's temporary name: .NAME.XXXXXX
    re.IGNORECASE | re.DOTALL,
)
# What file managers and storage boxes put into every folder.
_CLUTTER = re.compile(
    rb"(?:eh)?thumbs\.db|desktop\.ini|\.ds_store|\._.*"
    rb"|@eadir|#recycle|#snapshot|\.snapshot|\.stfolder|\.stversions|\.stignore|__macosx"
    rb"|\.trash(?:es|-.*)?|\.spotlight-v100|\.fseventsd|\.temporaryitems"
    rb"|\$recycle\.bin|system volume information|lost\+found",
    re.IGNORECASE | re.DOTALL,
)
_TICKET = re.compile(rb"(.+)\.ticket\.(?:toml|json)", re.IGNORECASE | re.DOTALL)
_INDEX = re.compile(rb"(.+)\.index\.csv", re.IGNORECASE | re.DOTALL)

# Characters that Windows and macOS clients move into the private use area because SMB forbids them in names.
_SMB_REPLACED = {
    **{0xF000 + ord(character): character for character in "*:<>?\\|"},
    **{0xF020 + place: character for place, character in enumerate('"*:<>?\\| .')},
}


def ignored_as(name: bytes) -> Ignored | None:
    """Why a name is left alone: `unfinished` (a copy under way, a lock), `clutter` (put there by a system), or None.

    The list follows what scanners, browsers, office programs, rsync, Samba and storage boxes leave in shared
    folders; upper and lower case count the same, as on the senders' systems. `name` is one path component.
    """
    if _CLUTTER.fullmatch(name):
        return "clutter"
    if _UNFINISHED.fullmatch(name):
        return "unfinished"
    return None


def is_ignored(name: bytes) -> bool:
    """Whether a file or folder of this name stays where it is; see `ignored_as`."""
    return ignored_as(name) is not None


def is_ticket(name: bytes) -> bool:
    """Whether this is the name of a ticket: `<name of a file>.ticket.toml` or `.ticket.json`."""
    return _TICKET.fullmatch(name) is not None


def ticket_subject(name: bytes) -> bytes | None:
    """What a ticket stands beside: `brief.pdf` for `brief.pdf.ticket.toml`; None when it is no ticket's name."""
    found = _TICKET.fullmatch(name)
    return found.group(1) if found else None


def is_index(name: bytes) -> bool:
    """Whether this is the name of an index: `<name of a file>.index.csv`."""
    return _INDEX.fullmatch(name) is not None


def index_subject(name: bytes) -> bytes | None:
    """What an index stands beside: `brief.pdf` for `brief.pdf.index.csv`; None when it is no index's name."""
    found = _INDEX.fullmatch(name)
    return found.group(1) if found else None


def is_companion(name: bytes) -> bool:
    """Whether a file of this name is taken with another one, never alone: a ticket or an index."""
    return is_ticket(name) or is_index(name)


def stem(name: bytes) -> bytes:
    """The name without its last extension; a leading dot begins no extension."""
    cut = name.rfind(b".")
    return name[:cut] if cut > 0 else name


def display_name(raw: bytes) -> str:
    """What people read: NFC text on one line, 1 to 255 characters, without anything that acts on a terminal.

    UTF-8 where it is UTF-8, else Windows-1252, the code page of the programs that still write such names.
    Control characters become their pictures, other invisible or direction-changing ones a replacement character.
    For people only: two raw names can look the same, so it identifies nothing and is never part of a path.
    HTML, CSV and shells still need their own escaping, for `<`, `=` and `$` stand here as they came.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = "".join(_from_windows(byte) for byte in raw)
    text = unicodedata.normalize("NFC", text.translate(_SMB_REPLACED))
    shown = "".join(_harmless(character) for character in text)
    if len(shown) > MAX_DISPLAY_CHARACTERS:
        shown = shown[: MAX_DISPLAY_CHARACTERS - 1] + "…"
    return shown or "\N{REPLACEMENT CHARACTER}"


def _from_windows(byte: int) -> str:
    one = bytes((byte,))
    try:
        return one.decode("cp1252")
    except UnicodeDecodeError:  # five places of Windows-1252 are empty
        return one.decode("latin-1")


def _harmless(character: str) -> str:
    if character < " ":
        return chr(0x2400 + ord(character))
    if character == "\x7f":
        return "\N{SYMBOL FOR DELETE}"
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return "\N{REPLACEMENT CHARACTER}"
    return character
