"""What a person does with the page, in a real Chromium: ask, follow up, open, read, close.

Every test ends with two empty lists: errors in the console, and requests to another host. A test with a server of
its own names it before the page, so that the page is closed first: one that loses its server has errors to tell.
"""

import os
import random
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import hostile
import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import serve
from formats import SAMPLE, docx
from pdfs import Look, Press
from playwright.sync_api import Browser, Locator, Page, Request, expect, sync_playwright

from index.load import load
from index.types import Details
from qa.session import Session
from ui import batch, handlers

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

QUESTION = "Who lent the money to keep the crews?"
HOSTILE_QUESTION = "Who moved the barge at dawn?"
UNANSWERED = "At which temperature does tungsten melt?"

expect.set_options(timeout=20_000)

Leave = Callable[..., None]

pytestmark = pytest.mark.skipif(CHROMIUM is None and "CI" not in os.environ, reason="no Chromium on the path")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def screen(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The screen that a test asks for; a desktop in the light where it asks for none."""
    return {"viewport": {"width": 1280, "height": 800}} | getattr(request, "param", {})


@pytest.fixture
def page(browser: Browser, screen: dict[str, Any], request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Page]:
    page = browser.new_page(**screen)
    page.set_default_timeout(20_000)
    errors: list[str] = []
    elsewhere: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: elsewhere.append(request.url) if _foreign(request.url) else None)
    failures = request.session.testsfailed
    yield page
    if request.session.testsfailed > failures:
        page.screenshot(path=tmp_path / "failed.png")
    page.close()
    assert errors == []
    assert elsewhere == []


@pytest.fixture
def leave(page: Page) -> Leave:
    """Loads the page again, or goes to an address, once nothing is on its way from the server any more.

    Gradio writes an error for each stream that is cut when a page is left: nobody sees it but the console.
    """
    streams: set[Request] = set()
    page.on("request", lambda request: streams.add(request) if "/queue/" in request.url else None)

    def ended(request: Request) -> None:
        streams.discard(request)

    page.on("requestfinished", ended)
    page.on("requestfailed", ended)

    def leave(address: str | None = None) -> None:
        end = time.monotonic() + 20
        while streams and time.monotonic() < end:
            page.evaluate("new Promise(requestAnimationFrame)")
        page.goto(address) if address else page.reload()

    return leave


def _foreign(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1:", "data:", "blob:"))


@pytest.fixture
def changing(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Where the page over a library is served that is going to change, and the library's folder."""
    (tmp_path / "lock.txt").write_text("The lock keeper moved the barge at dawn, and he told nobody.\n", "utf-8")
    folder = tmp_path / "library"
    Session.open(folder, create=True).add(tmp_path / "lock.txt")
    for address in serve(folder):
        yield address, folder


@pytest.fixture
def failing_address(library: Session, samples: Path) -> Iterator[str]:
    """Where a page is served whose questions all end in an error that nobody foresaw."""
    yield from serve(samples, "session.ask = None")


@pytest.fixture
def few_chats(library: Session, samples: Path) -> Iterator[str]:
    """Where a page is served of which one chat is kept at a time."""
    yield from serve(samples, "from ui import page; page.OPEN = 1")


RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def visit(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_text("Ask your documents a question.")).to_be_visible(timeout=60_000)


def ask(page: Page, question: str, cards: int) -> Locator:
    """Ask with the keyboard and wait for the cards; returns the new turn."""
    box = page.get_by_role("textbox", name="Your question")
    box.fill(question)
    for _ in range(3):  # Gradio drops an event that comes before it has heard the end of the last
        page.keyboard.press("Enter")
        with suppress(AssertionError):
            expect(box).to_have_value("", timeout=5_000)
            break
    expect(page.get_by_role("article")).to_have_count(cards)
    return page.get_by_role("region", name=question, exact=True)


def pane(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Reading")


def overflow(page: Page) -> int:
    """By how many pixels anything on the page sticks out to the right, but for lines cut off on purpose."""
    return int(
        page.evaluate(
            "Math.max(...[...document.querySelectorAll('body *')]"
            ".filter(e => e.checkVisibility({visibilityProperty: true}))"
            ".filter(e => !e.closest('.px-left > *, .px-right > *'))"  # their boxes are measured
            ".map(e => e.getBoundingClientRect().right)) - innerWidth"
        )
    )


def test_a_question_is_answered_in_two_columns(page: Page, address: str, library: Session) -> None:
    visit(page, address)
    turn = ask(page, QUESTION, 2)
    cards = turn.get_by_role("article")
    left, right = (cards.nth(number).bounding_box() for number in (0, 1))
    assert left is not None and right is not None
    assert left["y"] == right["y"] and left["x"] + left["width"] <= right["x"]
    for number, source in enumerate(library.documents()):
        expect(cards.nth(number).get_by_role("heading", name=source.label)).to_be_visible()
    expect(turn.get_by_text("Both documents answer")).to_be_visible()
    expect(cards.first.locator("mark").first).not_to_be_empty()
    expect(page.get_by_role("textbox", name="Your question")).to_be_empty()


def test_a_starter_asks_itself(page: Page, address: str) -> None:
    visit(page, address)
    starter = page.get_by_role("listitem").get_by_role("button").first
    question = starter.inner_text()
    starter.click()
    expect(page.get_by_role("article")).to_have_count(2)
    expect(page.get_by_role("heading", name=question, exact=True)).to_be_focused()


def test_a_citation_opens_the_text_with_its_sentence_marked_in_view(page: Page, address: str) -> None:
    visit(page, address)
    card = ask(page, QUESTION, 2).get_by_role("article").first
    quote = card.locator("mark").first.inner_text()
    card.get_by_role("button", name="Open").first.click()
    here = pane(page).locator("mark").first
    expect(here).to_be_in_viewport()
    expect(here).to_be_focused()
    assert quote.startswith(here.inner_text()[:40])
    page.keyboard.press("Escape")
    expect(pane(page)).to_have_count(0)
    expect(card.get_by_role("button", name="Open").first).to_be_focused()


def test_the_same_citation_opens_again_after_reading_on(page: Page, address: str) -> None:
    visit(page, address)
    card = ask(page, QUESTION, 2).get_by_role("article").first
    card.get_by_role("button", name="Open").first.click()
    here = pane(page).locator("mark").first
    expect(here).to_be_in_viewport()
    pane(page).get_by_role("note").last.scroll_into_view_if_needed()
    expect(here).not_to_be_in_viewport()
    card.get_by_role("button", name="Open").first.click()
    expect(here).to_be_in_viewport()


def test_a_long_text_goes_on_for_who_reads_on(page: Page, hostile_address: str) -> None:
    visit(page, hostile_address)
    ask(page, HOSTILE_QUESTION, 1).get_by_role("button", name="Open").first.click()
    expect(pane(page).locator("mark").first).to_be_focused()
    last = pane(page).get_by_text("to lock 119 the keeper")
    expect(last).to_have_count(0)
    paragraphs = pane(page).locator(".px-paragraph")
    while last.count() == 0:
        shown = paragraphs.count()
        paragraphs.nth(shown - 1).scroll_into_view_if_needed()
        expect(paragraphs.nth(shown)).to_be_attached()
    expect(pane(page).locator("mark").first).to_be_focused()
    expect(pane(page).get_by_role("button", name="Later in this text")).to_have_count(0)


def test_earlier_text_is_a_step_away(page: Page, hostile_address: str, hostile_library: Path) -> None:
    text = Session.open(hostile_library).document("barge").text
    start = text.index("to lock 110 the keeper")
    visit(page, hostile_address)
    page.evaluate(f"location.hash = '#ask/barge/{start}-{start + 11}/' + '{sha256(text.encode()).hexdigest()}'")
    expect(pane(page).locator("mark")).to_have_text("to lock 110")
    before = pane(page).get_by_text("to lock 85 the keeper")
    expect(before).to_have_count(0)
    pane(page).get_by_role("button", name="Earlier in this text").click()
    expect(before).to_have_count(1)
    expect(pane(page).locator(":focus")).to_contain_text("On the way to lock")
    expect(pane(page).locator(":focus")).to_be_in_viewport()


def test_a_note_is_reached_from_its_marker_and_left_again(page: Page, address: str) -> None:
    visit(page, address)
    ask(page, QUESTION, 2).get_by_role("article").first.get_by_role("button", name="Open").first.click()
    marker = pane(page).get_by_role("link", name="Note").first
    marker.click()
    note = pane(page).get_by_role("note").and_(page.locator(":focus"))
    expect(note).to_be_in_viewport()
    note.get_by_role("link", name="back to the text").click()
    expect(marker).to_be_focused()


def test_a_follow_up_typed_meanwhile_stays_and_is_read_with_the_question_before_it(page: Page, address: str) -> None:
    visit(page, address)
    box = page.get_by_role("textbox", name="Your question")
    box.fill(QUESTION)
    page.keyboard.press("Enter")
    expect(box).to_have_value("")
    box.fill("And who paid them?")
    expect(page.get_by_role("article")).to_have_count(2)
    expect(box).to_have_value("And who paid them?")
    turn = ask(page, "And who paid them?", 4)
    expect(turn.get_by_text(f"Read together with “{QUESTION}”")).to_be_visible()


def test_a_question_that_nobody_answers_meets_silence(page: Page, address: str) -> None:
    visit(page, address)
    turn = ask(page, UNANSWERED, 2)
    expect(turn.get_by_text("Nothing in this text answers that.")).to_have_count(2)
    nearest = turn.get_by_role("article").first.get_by_role("button", name="Open").first
    expect(nearest).to_be_hidden()
    turn.get_by_text("The nearest passages").first.click()
    expect(nearest).to_be_visible()


def test_a_refused_question_stays_in_the_box_and_the_chat_is_kept(page: Page, address: str) -> None:
    visit(page, address)
    ask(page, QUESTION, 2)
    ask(page, "And who paid them?", 4)
    box = page.get_by_role("textbox", name="Your question")
    box.fill("   ")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text=".")).not_to_contain_text("document")
    expect(page.get_by_role("article")).to_have_count(4)
    expect(box).to_have_value("   ")
    told = page.locator(".px-refusal")
    expect(told).to_be_in_viewport(ratio=1)
    # Where its corners are, it is itself what lies on top: the question box does not cover it.
    assert told.evaluate(
        "e => { const { left, right, top, bottom } = e.getBoundingClientRect();"
        " return [[left + 9, top + 2], [right - 9, bottom - 2]]"
        ".every(([x, y]) => e.contains(document.elementFromPoint(x, y))) }"
    )
    page.locator("#px-ask").evaluate("e => e.scrollTo(0, 0)")
    expect(told).not_to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(told).to_be_in_viewport(ratio=1)


