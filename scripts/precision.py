"""What int8 costs and saves on collections in BEIR form: nDCG@10 of dense search alone in both precisions, and time.

    python scripts/precision.py --bench ../shared/bench --kept FOLDER [--queries N] [--entries N] [COLLECTION ...]

Entries and judged queries are encoded in turns of both precisions, each text alone and on one thread. --queries takes
a seeded sample of N of them. --entries searches those that are judged for them and a seeded sample of the others, N in
all where there are more; the figures are then higher than those of the whole. Vectors and the processor's seconds are
kept in FOLDER as they are made, so that a run that was stopped goes on. Seconds are of entries alone.
"""

import argparse
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from beir import Judged, ndcg, read_collection
from numpy.typing import NDArray

from index.embed import Encodable, Vectors
from index.export import export_int8
from index.onnx_encoder import OnnxEncoder, load
from index.sentence_encoder import load as load_original
from index.types import Precision, no_progress

Encode = Callable[[OnnxEncoder, str], Vectors]
AT_ONCE = 128
"""Texts that one precision encodes before it is the other's turn."""
COLLECTIONS = ("federalist", "xquad/en", "xquad/de", "xquad/ru", "squad20-dev", "mtrag-un", "perspectrum",
               "squad11-dev", "scifact")  # fmt: skip
BOUND = 0.005
"""So much of its nDCG@10 may a collection lose."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One collection in both precisions."""

    entries: int
    float32: NDArray[np.float64]
    """nDCG@10 of each query, shape (queries,)."""
    int8: NDArray[np.float64]
    cosine: float
    """Of the entries' vectors in one precision with those in the other, in the mean."""
    seconds: dict[Precision, float]

    @property
    def lost(self) -> float:
        return float((self.float32 - self.int8).mean())

    @property
    def error(self) -> float:
        """The standard error of `lost`."""
        return float((self.float32 - self.int8).std(ddof=1) / np.sqrt(len(self.int8)))


def encoders(kept: Path) -> dict[Precision, OnnxEncoder]:
    """The packaged model in both precisions, on one thread."""
    original = load_original()
    made = export_int8(original, kept / "exports", no_progress)
    folders = {Precision.FLOAT32: original.fingerprint, Precision.INT8: made.fingerprint}
    return {precision: load(kept / "exports" / name, original.name, threads=1) for precision, name in folders.items()}


def encoded(texts: Sequence[str], encoder: OnnxEncoder, encode: Encode, kept: Path) -> tuple[Vectors, float]:
    """The vectors of some texts and the processor's seconds that they took, from the disk where they are kept."""
    told = "\n".join([encoder.fingerprint, encode.__name__, *texts])
    file = kept / f"{sha256(told.encode()).hexdigest()}.npz"
    if not file.exists():
        began = time.process_time()
        vectors = np.stack([encode(encoder, text) for text in texts])
        seconds = time.process_time() - began
        beside = file.with_suffix(".partial.npz")
        np.savez(beside, vectors=vectors, seconds=seconds)
        beside.rename(file)
    with np.load(file) as found:
        return found["vectors"], float(found["seconds"])


def passage(encoder: OnnxEncoder, text: str) -> Vectors:
    return encoder.encode_passages([Encodable(text, ())], no_progress)[0][0]


def in_turns(
    texts: Sequence[str], both: dict[Precision, OnnxEncoder], encode: Encode, kept: Path
) -> tuple[dict[Precision, Vectors], dict[Precision, float]]:
    """Of each precision the vectors, shape (texts, dimension), and the processor's seconds."""
    parts: dict[Precision, list[Vectors]] = {precision: [] for precision in both}
    seconds = dict.fromkeys(both, 0.0)
    for start in range(0, len(texts), AT_ONCE):
        for precision, encoder in both.items():
            vectors, took = encoded(texts[start : start + AT_ONCE], encoder, encode, kept)
            parts[precision].append(vectors)
            seconds[precision] += took
    return {precision: np.concatenate(vectors) for precision, vectors in parts.items()}, seconds


def chosen(folder: Path, most: tuple[int, int]) -> tuple[dict[str, str], dict[str, str], Judged]:
    """Entries, queries and judgements of a collection, at `most` so many queries and entries."""
    entries, queries, judged = read_collection(folder)
    if len(queries) > most[0]:
        queries = dict(random.Random(0).sample(sorted(queries.items()), most[0]))
    texts = {name: " ".join(sentences) for name, sentences in entries}
    known = {name for query in queries for name in judged[query]}
    first = [name for name in texts if name in known]
    others = [name for name in texts if name not in known]
    random.Random(0).shuffle(others)
    return {name: texts[name] for name in [*first, *others[: max(most[1] - len(first), 0)]]}, queries, judged


def measured(folder: Path, both: dict[Precision, OnnxEncoder], kept: Path, most: tuple[int, int]) -> Measured:
    """Encode a collection and rank it for each of its judged queries."""
    entries, queries, judged = chosen(folder, most)
    names = list(entries)
    vectors, seconds = in_turns(list(entries.values()), both, passage, kept)
    asked, _ = in_turns(list(queries.values()), both, OnnxEncoder.encode_query, kept)

    def gains(precision: Precision) -> Iterator[float]:
        for query, vector in zip(queries, asked[precision], strict=True):
            best = np.argsort(-(vectors[precision] @ vector), kind="stable")[:10]
            yield ndcg([names[row] for row in best], judged[query])

    gained = {precision: np.array(list(gains(precision))) for precision in both}
    cosine = float((vectors[Precision.FLOAT32] * vectors[Precision.INT8]).sum(axis=1).mean())
    return Measured(len(entries), gained[Precision.FLOAT32], gained[Precision.INT8], cosine, seconds)


def row(name: str, found: Measured) -> str:
    took = found.seconds
    within = "yes" if found.lost <= BOUND else "**no**"
    return (
        f"| {name} ({found.entries:,}, {len(found.int8):,}) | {found.float32.mean():.4f} | {found.int8.mean():.4f} "
        f"| {found.lost:+.4f} ({found.error:.4f}) | {within} | {found.cosine:.4f} "
        f"| {took[Precision.FLOAT32]:.0f} | {took[Precision.INT8] / took[Precision.FLOAT32]:.2f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collections", nargs="*", default=COLLECTIONS, metavar="COLLECTION")
    parser.add_argument("--bench", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--kept", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--queries", type=int, default=10**9, metavar="N")
    parser.add_argument("--entries", type=int, default=10**9, metavar="N")
    options = parser.parse_args()
    options.kept.mkdir(parents=True, exist_ok=True)
    both = encoders(options.kept)
    print("| collection (entries, queries) | float32 | int8 | lost (standard error) | within | cosine | s | time |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for name in options.collections:
        found = measured(options.bench / name, both, options.kept, (options.queries, options.entries))
        print(row(name, found), flush=True)


if __name__ == "__main__":
    main()
