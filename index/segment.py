"""A document's search files: the vectors and word indexes of its passages and sentences, in one folder.

Derived from the text; written beside and renamed, never changed afterwards. Which folder belongs to which
document is the store's to know.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import dense, fuse
from index.embed import Encodable, Encoder
from index.language import ENGLISH
from index.lexical import LexicalIndex
from index.sealed import damaged, sealed
from index.types import Hit, ParallaxError, Passage, Progress

DEPTH = 100
"""How far down each ranking the fusion looks."""


class SegmentError(ParallaxError):
    """A document's search files are missing or damaged."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question as the searches see it."""

    vector: NDArray[np.float32] | None
    """Unit vector, shape (dimension,); None where the encoder does not know the document's language."""
    terms: tuple[str, ...]
    """Its stemmed words by the rules of the document's language."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the searches know of one passage and its sentences, for a query."""

    similarity: NDArray[np.float32]
    """Cosine of each sentence with the query, shape (sentences,); 0 where the query has no vector."""
    words: NDArray[np.float32]
    """BM25 of each sentence, shape (sentences,)."""
    coverage: float
    """Share of the query's terms that the passage holds, each weighed by its rarity; between 0 and 1."""


@dataclass(frozen=True, slots=True)
class Segment:
    """What one document is searched with."""

    passage_vectors: NDArray[np.float32]
    """Unit vectors, shape (passages, dimension)."""
    sentence_vectors: NDArray[np.float32]
    """Unit vectors, shape (sentences, dimension), in the order of the text."""
    passage_words: LexicalIndex
    sentence_words: LexicalIndex
    _nearest: dense.Index = field(init=False, repr=False, compare=False)

    @classmethod
    def build(
        cls,
        text: str,
        passages: Sequence[Passage],
        encoder: Encoder,
        progress: Progress,
        language: str = ENGLISH,
    ) -> "Segment":
        """Encode and index the passages of a text in a language."""
        encodables = [_encodable(text, passage) for passage in passages]
        whole, parts = encoder.encode_passages(encodables, progress)
        progress("indexing words", 0, len(passages))
        passage_words = LexicalIndex.build([text[p.start : p.end] for p in passages], language)
        sentences = [text[s.start : s.end] for p in passages for s in p.sentences]
        sentence_words = LexicalIndex.build(sentences, language)
        progress("indexing words", len(passages), len(passages))
        return cls(whole, parts, passage_words, sentence_words)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_nearest", dense.build(self.passage_vectors))  # the class is frozen

    def search(self, query: Query, k: int) -> list[Hit]:
        """The k best passages of this document: dense and lexical search, fused by reciprocal rank.

        By words alone where the query has no vector.
        """
        depth = max(k, DEPTH)
        nearest = dense.search(self._nearest, query.vector, depth) if query.vector is not None else []
        return fuse.reciprocal_rank([nearest, self.passage_words.search(query.terms, depth)], k)

    def evidence(self, query: Query, rows: Mapping[int, slice]) -> list[Evidence]:
        """What is known of some passages; `rows` maps each to the rows of its sentences."""
        words = self.sentence_words.scores(query.terms)
        vectors = self.sentence_vectors
        meaning = vectors @ query.vector if query.vector is not None else np.zeros(len(vectors), np.float32)
        return [
            Evidence(
                meaning[sentences],
                words[sentences],
                self.passage_words.coverage(query.terms, passage),
            )
            for passage, sentences in rows.items()
        ]

    def likeness(self, rows: NDArray[np.intp], other: "Segment") -> NDArray[np.float32]:
        """How alike some passages are to every passage of another document, shape (len(rows), passages of the other).

        The cosine of their vectors and that of their words, added: the first knows paraphrase, the second names and
        rare words. Between -1 and 2.
        """
        meaning = self.passage_vectors[rows] @ other.passage_vectors.T
        likeness: NDArray[np.float32] = meaning + self.passage_words.likeness(rows, other.passage_words)
        return likeness

    def save(self, folder: Path) -> None:
        """Write the files beside, force them to the disk, then give the folder its name."""
        with sealed(folder) as partial:
            np.save(partial / "passages.npy", self.passage_vectors)
            np.save(partial / "sentences.npy", self.sentence_vectors)
            self.passage_words.save(partial / "passages.bm25")
            self.sentence_words.save(partial / "sentences.bm25")

    @classmethod
    def load(cls, folder: Path, dimension: int, counts: tuple[int, int]) -> "Segment":
        """Read a segment of (passages, sentences) = `counts`. Raises SegmentError, naming a file that is not whole."""
        try:
            if file := damaged(folder):
                raise SegmentError(f"The search file {file} is damaged.")
            segment = cls(
                np.load(folder / "passages.npy"),
                np.load(folder / "sentences.npy"),
                LexicalIndex.load(folder / "passages.bm25"),
                LexicalIndex.load(folder / "sentences.bm25"),
            )
        except (OSError, ValueError) as error:
            raise SegmentError(f"The search files in {folder} cannot be read ({error}).") from error
        found = (segment.passage_vectors.shape, segment.sentence_vectors.shape)
        words = (segment.passage_words.rows, segment.sentence_words.rows)
        if found != ((counts[0], dimension), (counts[1], dimension)) or words != counts:
            raise SegmentError(f"The search files in {folder} hold {found}, {words} rows, not {counts}.")
        return segment


def _encodable(text: str, passage: Passage) -> Encodable:
    spans = tuple((s.start - passage.start, s.end - passage.start) for s in passage.sentences)
    return Encodable(text[passage.start : passage.end], spans)


def sweep(folder: Path, keep: set[str]) -> None:
    """Delete the segments that no document names: what a killed run or a replaced document left behind."""
    for path in folder.glob("*/"):
        if path.name not in keep:
            shutil.rmtree(path)
