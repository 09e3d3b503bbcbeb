"""An encoder that needs no model and whose process can die, for tests of encoding by many; light to import."""

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.embed import Encodable, EncoderError, Vectors
from index.types import Passage, Progress, Sentence
from index.vectors import CHUNK, Work

COUNT = 5 * CHUNK + 5
LINE = "The lock was open. The barge went in.\n"
WORK = Work(
    "".join(f"{number:03} {LINE}" for number in range(COUNT)),
    [Passage(at, at + 42, (Sentence(at, at + 22), Sentence(at + 22, at + 42))) for at in range(0, 42 * COUNT, 42)],
    3,
    "letters",
)


class Letters:
    """A text's vector is counted from its letters."""

    name, fingerprint, dimension = "letters", "letters", 3

    def encode_query(self, query: str) -> Vectors:
        return np.array([len(query) / 100, sum(map(ord, query)) / 10_000, ord(query[0]) / 1000], np.float32)

    def encode_passages(self, passages: Sequence[Encodable], progress: Progress) -> tuple[Vectors, Vectors]:
        spans = [passage.text[start:end] for passage in passages for start, end in passage.spans]
        whole = [self.encode_query(passage.text) for passage in passages]
        return np.array(whole), np.array(list(map(self.encode_query, spans)))


class Mortal(Letters):
    """Kills its process when it is given the third chunk: once, and leaves a file to say so, or always."""

    def __init__(self, died: Path | None) -> None:
        self._died = died

    def encode_passages(self, passages: Sequence[Encodable], progress: Progress) -> tuple[Vectors, Vectors]:
        third = passages[0].text.startswith(f"{2 * CHUNK:03} ")
        if third and (self._died is None or not self._died.exists()):
            if self._died is not None:
                self._died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().encode_passages(passages, progress)


@dataclass(frozen=True)
class Opening:
    """Opens a mortal encoder in whatever process."""

    died: Path | None

    def __call__(self) -> Mortal:
        return Mortal(self.died)


def closed() -> Letters:
    """Opens nothing."""
    raise EncoderError("There is no encoder here.")
