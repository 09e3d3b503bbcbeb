"""Measure what this project promises about time, as ratios within one run.

    python scripts/benchmark.py [--corpus ../shared/corpus] [--questions ../shared/eval/dev.jsonl] [--rounds 3]

indexing   time of `add` for all documents, model loaded, over the time of the bare encoder on the same passages
question   median over the questions of `Session.ask`, all documents, without the reader, over the median of encoding
           the question alone
reader     the same with the reader, over without it; and its 95th percentile
cold       `parallax ask` in a process of its own with the encoder itself, over the same with its export

Each round measures both sides of a ratio one after the other; the median round is reported with the range,
since a shared machine has other things to do.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sentence_transformers import SentenceTransformer

from index import split
from index.embed import Encoder
from index.export import export
from index.load import load as load_document
from index.sentence_encoder import load
from qa.session import Session

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=ROOT.parent / "shared" / "corpus")
    parser.add_argument("--questions", type=Path, default=ROOT.parent / "shared" / "eval" / "dev.jsonl")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    files = sorted(options.corpus.glob("*.txt"))
    questions = [json.loads(line) for line in options.questions.read_text("utf-8").splitlines()]
    original = load()
    with tempfile.TemporaryDirectory() as name:
        exports, folder = Path(name) / "encoders", Path(name) / "library"
        encoder = export(original, exports / original.fingerprint, lambda stage, done, total: None)
        report("indexing", [indexing(encoder, original.model, files) for _ in range(options.rounds)])
        session = Session.open(folder, create=True, load_encoder=lambda name: encoder)
        for file in files:
            session.add(file)
        session.ask(questions[0]["question"])
        without = session.variant(reader=False)
        report("question", [question(without, encoder, questions) for _ in range(options.rounds)])
        read = [reader(session, without, questions) for _ in range(options.rounds)]
        report("reader", [(median, bare) for median, bare, _ in read])
        slowest = ", ".join(f"{high * 1000:,.0f}" for _, _, high in read)
        print(f"reader: 95th percentile of each round {slowest} ms")
        report("cold", [cold(folder, exports.parent, questions[0]["question"]) for _ in range(options.rounds)])


def indexing(encoder: Encoder, bare: SentenceTransformer, files: list[Path]) -> tuple[float, float]:
    """Seconds of `add` for all files into a new library, and of the bare encoder on the same passages."""
    texts = [
        document.text[passage.start : passage.end]
        for document in map(load_document, files)
        for passage in split.split(document)
    ]
    encoding = seconds(lambda: bare.encode(texts, batch_size=32, normalize_embeddings=True, show_progress_bar=False))
    with tempfile.TemporaryDirectory() as folder:
        session = Session.open(folder, create=True, load_encoder=lambda name: encoder)
        adding = seconds(lambda: [session.add(file) for file in files])
    return adding, encoding


def question(session: Session, encoder: Encoder, questions: list[dict[str, Any]]) -> tuple[float, float]:
    """Median seconds of a question through the session, and of encoding it alone; the two take turns."""
    asked, encoded = [], []
    for row in questions:
        encoded.append(seconds(lambda text=row["question"]: encoder.encode_query(text)))  # type: ignore[misc]
        asked.append(seconds(lambda row=row: session.ask(row["question"], history=row["history"])))  # type: ignore[misc]
    return statistics.median(asked), statistics.median(encoded)


def reader(session: Session, without: Session, questions: list[dict[str, Any]]) -> tuple[float, float, float]:
    """Median seconds of a question with the reader and without, in turns, and the 95th percentile with it."""
    read, bare = [], []
    for row in questions:
        bare.append(seconds(lambda row=row: without.ask(row["question"], history=row["history"])))  # type: ignore[misc]
        read.append(seconds(lambda row=row: session.ask(row["question"], history=row["history"])))  # type: ignore[misc]
    return statistics.median(read), statistics.median(bare), statistics.quantiles(read, n=20)[-1]


def cold(library: Path, cache: Path, asked: str) -> tuple[float, float]:
    """Seconds of a question on the command line without an export, and with the one in a cache."""
    command = [sys.executable, "-m", "ui.cli", "--library", str(library), "ask", asked]

    def ask(kept: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PARALLAX_CACHE": str(kept)}
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)

    return seconds(lambda: ask(cache / "none")), seconds(lambda: ask(cache))


def seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def report(name: str, rounds: list[tuple[float, float]]) -> None:
    ratios = sorted(whole / part for whole, part in rounds)
    whole, part = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(
        f"{name}: ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f} in {len(rounds)} rounds; "
        f"medians {whole * 1000:,.1f} ms over {part * 1000:,.1f} ms)"
    )


if __name__ == "__main__":
    main()
