"""Take the pictures of docs/screens on the sample library: each view, desktop and phone, light and dark.

    python scripts/screenshots.py [--out docs/screens]

Needs Chromium on the path, as the browser tests do.
"""

import argparse
import socket
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from qa.session import Session
from ui.web import serve

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from test_browser import CHROMIUM, FLAGS  # noqa: E402  (the tests know how the browser is started)

SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
QUESTION = "What was the summer of 1842 like?"
ASKED = {
    "ask": ("Your question", QUESTION),
    "find": ("The quotation", "Two thousand people learned to wait … had always known what for"),
    "terms": ("The term", "oyster"),
}
"""Of the views that have a box: its label, and what is typed into it."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "screens")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if CHROMIUM is None:
        raise SystemExit("There is no Chromium on the path.")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        session = sample_session(folder)
        server = serve(session, "127.0.0.1", free_port())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for size, viewport in SIZES.items():
            for scheme in ("light", "dark"):
                phone = {"is_mobile": True, "has_touch": True} if size == "phone" else {}
                page = browser.new_page(viewport=viewport, color_scheme=scheme, **phone)  # type: ignore[arg-type]
                page.goto(server.address)
                for name in ("ask", "read", "find", "terms", "library"):
                    show(page, name)
                    page.screenshot(path=options.out / f"{name}-{size}-{scheme}.png")
                    leave(page)
                page.close()
        browser.close()
        server.close()


def sample_session(folder: str) -> Session:
    """A session over a new library of the two sample documents, its models loaded."""
    session = Session.open(folder, create=True)
    for sample in sorted((ROOT / "ui" / "samples").glob("*.txt"), reverse=True):
        session.add(sample)
    session.warm()
    return session


def show(page: Page, name: str) -> None:
    if name != "ask":
        page.get_by_role("navigation", name="Views").get_by_role("link", name=name.capitalize()).click()
    if name in ASKED:
        label, words = ASKED[name]
        page.get_by_role("textbox", name=label).fill(words)
        page.keyboard.press("Enter")
        page.locator(f"#px-{name}").get_by_role("article").nth(1).wait_for()
    elif name == "read":
        page.locator("#px-read .px-open").first.click()
        page.locator(".px-pane .px-margin").first.scroll_into_view_if_needed()
        page.locator(".px-pane .px-margin summary").first.click()
    else:
        page.get_by_text("Change, replace or remove").first.click()
    page.wait_for_timeout(600)  # scrolling comes to rest


def leave(page: Page) -> None:
    """Close the pane where it is open: on a phone it lies over everything."""
    page.keyboard.press("Escape")
    page.locator(".px-pane").wait_for(state="detached")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


if __name__ == "__main__":
    main()
