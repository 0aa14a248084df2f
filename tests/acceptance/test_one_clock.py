"""Whatever zone the machine stands in, people, papers and programs are told the same time: that of the print centre."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.acceptance.driver import REPOSITORY, Place, end, wait_until

pytestmark = pytest.mark.acceptance

SCAN = REPOSITORY / "samples" / "small" / "inbox" / "schwerin" / "post" / "scan0001.pdf"
BERLIN = ZoneInfo("Europe/Berlin")


def times_in(value: Any) -> list[datetime]:
    """Every moment that a JSON value tells."""
    if isinstance(value, dict):
        return [each for inner in value.values() for each in times_in(inner)]
    if isinstance(value, list):
        return [each for inner in value for each in times_in(inner)]
    if isinstance(value, str) and len(value) >= 19 and value[4:5] == "-" and value[10:11] == "T":
        return [datetime.fromisoformat(value)]
    return []


def in_berlin(value: Any) -> bool:
    """Whether it tells times, and all of them with the offset that Berlin's clocks have then."""
    found = times_in(value)
    return bool(found) and all(at.utcoffset() == at.astimezone(BERLIN).utcoffset() for at in found)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_lists_pages_papers_and_the_api_tell_the_centres_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    place = Place(tmp_path / "root")
    place.drop("schwerin", "post", "scan.pdf", SCAN.read_bytes())
    place.drop("schwerin", "letters", "leer.pdf", b"")
    before = datetime.now(UTC)
    assert place.call("run", "--once").returncode == 0

    def told(*words: str) -> Any:
        return json.loads(place.call(*words, "--json").stdout)

    (document,) = told("documents", "list")
    detail = told("documents", "show", document["id"])
    since = datetime.fromisoformat(document["since"])
    assert before - timedelta(seconds=1) <= since <= datetime.now(UTC)
    assert in_berlin(document) and in_berlin(detail) and in_berlin(told("inbox", "list")) and in_berlin(told("status"))
    shown = since.astimezone(BERLIN).strftime("%d.%m.%Y %H:%M")
    assert shown in place.call("documents", "show", document["id"]).stdout
    # The table breaks long cells into lines, a day above its time.
    assert shown.split()[1] in place.call("documents", "list").stdout

    (package,) = (place.root / "archive" / "schwerin").glob("*/data/document.json")
    packed = json.loads(package.read_text(encoding="utf-8"))
    assert in_berlin(packed) and in_berlin(json.loads(package.with_name("transfer-note.json").read_text()))
    (paper,) = (place.root / "outbox" / "schwerin" / "rejected").iterdir()
    reason = json.loads((paper / "reason.json").read_text(encoding="utf-8"))
    rejected = told("inbox", "show", reason["intake"])
    assert in_berlin(reason) and reason["received_at"] == rejected["received_at"]
    received = datetime.fromisoformat(reason["received_at"]).strftime("%d.%m.%Y %H:%M")
    assert received in (paper / "REASON.txt").read_text(encoding="utf-8").replace(", ", " ")
    assert f"eingegangen {received}" in place.call("inbox", "show", reason["intake"]).stdout
    the_page_and_the_api_agree(place, document, tmp_path / "serve.log")


def the_page_and_the_api_agree(place: Place, document: dict[str, Any], log: Path) -> None:
    secret = place.call("tokens", "new", "--scope", "schwerin", "--name", "Archiv").stdout.strip()
    service = place.start("serve", "--port", "0", log=log)
    try:
        wait_until(lambda: "ready" in log.read_text(), 60)
        address = next(line for line in log.read_text().splitlines() if line.startswith("http://"))
        asked = httpx.get(f"{address}api/documents", headers={"authorization": f"Bearer {secret}"}, timeout=20)
        (by_api,) = asked.json()["documents"]
        page = httpx.get(f"{address}documents", timeout=20).text
    finally:
        end([service])
    assert by_api["since"] == document["since"]
    exactly = datetime.fromisoformat(document["since"]).strftime("%d.%m.%Y, %H:%M:%S Uhr")
    assert f'datetime="{document["since"]}"' in page and exactly in page
