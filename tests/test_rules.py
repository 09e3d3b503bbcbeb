"""The rules that ship: well formed, and what a reader gets that they do not know."""

import json
from dataclasses import replace
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embed import DEFAULT_MODEL
from qa.onnx_reader import ABOUT, FOLDER
from qa.rank import FEATURES
from qa.readers import NONE
from qa.rules import FILE, Rule, rule
from qa.types import Signals

STORED: dict[str, Any] = json.loads(files("qa").joinpath(FILE).read_text(encoding="utf-8"))
NAMES = sorted(STORED["rules"])
SIMILARITY, COVERAGE, ODDS = st.floats(-1, 1), st.floats(0, 1), st.floats(-30, 30)


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def shipped(name: str) -> Rule:
    return rule(name, DEFAULT_MODEL)


class TestShipped:
    def test_there_is_one_without_a_reader_and_one_for_the_packaged_reader(self) -> None:
        assert NONE in NAMES
        if (FOLDER / ABOUT).is_file():
            assert json.loads((FOLDER / ABOUT).read_text("utf-8"))["name"] in NAMES

    def test_a_document_speaks_from_the_least_of_the_first_band(self, shipped: Rule) -> None:
        assert shipped.calibration.threshold == shipped.calibration.bands[0].least

    def test_bands_rise(self, shipped: Rule) -> None:
        assert all(0 < band.least < 1 and 0 <= band.right_of_ten <= 10 for band in shipped.calibration.bands)
        for low, high in pairwise(shipped.calibration.bands):
            assert low.least < high.least and low.right_of_ten <= high.right_of_ten

    def test_the_signals_count_for_an_answer(self, name: str, shipped: Rule) -> None:
        if name == NONE:
            assert shipped.calibration.similarity > 0 and shipped.calibration.coverage > 0
        assert (shipped.calibration.reader > 0) == (name != NONE)
        assert shipped.calibration.length < 0

    def test_some_signals_answer_and_none_does_not(self, shipped: Rule) -> None:
        confidence = shipped.calibration.confidence
        assert confidence(Signals(1, 1, 30, 50_000)) > shipped.calibration.bands[-1].least
        assert confidence(Signals(0, 0, -30, 50_000)) < shipped.calibration.threshold

    def test_what_ranks_counts_for_a_sentence(self, name: str, shipped: Rule) -> None:
        weights = dict(zip(FEATURES, shipped.ranking.weights, strict=True))
        assert min(weights["passage"], weights["meaning"], weights["words"]) > 0
        assert (weights["reader"] > 0) == (name != NONE)
        if name == NONE:
            assert weights["order"] == 0
        assert shipped.ranking.margin >= 0

    def test_every_weight_is_of_a_feature_there_is(self, name: str) -> None:
        assert set(STORED["rules"][name]["ranking"]["weights"]) <= set(FEATURES)

    def test_it_is_for_the_packaged_encoder_and_another_gets_no_number(self, shipped: Rule) -> None:
        assert shipped.encoder == shipped.calibration.encoder == DEFAULT_MODEL
        certain = shipped.calibration.certainty
        assert certain(1.0, DEFAULT_MODEL).right_of_ten is not None
        assert certain(1.0, "another").right_of_ten is None

    def test_they_name_their_maker_and_their_figures(self) -> None:
        assert STORED["made by"] == "scripts/calibrate.py"
        assert sorted(STORED["figures"]) == NAMES
        for figures in STORED["figures"].values():
            assert 0.5 < figures["auroc, left out, dev"] < 1
            assert figures["questions"] <= figures["pairs"]


@given(SIMILARITY, SIMILARITY, COVERAGE, COVERAGE)
def test_without_a_reader_confidence_rises_with_both_signals(
    one: float, other: float, fewer: float, more: float
) -> None:
    low, high = sorted([one, other])
    fewer, more = sorted([fewer, more])
    confidence = rule(NONE, DEFAULT_MODEL).calibration.confidence
    assert confidence(Signals(low, fewer)) <= confidence(Signals(high, more)) + 1e-12


class TestUnknownReader:
    @pytest.mark.parametrize("reader", ["someone/a-cross-encoder", "", "/folder/with/a/model"])
    def test_its_order_counts_and_nothing_of_its_scale(self, reader: str) -> None:
        weights = dict(zip(FEATURES, rule(reader, DEFAULT_MODEL).ranking.weights, strict=True))
        assert {weights.pop(name) for name in ("passage", "meaning", "words")} == {1} and weights.pop("order") > 0
        assert set(weights.values()) == {0.0}

    def test_the_confidence_is_that_of_the_searches(self) -> None:
        known, unknown = rule(NONE, "e").calibration, rule("another", "e").calibration
        assert unknown == replace(known, encoder="")
        assert unknown.reader == 0

    @pytest.mark.parametrize("encoder", [DEFAULT_MODEL, "another"])
    def test_its_certainty_has_no_number(self, encoder: str) -> None:
        unknown = rule("another", encoder)
        assert unknown.calibration.certainty(1.0, unknown.encoder).right_of_ten is None
