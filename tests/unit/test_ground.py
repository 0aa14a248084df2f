"""The ground the project stands on: requirements, licences, documents and recipes agree with each other."""

from __future__ import annotations

import re
import stat
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ("requirements.txt", "requirements-test.txt", "requirements-build.txt")
RECIPES = ("Makefile", "Dockerfile", "docker-compose.yml", ".ci/run", "pyproject.toml")
EXIT_CODES = (0, 1, 2, 3, 4, 5, 6, 130)
ADR_PARTS = ("Context", "Decision", "Consequence", "Alternatives")

_PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s;]+)")
# Enough for one who may use, change and pass on; weak copyleft stays with the library that has it.
_ALLOWED_LICENCES = re.compile(
    r"MIT(-CMU)?( License)?|BSD( License|-2-Clause|-3-Clause)?|0BSD|Apache([- ]2\.0| License 2\.0| Software License)?"
    r"|ISC( License \(ISCL\))?|PSF-2\.0|Python Software Foundation License|Zlib|CC0-1\.0|Unlicense"
    r"|MPL-2\.0|Mozilla Public License 2\.0 \(MPL 2\.0\)"
    r"|LGPL-3\.0(-only|-or-later)?|GNU Lesser General Public License v3( or later)? \(LGPLv3\+?\)"
)
# What their metadata say in words of their own, read once by a person.
_READ_BY_A_PERSON = {
    "pypdfium2": "BSD-3-Clause, Apache-2.0, dependency licenses",
    "reportlab": "BSD license (see license.txt for details), Copyright (c) 2000-2025, ReportLab Inc.",
}


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _blocks(name: str) -> dict[str, str]:
    """Each pinned package of a requirements file with the lines that belong to it."""
    blocks: dict[str, str] = {}
    current = ""
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if line.lstrip().startswith("#") or not line.strip():
            continue
        if not line.startswith(" "):
            pin = _PIN.match(line)
            assert pin is not None, f"{name}: not pinned: {line}"
            current = _canonical(pin[1])
            assert current not in blocks, f"{name}: twice: {current}"
            blocks[current] = ""
        blocks[current] += line + "\n"
    return blocks


def _version(block: str) -> str:
    pin = _PIN.match(block)
    assert pin is not None
    return pin[2]


