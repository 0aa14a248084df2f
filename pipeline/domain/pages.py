"""Values that travel between the steps: what was found in a source, on a page, on a letter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.domain.address import PostalAddress
from pipeline.domain.postal_products import SpecialProduct
from pipeline.domain.profiles import AddressForm, Plex
from pipeline.domain.window_sight import WindowSight

SourceType = Literal["pdf", "tiff", "jpeg", "png"]


@dataclass(frozen=True)
class SourceFacts:
    """What a dropped file is, by its content. `remarks`: codes worth telling, e.g. `symbol-coded`, `signed`."""

    type: SourceType
    pages: int
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class AttachedFile:
    """A file that a PDF carries beside its pages, by its name (may be empty) and size. `asks`: it may be what the
    document is about, so a person decides whether it may be left out."""

    name: str
    bytes: int
    asks: bool = False

    def __post_init__(self) -> None:
        if self.bytes < 0:
            raise ValueError(f"not a size: {self.bytes}")

    @property
    def told(self) -> str:
        """Name and size for people."""
        return f"{self.name or 'ohne Namen'} ({self.bytes} Byte)"


@dataclass(frozen=True, slots=True)
class ControlLine:
    """That a control line was seen on a page of a letter, by its offset from 0. `rest`: fingerprint of what else stands
    on the page, for the proof that nothing of it goes with the line."""

    offset: int
    rest: str


@dataclass(frozen=True)
class LetterRange:
    """The pages of one letter in its source, from 1, both ends included; `ordinal` from 1 within the source.

    `plex`: as the letter itself asks; None: as the whole file is printed. `control_lines`: on which of its pages one
    was seen; None where nobody looked.
    """

    ordinal: int
    first_page: int
    last_page: int
    plex: Plex | None = None
    control_lines: tuple[ControlLine, ...] | None = None

    def __post_init__(self) -> None:
        if not (self.ordinal >= 1 and 1 <= self.first_page <= self.last_page):
            raise ValueError(f"not a range of pages: {self}")
        if any(not 0 <= line.offset < self.pages for line in self.control_lines or ()):
            raise ValueError(f"a control line on no page of the letter: {self}")

    @property
    def pages(self) -> int:
        """How many pages the letter has."""
        return self.last_page - self.first_page + 1


@dataclass(frozen=True)
class FlatFinding:
    """What the flat machine minds on a letter that suits the folding one.

    `code`, `detail`, `page`: why it goes back if it ends in the flat stream; no code where it may, with `remarks`.
    """

    code: str | None = None
    detail: str = ""
    page: int | None = None
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.code is None) != (not self.detail):
            raise ValueError("a finding has a code and a detail, or neither")


@dataclass(frozen=True)
class LetterReading:
    """What one letter showed. Either `address` and `form` are there, or `code` and `detail` say why it goes back.

    `first_page`: where its normalised pages begin in the slice's own PDF, from 1. Pages of letters that go
    back are in that PDF too, so that they can be returned as they would have been printed.
    `page`: the source page to blame. `sight`: what the window may show, None where it was not looked at.
    `confidence`: of the address, in percent; 100 for text, less where it was recognised. `sender`: what stands over the
    address besides endorsements; `endorsements`: what they say, without file references. `special`: the product that
    an endorsement orders, where such letters have a pool of their own. `flat`: what speaks against the flat stream,
    None for nothing.
    """

    range: LetterRange
    first_page: int
    address: PostalAddress | None
    form: AddressForm | None
    code: str | None = None
    detail: str | None = None
    page: int | None = None
    remarks: tuple[str, ...] = ()
    sight: WindowSight | None = None
    confidence: float = 100.0
    sender: str = ""
    endorsements: str = ""
    special: SpecialProduct | None = None
    flat: FlatFinding | None = None

    def __post_init__(self) -> None:
        if (self.code is None) != (self.address is not None and self.form is not None):
            raise ValueError("a letter has an address and a form, or a code")
