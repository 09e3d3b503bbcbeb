"""How long a click on a citation takes until its sentence stands marked in view, against an empty event of Gradio.

    python scripts/clicks.py [--clicks 30]

Both are measured in one browser and one run, on the sample library; what counts is their ratio. Needs Chromium on the
path, as the browser tests do.
"""

import argparse
import tempfile

import gradio as gr
from playwright.sync_api import Browser, Page, sync_playwright
from screenshots import CHROMIUM, FLAGS, QUESTION, free_port, sample_session

from ui.web import serve

UNTIL = """async ([button, done]) => {
  const check = new Function(`return ${done}`);
  const began = performance.now();
  document.querySelectorAll(button.where)[button.number].click();
  while (!check()) await new Promise(requestAnimationFrame);
  return performance.now() - began;
}"""
MARKED = """(() => {{
  const mark = document.querySelector('.px-pane[data-link*="/{start}-{end}/"] mark');
  const box = mark === null ? null : mark.getBoundingClientRect();
  return box !== null && box.top >= 0 && box.bottom <= innerHeight;
}})()"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clicks", type=int, default=30)
    clicks = parser.parse_args().clicks
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = serve(sample_session(folder), "127.0.0.1", free_port())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        opened = openings(browser, server.address, clicks)
        server.close()
        emptied = empty_events(browser, clicks)
        browser.close()
    for name, times in (("citation to marked sentence in view", opened), ("empty event", emptied)):
        print(f"{name}: median {times[len(times) // 2]:.0f} ms, p95 {p95(times):.0f} ms of {len(times)}")
    print(f"ratio of the p95: {p95(opened) / p95(emptied):.2f}")


def p95(times: list[float]) -> float:
    return times[int(0.95 * (len(times) - 1))]


def openings(browser: Browser, address: str, clicks: int) -> list[float]:
    """Milliseconds of each click on a citation, sorted; the citations of one question in turn."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(address)
    page.get_by_role("textbox", name="Your question").fill(QUESTION)
    page.keyboard.press("Enter")
    page.get_by_role("article").nth(1).wait_for()
    places = page.locator("#px-ask .px-open").evaluate_all("buttons => buttons.map(e => ({...e.dataset}))")
    times = timed(page, "#px-ask .px-open", places, clicks)
    page.close()
    return times


def timed(page: Page, where: str, places: list[dict[str, str]], clicks: int) -> list[float]:
    """Milliseconds from each click on a button, until the place that it opens stands marked in view, sorted."""
    times = []
    for click in range(clicks + 1):
        number = click % len(places)
        times.append(float(page.evaluate(UNTIL, [{"where": where, "number": number}, MARKED.format(**places[number])])))
    return sorted(times[1:])  # the first one also loads what a pane needs


def empty_events(browser: Browser, clicks: int) -> list[float]:
    """Milliseconds of each click on a button whose event does nothing but answer, sorted."""
    with gr.Blocks(analytics_enabled=False) as blocks:
        count, told = gr.State(0), gr.HTML("")
        gr.Button("Press").click(
            lambda number: (number + 1, f'<i id="n{number + 1}">.</i>'), count, [count, told], show_progress="hidden"
        )
    _, address, _ = blocks.launch(server_port=free_port(), prevent_thread_lock=True, quiet=True, ssr_mode=False)
    page = browser.new_page()
    page.goto(address)
    page.get_by_role("button", name="Press").wait_for()
    button = {"where": "button:not([class*=footer])", "number": 0}
    times = [
        float(page.evaluate(UNTIL, [button, f"document.getElementById('n{number}') !== null"]))
        for number in range(1, clicks + 2)
    ]
    page.close()
    blocks.close(verbose=False)
    return sorted(times[1:])


if __name__ == "__main__":
    main()
