"""Which documents of several a query is about: the words against BM25 over one index, and what no document has."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import across
from index.codes import eight_bits, four_bits
from index.embed import Encodable, Encoder
from index.lexical import LexicalIndex, terms
from index.segment import Query, Segment
from index.types import no_progress

WORDS = ("barge", "lock", "weir", "mill", "ferry", "toll")
TEXTS = st.lists(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=2, max_size=6).map(" ".join), min_size=1, max_size=4),
    min_size=2,
    max_size=5,
)


def segment(encoder: Encoder, passages: list[str]) -> Segment:
    encodables = [Encodable(text, ((0, len(text)),)) for text in passages]
    whole, parts = encoder.encode_passages(encodables, no_progress)
    return Segment(eight_bits(whole), four_bits(parts), LexicalIndex.build(passages), LexicalIndex.build(passages))


@pytest.fixture
def encoder(word_encoder: Callable[[str], Encoder]) -> Encoder:
    return word_encoder("words")


class TestByWords:
    @given(TEXTS)
    def test_saturation_times_rarity_is_bm25(self, texts: list[list[str]]) -> None:
        for passages in texts:
            index = LexicalIndex.build(passages)
            for word in WORDS:
                (term,) = terms([word])[0]
                rows, saturation = index.saturation(term)
                scores = index.scores([term])
                np.testing.assert_allclose(scores[rows], saturation * np.float32(index._rarity(term)), rtol=1e-4)
                assert not scores[np.setdiff1d(np.arange(len(passages)), rows)].any()
                assert ((saturation > 0) & (saturation < 1)).all()


def test_every_document_is_ranked_once_and_the_one_that_says_it_first(encoder: Encoder) -> None:
    segments = [
        segment(encoder, [f"the {word} stands by the river", f"nobody saw the {word} that year"]) for word in WORDS
    ]
    for number, word in enumerate(WORDS):
        query = Query(encoder.encode_query(f"nobody saw the {word} that year"), tuple(terms([word])[0]))
        order = across.ranked(segments, [query] * len(segments))
        assert order[0] == number and sorted(order) == list(range(len(WORDS)))


def test_a_word_that_all_documents_have_counts_for_less_than_a_rare_one(encoder: Encoder) -> None:
    common = [segment(encoder, ["the barge came at dawn", "the barge left"]) for _ in range(3)]
    rare = segment(encoder, ["the ferry came at dawn", "the barge left"])
    query = Query(np.zeros(64, np.float32), ("barg", "ferri"))
    best, whole = across._by_words([*common, rare], [query] * (len(common) + 1))
    assert best.argmax() == whole.argmax() == 3


def test_without_words_the_vectors_alone_rank(encoder: Encoder) -> None:
    segments = [segment(encoder, [f"the {word} by the river"]) for word in WORDS]
    query = Query(encoder.encode_query("the weir by the river"), ())
    assert across.ranked(segments, [query] * len(segments))[0] == WORDS.index("weir")