def test_a_question_that_fails_ends_in_a_sentence(failing_address: str, page: Page) -> None:
    visit(page, failing_address)
    box = page.get_by_role("textbox", name="Your question")
    box.fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".px-refusal")).to_have_text(handlers.FAILED)
    expect(page.get_by_text("Reading 2 documents")).to_have_count(0)
    expect(box).to_have_value(QUESTION)


def test_what_was_unfolded_stays_so_when_a_turn_is_added(page: Page, address: str) -> None:
    visit(page, address)
    first = ask(page, QUESTION, 2)
    summaries = first.locator("summary")
    assert summaries.count() > 1
    summaries.nth(0).click()
    summaries.nth(1).click()
    summaries.nth(1).click()
    ask(page, UNANSWERED, 4)
    expect(first.locator("details").nth(0)).to_have_attribute("open", "")
    expect(page.locator("details[open]")).to_have_count(1)
    page.get_by_role("button", name="New chat").click()
    expect(page.get_by_role("article")).to_have_count(0)
    ask(page, QUESTION, 2)
    expect(page.locator("details[open]")).to_have_count(0)


def test_a_page_that_is_loaded_again_keeps_its_chat_until_a_new_one(page: Page, leave: Leave, address: str) -> None:
    visit(page, address)
    ask(page, QUESTION, 2)
    ask(page, "And who paid them?", 4)
    leave()
    expect(page.get_by_role("article")).to_have_count(4)
    expect(page.get_by_text(f"Read together with “{QUESTION}”")).to_be_visible()
    expect(page.get_by_role("heading", name=QUESTION)).to_have_count(1)
    ask(page, UNANSWERED, 6)
    page.get_by_role("button", name="New chat").click()
    expect(page.get_by_role("article")).to_have_count(0)
    visit(page, address)
    expect(page.get_by_role("heading", name="To begin with")).to_be_visible()
    expect(page.get_by_role("article")).to_have_count(0)


