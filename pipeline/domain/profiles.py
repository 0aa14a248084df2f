"""What the profiles say, as values: municipalities, jobs, machines, envelopes, paper, postage.

The files behind them are read by `adapters.profile_files`. Every class refuses impossible values when made.
`__pydantic_config__` is a plain mapping that the reader honours: unknown keys are errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Literal

from pipeline.domain.calendar import Calendar
from pipeline.domain.cleaning import CleaningRules
from pipeline.domain.enclosure_rules import EnclosureRule
from pipeline.domain.font_rules import FontRules
from pipeline.domain.geometry import Rect
from pipeline.domain.joining_rules import JoiningRules
from pipeline.domain.page_rules import PageRules
from pipeline.domain.pooling import CutOffRules, PoolRules
from pipeline.domain.postal_products import PostageTable
from pipeline.domain.split_rules import SplitRules
from pipeline.domain.window_rules import MarkZoneRules, WindowPolicy, WindowRules

Direction = Literal["incoming", "outgoing"]
Plex = Literal["simplex", "duplex"]
AddressForm = Literal["A", "B"]
Overflow = Literal["flat", "split"]
FedSheet = Literal["last", "first", "all"]
SeparatorSheets = Literal["none", "volume", "product"]
MarkKind = Literal["omr", "datamatrix", "both"]
ScanPlex = Literal["simplex", "duplex", "mixed"]
BlankPages = Literal["drop", "keep"]
SeparatorKind = Literal[
    "cover-sheet", "text-code", "patch-1", "patch-2", "patch-3", "patch-4", "patch-6", "patch-t", "blank"
]

_STRICT: dict[str, object] = {"extra": "forbid", "strict": False}


@dataclass(frozen=True)
class Letterhead:
    """A sheet of letterhead: a PDF below the profiles' folder, page 1 for first pages, page 2, if any, for the rest."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    id: str
    file: str


@dataclass(frozen=True)
class Municipality:
    """One member of the print centre. `jobs`: the job profiles it uses. `mix`: may its letters lie among others'?"""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    id: str
    name: str
    sender_line: str
    cost_centre: str
    jobs: tuple[str, ...]
    mix: bool = True
    letterheads: tuple[Letterhead, ...] = ()

    def letterhead(self, id: str) -> Letterhead | None:
        """The letterhead of this id, or None."""
        return next((one for one in self.letterheads if one.id == id), None)


@dataclass(frozen=True)
class SeparationRules:
    """How a stack is cut into documents. `by`: what separates; nothing: one file is one document.

    `every_pages` n: a document has n pages that are not left out; 0: any number. `plex`: how the scanner delivers
    sheets, so that counts can be compared: one page a sheet, two, or (`mixed`) one or two. `text_codes`: what a
    separating QR code or Code 39 says.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    by: tuple[SeparatorKind, ...] = ()
    every_pages: int = 0
    blank_pages: BlankPages = "keep"
    plex: ScanPlex = "mixed"
    text_codes: tuple[str, ...] = ("PATCHT",)

    def __post_init__(self) -> None:
        if self.every_pages < 0:
            raise ValueError("separation: every_pages is 0 or more")
        if "blank" in self.by and self.blank_pages == "keep":
            raise ValueError('separation: where blank pages separate, blank_pages must be "drop"')

    @property
    def looks(self) -> bool:
        """Whether every page has to be looked at before a stack can be cut."""
        return bool(self.by or self.every_pages) or self.blank_pages == "drop"


@dataclass(frozen=True)
class IncomingRules:
    """How a job recognises scans. Confidence in percent, 0 to 100.

    `slice_pages`: the most that a worker recognises in one go; a short scan is cut finer.
    `ghostscript`: whether it may make PDF/A of born-digital pages that ours can't. `device`: the scanner, for the
    transfer note. `keep_days` and `paper_keep_days`: how long working copies and paper are kept, from the archive's
    acknowledgement on.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    language: str = "deu"
    max_pages: int = 2000
    max_page_megapixels: float = 150.0
    max_file_mb: int = 2000
    slice_pages: int = 8
    review_below_confidence: float = 30.0
    reject_symbol_coding: bool = False
    separation: SeparationRules = field(default_factory=SeparationRules)
    ghostscript: bool = False
    device: str = ""
    keep_days: int = 42
    paper_keep_days: int = 42


