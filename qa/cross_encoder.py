"""Any sentence-transformers CrossEncoder as a reader: it scores the question with each sentence in its context.

Slower than the packaged reader, which reads a passage once. Nothing was fitted for such a model: its scores order
sentences, and silence is decided by the searches as without a reader.
"""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

import numpy as np

from index.embed import local_or_hub
from index.types import ParallaxError
from qa.read import Candidate, Reader, ReaderError, Reading

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder
    from torch import Tensor

BATCH = 32


class CrossEncoderReader(Reader):
    """One pair (question, sentence) and one (question, passage) a sentence; their sum is its score."""

    def __init__(self, name: str, model: "CrossEncoder") -> None:
        self._name = name
        self._model = model
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The model's name or path."""
        return self._name

    @classmethod
    def load(cls, name: str) -> Self:
        """Load a model by name or path. Raises ReaderError where there is none, or one that gives several scores."""
        try:
            from sentence_transformers import CrossEncoder

            model = local_or_hub(name, lambda **where: CrossEncoder(name, device="cpu", **where))
        except ParallaxError as error:
            raise ReaderError(str(error)) from error
        if not _scores_pairs(model):
            raise ReaderError(f"The model “{name}” was not trained to score pairs; name a CrossEncoder.")
        if model.num_labels != 1:
            raise ReaderError(
                f"The model “{name}” gives {model.num_labels} scores a pair; a reader needs one that gives one."
            )
        return cls(name, model)

    def read(self, question: str, candidates: Sequence[Candidate]) -> list[Reading]:
        """One reading for each candidate, in order."""
        passages = [" ".join(sentence.strip() for sentence in candidate.sentences) for candidate in candidates]
        sentences = [sentence for candidate in candidates for sentence in candidate.sentences]
        if not sentences:
            return []
        with self._lock:
            scores = self._model.predict(
                [(question, text) for text in (*passages, *sentences)],
                batch_size=BATCH, activation_fn=_as_they_are, show_progress_bar=False,
            )  # fmt: skip
        counts = [len(candidate.sentences) for candidate in candidates]
        whole = np.repeat(scores[: len(passages)], counts)
        return np.split((scores[len(passages) :] + whole).astype(np.float32), np.cumsum(counts)[:-1])


def _scores_pairs(model: "CrossEncoder") -> bool:
    """Whether what gives the scores is the model's own; the library puts one of random weights on any encoder."""
    kinds = getattr(model.config, "architectures", None) or ()
    return len(model) > 1 or any(kind.endswith("ForSequenceClassification") for kind in kinds)


def _as_they_are(logits: "Tensor") -> "Tensor":
    return logits
