"""The operators' page: it shows what is there, only shows, trusts no name, and keeps itself fresh."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path

import click
import httpx
import pytest
from sqlalchemy.exc import OperationalError

from console.exit_codes import ExitCode
from console.shape import plain
from console.web.page import PageServer
from pipeline.domain.states import Kind, Unit
from pipeline.services.deciding import Decision, cancel_batch, hold_batch
from pipeline.services.overview import overview
from tests.line_examples import EVIL, Clock, Example, filled
from tests.needs import need

pytestmark = pytest.mark.integration

PAGES = ("/", "/inbox", "/documents", "/batches", "/batches/b0000001")
CHROMIUM = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Example]:
    made = filled(tmp_path_factory.mktemp("page"))
    yield made
    made.line.ledger.close()


@pytest.fixture(scope="module")
def client(untouched: Example) -> Iterator[httpx.Client]:
    """For tests that only look."""
    with client_of(untouched) as made:
        yield made


@pytest.fixture
def example(tmp_path: Path) -> Iterator[Example]:
    made = filled(tmp_path)
    yield made
    made.line.ledger.close()


@contextmanager
def client_of(example: Example) -> Iterator[httpx.Client]:
    served = PageServer(example.line, "127.0.0.1", 0, "in-process")
    served.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{served.port}", timeout=20) as client:
        yield client
    served.stop()


@pytest.fixture
def own_client(example: Example) -> Iterator[httpx.Client]:
    """For tests that change something."""
    with client_of(example) as made:
        yield made


class _Shape(HTMLParser):
    """Tags with their attributes, and the text outside of tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_german_accessible_and_free_of_inline_code(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    tags = _Shape(answer.text).tags
    assert ("html", {"lang": "de"}) in tags
    assert tags.count(("a", {"class": "skip", "href": "#main"})) == 1
    assert [name for name, _ in tags].count("h1") == 1
    assert all("scope" in attributes for name, attributes in tags if name == "th")
    assert not [name for name, attributes in tags if any(key.startswith("on") or key == "style" for key in attributes)]
    assert [attributes.get("src") for name, attributes in tags if name == "script"] == ["/static/page.js"]
    assert "style" not in [name for name, _ in tags]
    links = [attributes[key] or "" for _, attributes in tags for key in ("href", "src", "action") if key in attributes]
    assert all(link.startswith(("/", "#")) and not link.startswith("//") for link in links)
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert "None" not in re.sub(r"<[^>]*>", "", answer.text)


@pytest.mark.parametrize("path", [*PAGES, "/nowhere", "/health", "/api/status.json", "/static/page.css"])
def test_every_answer_carries_the_security_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "server" not in headers


@pytest.mark.parametrize("path", ["/", "/inbox"])
def test_a_file_name_is_text_and_never_markup(client: httpx.Client, path: str) -> None:
    text = client.get(path).text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; [red]x[/red].pdf" in text


def test_the_filter_of_the_address_is_text_too(client: httpx.Client) -> None:
    text = client.get("/inbox", params={"municipality": '"><script>x', "state": '"><script>y'}).text
    assert "<script>x" not in text
    assert "<script>y" not in text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8321", "localhost.evil.example", ""])
def test_a_request_for_another_name_is_refused(client: httpx.Client, host: str) -> None:
    answer = client.get("/api/status.json", headers={"host": host})
    assert answer.status_code == 421
    assert "parchim" not in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/batches/b0000001", "/static/page.css", "/nowhere"])
def test_nothing_can_be_done_but_looking(client: httpx.Client, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_head_answers_without_a_body_even_for_the_stream(client: httpx.Client) -> None:
    for path in (*PAGES, "/events"):
        answer = client.head(path)
        assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("path", ["/nowhere", "/batches/b0000099", "/batches/<b>", "/static/../page.py"])
def test_what_is_not_there_is_said_in_german(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "<b>" not in answer.text


def test_what_waits_stands_before_everything_else(client: httpx.Client) -> None:
    text = client.get("/").text
    order = [text.index(f'id="h-{name}"') for name in ("attention", "rejections", "batches", "municipalities")]
    assert order == sorted(order)
    assert "poststrasse documents show i0000003-d0001" in text
    assert "Die PDF-Datei ist verschlüsselt" in text


def test_the_inbox_shows_reason_and_remedy_and_filters(client: httpx.Client) -> None:
    text = client.get("/inbox?state=rejected&municipality=hagenow").text
    assert "i0000006" in text
    assert "Kennwort nötig." in text
    assert "ohne Kennwort und ohne Berechtigungsschutz" in text
    assert "i0000007" not in text
    assert "Keine Datei passt zur Auswahl." in client.get("/inbox?state=rejected&municipality=crivitz").text
    assert "Durchschlag.pdf" in client.get("/documents?state=review").text
    assert "Bauantrag.pdf" not in client.get("/documents?state=review").text


def test_a_batch_is_shown_with_totals_shares_readback_and_history(own_client: httpx.Client, example: Example) -> None:
    client = own_client
    hold_batch(example.line, "b0000001", Decision("M. Schulz", "falsches <Papier>"))
    text = re.sub(r"\s+", " ", client.get("/batches/b0000001").text)
    for shown in ("Stadt Parchim", "Landeshauptstadt Schwerin", "6,65", "11,40", "153,000", "b0000001-v01.pdf"):
        assert shown in text
    assert "Zurückgelesen: 17 Blatt auf 17 Seiten" in text
    assert "Im Fenster steht kein Ort." in text
    assert "falsches &lt;Papier&gt;" in text
    assert "poststrasse batches resume b0000001" in text
    cancel_batch(example.line, "b0000001", Decision("M. Schulz", "x"))
    assert "sie liegen wieder im Sammelkorb" in client.get("/batches/b0000001").text


def test_an_empty_line_has_a_page_too(tmp_path: Path) -> None:
    with client_of(Example(tmp_path / "empty")) as client:
        for path in ("/", "/inbox", "/documents", "/batches"):
            assert client.get(path).status_code == 200
        assert "Es gibt noch keinen Druckauftrag." in client.get("/").text
        assert "Der Eingang wird nicht überwacht." in client.get("/").text


def test_the_api_says_what_the_command_says(client: httpx.Client, untouched: Example) -> None:
    told = client.get("/api/status.json").json()
    same = plain(overview(untouched.line, "in-process"))
    for volatile in ("at", "signs"):
        told.pop(volatile)
        same.pop(volatile)
    assert told == json.loads(json.dumps(same))
    assert client.get("/health").json() == {"status": "ok", "last_event": told["last_event"]}


def test_a_ledger_that_does_not_answer_is_said_and_not_dumped(
    client: httpx.Client, untouched: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise OperationalError("SELECT secret", {}, Exception("connection refused"))

    monkeypatch.setattr(untouched.line.ledger, "reading", gone)
    for path in ("/", "/health", "/api/status.json"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert "Das Vorgangsbuch ist nicht erreichbar." in answer.text
        assert "secret" not in answer.text


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[Example, PageServer]]:
    example = filled(tmp_path, clock=Clock(time.time_ns() // 1_000_000))
    served = PageServer(example.line, "127.0.0.1", 0, "in-process")
    served.start()
    yield example, served
    served.stop()
    example.line.ledger.close()


def test_the_stream_tells_of_every_change_and_ends_with_the_server(server: tuple[Example, PageServer]) -> None:
    example, served = server
    with httpx.stream("GET", f"http://127.0.0.1:{served.port}/events", timeout=10) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        first = next(json.loads(line[6:])["last_event"] for line in lines if line.startswith("data: "))
        hold_batch(example.line, "b0000001", Decision("M. Schulz", "x"))
        second = next(json.loads(line[6:])["last_event"] for line in lines if line.startswith("data: "))
        assert second == first + 1
        began = time.monotonic()
        served.stop()
        assert time.monotonic() - began < 8
        assert [line for line in lines if line.startswith("data: ")] == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{served.port}/health")


def test_a_port_that_is_taken_ends_the_command_with_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        page = PageServer(Example(tmp_path).line, "127.0.0.1", other.getsockname()[1])
        with pytest.raises(click.ClickException, match="POSTSTRASSE_CONSOLE_PORT") as error:
            page.start()
    assert error.value.exit_code == ExitCode.SETTINGS


def test_in_a_real_browser_the_page_shows_batches_and_keeps_itself_fresh(server: tuple[Example, PageServer]) -> None:
    chromium = need("chromium")
    from playwright.sync_api import expect, sync_playwright

    example, served = server
    said: list[str] = []
    asked: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=list(CHROMIUM))
        page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="de-DE")
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"http://127.0.0.1:{served.port}/")
        row = page.locator("#batches tbody tr", has_text="b0000001")
        expect(row).to_contain_text("geprüft, wartet auf Freigabe")
        expect(page.locator("#rejections")).to_contain_text(EVIL)
        focused = page.locator("#batches a", has_text="b0000001")
        focused.focus()
        page.evaluate("window.stillTheSamePage = true")
        hold_batch(example.line, "b0000001", Decision("M. Schulz", "falsches Papier"))
        expect(row).to_contain_text("angehalten", timeout=10_000)
        example.failed(Unit(Kind.SLICE, "i0000004-s0001"), "recognition-failed", "<img src=x onerror=alert(1)>")
        expect(page.locator("#attention")).to_contain_text("onerror=alert(1)", timeout=10_000)
        assert page.evaluate("window.stillTheSamePage")
        expect(focused).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("Druckauftrag b0000001")
        expect(page.locator("#history")).to_contain_text("falsches Papier")
        page.set_viewport_size({"width": 400, "height": 800})
        for path in PAGES:
            page.goto(f"http://127.0.0.1:{served.port}{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= 400, path
        browser.close()
    assert said == []
    assert all(url.startswith(f"http://127.0.0.1:{served.port}/") for url in asked)