@dataclass(frozen=True)
class OutgoingRules:
    """How a job makes letters. `pages_per_letter` 0: the whole file is one letter; n: every n pages begin a new one.

    `split`: what else tells where letters begin, for letters of any length; `pages_per_letter` is then 0.
    `forms`: the DIN 5008 forms whose window is tried, in this order; one only where `window` has a field of its own,
    which then takes that form's place. `machine` inserts what it can fold, `flat_machine` the rest in `flat_envelope`.
    `pages`: what is done with pages that are not A4; `cleaning`: with what a file carries besides pages; `fonts`: with
    fonts that it doesn't bring along.
    `plex_ranges`: pages that are printed another way than `plex` says, as `3- duplex` (`domain.sheet_layout`).
    `overflow`: whether what can't be folded goes flat or over several envelopes. `letterhead`: id of the
    municipality's sheet that is printed under the pages, or empty.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    machine: str
    envelope: str
    paper: str
    flat_machine: str
    flat_envelope: str
    pages_per_letter: int = 0
    split: SplitRules = field(default_factory=SplitRules)
    plex: Plex = "simplex"
    forms: tuple[AddressForm, ...] = ("B", "A")
    enclosures: tuple[int, ...] = ()
    max_pages: int = 250_000
    max_file_mb: int = 4000
    slice_letters: int = 250
    pool: PoolRules = field(default_factory=PoolRules)
    pages: PageRules = field(default_factory=PageRules)
    cleaning: CleaningRules = field(default_factory=CleaningRules)
    fonts: FontRules = field(default_factory=FontRules)
    plex_ranges: tuple[str, ...] = ()
    enclosure_rules: tuple[EnclosureRule, ...] = ()
    overflow: Overflow = "flat"
    joining: JoiningRules = field(default_factory=JoiningRules)
    letterhead: str = ""
    window: WindowRules = field(default_factory=WindowRules)
    mark_zone: MarkZoneRules = field(default_factory=MarkZoneRules)

    def __post_init__(self) -> None:
        if self.window.own is not None and len(self.forms) != 1:
            raise ValueError("outgoing: an address field of its own goes with exactly one form")


@dataclass(frozen=True)
class Job:
    """A job profile: what happens to a file that is dropped into the folder of this name."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    id: str
    title: str
    direction: Direction
    settle_s: float = 10.0
    incoming: IncomingRules | None = None
    outgoing: OutgoingRules | None = None

    def __post_init__(self) -> None:
        wanted = self.incoming if self.direction == "incoming" else self.outgoing
        other = self.outgoing if self.direction == "incoming" else self.incoming
        if wanted is None or other is not None:
            sentence = f"job {self.id}: direction is {self.direction}, so exactly [{self.direction}] must be there"
            raise ValueError(sentence)


@dataclass(frozen=True)
class Sequence:
    """The running number of sheets: first + k mod (modulo - first), k from 0 in feed order within a volume."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    modulo: int = 8
    first: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.first < self.modulo:
            raise ValueError("sequence: 0 <= first < modulo")


@dataclass(frozen=True)
class DatamatrixPlace:
    """Where the 2D code stands: its top left corner and module size, mm; the quiet zone lies outside."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    x_mm: float
    y_mm: float
    module_mm: float = 0.5
    quiet_mm: float = 2.5


