"""A document's search files: the vectors and word indexes of its passages and sentences, in one folder.

Derived from the text; never changed once they are whole. Which folder belongs to which document is the store's to
know, and until one has it, how much of it is written `index.vectors`'.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import arrays, dense, frequencies, fuse, vectors
from index.codes import Codes, cosines, eight_bits, four_bits, widened
from index.embed import Encoder
from index.language import ENGLISH
from index.lexical import LexicalIndex
from index.sealed import damaged, seal
from index.types import Hit, ParallaxError, Passage, Progress, Text
from index.vectors import PASSAGES, SENTENCES, Encode, Work

WORDS = "words.zlib"
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

    passage_vectors: Codes
    """In eight bits, shape (passages, dimension)."""
    sentence_vectors: Codes
    """In four bits, shape (sentences, half the dimension), in the order of the text."""
    passage_words: LexicalIndex
    sentence_words: LexicalIndex

    @classmethod
    def build(
        cls, text: Text, passages: Sequence[Passage], encoder: Encoder, progress: Progress, language: str = ENGLISH
    ) -> "Segment":
        """Encode and index the passages of a text in a language, in memory; `write` does so on the disk."""
        work = Work(text, passages, encoder.dimension, encoder.fingerprint, language)
        return cls.encoded(work, lambda chunks: (encoder.encode_passages(chunk, progress) for chunk in chunks))

    @classmethod
    def encoded(cls, work: Work, encode: Encode) -> "Segment":
        """Encode and index the passages of a text in memory."""
        made = list(encode(work.chunks(0)))
        whole, parts = (np.concatenate(vectors) for vectors in zip(*made, strict=True))
        return cls(eight_bits(whole), four_bits(parts), *words(work.text, work.passages, work.language))

    def search(self, query: Query, k: int) -> list[Hit]:
        """The k best passages of this document: dense and lexical search, fused by reciprocal rank.

        By words alone where the query has no vector.
        """
        depth = max(k, DEPTH)
        nearest = dense.search(self.passage_vectors, query.vector, depth) if query.vector is not None else []
        return fuse.reciprocal_rank([nearest, self.passage_words.search(query.terms, depth)], k)

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        return int(self.passage_vectors.shape[1])

    def evidence(self, query: Query, rows: Mapping[int, slice]) -> list[Evidence]:
        """What is known of some passages; `rows` maps each to the rows of its sentences."""
        if not rows:
            return []
        ranges = list(rows.values())
        numbers = np.array([number for part in ranges for number in range(part.start, part.stop)], np.intp)
        near = np.split(self._similarity(query, numbers), np.cumsum([part.stop - part.start for part in ranges])[:-1])
        words = self.sentence_words.scores(query.terms)
        covered = self.passage_words.coverage(query.terms, list(rows))
        return [Evidence(*known) for known in zip(near, (words[part] for part in ranges), covered, strict=True)]

    def _similarity(self, query: Query, sentences: NDArray[np.intp]) -> NDArray[np.float32]:
        if query.vector is None:
            return np.zeros(len(sentences), np.float32)
        return cosines(self.sentence_vectors[sentences], query.vector)

    def likeness(self, rows: NDArray[np.intp], other: "Segment") -> NDArray[np.float32]:
        """How alike some passages are to every passage of another document, shape (len(rows), passages of the other).

        The cosine of their vectors and that of their words, added: the first knows paraphrase, the second names and
        rare words. Between -1 and 2.
        """
        meaning = cosines(other.passage_vectors, widened(self.passage_vectors[rows], self.dimension))
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
            of_passages, of_sentences = (arrays.mapped(folder / name) for name in (PASSAGES, SENTENCES))
            segment = cls(of_passages, of_sentences, *frequencies.read(folder / WORDS))
        except (OSError, ValueError) as error:
            raise SegmentError(f"The search files in {folder} cannot be read ({error}).") from error
        shapes = (segment.passage_vectors.shape, segment.sentence_vectors.shape)
        told = (segment.passage_words.rows, segment.sentence_words.rows)
        if shapes != ((counts[0], dimension), (counts[1], (dimension + 1) // 2)) or told != counts:
            raise SegmentError(f"The search files in {folder} hold {shapes}, {told} rows, not {counts}.")
        return segment


def words(text: Text, passages: Sequence[Passage], language: str) -> tuple[LexicalIndex, LexicalIndex]:
    """Both word indexes of a text, of its passages and of its sentences, in memory; `write_words` writes the same."""
    return frequencies.build(*_sentences(text, passages), language)


def _sentences(text: Text, passages: Sequence[Passage]) -> tuple[list[int], Iterator[str]]:
    """How many sentences each passage has, and the words of each."""
    each = (text[sentence.start : sentence.end] for passage in passages for sentence in passage.sentences)
    return [len(passage.sentences) for passage in passages], each


def write(folder: Path, work: Work, encode: Encode, progress: Progress) -> None:
    """Write a segment's files into a folder that `vectors.begun` gave; vectors that are there stay. Raises OSError."""
    vectors.write(folder, work, encode, progress)
    for path in folder.glob("*/"):  # an earlier version began it, which had folders of words
        shutil.rmtree(path)
    progress("indexing words", 0, len(work.passages))
    write_words(folder, work.text, work.passages, work.language)
    seal(folder)
    progress("indexing words", len(work.passages), len(work.passages))


def write_words(folder: Path, text: Text, passages: Sequence[Passage], language: str) -> None:
    """Write both word indexes of a text. Raises OSError."""
    frequencies.write(folder / WORDS, *_sentences(text, passages), language)


def sweep(folder: Path, keep: set[str]) -> None:
    """Delete the segments that no document names, but for work that waits to be continued."""
    for path in folder.glob("*.journal"):
        if path.stem in keep or not vectors.waits(path.with_suffix("")):
            path.unlink()
    for path in folder.glob("*/"):
        if path.name not in keep and not vectors.waits(path):
            shutil.rmtree(path)
