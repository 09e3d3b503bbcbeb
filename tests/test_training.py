"""What the reader is trained on: crops that give nothing away, and the figures of outside collections."""

import random
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

import beir
import plot
import reader_items
from reader_items import Passage

SENTENCES = st.lists(st.integers(1, 40).map(lambda n: " ".join(["word"] * n) + "."), min_size=1, max_size=9)


@given(SENTENCES, st.data())
def test_a_crop_is_neighbouring_whole_sentences_about_the_one_asked_for(
    sentences: list[str], data: st.DataObject
) -> None:
    numbered = tuple(f"{number} {sentence}" for number, sentence in enumerate(sentences))
    about = data.draw(st.integers(0, len(sentences) - 1))
    gold = frozenset(data.draw(st.sets(st.integers(0, len(sentences) - 1))) | {about})
    words = data.draw(st.integers(1, 150))
    crop = reader_items.cropped(Passage(numbered, gold), about, words, random.Random(0))
    first = numbered.index(crop.sentences[0])
    assert crop.sentences == numbered[first : first + len(crop.sentences)]
    assert numbered[about] in crop.sentences
    assert {crop.sentences[i] for i in crop.gold} == {numbered[i] for i in gold} & set(crop.sentences)
    assert len(crop.sentences) == 1 or sum(len(sentence.split()) for sentence in crop.sentences) <= words


def test_right_and_wrong_passages_cannot_be_told_by_their_length() -> None:
    """A reader trained on shorter wrong passages picked by length: 0.61 on such passages, 0.22 on whole ones."""
    chance = random.Random(0)
    passage = Passage(tuple("word " * 15 for _ in range(12)), frozenset({4}))
    negative = Passage(tuple("other " * 15 for _ in range(12)), nearest=7)
    lengths = []
    for _ in range(200):
        words = chance.randint(*reader_items.CROPS)
        crops = [reader_items.cropped(passage, 4, words, chance), reader_items.cropped(negative, 7, words, chance)]
        lengths.append([len(crop.sentences) for crop in crops])
    right, wrong = np.array(lengths).T
    assert right.tolist() == wrong.tolist()
    assert len(set(right.tolist())) > 3


@given(st.lists(st.integers(0, 3), min_size=2, max_size=20).filter(any))
def test_ndcg_is_that_of_another_library(grades: list[int]) -> None:
    names = [str(i) for i in range(len(grades))]
    judged = {name: grade for name, grade in zip(names, grades, strict=True) if grade}
    ranks = np.arange(len(grades), 0, -1)
    expected = ndcg_score([grades], [ranks], k=10)
    assert beir.ndcg(names, judged) == pytest.approx(expected)


def test_recall_counts_what_stands_above_the_depth() -> None:
    assert beir.recall(["a", "b", "c"], {"a": 1, "c": 1, "d": 0}, 2) == 0.5


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_the_calibration_error_is_the_weighed_gap_of_the_bins(pairs: list[tuple[float, bool]]) -> None:
    confidence, answers = (np.array(column, float) for column in zip(*pairs, strict=True))
    error = plot.calibration_error(confidence, answers)
    assert 0 <= error <= 1
    assert error <= np.abs(confidence - answers).mean() + 1e-9
    assert abs(confidence.mean() - answers.mean()) <= error + 1e-9
    assert plot.reliability(confidence, answers).count("<circle") == len(plot.binned(confidence, answers))
