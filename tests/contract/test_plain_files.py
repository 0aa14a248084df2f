"""JSON and CSV as they are written, read back by the standard library."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.adapters.papers.plain_files import Rows, named, safe_cell, write_csv, write_json

pytestmark = pytest.mark.contract

_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(_TEXT, _VALUES, min_size=1, max_size=4),
    st.lists(st.dictionaries(_TEXT, _VALUES, max_size=3), max_size=4),
)
def test_json_is_what_was_meant(document: dict[str, object], elements: list[dict[str, object]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.json"
        write_json(path, document | {"rows of their own": Rows(iter(elements))})
        assert json.loads(path.read_text(encoding="utf-8")) == document | {"rows of their own": elements}


def test_one_row_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    write_json(path, {"a": 1, "rows": Rows([{"b": "ä\n"}, {"c": [2]}]), "none": Rows([])})
    assert path.read_text(encoding="utf-8") == (
        '{\n  "a": 1,\n  "rows": [\n    {"b": "ä\\n"},\n    {"c": [2]}\n  ],\n  "none": []\n}\n'
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=8), st.integers()), max_size=5))
def test_csv_is_what_was_meant(rows: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        write_csv(path, ("text", "number"), rows)
        with path.open(encoding="utf-8", newline="") as file:
            back = list(csv.reader(file))
        assert back == [["text", "number"], *([safe_cell(text), str(number)] for text, number in rows)]
        assert b"\r" not in path.read_bytes()


def test_half_a_surrogate_pair_does_not_stop_a_paper(tmp_path: Path) -> None:
    write_json(tmp_path / "x.json", {"file": "b\udcf6se"})
    assert json.loads((tmp_path / "x.json").read_text(encoding="utf-8")) == {"file": "b?se"}


def test_a_row_has_a_cell_a_column(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1 cells under 2 columns"):
        write_csv(tmp_path / "x.csv", ("a", "b"), [("only",)])


@pytest.mark.parametrize("id", ["", "..", "a/b", "Lübz", "a\n"])
def test_files_are_named_by_ids_only(tmp_path: Path, id: str) -> None:
    with pytest.raises(ValueError, match="not an id"):
        named(tmp_path, id, ".csv")
