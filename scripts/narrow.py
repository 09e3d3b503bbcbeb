"""What sentence vectors in fewer bits would cost: cosines, order and time, on vectors that `scripts/grow.py make` kept.

    python scripts/narrow.py vectors.npz

A query is the sum of a sentence's vector and half another's. Each is compared with every run of a thousand sentences,
as many as a document of 260 passages has. Says nothing of answers, which are made of more than these cosines.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from index import codes
from index.embed import Vectors

QUERIES, DOCUMENT = 200, 1000
FIXED = 2**15 - 1
"""No number of a unit vector is over 1."""


def queries(sentences: Vectors) -> Vectors:
    one, other = np.random.default_rng(0).choice(len(sentences), (2, QUERIES))
    both = sentences[one] + sentences[other] / 2
    unit: Vectors = both / np.linalg.norm(both, axis=1, keepdims=True)
    return unit


def milliseconds(action: Callable[[], object]) -> float:
    took = []
    for _ in range(41):
        began = time.perf_counter()
        action()
        took.append(time.perf_counter() - began)
    return 1000 * float(np.median(took))


def told(name: str, sentences: Vectors, kept: Vectors) -> float:
    """Print what vectors as they are kept are beside the sentences that they stand for; how far cosines are off."""
    asked = queries(sentences)
    exact, near = sentences @ asked.T, kept @ asked.T
    first, ten = [], []
    for start in range(0, len(sentences) - DOCUMENT + 1, DOCUMENT):
        best, found = (np.argsort(-s[start : start + DOCUMENT], axis=0)[:10] for s in (exact, near))
        first.append(np.mean(best[0] == found[0]))
        ten.append(np.mean((best == found).all(axis=0)))
    off = np.abs(exact - near)
    print(
        f"{name}: cosines off by {np.sqrt(np.mean(off**2)):.1e}, at most {off.max():.1e}; the nearest is the same in "
        f"{np.mean(first):.4f}, ten are in the same order in {np.mean(ten):.3f}"
    )
    return float(np.sqrt(np.mean(off**2)))


def compare(sentences: Vectors) -> list[float]:
    """Print a line for each way to keep these vectors; how far cosines are off by each."""
    dimension = sentences.shape[1]
    largest: Vectors = np.abs(sentences).max(axis=1, keepdims=True) / 127
    ways = {
        "float32": sentences,
        "float16": sentences.astype(np.float16).astype(np.float32),
        "int16, one scale for all": np.round(sentences * FIXED) / FIXED,
        "int8, a scale a row": np.round(sentences / largest) * largest,
        "eight bits, turned": codes.widened(codes.eight_bits(sentences), dimension),
        "four bits, turned": codes.widened(codes.four_bits(sentences), dimension),
    }
    for rounded in (codes.eight_bits, codes.four_bits):
        rows = rounded(sentences[:DOCUMENT])
        took = milliseconds(partial(codes.cosines, rows, sentences[0]))
        print(f"{DOCUMENT} of them in {rows.nbytes // len(rows)} bytes each take {took:.2f} ms")
    return [told(name, sentences, kept) for name, kept in ways.items()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vectors", type=Path)
    with np.load(parser.parse_args().vectors) as kept:
        compare(kept["sentences"])


if __name__ == "__main__":
    main()
