"""Lexical search: BM25 over stemmed words, weighed as bm25s does (`index.bm25`).

One index serves the passages or the sentences of one document; so a word's rarity is its rarity there. Words are cut,
cleared of function words and stemmed here alone, by the rules of the document's language: Snowball's stemmer and the
list that bm25s has of its function words, as far as there are such. Chinese, Japanese and the other languages that do
not part their words are indexed by pairs of characters, as Lucene's CJKAnalyzer does.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cache, cached_property
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.bm25 import Counts, Words, in_parts, rarity, saturation
from index.language import ENGLISH, UNSPACED
from index.types import Hit, Search

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
    "da": "DANISH", "de": "GERMAN", "en": "EN_PLUS", "es": "SPANISH", "fr": "FRENCH", "it": "ITALIAN", "ko": "KOREAN",
    "nb": "NORWEGIAN", "nl": "DUTCH", "nn": "NORWEGIAN", "no": "NORWEGIAN", "pt": "PORTUGUESE", "ru": "RUSSIAN",
    "sv": "SWEDISH", "tr": "TURKISH",
}  # fmt: skip
"""The names of bm25s' lists, all but the first from NLTK and stopwords-iso."""
_PAIRED = frozenset(["ja", "km", "lo", "my", "th", "wuu", "yue", "zh"])
"""Languages that are written without spaces between words."""
_AT_ONCE = 1024  # texts cut into words at once: of the rest only numbers are kept


@cache
def _function_words(language: str) -> frozenset[str]:
    """None of them where bm25s has no list. Its file is read alone, without the package around it."""
    about = find_spec("bm25s")
    if language not in _STOP_WORDS or about is None or about.origin is None:
        return frozenset()
    about = spec_from_file_location("_function_words", Path(about.origin).with_name("stopwords.py"))
    assert about is not None and about.loader is not None
    about.loader.exec_module(lists := module_from_spec(about))
    return frozenset(getattr(lists, f"STOPWORDS_{_STOP_WORDS[language]}"))


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
    """The stemmed words of each text that carry meaning, in order, repeated where repeated.

    Letters are composed and ligatures parted, so that a word is the same however its text was typed or printed.
    """
    texts = [text if text.isascii() else unicodedata.normalize("NFKC", text) for text in texts]
    if language in _PAIRED:
        texts = [UNSPACED.sub(_paired, text) for text in texts]
    cut, without = re.compile(_pattern(language)).findall, _function_words(language)
    return [stems([word for word in cut(text.lower()) if word not in without], language) for text in texts]


def in_pairs(language: str) -> bool:
    """Whether a language's texts are indexed by pairs of characters."""
    return language in _PAIRED


def stems(words: Sequence[str], language: str = ENGLISH) -> list[str]:
    """The stem of each word in lower case, function words too."""
    stemmer = _stemmer(language)
    return list(words) if stemmer is None else list(stemmer.stemWords(list(words)))


def coverage(weights: Mapping[str, float], held: Set[str]) -> float:
    """The share of some words that something holds, each weighed; 0 where there are none."""
    found = sum(weight for word, weight in weights.items() if word in held)
    return found / sum(weights.values()) if weights else 0.0


def cut(texts: Iterable[str], language: str) -> Iterator[list[str]]:
    """The terms of each text, a few texts at a time."""
    texts = iter(texts)
    while batch := list(islice(texts, _AT_ONCE)):
        yield from terms(batch, language)


