"""What is wrong with the settings is said in one sentence, by the verbs and by `check`; never a traceback."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from console import check_verb
from console.check_verb import _postage
from console.command import main
from console.exit_codes import ExitCode
from pipeline.adapters.profile_files import load_profiles
from tests.line_examples import PROFILES

pytestmark = pytest.mark.integration


def call(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(root), "--profiles", str(PROFILES), *arguments])


def said(result: Result, variable: str) -> str:
    assert result.exit_code == ExitCode.SETTINGS, result.output
    assert result.stderr.startswith(f"{variable}: ")
    assert "Traceback" not in result.output
    return result.stderr


def deny(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != folder and real(path, mode))


@pytest.mark.parametrize("url", ["foo", "mysql://x/y"])
def test_an_address_of_no_ledger_names_both_kinds(tmp_path: Path, url: str) -> None:
    sentence = said(call(tmp_path / "root", "--database-url", url, "inbox", "list"), "POSTSTRASSE_DATABASE_URL")
    assert "sqlite:///" in sentence
    assert "postgresql://" in sentence
    assert len(sentence.splitlines()) == 1


def test_a_driver_that_is_not_there_is_a_wrong_setting(tmp_path: Path) -> None:
    url = f"sqlite+nothing:///{tmp_path}/x"
    said(call(tmp_path / "root", "--database-url", url, "inbox", "list"), "POSTSTRASSE_DATABASE_URL")


def test_a_ledger_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "ledger").write_bytes(b"nothing of a database " * 99)
    result = call(tmp_path / "root", "--database-url", f"sqlite:///{tmp_path}/ledger", "inbox", "list")
    assert "not a database" in said(result, "POSTSTRASSE_DATABASE_URL")


def test_a_ledger_of_a_later_version(tmp_path: Path) -> None:
    import sqlite3

    assert call(tmp_path, "inbox", "list").exit_code == 0
    with sqlite3.connect(tmp_path / "private" / "ledger.sqlite3") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    assert "another version" in said(call(tmp_path, "inbox", "list"), "POSTSTRASSE_DATABASE_URL")


def test_a_root_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "root").write_text("")
    assert str(tmp_path) in said(call(tmp_path / "root", "inbox", "list"), "POSTSTRASSE_ROOT")


def test_a_root_that_is_not_writable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *_arguments: object, **_more: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert "Permission denied" in said(call(tmp_path / "root", "inbox", "list"), "POSTSTRASSE_ROOT")


def test_a_queue_that_is_no_redis(tmp_path: Path) -> None:
    said(call(tmp_path / "root", "--redis-url", "foo", "inbox", "list"), "POSTSTRASSE_REDIS_URL")


@pytest.mark.parametrize("below", ["", "deeper/root"])
def test_check_refuses_a_root_that_is_a_file(tmp_path: Path, below: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_verb, "_tools", lambda _profiles: iter(()))
    (tmp_path / "root").write_text("")
    result = call(tmp_path / "root" / below, "check")
    assert result.exit_code == ExitCode.SETTINGS, result.output
    assert f"WRONG folders: {tmp_path / 'root'}" in result.stdout
    assert "is not a folder" in result.stdout


def test_check_refuses_a_root_that_is_not_writable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_verb, "_tools", lambda _profiles: iter(()))
    deny(monkeypatch, tmp_path)
    result = call(tmp_path, "check")
    assert result.exit_code == ExitCode.SETTINGS, result.output
    assert f"WRONG folders: {tmp_path} is not writable" in result.stdout


@pytest.mark.parametrize("shelf", ["rejected", "returned", "manifests"])
def test_check_looks_at_every_shelf_of_the_outbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shelf: str) -> None:
    assert call(tmp_path, "inbox", "list").exit_code == 0
    deny(monkeypatch, tmp_path / "outbox" / "luebz" / shelf)
    result = call(tmp_path, "check")
    assert result.exit_code != 0
    assert f"WRONG folder outbox: {tmp_path}/outbox/luebz/{shelf} is not writable" in result.stdout


def test_check_tells_of_postage_that_ends_or_has_ended() -> None:
    table = load_profiles(PROFILES).postage
    products = tuple(replace(each, valid_from=date(2025, 1, 1), valid_to=date(2026, 12, 31)) for each in table.products)
    table = replace(table, products=products)
    fine = _postage(table, date(2026, 6, 1))
    assert (fine.ok, fine.note) == (True, "")
    soon = _postage(table, date(2026, 12, 31))
    assert soon.ok
    assert "2026-12-31" in soon.note
    edge = date(2026, 12, 31) - timedelta(days=60)
    assert _postage(table, edge).note == ""
    assert _postage(table, edge + timedelta(days=1)).note != ""
    over = _postage(table, date(2027, 1, 1))
    assert (over.ok, over.code) == (False, ExitCode.SETTINGS)
    renewed = tuple(replace(each, valid_from=date(2027, 1, 1), valid_to=date(2028, 12, 31)) for each in products)
    assert _postage(replace(table, products=products + renewed), date(2026, 12, 31)).note == ""


def test_check_prints_the_note_of_a_line_that_is_still_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soon = check_verb.Finding("postage", True, "8 products", note="they end soon")
    monkeypatch.setattr(check_verb, "_look", lambda *_given: iter((soon,)))
    result = call(tmp_path, "check")
    assert result.exit_code == 0
    assert "OK    postage: 8 products\n      note: they end soon\n" in result.stdout