@dataclass(frozen=True)
class Marks:
    """Geometry and meaning of the marks, CONTRACTS.md 5.

    `reverse_clear_mm`: how far around the marks the back of a sheet has to be free as well, for a machine that sees
    through the paper; None: the back doesn't matter.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    kind: MarkKind
    side: Literal["front"] = "front"
    x_mm: float = 7.0
    first_mm: float = 0.0
    pitch_mm: float = 0.0
    length_mm: float = 12.0
    thickness_mm: float = 0.5
    clear_mm: float = 3.0
    reverse_clear_mm: float | None = None
    feed_on: FedSheet = "last"
    tokens: tuple[str, ...] = ()
    sequence: Sequence = field(default_factory=Sequence)
    datamatrix: DatamatrixPlace | None = None

    def __post_init__(self) -> None:
        if self.kind in ("omr", "both") and (not self.tokens or self.pitch_mm <= self.thickness_mm):
            raise ValueError("marks: omr needs tokens and a pitch wider than a stroke")
        if self.kind in ("datamatrix", "both") and self.datamatrix is None:
            raise ValueError("marks: kind datamatrix needs [marks.datamatrix]")
        if self.reverse_clear_mm is not None and not 0 <= self.reverse_clear_mm <= 20:
            raise ValueError("marks: reverse_clear_mm is 0 to 20")


@dataclass(frozen=True)
class Feed:
    """How the machine is fed. `stations`: enclosure stations; `max_sheets`: of one folded piece.

    `selective`: whether it calls stations piece by piece; if not, all pieces of a batch have the same enclosures, and
    the operator switches the stations on. `separator_sheet`: before what an unmarked sheet with a legend is printed;
    `product` means before each volume too.
    `max_thickness_mm`: of folded sheets and enclosures together, without the envelope; 0 where nobody measured it.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    address_sheet: Literal["first", "last"] = "first"
    trailer_sheet: bool = False
    max_sheets: int = 5
    max_volume_sheets: int = 2000
    stations: int = 4
    selective: bool = True
    separator_sheet: SeparatorSheets = "none"
    max_thickness_mm: float = 0.0

    def __post_init__(self) -> None:
        if min(self.max_sheets, self.max_volume_sheets) < 1 or not 0 <= self.stations <= 8:
            raise ValueError("feed: at least one sheet a piece and a volume, 0 to 8 stations")
        if self.max_thickness_mm < 0:
            raise ValueError("feed: no thickness below 0")


@dataclass(frozen=True)
class Machine:
    """An insertion machine. `source`: whose manual, or whose decision, the layout follows."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    id: str
    title: str
    source: str
    marks: Marks
    feed: Feed
    cut_off: CutOffRules = field(default_factory=CutOffRules)


@dataclass(frozen=True)
class Folding:
    """How a sheet lies in an envelope for one DIN 5008 form.

    `folds_mm`: from the sheet's top, empty when flat. `always`: what the window shows in every position of
    the sheet; `possible`: what it can show in some position.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    form: AddressForm
    folds_mm: tuple[float, ...]
    always: Rect
    possible: Rect


@dataclass(frozen=True)
class Envelope:
    """An envelope stock. Outer size in mm, empty weight in mg. In use from `valid_from` to `valid_to`, both too.

    `beside_address`: what happens when its window can show something beside the address; a job may say otherwise.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    id: str
    title: str
    width_mm: float
    height_mm: float
    weight_mg: int
    flat: bool
    max_sheets: int
    foldings: tuple[Folding, ...]
    source: str
    valid_from: date = date.min
    valid_to: date = date.max
    beside_address: WindowPolicy = "refuse"

    def folding(self, form: AddressForm) -> Folding | None:
        """The folding for a DIN 5008 form, or None where this envelope cannot show that form's address."""
        return next((f for f in self.foldings if f.form == form), None)


@dataclass(frozen=True)
class Paper:
    """A paper stock. `sheet_weight_mg`: of one A4 sheet; `thickness_mm`: of one sheet. `source`: who weighed it."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    id: str
    title: str
    grammage_g_m2: float
    sheet_weight_mg: int
    thickness_mm: float
    source: str = ""
    valid_from: date = date.min
    valid_to: date = date.max


@dataclass(frozen=True)
class Enclosure:
    """What lies in an enclosure station. Station 1 to 8, weight in mg. `source`: who weighed it."""

    __pydantic_config__: ClassVar[dict[str, object]] = _STRICT
    station: int
    title: str
    weight_mg: int
    thickness_mm: float
    source: str = ""
    valid_from: date = date.min
    valid_to: date = date.max


@dataclass(frozen=True)
class Profiles:
    """Everything, checked for dangling references. `sha256`: over the files it came from, in sorted order.

    `letterheads`: the bytes of each letterhead's PDF by its file name.
    """

    municipalities: Mapping[str, Municipality]
    jobs: Mapping[str, Job]
    machines: Mapping[str, Machine]
    envelopes: Mapping[str, Envelope]
    papers: Mapping[str, Paper]
    enclosures: Mapping[int, Enclosure]
    postage: PostageTable
    sha256: str
    calendar: Calendar = field(default_factory=Calendar)
    letterheads: Mapping[str, bytes] = field(default_factory=dict)