class LexicalIndex:
    """BM25 over the rows of one document: its passages or its sentences.

    A sparse matrix by word: `columns` numbers the words; the rows in which word n occurs, in order, and its BM25 in
    each are `places` and `data` from `bounds[n]` to `bounds[n + 1]`.
    """

    def __init__(
        self,
        rows: int,
        columns: Mapping[str, int],
        data: NDArray[np.float32],
        places: NDArray[np.int32],
        bounds: NDArray[np.int64],
    ) -> None:
        self.rows = rows
        self.columns = columns
        self._data, self._places, self._bounds = data, places, bounds

    @classmethod
    def build(cls, texts: Iterable[str], language: str = ENGLISH) -> "LexicalIndex":
        """Index texts in a language; row i is the i-th. The same texts make the same index, number for number."""
        words = Words(cut(texts, language))
        return cls.counted(words.vocabulary, words.counts())

    @classmethod
    def counted(cls, columns: Mapping[str, int], counts: Counts) -> "LexicalIndex":
        """Make the index of words that have these numbers and counts."""
        bounds = np.zeros(len(counts.occurrences) + 1, np.int64)
        np.cumsum(counts.occurrences, out=bounds[1:])
        return cls(len(counts.lengths), columns, counts.weights(), counts.rows.astype(np.int32), bounds)

    @classmethod
    def restore(cls, vocabulary: Sequence[str], rows: Sequence[Mapping[int, float]]) -> "LexicalIndex":
        """Make an index again from what `vocabulary` and `weights` gave."""
        data = np.array([weight for row in rows for weight in row.values()], np.float32)
        columns = np.array([column for row in rows for column in row], np.intp)
        places = np.repeat(np.arange(len(rows), dtype=np.int32), [len(row) for row in rows])
        order = np.lexsort((places, columns))
        bounds = np.searchsorted(columns[order], np.arange(len(vocabulary) + 1))
        numbered = {word: column for column, word in enumerate(vocabulary)}
        return cls(len(rows), numbered, data[order], places[order], bounds)

    def vocabulary(self) -> list[str]:
        """The words of all rows, in the order of their columns."""
        return list(islice(self.columns, len(self._bounds) - 1))

    def weights(self) -> list[dict[int, float]]:
        """Of each row the BM25 of each of its words, by the word's column."""
        found: list[dict[int, float]] = [{} for _ in range(self.rows)]
        columns = np.repeat(np.arange(len(self._bounds) - 1), np.diff(self._bounds))
        for column, row, weight in zip(columns, self._places, self._data, strict=True):
            found[row][int(column)] = float(weight)
        return found

    def occurrences(self) -> list[int]:
        """In how many rows each word occurs, in the order of their columns."""
        return [int(count) for count in np.diff(self._bounds)]

    def scores(self, query: Sequence[str]) -> NDArray[np.float32]:
        """BM25 of every row for a query's terms, shape (rows,); 0 where no term occurs."""
        scores = np.zeros(self.rows, np.float32)
        for term in query:
            scores[self._postings(term)] += self._data[self._of(term)]
        return scores

    def search(self, query: Sequence[str], k: int) -> list[Hit]:
        """The k best rows in which a term occurs, best first."""
        scores = self.scores(query)
        best = np.argsort(-scores, kind="stable")[:k]
        found = zip(best.tolist(), scores[best].tolist(), strict=True)
        return [Hit(row, score, Search.LEXICAL) for row, score in found if score > 0]

    def coverage(self, query: Sequence[str], rows: Sequence[int]) -> list[float]:
        """How much of the query each of some rows speaks of: the share of its terms found there, weighed by rarity.

        Between 0 and 1. A term that stands nowhere in the document is the rarest. The weight is BM25's idf.
        """
        weights = {term: self._rarity(term) for term in query}
        places = np.array(rows, np.int32)[:, np.newaxis]
        held = {term: (places == self._postings(term)).any(axis=1).tolist() for term in weights}
        return [coverage(weights, {term for term in held if held[term][n]}) for n in range(len(rows))]

    def saturation(self, term: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The rows in which a term occurs, and in each its BM25 without its rarity: between 0 and 1."""
        said = in_parts(self._data[self._of(term)] / np.float32(self._rarity(term)))
        return self._postings(term), saturation(said)

    def saturations(self) -> tuple[NDArray[np.int32], NDArray[np.uint16]]:
        """The same of every word that `vocabulary` has, one behind the other, as `saturation` takes it."""
        rarities = np.array([rarity(self.rows, count) for count in self.occurrences()], np.float32)
        each: NDArray[np.float32] = np.repeat(rarities, np.diff(self._bounds))
        return self._places, in_parts(self._data / each)

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
        if not self.columns or not other.columns:
            return np.zeros((len(rows), other.rows), np.float32)
        mine = self._unit_rows[:, rows].T
        theirs = other.columns
        words = [(int(column), self._word[column]) for column in np.unique(mine.nonzero()[1])]
        shared = [(column, theirs[word]) for column, word in words if word in theirs]
        here, there = np.array(shared, np.intp).reshape(-1, 2).T
        likeness: NDArray[np.float32] = (mine[:, here] @ other._unit_rows[there]).toarray()
        return likeness

    @cached_property
    def _unit_rows(self) -> Any:  # noqa: ANN401  (scipy ships no types)
        """Each row's BM25 of each word, divided by the row's length; sparse, shape (words, rows)."""
        from scipy.sparse import csr_array, diags_array

        words = csr_array((self._data, self._places, self._bounds), (len(self._bounds) - 1, self.rows))
        lengths = np.sqrt((words * words).sum(axis=0))
        return (words @ diags_array(1 / np.where(lengths > 0, lengths, 1))).astype(np.float32).tocsr()

    @cached_property
    def _word(self) -> dict[int, str]:
        return {column: word for word, column in self.columns.items()}

    def _of(self, term: str) -> slice:
        """Where what is stored of a term lies."""
        column = self.columns.get(term)
        return slice(0, 0) if column is None else slice(self._bounds[column], self._bounds[column + 1])

    def _postings(self, term: str) -> NDArray[np.int32]:
        """Rows in which a term occurs."""
        return self._places[self._of(term)]

    def _rarity(self, term: str) -> float:
        return rarity(self.rows, len(self._postings(term)))
