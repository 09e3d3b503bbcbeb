"""Ranking: each feature is what it says, and a score is their weighted sum."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from candidates import candidate
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from qa.rank import FEATURES, Ranking, features
from qa.read import Candidate, Reading

QUESTION = "Whose boat?"
ODDS = st.floats(-12, 12, width=32)
Drawn = list[tuple[float, list[tuple[float, float, float]]]]
"""Of each passage its score, and of each of its sentences the cosine, BM25 and log-odds."""
drawn_passages = st.lists(
    st.tuples(
        st.floats(0, 0.04),
        st.lists(
            st.tuples(st.floats(-1, 1, width=32), st.just(0.0) | st.floats(0, 9, width=32), ODDS),
            min_size=1,
            max_size=5,
        ),
    ),
    max_size=6,
)
some_passages = drawn_passages.filter(bool)
weights = st.tuples(*[st.floats(-4, 4)] * len(FEATURES))


def given_for(drawn: Drawn) -> tuple[list[Candidate], list[Reading]]:
    candidates = []
    for score, sentences in drawn:
        cosine, bm25, _ = zip(*sentences, strict=True)
        candidates.append(candidate(*["A word."] * len(sentences), score=score, similarity=cosine, words=bm25))
    return candidates, [np.array([odds for *_, odds in sentences], np.float32) for _, sentences in drawn]


def column(name: str, drawn: Drawn, *, read: bool = True) -> list[float]:
    """One feature of every sentence."""
    candidates, readings = given_for(drawn)
    values: list[float] = features(QUESTION, candidates, readings if read else [])[:, FEATURES.index(name)].tolist()
    return values


def ranking(**weights: float) -> Ranking:
    return Ranking(tuple(weights.get(name, 0.0) for name in FEATURES), 0.0)


def reciprocal_rank(values: Sequence[float], row: int) -> float:
    better = sum(value > values[row] for value in values)
    equal_before = sum(value == values[row] for value in values[:row])
    return 1 / (60 + 1 + better + equal_before)


class TestScores:
    @given(drawn_passages)
    def test_without_a_reader_it_is_the_passages_own_and_two_reciprocal_ranks(self, drawn: Drawn) -> None:
        scores = ranking(passage=1, meaning=1, words=1).scores(QUESTION, given_for(drawn)[0], [])
        everything = [(score, sentence) for score, sentences in drawn for sentence in sentences]
        cosines, bm25 = ([sentence[of] for _, sentence in everything] for of in (0, 1))
        expected = [
            score
            + (reciprocal_rank(cosines, row) if any(cosines) else 0)  # a query without a vector
            + (reciprocal_rank(bm25, row) if bm25[row] > 0 else 0)
            for row, (score, _) in enumerate(everything)
        ]
        assert [each.shape for each in scores] == [(len(sentences),) for _, sentences in drawn]
        assert all(each.dtype == np.float32 for each in scores)
        assert_allclose([score for each in scores for score in each], expected, rtol=1e-5, atol=1e-7)

    @given(some_passages, weights, weights, st.floats(-3, 3))
    def test_they_are_linear_in_the_weights(
        self, drawn: Drawn, one: tuple[float, ...], other: tuple[float, ...], factor: float
    ) -> None:
        candidates, readings = given_for(drawn)

        def scores(of: Sequence[float]) -> np.ndarray:
            return np.concatenate(Ranking(tuple(of), 0.0).scores(QUESTION, candidates, readings))

        both = [a + factor * b for a, b in zip(one, other, strict=True)]
        assert_allclose(scores(both), scores(one) + factor * scores(other), rtol=1e-4, atol=1e-3)

    @given(some_passages, st.sampled_from(FEATURES), st.booleans())
    def test_each_weight_is_that_of_its_feature_in_the_order_of_the_text(
        self, drawn: Drawn, name: str, read: bool
    ) -> None:
        candidates, readings = given_for(drawn)
        scores = ranking(**{name: 1.0}).scores(QUESTION, candidates, readings if read else [])
        assert [len(each) for each in scores] == [len(sentences) for _, sentences in drawn]
        assert_allclose(np.concatenate(scores), column(name, drawn, read=read), rtol=1e-5, atol=1e-7)

    def test_of_nothing_there_are_none(self) -> None:
        assert ranking(passage=1, reader=1).scores(QUESTION, [], []) == []


class TestLikeliest:
    @given(drawn_passages, weights, st.integers(1, 8))
    def test_they_are_those_of_the_best_sentences_in_their_order(
        self, drawn: Drawn, some: tuple[float, ...], count: int
    ) -> None:
        candidates, _ = given_for(drawn)
        rule = Ranking(some, 0.0)
        kept = rule.likeliest(QUESTION, candidates, count)
        places = [next(i for i, each in enumerate(candidates) if each is one) for one in kept]
        assert len(kept) == min(count, len(candidates)) and places == sorted(places)
        best = [scores.max() for scores in rule.scores(QUESTION, candidates, [])]
        assert all(best[i] >= best[j] for i in places for j in range(len(candidates)) if j not in places)


class TestReader:
    @given(some_passages)
    def test_it_counts_by_its_log_odds(self, drawn: Drawn) -> None:
        expected = [odds for _, sentences in drawn for *_, odds in sentences]
        assert_allclose(column("reader", drawn), expected, rtol=1e-6)

    @given(some_passages)
    def test_its_order_counts_by_reciprocal_rank_over_the_whole_document(self, drawn: Drawn) -> None:
        odds = [odds for _, sentences in drawn for *_, odds in sentences]
        assert_allclose(column("order", drawn), [reciprocal_rank(odds, row) for row in range(len(odds))])

    @given(some_passages)
    def test_without_one_its_features_are_0_and_the_others_the_same(self, drawn: Drawn) -> None:
        for name in ("reader", "order"):
            assert set(column(name, drawn, read=False)) == {0.0}
        for name in ("passage", "meaning", "words", "likeness"):
            assert column(name, drawn, read=False) == column(name, drawn)


SAID = "The Company’s oysters were sold for eleven shillings and sixpence a tub, and nobody asked."
quotations = st.text("abcdefghij ’,-1", min_size=20, max_size=90).filter(lambda text: sum(map(str.isalnum, text)) >= 5)


def likeness(question: str, *sentences: str) -> list[float]:
    values: list[float] = features(question, [candidate(*sentences)], [])[:, FEATURES.index("likeness")].tolist()
    return values


class TestLikeness:
    @given(st.text(max_size=60), st.text(max_size=60))
    def test_it_lies_between_0_and_1(self, question: str, sentence: str) -> None:
        assert 0 <= likeness(question, sentence)[0] <= 1

    @given(quotations)
    def test_it_is_1_for_a_verbatim_quotation(self, quotation: str) -> None:
        assert likeness(f"Who says “{quotation}”?", f"He said: {quotation} – and went.") == [1.0]

    def test_it_is_1_for_the_sentence_itself_however_it_is_written(self) -> None:
        for question in (SAID, SAID.upper(), SAID.replace(" ", "  \n").replace(",", " –"), SAID[10:60]):
            assert likeness(question, SAID) == [1.0]

    @pytest.mark.parametrize(
        "question", ["Who said “{}”, and when?", "„{}“ – wer sagt das?", 'Who wrote "{}"?', "«{}»?"]
    )
    def test_a_quotation_in_the_question_stands_for_it(self, question: str) -> None:
        assert likeness(question.format(SAID[:-1]), SAID) == [1.0]

    def test_the_longest_quotation_counts(self) -> None:
        assert likeness(f"After “so it is resting, Hester” who answered “{SAID}”?", SAID) == [1.0]

    def test_a_word_between_marks_is_no_quotation(self) -> None:
        asked = "Who called the oysters “ours”, the oysters that were sold for eleven shillings?"
        assert likeness(asked, SAID) == likeness(asked.replace("“", "").replace("”", ""), SAID)

    @pytest.mark.parametrize(
        "slip",
        [
            ("Company’s", "Companys"),
            ("eleven shillings and sixpence", "eleven shilling and sixpence"),
            ("nobody", "no-one"),
            ("oysters were", "oyster was"),
            (" tub", ""),
        ],
    )
    def test_a_slip_costs_little_and_another_sentence_is_far_off(self, slip: tuple[str, str]) -> None:
        other = "The commissioners, to their credit, did ask who paid him for the oysters he weighed."
        quoted, unlike = likeness(f"Who says “{SAID.replace(*slip)}”?", SAID, other)
        assert quoted > 0.5 and unlike < 0.1

    def test_more_slips_cost_more(self) -> None:
        slips = ["sold", "shillings", "nobody", "Company", "sixpence"]
        asked = [SAID]
        for slip in slips:
            asked.append(asked[-1].replace(slip, slip[:1] + "~" + slip[3:]))
        values = [likeness(question, SAID)[0] for question in asked]
        assert all(more > fewer for more, fewer in pairwise(values))

    @pytest.mark.parametrize("question", ["", "?", "Why?", "“”", "水位"])
    def test_a_question_too_short_to_be_like_anything_is_like_nothing(self, question: str) -> None:
        assert likeness(question, SAID, "") == [0.0, 0.0]
