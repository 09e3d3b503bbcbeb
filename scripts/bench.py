"""Measure what this project promises about time, as ratios within one run; `scripts/bench` starts it.

    scripts/bench [--questions FILE.jsonl] [--rounds 5] [FILE ...]
    scripts/bench --peers …        against txtai and haystack: see scripts/peers.py

cold      `parallax ask`, process start to exit, over a process that imports numpy, faiss, onnxruntime and tokenizers,
          and over fifteen lines that ask a kept FAISS index with sentence-transformers (scripts/fifteen.py)
question  `Session.ask`, all documents, without the reader, over encoding the same question
reader    the same with the reader over without it
adding    `add` of all files, model loaded, over the bare encoder on the same passages: sorted by length in batches
          of 8, of 32, or exported and one by one, whichever is fastest
page      from a new browser's first request until the question box can be typed into, models loaded, over a page of
          Gradio with a box and nothing else

Both sides of a ratio are measured in turns. The table shows the median of the rounds' ratios and their range, and the
same of processor seconds, which other work on the machine disturbs less. FILE: by default the two sample documents.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

from index import split
from index.embed import DEFAULT_MODEL, Encodable, packaged_file
from index.export import export
from index.load import load as load_document
from index.onnx_encoder import OnnxEncoder
from index.sentence_encoder import SentenceTransformerEncoder, load
from index.types import no_progress
from qa.session import Session

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("faiss-cpu", "onnxruntime", "tokenizers", "sentence-transformers", "torch", "gradio", "numpy")
BARE = "import numpy, faiss, onnxruntime, tokenizers"


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock, and of processors: this one's and its children's."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Row:
    """One ratio: what was measured, what it may be at most, and each round's two sides."""

    what: str
    most: float
    rounds: Sequence[tuple[Took, Took]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", default=samples())
    parser.add_argument("--questions", type=Path, help="JSON lines with a question each (default: made from headings)")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(machine())
    original = load()
    with tempfile.TemporaryDirectory() as name:
        cache, folder = Path(name) / "cache", Path(name) / "library"
        encoder = export(original, cache / "encoders" / original.fingerprint, no_progress)
        session = Session.open(folder, create=True, load_encoder=lambda _: encoder)
        for file in options.files:
            session.add(file)
        session.warm()
        questions = asked(options.questions) if options.questions is not None else list(session.starters(8))
        rows = cold(folder, cache, questions[0], copies(options.files, Path(name)), options.rounds)
        rows += warm(session, encoder, questions, options.rounds)
        rows.append(adding(original, encoder, options.files, options.rounds))
        rows += page(session, options.rounds)
    print(table(rows))


def samples() -> list[Path]:
    return sorted((ROOT / "ui" / "samples").glob("*.txt"))


def asked(file: Path) -> list[str]:
    return [json.loads(line)["question"] for line in file.read_text("utf-8").splitlines()]


def copies(files: Sequence[Path], folder: Path) -> list[str]:
    """The texts of the documents as files, for the fifteen lines, which keep an index beside each."""
    texts = [load_document(file).text for file in files]
    for number, text in enumerate(texts):
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    return [str(folder / f"{number}.txt") for number in range(len(texts))]


def cold(library: Path, cache: Path, question: str, texts: Sequence[str], rounds: int) -> list[Row]:
    command = [sys.executable, "-m", "ui.cli", "--library", str(library)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PARALLAX_CACHE": str(cache), "TQDM_DISABLE": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled once, not at every start
    environment.pop("ORT_DISABLE_TELEMETRY", None)  # which a process of Parallax sets itself, as this one did
    environment["PYTHONPYCACHEPREFIX"] = str(cache / "bytecode")

    def process(*words: str) -> Callable[[], object]:
        return lambda: subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, check=True)

    ask, ask_alone = process(*command, "ask", question), process(*command, "--reader", "none", "ask", question)
    bare = process(sys.executable, "-c", BARE)
    model = str(packaged_file("config.json").parent)
    fifteen = process(sys.executable, str(ROOT / "scripts" / "fifteen.py"), model, question, *texts)
    for once in (ask, bare, fifteen):  # so that files are in memory, and the fifteen lines have their index
        once()
    return [
        Row("cold question over bare imports", 3.0, turns(ask, bare, rounds)),
        Row("the same without the reader", 3.0, turns(ask_alone, bare, rounds)),
        Row("cold question over fifteen lines", 0.2, turns(ask, fifteen, rounds)),
    ]


def warm(session: Session, encoder: OnnxEncoder, questions: Sequence[str], rounds: int) -> list[Row]:
    """Medians over the questions, which take turns; the 95th percentile with the reader is printed."""
    without = session.variant(reader=False)
    without.ask(questions[0])
    question, reader, slow = [], [], []
    for _ in range(rounds):
        asks = (encoder.encode_query, without.ask, session.ask)
        each = [tuple(took(partial(ask, text)) for ask in asks) for text in questions]
        encoded, bare, read = map(middle, zip(*each, strict=True))
        question.append((bare, encoded))
        reader.append((read, bare))
        slow += [whole.wall for _, _, whole in each]
    p95 = statistics.quantiles(slow, n=20)[-1] if len(slow) > 1 else slow[0]
    print(f"with the reader: 95 of 100 questions within {p95 * 1000:,.0f} ms ({len(slow)} asked; at most 600)")
    return [Row("question over encoding it", 2.0, question), Row("question with over without reader", 8.0, reader)]


def adding(original: SentenceTransformerEncoder, encoder: OnnxEncoder, files: Sequence[Path], rounds: int) -> Row:
    documents = list(map(load_document, files))
    texts = [d.text[passage.start : passage.end] for d in documents for passage in split.split(d, d.text)]
    alone = [Encodable(text, ()) for text in texts]

    def add() -> None:
        with tempfile.TemporaryDirectory() as folder:
            session = Session.open(folder, create=True, load_encoder=lambda _: encoder)
            for file in files:
                session.add(file)

    bare: list[Callable[[], object]] = [
        lambda: original.model.encode(texts, batch_size=8, show_progress_bar=False),
        lambda: original.model.encode(texts, batch_size=32, show_progress_bar=False),
        lambda: encoder.encode_passages(alone, no_progress),
    ]
    pairs = [(took(add), min(map(took, bare), key=lambda each: each.wall)) for _ in range(rounds)]
    return Row("adding over the bare encoder", 1.1, pairs)


def page(session: Session, rounds: int) -> list[Row]:
    import gradio as gr
    from playwright.sync_api import sync_playwright
    from screenshots import CHROMIUM, FLAGS, free_port

    from ui.web import serve

    if CHROMIUM is None:
        print("page: not measured, there is no Chromium on the path")
        return []
    with gr.Blocks(analytics_enabled=False) as blocks:
        gr.Textbox(label="Your question")
    _, empty, _ = blocks.launch(server_port=free_port(), prevent_thread_lock=True, quiet=True, ssr_mode=False)
    server = serve(session, "127.0.0.1", free_port())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)

        def first(address: str) -> None:
            with browser.new_context() as visitor:  # with nothing in its cache
                opened = visitor.new_page()
                opened.goto(address)
                opened.get_by_role("textbox", name="Your question").fill("?")

        for address in (server.address, empty):
            first(address)
        pairs = turns(lambda: first(server.address), lambda: first(empty), rounds)
        browser.close()
    server.close()
    blocks.close(verbose=False)
    return [Row("first page over an empty one", 1.5, pairs)]


