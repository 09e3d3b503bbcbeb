"""Encoders run by onnxruntime: what `index.export` wrote down of a sentence-transformers model. Quick to load.

The file gives token states; pooling, prompts and unit length are done here. Each text goes through alone: there is
no padding to compute, and no text's vector depends on its neighbours.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embed import BATCH, Encodable, EncoderError, Vectors, pool
from index.runtime import at_once, started, tokenizer
from index.sealed import damaged
from index.types import Progress

MODEL, TOKENIZER, ABOUT = "model.onnx", "tokenizer.json", "about.json"
POOLINGS: dict[str, Callable[[Vectors], Vectors]] = {
    "mean": lambda states: states.mean(axis=0),
    "cls": lambda states: states[0],
    "max": lambda states: states.max(axis=0),
}
"""From a text's token states, shape (tokens, dimension), to its vector; by the names of sentence-transformers."""


@dataclass(frozen=True, slots=True)
class About:
    """What is to be known of an exported model besides its weights and its tokenizer."""

    fingerprint: str
    dimension: int
    pooling: str
    in_context: bool
    """Whether a span's vector is the mean of its token states, read in the context of its passage."""
    query_prompt: str
    document_prompt: str


class OnnxEncoder:
    """An exported model. Safe to use from several threads."""

    def __init__(self, name: str, about: About, model: Any, tokens: Any, threads: int) -> None:  # noqa: ANN401  (see index.runtime)
        self.name = name
        self.fingerprint = about.fingerprint
        self.dimension = about.dimension
        self._about = about
        self._model = model
        self._tokenizer = tokens
        self._threads = threads
        self._inputs = {taken.name for taken in model.get_inputs()}

    def encode_query(self, query: str) -> Vectors:
        """The vector of a query, shape (dimension,)."""
        return self._vector(self._about.query_prompt + query)

    def encode_passages(self, passages: Sequence[Encodable], progress: Progress) -> tuple[Vectors, Vectors]:
        """The vectors of the texts, shape (texts, dimension), and of all their spans, shape (spans, dimension)."""
        first = [0, *accumulate(len(passage.spans) for passage in passages)]
        whole = np.zeros((len(passages), self.dimension), np.float32)
        parts = np.zeros((first[-1], self.dimension), np.float32)
        with ThreadPoolExecutor(self._threads) as threads:
            made = threads.map(self._vectors, passages)
            for i, (vectors, (start, end)) in enumerate(zip(made, pairwise(first), strict=True)):
                if i % BATCH == 0:
                    progress("encoding", i, len(passages))
                whole[i], parts[start:end] = vectors
        progress("encoding", len(passages), len(passages))
        return whole, parts

    def _vectors(self, passage: Encodable) -> tuple[Vectors, Vectors]:
        if self._about.in_context:
            return pool(*self._states(passage.text), passage)
        texts = [passage.text, *(passage.text[start:end] for start, end in passage.spans)]
        vectors = np.stack([self._vector(self._about.document_prompt + text) for text in texts])
        return vectors[0], vectors[1:]

    def _vector(self, text: str) -> Vectors:
        states, _ = self._states(text)
        vector = POOLINGS[self._about.pooling](states)
        unit: Vectors = vector / np.linalg.norm(vector)
        return unit

    def _states(self, text: str) -> tuple[Vectors, NDArray[np.int64]]:
        """Token states, shape (tokens, dimension), and the characters each token stands for, shape (tokens, 2)."""
        encoding = self._tokenizer.encode(text)
        columns = {
            "input_ids": encoding.ids,
            "attention_mask": encoding.attention_mask,
            "token_type_ids": encoding.type_ids,
        }
        given = {name: np.array([row], np.int64) for name, row in columns.items() if name in self._inputs}
        return self._model.run(None, given)[0][0], np.array(encoding.offsets, np.int64)


def in_int8(fingerprint: str) -> str:
    """The fingerprint of the encoder that `index.export` makes of one with this fingerprint by rounding its weights.

    It is of those weights and of how they are rounded, not of the file, which another release of onnx words otherwise.
    """
    return sha256(f"{fingerprint} int8, a scale a column, narrowing ones left".encode()).hexdigest()


def load(folder: Path, name: str, threads: int | None = None) -> OnnxEncoder:
    """Load an exported model that encodes so many passages at once, by default `at_once`.

    Raises EncoderError where a file is missing or damaged, else ModelError.
    """
    try:
        if file := damaged(folder):
            raise EncoderError(f"The exported encoder's file {file} is damaged.")
    except OSError as error:
        raise EncoderError(
            f"The exported encoder's file {error.filename} cannot be read ({error.strerror})."
        ) from error
    return opened(folder, name, threads)


def opened(folder: Path, name: str, threads: int | None = None) -> OnnxEncoder:
    """An exported model whose files are known to be whole."""
    model = started(folder / MODEL, f"The exported encoder in {folder}")
    tokens = tokenizer((folder / TOKENIZER).read_bytes())
    return OnnxEncoder(name, about(folder), model, tokens, threads or at_once())


def about(folder: Path) -> About:
    """What an export says of itself. Raises EncoderError where another version of Parallax wrote it."""
    try:
        return About(**json.loads((folder / ABOUT).read_text(encoding="utf-8")))
    except TypeError as error:
        raise EncoderError(f"The exported encoder in {folder} is of another version of Parallax.") from error


@dataclass(frozen=True, slots=True)
class Carried:
    """An exported model in memory, to be taken to where its folder is not; called, it is loaded on one thread."""

    name: str
    files: Mapping[str, bytes]

    @classmethod
    def read(cls, folder: Path, name: str) -> "Carried":
        """Read a model's files."""
        return cls(name, {path.name: path.read_bytes() for path in folder.iterdir()})

    def __call__(self) -> OnnxEncoder:
        """Load it. Raises EncoderError where a file was damaged on the way, ModelError, OSError."""
        with TemporaryDirectory() as folder:
            for name, data in self.files.items():
                (Path(folder) / name).write_bytes(data)
            return load(Path(folder), self.name, threads=1)
