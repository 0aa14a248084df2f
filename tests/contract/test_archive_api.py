"""The archive's API keeps its contract: scope, the right hash, often the same as once, errors for programs."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from starlette.applications import Starlette

from console.access import tokens_of
from console.shape import plain
from console.web import api
from console.web.api import Api
from console.web.limits import RateLimit
from console.web.page import PageServer
from pipeline.domain.states import Kind, Unit
from pipeline.services.reviewing import document_detail
from pipeline.services.showing import document_views
from tests.stack_examples import DOUBT, PLANS, StackExample

pytestmark = pytest.mark.contract

ROOT = Path(__file__).parents[2]
SECRETS = {"parchim": "p" * 43, "luebz": "l" * 43, "printcenter": "c" * 43}


@dataclass
class Served:
    """A line with one document in every interesting state, and its API."""

    example: StackExample
    url: str
    delivered: str
    planned: str
    foreign: str

    def ask(self, path: str, scope: str = "parchim", **more: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer pst_{SECRETS[scope]}", **more.pop("headers", {})}
        return httpx.request(more.pop("method", "GET"), self.url + path, headers=headers, timeout=20, **more)

    def acknowledge(self, document: str, body: Any, scope: str = "parchim") -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.ask(f"/api/documents/{document}/acknowledgement", scope, method="POST", content=content)

    def sha256(self) -> str:
        pdf = self.example.line.spool.archive / "parchim" / self.delivered / "data" / "document.pdf"
        return hashlib.sha256(pdf.read_bytes()).hexdigest()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    example = StackExample(tmp_path)
    first, second = example.stack()
    (foreign,) = example.stack(PLANS[:1], "luebz", "Lübzer Post.pdf")
    example.hand_over(first)
    example.hand_over(foreign)
    for scope, secret in SECRETS.items():
        tokens_of(example.line).new(scope, f"Archiv {scope}", "2026-05-28T22:00:00+02:00", lambda _n, s=secret: s)
    server = PageServer(example.line, "127.0.0.1", 0)
    server.start()
    yield Served(example, f"http://127.0.0.1:{server.port}", first, second, foreign)
    server.stop()
    example.line.ledger.close()


def schema(name: str) -> dict[str, Any]:
    told = api.openapi()
    return {"$ref": f"#/components/schemas/{name}", "components": told["components"]}


def check(name: str, value: Any) -> None:
    errors = [f"{e.json_path}: {e.message}" for e in Draft202012Validator(schema(name)).iter_errors(value)]
    assert errors == []


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    check("Error", answer.json())


PATHS = (
    "/api/documents",
    "/api/documents/{id}",
    "/api/documents/{id}/package",
    "/api/documents/{id}/files/data/document.pdf",
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}, {"authorization": "Basic cGFyY2hpbTo="}])
def test_nothing_is_told_without_a_good_token(served: Served, path: str, headers: dict[str, str]) -> None:
    answer = httpx.get(served.url + path.format(id=served.delivered), headers=headers)
    refused(answer, 401, "not-authorised")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "Morgenpost" not in answer.text


def test_a_revoked_token_is_no_token(served: Served) -> None:
    assert served.ask("/api/documents").status_code == 200
    tokens_of(served.example.line).revoke("k0001", "2026-05-28T23:00:00+02:00")
    refused(served.ask("/api/documents"), 401, "not-authorised")
    assert served.ask("/api/documents", "luebz").status_code == 200


def test_each_sees_its_own_and_the_print_centre_sees_all(served: Served) -> None:
    def ids(scope: str, query: str = "") -> list[str]:
        told = served.ask(f"/api/documents{query}", scope).json()
        check("Documents", told)
        return [each["id"] for each in told["documents"]]

    assert ids("parchim") == [served.delivered, served.planned]
    assert ids("luebz") == [served.foreign]
    assert ids("printcenter") == [served.delivered, served.planned, served.foreign]
    assert ids("printcenter", "?municipality=luebz") == [served.foreign]
    assert ids("parchim", "?state=delivered") == [served.delivered]
    refused(served.ask("/api/documents?municipality=luebz"), 404, "unknown-municipality")


@pytest.mark.parametrize("path", PATHS[1:])
def test_what_belongs_to_another_municipality_does_not_exist(served: Served, path: str) -> None:
    unknown = served.ask(path.format(id="i0000099-d0001"))
    foreign = served.ask(path.format(id=served.foreign))
    refused(unknown, 404, "unknown-document")
    assert (foreign.status_code, foreign.json()) == (unknown.status_code, unknown.json())
    theirs = served.acknowledge(served.foreign, {"sha256": "0" * 64})
    nobodys = served.acknowledge("i0000099-d0001", {"sha256": "0" * 64})
    assert (theirs.status_code, theirs.json()) == (nobodys.status_code, nobodys.json())
    assert served.example.state(served.foreign) == "delivered"


def test_a_long_list_comes_in_parts(served: Served) -> None:
    first = served.ask("/api/documents?limit=2", "printcenter").json()
    assert ([each["id"] for each in first["documents"]], first["next"]) == (
        [served.delivered, served.planned],
        served.planned,
    )
    rest = served.ask(f"/api/documents?limit=2&after={first['next']}", "printcenter").json()
    assert ([each["id"] for each in rest["documents"]], rest["next"]) == ([served.foreign], None)


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=-1", "limit=x", "limit=²", "state=molten"])
def test_a_wrong_question_is_refused(served: Served, query: str) -> None:
    refused(served.ask(f"/api/documents?{query}"), 400, "bad-request")


def test_names_and_values_are_those_of_the_command(served: Served) -> None:
    line = served.example.line
    with line.ledger.reading() as read:
        views = plain(document_views(line, read, read.documents(municipality="parchim")))
        detail = plain(document_detail(line, read, served.delivered))
    assert served.ask("/api/documents").json()["documents"] == views
    full = served.ask(f"/api/documents/{served.delivered}", "printcenter").json()
    check("Document", full)
    assert full == json.loads(json.dumps(detail))
    own = served.ask(f"/api/documents/{served.delivered}").json()
    check("Document", own)
    assert set(full) - set(own) == {"events", "steps", "decisions"}


def test_a_package_is_listed_and_fetched_with_its_hashes(served: Served) -> None:
    told = served.ask(f"/api/documents/{served.delivered}/package").json()
    check("Package", told)
    package = served.example.line.spool.archive / "parchim" / served.delivered
    there = {str(path.relative_to(package)) for path in package.rglob("*") if path.is_file()}
    assert {each["name"] for each in told["files"]} == there
    for each in told["files"]:
        answer = served.ask(each["href"])
        assert answer.content == (package / each["name"]).read_bytes()
        assert (len(answer.content), hashlib.sha256(answer.content).hexdigest()) == (each["bytes"], each["sha256"])
        digest = base64.b64encode(bytes.fromhex(each["sha256"])).decode()
        assert answer.headers["repr-digest"] == f"sha-256=:{digest}:"
        assert answer.headers["content-disposition"] == "attachment"
    assert told["sha256"] == served.sha256()


@pytest.mark.parametrize(
    "name", ["nothing.txt", "data", "../../../private/tokens.json", "%2e%2e/%2e%2e/x", "/etc/passwd"]
)
def test_only_the_files_of_the_package_are_there(served: Served, name: str) -> None:
    answer = served.ask(f"/api/documents/{served.delivered}/files/{name}")
    assert answer.status_code == 404
    assert "secret" not in answer.text and "root:" not in answer.text


def test_a_link_in_a_package_is_not_followed(served: Served) -> None:
    data = served.example.line.spool.archive / "parchim" / served.delivered / "data"
    (data / "document.txt").unlink()
    (data / "document.txt").symlink_to("/etc/passwd")
    refused(served.ask(f"/api/documents/{served.delivered}/files/data/document.txt"), 404, "package-missing")


def test_before_it_is_handed_over_there_is_no_package(served: Served) -> None:
    refused(served.ask(f"/api/documents/{served.planned}/package"), 409, "not-delivered")
    refused(served.acknowledge(served.planned, {"sha256": "0" * 64}), 409, "not-delivered")


def test_the_acknowledgement_is_idempotent(served: Served) -> None:
    first = served.acknowledge(served.delivered, {"sha256": served.sha256()})
    assert first.status_code == 200
    check("Acknowledgement", first.json())
    again = served.acknowledge(served.delivered, {"sha256": served.sha256().upper()})
    assert (again.status_code, again.json()) == (200, first.json())
    with served.example.line.ledger.reading() as read:
        events = [e for e in read.events(Unit(Kind.DOCUMENT, served.delivered)) if e.after == "acknowledged"]
    assert [(e.who, e.reason, e.detail) for e in events] == [
        ("archive", "acknowledged-by-api", "k0001 (Archiv parchim)")
    ]


def test_another_hash_acknowledges_nothing_before_or_after(served: Served) -> None:
    refused(served.acknowledge(served.delivered, {"sha256": "0" * 64}), 409, "wrong-sha256")
    assert served.example.state(served.delivered) == "delivered"
    assert served.acknowledge(served.delivered, {"sha256": served.sha256()}).status_code == 200
    refused(served.acknowledge(served.delivered, {"sha256": "0" * 64}), 409, "wrong-sha256")


def test_a_package_that_was_changed_is_not_acknowledged(served: Served) -> None:
    right = served.sha256()
    package = served.example.line.spool.archive / "parchim" / served.delivered
    (package / "data" / "document.txt").write_text("anders")
    refused(served.acknowledge(served.delivered, {"sha256": right}), 409, "acknowledgement-refused")
    assert served.example.state(served.delivered) == "delivered"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"x"', b"{}", b'{"sha256": 1}', b'{"sha256": "abc"}', b"\xff\xfe", b"[" * 4000],
    ids=["empty", "cut", "list", "text", "nothing in it", "number", "short", "no text", "deep"],
)
def test_a_body_that_says_nothing_is_refused(served: Served, body: bytes) -> None:
    refused(served.acknowledge(served.delivered, body), 400, "bad-request")


def test_a_long_body_is_not_read(served: Served) -> None:
    refused(served.acknowledge(served.delivered, b" " * (api.MOST_BODY_BYTES + 1)), 413, "too-large")


def test_other_ways_and_addresses_answer_in_json(served: Served) -> None:
    refused(served.ask("/api/nothing"), 404, "unknown-address")
    refused(served.ask(f"/api/documents/{served.delivered}/acknowledgement"), 405, "method-not-allowed")
    assert served.ask(f"/api/documents/{served.delivered}", method="DELETE").status_code == 405


def test_the_api_is_known_by_any_name_and_the_page_is_not(served: Served) -> None:
    assert served.ask("/api/documents", headers={"host": "poststrasse.kreis.example"}).status_code == 200
    assert served.ask("/api/status.json", headers={"host": "poststrasse.kreis.example"}).status_code == 421


def test_guessing_is_held_back(served: Served) -> None:
    for _ in range(api.MOST_FAILURES_A_MINUTE):
        refused(httpx.get(f"{served.url}/api/documents", headers={"authorization": "Bearer x"}), 401, "not-authorised")
    answer = httpx.get(f"{served.url}/api/documents", headers={"authorization": "Bearer x"})
    refused(answer, 429, "too-many-requests")
    assert 1 <= int(answer.headers["retry-after"]) <= 60


def test_the_limit_lets_so_many_through_and_no_more_until_time_has_passed() -> None:
    now = [100.0]
    limit = RateLimit(3, 60, lambda: now[0])
    for _ in range(3):
        assert limit.wait_s("a") == 0
        limit.count("a")
    assert limit.wait_s("a") == 60
    assert limit.wait_s("b") == 0
    now[0] += 60
    assert limit.wait_s("a") == 0


def test_a_program_that_asks_too_often_waits(served: Served) -> None:
    app = Starlette(routes=Api(served.example.line, lambda: 0.0).routes())
    headers = {"authorization": f"Bearer pst_{SECRETS['parchim']}"}

    async def codes(times: int) -> list[int]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
            return [(await client.get("/api/documents/x")).status_code for _ in range(times)]

    assert asyncio.run(codes(api.MOST_A_MINUTE + 1)) == [404] * api.MOST_A_MINUTE + [429]


def test_the_description_is_there_for_everybody_and_names_every_address(served: Served) -> None:
    answer = httpx.get(f"{served.url}/api/openapi.json")
    assert answer.status_code == 200
    told = answer.json()
    assert told["openapi"].startswith("3.1")
    routes = {
        getattr(route, "path", "").replace("{name:path}", "{name}") for route in Api(served.example.line).routes()
    }
    assert set(told["paths"]) == routes - {"/api/openapi.json"}
    for name in told["components"]["schemas"]:
        Draft202012Validator.check_schema(schema(name))
    page = (ROOT / "docs" / "formats" / "api.md").read_text(encoding="utf-8")
    for path in told["paths"]:
        assert path in page
    for code in (
        "not-authorised", "too-many-requests", "unknown-document", "unknown-municipality", "unknown-file",
        "bad-request", "not-delivered", "wrong-sha256", "acknowledgement-refused", "package-missing", "too-large",
        "unknown-address", "method-not-allowed", "ledger-unavailable", "internal-error",
    ):  # fmt: skip
        assert f"`{code}`" in page


def test_secrets_are_in_no_file(served: Served) -> None:
    path = served.example.line.spool.private / "tokens.json"
    assert path.stat().st_mode & 0o777 == 0o600
    served.acknowledge(served.delivered, {"sha256": served.sha256()})
    for file in served.example.line.spool.root.rglob("*"):
        if file.is_file():
            assert not any(secret.encode() in file.read_bytes() for secret in SECRETS.values()), file


def test_a_reviewed_document_is_listed_with_its_causes(served: Served) -> None:
    served.example.review(served.planned, DOUBT)
    told = served.ask(f"/api/documents/{served.planned}").json()
    assert told["state"] == "review"
    assert [cause["code"] for cause in told["causes"]] == ["separator-doubt"]
