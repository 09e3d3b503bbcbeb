"""Readers: the one that needs no model follows its formula, and another can take its place."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from index.embed import Encoder
from index.segment import Evidence
from index.types import Hit, Passage, Search, Sentence
from qa.read import Candidate, Reading, RetrievalReader
from qa.session import Session

SCORES = st.floats(-1, 1, width=32)


def candidate(score: float, sentences: Sequence[tuple[float, float]]) -> Candidate:
    """A candidate whose sentences have these similarities and BM25 scores."""
    spans = tuple(Sentence(at, at + 1) for at in range(len(sentences)))
    similarity, words = (np.array(column, np.float32) for column in zip(*sentences, strict=True))
    evidence = Evidence(similarity, words, 0.5)
    return Candidate(Hit(0, score, Search.FUSED), Passage(0, len(spans), spans), ("A word.",) * len(spans), evidence)


@given(st.lists(st.tuples(SCORES, st.lists(st.tuples(SCORES, SCORES), min_size=1, max_size=5)), max_size=6))
def test_a_score_is_the_passages_own_and_two_reciprocal_ranks(
    drawn: list[tuple[float, list[tuple[float, float]]]],
) -> None:
    readings = RetrievalReader().read("Whose boat?", [candidate(score, sentences) for score, sentences in drawn])
    everything = [(score, sentence) for score, sentences in drawn for sentence in sentences]

    def share(column: int, row: int) -> float:
        mine = everything[row][1][column]
        better = sum(other[column] > mine for _, other in everything)
        equal_before = sum(other[column] == mine for _, other in everything[:row])
        return 1 / (60 + 1 + better + equal_before)

    expected = [score + share(0, row) + share(1, row) for row, (score, _) in enumerate(everything)]
    assert [reading.shape for reading in readings] == [(len(sentences),) for _, sentences in drawn]
    assert all(reading.dtype == np.float32 for reading in readings)
    assert_allclose([score for reading in readings for score in reading], expected, rtol=1e-5, atol=1e-6)


class WordReader:
    """Prefers sentences that hold a word."""

    def __init__(self, word: str) -> None:
        self.word = word

    def read(self, question: str, candidates: Sequence[Candidate]) -> list[Reading]:
        assert question == "Who mended the old ferry?"
        return [np.array([self.word in s for s in c.sentences], np.float32) for c in candidates]


def test_another_reader_changes_the_answer(tmp_path: Path, word_encoder: Callable[[str], Encoder]) -> None:
    file = tmp_path / "ferry.txt"
    file.write_text(
        "The carpenter mended the old ferry before the harvest.\n\n"
        "The ferry was old, and the smith mended nothing but its chain.\n",
        encoding="utf-8",
    )
    Session.open(tmp_path / "library", create=True, load_encoder=word_encoder).add(file)
    for word in ("carpenter", "smith"):
        session = Session.open(tmp_path / "library", reader=WordReader(word), load_encoder=word_encoder)
        (side,) = session.ask("Who mended the old ferry?").perspectives
        places = side.answer.citations if side.answer is not None else side.nearest
        assert word in places[0].quote
