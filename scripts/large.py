"""A library and a book beyond the everyday: finding a quotation in 100 MB of text, opening a book of 300 pages.

    python scripts/large.py find [--megabytes 1 10 100]
    python scripts/large.py book [--pages 300]

The texts are made at random: invented words, some far commoner than others as in a language, in sentences and
paragraphs. Their vectors are made at random, too, since nothing here asks what words mean. `find` looks up sentences of
the library word for word, with three words changed, and sentences that are not in it; what counts is how the time grows
with the library: the processor's, so that other work on the machine does not count. `book` clicks through the headings
of a book in a browser; what counts is the time over that of an empty event of Gradio in the same run.
"""

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from statistics import median

import numpy as np
from clicks import empty_events, p95, timed
from playwright.sync_api import sync_playwright
from quotations import edited
from screenshots import CHROMIUM, FLAGS, free_port

from index.embed import Encodable, Vectors
from index.types import Progress
from qa.session import Session
from ui.web import serve

PAGE = 2_000
"""Characters of a printed page."""
DOCUMENT = 1_000_000
"""Characters of each document of a library."""
FUNCTION_WORDS = (
    "the of and to in a is that it was for on with as his be at by which not but from".split()  # noqa: SIM905
)
FLAT = 50
"""The word of rank r is drawn in proportion to 1 / (r + FLAT): what Zipf's law leaves when function words are apart."""
ONSETS = "b c d f g l m n p r s t v w st tr pl ch".split()  # noqa: SIM905
VOWELS = "a e i o u ea ou".split()  # noqa: SIM905
CODAS = ["n", "r", "s", "t", "l", ""]


class RandomEncoder:
    """Vectors that mean nothing, for a library whose meaning is not asked for."""

    fingerprint, dimension = "random", 16

    def __init__(self, name: str) -> None:
        self.name = name
        self._chance = np.random.default_rng(0)

    def encode_query(self, query: str) -> Vectors:
        return self._vectors(1)[0]

    def encode_passages(self, passages: Sequence[Encodable], progress: Progress) -> tuple[Vectors, Vectors]:
        return self._vectors(len(passages)), self._vectors(sum(len(passage.spans) for passage in passages))

    def _vectors(self, count: int) -> Vectors:
        drawn = self._chance.normal(size=(count, self.dimension)).astype(np.float32)
        unit: Vectors = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
        return unit


def vocabulary(size: int, chance: random.Random) -> list[str]:
    """So many invented words of one to four syllables."""

    def syllable() -> str:
        return chance.choice(ONSETS) + chance.choice(VOWELS) + chance.choice(CODAS)

    return ["".join(syllable() for _ in range(chance.randint(1, 4))) for _ in range(size)]


def sentences(words: Sequence[str], chance: random.Random) -> Iterator[str]:
    """Sentences without end; about one word in three is a function word."""
    weights = list(accumulate(1 / (rank + FLAT) for rank in range(len(words))))
    while True:
        drawn = chance.choices(words, cum_weights=weights, k=20_000)
        while len(drawn) > 40:
            length = chance.randint(8, 28)
            said = [drawn.pop() if chance.random() < 0.65 else chance.choice(FUNCTION_WORDS) for _ in range(length)]
            yield f"{' '.join(said).capitalize()}."


def text(size: int, said: Iterator[str], heading_every: int) -> str:
    """So many characters in paragraphs, with a heading after every so many."""
    parts: list[str] = []
    length = since = 0
    while length < size:
        if since >= heading_every or not parts:
            parts.append(next(said).removesuffix(".").title()[:40])
            since = 0
        parts.append(" ".join(next(said) for _ in range(6)))
        length += len(parts[-1])
        since += len(parts[-1])
    return "\n\n".join(parts) + "\n"


def library(folder: Path, texts: Iterator[str]) -> Session:
    session = Session.open(folder / "library", create=True, model="random", load_encoder=RandomEncoder, reader="none")
    for number, words in enumerate(texts):
        file = folder / f"text-{number:04}.txt"
        file.write_text(words, encoding="utf-8")
        session.add(file)
        file.unlink()
    return session


def find(megabytes: Sequence[int]) -> None:
    chance = random.Random(0)
    words = vocabulary(40_000, chance)
    base: dict[str, float] = {}
    for size in megabytes:
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            session = library(Path(folder), (text(DOCUMENT, sentences(words, chance), 20 * PAGE) for _ in range(size)))
            print(f"{size} MB: added in {time.perf_counter() - began:.0f} s", flush=True)
            there = [
                said for source in session.documents() for said in _drawn(session, source.id, 200 // size + 1, chance)
            ]
            strange = [next(sentences(words, random.Random(number))) for number in range(100)]
            began = time.process_time()
            session.find(there[0])
            print(f"  the first look-up, which reads the library: {time.process_time() - began:.1f} s")
            ways: dict[str, tuple[list[str], Callable[[str], str]]] = {
                "word for word": (there[:100], str),
                "three words changed": (there[:100], lambda said: edited(said, words, chance)),
                "not there": (strange, str),
            }
            for name, (asked, damage) in ways.items():
                times, found = [], 0
                for said in asked:
                    quotation = damage(said)
                    began = time.process_time()
                    places = session.find(quotation).occurrences
                    times.append(time.process_time() - began)
                    found += any(said in place.quote or place.quote in said for place in places[:1])
                base.setdefault(name, median(times))
                print(
                    f"  {name}: median {1000 * median(times):.0f} ms, p95 {1000 * p95(sorted(times)):.0f} ms, "
                    f"{median(times) / base[name]:.1f} times that of {megabytes[0]} MB; found {found} of {len(asked)}",
                    flush=True,
                )
            print(
                f"  peak memory so far: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB", flush=True
            )


def _drawn(session: Session, identifier: str, count: int, chance: random.Random) -> list[str]:
    """Sentences of a document."""
    said = [
        part for part in session.document(identifier).text.split(". ") if 40 <= len(part) <= 400 and "\n" not in part
    ]
    return chance.sample(said, count)


def book(pages: int) -> None:
    chance = random.Random(0)
    said = sentences(vocabulary(20_000, chance), chance)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        session = library(Path(folder), iter([text(pages * PAGE, said, 10 * PAGE), text(20 * PAGE, said, 10 * PAGE)]))
        server = serve(session, "127.0.0.1", free_port())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{server.address}#read")
        first = page.locator("#px-read .px-open").first
        first.wait_for()
        began = time.perf_counter()
        first.click()
        page.locator(".px-pane mark, .px-pane .px-heading").first.wait_for()
        print(f"{pages} pages: the first opening after the start {1000 * (time.perf_counter() - began):.0f} ms")
        places = page.locator(".px-pane ol .px-go").evaluate_all("buttons => buttons.map(e => ({...e.dataset}))")
        opened = timed(page, ".px-pane ol .px-go", places, 60)
        page.close()
        server.close()
        emptied = empty_events(browser, 60)
        browser.close()
    print(f"{len(places)} headings; a click on one: median {median(opened):.0f} ms, p95 {p95(opened):.0f} ms")
    print(f"over an empty event, p95: {p95(opened) / p95(emptied):.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    named = parser.add_subparsers(dest="what", required=True)
    finding = named.add_parser("find")
    finding.add_argument("--megabytes", type=int, nargs="+", default=[1, 10, 100])
    opening = named.add_parser("book")
    opening.add_argument("--pages", type=int, default=300)
    options = parser.parse_args()
    if options.what == "find":
        find(options.megabytes)
    else:
        book(options.pages)


if __name__ == "__main__":
    main()