def test_a_chat_that_the_server_let_go_is_told_and_asked_again(few_chats: str, browser: Browser, page: Page) -> None:
    visit(page, few_chats)
    ask(page, QUESTION, 2)
    other = browser.new_page()
    visit(other, few_chats)
    ask(other, UNANSWERED, 2)
    other.close()
    told = page.get_by_text("The server let this chat go")
    expect(told).to_have_count(0)
    ask(page, UNANSWERED, 2)
    expect(told).to_be_visible()
    page.get_by_role("button", name="Ask its questions again").click()
    expect(page.get_by_role("article")).to_have_count(4)
    expect(page.locator(".px-question")).to_have_text([QUESTION, UNANSWERED])
    expect(told).to_have_count(0)
    page.get_by_role("button", name="New chat").click()
    expect(page.get_by_role("article")).to_have_count(0)
    expect(told).to_have_count(0)


def test_a_quotation_between_marks_is_looked_up_and_opened(page: Page, address: str) -> None:
    visit(page, address)
    turn = ask(page, "“A bronze plaque on the custom house … Here a town learned to wait”", 2)
    expect(turn.get_by_text("Joined from two parts")).to_be_visible()
    expect(turn.get_by_text("Not in this text.")).to_be_visible()
    turn.get_by_role("button", name="Open").first.click()
    expect(pane(page).locator("mark")).to_have_text("A bronze plaque on the custom house")


@pytest.mark.parametrize("screen", [{"permissions": ["clipboard-read", "clipboard-write"]}], indirect=True)
def test_a_citation_is_copied(page: Page, address: str) -> None:
    visit(page, address)
    copy = ask(page, QUESTION, 2).get_by_role("button", name="Copy").first
    copy.click()
    expect(copy).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == copy.get_attribute("data-copy")
    assert copied.startswith("“")


def test_the_words_of_one_answer_are_put_to_the_other_document(page: Page, leave: Leave, address: str) -> None:
    visit(page, address)
    turn = ask(page, QUESTION, 2)
    said = turn.locator("mark").first.text_content()
    turn.get_by_role("button", name="What does the other say?").first.click()
    expect(page.get_by_role("article")).to_have_count(3)
    expect(page.get_by_text("What the other document says to this")).to_be_visible()
    expect(page.locator(".px-question").last).to_have_text(said)
    leave()
    expect(page.get_by_role("article")).to_have_count(3)
    expect(page.get_by_text("What the other document says to this")).to_be_visible()


def test_a_chat_is_saved_and_what_was_saved_holds(page: Page, address: str, library: Session, tmp_path: Path) -> None:
    visit(page, address)
    ask(page, QUESTION, 2)
    for name, ending in (("HTML", "html"), ("Markdown", "md"), ("JSON", "json")):
        with page.expect_download() as download:
            page.get_by_role("button", name=name, exact=True).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        assert path.suffix == f".{ending}"
        result = library.verify(batch.record(path))
        assert result.checked > 0 and result.problems == ()


def test_contents_and_strip_lead_to_their_places(page: Page, address: str) -> None:
    visit(page, address)
    ask(page, QUESTION, 2).get_by_role("button", name="Open").first.click()
    reading = pane(page)
    expect(reading.locator("mark").first).to_be_in_viewport()
    reading.get_by_text("Contents").click()
    heading = reading.locator(".px-contents").get_by_role("button").last
    said = heading.text_content()
    heading.click()
    expect(reading.locator("mark")).to_have_text(said)
    expect(reading.locator("mark")).to_be_in_viewport()
    reading.locator(".px-hit").first.click()
    expect(reading.locator("mark").first).to_be_in_viewport()
    reading.locator(".px-strip").click(position={"x": 3, "y": 12})
    expect(reading.locator("mark").first).to_be_in_viewport()
    assert overflow(page) <= 0


