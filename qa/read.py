"""Readers: question and passages in, the log-odds of every sentence out.

Here is the protocol between retrieval and answer. A reader reads; how its readings are joined with what the searches
know is `qa.rank`'s, which sentences are shown is `qa.answer`'s to decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.segment import Evidence
from index.types import Hit, ParallaxError, Passage


class ReaderError(ParallaxError):
    """A reader cannot be loaded; retrieval answers without it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that retrieval found, ready to be read."""

    hit: Hit
    passage: Passage
    sentences: tuple[str, ...]
    """The words of each of the passage's sentences."""
    evidence: Evidence
    """What the searches know of it."""


Reading = NDArray[np.float32]
"""Of each sentence of one candidate the log-odds that it answers against "not here", shape (sentences,). "Not here"
itself is 0 everywhere, so readings compare across passages and documents."""


class Reader(Protocol):
    """Reads question and passages together. Safe to use from several threads."""

    @property
    def name(self) -> str:
        """As the rules that were fitted for it know it."""

    def read(self, question: str, candidates: Sequence[Candidate]) -> list[Reading]:
        """One reading for each candidate, in order."""
