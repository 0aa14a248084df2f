"""The files of an archive package as the API lists them, with the hashes that the bag itself names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.incoming.package_check import file_sha256

_MEDIA_TYPES = {".pdf": "application/pdf", ".json": "application/json", ".xml": "application/xml"}
_TAG_MANIFEST = "tagmanifest-sha256.txt"


@dataclass(frozen=True)
class PackageFile:
    """A file of a package. `name`: its path inside the bag, with slashes."""

    name: str
    path: Path
    bytes: int
    sha256: str

    @property
    def media_type(self) -> str:
        """What it is, for a program that fetches it."""
        return _MEDIA_TYPES.get(self.path.suffix, "text/plain; charset=utf-8")


def package_files(package: Path) -> list[PackageFile] | None:
    """All files of a package in order of their names; None if it is not there as a whole."""
    try:
        told = {**_rows(package / "manifest-sha256.txt"), **_rows(package / _TAG_MANIFEST)}
        told[_TAG_MANIFEST] = file_sha256(package / _TAG_MANIFEST)
        found = []
        for name in sorted(told):
            path = package / name
            if path.is_symlink() or ".." in Path(name).parts or Path(name).is_absolute():
                return None
            found.append(PackageFile(name, path, path.stat().st_size, told[name]))
    except (OSError, ValueError):
        return None
    return found


def _rows(manifest: Path) -> dict[str, str]:
    rows = {}
    for line in manifest.read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition(" ")
        if len(bytes.fromhex(digest)) != 32:
            raise ValueError("not a SHA-256")
        rows[name.strip()] = digest
    return rows
