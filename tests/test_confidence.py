"""Confidence: a probability that rises with every signal, said in words that keep to what was measured."""

import math
import sys

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from qa.confidence import Band, Calibration
from qa.types import Signals

ANY = st.floats(-sys.float_info.max, sys.float_info.max)
WEIGHT = st.floats(0, 1e6)
SIGNALS = st.builds(Signals, st.floats(-1, 1), st.floats(0, 1), st.floats(-100, 100), st.integers(1, 10**9))


def made(similarity: float, coverage: float, reader: float, intercept: float, length: float = 0.0) -> Calibration:
    lengths = (10, 1000)
    bands = (Band(0.5, 3), Band(0.8, 9))
    return Calibration("measured", similarity, coverage, reader, length, lengths, intercept, 0.5, bands)


@given(st.tuples(ANY, ANY, ANY), st.tuples(WEIGHT, WEIGHT, WEIGHT, ANY))
def test_it_lies_between_0_and_1_whatever_the_numbers(
    signals: tuple[float, float, float], weights: tuple[float, float, float, float]
) -> None:
    parts = [weight * signal for weight, signal in zip(weights, signals, strict=False)]
    # infinity less infinity; no cosine, no share and no log-odds is near it
    assume(not math.isnan(parts[0] + parts[1] + (parts[2] + weights[3])))
    assert 0 <= made(*weights).confidence(Signals(*signals)) <= 1


@given(SIGNALS, SIGNALS, st.tuples(*[st.floats(0, 20)] * 3, st.floats(-20, 20), st.floats(-20, 0)))
def test_it_rises_with_every_signal_and_falls_with_the_length(
    one: Signals, other: Signals, weights: tuple[float, float, float, float, float]
) -> None:
    pairs = [sorted([getattr(one, name), getattr(other, name)]) for name in ("similarity", "coverage", "reader")]
    lengths = sorted([one.length, other.length], reverse=True)
    low, high = (Signals(*values) for values in zip(*pairs, lengths, strict=True))
    confidence = made(*weights).confidence
    assert confidence(low) <= confidence(high) + 1e-12


def test_it_is_the_logistic_function_of_the_fitted_line() -> None:
    assert made(2, 1, 0, -1).confidence(Signals(0.5, 0)) == 0.5
    assert made(2, 1, 0, -1).confidence(Signals(1, 0)) == pytest.approx(0.7310585786)
    assert made(2, 1, 0.5, -1).confidence(Signals(0.5, 0, 2)) == pytest.approx(0.7310585786)
    assert made(2, 1, 0, 0, -1).confidence(Signals(0.5, 0, length=10)) == pytest.approx(math.e / (math.e + 10))
    assert made(0, 0, 0, -1000).confidence(Signals(0, 0)) == 0
    assert made(9, 9, 9, 0).confidence(Signals(0, 0)) == 0.5


def test_a_document_shorter_or_longer_than_any_measured_counts_as_the_nearest_that_was() -> None:
    confidence = made(2, 1, 0, 0, -1).confidence
    assert confidence(Signals(0.5, 0, length=1)) == confidence(Signals(0.5, 0, length=10))
    assert confidence(Signals(0.5, 0, length=10**9)) == confidence(Signals(0.5, 0, length=1000))
    assert confidence(Signals(0.5, 0, length=1000)) < confidence(Signals(0.5, 0, length=10))


def test_the_band_decides_the_words_and_the_number() -> None:
    certainties = [made(0, 0, 0, 0).certainty(confidence, "measured") for confidence in (0.5, 0.79, 0.8, 1)]
    assert [(c.word, c.right_of_ten) for c in certainties] == [("Not very sure", 3)] * 2 + [("Sure", 9)] * 2


def test_no_number_is_given_for_an_encoder_that_was_not_measured() -> None:
    certainty = made(0, 0, 0, 0).certainty(0.9, "another")
    assert (certainty.word, certainty.right_of_ten) == ("Sure", None)
