"""The benchmark's results: what is kept of them, and which of them break a promise."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from bench.promises import broken
from bench.run import PARTS, SCHEMA, merged

pytestmark = pytest.mark.unit

MACHINE = {"processors": 2}
ROOT = Path(__file__).resolve().parents[2]


def _recognition() -> dict[str, Any]:
    def side(failed: int, memory: float) -> dict[str, Any]:
        return {"failed": failed, "peak_rss_mb": memory}

    def accuracy(rate: float) -> dict[str, Any]:
        return {"all": {"cer_raw": rate, "cer": rate}, "remarks": ["dropped: page 3 (blank)"]}

    return {
        "pages": 60,
        "speed": {"poststrasse": side(0, 400.0), "ocrmypdf": side(0, 900.0), "tesseract": side(0, 100.0)},
        "accuracy": {"poststrasse": accuracy(0.02), "ocrmypdf": accuracy(0.02)},
        "ratio": {"speed": 3.0, "cpu": 3.0},
    }


def _run(status: int, memory: float = 400.0) -> dict[str, Any]:
    return {"pages": 600, "status": status, "peak_rss_mb": memory}


def test_what_is_promised_and_measured_breaks_nothing() -> None:
    assert broken("recognition", _recognition()) == []
    assert broken("scaling", {"runs": [_run(0)], "ratio": 1.2}) == []
    assert broken("separators", {"faults": []}) == []
    assert broken("pairs", {"rounds": 5, "results": []}) == []


@pytest.mark.parametrize(
    ("path", "value", "word"),
    [
        (("ratio", "speed"), 2.99, "2.99 times"),
        (("speed", "poststrasse", "peak_rss_mb"), 600.0, "600 MB"),
        (("speed", "ocrmypdf", "failed"), 1, "ocrmypdf: 1 runs failed"),
        (("accuracy", "poststrasse", "all", "cer_raw"), 0.0201, "raw"),
        (("accuracy", "poststrasse", "all", "cer"), 0.03, "normalised"),
        (("accuracy", "poststrasse", "remarks"), ["pages in no package: [1, 2]"], "[1, 2]"),
        (("pages",), 12, "12 pages"),
    ],
)
def test_a_promise_that_is_not_kept_is_told(path: tuple[str, ...], value: Any, word: str) -> None:
    (sentence,) = broken("recognition", _with(_recognition(), path, value))
    assert word in sentence


def test_without_the_other_program_nothing_is_compared() -> None:
    result = _recognition()
    del result["speed"]["ocrmypdf"], result["accuracy"]["ocrmypdf"]
    assert broken("recognition", result | {"ratio": {}}) == []


def test_a_part_that_broke_off_is_told() -> None:
    assert broken("scaling", {"broken_off": "status 3"}) == ["status 3"]


def test_slow_long_stacks_and_failed_runs_are_told() -> None:
    assert len(broken("scaling", {"runs": [_run(1)], "ratio": 1.21})) == 2
    (large,) = broken("scaling", {"runs": [_run(0, 600.0)], "ratio": 1.0})
    assert "600 MB" in large
    assert broken("separators", {"faults": ["one missed"]}) == ["separators: one missed"]


def _marking() -> dict[str, Any]:
    def sides() -> dict[str, Any]:
        return {name: {"failed": 0} for name in ("poststrasse", "pymupdf", "pypdf", "qpdf")}

    ratios = {
        "stack": {"pymupdf": {"wall": 7.0}, "pypdf": {"wall": 15.0}, "qpdf": {"wall": 2.0}},
        "files": {"pymupdf": {"wall": 2.0}, "pypdf": {"wall": 2.0}, "qpdf": {"wall": 2.0}},
    }
    return {"sheets": 5000, "cases": {case: {"sides": sides(), "ratio": ratio} for case, ratio in ratios.items()}}


def _outgoing() -> dict[str, Any]:
    run = {"status": 0, "peak_rss_mb": 1024.0, "faults": []}
    runs = [run | {"letters": 2_000, "wall_s": 9.0}, run | {"letters": 100_000, "wall_s": 600.0}]
    return {"runs": runs, "growth": {"wall": 1.2, "cpu": 1.2}}


def test_marks_and_letters_as_fast_as_promised_break_nothing() -> None:
    assert broken("marking", _marking()) == []
    assert broken("outgoing", _outgoing()) == []


@pytest.mark.parametrize(
    ("path", "value", "word"),
    [
        (("sheets",), 400, "400 pages are too few"),
        (("cases", "stack", "ratio", "pymupdf", "wall"), 6.99, "stack: 6.99 times as fast as pymupdf, not 7"),
        (("cases", "files", "ratio", "qpdf", "wall"), 1.9, "files: 1.90 times as fast as qpdf, not 2"),
        (("cases", "files", "sides", "pypdf", "failed"), 1, "files: pypdf: 1 runs failed"),
    ],
)
def test_slow_or_wrong_marks_are_told(path: tuple[str, ...], value: Any, word: str) -> None:
    (sentence,) = broken("marking", _with(_marking(), path, value))
    assert word in sentence


@pytest.mark.parametrize(
    ("path", "value", "word"),
    [
        (("runs", 1, "letters"), 20_000, "20000 letters are too few"),
        (("runs", 1, "wall_s"), 601.0, "10.0 minutes, not at most 10"),
        (("runs", 0, "peak_rss_mb"), 1025.0, "2000 letters: the largest process has 1025 MB"),
        (("runs", 0, "faults"), ["no batch"], "2000 letters: no batch"),
        (("runs", 0, "status"), 3, "status 3"),
        (("growth", "cpu"), 1.21, "1.21 times one of few (cpu)"),
    ],
)
def test_slow_large_or_lost_letters_are_told(path: tuple[str | int, ...], value: Any, word: str) -> None:
    (sentence,) = broken("outgoing", _with(_outgoing(), path, value))
    assert word in sentence


def _with(result: dict[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    changed: Any = copy.deepcopy(result)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return dict(changed)


def test_results_of_other_parts_stay() -> None:
    first = merged({}, "pairs", {"rounds": 5, "results": [1]}, "2026-11-01", MACHINE)
    assert first["schema"] == SCHEMA
    assert (first["rounds"], first["results"]) == (5, [1])
    second = merged(first, "recognition", {"pages": 60}, "2026-11-02", MACHINE)
    assert second["results"] == [1]
    assert second["measured_at"] == "2026-11-01"
    assert second["recognition"] == {"pages": 60, "measured_at": "2026-11-02"}
    third = merged(second, "recognition", {"pages": 12}, "2026-11-03", MACHINE)
    assert third["recognition"] == {"pages": 12, "measured_at": "2026-11-03"}


def test_the_documents_name_every_part() -> None:
    text = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert [part for part in PARTS if f"`{part}`" not in text] == []


def test_everything_that_the_benchmark_wants_is_pinned_with_hashes() -> None:
    wanted = [
        line.partition(">")[0]
        for line in (ROOT / "requirements-bench.in").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    pins = (ROOT / "requirements-bench.txt").read_text(encoding="utf-8")
    assert wanted
    assert [name for name in wanted if f"\n{name}==" not in pins] == []
    assert pins.count("==") <= pins.count("--hash=sha256:")
    assert "://" not in pins
    assert "ocrmypdf" not in (ROOT / "requirements-test.txt").read_text(encoding="utf-8").lower()
