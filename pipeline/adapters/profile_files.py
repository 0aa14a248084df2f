"""The profiles' TOML files: read strictly, checked against one another, hashed.

    municipalities/<id>.toml  jobs/<id>.toml  machines/<id>.toml
    letterheads/<name>.pdf (where a municipality names them)
    envelopes.toml  paper.toml  enclosures.toml  postage.toml  calendar.toml (may be missing: Calendar's own values)

Profiles are the house's own data, so they are read in this process. A file may begin with a byte order mark.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Generic, Protocol, TypeVar

from pipeline.adapters.profile_shape import read_shape
from pipeline.adapters.time_zones import zone_faults
from pipeline.domain.calendar import Calendar
from pipeline.domain.errors import ProfileError
from pipeline.domain.postal_products import PostageTable
from pipeline.domain.profile_references import Catalogue, job_reference_faults, municipality_reference_faults
from pipeline.domain.profile_values import (
    Fault,
    calendar_faults,
    enclosure_faults,
    envelope_faults,
    id_faults,
    job_faults,
    machine_faults,
    municipality_faults,
    nearest,
    paper_faults,
    postage_faults,
)
from pipeline.domain.profiles import (
    Enclosure,
    Envelope,
    Job,
    Machine,
    Municipality,
    Paper,
    Profiles,
)

T = TypeVar("T")
K = TypeVar("K", str, int)


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


Identified = TypeVar("Identified", bound=_HasId)

_FOLDERS = ("jobs", "machines", "municipalities")
_TABLES = ("enclosures.toml", "envelopes.toml", "paper.toml", "postage.toml")
_CALENDAR = "calendar.toml"
_LETTERHEAD_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True)
class ProfileFinding:
    """One line of `poststrasse profiles check`: what was found in a file, in German.

    `file`: relative to the profiles' folder. `key`: where in it, or empty. `ok`: nothing is wrong with this file.
    `code`: stable, `profile-…`; empty if `ok`.
    """

    file: str
    key: str
    sentence: str
    remedy: str
    ok: bool
    code: str = ""


@dataclass(frozen=True)
class _EnvelopeFile:
    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid"}
    envelopes: tuple[Envelope, ...]


@dataclass(frozen=True)
class _PaperFile:
    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid"}
    papers: tuple[Paper, ...]


@dataclass(frozen=True)
class _EnclosureFile:
    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid"}
    enclosures: tuple[Enclosure, ...] = ()


@dataclass
class _Reading:
    """One pass over the files: their bytes, and the findings so far."""

    bytes_of: dict[str, bytes]
    findings: list[ProfileFinding] = field(default_factory=list)

    def add(self, file: str, faults: Iterable[Fault], prefix: str = "") -> bool:
        """Write down faults, their keys below `prefix`; whether there were any."""
        count = len(self.findings)
        for fault in faults:
            key = ".".join(part for part in (prefix, fault.key) if part)
            self.findings.append(ProfileFinding(file, key, fault.sentence, fault.remedy, False, fault.code))
        return len(self.findings) > count

    def parsed(self, file: str, kind: type[T]) -> T | None:
        """The file's value, or None once its faults are written down."""
        if file not in self.bytes_of:
            return None  # its absence is written down already
        try:
            raw = tomllib.loads(self.bytes_of[file].decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            sentence = f"Die Datei ist nicht in UTF-8 geschrieben (Byte {error.start})."
            self.add(file, [Fault("profile-syntax", "", sentence, "Speichern Sie die Datei als UTF-8.")])
            return None
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            sentence = f"Die Datei ist kein gültiges TOML: {error}."
            remedy = (
                "Prüfen Sie die genannte Stelle: Anführungszeichen, Klammern, Gleichheitszeichen, doppelte Schlüssel."
            )
            self.add(file, [Fault("profile-syntax", "", sentence, remedy)])
            return None
        value, faults = read_shape(kind, raw)
        self.add(file, faults)
        return value


@dataclass(frozen=True)
class _Table(Generic[K, T]):
    """The faultless values of one kind by id, and every id there is; None if the file could not be read."""

    values: dict[K, T]
    names: frozenset[K] | None


def load_profiles(root: Path) -> Profiles:
    """Read all profiles below `root`.

    Raises ProfileError with a code `profile-…` for the first fault, in the order of `check_profiles`; its
    sentence names file and key and says how many more there are, its remedy the nearest right spelling.
    """
    profiles, reading = _load(root)
    if profiles is None:
        findings = reading.findings
        first = findings[0]
        where = f"{first.file}: {first.key}" if first.key else first.file
        more = len(findings) - 1
        rest = f" (und {more} weitere{'r' if more == 1 else ''} Fehler: poststrasse profiles check)" if more else ""
        raise ProfileError(first.code, f"{where}: {first.sentence}{rest}", first.remedy)
    return profiles


def check_profiles(root: Path) -> list[ProfileFinding]:
    """Every fault below `root`, and a line for each file without one; in the order of the files' names."""
    _, reading = _load(root)
    faulty = {finding.file for finding in reading.findings}
    fine = [ProfileFinding(file, "", "In Ordnung.", "", True) for file in reading.bytes_of if file not in faulty]
    return sorted([*reading.findings, *fine], key=lambda finding: finding.file)


def _load(root: Path) -> tuple[Profiles | None, _Reading]:
    """All profiles, or None; with every fault in the order of the files' names."""
    reading = _read(root)
    municipalities = _own_files(reading, "municipalities", Municipality, municipality_faults)
    jobs = _own_files(reading, "jobs", Job, job_faults)
    machines = _own_files(reading, "machines", Machine, machine_faults)
    envelopes = _envelopes(reading)
    papers = _papers(reading)
    enclosures = _enclosures(reading)
    postage = reading.parsed("postage.toml", PostageTable)
    if postage is not None:
        reading.add("postage.toml", postage_faults(postage))
    calendar = reading.parsed(_CALENDAR, Calendar)
    if calendar is not None:
        reading.add(_CALENDAR, calendar_faults(calendar))
    reading.add(_CALENDAR, zone_faults((calendar or Calendar()).time_zone))
    catalogue = Catalogue(
        jobs=jobs.values,
        machines=machines.values,
        envelopes=envelopes.values,
        names={
            "jobs": jobs.names,
            "machines": machines.names,
            "envelopes": envelopes.names,
            "papers": papers.names,
            "municipalities": municipalities.names,
            "products": frozenset(product.id for product in postage.products) if postage is not None else None,
        },
        stations=enclosures.names,
    )
    letterheads = _letterheads(reading, root, municipalities.values.values())
    for id_, municipality in municipalities.values.items():
        reading.add(f"municipalities/{id_}.toml", municipality_reference_faults(municipality, catalogue))
    for id_, job in jobs.values.items():
        reading.add(f"jobs/{id_}.toml", job_reference_faults(job, catalogue))
    reading.findings.sort(key=lambda finding: finding.file)
    if reading.findings or postage is None:
        return None, reading
    profiles = Profiles(
        municipalities=municipalities.values,
        jobs=jobs.values,
        machines=machines.values,
        envelopes=envelopes.values,
        papers=papers.values,
        enclosures=enclosures.values,
        postage=postage,
        sha256=_digest(reading.bytes_of),
        letterheads=letterheads,
        calendar=calendar or Calendar(),
    )
    return profiles, reading


def _read(root: Path) -> _Reading:
    """The bytes of every profile; findings for what is missing, unreadable, or where no profile belongs."""
    reading = _Reading({})
    if not root.is_dir():
        remedy = "Prüfen Sie die Einstellung POSTSTRASSE_PROFILES."
        reading.add(str(root), [Fault("profile-missing-file", "", "Den Ordner der Profile gibt es nicht.", remedy)])
        return reading
    for path in sorted(root.rglob("*.toml")):
        file = path.relative_to(root).as_posix()
        folder, _, name = file.rpartition("/")
        if file not in (*_TABLES, _CALENDAR) and (folder not in _FOLDERS or name.startswith(".")):
            reading.add(file, [_misplaced(file, folder)])
            continue
        try:
            reading.bytes_of[file] = path.read_bytes()
        except OSError as error:
            remedy = "Prüfen Sie die Rechte der Datei."
            sentence = f"Die Datei lässt sich nicht lesen ({error.strerror})."
            reading.add(file, [Fault("profile-unreadable", "", sentence, remedy)])
    present = {*reading.bytes_of, *(finding.file for finding in reading.findings)}
    for file in _TABLES:
        if file not in present:
            remedy = "Legen Sie die Datei an; das Verzeichnis profiles/ der Auslieferung zeigt ein Beispiel."
            reading.add(file, [Fault("profile-missing-file", "", "Die Datei fehlt.", remedy)])
    return reading


def _misplaced(file: str, folder: str) -> Fault:
    places = [f"{name}/" for name in _FOLDERS] if folder else [*_TABLES, _CALENDAR]
    meant = nearest(f"{folder}/" if folder else file, places)
    remedy = (
        f"Meinten Sie »{meant}«?" if meant else f"Profile liegen in: {', '.join([*_FOLDERS, *_TABLES, _CALENDAR])}."
    )
    return Fault("profile-unknown-file", "", "An dieser Stelle wird kein Profil gelesen.", remedy)


def _own_files(
    reading: _Reading, folder: str, kind: type[Identified], faults_of: Callable[[Identified], Iterable[Fault]]
) -> _Table[str, Identified]:
    """The kinds of which each has a file of its own, called after its id."""
    values: dict[str, Identified] = {}
    files = [file for file in reading.bytes_of if file.startswith(f"{folder}/")]
    unread = [finding.file for finding in reading.findings if finding.file.startswith(f"{folder}/")]
    for file in files:
        value = reading.parsed(file, kind)
        if value is not None and not reading.add(file, [*id_faults(value.id, _stem(file)), *faults_of(value)]):
            values[value.id] = value
    return _Table(values, frozenset(_stem(file) for file in (*files, *unread)))


def _stem(file: str) -> str:
    return file.rpartition("/")[2].removesuffix(".toml")


def _envelopes(reading: _Reading) -> _Table[str, Envelope]:
    content = reading.parsed("envelopes.toml", _EnvelopeFile)
    entries = None if content is None else [(envelope.id, envelope) for envelope in content.envelopes]
    return _entries(reading, "envelopes.toml", "envelopes", entries, envelope_faults)


def _papers(reading: _Reading) -> _Table[str, Paper]:
    content = reading.parsed("paper.toml", _PaperFile)
    entries = None if content is None else [(paper.id, paper) for paper in content.papers]
    return _entries(reading, "paper.toml", "papers", entries, paper_faults)


def _enclosures(reading: _Reading) -> _Table[int, Enclosure]:
    content = reading.parsed("enclosures.toml", _EnclosureFile)
    entries = None if content is None else [(enclosure.station, enclosure) for enclosure in content.enclosures]
    return _entries(reading, "enclosures.toml", "enclosures", entries, enclosure_faults)


def _entries(
    reading: _Reading,
    file: str,
    table: str,
    entries: list[tuple[K, T]] | None,
    faults_of: Callable[[T], Iterable[Fault]],
) -> _Table[K, T]:
    """The kinds that share a file: each entry once, each without a fault of its own."""
    if entries is None:
        return _Table({}, None)
    values: dict[K, T] = {}
    seen: set[K] = set()
    for id_, value in entries:
        prefix = f"{table}[{id_}]"
        faults = list(faults_of(value))
        if isinstance(id_, str):
            faults += id_faults(id_, None)
        if id_ in seen:
            faults.append(Fault("profile-id", "", f"»{id_}« gibt es zweimal.", "Streichen Sie einen der Einträge."))
        seen.add(id_)
        if not reading.add(file, faults, prefix):
            values[id_] = value
    return _Table(values, frozenset(seen))


def _letterheads(reading: _Reading, root: Path, municipalities: Iterable[Municipality]) -> dict[str, bytes]:
    """The letterheads that municipalities name, by file; whether they are fit to print on is not looked at here."""
    found: dict[str, bytes] = {}
    for municipality in municipalities:
        for letterhead in municipality.letterheads:
            file, path = letterhead.file, root / letterhead.file
            where = f"municipalities/{municipality.id}.toml"
            try:
                if not path.is_file() or path.stat().st_size > _LETTERHEAD_BYTES:
                    sentence = f"Den Briefbogen »{file}« gibt es nicht, oder er ist größer als 5 MB."
                    remedy = "Legen Sie die PDF-Datei unter diesem Namen in den Ordner der Profile."
                    reading.add(where, [Fault("profile-reference", "letterheads", sentence, remedy)])
                    continue
                found[file] = reading.bytes_of[file] = path.read_bytes()
            except OSError as error:
                sentence = f"Der Briefbogen »{file}« lässt sich nicht lesen ({error.strerror})."
                reading.add(where, [Fault("profile-unreadable", "letterheads", sentence, "Prüfen Sie die Rechte.")])
    return found


def _digest(bytes_of: dict[str, bytes]) -> str:
    """SHA-256 over names and contents of all files in sorted order, each with its length before it."""
    digest = hashlib.sha256()
    for file in sorted(bytes_of):
        for part in (os.fsencode(file), bytes_of[file]):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()
