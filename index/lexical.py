"""Lexical search: BM25 over stemmed words, with bm25s (method "lucene", k1 1.5, b 0.75).

One index serves the passages or the sentences of one document; so a word's rarity is its rarity there.
Words are cut, cleared of English function words and stemmed here alone.
"""

import json
import logging
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.types import Hit, Search

K1, B = 1.5, 0.75
_AT_ONCE = 1024
"""So many texts are cut into words at once: of the rest only numbers are kept."""


@cache
def _bm25s() -> Any:  # noqa: ANN401  (bm25s ships no types)
    import bm25s

    logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets itself to DEBUG
    return bm25s


@cache
def _stemmer() -> Any:  # noqa: ANN401  (PyStemmer ships no types)
    import Stemmer

    return Stemmer.Stemmer("english")


def terms(texts: Sequence[str]) -> list[list[str]]:
    """The stemmed words of each text that carry meaning, in order, repeated where repeated."""
    found: list[list[str]] = _bm25s().tokenize(
        list(texts), stopwords="en_plus", stemmer=_stemmer(), return_ids=False, show_progress=False
    )
    return found


def stems(words: Sequence[str]) -> list[str]:
    """The stem of each word in lower case, function words too."""
    found: list[str] = _stemmer().stemWords(list(words))
    return found


class _Rows:
    """The words of each row as numbers, four bytes a word, as bm25s asks for them. Numbered by first occurrence."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.vocab: dict[str, int] = {}
        self.ids = self
        self._words, self._ends = array("i"), array("q", [0])
        texts = iter(texts)
        while batch := list(islice(texts, _AT_ONCE)):
            for row in terms(batch):
                self._words.extend([self.vocab.setdefault(word, len(self.vocab)) for word in row])
                self._ends.append(len(self._words))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __iter__(self) -> Iterator[list[int]]:
        return (self._words[start:end].tolist() for start, end in pairwise(self._ends))


class LexicalIndex:
    """BM25 over the rows of one document: its passages or its sentences."""

    def __init__(self, rows: int, engine: Any) -> None:  # noqa: ANN401
        self.rows = rows
        self._engine = engine
        """A bm25s.BM25, or None where no row has a single term (bm25s refuses an empty vocabulary)."""

    @classmethod
    def build(cls, texts: Iterable[str]) -> "LexicalIndex":
        """Index texts; row i is the i-th. The same texts make the same index, number for number."""
        rows = _Rows(texts)
        if not rows.vocab:
            return cls(len(rows), None)
        engine = _bm25s().BM25(k1=K1, b=B, method="lucene")
        engine.index(rows, show_progress=False)
        return cls(len(rows), engine)

    def save(self, folder: Path) -> None:
        """Write the index into a new folder."""
        folder.mkdir()
        (folder / "rows.json").write_text(json.dumps({"rows": self.rows, "empty": self._engine is None}))
        if self._engine is not None:
            self._engine.save(folder, show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """Read what `save` wrote. Raises OSError or ValueError where files are missing or damaged."""
        about = json.loads((folder / "rows.json").read_text())
        engine = None if about["empty"] else _bm25s().BM25.load(folder, show_progress=False)
        return cls(int(about["rows"]), engine)

    def scores(self, query: Sequence[str]) -> NDArray[np.float32]:
        """BM25 of every row for a query's terms, shape (rows,); 0 where no term occurs."""
        known = self._known(query)
        if not known:
            return np.zeros(self.rows, np.float32)
        scores: NDArray[np.float32] = self._engine.get_scores(known)
        return scores

    def search(self, query: Sequence[str], k: int) -> list[Hit]:
        """The k best rows in which a term occurs, best first."""
        scores = self.scores(query)
        best = np.argsort(-scores, kind="stable")[:k]
        return [Hit(int(row), float(scores[row]), Search.LEXICAL) for row in best if scores[row] > 0]

    def coverage(self, query: Sequence[str], row: int) -> float:
        """How much of the query a row speaks of: the share of its terms found there, each weighed by its rarity.

        Between 0 and 1. A term that stands nowhere in the document is the rarest. The weight is BM25's idf.
        """
        weights = {term: self._rarity(term) for term in set(query)}
        found = sum(weight for term, weight in weights.items() if row in self._postings(term))
        return found / sum(weights.values()) if weights else 0.0

    def holding(self, query: Sequence[str]) -> NDArray[np.int32]:
        """The rows that hold the rarest of some terms; none where one of them stands nowhere."""
        return min((self._postings(term) for term in set(query)), key=len, default=np.zeros(0, np.int32))

    def likeness(self, rows: NDArray[np.intp], other: "LexicalIndex") -> NDArray[np.float32]:
        """Cosine of some rows with every row of another index, shape (len(rows), other.rows); between 0 and 1.

        A row is the vector of its words' BM25, so that a word counts by how rare it is in either document, and a word
        that stands in one row alone makes the two less alike.
        """
        if self._engine is None or other._engine is None:
            return np.zeros((len(rows), other.rows), np.float32)
        mine = self._unit_rows[:, rows].T
        theirs = other._engine.vocab_dict
        words = [(int(column), self._word[column]) for column in np.unique(mine.nonzero()[1])]
        shared = [(column, theirs[word]) for column, word in words if word in theirs]
        here, there = np.array(shared, np.intp).reshape(-1, 2).T
        likeness: NDArray[np.float32] = (mine[:, here] @ other._unit_rows[there]).toarray()
        return likeness

    @cached_property
    def _unit_rows(self) -> Any:  # noqa: ANN401  (scipy ships no types)
        """Each row's BM25 of each word, divided by the row's length; sparse, shape (words, rows)."""
        from scipy.sparse import csr_array, diags_array

        scores = self._engine.scores  # stored by word: each has the rows that it occurs in
        words = csr_array((scores["data"], scores["indices"], scores["indptr"]), (len(scores["indptr"]) - 1, self.rows))
        lengths = np.sqrt((words * words).sum(axis=0))
        return (words @ diags_array(1 / np.where(lengths > 0, lengths, 1))).astype(np.float32).tocsr()

    @cached_property
    def _word(self) -> dict[int, str]:
        """The word of each column, as `vocab_dict` has the column of each word."""
        return {column: word for word, column in self._engine.vocab_dict.items()}

    def _known(self, query: Sequence[str]) -> list[str]:
        return [term for term in query if self._engine is not None and term in self._engine.vocab_dict]

    def _postings(self, term: str) -> NDArray[np.int32]:
        """Rows in which a term occurs."""
        if not self._known([term]):
            return np.zeros(0, np.int32)
        token, bounds = self._engine.vocab_dict[term], self._engine.scores["indptr"]
        rows: NDArray[np.int32] = self._engine.scores["indices"][bounds[token] : bounds[token + 1]]
        return rows

    def _rarity(self, term: str) -> float:
        occurs = len(self._postings(term))
        return float(np.log(1 + (self.rows - occurs + 0.5) / (occurs + 0.5)))
