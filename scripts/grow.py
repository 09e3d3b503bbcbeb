"""Make a library as large as asked for, ask it, and tell what a question takes as it grows.

    python scripts/grow.py make FOLDER --books ../shared/bench/books --passages 1000000 [--real 4000] [--each 200]
    python scripts/grow.py ask FOLDER [--questions 100]

make    documents of `--each` passages, written by the library's own engine. The passages are those of the books, again
        and again, one word in forty another or a new one. The vectors of the first `--real` passages are the encoder's
        own. All after that are resampled: the vector of the passage that the words come from plus half the difference
        of two others', which spreads them as the real ones are spread. They say nothing of how good answers are; what
        counts is what a library of that size takes. One that was cut short is gone on with.
ask     a process of its own for each library, so that its memory is its own: the fifty nearest passages of the whole
        library, the ranking of one document among all, recall at 10 against exact search, and where the bytes are
"""

import argparse
import json
import random
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path

import numpy as np

from index import split
from index.codes import cosines, widened
from index.embed import DEFAULT_MODEL, Encoder, Vectors
from index.embedded import Embedded
from index.encoders import Encoders
from index.entry import Entry, Origin
from index.lexical import terms
from index.load import load as load_document
from index.manifest import FILE, SEGMENTS
from index.segment import Query
from index.store import Store
from index.tiers import FOLDER
from index.types import Block, BlockKind, Document, Passage, Sentence, SourceLine, no_progress
from index.vectors import PASSAGES, SENTENCES, Chunk, Encode, Work, encodable
from qa.folders import exports

CHANGED = 40
"""One word in so many is another."""
NEW = 1_000_000
"""So many words are there to be had that stand in no book."""
_LONGER = re.compile(r"[^\W\d_]{5,}")


@dataclass(frozen=True, slots=True)
class Pool:
    """Real passages: the words of their sentences, and the vectors of both."""

    sentences: tuple[tuple[str, ...], ...]
    passage_vectors: Vectors
    sentence_vectors: Vectors
    first: tuple[int, ...]
    """Of each passage, the row of its first sentence."""


