"""What sentence vectors in fewer bits would cost: cosines, order and time, on vectors that `scripts/grow.py make` kept.

    python scripts/narrow.py vectors.npz

A query is the sum of a sentence's vector and half another's. Each is compared with every run of a thousand sentences,
as many as a document of 260 passages has. Says nothing of answers, which are made of more than these cosines.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embed import Vectors

QUERIES, DOCUMENT = 200, 1000
AT_ONCE = 256
"""So many rows are widened at once, which stay in the processor's cache."""
FIXED = 2**15 - 1
"""No number of a unit vector is over 1."""


def queries(sentences: Vectors) -> Vectors:
    one, other = np.random.default_rng(0).choice(len(sentences), (2, QUERIES))
    both = sentences[one] + sentences[other] / 2
    unit: Vectors = both / np.linalg.norm(both, axis=1, keepdims=True)
    return unit


def cosines(rows: NDArray[np.generic], query: Vectors) -> Vectors:
    """As a search would reckon them, from what lies in the file."""
    made = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), AT_ONCE):
        made[start : start + AT_ONCE] = rows[start : start + AT_ONCE].astype(np.float32) @ query
    return made


def milliseconds(action: Callable[[], object]) -> float:
    took = []
    for _ in range(41):
        began = time.perf_counter()
        action()
        took.append(time.perf_counter() - began)
    return 1000 * float(np.median(took))


def told(name: str, sentences: Vectors, rows: NDArray[np.generic], scale: Vectors | float) -> None:
    """Print what these rows, multiplied by their scale, are beside the sentences that they stand for."""
    asked = queries(sentences)
    exact, near = sentences @ asked.T, (rows.astype(np.float32) * scale) @ asked.T
    first, ten = [], []
    for start in range(0, len(sentences) - DOCUMENT + 1, DOCUMENT):
        best, found = (np.argsort(-s[start : start + DOCUMENT], axis=0)[:10] for s in (exact, near))
        first.append(np.mean(best[0] == found[0]))
        ten.append(np.mean((best == found).all(axis=0)))
    off = np.abs(exact - near)
    took = milliseconds(lambda: cosines(rows[:DOCUMENT], asked[0]))
    print(
        f"{name}: cosines off by {np.sqrt(np.mean(off**2)):.1e}, at most {off.max():.1e}; the nearest is the same in "
        f"{np.mean(first):.4f}, ten are in the same order in {np.mean(ten):.3f}; a document takes {took:.2f} ms"
    )


def compare(sentences: Vectors) -> None:
    """Print a line for each way to keep these vectors."""
    told("float32", sentences, sentences, 1.0)
    told("float16", sentences, sentences.astype(np.float16), 1.0)
    told("int16", sentences, np.round(sentences * FIXED).astype(np.int16), 1 / FIXED)
    largest: Vectors = np.abs(sentences).max(axis=1, keepdims=True) / 127
    told("int8, a scale a row", sentences, np.round(sentences / largest).astype(np.int8), largest)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vectors", type=Path)
    with np.load(parser.parse_args().vectors) as kept:
        compare(kept["sentences"])


if __name__ == "__main__":
    main()
