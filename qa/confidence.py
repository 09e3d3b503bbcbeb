"""Confidence: how sure it is that a document answers a question, and what that meant where it was measured.

A logistic function of a few signals (Platt 1999), fitted by `scripts/calibrate.py`. Reciprocal-rank scores are no
part of it: they order and mean nothing else.
"""

import math
from dataclasses import dataclass

from qa.types import Certainty, Signals

_WORDS = ((9, "Sure"), (7, "Quite sure"), (5, "Fairly sure"), (3, "Not very sure"), (0, "Unsure"))
"""From so many right answers of ten on."""


@dataclass(frozen=True, slots=True)
class Band:
    """Confidences from `least` on, up to the next band."""

    least: float
    right_of_ten: int
    """Of ten first answers in this band, so many were right."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was fitted, for one encoder and one reader or none."""

    encoder: str
    similarity: float
    coverage: float
    reader: float
    length: float
    """The weight of the logarithm of a document's length."""
    lengths: tuple[int, int]
    """The shortest and the longest document that was measured: a shorter or longer one counts as these."""
    intercept: float
    threshold: float
    """Below it a document is silent."""
    bands: tuple[Band, ...]
    """In order of `least`; the first begins at the threshold."""

    def confidence(self, signals: Signals) -> float:
        """Between 0 and 1: how sure it is that the document answers."""
        logit = self.similarity * signals.similarity + self.coverage * signals.coverage
        shortest, longest = self.lengths
        length = math.log(min(max(signals.length, shortest), longest))
        logit += self.reader * signals.reader + self.length * length + self.intercept
        return (1 + math.tanh(logit / 2)) / 2  # the logistic function, in a form that cannot overflow

    def certainty(self, confidence: float, encoder: str) -> Certainty:
        """A confidence in words; without a number where the encoder is not the one that was measured."""
        right = max((band for band in self.bands if band.least <= confidence), key=lambda band: band.least).right_of_ten
        word = next(word for least, word in _WORDS if right >= least)
        return Certainty(word, right if encoder == self.encoder else None)
