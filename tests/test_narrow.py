"""Vectors in fewer bits: what the program tells."""

import sys
from pathlib import Path

import numpy as np

from index.embed import Vectors

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))
import narrow


def test_the_more_bits_the_nearer_and_none_is_off_where_nothing_is_rounded() -> None:
    drawn = np.random.default_rng(1).normal(size=(narrow.DOCUMENT, 16)).astype(np.float32)
    sentences: Vectors = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    exact, half, fixed, byte, turned, coarse = narrow.compare(sentences)
    assert exact == 0 < fixed < half < byte < turned < coarse < 0.05
