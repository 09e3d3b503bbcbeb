"""Confidence: a probability that rises with both signals, said in words that keep to what was measured."""

import json
import math
import sys
from importlib.resources import files
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from qa.confidence import FILE, Band, Calibration, calibration
from qa.types import Signals

ANY = st.floats(-sys.float_info.max, sys.float_info.max)
SIMILARITY, COVERAGE = st.floats(-1, 1), st.floats(0, 1)
WEIGHT = st.floats(0, 1e6)


def made(similarity: float, coverage: float, intercept: float) -> Calibration:
    return Calibration("measured", similarity, coverage, intercept, 0.5, (Band(0.5, 3), Band(0.8, 9)))


@given(ANY, ANY, st.tuples(WEIGHT, WEIGHT, ANY))
def test_it_lies_between_0_and_1_whatever_the_numbers(
    similarity: float, coverage: float, weights: tuple[float, float, float]
) -> None:
    logit = weights[0] * similarity + weights[1] * coverage + weights[2]
    assume(not math.isnan(logit))  # infinity less infinity; no cosine and no share is near it
    assert 0 <= made(*weights).confidence(Signals(similarity, coverage)) <= 1


@given(SIMILARITY, SIMILARITY, COVERAGE, COVERAGE)
def test_it_rises_with_both_signals(one: float, other: float, fewer: float, more: float) -> None:
    low, high = sorted([one, other])
    fewer, more = sorted([fewer, more])
    confidence = calibration().confidence
    assert confidence(Signals(low, fewer)) <= confidence(Signals(high, more)) + 1e-12


def test_it_is_the_logistic_function_of_the_fitted_line() -> None:
    assert made(2, 1, -1).confidence(Signals(0.5, 0)) == 0.5
    assert made(2, 1, -1).confidence(Signals(1, 0)) == pytest.approx(0.7310585786)
    assert made(0, 0, -1000).confidence(Signals(0, 0)) == 0


def test_the_band_decides_the_words_and_the_number() -> None:
    certainties = [made(0, 0, 0).certainty(confidence, "measured") for confidence in (0.5, 0.79, 0.8, 1)]
    assert [(c.word, c.right_of_ten) for c in certainties] == [("Not very sure", 3)] * 2 + [("Sure", 9)] * 2


def test_no_number_is_given_for_an_encoder_that_was_not_measured() -> None:
    certainty = made(0, 0, 0).certainty(0.9, "another")
    assert (certainty.word, certainty.right_of_ten) == ("Sure", None)


class TestShipped:
    def test_a_document_speaks_from_the_least_of_the_first_band(self) -> None:
        assert calibration().threshold == calibration().bands[0].least

    def test_bands_rise(self) -> None:
        for low, high in pairwise(calibration().bands):
            assert low.least < high.least < 1
            assert low.right_of_ten < high.right_of_ten <= 10

    def test_both_signals_count_for_an_answer(self) -> None:
        assert calibration().similarity > 0 and calibration().coverage > 0

    def test_some_signals_answer_and_none_does_not(self) -> None:
        assert calibration().confidence(Signals(1, 1)) > calibration().bands[-1].least
        assert calibration().confidence(Signals(0, 0)) < calibration().threshold

    def test_it_names_its_maker_and_its_figures(self) -> None:
        stored = json.loads(files("qa").joinpath(FILE).read_text(encoding="utf-8"))
        assert stored["made by"] == "scripts/calibrate.py"
        assert 0.5 < stored["figures"]["auroc, left out"] < 1
        assert stored["figures"]["questions"] <= stored["figures"]["pairs"]
