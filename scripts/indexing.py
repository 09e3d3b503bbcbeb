"""Measure what `add` takes: time over the bare encoder's, by one process and by several, and memory as a file grows.

    python scripts/indexing.py time [--corpus ../shared/corpus] [--rounds 3] [--workers 2]
    python scripts/indexing.py memory [--books ../shared/bench/books] [--megabytes 10 100] [--model]

time     `add` of all files, model loaded, over the bare encoder on the same passages: sorted by length in batches of 8,
         of 32, or exported and one by one, whichever is fastest; the share of each stage; the same with several
         processes, and whether the files are the same to the byte
memory   the most memory that `add` has held (resident, megabytes) by the end of each stage, in a process of its own
         with an encoder that has no model: what grows with the file shows, and what is always there does not hide it;
         with --model the exported encoder of this machine is there too, as it is when it encodes. Last, what the
         process that reads the file has held, and both together, looked at fifty times a second (Linux)

The texts for `memory` are the books again and again, one word in forty made new each time.
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from threading import Thread

import numpy as np

from index import split
from index.embed import Encodable, Vectors
from index.encoders import Encoders
from index.library import Library
from index.load import load as load_document
from index.manifest import SEGMENTS
from index.types import Details, Progress
from qa.folders import exports

ROOT = Path(__file__).resolve().parent.parent
_LONGER = re.compile(r"[^\W\d_]{5,}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    timing = commands.add_parser("time")
    timing.add_argument("--corpus", type=Path, default=ROOT.parent / "shared" / "corpus")
    timing.add_argument("--rounds", type=int, default=3)
    timing.add_argument("--workers", type=int, default=2)
    timing.set_defaults(run=lambda o: measure_time(sorted(o.corpus.glob("*.txt")), o.rounds, o.workers))
    memory = commands.add_parser("memory")
    memory.add_argument("--books", type=Path, default=ROOT.parent / "shared" / "bench" / "books")
    memory.add_argument("--megabytes", type=int, nargs="+", default=[10, 100])
    memory.add_argument("--model", action="store_true")
    memory.set_defaults(run=lambda o: measure_memory(sorted(o.books.glob("*.txt")), o.megabytes, o.model))
    alone = commands.add_parser("alone", help="one add, for memory")
    alone.add_argument("file", type=Path)
    alone.add_argument("--model", action="store_true")
    alone.set_defaults(run=lambda o: add_alone(o.file, Held if o.model else Cheap))
    options = parser.parse_args()
    options.run(options)


def measure_time(files: Sequence[Path], rounds: int, workers: int) -> None:
    from index.sentence_encoder import load

    original = load()
    texts = [
        document.text[passage.start : passage.end]
        for document in map(load_document, files)
        for passage in split.split(document, document.text)
    ]
    with tempfile.TemporaryDirectory() as name:
        exports = Path(name) / "exports"
        warm = Library.open(Path(name) / "warm", lambda _: original, exports=exports, create=True)
        warm.add(files[0], Details())
        encoder = warm.encoder()
        encodables = [Encodable(text, ()) for text in texts]
        for number in range(rounds):
            bare = {
                f"batches of {size}": seconds(
                    lambda size=size: original.model.encode(texts, batch_size=size, show_progress_bar=False)  # type: ignore[misc]
                )
                for size in (8, 32)
            }
            bare["exported, one by one"] = seconds(lambda: encoder.encode_passages(encodables, untold))
            folders = [Path(name) / f"{number}-{by}" for by in (1, workers)]
            stages = Stages()
            one, many = (
                seconds(lambda: add(folder, files, exports, by, told))  # noqa: B023  (called at once)
                for folder, by, told in zip(folders, (1, workers), (stages, untold), strict=True)
            )
            equal = contents(folders[0]) == contents(folders[1])
            print(f"round {number + 1}: {len(texts)} passages; files of both ways {'equal' if equal else 'DIFFERENT'}")
            print("  bare: " + ", ".join(f"{taken:.1f} s ({how})" for how, taken in bare.items()))
            print(f"  add: {one:.1f} s, {one / min(bare.values()):.2f} of the fastest; {workers} workers {many:.1f} s")
            print("  " + ", ".join(f"{stage} {share:.1%}" for stage, share in stages.shares().items()), flush=True)


def add(folder: Path, files: Sequence[Path], exports: Path, workers: int, progress: Progress) -> None:
    library = Library.open(folder, lambda name: sys.exit(f"{name} should be exported"), exports=exports, create=True)
    for file in files:
        library.add(file, Details(), progress, workers=workers)


def contents(folder: Path) -> list[list[tuple[str, bytes]]]:
    """The search files of each document."""
    library = Library.open(folder, lambda name: sys.exit(f"{name} is not needed"))
    segments = [folder / SEGMENTS / entry.segment for entry in library.entries()]
    return [
        sorted((str(path.relative_to(one)), path.read_bytes()) for path in one.rglob("*") if path.is_file())
        for one in segments
    ]


class Stages:
    """Told the stages, it knows how long each took."""

    def __init__(self) -> None:
        self._took: dict[str, float] = {}
        self._stage, self._since = "", time.perf_counter()

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.perf_counter()
        if self._stage:
            self._took[self._stage] = self._took.get(self._stage, 0.0) + now - self._since
        self._stage, self._since = stage, now

    def shares(self) -> dict[str, float]:
        return {stage: took / sum(self._took.values()) for stage, took in self._took.items()}


def measure_memory(books: Sequence[Path], megabytes: Sequence[int], model: bool) -> None:
    peaks: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as name:
        for size in megabytes:
            file = Path(name) / f"{size}.txt"
            write_text(file, [book.read_text("utf-8") for book in books], size * 10**6)
            command = [sys.executable, __file__, "alone", str(file), *["--model"] * model]
            told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
            peaks.append(json.loads(told))
            print(f"{size} MB: " + ", ".join(f"{stage} {peak:,.0f}" for stage, peak in peaks[-1].items()), flush=True)
    last, first = (max(one["gathering"], one["together"]) for one in (peaks[-1], peaks[0]))
    print(f"the most at once, {first:,.0f} and {last:,.0f}: {last / first:.2f} times as much")


def write_text(file: Path, books: Sequence[str], characters: int) -> None:
    """The books again and again, one longer word in forty with letters added that no round before added."""
    written = 0
    with file.open("w", encoding="utf-8") as out:
        for round_ in count():
            ending = "".join(chr(97 + int(digit)) for digit in str(round_))
            for book in books:
                words = count()
                varied = _LONGER.sub(lambda word: word[0] + ending * (next(words) % 40 == 0), book)  # noqa: B023
                written += out.write(f"{varied}\n\n")
                if written >= characters:
                    return


def add_alone(file: Path, load: Callable[[str], "Cheap"]) -> None:
    """Print the most memory held by the end of each stage of one add, in megabytes, as JSON."""
    peaks = {"started": peak()}
    together = [0.0]
    Thread(target=watch, args=(together,), daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        library = Library.open(Path(folder) / "library", load, create=True)
        library.add(file, Details(), lambda stage, done, total: peaks.update({stage: peak()}))
        peaks["gathering"] = peak()
    print(json.dumps({**peaks, "reader": peak(resource.RUSAGE_CHILDREN), "together": together[0]}))


def watch(most: list[float]) -> None:
    """Keep the most memory that this process and those it started have held together, in megabytes."""
    while True:
        started = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        most[0] = max(most[0], sum(map(resident, ["self", *started])))
        time.sleep(0.02)


def resident(process: str) -> float:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
    except OSError:  # it has just ended
        return 0.0


def peak(who: int = resource.RUSAGE_SELF) -> float:
    return resource.getrusage(who).ru_maxrss / 1024  # kilobytes on Linux


class Cheap:
    """Encodes without a model: a text's vector is one of the axes, by the text's checksum."""

    fingerprint, dimension = "cheap", 384

    def __init__(self, name: str) -> None:
        self.name = name
        self._axes = np.eye(self.dimension, dtype=np.float32)

    def encode_query(self, query: str) -> Vectors:
        vector: Vectors = self._axes[zlib.crc32(query.encode()) % self.dimension]
        return vector

    def encode_passages(self, passages: Sequence[Encodable], progress: Progress) -> tuple[Vectors, Vectors]:
        spans = [passage.text[start:end] for passage in passages for start, end in passage.spans]
        return np.stack([self.encode_query(p.text) for p in passages]), np.stack(list(map(self.encode_query, spans)))


class Held(Cheap):
    """The same beside an exported model, which has encoded as much as it is ever given at once."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._model = Encoders(name, lambda _: sys.exit(f"{name} should be exported"), exports()).loaded()
        self._model.encode_query("word " * 1000)


def untold(stage: str, done: int, total: int) -> None:
    """Progress told to nobody."""


def seconds(action: object) -> float:
    began = time.perf_counter()
    action()  # type: ignore[operator]
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