def turns(whole: Callable[[], object], part: Callable[[], object], rounds: int) -> list[tuple[Took, Took]]:
    return [(took(whole), took(part)) for _ in range(rounds)]


def took(action: Callable[[], object]) -> Took:
    began, spent = time.perf_counter(), processor()
    action()
    return Took(time.perf_counter() - began, processor() - spent)


def processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def middle(measured: Sequence[Took]) -> Took:
    return Took(statistics.median(one.wall for one in measured), statistics.median(one.cpu for one in measured))


def table(rows: Sequence[Row]) -> str:
    lines = [
        "| what | at most | ratio (range) | of processor time | rounds | medians, ms |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        clock, cpu = ([getattr(a, of) / getattr(b, of) for a, b in row.rounds] for of in ("wall", "cpu"))
        whole, part = map(middle, zip(*row.rounds, strict=True))
        lines.append(
            f"| {row.what} | {row.most:g} | {spread(clock)} | {spread(cpu)} | {len(row.rounds)} "
            f"| {whole.wall * 1000:,.1f} over {part.wall * 1000:,.1f} |"
        )
    return "\n".join(lines)


def spread(ratios: Sequence[float]) -> str:
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def machine() -> str:
    """What was measured on, and with what."""
    model = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    load1 = os.getloadavg()[0]
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{model.partition(':')[2].strip()}, {os.cpu_count()} cores, load {load1:.1f} at the start; "
        f"Python {platform.python_version()}, {packages}; {DEFAULT_MODEL}"
    )


if __name__ == "__main__":
    main()
