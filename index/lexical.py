"""Lexical search: BM25 over stemmed words, with bm25s (method "lucene", k1 1.5, b 0.75).

One index serves the passages or the sentences of one document; so a word's rarity is its rarity there.
Words are cut, cleared of function words and stemmed here alone, by the rules of the document's language: Snowball's
stemmer and the list that bm25s has of its function words, as far as there are such. Chinese, Japanese and the other
languages that do not part their words are indexed by pairs of characters, as Lucene's CJKAnalyzer does.
"""

import json
import logging
import re
import unicodedata
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.language import ENGLISH
from index.types import Hit, Search

K1, B = 1.5, 0.75
_STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish",
    "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian",
    "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "nn": "norwegian",
    "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "st": "sesotho", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
"""Snowball's names of the languages that it stems."""
_STOP_WORDS = {
    "en": "en_plus", "nb": "no", "nn": "no",
    **{code: code for code in ("da", "de", "es", "fr", "it", "ko", "nl", "no", "pt", "ru", "sv", "tr")},
}  # fmt: skip
"""The names of bm25s' lists, all but the first from NLTK and stopwords-iso."""
_PAIRED = frozenset(["ja", "km", "lo", "my", "th", "wuu", "yue", "zh"])
"""Languages that are written without spaces between words."""
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
"""Thai, Lao, Burmese, Khmer, Kana and Han."""
_AT_ONCE = 1024  # texts cut into words at once: of the rest only numbers are kept


@cache
def _bm25s() -> Any:  # noqa: ANN401  (bm25s ships no types)
    import bm25s

    logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets itself to DEBUG
    return bm25s


@cache
def _stemmer(language: str) -> Any:  # noqa: ANN401  (PyStemmer ships no types)
    """None where Snowball has no stemmer for a language."""
    import Stemmer

    return Stemmer.Stemmer(_STEMMERS[language]) if language in _STEMMERS else None


@cache
def _pattern(language: str) -> str:
    """Runs of two letters or digits and more; outside English with the marks that some scripts set on their letters."""
    if language == ENGLISH:
        return r"\b\w\w+\b"
    marks = "".join(c for c in map(chr, range(0x300, 0xFE30)) if unicodedata.category(c) in ("Mn", "Mc"))
    return rf"\w[\w{marks}]+"


def _paired(run: re.Match[str]) -> str:
    """Every two characters of a run that stand side by side, parted by spaces."""
    return " ".join(["", *(one + two for one, two in pairwise(run[0])), ""])


def terms(texts: Sequence[str], language: str = ENGLISH) -> list[list[str]]:
    """The stemmed words of each text that carry meaning, in order, repeated where repeated."""
    if language in _PAIRED:
        texts = [_UNSPACED.sub(_paired, text) for text in texts]
    found: list[list[str]] = _bm25s().tokenize(
        list(texts),
        token_pattern=_pattern(language),
        stopwords=_STOP_WORDS.get(language),
        stemmer=_stemmer(language),
        return_ids=False,
        show_progress=False,
    )
    return found


def stems(words: Sequence[str], language: str = ENGLISH) -> list[str]:
    """The stem of each word in lower case, function words too."""
    stemmer = _stemmer(language)
    return list(words) if stemmer is None else list(stemmer.stemWords(list(words)))


def is_unspaced(text: str) -> bool:
    """Whether a text holds words that no space parts, so that counting them says nothing."""
    return _UNSPACED.search(text) is not None


def rarity(rows: int, occurs: int) -> float:
    """BM25's idf of a word that occurs in so many of so many rows."""
    return float(np.log(1 + (rows - occurs + 0.5) / (occurs + 0.5)))


def coverage(weights: Mapping[str, float], holds: Callable[[str], bool]) -> float:
    """The share of some words that something holds, each weighed; 0 where there are none."""
    found = sum(weight for word, weight in weights.items() if holds(word))
    return found / sum(weights.values()) if weights else 0.0


