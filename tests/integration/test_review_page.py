"""A document's page: who is not signed in sees no picture and decides nothing; who is, decides under a known name."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from console.access import tokens_of
from console.web.page import PageServer
from console.web.sessions import COOKIE, IDLE_S, LONGEST_S, Sessions
from pipeline.adapters.access_tokens import TokenFile
from pipeline.domain.separation import DocumentPlan, Doubt
from pipeline.domain.states import Kind, Unit
from tests.line_examples import Clock
from tests.needs import need
from tests.stack_examples import DOUBT, PLANS, StackExample

pytestmark = pytest.mark.integration

SECRET, MUNICIPAL = "pst_" + "c" * 43, "pst_" + "m" * 43
STACK = (PLANS[0], DocumentPlan(3, 6, PLANS[1].dropped, PLANS[1].fields, (DOUBT,)), DocumentPlan(7, 9))
FIRST, SECOND, THIRD = (f"i0000001-d000{n}" for n in (1, 2, 3))
CHROMIUM = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")


@pytest.fixture
def example(tmp_path: Path) -> Iterator[StackExample]:
    made = StackExample(tmp_path, clock=Clock(time.time_ns() // 1_000_000))
    made.stack(STACK)
    made.review(THIRD, Doubt("low-confidence", 8, "Seite 8: Der Text wurde unsicher erkannt (22 von 100)."))
    tokens_of(made.line).new("printcenter", "M. Schulz", "2026-05-28T22:00:00+02:00", lambda _n: "c" * 43)
    tokens_of(made.line).new("parchim", "Archiv", "2026-05-28T22:00:00+02:00", lambda _n: "m" * 43)
    yield made
    made.line.ledger.close()


@pytest.fixture
def client(example: StackExample) -> Iterator[httpx.Client]:
    served = PageServer(example.line, "127.0.0.1", 0)
    served.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{served.port}", timeout=20) as made:
        yield made
    served.stop()


@pytest.fixture
def signed_in(client: httpx.Client) -> httpx.Client:
    answer = client.post("/sign-in", data={"token": SECRET, "next": f"/documents/{SECOND}"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/documents/{SECOND}")
    return client


def proof(client: httpx.Client, document: str = SECOND) -> str:
    found = re.search(r'name="proof" value="([^"]+)"', client.get(f"/documents/{document}").text)
    assert found is not None
    return found[1]


def decide(client: httpx.Client, verb: str, document: str = SECOND, **form: str) -> httpx.Response:
    return client.post(f"/documents/{document}/{verb}", data={"proof": proof(client), "reason": "gesehen", **form})


def last_event(example: StackExample, document: str) -> tuple[str, str | None, str, str | None]:
    with example.line.ledger.reading() as read:
        event = read.events(Unit(Kind.DOCUMENT, document))[-1]
    return event.after, event.reason, event.who, event.detail


def test_the_page_says_why_it_waits_and_what_to_do_to_everybody(client: httpx.Client) -> None:
    text = re.sub(r"\s+", " ", client.get(f"/documents/{SECOND}").text)
    for shown in (
        "Bei einer Seite ist unsicher, ob sie ein Trennblatt ist",
        "Seite 5: Die Seite trägt einen Strichcode, der sich nicht lesen lässt.",
        f"poststrasse documents split {SECOND} --before 5 --separator",
        f"poststrasse documents merge {FIRST} {SECOND}",
        f'href="/documents/{FIRST}"',
        f'href="/documents/{THIRD}"',
        "4711/26",
        "Weggelassen: Seite 3 (Trennblatt), Seite 6 (leer)",
        "Nichts darf vernichtet werden",
        f'Als Nächstes in Sichtprüfung: <a href="/documents/{THIRD}">',
    ):
        assert shown in text
    assert "<img" not in text
    assert '<form class="decision"' not in text


def test_nobody_sees_pictures_or_decides_without_signing_in(client: httpx.Client, example: StackExample) -> None:
    assert client.get(f"/documents/{SECOND}/pages/5.png").status_code == 403
    for verb in ("accept", "reject", "split", "merge", "keep", "drop"):
        form = {"reason": "x", "before": "5", "with": "after", "page": "5", "as": "blank", "proof": ""}
        answer = client.post(f"/documents/{SECOND}/{verb}", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next=/documents/{SECOND}")
    assert example.state(SECOND) == "review"
    assert not (example.line.spool.private / "pictures").exists()


@pytest.mark.parametrize("token", ["", "wrong", MUNICIPAL])
def test_only_a_token_of_the_print_centre_signs_in(client: httpx.Client, token: str) -> None:
    answer = client.post("/sign-in", data={"token": token})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert token == "" or token not in answer.text


def test_guessing_is_held_back(client: httpx.Client) -> None:
    codes = [client.post("/sign-in", data={"token": f"x{n}"}).status_code for n in range(12)]
    assert codes == [403] * 10 + [429] * 2


def test_the_cookie_is_kept_from_scripts_and_other_sites(client: httpx.Client) -> None:
    cookie = client.post("/sign-in", data={"token": SECRET}).headers["set-cookie"].lower()
    assert COOKIE in cookie and "httponly" in cookie and "samesite=strict" in cookie and "path=/" in cookie
    assert SECRET not in cookie


ELSEWHERE = ("https://evil.example/", "//evil.example", "/documents/../x", "javascript:alert(1)")


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_signing_in_leads_nowhere_else(client: httpx.Client, wanted: str) -> None:
    answer = client.post("/sign-in", data={"token": SECRET, "next": wanted})
    assert answer.headers["location"] == "/documents?state=review"


def test_pages_are_drawn_for_who_asked_dropped_ones_too(signed_in: httpx.Client, example: StackExample) -> None:
    for page in (3, 4, 5, 6):
        answer = signed_in.get(f"/documents/{SECOND}/pages/{page}.png")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        assert answer.content.startswith(b"\x89PNG")
        assert answer.headers["cache-control"] == "no-store"
    for page in (0, 2, 7, 99):
        assert signed_in.get(f"/documents/{SECOND}/pages/{page}.png").status_code == 404
    assert signed_in.get(f"/documents/{FIRST}/pages/1.png").status_code == 404  # nothing to decide there
    folder = example.line.spool.private / "pictures" / SECOND
    assert (folder.stat().st_mode & 0o777, {p.stat().st_mode & 0o777 for p in folder.iterdir()}) == (0o700, {0o600})


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"host": "evil.example"},
    ],
)
def test_a_form_of_another_site_does_nothing(
    signed_in: httpx.Client, example: StackExample, headers: dict[str, str]
) -> None:
    form = {"proof": proof(signed_in), "reason": "x"}
    assert signed_in.post(f"/documents/{SECOND}/accept", data=form, headers=headers).status_code in (403, 421)
    assert example.state(SECOND) == "review"


@pytest.mark.parametrize("given", ["", "x", "ä"])
def test_a_form_without_its_proof_does_nothing(signed_in: httpx.Client, example: StackExample, given: str) -> None:
    answer = signed_in.post(f"/documents/{SECOND}/accept", data={"proof": given, "reason": "x"})
    assert (answer.status_code, example.state(SECOND)) == (403, "review")


def test_accepting_stands_under_the_tokens_name(signed_in: httpx.Client, example: StackExample) -> None:
    answer = decide(signed_in, "accept", reason="  kein   Trennblatt ", who="Jemand anders")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/documents/{SECOND}")
    assert last_event(example, SECOND) == ("accepted", "accepted-by-operator", "M. Schulz", "kein Trennblatt")
    text = signed_in.get(f"/documents/{SECOND}").text
    assert "angenommen, wird gepackt" in text
    assert "Weiter in der Sichtprüfung" in text
    assert "<img" not in text


def test_rejecting_sends_only_this_document_back(signed_in: httpx.Client, example: StackExample) -> None:
    assert decide(signed_in, "reject").status_code == 303
    assert example.state(SECOND) == "rejected"
    assert (example.line.spool.outbox / "parchim" / "rejected" / SECOND / "reason.json").is_file()


def test_splitting_and_merging_lead_to_the_new_documents(signed_in: httpx.Client, example: StackExample) -> None:
    answer = decide(signed_in, "split", before="5")
    assert answer.headers["location"] == "/documents/i0000001-d0004"
    assert example.state(SECOND) == "replaced"
    text = signed_in.get("/documents/i0000001-d0005").text
    assert "Von Hand getrennt" in text
    answer = decide(signed_in, "merge", THIRD, **{"with": "before"})
    assert answer.headers["location"] == "/documents/i0000001-d0006"
    text = signed_in.get("/documents/i0000001-d0006").text
    assert "Von Hand wieder zusammengefügt" in text
    assert text.count("Von Hand zusammengefügt") >= 1
    assert "Von Hand getrennt" in text  # what was decided about the documents that it was made from


def test_a_page_is_taken_back_and_another_left_out(signed_in: httpx.Client, example: StackExample) -> None:
    answer = decide(signed_in, "keep", page="6")
    assert answer.headers["location"] == "/documents/i0000001-d0004"
    assert last_event(example, "i0000001-d0004")[:3] == ("review", "separator-doubt", "M. Schulz")
    between = decide(signed_in, "drop", "i0000001-d0004", **{"page": "5", "as": "separator"})
    assert between.status_code == 409
    answer = decide(signed_in, "drop", "i0000001-d0004", **{"page": "5", "as": "blank"})
    assert answer.headers["location"] == "/documents/i0000001-d0005"
    told = ("planned", "page-left-out-by-operator", "M. Schulz", "Seite 5: gesehen (i0000001-d0004)")
    assert last_event(example, "i0000001-d0005") == told
    with example.line.ledger.reading() as read:
        document = read.document("i0000001-d0005")
    assert document is not None
    assert document.planned.pages == (4, 6)


@pytest.mark.parametrize(
    ("verb", "form", "status"),
    [
        ("keep", {"page": "4"}, 409),
        ("keep", {"page": "x"}, 404),
        ("drop", {"page": "3", "as": "blank"}, 409),
        ("drop", {"page": "4", "as": "rubbish"}, 404),
        ("split", {"before": "5", "separator": "yes"}, 409),
        ("accept", {"reason": " "}, 422),
        ("split", {"before": "4"}, 409),
        ("split", {"before": "x"}, 404),
        ("merge", {"with": "above"}, 404),
        ("split", {}, 404),
    ],
)
def test_what_is_not_possible_is_said_and_changes_nothing(
    signed_in: httpx.Client, example: StackExample, verb: str, form: dict[str, str], status: int
) -> None:
    assert decide(signed_in, verb, **form).status_code == status
    assert example.state(SECOND) == "review"


def test_what_somebody_else_decided_meanwhile_is_said(signed_in: httpx.Client, example: StackExample) -> None:
    form = {"proof": proof(signed_in), "reason": "x"}
    assert decide(signed_in, "accept").status_code == 303
    answer = signed_in.post(f"/documents/{SECOND}/accept", data=form)
    assert answer.status_code == 409
    assert "Das ging nicht" in answer.text


def test_a_revoked_token_ends_the_session(signed_in: httpx.Client, example: StackExample) -> None:
    given = proof(signed_in)
    tokens_of(example.line).revoke("k0001", "2026-05-28T23:00:00+02:00")
    answer = signed_in.post(f"/documents/{SECOND}/accept", data={"proof": given, "reason": "x"})
    assert (answer.status_code, example.state(SECOND)) == (303, "review")
    assert signed_in.get(f"/documents/{SECOND}/pages/5.png").status_code == 403


def test_signing_out_ends_it(signed_in: httpx.Client) -> None:
    signed_in.post("/sign-out", data={"proof": proof(signed_in)})
    assert signed_in.get(f"/documents/{SECOND}/pages/5.png").status_code == 403


def test_a_session_ends_when_idle_and_after_a_working_day(tmp_path: Path) -> None:
    tokens, now = TokenFile(tmp_path / "tokens.json"), [0.0]
    _, secret = tokens.new("printcenter", "M. Schulz", "2026-05-28T22:00:00+02:00", lambda _n: "c")
    names: Callable[[int], str] = iter([f"cookie{n}" for n in range(9)]).__next__  # type: ignore[assignment]
    sessions = Sessions(tokens, lambda _n: names(), lambda: now[0])  # type: ignore[call-arg]
    cookie = sessions.sign_in(secret)
    now[0] = IDLE_S
    assert sessions.find(cookie) is not None
    now[0] = 2 * IDLE_S + 1
    assert sessions.find(cookie) is None
    cookie = sessions.sign_in(secret)
    start = now[0]
    while now[0] - start <= LONGEST_S - IDLE_S / 2:
        now[0] += IDLE_S / 2
        assert sessions.find(cookie) is not None
    now[0] += IDLE_S
    assert sessions.find(cookie) is None


def test_in_a_real_browser_a_person_signs_in_looks_and_decides(example: StackExample) -> None:
    chromium = need("chromium")
    from playwright.sync_api import expect, sync_playwright

    served = PageServer(example.line, "127.0.0.1", 0)
    served.start()
    said: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=list(CHROMIUM))
        page = browser.new_page(viewport={"width": 400, "height": 800}, locale="de-DE")
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"http://127.0.0.1:{served.port}/documents/{SECOND}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
        page.get_by_role("link", name="Anmelden, um die Seiten zu sehen").click()
        page.get_by_label("Zugangsschlüssel").fill(SECRET)
        page.get_by_role("main").get_by_role("button", name="Anmelden").click()
        picture = page.get_by_alt_text("Bild der Seite 5")
        picture.scroll_into_view_if_needed()
        expect(picture).to_be_visible()
        expect(picture).to_have_js_property("naturalWidth", 827, timeout=10_000)
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
        form = page.locator("form[action$='/split']")
        expect(form.get_by_label("Der zweite Brief beginnt mit Seite")).to_have_value("5")
        form.get_by_label("Begründung").fill("zwei Briefe")
        form.get_by_role("button").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Dokument i0000001-d0004")
        expect(page.locator("#decisions")).to_contain_text("zwei Briefe")
        browser.close()
    served.stop()
    # No person types before the browser has put the cursor where the page asks for it; a test on a busy machine does.
    assert [sentence for sentence in said if not sentence.startswith("Autofocus processing was blocked")] == []
    assert example.state(SECOND) == "replaced"
