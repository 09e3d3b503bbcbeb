"""Make a library as large as asked for, ask it, and tell what a question takes as it grows.

    python scripts/grow.py make FOLDER --books ../shared/bench/books --passages 1000000 [--real 4000] [--each 200]
    python scripts/grow.py ask FOLDER [--questions 100]

make    documents of `--each` passages, written by the library's own engine. The passages are those of the books, again
        and again, one word in forty another or a new one. The vectors of the first `--real` passages are the encoder's
        own. All after that are resampled: the vector of the passage that the words come from plus half the difference
        of two others', which spreads them as the real ones are spread. They say nothing of how good answers are; what
        counts is what a library of that size takes.
ask     a process of its own for each library, so that its memory is its own: the fifty nearest passages of the whole
        library, the ranking of one document among all, and recall at 10 against exact search
"""

import argparse
import random
import re
import sys
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from index import split
from index.embed import DEFAULT_MODEL, Encoder, Vectors
from index.embedded import Embedded
from index.encoders import Encoders
from index.entry import Origin
from index.load import load as load_document
from index.types import Block, BlockKind, Document, Passage, Sentence, SourceLine, no_progress
from index.vectors import Chunk, Encode, Work, encodable
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
        every += [encodable(document.text, passage) for passage in split.split(document)]
    taken = [every[number * len(every) // real] for number in range(min(real, len(every)))]
    if keep.exists():
        with np.load(keep) as kept:
            passages, sentences = kept["passages"], kept["sentences"]
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
    return Document(*named, whole, blocks, (), lines), tuple(made)


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


def make(folder: Path, books: Path, passages: int, real: int, each: int) -> None:
    encoder = Encoders(DEFAULT_MODEL, lambda name: sys.exit(f"{name} should be exported"), exports()).loaded()
    known = pool(books, real, encoder)
    engine = Embedded(folder)
    (folder.parent).mkdir(parents=True, exist_ok=True)
    made_by = {"encoder": DEFAULT_MODEL, "fingerprint": encoder.fingerprint, "dimension": str(encoder.dimension)}
    engine.create(made_by | {"splitter": str(split.VERSION), "languages": "en"})
    began = time.perf_counter()
    with engine.writing():
        for number, (made, parts, encode) in enumerate(documents(known, passages, each), 1):
            work = Work(made.text, parts, encoder.dimension, encoder.fingerprint, made.language)
            engine.put(made, work, encode, no_progress, Origin(f"/nowhere/{made.source}"))
            if number % 50 == 0:
                print(f"{number} documents, {time.perf_counter() - began:.0f} s", flush=True)
    print(f"{passages} passages written in {time.perf_counter() - began:.0f} s")
    print(f"{min(real, passages)} of the vectors are the encoder's, the others are resampled from these")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    making = commands.add_parser("make")
    making.add_argument("folder", type=Path)
    making.add_argument("--books", type=Path, required=True)
    making.add_argument("--passages", type=int, required=True)
    making.add_argument("--real", type=int, default=4000)
    making.add_argument("--each", type=int, default=200)
    making.set_defaults(run=lambda o: make(o.folder, o.books, o.passages, o.real, o.each))
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