class _Rows:
    """The words of each row as numbers, four bytes a word, as bm25s asks for them. Numbered by first occurrence."""

    def __init__(self, texts: Iterable[str], language: str) -> None:
        self.vocab: dict[str, int] = {}
        self.ids = self
        self._words, self._ends = array("i"), array("q", [0])
        texts = iter(texts)
        while batch := list(islice(texts, _AT_ONCE)):
            for row in terms(batch, language):
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
    def build(cls, texts: Iterable[str], language: str = ENGLISH) -> "LexicalIndex":
        """Index texts in a language; row i is the i-th. The same texts make the same index, number for number."""
        rows = _Rows(texts, language)
        if not rows.vocab:
            return cls(len(rows), None)
        engine = _bm25s().BM25(k1=K1, b=B, method="lucene")
        engine.index(rows, show_progress=False)
        return cls(len(rows), engine)

    @classmethod
    def restore(cls, vocabulary: Sequence[str], rows: Sequence[Mapping[int, float]]) -> "LexicalIndex":
        """Make an index again from what `vocabulary` and `weights` gave."""
        from scipy.sparse import csc_array

        if not vocabulary:
            return cls(len(rows), None)
        data = np.array([weight for row in rows for weight in row.values()], np.float32)
        columns = np.array([column for row in rows for column in row], np.intp)
        places = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
        words = csc_array((data, (places, columns)), (len(rows), len(vocabulary)))
        engine = _bm25s().BM25(k1=K1, b=B, method="lucene")
        indices, bounds = words.indices.astype(np.int32), words.indptr.astype(np.int64)
        engine.scores = {"data": words.data, "indices": indices, "indptr": bounds, "num_docs": len(rows)}
        engine.vocab_dict = {word: column for column, word in enumerate(vocabulary)}
        engine.unique_token_ids_set = set(engine.vocab_dict.values())
        engine.nonoccurrence_array = None  # which this method has no need of
        return cls(len(rows), engine)

    def vocabulary(self) -> list[str]:
        """The words of all rows, in the order of their columns."""
        return [self._word[column] for column in range(len(self.occurrences()))]

    def weights(self) -> list[dict[int, float]]:
        """Of each row the BM25 of each of its words, by the word's column."""
        found: list[dict[int, float]] = [{} for _ in range(self.rows)]
        if self._engine is not None:
            scores = self._engine.scores
            columns = np.repeat(np.arange(len(scores["indptr"]) - 1), np.diff(scores["indptr"]))
            for column, row, weight in zip(columns, scores["indices"], scores["data"], strict=True):
                found[row][int(column)] = float(weight)
        return found

    def occurrences(self) -> list[int]:
        """In how many rows each word occurs, in the order of their columns."""
        return [] if self._engine is None else [int(count) for count in np.diff(self._engine.scores["indptr"])]

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
        if not (known := self._known(query)):
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
        return coverage({term: self._rarity(term) for term in query}, lambda term: row in self._postings(term))

    def saturation(self, term: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The rows in which a term occurs, and in each its BM25 without its rarity: between 0 and 1."""
        if not self._known([term]):
            return self._postings(term), np.zeros(0, np.float32)
        token, bounds = self._engine.vocab_dict[term], self._engine.scores["indptr"]
        scores: NDArray[np.float32] = self._engine.scores["data"][bounds[token] : bounds[token + 1]]
        return self._postings(term), scores / np.float32(self._rarity(term))

    def saturations(self) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The same of every word that `vocabulary` has, one behind the other."""
        if self._engine is None:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        weights = [rarity(self.rows, count) for count in self.occurrences()]
        scores = self._engine.scores
        return scores["indices"], scores["data"] / np.repeat(np.array(weights, np.float32), self.occurrences())

    def holding(self, query: Sequence[str]) -> NDArray[np.int32]:
        """The rows that hold the rarest of some terms; none where one of them stands nowhere."""
        return min((self._postings(term) for term in set(query)), key=len, default=np.zeros(0, np.int32))

    def held(self, query: Sequence[str], first: NDArray[np.intp], last: NDArray[np.intp]) -> NDArray[np.intp]:
        """How many of some terms, each once, stand in each range of rows from one to another, both included.

        Shape as that of `first` and `last`.
        """
        held = np.zeros(len(first), np.intp)
        for term in set(query):
            rows = self._postings(term)  # in order
            held += np.searchsorted(rows, first, "left") < np.searchsorted(rows, last, "right")
        return held

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
        return rarity(self.rows, len(self._postings(term)))