def view(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Views").get_by_role("link", name=name).click()


def marked(page: Page) -> str:
    """The words that the pane marks, without the numbers of notes among them."""
    parts = (
        pane(page)
        .locator("mark")
        .evaluate_all(
            "marks => marks.map(mark => { const copy = mark.cloneNode(true);"
            " copy.querySelectorAll('.px-marker').forEach(e => e.remove()); return copy.textContent })"
        )
    )
    return " ".join(" ".join(parts).split())


def test_thirty_citations_out_of_thirty_lead_to_their_words(page: Page, address: str, library: Session) -> None:
    asked = [
        QUESTION, UNANSWERED, "Why did the oysters come back?", "What happened in 1845?", "How many boats went out?",
        "Who wrote the minutes?",
    ]  # fmt: skip
    visit(page, address)
    for number, question in enumerate(asked, 1):
        ask(page, question, 2 * number)
    page.locator("#px-ask details").evaluate_all("folds => folds.forEach(fold => fold.open = true)")
    buttons = page.locator("#px-ask .px-open")
    chosen = random.Random(7).sample(range(buttons.count()), 30)
    for number in chosen:
        button = buttons.nth(number)
        place = button.evaluate("e => ({...e.dataset})")
        quote = library.document(place["document"]).text[int(place["start"]) : int(place["end"])]
        button.click()
        expect(pane(page)).to_have_attribute("data-link", re.compile(rf"/{place['start']}-{place['end']}/"))
        expect(pane(page).locator("mark").first).to_be_in_viewport()
        assert marked(page) == " ".join(quote.split())


def test_every_view_is_reached_and_the_way_back_leads_back(page: Page, address: str, library: Session) -> None:
    visit(page, address)
    view(page, "Read")
    first = library.documents()[0]
    page.get_by_role("button", name=f"Read {first.label}").click()
    expect(pane(page).get_by_role("heading", name=first.label, exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=f"Read {first.label}")).to_be_focused()
    view(page, "Find")
    page.get_by_role("textbox", name="The quotation").fill("Here a town learned to wait")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Found in 1 place")).to_be_visible()
    page.locator("#px-find").get_by_role("button", name="Open").first.click()
    expect(pane(page).locator("mark")).to_have_text("Here a town learned to wait")
    page.keyboard.press("Escape")
    view(page, "Library")
    expect(page.locator("#px-documents").get_by_role("article")).to_have_count(2)
    page.go_back()
    expect(page.get_by_role("textbox", name="The quotation")).to_be_visible()
    expect(page.get_by_role("link", name="Find")).to_have_attribute("aria-current", "page")


def test_the_address_leads_back_to_the_place(page: Page, leave: Leave, address: str) -> None:
    visit(page, address)
    ask(page, QUESTION, 2).get_by_role("button", name="Open").first.click()
    expect(pane(page).locator("mark").first).to_be_in_viewport()
    said = marked(page)
    link = page.url
    leave("about:blank")
    page.goto(link)
    expect(pane(page).locator("mark").first).to_be_in_viewport()
    assert marked(page) == said
    page.keyboard.press("Escape")
    expect(pane(page)).to_have_count(0)
    assert page.url.endswith("#ask")


@pytest.mark.parametrize("screen", [{}, PHONE], ids=["desktop", "phone"], indirect=True)
def test_the_browsers_back_closes_the_pane_and_stays(page: Page, leave: Leave, address: str) -> None:
    visit(page, address)
    opening = ask(page, QUESTION, 2).get_by_role("article").first.get_by_role("button", name="Open").first
    opening.click()
    expect(pane(page).locator("mark").first).to_be_focused()
    page.go_back()
    expect(pane(page)).to_have_count(0)
    expect(opening).to_be_focused()
    page.go_forward()
    expect(pane(page).locator("mark").first).to_be_in_viewport()
    opened = page.evaluate("history.length")
    for _ in range(2):
        page.keyboard.press("Escape")
        expect(pane(page)).to_have_count(0)
        page.wait_for_function("!location.hash.includes('/')")
        opening.click()
        expect(pane(page).locator("mark").first).to_be_in_viewport()
    assert page.evaluate("history.length") == opened
    leave()
    expect(pane(page).locator("mark").first).to_be_in_viewport()
    page.go_back()
    expect(pane(page)).to_have_count(0)
    expect(page.get_by_role("article")).to_have_count(2)


@pytest.mark.parametrize(
    "wrong",
    ["nowhere/0-5/00", "{id}/0-5/00", "{id}/5-0/{sha}", "{id}/x-/{sha}", "{id}/0-99999999/{sha}", "%E0%A4%A/0-5/00"],
)
def test_a_link_to_what_is_not_there_is_told_in_the_pane(
    page: Page, address: str, library: Session, wrong: str
) -> None:
    source = library.documents()[0]
    page.goto(f"{address.rstrip('/')}/#read/{wrong.format(id=source.id, sha=source.sha256)}")
    expect(pane(page).get_by_role("alert")).to_be_visible()
    expect(pane(page).locator("mark")).to_have_count(0)


def test_a_document_is_added_described_and_removed_in_the_page(changing: tuple[str, Path], page: Page) -> None:
    address, folder = changing
    visit(page, address)
    view(page, "Library")
    documents = page.locator("#px-documents").get_by_role("article")
    expect(documents).to_have_count(1)
    weir = folder.parent / "weir.txt"
    weir.write_text("The weir gave way in March, and the miller sued nobody.\n", encoding="utf-8")
    page.locator("#px-files input[type=file]").set_input_files([str(weir)])
    expect(page.get_by_text("weir.txt: added, Weir")).to_be_visible()
    expect(documents).to_have_count(2)
    documents.last.get_by_text("Change, replace or remove").click()
    documents.last.get_by_role("textbox", name="Label").fill("Miller <i>")
    page.keyboard.press("Enter")
    expect(documents.last.get_by_role("heading", name="Miller <i>")).to_be_visible()
    view(page, "Ask")
    expect(page.locator(".px-shelf")).to_contain_text("Miller <i>")
    ask(page, "When did the weir give way?", 2)
    view(page, "Library")
    documents.last.get_by_text("Change, replace or remove").click()
    documents.last.get_by_role("button", name="Remove").click()
    expect(documents).to_have_count(2)
    documents.last.get_by_role("button", name="Remove").click()
    expect(documents).to_have_count(1)


def test_details_that_are_refused_stay_as_they_were_typed_beside_the_reason(page: Page, many_address: str) -> None:
    visit(page, many_address)
    view(page, "Library")
    document = page.locator("#px-documents").get_by_role("article").last
    document.get_by_text("Change, replace or remove").click()
    document.get_by_role("textbox", name="Author").fill("M. Hume")
    document.get_by_role("textbox", name="Year").fill("MCMI")
    document.get_by_role("button", name="Save").click()
    expect(document.get_by_role("alert")).to_be_in_viewport(ratio=1)
    expect(document.get_by_role("alert")).to_contain_text("“MCMI” is no year")
    expect(document.get_by_role("textbox", name="Author")).to_have_value("M. Hume")
    expect(document.get_by_role("textbox", name="Year")).to_have_value("MCMI")


LEAFLET = """Pure Water for Saltmarsh Row

The council is proud of its pipes. Before the pipes came, Saltmarsh Row drank from three holes in the ground, and the \
sick list of every summer shows what it drank. The engineer Mr. Ellis Gandy paid for the pipes out of his own pocket, \
and he asked for no statue.

It has been said that an old woman kept the wells clean. The council has no record of her. What it has is a bill of \
the year 1889 for nine coffins, all of them ordered from the Row within a single month of rain.

The wells were filled in on the second of May. The pipes have given water on every day since, and nobody has paid a \
farthing for a yoke of it.
"""


@pytest.fixture
def empty_address(tmp_path: Path) -> Iterator[str]:
    """Where the page over a library is served that holds nothing."""
    yield from serve(tmp_path / "library")


def test_a_persons_first_five_minutes(empty_address: str, page: Page, tmp_path: Path) -> None:
    (tmp_path / "wells.docx").write_bytes(docx(SAMPLE))
    (tmp_path / "leaflet.txt").write_text(LEAFLET, encoding="utf-8")
    Press(tmp_path / "leaflet.pdf", Look()).set(load(tmp_path / "leaflet.txt"))
    page.goto(empty_address)
    way = page.locator(".px-promise").get_by_role("link", name="Library")
    expect(way).to_have_css("text-decoration-line", "underline")  # or nobody knows it for a link
    way.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Plain text, PDF, Markdown, HTML, DOCX or EPUB")).to_be_visible()
    page.get_by_role("navigation", name="Views").get_by_role("link").last.focus()
    page.keyboard.press("Tab")
    drop = page.get_by_role("button", name="Click to upload or drop files")
    expect(drop).to_be_focused()
    assert drop.evaluate("e => parseFloat(getComputedStyle(e).outlineOffset)") < 0  # what is outside is cut off
    page.locator("#px-files input[type=file]").set_input_files(
        [str(tmp_path / n) for n in ("wells.docx", "leaflet.pdf")]
    )
    told = page.locator("#px-told")
    expect(told).to_contain_text("wells.docx: added, ", timeout=90_000)  # the first file waits for the encoder
    expect(told).to_contain_text("leaflet.pdf: added, ")
    view(page, "Ask")
    turn = ask(page, "Who paid for the pipes?", 2)
    turn.get_by_role("article").last.get_by_role("button", name="Open").first.click()
    expect(pane(page).locator("mark").first).to_be_in_viewport()
    library = Session.open(tmp_path / "library")
    place = turn.get_by_role("article").last.locator(".px-open").first.evaluate("e => ({...e.dataset})")
    quote = library.document(place["document"]).text[int(place["start"]) : int(place["end"])]
    assert marked(page) == " ".join(quote.split()) and quote in LEAFLET.replace("\n", " ")
    page.keyboard.press("Escape")
    with page.expect_download() as download:
        page.get_by_role("button", name="HTML", exact=True).click()
    download.value.save_as(tmp_path / "chat.html")
    result = library.verify(batch.record(tmp_path / "chat.html"))
    assert result.checked >= 2 and result.problems == ()


def test_a_newer_version_of_a_file_takes_its_documents_place(changing: tuple[str, Path], page: Page) -> None:
    address, folder = changing
    visit(page, address)
    view(page, "Library")
    documents = page.locator("#px-documents").get_by_role("article")
    documents.first.get_by_text("Change, replace or remove").click()
    newer = folder.parent / "second-print.txt"
    newer.write_text("The lock keeper moved nothing at all, says the second print.\n", encoding="utf-8")
    documents.first.get_by_label("Replace Lock by a newer version of its file").set_input_files([str(newer)])
    expect(page.locator("#px-told")).to_contain_text("Lock: replaced")
    expect(documents).to_have_count(1)
    expect(documents.first).to_contain_text("second-print.txt")
    expect(documents.first.get_by_role("heading", name="Lock")).to_be_visible()


@pytest.fixture(scope="module")
def many_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the page over more documents is served than stand side by side."""
    folder = tmp_path_factory.mktemp("many")
    session = Session.open(folder / "library", create=True)
    payers = ("miller", "bishop", "ferryman", "brewer", "tanner", "weaver", "glazier")
    for payer in payers:
        file = folder / f"{payer}.txt"
        file.write_text(
            f"The book of the {payer} tells of the new bridge. The {payer} paid for the bridge out of his own purse, "
            "and asked no toll of anybody who crossed it on foot.\n\n"
            f"In winter the {payer} kept his boat under the arch, and slept in it when the river froze.\n",
            encoding="utf-8",
        )
        session.add(file)
    yield from serve(folder / "library")


BRIDGE = "Who paid for the bridge?"
SIZES = pytest.mark.parametrize(
    "screen", [pytest.param({}, id="desktop"), pytest.param(PHONE, id="phone")], indirect=True
)


@SIZES
def test_of_many_documents_a_few_are_shown_and_any_can_be_pinned(page: Page, leave: Leave, many_address: str) -> None:
    visit(page, many_address)
    turn = ask(page, BRIDGE, 4)
    names = turn.get_by_role("article").get_by_role("heading")
    pinned = names.last.inner_text()
    turn.get_by_role("article").last.get_by_role("button", name="Pin").click()
    expect(names.first).to_have_text(pinned)
    button = turn.get_by_role("article").first.get_by_role("button", name="Pin")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_be_focused()
    second = ask(page, "Where did the boat lie in winter?", 8)
    expect(second.get_by_role("article").get_by_role("heading").first).to_have_text(pinned)
    leave()
    expect(page.get_by_role("article")).to_have_count(8)
    expect(names.first).to_have_text(pinned)
    assert overflow(page) <= 0


@SIZES
def test_some_of_many_documents_are_asked_and_kept_together(page: Page, leave: Leave, many_address: str) -> None:
    visit(page, many_address)
    chooser = page.locator("#px-choosing")
    expect(chooser.get_by_text("Asking all 7 documents")).to_be_visible()
    chooser.locator("summary").click()
    chooser.get_by_label("Bishop").check()
    chooser.get_by_label("Weaver").check()
    expect(chooser.get_by_text("Asking 2 of 7 documents")).to_be_visible()
    assert Axe().run(page, options=RULES).response["violations"] == []
    assert overflow(page) <= 0
    name = f"Payers {random.random()}"
    chooser.get_by_role("textbox", name="Name of a collection").fill(name)
    page.keyboard.press("Enter")
    kept = chooser.get_by_role("button", name=name, include_hidden=True)
    expect(kept).to_have_count(1)  # the chooser is made anew, and folded
    chooser.locator("summary").click()
    chooser.get_by_role("button", name="All", exact=True).click()
    expect(chooser.get_by_text("Asking all 7 documents")).to_be_visible()
    chooser.get_by_role("button", name=name).click()
    expect(chooser.get_by_text("Asking 2 of 7 documents")).to_be_visible()
    chooser.locator("summary").click()
    turn = ask(page, BRIDGE, 2)
    jump = turn.get_by_role("navigation").get_by_role("button").last
    if jump.is_visible():
        jump.click()
        expect(turn.get_by_role("article").last.get_by_role("heading")).to_be_in_viewport()
    leave()
    expect(page.get_by_role("article")).to_have_count(2)
    expect(chooser.get_by_text("Asking 2 of 7 documents")).to_be_visible()
    view(page, "Find")
    expect(page.locator("#px-find").get_by_text("Looks in 2 of 7 documents")).to_be_visible()
    page.get_by_role("textbox", name="The quotation").fill("paid for the bridge out of his own purse")
    page.keyboard.press("Enter")
    found = page.locator("#px-find").get_by_role("article")
    expect(found).to_have_count(2)
    page.get_by_role("button", name="Look in all 7").click()
    expect(found).to_have_count(7)
    view(page, "Terms")
    page.get_by_role("textbox", name="The term").fill("bridge")
    page.keyboard.press("Enter")
    used = page.locator("#px-terms").get_by_role("article")
    expect(used).to_have_count(2)
    assert overflow(page) <= 0
    page.get_by_role("button", name="Look in all 7").click()
    expect(used).to_have_count(7)
    view(page, "Library")
    page.get_by_role("button", name=f"Dissolve the collection {name}").click()
    expect(page.locator("#px-library").get_by_text(name)).to_have_count(0)


@pytest.mark.parametrize(
    ("view", "made"), [("find", "#px-find-box"), ("terms", "#px-terms-box"), ("library", "#px-documents article")]
)
def test_an_address_leads_to_its_view(page: Page, address: str, view: str, made: str) -> None:
    page.goto(f"{address.rstrip('/')}/#{view}")
    expect(page.locator(made).first).to_be_visible(timeout=60_000)
    expect(page.get_by_role("textbox", name="Your question")).to_be_hidden()


def test_the_authors_own_words_alone_with_the_keyboard(page: Page, leave: Leave, address: str) -> None:
    visit(page, address)
    page.get_by_role("textbox", name="Your question").fill(QUESTION)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("checkbox", name="Authors’ own words only")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Only the authors’ own words")).to_be_visible()
    expect(page.get_by_role("article")).to_have_count(2)
    leave()
    expect(page.get_by_text("Only the authors’ own words")).to_be_visible()


def test_a_text_that_was_replaced_since_it_was_quoted_is_not_marked(changing: tuple[str, Path], page: Page) -> None:
    address, folder = changing
    visit(page, address)
    opening = ask(page, HOSTILE_QUESTION, 1).get_by_role("button", name="Open").first
    opening.click()
    expect(pane(page).locator("mark").first).to_be_in_viewport()
    file = folder.parent / "lock.txt"
    file.write_text(f"A line put before.\n\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
    Session.open(folder).add(file)
    opening.click()
    expect(pane(page).get_by_role("alert")).to_contain_text("replaced since it was quoted; ask again.")
    expect(pane(page).locator("mark")).to_have_count(0)


def test_a_new_chat_begins_with_an_empty_page(page: Page, address: str) -> None:
    visit(page, address)
    ask(page, QUESTION, 2)
    opened = page.locator(".px-pane")
    page.get_by_role("button", name="Open").first.click()
    expect(opened).to_have_count(1)
    page.get_by_role("button", name="New chat").click()
    expect(opened).to_have_count(0)
    expect(page).to_have_url(re.compile("#ask$"))
    expect(page.get_by_role("article")).to_have_count(0)
    expect(page.get_by_role("heading", name="To begin with")).to_be_visible()
    turn = ask(page, "And who paid them?", 2)
    expect(turn.get_by_text("Read together with")).to_have_count(0)


def test_a_hostile_document_shows_its_text_and_runs_nothing(page: Page, hostile_address: str) -> None:
    visit(page, hostile_address)
    turn = ask(page, f"{HOSTILE_QUESTION} <img src=x onerror=window.pwned=1> ${{window.pwned=1}}", 1)
    turn.get_by_role("button", name="Open").first.click()
    for attack in (
        "<script>window.pwned=1</script>",
        "${window.pwned=1}",
        "<img src=x onerror=window.pwned=1>",
    ):
        expect(pane(page).get_by_text(attack).first).to_be_visible()
    page.keyboard.press("Escape")
    expect(pane(page)).to_have_count(0)
    assert page.evaluate("window.pwned") is None
    # And were one of them ever markup, the page's own policy would not let it run.
    policy = page.request.get(hostile_address).headers["content-security-policy"]
    (scripts,) = re.findall("script-src ([^;]*)", policy)
    assert "'unsafe-inline'" not in scripts and "default-src 'self'" in policy


@pytest.fixture
def clerk_address(tmp_path: Path) -> Iterator[str]:
    """Where the page over three documents is served that hold every string of `hostile` and are named by some."""
    name = f"Log {hostile.MARKUP[1]} {hostile.MARKUP[9]} {hostile.WRITING[0]}"
    (tmp_path / "clerk.txt").write_text(hostile.text(), encoding="utf-8")
    (tmp_path / "keeper.md").write_text(hostile.other(), encoding="utf-8")
    session = Session.open(tmp_path / "library", create=True)
    session.add(tmp_path / "clerk.txt", Details(title=name, author=name, label=f"Clerk {name}"))
    session.add(tmp_path / "keeper.md")
    hostile.printed(tmp_path / "print.pdf")
    session.add(tmp_path / "print.pdf")
    yield from serve(tmp_path / "library")


INJECTED = """() => [
  ...document.querySelectorAll('.px-turn *, .px-pane *, .px-welcome *, .px-shelf *, #px-documents *,'
  + '#px-find *, #px-terms *')]
  .filter(e => (['SCRIPT', 'IFRAME', 'STYLE', 'LINK', 'ANIMATE'].includes(e.tagName))
    || e.tagName === 'IMG' && !e.src.startsWith('data:image/')
    || [...e.attributes].some(a => a.name.startsWith('on') || /^javascript:/i.test(a.value)))
  .map(e => e.outerHTML)"""
"""What in the places for a document's words only a document's words can have made."""


def test_no_view_obeys_what_a_document_holds_or_is_called(clerk_address: str, page: Page) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))

    def quiet() -> None:
        assert page.evaluate("window.pwned") is None and dialogs == []
        assert page.evaluate(INJECTED) == []

    visit(page, clerk_address)
    expect(page.locator(".px-shelf").first).to_contain_text(hostile.MARKUP[1])
    quiet()
    ask(page, f"What did the clerk write upon board 3? {hostile.MARKUP[0]}", 3)
    quiet()
    page.get_by_role("button", name="Open").first.click()
    expect(pane(page).locator("mark").first).to_be_visible()
    shown = " ".join(pane(page).inner_text().split())
    assert sum(" ".join(string.split()) in shown for string in hostile.MARKUP) >= 10
    quiet()
    page.keyboard.press("Escape")
    view(page, "Read")
    expect(page.locator(".px-shared").first).to_contain_text("<b onclick=window.pwned=1>")
    quiet()
    view(page, "Find")
    page.get_by_role("textbox", name="The quotation").fill(hostile.MARKUP[6])
    page.keyboard.press("Enter")
    found = page.locator("#px-find")
    expect(found.locator("mark", has_text="window.pwned=1>here").first).to_be_visible()
    quiet()
    found.get_by_role("button", name="Open").last.click()
    expect(pane(page)).to_contain_text(hostile.MARKUP[1])
    quiet()
    page.keyboard.press("Escape")
    view(page, "Terms")
    page.get_by_role("textbox", name="The term").fill("onerror")
    page.keyboard.press("Enter")
    expect(page.locator("#px-terms .px-line").first).to_contain_text("window.pwned")
    quiet()
    view(page, "Library")
    expect(page.locator("#px-documents").get_by_role("article").last).to_contain_text(hostile.MARKUP[0])
    quiet()


@pytest.mark.parametrize("screen", [PHONE], ids=["phone"], indirect=True)
def test_on_a_phone_the_pane_lies_over_the_page_and_leads_back(page: Page, address: str) -> None:
    visit(page, address)
    assert overflow(page) <= 0
    card = ask(page, QUESTION, 2).get_by_role("article").first
    assert overflow(page) <= 0
    card.get_by_role("button", name="Open").first.tap()
    expect(pane(page).locator("mark").first).to_be_in_viewport()
    assert overflow(page) <= 0
    box = pane(page).bounding_box()
    assert box is not None and box["x"] == 0 and box["width"] == 390
    expect(page.get_by_role("textbox", name="Your question")).to_be_hidden()
    pane(page).get_by_role("button", name="Back").tap()
    expect(pane(page)).to_have_count(0)
    expect(card.get_by_role("button", name="Open").first).to_be_in_viewport()
    expect(card.get_by_role("button", name="Open").first).to_be_focused()


@pytest.mark.parametrize("screen", [{"color_scheme": "dark"}], ids=["dark"], indirect=True)
def test_in_the_dark_the_page_is_dark(page: Page, address: str) -> None:
    visit(page, address)
    card = ask(page, QUESTION, 2).get_by_role("article").first
    shade = "e => getComputedStyle(e).backgroundColor"
    assert page.locator("body").evaluate(shade) == "rgb(22, 21, 19)"
    assert card.evaluate(shade) == "rgb(31, 30, 27)"


@pytest.mark.parametrize(
    "screen",
    [{"viewport": {"width": width, "height": height}} for width, height in ((1280, 800), (820, 1100), (390, 844))],
    ids=["desktop", "tablet", "phone"],
    indirect=True,
)
def test_by_keyboard_alone_from_the_first_key_to_the_opened_text(page: Page, address: str) -> None:
    visit(page, address)
    box = page.get_by_role("textbox", name="Your question")
    for _ in range(12):
        if box.evaluate("e => e === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(page.get_by_role("article")).to_have_count(2)
    opening = page.get_by_role("article").last.get_by_role("button", name="Open").first
    for _ in range(12):
        if opening.evaluate("e => e === document.activeElement"):
            break
        page.keyboard.press("Shift+Tab")
    expect(opening).to_be_focused()
    assert opening.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(pane(page).locator("mark").first).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Escape")
    expect(pane(page)).to_have_count(0)
    expect(opening).to_be_focused()


MILL = """The Mill and the Lock

The log of the mill has it from a bargeman: “{lock}” Nobody at the mill believed him, for the barge had not been moved \
since the frost and the keeper told everybody everything.
"""
LOCK = "The lock keeper moved the barge at dawn, and he told nobody of it until the water was gone."


@pytest.fixture
def sharing_address(tmp_path: Path) -> Iterator[str]:
    """Where the page over two documents is served that have a sentence in common."""
    (tmp_path / "lock.txt").write_text(f"{LOCK} Then he wrote it down in his book and went to bed.\n", "utf-8")
    (tmp_path / "mill.txt").write_text(MILL.format(lock=LOCK), "utf-8")
    session = Session.open(tmp_path / "library", create=True)
    session.add(tmp_path / "lock.txt")
    session.add(tmp_path / "mill.txt")
    yield from serve(tmp_path / "library")


def test_what_documents_quote_in_common_is_read_side_by_side(sharing_address: str, page: Page) -> None:
    visit(page, sharing_address)
    view(page, "Read")
    place = page.locator(".px-shared")
    expect(place).to_have_count(1)
    expect(place.locator("mark")).to_have_text([LOCK[:-1], LOCK[:-1]])
    place.get_by_role("button", name="Open").last.click()
    expect(pane(page).locator("mark").first).to_be_in_viewport()
    assert marked(page) == LOCK[:-1]


def test_what_the_other_document_says_waits_under_the_paragraph(page: Page, address: str, library: Session) -> None:
    first, second = library.documents()
    met = library.counterparts(first.id, 0, len(library.document(first.id).text))[0]
    page.goto(f"{address.rstrip('/')}/#read/{first.id}/{met.here.start}-{met.here.end}/{first.sha256}")
    expect(pane(page).locator("mark").first).to_be_in_viewport()
    aside = pane(page).locator(".px-margin").filter(has_text=met.there.quote[:60])
    aside.get_by_text(f"What {second.label} says to this").click()
    aside.get_by_role("button", name="Open").click()
    expect(pane(page).locator("h2")).to_have_text(second.label)
    assert marked(page) == " ".join(met.there.quote.split())


@pytest.fixture
def printed_address(tmp_path: Path) -> Iterator[str]:
    """Where the page over a library of one PDF is served."""
    text = load(Path(__file__).resolve().parents[1] / "ui" / "samples" / "resting-of-the-ground.txt")
    Press(tmp_path / "ground.pdf", Look(heads=("Ground", "Ground"))).set(text)
    Session.open(tmp_path / "library", create=True).add(tmp_path / "ground.pdf")
    yield from serve(tmp_path / "library")


@pytest.mark.parametrize("screen", [{}, PHONE | {"color_scheme": "dark"}], indirect=True, ids=["desk", "phone"])
def test_the_page_as_printed_is_unfolded_with_the_keyboard(printed_address: str, page: Page) -> None:
    visit(page, printed_address)
    page.get_by_role("link", name="Read", exact=True).click()
    page.get_by_role("button", name="Read").click()
    fold = pane(page).locator("summary", has_text="Page as printed")
    expect(fold).to_be_visible()
    fold.focus()
    page.keyboard.press("Enter")
    picture = pane(page).get_by_role("img", name=re.compile("^Page 1 of .+, with these words marked: "))
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 500")
    assert overflow(page) == 0
    page.keyboard.press("Enter")
    expect(picture).to_be_hidden()
    assert Axe().run(page).response["violations"] == []


def test_a_term_is_looked_up_and_its_lines_open(page: Page, address: str) -> None:
    visit(page, address)
    view(page, "Terms")
    page.get_by_role("textbox", name="The term").fill("oyster")
    page.keyboard.press("Enter")
    cards = page.locator("#px-terms").get_by_role("article")
    expect(cards).to_have_count(2)
    expect(cards.first.get_by_role("img")).to_be_visible()
    lines = cards.first.locator(".px-line")
    said = lines.first.locator("mark").inner_text()
    lines.first.get_by_role("button").click()
    expect(pane(page).locator("mark")).to_have_text(said)
    expect(pane(page).locator("mark")).to_be_in_viewport()
    page.get_by_role("textbox", name="The term").fill("oystrs")
    page.keyboard.press("Enter")
    near = page.locator("#px-terms .px-near").first
    instead = near.inner_text()
    near.click()
    expect(page.get_by_role("heading", name=instead, exact=True)).to_be_visible()
    expect(cards).to_have_count(2)


@pytest.mark.parametrize("screen", [{"permissions": ["clipboard-read", "clipboard-write"]}], indirect=True)
def test_a_place_is_cited_in_any_style_and_as_a_link(page: Page, leave: Leave, address: str) -> None:
    visit(page, address)
    ask(page, QUESTION, 2).get_by_role("button", name="Open").first.click()
    pane(page).get_by_text("Cite", exact=True).click()
    said = marked(page)
    pane(page).get_by_role("button", name="BibTeX").click()
    expect(pane(page).get_by_role("button", name="Copied")).to_have_count(1)
    assert page.evaluate("navigator.clipboard.readText()").startswith("@")
    pane(page).get_by_role("button", name="Link to this place").click()
    expect(pane(page).get_by_role("button", name="Copied")).to_have_count(2)
    link = page.evaluate("navigator.clipboard.readText()")
    leave("about:blank")
    page.goto(link)
    expect(pane(page).locator("mark").first).to_be_in_viewport()
    assert marked(page) == said
    expect(page.get_by_role("link", name="Read", exact=True)).to_have_attribute("aria-current", "page")


@pytest.fixture
def named_address(tmp_path: Path) -> Iterator[str]:
    """Where the page over a document with hardly a name, and one with far too much of it, is served."""
    for name, long in (
        ("log", ""),
        ("history", "And of Everything that Befell Those who Kept Them in the Year of the Flood "),
    ):
        (tmp_path / f"{name}.txt").write_text(f"The keeper of the {name} counted the swans at the lock. " * 40, "utf-8")
        session = Session.open(tmp_path / "library", create=True)
        session.add(tmp_path / f"{name}.txt", Details(title=long * 9 or name, author=long * 3, label=long * 3 or name))
    yield from serve(tmp_path / "library")


@SIZES
def test_whatever_a_document_is_called_its_head_covers_nothing(named_address: str, page: Page) -> None:
    visit(page, named_address)
    view(page, "Read")
    for name in ("log", re.compile("^Read And of")):
        page.get_by_role("button", name=f"Read {name}" if name == "log" else name).click()
        mark = pane(page).locator("mark").first
        expect(mark).to_be_focused()
        for part in (pane(page).get_by_role("button", name=re.compile("Close|Back")), mark):
            assert part.evaluate(
                "e => [...e.getClientRects()].slice(0, 2).every(({ left, right, top, bottom }) =>"
                " [[left + 4, top + 4], [right - 4, bottom - 4]]"
                ".every(([x, y]) => e.contains(document.elementFromPoint(x, y))))"
            )
        page.keyboard.press("Escape")
        expect(pane(page)).to_have_count(0)


def printed(page: Page) -> str:
    """The words that come out when the page is printed on a sheet of A4, on one line."""
    with pypdfium2.PdfDocument(page.pdf(format="A4")) as sheets:
        return " ".join(" ".join(sheet.get_textpage().get_text_bounded() for sheet in sheets).split())


@pytest.mark.parametrize("screen", [{"color_scheme": "dark"}], ids=["dark"], indirect=True)
def test_what_is_shown_is_printed_to_its_end(page: Page, hostile_address: str) -> None:
    visit(page, hostile_address)
    view(page, "Terms")
    page.get_by_role("textbox", name="The term").fill("swans")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="more").click()
    lines = page.locator("#px-terms .px-line")
    expect(lines).to_have_count(50)
    assert printed(page).count("swans, wrote all") == 50
    view(page, "Read")
    page.get_by_role("button", name="Read").click()
    expect(pane(page).get_by_text("to lock 10 the keeper")).to_be_visible()
    text = printed(page)
    last = pane(page).locator(".px-paragraph p").last.inner_text()
    assert " ".join(last.split()) in text and text.count("to lock 10 the keeper") == 1
    view(page, "Ask")
    ask(page, HOSTILE_QUESTION, 1)
    text = printed(page)
    assert text.index(HOSTILE_QUESTION) < text.index("to lock 10 the keeper")  # the answers, then the text beside them
    page.emulate_media(media="print")
    look = "({color, backgroundColor, printColorAdjust}) => [color, backgroundColor, printColorAdjust]"
    on_paper = page.locator("mark").first.evaluate(f"e => ({look})(getComputedStyle(e))")
    assert on_paper == ["rgb(29, 28, 26)", "rgb(255, 241, 168)", "exact"]


@pytest.mark.parametrize("screen", [{}, PHONE], ids=["desktop", "phone"], indirect=True)
def test_text_twice_as_large_still_fits(page: Page, address: str) -> None:
    visit(page, address)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    card = ask(page, QUESTION, 2).get_by_role("article").first
    assert overflow(page) <= 0
    card.get_by_role("button", name="Open").first.click()
    expect(pane(page).locator("mark").first).to_be_in_viewport()
    assert overflow(page) <= 0
    page.keyboard.press("Escape")
    expect(pane(page)).to_have_count(0)
    for name in ("Read", "Find", "Terms", "Library"):
        view(page, name)
        assert overflow(page) <= 0


@pytest.mark.parametrize(
    "screen",
    [
        pytest.param(size | {"color_scheme": scheme}, id=f"{name}, {scheme}")
        for name, size in (("desktop", {}), ("phone", PHONE))
        for scheme in ("light", "dark")
    ],
    indirect=True,
)
def test_no_screen_keeps_anybody_out(page: Page, address: str) -> None:
    """WCAG 2.2 AA as far as axe-core can tell."""
    axe = Axe()

    def barriers() -> list[str]:
        found = axe.run(page, options=RULES).response["violations"]
        return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]

    visit(page, address)
    expect(page.get_by_role("heading", name="To begin with")).to_be_visible()
    assert barriers() == []
    turn = ask(page, QUESTION, 2)
    turn.locator("summary").first.click()
    assert barriers() == []
    ask(page, "“Here a town … learned how to wait”", 4)
    assert barriers() == []
    turn.get_by_role("button", name="Open").first.click()
    expect(pane(page).locator("mark").first).to_be_in_viewport()
    pane(page).get_by_text("Contents").click()
    assert barriers() == []
    page.keyboard.press("Escape")
    expect(pane(page)).to_have_count(0)
    view(page, "Read")
    expect(page.get_by_role("button", name="Read").first).to_be_visible()
    assert barriers() == []
    view(page, "Find")
    page.get_by_role("textbox", name="The quotation").fill("Here a town learned how to wait")
    page.keyboard.press("Enter")
    expect(page.locator("#px-find").get_by_role("article")).to_have_count(2)
    assert barriers() == []
    view(page, "Terms")
    page.get_by_role("textbox", name="The term").fill("oyster")
    page.keyboard.press("Enter")
    expect(page.locator("#px-terms").get_by_role("article")).to_have_count(2)
    assert barriers() == []
    view(page, "Library")
    page.get_by_text("Change, replace or remove").first.click()
    assert barriers() == []