def _declared(*, tests: bool) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = project["optional-dependencies"]["test"] if tests else project["dependencies"]
    return {_canonical(re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0]) for line in lines}


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_every_pin_has_a_hash(name: str) -> None:
    blocks = _blocks(name)
    assert blocks
    without = [package for package, block in blocks.items() if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", block)]
    assert without == []


@pytest.mark.parametrize("name", [*REQUIREMENTS, "requirements-build.in"])
def test_no_requirement_names_an_index_or_a_host(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.findall(r"\w+://\S*|--(?:extra-)?index-url|--find-links|--trusted-host|\s@\s", text) == []


def test_everything_declared_is_pinned_and_both_files_agree() -> None:
    run, test = _blocks("requirements.txt"), _blocks("requirements-test.txt")
    assert _declared(tests=False) <= run.keys()
    assert _declared(tests=True) <= test.keys()
    assert run.keys() <= test.keys()
    assert {name: _version(block) for name, block in run.items()} == {name: _version(test[name]) for name in run}


@pytest.mark.parametrize("python", ["3.11.2", "3.11.9", "3.12.3", "3.13.1"])
def test_nothing_is_missing_on_other_versions_of_python(python: str) -> None:
    # Debian 12 has 3.11.2, and packages may need more there than on the machine where the pins were made.
    pinned = _blocks("requirements.txt").keys()
    version = {"python_full_version": python, "python_version": python.rpartition(".")[0], "extra": ""}
    missing = set()
    for package in sorted(pinned):
        try:
            wanted = [Requirement(line) for line in metadata.requires(package) or []]
        except metadata.PackageNotFoundError:
            continue
        applying = [each for each in wanted if each.marker is None or each.marker.evaluate(version)]
        missing |= {f"{package} needs {each}" for each in applying if _canonical(each.name) not in pinned}
    assert sorted(missing) == []


def _texts() -> list[Path]:
    kept = [ROOT / name for name in (*RECIPES, *REQUIREMENTS, "README.md", "CHANGELOG.md")]
    return [*kept, *sorted((ROOT / "scripts").glob("*")), *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("path", _texts(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_names_a_place_on_somebodys_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"(?<![\w.])/(?:work|home|root|Users)/\S*|[A-Z]:\\\\\S*", text) == []


@pytest.mark.parametrize("path", [*sorted((ROOT / "scripts").glob("*.sh")), ROOT / ".ci" / "run"], ids=lambda p: p.name)
def test_scripts_can_be_run(path: Path) -> None:
    assert path.stat().st_mode & stat.S_IXUSR
    assert path.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash\n")


def _targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_the_makefile_has_every_promised_target() -> None:
    assert {"demo", "test", "bench", "setup", "setup-test", "lint", "clean", "help"} <= _targets()


def test_commands_in_the_documents_exist() -> None:
    texts = "\n".join(path.read_text(encoding="utf-8") for path in _texts() if path.suffix == ".md")
    named = set(re.findall(r"`(?:[A-Z_]+=\S+ )*make ([a-z-]+)|^make ([a-z-]+)", texts, re.MULTILINE))
    words = {first or second for first, second in named}
    assert words, "the documents name no make target at all"
    assert words <= _targets()


def test_scripts_that_the_makefile_calls_exist() -> None:
    called = set(re.findall(r"scripts/[a-z]+\.sh", (ROOT / "Makefile").read_text(encoding="utf-8")))
    assert called
    assert [name for name in sorted(called) if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("path", [p for p in _texts() if p.suffix == ".md"], ids=lambda p: str(p.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_exit_codes_are_documented() -> None:
    text = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    assert tuple(int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)) == EXIT_CODES


def test_every_setting_is_in_the_readme() -> None:
    from workers.settings import VARIABLES

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(POSTSTRASSE_\w+)` \|", readme, re.MULTILINE) == [
        variable for _, variable, *_ in VARIABLES
    ]


def _decisions() -> list[Path]:
    return sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    names = [path.name for path in _decisions()]
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    index = (ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\(([0-9][^)]*\.md)\)", index) == names


@pytest.mark.parametrize("path", _decisions(), ids=lambda path: path.stem)
def test_a_decision_has_all_its_parts(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {path.name[:4]} ")
    assert re.search(r"^Status: (accepted|superseded by \d{4}), ", text, re.MULTILINE)
    assert tuple(re.findall(r"^\*\*(\w+)\.\*\* \S", text, re.MULTILINE)) == ADR_PARTS


def test_every_dependency_has_exactly_one_decision() -> None:
    found: list[str] = []
    for path in _decisions():
        parts = re.search(r"^Status: .* Parts: (.+)\.$", path.read_text(encoding="utf-8"), re.MULTILINE)
        if parts is not None:
            found += [_canonical(name) for name in parts[1].split(", ")]
    assert sorted(found) == sorted(_declared(tests=False) | _declared(tests=True) | {"setuptools"})


@pytest.mark.parametrize("package", sorted(_blocks("requirements.txt")))
def test_run_time_parts_have_a_licence_that_fits(package: str) -> None:
    try:
        facts = metadata.metadata(package)
    except metadata.PackageNotFoundError:
        pytest.skip(f"{package} is not installed on this kind of machine")
    written = facts.get("License-Expression") or facts.get("License") or ""
    if _READ_BY_A_PERSON.get(package) == written:
        return
    classified = [
        line.rpartition(" :: ")[2] for line in facts.get_all("Classifier", []) if line.startswith("License ::")
    ]
    alternatives = [re.split(r" AND |, ", part) for part in re.split(r" OR ", written.strip("()"))] if written else []
    alternatives += [[name] for name in classified]
    fits = [names for names in alternatives if all(_ALLOWED_LICENCES.fullmatch(name.strip()) for name in names)]
    assert fits, f"{package}: {written!r} {classified}"


def test_the_licence_check_can_fail() -> None:
    for name in ("AGPL-3.0-only", "GPL-3.0-or-later", "GNU Affero General Public License v3", "Proprietary", ""):
        assert _ALLOWED_LICENCES.fullmatch(name) is None


def test_the_licence_is_the_whole_eupl() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2\n")
    assert re.findall(r"^(\d+)\.", text, re.MULTILINE) == [str(article) for article in range(1, 16)]
    assert "Appendix" in text


def test_the_compose_file_names_settings_parts_and_volumes_that_exist() -> None:
    from workers.settings import VARIABLES

    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    known = {variable for _, variable, *_ in VARIABLES}
    services = compose["services"]
    ours = {name: service for name, service in services.items() if "build" in service}
    assert set(ours) == {"watch", "work", "console"}
    for name, service in ours.items():
        assert service["command"] == [name]
        assert service["environment"].keys() <= known
        assert {"POSTSTRASSE_ROOT", "POSTSTRASSE_DATABASE_URL", "POSTSTRASSE_REDIS_URL"} <= service[
            "environment"
        ].keys()
        assert set(service["depends_on"]) <= services.keys()
        assert "spool:/spool" in service["volumes"]
    mounted = {volume.partition(":")[0] for service in services.values() for volume in service["volumes"]}
    assert {volume for volume in mounted if not volume.startswith(".")} == compose["volumes"].keys()
    assert services["redis"]["command"] == ["redis-server", "--appendonly", "yes", "--maxmemory-policy", "noeviction"]
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:8321:8321"], "nothing may listen beyond this machine"


def test_the_image_runs_as_nobody_special_and_installs_by_hash() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"^USER (\w+)$", lines, re.MULTILINE) == ["poststrasse"]
    assert lines.index("\nUSER ") < lines.index("\nENTRYPOINT ")
    assert all("--require-hashes" in line for line in re.findall(r"pip install (?!.*--no-deps).*", lines))
    assert "\nHEALTHCHECK " in lines