def pool(books: Path, real: int, encoder: Encoder, keep: Path) -> Pool:
    """So many passages of the books, from each as many as it has of all, encoded; vectors that are kept are read."""
    every = []
    for path in sorted(books.glob("*.txt")):
        document = load_document(path)
        every += [encodable(document.text, passage) for passage in split.split(document, document.text)]
    real = min(real, len(every))
    taken = [every[number * len(every) // real] for number in range(real)]
    if keep.exists():
        with np.load(keep) as kept:
            passages, sentences = kept["passages"], kept["sentences"]
        if len(passages) != len(taken):
            raise SystemExit(f"{keep} holds {len(passages)} vectors, not {len(taken)}; name another file.")
    else:
        began = time.perf_counter()
        passages, sentences = encoder.encode_passages(taken, no_progress)
        np.savez(keep, passages=passages, sentences=sentences)
        print(f"{len(taken)} of {len(every)} passages of the books encoded in {time.perf_counter() - began:.0f} s")
    words = tuple(tuple(one.text[start:end] for start, end in one.spans) for one in taken)
    first = np.cumsum([0, *(len(one.spans) for one in taken)])[:-1]
    return Pool(words, passages, sentences, tuple(map(int, first)))


def resampled(vectors: Vectors, rows: Sequence[int], chance: np.random.Generator) -> Vectors:
    """Unit vectors near some rows, strewn as all rows are."""
    one, other = chance.integers(len(vectors), size=(2, len(rows)))
    near = vectors[rows] + (vectors[one] - vectors[other]) / 2
    unit: Vectors = near / np.linalg.norm(near, axis=1, keepdims=True)
    return unit


def changed(sentence: str, chance: random.Random) -> str:
    def other(found: re.Match[str]) -> str:
        return f"{found[0]}{chance.randrange(NEW):x}" if chance.randrange(CHANGED) == 0 else found[0]

    return _LONGER.sub(other, sentence)


def document(number: int, passages: Iterable[Sequence[str]]) -> tuple[Document, tuple[Passage, ...]]:
    """A document with a paragraph for each passage."""
    text, made = [], []
    at = 0
    for sentences in passages:
        spans = []
        for words in sentences:
            spans.append(Sentence(at, at := at + len(words)))
            text.append(words)
        made.append(Passage(spans[0].start, at, tuple(spans)))
    whole = "".join(text)
    digest = sha256(whole.encode()).hexdigest()
    title = f"Document {number}"
    blocks = tuple(Block(BlockKind.PARAGRAPH, p.start, p.end, n) for n, p in enumerate(made, 1))
    lines = tuple(SourceLine(p.start, n) for n, p in enumerate(made, 1))
    source = f"document-{number}.txt"
    named = (f"document-{number}", title, None, None, title, source, digest, digest)
    return Document(*named, blocks, (), lines, text=whole), tuple(made)


def documents(real: Pool, passages: int, each: int) -> Iterator[tuple[Document, tuple[Passage, ...], Encode]]:
    chance, noise = random.Random(0), np.random.default_rng(0)
    for start in range(0, passages, each):
        count = min(each, passages - start)
        fresh = start >= len(real.sentences)
        from_ = [chance.randrange(len(real.sentences)) if fresh else start + n for n in range(count)]
        from_ = [number % len(real.sentences) for number in from_]
        words = [real.sentences[number] for number in from_]
        rows = [real.first[number] + n for number in from_ for n in range(len(real.sentences[number]))]
        if fresh:
            words = [tuple(changed(sentence, chance) for sentence in said) for said in words]
            vectors = resampled(real.passage_vectors, from_, noise), resampled(real.sentence_vectors, rows, noise)
        else:
            vectors = real.passage_vectors[from_], real.sentence_vectors[rows]
        yield *document(start // each, words), given(*vectors)


def given(passages: Vectors, sentences: Vectors) -> Encode:
    """What encodes to these vectors."""

    def encode(chunks: Iterable[Chunk]) -> Generator[tuple[Vectors, Vectors], None, None]:
        passage = sentence = 0
        for chunk in chunks:
            last = sentence + sum(len(one.spans) for one in chunk)
            yield passages[passage : passage + len(chunk)], sentences[sentence:last]
            passage, sentence = passage + len(chunk), last

    return encode


def make(options: argparse.Namespace) -> None:
    folder, passages = options.folder, options.passages
    encoder = Encoders(DEFAULT_MODEL, lambda name: sys.exit(f"{name} should be exported"), exports()).loaded()
    known = pool(options.books, options.real, encoder, options.vectors)
    engine = Embedded(folder)
    made_by = {"encoder": DEFAULT_MODEL, "fingerprint": encoder.fingerprint, "dimension": str(encoder.dimension)}
    engine.create(made_by | {"splitter": str(split.VERSION), "languages": "en"})
    began = time.perf_counter()
    there = len(engine.entries())
    left = islice(documents(known, passages, options.each), there, None)
    with engine.writing():
        for number, (made, parts, encode) in enumerate(left, there + 1):
            work = Work(made.text, parts, encoder.dimension, encoder.fingerprint, made.language)
            engine.put(made, work, encode, no_progress, Origin(f"/nowhere/{made.source}"))
            if number % 50 == 0:
                print(f"{number} documents, {time.perf_counter() - began:.0f} s", flush=True)
    print(f"{passages} passages written in {time.perf_counter() - began:.0f} s")
    real = min(len(known.sentences), passages)
    print(f"{real} of the vectors are the encoder's, the others are resampled from these")


def ask(folder: Path, questions: int) -> None:
    """Questions are a sentence's vector and six words of another sentence in a row."""
    began = time.perf_counter()
    engine = Embedded(folder)
    entries = engine.entries()
    print(f"{len(entries)} documents, {sum(e.passages for e in entries)} passages; listed in {_since(began):.0f} ms")
    asked = list(_questions(engine, entries, questions))
    whole, one = [], []
    for query in asked:
        whole.append(_timed(lambda query=query: engine.nearest(entries, {"en": query}, 50)))  # type: ignore[misc]
        one.append(_timed(lambda query=query: engine.nearest(entries[:1], {"en": query}, 50)))  # type: ignore[misc]
    resident, mapped = _resident()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(f"resident {resident:.0f} MB, {mapped:.0f} of them mapped files; peak {peak:.0f} MB")
    for name, took in (("all documents", whole), ("one of them", one)):
        print(f"{name}: the first {took[0][0]:.0f} ms; then " + _told(took[1:]))
    print(f"recall at 10 against exact search: {_recall(engine, entries, asked):.3f}")
    for path in sorted((folder / FOLDER).glob("*/about.json")):
        about = json.loads(path.read_text())
        size = sum(member["passages"] for member in about["members"])
        print(f"a tier of {size}: {about['probes']} lists are looked at, recall on its sample {about['recall']:.3f}")
    sizes = _sizes(folder)
    print(f"on disk {sizes.total() / 1e6:.0f} MB; bytes a passage:")
    for name, size in sizes.most_common():
        print(f"{size / sum(entry.passages for entry in entries):10.1f} {name}")


def _sizes(folder: Path) -> Counter[str]:
    """Bytes by kind of file: its path, without the name of the segment or tier that it belongs to."""
    sizes: Counter[str] = Counter()
    for path in folder.rglob("*"):
        if path.is_file():
            kind, *rest = path.relative_to(folder).parts
            sizes["/".join([kind, *rest[1:]])] += path.stat().st_size
    return sizes


def _questions(engine: Embedded, entries: Sequence[Entry], count: int) -> Iterator[Query]:
    chance, dimension = np.random.default_rng(1), int(engine.manifest()["dimension"])
    for _ in range(count):
        one, other = (entries[number] for number in chance.integers(len(entries), size=2))
        meant = np.load(engine.address / SEGMENTS / one.segment / SENTENCES, mmap_mode="r")
        text = Store(engine.address / FILE).read(other)[0].text
        start = int(chance.integers(len(text) * 9 // 10))
        row = chance.integers(len(meant))
        [vector] = widened(meant[row : row + 1], dimension)
        yield Query(vector, tuple(terms([text[start : start + 400]])[0][1:7]))


def _recall(engine: Embedded, entries: Sequence[Entry], asked: Sequence[Query]) -> float:
    """The share of the ten nearest passages that the search by meaning alone finds first."""
    queries = np.stack([query.vector for query in asked])
    scores = np.zeros((len(asked), 0), np.float32)
    for entry in entries:
        vectors = np.load(engine.address / SEGMENTS / entry.segment / PASSAGES, mmap_mode="r")
        scores = -np.partition(-np.hstack([scores, cosines(vectors, queries)]), 9, axis=1)[:, :10]
    found = []
    for query, best in zip(asked, scores, strict=True):
        hits = engine.nearest(entries, {"en": Query(query.vector, ())}, 10)
        near = [cosines(engine.segment(entry).passage_vectors[[hit.passage]], query.vector) for entry, hit in hits]
        found.append(np.mean(np.concatenate(near) >= best.min() - 1e-5))
    return float(np.mean(found))


def _timed(action: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds, and those of the processor: on a machine that has other things to do only these compare."""
    began, worked = time.perf_counter(), time.process_time()
    action()
    return _since(began), 1000 * (time.process_time() - worked)


def _told(took: Sequence[tuple[float, float]]) -> str:
    walls, worked = (np.array(column) for column in zip(*took, strict=True))
    return ", ".join(
        f"p50 {np.median(times):.1f}, p95 {np.quantile(times, 0.95):.1f} ms{of}"
        for times, of in ((walls, ""), (worked, " of processor time"))
    )


def _since(began: float) -> float:
    return 1000 * (time.perf_counter() - began)


def _resident() -> tuple[float, float]:
    """Megabytes in memory, and how many of them are files, which the system takes back where it needs the room."""
    pages = map(int, Path("/proc/self/statm").read_text().split()[1:3])
    resident, mapped = (count * resource.getpagesize() / 1e6 for count in pages)
    return resident, mapped


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    making = commands.add_parser("make")
    making.add_argument("folder", type=Path)
    making.add_argument("--books", type=Path, required=True)
    making.add_argument("--passages", type=int, required=True)
    making.add_argument("--real", type=int, default=4000)
    making.add_argument("--each", type=int, default=200)
    making.add_argument("--vectors", type=Path, default=Path("vectors.npz"), help="where real vectors are kept")
    making.set_defaults(run=make)
    asking = commands.add_parser("ask")
    asking.add_argument("folder", type=Path)
    asking.add_argument("--questions", type=int, default=100)
    asking.set_defaults(run=lambda o: ask(o.folder, o.questions))
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
