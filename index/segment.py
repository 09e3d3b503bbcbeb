"""A document's search files: the vectors and word indexes of its passages and sentences, in one folder.

Derived from the text; never changed once they are whole. Which folder belongs to which document is the store's to
know, and until one has it, how much of it is written `index.vectors`'.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import arrays, dense, fuse, vectors
from index.embed import Encoder
from index.language import ENGLISH
from index.lexical import LexicalIndex
from index.sealed import damaged, seal
from index.types import Hit, ParallaxError, Passage, Progress, Sentence
from index.vectors import PASSAGES, SENTENCES, Encode, Work

PASSAGE_WORDS, SENTENCE_WORDS = "passages.bm25", "sentences.bm25"
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

    @classmethod
    def build(
        cls, text: str, passages: Sequence[Passage], encoder: Encoder, progress: Progress, language: str = ENGLISH
    ) -> "Segment":
        """Encode and index the passages of a text in a language, in memory; `write` does so on the disk."""
        work = Work(text, passages, encoder.dimension, encoder.fingerprint, language)
        return cls.encoded(work, lambda chunks: (encoder.encode_passages(chunk, progress) for chunk in chunks))

    @classmethod
    def encoded(cls, work: Work, encode: Encode) -> "Segment":
        """Encode and index the passages of a text in memory."""
        made = list(encode(work.chunks(0)))
        whole, parts = (np.concatenate(vectors) for vectors in zip(*made, strict=True))
        sentences = (sentence for passage in work.passages for sentence in passage.sentences)
        words = (LexicalIndex.build(_texts(work, ranges), work.language) for ranges in (work.passages, sentences))
        return cls(whole, parts, *words)

    def search(self, query: Query, k: int) -> list[Hit]:
        """The k best passages of this document: dense and lexical search, fused by reciprocal rank.

        By words alone where the query has no vector.
        """
        depth = max(k, DEPTH)
        nearest = dense.search(self.passage_vectors, query.vector, depth) if query.vector is not None else []
        return fuse.reciprocal_rank([nearest, self.passage_words.search(query.terms, depth)], k)

    def evidence(self, query: Query, rows: Mapping[int, slice]) -> list[Evidence]:
        """What is known of some passages; `rows` maps each to the rows of its sentences."""
        words = self.sentence_words.scores(query.terms)
        vectors = self.sentence_vectors
        meaning = np.zeros(len(vectors), np.float32) if query.vector is None else dense.cosines(vectors, query.vector)
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

    @classmethod
    def load(cls, folder: Path, dimension: int, counts: tuple[int, int]) -> "Segment":
        """Read a segment of (passages, sentences) = `counts`. Raises SegmentError, naming a file that is not whole.

        The vectors stay in their files, of which the system keeps in memory what is asked for.
        """
        try:
            if file := damaged(folder):
                raise SegmentError(f"The search file {file} is damaged.")
            segment = cls(
                arrays.mapped(folder / PASSAGES),
                arrays.mapped(folder / SENTENCES),
                LexicalIndex.load(folder / PASSAGE_WORDS),
                LexicalIndex.load(folder / SENTENCE_WORDS),
            )
        except (OSError, ValueError) as error:
            raise SegmentError(f"The search files in {folder} cannot be read ({error}).") from error
        found = (segment.passage_vectors.shape, segment.sentence_vectors.shape)
        words = (segment.passage_words.rows, segment.sentence_words.rows)
        if found != ((counts[0], dimension), (counts[1], dimension)) or words != counts:
            raise SegmentError(f"The search files in {folder} hold {found}, {words} rows, not {counts}.")
        return segment


def _texts(work: Work, ranges: Iterable[Passage | Sentence]) -> Iterator[str]:
    return (work.text[row.start : row.end] for row in ranges)


def write(folder: Path, work: Work, encode: Encode, progress: Progress) -> None:
    """Write a segment's files into a folder that `vectors.begun` gave; vectors that are there stay. Raises OSError."""
    vectors.write(folder, work, encode, progress)
    progress("indexing words", 0, len(work.passages))
    sentences = (sentence for passage in work.passages for sentence in passage.sentences)
    for name, ranges in ((PASSAGE_WORDS, work.passages), (SENTENCE_WORDS, sentences)):
        shutil.rmtree(folder / name, ignore_errors=True)
        LexicalIndex.write(folder / name, _texts(work, ranges), work.language)
    seal(folder)
    progress("indexing words", len(work.passages), len(work.passages))


def sweep(folder: Path, keep: set[str]) -> None:
    """Delete the segments that no document names, but for work that waits to be continued."""
    for path in folder.glob("*.journal"):
        if path.stem in keep or not vectors.waits(path.with_suffix("")):
            path.unlink()
    for path in folder.glob("*/"):
        if path.name not in keep and not vectors.waits(path):
            shutil.rmtree(path)
